"""Deal: the programs that evolution begins with, and those that it takes parts from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from types import MappingProxyType

from arcbatt.archive import Archive
from arcbatt.engine import Budget, Engine, Job
from arcbatt.engine.breeder import Breeder
from arcbatt.engine.outcome import EXACT
from arcbatt.errors import ArchiveError, EngineError
from arcbatt.evolve.grounds import Grounds
from arcbatt.evolve.lines import to_line
from arcbatt.pipeline.deal import deal_archive, join_cards
from arcbatt.pipeline.score import merge_cards
from arcbatt.pipeline.work import Card, Dealt, Work


@dataclass
class Pool:
    """The programs of library and files, fit for mutation.

    Attributes:
        card: those that can be used.
        lines: one for each of them.
        left_out: names of programs that are not well typed, too large, or call what has no kernel.
    """

    card: Card
    lines: tuple[str, ...]
    left_out: tuple[str, ...]

    def held_out(self, task: str) -> list[int]:
        """Return the places of the programs that are named after a task."""
        return [place for place, dealt in enumerate(self.card) if task_of(dealt.name) == task]


def task_of(name: str) -> str | None:
    """Return the task that a program's name says it solves.

    >>> task_of("solve_007bbfb7"), task_of("differ_cells")
    ('007bbfb7', None)
    """
    parts = name.split("_")
    return parts[1] if parts[0] in ("solve", "verify") and len(parts) > 1 else None


def make_pool(card: Card, breeder: Breeder, *, size_max: int) -> Pool:
    """Choose the programs of a card that can be mutated."""
    usable, lines, left_out = [], [], []
    for dealt in card:
        line = usable_line(dealt, breeder, size_max=size_max)
        if line is None:
            left_out.append(dealt.name)
        else:
            usable.append(dealt)
            lines.append(line)
    return Pool(tuple(usable), tuple(lines), tuple(left_out))


def usable_line(dealt: Dealt, breeder: Breeder, *, size_max: int) -> str | None:
    """Return the line of a program that can be mutated; None for any other."""
    line = to_line(dealt.program)
    try:
        fits = dealt.program.size <= size_max and breeder.infer(line) is not None
    except EngineError:  # it calls a primitive without a kernel
        fits = False
    return line if fits else None


@dataclass
class Dealing:
    """Deals each task the programs that its islands begin with.

    Attributes:
        pool: for every task.
        breeder: tells what can be mutated.
        engine: what evaluates the pool.
        budget: bounds of that.
        threads: how many samples may run at once.
        islands: of a task.
        population: programs of an island.
        size_max: nodes that a program may have.
        seed: of the run.
        hold_out: whether a task does not get the programs that are named after it.
        archive: with programs of earlier runs; None deals none.
        damaged: filled: programs of the archive that can't be read.
    """

    pool: Pool
    breeder: Breeder
    engine: Engine
    budget: Budget
    threads: int
    islands: int
    population: int
    size_max: int
    seed: int
    hold_out: bool
    archive: Archive | None = None
    damaged: list[ArchiveError] = field(default_factory=list)

    def deal(
        self,
        grounds: Sequence[Grounds],
        *,
        turn: int = 0,
        own: Mapping[str, Card] = MappingProxyType({}),
    ) -> dict[str, list[list[str]]]:
        """Return lines for each island of each task.

        Half of an island's programs are the best of the pool and the archive on the task, the
        others are drawn from the rest.

        Args:
            grounds: of the tasks.
            turn: how often the islands began before. From the second time on only the pool is
                dealt from: the archive has what was found meanwhile, and that is to be got away
                from.
            own: more programs for single tasks, by id.
        """
        works = [
            Work(each.task, card=self._card(each.task.id, turn, own.get(each.task.id, ())))
            for each in grounds
        ]
        merge_cards(works)
        jobs = [
            Job(work.batt.graph, each.demos)
            for work, each in zip(works, grounds, strict=True)
            if work.batt is not None
        ]
        evaluations = self.engine.evaluate(jobs, self.budget, threads=self.threads)
        dealt = {}
        for work, evaluation in zip(works, evaluations, strict=True):
            assert work.batt is not None
            scores = list(zip(*map(evaluation.scores_of, range(len(work.task.demos))), strict=True))
            programs = work.batt.programs
            order = sorted(
                range(len(scores)),
                key=lambda root: (
                    -sum(score == EXACT for score in scores[root]),
                    -sum(scores[root]),
                    programs[root].size,
                    programs[root].body_hash,
                ),
            )
            lines = [to_line(programs[root]) for root in order]
            places = range(turn * self.islands, (turn + 1) * self.islands)
            dealt[work.task.id] = [self._draw(lines, work.task.id, place) for place in places]
        return dealt

    def _card(self, task: str, turn: int, own: Card) -> Card:
        held = set(self.pool.held_out(task)) if self.hold_out else set()
        card = tuple(each for place, each in enumerate(self.pool.card) if place not in held)
        if turn:
            return card
        kept: Card = ()
        if self.archive is not None:
            kept = deal_archive(self.archive, task, damaged=self.damaged)
        fitting = tuple(
            each
            for each in (*kept, *own)
            if each.program.body_hash not in self._bodies
            and usable_line(each, self.breeder, size_max=self.size_max)
        )
        return join_cards([card, fitting])

    @cached_property
    def _bodies(self) -> frozenset[str]:
        return frozenset(dealt.program.body_hash for dealt in self.pool.card)

    def _draw(self, lines: Sequence[str], task: str, island: int) -> list[str]:
        best = min(len(lines), (self.population + 1) // 2)
        rest = list(lines[best:])
        Random(f"{self.seed} {task} {island}").shuffle(rest)
        return [*lines[:best], *rest[: self.population - best]]


def without_held_out(
    pool: Pool, tasks: Iterable[str], *, hold_out: bool
) -> Mapping[str, list[int]]:
    """Return for each task the places of donors that it may not take from."""
    return {task: pool.held_out(task) if hold_out else [] for task in tasks}
