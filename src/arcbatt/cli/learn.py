"""``batt learn``: functions that programs of several tasks share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import note, open_console, print_json, require_writable, warn

if TYPE_CHECKING:
    from arcbatt.learning.lesson import Lesson


def learn(
    sources: Annotated[
        str | None,
        typer.Option(
            "--sources",
            metavar="NAMES",
            help="What to learn from: library, archive or both with a comma between; library if it"
            " is left out, and the archive if one is named.",
            show_default=False,
        ),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(
            "--archive",
            metavar="DIR",
            help="Learn from the best program of each task in this archive that is right on all"
            " demos; ./archive if only the source is named.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the functions to this file, for --functions of solve, eval and evolve.",
            show_default=False,
        ),
    ] = None,
    hold_out: Annotated[
        Path | None,
        typer.Option(
            "--hold-out",
            metavar="FILE",
            help="Learn from every second task only, measure the programs of the others, and write"
            " the ids of these to this file, for --ids of eval.",
            show_default=False,
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Learn functions: parts that programs of at least three tasks share, as one move each.

    What counts is the bits that all programs cost together, the definitions of the functions
    included.
    """
    from arcbatt.files import write_atomically
    from arcbatt.learning.lesson import learn as learn_functions

    library, archive = _read_sources(sources, archive)
    for path in (output, hold_out):
        if path is not None:
            require_writable(path)
    lesson = learn_functions(library=library, archive=archive, hold_out=hold_out is not None)
    warn(lesson.damaged)
    if output is not None:
        write_atomically(output, lesson.text)
    if hold_out is not None:
        write_atomically(hold_out, "".join(f"{task}\n" for task in lesson.held_tasks))
    _print(lesson, as_json=as_json)
    for what, path in (("functions", output), ("tasks held out", hold_out)):
        if path is not None:
            note(f"{what}: {path}")


def _read_sources(sources: str | None, archive: Path | None) -> tuple[bool, Path | None]:
    """Return whether to learn from the library, and from which archive."""
    from arcbatt.errors import UsageError
    from arcbatt.pipeline.deal import ARCHIVE, KEPT, LIBRARY
    from arcbatt.pipeline.sources import parse_sources

    if sources is None:
        return True, archive
    names = parse_sources(sources)
    wrong = [name for name in names if name not in KEPT]
    if wrong or not names:
        problem = f"nothing can be learnt from {sources!r}: expected {', '.join(KEPT)}"
        raise UsageError(problem=problem)
    if ARCHIVE not in names:
        return True, None
    return LIBRARY in names, archive or Path(ARCHIVE)


def _print(lesson: Lesson, *, as_json: bool) -> None:
    from arcbatt.report.functions import bits_table, functions_table, lesson_document

    if as_json:
        print_json(lesson_document(lesson))
        return
    console = open_console()
    console.print(functions_table(lesson.functions))
    console.print()
    console.print(bits_table(lesson))
