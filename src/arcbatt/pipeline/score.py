"""Score: run each batt on every demo sample and test input."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from arcbatt.batt import Batt, join, merge
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job
from arcbatt.engine.outcome import cpu_seconds
from arcbatt.pipeline.switches import Switches
from arcbatt.pipeline.work import Card, Scored, Work
from arcbatt.profile.timings import Timings


def merge_cards(works: Sequence[Work], switches: Switches) -> None:
    """Give each work the batt of its card; works with the same card share one."""
    batts: dict[int, Batt] = {}
    for work in works:
        key = id(work.card if switches.caches else work)
        if key not in batts:
            batts[key] = _merge(work.card, switches)
        work.batt = batts[key]


def _merge(card: Card, switches: Switches) -> Batt:
    named = ((dealt.name, dealt.program) for dealt in card)
    if switches.sharing and switches.bodies:
        return merge(named)
    return join(named, sharing=switches.sharing, bodies=switches.bodies)


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
