"""What tests of archives share: small programs, their entries, and all that an archive holds."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from arcbatt.archive import KINDS, SOLVER, Archive, NewEntry
from arcbatt.candidates import Score
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.tasks import TaskKey

TASK = TaskKey("007bbfb7", "0" * 32, 2)
OTHER_TASK = TaskKey("d07ae81c", "1" * 32, 2)
OLD_ARCHIVE = Path(__file__).parent / "data" / "old_archive"
"""An archive of format 2: its index, and the names of its files and links."""
CALLS = ("vmirror", "hmirror", "dmirror", "rot90", "tophalf")


def make_program(number: int) -> Program:
    """Return a program of calls inside each other that spell a number, 0 or more."""
    builder = GraphBuilder()
    index = builder.call("identity", builder.input("I"))
    while number:
        number, digit = divmod(number, len(CALLS))
        index = builder.call(CALLS[digit], index)
    return builder.program(index)


def make_entry(
    number: int,
    *,
    task: TaskKey = TASK,
    demos: tuple[int, ...] = (1000, 700),
    fuel: int = 100,
    source: str = "test",
    parents: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    kind: str = SOLVER,
    weight: float | None = None,
) -> NewEntry:
    """Return an entry whose time follows from its fuel."""
    return NewEntry(
        task=task,
        program=make_program(number),
        score=Score(demos),
        fuel=fuel,
        nanoseconds=10 * fuel,
        source=source,
        parents=parents,
        aliases=aliases,
        kind=kind,
        weight=weight,
    )


def list_rows(path: Path) -> list[object]:
    """Return all that an archive has of programs and tasks."""
    with Archive.open(path, create=False) as archive:
        return [
            (entry, archive.text(entry.md5), archive.parents(entry.md5))
            for kind in KINDS
            for entry in archive.entries(kind=kind)
        ]


def fork(action: Callable[[], object]) -> int:
    """Run an action in a child process and return the child's id; it exits with 0 or 1."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        action()
        code = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def wait(child: int) -> int:
    """Wait for a child process; returns its exit code, negative if a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
