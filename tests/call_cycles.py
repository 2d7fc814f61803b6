"""Finds the functions of the package that can call themselves, directly or through others.

Calls are resolved by name: of a function by the module's own definitions and imports, of a method of ``self`` by
the class and those it is related to. A call of another object's method counts if only one class has a method of that
name, or if it is the name of the caller itself. So this is not a proof, but it finds recursion that was written
inadvertently.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent / "constrain"


class Function(NamedTuple):
    module: str
    owner: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}:{self.owner}.{self.name}" if self.owner else f"{self.module}:{self.name}"


class Package:
    """The functions of all modules, and what they call."""

    def __init__(self, root: Path = ROOT) -> None:
        self.bodies: dict[Function, ast.AST] = {}
        self.bases: dict[str, set[str]] = {}
        self.imports: dict[str, dict[str, str]] = {}
        for path in sorted(root.rglob("*.py")):
            module = path.relative_to(root).with_suffix("").as_posix()
            tree = ast.parse(path.read_text())
            self.imports[module] = {}
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("constrain."):
                    source = (node.module or "").removeprefix("constrain.").replace(".", "/")
                    self.imports[module].update({one.asname or one.name: source for one in node.names})
            self._collect(tree, module, "")
        self.by_name: dict[str, list[Function]] = {}
        for function in self.bodies:
            self.by_name.setdefault(function.name, []).append(function)

    def _collect(self, tree: ast.AST, module: str, owner: str) -> None:
        for node in ast.iter_child_nodes(tree):
            if isinstance(node, ast.ClassDef):
                self.bases[node.name] = {base.id for base in node.bases if isinstance(base, ast.Name)}
                self._collect(node, module, node.name)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.bodies[Function(module, owner, node.name)] = node
            else:
                self._collect(node, module, owner)

    def related(self, owner: str) -> set[str]:
        """``owner``, the classes above it and those below it."""
        found = {owner}
        for step in (self.bases, self._below()):
            todo = [owner]
            while todo:
                for other in step.get(todo.pop(), ()):
                    if other not in found:
                        found.add(other)
                        todo.append(other)
        return found

    def _below(self) -> dict[str, set[str]]:
        below: dict[str, set[str]] = {}
        for name, bases in self.bases.items():
            for base in bases:
                below.setdefault(base, set()).add(name)
        return below

    def calls(self, function: Function) -> set[Function]:
        """What a function calls, as far as names tell."""
        found: set[Function] = set()
        for node in ast.walk(self.bodies[function]):
            if isinstance(node, ast.Call):
                for one in [
                    node.func,
                    *node.args,
                ]:  # what is handed over, as in map(f, ...), may be called there
                    found |= self._resolve(one, function)
        return found

    def _resolve(self, called: ast.AST, function: Function) -> set[Function]:
        if isinstance(called, ast.Name):
            module = self.imports[function.module].get(called.id, function.module)
            return {one for one in self.by_name.get(called.id, ()) if one.module == module and not one.owner}
        if not isinstance(called, ast.Attribute):
            return set()
        named = [one for one in self.by_name.get(called.attr, ()) if one.owner]
        if isinstance(called.value, ast.Name) and called.value.id == "self":
            return {one for one in named if one.owner in self.related(function.owner)}
        if isinstance(called.value, ast.Name) and called.value.id in self.bases:
            return {one for one in named if one.owner == called.value.id}
        if function.name == "__init__" or isinstance(called.value, ast.Call):  # super(), partial(...)
            return set()
        return {one for one in named if len(named) == 1 or one == function}


def cycles(package: Package) -> list[list[Function]]:
    """The sets of functions that can call each other and themselves (Tarjan 1972, without recursion)."""
    graph = {function: sorted(package.calls(function), key=str) for function in package.bodies}
    index: dict[Function, int] = {}
    low: dict[Function, int] = {}
    opened: list[Function] = []
    found: list[list[Function]] = []
    for root in graph:
        work = [(root, iter(graph[root]))] if root not in index else []
        if work:
            index[root] = low[root] = len(index)
            opened.append(root)
        while work:
            function, left = work[-1]
            for other in left:
                if other not in index:
                    index[other] = low[other] = len(index)
                    opened.append(other)
                    work.append((other, iter(graph[other])))
                    break
                if other in opened:
                    low[function] = min(low[function], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[function])
                if low[function] == index[function]:
                    at = opened.index(function)
                    group, opened = opened[at:], opened[:at]
                    if len(group) > 1 or function in graph[function]:
                        found.append(sorted(group, key=str))
    return found
