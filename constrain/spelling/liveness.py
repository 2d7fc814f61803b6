"""Decides whether a skeleton has a text that can be spelled: a least fixpoint over an and-or graph that is explored as
far as needed.

A concatenation is live if all its parts are, a union if some part is, a reference if its body is, and so on. The
question is examined first, then what it depends on, with the cheapest first. Each node is settled as soon as its parts
allow it (Dowling and Gallier 1984), so the work is linear in the number of examined nodes. A node that is not settled
when nothing is left to examine depends only on itself, and is dead.

What follows a captured or recorded text depends on it: an array of unique items has a state for each set of items. So
these continuations are examined only where something can be spelled of what may follow any text, which has few states.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Any

from constrain.engine.completion import LONGEST, avoiding_text, shortest_text
from constrain.engine.described import Described
from constrain.errors import WorkLimitExceeded
from constrain.spelling.skeleton import Skeleton
from constrain.spelling.suppliers import RestrictedRepresented
from constrain.spelling.texts import first_texts, has_more_than, is_endless
from constrain.work import checkpoint

if TYPE_CHECKING:
    from constrain.engine import Engine
    from constrain.spelling.atoms import Alphabet

# How many nodes one question may examine, which takes some seconds. Schemas need tens.
WORK_LIMIT = 100_000

# How many texts of a capture or a record are examined for the answers to them.
FEW = 256

# Questions about what is live: an expression of a skeleton; a key with what follows it; a text with the answer to it
# and, as the other alternative, the texts after it in order; the answers to a record whose body is known to be live.
Question = int | tuple[Any, ...]

# Whether all parts are needed or one suffices, and the parts; or the answer.
Rule = tuple[bool, list[Question]] | bool


class Liveness(Skeleton):
    """Skeletons that can tell whether they have a text.

    Attributes:
        plain: whether it is known that every part of the language has a text that can be spelled.
    """

    def __init__(self, engine: Engine, alphabet: Alphabet, plain: bool) -> None:
        super().__init__(engine, alphabet)
        self.plain = plain
        self._live: dict[Question, bool] = {}
        self._why: dict[Question, Question] = {}
        self._rules: dict[Question, tuple[bool, list[Question]]] = {}
        self._open: dict[Question, int] = {}
        self._parents: dict[Question, list[Question]] = {}
        self._waiting: set[Question] = set()
        self._captures: dict[Question, int] = {}
        self._few: dict[int, list[bytes] | None] = {}
        self._texts: dict[tuple[int, int], list[bytes]] = {}
        self._ready: list[Question] = []

    def live(self, question: Question) -> bool:
        """Whether there is a text.

        Raises:
            WorkLimitExceeded: the search takes too long.
        """
        if self.plain:
            return bool(question != self.engine.EMPTY)
        answer = self._find(question)
        if answer is None:
            raise WorkLimitExceeded(
                f"finding out what the vocabulary can spell of the grammar took more than {WORK_LIMIT} steps; "
                "use a tokenizer with byte fallback, or a grammar with fewer alternatives",
                limit="WORK_LIMIT",
                value=WORK_LIMIT,
            )
        return answer

    def _find(self, question: Question) -> bool | None:
        """The answer to a question; None if it takes too long."""
        known = self._live.get(question)
        if known is not None:
            return known
        order = count()
        queue: list[tuple[int, int, Question]] = [(0, next(order), question)]
        seen: set[Question] = {question}
        while queue and question not in self._live:
            cost, _, one = heappop(queue)
            if one in self._live:
                continue
            checkpoint()
            self._look_at(one)
            again, self._ready = self._ready, []
            parts = [] if one in self._live else self._rules[one][1]
            for part in [*again, *[part for part in parts if part not in seen]]:
                if part not in self._live:
                    seen.add(part)
                    heappush(queue, (cost + _cost(part), next(order), part))
            if len(seen) > WORK_LIMIT:
                return None
        if question not in self._live:
            for one in seen:
                if one not in self._live:
                    self._settle(one, False)
        return self._live[question]

    # -- the graph ----------------------------------------------------------------------------

    def _look_at(self, question: Question) -> None:
        """Find what an open question depends on, if that is not known."""
        if question in self._rules:
            return
        rule = self._rule(question)
        if isinstance(rule, bool):
            self._settle(question, rule)
            return
        needs_all, parts = rule
        answers = [self._known_or_seen(part) for part in parts]
        if needs_all is False and True in answers:
            self._why[question] = parts[answers.index(True)]
        if (not needs_all) in answers:
            self._settle(question, not needs_all)
        elif None not in answers:
            self._rules[question] = rule
            self._settle(question, needs_all)
        else:
            self._rules[question] = rule
            self._open[question] = answers.count(None)
            for part, answer in zip(parts, answers, strict=True):
                if answer is None:
                    self._parents.setdefault(part, []).append(question)

    def _known_or_seen(self, question: Question) -> bool | None:
        """The answer, if it is known or evident; else None."""
        known = self._live.get(question)
        if known is None and not isinstance(question, tuple):
            engine = self.engine
            if engine.nullable(question) or (
                engine.supplier(question) is None and engine.inspect(question)[0] in _SPELT
            ):
                known = self._live[question] = True
        return known

    def _settle(self, question: Question, answer: bool) -> None:
        """Record the answer to a question, and to the questions that follow from it."""
        todo = [(question, answer)]
        while todo:
            checkpoint()
            question, answer = todo.pop()
            if question in self._live:
                continue
            self._live[question] = answer
            for parent in self._parents.pop(question, ()):
                if parent in self._live:
                    continue
                if parent in self._waiting and answer:
                    self._waiting.discard(parent)
                    del self._rules[parent]
                    self._ready.append(parent)
                    continue
                needs_all = self._rules[parent][0]
                self._open[parent] -= 1
                if answer is not needs_all:
                    if answer:
                        self._why[parent] = question
                    todo.append((parent, answer))
                elif not self._open[parent]:
                    todo.append((parent, answer))

    # -- rules --------------------------------------------------------------------------------

    def _rule(self, question: Question) -> Rule:
        if isinstance(question, tuple):
            named: Rule = getattr(self, f"_rule_of_{question[0]}")(*question[1:])
            return named
        engine = self.engine
        if engine.nullable(question):
            return True
        supplier = engine.supplier(question)
        if supplier is not None:
            return self._rule_of_reference(question, supplier)
        kind, *fields = engine.inspect(question)
        if kind == "concat":
            return True, fields
        if kind == "union":
            return False, list(fields[0])
        if kind in ("repeat", "leaf"):
            return True, fields[:1]
        if kind == "choice":
            low, high = fields[0][4:]
            return False, [("keys", fields[0][0], low, high)]
        if kind in ("capture", "record") and self._find(("relaxed", question)) is False:
            return False
        if kind == "capture":
            return self._rule_of_capture(question, fields[0], fields[2].handler)
        if kind == "record":
            return False, [("recorded", question, part) for part in self._alternatives(fields[0])]
        return bool(kind != "empty")

    def _rule_of_reference(self, node: int, supplier: Any) -> Rule:
        if node not in self.origins:  # everything that it may be made of can be spelled
            return isinstance(supplier, Described)
        if isinstance(supplier, RestrictedRepresented):
            return True, [self.whole(supplier.supplier.representative(self.engine))]
        return True, [self.body(node)]

    def _rule_of_keys(self, table: int, low: int, high: int) -> Rule:
        one: Question = ("key", table, low)
        return False, [one] if low == high else [one, ("keys", table, low + 1, high)]

    def _rule_of_key(self, table: int, place: int) -> Rule:
        return True, [self.tables[table].behind(place)]

    def _rule_of_capture(self, node: int, body: int, handler: Any) -> Rule:
        if not handler.alike:
            return self._rule_of_kinds(node)
        texts = self._texts_of(node, body, handler)
        return True, [body, texts] if handler.begins else [body, self.whole(handler.common), texts]

    def _rule_of_kinds(self, node: int) -> Rule:
        return False, [self.whole(one) for one in self.engine.captures(self.origins[node])]

    def _rule_of_relaxed(self, question: Question) -> Rule:
        known = self._known_or_seen(question)
        if known is not None:
            return known
        rule = self._relaxed_capture(question)
        if rule is None:
            rule = self._rule(question)
        return rule if isinstance(rule, bool) else (rule[0], [("relaxed", part) for part in rule[1]])

    def _relaxed_capture(self, question: Question) -> Rule | None:
        """What a capture or record needs, whichever text it has; None for other nodes."""
        engine = self.engine
        if isinstance(question, tuple) or engine.supplier(question) is not None:
            return None
        kind, *fields = engine.inspect(question)
        if kind not in ("capture", "record"):
            return None
        body, handler = fields[0], fields[2].handler
        if kind == "capture" and not handler.alike:
            return self._rule_of_kinds(question)
        if handler.begins:
            follows = self.whole(handler.answer_to_any(engine))
            return True, [body] if follows == engine.EMPTY else [body, follows]
        if self.few(body) is not None:
            return True, [body]
        _, *texts = self._texts_of(question, body, handler)
        return True, [body, ("first_text", *texts)]

    def _texts_of(self, node: int, body: int, handler: Any) -> tuple[Any, ...]:
        """A question, shared by all captures of ``body`` whose answers differ only in what is refused, unless there are
        so few texts that they can be used up."""
        texts = "texts", body, handler.outlook if self.few(body) is None else node
        self._captures.setdefault(texts, node)
        return texts

    def _rule_of_first_text(self, body: int, outlook: Any) -> Rule:
        node = self._captures["texts", body, outlook]
        text = self.text(node, body, 0)
        if text is None:
            return False
        return True, [self.whole(self.engine.inspect(node)[3].answer(text))]

    def _rule_of_texts(self, body: int, outlook: Any) -> Rule:
        return False, [("text", self._captures["texts", body, outlook], body, 0)]

    def _rule_of_recorded(self, record: int, part: int) -> Rule:
        return True, [part, ("answers", record, part)]

    def _rule_of_answers(self, record: int, part: int) -> Rule:
        if not self._live.get(part, False):
            self._waiting.add(("answers", record, part))
            return True, [part]
        return False, [("text", record, part, 0)]

    def _rule_of_text(self, node: int, part: int, index: int) -> Rule:
        text = self.text(node, part, index)
        if text is None:
            return False
        answer = self.whole(self.engine.inspect(node)[3].answer(text))
        return False, [answer, ("text", node, part, index + 1)]

    def _alternatives(self, node: int) -> list[int]:
        """The parts of a skeleton that is a union, including those within references."""
        engine = self.engine
        found: dict[int, None] = {}
        seen, todo = {node}, [node]
        while todo:
            checkpoint()
            one = todo.pop()
            parts: list[int] = []
            supplier = engine.supplier(one)
            if supplier is None:
                kind, *fields = engine.inspect(one)
                parts = list(fields[0]) if kind == "union" else []
            elif one in self.origins and not isinstance(supplier, RestrictedRepresented):
                parts = [self.body(one)]
            if not parts:
                found[one] = None
            todo += [part for part in reversed(parts) if part not in seen]
            seen.update(parts)
        return list(found)

    # -- texts --------------------------------------------------------------------------------

    def text(self, node: int, part: int, index: int) -> bytes | None:
        """A text that is not refused of ``part``, an alternative of the body of the capture or record ``node``; a
        different one for each of the first indexes."""
        engine = self.engine
        kind, _, _, handler = engine.inspect(node)
        if index == 0 and kind == "record":
            return self.witness(part)
        refused = handler.refused(engine)
        if index == 0:
            return avoiding_text(engine, self.final(part), LONGEST, refused)
        texts = self._texts.get((node, part))
        if texts is None:
            first = self.text(node, part, 0)
            found = self._first_texts(part, engine.text_count(refused))
            texts = [text for text in found if text != first and not engine.holds(refused, text)]
            self._texts[node, part] = texts
        return texts[index - 1] if index <= len(texts) else None

    def few(self, body: int) -> list[bytes] | None:
        """All texts of a captured body if there are few."""
        if body not in self._few:
            found = None
            endless = is_endless(self.engine, body) or not is_plain(self.engine, body)
            if not endless and not has_more_than(self.engine, body, FEW):
                found = first_texts(self.engine, body, FEW)
            self._few[body] = found
        return self._few[body]

    def _first_texts(self, part: int, more: int) -> list[bytes]:
        return first_texts(self.engine, part, FEW + more) if is_plain(self.engine, part) else []

    def witness(self, question: Question) -> bytes:
        """A text that proves that the answer to a question is yes."""
        text: list[bytes] = []
        todo: list[Question | bytes] = [question]
        while todo:
            checkpoint()
            one = todo.pop()
            if isinstance(one, bytes):
                text.append(one)
            else:
                todo += reversed(self._witnesses(one))
        return b"".join(text)

    def _witnesses(self, question: Question) -> Sequence[Question | bytes]:
        """The parts of texts that prove that the answer to a question is yes."""
        engine = self.engine
        if isinstance(question, tuple):
            if question[0] == "key":
                return [self.tables[question[1]].keys[question[2]][1], self._rules[question][1][0]]
            if question[0] == "recorded":
                return self._rules[question][1][1:]
            why = self._why[question]
            if question[0] == "text" and not isinstance(why, tuple):
                return [self.text(*question[1:]) or b"", why]
            return [why]
        if engine.nullable(question):
            return []
        supplier = engine.supplier(question)
        if supplier is not None:
            return [self._rules[question][1][0]] if question in self.origins else [supplier.shortest()]
        kind, *fields = engine.inspect(question)
        if kind in ("concat", "leaf"):
            return list(fields)
        if kind == "repeat":
            return [fields[0]] * int(fields[1])
        if kind == "capture" and fields[2].alike:
            return self._rules[question][1][-1:]
        if kind in ("union", "choice", "capture", "record"):
            return [self._why[question]]
        return [shortest_text(engine, question)]


def _cost(question: Question) -> int:
    """How long a question is put off after the one that depends on it: other keys until one key has been tried, another
    text until everything else has been."""
    if not isinstance(question, tuple):
        return 1
    return 8 if question[0] == "keys" else 1_000 if question[0] == "text" and question[3] else 1


# Kinds of expressions that can always be spelled if they are in a skeleton.
_SPELT = frozenset(["literal", "byte_set", "intersection", "complement"])

_PLAIN = ("epsilon", "literal", "byte_set", "intersection", "complement")


def is_plain(engine: Any, node: int) -> bool:
    """Whether an expression evidently contains nothing that is supplied later."""
    todo = [node]
    while todo:
        checkpoint()
        node = todo.pop()
        if engine.supplier(node) is not None:
            return False
        kind, *fields = engine.inspect(node)
        if kind == "concat":
            todo += fields
        elif kind == "union":
            todo += fields[0]
        elif kind in ("repeat", "leaf"):
            todo += fields[:1]
        elif kind not in _PLAIN:
            return False
    return True
