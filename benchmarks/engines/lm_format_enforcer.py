"""LM Format Enforcer, with default options, except that it keeps the allowed tokens as bits.

The tokenizer data is made as the package's integration with transformers makes it, which cannot be imported beside
transformers 5. One enforcer serves all texts of a schema, as it serves the rows of a batch: it keeps what is allowed
after each sequence of tokens that it has seen. It advances its parser when it is asked for a mask, so that committing a
token is only noting it.

With ``use_bitmask`` what is allowed is kept as a row of bits, which is what is asked for here. Kept as a list of
ids, the package's default, it must be turned into bits at each step: a mask costs as much the first time, and 80
times as much when it is known.
"""

from __future__ import annotations

import json
import logging

import numpy as np
from lmformatenforcer import JsonSchemaParser, TokenEnforcer, TokenEnforcerTokenizerData
from tokenizers import Tokenizer

from benchmarks.engines.base import Compiled, Engine, Session, TokenizerFolder, bitmask_words

__all__ = ["Adapter"]


class ErrorLog(logging.Handler):
    """The last error logged: the enforcer logs what goes wrong in it, and allows the text to end."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.last = record.getMessage() if error is None else f"{type(error).__name__}: {error}"

    def read(self) -> str:
        return self.last


class CompiledEnforcer(Compiled):
    def __init__(self, enforcer: TokenEnforcer, errors: ErrorLog) -> None:
        self._enforcer = enforcer
        self._errors = errors
        self._row = np.zeros(bitmask_words(enforcer.vocab_size), np.int32)

    def session(self) -> Session:
        tokens: list[int] = []
        row, allowed = self._row, self._enforcer.get_allowed_tokens

        def fill() -> None:
            row[:] = allowed(tokens).allowed_tokens.numpy()

        def commit(token: int) -> bool:
            tokens.append(token)
            return True

        self._errors.last = ""
        return Session(fill, commit, row, self._errors.read)


class Adapter(Engine):
    distribution = "lm-format-enforcer"

    def build(self, tokenizer: TokenizerFolder) -> None:
        self._errors = ErrorLog()
        logging.getLogger().addHandler(self._errors)
        read = Tokenizer.from_file(str(tokenizer.path / "tokenizer.json"))

        def decode(ids: list[int]) -> str:
            return str(read.decode(ids, skip_special_tokens=False))

        def decode_whole(ids: list[int]) -> str:
            return decode(ids).rstrip("\N{REPLACEMENT CHARACTER}")

        special = {token for token, added in read.get_added_tokens_decoder().items() if added.special}
        zero = read.encode("0").ids[-1]
        tokens = []
        for token in sorted(set(read.get_vocab().values()) - special):
            behind_zero = decode([zero, token])[1:]
            tokens.append((token, behind_zero, len(behind_zero) > len(decode([token]))))
        self._data = TokenEnforcerTokenizerData(
            tokens,
            decode_whole,
            list(tokenizer.stop_tokens),
            use_bitmask=True,
            vocab_size=read.get_vocab_size(),
        )

    def compile(self, schema: str) -> Compiled:
        enforcer = TokenEnforcer(self._data, JsonSchemaParser(json.loads(schema)))
        return CompiledEnforcer(enforcer, self._errors)
