"""The versions of what is installed, for the table of .ci/versions."""

import contextlib
import platform
from importlib.metadata import PackageNotFoundError, version

SHOWN = """numpy torch transformers tokenizers jsonschema hypothesis pytest lark interegular pydantic gguf
    sentencepiece""".split()


def main() -> None:
    found = [f"Python {platform.python_version()}"]
    for name in SHOWN:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    print(", ".join(found))


if __name__ == "__main__":
    main()
