"""Submissions: the programs of a round, their transfer to other tasks, validation, archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from arcbatt import interrupts
from arcbatt.archive import AddStatus, Archive
from arcbatt.candidates import Candidate, Weighted, Work
from arcbatt.contract import GivenPrograms
from arcbatt.differs import Differs
from arcbatt.engine import Budget, Engine, Job
from arcbatt.engine.breeder import Bred
from arcbatt.engine.cases import TaskCases
from arcbatt.engine.outcome import EXACT
from arcbatt.evolve.loop import RoundResult
from arcbatt.evolve.population import HallOfFame
from arcbatt.pipeline.run import Run, Settings
from arcbatt.pipeline.saving import new_entry
from arcbatt.program.merge import merge
from arcbatt.program.render import from_compact
from arcbatt.tasks import Task
from arcbatt.timings import Timings

SOURCE = "evolution"
"""The name under which the archive records the source of new programs."""
SUBMISSIONS_MAX = 12
"""Largest number of programs of a task that are validated in one round."""
FAMILY_MAX = 8
"""Largest number of programs of one family, see `family_of`, that are added to the archive."""
BATCH = 20
"""Number of tasks that go through the phases together."""
SENT_MAX = 6
"""Number of new programs of each task that are tried on all other tasks in a round."""
TAKEN_MAX = 4
"""Largest number of programs that a task gets from other tasks in a round."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A program that may be validated.

    Attributes:
        compact: compact form of the program.
        scores: scores on the demos by equal cells, each 0..1000.
        size: number of nodes.
        fuel: fuel on all samples together.
        parents: compact forms of the parents.
        behaviour: digest of the outputs on all samples; None where it is not known yet.
        is_new: whether the program was made in this round.
    """

    compact: str
    scores: tuple[int, ...]
    size: int
    fuel: int
    parents: tuple[str, ...] = ()
    behaviour: int | None = None
    is_new: bool = False

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """The key of an ascending sort, the best first."""
        return (-sum(self.scores), self.size, self.fuel, self.compact)

    @property
    def family(self) -> str:
        """The family of the program, see `family_of`."""
        return family_of(self.scores, self.size)


def family_of(scores: Sequence[int], size: int) -> str:
    """Return the family of a program: its right demos, and the number of bits of its size.

    >>> family_of((1000, 999), 9)
    '10/4'
    """
    return "".join("01"[score == EXACT] for score in scores) + f"/{size.bit_length()}"


def submissions_of(result: RoundResult, donors: Sequence[str]) -> list[Submission]:
    """Return the programs of a task after a round, with their parents.

    Args:
        result: the result of the round.
        donors: compact forms of the parents for every task.
    """
    return [
        Submission(
            compact=bred.line,
            scores=bred.scores,
            size=bred.size,
            fuel=bred.fuel,
            parents=tuple(origins[place] for place in bred.origins) if bred.is_new else (),
            behaviour=bred.behaviour,
            is_new=bred.is_new,
        )
        for began_with, findings in zip(result.islands, result.findings, strict=True)
        for origins in [(*began_with, *donors)]
        for bred in findings.members
    ]


def transfer(
    submissions: Mapping[str, Sequence[Submission]],
    cases: Mapping[str, TaskCases],
    *,
    engine: Engine,
    budget: Budget,
    threads: int,
) -> dict[str, list[Submission]]:
    """Run the best new programs of each task on all other tasks, merged into one batt.

    Returns for each task the best of the programs that are right on at least one of its demos.

    Args:
        submissions: the programs of each task after a round.
        cases: the cases of the tasks.
        engine: the engine that evaluates the programs.
        budget: bounds of an evaluation.
        threads: number of samples that may run at once, 1 or more.
    """
    homes: dict[str, set[str]] = {}
    parents: dict[str, tuple[str, ...]] = {}
    for task, each_of in submissions.items():
        new = sorted((each for each in each_of if each.is_new), key=lambda each: each.rank)
        parents |= {each.compact: each.parents for each in new}
        for compact in list(dict.fromkeys(each.compact for each in new))[:SENT_MAX]:
            homes.setdefault(compact, set()).add(task)
    if not homes:
        return {}
    batt = merge((compact, from_compact(compact)) for compact in homes)
    jobs = [Job(batt.graph, each.demos) for each in cases.values()]
    evaluations = engine.evaluate(jobs, budget, threads=threads)
    taken = {}
    for (task, each), evaluation in zip(cases.items(), evaluations, strict=True):
        demos = range(len(each.demos))
        scores = list(zip(*map(evaluation.scores_of, demos), strict=True))
        fuels = list(zip(*map(evaluation.fuel_of, demos), strict=True))
        found = [
            Submission(
                compact=names[0],
                scores=scores[root],
                size=program.size,
                fuel=sum(fuels[root]),
                parents=parents[names[0]],
            )
            for root, (names, program) in enumerate(zip(batt.names, batt.programs, strict=True))
            if task not in homes[names[0]] and EXACT in scores[root]
        ]
        taken[task] = sorted(found, key=lambda each: each.rank)[:TAKEN_MAX]
    return taken


@dataclass(frozen=True, slots=True)
class BestFound:
    """The best program of a task that passed validation.

    Attributes:
        md5: the md5 of its text.
        first_line: the first line of its text after the ``def``.
        demos: its scores on the demos, each 0..1000.
        demos_right: number of demos that are exactly right.
        size: number of its nodes.
        fuel: fuel on all samples together.
        round: the number of the round in which it was found, from 1.
    """

    md5: str
    first_line: str
    demos: tuple[int, ...]
    demos_right: int
    size: int
    fuel: int
    round: int

    @property
    def total(self) -> int:
        """The o_score."""
        return sum(self.demos)

    @property
    def is_exact(self) -> bool:
        """Whether all demos are right."""
        return self.demos_right == len(self.demos)

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """The key of an ascending sort, the best first."""
        return (-self.total, self.size, self.fuel, self.md5)


@dataclass
class Submitted:
    """The programs that were submitted for a task.

    Attributes:
        bodies: body hashes of the programs that were validated.
        families: number of programs of each family that passed.
        best: the best program that passed.
        behaviours: behaviours of the exact programs that passed, by md5.
        waiting: md5s of the exact programs that passed and whose behaviour is not known yet, by
            compact form.
    """

    bodies: list[str] = field(default_factory=list)
    families: dict[str, int] = field(default_factory=dict)
    best: BestFound | None = None
    behaviours: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)

    @property
    def is_solved(self) -> bool:
        """Whether a program that passed validation is right on all demos."""
        return self.best is not None and self.best.is_exact

    def learn(self, members: Iterable[Bred]) -> None:
        """Fill in the behaviours of programs that were submitted without one."""
        for each in members:
            if each.is_exact and (md5 := self.waiting.pop(each.line, None)) is not None:
                self.behaviours[md5] = each.behaviour

    def weights(self, hall: HallOfFame) -> dict[str, float]:
        """Return the weights of the exact programs that passed, by md5."""
        weights = hall.weights()
        return {
            md5: weights[behaviour]
            for md5, behaviour in self.behaviours.items()
            if behaviour in weights
        }


def choose(submissions: Sequence[Submission], known: Submitted) -> list[tuple[Submission, str]]:
    """Choose the programs to validate: the best of each family first, no body twice.

    Returns the submissions with their body hashes.
    """
    seen = set(known.bodies)
    counts: dict[str, int] = {}
    ranked: list[tuple[int, int, Submission]] = []
    for place, each in enumerate(sorted(submissions, key=lambda each: each.rank)):
        family = each.family
        counts[family] = counts.get(family, 0) + 1
        if counts[family] + known.families.get(family, 0) <= FAMILY_MAX:
            ranked.append((counts[family], place, each))
    chosen: list[tuple[Submission, str]] = []
    for _, _, each in sorted(ranked, key=lambda item: item[:2]):
        body = from_compact(each.compact).body_hash
        if body not in seen and len(chosen) < SUBMISSIONS_MAX:
            seen.add(body)
            chosen.append((each, body))
    return chosen


@dataclass(frozen=True)
class Validation:
    """Validates submissions and adds them to the archive.

    Attributes:
        engine: the engine that evaluates them.
        threads: number of samples that may run at once, 1 or more.
        differs: the differs for partial credit; None for the share of equal cells.
        archive: the archive to which programs that passed are added.
        timings: the timings of the run, filled while it runs.
    """

    engine: Engine
    threads: int
    differs: Differs | None
    archive: Archive
    timings: Timings

    def submit(
        self, tasks: Sequence[Task], programs: Mapping[str, Sequence[Weighted]]
    ) -> list[Work]:
        """Run the phases of the pipeline on programs; nothing is saved."""
        run = Run(
            tasks=tasks,
            sources=[GivenPrograms(programs, name=SOURCE)],
            engine=self.engine,
            settings=Settings(jobs=self.threads),
            differs=self.differs,
            timings=self.timings,
        )
        return run.work_on(tasks)

    def submit_round(
        self,
        tasks: Mapping[str, Task],
        submissions: Mapping[str, Sequence[Submission]],
        states: Mapping[str, Submitted],
        *,
        number: int,
        origins: Mapping[str, str],
    ) -> tuple[int, int]:
        """Validate the submissions of a round and add those that passed to the archive.

        Returns the number of programs that passed, and of those that are new or better in the
        archive.

        Args:
            tasks: the tasks, by id.
            submissions: the programs of each task, of which some are chosen.
            states: the earlier submissions of each task, which are updated.
            number: the number of the round, from 1.
            origins: origins of programs that evolution did not make, by body hash.

        Raises ArchiveError if the archive can't be written.
        """
        passed = saved = 0
        chosen = {task: choose(each, states[task]) for task, each in submissions.items()}
        ids = [task for task, pairs in chosen.items() if pairs]
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            programs = {
                task: [
                    Weighted(body, from_compact(each.compact), origin=origins.get(body, ""))
                    for each, body in chosen[task]
                ]
                for task in batch
            }
            with interrupts.release():
                works = self.submit([tasks[task] for task in batch], programs)
            saved += self._save(works, chosen, states)
            passed += sum(len(work.passed) for work in works)
            for work in works:
                states[work.task.id].bodies.extend(body for _, body in chosen[work.task.id])
                _note(work, states[work.task.id], number)
        return passed, saved

    def _save(
        self,
        works: Sequence[Work],
        chosen: Mapping[str, Sequence[tuple[Submission, str]]],
        states: Mapping[str, Submitted],
    ) -> int:
        entries = []
        for work in works:
            by_body = {body: each for each, body in chosen[work.task.id]}
            for candidate in work.passed:
                each = by_body[candidate.names[0]]
                if candidate.score.is_exact and each.behaviour is None:
                    states[work.task.id].waiting[each.compact] = candidate.md5
                elif candidate.score.is_exact and each.behaviour is not None:
                    states[work.task.id].behaviours[candidate.md5] = each.behaviour
                entries.append(
                    new_entry(
                        work.task.key,
                        candidate,
                        parents=tuple(sorted({from_compact(one).md5 for one in each.parents})),
                    )
                )
        statuses = self.archive.add_many(entries)
        return sum(status is not AddStatus.REFUSED for status in statuses)


def _note(work: Work, known: Submitted, number: int) -> None:
    for candidate in work.passed:
        family = family_of(candidate.score.demos, candidate.program.size)
        known.families[family] = known.families.get(family, 0) + 1
    if work.passed:
        best = _best(work.passed[0], number)
        if known.best is None or best.rank < known.best.rank:
            known.best = best


def _best(candidate: Candidate, number: int) -> BestFound:
    return BestFound(
        md5=candidate.md5,
        first_line=candidate.text.splitlines()[1].strip(),
        demos=candidate.score.demos,
        demos_right=candidate.score.demos_right,
        size=candidate.program.size,
        fuel=candidate.fuel,
        round=number,
    )
