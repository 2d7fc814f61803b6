"""The single pass over rows of scores that masking takes on a CPU; ``apply`` is its public front.

Scores are treated as integers of their size, so that one loop serves all floating-point types. A word of a mask decides
about 32 scores at once: most words are 0 (fill) or -1 (copy), and in the others each eight bits select eight patterns
from a table, without branches, which a processor would mispredict.
"""

from __future__ import annotations

import cython
from cython.cimports.libc.string import memcpy


def mask_rows(source, source_step, target, target_step, width, bitmask, chosen, size, kept, blocked):
    """Write rows of scores from one place to another, masked or unchanged.

    Args:
        source, target: addresses of the scores ``[B, width]``, contiguous columns; equal, or without an overlap.
        source_step, target_step: bytes from row to row.
        width: columns.
        bitmask: ``[B, words]``, contiguous columns.
        chosen: ``[B]``, 1 for each row to mask; None masks all.
        size: bits of a row of the bitmask that count; at most ``width``, columns beyond it are blocked.
        kept: ``[256, 8]``: -1 or 0 for each byte of a mask and each of its bits.
        blocked: -inf.

    Returns:
        The first row that allows nothing, at which the work stops; -1 if there is none.
    """
    row: cython.Py_ssize_t
    i: cython.Py_ssize_t
    start: cython.pointer(Score)
    end: cython.pointer(Score)
    every: cython.bint = chosen is None
    with cython.nogil:
        for row in range(bitmask.shape[0]):
            start = cython.cast("Score*", source + row * source_step)
            end = cython.cast("Score*", target + row * target_step)
            if not every and not chosen[row]:
                if start != end:
                    memcpy(end, start, width * cython.sizeof(blocked))
                continue
            for i in range(size, width):
                end[i] = blocked
            if size == 0:
                return row
            if mask_row(
                start, end, cython.address(bitmask[row, 0]), cython.address(kept[0, 0]), size, blocked
            ):
                continue
            if not open_row(end, cython.address(bitmask[row, 0]), size):
                return row
    return -1


def mask_row(source, target, words, kept, size, blocked):
    """Mask one row; return 0 if no allowed score is above -inf."""
    found: Score = 0  # the differences between allowed scores and -inf, or-ed
    chunk: Score[32]  # apart from target and source, which may be the same: compilers vectorise what is
    word: cython.int
    block: cython.Py_ssize_t = 0
    run: cython.Py_ssize_t
    i: cython.int
    j: cython.int
    at: cython.int
    while block < size >> 5:
        word = words[block]
        run = 1
        if word == 0:
            for i in range(32):
                target[i] = blocked
        elif word == -1 and found:
            while block + run < size >> 5 and words[block + run] == -1:
                run += 1
            if source != target:
                memcpy(target, source, run * cython.sizeof(chunk))
        else:
            for j in range(0, 32, 8):
                at = ((word >> j) & 255) << 3
                for i in range(8):
                    chunk[j + i] = ((source[j + i] ^ blocked) & kept[at + i]) ^ blocked
            if found == 0:
                for i in range(32):
                    found |= chunk[i] ^ blocked
            memcpy(target, cython.address(chunk[0]), cython.sizeof(chunk))
        block += run
        target += 32 * run
        source += 32 * run
    for i in range(size & 31):
        if (words[size >> 5] >> i) & 1:
            found |= source[i] ^ blocked
            target[i] = source[i]
        else:
            target[i] = blocked
    return found


def open_row(target, words, size):
    """Set the allowed scores of a row to 0; return how many there are."""
    count: cython.Py_ssize_t = 0
    token: cython.Py_ssize_t
    for token in range(size):
        if (words[token >> 5] >> (token & 31)) & 1:
            target[token] = 0
            count += 1
    return count
