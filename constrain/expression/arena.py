"""The remaining constructors: repetition, references, tables of literals, leaves and captures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cython
from cython.cimports.constrain.expression.nodes import (
    CAPTURE,
    CHOICE,
    EMPTY_NODE,
    ENTRY,
    EPSILON_NODE,
    FLAGS,
    KEY_FOLLOW,
    KEY_INDEX,
    KEY_LENGTH,
    KEY_OFFSET,
    KIND,
    LEAF,
    LITERAL,
    NULLABLE,
    RECORD,
    REFERENCE,
    REPEAT,
    TABLE_HEADER,
    UNCERTAIN,
    A,
    B,
    C,
)
from cython.cimports.constrain.expression.text_sets import TextSets
from cython.cimports.libc.string import memcpy


class Arena(TextSets):
    """A growing set of interned expressions.

    ``Arena(base)`` starts as a copy of ``base``: its nodes keep their indexes, so what is cached
    for a node of the base holds in every arena made from it.
    """

    EMPTY = 0
    EPSILON = 1

    # -- repetition ---------------------------------------------------------------------------

    def repeat(self, body: int, least: int = 0, most: int | None = None) -> int:
        """From ``least`` to ``most`` texts of ``body`` (``None``: no upper bound), never unrolled."""
        if least < 0 or (most is not None and most < 0):
            raise ValueError(f"nothing is repeated from {least} to {most} times")
        return self.repeat_of(self.valid(body), least, -1 if most is None else most)

    def repeat_of(self, body: cython.int, least: cython.int, most: cython.int) -> cython.int:
        """Laws: *zero*, *unit*, *once*, *nullable body* (may be left out), *repetition of repetition* (their
        numbers multiply)."""
        body_most: cython.int
        flags: cython.int
        if most >= 0 and least > most:
            return EMPTY_NODE
        if most == 0 or body == EPSILON_NODE:
            return EPSILON_NODE
        if body == EMPTY_NODE:
            return EPSILON_NODE if least == 0 else EMPTY_NODE
        if self.nodes[body, FLAGS] & NULLABLE:
            least = 0
        if most == 1:
            return body if least == 1 else self.union2(body, EPSILON_NODE)
        while self.nodes[body, KIND] == REPEAT and self.nodes[body, B] == 0:
            body_most = self.nodes[body, C]
            if body_most == -1:
                return body
            if most > 2147483647 // body_most:
                break
            body = self.nodes[body, A]
            most = -1 if most == -1 else most * body_most
        flags = self.nodes[body, FLAGS] & UNCERTAIN
        if least == 0:
            flags |= NULLABLE
        return self.intern(REPEAT, body, least, most, flags)

    # -- references ---------------------------------------------------------------------------

    def reference(self, expand: Callable[[Any], int], nullable: bool = False) -> int:
        """A language whose body ``expand(arena)`` supplies when it is first needed.

        The caller guarantees three things: ``nullable`` says whether the body accepts the empty
        text; the body is not empty; and no body reaches its own reference before a byte is read
        (no left recursion).
        """
        self.references.append(expand)
        self.bodies.append(-1)
        flags: cython.int = NULLABLE if nullable else 0
        return self.intern(REFERENCE, len(self.references) - 1, 0, 0, flags)

    def body_of(self, reference: cython.int) -> cython.int:
        number: cython.int = self.nodes[reference, A]
        body: cython.int = self.bodies[number]
        if body < 0:
            body = self.valid(self.references[number](self))
            if self.is_nullable(body) != self.is_nullable(reference):
                raise AssertionError("a reference was declared with the wrong nullability")
            if body == EMPTY_NODE:
                raise AssertionError("a reference has an empty body")
            self.bodies[number] = body
        return body

    # -- tables of literals -------------------------------------------------------------------

    def table(self, keys: Sequence[bytes], follow: Callable[[Any, int], int] | None = None) -> int:
        """A table for ``choice``: distinct, non-empty ``keys`` and what follows each.

        ``follow(arena, i)`` supplies the continuation of ``keys[i]`` when it is first needed, never
        ``EMPTY``; without it the continuation is the empty text. Returns the table's number.
        """
        count: cython.int = len(keys)
        order = sorted(range(count), key=keys.__getitem__)
        self.reserve_pool(TABLE_HEADER + ENTRY * count)
        table: cython.int = self.pool_used
        at: cython.int = table + TABLE_HEADER
        i: cython.int
        self.pool_used += TABLE_HEADER + ENTRY * count
        self.pool[table] = count
        self.pool[table + 1] = len(self.follows)
        self.follows.append(follow)
        self.tables.add(table)
        for index in order:
            data = cython.cast(bytes, keys[index])
            self.reserve_text(len(data))
            for i in range(len(data)):
                self.text[self.text_used + i] = data[i]
            self.pool[at + KEY_OFFSET] = self.text_used
            self.pool[at + KEY_LENGTH] = len(data)
            self.pool[at + KEY_INDEX] = index
            self.pool[at + KEY_FOLLOW] = -1 if follow is not None else EPSILON_NODE
            self.text_used += len(data)
            at += ENTRY
        return table

    def choice(self, table: int, first: int = 0, last: int | None = None) -> int:
        """Any ``keys[i]`` with ``first <= i <= last``, then its continuation.

        As the bytes of a key are read, the interval [low, high) of table entries in ascending
        order shrinks: thousands of keys cost one search per byte, and no expressions of their own.
        """
        count: cython.int = self.pool[self.valid_table(table)]
        return self.choice_of(table, 0, count, 0, first, count - 1 if last is None else last)

    def valid_table(self, table: cython.int) -> cython.int:
        """``table``, a number from Python that is checked.

        Raises:
            IndexError: there is no such table.
        """
        if table not in self.tables:
            raise IndexError(f"{table} is no table of keys")
        return table

    def choice_of(
        self,
        table: cython.int,
        low: cython.int,
        high: cython.int,
        depth: cython.int,
        first: cython.int,
        last: cython.int,
    ) -> cython.int:
        """The choice of the entries [low, high), ``depth`` bytes of which are read. Law: a single entry is a
        literal."""
        at: cython.int = table + TABLE_HEADER
        index: cython.int
        while low < high:
            index = self.pool[at + ENTRY * low + KEY_INDEX]
            if first <= index and index <= last:
                break
            low += 1
        while low < high:
            index = self.pool[at + ENTRY * (high - 1) + KEY_INDEX]
            if first <= index and index <= last:
                break
            high -= 1
        if low >= high:
            return EMPTY_NODE
        if self.pool[at + ENTRY * low + KEY_LENGTH] == depth:  # finished: only the first one can be
            index = self.follow_of(table, low)
            return self.union2(index, self.choice_of(table, low + 1, high, depth, first, last))
        if low == high - 1:
            at += ENTRY * low
            index = self.literal_at(self.pool[at + KEY_OFFSET] + depth, self.pool[at + KEY_LENGTH] - depth)
            return self.concat2(index, self.follow_of(table, low))
        self.reserve_pool(6)
        at = self.pool_used
        self.pool[at] = table
        self.pool[at + 1] = low
        self.pool[at + 2] = high
        self.pool[at + 3] = depth
        self.pool[at + 4] = first
        self.pool[at + 5] = last
        return self.intern_pool(CHOICE, 6, 0)

    def follow_of(self, table: cython.int, position: cython.int) -> cython.int:
        """The continuation of the entry at ``position`` of a table."""
        at: cython.int = table + TABLE_HEADER + ENTRY * position
        node: cython.int = self.pool[at + KEY_FOLLOW]
        if node < 0:
            node = self.valid(self.follows[self.pool[table + 1]](self, self.pool[at + KEY_INDEX]))
            if node == EMPTY_NODE:
                raise AssertionError("the continuation of a key is empty")
            self.pool[at + KEY_FOLLOW] = node
        return node

    # -- leaves and captures ------------------------------------------------------------------

    def leaf(self, body: int) -> int:
        """The regular language ``body``, marked as a leaf: its masks are cached apart from what follows it."""
        return self.leaf_of(self.valid(body))

    def leaf_of(self, body: cython.int) -> cython.int:
        kind: cython.int = self.nodes[body, KIND]
        if body <= EPSILON_NODE or kind == LITERAL or kind == LEAF:
            return body
        return self.intern(LEAF, body, 0, 0, self.nodes[body, FLAGS] & (NULLABLE | UNCERTAIN))

    def capture(self, leaf: int, handler: Any) -> int:
        """Texts *k w* with *k* in ``leaf`` and *w* in ``handler.complete(arena, k)``.

        ``leaf`` is prefix-free (no member is a proper prefix of another), and has infinitely many members with each
        prefix of a member. ``handler.refused(arena)`` is a set of texts (``text_set``): they are answered by ``EMPTY``,
        and all others by ``concat(handler.common, x)`` with some ``x`` that is not empty. ``handler.ending(arena)`` is
        an expression of texts that may follow any of them, ``EMPTY`` if the handler knows none. ``handler.extends`` is
        False if a later capture may not begin as this one did, because its texts are used up. Equal handlers give one
        node. Handlers with equal ``outlook`` give answers that differ only in what is refused, now or later.
        ``remembers`` is False if either something follows every text or nothing follows any, whatever is taken out of
        the answers: then it does not matter later which text it was.

        ``handler.alike`` says that answers differ only in what is refused later. If it is False, this holds for the
        answers to texts of one kind: ``handler.kinds(begun, ends)`` gives the kinds of ``begun + end`` for each end,
        and ``handler.apart(arena)`` gives captures of one kind each that together are this one.
        """
        number = self.number_of(handler)
        node: cython.int = self.valid(leaf)
        if self.nodes[node, KIND] == LEAF:
            node = self.nodes[node, A]
        return self.capture_of(node, EPSILON_NODE, number)

    def record(self, body: int, handler: Any) -> int:
        """Texts *k w* with *k* in ``body`` and *w* in ``handler.complete(arena, k)``, which is never ``EMPTY``.

        ``body`` is any expression that does not accept the empty text. ``handler.begins`` holds every
        byte that an answer may begin with, as a 256-bit integer; no answer accepts the empty text.
        ``handler.ending(arena)`` is an expression of texts that may follow any *k*, ``EMPTY`` if the handler knows
        none. Handlers with equal ``handler.common``, an expression, give answers that use the same bytes. Equal
        handlers give one node.
        """
        return self.record_of(self.valid(body), EPSILON_NODE, self.number_of(handler))

    def record_of(self, residual: cython.int, text: cython.int, handler: cython.int) -> cython.int:
        return self.intern(RECORD, residual, text, handler, 0)

    def number_of(self, handler: Any) -> int:
        number = self.handler_numbers.get(handler)
        if number is None:
            number = self.handler_numbers[handler] = len(self.handlers)
            self.handlers.append(handler)
        return number

    def extended(self, text: cython.int, byte: cython.int) -> cython.int:
        """The literal (or empty text) ``text`` with one more byte, in place if nothing has been written after it."""
        at: cython.int = self.text_used
        count: cython.int = 0
        node: cython.int
        if text != EPSILON_NODE:
            count = self.nodes[text, B]
            at = self.nodes[text, A]
        self.reserve_text(count + 1)
        if at + count != self.text_used:
            memcpy(cython.address(self.text[self.text_used]), cython.address(self.text[at]), count)
            at = self.text_used
        self.text[at + count] = byte
        node = self.literal_with(text, at)
        if self.nodes[node, A] == at:
            self.text_used = at + count + 1
        return node

    def capture_of(self, residual: cython.int, text: cython.int, handler: cython.int) -> cython.int:
        return self.intern(CAPTURE, residual, text, handler, 0)
