"""The README's examples run, its commands are those of ``.ci/run``, and its links lead somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from constrain.demo.real_model import INSTALL

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def run(example: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), names)
    return names


def test_every_example_is_run_here() -> None:
    assert len(EXAMPLES) == 2


def test_library_example() -> None:
    names = run(EXAMPLES[0])
    assert names["matcher"].stopped
    assert sorted(json.loads(names["matcher"].text)) == ["age", "name"]


def test_generate_example(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("transformers")
    jsonschema = pytest.importorskip("jsonschema")
    names = run(EXAMPLES[1])
    record = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(names["example"].schema).validate(record)


def test_first_screen_has_the_two_commands_that_ci_runs() -> None:
    commands = [line for line in README.splitlines()[:40] if line.startswith("python3 -m venv ")]
    assert len(commands) == 2
    assert commands[0].endswith(".venv/bin/constrain demo")
    assert commands[1].endswith(".venv/bin/python -m pytest -q -n 2")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "sed -n '/^python3 -m venv /p' README.md" in script
    assert not re.search(r"pip install.*\.\[", script), "what .ci/run installs, the README says"


def test_the_real_model_is_installed_as_its_errors_say() -> None:
    [command] = [line for line in README.splitlines()[:40] if line.endswith("constrain demo --real")]
    plain = command.replace(".venv/bin/", "").replace("-c constraints.txt ", "")
    assert plain == f"{INSTALL} && constrain demo --real"
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "sed -n '/constrain demo --real$/p' README.md" in script


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_to_files(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        if not target.startswith("http"):
            assert (ROOT / page).parent.joinpath(target).exists(), target
