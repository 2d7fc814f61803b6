"""The grammars that are shipped with the library, by name and as sources of ``%import``.

They are in the folder ``grammars`` at the root of the repository, and as ``constrain.grammars`` in
an installed package.
"""

from __future__ import annotations

import os
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from constrain.errors import ConstrainError

if TYPE_CHECKING:
    if sys.version_info >= (3, 11):
        from importlib.resources.abc import Traversable
    else:
        from importlib.abc import Traversable

SUFFIX = ".lark"
GBNF_SUFFIX = ".gbnf"
TERMINALS = "common"  # only terminals to import, not a grammar by itself


def names() -> list[str]:
    """The names of the shipped grammars."""
    files = (entry.name for entry in _folder().iterdir())
    return sorted(name[: -len(SUFFIX)] for name in files if name.endswith(SUFFIX))


def load(name_or_path: str | os.PathLike[str]) -> str:
    """The text of a grammar: a shipped one by its name (``"json"``), or one from a file.

    A string that holds a path separator or ends in ``.lark`` or ``.gbnf`` is a path, and so is every ``Path``.

    Raises:
        ConstrainError: no grammar of that name is shipped.
        OSError: the file cannot be read.
    """
    if not isinstance(name_or_path, (str, os.PathLike)):
        raise TypeError(
            f"a grammar is named by a str or a path, not by a {type(name_or_path).__name__}; "
            "json_schema() takes schemas"
        )
    path = os.fspath(name_or_path)
    if "\n" in path:
        raise ConstrainError("that is the text of a grammar, not its name: lark() takes it")
    is_file = path.endswith((SUFFIX, GBNF_SUFFIX)) or os.path.basename(path) != path
    if is_file or not isinstance(name_or_path, str):
        return Path(path).read_text(encoding="utf-8")
    if path not in names():
        usable = [name for name in names() if name != TERMINALS]
        hint = "; lark() takes the text of a grammar" if ":" in path else ""
        raise ConstrainError(f"no grammar named '{path}' is shipped; there are {', '.join(usable)}{hint}")
    return (_folder() / (path + SUFFIX)).read_text(encoding="utf-8")


def _folder() -> Traversable:
    try:
        return resources.files("constrain.grammars")
    except ModuleNotFoundError:  # a source checkout that is not installed: the folder beside the package
        return Path(__file__).resolve().parents[3] / "grammars"
