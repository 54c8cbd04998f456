"""Imports go one way: a part of the package knows only those before it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ORDER = (
    "errors",
    "showing",
    "files",
    "interrupts",
    "timings",
    "tasks",
    "dsl",
    "program",
    "engine",
    "library",
    "candidates",
    "contract",
    "ranking",
    "differs",
    "archive",
    "context",
    "search",
    "pipeline",
    "evolve",
    "sources",
    "commands",
    "evaluation",
    "inspect",
    "findings",
    "profile",
    "report",
    "interface",
    "web",
    "cli",
)
EXTENSION = {"_engine": "engine"}
"""The border to Rust belongs to one part."""
ENTRANCES = ("__init__.py", "__main__.py")
"""Modules at the top that may import everything."""


def part_of(path: Path, root: Path) -> str:
    return path.relative_to(root).parts[0].removesuffix(".py")


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def run_time_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a module, without what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and is_type_checking(child):
            for other in child.orelse:
                yield other
                yield from run_time_nodes(other)
        else:
            yield child
            yield from run_time_nodes(child)


def imports(source: str, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield line and full name of everything that a module imports from arcbatt.

    Args:
        source: the text of the module.
        package: the package that it lies in, for relative imports.
    """
    for node in run_time_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            outer = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join((*outer, *([node.module] if node.module else [])))
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name == "arcbatt" or name.startswith("arcbatt."):
                yield node.lineno, name


def fault(part: str, name: str) -> str | None:
    """Tell what is wrong with a part's import of a name, if anything is."""
    _, _, rest = name.partition(".")
    wanted = rest.partition(".")[0]
    if wanted in EXTENSION:
        return None if part == EXTENSION[wanted] else f"only {EXTENSION[wanted]} may"
    if wanted not in ORDER:
        return "import from the module that defines it"
    if ORDER.index(wanted) > ORDER.index(part):
        return f"{wanted} comes after {part}"
    return None


def test_every_part_has_its_place(root: Path, modules: list[Path]) -> None:
    parts = {part_of(path, root) for path in modules if path.parent != root}
    single = {path.stem for path in modules if path.parent == root and path.name not in ENTRANCES}
    assert parts | single <= set(ORDER)


def test_imports_go_one_way(root: Path, modules: list[Path]) -> None:
    faults = []
    for path in modules:
        if path.parent == root and path.name in ENTRANCES:
            continue
        relative = path.relative_to(root)
        for line, name in imports(path.read_text(), ("arcbatt", *relative.parts[:-1])):
            if problem := fault(part_of(path, root), name):
                faults.append(f"{relative}:{line} imports {name}: {problem}")
    assert faults == []


def test_the_walk_finds_all_kinds_of_imports() -> None:
    source = """
import os, arcbatt.cli
from arcbatt.dsl import types
from . import store
from ..errors import ArcbattError
if TYPE_CHECKING:
    from arcbatt.report import svg
else:
    from arcbatt import score
def late():
    from arcbatt.search.run import search
"""
    assert [name for _, name in imports(source, ("arcbatt", "archive"))] == [
        "arcbatt.cli",
        "arcbatt.dsl.types",
        "arcbatt.archive.store",
        "arcbatt.errors.ArcbattError",
        "arcbatt.score",
        "arcbatt.search.run.search",
    ]


def test_faults_are_found() -> None:
    assert fault("dsl", "arcbatt.engine.outcome.Budget") == "engine comes after dsl"
    assert fault("dsl", "arcbatt.Task") == "import from the module that defines it"
    assert fault("score", "arcbatt._engine.run") == "only engine may"
    assert fault("engine", "arcbatt._engine.run") is None
    assert fault("engine", "arcbatt.dsl.types.Type") is None
    assert fault("dsl", "arcbatt.timings.Timings") is None
    assert fault("dsl", "arcbatt.profile.run") == "profile comes after dsl"
