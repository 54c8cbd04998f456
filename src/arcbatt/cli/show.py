"""``batt show``: show a task, a program, or a program's results on a task."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arcbatt.cli import options
from arcbatt.cli.options import explain_engine, make_budget
from arcbatt.cli.output import note, open_console, print_json, require_writable, warn
from arcbatt.contract import COUNT_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from arcbatt.engine import Budget
    from arcbatt.inspect import Found, Trial, Walk
    from arcbatt.program.parse import SourceProgram
    from arcbatt.report.pictures import Picture
    from arcbatt.report.tasks import DrawGrid
    from arcbatt.tasks import Task


FORMS = ("assignments", "inlined")
DRAWINGS = ("digits", "blocks")


@dataclass(frozen=True)
class PictureFiles:
    """The files to which a picture is written: SVG, PNG, both, or none.

    Raises UsageError if one of them can't be written, or if Pillow is not installed for PNG.
    """

    svg: Path | None
    png: Path | None

    def __post_init__(self) -> None:
        if self.png is not None:
            from arcbatt.report.png import require_pillow

            require_pillow()
        for path in (self.svg, self.png):
            if path is not None:
                require_writable(path)

    @property
    def are_wanted(self) -> bool:
        """Whether there is a file to write."""
        return self.svg is not None or self.png is not None

    def write(self, pictures: Iterable[Picture], *, name: str) -> None:
        """Write pictures below each other, and say where.

        Args:
            pictures: the pictures.
            name: the text for people who don't see them.
        """
        from arcbatt.files import write_atomically
        from arcbatt.report.pictures import above
        from arcbatt.report.svg import write_svg

        picture = above(pictures, gap=30)
        if self.svg is not None:
            write_atomically(self.svg, write_svg(picture, name=name, paper=True) + "\n")
            note(f"picture: {self.svg}")
        if self.png is not None:
            from arcbatt.report.png import write_png

            write_atomically(self.png, write_png(picture))
            note(f"picture: {self.png}")


def _drawing(console: Console, draw: str | None, task: Task | None) -> DrawGrid:
    """Return the function that draws grids: digits where there is room, else blocks."""
    from arcbatt.report.tasks import draw_blocks, draw_grid, grids_fit

    if draw is not None or task is None:
        return draw_blocks if draw == "blocks" else draw_grid
    has_colors = console.color_system is not None and console.encoding.startswith("utf")
    samples = (*task.demos, *task.tests)
    grids = [grid for each in samples for grid in (each.input, each.output) if grid is not None]
    is_wide = not grids_fit(grids, width=console.width, height=console.height)
    return draw_blocks if has_colors and is_wide else draw_grid


def show(
    word: Annotated[
        str,
        typer.Argument(
            metavar="TASK|MD5|FILE|NAME",
            help="The id of a task, the md5 of a program in the archive, a file with programs, a"
            " batt or one task (.json), or the name of a program in the library.",
        ),
    ],
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="TASK", help="Run the program on this task.", show_default=False
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            "--steps",
            min=1,
            max=COUNT_MAX,
            metavar="N",
            help="Explain the program step by step on demo N of the task; with the id of a task,"
            " its best program in the archive.",
            show_default=False,
        ),
    ] = None,
    answers: Annotated[
        bool, typer.Option("--answers", help="Show the test outputs, and compare with them.")
    ] = False,
    form: Annotated[
        str | None,
        typer.Option(
            "--form",
            metavar="NAME",
            help="Write programs as assignments (one call a line) or inlined.",
            show_default=False,
        ),
    ] = None,
    types: Annotated[
        bool, typer.Option("--types", help="Write the type of each value after its line.")
    ] = False,
    svg: Annotated[
        Path | None,
        typer.Option(
            "--svg",
            metavar="FILE",
            help="Write the picture of a task, of --on or of --steps to an SVG file.",
            show_default=False,
        ),
    ] = None,
    png: Annotated[
        Path | None,
        typer.Option("--png", metavar="FILE", help="Write it to a PNG file.", show_default=False),
    ] = None,
    draw: Annotated[
        str | None,
        typer.Option(
            "--draw",
            metavar="NAME",
            help="Draw grids as digits, or as blocks of half the height and width; default: as"
            " blocks where a terminal with colours is too small for digits.",
            show_default=False,
        ),
    ] = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    archive: options.Archive = None,
    engine: options.Engine = None,
    timeout: options.Timeout = None,
    fuel: options.Fuel = None,
    as_json: options.Json = False,
) -> None:
    """Show a task, a program, or what a program does on a task."""
    from arcbatt.errors import UsageError
    from arcbatt.inspect import existing_archive, find_best, look_up
    from arcbatt.tasks import load_dataset

    if form not in (None, *FORMS):
        raise UsageError(problem=f"no form is called {form!r}: expected {' or '.join(FORMS)}")
    if types and form == "inlined":
        raise UsageError(problem="types stand behind assignments: leave --form inlined out")
    if draw not in (None, *DRAWINGS):
        raise UsageError(problem=f"nothing draws {draw!r}: expected {' or '.join(DRAWINGS)}")
    files = PictureFiles(svg, png)
    kept = existing_archive(archive)
    found = look_up(word, dataset=dataset, split=split, archive=kept)
    warn(found.unreadable)
    if found.task is None and not found.programs:
        raise UsageError(problem=f"{word} has no program that can be read")
    if steps is not None:
        _check_steps(word, found, on, form, answers=answers, types=types)
        walked = found.task or load_dataset(dataset, split=split)[on or ""]
        programs = found.programs or (find_best(walked, kept),)
        walks = _walk(programs, walked, steps, engine, make_budget(timeout, fuel))
        if files.are_wanted:
            from arcbatt.report.pictures import picture_of_walk

            files.write(map(picture_of_walk, walks), name=f"the steps of a program on {walked.id}")
        _show_walks(walks, walked, draw, as_json=as_json)
        return
    if found.task is not None:
        if on is not None:
            raise UsageError(problem=f"{word} is a task: only programs run --on a task")
        if files.are_wanted:
            from arcbatt.report.pictures import picture_of_task

            picture = picture_of_task(found.task, answers=answers)
            files.write([picture], name=f"task {found.task.id}")
        _show_task(found.task, draw, answers=answers, as_json=as_json)
        return
    if files.are_wanted and on is None:
        raise UsageError(problem=f"{word} is a program: its picture needs a task, --on TASK")
    trials: list[Trial] = []
    task: Task | None = None
    if on is not None:
        task = load_dataset(dataset, split=split)[on]
        trials = _try(found.programs, task, engine, make_budget(timeout, fuel), answers=answers)
        if files.are_wanted:
            from arcbatt.report.pictures import picture_of_trial

            files.write(map(picture_of_trial, trials), name=f"programs on task {task.id}")
    _show_programs(found.programs, trials, task, draw, form=form, types=types, as_json=as_json)


def _check_steps(
    word: str, found: Found, on: str | None, form: str | None, *, answers: bool, types: bool
) -> None:
    from arcbatt.errors import UsageError

    if answers or types or form is not None:
        raise UsageError(problem="--steps has its own form: leave --answers, --types, --form out")
    if found.task is None and on is None:
        raise UsageError(problem=f"{word} is a program: --steps needs a task, --on TASK")
    if found.task is not None and on is not None:
        raise UsageError(problem=f"{word} is a task: only programs run --on a task")


def _walk(
    programs: Sequence[SourceProgram],
    task: Task,
    demo: int,
    engine_name: str | None,
    budget: Budget,
) -> list[Walk]:
    from arcbatt.engine import open_engine
    from arcbatt.inspect import walk_program

    engine = open_engine(engine_name)
    explain_engine(engine_name, engine.name)
    return [
        walk_program(each, task, f"demo {demo}", engine, budget.of_brought) for each in programs
    ]


def _show_walks(walks: Sequence[Walk], task: Task, draw: str | None, *, as_json: bool) -> None:
    from arcbatt.report.programs import draw_walk, walk_document

    if as_json:
        print_json({"walks": list(map(walk_document, walks))})
        return
    console = open_console()
    drawing = _drawing(console, draw, task)
    for number, walk in enumerate(walks):
        for block in draw_walk(walk, width=console.width, draw=drawing):
            console.print(*block.lines, sep="\n")
        if number < len(walks) - 1:
            console.print()


def _show_task(task: Task, draw: str | None, *, answers: bool, as_json: bool) -> None:
    from arcbatt.report.tasks import draw_task, task_document

    if as_json:
        print_json(task_document(task, answers=answers))
        return
    console = open_console()
    drawing = _drawing(console, draw, task)
    console.print(f"task {task.id}", style="bold")
    for block in draw_task(task, answers=answers, width=console.width, draw=drawing):
        console.print(*block.lines, sep="\n")


def _try(
    programs: Sequence[SourceProgram],
    task: Task,
    engine_name: str | None,
    budget: Budget,
    *,
    answers: bool,
) -> list[Trial]:
    from arcbatt.engine import open_engine
    from arcbatt.inspect import try_program

    engine = open_engine(engine_name)
    explain_engine(engine_name, engine.name)
    return [
        try_program(each, task, engine, budget.of_brought, answers=answers) for each in programs
    ]


def _show_programs(
    programs: Sequence[SourceProgram],
    trials: Sequence[Trial],
    task: Task | None,
    draw: str | None,
    *,
    form: str | None,
    types: bool,
    as_json: bool,
) -> None:
    from arcbatt.report.programs import draw_trial, plain_text, program_document, trial_document

    shown = [_written(source, form, types=types) for source in programs]
    if as_json:
        document: dict[str, Any] = {
            "programs": [
                program_document(source.program, name=source.name, text=text, checked=checked)
                for source, (text, checked) in zip(programs, shown, strict=True)
            ]
        }
        if trials:
            document["trials"] = list(map(trial_document, trials))
        print_json(document)
        return
    console = open_console()
    drawing = _drawing(console, draw, task)
    for index, (text, _) in enumerate(shown):
        console.print(plain_text(text), soft_wrap=True)
        if trials:
            for block in draw_trial(trials[index], width=console.width, draw=drawing):
                console.print()
                console.print(*block.lines, sep="\n")
        if index < len(shown) - 1:
            console.print("\n")


def _written(source: SourceProgram, form: str | None, *, types: bool) -> tuple[str, Any]:
    """Return a program's text and, if requested, its types."""
    from arcbatt.program.check import check
    from arcbatt.program.render import Form, render
    from arcbatt.report.programs import typed_text
    from arcbatt.report.rules import explain_rules

    if types:
        checked = check(source.program)
        return typed_text(source.program, checked, name=source.name), checked
    written = render(source.program, name=source.name, form=Form(form or FORMS[0]))
    rules = "".join(f"{line}\n" for line in explain_rules(source.program))
    return written + rules, None


def dsl(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Explain this primitive.")
    ] = None,
    family: Annotated[
        str | None,
        typer.Option("--family", metavar="NAME", help="List one family only.", show_default=False),
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(
            "--search",
            metavar="TEXT",
            help="List the primitives with this text in the name, the types or the doc.",
            show_default=False,
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """List the primitives of the language, or explain one of them."""
    from arcbatt.inspect import find_primitives, primitive_called
    from arcbatt.report.programs import primitive_document, primitive_text, primitives_table

    console = open_console()
    if name is not None:
        primitive = primitive_called(name)
        if as_json:
            print_json(primitive_document(primitive))
        else:
            console.print(primitive_text(primitive), soft_wrap=True)
        return
    found = find_primitives(family=family, text=search)
    if as_json:
        print_json(list(map(primitive_document, found)))
    else:
        console.print(primitives_table(found))


def sources(as_json: options.Json = False) -> None:
    """List where programs come from: names and options of sources."""
    from arcbatt.report.tables import new_table
    from arcbatt.sources import SOURCES

    flags = {
        kind.name: [one.metadata["flag"] for one in fields(kind.options) if "flag" in one.metadata]
        for kind in SOURCES
    }
    if as_json:
        print_json(
            [
                {
                    "name": kind.name,
                    "summary": kind.summary,
                    "options": flags[kind.name],
                    "default": kind.is_default,
                    "needs_native": kind.needs_native,
                }
                for kind in SOURCES
            ]
        )
        return
    table = new_table("name", "default", "~what it proposes", "~options")
    for kind in SOURCES:
        is_default = "yes" if kind.is_default else ""
        table.add_row(kind.name, is_default, kind.summary, " ".join(flags[kind.name]))
    table.add_row("module:Class", "", "programs of a class in Python, see docs/sources.md", "")
    open_console().print(table)
