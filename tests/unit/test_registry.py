"""The declarations of primitives."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from tests.cases import each

from arcbatt.dsl import FAMILIES, REGISTRY, primitive
from arcbatt.dsl.index import FILE, index_text
from arcbatt.dsl.meter import Meter
from arcbatt.dsl.registry import Parameter, Registry
from arcbatt.dsl.types import Boolean, Color, Grid, Integer, Type, parse_type
from arcbatt.errors import RegistryError


@pytest.fixture
def forget() -> Iterator[Callable[[str], None]]:
    """Remove what a test declares."""
    names: list[str] = []
    yield names.append
    for name in names:
        REGISTRY.remove(name)


def test_families_are_in_order() -> None:
    assert REGISTRY.families == FAMILIES


def test_every_primitive_is_one_module_function() -> None:
    for name, known in REGISTRY.items():
        assert getattr(import_module(f"arcbatt.dsl.{known.family}"), name) is known.body


def test_the_index_is_what_the_declarations_say() -> None:
    assert FILE.read_text(encoding="utf-8") == index_text(FAMILIES), "run `make derived`"


def test_no_body_is_imported_before_it_is_asked_for() -> None:
    code = """
import sys
from arcbatt.dsl import FAMILIES, REGISTRY
loaded = lambda: sorted(set(FAMILIES) & {name.removeprefix("arcbatt.dsl.") for name in sys.modules})
assert loaded() == [], loaded()
assert REGISTRY["even"].body(2) is True
assert loaded() == ["numbers"], loaded()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_families_are_imported_where_the_index_is_stale() -> None:
    code = """
import sys, zlib
zlib.crc32 = lambda source: 0
from arcbatt.dsl import FAMILIES, REGISTRY
assert all(f"arcbatt.dsl.{family}" in sys.modules for family in FAMILIES)
print(*map(repr, REGISTRY.values()), sep="\\n")
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [repr(known) for known in REGISTRY.values()]


def test_a_declaration_says_all(forget: Callable[[str], None]) -> None:
    @primitive("(Integer, Grid) -> Integer")
    def count_in(value: Color, grid: Grid) -> Integer:
        """Count a colour.

        Fails for a grid without rows.
        """
        return sum(row.count(value) for row in grid)

    forget("count_in")
    known = REGISTRY["count_in"]
    assert known.name == "count_in"
    assert known.family == "test_registry"
    assert known.parameters == (
        Parameter("value", Type("Color")),
        Parameter("grid", Type("Grid")),
    )
    assert known.arity == 2
    assert known.result == Type("Integer")
    assert str(known.signature) == "(Color, Grid) -> Integer"
    assert [str(overload) for overload in known.overloads] == ["(Integer, Grid) -> Integer"]
    assert known.summary == "Count a colour."
    assert known.doc.splitlines()[-1] == "Fails for a grid without rows."
    assert str(known) == "count_in(value: Color, grid: Grid) -> Integer"
    assert count_in(1, ((1, 1), (0, 1))) == 3


def test_a_name_is_taken_once(forget: Callable[[str], None]) -> None:
    def declare() -> None:
        @primitive()
        def twice_declared(value: Integer) -> Integer:
            """Return it."""
            return value

    declare()
    forget("twice_declared")
    with pytest.raises(RegistryError, match="twice_declared: is declared twice"):
        declare()


def _declare(annotation: Any, doc: str | None, *overloads: str) -> None:
    def wrong(value: Any) -> Any:
        return value

    wrong.__annotations__ = {"value": annotation, "return": "Integer"}
    wrong.__doc__ = doc
    primitive(*overloads)(wrong)


@each(
    ("annotation", "doc", "overloads", "problem"),
    [
        ("Integr", "Return it.", (), "no type is called 'Integr'"),
        (int, "Return it.", (), "needs annotations as text"),
        ("Integer", None, (), "needs a docstring"),
        ("Integer", "Return it.", ("Integer",), "is no signature"),
        ("Integer", "Return it.", ("(Integr) -> Integer",), "no type is called 'Integr'"),
    ],
)
def test_wrong_declarations_are_refused(
    annotation: Any, doc: str | None, overloads: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(RegistryError, match=problem):
        _declare(annotation, doc, *overloads)
    assert "wrong" not in REGISTRY


def test_overloads_take_as_many_arguments_as_the_primitive() -> None:
    for known in REGISTRY.values():
        for overload in known.overloads:
            assert len(overload.parameters) == known.arity, known.name


def test_a_primitive_that_builds_nothing_can_not_call_what_it_built() -> None:
    with pytest.raises(RegistryError, match="primitive add: builds no functions"):
        REGISTRY["add"].apply_built(Meter(), (1,), (2,))


def test_families_that_are_not_listed_can_not_be_arranged() -> None:
    registry = Registry()
    registry.add(REGISTRY["size"])
    registry.add(REGISTRY["add"])
    registry.arrange(("numbers", "containers"))
    assert list(registry) == ["add", "size"]
    with pytest.raises(RegistryError, match="no family 'containers'"):
        registry.arrange(("numbers",))


def test_flags_are_booleans() -> None:
    assert REGISTRY["objects"].parameters[1].type == parse_type("Boolean")
    assert REGISTRY["even"].body(2) is True
    assert isinstance(REGISTRY["even"].body(2), Boolean)
