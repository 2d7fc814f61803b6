"""The bit layout of a mask, known to this module alone.

A bitmask is an int32 array of shape ``[rows, words(vocabulary size)]``; token *t* is bit ``t & 31``
of word ``t >> 5`` of its row, and 1 means allowed. It is the layout that vLLM, SGLang, xgrammar and
llguidance share.
"""

from __future__ import annotations

from collections.abc import Sequence

import cython
import numpy as np
from cython.cimports.libc.string import memcpy, memset

# A token set is kept as a row of bits when it has more ids than this: writing an id takes about 1 ns, copying the 16 KB
# row of a 128k vocabulary 300 ns.
DENSE_FROM = 512


def words(size: int) -> int:
    """int32 words in the row of a vocabulary of ``size`` tokens."""
    return (size + 31) // 32


def allocate(rows: int, size: int) -> np.ndarray:
    """A bitmask of shape ``[rows, words(size)]`` in which nothing is allowed."""
    return np.zeros((rows, words(size)), np.int32)


def to_bool(row: np.ndarray, size: int) -> np.ndarray:
    """``row`` of a bitmask as ``size`` booleans."""
    bits = np.unpackbits(np.ascontiguousarray(row, "<i4").view(np.uint8), bitorder="little")
    return bits[:size].astype(bool)


def row_of(ids: np.ndarray, width: int) -> np.ndarray:
    """A row of ``width`` words in which ``ids`` are allowed."""
    row = np.zeros(width, np.int32)
    if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < 32 * width:
        raise IndexError(f"a row of {width} words has not all of these tokens")
    set_bits(row, ids, len(ids))
    return row


def set_bit(row: cython.int[::1], token: cython.int) -> cython.int:
    row[token >> 5] |= cython.cast(cython.int, cython.cast(cython.uint, 1) << (token & 31))
    return 0


def set_bits(row: cython.int[::1], ids: cython.int[::1], count: cython.int) -> cython.int:
    i: cython.int
    for i in range(count):
        row[ids[i] >> 5] |= cython.cast(cython.int, cython.cast(cython.uint, 1) << (ids[i] & 31))
    return 0


def clear_bits(row: cython.int[::1], ids: cython.int[::1], count: cython.int) -> cython.int:
    i: cython.int
    for i in range(count):
        row[ids[i] >> 5] &= ~cython.cast(cython.int, cython.cast(cython.uint, 1) << (ids[i] & 31))
    return 0


def or_into(row: cython.int[::1], other: cython.int[::1]) -> cython.int:
    i: cython.int
    for i in range(row.shape[0]):
        row[i] |= other[i]
    return 0


def overlaps(row: cython.int[::1], ids: cython.int[::1], start: cython.int, stop: cython.int) -> cython.bint:
    """Whether ``row`` holds one of ``ids[start:stop]``."""
    i: cython.int
    for i in range(start, stop):
        if (cython.cast(cython.uint, row[ids[i] >> 5]) >> (ids[i] & 31)) & 1:
            return True
    return False


class Row:
    """A row of bits, int32 ``[words]``, that many token sets may share. A view of an array would cost more than a
    mask."""

    def __init__(self, bits: np.ndarray) -> None:
        self.bits = bits

    def copy(self) -> Row:
        """A row of its own with the same bits."""
        return Row(np.array(self.bits))


class TokenSet:
    """An immutable set of token ids: a row of bits, possibly shared with other sets, and some further ids.

    These ids are ``count`` entries of ``pool``, from ``start`` on.

    Attributes:
        size: bytes of the row if no other set shares it.
    """

    def __init__(self, row: Row | None, pool: IdBuffer, start: int, count: int) -> None:
        if not 0 <= start <= start + count <= pool.used:
            raise IndexError(f"a list of {pool.used} ids has no {count} from {start} on")
        self.row = row
        self.pool = pool
        self.start = start
        self.count = count
        self.size = 0

    def has(self, token: cython.int) -> cython.bint:
        """Whether ``token`` is in this set."""
        i: cython.int
        if self.row is not None and (cython.cast(cython.uint, self.row.bits[token >> 5]) >> (token & 31)) & 1:
            return True
        for i in range(self.start, self.start + self.count):
            if self.pool.data[i] == token:
                return True
        return False

    def is_empty(self) -> cython.bint:
        """Whether there is no token in this set."""
        i: cython.int
        if self.row is not None:
            for i in range(self.row.bits.shape[0]):
                if self.row.bits[i]:
                    return False
        return self.count == 0

    def first(self) -> cython.int:
        """A token of this set, always the same one; -1 if the set is empty."""
        i: cython.int
        bit: cython.int
        if self.count > 0:
            return self.pool.data[self.start]
        if self.row is not None:
            for i in range(self.row.bits.shape[0]):
                for bit in range(32):
                    if (cython.cast(cython.uint, self.row.bits[i]) >> bit) & 1:
                        return 32 * i + bit
        return -1

    def with_token(self, token: cython.int) -> TokenSet:
        """This set with ``token`` added."""
        pool: IdBuffer = IdBuffer()
        pool.add_range(self.pool.data, self.start, self.start + self.count)
        pool.add(token)
        return TokenSet(self.row, pool, 0, pool.used)

    def write(self, target: cython.int[::1]) -> cython.int:
        """Overwrite the row ``target`` with this set."""
        size: cython.size_t = 4 * target.shape[0]
        if self.row is None:
            memset(cython.address(target[0]), 0, size)
        else:
            memcpy(cython.address(target[0]), cython.address(self.row.bits[0]), size)
        i: cython.int
        token: cython.int
        for i in range(self.start, self.start + self.count):
            token = self.pool.data[i]
            target[token >> 5] |= cython.cast(cython.int, cython.cast(cython.uint, 1) << (token & 31))
        return 0

    def fill(self, target: np.ndarray) -> None:
        """Overwrite ``target``, an int32 row ``[words]``, with this set.

        Raises:
            IndexError: the row is too narrow.
        """
        ids = np.asarray(self.pool.data)[self.start : self.start + self.count]
        if len(target) != (len(target) if self.row is None else len(self.row.bits)) or (
            len(ids) and int(ids.max()) >= 32 * len(target)
        ):
            raise IndexError(f"a row of {len(target)} words is too narrow, or too wide, for these tokens")
        self.write(target)


def write_rows(sets: list, target: cython.int[:, ::1]) -> cython.int:
    """Overwrite row *i* of ``target`` with ``sets[i]``, or with ones where that is ``None``.

    The rows are written without the interpreter's lock, so that threads with batches of their own can work in parallel.
    """
    count: cython.Py_ssize_t = len(sets)
    size: cython.size_t = 4 * target.shape[1]
    places: cython.Py_ssize_t[:, ::1] = np.zeros((max(count, 1), 3), np.intp)
    kept: list = []  # the ids: a pool that grows meanwhile lets go of them
    chosen: TokenSet
    row: cython.p_int
    ids: cython.p_int
    i: cython.Py_ssize_t
    k: cython.Py_ssize_t
    for i in range(count):
        chosen = sets[i]
        places[i, 2] = -1
        if chosen is not None:
            if chosen.row is not None:
                places[i, 0] = cython.cast(cython.Py_ssize_t, cython.address(chosen.row.bits[0]))
            if chosen.count:
                kept.append(chosen.pool.array)
                places[i, 1] = cython.cast(cython.Py_ssize_t, cython.address(chosen.pool.data[chosen.start]))
            places[i, 2] = chosen.count
    with cython.nogil:
        for i in range(count):
            row = cython.address(target[i, 0])
            if places[i, 2] < 0:
                memset(row, 0xFF, size)
                continue
            if places[i, 0]:
                memcpy(row, cython.cast(cython.p_int, places[i, 0]), size)
            else:
                memset(row, 0, size)
            ids = cython.cast(cython.p_int, places[i, 1])
            for k in range(places[i, 2]):
                row[ids[k] >> 5] |= cython.cast(cython.int, cython.cast(cython.uint, 1) << (ids[k] & 31))
    return 0


def set_of_ids(ids: Sequence[int]) -> TokenSet:
    """A set of some ids."""
    pool = IdBuffer.of(ids)
    return TokenSet(None, pool, 0, pool.used)


# What a list without ids holds: most are made for grammars that need none.
NO_IDS = np.empty(0, np.intc)


class IdBuffer:
    """A growing list of token ids."""

    def __init__(self) -> None:
        self.array = NO_IDS
        self.data = NO_IDS
        self.used = 0

    def reserve(self, count: cython.int) -> cython.int:
        """Make room for ``count`` more.

        The list of a vocabulary grows under the locks of several grammars. So nothing here releases the interpreter's
        lock between the copy and the exchange, as copying by NumPy would.
        """
        while self.used + count > self.data.shape[0]:
            larger = np.empty(max(256, 2 * (self.used + count)), np.intc)
            data: cython.int[::1] = larger
            if self.used + count > data.shape[0] or data.shape[0] < self.data.shape[0]:
                continue  # another thread had a turn meanwhile
            if self.used:
                memcpy(
                    cython.address(data[0]),
                    cython.address(self.data[0]),
                    cython.cast(cython.size_t, self.used) * cython.sizeof(cython.int),
                )
            self.array = larger
            self.data = data
        return 0

    def add(self, token: cython.int) -> cython.int:
        if self.used == self.data.shape[0]:
            self.reserve(1)
        self.data[self.used] = token
        self.used += 1
        return 0

    def add_range(self, source: cython.int[::1], start: cython.int, stop: cython.int) -> cython.int:
        if stop <= start:
            return 0
        self.reserve(stop - start)
        memcpy(
            cython.address(self.data[self.used]),
            cython.address(source[start]),
            cython.cast(cython.size_t, stop - start) * cython.sizeof(cython.int),
        )
        self.used += stop - start
        return 0

    @staticmethod
    def of(ids: Sequence[int]) -> IdBuffer:
        """A list of some ids."""
        buffer: IdBuffer = IdBuffer()
        token: cython.int
        for token in ids:
            buffer.add(token)
        return buffer

    def move_to(self, pool: IdBuffer, start: cython.int) -> cython.int:
        """Move the ids collected from ``start`` on to the end of ``pool``; return where they begin there."""
        before: cython.int = pool.used
        pool.add_range(self.data, start, self.used)
        self.used = start
        return before

    def take(self, start: int = 0) -> np.ndarray:
        """A copy of the ids collected from ``start`` on."""
        return self.array[start : self.used].copy()
