"""Whether a vocabulary can spell every text of a language.

A mask leads into a dead end where a text can go on but no token can. That never happens if every
byte that the language uses is a token by itself. Byte-level vocabularies and those with byte
fallback have all 256, so the language is looked through only where one is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constrain.engine.completion import shortest_text
from constrain.engine.described import Described, Represented
from constrain.errors import UnspellableError

if TYPE_CHECKING:
    from constrain.engine import Engine


def check_spelling(engine: Engine, root: int, missing: int) -> None:
    """Raise ``UnspellableError`` if the language of ``root`` uses a byte of ``missing``, a 256-bit integer."""
    if not missing:
        return
    needed = _used_bytes(engine, root, missing) & missing
    if needed:
        listed = ", ".join(_spelt(byte) for byte in range(256) if needed >> byte & 1)
        raise UnspellableError(
            f"the vocabulary has no token for a byte that the grammar uses: {listed}; "
            "use a tokenizer with byte fallback, or a grammar without these bytes"
        )


def _spelt(byte: int) -> str:
    return repr(chr(byte)) if 0x20 < byte < 0x7F else f"0x{byte:02X}"


def _used_bytes(engine: Engine, root: int, missing: int) -> int:
    """The bytes in texts of ``root``; the search ends at the first node that has some of ``missing``."""
    used = 0
    seen, todo = {root}, [root]
    while todo and not used & missing:
        node = todo.pop()
        kind, *fields = engine.inspect(node)
        used |= _own_bytes(engine, node, kind, fields)
        parts = _parts(engine, node, kind, fields)
        if kind == "capture" and not fields[2].alike:
            parts = engine.captures(node)
        elif kind in ("capture", "record") and fields[2].common not in seen:
            # One captured text stands for all: what follows is built alike behind each.
            parts.append(engine.advance(node, shortest_text(engine, fields[0])))
        todo += [part for part in parts if part not in seen]
        seen.update(parts)
    return used


def _own_bytes(engine: Engine, node: int, kind: str, fields: list[Any]) -> int:
    if kind == "literal":
        return sum(1 << byte for byte in set(fields[0]))
    if kind == "byte_set":
        return int(fields[0])
    if kind == "reference" and isinstance(fields[1], Described):
        return fields[1].used
    return int(engine.first(node)) if kind in ("choice", "intersection", "complement") else 0


def _parts(engine: Engine, node: int, kind: str, fields: list[Any]) -> list[int]:
    """The expressions that ``node`` is made of; where they do not tell its bytes, its derivatives."""
    if kind == "reference" and isinstance(fields[1], Described):
        return []
    if kind == "reference" and isinstance(fields[1], Represented):
        return [fields[1].representative(engine)]
    if kind in ("union", "concat", "reference", "leaf", "repeat"):
        parts = fields[0] if kind == "union" else fields[:2] if kind == "concat" else fields[:1]
        return list(parts)
    if kind in ("capture", "record"):
        return [fields[0], fields[2].common]
    if kind in ("choice", "intersection", "complement"):
        live = int(engine.first(node))
        targets = (engine.derivative(node, byte) for byte in range(256) if live >> byte & 1)
        return [target for target in targets if target != engine.EMPTY]
    return []
