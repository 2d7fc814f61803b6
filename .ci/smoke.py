"""What an installed package must be able to do with numpy alone: python .ci/smoke.py

The folder of this script, not the working directory, is on the module path, so what is checked is the
installed package even where a source tree lies around.
"""

from __future__ import annotations

import importlib
from importlib.machinery import EXTENSION_SUFFIXES

import constrain as cn
from constrain.demo import model_directory, tasks

COMPILED = [
    "expression.arena",
    "engine.derivative",
    "vocabulary.trie",
    "masks.walk.masker",
    "decoding.matcher",
]


def main() -> None:
    for name in COMPILED:
        path = importlib.import_module(f"constrain.{name}").__file__ or ""
        assert path.endswith(tuple(EXTENSION_SUFFIXES)), f"{name} is not compiled: {path}"

    vocabulary = cn.Vocabulary.from_tokenizer_json(model_directory())
    for schema in tasks().values():
        assert cn.compile(cn.json_schema(dict(schema)), vocabulary).matcher().allowed_tokens()

    matcher = cn.compile(cn.regex("7{2}"), cn.Vocabulary([b"7", b"77", b"x"], 3, size=4)).matcher()
    assert matcher.allowed_tokens() == [0, 1]
    assert matcher.advance(1)
    assert matcher.allowed_tokens() == [3]

    # Data files: the meta-schemas, and the Unicode properties.
    assert cn.json_schema({"$ref": "http://json-schema.org/draft-07/schema#"}).matches("true")
    assert cn.json_schema({"type": "string", "pattern": r"^\p{Lu}$"}).matches('"Ä"')

    assert cn.grammar("json").matches('{"a": [1, true, null]}')
    print(f"constrain {cn.__version__} from {cn.__file__} works")


if __name__ == "__main__":
    main()
