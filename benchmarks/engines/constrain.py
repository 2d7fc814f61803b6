"""constrain, with default options."""

from __future__ import annotations

import os
from functools import partial

import numpy as np

import constrain as cn
from benchmarks.engines.base import (
    Compiled,
    Engine,
    Session,
    TokenizerFolder,
    bitmask_words,
)

__all__ = ["Adapter"]


class CompiledConstraint(Compiled):
    def __init__(self, constraint: cn.Constraint, words: int) -> None:
        self._constraint = constraint
        self._bitmask = np.zeros((1, words), np.int32)

    def session(self) -> Session:
        matcher = self._constraint.matcher()
        return Session(partial(matcher.fill_mask, self._bitmask, 0), matcher.advance, self._bitmask[0])


class Adapter(Engine):
    distribution = "constrain"
    property_order = "schema"
    version = cn.__version__  # of a source tree too

    def build(self, tokenizer: TokenizerFolder) -> None:
        os.environ["CONSTRAIN_CACHE"] = ""  # every engine reads the tokenizer's files
        self._vocabulary = cn.Vocabulary.from_tokenizer_json(tokenizer.path)

    def compile(self, schema: str) -> Compiled:
        constraint = cn.compile(
            cn.json_schema(schema, property_order=self.property_order, unknown="ignore"), self._vocabulary
        )
        return CompiledConstraint(constraint, bitmask_words(self._vocabulary.size))
