"""Sources of other people in Python: ``--sources module:Class``."""

from __future__ import annotations

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
from arcbatt.contract import SECONDS_MAX, Known, Source, SourceBudget, TaskView
from arcbatt.errors import UsageError

COUNTS_MAX = 10**15
"""Largest number that a source may count."""
LINE_MAX = 500
"""Largest length of a text of a source, in characters."""


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

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Travel by name: a worker imports the class itself."""
        return import_source, (self.name,)

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
        fault = next(filter(None, map(_fault_of, proposals)), "")
        if len(proposals) != len(tasks) or fault:
            got = fault or f"it returned {len(proposals)} of them"
            raise UsageError(
                problem=f"the source {self.name!r} has to return a list of {len(tasks)} objects of"
                f" arcbatt.candidates.Proposal, one for each task: {got}"
            )
        return proposals


def _describe(error: BaseException) -> str:
    """Return the class and the message of an error, whose own code may fail too."""
    try:
        message = str(error)
    except Exception:
        message = "its message can't be read"
    text = f"{type(error).__name__}: {message}".encode(errors="backslashreplace").decode()
    plain = "".join(each if each.isprintable() else " " for each in text)
    return plain if len(plain) <= LINE_MAX else f"{plain[:LINE_MAX]}..."


def _fault_of(value: Any) -> str:
    """Return what is wrong with a proposal, down to its fields, which may hold anything.

    >>> _fault_of(Proposal(()))
    ''
    >>> _fault_of(Proposal(["vmirror"]))
    "expected a Weighted as program, got 'vmirror'"
    """
    from arcbatt.program.graph import Program

    if not isinstance(value, Proposal):
        return _wrong("a Proposal", "proposal", value)
    programs: Any = value.programs
    if not isinstance(programs, Sequence):
        return _wrong("a sequence", "programs", programs)
    for each in programs:
        if not isinstance(each, Weighted):
            return _wrong("a Weighted", "program", each)
    effort: Any = value.effort
    stopped: Any = value.stopped
    if not isinstance(effort, Effort):
        return _wrong("an Effort", "effort", effort)
    if not isinstance(stopped, StopReason):
        return _wrong("a StopReason", "stopped", stopped)
    nearness: Any = value.nearness
    details: Any = effort.details
    if not isinstance(details, Mapping):
        return _wrong("a mapping", "details", details)
    weight = f"a number from -{LOG2_WEIGHT_MAX} to {LOG2_WEIGHT_MAX}, or None,"
    checks: list[tuple[bool, str, str, Any]] = [
        (_is_number(effort.cpu_s, SECONDS_MAX), "a number of seconds", "cpu_s", effort.cpu_s),
        (_is_count(effort.evaluations), "a whole number", "evaluations", effort.evaluations),
        (_is_count(effort.bytes), "a whole number", "bytes", effort.bytes),
        *((_is_line(name), "a line of text", "name of a detail", name) for name in details),
        *((_is_count(each), "a whole number", "detail", each) for each in details.values()),
        (isinstance(stopped.stop, Stop), "a Stop", "stop", stopped.stop),
        (
            stopped.limit is None or _is_number(stopped.limit, COUNTS_MAX),
            "a number or None",
            "limit",
            stopped.limit,
        ),
        (_is_line(stopped.note), "a line of text", "note", stopped.note),
        (type(stopped.problem) is bool, "True or False", "problem", stopped.problem),
        (nearness is None or _is_number(nearness, 1), "0..1 or None", "nearness", nearness),
    ]
    for each in programs:
        bits, missed = each.log2_weight, each.missed
        checks += [
            (isinstance(each.program, Program), "a Program", "program", each.program),
            (bool(each.name) and _is_line(each.name), "a line of text", "name", each.name),
            (_is_line(each.origin), "a line of text", "origin", each.origin),
            (
                bits is None or (_is_number(bits, LOG2_WEIGHT_MAX, -LOG2_WEIGHT_MAX)),
                weight,
                "log2_weight",
                bits,
            ),
            (type(each.is_total) is bool, "True or False", "is_total", each.is_total),
            (missed is None or _is_count(missed), "a whole number or None", "missed", missed),
        ]
    return next((_wrong(*rest) for is_right, *rest in checks if not is_right), "")


def _wrong(expected: str, name: str, value: Any) -> str:
    try:
        got = f"{value!r:.80}"
    except Exception:
        got = f"something of the class {type(value).__name__}, which can't be printed"
    return f"expected {expected} as {name}, got {got}"


def _is_number(value: Any, most: float, least: float = 0) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and least <= value <= most


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= COUNTS_MAX


def _is_line(value: Any) -> bool:
    """Return whether a value is a line of text that can be printed, not too long a one."""
    return isinstance(value, str) and len(value) <= LINE_MAX and value.isprintable()


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
