"""Imports point downwards only, and importing the package is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.import_graph import circles, import_graph

PACKAGE = Path(__file__).parents[1] / "constrain"

# From the bottom up. A module may import from its own layer and from those above it in this list;
# languages and vocabulary are siblings: neither may import the other.
LAYERS = [
    ["errors", "installation"],
    ["interpreter", "limits"],
    ["work"],
    ["expression"],
    ["engine"],
    ["languages", "vocabulary"],
    ["spelling"],
    ["masks"],
    ["explanation", "forced"],
    ["automaton"],
    ["steps"],
    ["matcher"],
    ["streaming"],
    ["compilation"],
    ["__init__"],
    ["demo", "integrations"],
    ["cli", "__main__"],
]
HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}

# Within JSON Schema: sub-packages and modules from the bottom up, siblings in one row. All imports count here, those
# for type checkers and those within functions, too.
JSON_SCHEMA = "constrain.languages.json_schema"
JSON_SCHEMA_LAYERS = [
    ["text"],
    ["document", "formats", "terms"],
    ["keywords", "values"],
    ["states"],
    ["reading"],
    ["solver"],
    ["output"],
    ["numerals"],
    ["writing"],
    ["diagnostics"],
    ["compile"],
    ["report"],
]
HEAVY = {"torch", "transformers", "tokenizers", "jsonschema", "hypothesis", "lark", "interegular"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def layer_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    name = first.removesuffix(".py")
    return "cli" if name.startswith("cli") else name


def imported_layers(path: Path) -> set[str]:
    """Layers of ``constrain`` that a module imports when it runs, type checking left aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for node in ast.walk(branch)
    }
    names = []
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    ours = [name.removeprefix("cython.cimports.") for name in names]
    parts = [name.split(".") for name in ours if name == "constrain" or name.startswith("constrain.")]
    return {part[1] if len(part) > 1 and part[1] in HEIGHT else "__init__" for part in parts}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    layer = layer_of(path)
    for other in imported_layers(path):
        if other == "grammars":  # data
            continue
        assert HEIGHT[other] <= HEIGHT[layer], f"{path.name} ({layer}) imports {other}, which is above it"
        siblings = HEIGHT[other] == HEIGHT[layer] and layer != other
        assert not siblings or layer in ("demo", "integrations", "cli", "__main__")


def test_json_schema_imports_point_downwards() -> None:
    height = {name: height for height, names in enumerate(JSON_SCHEMA_LAYERS) for name in names}
    graph = import_graph()
    upwards = []
    for module in graph:
        if not module.startswith(JSON_SCHEMA + "."):
            continue
        layer = module.removeprefix(JSON_SCHEMA + ".").split(".")[0]
        assert layer in height, f"{layer} is in no row of JSON_SCHEMA_LAYERS"
        for other in graph[module]:
            above = other.removeprefix(JSON_SCHEMA).removeprefix(".").split(".")[0]
            if not other.startswith(JSON_SCHEMA) or above == layer:
                continue
            if other == JSON_SCHEMA or height[above] >= height[layer]:
                upwards.append(f"{module} imports {other}, which is not below it")
    assert not upwards


def test_json_schema_has_no_circle_of_imports() -> None:
    graph = import_graph()
    ours = {module: graph[module] for module in graph if module.startswith(JSON_SCHEMA)}
    within = {module: {other for other in others if other in ours} for module, others in ours.items()}
    assert circles(within) == []


def test_import_loads_nothing_heavy() -> None:
    code = f"import sys, constrain; print(sorted({HEAVY!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
