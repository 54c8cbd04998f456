"""Offers: which programs of a round go to validation and to the archive, and what became of them.

A program goes through the phases of the pipeline: it is scored again in a batt, filtered by
behaviour, given partial credit by the differs, written as text, parsed afresh and run alone, by the
referee too if it is exact, and refused if it copies outputs out of S.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arcbatt.archive import AddStatus, Archive
from arcbatt.differs import Differs
from arcbatt.engine import Budget, Engine
from arcbatt.engine.outcome import EXACT
from arcbatt.evolve.lines import from_line
from arcbatt.evolve.state import Best, TaskState
from arcbatt.pipeline.run import Run, Settings
from arcbatt.pipeline.save import new_entry
from arcbatt.pipeline.validate import Referee
from arcbatt.pipeline.work import Candidate, Card, Dealt, Work
from arcbatt.profile.timings import Timings
from arcbatt.tasks import Task

SOURCE = "evolve"
"""Where new programs come from, for the archive."""
OFFERS_MAX = 12
"""Programs of a task that go to validation in one round."""
FAMILY_MAX = 8
"""Programs of one family that the archive is told: with the same demos right, of like size."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A program that may be worth keeping.

    Attributes:
        line: the program.
        scores: on the demos, by equal cells.
        size: in nodes.
        fuel: on all samples.
        parents: lines of the programs that it was bred from.
        behaviour: digest of what it does on the samples; None where it is not known yet.
    """

    line: str
    scores: tuple[int, ...]
    size: int
    fuel: int
    parents: tuple[str, ...] = ()
    behaviour: int | None = None

    @property
    def family(self) -> str:
        """Which demos are right, and the size in powers of two."""
        return family_of(self.scores, self.size)


def family_of(scores: Sequence[int], size: int) -> str:
    """Return the family of a program.

    >>> family_of((1000, 999), 9)
    '10/4'
    """
    return "".join("01"[score == EXACT] for score in scores) + f"/{size.bit_length()}"


def choose_offers(offers: Sequence[Offer], known: TaskState) -> list[tuple[Offer, str]]:
    """Choose what goes to validation: the best of each family first, nothing twice.

    Returns the offers with their body hashes.
    """
    seen = set(known.offered)
    counts: dict[str, int] = {}
    ranked: list[tuple[int, int, Offer]] = []
    order = sorted(offers, key=lambda each: (-sum(each.scores), each.size, each.fuel, each.line))
    for place, offer in enumerate(order):
        family = offer.family
        counts[family] = counts.get(family, 0) + 1
        if counts[family] + known.families.get(family, 0) <= FAMILY_MAX:
            ranked.append((counts[family], place, offer))
    chosen: list[tuple[Offer, str]] = []
    for _, _, offer in sorted(ranked, key=lambda item: item[:2]):
        body = from_line(offer.line).body_hash
        if body not in seen and len(chosen) < OFFERS_MAX:
            seen.add(body)
            chosen.append((offer, body))
    return chosen


@dataclass(frozen=True, slots=True)
class Tried:
    """How many offers passed validation, and how many of them the archive took."""

    told: int
    saved: int


@dataclass(frozen=True)
class Bench:
    """What offers are validated with.

    Attributes:
        engine: what evaluates.
        budget: bounds of each run.
        threads: how many samples may run at once.
        referee: on which exact programs run too; None for none.
        differs: for partial credit; None for the share of equal cells.
        archive: is told what passed.
        batch: tasks that go through the phases together.
    """

    engine: Engine
    budget: Budget
    threads: int
    referee: Referee | None
    differs: Differs | None
    archive: Archive
    timings: Timings
    batch: int = 20

    def try_offers(
        self,
        tasks: Mapping[str, Task],
        offers: Mapping[str, Sequence[tuple[Offer, str]]],
        *,
        states: Mapping[str, TaskState],
        number: int,
        sources: Mapping[str, str],
    ) -> Tried:
        """Validate offers, tell the archive, and note the best.

        Args:
            tasks: by id.
            offers: for each task, with body hashes.
            states: of the tasks; what passed and what was offered is noted here.
            number: of the round.
            sources: body hashes of programs that come from elsewhere, with their sources.

        Raises ArchiveError if the archive can't be written.
        """
        told = saved = 0
        ids = [task for task, chosen in offers.items() if chosen]
        for start in range(0, len(ids), self.batch):
            works = self._validate(
                [tasks[task] for task in ids[start : start + self.batch]], offers, sources
            )
            saved += self._tell(works, offers, states)
            told += sum(len(work.passed) for work in works)
            for work in works:
                self._note(work, offers[work.task.id], states[work.task.id], number)
        # A program's vote changes with what else is found, whether it is new or not.
        votes = {task: states[task].ballot.votes for task in offers}
        self.archive.add_many((), votes=votes)
        return Tried(told, saved)

    def _validate(
        self,
        tasks: Sequence[Task],
        offers: Mapping[str, Sequence[tuple[Offer, str]]],
        sources: Mapping[str, str],
    ) -> list[Work]:
        run = Run(
            tasks=tasks,
            card=(),
            cards={task.id: _card(offers[task.id], sources) for task in tasks},
            engine=self.engine,
            settings=Settings(budget=self.budget, jobs=self.threads),
            referee=self.referee,
            differs=self.differs,
            timings=self.timings,
        )
        return run.work_on(tasks)

    def _tell(
        self,
        works: Sequence[Work],
        offers: Mapping[str, Sequence[tuple[Offer, str]]],
        states: Mapping[str, TaskState],
    ) -> int:
        entries = []
        for work in works:
            offered = {body: offer for offer, body in offers[work.task.id]}
            for candidate in work.passed:
                offer = offered[candidate.names[0]]
                if candidate.score.is_exact:
                    ballot = states[work.task.id].ballot
                    ballot.tell(candidate.md5, offer.line, offer.behaviour)
                entries.append(
                    new_entry(
                        work.task.id,
                        candidate,
                        parents=tuple(sorted({from_line(line).md5 for line in offer.parents})),
                    )
                )
        statuses = self.archive.add_many(entries)
        return sum(status is not AddStatus.REFUSED for status in statuses)

    def _note(
        self, work: Work, offers: Sequence[tuple[Offer, str]], known: TaskState, number: int
    ) -> None:
        known.offered.extend(body for _, body in offers)
        for candidate in work.passed:
            family = family_of(candidate.score.demos, candidate.program.size)
            known.families[family] = known.families.get(family, 0) + 1
        if work.passed:
            best = _best(work.passed[0], number)
            if known.best is None or _rank(best) < _rank(known.best):
                known.best = best
        if known.is_surely_solved and not known.solved_in:
            known.solved_in = number


def _best(candidate: Candidate, number: int) -> Best:
    return Best(
        md5=candidate.md5,
        first_line=candidate.text.splitlines()[1].strip(),
        demos=candidate.score.demos,
        demos_right=candidate.score.demos_right,
        size=candidate.program.size,
        fuel=candidate.fuel,
        round=number,
    )


def _rank(best: Best) -> tuple[object, ...]:
    return (-best.total, best.size, best.fuel, best.md5)


def _card(offers: Sequence[tuple[Offer, str]], sources: Mapping[str, str]) -> Card:
    return tuple(
        Dealt(body, from_line(offer.line), sources.get(body, SOURCE)) for offer, body in offers
    )
