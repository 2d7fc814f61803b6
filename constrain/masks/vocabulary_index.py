"""What is kept per vocabulary, for every constraint compiled for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from constrain.engine import Engine
from constrain.masks.bits.bitmask import IdBuffer, TokenSet, words
from constrain.masks.leaves.leaf import LeafCache
from constrain.spelling import alphabet_of
from constrain.vocabulary.trie import Trie
from constrain.work import Meter, Scope

if TYPE_CHECKING:
    from constrain.vocabulary import Vocabulary


class VocabularyIndex:
    """The token trie of a vocabulary, and the leaf masks that depend on nothing else.

    Attributes:
        trie: the token trie.
        words: int32 words in a row of a bitmask.
        end_ids: the end-of-sequence tokens. ``end_set`` and ``end_mask`` hold them in other forms.
        alphabet: the bytes that its texts are made of, where these are not all bytes; else None.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.trie = Trie.of_tokens(vocabulary.tokens, vocabulary.order)
        self.words = words(vocabulary.size)
        self.end_ids = np.array(vocabulary.eos_token_ids, np.intc)
        self.end_set = frozenset(vocabulary.eos_token_ids)
        self.end_mask = TokenSet(None, IdBuffer.of(vocabulary.eos_token_ids), 0, len(self.end_ids))
        single = all(self._is_token(bytes([byte])) for byte in range(256))
        self.alphabet = None if single else alphabet_of(vocabulary.tokens)
        self._shared: dict[int, tuple[Engine, dict[Any, Any]]] = {}
        self._lock = Scope(Meter(), None, "")

    def _is_token(self, data: bytes) -> bool:
        node = self.trie.find(data)
        return node >= 0 and bool(self.trie.tokens_at(node))

    def shared(self, base: Engine | None) -> dict[Any, Any]:
        """The leaf masks common to all engines made from ``base``; those over the whole trie are filled in."""
        if base is None:
            return {}
        if id(base) not in self._shared:
            with self._lock:
                if id(base) not in self._shared:
                    masks: dict[Any, Any] = {}
                    LeafCache(Engine(base), self.words, masks).warm(self.trie)
                    self._shared[id(base)] = (base, masks)  # the base is kept, so that its id is not reused
        return self._shared[id(base)][1]


def index_of(vocabulary: Vocabulary) -> VocabularyIndex:
    """The index of ``vocabulary``, made on the first request and kept with the vocabulary.

    For 128k tokens that takes 20 ms, or 50 ms where their order is not known.
    """
    index = vocabulary.attachments.get("index")
    if index is None:
        with vocabulary.attachments.setdefault("lock of the index", Scope(Meter(), None, "")):
            index = vocabulary.attachments.get("index")
            if index is None:
                index = vocabulary.attachments["index"] = VocabularyIndex(vocabulary)
    return index
