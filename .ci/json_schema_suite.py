"""The official JSON Schema Test Suite for the tests, from a package index.

    python .ci/json_schema_suite.py FOLDER             # 400 kB are downloaded
    CONSTRAIN_SUITE=FOLDER python -m pytest tests/test_json_schema_*.py

The source distribution of jsonschema holds the suite, with the documents that its schemas refer to. Which release, and
the hash that it must have, is in ``json_schema_suite.txt``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

PINNED = Path(__file__).with_suffix(".txt")
WANTED = ("tests", "remotes", "LICENSE")


def download(folder: Path) -> Path:
    """The archive, which pip refuses if its hash is another."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "jsonschema"]
    subprocess.run([*command, "--require-hashes", "-r", PINNED, "--dest", folder], check=True)
    [archive] = folder.iterdir()
    return archive


def files_of_suite(archive: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The files, by their paths in the repository of the suite."""
    with tarfile.open(archive) as members:
        for member in members:
            _, found, name = member.name.partition("/json/")
            path = PurePosixPath(name)
            content = members.extractfile(member) if found and path.parts[0] in WANTED else None
            if content is not None:
                yield path, content.read()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as work:
        for path, content in files_of_suite(download(Path(work))):
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    drafts = sorted(path.name for path in (folder / "tests").iterdir())
    print(f"the JSON Schema Test Suite in {folder}: {', '.join(drafts)}")


if __name__ == "__main__":
    main()
