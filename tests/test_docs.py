"""The pages of ``docs``: their examples run, in the order of the page, and their tables are complete."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from constrain.languages.json_schema.formats import FORMATS
from constrain.languages.json_schema.keywords import RULES, SILENT

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
            assert (folder / f"{module}.py").exists() or (folder / module).is_dir(), module
