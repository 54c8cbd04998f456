"""Nearness: partial credit for outputs that are not exact, and scores of solvers and differs."""

from __future__ import annotations

from collections.abc import Sequence
from operator import add

from arcbatt.candidates import DemoNearness, Score, Work
from arcbatt.differs import Compared, Comparison, Differs, gain, partial_credit
from arcbatt.dsl.types import Grid
from arcbatt.dsl.values import digest as digest_of
from arcbatt.engine import Budget, Engine
from arcbatt.engine.outcome import EXACT
from arcbatt.ranking.score import rank_of
from arcbatt.timings import Timings


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

    The score of an output that is not exact becomes its partial credit by the differs, 0 for an
    output that is no grid of ARC. The candidates are then sorted by their new ranks.
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
                # Running the differs on the same grid again would use the same fuel again.
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
    """Return a demo's input and the distinct outputs of the candidates, as far as grids of ARC.

    Each grid is listed with the digests that stand for it: an output that equals the input shares
    the entry of the input, since its nearness is the same.
    """
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
            grid = candidate.scored.demos.held_grid_of(demo, candidate.position)
            if grid is not None:
                grids.append(((digest,), grid))
    return [(names, given), *grids]


def _added(fuels: tuple[int, ...], compared: Compared) -> tuple[int, ...]:
    return tuple(map(add, fuels, compared.fuels)) if fuels else compared.fuels


def _give_credit(work: Work) -> None:
    for candidate in work.candidates:
        scores = tuple(
            score if score == EXACT else partial_credit(demo.of(digest))
            for score, demo, digest in zip(
                candidate.score.demos, work.nearness, candidate.behaviour, strict=False
            )
        )
        candidate.score = Score(scores, candidate.score.missed, candidate.score.further)
    work.candidates.sort(key=rank_of)


def tally(work: Work) -> None:
    """Add up the d_scores and s_scores of a task from the gains of the solvers that passed.

    The d_score of a solver and a differ is the sum of its gains over the demos. The s_score of a
    differ is the sum of the d_scores of all solvers; it is stored by demo.
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


def differ_scores(work: Work) -> list[tuple[Score, int]]:
    """Return the score and the fuel of each differ for a task; none without solvers.

    The archive stores scores of 0..1000 per demo: half of the mean gain of the task's solvers.
    """
    if not work.d_scores:
        return []
    return [
        (
            Score(tuple(demo[index] // (2 * len(work.d_scores)) for demo in work.s_scores)),
            sum(demo.fuels[index] for demo in work.nearness),
        )
        for index, _ in enumerate(next(iter(work.d_scores.values())))
    ]
