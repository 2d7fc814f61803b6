"""The Triton kernel: in Triton's interpreter, or on a GPU where there is one; and compiled for GPUs in any case."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from tests.test_logits import CHOICES, SHARES, WIDTHS, expected_scores, marks, random_bitmask, random_scores

torch = pytest.importorskip("torch")
pytest.importorskip("triton")

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
DEVICE = "cpu" if INTERPRETED else "cuda"
runs_kernels = pytest.mark.skipif(
    not INTERPRETED and not torch.cuda.is_available(), reason="needs a GPU, or TRITON_INTERPRET=1"
)


@pytest.mark.skipif(INTERPRETED or torch.cuda.is_available(), reason="the kernel runs in this process")
def test_in_the_interpreter() -> None:
    """Triton reads the variable when it is imported, so this takes a process of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@runs_kernels
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize(("size", "width"), WIDTHS)
def test_kernel(dtype: str, size: int, width: int) -> None:
    from constrain.integrations import triton_kernel

    bitmask = random_bitmask(size, width)
    scores = torch.from_numpy(random_scores(width)).to(getattr(torch, dtype))
    there = torch.from_numpy(bitmask).to(DEVICE)
    for rows in CHOICES:
        expected = torch.from_numpy(expected_scores(scores.float().numpy(), bitmask, size, rows))
        chosen = marks(rows)
        chosen_there = None if chosen is None else torch.from_numpy(chosen).to(DEVICE)
        wide = torch.zeros((len(SHARES), width + 5), dtype=scores.dtype, device=DEVICE)
        triton_kernel.apply(scores.to(DEVICE), wide[:, 2 : width + 2], there, size, chosen_there)
        assert torch.equal(wide[:, 2 : width + 2].cpu().float(), expected)
        assert not wide[:, :2].any() and not wide[:, width + 2 :].any()
        copy = scores.to(DEVICE, copy=True)
        triton_kernel.apply(copy, copy, there, size, chosen_there)
        assert torch.equal(copy.cpu().float(), expected)


@pytest.mark.skipif(INTERPRETED, reason="the interpreter does not compile")
@pytest.mark.parametrize("kind", ["fp32", "bf16", "fp16"])
def test_it_compiles_for_gpus(kind: str) -> None:
    import triton
    from triton.backends.compiler import GPUTarget

    from constrain.integrations import triton_kernel

    types: dict[str, Any] = {
        "bitmask": "*i32",
        "free": "*i32",
        "found": "*i32",
        "width": "i32",
        "size": "i32",
    }
    types |= dict.fromkeys(("scores", "target"), f"*{kind}")
    types |= {f"{name}_step": "i64" for name in ("scores", "target", "words")}
    types |= {"BLOCK": "constexpr"}
    for kernel in (triton_kernel._mask, triton_kernel._open):
        signature = {name: types[name] for name in kernel.arg_names}
        source = triton.compiler.ASTSource(kernel, signature, {"BLOCK": triton_kernel.BLOCK})
        assert "ptx" in triton.compile(source, target=GPUTarget("cuda", 80, 32)).asm
