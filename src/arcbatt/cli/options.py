"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

MUTANTS, ROUNDS = 9_600, 1
"""What a task may take where evolution is one of several sources."""

Dataset = Annotated[
    str,
    typer.Option(
        "--dataset",
        metavar="NAME|PATH",
        help="arc-agi-1, arc-agi-2, a folder of task files, or a JSON file with tasks.",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="NAME",
        help="training, evaluation or development; training if it is left out.",
        show_default=False,
    ),
]
Tasks = Annotated[
    list[str] | None, typer.Argument(metavar="TASK", help="Ids of tasks; none for all.")
]
Ids = Annotated[
    list[str] | None,
    typer.Option(
        "--ids",
        "-i",
        metavar="ID|FILE",
        help="More ids, with commas between, or a file with one id a line. May be repeated.",
        show_default=False,
    ),
]
Count = Annotated[
    int | None,
    typer.Option(
        "--count", "-c", min=1, metavar="N", help="Take so many tasks.", show_default=False
    ),
]
Start = Annotated[
    int,
    typer.Option(
        "--start", "-s", min=0, metavar="N", help="Skip so many tasks; they are sorted by id."
    ),
]
Archive = Annotated[
    Path | None,
    typer.Option(
        "--archive",
        metavar="DIR",
        help="Where programs are kept; ./archive if it is left out.",
        show_default=False,
    ),
]
Library = Annotated[
    list[Path] | None,
    typer.Option(
        "--library",
        metavar="FILE",
        help="Deal the programs of this file too. May be repeated.",
        show_default=False,
    ),
]
HoldOut = Annotated[
    bool,
    typer.Option(
        "--hold-out",
        help="Give no task the programs that are named after it: a fair test on training tasks.",
    ),
]
Sources = Annotated[
    str | None,
    typer.Option(
        "--sources",
        metavar="NAMES",
        help="Where programs come from, with commas between: library, archive, search, evolve, or"
        " none; library,archive,search if it is left out, library,archive on the reference engine.",
        show_default=False,
    ),
]
KeptSources = Annotated[
    str,
    typer.Option(
        "--sources",
        metavar="NAMES",
        help="Where programs come from, with commas between: library, archive, or none.",
    ),
]
Mutants = Annotated[
    int,
    typer.Option(
        "--mutants", min=1, metavar="N", help="Programs that evolution tries a task and round."
    ),
]
Rounds = Annotated[
    int,
    typer.Option(
        "--rounds",
        min=1,
        metavar="N",
        help="Rounds of evolution; those that an earlier call of the command has done count.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed", min=0, metavar="N", help="Of random numbers; the same one finds the same."
    ),
]
SearchNodes = Annotated[
    int | None,
    typer.Option(
        "--search-nodes",
        min=1,
        metavar="N",
        help="Calls that search may try for a task; 30,000 if it is left out.",
        show_default=False,
    ),
]
SearchSeconds = Annotated[
    float | None,
    typer.Option(
        "--search-seconds",
        min=0.001,
        metavar="SECONDS",
        help="Time that search may take for a task; without it the result does not depend on the"
        " machine.",
        show_default=False,
    ),
]
SearchMemory = Annotated[
    int | None,
    typer.Option(
        "--search-memory",
        min=1,
        metavar="MIB",
        help="Memory that search may take for a task, by its own count; 800 if it is left out.",
        show_default=False,
    ),
]
Functions = Annotated[
    str,
    typer.Option(
        "--functions",
        metavar="NAME|FILE",
        help="Learnt functions that are used as single moves: library, none, or a file that"
        " `batt learn` wrote.",
    ),
]
NoDiffers = Annotated[
    bool,
    typer.Option("--no-differs", help="Score outputs by the share of equal cells alone."),
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="native or reference; native where it is built.",
        show_default=False,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        metavar="N",
        help="Threads, or processes of the reference engine; one a core if it is left out.",
        show_default=False,
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        "-t",
        min=0.001,
        metavar="SECONDS",
        help="For all programs together on one sample; 10 if it is left out.",
        show_default=False,
    ),
]
Without = Annotated[
    str | None,
    typer.Option(
        "--without",
        metavar="SWITCHES",
        help="Switch optimisations off: some of sharing, bodies, behaviours, cut, fuel, batches,"
        " caches, threads, native, with commas between.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
