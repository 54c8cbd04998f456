"""What tests of archives share: small programs, their entries, and all that an archive holds."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from arcbatt.archive import KINDS, SOLVER, Archive, NewEntry
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.score import Score

TASK = "007bbfb7"
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
    task: str = TASK,
    demos: tuple[int, ...] = (1000, 700),
    fuel: int = 100,
    source: str = "test",
    parents: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    kind: str = SOLVER,
    vote: float | None = None,
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
        vote=vote,
    )


def list_files(path: Path) -> dict[str, str]:
    """Return the content of all program files, and the targets of all links."""
    found = {}
    for kind in KINDS:
        for folder in (path / f"{kind}_md5", path / f"{kind}_dir"):
            for below in sorted(folder.rglob("*")):
                name = below.relative_to(path).as_posix()
                if below.is_symlink():
                    found[name] = os.readlink(below)
                elif below.is_file():
                    found[name] = below.read_text()
                else:
                    found[name] = "folder"
    return found


def list_rows(path: Path) -> list[object]:
    """Return all that the index has of programs and tasks."""
    with Archive.open(path, create=False) as archive:
        return [
            (
                entry,
                archive.text(entry.md5, kind=kind),
                archive.parents(entry.md5, kind=kind),
                archive.aliases(entry.task, entry.md5, kind=kind),
            )
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
