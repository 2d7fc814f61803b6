"""Imports point downwards only, in no circle, and importing the package is light."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.import_graph import PACKAGE, Graph, circles, import_graph, picture

# Packages and modules in the order in which data flows, from the bottom up. What a module belongs to is the longest
# name here that begins its own. It may import from there, and from what stands above it in this list.
ORDER = """
errors
installation
interpreter
limits
work
expression
engine
languages.base
languages.sizes
languages.regex.unicode
languages.regex.parsing
languages.regex.assertions
languages.regex
languages.grammar
languages.json_schema.text
languages.json_schema.document
languages.json_schema.formats
languages.json_schema.terms
languages.json_schema.keywords
languages.json_schema.values
languages.json_schema.states
languages.json_schema.reading
languages.json_schema.solver
languages.json_schema.output
languages.json_schema.numerals
languages.json_schema.writing
languages.json_schema.diagnostics
languages.json_schema.compile
languages.json_schema.report
languages.json_schema
languages
vocabulary.table
vocabulary.readers
vocabulary
spelling
masks.bits
masks.leaves
masks.budgets
masks.walk
masks
decoding
streaming
constrain
integrations
demo
cli
__main__
""".split()

# What knows nothing of what, though it stands above it.
STRANGERS = [
    ("vocabulary", "languages"),
    ("vocabulary", "engine"),
    ("masks.bits", "expression"),
    ("masks", "languages"),
    ("streaming", "languages"),
    ("languages.grammar", "languages.json_schema"),
    ("languages.json_schema.document", "languages.json_schema.formats"),
    ("languages.json_schema.formats", "languages.json_schema.document"),
    ("languages.json_schema.terms", "languages.json_schema.document"),
    ("languages.json_schema.terms", "languages.json_schema.formats"),
    ("integrations", "demo"),
]

HEAVY = {"torch", "transformers", "tokenizers", "jsonschema", "hypothesis", "lark", "interegular"}


@cache
def graph() -> Graph:
    """The modules of the package, with those that they import, by names without ``constrain.``."""

    def short(module: str) -> str:
        return module.removeprefix("constrain.")

    found = {short(module): {short(one) for one in imported} for module, imported in import_graph().items()}
    found.pop("__main__", None)
    return found


def place_of(module: str) -> int:
    """The index in ``ORDER`` of what a module belongs to."""
    return max((len(name), i) for i, name in enumerate(ORDER) if within(module, name))[1]


def within(module: str, name: str) -> bool:
    return f"{module}.".startswith(f"{name}.")


@pytest.mark.parametrize("module", sorted(graph()))
def test_imports_point_downwards(module: str) -> None:
    for other in graph()[module]:
        assert place_of(other) <= place_of(module), f"{module} imports {other}, which is above it"


@pytest.mark.parametrize(("stranger", "other"), STRANGERS)
def test_packages_know_nothing_of_others(stranger: str, other: str) -> None:
    found = [
        (module, imported)
        for module, all_imported in graph().items()
        for imported in all_imported
        if within(module, stranger) and within(imported, other)
    ]
    assert not found


def test_no_circle_of_imports() -> None:
    assert circles(graph()) == []


@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in PACKAGE.rglob("*.py")}), ids=lambda path: path.name
)
def test_folders_are_small_and_say_what_they_hold(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= 17
    assert (folder / "__init__.py").read_text(encoding="utf-8").startswith('"""')


def test_the_picture_of_the_packages_is_up_to_date() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{picture(import_graph())}\n```" in page


def test_import_loads_nothing_heavy() -> None:
    code = f"import sys, constrain; print(sorted({HEAVY!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
