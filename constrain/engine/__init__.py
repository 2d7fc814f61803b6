"""The engine: derivatives of expressions, emptiness, shortest completion. Knows bytes, not tokens."""

from constrain.engine.completion import shortest_text
from constrain.engine.derivative import Engine
from constrain.engine.described import Described
from constrain.engine.sampling import random_text

__all__ = ["Described", "Engine", "random_text", "shortest_text"]
