"""The guide's examples run, one after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).parents[1] / "docs" / "guide.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_guide_runs() -> None:
    pytest.importorskip("tokenizers")
    names: dict[str, Any] = {}
    assert len(EXAMPLES) == 13
    for number, example in enumerate(EXAMPLES):
        exec(compile(example, f"{GUIDE.name}, example {number}", "exec"), names)
