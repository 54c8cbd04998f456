"""Look-up: the tasks, programs and primitives that a word means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from arcbatt.archive import KINDS, Archive, Entry
from arcbatt.dsl import REGISTRY
from arcbatt.dsl.registry import Primitive
from arcbatt.errors import ArchiveError, ParseError, TaskNotFoundError, UsageError
from arcbatt.library import load_library
from arcbatt.program.parse import SourceProgram, parse_file, parse_program
from arcbatt.tasks import Task, load_dataset

_MD5 = re.compile(r"[0-9a-f]{32}")
DEFAULT_ARCHIVE = Path("archive")
"""The archive of a run that names none, in the folder where it is started."""


@dataclass(frozen=True)
class Found:
    """What a word means: a task, or programs and those that could not be read."""

    task: Task | None = None
    programs: tuple[SourceProgram, ...] = ()
    unreadable: tuple[ParseError, ...] = ()


def existing_archive(path: Path | None) -> Path | None:
    """Return the archive that a user means: the named one, else the default one if it is there."""
    if path is not None:
        return path
    return DEFAULT_ARCHIVE if DEFAULT_ARCHIVE.is_dir() else None


def look_up(word: str, *, dataset: str, split: str | None, archive: Path | None) -> Found:
    """Find the task or the programs that a word means.

    It is, in this order: a file (of tasks if it ends in ``.json``, else of programs), the md5 of
    a program in the archive, the id of a task, the name of a program in the library.

    Args:
        word: what to look for.
        dataset: name or path of the tasks, see `load_dataset`.
        split: of the dataset.
        archive: folder of the archive; None for none.

    Raises ArcbattError if it means nothing, or what it means can't be read.
    """
    path = Path(word)
    if path.is_file() and path.suffix == ".json":
        return Found(task=_only_task(path))
    if path.is_file():
        found = parse_file(path)
        return Found(programs=tuple(found.programs), unreadable=tuple(found.errors))
    if _MD5.fullmatch(word):
        return Found(programs=(find_kept(word, archive),))
    tasks = load_dataset(dataset, split=split)
    if word in tasks:
        return Found(task=tasks[word])
    programs = tuple(program for program in load_library() if program.name == word)
    if programs:
        return Found(programs=programs)
    try:
        return Found(task=tasks[word])
    except TaskNotFoundError as error:
        raise UsageError(
            problem=f"nothing is called {word!r}: no file, no program of the library, and {error}"
        ) from error


def find_kept(md5: str, archive: Path | None) -> SourceProgram:
    """Find a program of an archive by its md5, a solver or a differ.

    Raises ArchiveError if there is none, or it can't be read.
    """
    if archive is None:
        raise ArchiveError(path=DEFAULT_ARCHIVE, problem="there is no archive here")
    with Archive.open(archive, create=False) as kept:
        for kind in KINDS:
            if any(entry.md5 == md5 for entry in kept.entries(kind=kind)):
                return parse_program(kept.text(md5, kind=kind), file=md5)
    raise ArchiveError(path=archive, problem=f"keeps no program {md5}")


def find_best(task: str, archive: Path | None) -> SourceProgram:
    """Find the best solver that an archive keeps for a task.

    Raises ArchiveError if there is none, or it can't be read.
    """
    if archive is None:
        raise ArchiveError(path=DEFAULT_ARCHIVE, problem="there is no archive here")
    with Archive.open(archive, create=False) as kept:
        for entry in kept.entries(task, limit=1):
            return parse_program(kept.text(entry.md5), file=entry.md5)
    raise ArchiveError(path=archive, problem=f"keeps no program for task {task}")


def _only_task(path: Path) -> Task:
    tasks = load_dataset(path)
    if len(tasks) != 1:
        raise UsageError(
            problem=f"{path} has {len(tasks)} tasks: name one of them, with --dataset {path}"
        )
    return next(iter(tasks))


def best_of_tasks(archive: Archive, *, kind: str) -> list[tuple[Entry, int]]:
    """Return the best program of each task, with the number of programs that it has."""
    best: dict[str, tuple[Entry, int]] = {}
    for entry in archive.entries(kind=kind):
        first, programs = best.get(entry.task, (entry, 0))
        best[entry.task] = (first, programs + 1)
    return list(best.values())


def primitive_called(name: str) -> Primitive:
    """Return the primitive of a name.

    Raises UsageError if there is none; it names the closest ones.
    """
    found = REGISTRY.get(name)
    if found is None:
        from difflib import get_close_matches

        matches = get_close_matches(name, REGISTRY)
        hint = f"; did you mean {' or '.join(matches)}?" if matches else ""
        raise UsageError(problem=f"no primitive is called {name!r}{hint}")
    return found


def find_primitives(*, family: str | None = None, text: str | None = None) -> list[Primitive]:
    """List primitives by family and name.

    Args:
        family: only those of this one.
        text: only those with this text in the name, the types or the doc; case does not count.

    Raises UsageError if there is no such family.
    """
    if family is not None and family not in REGISTRY.families:
        known = ", ".join(REGISTRY.families)
        raise UsageError(problem=f"no family is called {family!r}: expected {known}")
    wanted = (text or "").casefold()
    places = {name: place for place, name in enumerate(REGISTRY.families)}
    found = [
        primitive
        for primitive in REGISTRY.values()
        if family in (None, primitive.family)
        and wanted in f"{primitive}\n{primitive.doc}".casefold()
    ]
    return sorted(found, key=lambda primitive: (places[primitive.family], primitive.name))
