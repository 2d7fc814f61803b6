"""The engine: derivatives of expressions, emptiness, shortest completion. Knows bytes, not tokens."""

from constrain.engine.completion import shortest_text
from constrain.engine.derivative import Engine

__all__ = ["Engine", "shortest_text"]
