"""What a budget of tokens has room for while one mask is made.

A token is allowed if the rest of the text is known to fit into the tokens that remain after it. The rest of the text
follows from the place in the structure: the rest of the part that the token ends in, and the ``tail``, which is all
that comes after that part. Each question comes in two forms, and the cheap one is asked first: the number of bytes that
complete a text is an upper bound on the number of tokens (``byte_costs``). Only where there are too many bytes are the
tokens that spell a text counted (``token_costs``).

What follows a captured or recorded text is not known while the tokens inside it are collected: a stand-in that costs
nothing is put at the end of every tail instead, and what it stands for is counted as ``extra`` bytes, or by the
expressions in ``after``.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        ENTRY,
        KEY_LENGTH,
        KEY_OFFSET,
        TABLE_HEADER,
        A,
        B,
        C,
    )
    from cython.cimports.constrain.masks.budgets.byte_costs import ByteCosts
    from cython.cimports.constrain.masks.budgets.token_costs import TokenCosts
    from cython.cimports.constrain.masks.budgets.unbounded import UNBOUNDED
    from cython.cimports.constrain.masks.leaves.leaf_classes import LeafClasses
    from cython.cimports.constrain.vocabulary.trie import Trie

# Trie nodes of leaves that one mask may look at one by one, some tens of microseconds; a search for a completion counts
# as many as ``SEARCH_STEPS`` of them.
STEPS = cython.declare(cython.int, 40_000)
SEARCH_STEPS = cython.declare(cython.int, 200)


class Allowance:
    """The budget of one mask at a time.

    Attributes:
        limited: whether there is a budget.
        left: the tokens that may be written after the next one.
        most: the highest cost of completing the text after any token that was found to be affordable.
        cut: whether a token was left out because of the budget.
        work_left: trie nodes that may still be looked at one by one.
        extra: bytes that complete the text after the stand-in that currently ends every tail; ``after`` holds the
            expressions that do.
        witnesses: if it is a list, it collects the texts that make tokens affordable.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.byte_costs = None
        self.token_costs = None
        self.limited = False
        self.left = self.most = self.extra = self.tokens = 0
        self.work_left = STEPS
        self.cut = False
        self.after = []
        self.outer = []
        self.witnesses = None

    def count_costs(self, leaf_classes: LeafClasses, trie: Trie) -> None:
        """Start to keep what completions cost."""
        self.byte_costs = ByteCosts(self.engine, leaf_classes)
        self.token_costs = TokenCosts(self.byte_costs, trie)

    def begin(self, left: cython.int) -> cython.int:
        """Begin a mask; after each of its tokens, ``left`` more may be written."""
        self.limited = True
        self.tokens = left
        self.work_left = STEPS
        return self.begin_again()

    def begin_again(self) -> cython.int:
        """Forget what was found for the current mask."""
        self.left, self.most, self.extra, self.cut = self.tokens, 0, 0, False
        self.after, self.outer = [], []
        return 0

    def works(self, steps: cython.int) -> cython.bint:
        """Whether this many more trie nodes may be looked at one by one. If not, tokens are left out."""
        self.work_left -= steps
        if self.work_left >= 0:
            return True
        self.cut = True
        return False

    # -- questions ----------------------------------------------------------------------------

    def has_room(self, within: cython.int, tail: cython.int) -> cython.bint:
        """Whether there is room for ``within`` bytes and ``tail``, a token for each byte."""
        cost: cython.int = within + self.byte_costs.bound(tail) + self.extra
        if cost > self.left or self.witnesses is not None:
            return False
        self.most = max(self.most, cost)
        return True

    def has_room_for_text(self, within: bytes, slack: cython.int, tail: cython.int) -> cython.bint:
        """Whether there is room for the tokens that spell the bytes ``within``, ``slack`` more bytes, and ``tail``."""
        if not self.has_room_for_tokens(slack + self.token_costs.price(within, tail)):
            return False
        if self.witnesses is not None and not any(bytes_more for _, bytes_more in self.after):
            text = within + self.token_costs.text(tail)
            self.witnesses.append(text + b"".join([self.token_costs.text(node) for node, _ in self.after]))
        return True

    def has_room_for_tokens(self, cost: cython.int) -> cython.bint:
        """Whether there is room for this many tokens and for what comes after the stand-in at the end of every tail."""
        if cost <= self.left:
            for node, bytes_more in self.after:
                cost += bytes_more + cython.cast(cython.int, self.token_costs.price(b"", node))
        if cost > self.left:
            self.cut = True
            return False
        self.most = max(self.most, cost)
        return True

    def has_room_for_literal(self, literal: cython.int, read: cython.int, tail: cython.int) -> cython.bint:
        """Whether there is room for a literal of which ``read`` bytes are read, and ``tail``."""
        at: cython.int = self.engine.nodes[literal, A]
        count: cython.int = self.engine.nodes[literal, B]
        if self.has_room(count - read, tail):
            return True
        return self.has_room_for_text(bytes(self.engine.text[at + read : at + count]), 0, tail)

    def has_room_for_rest(self, state: cython.int, slack: cython.int, tail: cython.int) -> cython.bint:
        """Whether there is room for the rest ``state`` of a leaf, ``slack`` bytes more, and ``tail``."""
        before: cython.long = self.byte_costs.searches
        room: cython.bint = self.has_room(self.byte_costs.bound(state) + slack, tail)
        if not room and self.witnesses is None:
            room = self.has_room_for_tokens(slack + self.token_costs.price_rest(state, tail))
        elif not room:
            room = self.has_room_for_text(self.byte_costs.text(state), slack, tail)
        self.work_left -= SEARCH_STEPS * cython.cast(cython.int, self.byte_costs.searches - before)
        return room

    def has_room_for_entry(
        self,
        choice: cython.int,
        low: cython.int,
        high: cython.int,
        depth: cython.int,
        tail: cython.int,
    ) -> cython.bint:
        """Whether there is room for one of the entries [low, high), of which ``depth`` bytes are read, and ``tail``."""
        engine: Engine = self.engine
        table: cython.int = engine.pool[choice]
        position: cython.int = self.byte_costs.best_entry(choice, low, high)
        at: cython.int
        if position < 0:
            self.cut = True
            return False
        if self.has_room(self.byte_costs.bound_of_entry(table, position, depth), tail):
            return True
        at = table + TABLE_HEADER + ENTRY * position
        start: cython.int = engine.pool[at + KEY_OFFSET]
        key = bytes(engine.text[start + depth : start + engine.pool[at + KEY_LENGTH]])
        return self.has_room_for_text(key, 0, engine.concat2(engine.follow_of(table, position), tail))

    # -- captured and recorded texts ----------------------------------------------------------

    def has_room_anywhere(self, captures: list, tail: cython.int) -> cython.bint:
        """Whether there is room to complete the text of each of the captures, wherever in it a token ends, and then for
        what follows the capture and ``tail``."""
        engine: Engine = self.engine
        most: cython.int = 0
        head: cython.int
        for head in captures:
            node, slack, _ = self.byte_costs.ending(head)
            handler = engine.handlers[engine.nodes[head, C]]
            inside: cython.int = min(
                self.byte_costs.finish(engine.nodes[head, A], handler, True)
                + slack
                + self.byte_costs.bound(node),
                UNBOUNDED,
            )
            most = max(most, inside)
        return self.has_room(most, tail)

    def enter(self, heads: list, tail: cython.int) -> cython.int:
        """Enter some captures or a record. Until they are left, every tail ends in a stand-in for what follows their
        text."""
        engine: Engine = self.engine
        head: cython.int
        most: cython.int = 0
        after: object = (tail, 0)
        for head in heads:
            node, slack, fixed = self.byte_costs.ending(head)
            cost: cython.int = min(slack + self.byte_costs.bound(node), UNBOUNDED)
            if cost >= most:
                most = cost
                if fixed:
                    after = (engine.concat2(node, tail), 0)
                else:
                    after = (tail, cost)
        self.outer.append(self.extra)
        self.after.append(after)
        self.extra = min(self.extra + most + self.byte_costs.bound(tail), UNBOUNDED)
        return 0

    def leave(self) -> cython.int:
        """Leave what was entered last."""
        self.extra = self.outer.pop()
        self.after.pop()
        return 0

    # -- measuring ----------------------------------------------------------------------------

    def measure(self) -> tuple:
        """Start to measure the highest cost of any token that is collected from now on, without ``extra``; return what
        ``measured`` takes as its argument."""
        kept = (self.left, self.most, self.extra, self.cut, self.after)
        self.left, self.most, self.extra, self.cut, self.after = UNBOUNDED - 1, 0, 0, False, []
        return kept

    def measured(self, kept: tuple) -> cython.int:
        """The highest cost that was measured; ``UNBOUNDED`` if some tokens were left out."""
        most: cython.int = UNBOUNDED if self.cut else self.most
        self.left, self.most, self.extra, self.cut, self.after = kept
        return most

    def take(self, cost: cython.int) -> cython.bint:
        """Whether there is room for tokens that were measured to cost at most ``cost`` bytes in addition to ``extra``.
        If so, they count as affordable."""
        if cost + self.extra > self.left:
            return False
        self.most = max(self.most, cost + self.extra)
        return True
