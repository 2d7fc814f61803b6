"""Applies masks to scores in main memory. ``constrain.integrations.logits`` does so for torch, on any device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from constrain.masks.bits.score_rows import mask_rows

__all__ = ["Place", "apply_between", "apply_mask"]

_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")


def _pass(kind: str, letter: str, minus_infinity: int) -> tuple[Any, np.ndarray, int]:
    """The pass over scores that are as long as the C integer ``kind``, its table, and -inf."""
    of_all_kinds: Any = mask_rows
    return of_all_kinds[kind], -_BITS.astype(letter), minus_infinity


# By the name of the type: -inf is all ones in the sign and the exponent, and zeros.
_PASSES = {
    "float16": _pass("short", "i2", -(1 << 10)),
    "bfloat16": _pass("short", "i2", -(1 << 7)),
    "float32": _pass("int", "i4", -(1 << 23)),
    "float64": _pass("long long", "i8", -(1 << 52)),
}

Place = tuple[int, int]  # the address of the first score, and the bytes from row to row


def apply_mask(scores: np.ndarray, bitmask: np.ndarray, size: int, chosen: np.ndarray | None = None) -> None:
    """Set ``scores`` to -inf, in place, wherever ``bitmask`` does not allow a token.

    A row whose allowed scores are all -inf already would leave nothing to choose from; its allowed scores
    become 0 instead.

    Args:
        scores: ``[B, width]`` of float16, float32 or float64. Columns from ``size`` on are not tokens and become -inf;
            if the width is smaller than ``size``, the tokens beyond it cannot be chosen.
        bitmask: int32 ``[B, words]`` as ``allocate_bitmask`` makes it.
        size: number of tokens of the vocabulary.
        chosen: bool ``[B]``, the rows to mask, if not all.

    Raises:
        ValueError: shapes do not fit, scores cannot be written to, are not contiguous within a row, are not aligned to
            their size, or a row allows no token; the rows before that one have been masked by then.
        TypeError: ``scores`` are of another type.
    """
    if not scores.flags.writeable or (scores.ndim == 2 and scores.strides[1] != scores.itemsize):
        raise ValueError("scores must be writeable, and lie side by side in their row")
    place = (scores.__array_interface__["data"][0], scores.strides[0])
    apply_between(place, place, scores.shape, scores.dtype.name, bitmask, size, chosen)


def apply_between(
    source: Place,
    target: Place,
    shape: Sequence[int],
    dtype: str,
    bitmask: np.ndarray,
    size: int,
    chosen: np.ndarray | None = None,
) -> None:
    """``apply_mask`` from one place in memory to another, which may be the same place but must not overlap otherwise.

    The addresses are not checked: scores of type ``dtype``, bfloat16 among them, each row in one
    piece. Views of arrays, which would be checked, cost as much as a third of a row.
    """
    if (
        len(shape) != 2
        or bitmask.ndim != 2
        or len(bitmask) != shape[0]
        or not 0 <= size <= 32 * bitmask.shape[1]
    ):
        raise ValueError(
            f"scores of shape {tuple(shape)} and a bitmask of shape {bitmask.shape} "
            f"do not fit a vocabulary of {size} tokens"
        )
    if dtype not in _PASSES:
        raise TypeError(f"scores of type {dtype} cannot be masked")
    if bitmask.strides[1] != 4 or not bitmask.flags.aligned:
        raise ValueError("the words of a row of the bitmask must lie side by side, and be aligned")
    if chosen is not None and chosen.shape != (shape[0],):
        raise ValueError(f"{chosen.shape} rows are chosen or not, of {shape[0]}")
    marks = None if chosen is None else chosen.view(np.uint8)
    size = min(size, shape[1])
    run, kept, blocked = _PASSES[dtype]
    if (source[0] | source[1] | target[0] | target[1]) % kept.itemsize:
        raise ValueError(
            "scores must be aligned: the addresses of all rows must be multiples of the size of a score"
        )
    empty = run(*source, *target, shape[1], bitmask, marks, size, kept, blocked)
    if empty >= 0:
        raise ValueError(f"no token below {size} is allowed in row {empty}")
