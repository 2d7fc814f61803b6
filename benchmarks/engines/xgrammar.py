"""XGrammar, with default options (any whitespace, strict mode), one thread, compile cache off.

Strict mode, XGrammar's default, forbids properties that the schema does not name; ``xgrammar-compliant``
allows them.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import torch
import xgrammar
from transformers import AutoTokenizer

from benchmarks.engines.base import Compiled, Engine, Session, TokenizerFolder

__all__ = ["Adapter"]


class CompiledGrammar(Compiled):
    def __init__(self, grammar: xgrammar.CompiledGrammar, bitmask: torch.Tensor) -> None:
        self._grammar = grammar
        self._bitmask = bitmask
        self._row = bitmask.numpy()[0]

    def session(self) -> Session:
        matcher = xgrammar.GrammarMatcher(self._grammar)
        return Session(
            partial(matcher.fill_next_token_bitmask, self._bitmask, 0), matcher.accept_token, self._row
        )


class Adapter(Engine):
    distribution = "xgrammar"
    strict: ClassVar[bool] = True

    def build(self, tokenizer: TokenizerFolder) -> None:
        transformer = AutoTokenizer.from_pretrained(tokenizer.path)
        information = xgrammar.TokenizerInfo.from_huggingface(
            transformer, stop_token_ids=list(tokenizer.stop_tokens)
        )
        self._bitmask = xgrammar.allocate_token_bitmask(1, information.vocab_size)
        self._compiler = xgrammar.GrammarCompiler(information, max_threads=1, cache_enabled=False)

    def compile(self, schema: str) -> Compiled:
        return CompiledGrammar(
            self._compiler.compile_json_schema(schema, strict_mode=self.strict), self._bitmask
        )
