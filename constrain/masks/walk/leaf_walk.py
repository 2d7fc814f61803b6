"""Masks of leaves: literals, sets of bytes, and regular expressions, whose tokens are looked up (``masks.leaves``).

Only the tails of the tokens that complete a leaf go on with what follows it. Within a budget, one comparison decides
about whole rows of a leaf. Tokens are examined one by one only where some are affordable and some are not.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        CONCAT,
        EMPTY_NODE,
        EPSILON_NODE,
        INTERSECTION,
        KIND,
        LITERAL,
        REPEAT,
        A,
        B,
        C,
    )
    from cython.cimports.constrain.masks.bits.bitmask import Row
    from cython.cimports.constrain.masks.leaves.arithmetic_states import accept_below, begins_below
    from cython.cimports.constrain.masks.leaves.bounded import BoundedPattern
    from cython.cimports.constrain.masks.leaves.character_run import CharacterRun
    from cython.cimports.constrain.masks.leaves.leaf_classes import Bounds
    from cython.cimports.constrain.masks.leaves.leaf_mask import LeafMask
    from cython.cimports.constrain.masks.walk.derivatives import derive_below
    from cython.cimports.constrain.masks.walk.walk import Walk
    from cython.cimports.constrain.vocabulary.layout import END, FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

# How many trie nodes a leaf may reach to count as narrow, which takes some microseconds.
NARROW_STEPS = cython.declare(cython.int, 300)

# A token inside a leaf that is longer than this is not examined within a budget.
LONGEST_TOKEN = cython.declare(cython.int, 200)


class LeafWalk:
    """The part of a walk that handles leaves."""

    def __init__(self) -> None:
        self.narrow_left = 0

    def walk_literal(
        self, walk: Walk, trie: Trie, node: cython.int, head: cython.int, tail: cython.int
    ) -> cython.int:
        i: cython.int
        at: cython.int = walk.engine.nodes[head, A]
        for i in range(walk.engine.nodes[head, B]):
            node = trie.child(node, walk.engine.text[at + i])
            if node < 0:
                return 0
            if (
                not walk.budget.limited
                or not walk.has_tokens(trie, node)
                or walk.budget.has_room_for_literal(head, i + 1, tail)
            ):
                walk.collected.accept(trie, node)
        return walk.follow(trie, node, tail, EPSILON_NODE)

    def walk_bytes(
        self, walk: Walk, trie: Trie, node: cython.int, head: cython.int, tail: cython.int
    ) -> cython.int:
        k: cython.int
        byte: cython.int
        at: cython.int = walk.engine.nodes[head, A]
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            byte = trie.children[k] & 255
            if (cython.cast(cython.uint, walk.engine.pool[at + (byte >> 5)]) >> (byte & 31)) & 1:
                if (
                    not walk.budget.limited
                    or not walk.has_tokens(trie, trie.children[k] >> 8)
                    or walk.budget.has_room_for_rest(EPSILON_NODE, 0, tail)
                ):
                    walk.collected.accept(trie, trie.children[k] >> 8)
                walk.follow(trie, (trie.children[k] >> 8), tail, EPSILON_NODE)
        return 0

    def walk_leaf(
        self, walk: Walk, trie: Trie, node: cython.int, body: cython.int, tail: cython.int
    ) -> cython.int:
        """Walk a leaf: it is a literal and then a leaf, a run of characters and then a leaf, or it is looked up."""
        engine: Engine = walk.engine
        first: cython.int = engine.nodes[body, A]
        if engine.nodes[body, KIND] == CONCAT and engine.nodes[first, KIND] == LITERAL:
            return self.walk_literal(
                walk, trie, node, first, engine.concat2(engine.leaf_of(engine.nodes[body, B]), tail)
            )
        if walk.budget.limited and not walk.budget.has_room(walk.budget.byte_costs.residual(body), tail):
            return self.walk_leaf_tight(walk, trie, node, body, 0, tail)
        return self.walk_leaf_wholly(walk, trie, node, body, tail)

    def walk_leaf_wholly(
        self, walk: Walk, trie: Trie, node: cython.int, body: cython.int, tail: cython.int
    ) -> cython.int:
        """Walk a leaf that does not begin with a literal, and for every token of which the budget has room."""
        engine: Engine = walk.engine
        first: cython.int = engine.nodes[body, A]
        plain: cython.int
        if engine.nodes[body, KIND] == CONCAT and engine.nodes[first, KIND] == INTERSECTION:
            plain = walk.leaves.leaf_classes.without_exclusions(body)
            if plain != body:
                return self.walk_excluding(walk, trie, node, body, plain, tail)
        if (
            engine.nodes[body, KIND] == CONCAT
            and engine.nodes[first, KIND] == REPEAT
            and walk.leaves.leaf_classes.is_run(body)
        ):
            if walk.leaves.run_cache.has(trie, node, engine.nodes[first, A]) or not self.walk_narrow(
                walk, trie, node, body, tail
            ):
                self.walk_run(walk, trie, node, first, engine.nodes[body, B], tail)
            return 0
        if (
            engine.nodes[body, KIND] == CONCAT
            and engine.nodes[first, KIND] == INTERSECTION
            and not walk.leaves.is_far(trie, node, body)
            and self.walk_bounded(walk, trie, node, body, tail)
        ):
            return 0
        self.walk_whole(walk, trie, node, body, tail)
        if engine.is_nullable(body):
            walk.follow(trie, node, tail, EPSILON_NODE)
        return 0

    def walk_excluding(
        self, walk: Walk, trie: Trie, node: cython.int, body: cython.int, plain: cython.int, tail: cython.int
    ) -> cython.int:
        """Walk ``body``, which is the leaf ``plain`` without some texts. It may be one of many such leaves: in an array
        whose items must differ, each item excludes one more text. So nothing is kept for ``body``, whose tokens differ
        from those of ``plain`` only along the excluded texts."""
        used: cython.int = walk.collected.ids.used
        rows: cython.Py_ssize_t = len(walk.collected.rows)
        excluded: list = []
        self.walk_leaf_wholly(walk, trie, node, plain, tail)
        self.collect_excluded(walk, trie, node, plain, body, excluded)
        return walk.collected.drop_below(trie, excluded, used, rows) if excluded else 0

    def collect_excluded(
        self, walk: Walk, trie: Trie, node: cython.int, plain: cython.int, state: cython.int, excluded: list
    ) -> cython.int:
        """The nodes below ``node`` that ``plain`` can read but ``state``, which is included in it, cannot."""
        engine: Engine = walk.engine
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
                self.collect_excluded(walk, trie, trie.children[k] >> 8, one, other, excluded)
        return 0

    def walk_bounded(
        self, walk: Walk, trie: Trie, node: cython.int, body: cython.int, tail: cython.int
    ) -> cython.bint:
        """Walk a pattern with bounds on its length by its table; return False if it has none."""
        engine: Engine = walk.engine
        bounds: Bounds = walk.leaves.leaf_classes.bounds_of(body)
        table: BoundedPattern
        found: object = None
        if bounds is None:
            return False
        table = walk.leaves.bounded(trie, node, bounds, True)
        if table is not None:
            found = table.inside(bounds.least, bounds.most, False)
        if found is None:
            table = walk.leaves.bounded(trie, node, bounds, False)
            if table is None:
                return False
            found = table.inside(bounds.least, bounds.most, True)
        if found[0] is not None:
            walk.collected.rows.append(found[0])
        walk.collected.ids.add_range(found[1], 0, len(found[1]))
        tail = engine.concat2(engine.leaf_of(bounds.close), tail)
        if bounds.least == 0 and table.begins and engine.is_nullable(bounds.pattern):
            walk.follow(trie, node, tail, EPSILON_NODE)
        walk.walk_ways_out(
            trie, table.exits_between(bounds.least, bounds.most, walk.begins_of(bounds.close)), tail
        )
        return True

    def walk_run(
        self, walk: Walk, trie: Trie, node: cython.int, run: cython.int, close: cython.int, tail: cython.int
    ) -> cython.int:
        """Walk a counted run of characters by its table. What closes the run begins with other bytes than a
        character."""
        least: cython.int = walk.engine.nodes[run, B]
        most: cython.int = walk.engine.nodes[run, C]
        table: CharacterRun = walk.leaves.run_cache.of(trie, node, walk.engine.nodes[run, A])
        tail = walk.engine.concat2(walk.engine.leaf_of(close), tail)
        row: Row = table.dense(most)
        if row is not None:
            walk.collected.rows.append(row)
        else:
            count: cython.int = table.inside_count(most)
            walk.collected.ids.add_range(table.inside, 0, count)
        if least == 0:
            walk.follow(trie, node, tail, EPSILON_NODE)
        return walk.walk_ways_out(trie, table.exits_between(least, most, walk.begins_of(close)), tail)

    def walk_whole(
        self, walk: Walk, trie: Trie, node: cython.int, body: cython.int, tail: cython.int
    ) -> cython.int:
        """Accept the tokens inside the leaf from the cache, and go on with ``tail`` for those that leave it.

        A leaf of this grammar alone, and any leaf where few tokens are left, is first walked on the spot. For a leaf
        that few tokens fit, like a number or a date, nothing else is needed; the others are cached.
        """
        mask: LeafMask = walk.leaves.known(trie, node, body)
        if mask is None:
            if not walk.leaves.is_cached(trie, node, body) and self.walk_narrow(walk, trie, node, body, tail):
                return 0
            mask = walk.leaves.get(trie, node, body)
        if mask.soft and tail != EPSILON_NODE and mask.soft & walk.begins_of(tail):
            return derive_below(walk, trie, node, walk.engine.concat2(body, tail))
        if mask.row is not None:
            walk.collected.rows.append(mask.row)
        if mask.stop > mask.start:
            walk.collected.ids.add_range(mask.pool.data, mask.start, mask.stop)
        if mask.exits is not None and tail != EPSILON_NODE:
            walk.walk_ways_out(mask.trie, mask.exits_to(walk.begins_of(tail)), tail)
        if mask.longer is not None:
            self.walk_leaf(walk, mask.longer, 0, body, tail)
        return 0

    def walk_narrow(
        self, walk: Walk, trie: Trie, node: cython.int, body: cython.int, tail: cython.int
    ) -> cython.bint:
        """Walk a leaf by its edges, going on with ``tail`` where it may end. Return False, with nothing changed, if
        that takes more than ``NARROW_STEPS``."""
        used: cython.int = walk.collected.ids.used
        rows: cython.Py_ssize_t = len(walk.collected.rows)
        outer: cython.int = self.narrow_left
        self.narrow_left = NARROW_STEPS
        fits: cython.bint = self.walk_edges(walk, trie, node, body, tail)
        self.narrow_left = outer
        if not fits:
            walk.collected.ids.used = used
            del walk.collected.rows[rows:]
        return fits

    def walk_edges(
        self, walk: Walk, trie: Trie, node: cython.int, state: cython.int, tail: cython.int
    ) -> cython.bint:
        engine: Engine = walk.engine
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
            walk.collected.accept(trie, child)
            if trie.is_leaf(child):
                continue
            begins = begins_below(engine, trie, child, target)
            if begins is not None and accept_below(walk.collected.ids, trie, child, begins):
                continue
            if engine.is_nullable(target) and tail != EPSILON_NODE:
                walk.follow(trie, child, tail, EPSILON_NODE)
            if (
                begins is None
                and target != EPSILON_NODE
                and not self.walk_edges(walk, trie, child, target, tail)
            ):
                return False
        return True

    def walk_leaf_tight(
        self, walk: Walk, trie: Trie, node: cython.int, body: cython.int, slack: cython.int, tail: cython.int
    ) -> cython.int:
        """Walk a leaf for which the budget may not have room for every token; ``slack`` more bytes complete it."""
        engine: Engine = walk.engine
        run: cython.int = engine.nodes[body, A]
        if engine.is_nullable(body):
            walk.follow(trie, node, tail, EPSILON_NODE)
        if (
            engine.nodes[body, KIND] == CONCAT
            and engine.nodes[run, KIND] == REPEAT
            and walk.leaves.leaf_classes.is_run(body)
            and walk.leaves.run_cache.has(trie, node, engine.nodes[run, A])
        ):
            return self.walk_run_tight(walk, trie, node, run, engine.nodes[body, B], slack, tail)
        return self.walk_tight(walk, trie, node, body, slack, tail, 0)

    def walk_run_tight(
        self,
        walk: Walk,
        trie: Trie,
        node: cython.int,
        run: cython.int,
        close: cython.int,
        slack: cython.int,
        tail: cython.int,
    ) -> cython.int:
        """Walk a run of characters within a budget. Tokens that start the same number of characters and end between two
        cost the same. (Fewer characters may take more tokens, so each number is checked.) Tokens that end within a
        character take some more bytes.
        """
        engine: Engine = walk.engine
        character: cython.int = engine.nodes[run, A]
        least: cython.int = engine.nodes[run, B]
        most: cython.int = engine.nodes[run, C]
        table: CharacterRun = walk.leaves.run_cache.of(trie, node, character)
        rest: cython.int = close
        count: cython.int
        missing: cython.int
        fits: list = []
        for count in range(1, min(max(least, 1), table.most_started) + 1):
            rest = engine.concat2(engine.repeat_of(character, max(least - count, 0), -1), close)
            fits.append(bool(walk.budget.has_room_for_rest(rest, slack, tail)))
        walk.budget.cut = True
        if True in fits:
            row, ids = table.between(most, tuple(fits))
            if row is not None:
                walk.collected.rows.append(row)
            walk.collected.ids.add_range(ids, 0, len(ids))
        rest = engine.concat2(engine.repeat_of(character, max(least - 1, 0), -1), close)
        for missing in range(table.most_missing, 0, -1):
            if walk.budget.has_room(walk.budget.byte_costs.bound(rest) + slack + missing, tail):
                ids = table.unfinished_with(missing, most)
                walk.collected.ids.add_range(ids, 0, len(ids))
                break
        tail = engine.concat2(engine.leaf_of(close), tail)
        if least == 0:
            walk.follow(trie, node, tail, EPSILON_NODE)
        return walk.walk_ways_out(trie, table.exits_between(least, most, walk.begins_of(close)), tail)

    def walk_tight(
        self,
        walk: Walk,
        trie: Trie,
        node: cython.int,
        state: cython.int,
        slack: cython.int,
        tail: cython.int,
        depth: cython.int,
    ) -> cython.int:
        """Walk a leaf with residual ``state`` by its edges, for the tokens that the budget has room for; ``slack`` more
        bytes are needed to complete it. Tokens that are not examined any more are left out."""
        engine: Engine = walk.engine
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
                walk.budget.cut = True
                return 0
            if not walk.budget.works(1):
                return 0
            child = trie.children[k] >> 8
            last = child + 1
            if (
                not engine.is_nullable(target)
                and trie.whole[child] & 1
                and walk.leaves.stay(trie, child, target)
            ):
                last = trie.nodes[child, END]
            if trie.nodes[child, FIRST_TOKEN] < trie.nodes[
                last, FIRST_TOKEN
            ] and walk.budget.has_room_for_rest(target, 0 if target == EPSILON_NODE else slack, tail):
                walk.collected.ids.add_range(
                    trie.ids, trie.nodes[child, FIRST_TOKEN], trie.nodes[last, FIRST_TOKEN]
                )
            if trie.nodes[child, END] == last:
                continue
            if engine.is_nullable(target):
                walk.follow(trie, child, tail, EPSILON_NODE)
            if target != EPSILON_NODE:
                self.walk_tight(walk, trie, child, target, slack, tail, depth + 1)
        return 0
