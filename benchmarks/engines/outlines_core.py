"""outlines-core, with default options: schema to regular expression, to an index over the vocabulary, to a guide.

The vocabulary is made from the bytes of the tokens, which is what ``Vocabulary.from_pretrained`` does with a model
that it downloads. Masks are written by ``write_mask_into``, as the kernels of the package do, with a precomputed
address. The end-of-text token is one, and no part of the vocabulary.
"""

from __future__ import annotations

import os
from functools import partial

import numpy as np
from outlines_core import Guide, Index, Vocabulary
from outlines_core.json_schema import build_regex_from_schema

from benchmarks.engines.base import Compiled, Engine, Session, TokenizerFolder, bitmask_words
from constrain import Vocabulary as TokenBytes

__all__ = ["Adapter"]


class CompiledIndex(Compiled):
    def __init__(self, index: Index, words: int) -> None:
        self._index = index
        self._row = np.zeros(words, np.int32)
        self._fill_arguments = (self._row.ctypes.data, self._row.size, self._row.itemsize)

    def session(self) -> Session:
        guide = Guide(self._index)

        def commit(token: int) -> bool:
            guide.advance(token, False)  # False: no list of the tokens that may come next
            return True

        return Session(partial(guide.write_mask_into, *self._fill_arguments), commit, self._row)


class Adapter(Engine):
    distribution = "outlines-core"

    def build(self, tokenizer: TokenizerFolder) -> None:
        os.environ["CONSTRAIN_CACHE"] = ""  # every engine reads the tokenizer's files
        tokens = TokenBytes.from_tokenizer_json(tokenizer.path).tokens
        ids: dict[bytes, list[int]] = {}
        for token, text in enumerate(tokens):
            if text and token not in tokenizer.stop_tokens:
                ids.setdefault(text, []).append(token)
        self._words = bitmask_words(len(tokens))
        self._vocabulary = Vocabulary(tokenizer.stop_tokens[0], ids)

    def compile(self, schema: str) -> Compiled:
        return CompiledIndex(Index(build_regex_from_schema(schema), self._vocabulary), self._words)
