"""The oldest versions that pyproject.toml allows, as constraints for pip.

    python .ci/oldest.py build   # of what builds the package
    python .ci/oldest.py run     # of what the package and its extras need

`numpy>=1.26` becomes `numpy==1.26`. Lower bounds are written in pyproject.toml alone, and must be releases that exist:
by any other, pip finds nothing to install. The two lists are apart because the build has an environment of its own.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

import tomllib

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
BOUND = re.compile(r"(?P<name>[\w.-]+)>=(?P<version>[\w.]+)(,<[\w.]+)?(?P<marker> *;.+)?")


def requirements(pyproject: dict[str, Any], purpose: str) -> list[str]:
    """All of them, but for extras of this package in other extras."""
    if purpose == "build":
        return list(pyproject["build-system"]["requires"])
    project = pyproject["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    return [line for lines in lists for line in lines if not line.startswith(f"{project['name']}[")]


def oldest(requirement: str) -> str:
    bound = BOUND.fullmatch(requirement)
    if bound is None:
        raise SystemExit(f"{requirement!r} in pyproject.toml has no lower bound that can be read")
    return f"{bound['name']}=={bound['version']}{bound['marker'] or ''}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("purpose", choices=["build", "run"])
    purpose: str = parser.parse_args().purpose
    pyproject = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    print(*sorted({oldest(line) for line in requirements(pyproject, purpose)}, key=str.lower), sep="\n")


if __name__ == "__main__":
    main()
