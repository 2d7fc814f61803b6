"""Expressions of exactly what an alphabet can spell.

``Restriction.restricted(node)`` is an expression of the texts of ``node`` that are sequences of atoms: its skeleton
without the parts of which no text can be spelled, so that it has no dead ends.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from constrain.engine.questions import Questions
from constrain.spelling.liveness import Liveness
from constrain.spelling.suppliers import RestrictedHandler
from constrain.spelling.texts import always_goes_on, has_more_than, is_endless

if TYPE_CHECKING:
    from constrain.engine import Engine
    from constrain.spelling.atoms import Alphabet

# How many states of a captured text are examined to see whether every prefix has infinitely many continuations.
STATE_LIMIT = 2_000


class Restriction(Liveness):
    """The parts of the expressions of one engine that one alphabet can spell."""

    def __init__(self, engine: Engine, alphabet: Alphabet, plain: bool = False) -> None:
        super().__init__(engine, alphabet, plain)
        self._final: dict[int, int] = {}
        self._goes_on: dict[int, bool] = {}
        self._finals = Questions()

    def final(self, node: int) -> int:
        found = self._final.get(node)
        return self._finals.ask(self._without_dead_parts, node) if found is None else found

    def _without_dead_parts(self, node: int) -> int:
        found = self._final.get(node)
        if found is None:
            found = self._final[node] = self._find_final(node)
        return found

    def _find_final(self, node: int) -> int:
        engine = self.engine
        if engine.supplier(node) is not None:
            return node if node not in self.origins or self.live(node) else int(engine.EMPTY)
        kind, *fields = engine.inspect(node)
        found = node
        if kind == "concat":
            found = self._concat(fields)
        elif kind == "union":
            found = engine.union([self.final(part) for part in fields[0]])
        elif kind == "repeat":
            found = engine.repeat(self.final(fields[0]), fields[1], fields[2])
        elif kind == "leaf":
            found = engine.leaf(self.final(fields[0]))
        elif kind == "choice":
            number, _, _, _, first, last = fields[0]
            found = self.tables[number].settled(first, last, lambda place: self.live(("key", number, place)))
        elif kind in ("capture", "record"):
            found = self._captured(node, kind, *fields) if self.live(node) else engine.EMPTY
        return found

    def _concat(self, fields: list[int]) -> int:
        """Restrict a concatenation part by part: it is as long as the number of keys of an object that must follow each
        other."""
        engine = self.engine
        spine = []
        rest: int = 0
        while fields:
            spine.append(fields[0])
            rest = fields[1]
            kind, *fields = ("reference",) if engine.supplier(rest) is not None else engine.inspect(rest)
            if kind != "concat":
                break
        found = self.final(rest)
        for part in reversed(spine):
            if found == engine.EMPTY:
                break
            found = engine.concat(self.final(part), found)
        return found

    # -- captures and records -----------------------------------------------------------------

    def _captured(self, node: int, kind: str, body: int, text: bytes, handler: RestrictedHandler) -> int:
        engine = self.engine
        if kind == "capture" and not handler.alike:
            return self._kinds(node)
        body = self.final(body)
        origin = engine.inspect(self.origins[node])[1]
        if body != origin:
            few = self.few(body)
            if few is not None:
                return self._written_out(few, handler)
        unanswered = self._unanswered(node, body, handler)
        if kind == "record":
            if unanswered:
                body = self.restricted(handler.handler.without(engine, unanswered))
                handler = RestrictedHandler(self, handler.handler, doubtful=True)
            return int(engine.record(body, handler))
        if not unanswered and (body == origin or self._always_goes_on(body)):
            return node
        refused = handler.refused(engine)
        if unanswered:
            refused = engine.text_set([*engine.texts(refused), *unanswered])
            handler = RestrictedHandler(self, handler.handler, refused, doubtful=True)
            node = engine.capture(body, handler)
        if refused == engine.EMPTY or self._always_goes_on(body):
            return node
        if all(self._has_room(body, refused, name) for name in engine.texts(refused)):
            return node
        taken = engine.union([engine.literal(name) for name in engine.texts(refused)])
        left = engine.leaf(engine.intersection([body, engine.complement(taken)]))
        if engine.is_empty(left):
            return int(engine.EMPTY)
        doubtful = bool(unanswered)
        return int(engine.capture(left, RestrictedHandler(self, handler.handler, engine.EMPTY, doubtful)))

    def _unanswered(self, node: int, body: int, handler: RestrictedHandler) -> list[bytes]:
        """The texts of a capture or record that nothing spelled can follow, although something can follow others.

        Answers differ in what is refused later. So what follows one text follows all texts except those that occur
        again in it, which are examined one by one.
        """
        if self.plain or not handler.handler.remembers:
            return []
        engine = self.engine
        found = []
        follows = self.witness(self._answered(node))
        for start in range(len(follows)):
            state = body
            for end in range(start, len(follows)):
                state = engine.derivative(state, follows[end])
                if state == engine.EMPTY:
                    break
                text = follows[start : end + 1]
                if engine.nullable(state) and not engine.holds(handler.refused(engine), text):
                    answer = self.whole(handler.answer(text))
                    if not self.live(answer):
                        found.append(text)
        return list(dict.fromkeys(found))

    def _answered(self, node: int) -> int:
        """What follows some text of the capture or record ``node``, which is live."""
        question: Any = node
        while True:
            why = self._why.get(question)
            if why is None:
                question = self._rules[question][1][-1]
            elif isinstance(question, tuple) and question[0] == "text" and not isinstance(why, tuple):
                return why
            else:
                question = why

    def _kinds(self, node: int) -> int:
        """Restrict a capture of several kinds of texts: as a whole if texts of all kinds are captured, else kind by
        kind."""
        engine = self.engine
        kinds = [self.whole(one) for one in engine.captures(self.origins[node])]
        finals = [self.final(one) for one in kinds]
        if finals == kinds and all(engine.inspect(one)[0] == "capture" for one in finals):
            return node
        return int(engine.union(finals))

    def _written_out(self, texts: list[bytes], handler: RestrictedHandler) -> int:
        """The restriction where there are few texts: each with what follows it, if anything does."""
        engine = self.engine
        refused = handler.refused(engine)
        keys = [
            (index, text, partial(handler.answer, text))
            for index, text in enumerate(texts)
            if not engine.holds(refused, text)
        ]
        table = self.new_table(keys)
        return self.final(table.between(0, len(texts)))

    def _always_goes_on(self, body: int) -> bool:
        found = self._goes_on.get(body)
        if found is None:
            found = is_endless(self.engine, body) or always_goes_on(self.engine, body, STATE_LIMIT)
            self._goes_on[body] = found
        return found

    def _has_room(self, body: int, refused: int, name: bytes) -> bool:
        """Whether each prefix of a refused text can be completed to a text that is not refused."""
        engine = self.engine
        for length in range(len(name)):
            taken = engine.text_count(engine.beginning_with(refused, name[:length]))
            if not has_more_than(engine, body, taken):
                return False
            body = engine.derivative(body, name[length])
            if body == engine.EMPTY:
                break
        return True
