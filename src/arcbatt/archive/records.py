"""What an archive is told and what it answers: immutable records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from arcbatt.errors import ArchiveError
from arcbatt.program.graph import Program
from arcbatt.score import RankKey, Score, rank_key

SOLVER, DIFFER = "solver", "differ"
KINDS = (SOLVER, DIFFER)
"""The kinds of programs; each has folders and rankings of its own."""


class AddStatus(IntEnum):
    """What became of an added program; a higher one is better news."""

    REFUSED = 0
    """It is there already with data as good, or the kept ones are all better.

    A vote is no such data: the new one is noted in any case.
    """
    IMPROVED = 1
    """It was there with a lower score or more fuel."""
    NEW = 2
    """It was not there."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A program to add.

    Attributes:
        task: id of the task that it was scored on.
        program: its graph.
        score: on the demo samples.
        fuel: on all samples together.
        nanoseconds: on all samples together.
        source: one line that says where it came from.
        parents: md5s or names of the programs that it was bred from.
        aliases: names of programs with the same behaviour on this task.
        kind: ``solver`` or ``differ``.
        vote: what it counts for its test outputs, 0 or more, with all that behaves like it; None
            where nobody said.
    """

    task: str
    program: Program
    score: Score
    fuel: int
    nanoseconds: int
    source: str
    parents: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    kind: str = SOLVER
    vote: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A program that is kept for a task.

    Attributes:
        kind: ``solver`` or ``differ``.
        task: id of the task.
        md5: of the program's inlined text, the name of its file.
        score: on the demo samples.
        size: of the program, in nodes.
        fuel: on all samples together.
        nanoseconds: on all samples together.
        source: where the program came from.
        vote: what it counts for its test outputs, by who told of it last; None if nobody said.
    """

    kind: str
    task: str
    md5: str
    score: Score
    size: int
    fuel: int
    nanoseconds: int
    source: str
    vote: float | None = None

    @property
    def rank(self) -> RankKey:
        """Key of an ascending sort, the best first; no two entries of a task have the same."""
        return rank_key(self.score, size=self.size, fuel=self.fuel, text=self.md5)


@dataclass(frozen=True, slots=True)
class KeptProgram:
    """An entry with its program."""

    entry: Entry
    program: Program


@dataclass(frozen=True, slots=True)
class KeptPrograms:
    """Programs of a task, the best first, and why the others could not be read."""

    programs: tuple[KeptProgram, ...]
    errors: tuple[ArchiveError, ...] = ()


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run on record.

    Attributes:
        number: 1 for the first run of the archive; 0 while it is not recorded.
        command: what was asked for.
        started: when, in ISO 8601 with a time zone.
        wall_s: seconds on the clock.
        cpu_s: CPU seconds, all threads and processes together.
        reason: the sentence with which it ended.
        details: settings, counts, timings: anything that JSON can hold.
    """

    command: str
    started: str
    wall_s: float
    cpu_s: float
    reason: str
    details: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over a whole archive.

    Attributes:
        tasks: with at least one solver.
        solved: tasks with a solver that is right on all demos.
        solvers: programs that are kept as solvers.
        differs: programs that are kept as differs.
        entries: pairs of a task and a program, of both kinds.
        runs: on record.
    """

    tasks: int
    solved: int
    solvers: int
    differs: int
    entries: int
    runs: int
