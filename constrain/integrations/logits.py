"""Applies masks to logits. This is the only module that applies a bitmask to a tensor.

When should I use this? When writing an adapter, or a decoding loop of your own on torch. ``apply_bitmask``
returns a new tensor, as a logits processor must: ``generate`` of transformers hands out what its processors return, and
passes it in again. ``apply_bitmask_`` writes in place, as engines do.

On a CPU, one compiled pass applies the mask (``constrain.masks.bits.apply``). On a GPU, a Triton kernel does
(``triton_kernel``), which gets the bits and reads nothing back. Where there is no Triton, or where scores need a
gradient, operations of torch are used.
"""

from __future__ import annotations

import importlib.util
import math
from functools import cache
from types import ModuleType

import numpy as np
import torch

from constrain.masks.bits.apply import Place, apply_between

__all__ = ["apply_bitmask", "apply_bitmask_", "apply_unpacked", "unusable_rows"]

Bitmask = np.ndarray | torch.Tensor
Marks = np.ndarray | torch.Tensor | None

_NAMES = {getattr(torch, name): name for name in ("float16", "bfloat16", "float32", "float64")}


def apply_bitmask(scores: torch.Tensor, bitmask: Bitmask, size: int, chosen: Marks = None) -> torch.Tensor:
    """``scores`` with -inf wherever ``bitmask`` does not allow a token; a new tensor.

    A row whose allowed scores are all -inf already would leave nothing to choose from; its allowed
    scores become 0 instead.

    Args:
        scores: ``[B, width]``, of any floating type and device. Columns from ``size`` on are not tokens and become
            -inf; if the width is smaller than ``size``, the tokens beyond it cannot be chosen.
        bitmask: int32 ``[B, words]`` as ``allocate_bitmask`` makes it, an array or a tensor, in main memory or
            on the device of ``scores``.
        size: number of tokens of the vocabulary.
        chosen: bool ``[B]``, the rows to mask, if not all; on one of the devices on which the bitmask may be. The
            others are copied unchanged.

    Raises:
        ValueError: shapes do not fit, or a row allows no token (a bitmask on a device is not checked).
        TypeError: scores on the CPU are neither float16, bfloat16, float32 nor float64.
    """
    if scores.requires_grad and torch.is_grad_enabled():
        return apply_unpacked(scores, _on_device(scores, bitmask, size, chosen), size, chosen)
    if scores.ndim == 2 and scores.stride(1) != 1:
        scores = scores.contiguous()
    masked = torch.empty_like(scores)
    _apply(scores, masked, bitmask, size, chosen)
    return masked


def apply_bitmask_(scores: torch.Tensor, bitmask: Bitmask, size: int, chosen: Marks = None) -> None:
    """``apply_bitmask`` in place. If a row allows no token, the rows before it have been masked by then."""
    if scores.ndim == 2 and scores.stride(1) != 1:
        scores.copy_(apply_bitmask(scores.detach(), bitmask, size, chosen))
    else:
        _apply(scores, scores, bitmask, size, chosen)


def unusable_rows(masked: torch.Tensor) -> list[tuple[int, float]]:
    """The rows of masked scores ``[B, width]`` by which nothing can be chosen, each with the nan or +inf in it.

    Each score is read once, at half the cost of a copy. For scores on a GPU, the highest of each row is read back.
    """
    highest = masked.detach().amax(-1).tolist()
    return [(row, score) for row, score in enumerate(highest) if not score < math.inf]


def _apply(scores: torch.Tensor, target: torch.Tensor, bitmask: Bitmask, size: int, chosen: Marks) -> None:
    if scores.is_cpu:
        words = bitmask if isinstance(bitmask, np.ndarray) else bitmask.numpy()
        name = _NAMES.get(scores.dtype) or str(scores.dtype)
        marks = chosen.numpy() if isinstance(chosen, torch.Tensor) else chosen
        apply_between(_place(scores), _place(target), scores.shape, name, words, size, marks)
        return
    there = _on_device(scores, bitmask, size, chosen)
    kernel = _kernel() if scores.is_cuda else None
    if kernel is None:
        target.copy_(apply_unpacked(scores, there, size, chosen))
    else:
        kernel.apply(scores, target, there, size, _marks(scores, chosen))


def _place(scores: torch.Tensor) -> Place:
    """The memory of scores with contiguous columns; ``apply_between`` refuses scores that have no rows and columns."""
    return scores.data_ptr(), scores.stride(0) * scores.element_size()


@cache
def _kernel() -> ModuleType | None:
    if importlib.util.find_spec("triton") is None:
        return None
    from constrain.integrations import triton_kernel

    return triton_kernel


def apply_unpacked(
    scores: torch.Tensor, bitmask: torch.Tensor, size: int, chosen: Marks = None
) -> torch.Tensor:
    """``apply_bitmask`` in operations of torch, for a bitmask on the device of ``scores``; it has a gradient."""
    size = min(size, scores.shape[1])
    bits = bitmask.unsqueeze(-1) >> torch.arange(32, dtype=torch.int32, device=scores.device)
    allowed = torch.zeros(scores.shape, dtype=torch.bool, device=scores.device)
    allowed[:, :size] = (bits & 1).bool().flatten(1)[:, :size]
    masked = torch.where(allowed, scores, -torch.inf)
    masked = torch.where(allowed & (masked.amax(-1, keepdim=True) == -torch.inf), 0.0, masked)
    marks = _marks(scores, chosen)
    return masked if marks is None else torch.where(marks.unsqueeze(1), masked, scores)


def _marks(scores: torch.Tensor, chosen: Marks) -> torch.Tensor | None:
    """``chosen`` on the device of ``scores``."""
    marks = torch.from_numpy(chosen) if isinstance(chosen, np.ndarray) else chosen
    return None if marks is None else marks.to(scores.device, non_blocking=True)


def _on_device(scores: torch.Tensor, bitmask: Bitmask, size: int, chosen: Marks) -> torch.Tensor:
    """``bitmask`` on the device of ``scores``, checked if it comes from main memory."""
    if (
        scores.ndim != 2
        or bitmask.ndim != 2
        or len(scores) != len(bitmask)
        or not 0 <= size <= 32 * bitmask.shape[1]
    ):
        raise ValueError(
            f"scores of shape {tuple(scores.shape)} and a bitmask of shape {tuple(bitmask.shape)} "
            f"do not fit a vocabulary of {size} tokens"
        )
    if chosen is not None and tuple(chosen.shape) != (len(scores),):
        raise ValueError(f"{tuple(chosen.shape)} rows are chosen or not, of {len(scores)}")
    words = torch.from_numpy(bitmask) if isinstance(bitmask, np.ndarray) else bitmask
    if words.is_cpu:
        if not isinstance(chosen, torch.Tensor):
            _check_rows(words.numpy(), min(size, scores.shape[1]), chosen)
        if scores.is_cuda:  # a copy from pinned memory does not wait for the device
            words = words.pin_memory()
    return words.to(scores.device, non_blocking=True)


def _check_rows(bitmask: np.ndarray, size: int, chosen: np.ndarray | None) -> None:
    whole, rest = divmod(size, 32)
    full = bitmask[:, :whole].any(1)
    if rest:
        full |= (bitmask[:, whole] & ((1 << rest) - 1)) != 0
    empty = ~full if chosen is None else ~full & chosen
    if empty.any():
        raise ValueError(f"no token below {size} is allowed in row {empty.argmax()}")
