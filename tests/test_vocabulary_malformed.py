"""tokenizer.json and tekken.json files that are broken or forged: refused with a reason, at no great cost."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest

import constrain as cn
from constrain.demo import model_directory

VOCAB = {"a": 0, "Ġb": 1, "</s>": 2}
DECODER = {"type": "ByteLevel"}


def document(**changes: Any) -> dict[str, Any]:
    return {"model": {"type": "BPE", "vocab": VOCAB}, "decoder": DECODER, "added_tokens": [], **changes}


def model(vocab: Any) -> dict[str, Any]:
    return document(model={"type": "BPE", "vocab": vocab})


def added(**entry: Any) -> dict[str, Any]:
    return document(added_tokens=[{"id": 3, "content": "<x>", "special": False, **entry}])


def replace(**step: Any) -> dict[str, Any]:
    return document(decoder={"type": "Replace", "pattern": {"String": "▁"}, "content": " ", **step})


def test_what_is_broken_below_can_be_read() -> None:
    for whole in (document(), model(VOCAB), added(), replace()):
        assert cn.Vocabulary.from_tokenizer_json(whole, 2).tokens[0] == b"a"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{" * 10, "this is no tokenizer.json"),
        ('{"a":' * 100_000, "this is no tokenizer.json"),
        (model(5), "neither an object nor a list"),
        (model({"a": "0"}), "no number as its id"),
        (model({"a": -1}), "no number as its id"),
        (model({"a": True}), "no number as its id"),
        (model({"a": 0, "b": 0}), "one id to several tokens"),
        (model({"a": 10**12}), "more than 16777216 are not read"),
        (model({"\ud800": 0}), "not Unicode"),
        (model([["a"]]), "not a list of pieces and scores"),
        (model([[None, 0.0]]), "has no text"),
        (model(["ab"]), "not a list of pieces and scores"),
        (document(added_tokens={"a": 0}), "not a list of objects"),
        (document(added_tokens=["a"]), "not a list of objects"),
        (added(id=None), "no number as its id"),
        (added(id=-1), "no number as its id"),
        (added(id=10**12), "more than 16777216 are not read"),
        (added(content=None), "has no text"),
        (document(decoder="ByteLevel"), "no step of a decoder: 'ByteLevel'"),
        (document(decoder={"type": ["ByteLevel"]}), "no step of a decoder"),
        (document(decoder={"type": "Sequence"}), "decoder Sequence cannot be read: its decoders is None"),
        (document(decoder={"type": "Sequence", "decoders": [None]}), "no step of a decoder: None"),
        (replace(pattern=None), "decoder Replace cannot be read: its pattern is None"),
        (replace(content=3), "decoder Replace cannot be read: its content is 3"),
        (document(decoder={"type": "Metaspace"}), "its replacement is None"),
        (document(decoder={"type": "Strip", "content": " ", "start": 1}), "its stop is None"),
    ],
)
def test_tokenizer_json(source: Any, reason: str) -> None:
    with pytest.raises(cn.VocabularyError, match=reason):
        cn.Vocabulary.from_tokenizer_json(source, 2)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"added_tokens_decoder": [1]}, "no tokens by their ids"),
        ({"added_tokens_decoder": {"x": {"content": "a"}}}, "no tokens by their ids"),
        ({"added_tokens_decoder": {"-1": {"content": "a"}}}, "no tokens by their ids"),
        ({"added_tokens_decoder": {"5": "a"}}, "no tokens by their ids"),
        ({"added_tokens_decoder": {"5": {}}}, "has no text"),
    ],
)
def test_tokenizer_config(config: Any, reason: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps(document()))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    with pytest.raises(cn.VocabularyError, match=reason):
        cn.Vocabulary.from_tokenizer_json(tmp_path, 2)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(b'{"\xff": 1}')
    with pytest.raises(cn.VocabularyError, match="not UTF-8"):
        cn.Vocabulary.from_tokenizer_json(tmp_path, 2)


def test_every_beginning_of_a_tokenizer_json_is_refused(tmp_path: Path) -> None:
    text = Path(model_directory(), "tokenizer.json").read_text(encoding="utf-8")
    path = tmp_path / "t.json"
    chance = random.Random(1)
    for length in [0, 1, *(chance.randrange(len(text.rstrip())) for _ in range(60))]:
        path.write_text(text[:length], encoding="utf-8")
        with pytest.raises(cn.VocabularyError):
            cn.Vocabulary.from_tokenizer_json(path, 1)


def tekken(entry: Any = None, **config: Any) -> dict[str, Any]:
    counts = {"default_num_special_tokens": 3, "default_vocab_size": 5, **config}
    token = {"rank": 0, "token_bytes": base64.b64encode(b"a").decode()}
    return {"config": counts, "vocab": [token if entry is None else {**token, **entry}]}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{", "this is no tekken.json"),
        ('{"a":' * 100_000, "this is no tekken.json"),
        ({"config": 3}, "no config with default_num"),
        ({**tekken(), "vocab": None}, "rank is None"),
        (tekken({"rank": -1}), "rank is -1, not a number from 0 on"),
        (tekken({"rank": "0"}), "rank is '0'"),
        (tekken({"token_bytes": "?"}), "are not base64"),
        (tekken({"token_bytes": 5}), "are not base64"),
        (tekken(default_vocab_size=None), "default_vocab_size is None"),
        (tekken(default_vocab_size=10**12), "more than 16777216 are not read"),
        (tekken(default_num_special_tokens=-4), "default_num_special_tokens is -4"),
    ],
)
def test_tekken(source: Any, reason: str) -> None:
    assert cn.Vocabulary.from_tekken(tekken()).tokens == (None, None, None, b"a", None)
    with pytest.raises(cn.VocabularyError, match=reason):
        cn.Vocabulary.from_tekken(source)
