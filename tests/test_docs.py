"""The pages of ``docs``: their examples run, in the order of the page, and their tables are complete."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from constrain.languages.json_schema.formats import FORMATS
from constrain.languages.json_schema.keywords.groups import SILENT
from constrain.languages.json_schema.keywords.rules import RULES
from constrain.limits import Limits

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(DOCS.glob("*.md"))}


def examples(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", PAGES[page], re.MULTILINE | re.DOTALL)


def of_vocabularies() -> dict[str, Any]:
    pytest.importorskip("gguf")
    pytest.importorskip("transformers")
    tokenizers = pytest.importorskip("tokenizers")
    from constrain.demo import model_directory
    from tests.gguf_files import converted

    folder = Path(model_directory())
    file = converted(folder, Path(tempfile.mkdtemp()) / "model.gguf")
    return {"model_folder": str(folder), "gguf_file": str(file), "Tokenizer": tokenizers.Tokenizer}


# What the examples of a page leave to the reader.
SETUP: dict[str, Callable[[], dict[str, Any]]] = {
    "vocabularies.md": of_vocabularies,
}


# What the examples of transformers.md come to is looked at in ``test_transformers_docs``, which runs them.
RUN_HERE = sorted({page for page in PAGES if examples(page)} - {"transformers.md"})


@pytest.mark.parametrize("page", RUN_HERE)
def test_examples_run(page: str) -> None:
    names = SETUP[page]() if page in SETUP else {}
    for number, example in enumerate(examples(page)):
        exec(compile(example, f"{page}, example {number}", "exec"), names)


def section(page: str, title: str) -> str:
    return re.split(rf"^## {title}\n", PAGES[page], flags=re.MULTILINE)[1].partition("\n## ")[0]


def rows(text: str) -> list[str]:
    """The first cells of the tables."""
    return re.findall(r"^\| ([^|]*)\|", text, re.MULTILINE)


def test_every_keyword_has_a_row() -> None:
    listed = set(re.findall(r"`([^`]+)`", "".join(rows(section("json-schema.md", "Keywords")))))
    assert listed == set(RULES)
    assert not SILENT & (listed - {"$id", "id"})


def test_every_format_has_a_row() -> None:
    assert set(re.findall(r"`([^`]+)`", "".join(rows(section("json-schema.md", "Formats"))))) == set(FORMATS)


def test_the_modules_named_are_there() -> None:
    folder = Path(__file__).parents[1] / "constrain" / "languages" / "json_schema"
    table = section("json-schema.md", "Keywords")
    for cell in re.findall(r"\|([^|]*)\|$", table, re.MULTILINE)[2:]:
        for module in re.findall(r"`(\w+)`", cell):
            assert any(folder.rglob(f"{module}.py")) or (folder / module).is_dir(), module


LIMIT = re.compile(r"_?(MAX|MOST|LONGEST|DEEPEST|LARGEST)(_\w+)?|\w+_LIMIT")
NO_LIMITS = {"MAX_PLACES", "MAX_NOTES", "MAX_SHOWN", "LONGEST_QUOTE", "NO_LIMIT"}  # of what is shown, or none


def constants_that_bound_work() -> set[tuple[str, str, int]]:
    """(name, module, value) of each number at the top of a module whose name says that it is a limit."""
    package = DOCS.parent / "constrain"
    found = set()
    for path in package.rglob("*.py"):
        module = path.relative_to(package).with_suffix("").as_posix()
        for line in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(line, ast.Assign) or "demo/" in module or "/formats/" in module:
                continue
            [target] = line.targets
            pairs = [(target, line.value)]
            if isinstance(target, ast.Tuple) and isinstance(line.value, ast.Tuple):
                pairs = list(zip(target.elts, line.value.elts, strict=True))
            for name, value in pairs:
                if isinstance(value, ast.Call) and ast.unparse(value.func) == "cython.declare":
                    value = value.args[-1]
                text = ast.unparse(value)
                if (
                    isinstance(name, ast.Name)
                    and LIMIT.fullmatch(name.id)
                    and re.fullmatch(r"[\d *<-]+", text)
                ):
                    found.add((name.id, module, eval(text)))
    return {one for one in found if one[0] not in NO_LIMITS}


def test_limits_and_constants_are_listed() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `([\w/]+)` \| ([\d,]+) \|", PAGES["limits.md"], re.MULTILINE)
    listed = {(name, module, int(value.replace(",", ""))) for name, module, value in rows}
    assert listed == constants_that_bound_work()
    table = PAGES["limits.md"].partition("## When one is hit")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [field.name for field in fields(Limits)]
