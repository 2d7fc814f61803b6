"""The engine: derivatives of expressions, emptiness, shortest completion. This layer knows bytes, not tokens."""

from constrain.engine.completion import Completions, forced_text, shortest_text
from constrain.engine.derivative import Engine
from constrain.engine.described import Deferred, Described, Represented
from constrain.engine.sampling import random_text

__all__ = [
    "Completions",
    "Deferred",
    "Described",
    "Engine",
    "Represented",
    "forced_text",
    "random_text",
    "shortest_text",
]
