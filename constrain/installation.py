"""Checks that what Python found under the name ``constrain`` is this library, that it is built, and that nothing else
is mixed with it.

This library is installed as ``constrain-lm``. On the Python package index, ``constrain`` is another project, which
verifies the controls of buildings and is imported under the same name.
"""

from __future__ import annotations

import os
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from warnings import warn

__all__ = ["OTHER_PROJECT", "check_installation", "not_compiled"]

DISTRIBUTION = "constrain-lm"
OTHER_PROJECT = (
    "another project called constrain (controls of buildings) is installed where this library, "
    f"{DISTRIBUTION}, is imported from, and overwrites it: pip uninstall constrain {DISTRIBUTION}, "
    f"then pip install {DISTRIBUTION}"
)
# A module of the other project that this library does not have.
OTHER_MODULE = ("api", "workflow.py")
# The folders of compiled modules, relative to this one.
FOLDERS = (
    "",
    "decoding",
    "engine",
    "expression",
    "masks/bits",
    "masks/budgets",
    "masks/leaves",
    "masks/walk",
    "vocabulary",
)


def check_installation(folder: Path = Path(__file__).parent) -> None:
    """Raise if the package in ``folder`` is not built; warn if the other project has been installed over it.

    Raises:
        ImportError: modules are not compiled for this Python.
    """
    missing = not_compiled(folder)
    if missing:
        raise ImportError(
            f"constrain is not built in {folder.parent}, for this Python ({len(missing)} modules are not compiled, "
            f"{missing[0]} for one): build it with 'python -m pip install -e {folder.parent}', or, if it is installed "
            "elsewhere, start Python in another folder, since the one it starts in comes first",
            name=f"constrain.{missing[0]}",
            path=str(folder),
        )
    if folder.joinpath(*OTHER_MODULE).exists():
        warn(OTHER_PROJECT, stacklevel=3)


def not_compiled(folder: Path) -> list[str]:
    """The modules below ``folder`` that run only when compiled, which are those with a ``.pxd`` file, and are not
    compiled."""
    missing = []
    for inner in FOLDERS:
        names = set(os.listdir(folder / inner))
        stems = sorted(name[: -len(".pxd")] for name in names if name.endswith(".pxd"))
        missing += [
            f"{inner}.{stem}".replace("/", ".").lstrip(".")
            for stem in stems
            if f"{stem}.py" in names and not any(stem + suffix in names for suffix in EXTENSION_SUFFIXES)
        ]
    return missing
