"""Pictures of grids, tasks, results and steps: what is drawn and where, for SVG and for PNG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import is_grid
from arcbatt.inspect import SampleTrial, Step, Trial, Walk
from arcbatt.report.programs import Place, cells_of, shown_value
from arcbatt.report.tasks import size_of
from arcbatt.tasks import GRID_SIDE_MAX, Sample, Task

Tone = Literal["plain", "strong", "dim", "right", "wrong"]
"""The weight and the colour of a text."""

TEXT_SIZE = 13
"""Height of a text, in pixels."""
LINE_HEIGHT = 19
CHARACTER_WIDTH = 7.9
"""Width of a character of the text, in pixels; the font has one width."""
GAP = 18
"""Pixels between pictures that are beside each other."""
GRID_PIXELS = 168
"""Pixels that a grid takes at most, in height and in width."""
SIDE_MAX = 24
"""Largest side of a cell, in pixels."""
WIDTH = 920
"""Width of a picture file, in pixels, unless a single part is wider."""
GRIDS_MAX = 24
"""Largest number of grids of one value that are drawn."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Coloured cells at a place of a picture.

    Attributes:
        x: distance of the left edge from the left, in pixels.
        y: distance of the upper edge from the top, in pixels.
        side: side of a cell, in pixels.
        rows: colour of each cell; None where nothing is drawn.
        faded: whether the cells are only a background.
        marks: rows and columns of the cells that are marked as different.
        groups: rows and columns of the cells of each object, which get an outline together.
    """

    x: float
    y: float
    side: float
    rows: tuple[tuple[int | None, ...], ...]
    faded: bool = False
    marks: frozenset[Place] = frozenset()
    groups: tuple[frozenset[Place], ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text at a place of a picture; ``y`` is that of its base line."""

    x: float
    y: float
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Picture:
    """Parts at their places in a rectangle of ``width`` and ``height`` pixels."""

    width: float
    height: float
    parts: tuple[Cells | Label, ...]

    def moved(self, x: float, y: float) -> Iterator[Cells | Label]:
        """Yield the parts at other places."""
        for part in self.parts:
            yield replace(part, x=part.x + x, y=part.y + y)


def picture_of_text(text: str, tone: Tone = "plain") -> Picture:
    """Return lines of text as a picture."""
    lines = text.split("\n")
    labels = tuple(
        Label(0, number * LINE_HEIGHT + TEXT_SIZE, line, tone) for number, line in enumerate(lines)
    )
    return Picture(max(map(len, lines)) * CHARACTER_WIDTH, len(lines) * LINE_HEIGHT, labels)


def side_of(rows: int, columns: int, *, pixels: float = GRID_PIXELS) -> float:
    """Return the side of a cell of a grid that takes at most some pixels."""
    return max(2, min(SIDE_MAX, pixels // max(rows, columns, 1)))


def picture_of_grid(
    grid: Grid, *, wanted: Grid | None = None, pixels: float = GRID_PIXELS
) -> Picture:
    """Return a grid as a picture.

    Args:
        grid: the grid.
        wanted: the grid to compare with: cells that differ are marked; None for no comparison.
        pixels: pixels that the grid takes at most, in height and in width.
    """
    if not grid or not grid[0]:
        return picture_of_text("(an empty grid)", "dim")
    side = side_of(len(grid), len(grid[0]), pixels=pixels)
    marks = differing_cells(grid, wanted) if wanted is not None else frozenset()
    cells = Cells(0, 0, side, grid, marks=marks)
    return Picture(side * len(grid[0]), side * len(grid), (cells,))


def outline_of(group: frozenset[Place]) -> Iterator[tuple[Place, Place]]:
    """Yield the edges around a group of cells: the corners from which and to which each goes."""
    for i, j in sorted(group):
        for (di, dj), start, end in (
            ((-1, 0), (i, j), (i, j + 1)),
            ((1, 0), (i + 1, j), (i + 1, j + 1)),
            ((0, -1), (i, j), (i + 1, j)),
            ((0, 1), (i, j + 1), (i + 1, j + 1)),
        ):
            if (i + di, j + dj) not in group:
                yield start, end


def differing_cells(grid: Grid, wanted: Grid) -> frozenset[Place]:
    """Return the rows and columns of a grid's cells that are not those of another grid."""
    return frozenset(
        (i, j)
        for i, row in enumerate(grid)
        for j, cell in enumerate(row)
        if i >= len(wanted) or j >= len(wanted[i]) or wanted[i][j] != cell
    )


def above(pictures: Iterable[Picture], *, gap: float = 6) -> Picture:
    """Put pictures below each other."""
    parts: list[Cells | Label] = []
    width = height = 0.0
    for number, each in enumerate(pictures):
        top = height + (gap if number else 0)
        parts += each.moved(0, top)
        width, height = max(width, each.width), top + each.height
    return Picture(width, height, tuple(parts))


def beside(pictures: Sequence[Picture], *, gap: float = GAP) -> Picture:
    """Put pictures beside each other, aligned at their tops."""
    parts: list[Cells | Label] = []
    width = height = 0.0
    for number, each in enumerate(pictures):
        left = width + (gap if number else 0)
        parts += each.moved(left, 0)
        width, height = left + each.width, max(height, each.height)
    return Picture(width, height, tuple(parts))


def flow(pictures: Iterable[Picture], *, width: float, gap: float = GAP) -> Picture:
    """Put pictures into rows that are not wider than ``width``, unless a single one is."""
    rows: list[list[Picture]] = [[]]
    for each in pictures:
        if rows[-1] and beside([*rows[-1], each], gap=gap).width > width:
            rows.append([])
        rows[-1].append(each)
    return above([beside(row, gap=gap) for row in rows], gap=gap)


def picture_of_pair(sample: Sample, *, pixels: float = GRID_PIXELS) -> Picture:
    """Return the input of a sample, with its output behind an arrow if it is known."""
    given = picture_of_grid(sample.input, pixels=pixels)
    if sample.output is None:
        return given
    wanted = picture_of_grid(sample.output, pixels=pixels)
    arrow = replace(picture_of_text("→", "dim"), width=CHARACTER_WIDTH * 1.4)
    return beside([given, arrow, wanted], gap=7)


def named_samples(task: Task, *, answers: bool) -> Iterator[tuple[str, Sample]]:
    """Yield the demos and tests of a task by name, from ``demo 1`` on.

    Args:
        task: the task.
        answers: whether the outputs of the tests are among them.
    """
    for number, demo in enumerate(task.demos, 1):
        yield f"demo {number}", demo
    for number, test in enumerate(task.tests, 1):
        yield f"test {number}", test if answers else Sample(test.input)


def picture_of_task(task: Task, *, answers: bool, width: float = WIDTH) -> Picture:
    """Return all samples of a task as a picture.

    Args:
        task: the task to draw.
        answers: whether the outputs of the tests are drawn.
        width: width of the picture, in pixels, unless a single sample is wider.
    """
    samples = [
        above([picture_of_text(_title(name, sample), "strong"), picture_of_pair(sample)])
        for name, sample in named_samples(task, answers=answers)
    ]
    demos, tests = samples[: len(task.demos)], samples[len(task.demos) :]
    title = picture_of_text(f"task {task.id}", "strong")
    return above([title, flow(demos, width=width), flow(tests, width=width)], gap=GAP)


def _title(name: str, sample: Sample) -> str:
    sizes = [size_of(grid) for grid in (sample.input, sample.output) if grid is not None]
    return f"{name}: {' → '.join(sizes)}"


THUMB_PIXELS = 46
THUMB_DEMOS = 4


def thumbnail(task: Task) -> Picture:
    """Return the first demos of a task, each input above its output, as a small picture."""
    columns = [
        above([picture_of_grid(grid, pixels=THUMB_PIXELS) for grid in pair], gap=5)
        for pair in task.S[:THUMB_DEMOS]
    ]
    return beside(columns, gap=7)


VERDICTS: Mapping[bool | None, tuple[str, Tone]] = {
    True: ("right", "right"),
    False: ("wrong", "wrong"),
    None: ("", "strong"),
}
"""The word for an output that is right, wrong, or can't be compared, and its tone."""


def picture_of_trial(trial: Trial, *, width: float = WIDTH) -> Picture:
    """Return a program's outputs beside the wanted ones, with the cells that differ marked."""
    title = picture_of_text(f"{trial.source.name} on {trial.task}", "strong")
    samples = (_picture_of_result(sample) for sample in trial.samples)
    return above([title, flow(samples, width=width)], gap=GAP)


def _picture_of_result(sample: SampleTrial) -> Picture:
    word, tone = VERDICTS[sample.right]
    if sample.failure is not None:
        word, tone = "failed", "wrong"
    title = picture_of_text(": ".join(filter(None, (sample.name, word))), tone)
    columns = [_titled("input", picture_of_grid(sample.input))]
    if sample.failure is not None:
        columns.append(_titled("output", picture_of_text(_wrapped(str(sample.failure)), "wrong")))
    elif is_grid(sample.output):
        output = picture_of_grid(sample.output, wanted=sample.wanted)
        columns.append(_titled("output", output))
    else:
        columns.append(_titled("output", picture_of_text(_wrapped(shown_value(sample.output)))))
    if sample.wanted is not None and not sample.right:
        columns.append(_titled("wanted", picture_of_grid(sample.wanted)))
    return above([title, beside(columns)])


def _titled(title: str, picture: Picture) -> Picture:
    return above([picture_of_text(title, "dim"), picture], gap=2)


def _wrapped(text: str, width: int = 60) -> str:
    from textwrap import wrap

    return "\n".join(wrap(text, width)) or " "


def picture_of_walk(walk: Walk, *, width: float = WIDTH) -> Picture:
    """Return each step of a program with its value."""
    title = picture_of_text(f"{walk.program} on {walk.sample} of {walk.task}", "strong")
    blocks = [title, _titled(f"I: {size_of(walk.input)}", picture_of_grid(walk.input))]
    blocks += [
        above([picture_of_text(step.text), picture_of_step(step, walk.input, width=width)])
        for step in walk.steps
    ]
    if walk.output == walk.wanted:
        blocks.append(picture_of_text("the output is right", "right"))
    elif walk.wanted is not None:
        blocks.append(picture_of_text(f"wrong; wanted {size_of(walk.wanted)}", "wrong"))
        blocks.append(picture_of_grid(walk.wanted))
    return above(blocks, gap=12)


def picture_of_step(step: Step, given: Grid, *, width: float = WIDTH) -> Picture:
    """Return the value of a step as a picture, or its failure as text."""
    if step.failure is not None:
        return picture_of_text(_wrapped(str(step.failure), 90), "wrong")
    drawn = picture_of_value(step.value, given, width=width)
    return drawn or picture_of_text(_wrapped(shown_value(step.value), 90))


def picture_of_value(
    value: Value, given: Grid, *, width: float = WIDTH, pixels: float = GRID_PIXELS
) -> Picture | None:
    """Return a value of the language as a picture; None if it is shown better as text.

    Grids are drawn as they are, objects and locations where they lie on the grid at hand.

    Args:
        value: the value.
        given: the grid at hand; empty for none.
        width: width of the picture, in pixels, unless a single part is wider.
        pixels: pixels that a grid takes at most, in height and in width.
    """
    if is_grid(value):
        return picture_of_grid(value, pixels=pixels)
    if type(value) is tuple and value and all(map(is_grid, value)):
        shown = [picture_of_grid(grid, pixels=pixels) for grid in value[:GRIDS_MAX]]
        if len(value) > GRIDS_MAX:
            shown.append(picture_of_text(f"and {len(value) - GRIDS_MAX} more", "dim"))
        return flow(shown, width=width)
    if _is_pairs(value):
        pairs = [picture_of_pair(Sample(*pair), pixels=pixels) for pair in value[:GRIDS_MAX]]
        return flow(pairs, width=width)
    cells = cells_of(value, given)
    if not cells:
        return None
    parts = [frozenset(found) for part in value if (found := cells_of(part, given))]
    return _picture_of_cells(cells, parts or [frozenset(cells)], given, pixels)


def _is_pairs(value: Value) -> bool:
    return (
        type(value) is tuple
        and bool(value)
        and all(
            type(pair) is tuple and len(pair) == 2 and all(map(is_grid, pair)) for pair in value
        )
    )


def _picture_of_cells(
    cells: Mapping[Place, int | None],
    groups: Iterable[frozenset[Place]],
    given: Grid,
    pixels: float,
) -> Picture | None:
    """Return cells on the faded grid at hand, each group with an outline.

    None if they are far outside of the grid.
    """
    rows, columns = zip(*cells, strict=True)
    height, width = len(given), len(given[0]) if given else 0
    top, left = min(0, *rows), min(0, *columns)
    tall = max(height - 1, *rows) - top + 1
    wide = max(width - 1, *columns) - left + 1
    if max(tall, wide) >= 2 * GRID_SIDE_MAX:
        return None
    side = side_of(tall, wide, pixels=pixels)
    drawn: list[list[int | None]] = [[None] * wide for _ in range(tall)]
    for (i, j), color in cells.items():
        drawn[i - top][j - left] = color
    moved = tuple(frozenset((i - top, j - left) for i, j in group) for group in groups)
    parts: list[Any] = []
    if given:
        parts.append(Cells(-left * side, -top * side, side, given, faded=True))
    parts.append(Cells(0, 0, side, tuple(map(tuple, drawn)), groups=moved))
    return Picture(wide * side, tall * side, tuple(parts))
