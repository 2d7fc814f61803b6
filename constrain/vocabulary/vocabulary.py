"""A vocabulary: the bytes of each token, and which tokens end a sequence.

When should I use this? First: a mask is a set of token ids, a constraint is about bytes, and a vocabulary connects the
two. Build it once per tokenizer with a ``from_...`` constructor: these read the tokenizer's own data and, where the
tokenizer itself is at hand, check the result against it. Vocabularies that take long to read are kept on disk
(``cache``), in the folder that ``$CONSTRAIN_CACHE`` names.
"""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from os import PathLike
from typing import Any

import numpy as np

import constrain.vocabulary.cache as cache
from constrain.errors import VocabularyError
from constrain.vocabulary.packed import Content, pack, unpack
from constrain.vocabulary.readers.generation_config import ends_beside
from constrain.vocabulary.readers.gguf import read_gguf
from constrain.vocabulary.readers.sentencepiece_model import load_processor, read_processor
from constrain.vocabulary.readers.tiktoken_encoding import end_ids, open_tekken, read_encoding, read_tekken
from constrain.vocabulary.readers.tokenizer_json import encode_of_source, open_source, read_source
from constrain.vocabulary.readers.transformers_tokenizer import (
    check_tokenizer,
    decode_with,
    encode_with,
    read_fast,
    read_slow,
    text_of,
)
from constrain.vocabulary.selftest import Encode, check_table
from constrain.vocabulary.table import Decode, Ids, TokenTable, as_ids

__all__ = ["Vocabulary"]

# How many tokens the self-test decodes if decoding them all takes long, as with a slow tokenizer in Python, which is
# some 100 times slower than one in Rust; and how many it decodes if the same content has been checked before.
SOME = 2000

_log = logging.getLogger(__name__)


class Vocabulary:
    """Token bytes of one tokenizer. Immutable; equal content is equal, and pickles to an equal vocabulary.

    Attributes:
        size: number of ids, the largest id + 1. Logits may be wider; ids from ``size`` on are not tokens.
        tokens: bytes of each token, None where an id has no text: special and end-of-sequence tokens, holes.
            Several ids may have the same bytes.
        eos_token_ids: the ids that end a sequence, ascending; at least one.
        leading_space: whether decoding drops one space at the start of a sequence (SentencePiece), so that
            a text ``{`` may begin with the token ``" {"``.
        encode: text to ids as the tokenizer does it, without special tokens; None if it is not available. It is not
            part of the content: it is neither compared nor pickled.
    """

    size: int
    tokens: tuple[bytes | None, ...]
    eos_token_ids: tuple[int, ...]
    leading_space: bool
    encode: Encode | None
    attachments: dict[str, Any]

    def __init__(
        self,
        tokens: Sequence[bytes | None],
        eos_token_ids: Ids,
        *,
        leading_space: bool = False,
        size: int | None = None,
        encode: Encode | None = None,
    ) -> None:
        """A vocabulary from the bytes of its tokens.

        Args:
            tokens: bytes of token ``i`` at index ``i``; None, or no bytes, where the id has no text.
            eos_token_ids: one or several ids that end a sequence. They never have text.
            leading_space: whether decoding drops one space at the start of a sequence.
            size: number of ids, if it is larger than ``len(tokens)``.
            encode: text to ids as the tokenizer does it, without special tokens.

        Raises:
            VocabularyError: a token is not bytes, or no end-of-sequence id is in the vocabulary.
        """
        size = len(tokens) if size is None else size
        if size < len(tokens):
            raise VocabularyError(f"size is {size}, but there are {len(tokens)} tokens")
        if not set(map(type, tokens)) <= {bytes, type(None)}:
            wrong = next(i for i, data in enumerate(tokens) if data is not None and type(data) is not bytes)
            raise VocabularyError(f"token {wrong} is {tokens[wrong]!r}, but tokens are bytes or None")
        ends = _checked_ends(eos_token_ids, size)
        table: list[bytes | None] = [data or None for data in tokens]
        table.extend([None] * (size - len(table)))
        for token_id in ends:
            table[token_id] = None
        self._set(tuple(table), ends, bool(leading_space), encode)

    def _set(
        self,
        tokens: tuple[bytes | None, ...],
        eos_token_ids: tuple[int, ...],
        leading_space: bool,
        encode: Encode | None,
    ) -> None:
        vars(self).update(
            size=len(tokens),
            tokens=tokens,
            eos_token_ids=eos_token_ids,
            leading_space=leading_space,
            encode=encode,
            attachments={},
        )

    @classmethod
    def from_transformers(cls, tokenizer: Any, eos_token_ids: Ids | None = None) -> Vocabulary:
        """The vocabulary of a ``transformers`` tokenizer, checked against the tokenizer.

        Args:
            tokenizer: a fast tokenizer, or a slow one around SentencePiece, byte-level BPE or tiktoken; or a
                processor that holds one as ``tokenizer``.
            eos_token_ids: ids that end a sequence, or ``model.generation_config``, which holds them: chat models list
                theirs there. They are added to ``tokenizer.eos_token_id`` and, where the tokenizer was loaded from a
                folder, to those in the ``generation_config.json`` there.

        Raises:
            VocabularyError: the text is not the concatenation of the tokens' bytes (WordPiece), the tokenizer
                is of an unknown kind, or its decoder disagrees with the table read from it.
            TypeError: this is not a tokenizer.
        """
        if not hasattr(tokenizer, "all_special_ids"):
            tokenizer = getattr(tokenizer, "tokenizer", tokenizer)
        check_tokenizer(tokenizer)
        encode, decode = encode_with(tokenizer), decode_with(tokenizer)
        ends = [*as_ids(tokenizer.eos_token_id), *ends_beside(tokenizer), *as_ids(eos_token_ids)]
        text = text_of(tokenizer)
        if text is None:
            vocabulary = cls._of(read_slow(tokenizer), ends, encode)
        else:
            vocabulary = cls._kept(
                [b"transformers", text.encode(), repr((list(tokenizer.all_special_ids), ends)).encode()],
                lambda: cls._of(read_fast(tokenizer, text), ends, encode)._checked(encode, decode),
                encode,
            )
        return vocabulary._checked(encode, decode, SOME)

    @classmethod
    def from_tokenizer_json(
        cls,
        source: str | PathLike[str] | Mapping[str, Any],
        eos_token_ids: Ids | None = None,
        *,
        eos_tokens: str | Iterable[str] | None = None,
    ) -> Vocabulary:
        """The vocabulary in a tokenizer.json, read without a tokenizer and therefore not checked against one.

        Args:
            source: a model folder, or the path of the tokenizer.json in it: beside it, ``tokenizer_config.json`` adds
                tokens and names the end-of-sequence token, and ``generation_config.json`` (or ``config.json`` if there
                is none) lists all of these. Or the path of a file with another name, the text of such a file, or the
                parsed document; nothing else is read then.
            eos_token_ids: ids that end a sequence, besides those of the folder.
            eos_tokens: end-of-sequence tokens by name, such as ``"</s>"``.

        Raises:
            VocabularyError: as ``from_transformers``; or no end-of-sequence token is known.
            FileNotFoundError: there is nothing at that path. Nothing is downloaded.
        """
        files, encode = open_source(source), encode_of_source(source)
        names = [eos_tokens] if isinstance(eos_tokens, str) else list(eos_tokens or ())
        more_ids = as_ids(eos_token_ids)

        def read() -> Vocabulary:
            table, ends = read_source(files, names)
            return cls._of(table, [*ends, *more_ids], encode)

        if isinstance(files.tokenizer, Mapping):
            return read()
        ends = repr((names, list(files.eos_ids), more_ids)).encode()
        return cls._kept([b"tokenizer.json", files.tokenizer, files.config, ends], read, encode)

    @classmethod
    def from_tiktoken(cls, encoding: Any, eos_token_ids: Ids | None = None) -> Vocabulary:
        """The vocabulary of a ``tiktoken.Encoding``, checked against it.

        Args:
            encoding: the encoding. Its special tokens ``<|endoftext|>``, ``<|return|>``, ``<|call|>`` and
                ``<|im_end|>``, as far as it has them, end a sequence.
            eos_token_ids: ids that end a sequence besides these.

        Raises:
            TypeError: this is not an encoding.
        """
        if not hasattr(encoding, "special_tokens_set"):
            raise TypeError(
                f"from_tiktoken() takes an encoding, not {encoding!r}: tiktoken.get_encoding(name)"
            )
        vocabulary = cls._of(
            read_encoding(encoding), [*end_ids(encoding), *as_ids(eos_token_ids)], encoding.encode_ordinary
        )
        vocabulary.check(encoding.encode_ordinary, encoding.decode)
        return vocabulary

    @classmethod
    def from_tekken(
        cls, source: str | PathLike[str] | Mapping[str, Any], eos_token_ids: Ids | None = None
    ) -> Vocabulary:
        """The vocabulary in a Mistral tekken.json, which lists the bytes of its tokens.

        Args:
            source: path of the file, its text, or the parsed document. Its ``</s>`` ends a sequence.
            eos_token_ids: ids that end a sequence besides it.
        """
        document, more_ids = open_tekken(source), as_ids(eos_token_ids)

        def read() -> Vocabulary:
            table, ends = read_tekken(document)
            return cls._of(table, [*ends, *more_ids])

        if isinstance(document, Mapping):
            return read()
        return cls._kept([b"tekken.json", document, repr(more_ids).encode()], read)

    @classmethod
    def from_sentencepiece(cls, source: Any, eos_token_ids: Ids | None = None) -> Vocabulary:
        """The vocabulary of a SentencePiece model, checked against it.

        Args:
            source: path of the model, or a ``SentencePieceProcessor``.
            eos_token_ids: ids that end a sequence besides the model's own.
        """
        processor = load_processor(source)
        ends = [token_id for token_id in [processor.eos_id()] if token_id >= 0]
        vocabulary = cls._of(read_processor(processor), [*ends, *as_ids(eos_token_ids)], processor.encode)
        vocabulary.check(processor.encode, processor.decode)
        return vocabulary

    @classmethod
    def from_gguf(
        cls, path: str | PathLike[str], eos_token_ids: Ids | None = None, *, encode: Encode | None = None
    ) -> Vocabulary:
        """The vocabulary in a GGUF file of llama.cpp, read from its metadata.

        Tokens print what llama.cpp prints for them one by one, as its programs and llama-cpp-python do. A space at the
        start of a text is thus part of it, also where the tokenizer puts one there (SentencePiece): ``leading_space``
        is False.

        Args:
            path: the file. All tokens at which llama.cpp stops end a sequence: those that the file names, and those
                that llama.cpp knows by their text.
            eos_token_ids: ids that end a sequence besides these.
            encode: text to ids, without special tokens, where it is at hand: with llama-cpp-python,
                ``lambda text: llama.tokenize(text.encode(), add_bos=False)``.

        Raises:
            VocabularyError: this is not a GGUF file, its tokenizer is of a kind that masks cannot use (WordPiece), or
                its statements about tokens are contradictory.
        """
        table, ends = read_gguf(path)
        return cls._of(table, [*ends, *as_ids(eos_token_ids)], encode)

    @classmethod
    def _of(cls, table: TokenTable, eos_token_ids: Iterable[int], encode: Encode | None = None) -> Vocabulary:
        return cls(table.tokens, eos_token_ids, leading_space=table.leading_space, encode=encode)

    @classmethod
    def _kept(
        cls, parts: Sequence[bytes], read: Callable[[], Vocabulary], encode: Encode | None = None
    ) -> Vocabulary:
        """The result of ``read``; from the cache, if it has been made from these ``parts`` before."""
        if cache.folder() is None:
            return read()
        key = cache.key_of(*parts)
        data = cache.load(key)
        if data is not None:
            try:
                return cls._of_content(unpack(data), encode)
            except VocabularyError as problem:
                _log.warning("a vocabulary in the cache is made anew: %s", problem)
        vocabulary = read()
        tokens, ends, leading_space = vocabulary.tokens, vocabulary.eos_token_ids, vocabulary.leading_space
        cache.store(key, pack(Content(tokens, ends, leading_space, vocabulary.order)))
        return vocabulary

    @classmethod
    def _of_content(cls, content: Content, encode: Encode | None) -> Vocabulary:
        vocabulary = cls.__new__(cls)
        vocabulary._set(content.tokens, content.eos_token_ids, content.leading_space, encode)
        vars(vocabulary)["_order"] = content.order
        return vocabulary

    def _checked(self, encode: Encode, decode: Decode, most: int | None = None) -> Vocabulary:
        self.check(encode, decode, most)
        return self

    def check(self, encode: Encode, decode: Decode, most: int | None = None) -> None:
        """Compare with a tokenizer, as ``from_transformers`` and others do automatically.

        Args:
            encode: text to ids, without special tokens.
            decode: ids to text, with no spaces cleaned up.
            most: how many tokens to decode, evenly spread; None for all.

        Raises:
            VocabularyError: a token's bytes are not what the tokenizer decodes it to.
        """
        check_table(self.tokens, self.leading_space, encode, decode, most)

    def decode(self, token_ids: Iterable[int]) -> bytes:
        """The bytes of a token sequence; ids without text add nothing. A leading space is kept.

        Raises:
            VocabularyError: an id is not in the vocabulary.
        """
        parts = []
        for token_id in token_ids:
            if not 0 <= token_id < self.size:
                raise VocabularyError(f"token {token_id} is not in this vocabulary of {self.size} ids")
            parts.append(self.tokens[token_id] or b"")
        return b"".join(parts)

    # This is not a ``cached_property``: before Python 3.12 that has a lock, for which threads wait, and which is held
    # for ever in the child of a process that forks meanwhile.

    @property
    def order(self) -> np.ndarray:
        """Ids of the text tokens in the order of their bytes, equal ones by their id; intc. 35 ms for 128k tokens,
        once."""
        found: np.ndarray | None = vars(self).get("_order")
        if found is None:
            texts = [token_id for token_id, data in enumerate(self.tokens) if data is not None]
            found = np.array(sorted(texts, key=lambda token_id: self.tokens[token_id] or b""), np.intc)
            vars(self)["_order"] = found
        return found

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the content, in hex; the same in every process. 10 ms for 128k tokens, once."""
        found: str | None = vars(self).get("_fingerprint")
        if found is None:
            found = vars(self)["_fingerprint"] = self._hash()
        return found

    def _hash(self) -> str:
        header = f"{self.size} {self.eos_token_ids} {self.leading_space}\n"
        # None and b"" are equivalent in a vocabulary, so the lengths and the concatenation determine the content.
        lengths = array("I", [len(data) if data else 0 for data in self.tokens])
        digest = sha256(header.encode())
        digest.update(lengths.tobytes())
        digest.update(b"".join(filter(None, self.tokens)))
        return digest.hexdigest()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a vocabulary cannot be changed ({name})")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a vocabulary cannot be changed ({name})")

    def __len__(self) -> int:
        return self.size

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return self is other or (self.size == other.size and self.fingerprint == other.fingerprint)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __copy__(self) -> Vocabulary:
        return self

    def __deepcopy__(self, memo: object) -> Vocabulary:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.tokens, self.eos_token_ids, self.leading_space)

    def __repr__(self) -> str:
        text = sum(data is not None for data in self.tokens)
        return f"Vocabulary(size={self.size}, text tokens={text}, eos_token_ids={self.eos_token_ids})"


def _restore(
    tokens: tuple[bytes | None, ...], eos_token_ids: tuple[int, ...], leading_space: bool
) -> Vocabulary:
    return Vocabulary(tokens, eos_token_ids, leading_space=leading_space)


def _checked_ends(eos_token_ids: Ids, size: int) -> tuple[int, ...]:
    ends = tuple(sorted(set(as_ids(eos_token_ids))))
    if not ends:
        raise VocabularyError(
            "no end-of-sequence token is known; pass eos_token_ids=... (see generation_config.json)"
        )
    for token_id in ends:
        if not 0 <= token_id < size:
            raise VocabularyError(
                f"the end-of-sequence id {token_id} is not in this vocabulary of {size} ids: "
                "does it belong to another tokenizer?"
            )
    return ends
