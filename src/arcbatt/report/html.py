"""HTML: the parts that pages and reports share, and the report as one file."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import is_grid
from arcbatt.errors import UsageError
from arcbatt.findings import Finding, Findings, Guess, count_states, solved_by_time
from arcbatt.inspect import Step, Walk
from arcbatt.program.graph import Program
from arcbatt.report.charts import line_chart
from arcbatt.report.pictures import (
    GRID_PIXELS,
    Picture,
    picture_of_grid,
    picture_of_value,
)
from arcbatt.report.programs import shown_value
from arcbatt.report.rules import explain_rules
from arcbatt.report.svg import page_patterns, write_svg
from arcbatt.report.tables import NOTHING, count
from arcbatt.report.tasks import size_of
from arcbatt.tasks import Task

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment
    from markupsafe import Markup

HOW_TO_GET_IT = "pip install 'arcbatt[web]'"
SMALL_PIXELS = 108
"""Pixels that a grid of a report takes at most, in height and in width."""
EXPLAINED_LENGTH = 2_500
"""Number of characters of pictures after which the values of a program are only text."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def require_jinja() -> None:
    """Check that pages can be written; raises UsageError if Jinja is not installed."""
    if find_spec("jinja2") is None:
        raise UsageError(problem=f"pages need Jinja: {HOW_TO_GET_IT}")


def read_template(name: str) -> str:
    """Return the text of a template, style sheet or script of reports."""
    return (files("arcbatt.report") / "templates" / name).read_text(encoding="utf-8")


def environment(*loaders: BaseLoader) -> Environment:
    """Return the environment of templates, which escapes all that is not marked as HTML.

    Args:
        loaders: places of templates; those of reports come after them.
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
        "small": small_grid_html,
        "rule": rule_html,
        "program": program_html,
        "learnt": learnt_text,
        "percent": percent,
        "size": size_of,
        "is_grid": is_grid,
    }
    made.globals |= {"count": count, "page_patterns": _page_patterns}
    return made


def _template_or_none(name: str) -> str | None:
    try:
        return read_template(name)
    except OSError:
        return None


def _page_patterns() -> Markup:
    from markupsafe import Markup

    return Markup(page_patterns())


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

    return Markup(write_svg(picture, name=name, inside=True))


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


def small_grid_html(grid: Grid, name: str = "grid", wanted: Grid | None = None) -> Markup:
    """Return a grid as a small part of a page; see `grid_html`."""
    return grid_html(grid, name, wanted, SMALL_PIXELS)


def value_html(step: Step, given: Grid, width: float = 560, pixels: float = GRID_PIXELS) -> Markup:
    """Return the value of a step as a picture, or as text where it is none.

    Args:
        step: the step.
        given: the grid at hand.
        width: width of the picture, in pixels, unless a single part is wider.
        pixels: pixels that a grid takes at most, in height and in width.
    """
    from markupsafe import Markup

    if step.failure is not None:
        return Markup('<p class="wrong">{}</p>').format(str(step.failure))
    drawn = picture_of_value(step.value, given, width=width, pixels=pixels)
    if drawn is not None:
        return picture_html(drawn, "value")
    return Markup('<code class="value">{}</code>').format(shown_value(step.value))


def program_html(text: str, *, inside: bool = False) -> Markup:
    """Return a line of a program in which the names of primitives lead to what they do.

    Args:
        text: the line.
        inside: whether that stands on the same page; else the name explains it to the pointer too.
    """
    from markupsafe import Markup, escape

    link = '<a class="primitive" href="/primitives#{name}" title="{tip}">{name}</a>'
    if inside:
        link = '<a href="#p-{name}">{name}</a>'
    parts, end = [], 0
    for found in _NAME.finditer(text):
        parts.append(escape(text[end : found.start()]))
        end = found.end()
        primitive = REGISTRY.get(found[0])
        if primitive is None:
            parts.append(escape(found[0]))
        else:
            tip = f"{primitive}: {primitive.summary}"
            parts.append(Markup(link).format(name=primitive.name, tip=tip))
    return Markup("").join([*parts, escape(text[end:])])


def learnt_text(program: Program) -> str:
    """Return what the decision trees of a program say, line by line; empty without any."""
    return "\n".join(line.removeprefix("# ") for line in explain_rules(program))


def rule_html(rule: Value) -> Markup:
    """Return a literal that a learner wrote as a table, or as a list of its parts."""
    from markupsafe import Markup

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


@dataclass(frozen=True, slots=True)
class TaskStory:
    """What a report tells of a task.

    Attributes:
        task: the task.
        finding: what was found for it.
        guesses: attempts at each test input, with their grids as far as they are known.
        walk: steps of its best program on the first demo; None without a program.
        learnt: what the decision trees of this program say, see `learnt_text`.
        hides: whether its answers are for measuring, so that a reader has to open them.
    """

    task: Task
    finding: Finding
    guesses: Sequence[Sequence[Guess]]
    walk: Walk | None
    learnt: str
    hides: bool

    def lines(self) -> Iterator[tuple[Markup, Step, Markup]]:
        """Yield each line of the program with its step and its value.

        Values after `EXPLAINED_LENGTH` characters are cut text, to keep the report small.
        """
        from markupsafe import Markup

        length = 0
        for step in self.walk.steps if self.walk is not None else ():
            value = Markup('<code class="value">{}</code>').format(shown_value(step.value))
            if length < EXPLAINED_LENGTH and self.walk is not None:
                value = value_html(step, self.walk.input, pixels=SMALL_PIXELS)
            length += len(value)
            yield program_html(step.text, inside=True), step, value


def report_html(
    findings: Findings, stories: Sequence[TaskStory], *, set_name: str, version: str
) -> str:
    """Return a report: a page in one file that needs nothing else.

    Args:
        findings: what was found.
        stories: what is told of each task.
        set_name: name of the tasks.
        version: version of the package.
    """
    from markupsafe import Markup

    walks = [story.walk for story in stories if story.walk is not None]
    used = {name for walk in walks for step in walk.steps for name in _NAME.findall(step.text)}
    style, script = read_template("style.css"), read_template("report.js")
    template = environment().get_template("report.html")
    return template.render(
        title=f"{findings.path.name}: {count(len(stories), 'task')}",
        source=str(findings.path),
        set_name=set_name,
        version=version,
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        stories=stories,
        states=count_states(findings, [story.finding.task for story in stories]),
        cpu_s=sum(story.finding.cpu_s or 0.0 for story in stories),
        primitives=[REGISTRY[name] for name in REGISTRY if name in used],
        charts=[Markup(chart) for chart in _charts(findings)],
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _charts(findings: Findings) -> Iterator[str]:
    points = solved_by_time(findings)
    if len(points) > 2:
        yield line_chart(
            points,
            name=f"tasks solved by CPU time: {points[-1][1]} in {points[-1][0]:.0f} seconds",
            x_name="CPU-seconds, the quickest tasks first",
            y_name="tasks solved",
            steps=True,
        )
    if findings.curve:
        yield line_chart(
            [(seconds, right) for _, seconds, right in findings.curve],
            name="tasks right by CPU time a task, for the efforts that were measured",
            x_name="CPU-seconds a task, mean",
            y_name="tasks right",
            steps=False,
        )
