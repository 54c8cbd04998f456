"""Saving: what a turn found for a task, as records, and how the archive gets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from arcbatt.archive import AddStatus, Archive, NewEntry
from arcbatt.archive.records import DIFFER
from arcbatt.candidates import Candidate, Score, Work
from arcbatt.differs import Differs
from arcbatt.pipeline.nearness import differ_scores
from arcbatt.pipeline.passes import TaskProgress
from arcbatt.pipeline.result import TaskResult
from arcbatt.ranking.weights import weight_to_keep
from arcbatt.tasks import TaskKey


@dataclass(frozen=True)
class NewPrograms:
    """The programs that the archive should keep for a task.

    Attributes:
        task: the key of the task.
        solvers: the candidates that passed validation.
        differs: the score and the fuel of each differ, in their order; empty without solvers.
    """

    task: TaskKey
    solvers: tuple[NewEntry, ...] = ()
    differs: tuple[tuple[Score, int], ...] = ()

    @classmethod
    def of(cls, work: Work) -> Self:
        """Return what the archive should keep of a task that went through all phases."""
        solvers = tuple(
            new_entry(work.task.key, candidate, aliases=candidate.aliases)
            for candidate in work.passed
            # The archive has scores of the demos alone: such a program would seem to fit.
            if not candidate.score.missed
        )
        return cls(work.task.key, solvers, tuple(differ_scores(work)))


@dataclass(frozen=True)
class TaskOutcome:
    """What one turn found for a task: records that can be sent from one machine to another.

    Attributes:
        result: the result of this turn alone.
        programs: the programs that the archive should keep.
    """

    result: TaskResult
    programs: NewPrograms

    @classmethod
    def of(cls, work: Work, progress: TaskProgress) -> Self:
        """Return the outcome of a task that went through all phases.

        Args:
            work: the task.
            progress: what the passes have done for it, this one included.
        """
        return cls(TaskResult.of(work, progress), NewPrograms.of(work))

    def prepared(self) -> Self:
        """Return this outcome with the texts of its programs, which the driver need not render."""
        for proposal in self.result.earlier.values():
            for each in proposal.programs:
                _ = each.program.inlined
        return self


def new_entry(
    task: TaskKey,
    candidate: Candidate,
    *,
    aliases: tuple[str, ...] = (),
    parents: tuple[str, ...] = (),
) -> NewEntry:
    """Return the archive's entry of a candidate that passed validation.

    Args:
        task: the key of the task.
        candidate: the solver.
        aliases: names of programs with the same behaviour.
        parents: md5s of the programs from which it was bred.
    """
    return NewEntry(
        task=task,
        program=candidate.program,
        score=candidate.score,
        fuel=candidate.fuel,
        nanoseconds=candidate.nanoseconds,
        source=candidate.source,
        aliases=aliases,
        parents=parents,
        weight=weight_to_keep(candidate),
    )


def save_programs(
    programs: Sequence[NewPrograms], archive: Archive, *, differs: Differs | None = None
) -> list[int]:
    """Add the solvers and the differs of some tasks in one transaction.

    Returns the number of solvers that are new or better in the archive, for each task.

    Raises ArchiveError if the archive can't be written; nothing is added then.
    """
    solvers = [entry for each in programs for entry in each.solvers]
    others = [
        NewEntry(
            task=each.task,
            program=program,
            score=score,
            fuel=fuel,
            nanoseconds=0,
            source=name,
            kind=DIFFER,
        )
        for each in programs
        if differs is not None
        for program, name, (score, fuel) in zip(
            differs.programs, differs.names, each.differs, strict=bool(each.differs)
        )
    ]
    added = iter(
        status is not AddStatus.REFUSED for status in archive.add_many([*solvers, *others])
    )
    return [sum(next(added) for _ in each.solvers) for each in programs]
