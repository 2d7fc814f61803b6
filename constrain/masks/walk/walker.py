"""The structural walk: the tokens below a trie node that begin a text of an expression.

``walk(trie, node, head, tail)`` collects the tokens below a trie node that begin a text of
``head tail``. It follows the *structure* of the expression, and no state is made for what it passes:
a literal goes down one path, a table of keys down as many as are in the trie, a union does each
part in turn (masks are or-ed), a leaf is looked up (``masks.leaves.leaf``) and only the tails of the tokens
that complete it go on with what follows. These are the partial derivatives of Antimirov (1996),
taken along the trie.

Within a budget, a token is collected only if there is room for what completes the text after it
(``masks.budgets.allowance``). Whole rows of a leaf are taken or left by one comparison, and only where some of their
tokens are affordable and some are not are they looked at one by one.

The structure can be too entangled for that: a grammar so ambiguous that the same place is reached
along many paths, or a leaf that may end where what follows begins with the same bytes. Then
``walk_derivatives`` derives token by token, slower, and bounded by the size of the trie.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        BYTE_SET,
        CAPTURE,
        CHOICE,
        CONCAT,
        EMPTY_NODE,
        ENTRY,
        EPSILON_NODE,
        INTERSECTION,
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
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer, Row
    from cython.cimports.constrain.masks.budgets.allowance import Allowance
    from cython.cimports.constrain.masks.budgets.byte_costs import ARMS
    from cython.cimports.constrain.masks.leaves.arithmetic_states import accept_below, begins_below
    from cython.cimports.constrain.masks.leaves.bounded import BoundedPattern
    from cython.cimports.constrain.masks.leaves.character_run import CharacterRun
    from cython.cimports.constrain.masks.leaves.leaf import LeafCache
    from cython.cimports.constrain.masks.leaves.leaf_classes import Bounds
    from cython.cimports.constrain.masks.leaves.leaf_mask import LeafMask
    from cython.cimports.constrain.vocabulary.layout import END, FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

# Trie nodes that a leaf may reach to count as narrow: some microseconds.
NARROW_STEPS = cython.declare(cython.int, 300)

# Beyond these a structural walk gives up and derivatives take over. An ordinary mask takes tens of
# steps and is a dozen calls deep.
STEP_LIMIT = cython.declare(cython.int, 20_000)
DEPTH_LIMIT = cython.declare(cython.int, 400)

# Within a budget: trie nodes that are looked at by derivatives, some milliseconds.
DERIVATIVES = cython.declare(cython.int, 4_000)

# A token inside a leaf that is longer than this is not looked at within a budget.
LONGEST_TOKEN = cython.declare(cython.int, 200)


class Entangled(Exception):
    """The structural walk was given up."""


class Walker:
    """Collects tokens of one engine's states over one trie, in ``found`` and ``rows``.

    Attributes:
        budget: what there is room for. Without a limit it is not asked.
    """

    def __init__(self, engine: Engine, trie: Trie, words: int, shared: dict) -> None:
        self.engine = engine
        self.trie = trie
        self.words = words
        self.leaves = LeafCache(engine, words, shared)
        self.found = IdBuffer()
        self.rows = []
        self.begins = {}
        self.narrow_left = 0
        self.pending = []
        self.budget = Allowance(engine)
        self.guard = engine.reference(give_up)
        self.guards = {}

    def walk_capture(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """``masks.walk.captures`` knows how."""
        raise NotImplementedError

    def walk_record(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """``masks.walk.records`` knows how."""
        raise NotImplementedError

    def guard_of(self, head: cython.int, tail: cython.int) -> cython.int:
        """``masks.walk.records`` knows how."""
        raise NotImplementedError

    def end_record(self, trie: Trie, node: cython.int, guard: cython.int) -> cython.int:
        """``masks.walk.records`` knows how."""
        raise NotImplementedError

    def walk(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """Accept the tokens below ``node`` that begin a text of ``head tail``, both ending there or going on."""
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[head, KIND]
        i: cython.int
        self.steps += 1
        if trie.is_leaf(node):
            return 0
        if self.steps > STEP_LIMIT or self.depth > DEPTH_LIMIT:
            raise Entangled
        engine.meter.patience -= 2
        if engine.meter.patience < 0:
            engine.meter.check()
        self.depth += 1
        if kind == CONCAT:
            self.walk(trie, node, engine.nodes[head, A], engine.concat2(engine.nodes[head, B], tail))
        elif kind == LITERAL:
            self.walk_literal(trie, node, head, tail)
        elif kind == LEAF:
            self.walk_leaf(trie, node, engine.nodes[head, A], tail)
        elif kind == UNION:
            self.walk_union(trie, node, head, tail)
        elif kind == CHOICE:
            i = engine.nodes[head, A]
            self.walk_choice(trie, node, engine.pool[i + 1], engine.pool[i + 2], engine.pool[i + 3], i, tail)
        elif kind == REFERENCE:
            if head == self.guard:
                self.pending.append((trie, node))
            elif head in self.guards:
                self.end_record(trie, node, head)
            else:
                self.walk(trie, node, engine.body_of(head), tail)
        elif kind == CAPTURE:
            self.walk_capture(trie, node, head, tail)
        elif kind == RECORD:
            self.walk_record(trie, node, head, tail)
        elif kind == BYTE_SET:
            self.walk_bytes(trie, node, head, tail)
        elif kind == REPEAT:
            self.walk(trie, node, engine.nodes[head, A], engine.concat2(engine.rest(head), tail))
            if engine.is_nullable(head):
                self.walk(trie, node, tail, EPSILON_NODE)
        elif head > EPSILON_NODE:  # an intersection or a complement, not marked as a leaf
            self.derive_below(trie, node, engine.concat2(head, tail))
        elif head == EPSILON_NODE and tail != EPSILON_NODE:
            self.walk(trie, node, tail, EPSILON_NODE)
        self.depth -= 1
        return 0

    # -- the walk -----------------------------------------------------------------------------

    def has_tokens(self, trie: Trie, node: cython.int) -> cython.bint:
        """Whether a token ends at ``node``."""
        return trie.nodes[node, FIRST_TOKEN] < trie.nodes[node + 1, FIRST_TOKEN]

    def accept(self, trie: Trie, node: cython.int) -> cython.int:
        """Accept the tokens that end at ``node``."""
        i: cython.int
        for i in range(trie.nodes[node, FIRST_TOKEN], trie.nodes[node + 1, FIRST_TOKEN]):
            self.found.add(trie.ids[i])
        return 0

    def walk_union(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """Walk each arm; within a budget, many that begin with literals or keys together: only so many of those that
        begin with the same bytes are asked what completes them, which writes what follows them."""
        engine: Engine = self.engine
        begun: list = []
        i: cython.int
        arm: cython.int
        many: cython.bint = self.budget.limited and engine.nodes[head, B] > 2 * ARMS
        if many:
            i = self.written(head)
            if i != head:  # what all begin with comes first now
                return self.walk(trie, node, i, tail)
        for i in range(engine.nodes[head, B]):
            arm = engine.pool[engine.nodes[head, A] + i]
            if not many or not self.add_beginnings(begun, arm):
                self.walk(trie, node, arm, tail)
        return self.walk_begun(trie, node, begun, 0, tail) if begun else 0

    def written(self, head: cython.int) -> cython.int:
        """A union, with the bodies of those of its arms that are references."""
        engine: Engine = self.engine
        arms: list = []
        i: cython.int
        arm: cython.int
        references: cython.int = 0
        for i in range(engine.nodes[head, B]):
            arm = engine.pool[engine.nodes[head, A] + i]
            references += (
                engine.nodes[arm, KIND] == REFERENCE and arm != self.guard and arm not in self.guards
            )
        if 2 * references < engine.nodes[head, B]:
            return head
        for i in range(engine.nodes[head, B]):
            arm = engine.pool[engine.nodes[head, A] + i]
            if engine.nodes[arm, KIND] == REFERENCE and arm != self.guard and arm not in self.guards:
                arm = engine.body_of(arm)
            arms.append(arm)
        return engine.union(arms)

    def add_beginnings(self, begun: list, arm: cython.int) -> cython.bint:
        """Add to ``begun`` the texts that ``arm`` begins with, if it is one of these: where each lies, its length, the
        table and the position of an entry, or -1, and what follows in the arm."""
        engine: Engine = self.engine
        first: cython.int = engine.nodes[arm, A] if engine.nodes[arm, KIND] == CONCAT else arm
        rest: cython.int = engine.nodes[arm, B] if engine.nodes[arm, KIND] == CONCAT else EPSILON_NODE
        choice: cython.int = engine.nodes[first, A]
        depth: cython.int
        position: cython.int
        at: cython.int
        if engine.nodes[first, KIND] == LITERAL:
            begun.append((choice, engine.nodes[first, B], -1, 0, rest))
            return True
        if engine.nodes[first, KIND] != CHOICE:
            return False
        depth = engine.pool[choice + 3]
        for position in range(engine.pool[choice + 1], engine.pool[choice + 2]):
            at = engine.pool[choice] + TABLE_HEADER + ENTRY * position
            if engine.pool[choice + 4] <= engine.pool[at + KEY_INDEX] <= engine.pool[choice + 5]:
                start, size = engine.pool[at + KEY_OFFSET] + depth, engine.pool[at + KEY_LENGTH] - depth
                begun.append((start, size, engine.pool[choice], position, rest))
        return True

    def after_beginning(self, one: tuple) -> cython.int:
        """What follows one of the texts that ``add_beginnings`` adds."""
        if one[2] < 0:
            return one[4]
        return self.engine.concat2(self.engine.follow_of(one[2], one[3]), one[4])

    def has_room_for_one(self, begun: list, read: cython.int, tail: cython.int) -> cython.bint:
        """Whether there is room for one of the first of the texts ``begun``, of which ``read`` bytes are read."""
        start: cython.int
        size: cython.int
        after: cython.int
        for one in begun[: 2 * ARMS]:
            start, size = one[0], one[1]
            after = self.engine.concat2(self.after_beginning(one), tail)
            if self.budget.has_room(size - read, after):
                return True
            if self.budget.has_room_for_text(bytes(self.engine.text[start + read : start + size]), 0, after):
                return True
        self.budget.cut = True
        return False

    def walk_begun(
        self, trie: Trie, node: cython.int, begun: list, depth: cython.int, tail: cython.int
    ) -> cython.int:
        """Follow the texts ``begun``, ``depth`` bytes of which are read, down the trie together."""
        engine: Engine = self.engine
        by_byte: dict = {}
        start: cython.int
        child: cython.int
        engine.meter.count(2 * len(begun))
        for one in begun:
            if one[1] == depth:
                self.walk(trie, node, self.after_beginning(one), tail)
            else:
                start = one[0]
                by_byte.setdefault(engine.text[start + depth], []).append(one)
        for byte, some in by_byte.items():
            child = trie.child(node, byte)
            if child < 0:
                continue
            if not self.has_tokens(trie, child) or self.has_room_for_one(some, depth + 1, tail):
                self.accept(trie, child)
            if not trie.is_leaf(child):
                self.walk_begun(trie, child, some, depth + 1, tail)
        return 0

    def walk_literal(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        i: cython.int
        at: cython.int = self.engine.nodes[head, A]
        for i in range(self.engine.nodes[head, B]):
            node = trie.child(node, self.engine.text[at + i])
            if node < 0:
                return 0
            if (
                not self.budget.limited
                or not self.has_tokens(trie, node)
                or self.budget.has_room_for_literal(head, i + 1, tail)
            ):
                self.accept(trie, node)
        return self.walk(trie, node, tail, EPSILON_NODE)

    def walk_bytes(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        k: cython.int
        byte: cython.int
        at: cython.int = self.engine.nodes[head, A]
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            byte = trie.children[k] & 255
            if (cython.cast(cython.uint, self.engine.pool[at + (byte >> 5)]) >> (byte & 31)) & 1:
                if (
                    not self.budget.limited
                    or not self.has_tokens(trie, trie.children[k] >> 8)
                    or self.budget.has_room_for_rest(EPSILON_NODE, 0, tail)
                ):
                    self.accept(trie, trie.children[k] >> 8)
                self.walk(trie, (trie.children[k] >> 8), tail, EPSILON_NODE)
        return 0

    def walk_leaf(self, trie: Trie, node: cython.int, body: cython.int, tail: cython.int) -> cython.int:
        """A leaf is a literal and then a leaf, a run of characters and then a leaf, or looked up."""
        engine: Engine = self.engine
        first: cython.int = engine.nodes[body, A]
        if engine.nodes[body, KIND] == CONCAT and engine.nodes[first, KIND] == LITERAL:
            return self.walk_literal(
                trie, node, first, engine.concat2(engine.leaf_of(engine.nodes[body, B]), tail)
            )
        if self.budget.limited and not self.budget.has_room(self.budget.byte_costs.residual(body), tail):
            return self.walk_leaf_tight(trie, node, body, 0, tail)
        return self.walk_leaf_wholly(trie, node, body, tail)

    def walk_leaf_wholly(
        self, trie: Trie, node: cython.int, body: cython.int, tail: cython.int
    ) -> cython.int:
        """The same of a leaf that does not begin with a literal, and of which the budget has room for every token."""
        engine: Engine = self.engine
        first: cython.int = engine.nodes[body, A]
        plain: cython.int
        if engine.nodes[body, KIND] == CONCAT and engine.nodes[first, KIND] == INTERSECTION:
            plain = self.leaves.leaf_classes.without_exclusions(body)
            if plain != body:
                return self.walk_excluding(trie, node, body, plain, tail)
        if (
            engine.nodes[body, KIND] == CONCAT
            and engine.nodes[first, KIND] == REPEAT
            and self.leaves.leaf_classes.is_run(body)
        ):
            if self.leaves.run_cache.has(trie, node, engine.nodes[first, A]) or not self.walk_narrow(
                trie, node, body, tail
            ):
                self.walk_run(trie, node, first, engine.nodes[body, B], tail)
            return 0
        if (
            engine.nodes[body, KIND] == CONCAT
            and engine.nodes[first, KIND] == INTERSECTION
            and not self.leaves.is_far(trie, node, body)
            and self.walk_bounded(trie, node, body, tail)
        ):
            return 0
        self.walk_whole(trie, node, body, tail)
        if engine.is_nullable(body):
            self.walk(trie, node, tail, EPSILON_NODE)
        return 0

    def walk_excluding(
        self, trie: Trie, node: cython.int, body: cython.int, plain: cython.int, tail: cython.int
    ) -> cython.int:
        """The leaf ``plain`` but for some texts. It may be one of many: of an array whose items must differ, each item
        leaves out one text more. So nothing is kept for ``body``, whose tokens differ from those of ``plain`` on the
        ways to these texts only."""
        used: cython.int = self.found.used
        rows: cython.Py_ssize_t = len(self.rows)
        excluded: list = []
        self.walk_leaf_wholly(trie, node, plain, tail)
        self.collect_excluded(trie, node, plain, body, excluded)
        return self.drop_below(trie, excluded, used, rows) if excluded else 0

    def collect_excluded(
        self, trie: Trie, node: cython.int, plain: cython.int, state: cython.int, excluded: list
    ) -> cython.int:
        """The nodes below ``node`` that ``plain`` can read and ``state``, which is part of it, cannot."""
        engine: Engine = self.engine
        at: cython.int = engine.edges(plain)
        also: cython.int = engine.edges(state)
        byte: cython.int
        k: cython.int
        one: cython.int
        other: cython.int
        engine.meter.count(4)
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            byte = trie.children[k] & 255
            while engine.pool[at] < byte:
                at += 2
            while engine.pool[also] < byte:
                also += 2
            one = engine.pool[at + 1]
            other = engine.pool[also + 1]
            if one == other or one == EMPTY_NODE:
                continue
            if other == EMPTY_NODE:
                excluded.append(trie.children[k] >> 8)
            elif not trie.is_leaf(trie.children[k] >> 8):
                self.collect_excluded(trie, trie.children[k] >> 8, one, other, excluded)
        return 0

    def drop_below(self, trie: Trie, nodes: list, start: cython.int, rows: cython.Py_ssize_t) -> cython.int:
        """``masks.walk.captures`` knows how."""
        raise NotImplementedError

    def walk_bounded(self, trie: Trie, node: cython.int, body: cython.int, tail: cython.int) -> cython.bint:
        """A pattern with bounds on its length, as its table has it. False if it has none."""
        engine: Engine = self.engine
        bounds: Bounds = self.leaves.leaf_classes.bounds_of(body)
        table: BoundedPattern
        found: object = None
        if bounds is None:
            return False
        table = self.leaves.bounded(trie, node, bounds, True)
        if table is not None:
            found = table.inside(bounds.least, bounds.most, False)
        if found is None:
            table = self.leaves.bounded(trie, node, bounds, False)
            if table is None:
                return False
            found = table.inside(bounds.least, bounds.most, True)
        if found[0] is not None:
            self.rows.append(found[0])
        self.found.add_range(found[1], 0, len(found[1]))
        tail = engine.concat2(engine.leaf_of(bounds.close), tail)
        if bounds.least == 0 and table.begins and engine.is_nullable(bounds.pattern):
            self.walk(trie, node, tail, EPSILON_NODE)
        self.walk_ways_out(
            trie, table.exits_between(bounds.least, bounds.most, self.begins_of(bounds.close)), tail
        )
        return True

    def walk_run(
        self, trie: Trie, node: cython.int, run: cython.int, close: cython.int, tail: cython.int
    ) -> cython.int:
        """A counted run of characters, as its table has it; what closes it begins unlike a character."""
        least: cython.int = self.engine.nodes[run, B]
        most: cython.int = self.engine.nodes[run, C]
        table: CharacterRun = self.leaves.run_cache.of(trie, node, self.engine.nodes[run, A])
        tail = self.engine.concat2(self.engine.leaf_of(close), tail)
        row: Row = table.dense(most)
        if row is not None:
            self.rows.append(row)
        else:
            count: cython.int = table.inside_count(most)
            self.found.add_range(table.inside, 0, count)
        if least == 0:
            self.walk(trie, node, tail, EPSILON_NODE)
        return self.walk_ways_out(trie, table.exits_between(least, most, self.begins_of(close)), tail)

    def walk_whole(self, trie: Trie, node: cython.int, body: cython.int, tail: cython.int) -> cython.int:
        """Tokens inside the leaf as the cache has them; those that leave it go on with ``tail``.

        A leaf of this grammar alone, and any leaf where few tokens are left, is first walked on the spot,
        which is all there is to do for one that few tokens fit, like a number or a date; the others are cached.
        """
        mask: LeafMask = self.leaves.known(trie, node, body)
        if mask is None:
            if not self.leaves.is_cached(trie, node, body) and self.walk_narrow(trie, node, body, tail):
                return 0
            mask = self.leaves.get(trie, node, body)
        if mask.soft and tail != EPSILON_NODE and mask.soft & self.begins_of(tail):
            return self.derive_below(trie, node, self.engine.concat2(body, tail))
        if mask.row is not None:
            self.rows.append(mask.row)
        if mask.stop > mask.start:
            self.found.add_range(mask.pool.data, mask.start, mask.stop)
        if mask.exits is not None and tail != EPSILON_NODE:
            self.walk_ways_out(mask.trie, mask.exits_to(self.begins_of(tail)), tail)
        if mask.longer is not None:
            self.walk_leaf(mask.longer, 0, body, tail)
        return 0

    def begins_of(self, node: cython.int) -> object:
        """The bytes that a text of ``node`` may begin with, as a 256-bit integer."""
        engine: Engine = self.engine
        spine: list = []
        while engine.nodes[node, KIND] == CONCAT and not engine.is_nullable(engine.nodes[node, A]):
            node = engine.nodes[node, A]
        begins = self.begins.get(node)
        while (
            begins is None
            and engine.nodes[node, KIND] == CONCAT
            and engine.is_nullable(engine.nodes[node, A])
        ):
            spine.append(node)
            node = engine.nodes[node, B]
            begins = self.begins.get(node)
        if begins is None:
            begins = self.begins[node] = engine.first(node)
        for node in reversed(spine):
            begins |= engine.first(engine.nodes[node, A])
            self.begins[node] = begins
        return begins

    def walk_ways_out(self, trie: Trie, ways_out: object, tail: cython.int) -> cython.int:
        """Go on with ``tail`` below a tail trie, or below some nodes of ``trie``."""
        node: cython.int
        if isinstance(ways_out, Trie):
            return self.walk(ways_out, 0, tail, EPSILON_NODE)
        for node in ways_out:
            self.walk(trie, node, tail, EPSILON_NODE)
        return 0

    def walk_narrow(self, trie: Trie, node: cython.int, body: cython.int, tail: cython.int) -> cython.bint:
        """Walk a leaf by its edges, going on with ``tail`` where it may end. False, and nothing has
        changed, if that takes more than ``NARROW_STEPS``."""
        used: cython.int = self.found.used
        rows: cython.Py_ssize_t = len(self.rows)
        outer: cython.int = self.narrow_left
        self.narrow_left = NARROW_STEPS
        fits: cython.bint = self.walk_edges(trie, node, body, tail)
        self.narrow_left = outer
        if not fits:
            self.found.used = used
            del self.rows[rows:]
        return fits

    def walk_edges(self, trie: Trie, node: cython.int, state: cython.int, tail: cython.int) -> cython.bint:
        engine: Engine = self.engine
        at: cython.int = engine.edges(state)
        k: cython.int = trie.nodes[node, FIRST_CHILD]
        stop: cython.int = trie.nodes[node + 1, FIRST_CHILD]
        child: cython.int
        target: cython.int
        while k < stop:
            while engine.pool[at] < (trie.children[k] & 255):
                at += 2
            target = engine.pool[at + 1]
            if target == EMPTY_NODE:
                while k < stop and (trie.children[k] & 255) <= engine.pool[at]:
                    k += 1
                continue
            self.narrow_left -= 1
            if self.narrow_left < 0:
                return False
            child = trie.children[k] >> 8
            k += 1
            self.accept(trie, child)
            if trie.is_leaf(child):
                continue
            begins = begins_below(engine, trie, child, target)
            if begins is not None and accept_below(self.found, trie, child, begins):
                continue
            if engine.is_nullable(target) and tail != EPSILON_NODE:
                self.walk(trie, child, tail, EPSILON_NODE)
            if begins is None and target != EPSILON_NODE and not self.walk_edges(trie, child, target, tail):
                return False
        return True

    def walk_leaf_tight(
        self, trie: Trie, node: cython.int, body: cython.int, slack: cython.int, tail: cython.int
    ) -> cython.int:
        """A leaf of which the budget may not have room for every token; ``slack`` bytes more complete it."""
        engine: Engine = self.engine
        run: cython.int = engine.nodes[body, A]
        if engine.is_nullable(body):
            self.walk(trie, node, tail, EPSILON_NODE)
        if (
            engine.nodes[body, KIND] == CONCAT
            and engine.nodes[run, KIND] == REPEAT
            and self.leaves.leaf_classes.is_run(body)
            and self.leaves.run_cache.has(trie, node, engine.nodes[run, A])
        ):
            return self.walk_run_tight(trie, node, run, engine.nodes[body, B], slack, tail)
        return self.walk_tight(trie, node, body, slack, tail, 0)

    def walk_run_tight(
        self,
        trie: Trie,
        node: cython.int,
        run: cython.int,
        close: cython.int,
        slack: cython.int,
        tail: cython.int,
    ) -> cython.int:
        """The same of a run of characters: tokens that start as many of them and end between two cost the same. (Fewer
        characters may take more tokens, so each number is asked about.) Those that end within one take some bytes more.
        """
        engine: Engine = self.engine
        character: cython.int = engine.nodes[run, A]
        least: cython.int = engine.nodes[run, B]
        most: cython.int = engine.nodes[run, C]
        table: CharacterRun = self.leaves.run_cache.of(trie, node, character)
        rest: cython.int = close
        count: cython.int
        missing: cython.int
        fits: list = []
        for count in range(1, min(max(least, 1), table.most_started) + 1):
            rest = engine.concat2(engine.repeat_of(character, max(least - count, 0), -1), close)
            fits.append(bool(self.budget.has_room_for_rest(rest, slack, tail)))
        self.budget.cut = True
        if True in fits:
            row, ids = table.between(most, tuple(fits))
            if row is not None:
                self.rows.append(row)
            self.found.add_range(ids, 0, len(ids))
        rest = engine.concat2(engine.repeat_of(character, max(least - 1, 0), -1), close)
        for missing in range(table.most_missing, 0, -1):
            if self.budget.has_room(self.budget.byte_costs.bound(rest) + slack + missing, tail):
                ids = table.unfinished_with(missing, most)
                self.found.add_range(ids, 0, len(ids))
                break
        tail = engine.concat2(engine.leaf_of(close), tail)
        if least == 0:
            self.walk(trie, node, tail, EPSILON_NODE)
        return self.walk_ways_out(trie, table.exits_between(least, most, self.begins_of(close)), tail)

    def walk_tight(
        self,
        trie: Trie,
        node: cython.int,
        state: cython.int,
        slack: cython.int,
        tail: cython.int,
        depth: cython.int,
    ) -> cython.int:
        """Walk a leaf, of which ``state`` is left, by its edges, for those of its tokens that the budget has room for;
        ``slack`` bytes more are needed to complete it. Tokens that are not looked at any more are left out."""
        engine: Engine = self.engine
        at: cython.int = engine.edges(state)
        k: cython.int
        child: cython.int
        target: cython.int
        last: cython.int
        engine.meter.count(4)
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            while engine.pool[at] < (trie.children[k] & 255):
                at += 2
            target = engine.pool[at + 1]
            if target == EMPTY_NODE:
                continue
            if depth > LONGEST_TOKEN:
                self.budget.cut = True
                return 0
            if not self.budget.works(1):
                return 0
            child = trie.children[k] >> 8
            last = child + 1
            if (
                not engine.is_nullable(target)
                and trie.whole[child] & 1
                and self.leaves.stay(trie, child, target)
            ):
                last = trie.nodes[child, END]
            if trie.nodes[child, FIRST_TOKEN] < trie.nodes[
                last, FIRST_TOKEN
            ] and self.budget.has_room_for_rest(target, 0 if target == EPSILON_NODE else slack, tail):
                self.found.add_range(trie.ids, trie.nodes[child, FIRST_TOKEN], trie.nodes[last, FIRST_TOKEN])
            if trie.nodes[child, END] == last:
                continue
            if engine.is_nullable(target):
                self.walk(trie, child, tail, EPSILON_NODE)
            if target != EPSILON_NODE:
                self.walk_tight(trie, child, target, slack, tail, depth + 1)
        return 0

    def walk_choice(
        self,
        trie: Trie,
        node: cython.int,
        low: cython.int,
        high: cython.int,
        depth: cython.int,
        choice: cython.int,
        tail: cython.int,
    ) -> cython.int:
        """Follow table entries [low, high), whose first ``depth`` bytes are read, down the trie together."""
        engine: Engine = self.engine
        table: cython.int = engine.pool[choice]
        first: cython.int = engine.pool[choice + 4]
        last: cython.int = engine.pool[choice + 5]
        at: cython.int
        end: cython.int
        byte: cython.int
        child: cython.int
        live: cython.bint
        engine.meter.count(2)
        while low < high:
            at = table + TABLE_HEADER + ENTRY * low
            if engine.pool[at + KEY_LENGTH] == depth:  # a whole key is read
                if first <= engine.pool[at + KEY_INDEX] <= last:
                    self.walk(trie, node, engine.follow_of(table, low), tail)
                low += 1
                continue
            byte = engine.text[engine.pool[at + KEY_OFFSET] + depth]
            end = engine.lower_bound(table, low, high, depth, byte + 1)
            child = trie.child(node, byte)
            if child >= 0:
                live = False
                for at in range(low, end):
                    if first <= engine.pool[table + TABLE_HEADER + ENTRY * at + KEY_INDEX] <= last:
                        live = True
                        break
                if live:
                    if (
                        not self.budget.limited
                        or not self.has_tokens(trie, child)
                        or self.budget.has_room_for_entry(choice, low, end, depth + 1, tail)
                    ):
                        self.accept(trie, child)
                    if not trie.is_leaf(child):
                        self.walk_choice(trie, child, low, end, depth + 1, choice, tail)
            low = end
        return 0

    # -- token by token -----------------------------------------------------------------------

    def derive_below(self, trie: Trie, node: cython.int, state: cython.int) -> cython.int:
        """``walk_derivatives``, as many within a budget as one mask may take; of a state that is so entangled, one
        derivative may take long, so it is looked up first which bytes it can begin with at all."""
        begins: object = self.engine.first(state)
        k: cython.int
        self.budget.work_left = min(self.budget.work_left, DERIVATIVES)
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            if begins >> (trie.children[k] & 255) & 1 and not self.walk_derivative(trie, k, state):
                break
        return 0

    def walk_derivatives(self, trie: Trie, node: cython.int, state: cython.int) -> cython.int:
        """Accept the tokens below ``node`` that can be read from ``state``, one derivative a trie node."""
        k: cython.int
        self.engine.meter.count(4)
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            if not self.walk_derivative(trie, k, state):
                break
        return 0

    def walk_derivative(self, trie: Trie, k: cython.int, state: cython.int) -> cython.bint:
        """The same at and below the child number ``k``. False if no more are to be looked at."""
        child: cython.int = trie.children[k] >> 8
        target: cython.int = self.engine.derive(state, trie.children[k] & 255)
        if target == EMPTY_NODE:
            return True
        if not self.budget.limited:
            self.accept(trie, child)
        else:
            if not self.budget.works(1):
                return False
            if self.has_tokens(trie, child) and self.budget.has_room_for_rest(EPSILON_NODE, 0, target):
                self.accept(trie, child)
        if not trie.is_leaf(child):
            self.walk_derivatives(trie, child, target)
        return True


def give_up(arena: object) -> int:
    """What stands behind a guard is not known: a walk that needs to know is given up."""
    raise Entangled
