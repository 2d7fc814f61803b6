"""From statements to one table of definitions, with imports resolved and names checked.

A definition imported from the grammar ``json`` keeps its name if it is imported by name. If it is only needed by such a
definition, it is called ``json.name``, which no name of the importing grammar can be.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace as changed

import constrain.languages.grammar.library as library
from constrain.languages.grammar.reader import read
from constrain.languages.grammar.syntax import (
    Atom,
    Choice,
    Definition,
    Expression,
    Ignore,
    Import,
    Name,
    Use,
    atoms,
    is_terminal,
    replace,
    shown,
)


@dataclass(frozen=True)
class Document:
    """Rules, templates and terminals by name, and what may occur between terminals."""

    source: str
    definitions: dict[str, Definition]
    ignored: tuple[Expression, ...]


def define(source: str) -> Document:
    """The definitions of a grammar and of all that it imports, checked.

    Raises ``GrammarError`` for malformed text, names that are defined twice or not at all, rules within terminals, and
    templates with the wrong number of arguments.
    """
    grammar = _collect(source, ())
    for definition in grammar.definitions.values():
        _check(definition.body, definition.name, definition.parameters, grammar.definitions)
        for parameter in definition.parameters:
            if parameter in grammar.definitions:
                raise definition.place.error(
                    f"the template parameter '{parameter}' is also the name of a rule"
                )
    for body in grammar.ignored:
        _check(body, "IGNORE", (), grammar.definitions)
    return grammar


def suggestion(name: str, names: Iterable[str]) -> str:
    """``"; did you mean 'x'?"``, or nothing if no name is close."""
    name = shown(name)
    writable = [shown(other) for other in names if "." not in other]
    close = difflib.get_close_matches(name, writable, 1)
    same = [other for other in writable if other.lower() == name.lower()]
    best = same or close
    return f"; did you mean '{best[0]}'?" if best else ""


# -- imports, %override, %extend ------------------------------------------------------------------


def _collect(source: str, importing: tuple[str, ...]) -> Document:
    """The definitions of ``source``; ``importing`` are the libraries that led here."""
    statements = read(source)
    definitions: dict[str, Definition] = {}
    imports: dict[str, list[Import]] = {}
    for statement in statements:
        if isinstance(statement, Import):
            imports.setdefault(statement.library, []).append(statement)
    for name, wanted in imports.items():  # first of all, wherever they stand, as in Lark
        _import(name, wanted, definitions, importing)
    ignored = []
    for statement in statements:
        if isinstance(statement, Definition):
            _enter(statement, definitions)
        elif isinstance(statement, Ignore):
            ignored.append(statement.body)
    return Document(source, definitions, tuple(ignored))


def _enter(new: Definition, definitions: dict[str, Definition]) -> None:
    old = definitions.get(new.name)
    if new.mode == "define":
        if old is not None:
            raise new.place.error(
                f"'{new.name}' is defined twice; %override replaces and %extend adds to a definition"
            )
        definitions[new.name] = new
        return
    if old is None:
        hint = suggestion(new.name, definitions)
        raise new.place.error(f"%{new.mode} needs an earlier definition or import of '{new.name}'{hint}")
    if new.mode == "override":
        definitions[new.name] = new
        return
    if old.parameters != new.parameters:
        raise new.place.error(f"%extend must repeat the template parameters of '{new.name}'")
    arms = old.body.alternatives if isinstance(old.body, Choice) else (old.body,)
    definitions[new.name] = changed(old, body=Choice((*arms, new.body)))


def _import(
    name: str, statements: list[Import], definitions: dict[str, Definition], importing: tuple[str, ...]
) -> None:
    """Enter what ``statements`` import from the library ``name``, and what the imported definitions need."""
    place = statements[0].place
    if name not in library.names():
        known = ", ".join(library.names())
        raise place.error(f"there is no grammar '{name}' to import from; there are {known}")
    if name in importing:
        raise place.error(f"'{name}' imports itself")
    imported = _collect(library.load(name), (*importing, name)).definitions
    here: dict[str, str] = {}
    for statement in statements:
        for wanted, alias in statement.names:
            if wanted not in imported:
                reason = f"'{name}' does not define '{wanted}'{suggestion(wanted, imported)}"
                raise statement.place.error(reason)
            if alias in definitions or wanted in here:
                raise statement.place.error(f"'{wanted}' is imported twice")
            here[wanted] = alias
            # A terminal is fixed where it is defined: it refers to the names of its own grammar even
            # if they are imported too, so overriding DIGIT does not change INT. Lark does the same.
            if is_terminal(wanted):
                definitions[alias] = Definition(
                    alias, (), Name(f"{name}.{wanted}", statement.place), statement.place
                )
    for inner in _needed(here, imported):
        private = f"{name}.{inner}"
        if is_terminal(inner):
            definitions[private] = _renamed(imported[inner], private, {}, name, imported)
        else:
            visible = here.get(inner, private)
            definitions[visible] = _renamed(imported[inner], visible, here, name, imported)


def _needed(wanted: Iterable[str], definitions: dict[str, Definition]) -> list[str]:
    """``wanted`` and every name that their definitions reach."""
    found = dict.fromkeys(wanted)
    todo = list(found)
    while todo:
        for atom in atoms(definitions[todo.pop()].body):
            if isinstance(atom, (Name, Use)) and atom.name in definitions and atom.name not in found:
                found[atom.name] = None
                todo.append(atom.name)
    return list(found)


def _renamed(
    old: Definition, name: str, here: dict[str, str], library_name: str, imported: dict[str, Definition]
) -> Definition:
    def rename(atom: Atom) -> Expression:
        if isinstance(atom, Name) and atom.name in imported:
            return changed(atom, name=here.get(atom.name, f"{library_name}.{atom.name}"))
        if isinstance(atom, Use):
            arguments = tuple(replace(argument, rename) for argument in atom.arguments)
            target = (
                here.get(atom.name, f"{library_name}.{atom.name}") if atom.name in imported else atom.name
            )
            return Use(target, arguments, atom.place)
        return atom

    return changed(old, name=name, body=replace(old.body, rename))


# -- checks ---------------------------------------------------------------------------------------


def _check(
    body: Expression, owner: str, parameters: tuple[str, ...], definitions: dict[str, Definition]
) -> None:
    for atom in atoms(body):
        if not isinstance(atom, (Name, Use)):
            continue
        if is_terminal(owner) and (isinstance(atom, Use) or not is_terminal(atom.name)):
            raise atom.place.error(
                f"a terminal cannot use the rule '{atom.name}'; write its name in upper case"
            )
        if atom.name in parameters:
            continue
        if atom.name not in definitions:
            kind = "terminal" if is_terminal(atom.name) else "rule"
            raise atom.place.error(
                f"the {kind} '{atom.name}' is not defined{suggestion(atom.name, definitions)}"
            )
        if isinstance(atom, Use):
            check_arity(atom, definitions[atom.name])


def check_arity(use: Use, template: Definition) -> None:
    expected, given = len(template.parameters), len(use.arguments)
    if expected == 0:
        raise use.place.error(f"'{use.name}' is not a template: it takes no arguments")
    if expected != given:
        raise use.place.error(f"the template '{use.name}' takes {expected} arguments, {given} are given")
