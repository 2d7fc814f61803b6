"""Reads JSON while it is being written: after each piece of text, it gives events and the value so far.

When should I use this? To show or to act on a document before it is complete: fill a form while the
model writes, start a tool call once its name is known. Pieces may be cut anywhere, also inside a character or an
escape. The cost of ``feed`` depends only on the length of the piece.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from constrain.errors import StreamError

if TYPE_CHECKING:
    from constrain.decoding.matcher import Matcher

__all__ = ["Event", "JsonStream"]

_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[-+.0-9A-Za-z]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_NUMBER_SO_FAR = re.compile(
    r"-?(?:(?:0|[1-9][0-9]*)(?:\.(?:[0-9]+(?:[eE](?:[-+]?[0-9]*))?)?|[eE][-+]?[0-9]*)?)?"
)
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LITERALS = {"true": True, "false": False, "null": None}


class Event(NamedTuple):
    """Something that has been read.

    Attributes:
        kind: ``"open"`` an object or array begins, ``"close"`` it ends, ``"key"`` a key is complete,
            ``"text"`` a piece of a string value, ``"value"`` a string, number, true, false or null is complete.
        key: the key or index of the event's value in the object or array around it; None at the root.
        depth: how many objects and arrays are around the value.
        value: the object or array, which is filled from now on; the key; the piece; or the value.
    """

    kind: str
    key: str | int | None
    depth: int
    value: Any


class JsonStream:
    """A JSON document (RFC 8259) read piece by piece. Repeated keys are treated as in ``json.loads``: the last one
    counts.

    Attributes:
        matcher: the matcher that ``advance`` advances, if there is one.
        complete: whether the document has been read to its end. The end of a number at the root is only recognised by
            what comes after it, or by ``finish``.
    """

    def __init__(self, matcher: Matcher | None = None) -> None:
        if matcher is not None and not hasattr(matcher, "advance"):
            raise TypeError(f"a stream keeps in step with a matcher, not with a {type(matcher).__name__}")
        self.matcher = matcher
        self.complete = False
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._offset = 0
        self._root: list[Any] = []
        self._around: list[Any] = []  # open containers, the innermost last
        self._keys: list[str | int | None] = [None]  # of what is next at each depth
        self._read: Callable[[str, int, list[Event]], int] = self._read_value
        self._parts: list[str] = []  # of the string or word that is open
        self._is_key = False
        self._escape = ""  # from a backslash on
        self._high = ""  # a high surrogate, until the low one comes

    # -- what is known ------------------------------------------------------------------------

    @property
    def partial(self) -> str | None:
        """The innermost open value, if it is not an object or array: ``"key"``, ``"string"``, ``"number"``,
        ``"literal"``."""
        if self._read in (self._read_string, self._read_escape):
            return "key" if self._is_key else "string"
        if self._read == self._read_word:
            return "number" if self._parts[0][0] in "-0123456789" else "literal"
        return None

    @property
    def path(self) -> tuple[str | int, ...]:
        """The keys and indexes that lead to the innermost open value, or to the next one."""
        return tuple(key for key in self._keys[1:] if key is not None)

    @property
    def value(self) -> Any:
        """The value so far; None before anything is known about it.

        Objects and arrays are the same Python objects each time, and go on being filled. They contain an open string or
        number as far as it has been read (``partial`` tells), which costs its length each time. They do not contain a
        key without a value.
        """
        if self.partial == "string":
            self._parts = ["".join(self._parts)]
            self._put(self._parts[0])
        elif self.partial == "number":
            self._parts = ["".join(self._parts)]
            found = _NUMBER.match(self._parts[0])
            if found is not None:
                self._put(_number(found))
        return self._root[0] if self._root else None

    # -- reading ------------------------------------------------------------------------------

    def feed(self, data: str | bytes) -> list[Event]:
        """Read a piece; return the events that it completes.

        Raises:
            StreamError: the text read so far is not a prefix of a JSON document.
        """
        try:
            text = data if isinstance(data, str) else self._decode.decode(data)
        except UnicodeDecodeError as problem:
            raise StreamError(self._offset, f"this is not UTF-8: {problem.reason}") from None
        events: list[Event] = []
        at = 0
        while at < len(text):
            at = self._read(text, at, events)
        self._offset += len(text)
        return events

    def finish(self) -> list[Event]:
        """Handle the end of the text.

        Raises:
            StreamError: the document is not complete.
        """
        events: list[Event] = []
        if self._read == self._read_word:
            self._end_word(events)
        if not self.complete or self._decode.getstate()[0]:
            raise StreamError(self._offset, "the document is not complete")
        return events

    def advance(self, token_id: int) -> list[Event] | None:
        """Let the matcher read one token, and read its text; return None, with nothing changed, if the token is not
        allowed."""
        if self.matcher is None:
            raise ValueError("a stream without a matcher reads text: use feed")
        if not self.matcher.advance(token_id):
            return None
        if self.matcher.stopped:
            return self.finish()
        return self.feed(self.matcher.constraint.vocabulary.tokens[token_id] or b"")

    def _fail(self, at: int, reason: str) -> StreamError:
        return StreamError(self._offset + at, reason)

    # Each reader below reads a part of ``text`` from ``at`` on and returns where it ends.

    def _read_value(self, text: str, at: int, events: list[Event]) -> int:
        at = _end(_SPACE, text, at)
        if at == len(text):
            return at
        first = text[at]
        if first == "]" and isinstance(self._innermost(), list) and not self._innermost():
            return self._close(at, events)
        if first in "{[":
            self._open({} if first == "{" else [], events)
            return at + 1
        if first == '"':
            return self._begin_string(at, is_key=False)
        if not _WORD.match(first).end():  # type: ignore[union-attr]
            raise self._fail(at, f"{first!r} begins no value")
        self._parts, self._read = [], self._read_word
        return self._read_word(text, at, events)

    def _read_key(self, text: str, at: int, events: list[Event]) -> int:
        """Read a key, or the end of an object that has no members."""
        at = _end(_SPACE, text, at)
        if at == len(text):
            return at
        if text[at] == "}" and not self._innermost():
            return self._close(at, events)
        return self._read_next_key(text, at, events)

    def _read_next_key(self, text: str, at: int, events: list[Event]) -> int:
        at = _end(_SPACE, text, at)
        if at == len(text):
            return at
        if text[at] != '"':
            raise self._fail(at, f"a key begins with a quote, not with {text[at]!r}")
        return self._begin_string(at, is_key=True)

    def _read_colon(self, text: str, at: int, events: list[Event]) -> int:
        at = _end(_SPACE, text, at)
        if at == len(text):
            return at
        if text[at] != ":":
            raise self._fail(at, f"a colon is missing before {text[at]!r}")
        self._read = self._read_next_value
        return at + 1

    def _read_next_value(self, text: str, at: int, events: list[Event]) -> int:
        at = _end(_SPACE, text, at)
        if at < len(text) and text[at] == "]":
            raise self._fail(at, "a value is missing before ']'")
        return self._read_value(text, at, events)

    def _read_after(self, text: str, at: int, events: list[Event]) -> int:
        """Read what comes after a value: a comma, or the end of the object or array around it."""
        at = _end(_SPACE, text, at)
        if at == len(text):
            return at
        around = self._innermost()
        if around is None:
            raise self._fail(at, f"{text[at]!r} comes behind the end of the document")
        if text[at] == ("}" if isinstance(around, dict) else "]"):
            return self._close(at, events)
        if text[at] != ",":
            raise self._fail(at, f"a comma is missing before {text[at]!r}")
        if isinstance(around, dict):
            self._read = self._read_next_key
        else:
            self._keys[-1] = len(around)
            self._read = self._read_next_value
        return at + 1

    def _begin_string(self, at: int, is_key: bool) -> int:
        self._parts, self._is_key = [], is_key
        self._read = self._read_string
        return at + 1

    def _read_string(self, text: str, at: int, events: list[Event]) -> int:
        end = _end(_PLAIN, text, at)
        if end > at:
            self._add(text[at:end], events)
        if end == len(text):
            return end
        if text[end] == "\\":
            self._escape, self._read = "", self._read_escape
            return end + 1
        if text[end] != '"':
            raise self._fail(end, f"the control character {text[end]!r} inside a string")
        self._flush_surrogate(events)
        self._end_string(events)
        return end + 1

    def _read_escape(self, text: str, at: int, events: list[Event]) -> int:
        self._escape += text[at]
        if self._escape in _ESCAPES:
            self._add(_ESCAPES[self._escape], events)
        elif not re.fullmatch("u[0-9A-Fa-f]{0,4}", self._escape):
            raise self._fail(at, f"\\{self._escape} is no escape")
        elif len(self._escape) == 5:
            self._add_unit(chr(int(self._escape[1:], 16)), events)
        else:
            return at + 1
        self._read = self._read_string
        return at + 1

    def _add_unit(self, unit: str, events: list[Event]) -> None:
        """Add a UTF-16 code unit: the two halves of a surrogate pair make one character."""
        if self._high and "\udc00" <= unit <= "\udfff":
            pair, self._high = self._high + unit, ""
            self._add(pair.encode("utf-16", "surrogatepass").decode("utf-16"), events)
            return
        self._flush_surrogate(events)
        if "\ud800" <= unit <= "\udbff":
            self._high = unit
        else:
            self._add(unit, events)

    def _flush_surrogate(self, events: list[Event]) -> None:
        if self._high:
            unit, self._high = self._high, ""
            self._add(unit, events)

    def _add(self, piece: str, events: list[Event]) -> None:
        self._flush_surrogate(events)
        self._parts.append(piece)
        if not self._is_key:
            events.append(self._event("text", piece))

    def _end_string(self, events: list[Event]) -> None:
        text = "".join(self._parts)
        if self._is_key:
            self._keys[-1] = text
            events.append(self._event("key", text))
            self._read = self._read_colon
        else:
            self._finish_value(text, events)

    def _read_word(self, text: str, at: int, events: list[Event]) -> int:
        end = _end(_WORD, text, at)
        if end > at:
            self._parts.append(text[at:end])
            self._check_word(at)
        if end < len(text):
            self._end_word(events)
        return end

    def _check_word(self, at: int) -> None:
        """Whether the newest part continues a number or a literal. Only long words take long to check."""
        word = "".join(self._parts)
        self._parts = [word]
        literal = any(name.startswith(word) for name in _LITERALS)
        if not literal and not _NUMBER_SO_FAR.fullmatch(word):
            raise self._fail(at, f"{word!r} begins no value")

    def _end_word(self, events: list[Event]) -> None:
        word = "".join(self._parts)
        number = _NUMBER.fullmatch(word)
        if number is None and word not in _LITERALS:
            raise self._fail(0, f"{word!r} is no value")
        self._finish_value(_LITERALS[word] if number is None else _number(number), events)

    # -- building -----------------------------------------------------------------------------

    def _innermost(self) -> Any:
        return self._around[-1] if self._around else None

    def _event(self, kind: str, value: Any) -> Event:
        return Event(kind, self._keys[-1], len(self._around), value)

    def _put(self, value: Any) -> None:
        around, key = self._innermost(), self._keys[-1]
        if around is None:
            self._root[:] = [value]
        elif isinstance(around, dict) or (isinstance(key, int) and key < len(around)):
            around[key] = value
        else:
            around.append(value)

    def _open(self, container: dict[str, Any] | list[Any], events: list[Event]) -> None:
        self._put(container)
        events.append(self._event("open", container))
        self._around.append(container)
        self._keys.append(None if isinstance(container, dict) else 0)
        self._read = self._read_key if isinstance(container, dict) else self._read_value

    def _close(self, at: int, events: list[Event]) -> int:
        container = self._around.pop()
        self._keys.pop()
        events.append(self._event("close", container))
        self._after_value()
        return at + 1

    def _finish_value(self, value: Any, events: list[Event]) -> None:
        self._put(value)
        events.append(self._event("value", value))
        self._parts = []
        self._after_value()

    def _after_value(self) -> None:
        self.complete = not self._around
        self._read = self._read_after


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """The end of the match of a pattern that always matches."""
    found = pattern.match(text, at)
    assert found is not None
    return found.end()


def _number(found: re.Match[str]) -> int | float:
    return float(found[0]) if found[1] or found[2] else int(found[0])
