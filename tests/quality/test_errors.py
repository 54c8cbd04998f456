"""The set of errors is closed: each has a slug and a template, and each is raised somewhere."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from arcbatt import errors
from arcbatt.errors import ArcbattError

CLASSES: list[type[ArcbattError]] = [
    member
    for member in vars(errors).values()
    if isinstance(member, type) and issubclass(member, ArcbattError) and member is not ArcbattError
]


def fields(template: str) -> set[str]:
    return {name.split(".")[0] for _, name, _, _ in Formatter().parse(template) if name}


def calls(modules: list[Path]) -> Iterator[tuple[str, ast.Call]]:
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield f"{path.name}:{node.lineno}", node


def name_of(function: ast.expr) -> str:
    return ast.unparse(function).rpartition(".")[2]


@pytest.mark.parametrize("kind", CLASSES)
def test_class_is_complete(kind: type[ArcbattError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug)
    assert kind.__name__.endswith("Error")
    assert kind.__doc__
    assert fields(kind.template)
    assert {"slug", "template"} <= vars(kind).keys()


def test_slugs_are_unique() -> None:
    slugs = [ArcbattError.slug, *(kind.slug for kind in CLASSES)]
    assert len(slugs) == len(set(slugs))


@pytest.mark.parametrize("kind", CLASSES)
def test_survives_the_way_between_processes(kind: type[ArcbattError]) -> None:
    error = kind(**{name: f"<{name}>" for name in fields(kind.template)})
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.context) == (kind, str(error), error.context)


def test_templates_are_filled_where_errors_are_made(modules: list[Path]) -> None:
    templates = {kind.__name__: kind.template for kind in CLASSES}
    faults = []
    for place, call in calls(modules):
        name = name_of(call.func)
        if name not in templates:
            continue
        given = {keyword.arg for keyword in call.keywords}
        if call.args or not (None in given or fields(templates[name]) <= given):
            faults.append(f"{place}: {name} wants {sorted(fields(templates[name]))} by keyword")
    assert faults == []


def test_every_class_is_raised_somewhere(modules: list[Path]) -> None:
    raised = set()
    for _, call in calls(modules):
        raised.add(name_of(call.func))
        # A check that several errors share, such as grid_from_json(..., error=SubmissionError).
        raised |= {name_of(given.value) for given in call.keywords if given.arg == "error"}
    assert {kind.__name__ for kind in CLASSES} - raised == set()


def test_only_arcbatt_errors_are_classes_of_the_set() -> None:
    assert CLASSES
    assert all(kind.__bases__ == (ArcbattError,) for kind in CLASSES)
