"""HTML: the parts that pages and reports share, and the report as one file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import is_grid
from arcbatt.errors import UsageError
from arcbatt.inspect import Step
from arcbatt.report.pictures import (
    GRID_PIXELS,
    Picture,
    picture_of_grid,
    picture_of_value,
)
from arcbatt.report.programs import shown_value
from arcbatt.report.svg import digit_patterns, write_svg
from arcbatt.report.tables import NOTHING, count
from arcbatt.report.tasks import size_of

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment
    from markupsafe import Markup

HOW_TO_GET_IT = "pip install 'arcbatt[web]'"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def require_jinja() -> None:
    """Check that pages can be written; raises UsageError if Jinja is not installed."""
    if find_spec("jinja2") is None:
        raise UsageError(problem=f"pages need Jinja: {HOW_TO_GET_IT}")


def read_template(name: str) -> str:
    """Return the text of a template, style sheet or script of reports."""
    return (files("arcbatt.report") / "templates" / name).read_text(encoding="utf-8")


def environment(*loaders: BaseLoader, links: bool = False) -> Environment:
    """Return the environment of templates, which escapes all that is not marked as HTML.

    Args:
        loaders: places of templates; those of reports come after them.
        links: whether the names of primitives in programs lead to their page.
    """
    from jinja2 import ChoiceLoader, Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=ChoiceLoader([*loaders, FunctionLoader(_template_or_none)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "grid": grid_html,
        "value": value_html,
        "rule": rule_html,
        "program": lambda text: program_html(text, links=links),
        "percent": percent,
        "size": size_of,
        "is_grid": is_grid,
    }
    made.globals |= {"count": count, "digit_patterns": _digit_patterns}
    return made


def _template_or_none(name: str) -> str | None:
    try:
        return read_template(name)
    except OSError:
        return None


def _digit_patterns() -> Markup:
    from markupsafe import Markup

    return Markup(digit_patterns())


def percent(share: float | None) -> str:
    """Write a share as whole percents; a share that is not known as a dash."""
    return NOTHING if share is None else f"{100 * share:.0f} %"


def picture_html(picture: Picture, name: str) -> Markup:
    """Return a picture as a part of a page.

    Args:
        picture: the picture.
        name: the text for people who don't see it.
    """
    from markupsafe import Markup

    return Markup(write_svg(picture, name=name))


def grid_html(
    grid: Grid, name: str = "grid", wanted: Grid | None = None, pixels: float = GRID_PIXELS
) -> Markup:
    """Return a grid as a part of a page.

    Args:
        grid: the grid.
        name: what it is, for people who don't see it.
        wanted: the grid to compare with: cells that differ are marked; None for no comparison.
        pixels: pixels that it takes at most, in height and in width.
    """
    picture = picture_of_grid(grid, wanted=wanted, pixels=pixels)
    return picture_html(picture, f"{name}, {size_of(grid)}")


def value_html(step: Step, given: Grid, width: float = 560) -> Markup:
    """Return the value of a step as a picture, or as text where it is none."""
    from markupsafe import Markup

    if step.failure is not None:
        return Markup('<p class="wrong">{}</p>').format(str(step.failure))
    drawn = picture_of_value(step.value, given, width=width)
    if drawn is not None:
        return picture_html(drawn, f"value of {step.text}")
    return Markup('<code class="value">{}</code>').format(shown_value(step.value))


def program_html(text: str, *, links: bool = False) -> Markup:
    """Return a line of a program with its primitives explained when the pointer is on them.

    Args:
        text: the line.
        links: whether the names of primitives lead to their page.
    """
    from markupsafe import Markup, escape

    parts, end = [], 0
    for found in _NAME.finditer(text):
        parts.append(escape(text[end : found.start()]))
        end = found.end()
        primitive = REGISTRY.get(found[0])
        if primitive is None:
            parts.append(escape(found[0]))
            continue
        tag = 'a href="/primitives#{name}"' if links else "span"
        form = f'<{tag} class="primitive" title="{{tip}}">{{name}}</{tag.split()[0]}>'
        tip = f"{primitive}: {primitive.summary}"
        parts.append(Markup(form).format(name=primitive.name, tip=tip))
    return Markup("").join([*parts, escape(text[end:])])


def rule_html(rule: Value) -> Markup:
    """Return a literal that a learner wrote as a table, a tree, or a list of its parts."""
    from markupsafe import Markup

    if _is_tree(rule):
        return Markup('<ul class="rule">{}</ul>').format(_tree_html(rule))
    if _is_table(rule):
        rows = (_cells_html(row) for row in rule)
        return Markup('<table class="rule">{}</table>').format(Markup("").join(rows))
    parts = (
        Markup("<li>{}</li>").format(
            rule_html(part) if type(part) is tuple and part else shown_value(part)
        )
        for part in rule
    )
    return Markup('<ul class="rule">{}</ul>').format(Markup("").join(parts))


def _is_table(rule: Value) -> bool:
    return all(type(row) is tuple for row in rule) and len(set(map(len, rule))) == 1


def _cells_html(row: Sequence[Value]) -> Markup:
    from markupsafe import Markup

    cells = Markup("").join(Markup("<td>{}</td>").format(shown_value(cell)) for cell in row)
    return Markup("<tr>{}</tr>").format(cells)


def _is_tree(rule: Value) -> bool:
    """Return whether a value is a decision: plane, lowest, highest number, and two trees."""
    if type(rule) is not tuple or len(rule) != 5 or any(type(each) is not int for each in rule[:3]):
        return False
    return all(
        type(each) is int or (type(each) is tuple and len(each) == 1) or _is_tree(each)
        for each in rule[3:]
    )


def _tree_html(tree: Value) -> Markup:
    from markupsafe import Markup

    if type(tree) is int:
        return Markup("<li>colour {}</li>").format(tree)
    if len(tree) == 1:
        return Markup("<li>what plane {} has</li>").format(tree[0] + 1)
    plane, low, high, yes, no = tree
    span = f"{low}" if low == high else f"{low} to {high}"
    return Markup("<li>if plane {} has {}:<ul>{}</ul></li><li>else:<ul>{}</ul></li>").format(
        plane + 1, span, _tree_html(yes), _tree_html(no)
    )
