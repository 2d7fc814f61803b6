"""The engine: derivatives of expressions, emptiness, shortest completion. Knows bytes, not tokens."""

from constrain.engine.completion import Completions, forced_text, shortest_text
from constrain.engine.derivative import Engine

__all__ = ["Completions", "Engine", "forced_text", "shortest_text"]
