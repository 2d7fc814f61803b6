"""XGrammar without strict mode: what the schema does not name is allowed, as JSON Schema says."""

from __future__ import annotations

from benchmarks.engines import xgrammar

__all__ = ["Adapter"]


class Adapter(xgrammar.Adapter):
    strict = False
