"""Masks to logits: the one module that applies a bitmask to a tensor.

When should I use this? When writing an adapter, or a decoding loop of your own on torch. Scores are
never changed in place: ``generate`` of transformers hands out, and hands in again, the tensors that its
processors return.

On the CPU a row is treated by how many tokens it allows, because the costs differ 40-fold: where few are
allowed, they are gathered into a row of -inf; where few are forbidden, these are scattered into a copy;
between the two, the bits become bounds. On other devices whole masks are unpacked there, and nothing is
read back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

__all__ = ["apply_bitmask"]

# A row is sparse when at most this share of its tokens is allowed, or forbidden: 1000 of 128k, where both ways
# cost 130 us.
SPARSE = 1 / 128

# Bits set in each 16-bit number, for numpy before 2.0, which has no bitwise_count.
_COUNTS = np.unpackbits(np.arange(1 << 16, dtype="<u2").view(np.uint8)).reshape(-1, 16).sum(1, dtype=np.uint8)


# The bits of each byte as bounds: a score's minimum with its bound is the masked score. A table look-up and a
# minimum take 60 us a row of 128k; a select on the bits takes 500, for the branches it mispredicts.
_BOUNDS = np.where(
    np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little"), np.inf, -np.inf
).astype(np.float32)


def apply_bitmask(
    scores: torch.Tensor, bitmask: np.ndarray, size: int, rows: Sequence[int] | None = None
) -> torch.Tensor:
    """``scores`` with -inf wherever ``bitmask`` does not allow a token; a new tensor.

    A row whose allowed scores are all -inf already would leave nothing to choose from; its allowed
    scores become 0 instead.

    Args:
        scores: ``[B, width]``, of any floating type and device. Columns from ``size`` on are no tokens and
            become -inf; if the width is smaller than ``size``, the tokens beyond it cannot be chosen.
        bitmask: int32 ``[B, words]`` as ``allocate_bitmask`` makes it, on the CPU.
        size: number of tokens of the vocabulary.
        rows: ascending; the rows to treat, if not all. The others are copied as they are.

    Raises:
        ValueError: shapes do not fit, or a row allows no token.
    """
    if scores.ndim != 2 or bitmask.ndim != 2 or len(scores) != len(bitmask) or bitmask.shape[1] * 32 < size:
        raise ValueError(
            f"scores of shape {tuple(scores.shape)} and a bitmask of shape {bitmask.shape} "
            f"do not fit a vocabulary of {size} tokens"
        )
    chosen = np.arange(len(scores)) if rows is None else np.asarray(rows, np.intp)
    size = min(size, scores.shape[1])
    return _apply_on(scores.device.type)(scores, bitmask, size, chosen)


def _apply_on(device: str) -> Callable[[torch.Tensor, np.ndarray, int, np.ndarray], torch.Tensor]:
    return apply_by_population if device == "cpu" else apply_unpacked


def apply_unpacked(scores: torch.Tensor, bitmask: np.ndarray, size: int, rows: np.ndarray) -> torch.Tensor:
    """``apply_bitmask`` by bits unpacked on the device of ``scores``; reads nothing back from it."""
    allowed = torch.zeros(scores.shape, dtype=torch.bool, device=scores.device)
    constrained = torch.zeros((len(scores), 1), dtype=torch.bool)
    constrained[torch.from_numpy(rows)] = True
    constrained = constrained.to(scores.device, non_blocking=True)
    words = torch.from_numpy(bitmask).to(scores.device, non_blocking=True)
    bits = words.unsqueeze(-1) >> torch.arange(32, dtype=torch.int32, device=scores.device)
    allowed[:, :size] = (bits & 1).bool().flatten(1)[:, :size]
    masked = torch.where(allowed | ~constrained, scores, -torch.inf)
    blocked = (masked.amax(-1, keepdim=True) == -torch.inf) & constrained
    return torch.where(allowed & blocked, 0.0, masked)


def apply_by_population(
    scores: torch.Tensor, bitmask: np.ndarray, size: int, rows: np.ndarray
) -> torch.Tensor:
    """``apply_bitmask`` on the CPU, each row by the number of tokens it allows."""
    bitmask = _within(bitmask, size)
    counts = _population(bitmask[rows])
    if not counts.all():
        raise ValueError(f"no token below {size} is allowed in row {rows[counts == 0][0]}")
    few, many = counts <= SPARSE * size, counts >= (1 - SPARSE) * size
    scores = scores.contiguous()
    masked = _background(scores, rows[few], rows[~few & ~many])
    if few.any():
        places = _places(bitmask, rows[few], scores.shape[1])
        masked.view(-1).index_copy_(0, places, scores.view(-1).index_select(0, places))
    if many.any():
        places = _places(_within(~bitmask, size), rows[many], scores.shape[1])
        masked.view(-1).index_fill_(0, places, -torch.inf)
    for row in rows[~few & ~many].tolist():
        bounds = torch.from_numpy(_BOUNDS.take(bitmask[row].view(np.uint8), axis=0).reshape(-1)[:size])
        torch.minimum(scores[row, :size], bounds.to(scores.dtype), out=masked[row, :size])
    if size < scores.shape[1]:
        for row in rows[~few].tolist():
            masked[row, size:] = -torch.inf
    _unblock(masked, bitmask, rows, size)
    return masked


def _background(scores: torch.Tensor, empty: np.ndarray, later: np.ndarray) -> torch.Tensor:
    """A copy of ``scores`` with -inf in the rows ``empty``; the rows ``later`` are yet to be written."""
    if len(empty) == len(scores):
        return torch.full_like(scores, -torch.inf)
    if not len(empty) and not len(later):
        return scores.clone()
    masked = torch.empty_like(scores)
    blank, skipped = set(empty.tolist()), set(later.tolist())
    for row in range(len(scores)):
        if row in blank:
            masked[row].fill_(-torch.inf)
        elif row not in skipped:
            masked[row].copy_(scores[row])
    return masked


def _unblock(masked: torch.Tensor, bitmask: np.ndarray, rows: np.ndarray, size: int) -> None:
    """Set allowed scores to 0 in rows where all are -inf, which no row is if its first one is not."""
    places = torch.from_numpy(rows * masked.shape[1] + _first_bits(bitmask[rows]))
    blocked = masked.view(-1).index_select(0, places).isneginf()
    for row in rows[blocked.numpy()].tolist():
        if masked[row].amax() == -torch.inf:
            masked.view(-1)[_places(bitmask, np.array([row]), masked.shape[1])] = 0.0


def _within(bitmask: np.ndarray, size: int) -> np.ndarray:
    """``bitmask`` without the bits from ``size`` on, its rows contiguous."""
    kept = np.ascontiguousarray(bitmask[:, : (size + 31) // 32], "<i4")
    if size % 32:
        last = kept[:, -1] & ((1 << size % 32) - 1)
        if not np.array_equal(last, kept[:, -1]):
            kept = kept.copy()
            kept[:, -1] = last
    return kept


def _population(bitmask: np.ndarray) -> np.ndarray:
    """Number of bits set in each row."""
    if hasattr(np, "bitwise_count"):  # of a signed number it counts the bits of the absolute value
        counts: np.ndarray = np.bitwise_count(bitmask.view(np.uint32)).sum(1, dtype=np.int64)
        return counts
    return _COUNTS[bitmask.view(np.uint16)].sum(1, dtype=np.int64)


def _first_bits(bitmask: np.ndarray) -> np.ndarray:
    """The lowest bit set in each row; every row has one."""
    word = (bitmask != 0).argmax(1)
    value = bitmask[np.arange(len(bitmask)), word].astype(np.int64)
    return 32 * word + np.log2(value & -value).astype(np.int64)


def _places(bitmask: np.ndarray, rows: np.ndarray, width: int) -> torch.Tensor:
    """Indices, into flat scores of rows of ``width``, of every bit set in ``rows``.

    Words without any are skipped first: most are.
    """
    part = bitmask if len(rows) == len(bitmask) else bitmask[rows]
    word = part.reshape(-1).nonzero()[0]
    bit = np.unpackbits(part.reshape(-1)[word].view(np.uint8), bitorder="little").nonzero()[0]
    place = 32 * word[bit >> 5] + (bit & 31)
    row, column = np.divmod(place, 32 * part.shape[1])
    return torch.from_numpy(rows[row] * width + column)
