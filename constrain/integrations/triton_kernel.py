"""Applies masks to logits on a GPU, as a Triton kernel that unpacks the bits where they are used.

A program masks ``BLOCK`` scores of one row and reads only those that are allowed, so a mask that allows little
costs one write of the row, and one that allows much costs a copy. It notes whether it found an allowed score above
-inf; a second kernel, which in nearly every case reads one word and ends, sets the allowed scores of rows without such
a score to 0. Nothing is read back, so the host never waits for the device, and a CUDA graph may contain both kernels.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl

__all__ = ["BLOCK", "apply"]

BLOCK = 4096


@triton.jit
def _bits(bitmask, row, columns, words_step, size):
    words = tl.load(bitmask + row * words_step + (columns >> 5), mask=columns < size, other=0)
    return (words >> (columns & 31)) & 1


@triton.jit
def _mask(
    scores,
    scores_step,
    target,
    target_step,
    bitmask,
    words_step,
    free,
    found,
    width,
    size,
    BLOCK: tl.constexpr,
):
    """Program (row, block) masks a block of a row, or copies it if the row is free."""
    row = tl.program_id(0).to(tl.int64)
    columns = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = columns < width
    row_free = tl.load(free + row)
    allowed = inside & ((_bits(bitmask, row, columns, words_step, size) | row_free) != 0)
    masked = tl.load(scores + row * scores_step + columns, mask=allowed, other=float("-inf"))
    tl.store(target + row * target_step + columns, masked, mask=inside)
    if (row_free | tl.max((allowed & (masked != float("-inf"))).to(tl.int32), 0)) != 0:
        tl.store(found + row, 1)  # other programs of the row write the same


@triton.jit
def _open(target, target_step, bitmask, words_step, found, size, BLOCK: tl.constexpr):
    """Program (row, block) sets the allowed scores of its block to 0 if none in the row is above -inf."""
    row = tl.program_id(0).to(tl.int64)
    if tl.load(found + row) != 0:
        return
    columns = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    allowed = _bits(bitmask, row, columns, words_step, size) != 0
    zeros = tl.zeros([BLOCK], dtype=target.dtype.element_ty)
    tl.store(target + row * target_step + columns, zeros, mask=allowed)


def apply(
    scores: torch.Tensor,
    target: torch.Tensor,
    bitmask: torch.Tensor,
    size: int,
    chosen: torch.Tensor | None = None,
) -> None:
    """Write ``scores`` ``[B, width]``, masked, to ``target``, which may be the same tensor.

    All tensors are on one device; the columns of scores, target and bitmask are contiguous.

    Args:
        bitmask: int32 ``[B, words]``.
        size: bits of a row that count; further columns become -inf.
        chosen: bool ``[B]``, the rows to mask, if not all; the others are copied.
    """
    rows, width = scores.shape
    size = min(size, width)
    flags = torch.zeros((2, rows), dtype=torch.int32, device=scores.device)
    free, found = flags[0], flags[1]
    if chosen is not None:
        free.copy_(~chosen)
    grid = (rows, triton.cdiv(width, BLOCK))
    masks = (bitmask, bitmask.stride(0))
    with torch.cuda.device_of(scores):
        _mask[grid](
            scores,
            scores.stride(0),
            target,
            target.stride(0),
            *masks,
            free,
            found,
            width,
            size,
            BLOCK=BLOCK,
        )
        _open[grid](target, target.stride(0), *masks, found, size, BLOCK=BLOCK)
