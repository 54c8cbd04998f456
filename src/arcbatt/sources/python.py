"""Sources of other people in Python: ``--sources module:Class``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from arcbatt.candidates import (
    LOG2_WEIGHT_MAX,
    Effort,
    Proposal,
    Stop,
    StopReason,
    Weighted,
)
from arcbatt.contract import Known, Source, SourceBudget, TaskView
from arcbatt.errors import UsageError


class PythonSource:
    """Wraps a source of other people, whose errors cost only its own proposals.

    Args:
        name: the name that the user gave, ``module:Class``.
        source: an object with a method ``propose``, see `arcbatt.contract.Source`.
    """

    is_slow = True

    def __init__(self, name: str, source: Any) -> None:
        self.name = name
        self._source = source

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        """Return the proposals of the source; raises UsageError if it returned anything else."""
        began = time.process_time()
        try:
            proposals = list(self._source.propose(tasks, known, budget))
        except Exception as error:
            note = f"stopped: {self.name} failed: {type(error).__name__}: {error}"
            effort = Effort((time.process_time() - began) / max(1, len(tasks)))
            return [Proposal((), effort, StopReason(Stop.FAILED, note=note))] * len(tasks)
        if len(proposals) != len(tasks) or not all(map(_is_proposal, proposals)):
            raise UsageError(
                problem=f"the source {self.name!r} has to return a list of {len(tasks)} objects of"
                " arcbatt.candidates.Proposal, one for each task, with programs of the class"
                f" Weighted; it returned {proposals!r:.200}"
            )
        return proposals


def _is_proposal(value: Any) -> bool:
    """Return whether a value is a proposal, down to its fields, which may hold anything.

    >>> _is_proposal(Proposal(())), _is_proposal(Proposal(["vmirror"]))
    (True, False)
    """
    if not isinstance(value, Proposal):
        return False
    programs: Any = value.programs
    effort: Any = value.effort
    stopped: Any = value.stopped
    return (
        isinstance(programs, Sequence)
        and all(map(_is_weighted, programs))
        and isinstance(effort, Effort)
        and isinstance(stopped, StopReason)
    )


def _is_weighted(value: Any) -> bool:
    from arcbatt.program.graph import Program

    if not isinstance(value, Weighted):
        return False
    program: Any = value.program
    bits = value.log2_weight
    return isinstance(program, Program) and (bits is None or abs(bits) <= LOG2_WEIGHT_MAX)


def import_source(name: str) -> Source:
    """Import a class by name and make an object of it without arguments.

    Args:
        name: ``module:Class``; the module may lie in the current folder.

    Raises UsageError if there is no such module or class, or it is no source.
    """
    module, _, attribute = name.partition(":")
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        source = getattr(import_module(module), attribute)()
    except Exception as error:
        raise UsageError(
            problem=f"the source {name!r} can't be made: {type(error).__name__}: {error}"
        ) from error
    if not callable(getattr(source, "propose", None)):
        raise UsageError(problem=f"the source {name!r} has no method propose(tasks, known, budget)")
    return PythonSource(name, source)
