"""Sources, which propose programs. A new source is a module and a line in `SOURCES`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arcbatt.contract import Source, SourceKind
from arcbatt.errors import UsageError
from arcbatt.files import digest_of_file
from arcbatt.sources.archive import ArchiveSource
from arcbatt.sources.command import CommandSource
from arcbatt.sources.compositions import CompositionsSource
from arcbatt.sources.evolution import EvolutionSource
from arcbatt.sources.files import FilesSource
from arcbatt.sources.learners import LearnersSource
from arcbatt.sources.library import CommonSource, LibrarySource
from arcbatt.sources.python import import_source
from arcbatt.sources.random_mutants import RandomMutantsSource
from arcbatt.sources.search import SearchSource

if TYPE_CHECKING:
    from arcbatt.context import Context
    from arcbatt.program.graph import Program
    from arcbatt.program.merge import Batt

SOURCES: tuple[type[SourceKind], ...] = (
    LibrarySource,
    FilesSource,
    ArchiveSource,
    SearchSource,
    LearnersSource,
    EvolutionSource,
    RandomMutantsSource,
    CommandSource,
    CompositionsSource,
)
"""All sources, in the order in which they propose programs."""

NO_SOURCES = "none"
"""The value of ``--sources`` for no source but the files that are named."""

Options = Mapping[str, Any]
"""The options of each source, by its name: an instance of its class `options`."""


def parse_sources(text: str) -> tuple[str, ...]:
    """Read a list of sources such as ``library,archive``; ``none`` is the empty list.

    A name with a colon, ``module:Class``, means a class in Python.

    Raises UsageError if a name is unknown.
    """
    if text.strip() == NO_SOURCES:
        return ()
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    known = {kind.name for kind in SOURCES}
    for name in names:
        if name not in known and ":" not in name:
            expected = ", ".join((*(kind.name for kind in SOURCES), NO_SOURCES))
            raise UsageError(
                problem=f"no source is called {name!r}: expected {expected}, or module:Class"
            )
    return names


def default_sources(*, native: bool) -> tuple[str, ...]:
    """Return the names of the sources that are used where none are named.

    Args:
        native: whether the native engine runs; some sources need it.
    """
    return tuple(
        kind.name for kind in SOURCES if kind.is_default and (native or not kind.needs_native)
    )


def open_sources(names: Sequence[str], options: Options, context: Context) -> list[Source]:
    """Open sources in the order of the registry, those of other people last.

    Args:
        names: the names of sources, see `parse_sources`.
        options: the options of each source; its defaults where there are none.
        context: the engine, the archive and the differs that the sources share.

    Raises ArcbattError if a source can't be opened.
    """
    kinds = [kind for kind in SOURCES if kind.name in names]
    for kind in kinds:
        if kind.needs_native and context.engine.name != "native":
            others = ",".join(default_sources(native=False))
            raise UsageError(
                problem=f"the source {kind.name!r} needs the native engine;"
                f" --sources {others} does without it"
            )
    opened: list[Source] = [
        kind.open(options.get(kind.name) or kind.options(), context) for kind in kinds
    ]
    opened += [import_source(name) for name in names if ":" in name]
    return opened


def describe_options(names: Sequence[str], options: Options) -> dict[str, Any]:
    """Return the options of some sources as JSON, for the fingerprint of a run.

    A file that they name is represented by its content: a script in the line of a command, and the
    file of a class in Python, which has been imported.
    """
    described: dict[str, Any] = {}
    for kind in SOURCES:
        if kind.name in names:
            values = asdict(options.get(kind.name) or kind.options())
            described[kind.name] = {name: _plain(value) for name, value in values.items()}
    if CommandSource.name in described:
        import shlex

        words = shlex.split(described[CommandSource.name]["command"] or "")
        described[CommandSource.name]["files"] = list(filter(None, map(_digest_of, words)))
    for name in names:
        if ":" in name:
            module = sys.modules.get(name.partition(":")[0])
            described[name] = {"file": _digest_of(getattr(module, "__file__", None) or "")}
    return described


def _digest_of(word: str) -> str:
    return digest_of_file(Path(word))


def _plain(value: Any) -> Any:
    """Return a value as JSON; a file is represented by its content."""
    if isinstance(value, Path):
        return [str(value), digest_of_file(value)]
    return [*map(_plain, value)] if isinstance(value, tuple) else value


def merge_sources(
    names: Sequence[str], options: Options, context: Context, *, task: str | None = None
) -> Batt:
    """Merge the programs of sources into a batt.

    Args:
        names: the sources: those that propose the same programs for every task, and ``archive``.
        options: the options of the sources.
        context: the context with the archive.
        task: the id of the task whose programs in the archive are taken; None for all tasks.

    Raises UsageError if there is no program, or for a source that searches task by task.
    """
    from arcbatt.program.merge import merge

    mergeable = [kind.name for kind in SOURCES if issubclass(kind, (CommonSource, ArchiveSource))]
    for name in names:
        if name not in mergeable:
            raise UsageError(
                problem=f"the source {name!r} looks for programs task by task and has none to"
                f" merge: expected {', '.join(mergeable)}"
            )
    programs: list[tuple[str, Program]] = []
    for source in open_sources(names, options, context):
        if isinstance(source, CommonSource):
            programs += ((each.name, each.program) for each in source.common.programs)
    archive = context.archive
    if archive is not None and ArchiveSource.name in names:
        for key in archive.tasks():
            if task in (None, key.id):
                kept = archive.programs(key)
                context.warnings.extend(kept.errors)
                programs += ((each.entry.md5, each.program) for each in kept.programs)
    if not programs:
        raise UsageError(problem="no programs to merge: the sources that were named hold none")
    return merge(programs)
