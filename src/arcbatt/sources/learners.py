"""The source ``learners``: programs with rules that are learnt from the demos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from arcbatt.candidates import (
    Effort,
    Proposal,
    Stop,
    StopReason,
    Weighted,
)
from arcbatt.contract import (
    Known,
    NoOptions,
    SourceBudget,
    SourceKind,
    TaskView,
)

if TYPE_CHECKING:
    from arcbatt.context import Context
    from arcbatt.engine import Engine


class LearnersSource(SourceKind):
    """Tries every learner and every template of induction on every task.

    Args:
        engine: the engine that runs the programs; None for the default one.
    """

    name: ClassVar[str] = "learners"
    summary: ClassVar[str] = "programs with rules that are learnt from the demos"
    is_default: ClassVar[bool] = True
    is_slow: ClassVar[bool] = True
    all_fit: ClassVar[bool] = True
    needs_native: ClassVar[bool] = True

    def __init__(self, *, engine: Engine | None = None) -> None:
        self._engine = engine

    @classmethod
    def open(cls, options: NoOptions, context: Context) -> Self:
        """Open the source with the engine of the command."""
        return cls(engine=context.engine)

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        """Propose the learnt programs that fit all demos; tasks share the effort equally."""
        import time

        from arcbatt.engine import open_engine
        from arcbatt.ranking.weights import weight_of_bits
        from arcbatt.search.induction import fit_learners

        if self._engine is None:
            self._engine = open_engine()
        began = time.process_time()
        learnt = fit_learners([each.task for each in tasks], self._engine, threads=budget.threads)
        cpu_s = (time.process_time() - began) / max(1, len(tasks))
        return [
            Proposal(
                [
                    Weighted(
                        f"learner_{number}",
                        each.program,
                        weight_of_bits(each.cost),
                        missed=each.missed,
                    )
                    for number, each in enumerate(fitting, start=1)
                ],
                Effort(cpu_s),
                StopReason(Stop.DONE),
            )
            for fitting in learnt
        ]
