"""Reports: colours, layout, tables that keep wall and CPU apart."""

from __future__ import annotations

import io
import time
from threading import Thread

import pytest
from rich.console import Console

from arcbatt.report import tables
from arcbatt.report import tasks as blocks
from arcbatt.report.profile import timings_document, timings_table
from arcbatt.report.progress import DelayedProgress
from arcbatt.report.tasks import draw_task
from arcbatt.tasks import Sample, Task
from arcbatt.timings import Timings


def plain(block: blocks.Block) -> list[str]:
    return [line.plain for line in block.lines]


def printed(renderable: object, *, width: int = 100) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(renderable)
    file = console.file
    assert isinstance(file, io.StringIO)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_colours_are_arcs_own() -> None:
    assert blocks.COLORS == (
        "#000000", "#0074D9", "#FF4136", "#2ECC40", "#FFDC00",
        "#AAAAAA", "#F012BE", "#FF851B", "#7FDBFF", "#870C25",
    )  # fmt: skip
    assert blocks.cell_style(4).endswith(" on #FFDC00")
    assert blocks.cell_style(-1) == blocks.cell_style(10)


def test_a_grid_is_drawn_in_its_colours() -> None:
    block = blocks.draw_grid(((0, 1), (2, 9)))
    assert plain(block) == ["0 1 ", "2 9 "]
    assert block.width == 4
    styles = [str(span.style) for line in block.lines for span in line.spans]
    assert styles == [blocks.cell_style(cell) for cell in (0, 1, 2, 9)]


def test_marks_outside_the_colours_keep_columns_straight() -> None:
    assert plain(blocks.draw_grid(((-1, 5), (12, 0)))) == ["-1  5 ", "12  0 "]
    assert plain(blocks.draw_grid(())) == ["(an empty grid)"]


def test_blocks_of_different_height_stand_beside_each_other() -> None:
    left, right = blocks.write("ab\nc"), blocks.write("x")
    assert plain(blocks.beside([left, right], gap=1)) == ["ab x", "c  "]
    assert plain(blocks.above([left, right])) == ["ab", "c", "x"]
    assert plain(blocks.beside_if_fits([left, right], width=6)) == ["ab   x", "c    "]
    assert plain(blocks.beside_if_fits([left, right], width=5)) == ["ab", "c", "x"]


def test_blocks_flow_into_rows() -> None:
    items = [blocks.write(letter * 4) for letter in "abc"]
    rows = list(blocks.flow(items, width=11))
    assert [plain(row) for row in rows] == [["aaaa   bbbb"], ["cccc"]]
    assert [plain(row) for row in blocks.flow(items, width=1)] == [["aaaa"], ["bbbb"], ["cccc"]]
    assert list(blocks.flow([], width=10)) == []


@pytest.mark.parametrize("width", [20, 60, 61, 62, 80, 130, 200])
def test_a_task_fits_the_terminal(width: int) -> None:
    grid = tuple(tuple(column % 10 for column in range(30)) for _ in range(3))
    small = ((1, 2),)
    task = Task("t", (Sample(grid, grid), Sample(small, small)), (Sample(grid, small),))
    for block in draw_task(task, answers=True, width=width):
        assert max(len(line.plain) for line in block.lines) <= max(width, 60)


@pytest.mark.parametrize("width", [10, 40, 60, 80])
def test_tables_are_wider_than_a_narrow_terminal_but_whole(width: int) -> None:
    table = tables.new_table("task", ">a number", "program", "~text")
    table.add_row("0000aaaa/01234567", "1,234,567", "0123456789abcdef" * 2, "some words " * 9)
    console = Console(file=io.StringIO(), width=width, highlight=False, soft_wrap=True)
    console.print(table)
    file = console.file
    assert isinstance(file, io.StringIO)
    first, *rest = file.getvalue().splitlines()[1:]
    row = f"0000aaaa/01234567  1,234,567  {'0123456789abcdef' * 2}  "
    assert first.startswith(row)
    words = " ".join([first.removeprefix(row), *rest]).split()
    assert words == ["some", "words"] * 9


def test_timings_keep_wall_and_cpu_apart() -> None:
    timings = Timings()
    timings.add("short", wall_s=0.25, cpu_s=0.125, calls=2)
    timings.add("long", wall_s=0.5, cpu_s=3.0)
    timings.add("threads", cpu_s=7.0)
    rows = [line.split() for line in printed(timings_table(timings))]
    assert rows[0] == ["name", "wall", "s", "CPU", "s", "calls", "of", "wall"]
    assert rows[1][:4] == ["long", "0.500", "3.000", "1"]
    assert rows[2][:4] == ["short", "0.250", "0.125", "2"]
    assert rows[3] == ["threads", "-", "7.000", "1", "-"]
    assert rows[-2][0] == "total"
    assert rows[-1][0] == "unaccounted"
    assert len(rows[-1]) == 5


def test_shares_of_the_wall_time_add_up() -> None:
    timings = Timings()
    with timings.measure("outer"), timings.measure("inner"):
        time.sleep(0.02)
    with timings.measure("last"):
        time.sleep(0.01)
        thread = Thread(target=measure_in_thread, args=(timings,))
        thread.start()
        thread.join()
    rows = [line.split() for line in printed(timings_table(timings))]
    words = {row[0]: " ".join(row[4:]) for row in rows[1:]}
    assert words["inner"] == "within"
    assert words["saving"] == "beside"
    shares = [float(words[name].removesuffix(" %")) for name in ("outer", "last")]
    unaccounted = float(rows[-1][-2])
    assert sum(shares) + unaccounted == pytest.approx(100, abs=0.2)


def measure_in_thread(timings: Timings) -> None:
    with timings.measure("saving"), timings.measure("saving"):
        time.sleep(0.01)


def test_timings_as_json_name_their_units() -> None:
    timings = Timings()
    timings.add("long", wall_s=0.5, cpu_s=3.0)
    document = timings_document(timings)
    assert document["timings"] == {
        "long": {"wall_s": 0.5, "cpu_s": 3.0, "calls": 1, "own_wall_s": 0.0, "beside": False}
    }
    assert set(document) == {"timings", "total", "unaccounted_wall_s"}
    assert document["unaccounted_wall_s"] == pytest.approx(document["total"]["wall_s"], abs=0.1)


def test_words_for_numbers() -> None:
    assert [tables.count(number, "task") for number in (0, 1, 2)] == [
        "0 tasks",
        "1 task",
        "2 tasks",
    ]
    assert tables.count(2, "entry") == "2 entries"
    assert tables.share(1, 8) == "12.5 %"
    assert tables.share(1, 0) == tables.NOTHING
    assert printed(tables.pairs([("a", "1"), ("long", "2 [x]")])) == ["a     1", "long  2 [x]"]


def bar(*, terminal: bool) -> tuple[DelayedProgress, io.StringIO]:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=80)
    return DelayedProgress(console), file


def test_short_work_shows_no_bar() -> None:
    progress, file = bar(terminal=True)
    with progress:
        progress.expect(2)
        progress.advance(2)
    assert file.getvalue() == ""


def test_long_work_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arcbatt.report.progress.DELAY_S", 0.0)
    progress, file = bar(terminal=True)
    with progress:
        progress._timer.join()
        progress.show(1, 2)
    assert "1/2" in file.getvalue()


def test_a_pipe_gets_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arcbatt.report.progress.DELAY_S", 0.0)
    progress, file = bar(terminal=False)
    with progress:
        progress.show(1, 2)
    assert file.getvalue() == ""
