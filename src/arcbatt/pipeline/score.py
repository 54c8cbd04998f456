"""Score: run each batt on every demo sample and test input."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from arcbatt.batt import Batt, merge
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job
from arcbatt.engine.outcome import cpu_seconds
from arcbatt.pipeline.deal import MergedCard
from arcbatt.pipeline.work import Card, Scored, Work
from arcbatt.profile.timings import Timings


def merge_card(card: Card) -> Batt:
    """Return the batt of a card's programs."""
    if isinstance(card, MergedCard):
        return card.batt
    return merge((dealt.name, dealt.program) for dealt in card)


def merge_cards(
    works: Sequence[Work], *, common: tuple[Card, Callable[[], Batt]] | None = None
) -> None:
    """Give each work the batt of its card; works with the same card share one.

    Args:
        works: with cards.
        common: a card that works of other batches have too, and what returns its batt.
    """
    batts: dict[int, Batt] = {}
    for work in works:
        key = id(work.card)
        if key not in batts:
            is_common = common is not None and work.card is common[0]
            batts[key] = common[1]() if common and is_common else merge_card(work.card)
        work.batt = batts[key]


def score_candidates(
    works: Sequence[Work], engine: Engine, budget: Budget, *, threads: int, timings: Timings
) -> None:
    """Evaluate the batts of all works.

    The demo samples of all works run in one call, then the test inputs in another. A work whose
    evaluation was lost gets the reason as its problem.
    """
    run = _Scoring(engine, budget, threads, timings)
    demos = run.evaluate("demo", works, lambda work: work.demo_cases)
    tests = run.evaluate("test", works, lambda work: work.test_cases)
    for work, demo, test in zip(works, demos, tests, strict=True):
        work.problem = demo.problem or test.problem
        batt = merged(work)
        work.counts.dealt = batt.programs_merged
        work.counts.bodies = len(batt.names)
        work.scored = Scored(demo, test)


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
