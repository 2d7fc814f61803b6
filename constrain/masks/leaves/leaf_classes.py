"""The classes of leaves: the shapes of expressions whose masks can be found without a walk of the leaf.

Four classes, of a character C that is prefix-free and a Q that begins unlike C:

* a *run*, ``C{least,most} Q``: ``masks.leaves.character_run``;
* a *bounded pattern*, ``(C{least,most} & P) Q``: ``masks.leaves.bounded``;
* *excluded texts*, ``(C{least,most} & P & ~(t1 | t2 | ...)) Q``: the same mask as without the exclusion, except for the
  tokens along the excluded texts;
* a *free* leaf, which can go on after any text of ``C*``, like ``C* P``, a search for P, or ``C*`` without some values:
  whatever begins a text of ``C*`` is allowed, and only the other tokens are walked.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        BYTE_SET,
        COMPLEMENT,
        CONCAT,
        EDGE_COUNT,
        EMPTY_NODE,
        EPSILON_NODE,
        FLAGS,
        INTERSECTION,
        KIND,
        LITERAL,
        REPEAT,
        UNCERTAIN,
        UNION,
        A,
        B,
        C,
    )

# States that the check for a prefix-free character may visit.
CHARACTER_STATES = 200

# The number of first bytes from which on most tokens are made of a character, such as ``.`` or ``[^/]``.
WIDE = 100

# How deep the places where texts of a list diverge may be nested; a deeper list is treated as a pattern.
LONGEST_LIST = cython.declare(cython.int, 100)

# How deep parts are searched for a character that a leaf can go on with.
DEEPEST = cython.declare(cython.int, 50)

# A bound that no text reaches.
FAR = 1 << 24


class Bounds:
    """``(start of C{least,most} & pattern) close``, taken apart.

    Attributes:
        count: the residual of C and then ``C*``: ``C*`` itself between two characters.
        character: C.
        pattern: P, or what is left of it.
        least, most: how many more characters may be started (``most`` = -1: any number).
        close: Q.
    """

    def __init__(self, count: int, character: int, pattern: int, least: int, most: int, close: int) -> None:
        self.count = count
        self.character = character
        self.pattern = pattern
        self.least = least
        self.most = most
        self.close = close


class LeafClasses:
    """Recognises the classes of leaves in the expressions of one engine, and remembers the results."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.residuals = {}
        self.runs = {}
        self.free = {}
        self.bounds = {}
        self.plain = {}
        self.relaxations = {}
        self.turns = {}
        self.lengths = {}  # kept for ``masks.leaves.bounded``: shortest completions of pairs of residuals

    def footprint(self) -> int:
        """Bytes in use."""
        entries = len(self.runs) + len(self.free) + len(self.plain) + len(self.turns)
        entries += 2 * (len(self.residuals) + len(self.bounds) + len(self.relaxations) + len(self.lengths))
        return 130 * entries

    def is_run(self, body: cython.int) -> cython.bint:
        """Whether ``body`` is ``C{least,most} Q``."""
        known = self.runs.get(body)
        if known is None:
            known = self.runs[body] = self.find_run(body)
        return known

    def find_run(self, body: cython.int) -> cython.bint:
        engine: Engine = self.engine
        run: cython.int = engine.nodes[body, A]
        if engine.nodes[body, KIND] != CONCAT or engine.nodes[run, KIND] != REPEAT:
            return False
        return self.ends_apart(engine.nodes[run, A], engine.nodes[body, B])

    def ends_apart(self, character: cython.int, close: cython.int) -> cython.bint:
        """Whether ``character`` is prefix-free and ``close`` begins with other bytes."""
        engine: Engine = self.engine
        if engine.is_nullable(close) or engine.is_nullable(character):
            return False
        if engine.first(character) & engine.first(close):
            return False
        return self.residuals_of(character) is not None

    def residuals_of(self, character: cython.int) -> object:
        """The residuals of one ``character``, if it is prefix-free; ``None`` if it is not, or if that takes too long to
        tell."""
        if character not in self.residuals:
            self.residuals[character] = self.find_residuals(character)
        return self.residuals[character]

    def find_residuals(self, character: int) -> set[int] | None:
        engine: Engine = self.engine
        seen: set = {character}
        todo: list = [character]
        node: cython.int
        at: cython.int
        i: cython.int
        while todo:
            node = todo.pop()
            if (engine.is_nullable(node) and node != EPSILON_NODE) or len(seen) > CHARACTER_STATES:
                return None
            at = engine.edges(node)
            for i in range(engine.nodes[node, EDGE_COUNT]):
                target = engine.pool[at + 2 * i + 1]
                if target not in seen and target != EMPTY_NODE:
                    seen.add(target)
                    todo.append(target)
        return seen

    def free_character(self, body: cython.int, characters: object) -> cython.int:
        """A character such that ``body`` can evidently go on after any number of such characters: one of
        ``characters``, or one that begins with many bytes; -1 if there is none."""
        return self.free_within(body, characters, 0)

    def free_within(self, body: cython.int, characters: list, depth: cython.int) -> cython.int:
        """``free_character`` of a part that is nested ``depth`` levels deep. Deeper parts are not searched."""
        known = self.free.get(body)
        if known is None and depth > DEEPEST:
            return -1
        if known is None:
            known = self.free[body] = self.find_free(body, characters, depth)
        return known

    def find_free(self, body: cython.int, characters: list, depth: cython.int) -> cython.int:
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[body, KIND]
        i: cython.int
        found: cython.int = -1
        if kind == UNION:
            for i in range(engine.nodes[body, B]):
                found = self.free_within(engine.pool[engine.nodes[body, A] + i], characters, depth + 1)
                if found >= 0:
                    break
        elif kind == INTERSECTION:
            found = engine.open_star(body)
            if found >= 0:
                found = self.free_within(found, characters, depth + 1)
            else:
                found = self.find_free_apart(body, characters)
        elif kind == CONCAT and engine.viable(engine.nodes[body, B]):
            found = self.free_within(engine.nodes[body, A], characters, depth + 1)
        elif kind == REPEAT and engine.nodes[body, B] == 0 and engine.nodes[body, C] == -1:
            found = engine.nodes[body, A]
            if found not in characters and not self.is_wide(found):
                found = -1
        return found

    def find_free_apart(self, body: cython.int, characters: list) -> cython.int:
        """``free_character`` of ``C*`` without some texts: if there are finitely many of these, every text of ``C*``
        can be continued to longer ones."""
        engine: Engine = self.engine
        i: cython.int
        part: cython.int
        found: cython.int = -1
        for i in range(engine.nodes[body, B]):
            part = engine.pool[engine.nodes[body, A] + i]
            if engine.nodes[part, KIND] == COMPLEMENT and self.is_finite(engine.nodes[part, A]):
                continue
            if found >= 0 or engine.nodes[part, KIND] != REPEAT:
                return -1
            found = self.free_character(part, characters)
            if found < 0:
                return -1
        return found

    def is_finite(self, node: cython.int) -> cython.bint:
        """Whether ``node`` evidently has finitely many texts."""
        engine: Engine = self.engine
        kind: cython.int
        for part in engine.parts_first(node, {}, False):
            kind = engine.nodes[part, KIND]
            if kind == REPEAT and engine.nodes[part, C] == -1:
                return False
            if part > EPSILON_NODE and not (
                kind == CONCAT or kind == UNION or kind == REPEAT or kind == LITERAL or kind == BYTE_SET
            ):
                return False
        return True

    def is_wide(self, character: cython.int) -> cython.bint:
        """Whether so many tokens are made of ``character`` that a table of runs, where one exists, saves a walk."""
        return self.engine.first(character).bit_count() >= WIDE and self.residuals_of(character) is not None

    def bounds_of(self, body: cython.int) -> Bounds:
        """The parts of a bounded pattern, or ``None`` if ``body`` is none."""
        if body not in self.bounds:
            self.bounds[body] = self.find_bounds(body)
        return self.bounds[body]

    def find_bounds(self, body: cython.int) -> Bounds:
        engine: Engine = self.engine
        both: cython.int = engine.nodes[body, A]
        close: cython.int = engine.nodes[body, B]
        part: cython.int
        run: cython.int
        begun: cython.int
        i: cython.int
        j: cython.int
        if engine.nodes[body, KIND] != CONCAT or engine.nodes[both, KIND] != INTERSECTION:
            return None
        for i in range(engine.nodes[both, B]):
            part = engine.pool[engine.nodes[both, A] + i]
            run, begun = part, EPSILON_NODE
            while engine.nodes[run, KIND] == CONCAT:
                begun, run = engine.concat2(begun, engine.nodes[run, A]), engine.nodes[run, B]
            if engine.nodes[run, KIND] == REPEAT and engine.nodes[run, B] == 0 and engine.nodes[run, C] == -1:
                continue
            if engine.nodes[run, KIND] != REPEAT or not self.ends_apart(engine.nodes[run, A], close):
                continue
            if begun != EPSILON_NODE and begun not in self.residuals_of(engine.nodes[run, A]):
                continue
            start = engine.top
            for j in range(engine.nodes[both, B]):
                if j != i:
                    engine.push(engine.pool[engine.nodes[both, A] + j])
            pattern: cython.int = engine.intersection_of_stack(start)
            count: cython.int = engine.concat2(begun, engine.repeat_of(engine.nodes[run, A], 0, -1))
            return Bounds(
                count, engine.nodes[run, A], pattern, engine.nodes[run, B], engine.nodes[run, C], close
            )
        return None

    # -- texts that are left out --------------------------------------------------------------

    def without_exclusions(self, body: cython.int) -> cython.int:
        """``body``, a bounded pattern, without the complement that excludes some texts; ``body`` itself if it has
        none."""
        known = self.plain.get(body)
        if known is None:
            known = self.plain[body] = self.find_plain(body)
        return known

    def find_plain(self, body: cython.int) -> cython.int:
        engine: Engine = self.engine
        both: cython.int = engine.nodes[body, A]
        start: cython.int = engine.top
        found: cython.bint = False
        part: cython.int
        i: cython.int
        if self.bounds_of(body) is None:
            return body
        for i in range(engine.nodes[both, B]):
            part = engine.pool[engine.nodes[both, A] + i]
            if engine.nodes[part, KIND] == COMPLEMENT and self.is_list(engine.nodes[part, A], 0):
                found = True
            else:
                engine.push(part)
        if not found:
            engine.top = start
            return body
        return engine.concat2(engine.intersection_of_stack(start), engine.nodes[body, B])

    def is_list(self, node: cython.int, depth: cython.int) -> cython.bint:
        """Whether ``node`` is evidently a union of texts, each of which may have several spellings."""
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[node, KIND]
        i: cython.int
        if depth > LONGEST_LIST:
            return False
        while kind == CONCAT:
            if not self.is_list(engine.nodes[node, A], depth + 1):
                return False
            node = engine.nodes[node, B]
            kind = engine.nodes[node, KIND]
        if kind == UNION:
            for i in range(engine.nodes[node, B]):
                if not self.is_list(engine.pool[engine.nodes[node, A] + i], depth + 1):
                    return False
            return True
        return node == EPSILON_NODE or kind == LITERAL or kind == BYTE_SET

    # -- bounds that are too far away to matter ------------------------------------------------

    def relaxed(self, node: cython.int) -> tuple[int, int]:
        """``node`` with the upper bounds of its loops raised to ``FAR``, and the least of the original bounds.

        A loop ``x{0,n}`` differs from ``x{0,FAR}`` only in texts that take all n turns. Lower bounds stay unchanged,
        and so does every expression that contains an intersection or a complement.
        """
        known = self.relaxations.get(node)
        if known is None:
            for part in self.engine.parts_first(node, self.relaxations, True):
                self.relaxations[part] = self.relax(part)
            known = self.relaxations[node]
        return known

    def relax(self, node: cython.int) -> tuple[int, int]:
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[node, KIND]
        i: cython.int
        start: cython.int = engine.top
        body: cython.int
        tail: cython.int
        bound: cython.int = FAR
        if engine.nodes[node, FLAGS] & UNCERTAIN:
            return node, bound
        if kind == CONCAT:
            body, bound = self.relaxed(engine.nodes[node, A])
            tail, other = self.relaxed(engine.nodes[node, B])
            return engine.concat2(body, tail), min(bound, other)
        if kind == UNION:
            for i in range(engine.nodes[node, B]):
                body, other = self.relaxed(engine.pool[engine.nodes[node, A] + i])
                engine.push(body)
                bound = min(bound, other)
            return engine.union_of_stack(start), bound
        if kind == REPEAT:
            body, bound = self.relaxed(engine.nodes[node, A])
            i = engine.nodes[node, C]
            if engine.nodes[node, B] == 0 and i > 1:
                bound, i = min(bound, i), FAR
            return engine.repeat_of(body, engine.nodes[node, B], i), bound
        return node, bound

    def turns_of(self, node: cython.int) -> cython.int:
        """How many turns of a relaxed loop have been taken on the way to ``node``, at most."""
        known = self.turns.get(node)
        if known is None:
            for part in self.engine.parts_first(node, self.turns, False):
                self.turns[part] = self.find_turns(part)
            known = self.turns[node]
        return known

    def find_turns(self, node: cython.int) -> cython.int:
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[node, KIND]
        i: cython.int
        turns: cython.int = 0
        if kind == CONCAT or kind == REPEAT:
            turns = self.turns_of(engine.nodes[node, A])
            if kind == CONCAT:
                turns = max(turns, self.turns_of(engine.nodes[node, B]))
            elif engine.nodes[node, C] > FAR // 2:
                turns = max(turns, FAR - engine.nodes[node, C])
        elif kind == UNION:
            for i in range(engine.nodes[node, B]):
                turns = max(turns, self.turns_of(engine.pool[engine.nodes[node, A] + i]))
        return turns
