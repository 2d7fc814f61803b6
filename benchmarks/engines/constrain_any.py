"""constrain, with the keys of objects in any order."""

from __future__ import annotations

from benchmarks.engines import constrain

__all__ = ["Adapter"]


class Adapter(constrain.Adapter):
    property_order = "any"
