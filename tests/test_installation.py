"""The package under test is the compiled one, built from the sources beside it as the build was meant to be."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from constrain.installation import FOLDERS, check_installation

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


# Two rows to mask, and marks for one: `apply_mask` refuses that, what it calls takes it on trust.
READ_OUT_OF_BOUNDS = """
import numpy as np
from constrain.masks.bits.score_rows import mask_rows
mask_rows["int"](0, 0, 0, 0, 0, np.zeros((2, 1), "i4"), np.zeros(1, "u1"), 0, np.zeros((256, 8), "i4"), 0)
"""


@pytest.mark.skipif(os.environ.get("CONSTRAIN_CHECKED") != "1", reason="not a checked build")
def test_checked_build_checks_bounds() -> None:
    with pytest.raises(IndexError):
        exec(READ_OUT_OF_BOUNDS)


@pytest.mark.skipif(os.environ.get("CONSTRAIN_SANITIZED") != "1", reason="not a sanitized build")
def test_sanitized_build_reports_what_is_out_of_bounds(tmp_path: Path) -> None:
    run = sanitized_python(tmp_path, READ_OUT_OF_BOUNDS)
    assert run.returncode != 0
    assert re.search(
        r"ERROR: AddressSanitizer: heap-buffer-overflow.*score_rows", reports(tmp_path), re.DOTALL
    )


@pytest.mark.skipif(os.environ.get("CONSTRAIN_SANITIZED") != "1", reason="not a sanitized build")
def test_sanitized_build_reports_undefined_behaviour(tmp_path: Path) -> None:
    """And goes on: one run finds all there is."""
    run = sanitized_python(
        tmp_path,
        """
import numpy as np
from constrain.masks.bits.score_rows import mask_rows
scores = np.zeros(200, "u1")
place = scores.ctypes.data + 1, 128
mask_rows["int"](*place, *place, 32, np.ones((1, 1), "i4"), None, 32, np.zeros((256, 8), "i4"), 0)
""",
    )
    assert run.returncode == 0, run.stderr
    assert re.search(r"score_rows\.c:\d+:\d+: runtime error: .* of misaligned address", reports(tmp_path))


def sanitized_python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` and have what the sanitizers report written to ``folder``, as ``.ci/sanitize`` has it written."""
    path = str(folder / "report")
    environment = os.environ | {"CONSTRAIN_REPORTS": path}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        options = [option for option in os.environ[name].split(":") if not option.startswith("log_path=")]
        environment[name] = ":".join([*options, f"log_path={path}"])
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )


def reports(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in folder.glob("report*"))


def test_every_package_is_installed() -> None:
    """An editable install finds packages in the folder anyway; a wheel holds those that are listed."""
    listed = re.search(
        r"^packages = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL
    )
    assert listed is not None
    found = [path.parent.relative_to(ROOT) for path in (ROOT / "constrain").rglob("__init__.py")]
    packages = {".".join(folder.parts) for folder in found} | {"constrain.grammars"}
    assert packages == set(re.findall(r'"([a-z_.]+)"', listed[1]))


# -- what importing says ----------------------------------------------------------------------


def test_compiled_modules_are_those_with_declarations() -> None:
    """So that an installed package can tell, without ``setup.py``, which of its modules must be compiled."""
    package = ROOT / "constrain"
    declared = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in package.rglob("*.pxd")
        if path.with_suffix(".py").exists()
    }
    assert declared == set(compiled_modules())
    assert {path.parent.relative_to(package).as_posix() for path in package.rglob("*.pxd")} == {
        folder or "." for folder in FOLDERS
    }


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )


def copy_of_the_tree(folder: Path, *left_out: str) -> Path:
    shutil.copytree(
        ROOT / "constrain", folder / "constrain", ignore=shutil.ignore_patterns(*left_out, "model")
    )
    return folder


def test_a_tree_that_is_not_built_says_what_to_do(tmp_path: Path) -> None:
    run = python(copy_of_the_tree(tmp_path, "*.so", "*.pyd"), "import constrain")
    message = run.stderr.strip().splitlines()[-1]
    assert run.returncode == 1 and message.startswith(f"ImportError: constrain is not built in {tmp_path}")
    assert f"python -m pip install -e {tmp_path}" in message
    assert "During handling" not in run.stderr and run.stderr.count("Traceback") == 1


def test_a_tree_that_is_built_in_part_says_so_too(tmp_path: Path) -> None:
    with pytest.raises(
        ImportError, match=r"1 modules are not compiled, masks\.walk\.masker for one"
    ) as caught:
        check_installation(copy_of_the_tree(tmp_path, "masker.*.so", "masker.*.pyd") / "constrain")
    assert caught.value.name == "constrain.masks.walk.masker"


def test_the_other_project_of_that_name_is_told_of(tmp_path: Path) -> None:
    folder = copy_of_the_tree(tmp_path) / "constrain"
    (folder / "api").mkdir()
    (folder / "api" / "workflow.py").write_text("", encoding="utf-8")
    with pytest.warns(
        UserWarning, match=r"pip uninstall constrain constrain-lm, then pip install constrain-lm"
    ):
        check_installation(folder)
    (folder / "__init__.py").write_text("import logging", encoding="utf-8")  # installed after this library
    run = python(tmp_path, "import sys; from constrain.cli import main; sys.exit(main(['check', '-']))")
    assert run.returncode == 2
    assert run.stderr.startswith("constrain: error: another project called constrain (controls of buildings)")


def test_the_distribution_has_one_name() -> None:
    """Whatever is installed by name is this project, not the other one."""
    tracked = ["README.md", "CONTRIBUTING.md", "pyproject.toml", "constraints.txt"]
    pages = [ROOT / name for name in tracked] + [*ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]
    pages += [*(ROOT / "constrain").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    wrong = re.compile(r"constrain\[[a-z]+\]|pip install (-\w+ )*constrain(?![-\w])")
    assert [path.name for path in pages if wrong.search(path.read_text(encoding="utf-8"))] == []
    assert 'name = "constrain-lm"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
