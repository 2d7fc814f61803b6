"""From a Hugging Face tokenizer.json to a token table, without the ``tokenizers`` package.

When should I use this? For every fast tokenizer: its form at run time (``backend_tokenizer.to_str()``) and the file in
a model folder have the same format. ``tokenizer_config.json`` may add tokens, so a live tokenizer is the better source.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from errno import ENOENT
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from constrain.errors import VocabularyError
from constrain.vocabulary.readers.decoder import Decoder
from constrain.vocabulary.readers.generation_config import ends_of_folder
from constrain.vocabulary.table import TokenTable, as_ids, no_tokens

__all__ = ["Source", "encode_of_source", "load_document", "open_source", "read_source", "read_tokenizer"]

Document = Mapping[str, Any]

NAME = "tokenizer.json"

_MERGES = re.compile(r',\s*"merges"\s*:\s*\[')
_LATER_KEY = re.compile(r'\]\s*\}?\s*,\s*"\w+"\s*:')
_LAST_VALUE = re.compile(r"\]\s*\}\s*\}\s*\Z")


def load_document(text: str) -> dict[str, Any]:
    """Parse a tokenizer.json without the merges of a BPE model (if they come last, as is usual).

    The merges say nothing about bytes, but are half of the text and nearly all of its containers. With 128k tokens,
    parsing takes 45 ms instead of 100, or of 300 while garbage collection has many other objects to visit. Inside a
    JSON string every quote is escaped, so these patterns find only keys.
    """
    merges = _MERGES.search(text)
    if merges and _LAST_VALUE.search(text, len(text) - 100) and not _LATER_KEY.search(text, merges.end() - 1):
        text = text[: merges.start()] + "}}"
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as problem:
        raise VocabularyError(f"this is no tokenizer.json: {problem}") from problem
    if not isinstance(document, dict):
        raise VocabularyError("this is no tokenizer.json: it is not an object")
    return document


def read_tokenizer(document: Document, special_ids: Collection[int] = ()) -> TokenTable:
    """The token table of a parsed tokenizer.json.

    Args:
        document: the parsed tokenizer.json.
        special_ids: ids that have no text, besides those marked special in the document.

    Raises:
        VocabularyError: the text under this decoder is not the concatenation of its tokens' bytes.
    """
    model, added = _model(document), _added(document)
    if model.get("end_of_word_suffix"):
        suffix = model["end_of_word_suffix"]
        raise VocabularyError(f"the model ends words with {suffix!r}, which is a space in some places only")
    decoder = Decoder(document.get("decoder"))
    to_bytes = decoder.reader
    size = 1 + max((token_id for _, token_id in _pieces(model)), default=-1)
    tokens = no_tokens(max(size, 1 + max(added, default=-1)))
    for piece, token_id in _pieces(model):
        tokens[token_id] = to_bytes(piece)
    for token_id, entry in added.items():
        tokens[token_id] = None if entry.get("special") else _added_bytes(entry, model, decoder)
    for token_id in (*special_ids, *_unknown_ids(model)):
        if token_id < len(tokens):
            tokens[token_id] = None
    return TokenTable(tokens, decoder.leading_space)


def _model(document: Document) -> Document:
    model = document.get("model")
    if not isinstance(model, Mapping) or "vocab" not in model:
        raise VocabularyError("this is no tokenizer.json: it has no model with a vocabulary")
    return model


def _check_shape(document: Document) -> None:
    """Refuse what cannot be a tokenizer.json: ids that are not ids, or are used twice."""
    vocab = _model(document)["vocab"]
    if isinstance(vocab, list):
        if not all(isinstance(entry, list) and len(entry) == 2 for entry in vocab):
            raise VocabularyError(
                "this is no tokenizer.json: its vocabulary is not a list of pieces and scores"
            )
        _check_entries([piece for piece, _ in vocab], range(len(vocab)))
    elif isinstance(vocab, Mapping):
        _check_entries(vocab, vocab.values())
    else:
        raise VocabularyError("this is no tokenizer.json: its vocabulary is neither an object nor a list")
    added = document.get("added_tokens") or []
    if not isinstance(added, list) or not _are_objects(added):
        raise VocabularyError("this is no tokenizer.json: its added_tokens are not a list of objects")
    _check_entries([entry.get("content") for entry in added], [entry.get("id") for entry in added])


def _check_entries(pieces: Collection[Any], ids: Collection[Any]) -> None:
    if not (set(map(type, pieces)) <= {str} and set(map(type, ids)) <= {int} and min(ids, default=0) >= 0):
        raise VocabularyError("this is no tokenizer.json: a token of it has no text, or no number as its id")
    if len(set(ids)) < len(ids):
        raise VocabularyError("this tokenizer.json gives one id to several tokens")


def _pieces(model: Document) -> Iterable[tuple[str, int]]:
    vocab = model["vocab"]
    if isinstance(vocab, Mapping):
        return vocab.items()
    return ((piece, token_id) for token_id, (piece, _score) in enumerate(vocab))  # Unigram


def _is_piece(model: Document, token_id: int, content: str) -> bool:
    vocab = model["vocab"]
    if isinstance(vocab, Mapping):
        return bool(vocab.get(content) == token_id)
    return token_id < len(vocab) and bool(vocab[token_id][0] == content)


def _added(document: Document) -> dict[int, Document]:
    return {entry["id"]: entry for entry in document.get("added_tokens") or ()}


def _added_bytes(entry: Document, model: Document, decoder: Decoder) -> bytes | None:
    """Bytes of an added token that is not special.

    Encoding finds it as raw text, decoding sends it through the decoder like any piece. Where the two differ
    ('õ' stands for the byte 0xF5 in some byte-level vocabularies) nobody can say what the token means, so it has no
    text. A piece of the model that is listed once more as added (Gemma's runs of '▁') stays a piece.
    """
    content: str = entry["content"]
    printed = decoder.to_bytes(content)
    return printed if printed == content.encode() or _is_piece(model, entry["id"], content) else None


def _unknown_ids(model: Document) -> list[int]:
    """The unknown token stands for any text, so it has no text of its own."""
    if isinstance(model["vocab"], Mapping):
        return as_ids(model["vocab"].get(model.get("unk_token")))
    return as_ids(model.get("unk_id"))


class _Files(NamedTuple):
    """A tokenizer.json with the information from the files beside it.

    Attributes:
        document: the tokenizer.json, with the added tokens of ``tokenizer_config.json`` merged in.
        special_names: contents of tokens that the configuration calls special.
        eos_names: contents of the end-of-sequence tokens in the configuration.
    """

    document: Document
    special_names: list[str]
    eos_names: list[str]


class Source(NamedTuple):
    """A tokenizer.json and the files beside it.

    Attributes:
        tokenizer: the text, or the parsed document.
        config: the text of ``tokenizer_config.json``; an empty object where there is none.
        eos_ids: the ids that end a sequence according to ``generation_config.json``.
    """

    tokenizer: bytes | Document
    config: bytes = b"{}"
    eos_ids: Sequence[int] = ()


def open_source(source: Any) -> Source:
    """The files, given as a parsed document, as JSON text, as a folder that may contain all three files, or as a path.

    A file ``tokenizer.json`` stands for its folder: what the other files call special has no text.
    """
    if isinstance(source, Mapping):
        return Source(source)
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return Source(source.encode())
    path = Path(source)
    if not path.exists():
        hint = "no such file or folder, and nothing is downloaded; for a model by its name, from_transformers"
        raise FileNotFoundError(ENOENT, hint, str(path))
    file = path / NAME if path.is_dir() else path
    if not file.is_file():
        raise VocabularyError(f"no {NAME} in {path}; load the tokenizer and use from_transformers")
    if file.name != NAME:
        return Source(file.read_bytes())
    config = file.with_name("tokenizer_config.json")
    text = config.read_bytes() if config.is_file() else b"{}"
    return Source(file.read_bytes(), text, ends_of_folder(file.parent))


def read_source(source: Source, eos_tokens: Iterable[str]) -> tuple[TokenTable, list[int]]:
    """The token table and the end-of-sequence ids.

    Args:
        source: the files: ``tokenizer_config.json`` has added tokens, special tokens, and the end-of-sequence
            token, ``generation_config.json`` all ids of such.
        eos_tokens: end-of-sequence tokens by name, besides those of the files.
    """
    files = _parse(source)
    _check_shape(files.document)
    id_of = dict(_pieces(_model(files.document)))
    id_of.update((entry["content"], token_id) for token_id, entry in _added(files.document).items())
    # A special token without an id would be added after the last id, where there is no text in any case.
    special = [id_of[name] for name in files.special_names if name in id_of]
    ends = [*files.eos_names, *eos_tokens]
    for name in ends:
        if name not in id_of:
            raise VocabularyError(f"the end-of-sequence token {name!r} is not in the vocabulary")
    try:
        table = read_tokenizer(files.document, special)
    except UnicodeEncodeError as problem:
        raise VocabularyError(f"this tokenizer.json has a token that is not Unicode: {problem}") from problem
    return table, [*(id_of[name] for name in ends), *source.eos_ids]


def encode_of_source(source: Any) -> Callable[[str], list[int]] | None:
    """Text to ids by the ``tokenizers`` package, loaded when it is first called; None where it is not installed."""
    if importlib.util.find_spec("tokenizers") is None:
        return None

    @lru_cache(maxsize=1)
    def tokenizer() -> Any:
        from tokenizers import Tokenizer

        if isinstance(source, Mapping):
            return Tokenizer.from_str(json.dumps(source))
        if isinstance(source, str) and source.lstrip().startswith("{"):
            return Tokenizer.from_str(source)
        path = Path(source)
        return Tokenizer.from_file(str(path / NAME if path.is_dir() else path))

    def encode(text: str) -> list[int]:
        ids: list[int] = tokenizer().encode(text, add_special_tokens=False).ids
        return ids

    return encode


def _parse(source: Source) -> _Files:
    config = _load(source.config)
    return _Files(
        document=_with_added_tokens(_load(source.tokenizer), config),
        special_names=_special_names(config),
        eos_names=_names(config.get("eos_token")),
    )


def _load(text: bytes | Document) -> Document:
    if isinstance(text, Mapping):
        return text
    try:
        return load_document(text.decode())
    except UnicodeDecodeError as problem:
        raise VocabularyError(f"this is no tokenizer.json: it is not UTF-8 ({problem})") from problem


def _with_added_tokens(document: Document, config: Document) -> Document:
    more = config.get("added_tokens_decoder") or {}
    if not more:
        return document
    if not (isinstance(more, Mapping) and all(map(str.isdecimal, more)) and _are_objects(more.values())):
        raise VocabularyError(
            "the added_tokens_decoder of this tokenizer_config.json has no tokens by their ids"
        )
    added = _added(document)
    for token_id, entry in more.items():
        added[int(token_id)] = {**entry, "id": int(token_id)}
    return {**document, "added_tokens": list(added.values())}


def _are_objects(entries: Iterable[Any]) -> bool:
    return all(isinstance(entry, Mapping) for entry in entries)


def _special_names(config: Document) -> list[str]:
    named = [config[key] for key in config if key.endswith("_token")]
    lists = [config.get(key) for key in ("additional_special_tokens", "extra_special_tokens")]
    return [name for entry in (*named, *lists) for name in _names(entry)]


def _names(entry: Any) -> list[str]:
    """Token contents in a configuration entry: a string, an added token, or a list or mapping of such."""
    found = []
    todo = [entry]
    while todo:
        entry = todo.pop()
        if isinstance(entry, str):
            found.append(entry)
        elif isinstance(entry, Mapping):
            todo.extend([entry["content"]] if "content" in entry else reversed(list(entry.values())))
        elif isinstance(entry, list):
            todo.extend(reversed(entry))
    return found
