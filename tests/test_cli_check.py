"""``constrain check``: the report on a schema, as text and as JSON, and its exit codes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from constrain.cli import main
from constrain.demo import model_directory
from constrain.languages.json_schema import Options
from constrain.languages.json_schema.report import Note, report

FAR = "\U00050000"
Capture = pytest.CaptureFixture[str]

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def run(capsys: Capture, folder: Path, schema: Any, *arguments: str) -> tuple[int, str]:
    path = folder / "schema.json"
    path.write_text(json.dumps(schema), encoding="utf-8")
    code = main(["check", str(path), *arguments])
    captured = capsys.readouterr()
    assert captured.err == ""
    return code, captured.out


# -- the report -------------------------------------------------------------------------------


def test_all_problems_are_told_at_once() -> None:
    schema = {
        "minLength": "x",
        "$ref": "#/nowhere",
        "properties": {"a": {"pattern": r"(a)\1", "type": "strin"}, "b/c": {"allOf": []}},
        "$defs": {"unused": {"type": 1}},
    }
    found = report(schema)
    pointers = {
        "/minLength",
        "/$ref",
        "/properties/a/pattern",
        "/properties/a/type",
        "/properties/b~1c/allOf",
    }
    assert {problem.pointer for problem in found.problems} == pointers
    assert not found.usable and found.shortest == "" and found.samples == []


@pytest.mark.parametrize(
    ("schema", "pointer", "words"),
    [
        ("{", "", "not JSON"),
        ([], "", "not list"),
        ({"$schema": "urn:unknown"}, "/$schema", "not a known dialect"),
        ({"$ref": "https://example.com/a"}, "/$ref", "no document"),
        ({"properties": {"a": {"pattern": r"\b(?=a)"}}}, None, ""),
    ],
)
def test_single_problems(schema: Any, pointer: str | None, words: str) -> None:
    problems = report(schema).problems
    assert [problem.pointer for problem in problems] == ([] if pointer is None else [pointer])
    assert all(words in problem.reason for problem in problems)


def test_annotations() -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "known, and silent",
        "minium": 3,
        "then": {"type": "string"},
        "properties": {
            "a": {"format": "colour", "x-vendor": {"pattern": "not a schema"}},
            "b": {"$ref": "#/definitions/c", "minLength": 2, "description": "d"},
            "e": {"items": True, "additionalItems": False, "default": {"unknown": 1}},
        },
        "definitions": {"c": True, "unreached": {"unknown": 1}},
    }
    assert report(schema).annotations == [
        Note("/minium", "unknown keyword; is minimum meant?"),
        Note("/then", "says nothing without if"),
        Note("/properties/a/format", "unknown format 'colour'"),
        Note("/properties/a/x-vendor", "unknown keyword"),
        Note("/properties/b/minLength", "a $ref hides the keywords beside it in draft 7"),
        Note("/properties/e/additionalItems", "says nothing unless items is a list"),
    ]
    email = {"format": "email"}
    assert report(email).annotations == []
    assert report(email, Options(formats=False)).annotations == [Note("/format", "formats are not enforced")]


def test_impossible_subschemas() -> None:
    schema = {
        "type": "string",
        "anyOf": [{"type": "number"}, {"minLength": 2}, False],
        "$defs": {"unreached": {"enum": []}},
        "properties": {"a": {"type": "null", "enum": [1], "properties": {"b": {"enum": []}}}, "c": False},
    }
    assert report(schema).impossible == [
        Note("/anyOf/0", 'no value satisfies both type "string" and type "number" at /anyOf/0'),
        Note("/properties/a", 'no value of enum is admitted: 1 fails type "null"'),
    ]


def test_unsatisfiable() -> None:
    found = report({"type": "string", "minLength": 2, "maxLength": 1})
    reason = 'no value satisfies all of type "string", minLength 2 and maxLength 1'
    assert found.unsatisfiable == Note("", reason)
    assert not found.usable and not found.problems and found.samples == []


def test_documents() -> None:
    found = report(PERSON, samples=5, seed=1)
    assert found.usable and found.draft == 2020 and found.seconds > 0
    assert found.shortest == '{"name":"","age":0}'
    assert len(set(found.samples)) == 5
    for text in found.samples:
        value = json.loads(text)
        assert list(value) == ["name", "age"] and isinstance(value["name"], str) and value["age"] >= 0
    assert report(PERSON, samples=5, seed=1).samples == found.samples
    assert len(report({"enum": ["a", "b"]}, samples=5).samples) == 2


def test_work_limits_are_problems() -> None:
    chain: dict[str, Any] = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(1000)}
    circle = {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/d0"}]}
    found = report({"$ref": "#/$defs/d0", "$defs": chain | {"d1000": circle}})
    assert not found.usable and "depend on each other" in found.problems[0].reason
    assert found.problems[0].pointer.startswith("/$defs/d")


def test_documents_that_python_cannot_read_are_not_shown() -> None:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(400):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    limit = sys.getrecursionlimit()  # Hypothesis raises it
    sys.setrecursionlimit(1000)
    try:
        found = report(schema)
    finally:
        sys.setrecursionlimit(limit)
    assert found.usable and found.shortest == "" and found.samples == []


def test_a_long_chain_of_references_is_no_problem() -> None:
    chain: dict[str, Any] = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(1000)}
    assert report({"$ref": "#/$defs/d0", "$defs": chain | {"d1000": {"type": "null"}}}).samples == ["null"]


# -- the command ------------------------------------------------------------------------------


def test_a_schema_that_can_be_used(capsys: Capture, tmp_path: Path) -> None:
    code, out = run(capsys, tmp_path, PERSON | {"minium": 1}, "--samples", "2", "--seed", "1")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("OK, draft 2020-12: supported, and documents validate; compiled in ")
    assert lines[1:7] == [
        "",
        "Keywords that say nothing about which documents are valid",
        "  minium: unknown keyword; is minimum meant?",
        "    /minium",
        "",
        "A shortest document",
    ]
    assert lines[-3] == "Random documents" and all(json.loads(line) for line in lines[-2:])


def test_a_schema_that_cannot(capsys: Capture, tmp_path: Path) -> None:
    code, out = run(capsys, tmp_path, {"items": {"$ref": "other"}}, "--draft", "4")
    assert code == 1
    assert out.splitlines() == [
        "NOT SUPPORTED, draft 4",
        "",
        "Problems",
        "  /items/$ref",
        "    'other' cannot be followed: there is no document 'other'",
        "    -> pass the document in a registry, or put the schema under $defs",
    ]
    code, out = run(capsys, tmp_path, {"enum": []})
    assert (
        code == 1 and out.startswith("UNSATISFIABLE, draft 2020-12") and "  /enum\n    enum [] admits" in out
    )


def test_as_json(capsys: Capture, tmp_path: Path) -> None:
    code, out = run(capsys, tmp_path, {"enum": ["a"]}, "--json", "--samples", "0")
    found = json.loads(out)
    assert code == 0 and found["usable"] is True and found["shortest"] == '"a"' and found["samples"] == []
    code, out = run(capsys, tmp_path, False, "--json")
    assert code == 1 and json.loads(out)["unsatisfiable"]["reason"] == "the schema false admits no value"


def test_options(capsys: Capture, tmp_path: Path) -> None:
    address = {"const": "x", "format": "email"}
    assert run(capsys, tmp_path, address)[0] == 1
    assert run(capsys, tmp_path, address, "--no-formats")[0] == 0
    orders = {"any": 2, "schema": 1}
    schema = {**PERSON, "properties": {"name": {"const": ""}, "age": {"const": True}}}
    for order, count in orders.items():
        out = run(capsys, tmp_path, schema, "--order", order, "--json", "--samples", "2")[1]
        assert len({tuple(json.loads(text)) for text in json.loads(out)["samples"]}) == count
    spellings = {"compact": '{"name":"","age":0}', "spaced": '{"name": "", "age": 0}'}
    spellings["indented"] = '{\n"name": "",\n"age": 0\n}'
    for whitespace, shortest in spellings.items():
        out = run(capsys, tmp_path, PERSON, "--whitespace", whitespace, "--json", "--samples", "0")[1]
        assert json.loads(out)["shortest"] == shortest


def test_registry(capsys: Capture, tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    (folder / "deep").mkdir(parents=True)
    name = {"$id": "https://example.com/name", "type": "string", "maxLength": 1}
    (folder / "deep" / "name.json").write_text(json.dumps(name))
    for reference in ("https://example.com/name", "deep/name.json"):
        assert run(capsys, tmp_path, {"$ref": reference}, "--registry", str(folder))[0] == 0
    file = str(folder / "deep" / "name.json")
    assert run(capsys, tmp_path, {"$ref": "name.json"}, "--registry", file)[0] == 0
    assert run(capsys, tmp_path, {"$ref": "name.json"})[0] == 1
    (folder / "broken.json").write_text("{")
    assert main(["check", file, "--registry", str(folder)]) == 2
    assert "broken.json: the schema is not JSON" in capsys.readouterr().err


def test_standard_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("true"))
    assert main(["check", "-"]) == 0
    assert main(["check", str(tmp_path / "missing.json")]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_malformed_is_called_invalid_and_problems_come_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(
        '{"properties": {"a": {"type": "objekt"}, "b": {"minLength": -1}, "c": {"pattern": "("}}}'
    )
    assert main(["check", str(path)]) != 0
    shown = capsys.readouterr().out
    assert shown.startswith("INVALID")
    assert shown.index("/a/type") < shown.index("/b/minLength") < shown.index("/c/pattern")


def test_keywords_about_other_types_say_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "idle.json"
    path.write_text('{"type": ["integer", "null"], "maxLength": 3, "minimum": 0}')
    assert main(["check", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "maxLength: says nothing about values of type integer or null" in shown and "minimum" not in shown


def test_what_a_tokenizer_cannot_spell(capsys: Capture, tmp_path: Path) -> None:
    """The vocabulary of the package has all bytes; in the other one F1, which begins characters, is no token."""
    code, out = run(capsys, tmp_path, PERSON, "--tokenizer", str(model_directory()))
    assert code == 0 and "What the tokenizer cannot spell\n  everything can be spelt" in out
    spelled = f'"{FAR}"'
    tokenizer = json.loads((Path(model_directory()) / "tokenizer.json").read_text(encoding="utf-8"))
    name = "\u00f1"
    assert not any(name in "".join(merge) for merge in tokenizer["model"]["merges"])
    del tokenizer["model"]["vocab"][name]
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    for file in Path(model_directory()).glob("*token*.json"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    code, out = run(capsys, tmp_path, {"enum": ["a", FAR]}, "--tokenizer", str(folder), "--json")
    assert json.loads(out)["spelling"] == {
        "nothing": "",
        "lost": f"characters: U+50000; texts: {spelled!r}",
        "characters": [[0x50000, 0x50000]],
        "texts": [spelled],
    }
    code, out = run(capsys, tmp_path, {"const": FAR}, "--tokenizer", str(folder))
    assert code == 1 and "no document: the grammar needs" in out


def test_a_tokenizer_that_is_not_there(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text("{}", encoding="utf-8")
    assert main(["check", str(path), "--tokenizer", str(tmp_path / "nowhere")]) == 2
    assert "there is no such file or folder" in capsys.readouterr().err


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_thousands_of_alternatives(keyword: str) -> None:
    """Each is asked about beside the keywords next to the union, not beside the whole union."""
    arms: list[Any] = [
        {"properties": {"kind": {"const": number}, "x": {"type": "string"}}, "required": ["kind"]}
        for number in range(1500)
    ]
    found = report({"type": "object", keyword: [*arms, {"type": "string"}]}, samples=0)
    assert found.usable and [note.pointer for note in found.impossible] == [f"/{keyword}/1500"]
    assert report({keyword: arms}, samples=0).impossible == []


UNEVALUATED = {
    "type": "object",
    "anyOf": [{"required": ["a"], "properties": {"a": {}}}, {"required": ["b"]}],
    "unevaluatedProperties": False,
}


@pytest.mark.parametrize(
    ("schema", "pointers"),
    [
        ({"oneOf": [{"type": "string"}, {"enum": ["a", "b"]}, {"const": None}]}, ["/oneOf/1"]),
        ({"oneOf": [{"type": "null"}, {"enum": [None, 1]}, {"type": ["null", "string"]}]}, ["/oneOf/0"]),
        ({"oneOf": [{"type": "object"}, {"type": "object", "required": ["a"]}]}, ["/oneOf/1"]),
        ({"minLength": 2, "anyOf": [{"const": "a"}, {"const": "ab"}]}, ["/anyOf/0"]),
        (
            {"anyOf": [{"const": "a"}, {"const": "b"}], "oneOf": [{"const": "a"}, {"const": "c"}]},
            ["/anyOf/1", "/oneOf/1"],
        ),
        (UNEVALUATED, ["/anyOf/1"]),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, []),
    ],
)  # fmt: skip
def test_alternatives_that_admit_nothing_beside_the_others(schema: Any, pointers: list[str]) -> None:
    assert [note.pointer for note in report(schema).impossible] == pointers


def test_a_reader_that_stops_reading(tmp_path: Path) -> None:
    """As ``constrain check schema.json | head -1`` does; the pipe is closed before anything is written."""
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({f"key{number}": 1 for number in range(20)}), encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    command = [
        sys.executable,
        "-c",
        "import sys; from constrain.cli import main; sys.exit(main())",
        "check",
        str(path),
    ]
    with os.fdopen(writing, "w") as closed:
        run = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (141, "")


def test_patterns_of_other_dialects_are_listed(capsys: Capture, tmp_path: Path) -> None:
    schema = {
        "properties": {"size": {"pattern": "(?i)^[1-9][0-9]*(GiB|G)?$"}, "nullable": {"nullable": True}}
    }
    code, text = run(capsys, tmp_path, schema)
    section = text.partition("Patterns that are read as other dialects mean them")[2]
    assert code == 0 and "/properties/size/pattern\n    (?i) holds for the rest of its group" in section
    assert "a keyword of OpenAPI 3.0" in text
    code, text = run(capsys, tmp_path, schema, "--json")
    assert [note["pointer"] for note in json.loads(text)["readings"]] == ["/properties/size/pattern"]
