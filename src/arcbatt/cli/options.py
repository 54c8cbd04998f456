"""Options that several commands share; options of sources come from the registry of sources."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from typer.core import TyperCommand

from arcbatt.cli.limits import read_duration
from arcbatt.cli.output import note
from arcbatt.contract import (
    COUNT_MAX,
    FUEL_MAX,
    FUEL_MIN,
    JOBS_MAX,
    TIME,
    SourceKind,
)
from arcbatt.sources import SOURCES, default_sources, parse_sources

if TYPE_CHECKING:
    from arcbatt.engine import Budget
    from arcbatt.pipeline.passes import RunLimits
    from arcbatt.pipeline.run import Settings
    from arcbatt.tasks import Dataset as TaskSet
    from arcbatt.tasks import TaskChoice


MORE, OF_SOURCES = "More options", "Options of sources"
"""Headings of groups of options in help texts."""


class GroupedCommand(TyperCommand):
    """A command whose help lists options by group; it avoids rich, which loads slowly."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and options, group by group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                is_option = parameter.param_type_name == "option"
                usual = "Options" if is_option else "Arguments"
                heading = getattr(parameter, "rich_help_panel", None) or usual
                # The range is obvious, mostly, and an error tells it.
                words = re.sub(r"(; |  \[)(x>=[0-9.]+|[0-9.]+<=x<=[0-9.]+)(?=\])", r"\1", record[1])
                words = words.replace("; ]", "]").replace("  []", "")
                groups.setdefault(heading, []).append((record[0], words))
        for heading, records in groups.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def refuse_nan(value: Any) -> Any:
    """Return the value of an option; raises typer.BadParameter for nan, which no range excludes."""
    if isinstance(value, float) and math.isnan(value):
        raise typer.BadParameter("nan is no number.")
    return value


def dataset_option(help: str) -> Any:
    """Return the option ``--dataset`` with the help of a command."""
    return typer.Option("--dataset", metavar="NAME|PATH", help=help, show_default=False)


def split_option(help: str) -> Any:
    """Return the option ``--split`` with the help of a command."""
    return typer.Option("--split", metavar="NAME", help=help, show_default=False)


Dataset = Annotated[str, dataset_option("arc-agi-1, arc-agi-2, a folder or a file.")]
RunDataset = Annotated[
    str | None,
    dataset_option("arc-agi-1, arc-agi-2, a folder or a file; default: that of the last run."),
]
Split = Annotated[str | None, split_option("training, evaluation, development; or a folder.")]
Tasks = Annotated[
    list[str] | None,
    typer.Argument(metavar="TASK...", help="Ids of tasks, or task files; none for all."),
]
Ids = Annotated[
    list[str] | None,
    typer.Option(
        "--ids",
        "-i",
        metavar="ID|FILE",
        help="More ids, or a file of ids; may be repeated.",
        show_default=False,
    ),
]
Count = Annotated[
    int | None,
    typer.Option(
        "--count",
        "-c",
        min=1,
        max=COUNT_MAX,
        metavar="N",
        help="Take at most N tasks.",
        show_default=False,
    ),
]
Start = Annotated[
    int,
    typer.Option(
        "--start", "-s", min=0, max=COUNT_MAX, metavar="N", help="Skip the first N tasks."
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Stop at a task that can't be read, don't skip it.")
]
Archive = Annotated[
    Path | None,
    typer.Option(
        "--archive",
        metavar="DIR",
        help="The archive of programs; default: archive.",
        show_default=False,
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
        help="native or reference.",
        show_default=False,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        max=JOBS_MAX,
        metavar="N",
        help="Threads or processes; default: cores.",
        show_default=False,
    ),
]
Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Spread tasks over a Ray cluster; auto: the one here.",
        show_default=False,
    ),
]
Timeout = Annotated[
    Any,
    typer.Option(
        "--timeout",
        "-t",
        parser=read_duration,
        metavar=TIME,
        help="Limit for a sample; default: 10.",
        show_default=False,
    ),
]
Fuel = Annotated[
    int | None,
    typer.Option(
        "--fuel",
        min=FUEL_MIN,
        max=FUEL_MAX,
        metavar="N",
        help="For a call of your own programs; default: 20000000.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
HoldOut = Annotated[
    bool,
    typer.Option(
        "--hold-out", help="Give no task the programs that are named after it, for a fair test."
    ),
]
Sources = Annotated[
    str | None,
    typer.Option(
        "--sources",
        metavar="NAMES",
        help="Names with commas between, see `batt sources`.",
    ),
]


def read_task_choice(
    tasks: Sequence[str] | None,
    ids: Sequence[str] | None,
    *,
    dataset: str,
    split: str | None,
    start: int,
    count: int | None,
    strict: bool = False,
) -> TaskChoice:
    """Return the choice of tasks by the ids of arguments and of ``--ids``; see `TaskChoice`.

    What is odd in the files of the tasks is printed on stderr when they are loaded.

    Raises UsageError if a file of ids can't be read, or holds no id.
    """
    from arcbatt.tasks import TaskChoice, read_ids

    named = (*(tasks or ()), *read_ids(ids or ()))
    return TaskChoice(
        dataset=dataset,
        split=split,
        ids=named,
        start=start,
        count=count,
        strict=strict,
        tell=note,
    )


def load_tasks(dataset: str, split: str | None) -> TaskSet:
    """Load all tasks of a dataset, and print on stderr what is odd in their files."""
    from arcbatt.tasks import TaskChoice

    return TaskChoice(dataset=dataset, split=split, tell=note).load()


def choose_sources(text: str | None, source_options: dict[str, Any]) -> tuple[str, ...] | None:
    """Return the names of the chosen sources; None for the default ones.

    The source ``files`` is added if files are named, and ``command`` if a command is. A batt file
    replaces the default sources.

    Args:
        text: the value of ``--sources``; None if it was left out.
        source_options: the options of the sources.

    Raises UsageError if a source is unknown.
    """
    from arcbatt.context import native_engine_is_built

    files = source_options["files"]
    command = source_options.get("command")
    added = ["files"] if files else []
    if command is not None and command.command is not None:
        added.append("command")
    if text is not None:
        names = parse_sources(text)
    elif files.batt is not None:
        names = ()
    elif added:
        names = default_sources(native=native_engine_is_built())
    else:
        return None
    return (*names, *(name for name in added if name not in names))


def with_source_options(
    command: Callable[..., None],
    kinds: Sequence[type[SourceKind]] = SOURCES,
    *,
    defaults: Mapping[str, Any] | None = None,
    shows_rare: bool = False,
) -> Callable[..., None]:
    """Add the options of sources to a command.

    The command gets them as one argument, ``source_options``: an instance of each source's class
    of options, by the name of the source.

    Args:
        command: a function with typer's annotations and the argument ``source_options``.
        kinds: the sources whose options the command has.
        defaults: defaults that replace the declared ones, by flag.
        shows_rare: whether ``--help`` lists the options that are rarely needed.
    """
    signature = inspect.signature(command)
    hints = get_type_hints(command, include_extras=True)
    own = [one for one in signature.parameters.values() if one.name != "source_options"]
    added: dict[str, inspect.Parameter] = {}
    places: dict[str, list[tuple[type[SourceKind], str]]] = {}
    for kind in kinds:
        types = get_type_hints(kind.options)
        for one in fields(kind.options):
            flag = one.metadata.get("flag")
            if flag is None:
                continue
            # Sources may share an option.
            name = flag.strip("-").replace("-", "_")
            places.setdefault(name, []).append((kind, one.name))
            default = None if one.default == () else (defaults or {}).get(flag, one.default)
            hints[name] = _annotation(types[one.name], dict(one.metadata), shows_rare=shows_rare)
            added[name] = inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name]
            )

    @wraps(command)
    def run(**words: Any) -> None:
        values: dict[type[SourceKind], dict[str, Any]] = {kind: {} for kind in kinds}
        for name, homes in places.items():
            value = words.pop(name)
            for kind, place in homes if value is not None else ():
                values[kind][place] = tuple(value) if isinstance(value, list) else value
        options = {kind.name: kind.options(**chosen) for kind, chosen in values.items()}
        command(**words, source_options=options)

    del hints["source_options"]
    run.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[
            one.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[one.name])
            for one in own
        ]
        + list(added.values())
    )
    run.__annotations__ = hints
    del run.__wrapped__
    return run


def _annotation(kind: Any, metadata: dict[str, Any], *, shows_rare: bool) -> Any:
    """Return typer's annotation of a field that `arcbatt.contract.option` made."""
    if kind == tuple[Path, ...]:
        kind = list[Path] | None
    is_time = metadata["metavar"] == TIME
    option = typer.Option(
        metadata["flag"],
        help=metadata["help"],
        metavar=metadata["metavar"] or None,
        min=metadata["minimum"],
        max=metadata["maximum"],
        parser=read_duration if is_time else None,
        callback=None if is_time else refuse_nan,
        hidden=metadata["is_rare"] and not shows_rare,
        rich_help_panel=OF_SOURCES,
    )
    if is_time:
        kind = Any
    return Annotated[kind, option]


def make_budget(timeout_s: float | None, fuel: int | None = None) -> Budget:
    """Return the bounds of evaluations; the default ones where None is given.

    Args:
        timeout_s: time limit of all programs together on one sample, in seconds, > 0.
        fuel: fuel of a call of programs that people brought, `FUEL_MIN`..`FUEL_MAX`.
    """
    from arcbatt.engine.outcome import BROUGHT_FUEL, SAMPLE_SECONDS, Budget

    return Budget(
        sample_seconds=SAMPLE_SECONDS if timeout_s is None else timeout_s,
        brought_fuel=BROUGHT_FUEL if fuel is None else fuel,
    )


def make_settings(
    timeout_s: float | None,
    jobs: int | None,
    fuel: int | None = None,
    limits: RunLimits | None = None,
) -> Settings:
    """Return the settings of a run.

    Args:
        timeout_s: time limit of all programs together on one sample, in seconds, > 0; None for
            the default.
        fuel: fuel of a call of programs that people brought; None for the default.
        jobs: number of threads or processes, 1..`JOBS_MAX`; None for one per core of this process.
        limits: the limits of the run; None for a single brief pass.
    """
    from arcbatt.context import count_cores
    from arcbatt.contract import SourceBudget
    from arcbatt.pipeline.passes import RunLimits
    from arcbatt.pipeline.run import Settings

    jobs = jobs or count_cores()
    return Settings(
        budget=make_budget(timeout_s, fuel),
        jobs=jobs,
        sources=SourceBudget(threads=jobs),
        limits=limits or RunLimits(),
    )


def explain_engine(asked: str | None, got: str) -> None:
    """Print how to get the native engine, if the reference engine runs without being named."""
    if asked is None and got == "reference":
        from arcbatt.engine.native import HOW_TO_GET_IT

        note(f"note: this runs on the reference engine, not on the native one: {HOW_TO_GET_IT}")
