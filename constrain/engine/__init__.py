"""The engine: derivatives of expressions, emptiness, shortest completion. Knows bytes, not tokens."""

from constrain.engine.completion import shortest_text
from constrain.engine.derivative import Engine
from constrain.engine.described import Described, Represented

__all__ = ["Described", "Engine", "Represented", "shortest_text"]
