"""What it costs to complete a text, in bytes.

A budget of tokens asks one question many times: do the remaining tokens suffice to complete the text from here? The
question is about pairs: the part of an expression that a token ends in, and all that comes after that part. There are
three answers, each more expensive and more precise than the one before:

* ``bound(node)``: this many bytes complete a text of ``node``, and so at most as many tokens do. It is computed along
  the structure, once per node, and mostly from nodes whose bound is known: what comes after a part is the same for many
  states.
* ``residual(body)``: this many bytes complete any residual of a regular expression, whatever has been read of it. Where
  the budget has room for that, all tokens inside are allowed at once.
* the tokens that spell a text of the part and of what comes after it (``masks.budgets.token_costs``).

None of the answers is ever too low: there is a text that costs no more. ``bound`` is the length of a shortest text as
far as that can be found without building new expressions. Where there are many alternatives, only some of the first are
considered.
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
        KEY_INDEX,
        KEY_LENGTH,
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
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer
    from cython.cimports.constrain.masks.budgets.unbounded import UNBOUNDED
    from cython.cimports.constrain.masks.leaves.leaf_classes import Bounds, LeafClasses

from constrain.engine.completion import Completions
from constrain.engine.described import Deferred, Described, Represented
from constrain.engine.distances import Distances, longest_of_first, ordinary_suffix
from constrain.errors import WorkLimitExceeded

# Marks entries of an array that are not known yet.
UNKNOWN = cython.declare(cython.int, -1)

# How deeply nested references and captures are followed by recursion; deeper ones are left to a search on a stack.
DEPTH_LIMIT = cython.declare(cython.int, 40)

# Arms of a union, and entries of a table, of which the cheapest is looked for; entries of a table of mere texts.
ARMS = cython.declare(cython.int, 4)
ENTRIES = cython.declare(cython.int, 256)

# If a completion costs no more than this, looking for a cheaper one does not pay.
CHEAP = cython.declare(cython.int, 4)

# Items of an array that one token may complete, none of which may come again.
ITEMS = cython.declare(cython.int, 8)

# How many states along refused texts are examined. If there are more, the number needed from any state counts for all.
MOST_AVOIDED = cython.declare(cython.int, 500)


def added(one: cython.int, other: cython.int) -> cython.int:
    """The sum of two costs."""
    return min(one + other, UNBOUNDED)


class ByteCosts:
    """The costs of completions in one engine, in bytes."""

    def __init__(self, engine: Engine, shapes: LeafClasses) -> None:
        self.engine = engine
        self.leaf_classes = shapes
        self.completions = Completions(engine)
        self.distances = Distances(engine)
        self.bounds = np.full(0, -1, np.intc)
        self.residuals = np.full(0, -1, np.intc)
        self.endings = {}
        self.finishes = {}
        self.spine = IdBuffer()
        self.depth = 0
        self.searches = 0

    def footprint(self) -> int:
        """Bytes in use."""
        return (
            8 * self.bounds.shape[0]
            + 250 * (len(self.endings) + len(self.finishes))
            + self.completions.footprint()
            + self.distances.footprint()
        )

    def forget(self) -> None:
        """Drop what is known; it is found again when it is needed."""
        self.completions.forget()

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
        """Declare that completing ``node`` costs nothing: what it stands for is counted elsewhere."""
        if self.engine.valid(node) >= self.bounds.shape[0]:
            self.grow()
        self.bounds[node] = 0
        self.completions.stand_in(node)

    # -- bytes --------------------------------------------------------------------------------

    def bound(self, node: cython.int) -> cython.int:
        """How many bytes complete a text of ``node``; ``UNBOUNDED`` if no text is known."""
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
        # A part that leads back to one whose bound is being computed may have a text nevertheless.
        if found >= UNBOUNDED and self.depth == 0:
            found = self.shortest(node)
        if found < UNBOUNDED or self.depth == 0:
            if node >= self.bounds.shape[0]:
                self.grow()
            self.bounds[node] = found
        return found

    def bound_of_spine(self, node: cython.int) -> cython.int:
        """The bound of a concatenation, from the first part whose bound is known back to its beginning."""
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
        """The cheapest arm among those whose cost is evident, or else among the first ones."""
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
        if isinstance(supplier, Deferred):
            return min(supplier.residual + 1, UNBOUNDED)
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
        engine: Engine = self.engine
        at: cython.int = engine.nodes[node, A]
        depth: cython.int = engine.pool[at + 3]
        position: cython.int = self.best_entry(at, engine.pool[at + 1], engine.pool[at + 2])
        return self.bound_of_entry(engine.pool[at], position, depth)

    def best_entry(self, choice: cython.int, low: cython.int, high: cython.int) -> cython.int:
        """The position of the entry in [low, high) that a short text takes; -1 if none of them is allowed.

        It is the cheapest of a few: the last one listed, which is the required one where one is required, and the first
        ones. What follows the other entries is not built for this.
        """
        engine: Engine = self.engine
        table: cython.int = engine.pool[choice]
        first: cython.int = engine.pool[choice + 4]
        last: cython.int = engine.pool[choice + 5]
        written: cython.bint = engine.follows[engine.pool[table + 1]] is None
        index: cython.int
        bound: cython.int
        position: cython.int
        best: cython.int = -1
        best_index: cython.int = -1
        least: cython.int = UNBOUNDED + 1
        seen: cython.int = 0
        for position in range(low, high):
            index = engine.pool[table + TABLE_HEADER + ENTRY * position + KEY_INDEX]
            if not first <= index <= last:
                continue
            if index > best_index:
                best, best_index = position, index
        if best < 0:
            return best
        least = self.bound_of_entry(table, best, 0)
        for position in range(low, high):
            index = engine.pool[table + TABLE_HEADER + ENTRY * position + KEY_INDEX]
            if not first <= index <= last or index == best_index:
                continue
            bound = self.bound_of_entry(table, position, 0)
            if bound < least:
                best, least = position, bound
            seen += 1
            if seen == (ENTRIES if written else ARMS):
                break
        return best

    def bound_of_entry(self, table: cython.int, position: cython.int, depth: cython.int) -> cython.int:
        """The cost of the rest of a key of which ``depth`` bytes are read, and of what follows it."""
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

    def text(self, node: cython.int) -> bytes:
        """A shortest text of ``node``.

        Raises:
            ValueError: there is none.
            WorkLimitExceeded: finding one takes too much work.
        """
        self.searches += 1
        return self.completions.cheapest(node)[1]

    # -- captured and recorded texts ----------------------------------------------------------

    def ending(self, capture: cython.int) -> object:
        """What may follow the texts of ``capture``, a capture or a record: (an expression, a number of additional
        bytes, whether texts of the expression may follow any text of the capture).

        Where the handler does not know, what follows one of the texts stands for what follows any of them. If later
        texts may have to differ from the text at hand, a completion found for that one text serves any other as well,
        once the later text that is equal to the other is replaced by the one text itself. The additional bytes pay for
        that.
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
                text = begun + self.ordinary_suffix(body, begun, handler)
            else:
                text = begun + self.completions.cheapest(body)[1]
        except WorkLimitExceeded:
            return EMPTY_NODE, UNBOUNDED
        return handler.complete(engine, text), len(text) if handler.begins else 0

    def ordinary_suffix(self, body: cython.int, begun: bytes, handler: object) -> bytes:
        """A completion after ``begun`` of a capture of which ``body`` is left, such that the captured text is not
        refused.

        Raises:
            WorkLimitExceeded: finding one takes too much work.
        """
        text: bytes = self.text(body)
        if self.engine.holds(handler.refused(self.engine), begun + text):
            return ordinary_suffix(self.engine, body, begun, handler)
        return text

    def finish(self, body: cython.int, handler: object, anywhere: cython.bint) -> cython.int:
        """How many bytes complete a captured text of which ``body`` is left so that it is none of the refused texts; if
        ``anywhere``, from any residual of ``body``."""
        engine: Engine = self.engine
        refused: cython.int = engine.text_count(handler.refused(engine))
        if handler.begins:
            refused += ITEMS
        more: cython.int
        if body == EPSILON_NODE:
            return 0
        # A power of two, so that most keys of a long object ask the same question.
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

    def slack(self, capture: cython.int) -> cython.int:
        """How many bytes more than its shortest completion the text of ``capture`` takes, from any place in it, so that
        it is none of the refused texts. Only at the prefixes of refused texts are any needed."""
        engine: Engine = self.engine
        body: cython.int = engine.nodes[capture, A]
        handler = engine.handlers[engine.nodes[capture, C]]
        texts: cython.int = handler.refused(engine)
        more: cython.int = self.room(body, engine.text_count(texts) + (ITEMS if handler.begins else 0))
        if more >= 0:
            return more
        if handler.begins:
            return self.finish(body, handler, True)
        begun = engine.literal_bytes(engine.nodes[capture, B])
        key = (body, texts, begun)
        found = self.finishes.get(key)
        if found is None:
            found = self.finishes[key] = self.find_slack(body, handler, texts, begun)
        return found

    def find_slack(self, body: cython.int, handler: object, texts: cython.int, begun: bytes) -> cython.int:
        """The number that ``slack`` gives, found from the states along each refused text."""
        engine: Engine = self.engine
        state: cython.int
        seen: set = set()
        for text in engine.texts(engine.beginning_with(texts, begun)):
            state = body
            path: list = [state]
            for byte in text[len(begun) :]:
                state = engine.derive(state, byte)
                path.append(state)
            if state != EMPTY_NODE:
                seen.update(path)
            if len(seen) > MOST_AVOIDED:
                return self.finish(body, handler, True)
        seen.discard(EPSILON_NODE)
        return max(
            [max(0, self.finish(state, handler, False) - self.bound(state)) for state in seen], default=0
        )

    def room(self, body: cython.int, refused: int) -> int:
        """How many bytes beyond the shortest text of any residual of ``body`` leave a choice of more texts than
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
        """How many bytes complete each residual of a regular expression."""
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
            bound = self.residual_of_bounded(node)
            return bound if bound < UNBOUNDED else self.residual_of_spine(node)
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

    def residual_of_bounded(self, node: cython.int) -> cython.int:
        """How many bytes complete each residual of a pattern with an upper bound on its length, from the pattern alone;
        ``UNBOUNDED`` for other expressions.

        A completion with the fewest characters is within the bound if any is, and it has no more characters than the
        bytes that complete the pattern without the bound.
        """
        bounds: Bounds = self.leaf_classes.bounds_of(node)
        if bounds is None or bounds.least > 1:
            return UNBOUNDED
        bound: cython.int = self.residual(self.engine.intersection([bounds.count, bounds.pattern]))
        size: cython.int = self.distances.longest(bounds.character)
        if bound >= UNBOUNDED or size > UNBOUNDED // max(bound, 1):
            return UNBOUNDED
        return max(added(bound * size, self.bound(bounds.close)), self.residual(bounds.close))

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

    # -- for Python ---------------------------------------------------------------------------

    def bound_of(self, node: int) -> int:
        """See ``bound``."""
        return self.bound(self.engine.valid(node))

    def residual_of(self, node: int) -> int:
        """See ``residual``."""
        return self.residual(self.engine.valid(node))
