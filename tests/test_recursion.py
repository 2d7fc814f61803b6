"""Nothing calls itself as deeply as an input says: not on the stack of C, and not on that of Python.

The inputs here killed the process once, or ended in a ``RecursionError``. They are read in a thread with a small
stack, as a server's is: 512 kB.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, TypeVar

import pytest

import constrain as cn
from constrain.engine import Engine
from constrain.engine.questions import DEEPEST, Questions
from constrain.engine.sampling import random_text
from constrain.vocabulary.readers.decoder import Decoder
from constrain.vocabulary.readers.tokenizer_json import _names
from tests.call_cycles import Package, cycles

STACK = 512 * 1024
Result = TypeVar("Result")

BYTES = [bytes([byte]) for byte in range(256)]
ALL = cn.Vocabulary([*BYTES, b"ab", b"abab", "é".encode(), None], 259)
LETTERS = cn.Vocabulary([bytes([byte]) for byte in b'abcdefghijklmnopqrstuvwxyz",'] + [b"ab", None], 29)


def in_small_thread(work: Callable[[], Result]) -> Result:
    """What ``work`` returns or raises in a thread with a stack of 512 kB."""
    before = threading.stack_size(STACK)
    try:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(work).result()
    finally:
        threading.stack_size(before)


def allowed(
    grammar: cn.Grammar, vocabulary: cn.Vocabulary = ALL, max_tokens: int | None = None
) -> set[bytes]:
    """The tokens of the first mask; ``b""`` for the end of the sequence."""
    matcher = cn.compile(grammar, vocabulary).matcher(max_tokens)
    return {vocabulary.tokens[token] or b"" for token in matcher.allowed_tokens()}


def check(make: Callable[[], cn.Grammar], good: str, bad: str, first: set[bytes]) -> None:
    """That a grammar has one text and not the other, and begins with certain tokens."""

    def work() -> None:
        grammar = make()
        assert grammar.matches(good)
        assert not grammar.matches(bad)
        assert allowed(grammar) == first

    in_small_thread(work)


# -- regular expressions --------------------------------------------------------------------------


def test_many_optional_characters() -> None:
    check(lambda: cn.regex("a?" * 4000), "a" * 3000, "a" * 4001, {b"a", b""})


def test_many_optional_characters_in_a_schema() -> None:
    schema = {"type": "string", "pattern": "^" + "a?" * 4000 + "$"}

    def work() -> None:
        grammar = cn.json_schema(schema)
        assert grammar.matches('"' + "a" * 4000 + '"') and not grammar.matches('"b"')
        assert b'"' in allowed(grammar)

    in_small_thread(work)


def test_many_optional_characters_of_two_kinds() -> None:
    check(lambda: cn.regex("[ab]?[ac]?" * 1000), "abc" * 100, "ad", {b"a", b"b", b"c", b"ab", b"abab", b""})


def test_many_loops() -> None:
    check(lambda: cn.regex("a*b*" * 1000), "ab" * 1000, "ab" * 1001, {b"a", b"b", b"ab", b"abab", b""})


def test_many_pairs_of_sets() -> None:
    check(lambda: cn.regex("[ab][cd]" * 24380), "ac" * 24380, "ac" * 24379, {b"a", b"b"})


def test_many_pairs_of_sets_in_a_schema() -> None:
    def work() -> None:
        grammar = cn.json_schema({"type": "string", "pattern": "[ab][cd]" * 24380})
        assert not grammar.matches('"acac"')
        assert b'"' in allowed(grammar)

    in_small_thread(work)


@pytest.mark.parametrize("count", [300, 330, 1000])
def test_long_lookbehind(count: int) -> None:
    def work() -> None:
        grammar = cn.regex(f"x*(?<=x{{{count}}})y")
        assert grammar.matches("x" * count + "y")
        assert not grammar.matches("x" * (count - 1) + "y")

    in_small_thread(work)


def test_long_lookbehind_in_a_schema() -> None:
    def work() -> None:
        grammar = cn.json_schema({"pattern": "(?<=x{330})y"})
        assert grammar.matches('"' + "x" * 330 + 'y"')
        assert not grammar.matches('"' + "x" * 329 + 'y"')
        assert grammar.matches("1")

    in_small_thread(work)


def test_assertion_behind_many_optional_characters() -> None:
    check(lambda: cn.regex(r"(?:" + "a?b?" * 100 + r")+\b"), "ab" * 150, "abc", {b"a", b"b", b"ab", b"abab"})


# -- grammars -------------------------------------------------------------------------------------


def chain(count: int, rule: str, last: str, first: str = "root ::= r0\n") -> str:
    return first + "".join(rule.format(i, i + 1) for i in range(count)) + last.format(count)


def test_chain_of_rules() -> None:
    text = chain(10_000, "r{} ::= r{}\n", 'r{} ::= "a"')
    check(lambda: cn.gbnf(text), "a", "b", {b"a"})


def test_chain_of_rules_with_options() -> None:
    text = chain(2_000, 'r{} ::= r{} "b"?\n', 'r{} ::= "a"')
    check(lambda: cn.gbnf(text), "a" + "b" * 2000, "a" + "b" * 2001, {b"a", b"ab"})


def test_chain_of_rules_that_may_be_empty() -> None:
    text = chain(2_000, "r{} ::= r{}?\n", 'r{} ::= "a"')
    check(lambda: cn.gbnf(text), "a", "aa", {b"a", b""})


def test_chain_of_left_recursive_rules() -> None:
    text = chain(1_000, 'r{0} ::= r{1} | r{0} "b"\n', 'r{} ::= "a"')
    check(lambda: cn.gbnf(text), "abb", "ba", {b"a", b"ab"})


def test_chain_of_rules_in_lark() -> None:
    text = chain(2_000, "r{}: r{}\n", 'r{}: "a"', "start: r0\n")
    check(lambda: cn.lark(text), "a", "b", {b"a"})


def test_chain_of_terminals() -> None:
    text = chain(2_000, 'R{}: R{} "b"?\n', 'R{}: "a"', "start: R0\n")
    check(lambda: cn.lark(text), "a" + "b" * 2000, "a" + "b" * 2001, {b"a", b"ab"})


def test_circle_of_many_terminals() -> None:
    text = chain(2_000, "R{}: R{}\n", "R{}: R0", "start: R0\n")
    with pytest.raises(cn.GrammarError, match="terminals cannot refer to themselves"):
        in_small_thread(lambda: cn.lark(text))


def test_many_signs_of_repetition() -> None:
    check(lambda: cn.gbnf('root ::= "a"' + "?+*" * 3000), "aaa", "b", {b"a", b""})
    check(lambda: cn.gbnf('root ::= "a"' + "?" * 3000), "a", "aa", {b"a", b""})


def test_many_extensions_of_a_rule() -> None:
    text = 'start: r\nr: "a"\n' + "".join(f'%extend r: "x{i}"\n' for i in range(1000))
    check(lambda: cn.lark(text), "x999", "x1000", {b"a", b"x"})


# -- grammars made of grammars ----------------------------------------------------------------------


def nested(count: int, wrap: Callable[[cn.Grammar], cn.Grammar]) -> cn.Grammar:
    grammar = cn.regex("a")
    for _ in range(count):
        grammar = wrap(grammar)
    return grammar


@pytest.mark.parametrize("count", [500, 20_000])
def test_nested_sequences(count: int) -> None:
    tail = "b" * count
    check(lambda: nested(count, lambda one: cn.sequence(one, "b")), "a" + tail, tail, {b"a", b"ab"})
    check(lambda: nested(count, lambda one: cn.sequence("b", one)), tail + "a", tail, {b"b"})


def test_nested_alternatives() -> None:
    check(lambda: nested(20_000, lambda one: cn.either(one, "b")), "b", "ab", {b"a", b"b"})


def test_nested_alternatives_of_sequences() -> None:
    check(
        lambda: nested(2_000, lambda one: cn.either(cn.sequence(one, "b"), "c")),
        "c" + "b" * 100,
        "cbc",
        {b"a", b"ab", b"c"},
    )


def test_nested_repetitions() -> None:
    check(lambda: nested(300, lambda one: cn.repeat(one, 1, 2, separator=",")), "a,a", "a,", {b"a"})


def test_sequence_of_many_texts() -> None:
    check(lambda: cn.sequence(*["ab"] * 100_000), "ab" * 100_000, "ab" * 99_999, {b"a", b"ab", b"abab"})


def test_nested_grammars_are_pickled() -> None:
    def work() -> None:
        grammar = nested(5_000, lambda one: cn.sequence(one, "b"))
        again = pickle.loads(pickle.dumps(grammar))
        assert again.kind == "sequence"
        assert again.matches("a" + "b" * 5_000) and not again.matches("a" + "b" * 4_999)

    in_small_thread(work)


def test_a_grammar_is_part_of_itself_too_often() -> None:
    grammar: cn.Grammar = cn.sequence("a", "b")
    for _ in range(17):
        grammar = cn.sequence(grammar, grammar)
    with pytest.raises(cn.WorkLimitExceeded, match="parts"):
        cn.sequence(grammar, grammar)


# -- what else is done with a deep expression -------------------------------------------------------

DEEP = {
    "optional characters": lambda: cn.regex("a?" * 1000),
    "optional characters of two kinds": lambda: cn.regex("[ab]?[ac]?" * 300),
    "sets": lambda: cn.regex("[ab][cd]" * 1000),
    "nested alternatives": lambda: nested(500, lambda one: cn.either(cn.sequence(one, "b"), "c")),
    "nested repetitions": lambda: nested(200, lambda one: cn.repeat(one, 1, 2, separator=",")),
    "chain of rules": lambda: cn.gbnf(chain(500, 'r{} ::= r{} "b"?\n', 'r{} ::= "a"')),
    "rules in rules": lambda: cn.gbnf(chain(500, 'r{} ::= "b" r{} | "c"\n', 'r{} ::= "a"')),
}
USES: dict[str, Callable[[cn.Grammar], Any]] = {
    "budget": lambda grammar: allowed(grammar, ALL, 5_000),
    "smaller budget": lambda grammar: allowed(grammar, ALL, 2_001),
    "completion": lambda grammar: cn.compile(grammar, ALL).matcher(5_000).completion(),
    "forced bytes": lambda grammar: cn.compile(grammar, ALL).matcher().forced_bytes(),
    "few tokens": lambda grammar: allowed(grammar, LETTERS),
    "few tokens within a budget": lambda grammar: allowed(grammar, LETTERS, 5_000),
    "random text": lambda grammar: random_text(grammar.engine, grammar.root, Random(0)),
    "derivatives": lambda grammar: cn.compile(grammar, ALL).matcher().mask_by_derivatives(),
}


@pytest.mark.parametrize("make", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_uses_of_deep_grammars(make: Callable[[], cn.Grammar], use: Callable[[cn.Grammar], Any]) -> None:
    in_small_thread(lambda: use(make()))


def test_explanation_of_a_deep_grammar() -> None:
    grammar = nested(500, lambda one: cn.either(cn.sequence(one, "b"), "c"))
    explanation = in_small_thread(lambda: str(cn.compile(grammar, ALL).matcher().explain("z")))
    assert "'z'" in explanation


def test_random_texts_of_many_rounds() -> None:
    grammar = cn.regex("a{3000}")
    assert random_text(grammar.engine, grammar.root, Random(0)) == b"a" * 3000


def test_a_long_chain_of_used_names() -> None:
    """Sets of texts that begin each other are as deep as they are many."""

    def work() -> None:
        engine = Engine()
        names = [b"a" * count for count in range(1, 2000)]
        texts = engine.text_set(names)
        assert engine.texts(texts) == names
        grown = engine.EMPTY
        for name in reversed(names):
            grown = engine.with_text(grown, name)
        assert grown == texts

    in_small_thread(work)


def test_questions_that_lie_deep_are_asked_first() -> None:
    questions, known, frames = Questions(), {-1: -1}, [0, 0]

    def find(number: int) -> int:
        frames[0] += 1
        frames[1] = max(frames)
        try:
            before = known.get(number - 1)
            known[number] = 1 + (questions.ask(find, number - 1) if before is None else before)
            return known[number]
        finally:
            frames[0] -= 1

    assert questions.ask(find, 5_000) == 5_000
    assert frames[1] <= DEEPEST + 1


def test_a_tokenizer_with_decoders_in_each_other() -> None:
    decoder: dict[str, Any] = {"type": "ByteFallback"}
    name: Any = "</s>"
    for _ in range(5_000):
        decoder = {"type": "Sequence", "decoders": [decoder]}
        name = {"content": name}
    assert Decoder(decoder).to_bytes("<0x41>") == b"A"
    assert _names([name, "a"]) == ["</s>", "a"]


# -- no function calls itself without a bound -------------------------------------------------------

NESTING = (
    "groups and brackets, nested at most 60 and 100 deep: the readers of patterns and grammars count them"
)
TRIE = "the depth of a trie, at most DEEPEST bytes: longer tokens are in none"
CHARACTER = "the bytes of a character, four"
HANDS_ON = "another object's method of the same name, which does not lead back"
PARTS = "parts first: the parts of what is asked about are known by then"
COUNTED = "a depth that is counted along and compared with a constant"
SCHEMA = (
    "schemas and values in each other: their depth is limited when they are read, and questions count theirs"
)
DIGITS = "the digits of a number, at most 400"

# The functions that call themselves, by the beginnings of their names, and what bounds it.
FOLLOW = "DEPTH_LIMIT of Masker.follow, and the depth of a trie"

BOUNDED = {
    "engine/derivative:Engine.derive": f"{COUNTED}, DEEPEST, and then done without calls",
    "engine/edges:Edges.": "a leaf in a leaf, which front ends do not write; what else is deep is on a stack",
    "engine/derivative:Engine.complete": HANDS_ON,
    "engine/distances:Distances.longest": COUNTED,
    "engine/distances:Distances._longest_part": COUNTED,
    "engine/sampling:": "a record in a record: arrays of unique items in each other",
    "expression/arena:Arena.choice_of": "one key may end where another goes on: once",
    "expression/inclusion:Inclusion.has_bytes": "a union of sets: no part of a union is one",
    "expression/inclusion:Inclusion.": COUNTED,
    "expression/interning:Interning.concat": "no part of a concatenation is one",
    "languages/base:Grammar.matches": HANDS_ON,
    "languages/composition:": "handed over, to make the grammar again",
    "languages/factories:": "handed over, to make the grammar again",
    "languages/grammar/definitions:_": "grammars that are shipped, and import each other without a circle",
    "languages/grammar/gbnf:_Lengths.": "rule by rule without calls",
    "languages/grammar/terminals:Terminals.": "terminal by terminal without calls",
    "languages/grammar/": NESTING,
    "languages/json_schema/numerals/intervals:": DIGITS,
    "languages/json_schema/": SCHEMA,
    "languages/regex/assertions/continuation:": "questions that lie too deep are asked first",
    "languages/regex/unicode/utf8:": CHARACTER,
    "languages/regex/": NESTING,
    "masks/leaves/bounded:BoundedPattern.descend": TRIE,
    "masks/leaves/character_run:CharacterRun.descend": TRIE,
    "masks/walk/records:Records.walk_": TRIE,
    "masks/walk/captures:Captures.walk_": FOLLOW,
    "masks/walk/leaf_walk:LeafWalk.collect_excluded": TRIE,
    "masks/walk/leaf_walk:LeafWalk.walk_": FOLLOW,
    "masks/walk/alternatives:walk_": FOLLOW,
    "masks/walk/derivatives:": TRIE,
    "masks/leaves/safe_distance:SafeDistances.collect": CHARACTER,
    "masks/leaves/loops:Loops.leads_back": CHARACTER,
    "masks/budgets/byte_costs:ByteCosts.": f"{COUNTED}, DEPTH_LIMIT",
    "masks/leaves/counter_relaxation:CounterRelaxation.": PARTS,
    "masks/leaves/leaf_classes:LeafClasses.find_turns": PARTS,
    "masks/leaves/leaf_classes:LeafClasses.turns_of": PARTS,
    "masks/leaves/leaf_classes:LeafClasses.relax": PARTS,
    "masks/leaves/leaf_classes:LeafClasses.f": COUNTED,
    "masks/leaves/leaf_classes:LeafClasses.is_list": COUNTED,
    "masks/budgets/token_costs:TokenCosts.": "DEPTH_LIMIT, and no part of a concatenation is one",
    "masks/leaves/leaf:LeafCache.": HANDS_ON,
    "masks/leaves/character_run_cache:CharacterRunCache.": CHARACTER,
    "spelling/atoms:Alphabet.": CHARACTER,
    "spelling/characters:_paths": CHARACTER,
    "spelling/liveness:Liveness.": "a witness of a witness, which is cheaper",
    "spelling/restriction:Restriction.": "questions that lie too deep are asked first",
    "spelling/suppliers:Restricted": HANDS_ON,
    "spelling/skeleton:Skeleton.": "questions that lie too deep are asked first",
    "streaming:JsonStream.": "half a surrogate pair before another one: once",
    "vocabulary/trie:Builder.": TRIE,
    "decoding/automaton:TokenAutomaton.": HANDS_ON,
    "demo/": HANDS_ON,
    "integrations/": HANDS_ON,
    "masks/walk/walk:Walk.walk_ways_out": FOLLOW,
    "masks/walk/masker:Masker.": HANDS_ON,
    "decoding/matcher:": HANDS_ON,
    "vocabulary/trie:Trie.footprint": "tries of long tokens, which have none of their own",
}


def test_no_function_calls_itself_without_a_bound() -> None:
    unbounded = [
        " ".join(map(str, group))
        for group in cycles(Package())
        if not all(str(one).startswith(tuple(BOUNDED)) for one in group)
    ]
    assert not unbounded, "calls itself: use a stack in memory, or say here what bounds it"


def test_every_bound_is_needed() -> None:
    names = [str(one) for group in cycles(Package()) for one in group]
    assert [start for start in BOUNDED if not any(name.startswith(start) for name in names)] == []
