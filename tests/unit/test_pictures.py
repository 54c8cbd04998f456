"""Pictures of grids, tasks and results as SVG, as PNG and as blocks of the terminal."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console
from tests.commands import Batt

from arcbatt.report.pictures import (
    above,
    differing_cells,
    flow,
    outline_of,
    picture_of_grid,
    picture_of_text,
    picture_of_value,
)
from arcbatt.report.svg import color_paths, write_svg
from arcbatt.report.tasks import draw_blocks, grids_fit

SVG = "{http://www.w3.org/2000/svg}"
TASKS = ("--dataset", "tasks")


def drawn_cells(svg: str) -> list[list[str]]:
    """Return the class of the path that is drawn last on each cell of an SVG."""
    found: dict[tuple[int, int], str] = {}
    for path in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        name = path.get("class", "")
        if re.fullmatch("c[0-9]", name):
            for words in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\3z", path.get("d", "")):
                x, y, wide, tall = map(int, words)
                found |= {(y + i, x + j): name for i in range(tall) for j in range(wide)}
    rows, columns = zip(*found, strict=True)
    return [[found[i, j] for j in range(max(columns) + 1)] for i in range(max(rows) + 1)]


@pytest.mark.parametrize(
    "grid",
    [
        ((1, 1, 0), (2, 1, 1)),
        ((3,),),
        ((0, 0, 0, 0), (0, 5, 5, 0), (0, 5, 5, 0), (4, 4, 5, 5)),
        tuple(tuple((i * j) % 10 for j in range(30)) for i in range(30)),
    ],
)
def test_each_cell_has_its_colour(grid: tuple[tuple[int, ...], ...]) -> None:
    svg = write_svg(picture_of_grid(grid), name="a grid")
    assert drawn_cells(svg) == [[f"c{cell}" for cell in row] for row in grid]


def test_equal_cells_are_one_rectangle() -> None:
    assert color_paths(((7, 7), (7, 7), (7, 3))) == {7: "M0 0h2v3h-2z", 3: "M1 2h1v1h-1z"}
    assert color_paths(((5, None), (5, None))) == {5: "M0 0h1v2h-1z"}


def test_texts_and_names_are_escaped() -> None:
    picture = above([picture_of_text("<script>alert(1)</script> & more", "wrong")])
    svg = write_svg(picture, name='"><script>')
    assert "<script>" not in svg
    root = ElementTree.fromstring(svg)
    assert root.findtext(f"{SVG}title") == '"><script>'
    [text] = root.iter(f"{SVG}text")
    assert text.text == "<script>alert(1)</script>\N{NO-BREAK SPACE}&\N{NO-BREAK SPACE}more"


def test_differing_cells_are_marked() -> None:
    grid, wanted = ((1, 2), (3, 4), (5, 6)), ((1, 0), (3, 4))
    assert differing_cells(grid, wanted) == {(0, 1), (2, 0), (2, 1)}
    [cells] = picture_of_grid(grid, wanted=wanted).parts
    assert cells.marks == {(0, 1), (2, 0), (2, 1)}  # type: ignore[union-attr]
    svg = write_svg(picture_of_grid(grid, wanted=wanted), name="")
    assert '<path class="diff" fill="url(#diff)" d="M1 0h1v1h-1zM0 2h2v1h-2z"/>' in svg
    assert '<pattern id="diff"' in svg
    assert 'class="diff"' not in write_svg(picture_of_grid(grid, wanted=grid), name="")


def test_digits_are_patterns_of_the_file() -> None:
    svg = write_svg(picture_of_grid(((7, 3),)), name="", digits=True)
    used = set(re.findall(r"url\(#(c\d)\)", svg))
    assert used == {"c7", "c3"}
    assert used <= set(re.findall(r'<pattern id="(c\d)"', svg))


def test_objects_lie_on_the_faded_grid_where_they_are() -> None:
    given = ((0, 0, 0), (0, 4, 4))
    picture = picture_of_value(frozenset({(4, (1, 1)), (4, (1, 2))}), given)
    assert picture is not None
    ground, found = picture.parts
    assert ground.faded and ground.rows == given  # type: ignore[union-attr]
    assert found.rows == ((None,) * 3, (None, 4, 4))  # type: ignore[union-attr]
    assert found.groups == ({(1, 1), (1, 2)},)  # type: ignore[union-attr]


def test_each_object_has_its_outline() -> None:
    objects = frozenset({frozenset({(4, (0, 0)), (4, (0, 1))}), frozenset({(5, (0, 2))})})
    picture = picture_of_value(objects, ((4, 4, 5),))
    assert picture is not None
    assert set(picture.parts[1].groups) == {frozenset({(0, 0), (0, 1)}), frozenset({(0, 2)})}  # type: ignore[union-attr]
    edges = set(outline_of(frozenset({(0, 0), (0, 1)})))
    assert len(edges) == 6
    assert ((0, 1), (1, 1)) not in edges, "no edge between cells of one object"


def test_cells_outside_of_the_grid_have_their_place() -> None:
    picture = picture_of_value(frozenset({(-1, -2)}), ((3,),))
    assert picture is not None
    ground, found = picture.parts
    assert (ground.x, ground.y) == (2 * found.side, found.side)  # type: ignore[union-attr]
    assert found.groups == ({(0, 0)},)  # type: ignore[union-attr]


@pytest.mark.parametrize("value", [7, True, (1, 2), frozenset(), None, frozenset({(99, 0)})])
def test_other_values_are_text(value: object) -> None:
    assert picture_of_value(value, ((1,),)) is None


def test_rows_end_where_the_width_does() -> None:
    one = picture_of_grid(((1,) * 10,))
    assert flow([one] * 6, width=2.5 * one.width).width <= 2.5 * one.width
    assert flow([one] * 6, width=10).width == one.width


def test_blocks_take_half_the_lines() -> None:
    block = draw_blocks(((1, 2), (3, 4), (5, 6)))
    assert (block.width, len(block.lines)) == (2, 2)
    console = Console(force_terminal=True, color_system="truecolor", width=20)
    with console.capture() as captured:
        console.print(*block.lines, sep="\n")
    shown = captured.get()
    assert "\x1b[38;2;0;116;217;48;2;46;204;64m▀" in shown, "blue above green"
    assert "\x1b[38;2;170;170;170m▀" in shown, "the last row has nothing below it"


def test_a_grid_of_30_fits_as_blocks_only() -> None:
    grid = ((0,) * 30,) * 30
    assert not grids_fit([grid], width=100, height=40)
    assert draw_blocks(grid).width <= 40 and len(draw_blocks(grid).lines) == 15
    assert grids_fit([((0,) * 10,) * 10], width=80, height=24)


def test_show_draws_blocks_on_demand(batt: Batt, place: Path) -> None:
    assert "▀▀  -> ▀▀" in batt("show", "0000aaaa", *TASKS, "--draw", "blocks").out.replace(
        "▀▀ ->", "▀▀  ->"
    )
    answer = batt("show", "0000aaaa", *TASKS, "--draw", "poem")
    assert answer.code == 2
    assert answer.err == "error[usage]: nothing draws 'poem': expected digits or blocks\n"


def test_show_writes_a_task_as_svg_and_png(batt: Batt, place: Path) -> None:
    pytest.importorskip("PIL")
    answer = batt("show", "0000aaaa", *TASKS, "--svg", "task.svg", "--png", "task.png")
    assert answer.err == "picture: task.svg\npicture: task.png\n"
    svg = (place / "task.svg").read_text()
    words = {text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")}
    assert {"demo\N{NO-BREAK SPACE}1:\N{NO-BREAK SPACE}2x2\N{NO-BREAK SPACE}→"} <= {
        (word or "")[:13] for word in words
    }
    from PIL import Image

    with Image.open(place / "task.png") as image:
        colors = {color for _, color in image.convert("RGB").getcolors(10**6) or []}
    assert {(0, 0x74, 0xD9), (0xFF, 0x41, 0x36), (255, 255, 255)} <= colors
    assert len(svg) != len((place / "task.svg").read_bytes()), "the arrow is UTF-8"


def test_show_hides_the_answer_in_pictures_too(batt: Batt, place: Path) -> None:
    batt("show", "0000aaaa", *TASKS, "--svg", "hidden.svg")
    batt("show", "0000aaaa", *TASKS, "--svg", "told.svg", "--answers")
    hidden, told = ((place / f"{name}.svg").read_text() for name in ("hidden", "told"))
    assert told.count("<g ") == hidden.count("<g ") + 1


@pytest.mark.native
def test_show_writes_results_and_steps(batt: Batt, place: Path) -> None:
    (place / "wrong.py").write_text("def wrong(I):\n    x1 = hmirror(I)\n    return x1\n")
    words = ("show", "wrong.py", *TASKS)
    assert batt(*words, "--on", "0000aaaa", "--svg", "trial.svg").code == 0
    assert 'class="diff"' in (place / "trial.svg").read_text()
    assert batt(*words, "--on", "0000aaaa", "--steps", "1", "--svg", "steps.svg").code == 0
    assert "x1\N{NO-BREAK SPACE}=" in (place / "steps.svg").read_text()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["programs.py", "--svg", "x.svg"], "programs.py is a program: its picture needs a task"),
        (["0000aaaa", "--svg", "none/x.svg"], "none/x.svg can't be written"),
    ],
)
def test_what_has_no_picture_is_told(
    batt: Batt, place: Path, words: list[str], problem: str
) -> None:
    answer = batt("show", *words, *TASKS)
    assert answer.code == 2
    assert answer.err.startswith(f"error[usage]: {problem}")
