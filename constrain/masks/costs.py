"""What it costs to complete a text, in bytes and in tokens.

A budget of tokens asks one question many times: does what is left of it suffice to complete the text from here? It is
asked of pairs: a part of an expression that a token ends in, and all that comes after that part. There are three
answers, each dearer and closer than the one before:

* ``bound(node)``: so many bytes complete a text of ``node``, and so at most as many tokens. It is found along the
  structure, once a node, and mostly from nodes that are known: what comes after a part is the same for many states.
* ``residual(body)``: so many bytes complete any residual of a regular expression, whatever is read of it. Where the
  budget has room for that, all tokens inside are taken at once.
* ``price(within, tail)``: so many tokens spell the bytes ``within`` and a text of ``tail`` after them.

None of them is ever too low: there is a text that takes no more. ``bound`` is the length of a shortest text where
nothing is built for its sake; where the ways to go on are many, one of the first is taken for all.
"""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        BYTE_SET,
        CAPTURE,
        CHOICE,
        COMPLEMENT,
        CONCAT,
        EMPTY_NODE,
        ENTRY,
        EPSILON_NODE,
        INTERSECTION,
        KEY_FOLLOW,
        KEY_INDEX,
        KEY_LENGTH,
        KEY_OFFSET,
        KIND,
        LEAF,
        LITERAL,
        RECORD,
        REFERENCE,
        REPEAT,
        TABLE_HEADER,
        UNION,
        A,
        B,
        C,
    )
    from cython.cimports.constrain.masks.bitmask import IdBuffer
    from cython.cimports.constrain.masks.limits import UNBOUNDED
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.engine.completion import Completions
from constrain.engine.described import Deferred, Described, Represented
from constrain.engine.distances import Distances, longest_of_first, ordinary_suffix
from constrain.errors import WorkLimitExceeded
from constrain.vocabulary.segmentation import fewest_before, token_counts

# Entries of an array that are not known yet.
UNKNOWN = cython.declare(cython.int, -1)

# References and captures that are looked into one inside the other; deeper ones are left to a search on a stack.
DEPTH_LIMIT = cython.declare(cython.int, 40)

# Arms of a union, and entries of a table, of which the cheapest is looked for.
ARMS = cython.declare(cython.int, 4)

# A completion that is as cheap as this is not worth looking for a cheaper one.
CHEAP = cython.declare(cython.int, 4)

# Items of an array that one token may complete, none of which may come again.
ITEMS = cython.declare(cython.int, 8)

# Completions whose spelling is kept, and the bytes of these.
SPELLED_TEXTS = 4096
SPELLED_BYTES = 4 << 20

# Prices of pairs that are kept.
RESTS = 16_384


def added(one: cython.int, other: cython.int) -> cython.int:
    """The sum of two costs."""
    return min(one + other, UNBOUNDED)


class Costs:
    """Costs of completions in one engine, in the tokens of one vocabulary."""

    def __init__(self, engine: Engine, trie: Trie) -> None:
        self.engine = engine
        self.trie = trie
        self.completions = Completions(engine)
        self.distances = Distances(engine)
        self.bounds = np.full(0, -1, np.intc)
        self.residuals = np.full(0, -1, np.intc)
        self.spelled, self.rests = {}, {}
        self.endings = {}
        self.finishes = {}
        self.spine = IdBuffer()
        self.depth = 0
        self.searches = 0
        self.text_size = 0

    def footprint(self) -> int:
        """Bytes in use."""
        known = self.completions.known
        return (
            8 * self.bounds.shape[0]
            + 250 * (len(known) + len(self.endings) + len(self.finishes))
            + 100 * len(self.completions.failed)
            + self.text_size
            + 130 * len(self.rests)
            + self.distances.footprint()
        )

    def forget(self) -> None:
        """Drop what is known; what is needed of it is found again."""
        self.completions.forget()
        self.spelled.clear()
        self.rests.clear()
        self.text_size = 0

    def grow(self) -> cython.int:
        """Make room for all nodes of the engine and some more."""
        size: cython.int = self.engine.size + self.engine.size // 2 + 64
        bounds = np.full(size, -1, np.intc)
        residuals = np.full(size, -1, np.intc)
        bounds[: self.bounds.shape[0]] = self.bounds
        residuals[: self.residuals.shape[0]] = self.residuals
        self.bounds = bounds
        self.residuals = residuals
        return 0

    def stand_in(self, node: int) -> None:
        """Take ``node`` for one whose completion costs nothing: what it stands for is counted elsewhere."""
        if self.engine.valid(node) >= self.bounds.shape[0]:
            self.grow()
        self.bounds[node] = 0
        self.completions.stand_in(node)

    # -- bytes --------------------------------------------------------------------------------

    def bound(self, node: cython.int) -> cython.int:
        """So many bytes complete a text of ``node``; ``UNBOUNDED`` if no text is known."""
        if node < self.bounds.shape[0] and self.bounds[node] != UNKNOWN:
            return self.bounds[node]
        return self.find_bound(node)

    def find_bound(self, node: cython.int) -> cython.int:
        found: cython.int
        if self.engine.is_nullable(node):
            return 0
        if self.engine.nodes[node, KIND] == CONCAT:
            return self.bound_of_spine(node)
        if self.depth > DEPTH_LIMIT:
            return self.shortest(node)
        self.depth += 1
        try:
            found = self.bound_of_part(node)
        finally:
            self.depth -= 1
        # A part that leads back to one that is just being looked at may have a text nevertheless.
        if found >= UNBOUNDED and self.depth == 0:
            found = self.shortest(node)
        if found < UNBOUNDED or self.depth == 0:
            if node >= self.bounds.shape[0]:
                self.grow()
            self.bounds[node] = found
        return found

    def bound_of_spine(self, node: cython.int) -> cython.int:
        """A concatenation, from the first part that is known back to its beginning."""
        engine: Engine = self.engine
        start: cython.int = self.spine.used
        total: cython.int
        while engine.nodes[node, KIND] == CONCAT and (
            node >= self.bounds.shape[0] or self.bounds[node] == UNKNOWN
        ):
            self.spine.add(node)
            node = engine.nodes[node, B]
        total = self.bound(node)
        while self.spine.used > start:
            self.spine.used -= 1
            node = self.spine.data[self.spine.used]
            total = 0 if engine.is_nullable(node) else added(total, self.bound(engine.nodes[node, A]))
            if total < UNBOUNDED:
                if node >= self.bounds.shape[0]:
                    self.grow()
                self.bounds[node] = total
        if total >= UNBOUNDED and self.depth == 0:
            total = self.shortest(node)
            if node >= self.bounds.shape[0]:
                self.grow()
            self.bounds[node] = total
        return total

    def bound_of_part(self, node: cython.int) -> cython.int:
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[node, KIND]
        bound: cython.int
        if kind == LITERAL:
            return engine.nodes[node, B]
        if kind == BYTE_SET:
            return 1
        if kind == LEAF:
            return self.bound(engine.nodes[node, A])
        if kind == REPEAT:
            bound = self.bound(engine.nodes[node, A])
            if bound and engine.nodes[node, B] > UNBOUNDED // bound:
                return UNBOUNDED
            return bound * engine.nodes[node, B]
        if kind == UNION:
            return self.bound_of_union(node)
        if kind == REFERENCE:
            return self.bound_of_reference(node)
        if kind == CHOICE:
            return self.bound_of_choice(node)
        if kind == CAPTURE:
            return self.bound_of_capture(node)
        if kind == RECORD:
            return self.bound_of_record(node)
        return self.shortest(node) if node != EMPTY_NODE else UNBOUNDED

    def bound_of_union(self, node: cython.int) -> cython.int:
        """The cheapest of what is plain to see, or else of the first arms."""
        engine: Engine = self.engine
        best: cython.int = UNBOUNDED
        i: cython.int
        kind: cython.int
        part: cython.int
        arms: cython.int = 0
        for i in range(engine.nodes[node, B]):
            part = engine.pool[engine.nodes[node, A] + i]
            kind = engine.nodes[part, KIND]
            if kind == LITERAL or kind == LEAF or kind == BYTE_SET or kind == REPEAT:
                best = min(best, self.bound(part))
            elif part < self.bounds.shape[0] and self.bounds[part] != UNKNOWN:
                best = min(best, self.bounds[part])
        for i in range(engine.nodes[node, B]):
            if best <= CHEAP or arms == ARMS:
                break
            part = engine.pool[engine.nodes[node, A] + i]
            if part >= self.bounds.shape[0] or self.bounds[part] == UNKNOWN:
                best = min(best, self.bound(part))
                arms += 1
        return best

    def bound_of_reference(self, node: cython.int) -> cython.int:
        engine: Engine = self.engine
        supplier = engine.references[engine.nodes[node, A]]
        if isinstance(supplier, Described):
            return min(len(supplier.shortest()), UNBOUNDED)
        if isinstance(supplier, Represented):
            return self.bound(supplier.ending(engine))
        if node >= self.bounds.shape[0]:
            self.grow()
        self.bounds[node] = UNBOUNDED  # should it lead back to itself
        try:
            return self.bound(engine.body_of(node))
        finally:
            self.bounds[node] = UNKNOWN

    def bound_of_choice(self, node: cython.int) -> cython.int:
        """The cheapest of the first entries whose continuation is written, or else of the last one, which is the
        one that must come where one must."""
        engine: Engine = self.engine
        at: cython.int = engine.nodes[node, A]
        table: cython.int = engine.pool[at]
        depth: cython.int = engine.pool[at + 3]
        index: cython.int
        position: cython.int
        last: cython.int = -1
        last_index: cython.int = -1
        seen: cython.int = 0
        best: cython.int = UNBOUNDED
        for position in range(engine.pool[at + 1], engine.pool[at + 2]):
            index = engine.pool[table + TABLE_HEADER + ENTRY * position + KEY_INDEX]
            if not engine.pool[at + 4] <= index <= engine.pool[at + 5]:
                continue
            if index > last_index:
                last, last_index = position, index
            if engine.pool[table + TABLE_HEADER + ENTRY * position + KEY_FOLLOW] >= 0:
                best = min(best, self.bound_of_entry(table, position, depth))
                seen += 1
                if seen == 256:
                    break
        if best < UNBOUNDED:
            return best
        return self.bound_of_entry(table, last, depth)

    def bound_of_entry(self, table: cython.int, position: cython.int, depth: cython.int) -> cython.int:
        """What is left of a key of which ``depth`` bytes are read, and what follows it."""
        at: cython.int = table + TABLE_HEADER + ENTRY * position
        return added(
            self.engine.pool[at + KEY_LENGTH] - depth, self.bound(self.engine.follow_of(table, position))
        )

    def bound_of_capture(self, node: cython.int) -> cython.int:
        engine: Engine = self.engine
        handler = engine.handlers[engine.nodes[node, C]]
        if not handler.alike:
            return min([self.bound(part) for part in engine.captures(node)], default=UNBOUNDED)
        follow, slack, _ = self.ending(node)
        return added(self.finish(engine.nodes[node, A], handler, False), added(self.bound(follow), slack))

    def bound_of_record(self, node: cython.int) -> cython.int:
        follow, slack, _ = self.ending(node)
        return added(self.bound(self.engine.nodes[node, A]), added(self.bound(follow), slack))

    def shortest(self, node: cython.int) -> cython.int:
        """The length of a shortest text, by a search that builds what it needs."""
        self.searches += 1
        try:
            return min(self.completions.cheapest(node)[0], UNBOUNDED)
        except (WorkLimitExceeded, ValueError):
            return UNBOUNDED

    # -- captured and recorded texts ----------------------------------------------------------

    def ending(self, capture: cython.int) -> object:
        """What may follow the texts of ``capture``, a capture or a record: (an expression, so many bytes more, whether
        its texts may follow any of them).

        Where its handler does not know, what follows one of the texts stands for what follows any. If others may have
        to differ from the text at hand, what completes the former completes the latter, once the one that is
        equal to it is replaced by the text itself; that is what the bytes are for.
        """
        engine: Engine = self.engine
        number: cython.int = engine.nodes[capture, C]
        found = self.endings.get(number)
        if found is None:
            handler = engine.handlers[number]
            self.searches += 1
            node = handler.ending(engine)
            found = (node, 0, True)
            if node == EMPTY_NODE:
                found = (*self.find_ending(capture, handler), False)
            self.endings[number] = found
        return found

    def find_ending(self, capture: int, handler: object) -> tuple[int, int]:
        engine: Engine = self.engine
        begun = engine.literal_bytes(engine.nodes[capture, B])
        body: cython.int = engine.nodes[capture, A]
        try:
            if engine.nodes[capture, KIND] == CAPTURE:
                text = begun + ordinary_suffix(engine, body, begun, handler)
            else:
                text = begun + self.completions.cheapest(body)[1]
        except WorkLimitExceeded:
            return EMPTY_NODE, UNBOUNDED
        return handler.complete(engine, text), len(text) if handler.begins else 0

    def finish(self, body: cython.int, handler: object, anywhere: cython.bint) -> cython.int:
        """So many bytes complete a captured text of which ``body`` is left so that it is none of those that are
        refused; if ``anywhere``, from any residual of ``body``."""
        engine: Engine = self.engine
        refused: cython.int = engine.text_count(handler.refused(engine))
        if handler.begins:
            refused += ITEMS
        more: cython.int
        if body == EPSILON_NODE:
            return 0
        # A power of two, so that most keys of a long object ask the same.
        key = (body, refused.bit_length(), anywhere)
        found = self.finishes.get(key)
        if found is not None:
            return found
        more = self.room(body, refused)
        if more >= 0:
            found = added(self.residual(body) if anywhere else self.bound(body), more)
        elif anywhere:
            found = self.distances.captured(body, 1 << refused.bit_length())
        else:
            found = longest_of_first(engine, body, 1 << refused.bit_length())
        self.finishes[key] = min(found, UNBOUNDED)
        return self.finishes[key]

    def room(self, body: cython.int, refused: int) -> int:
        """So many bytes more than the shortest text of any residual of ``body`` leave a choice of more texts than
        ``refused``, where ``body`` is a run of characters without bounds; else -1."""
        engine: Engine = self.engine
        run: cython.int = engine.nodes[body, A]
        if (
            engine.nodes[body, KIND] != CONCAT
            or engine.nodes[run, KIND] != REPEAT
            or engine.nodes[run, C] != -1
        ):
            return 0 if refused == 0 else -1
        character: cython.int = engine.nodes[run, A]
        close: cython.int = engine.nodes[body, B]
        if not engine.is_apart(character, close) or engine.nodes[close, KIND] != LITERAL:
            return 0 if refused == 0 else -1
        single = sum(
            members.bit_count() for members, target in engine.transitions(character) if target == EPSILON_NODE
        )
        if single < 2:
            return -1
        length = 0
        while single**length <= refused:
            length += 1
        return length

    # -- residuals of regular expressions -----------------------------------------------------

    def residual(self, node: cython.int) -> cython.int:
        """So many bytes complete each residual of a regular expression."""
        if node < self.residuals.shape[0] and self.residuals[node] != UNKNOWN:
            return self.residuals[node]
        found: cython.int = UNBOUNDED
        if self.depth > DEPTH_LIMIT:
            return found
        self.depth += 1
        try:
            found = self.find_residual(node)
        finally:
            self.depth -= 1
        if node >= self.residuals.shape[0]:
            self.grow()
        self.residuals[node] = found
        return found

    def find_residual(self, node: cython.int) -> cython.int:
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[node, KIND]
        bound: cython.int
        more: cython.int
        if kind == LITERAL:
            return engine.nodes[node, B] - 1
        if kind == BYTE_SET or node <= EPSILON_NODE:
            return 0
        if kind == CONCAT:
            return self.residual_of_spine(node)
        if kind == LEAF:
            return self.residual(engine.nodes[node, A])
        if kind == UNION:
            return self.residual_of_union(node)
        if kind == REPEAT:
            bound = self.bound(engine.nodes[node, A])
            more = max(engine.nodes[node, B] - 1, 0)
            if bound and more > UNBOUNDED // bound:
                return UNBOUNDED
            return added(self.residual(engine.nodes[node, A]), more * bound)
        if kind == REFERENCE:
            supplier = engine.references[engine.nodes[node, A]]
            if isinstance(supplier, (Deferred, Described)):
                return min(supplier.residual, UNBOUNDED)
            if node >= self.residuals.shape[0]:
                self.grow()
            self.residuals[node] = UNBOUNDED  # should it lead back to itself
            return self.residual(engine.body_of(node))
        if kind == CHOICE:
            return max(
                max(added(len(key), self.bound(follow())), self.residual(follow()))
                for key, follow in engine.choices(node)
            )
        if kind == INTERSECTION or kind == COMPLEMENT:
            self.searches += 1
            for state, distance in self.distances.furthest(node):
                if state >= self.residuals.shape[0]:
                    self.grow()
                self.residuals[state] = min(distance, UNBOUNDED)
            return self.residuals[node]
        return UNBOUNDED

    def residual_of_spine(self, node: cython.int) -> cython.int:
        engine: Engine = self.engine
        start: cython.int = self.spine.used
        most: cython.int
        after: cython.int
        while engine.nodes[node, KIND] == CONCAT and (
            node >= self.residuals.shape[0] or self.residuals[node] == UNKNOWN
        ):
            self.spine.add(node)
            node = engine.nodes[node, B]
        most = self.residual(node)
        while self.spine.used > start:
            after = self.bound(node)
            self.spine.used -= 1
            node = self.spine.data[self.spine.used]
            most = max(most, added(self.residual(engine.nodes[node, A]), after))
            if node >= self.residuals.shape[0]:
                self.grow()
            self.residuals[node] = most
        return most

    def residual_of_union(self, node: cython.int) -> cython.int:
        engine: Engine = self.engine
        most: cython.int = 0
        i: cython.int
        part: cython.int
        for i in range(engine.nodes[node, B]):
            part = engine.pool[engine.nodes[node, A] + i]
            if engine.viable(part):  # an intersection may be empty
                most = max(most, self.residual(part))
        return most

    # -- tokens -------------------------------------------------------------------------------

    def text(self, node: cython.int) -> bytes:
        """A shortest text of ``node``.

        Raises:
            WorkLimitExceeded: finding one takes too much work.
        """
        self.searches += 1
        return self.completions.cheapest(node)[1]

    def spell(self, node: cython.int) -> tuple:
        """A text of ``node``, and how few tokens spell it from each of its bytes on.

        Of parts the text is a shortest one in bytes; of the arms of a union, and what follows, it is the one that takes
        the fewest tokens, since the next token will tell them apart.

        Raises:
            ValueError: there is no text.
            WorkLimitExceeded: finding one takes too much work.
        """
        engine: Engine = self.engine
        spine: list = []
        found = self.spelled.get(node)
        while found is None and engine.nodes[node, KIND] == CONCAT and not engine.is_nullable(node):
            spine.append(node)
            node = engine.nodes[node, B]
            found = self.spelled.get(node)
        if found is None:
            found = self.keep(node, self.spell_part(node))
        for node in reversed(spine):
            head = self.spell(engine.nodes[node, A])[0]
            found = self.keep(node, (head + found[0], token_counts(self.trie, head, *found)))
        return found

    def spell_part(self, node: cython.int) -> tuple:
        """The same of what is no concatenation."""
        engine: Engine = self.engine
        i: cython.int
        if engine.nodes[node, KIND] != UNION or engine.is_nullable(node) or self.depth > DEPTH_LIMIT:
            text = self.text(node)
            return text, token_counts(self.trie, text)
        best = None
        self.depth += 1
        try:
            for i in range(min(engine.nodes[node, B], 2 * ARMS)):
                part = engine.pool[engine.nodes[node, A] + i]
                if engine.viable(part) and not self.is_covered(part):
                    found = self.spell(part)
                    if best is None or found[1][0] < best[1][0]:
                        best = found
        finally:
            self.depth -= 1
        text = self.text(node) if best is None else b""
        return best or (text, token_counts(self.trie, text))

    def is_covered(self, arm: cython.int) -> cython.bint:
        """Whether ``arm`` begins with a record that may end here: beside it stands what follows then."""
        engine: Engine = self.engine
        if engine.nodes[arm, KIND] == CONCAT:
            arm = engine.nodes[arm, A]
        return engine.nodes[arm, KIND] == RECORD and engine.is_nullable(engine.nodes[arm, A])

    def keep(self, node: cython.int, found: tuple) -> tuple:
        if len(self.spelled) >= SPELLED_TEXTS or self.text_size > SPELLED_BYTES:
            self.spelled.clear()
            self.text_size = 0
        self.spelled[node] = found
        self.text_size += 250 + 5 * len(found[0])
        return found

    def price(self, within: bytes, tail: cython.int) -> cython.int:
        """So many tokens spell ``within`` and then a text of ``tail``; ``UNBOUNDED`` if none are known."""
        try:
            text, counts = self.spell(tail)
        except (WorkLimitExceeded, ValueError):
            return UNBOUNDED
        return min(fewest_before(self.trie, within, text, counts), UNBOUNDED)

    def price_rest(self, state: cython.int, tail: cython.int) -> cython.int:
        """``price`` of a text of ``state`` and then one of ``tail``, remembered: many tokens lead to one state."""
        key: object = cython.cast(cython.longlong, state) << 32 | tail
        found = self.rests.get(key)
        if found is None:
            try:
                found = self.price(self.text(state), tail)
            except WorkLimitExceeded:
                found = UNBOUNDED
            if len(self.rests) >= RESTS:
                self.rests.clear()
            self.rests[key] = found
        return found

    # -- for Python ---------------------------------------------------------------------------

    def bound_of(self, node: int) -> int:
        """See ``bound``."""
        return self.bound(self.engine.valid(node))

    def residual_of(self, node: int) -> int:
        """See ``residual``."""
        return self.residual(self.engine.valid(node))
