"""Each dependency is used, and CONTRIBUTING.md says what for."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def dependencies() -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    return {re.split(r"[^A-Za-z0-9_-]", line)[0] for line in project["dependencies"]}


def used(modules: list[Path]) -> set[str]:
    """Return the top names of all imports, and what is looked up by name."""
    names = set()
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "find_spec":
                names |= {str(ast.literal_eval(argument)) for argument in node.args}
    return {name.partition(".")[0] for name in names}


def test_every_dependency_is_used(modules: list[Path]) -> None:
    assert dependencies() - used(modules) == set()


def test_every_dependency_has_a_reason() -> None:
    text = (REPOSITORY / "CONTRIBUTING.md").read_text()
    assert {name for name in dependencies() if f"| {name} |" not in text} == set()
