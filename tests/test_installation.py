"""The package under test is the compiled one, built from the sources beside it as the build was meant to be."""

from __future__ import annotations

import importlib
import os
import re
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from constrain.engine import Engine

ROOT = Path(__file__).parents[1]


def compiled_modules() -> list[str]:
    """The modules that ``setup.py`` compiles."""
    paths = re.findall(r'^ +"(constrain/[a-z_/]+)\.py",$', (ROOT / "setup.py").read_text(), re.MULTILINE)
    assert paths
    return [path.replace("/", ".") for path in paths]


@pytest.mark.parametrize("name", compiled_modules())
def test_module_is_compiled_and_up_to_date(name: str) -> None:
    binary = Path(importlib.import_module(name).__file__ or "")
    assert binary.name.endswith(tuple(EXTENSION_SUFFIXES)), f"{name} is not compiled: pip install -e ."
    source = ROOT / (name.replace(".", "/") + ".py")
    if binary.parent == source.parent:
        assert binary.stat().st_mtime >= source.stat().st_mtime, (
            f"{source.name} has changed: pip install -e ."
        )


@pytest.mark.skipif(os.environ.get("CONSTRAIN_CHECKED") != "1", reason="not a checked build")
def test_checked_build_checks_bounds() -> None:
    with pytest.raises(IndexError):
        Engine().inspect(10**6)


def test_every_package_is_installed() -> None:
    """An editable install finds packages in the folder anyway; a wheel holds those that are listed."""
    listed = re.search(
        r"^packages = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL
    )
    assert listed is not None
    found = [path.parent.relative_to(ROOT) for path in (ROOT / "constrain").rglob("__init__.py")]
    packages = {".".join(folder.parts) for folder in found} | {"constrain.grammars"}
    assert packages == set(re.findall(r'"([a-z_.]+)"', listed[1]))
