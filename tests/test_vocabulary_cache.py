"""The cache of vocabularies: what is loaded is what was read, and nothing that goes wrong on disk is ever seen."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import stat
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constrain.demo import model_directory
from constrain.errors import VocabularyError
from constrain.masks.vocabulary_index import index_of
from constrain.spelling import alphabet_of
from constrain.vocabulary import Vocabulary, cache
from constrain.vocabulary import vocabulary as module
from constrain.vocabulary.packed import Content, pack, unpack
from tests.data_folder import data_path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache, which is not there yet."""
    place = tmp_path / "some" / "cache"
    monkeypatch.setenv(cache.VARIABLE, str(place))
    return place


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What has been read from its source, rather than from the cache."""
    found: list[Any] = []
    read = module.read_source  # type: ignore[attr-defined]

    def noting(*arguments: Any) -> Any:
        found.append(arguments)
        return read(*arguments)

    monkeypatch.setattr(module, "read_source", noting)
    return found


def write_folder(path: Path, **changes: Any) -> Path:
    """A folder with a small tokenizer."""
    tokenizer = {
        "added_tokens": [{"id": 4, "content": "</s>", "special": True}],
        "decoder": {"type": "ByteLevel"},
        "model": {
            "type": "BPE",
            "vocab": {"b": 0, "a": 1, "Ġb": 3, "x": 5, "õ": 6, **changes.pop("vocab", {})},
        },
    }
    path.mkdir(exist_ok=True)
    (path / "tokenizer.json").write_text(json.dumps(tokenizer))
    for name, document in {"tokenizer_config": {"eos_token": "</s>"}, **changes}.items():
        (path / f"{name}.json").write_text(json.dumps(document))
    return path


def same(one: Vocabulary, other: Vocabulary) -> bool:
    """Equal in all that depends on the content, attribute by attribute."""
    names = ("size", "tokens", "eos_token_ids", "leading_space", "fingerprint")
    return one == other and all(getattr(one, name) == getattr(other, name) for name in names)


# -- what is kept -----------------------------------------------------------------------------


def test_read_once(folder: Path, tmp_path: Path, reads: list[Any]) -> None:
    source = write_folder(tmp_path / "model")
    first = Vocabulary.from_tokenizer_json(source)
    second = Vocabulary.from_tokenizer_json(source)
    assert len(reads) == 1 and len(list(folder.iterdir())) == 1
    assert same(first, second) and first.tokens == (b"b", b"a", None, b" b", None, b"x", b"\xf5")
    assert (second.encode is None) == (find_spec("tokenizers") is None)


def test_what_is_loaded_serves_for_masks(folder: Path) -> None:
    first, second = (Vocabulary.from_tokenizer_json(model_directory()) for _ in range(2))
    assert "_order" in vars(second)
    for vocabulary in (first, second):
        trie = index_of(vocabulary).trie
        below = [(vocabulary.tokens[token] or b"", token) for token in trie.tokens_below(0)]
        assert below == sorted((data, token) for token, data in enumerate(vocabulary.tokens) if data)
        for data, token in below:
            assert token in trie.tokens_at(trie.find(data))
    assert index_of(first).alphabet == index_of(second).alphabet


tokens = st.lists(st.one_of(st.none(), st.binary(max_size=3)), min_size=1, max_size=20)


@given(tokens, st.sets(st.integers(0, 30), min_size=1), st.booleans())
def test_packing_loses_nothing(table: list[bytes | None], ends: set[int], leading_space: bool) -> None:
    vocabulary = Vocabulary(table, ends, size=31, leading_space=leading_space)
    packed = pack(Content(vocabulary.tokens, vocabulary.eos_token_ids, leading_space, vocabulary.order))
    content = unpack(packed)
    assert content.tokens == vocabulary.tokens and content.eos_token_ids == vocabulary.eos_token_ids
    assert content.leading_space is leading_space
    texts = sorted((data, token) for token, data in enumerate(vocabulary.tokens) if data is not None)
    assert content.order.tolist() == vocabulary.order.tolist() == [token for _, token in texts]
    assert index_of(vocabulary).alphabet == alphabet_of(vocabulary.tokens)


@pytest.mark.parametrize("name", ["llama3", "llama4", "mistral"])
def test_real_vocabularies(folder: Path, reads: list[Any], name: str) -> None:
    source = data_path("tokenizers", name)
    first, second = (Vocabulary.from_tokenizer_json(source) for _ in range(2))
    assert same(first, second) and len(reads) == 1
    assert (first.order == second.order).all()


def test_transformers(folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(model_directory()))
    first = Vocabulary.from_transformers(tokenizer)
    (path,) = folder.iterdir()
    before = path.stat().st_mtime_ns
    second = Vocabulary.from_transformers(tokenizer)
    assert same(first, second) and path.stat().st_mtime_ns == before
    assert second.encode is not None and second.encode("a") == first.encode("a")  # type: ignore[misc]
    tokenizer.add_tokens(["<a new token>"])
    third = Vocabulary.from_transformers(tokenizer)
    assert third.tokens[-1] == b"<a new token>" and third.size == first.size + 1


def test_what_is_loaded_is_checked_against_the_tokenizer_at_hand(folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(model_directory()))
    Vocabulary.from_transformers(tokenizer)
    decode = type(tokenizer).decode

    class Shouting(type(tokenizer)):  # type: ignore[misc]
        def decode(self, *arguments: Any, **options: Any) -> str:
            text: str = decode(self, *arguments, **options)
            return text.upper()

    tokenizer.__class__ = Shouting
    with pytest.raises(VocabularyError, match="the tokenizer decodes"):
        Vocabulary.from_transformers(tokenizer)


def test_tekken(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "tekken.json"
    entries = [{"rank": 0, "token_bytes": "YQ=="}, {"rank": 1, "token_bytes": "YmM="}]
    config = {"default_num_special_tokens": 3, "default_vocab_size": 6}
    path.write_text(json.dumps({"config": config, "vocab": entries}))
    first, second = Vocabulary.from_tekken(path), Vocabulary.from_tekken(path.read_text())
    assert same(first, second) and len(list(folder.iterdir())) == 1
    assert first.tokens == (None, None, None, b"a", b"bc", None)


# -- what makes another file ------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"vocab": {"y": 7}},
        {"tokenizer_config": {"eos_token": "x"}},
        {"tokenizer_config": {"eos_token": "</s>", "pad_token": "x"}},
        {"generation_config": {"eos_token_id": [4, 5]}},
    ],
)
def test_another_file_is_another_vocabulary(
    folder: Path, tmp_path: Path, change: dict[str, Any], reads: list[Any]
) -> None:
    source = tmp_path / "model"
    first = Vocabulary.from_tokenizer_json(write_folder(source))
    second = Vocabulary.from_tokenizer_json(write_folder(source, **change))
    assert len(reads) == 2 and first != second


def test_other_arguments_are_another_vocabulary(folder: Path, tmp_path: Path) -> None:
    source = write_folder(tmp_path / "model")
    cases: list[Any] = [((), {}), ((5,), {}), (([5, 0],), {}), ((), {"eos_tokens": "x"})]
    ends = [
        Vocabulary.from_tokenizer_json(source, *ids, **names).eos_token_ids
        for _ in range(2)
        for ids, names in cases
    ]
    assert ends == [(4,), (4, 5), (0, 4, 5), (4, 5)] * 2


def test_what_one_file_ends_with_is_not_what_the_next_begins_with() -> None:
    keys = {
        cache.key_of(b"ab", b"c"),
        cache.key_of(b"a", b"bc"),
        cache.key_of(b"abc"),
        cache.key_of(b"abc", b""),
    }
    assert len(keys) == 4


def test_other_code_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    key = cache.key_of(b"a")
    monkeypatch.setattr(cache, "_code", lambda: b"of another release")
    assert cache.key_of(b"a") != key


def test_what_cannot_be_read_is_not_kept(folder: Path, tmp_path: Path) -> None:
    source = write_folder(tmp_path / "model", tokenizer_config={"eos_token": "missing"})
    for _ in range(2):
        with pytest.raises(VocabularyError, match="'missing' is not in the vocabulary"):
            Vocabulary.from_tokenizer_json(source)
    assert not folder.exists()


# -- what goes wrong on disk ------------------------------------------------------------------


def damages(data: bytes) -> dict[str, bytes]:
    return {
        "empty": b"",
        "cut short": data[:-1],
        "longer": data + b"\0",
        "another version": data.replace(b"constrain cache", b"constrain shelf"),
        "a checksum altered": data[:20] + bytes([data[20] ^ 1]) + data[21:],
        "a byte altered": data[:-1] + bytes([data[-1] ^ 1]),
        "a count altered": data[:48] + bytes([data[48] ^ 1]) + data[49:],
        "numbers of the other byte order": data[:48] + data[48:52][::-1] + data[52:],
    }


@pytest.mark.parametrize("damage", damages(bytes(99)))
def test_a_damaged_file_is_made_anew(
    folder: Path, tmp_path: Path, damage: str, reads: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    source = write_folder(tmp_path / "model")
    first = Vocabulary.from_tokenizer_json(source)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damages(whole)[damage])
    with caplog.at_level(logging.WARNING):
        assert same(Vocabulary.from_tokenizer_json(source), first)
    assert "is damaged" in caplog.text
    assert len(reads) == 2 and path.read_bytes() == whole


def test_a_renamed_file_is_made_anew(folder: Path, tmp_path: Path) -> None:
    one = write_folder(tmp_path / "one")
    other = write_folder(tmp_path / "other", vocab={"z": 9})
    Vocabulary.from_tokenizer_json(one)
    (path,) = folder.iterdir()
    expected = Vocabulary.from_tokenizer_json(other)
    (target,) = set(folder.iterdir()) - {path}
    path.replace(target)
    assert same(Vocabulary.from_tokenizer_json(other), expected)


def test_a_folder_in_place_of_the_file(folder: Path, tmp_path: Path) -> None:
    source = write_folder(tmp_path / "model")
    first = Vocabulary.from_tokenizer_json(source)
    (path,) = folder.iterdir()
    path.unlink()
    path.mkdir()
    assert same(Vocabulary.from_tokenizer_json(source), first)
    assert [*folder.iterdir()] == [path]  # and nothing is left beside it


def test_a_file_in_place_of_the_folder(folder: Path, tmp_path: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("no folder")
    source = write_folder(tmp_path / "model")
    assert same(Vocabulary.from_tokenizer_json(source), Vocabulary.from_tokenizer_json(source))
    assert folder.read_text() == "no folder"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not stop this user")
def test_a_folder_that_is_read_only(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o500)
    source = write_folder(tmp_path / "model")
    assert same(Vocabulary.from_tokenizer_json(source), Vocabulary.from_tokenizer_json(source))
    assert not list(folder.iterdir())


def test_a_disk_that_is_full(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    assert Vocabulary.from_tokenizer_json(write_folder(tmp_path / "model")).size == 7
    assert not list(folder.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_permissions_are_those_of_any_new_file(folder: Path, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        Vocabulary.from_tokenizer_json(write_folder(tmp_path / "model"))
    finally:
        os.umask(before)
    (path,) = folder.iterdir()
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(path.stat().st_mode)) == (0o750, 0o640)


def _load_often(source: str, place: str, results: Any) -> None:
    os.environ[cache.VARIABLE] = place
    for _ in range(20):
        vocabulary = Vocabulary.from_tokenizer_json(source)
        results.put(vocabulary.fingerprint)
        for path in Path(place).iterdir():
            path.unlink(missing_ok=True)  # so that the next one writes again


def test_many_processes_at_once(folder: Path) -> None:
    source = str(model_directory())
    expected = Vocabulary.from_tokenizer_json(source).fingerprint
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_load_often, args=(source, str(folder), results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    found = {results.get(timeout=60) for _ in range(60)}
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert found == {expected}


# -- where ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HOME": "/home/ada"}, "/home/ada/.cache/constrain"),
        ({"HOME": "/home/ada", "XDG_CACHE_HOME": "/var/cache"}, "/var/cache/constrain"),
        ({"HOME": "/home/ada", "XDG_CACHE_HOME": "relative"}, "/home/ada/.cache/constrain"),
        ({"HOME": "/home/ada", "XDG_CACHE_HOME": ""}, "/home/ada/.cache/constrain"),
        ({"HOME": "/home/ada", "XDG_CACHE_HOME": "/var/cache", "CONSTRAIN_CACHE": "here"}, "here"),
        ({"HOME": "/home/ada", "XDG_CACHE_HOME": "/var/cache", "CONSTRAIN_CACHE": ""}, None),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="POSIX paths")
def test_where_it_is(
    environment: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "CONSTRAIN_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache.folder() == (None if expected is None else Path(expected))


def test_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONSTRAIN_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert cache.folder() is None
    assert same(*(Vocabulary.from_tokenizer_json(model_directory()) for _ in range(2)))


def test_turned_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: list[Any]) -> None:
    monkeypatch.setenv(cache.VARIABLE, "")
    monkeypatch.chdir(tmp_path)
    source = write_folder(tmp_path / "model")
    for _ in range(2):
        Vocabulary.from_tokenizer_json(source)
    assert len(reads) == 2 and [path.name for path in tmp_path.iterdir()] == ["model"]


def test_without_sources(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_sources", list)  # a frozen application
    assert Vocabulary.from_tokenizer_json(write_folder(tmp_path / "model")).size == 7
    assert not folder.exists()
