"""The engines that can be measured: one adapter module per engine, found by its name.

An engine named ``some-engine`` lives in ``benchmarks/engines/some_engine.py`` as a subclass of ``Engine``
called ``Adapter``. Adding an engine is adding that file. An adapter kept elsewhere is named
``package.module:ClassName``.
"""

from __future__ import annotations

import importlib
import pkgutil

from benchmarks.engines.base import Engine

__all__ = ["UnknownEngine", "load", "names"]

NOT_ENGINES = ("base",)


class UnknownEngine(ValueError):
    """An engine name for which there is no adapter."""


def names() -> list[str]:
    """Names of the engines that have an adapter here."""
    modules = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name.replace("_", "-") for name in modules if name not in NOT_ENGINES)


def locate(name: str) -> tuple[str, str]:
    """Module and class of the adapter for ``name``; nothing is imported.

    Raises:
        UnknownEngine: there is no such adapter.
    """
    module, colon, class_name = name.partition(":")
    if colon:
        return module, class_name
    if name not in names():
        raise UnknownEngine(
            f"no engine named {name!r}; known: {', '.join(names())}, or package.module:ClassName"
        )
    return f"{__name__}.{name.replace('-', '_')}", "Adapter"


def load(name: str) -> Engine:
    """An instance of the adapter for ``name``; this imports the engine's own package.

    Raises:
        UnknownEngine: there is no such adapter.
        ModuleNotFoundError: the engine's package is not installed.
    """
    module, class_name = locate(name)
    engine: Engine = getattr(importlib.import_module(module), class_name)()
    return engine
