"""Sources of other people in Python: ``--sources module:Class``."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
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

    is_slow = is_brought = True

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
        except (Exception, SystemExit) as error:
            note = f"stopped: {self.name} failed: {_describe(error)}"
            effort = Effort((time.process_time() - began) / max(1, len(tasks)))
            return [Proposal((), effort, StopReason(Stop.FAILED, note=note))] * len(tasks)
        if len(proposals) != len(tasks) or not all(map(_is_proposal, proposals)):
            raise UsageError(
                problem=f"the source {self.name!r} has to return a list of {len(tasks)} objects of"
                " arcbatt.candidates.Proposal, one for each task, with programs of the class"
                f" Weighted; it returned {proposals!r:.200}"
            )
        return proposals


def _describe(error: BaseException) -> str:
    """Return the class and the message of an error, whose own code may fail too."""
    try:
        message = str(error)
    except Exception:
        message = "its message can't be read"
    return f"{type(error).__name__}: {message}".encode(errors="backslashreplace").decode()


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
        and _is_effort(effort.cpu_s, effort.evaluations, effort.bytes, effort.details)
        and isinstance(stopped, StopReason)
        and _is_stop_reason(stopped.stop, stopped.limit, stopped.note)
    )


def _is_effort(cpu_s: Any, evaluations: Any, peak: Any, details: Any) -> bool:
    return (
        all(map(_is_number, (cpu_s, evaluations, peak)))
        and isinstance(details, Mapping)
        and all(map(_is_text, details))
        and all(map(_is_number, details.values()))
    )


def _is_stop_reason(stop: Any, limit: Any, note: Any) -> bool:
    return isinstance(stop, Stop) and (limit is None or _is_number(limit)) and _is_text(note)


def _is_weighted(value: Any) -> bool:
    from arcbatt.program.graph import Program

    if not isinstance(value, Weighted):
        return False
    program: Any = value.program
    bits, missed = value.log2_weight, value.missed
    return (
        isinstance(program, Program)
        and _is_text(value.name)
        and _is_text(value.origin)
        and (bits is None or (_is_number(bits) and abs(bits) <= LOG2_WEIGHT_MAX))
        and (missed is None or (_is_number(missed) and missed >= 0))
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _is_text(value: Any) -> bool:
    """Return whether a value is text that can be printed; half a surrogate pair can't."""
    return isinstance(value, str) and not any("\ud800" <= each <= "\udfff" for each in value)


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
    except (Exception, SystemExit) as error:
        raise UsageError(
            problem=f"the source {name!r} can't be made: {_describe(error)}"
        ) from error
    if not callable(getattr(source, "propose", None)):
        raise UsageError(problem=f"the source {name!r} has no method propose(tasks, known, budget)")
    return PythonSource(name, source)
