"""Exact removal of left recursion: direct, indirect, and hidden behind prefixes that may be empty.

*Theory* (D. J. Rosenkrantz, "Matrix equations and normal forms for context-free grammars", J. ACM
14(3), 1967). Rules that are left corners of one another form a strongly connected component. Cut after their first
symbol (``productions.heads``), the rules A of a component are a system of left-linear equations

    A_k  =  sum over j of A_j M_jk  +  N_k

where no N_k begins with a rule of the component, and where neither side contains the empty text,
because symbols never stand for it. Its least solution is A = N M*. Two steps make it a grammar:

1. *Unit rules.* M_jk may contain the empty text: then the rule A_k -> A_j only says that A_k contains A_j. Write M = E
   + M', with E the 0-1 matrix of these empty texts and M' without the empty text. From A = A E + (A M' + N) follows A =
   A (M' E*) + N E*, and E* is reachability: cycles such as A -> B -> A vanish. Below, M and N stand for these products.
2. *Tails.* T_ji, the sum of all products M_jk M_kl ... that lead from j to i, is written as rules
   that recurse on the right: T_ji = M_jj* ([j = i] + sum over k /= j of M_jk T_ki). Then
   A_i = sum over j of N_j T_ji.

No rule of the result is left recursive: A_i begins as N_j does, with a text or with a rule of a
component further down; T_ji begins with a text, or with a rule that is not a tail and therefore
reaches a text before anything else. The most common case, ``sum: sum "+" term | term``, becomes the
repetition ``term ("+" term)*`` without any new rule.

The cost is n^2 tails for n rules that are left corners of one another and really continue each other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from constrain.languages.grammar.productions import (
    ONE,
    ZERO,
    Body,
    Symbol,
    add,
    corners,
    heads,
    multiply,
    nonempty,
    nullable,
    power,
    symbols,
)
from constrain.work import checkpoint


@dataclass(frozen=True)
class Tail:
    """The name of a new rule: what turns the rule ``first`` into the rule ``last``."""

    first: Hashable
    last: Hashable


def without_left_recursion(rules: Mapping[Hashable, Body], start: Hashable) -> dict[Hashable, Body]:
    """An equivalent grammar without left recursion: the rules that ``start`` reaches.

    ``rules[A]`` derives what A derives; it may contain the empty text, which the new body does not.
    Every rule must derive some text that is not empty.
    """
    graph = {name: dict.fromkeys(corners(body)) for name, body in rules.items()}
    system_of: dict[Hashable, _System] = {}
    for component in components(graph):
        if len(component) > 1 or component[0] in graph[component[0]]:
            system = _System({name: rules[name] for name in component})
            system_of.update(dict.fromkeys(component, system))
    found: dict[Hashable, Body] = {}
    todo = [start]
    while todo:
        name = todo.pop()
        if name in found:
            continue
        if isinstance(name, Tail):
            found[name] = system_of[name.first].tail_body(name)
        elif name in system_of:
            found[name] = system_of[name].body(name)
        else:
            found[name] = nonempty(rules[name])
        todo.extend(symbols(found[name]))
    return found


class _System:
    """The equations A = A M + N of one component, solved. ``steps[j][k]`` is M_jk, if not ZERO."""

    def __init__(self, rules: Mapping[Hashable, Body]) -> None:
        members = frozenset(rules)
        units: dict[Hashable, list[Hashable]] = {name: [] for name in rules}
        steps: dict[Hashable, dict[Hashable, Body]] = {name: {} for name in rules}
        bases: dict[Hashable, Body] = {}
        for target, body in rules.items():
            cut: dict[Hashable | None, list[Body]] = {None: []}
            for name, rest in heads(body, members):
                cut.setdefault(name, []).append(rest)
            bases[target] = add(cut.pop(None))
            for source, rests in cut.items():
                step = add(rests)
                if nullable(step):
                    units[source].append(target)
                steps[source][target] = nonempty(step)
        closure = {name: reachable(units, name) for name in rules}
        self.bases = _times({None: bases}, closure)[None]
        self.steps = _times(steps, closure)
        self.reach = {name: frozenset(reachable(self.steps, name)) for name in rules}
        self.cyclic = {name for group in components(self.steps) if len(group) > 1 for name in group}

    def body(self, name: Hashable) -> Body:
        """A_i = sum of N_j T_ji."""
        reaching = (first for first in self.bases if name in self.reach[first])
        return add(multiply(self.bases[first], self.tail(first, name)) for first in reaching)

    def tail(self, first: Hashable, last: Hashable) -> Body:
        """T_ji in the form in which other rules use it."""
        if first == last and first not in self.cyclic:
            return power(self.steps[first].get(first, ZERO), 0, None)
        symbol = Symbol(Tail(first, last))
        return add((symbol, ONE)) if first == last else symbol

    def tail_body(self, name: Tail) -> Body:
        """T_ji without the empty text; steps from j to itself repeat, unless j is on a larger cycle."""
        first, last = name.first, name.last
        onward = {
            middle: step
            for middle, step in self.steps[first].items()
            if last in self.reach[middle] and (middle != first or first in self.cyclic)
        }
        rest = add(multiply(step, self.tail(middle, last)) for middle, step in onward.items())
        if first in self.cyclic:
            return rest
        return multiply(power(self.steps[first].get(first, ZERO), 0, None), rest)


def _times(
    rows: Mapping[Hashable | None, Mapping[Hashable, Body]], closure: Mapping[Hashable, Iterable[Hashable]]
) -> dict[Hashable, dict[Hashable, Body]]:
    """The product of a matrix and a 0-1 matrix, without entries that are ZERO."""
    result: dict[Hashable, dict[Hashable, Body]] = {}
    for row, entries in rows.items():
        sums: dict[Hashable, list[Body]] = {}
        for middle, entry in entries.items():
            if entry is not ZERO:
                checkpoint()
                for column in closure[middle]:
                    sums.setdefault(column, []).append(entry)
        result[row] = {column: add(parts) for column, parts in sums.items()}
    return result


def reachable(graph: Mapping[Hashable, Iterable[Hashable]], start: Hashable) -> dict[Hashable, None]:
    """The nodes on paths from ``start``, itself included, in the order of their discovery."""
    found: dict[Hashable, None] = {start: None}
    todo = [start]
    while todo:
        checkpoint(20)
        for node in graph[todo.pop()]:
            if node not in found:
                found[node] = None
                todo.append(node)
    return found


def components(graph: Mapping[Hashable, Iterable[Hashable]]) -> list[list[Hashable]]:
    """The strongly connected components of ``graph`` (Tarjan 1972, with a stack of its own)."""
    index: dict[Hashable, int] = {}
    low: dict[Hashable, int] = {}
    open_nodes: list[Hashable] = []
    closed: set[Hashable] = set()
    result: list[list[Hashable]] = []
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(graph[root]))]
        while work:
            node, successors = work[-1]
            checkpoint(20)
            if node not in index:
                index[node] = low[node] = len(index)
                open_nodes.append(node)
            successor = next((each for each in successors if each not in closed), None)
            if successor is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = [open_nodes.pop()]
                    while component[-1] != node:
                        component.append(open_nodes.pop())
                    closed.update(component)
                    result.append(component)
            elif successor in index:
                low[node] = min(low[node], index[successor])
            else:
                work.append((successor, iter(graph[successor])))
    return result
