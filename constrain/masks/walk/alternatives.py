"""Masks of unions and of choices among a table's keys: alternatives with a common prefix are followed down the trie
together."""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        CHOICE,
        CONCAT,
        ENTRY,
        EPSILON_NODE,
        KEY_INDEX,
        KEY_LENGTH,
        KEY_OFFSET,
        KIND,
        LITERAL,
        REFERENCE,
        TABLE_HEADER,
        A,
        B,
    )
    from cython.cimports.constrain.masks.budgets.byte_costs import ARMS
    from cython.cimports.constrain.masks.walk.walk import Walk
    from cython.cimports.constrain.vocabulary.trie import Trie


def walk_union(walk: Walk, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
    """Walk each arm. Within a budget, many arms that begin with literals or keys are walked together. Of arms that
    begin with the same bytes, only some are asked for the cost of completing them, because that builds what follows
    them."""
    engine: Engine = walk.engine
    begun: list = []
    i: cython.int
    arm: cython.int
    many: cython.bint = walk.budget.limited and engine.nodes[head, B] > 2 * ARMS
    if many:
        i = with_bodies(walk, head)
        if i != head:  # the common beginning of all arms comes first now
            return walk.follow(trie, node, i, tail)
    for i in range(engine.nodes[head, B]):
        arm = engine.pool[engine.nodes[head, A] + i]
        if not many or not add_beginnings(walk, begun, arm):
            walk.follow(trie, node, arm, tail)
    return walk_begun(walk, trie, node, begun, 0, tail) if begun else 0


def with_bodies(walk: Walk, head: cython.int) -> cython.int:
    """A union, with the bodies of those of its arms that are references."""
    engine: Engine = walk.engine
    arms: list = []
    i: cython.int
    arm: cython.int
    references: cython.int = 0
    for i in range(engine.nodes[head, B]):
        arm = engine.pool[engine.nodes[head, A] + i]
        references += engine.nodes[arm, KIND] == REFERENCE and arm != walk.guard and arm not in walk.guards
    if 2 * references < engine.nodes[head, B]:
        return head
    for i in range(engine.nodes[head, B]):
        arm = engine.pool[engine.nodes[head, A] + i]
        if engine.nodes[arm, KIND] == REFERENCE and arm != walk.guard and arm not in walk.guards:
            arm = engine.body_of(arm)
        arms.append(arm)
    return engine.union(arms)


def add_beginnings(walk: Walk, begun: list, arm: cython.int) -> cython.bint:
    """Add to ``begun`` the texts that ``arm`` begins with, if it begins with a literal or keys: where each text lies,
    its length, the table and the position of an entry, or -1, and what follows in the arm."""
    engine: Engine = walk.engine
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


def after_beginning(walk: Walk, one: tuple) -> cython.int:
    """What follows one of the texts that ``add_beginnings`` adds."""
    if one[2] < 0:
        return one[4]
    return walk.engine.concat2(walk.engine.follow_of(one[2], one[3]), one[4])


def walk_begun(
    walk: Walk, trie: Trie, node: cython.int, begun: list, depth: cython.int, tail: cython.int
) -> cython.int:
    """Follow the texts ``begun``, ``depth`` bytes of which are read, down the trie together."""
    engine: Engine = walk.engine
    by_byte: dict = {}
    start: cython.int
    child: cython.int
    engine.meter.count(2 * len(begun))
    for one in begun:
        if one[1] == depth:
            walk.follow(trie, node, after_beginning(walk, one), tail)
        else:
            start = one[0]
            by_byte.setdefault(engine.text[start + depth], []).append(one)
    for byte, some in by_byte.items():
        child = trie.child(node, byte)
        if child < 0:
            continue
        if not walk.has_tokens(trie, child) or has_room_for_one(walk, some, depth + 1, tail):
            walk.collected.accept(trie, child)
        if not trie.is_leaf(child):
            walk_begun(walk, trie, child, some, depth + 1, tail)
    return 0


def has_room_for_one(walk: Walk, begun: list, read: cython.int, tail: cython.int) -> cython.bint:
    """Whether there is room for one of the first of the texts ``begun``, of which ``read`` bytes are read."""
    start: cython.int
    size: cython.int
    after: cython.int
    for one in begun[: 2 * ARMS]:
        start, size = one[0], one[1]
        after = walk.engine.concat2(after_beginning(walk, one), tail)
        if walk.budget.has_room(size - read, after):
            return True
        if walk.budget.has_room_for_text(bytes(walk.engine.text[start + read : start + size]), 0, after):
            return True
    walk.budget.cut = True
    return False


def walk_choice(
    walk: Walk,
    trie: Trie,
    node: cython.int,
    low: cython.int,
    high: cython.int,
    depth: cython.int,
    choice: cython.int,
    tail: cython.int,
) -> cython.int:
    """Follow table entries [low, high), whose first ``depth`` bytes are read, down the trie together."""
    engine: Engine = walk.engine
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
                walk.follow(trie, node, engine.follow_of(table, low), tail)
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
                    not walk.budget.limited
                    or not walk.has_tokens(trie, child)
                    or walk.budget.has_room_for_entry(choice, low, end, depth + 1, tail)
                ):
                    walk.collected.accept(trie, child)
                if not trie.is_leaf(child):
                    walk_choice(walk, trie, child, low, end, depth + 1, choice, tail)
        low = end
    return 0
