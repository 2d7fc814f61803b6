"""The class that every front end returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import ReferenceType

from constrain.engine import Engine
from constrain.limits import Limits
from constrain.work import Compiling, Meter, Scope

__all__ = ["Grammar", "utf8"]


class Grammar:
    """A language of texts: an expression and the engine that it lives in.

    Made by ``json_schema``, ``regex``, ``lark``, ``gbnf`` and ``choice``, and compiled for a vocabulary by
    ``constrain.compile``. Lazily built parts are shared by everything compiled from one grammar.

    Attributes:
        kind: the kind of its source: ``"json_schema"``, ``"regex"`` or ``"sequence"``, for example.
        engine: the arena of expressions.
        root: the expression of the whole language.
        build: builds the language in an engine that is a copy of ``base``, and returns its expression.
        base: the engine of which ``engine`` began as a copy; None for an empty one.
        limits: how much work the grammar may take.
        meter: counts that work, and is the lock for whoever makes the engine grow.
        lock: the context to enter to make the engine grow outside of any matcher.
        constraints: weak references to what has been compiled from this grammar, by the vocabulary's ``id``;
            a constraint keeps its vocabulary, so an id is not reused while its entry lives.
        restrictions: what vocabularies can spell of the language, by their atoms (``constrain.spelling``).
        names: names of some expressions of the engine, ``"a string"`` for example, by their number.
        locate: a function from a prefix of a text to the places in the source that are in force at its end: for a
            schema as JSON pointers, else with line and column; none if they cannot be told.
        plain: bytes, as a 256-bit integer, such that every part of the language has a text made of these: every
            expression that is built for it, after every prefix. Computed on demand; all bytes if not known.
        annotations: parts of the source that do not constrain the text, for example unknown formats.
    """

    def __init__(
        self,
        kind: str,
        build: Callable[[Engine], int],
        *,
        remake: Callable[[], Grammar] | None = None,
        base: Engine | None = None,
        annotations: Iterable[str] = (),
        names: Mapping[int, str] | None = None,
        locate: Callable[[bytes], tuple[str, ...]] | None = None,
        plain: Callable[[], int] | None = None,
        limits: Limits | None = None,
        late: bool = False,
    ) -> None:
        """``build`` builds the language in the engine, which starts as a copy of ``base``; ``remake``, which must be
        picklable, makes an equal grammar in another process. Expressions that have ``names`` belong to ``base``. If
        ``late``, the language is built when it is first needed, so a limit may be hit only then."""
        self.kind = kind
        self._remake = remake
        self.build = build
        self.base = base
        self.meter = Meter(limits)
        self.limits: Limits = self.meter.own
        self.lock = Scope(self.meter, None, "mask_seconds")
        self.constraints: dict[int, ReferenceType[Any]] = {}
        self.restrictions: dict[Any, Any] = {}
        self._written: tuple[Engine, int] | None = None
        self._renewing = False
        self.annotations = tuple(annotations)
        self.names: Mapping[int, str] = names or {}
        self.plain: Callable[[], int] = plain or _all_bytes
        self.locate: Callable[[bytes], tuple[str, ...]] = locate or _nowhere
        if not late:
            self._write()

    def _write(self) -> tuple[Engine, int]:
        with Compiling(self.meter):
            if self._written is not None:
                return self._written
            engine = Engine(self.base)
            engine.bind(self.meter)  # what is built is counted
            return self._adopt(engine, self.build(engine))

    def _adopt(self, engine: Engine, root: int) -> tuple[Engine, int]:
        self.lock = Scope(self.meter, None, "mask_seconds", engine)
        self._written = engine, root
        return self._written

    @property
    def engine(self) -> Engine:
        return (self._written or self._write())[0]

    @property
    def root(self) -> int:
        return (self._written or self._write())[1]

    def renew(self, old: Engine | None = None) -> bool:
        """Start over with an engine that holds only the language, unless that has been done since ``old`` was the
        engine; existing constraints keep the old one.

        Returns False if the source is not known, or another thread is doing so. The lock is not held while the source
        is read again: that may call a function of the owner of a registry.
        """
        with self.lock:
            if old is not None and self.engine is not old:
                return True
            if self._remake is None or self._renewing:
                return False
            self._renewing = True
        try:
            fresh = self._remake()
            with self.lock:
                fresh.engine.bind(self.meter)
                self._adopt(fresh.engine, fresh.root)
        finally:
            self._renewing = False
        return True

    def matches(self, text: str | bytes) -> bool:
        """Whether the whole of ``text`` is in the language. Texts with lone surrogates never are: no bytes encode
        them."""
        try:
            data = text.encode() if isinstance(text, str) else text
        except UnicodeEncodeError:
            return False
        engine, root = self._written or self._write()
        with self.lock:
            return engine.matches(root, data)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the grammar as its source, from which it is built again."""
        if self._remake is None:
            raise TypeError("this grammar was not made by a front end, so it cannot be pickled")
        return _call, (self._remake,)

    def __deepcopy__(self, memo: object) -> Grammar:
        return self

    def __repr__(self) -> str:
        return f"<Grammar {self.kind}>"


def utf8(text: str) -> bytes:
    """A fixed text as bytes.

    Raises:
        ValueError: it holds half a surrogate pair, which UTF-8 cannot spell.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{text!r} cannot be written: it holds half a surrogate pair at {error.start}"
        ) from error


def _all_bytes() -> int:
    return (1 << 256) - 1


def _nowhere(text: bytes) -> tuple[str, ...]:
    return ()


def _call(remake: Callable[[], Grammar]) -> Grammar:
    return remake()
