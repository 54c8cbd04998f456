"""What tests of runs share: programs to propose, a small task, engines that count and that lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from arcbatt.candidates import Weighted
from arcbatt.contract import GivenPrograms
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job, RootOutcome, open_engine
from arcbatt.program.graph import extract_program
from arcbatt.program.parse import parse_program, parse_text
from arcbatt.tasks import Sample, Task

Lie = Callable[[RootOutcome], RootOutcome]


def weighted(text: str, **words: float | bool | None) -> list[Weighted]:
    """Return the programs of a text; the words are fields of each."""
    return [Weighted(each.name, each.program, **words) for each in parse_text(text).programs]  # type: ignore[arg-type]


def one(body: str, log2_weight: float | None = None, *, name: str = "one") -> Weighted:
    """Return a program with a weight."""
    program = parse_program(f"def solve(S, I, C): return {body}").program
    return Weighted(name, program, log2_weight)


def given(
    programs: Sequence[Weighted], *tasks: Task, name: str = "given", is_slow: bool = False
) -> GivenPrograms:
    """Return a source that proposes the same programs for each task."""
    source = GivenPrograms({task.id: programs for task in tasks}, name=name)
    source.is_slow = is_slow
    return source


def mirror_task(task_id: str = "00000001", *, with_answer: bool = True) -> Task:
    """Return a task whose rule is to mirror left and right."""

    def sample(*rows: tuple[int, ...], answer: bool = True) -> Sample:
        return Sample(rows, tuple(row[::-1] for row in rows) if answer else None)

    return Task(
        task_id,
        (sample((1, 2, 3), (4, 5, 6)), sample((7, 8), (9, 0))),
        (sample((1, 0), (2, 3), answer=with_answer),),
    )


@dataclass
class CountingEngine:
    """The native or the reference engine, with a note of each program's runs on samples.

    Attributes:
        inner: the engine that evaluates.
        runs: for each kind of work, "batt" or "alone", how often a program ran on an input with
            all demos at hand, by its text and the input.
    """

    inner: Engine = field(default_factory=open_engine)
    runs: dict[str, Counter[tuple[str, object]]] = field(
        default_factory=lambda: {"batt": Counter(), "alone": Counter()}
    )

    @property
    def name(self) -> str:
        return self.inner.name

    def evaluate(
        self, jobs: Sequence[Job], budget: Budget, *, threads: int = 1, keep_outputs: bool = False
    ) -> list[Evaluation]:
        for job in jobs:
            for root in job.graph.roots:
                text = extract_program(job.graph, root).inlined
                for case in job.cases:
                    kind = "batt" if keep_outputs else "alone"
                    self.runs[kind][text, (case.S, case.I)] += 1
        return self.inner.evaluate(jobs, budget, threads=threads, keep_outputs=keep_outputs)

    def trace(self, graph, case: Case, budget: Budget):  # type: ignore[no-untyped-def]
        return self.inner.trace(graph, case, budget)


class LyingEngine:
    """The reference engine, but for one thing that it says otherwise of each root.

    Args:
        lie: what it says instead of the truth.
        keeps_outputs: whether it lies only where outputs are kept (True), as in scoring, or only
            where they are not (False), as in validation; None for everywhere.
    """

    name = "lying"

    def __init__(self, lie: Lie, *, keeps_outputs: bool | None = None) -> None:
        self.inner = open_engine("reference")
        self.lie = lie
        self.keeps_outputs = keeps_outputs

    def evaluate(
        self, jobs: Sequence[Job], budget: Budget, *, threads: int = 1, keep_outputs: bool = False
    ) -> list[Evaluation]:
        found = self.inner.evaluate(jobs, budget, keep_outputs=keep_outputs)
        if self.keeps_outputs not in (None, keep_outputs):
            return found
        return [
            replace(each, outcomes=[[self.lie(root) for root in row] for row in each.outcomes])
            for each in found
        ]

    def trace(self, graph, case: Case, budget: Budget):  # type: ignore[no-untyped-def]
        return self.inner.trace(graph, case, budget)
