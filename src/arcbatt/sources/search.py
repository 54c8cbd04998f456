"""The source ``search``: programs that a bottom-up search finds to fit the demos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from arcbatt.candidates import Effort, Proposal, Weighted
from arcbatt.contract import (
    TIME,
    Known,
    SourceBudget,
    SourceKind,
    TaskView,
    option,
)

if TYPE_CHECKING:
    from arcbatt.context import Context
    from arcbatt.search.grammar import Grammar
    from arcbatt.search.run import SearchLimits, SearchResult

MEBIBYTES_MAX = 2**30
"""A memory beyond that of any machine, in MiB."""
FITTING_PART = 4
"""Divisor of the evaluations for a task that a program of another source fits: the program may be
wrong on the tests, but a long search rarely finds a better one."""


@dataclass(frozen=True)
class SearchOptions:
    """Limits of the search for one task.

    Attributes:
        evaluations: number of calls of productions on all samples, 1 or more; None for the effort
            of the run.
        seconds: wall-clock limit, in seconds, > 0; None for no limit.
        memory: memory of the search's own structures, in MiB, 1 or more; None for its part of the
            memory of the run.
    """

    evaluations: int | None = option(
        None,
        "--search-evaluations",
        "search: Calls per task, not --effort.",
        minimum=1,
        maximum=10**15,
    )
    seconds: float | None = option(
        None,
        "--search-seconds",
        "search: Time per task.",
        metavar=TIME,
        is_rare=True,
    )
    memory: int | None = option(
        None,
        "--search-memory",
        "search: Memory per task.",
        metavar="MIB",
        minimum=1,
        maximum=MEBIBYTES_MAX,
        is_rare=True,
    )


class SearchSource(SourceKind):
    """Searches for programs that fit all demos of a task; needs the native engine.

    Args:
        options: the limits per task.
        grammar: the productions with their costs; None for those that ship with the package.
    """

    name: ClassVar[str] = "search"
    summary: ClassVar[str] = "a bottom-up search for programs that fit the demos"
    options: ClassVar[type[SearchOptions]] = SearchOptions
    is_default: ClassVar[bool] = True
    is_slow: ClassVar[bool] = True
    all_fit: ClassVar[bool] = True
    needs_native: ClassVar[bool] = True

    def __init__(
        self, options: SearchOptions | None = None, *, grammar: Grammar | None = None
    ) -> None:
        self.limits = options or SearchOptions()
        self._grammar = grammar

    @classmethod
    def open(cls, options: SearchOptions, context: Context) -> Self:
        """Open the source with the grammar that ships with the package."""
        return cls(options)

    @property
    def grammar(self) -> Grammar:
        """The productions with their costs."""
        if self._grammar is None:
            from arcbatt.search.grammar import load_grammar

            self._grammar = load_grammar()
        return self._grammar

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        """Search for each task, briefly where a program of an earlier source fits."""
        proposals: dict[int, Proposal] = {}
        for is_fitting in (False, True):
            places = [
                place
                for place, task in enumerate(tasks)
                if (task.id in known.fitting) == is_fitting
            ]
            if places:
                limits = self._limits(budget, is_fitting=is_fitting)
                made = self._search([tasks[place] for place in places], limits, budget.threads)
                proposals.update(zip(places, made, strict=True))
        return [proposals[place] for place in range(len(tasks))]

    def _limits(self, budget: SourceBudget, *, is_fitting: bool) -> SearchLimits:
        from arcbatt.engine.processes import memory_share
        from arcbatt.search.run import SearchLimits

        options = self.limits
        evaluations = options.evaluations or budget.evaluations
        if is_fitting:
            evaluations = max(1, evaluations // FITTING_PART)
        seconds = [each for each in (options.seconds, budget.seconds) if each is not None]
        return SearchLimits(
            evaluations,
            seconds=min(seconds, default=None),
            bytes=min(memory_share(budget.threads), (options.memory or MEBIBYTES_MAX) << 20),
        )

    def _search(
        self, tasks: Sequence[TaskView], limits: SearchLimits, threads: int
    ) -> list[Proposal]:
        import time

        from arcbatt.search.run import search

        began = time.process_time()
        results = search([each.task for each in tasks], self.grammar, limits, threads=threads)
        cpu_s = time.process_time() - began
        wall_s = sum(result.seconds for result in results)
        return [
            _proposal(result, cpu_s * result.seconds / wall_s if wall_s else 0.0)
            for result in results
        ]


def _proposal(result: SearchResult, cpu_s: float) -> Proposal:
    from arcbatt.ranking.weights import description_bits, weight_of_bits

    found = (*result.solutions, *result.near)
    solutions = [(description_bits(one.cost, one.derivations), one) for one in found]
    solutions.sort(key=lambda item: item[0])
    return Proposal(
        [
            Weighted(f"search_{number}", one.program, weight_of_bits(bits), missed=one.missed)
            for number, (bits, one) in enumerate(solutions, start=1)
        ],
        Effort(
            cpu_s,
            result.evaluations,
            result.bytes,
            {"states": result.states, "values": result.values, "layers": result.layers},
        ),
        result.stopped,
        result.nearness,
    )
