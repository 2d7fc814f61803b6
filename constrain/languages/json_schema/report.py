"""A report on a schema before it is used.

It tells all that is wrong with the schema, which keywords have no effect, which subschemas admit nothing, and whether
any document validates. It shows some that do, or explains why none does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any

from constrain.engine import Engine, random_text, shortest_text
from constrain.errors import (
    InvalidSchema,
    RegexError,
    SchemaError,
    UnsatisfiableSchema,
    UnsupportedKeyword,
    WorkLimitExceeded,
)
from constrain.languages.json_schema.compile import build
from constrain.languages.json_schema.diagnostics.conjuncts import UNEVALUATED
from constrain.languages.json_schema.diagnostics.unsatisfiable import explain
from constrain.languages.json_schema.document.document import DECODER, Document, parse
from constrain.languages.json_schema.keywords.annotations import places, silent_keywords
from constrain.languages.json_schema.keywords.mistakes import mistakes
from constrain.languages.json_schema.keywords.rules import ASSERTING, RULES
from constrain.languages.json_schema.keywords.schema_check import Check
from constrain.languages.json_schema.keywords.schema_pass import Rule, SchemaPass
from constrain.languages.json_schema.output.json_base_builder import build_shared
from constrain.languages.json_schema.solver import Solver
from constrain.languages.json_schema.terms.term import TRUE, Term
from constrain.languages.json_schema.text.options import Options
from constrain.languages.json_schema.text.pointers import escape
from constrain.languages.json_schema.values.disjoint_arms import overlapping
from constrain.languages.json_schema.values.normal_form import CONSTANT_VALUES
from constrain.languages.json_schema.values.string_languages import StringLanguages
from constrain.languages.json_schema.values.strings import Language
from constrain.languages.regex import liberties

__all__ = ["Note", "Report", "report"]

# The length in bytes at which a sample is brought to an end, unless twice the shortest document is longer.
SAMPLE_LENGTH = 240
# How often a sample is made again that turns out to equal another one.
TRIES = 20
# The most alternatives of a oneOf that one is compared with.
MAX_COMPARED_ARMS = 64


@dataclass(frozen=True)
class Note:
    """A remark on one place.

    Attributes:
        pointer: JSON pointer to it, "" for the root.
        reason: the remark.
        hint: what to do about it, or "".
        invalid: whether the schema is malformed there.
    """

    pointer: str
    reason: str
    hint: str = ""
    invalid: bool = False


@dataclass
class Report:
    """What is known about a schema.

    Attributes:
        draft: the draft of the root: 4, 6, 7, 2019 or 2020; None if it is not known.
        problems: why the schema cannot be enforced; if there are any, what comes after ``annotations`` is not known.
        annotations: keywords that look as if they constrained documents, and do not.
        mistakes: what ``json_schema`` warns of: annotations and other places that look like mistakes.
        readings: patterns without a meaning in ECMA-262, and how they are read.
        impossible: subschemas that can have no value, where they stand.
        unsatisfiable: why no document validates; None if one does, or if it is not known.
        shortest: a shortest valid document, "" if it is not known.
        samples: random valid documents.
        seconds: how long compiling took.
    """

    draft: int | None = None
    problems: list[Note] = field(default_factory=list)
    annotations: list[Note] = field(default_factory=list)
    mistakes: list[Note] = field(default_factory=list)
    readings: list[Note] = field(default_factory=list)
    impossible: list[Note] = field(default_factory=list)
    unsatisfiable: Note | None = None
    shortest: str = ""
    samples: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether documents can be generated: the schema is supported and some document validates."""
        return not self.problems and self.unsatisfiable is None


def report(
    schema: Any,
    options: Options | None = None,
    registry: Mapping[str, Any] | None = None,
    *,
    samples: int = 3,
    seed: int | None = None,
) -> Report:
    """Look at a schema: a dict, a bool, or JSON text. Nothing is raised because of what is in it."""
    options = options or Options()
    result = Report()
    try:
        root = parse(schema) if isinstance(schema, (str, bytes)) else schema
        document = Document(root, draft=options.draft, registry=registry)
    except SchemaError as error:
        result.problems.append(_note(error))
        return result
    result.draft = document.draft
    started = time.perf_counter()
    check = _checked(document, options, result)
    if result.problems:
        return result
    try:
        engine, node = _built(check, options, result)
    except WorkLimitExceeded as error:
        result.problems.append(_limit(error))
        return result
    result.seconds = time.perf_counter() - started
    try:
        solver = _terms(check, options, engine)
        result.impossible.extend(_impossible(check, solver))
        if node is not None:
            _show_readable(result, engine, node, solver, samples, Random(seed))
    except WorkLimitExceeded as error:
        result.problems.append(_limit(error))
    return result


def _limit(error: WorkLimitExceeded) -> Note:
    return Note(error.where.removeprefix("#"), error.reason)


def _note(error: SchemaError) -> Note:
    return Note(error.pointer, error.reason, error.hint, isinstance(error, InvalidSchema))


# -- the check --------------------------------------------------------------------------------


def _checked(document: Document, options: Options, result: Report) -> Check:
    """The check, carried on after each problem; its problems and annotations."""
    rules = {keyword: _noting(rule, result.problems) for keyword, rule in RULES.items()}
    check = Check(document, options, rules)
    try:
        check.run()
    except SchemaError as error:
        result.problems.append(_note(error))
    order: dict[str, int] = {}
    pointers: dict[int, str] = {}
    for pointer, schema in places(document, check):
        order[pointer] = len(order)
        pointers.setdefault(id(schema), pointer)
        result.annotations.extend(Note(*found) for found in silent_keywords(pointer, schema, check))
        result.readings.extend(_readings(pointer, schema))
    if not result.problems:
        result.mistakes.extend(
            Note(f"{_pointer(schema, pointers, document)}/{place}", reason)
            for schema, place, reason in mistakes(check)
        )
        result.mistakes.sort(key=lambda note: _place(note.pointer, order))
    result.problems.sort(key=lambda note: _place(note.pointer, order))
    if not result.problems:
        engine = Engine()  # must outlive what writes into it
        patterns = _terms(check, options, engine).languages
        for schema, pattern in check.difficult:
            try:
                patterns.node(Language("pattern", pattern))
            except (RegexError, WorkLimitExceeded) as problem:
                reason = f"the pattern cannot be enforced: {problem}"
                result.problems.append(_note(document.error(UnsupportedKeyword, schema, "pattern", reason)))
    return check


def _pointer(schema: Any, pointers: dict[int, str], document: Document) -> str:
    known = pointers.get(id(schema))
    return document.pointer(schema) if known is None else known


def _readings(pointer: str, schema: dict[str, Any]) -> Iterator[Note]:
    """How those patterns of a schema are read that are in another dialect than ECMA-262."""
    names = schema.get("patternProperties")
    patterns = [("/pattern", schema.get("pattern"))]
    patterns += (
        [(f"/patternProperties/{escape(str(name))}", name) for name in names]
        if isinstance(names, dict)
        else []
    )
    for place, pattern in patterns:
        if isinstance(pattern, str) and (found := liberties(pattern)):
            yield Note(pointer + place, "; ".join(found))


def _place(pointer: str, order: dict[str, int]) -> int:
    """The place in the document of the innermost schema around ``pointer``."""
    while pointer and pointer not in order:
        pointer = pointer.rpartition("/")[0]
    return order.get(pointer, 0)


def _noting(rule: Rule, problems: list[Note]) -> Rule:
    """Apply the rule, and note what it raises."""

    def noting(check: SchemaPass, keyword: str, value: Any) -> None:
        try:
            rule(check, keyword, value)
        except SchemaError as error:
            problems.append(_note(error))

    return noting


def _terms(check: Check, options: Options, engine: Engine) -> Solver:
    shared = build_shared(engine, options)
    return Solver(check.document, options, StringLanguages(engine, shared.character, shared.alphabet))


# -- the documents ----------------------------------------------------------------------------


def _built(check: Check, options: Options, result: Report) -> tuple[Engine, Any]:
    """The engine, and the expression of all documents; None if there are none."""
    engine = Engine()
    try:
        return engine, build(engine, check, options)
    except UnsatisfiableSchema as error:
        result.unsatisfiable = _note(error)
    except SchemaError as error:
        result.problems.append(_note(error))
    return engine, None


def _impossible(check: Check, solver: Solver) -> Iterator[Note]:
    """Subschemas without a value, and alternatives with no value that satisfies what stands beside them."""
    document = check.document
    if document.dynamic:  # what a schema means depends on the way to it
        return
    blocked = ""
    for pointer, schema in places(document, check):
        if blocked and pointer.startswith(blocked):
            continue
        term = solver.at(schema)
        if solver.inhabited(term):
            if document.draft_of(schema) > 7 or "$ref" not in schema:
                yield from _impossible_arms(pointer, schema, solver)
        elif pointer:  # that the root has no value is said elsewhere
            blocked = f"{pointer}/"
            yield Note(pointer, explain(term, solver)[1])


def _impossible_arms(pointer: str, schema: dict[str, Any], solver: Solver) -> Iterator[Note]:
    """Alternatives that have values, but none that satisfies what stands beside them."""
    for keyword in ("anyOf", "oneOf"):
        if keyword not in schema:
            continue
        arms = [solver.at(arm) for arm in schema[keyword]]
        beside = _beside(keyword, schema, solver)
        joined = [solver.both(beside, arm) for arm in arms]
        overlaps = _overlapping_arms(joined, solver) if keyword == "oneOf" else {}
        for index, (arm, both) in enumerate(zip(arms, joined, strict=True)):
            if not solver.inhabited(arm):
                continue
            others = [solver.negation(arms[other]) for other in overlaps.get(index, ())]
            if not solver.inhabited(both) or (
                others and not solver.inhabited(solver.all_of([both, *others]))
            ):
                impossible = both if not solver.inhabited(both) else solver.both(solver.at(schema), arm)
                yield Note(f"{pointer}/{keyword}/{index}", explain(impossible, solver)[1])


def _beside(keyword: str, schema: dict[str, Any], solver: Solver) -> Term:
    """What stands beside the alternatives, without these: asking all of them of each would cost the square of their
    number.

    ``unevaluatedProperties`` and ``unevaluatedItems`` depend on them, so with these the whole schema is asked.
    """
    if not UNEVALUATED.isdisjoint(schema):
        return solver.at(schema)
    rest = {other: value for other, value in schema.items() if other != keyword}
    return TRUE if ASSERTING.isdisjoint(rest) else solver.excerpt(solver.at(schema), rest)


def _overlapping_arms(arms: list[Term], solver: Solver) -> dict[int, list[int]]:
    """For each alternative of a ``oneOf``, the others that may hold with it; one with very many of these is left
    out."""
    normals = [solver.normal(arm) for arm in arms]
    found: dict[int, set[int]] = {index: set() for index in range(len(arms))}
    for kind in ("strings", "numbers", "arrays", "objects"):
        for index, others in enumerate(
            overlapping([getattr(normal, kind) for normal in normals], solver, MAX_COMPARED_ARMS + 1)
        ):
            found[index].update(others)
    for bit, _ in CONSTANT_VALUES:
        holders = [index for index, normal in enumerate(normals) if normal.constants & bit]
        for index in holders:
            found[index].update(islice((other for other in holders if other != index), MAX_COMPARED_ARMS + 1))
    return {index: sorted(others) for index, others in found.items() if len(others) <= MAX_COMPARED_ARMS}


def _show_readable(
    result: Report, engine: Engine, node: Any, solver: Solver, samples: int, random: Random
) -> None:
    """As ``_show``, except that nothing is shown if documents are nested too deeply for Python to read them."""
    try:
        _show(result, engine, node, solver, samples, random)
    except RecursionError:
        result.shortest, result.samples = "", []


def _show(result: Report, engine: Engine, node: Any, solver: Solver, samples: int, random: Random) -> None:
    """Documents. Each is read again and checked by the solver, which knows nothing of expressions."""
    root = solver.at(solver.document.root)
    result.shortest = _valid(shortest_text(engine, node), solver, root)
    length = max(SAMPLE_LENGTH, 2 * len(result.shortest))
    tried = 0
    while len(result.samples) < samples and tried < TRIES * samples:
        tried += 1
        text = _valid(random_text(engine, node, random, length), solver, root)
        if text not in result.samples:
            result.samples.append(text)


def _valid(text: bytes, solver: Solver, root: Any) -> str:
    shown = text.decode()
    if not solver.accepts(root, DECODER.decode(shown)):
        raise AssertionError(f"the expression and the terms of a schema disagree about {shown}")
    return shown
