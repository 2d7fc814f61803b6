"""Expansion of templates: every use of a template with different arguments becomes a rule of its own."""

from __future__ import annotations

from dataclasses import replace as changed

from constrain.languages.grammar.definitions import Document, check_arity
from constrain.languages.grammar.syntax import Atom, Definition, Expression, Name, Use, replace

# The expansion of a template that uses itself with ever larger arguments has no end: a{x}: x a{b{x}}.
MOST_INSTANCES = 10_000


def expand(grammar: Document) -> Document:
    """The same grammar without parameters and arguments."""
    expansion = _Expansion(grammar)
    rules = {name: rule for name, rule in grammar.definitions.items() if not rule.parameters}
    definitions = {name: expansion.instance(rule, ()) for name, rule in rules.items()}
    while expansion.waiting:
        name, template, arguments = expansion.waiting.pop()
        definitions[name] = changed(expansion.instance(template, arguments), name=name)
    return Document(grammar.source, definitions, grammar.ignored)


class _Expansion:
    def __init__(self, grammar: Document) -> None:
        self.definitions = grammar.definitions
        self.names: dict[tuple[str, tuple[Expression, ...]], str] = {}
        self.waiting: list[tuple[str, Definition, tuple[Expression, ...]]] = []

    def instance(self, template: Definition, arguments: tuple[Expression, ...]) -> Definition:
        """``template`` with its parameters replaced by ``arguments``."""
        values = dict(zip(template.parameters, arguments, strict=True))
        body = replace(template.body, lambda atom: self.whole(self.substitute(atom, values)))
        return changed(template, parameters=(), body=body)

    def substitute(self, atom: Atom, values: dict[str, Expression]) -> Expression:
        if isinstance(atom, Name):
            return values.get(atom.name, atom)
        if not isinstance(atom, Use):
            return atom
        arguments = tuple(
            replace(each, lambda inner: self.substitute(inner, values)) for each in atom.arguments
        )
        target = values.get(atom.name, Name(atom.name, atom.place))
        if not isinstance(target, Name):
            raise atom.place.error(f"the argument for '{atom.name}' must be the name of a template")
        return self.use(Use(target.name, arguments, atom.place))

    def use(self, use: Use) -> Name:
        """The rule that stands for ``use``, from whose arguments templates have been removed."""
        template = self.definitions.get(use.name)
        if template is None:  # an instance of a template, passed as an argument
            raise use.place.error("the result of a template takes no further arguments")
        check_arity(use, template)
        key = (use.name, use.arguments)
        if key not in self.names:
            if len(self.names) == MOST_INSTANCES:
                raise use.place.error(f"the template '{use.name}' expands without end")
            self.names[key] = f"{use.name}{{{len(self.names)}}}"
            self.waiting.append((self.names[key], template, use.arguments))
        return Name(self.names[key], use.place)

    def whole(self, expression: Expression) -> Expression:
        """``expression``, unless it is a template without its arguments."""
        if isinstance(expression, Name):
            template = self.definitions.get(expression.name)
            if template is not None and template.parameters:
                raise expression.place.error(f"the template '{expression.name}' needs arguments in braces")
        return expression
