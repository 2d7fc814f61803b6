"""From the text of a grammar to statements: a recursive-descent reader of the Lark grammar syntax.

The syntax is that of Lark 1.x (``lark/grammars/lark.lark``; reference: "Grammar Reference" in
Lark's documentation), with two liberties: inside brackets a line may end anywhere, and ``?`` may
stand right before a name.
"""

from __future__ import annotations

from typing import NoReturn

from constrain.languages.grammar.literals import read_range, read_regexp, read_string
from constrain.languages.grammar.syntax import (
    Choice,
    Definition,
    Expression,
    Ignore,
    Import,
    Name,
    Place,
    Repeat,
    Sequence,
    Statement,
    Use,
    is_terminal,
)
from constrain.languages.grammar.tokens import (
    DIRECTIVE,
    END,
    MARK,
    NAME,
    NEWLINE,
    NUMBER,
    REGEXP,
    STRING,
    Token,
    scan,
)

# Deeper brackets would exhaust Python's stack in the recursive functions that follow the reader.
DEEPEST_NESTING = 100
# Lark unrolls counters; here they are counted. The bound only keeps sums of them in 32 bits.
LARGEST_COUNT = 1_000_000

_OPERATORS: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
_BRACKETS = {"(": ")", "[": "]"}


def read(source: str) -> list[Statement]:
    """The statements of a grammar, in order. Raises ``GrammarError`` where it is malformed."""
    reader = _Reader(source)
    statements: list[Statement] = []
    while reader.token.kind != END:
        statements.append(reader.statement())
    return statements


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = scan(source)
        self.position = 0
        self.depth = 0
        self.in_terminal = False

    # -- tokens -------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def next(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def place(self) -> Place:
        return Place(self.source, self.token.offset)

    def fail(self, reason: str) -> NoReturn:
        raise self.place().error(reason)

    def at(self, text: str) -> bool:
        return self.token.kind == MARK and self.token.text == text

    def skip(self, text: str) -> bool:
        if self.at(text):
            self.position += 1
            return True
        return False

    def expect(self, text: str, why: str) -> None:
        if not self.skip(text):
            self.fail(f"expected '{text}' {why}, found {self.token.describe()}")

    def take(self, kind: str, why: str) -> Token:
        if self.token.kind != kind:
            self.fail(f"expected a {kind} {why}, found {self.token.describe()}")
        return self.next()

    # -- statements ---------------------------------------------------------------------------

    def statement(self) -> Statement:
        if self.token.kind != DIRECTIVE:
            return self.definition("define")
        place = self.place()
        directive = self.next().text
        if directive == "%ignore":
            return self.ignore(place)
        if directive == "%import":
            return self.imports(place)
        if directive in ("%override", "%extend"):
            return self.definition(directive[1:])
        if directive == "%declare":
            raise place.error("%declare names a terminal without saying what it matches: define it instead")
        known = "%ignore, %import, %override, %extend"
        raise place.error(f"unknown directive '{directive}'; known are {known}")

    def end_of_statement(self, what: str) -> None:
        if self.token.kind != NEWLINE:
            hint = "; a count is written ~2 or ~2..3, not {2} or {2,3}" if self.at("{") else ""
            self.fail(f"unexpected {self.token.describe()} in {what}{hint}")
        self.next()

    def definition(self, mode: str) -> Definition:
        while self.at("?") or self.at("!"):  # they shape Lark's parse tree, not the language
            self.next()
        if self.token.kind != NAME:
            hint = "a definition goes on in the next line only if that begins with '|'"
            self.fail(f"expected 'name: ...' or a directive, found {self.token.describe()}; {hint}")
        place = self.place()
        name = self.next().text
        self.in_terminal = is_terminal(name)
        parameters = self.parameters() if self.at("{") else ()
        if self.skip("."):
            self.take(NUMBER, "as the priority")
        self.expect(":", f"after '{name}'")
        body = self.choice()
        self.end_of_statement(f"the definition of '{name}'")
        return Definition(name, parameters, body, place, mode)

    def parameters(self) -> tuple[str, ...]:
        if self.in_terminal:
            self.fail("only rules can be templates")
        self.expect("{", "")
        names: list[str] = []
        while True:
            place = self.place()
            name = self.take(NAME, "as a template parameter").text
            if is_terminal(name):
                raise place.error(f"the template parameter '{name}' must be in lower case")
            if name in names:
                raise place.error(f"the template parameter '{name}' is there twice")
            names.append(name)
            if not self.skip(","):
                self.expect("}", "after the template parameters")
                return tuple(names)

    def ignore(self, place: Place) -> Ignore:
        self.in_terminal = True
        body = self.choice()
        self.end_of_statement("%ignore")
        return Ignore(body, place)

    def imports(self, place: Place) -> Import:
        if self.at("."):
            self.fail("relative imports are not supported: import from a grammar of the library")
        path = [self.take(NAME, "of a library").text]
        while self.skip("."):
            path.append(self.take(NAME, "in the import path").text)
        names: list[tuple[str, str]] = []
        if self.skip("("):
            while True:
                name = self.take(NAME, "to import").text
                names.append((name, name))
                if not self.skip(","):
                    break
            self.expect(")", "after the imported names")
        else:
            if len(path) == 1:
                raise place.error(f"say what to import from '{path[0]}': %import {path[0]}.NAME")
            name = path.pop()
            alias = self.take(NAME, "as the new name").text if self.skip("->") else name
            if is_terminal(alias) != is_terminal(name):
                raise place.error("a terminal is imported under a name in upper case, a rule in lower case")
            names.append((name, alias))
        self.end_of_statement("%import")
        return Import(".".join(path), tuple(names), place)

    # -- expressions --------------------------------------------------------------------------

    def choice(self) -> Expression:
        alternatives = [self.sequence()]
        while self.skip("|"):
            alternatives.append(self.sequence())
        return alternatives[0] if len(alternatives) == 1 else Choice(tuple(alternatives))

    def sequence(self) -> Expression:
        items: list[Expression] = []
        while self.token.kind in (NAME, STRING, REGEXP) or self.at("(") or self.at("["):
            items.append(self.repeated())
        if self.at("->"):
            self.alias()
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def alias(self) -> None:
        if self.in_terminal:
            self.fail("an alias is possible in rules only")
        self.next()
        if is_terminal(self.take(NAME, "as the alias").text):
            self.position -= 1
            self.fail("an alias is written in lower case")

    def repeated(self) -> Expression:
        body = self.primary()
        if self.token.kind == MARK and self.token.text in _OPERATORS:
            least, most = _OPERATORS[self.next().text]
            return Repeat(body, least, most)
        if self.skip("~"):
            place = self.place()
            low = high = self.count()
            if self.skip(".."):
                high = self.count()
            if low > high:
                raise place.error(f"the repetition {low}..{high} has its bounds in the wrong order")
            return Repeat(body, low, high)
        return body

    def count(self) -> int:
        place = self.place()
        count = int(self.take(NUMBER, "of repetitions").text)
        if not 0 <= count <= LARGEST_COUNT:
            raise place.error(f"a number of repetitions lies between 0 and {LARGEST_COUNT}")
        return count

    def primary(self) -> Expression:
        if self.token.kind != MARK:
            return self.value()
        place = self.place()
        opening = self.next().text
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            self.fail(f"brackets are nested more than {DEEPEST_NESTING} deep")
        body = self.choice()
        self.depth -= 1
        if self.token.kind == NEWLINE:  # no line ends inside brackets, so it is the end of the text
            raise place.error(f"this '{opening}' is never closed")
        self.expect(_BRACKETS[opening], f"to close '{opening}'")
        return Repeat(body, 0, 1) if opening == "[" else body

    def value(self) -> Expression:
        """An expression without operators: what can be the argument of a template."""
        place = self.place()
        if self.token.kind == STRING:
            token = self.next()
            if self.skip(".."):
                return read_range(token, self.take(STRING, "as the end of the range"), self.source)
            return read_string(token, self.source)
        if self.token.kind == REGEXP:
            return read_regexp(self.next(), self.source)
        name = self.take(NAME, "or a literal").text
        return self.use(name, place) if self.at("{") else Name(name, place)

    def use(self, name: str, place: Place) -> Use:
        self.expect("{", "")
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            self.fail(f"brackets are nested more than {DEEPEST_NESTING} deep")
        arguments = [self.value()]
        while self.skip(","):
            arguments.append(self.value())
        self.depth -= 1
        self.expect("}", "after the template arguments")
        return Use(name, tuple(arguments), place)
