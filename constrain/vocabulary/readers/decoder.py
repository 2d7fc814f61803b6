"""The ``decoder`` part of a tokenizer.json: how one piece is printed.

When should I use this? To learn what bytes a piece of a Hugging Face ``tokenizers`` vocabulary stands for.
A mask needs texts that are the concatenation of their tokens' bytes, so a decoder is usable exactly if it treats every
piece by itself, except for one space dropped at the start. ``STEPS`` lists the steps read here, ``REFUSED`` those that
break this rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from constrain.errors import VocabularyError
from constrain.vocabulary.readers.byte_level import byte_level_bytes

__all__ = ["REFUSED", "STEPS", "Decoder"]

Step = Mapping[str, Any]

_BYTE_PIECE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


class Decoder:
    """A decoder that prints piece by piece.

    Attributes:
        leading_space: whether one space at the start of a sequence is dropped.
        marks: replacement characters of ``Metaspace`` steps that drop every mark of a sequence's first piece.
    """

    def __init__(self, decoder: Step | None) -> None:
        """Read a decoder; VocabularyError if it does not print piece by piece."""
        self.leading_space = False
        self.marks: list[str] = []
        self._replacements: list[tuple[str, str]] = []
        self._byte_fallback = False
        self._byte_level = False
        self._joined = False
        for step in _flatten(decoder or {"type": None}):
            self._take(step)

    @property
    def reader(self) -> Callable[[str], bytes | None]:
        """The fastest function with the meaning of ``to_bytes``."""
        plain = not (self.marks or self._replacements or self._byte_fallback)
        return byte_level_bytes if self._byte_level and plain else self.to_bytes

    def to_bytes(self, piece: str) -> bytes | None:
        """The bytes printed for ``piece``; None if they depend on its place in a sequence."""
        if any(mark in piece.lstrip(mark) for mark in self.marks):
            return None
        for old, new in self._replacements:
            piece = piece.replace(old, new)
        if self._byte_fallback:
            byte = _BYTE_PIECE.fullmatch(piece)
            if byte is not None:
                return bytes.fromhex(byte[1])
        return byte_level_bytes(piece) if self._byte_level else piece.encode()

    def _take(self, step: Step) -> None:
        kind = _checked(step).get("type")
        if kind in REFUSED:
            raise _refusal(kind, REFUSED[kind])
        if kind not in STEPS:
            raise _refusal(kind, "this kind is not known")
        if self._joined and kind not in AFTER_JOINING:
            raise _refusal(kind, "it works on the joined text, not on single pieces")
        STEPS[kind](self, step)

    def _take_byte_level(self, step: Step) -> None:
        if self._byte_fallback:
            raise _refusal("ByteLevel", "after ByteFallback it would decode bytes twice")
        self._byte_level = self._joined = True

    def _take_byte_fallback(self, step: Step) -> None:
        self._byte_fallback = True

    def _take_replace(self, step: Step) -> None:
        pattern = step["pattern"].get("String")
        if not pattern:
            raise _refusal("Replace", f"only strings are read, not the pattern {step['pattern']}")
        self._replace(pattern, step["content"])

    def _take_metaspace(self, step: Step) -> None:
        # Before 'prepend_scheme' there was 'add_prefix_space', true by default.
        before = "always" if step.get("add_prefix_space", True) else "never"
        self._replace(step["replacement"], " ")
        if step.get("prepend_scheme", before) != "never":
            self.leading_space = True
            self.marks.append(step["replacement"])

    def _replace(self, old: str, new: str) -> None:
        if self._byte_fallback:
            raise _refusal("Replace", "after ByteFallback it rewrites bytes of several tokens")
        self._replacements.append((old, new))

    def _take_fuse(self, step: Step) -> None:
        self._joined = True

    def _take_strip(self, step: Step) -> None:
        content, start, stop = step["content"], step["start"], step["stop"]
        if start == stop == 0:
            return
        if not self._joined:
            raise _refusal("Strip", "before Fuse it shortens every piece")
        if stop or start > 1 or content != " ":
            raise _refusal("Strip", f"it drops {start} x {content!r} at the start and {stop} x at the end")
        self.leading_space = True


def _flatten(decoder: Step) -> Iterator[Step]:
    todo = [decoder]
    while todo:
        step = todo.pop()
        if _checked(step).get("type") == "Sequence":
            todo.extend(reversed(step["decoders"]))
        else:
            yield step


def _checked(step: Step) -> Step:
    """``step``, after a check that it has what its type needs."""
    if not isinstance(step, Mapping) or not isinstance(step.get("type"), (str, type(None))):
        raise VocabularyError(f"this is no step of a decoder: {step!r}")
    for name, kind in FIELDS.get(step.get("type"), {}).items():
        if not isinstance(step.get(name), kind):
            raise _refusal(step["type"], f"its {name} is {step.get(name)!r}")
    return step


def _refusal(kind: str | None, reason: str) -> VocabularyError:
    what = f"decoder {kind}" if kind else "a tokenizer without a decoder"
    return VocabularyError(
        f"{what} cannot be read: {reason}; if you know them, pass token bytes to Vocabulary(...)"
    )


STEPS: dict[str | None, Callable[[Decoder, Step], None]] = {
    "ByteLevel": Decoder._take_byte_level,
    "ByteFallback": Decoder._take_byte_fallback,
    "Replace": Decoder._take_replace,
    "Metaspace": Decoder._take_metaspace,
    "Fuse": Decoder._take_fuse,
    "Strip": Decoder._take_strip,
}
"""Decoder steps that are read, by type (``tokenizers/src/decoders``)."""

FIELDS: Mapping[str | None, Mapping[str, type]] = {
    "Sequence": {"decoders": list},
    "Replace": {"pattern": Mapping, "content": str},
    "Metaspace": {"replacement": str},
    "Strip": {"content": str, "start": int, "stop": int},
}
"""What steps must have."""

AFTER_JOINING = frozenset({"Fuse", "Strip"})
"""Steps that still mean something for single pieces once the pieces are joined."""

REFUSED: dict[str | None, str] = {
    None: "its pieces are joined with spaces",
    "WordPiece": "it sets spaces between words and rewrites those around punctuation (clean-up)",
    "BPEDecoder": "the suffix of a word is a space before another word and nothing at the end of the text",
    "CTC": "it merges repeated tokens",
}
"""Decoders under which a text is not the concatenation of its tokens, with the reason."""
