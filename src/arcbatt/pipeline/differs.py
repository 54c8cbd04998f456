"""Differs: partial credit for outputs that are not exact, and scores of solvers and differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import add

from arcbatt.archive import NewEntry
from arcbatt.archive.records import DIFFER
from arcbatt.differs import Compared, Comparison, Differs, gain, partial_credit
from arcbatt.dsl.types import Grid
from arcbatt.dsl.values import digest as digest_of
from arcbatt.engine import Budget, Engine
from arcbatt.engine.outcome import EXACT
from arcbatt.pipeline.work import DemoNearness, Work
from arcbatt.profile.timings import Timings
from arcbatt.score import RankCorrelation, Score


def score_nearness(
    works: Sequence[Work],
    differs: Differs,
    engine: Engine,
    budget: Budget,
    *,
    threads: int,
    timings: Timings,
) -> None:
    """Run all differs on every distinct output of every demo, once, and give partial credit.

    The score of a demo whose output is not exact becomes the partial credit of what the differs
    say of it; what is no grid of ARC gets none. The candidates are left in the order of their
    new ranks.
    """
    with timings.measure("run_batt.phase4_differs_build"):
        asked = [
            (work, demo, digests, grid)
            for work in works
            if work.candidates
            for demo in range(len(work.task.demos))
            for digests, grid in _grids(work, demo)
        ]
        comparisons = [
            Comparison(work.task.S, grid, work.task.S[demo][1]) for work, demo, _, grid in asked
        ]
    with timings.measure("run_batt.phase4_differs_process"):
        said = differs.compare(comparisons, engine, budget, threads=threads)
        for work in works:
            if work.candidates:
                work.nearness = tuple(DemoNearness() for _ in work.task.demos)
        for (work, demo, digests, _), compared in zip(asked, said, strict=True):
            nearness = work.nearness[demo]
            for digest in digests:
                # Asked about the same grid again, the differs would use the same fuel again.
                nearness.fuels = _added(nearness.fuels, compared)
                if digest == INPUT:
                    nearness.baseline = compared.nearness
                else:
                    nearness.outputs[digest] = compared.nearness
        for work in works:
            _give_credit(work)


INPUT = 0
"""Stands for the digest of a demo's input; an output's digest is never 0."""


def _grids(work: Work, demo: int) -> list[tuple[tuple[int, ...], Grid]]:
    """Return a demo's input and the distinct outputs of the candidates that are grids of ARC.

    Each has its digest. An output that is the input has no place of its own: the differs say of
    the one what they say of the other.
    """
    assert work.scored is not None
    given = work.task.S[demo][0]
    given_digest = digest_of(given)
    names: tuple[int, ...] = (INPUT,)
    grids: list[tuple[tuple[int, ...], Grid]] = []
    seen = set()
    for candidate in work.candidates:
        digest = candidate.behaviour[demo]
        if digest and digest not in seen:
            seen.add(digest)
            if digest == given_digest:
                names = (INPUT, digest)
                continue
            grid = work.scored.demos.held_grid_of(demo, candidate.position)
            if grid is not None:
                grids.append(((digest,), grid))
    return [(names, given), *grids]


def _added(fuels: tuple[int, ...], compared: Compared) -> tuple[int, ...]:
    return tuple(map(add, fuels, compared.fuels)) if fuels else compared.fuels


def _give_credit(work: Work) -> None:
    for candidate in work.candidates:
        candidate.score = Score(
            tuple(
                score if score == EXACT else partial_credit(demo.of(digest))
                for score, demo, digest in zip(
                    candidate.score.demos, work.nearness, candidate.behaviour, strict=False
                )
            )
        )
    work.candidates.sort(key=lambda candidate: candidate.rank)


def tally(work: Work) -> None:
    """Add up the d_scores and s_scores of a work from the gains of the solvers that passed.

    The d_score of a solver and a differ is the sum of its gains over the demos. The s_score of a
    differ is the sum of the d_scores of all solvers; it is kept by demo.
    """
    count = len(work.nearness[0].baseline) if work.nearness else 0
    sums = [(0,) * count for _ in work.nearness]
    known: list[dict[int, tuple[int, ...]]] = [{} for _ in work.nearness]
    for candidate in work.passed:
        total = (0,) * count
        for place, digest in zip(range(len(known)), candidate.behaviour, strict=False):
            gains = known[place].get(digest)
            if gains is None:
                demo = work.nearness[place]
                gains = tuple(map(gain, demo.baseline, demo.of(digest)))
                known[place][digest] = gains
            total = tuple(map(add, total, gains))
            sums[place] = tuple(map(add, sums[place], gains))
        work.d_scores[candidate.md5] = total
    work.s_scores = tuple(sums)


def differ_entries(works: Sequence[Work], differs: Differs) -> list[NewEntry]:
    """Return each differ as an entry of the archive for each task, ranked by its s_score.

    The archive keeps scores of 0..1000 a demo: half of the mean gain of the task's solvers.
    """
    return [
        NewEntry(
            task=work.task.id,
            program=program,
            score=Score(tuple(demo[index] // (2 * len(work.d_scores)) for demo in work.s_scores)),
            fuel=sum(demo.fuels[index] for demo in work.nearness),
            nanoseconds=0,
            source=differs.names[index],
            kind=DIFFER,
        )
        for work in works
        if work.d_scores
        for index, program in enumerate(differs.programs)
    ]


@dataclass(slots=True)
class Separation:
    """How well one differ tells exact outputs from others.

    Attributes:
        name: of the differ.
        total: sum of the rank correlations with exactness, one per task.
        tasks: on how many tasks there were both and the differ did not say the same of all.
    """

    name: str
    total: float = 0.0
    tasks: int = 0

    @property
    def mean(self) -> float:
        """Mean rank correlation, -1..1; 0 where there was no task."""
        return self.total / self.tasks if self.tasks else 0.0


def measure_separation(works: Iterable[Work], separations: Sequence[Separation]) -> None:
    """Add for each differ the rank correlation of what it says with exactness on each task."""
    for work in works:
        pairs = [
            (wanted == digest, near)
            for demo, wanted in zip(work.nearness, work.wanted_digests, strict=False)
            for digest, near in demo.outputs.items()
        ]
        exact = [float(right) for right, _ in pairs]
        if len(set(exact)) < 2:
            continue
        exactness = RankCorrelation(exact)
        said = zip(*(near for _, near in pairs), strict=True)
        for separation, numbers in zip(separations, said, strict=True):
            correlation = exactness.with_(numbers)
            if correlation is not None:
                separation.total += correlation
                separation.tasks += 1
