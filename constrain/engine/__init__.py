"""The engine: derivatives of expressions, emptiness, shortest completion. Knows bytes, not tokens."""

from constrain.engine.completion import Completions, forced_text, shortest_text
from constrain.engine.derivative import Engine
from constrain.engine.described import Described, Represented

__all__ = ["Completions", "Described", "Engine", "Represented", "forced_text", "shortest_text"]
