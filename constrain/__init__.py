"""constrain: exact token masks for JSON Schema, regular expressions and grammars.

    import constrain as cn

    vocabulary = cn.Vocabulary.from_transformers(tokenizer)
    constraint = cn.compile(cn.json_schema(schema), vocabulary)
    matcher = constraint.matcher()
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    matcher.fill_mask(bitmask, 0)
    matcher.advance(token_id)

``constrain.integrations.transformers`` has the logits processor. Importing this package imports
neither torch nor transformers.
"""

# ruff: noqa: E402
from constrain.installation import check_installation

check_installation()  # before anything that is compiled

from constrain.decoding.compilation import compile
from constrain.decoding.explanation import Explanation
from constrain.decoding.matcher import Constraint, Matcher, fill_masks
from constrain.errors import (
    BatchError,
    BudgetError,
    Cancelled,
    ConstrainError,
    GrammarError,
    InvalidSchema,
    RegexError,
    SchemaError,
    SchemaWarning,
    ScoreError,
    StreamError,
    SyntaxProblem,
    UnsatisfiableSchema,
    UnspellableError,
    UnsupportedKeyword,
    VocabularyError,
    WorkLimitExceeded,
)
from constrain.languages.base import Grammar
from constrain.languages.composition import either, repeat, sequence, until
from constrain.languages.factories import choice, gbnf, grammar, json_schema, lark, regex
from constrain.languages.tools import tool_call
from constrain.limits import Limits
from constrain.masks.bits.apply import apply_mask
from constrain.masks.bits.bitmask import allocate as allocate_bitmask
from constrain.streaming import JsonStream
from constrain.vocabulary import Vocabulary
from constrain.work import Cancellation, statistics

__version__ = "0.1.0"

__all__ = [
    "BatchError",
    "BudgetError",
    "Cancellation",
    "Cancelled",
    "ConstrainError",
    "Constraint",
    "Explanation",
    "Grammar",
    "GrammarError",
    "InvalidSchema",
    "JsonStream",
    "Limits",
    "Matcher",
    "RegexError",
    "SchemaError",
    "SchemaWarning",
    "ScoreError",
    "StreamError",
    "SyntaxProblem",
    "UnsatisfiableSchema",
    "UnspellableError",
    "UnsupportedKeyword",
    "Vocabulary",
    "VocabularyError",
    "WorkLimitExceeded",
    "allocate_bitmask",
    "apply_mask",
    "choice",
    "compile",
    "either",
    "fill_masks",
    "gbnf",
    "grammar",
    "json_schema",
    "lark",
    "regex",
    "repeat",
    "sequence",
    "statistics",
    "tool_call",
    "until",
]
