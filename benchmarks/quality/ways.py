"""The ways to write an answer: constrain with each of its options, and other engines with theirs.

A way is a function of a task that returns a ``Session``, a cursor of the benchmark's engines; None if the way does not
apply to tasks of that kind. A constraint is compiled once for all tasks that ask for the same form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

import constrain as cn
from benchmarks.engines.base import Session, bitmask_words
from benchmarks.quality.model import Loaded
from benchmarks.quality.task import Task

__all__ = ["OF_ANY_FORM", "WAYS", "Way", "make"]

Way = Callable[[Task], "Session | None"]


class _Kept:
    """Constraints by the form that they were compiled for."""

    def __init__(self, compile: Callable[[Task], Any], session: Callable[[Any], Session]) -> None:
        self._compile, self._session = compile, session
        self._known: dict[str, Any] = {}

    def __call__(self, task: Task) -> Session | None:
        key = task.kind + json.dumps(task.form)
        if key not in self._known:
            self._known[key] = self._compile(task)
        compiled = self._known[key]
        return None if compiled is None else self._session(compiled)


def ours(loaded: Loaded, limit: int | None = None, **options: Any) -> Way:
    """constrain; ``options`` are those of ``json_schema``, ``limit`` a budget of tokens."""

    def compile(task: Task) -> cn.Constraint:
        return cn.compile(_grammar(task, options), loaded.vocabulary)

    return _Kept(compile, lambda constraint: _session(constraint.matcher(max_tokens=limit)))


def behind(loaded: Loaded, lead: Callable[[Task], cn.Grammar | str], **options: Any) -> Way:
    """constrain, after ``lead``: a text, or a grammar of texts that the model chooses from."""

    def compile(task: Task) -> cn.Constraint:
        grammar = cn.sequence(lead(task), _grammar(task, options))
        return cn.compile(grammar, loaded.vocabulary)

    return _Kept(compile, lambda constraint: _session(constraint.matcher()))


def _grammar(task: Task, options: Mapping[str, Any]) -> cn.Grammar:
    if task.kind == "schema":
        return cn.json_schema(task.form, **options)
    return cn.choice(task.form) if task.kind == "choice" else cn.regex(task.form)


def _session(matcher: cn.Matcher) -> Session:
    bitmask = cn.allocate_bitmask(1, matcher.constraint.vocabulary.size)
    return Session(partial(matcher.fill_mask, bitmask, 0), matcher.advance, bitmask[0])


def forcing(loaded: Loaded, **options: Any) -> Way:
    """constrain, with forced text in the tokens that the tokenizer itself would write, which are not asked for."""

    def compile(task: Task) -> cn.Constraint:
        return cn.compile(_grammar(task, options), loaded.vocabulary)

    return _Kept(compile, lambda constraint: _Forcing(constraint.matcher()).session())


class _Forcing:
    """A cursor that allows nothing but forced tokens, where there are any."""

    def __init__(self, matcher: cn.Matcher) -> None:
        self._matcher = matcher
        self._bitmask = cn.allocate_bitmask(1, matcher.constraint.vocabulary.size)
        self._forced: list[int] = []

    def session(self) -> Session:
        return Session(self._fill, self._commit, self._bitmask[0])

    def _fill(self) -> None:
        self._forced = self._forced or self._matcher.forced_tokens()
        if self._forced:
            self._bitmask[:] = 0
            row = self._bitmask[0].view(np.uint32)
            row[self._forced[0] >> 5] = 1 << (self._forced[0] & 31)
        else:
            self._matcher.fill_mask(self._bitmask, 0)

    def _commit(self, token: int) -> bool:
        self._forced = self._forced[1:]
        return self._matcher.advance(token)


def prefix(task: Task) -> str:
    """What an answer might begin with."""
    return task.lead


def own_words(task: Task) -> cn.Grammar:
    """What the model says before the JSON, up to 80 characters of it."""
    return cn.regex("[^{]{0,80}")


def xgrammar(loaded: Loaded, **options: Any) -> Way:
    """XGrammar; ``options`` are those of ``compile_json_schema``. A choice is a rule of its grammars (EBNF)."""
    import xgrammar

    size, ends = loaded.vocabulary.size, list(loaded.vocabulary.eos_token_ids)
    information = xgrammar.TokenizerInfo.from_huggingface(
        loaded.tokenizer, vocab_size=size, stop_token_ids=ends
    )
    compiler = xgrammar.GrammarCompiler(information, max_threads=1, cache_enabled=False)

    def compile(task: Task) -> Any:
        if task.kind == "schema":
            return compiler.compile_json_schema(json.dumps(task.form), **options)
        if task.kind == "choice":
            return compiler.compile_grammar("root ::= " + " | ".join(json.dumps(name) for name in task.form))
        return compiler.compile_regex(task.form)

    def session(grammar: Any) -> Session:
        bitmask = xgrammar.allocate_token_bitmask(1, size)
        matcher = xgrammar.GrammarMatcher(grammar)
        fill = partial(matcher.fill_next_token_bitmask, bitmask, 0)
        return Session(fill, matcher.accept_token, bitmask.numpy()[0])

    return _Kept(compile, session)


def llguidance(loaded: Loaded, **options: Any) -> Way:
    """llguidance; ``options`` are those of its JSON compiler."""
    import llguidance

    ends = list(loaded.vocabulary.eos_token_ids)
    tokenizer = llguidance.LLTokenizer(loaded.tokenizer.backend_tokenizer.to_str(), eos_token=ends)
    grammar_of = {
        "schema": lambda form: llguidance.LLMatcher.grammar_from_json_schema(
            json.dumps(form), overrides=options
        ),
        "choice": lambda form: llguidance.LLMatcher.grammar_from_regex(_alternatives(form)),
        "regex": llguidance.LLMatcher.grammar_from_regex,
    }

    def session(grammar: str) -> Session:
        matcher = llguidance.LLMatcher(tokenizer, grammar, log_level=0)
        row = np.zeros(bitmask_words(tokenizer.vocab_size), np.int32)
        fill = partial(matcher.unsafe_compute_mask_ptr, row.ctypes.data, row.nbytes)
        return Session(fill, matcher.consume_token, row, matcher.get_error)

    return _Kept(lambda task: grammar_of[task.kind](task.form), session)


def outlines_core(loaded: Loaded) -> Way:
    """outlines-core: schemas and choices as the regular expressions that it makes of them."""
    from outlines_core import Guide, Index, Vocabulary
    from outlines_core.json_schema import build_regex_from_schema

    ends, ids = loaded.vocabulary.eos_token_ids, {}
    for token, text in enumerate(loaded.vocabulary.tokens):
        if text and token not in ends:
            ids.setdefault(text, []).append(token)
    vocabulary = Vocabulary(ends[0], ids)
    pattern_of = {
        "schema": lambda form: build_regex_from_schema(json.dumps(form)),
        "choice": _alternatives,
        "regex": str,
    }

    def session(index: Any) -> Session:
        guide = Guide(index)
        row = np.zeros(bitmask_words(loaded.vocabulary.size), np.int32)

        def commit(token: int) -> bool:
            guide.advance(token, False)
            return True

        return Session(partial(guide.write_mask_into, row.ctypes.data, row.size, row.itemsize), commit, row)

    return _Kept(lambda task: Index(pattern_of[task.kind](task.form), vocabulary), session)


def _alternatives(texts: list[str]) -> str:
    return "|".join(re.escape(text) for text in texts)


SPACED = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}

# name -> how it is made, of a loaded model and the limit of tokens
WAYS: dict[str, Callable[[Loaded, int], Way]] = {
    "constrain": lambda loaded, limit: ours(loaded),
    "constrain, budget": lambda loaded, limit: ours(loaded, limit),
    "constrain, any order": lambda loaded, limit: ours(loaded, property_order="any"),
    "constrain, compact": lambda loaded, limit: ours(loaded, whitespace="compact"),
    "constrain, spaced": lambda loaded, limit: ours(loaded, whitespace="spaced"),
    "constrain, spaced, any order": lambda loaded, limit: ours(
        loaded, whitespace="spaced", property_order="any"
    ),
    "constrain, spaced, budget": lambda loaded, limit: ours(loaded, limit, whitespace="spaced"),
    "constrain, indented": lambda loaded, limit: ours(loaded, whitespace="indented"),
    "constrain, compact, forced": lambda loaded, limit: forcing(loaded, whitespace="compact"),
    "constrain, spaced, forced": lambda loaded, limit: forcing(loaded, whitespace="spaced"),
    "constrain, prefix": lambda loaded, limit: behind(loaded, prefix),
    "constrain, spaced, prefix": lambda loaded, limit: behind(loaded, prefix, whitespace="spaced"),
    "constrain, indented, prefix": lambda loaded, limit: behind(loaded, prefix, whitespace="indented"),
    "constrain, own words first": lambda loaded, limit: behind(loaded, own_words),
    "xgrammar": lambda loaded, limit: xgrammar(loaded),
    "xgrammar, spaced": lambda loaded, limit: xgrammar(loaded, any_whitespace=False),
    "xgrammar, indented": lambda loaded, limit: xgrammar(loaded, any_whitespace=False, indent=2),
    "llguidance": lambda loaded, limit: llguidance(loaded),
    "llguidance, spaced": lambda loaded, limit: llguidance(loaded, **SPACED),
    "outlines-core": lambda loaded, limit: outlines_core(loaded),
}

# Those that differ in tasks that ask for no JSON.
OF_ANY_FORM = ("constrain", "constrain, prefix", "xgrammar", "llguidance", "outlines-core")


def make(name: str, loaded: Loaded, limit: int) -> Way:
    """The way of that name.

    Raises:
        KeyError: there is none.
        ModuleNotFoundError: the engine's package is not installed.
    """
    return WAYS[name](loaded, limit)
