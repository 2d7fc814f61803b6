"""What does it cost to apply a mask to scores? ``python -m benchmarks.apply_mask``, a table in Markdown.

The yardstick is copying the scores (``Tensor.clone``), which is the least that anything that returns new scores must
do. Masks are random: the allowed tokens are scattered over the vocabulary, which is the worst case; those of real
states lie closer together. One thread, main memory.
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np
import torch

import constrain as cn
from benchmarks.timing import fastest, table
from constrain.integrations.logits import apply_bitmask, apply_bitmask_

SHARES = {"0.1 %": 0.001, "50 %": 0.5, "99 %": 0.99}
HEADER = ("scores", "clone, us", *(f"{share} allowed, us" for share in SHARES), *SHARES, "in place, 50 %")


def random_bitmask(rows: int, size: int, share: float) -> np.ndarray:
    """A bitmask in which each token is allowed with probability ``share``."""
    bits = np.random.default_rng(0).random((rows, 32 * ((size + 31) // 32))) < share
    bitmask = cn.allocate_bitmask(rows, size)
    bitmask.view(np.uint8)[:] = np.packbits(bits, axis=1, bitorder="little")
    return bitmask


def measure(rows: int, size: int, dtype: torch.dtype, seconds: float) -> list[str]:
    """A row of the table."""
    scores = torch.randn(rows, size).to(dtype)
    masks = {name: random_bitmask(rows, size, share) for name, share in SHARES.items()}
    calls = {name: partial(apply_bitmask, scores, mask, size) for name, mask in masks.items()}
    calls["clone"] = scores.clone
    # What is masked once stays masked: the work does not depend on the scores.
    calls["in place"] = partial(apply_bitmask_, scores.clone(), masks["50 %"], size)
    times = fastest(calls, seconds)
    kind = f"{rows} x {size}, {str(dtype).removeprefix('torch.')}"
    absolute = [f"{1e6 * times[name]:.1f}" for name in ("clone", *SHARES)]
    return [kind, *absolute, *(f"{times[name] / times['clone']:.2f} x" for name in (*SHARES, "in place"))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=128_256, help="tokens of the vocabulary")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each figure")
    options = parser.parse_args()
    torch.set_num_threads(1)
    kinds = [(rows, dtype) for dtype in (torch.float32, torch.bfloat16, torch.float16) for rows in (1, 8, 32)]
    print(
        table(HEADER, [measure(rows, options.size, dtype, options.seconds) for rows, dtype in kinds]),
    )


if __name__ == "__main__":
    main()
