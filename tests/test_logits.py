"""Masks applied to scores: in main memory, and in torch, against a loop over the bits."""

from __future__ import annotations

import numpy as np
import pytest

import constrain as cn
from constrain.masks.bits.apply import apply_mask
from constrain.masks.bits.bitmask import to_bool

WIDTHS = [(1000, 1000), (1000, 1100), (997, 1000), (5000, 5001), (1000, 900), (31, 31), (64, 70)]
SHARES = [0.0, 0.002, 0.05, 0.5, 0.95, 0.999, 1.0]
CHOICES = [None, [0, 1, 3, 5], [2], []]


def random_bitmask(size: int, width: int) -> np.ndarray:
    """A row for each of ``SHARES``, in which token 3 is always allowed."""
    rng = np.random.default_rng(size + width)
    bits = rng.random((len(SHARES), size)) < np.array(SHARES)[:, None]
    bits[:, 3] = True
    bitmask = cn.allocate_bitmask(len(SHARES), size)
    bitmask.view(np.uint8)[:, : (size + 7) // 8] = np.packbits(bits, axis=1, bitorder="little")
    return bitmask


def random_scores(width: int) -> np.ndarray:
    """A row for each of ``SHARES``; some are -inf, and all of row 1."""
    scores = np.random.default_rng(width).standard_normal((len(SHARES), width)).astype(np.float32)
    scores[:, ::7] = -np.inf
    scores[1] = -np.inf
    return scores


def marks(rows: list[int] | None) -> np.ndarray | None:
    return None if rows is None else np.isin(np.arange(len(SHARES)), rows)


def expected_scores(scores: np.ndarray, bitmask: np.ndarray, size: int, rows: list[int] | None) -> np.ndarray:
    """The same, written the slow way."""
    expected = scores.copy()
    for row in range(len(scores)) if rows is None else rows:
        allowed = to_bool(bitmask[row], size).nonzero()[0]
        allowed = allowed[allowed < scores.shape[1]]
        expected[row] = -np.inf
        expected[row, allowed] = 0 if np.isneginf(scores[row, allowed]).all() else scores[row, allowed]
    return expected


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("size", "width"), WIDTHS)
def test_arrays(dtype: type, size: int, width: int) -> None:
    bitmask, original = random_bitmask(size, width), random_scores(width).astype(dtype)
    for rows in CHOICES:
        scores = original.copy()
        apply_mask(scores, bitmask, size, marks(rows))
        np.testing.assert_array_equal(scores, expected_scores(original, bitmask, size, rows))


def test_rows_apart_from_each_other() -> None:
    bitmask, original = random_bitmask(1000, 1000), random_scores(1000)
    wide = np.zeros((len(SHARES), 1300), np.float32)
    wide[:, 100:1100] = original
    apply_mask(wide[:, 100:1100], bitmask, 1000)
    np.testing.assert_array_equal(wide[:, 100:1100], expected_scores(original, bitmask, 1000, None))
    assert not wide[:, :100].any() and not wide[:, 1100:].any()


def test_what_is_not_a_number_counts_as_a_score() -> None:
    scores = np.full((1, 64), np.nan, np.float32)
    bitmask = cn.allocate_bitmask(1, 64)
    bitmask[0, 0] = 6
    apply_mask(scores, bitmask, 64)
    assert np.isnan(scores[0, 1:3]).all() and np.isneginf(scores[0, 3:]).all()


def test_wrong_arrays() -> None:
    bitmask = random_bitmask(100, 100)
    scores = random_scores(100)
    with pytest.raises(ValueError, match="do not fit a vocabulary of 100 tokens"):
        apply_mask(scores[:1], bitmask, 100)
    with pytest.raises(ValueError, match="do not fit a vocabulary of 200 tokens"):
        apply_mask(scores, bitmask, 200)
    with pytest.raises(ValueError, match="do not fit"):
        apply_mask(scores, bitmask, -1)
    with pytest.raises(ValueError, match="do not fit"):
        apply_mask(scores[0], bitmask, 100)
    with pytest.raises(ValueError, match="side by side"):
        apply_mask(np.zeros((100, len(SHARES)), np.float32).T, bitmask, 100)
    with pytest.raises(ValueError, match="side by side"):
        apply_mask(scores, np.asfortranarray(bitmask), 100)
    with pytest.raises(ValueError, match="rows are chosen"):
        apply_mask(scores, bitmask, 100, np.array([True]))
    with pytest.raises(TypeError, match="type int32"):
        apply_mask(scores.view(np.int32), bitmask, 100)
    with pytest.raises(ValueError, match="must be aligned"):
        apply_mask(
            np.zeros(4 * scores.size + 1, np.uint8)[1:].view(np.float32).reshape(scores.shape), bitmask, 100
        )
    odd = np.zeros(bitmask.nbytes + 1, np.uint8)[1:].view(np.int32).reshape(bitmask.shape)
    with pytest.raises(ValueError, match="be aligned"):
        apply_mask(scores, odd, 100)
    bitmask[2] = 0
    bitmask[2, 1] = 1
    with pytest.raises(ValueError, match="no token below 10 is allowed in row 2"):
        apply_mask(scores[:, :10].copy(), bitmask, 100)
    scores.flags.writeable = False
    with pytest.raises(ValueError, match="writeable"):
        apply_mask(scores, bitmask, 100)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "float64"])
@pytest.mark.parametrize(("size", "width"), WIDTHS)
def test_tensors(dtype: str, size: int, width: int) -> None:
    torch = pytest.importorskip("torch")
    from constrain.integrations.logits import apply_bitmask, apply_bitmask_, apply_unpacked

    bitmask = random_bitmask(size, width)
    scores = torch.from_numpy(random_scores(width)).to(getattr(torch, dtype))
    kept = scores.clone()
    for rows in CHOICES:
        slow = expected_scores(scores.float().numpy(), bitmask, size, rows)
        expected = torch.from_numpy(slow).to(scores.dtype)
        assert torch.equal(apply_bitmask(scores, bitmask, size, marks(rows)), expected)
        assert torch.equal(apply_bitmask(scores, torch.from_numpy(bitmask), size, marks(rows)), expected)
        assert torch.equal(apply_bitmask(scores.T.contiguous().T, bitmask, size, marks(rows)), expected)
        assert torch.equal(apply_unpacked(scores, torch.from_numpy(bitmask), size, marks(rows)), expected)
        assert torch.equal(scores, kept)
        for copy in (scores.clone(), scores.T.contiguous().T):
            apply_bitmask_(copy, bitmask, size, marks(rows))
            assert torch.equal(copy, expected)


def test_gradients_reach_what_is_allowed() -> None:
    torch = pytest.importorskip("torch")
    from constrain.integrations.logits import apply_bitmask

    scores = torch.randn(1, 64, requires_grad=True)
    bitmask = cn.allocate_bitmask(1, 64)
    bitmask[0, 0] = 6
    apply_bitmask(scores, bitmask, 64)[0, 1].backward()
    assert scores.grad is not None and scores.grad.nonzero().tolist() == [[0, 1]]
    assert not torch.isfinite(apply_bitmask(scores.detach(), bitmask, 64)[0, 3:]).any()


def test_wrong_tensors() -> None:
    torch = pytest.importorskip("torch")
    from constrain.integrations.logits import apply_bitmask

    with pytest.raises(ValueError, match="do not fit a vocabulary of 100 tokens"):
        apply_bitmask(torch.zeros(1, 100), cn.allocate_bitmask(1, 64), 100)
    with pytest.raises(ValueError, match="no token below 10 is allowed in row 0"):
        apply_bitmask(torch.zeros(1, 10), cn.allocate_bitmask(1, 100), 100)
    with pytest.raises(TypeError, match="int64"):
        apply_bitmask(torch.zeros((1, 100), dtype=torch.long), cn.allocate_bitmask(1, 100), 100)
