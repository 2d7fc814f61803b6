"""Which module imports which: ``python -m tests.import_graph`` prints the circles, if there are any, and the packages
with their modules and lines; with ``--picture`` what ``docs/architecture.md`` shows, as a Mermaid chart.

All imports count: those within functions, those for type checkers alone, and ``cimport``s, those of ``.pxd`` files
included. A name that a package re-exports (``from constrain.engine import Engine``) counts as an import of the module
that defines it: otherwise each user of a package would depend on all of it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "constrain"
CIMPORT = re.compile(r"^from (constrain[\w.]*) cimport (.+)$", re.MULTILINE)

Graph = dict[str, set[str]]


def name_of(path: Path, package: Path = PACKAGE) -> str:
    """The dotted name of a module's file."""
    parts = [package.name, *path.relative_to(package).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of each ``from module import name``; ("module", "") of each ``import module``."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".pxd":
        for module, names in CIMPORT.findall(text):
            yield from ((module, name.strip()) for name in names.strip("()").split(","))
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            module = node.module.removeprefix("cython.cimports.")
            yield from ((module, alias.name) for alias in node.names)


def import_graph(package: Path = PACKAGE) -> Graph:
    """The modules of a package, each with those that it imports."""
    files = sorted([*package.rglob("*.py"), *package.rglob("*.pxd")])
    modules = {name_of(path, package) for path in files}
    exported = {
        (name_of(path, package), name): module
        for path in files
        if path.name == "__init__.py"
        for module, name in imports_of(path)
        if module in modules
    }
    graph: Graph = {module: set() for module in sorted(modules)}
    for path in files:
        importer = name_of(path, package)
        for module, name in imports_of(path):
            target = module
            if f"{module}.{name}" in modules:
                graph[importer].update({module} & modules - {importer})  # the package runs, too
                target = f"{module}.{name}"
            while (target, name) in exported and exported[target, name] != target:
                target = exported[target, name]
            if target in modules and target != importer:
                graph[importer].add(target)
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """Modules that import each other, directly or through others: the strong components, the largest first (Tarjan)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        open_.append(module)
        for other in sorted(graph[module]):
            if other not in order:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in open_:
                lowest[module] = min(lowest[module], order[other])
        if lowest[module] == order[module]:
            one = open_[open_.index(module) :]
            del open_[open_.index(module) :]
            if len(one) > 1:
                found.append(sorted(one))

    for module in graph:
        if module not in order:
            visit(module)
    return sorted(found, key=len, reverse=True)


def packages(graph: Graph) -> Graph:
    """The first level of packages and modules, with those that each imports directly, and not through others."""

    def first(module: str) -> str:
        return ".".join(module.split(".")[1:2]) or module

    found: Graph = {}
    for module, imported in graph.items():
        found.setdefault(first(module), set()).update(first(one) for one in imported)
    found.pop("__main__", None)
    beyond: Graph = {}

    def reached(name: str) -> set[str]:
        """All that a package imports, itself left out."""
        if name not in beyond:
            direct = found[name] - {name}
            beyond[name] = direct.union(*map(reached, direct))
        return beyond[name]

    return {
        name: {
            one
            for one in found[name] - {name}
            if not any(one in reached(other) for other in found[name] - {name})
        }
        for name in found
    }


def picture(graph: Graph) -> str:
    """A Mermaid chart of the packages: an arrow leads to what is imported, unless something between imports it, too."""
    lines = ["flowchart TB"]
    for name, imported in sorted(packages(graph).items()):
        lines += [f"    {name} --> {other}" for other in sorted(imported)]
    return "\n".join(lines)


def sizes(package: Path = PACKAGE) -> str:
    """Modules and lines of each folder."""
    rows = []
    for folder in sorted({path.parent for path in package.rglob("*.py")}):
        files = [*folder.glob("*.py"), *folder.glob("*.pxd")]
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
        rows.append(
            f"{len(list(folder.glob('*.py'))):>4} modules {lines:>6} lines  {folder.relative_to(package.parent)}"
        )
    return "\n".join(rows)


def main() -> None:
    graph = import_graph()
    if "--picture" in sys.argv:
        print(picture(graph))
        return
    print(sizes())
    found = circles(graph)
    for one in found:
        print(f"{len(one)} modules import each other:")
        for module in one:
            print("  ", module, "->", *sorted(graph[module] & set(one)))
    print("no circle of imports" if not found else f"{len(found)} circles of imports")


if __name__ == "__main__":
    main()
