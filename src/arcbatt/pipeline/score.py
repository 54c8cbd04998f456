"""Score: run each batt on every demo sample and test input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from arcbatt.batt import Batt, join, merge
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job
from arcbatt.engine.outcome import cpu_seconds
from arcbatt.pipeline.deal import MergedCard
from arcbatt.pipeline.switches import ALL_ON, Switches
from arcbatt.pipeline.work import Card, Scored, Work
from arcbatt.profile.timings import Timings

if TYPE_CHECKING:
    from arcbatt.engine.arrays_backends import ArrayBackend


def merge_card(card: Card, switches: Switches = ALL_ON) -> Batt:
    """Return the batt of a card's programs."""
    if not (switches.sharing and switches.bodies):
        named = ((dealt.name, dealt.program) for dealt in card)
        return join(named, sharing=switches.sharing, bodies=switches.bodies)
    if isinstance(card, MergedCard) and switches.caches:
        return card.batt
    return merge((dealt.name, dealt.program) for dealt in card)


def merge_cards(
    works: Sequence[Work],
    switches: Switches = ALL_ON,
    *,
    common: tuple[Card, Callable[[], Batt]] | None = None,
) -> None:
    """Give each work the batt of its card; works with the same card share one.

    Args:
        works: with cards.
        switches: optimisations.
        common: a card that works of other batches have too, and what returns its batt.
    """
    batts: dict[int, Batt] = {}
    for work in works:
        key = id(work.card if switches.caches else work)
        if key not in batts:
            is_common = common is not None and work.card is common[0] and switches.caches
            batts[key] = common[1]() if common and is_common else merge_card(work.card, switches)
        work.batt = batts[key]


def score_candidates(
    works: Sequence[Work],
    engine: Engine,
    budget: Budget,
    *,
    threads: int,
    timings: Timings,
    arrays: ArrayBackend | None = None,
) -> None:
    """Evaluate the batts of all works.

    The demo samples of all works run in one call, then the test inputs in another. A work whose
    evaluation was lost gets the reason as its problem. With an array backend the engine only
    evaluates, and the outputs are scored by arrays.
    """
    run = _Scoring(engine, budget, threads, timings)
    if arrays is None:
        demos = run.evaluate("demo", works, lambda work: work.demo_cases)
    else:
        demos = run.evaluate("demo", works, _unscored_cases)
        with timings.measure("run_batt.batch_arrays"):
            demos = _score_by_arrays(works, demos, arrays)
    tests = run.evaluate("test", works, lambda work: work.test_cases)
    for work, demo, test in zip(works, demos, tests, strict=True):
        work.problem = demo.problem or test.problem
        batt = merged(work)
        work.counts.dealt = batt.programs_merged
        work.counts.bodies = len(batt.names)
        work.scored = Scored(demo, test)


def _unscored_cases(work: Work) -> list[Case]:
    return [replace(case, wanted=None) for case in work.demo_cases]


def _score_by_arrays(
    works: Sequence[Work], demos: Sequence[Evaluation], arrays: ArrayBackend
) -> list[Evaluation]:
    from arcbatt.engine.arrays import score_evaluations

    wanted = [[output for _, output in work.task.S] for work in works]
    return [*score_evaluations(demos, wanted, arrays)]


def merged(work: Work) -> Batt:
    """Return the batt of a work; raises ValueError if it was not merged yet."""
    if work.batt is None:
        raise ValueError(f"task {work.task.id} was not merged yet")
    return work.batt


class _Scoring:
    def __init__(self, engine: Engine, budget: Budget, threads: int, timings: Timings) -> None:
        self.engine = engine
        self.budget = budget
        self.threads = threads
        self.timings = timings

    def evaluate(
        self, kind: str, works: Sequence[Work], cases_of: Callable[[Work], list[Case]]
    ) -> list[Evaluation]:
        jobs = [Job(merged(work).graph, cases_of(work)) for work in works]
        with self.timings.measure(f"run_batt.phase4_{kind}_parallel"):
            evaluations = self.engine.evaluate(
                jobs, self.budget, threads=self.threads, keep_outputs=True
            )
        cpu_s = cpu_seconds(evaluations)
        self.timings.add(f"run_batt.phase4_{kind}_cpu", cpu_s=cpu_s, calls=len(jobs))
        return evaluations
