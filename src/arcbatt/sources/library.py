"""The source ``library``: the solvers that ship with the package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from arcbatt.candidates import MergedPrograms, Proposal, Weighted
from arcbatt.contract import (
    Known,
    NoOptions,
    SourceBudget,
    SourceKind,
    TaskView,
)

if TYPE_CHECKING:
    from arcbatt.context import Context
    from arcbatt.tasks import Task


class CommonSource(SourceKind):
    """Proposes the same programs for every task.

    Args:
        programs: the programs.
        hold_out: whether a task gets no program that is named after it.

    Attributes:
        common: the proposal for every task.
    """

    def __init__(self, programs: Sequence[Weighted], *, hold_out: bool = False) -> None:
        self.common = Proposal(programs)
        self._hold_out = hold_out

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        """Propose all programs for every task, or all that are not named after it."""
        if not self._hold_out:
            return [self.common] * len(tasks)
        return [Proposal(hold_out(task.task, self.common.programs)) for task in tasks]


class LibrarySource(CommonSource):
    """Proposes the solvers that ship with the package."""

    name: ClassVar[str] = "library"
    summary: ClassVar[str] = "solvers of training tasks that ship with the package"
    is_default: ClassVar[bool] = True

    @classmethod
    def open(cls, options: NoOptions, context: Context) -> Self:
        """Load the library."""
        source = cls(load_programs(), hold_out=context.hold_out)
        context.common += source.common.programs
        return source


def load_programs() -> MergedPrograms:
    """Load the solvers of the library."""
    from arcbatt.library import load_merged_library

    return MergedPrograms.of(load_merged_library(), origin=LibrarySource.name)


def hold_out(task: Task, programs: Sequence[Weighted]) -> Sequence[Weighted]:
    """Return the programs that are not named after a task, or after one of the same content.

    It is the same sequence if none is.
    """
    from arcbatt.program.names import form_of_id, forms_in_name
    from arcbatt.tasks import names_of

    forms = frozenset(map(form_of_id, names_of(task)))
    kept = [each for each in programs if forms.isdisjoint(forms_in_name(each.name))]
    return programs if len(kept) == len(programs) else kept
