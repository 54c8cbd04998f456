"""Overview: all tasks with their states, chosen by filters and sorted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from arcbatt.errors import ArcbattError
from arcbatt.findings import Finding, Findings, Shelf, TaskState

SORTS: Mapping[str, tuple[str, Callable[[Finding], Any]]] = {
    "id": ("by id", lambda each: each.task),
    "state": ("best state first", lambda each: (list(TaskState).index(each.state), each.task)),
    "sure": ("most confident first", lambda each: (-(each.confidence or 0.0), each.task)),
    "unsure": ("least confident first", lambda each: (each.confidence or 0.0, each.task)),
    "small": ("smallest program first", lambda each: (each.size or 10**9, each.task)),
    "slow": ("most CPU time first", lambda each: (-(each.cpu_s or 0.0), each.task)),
}
"""The orders of the tasks: what people read, and the key."""
CONFIDENCES = (0.9, 0.8, 0.5, 0.2)
SIZES = (3, 5, 10, 20)


@dataclass(frozen=True)
class Choice:
    """The filters of the overview; an empty text filters nothing.

    Attributes:
        split: name of a split.
        state: value of a `TaskState`.
        answers: ``known`` or ``unknown``: whether the test outputs are.
        source: source of the best program.
        confidence: least confidence, as text.
        size: largest size of the best program, in nodes, as text.
        primitive: a primitive that the best program uses.
        q: text in the id.
        sort: key of `SORTS`.
    """

    split: str = ""
    state: str = ""
    answers: str = ""
    source: str = ""
    confidence: str = ""
    size: str = ""
    primitive: str = ""
    q: str = ""
    sort: str = "id"

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Choice:
        """Read the filters of an address; what is unknown is left out."""
        names = cls.__dataclass_fields__
        words = {name: query[name].strip()[:80] for name in names if query.get(name)}
        if words.get("sort") not in SORTS:
            words.pop("sort", None)
        return cls(**words)

    def has(self, finding: Finding, shelf: Shelf) -> bool:
        """Return whether a task passes all filters."""
        task = finding.task
        if self.q.lower() not in task.lower():
            return False
        if self.split and shelf.split_of(task) != self.split:
            return False
        if self.state and finding.state != self.state:
            return False
        if self.source and finding.source != self.source:
            return False
        if self.primitive and self.primitive not in finding.primitives:
            return False
        least, most = _number(self.confidence), _number(self.size)
        if least is not None and (finding.confidence or 0.0) < least:
            return False
        if most is not None and not 0 < finding.size <= most:
            return False
        return not self.answers or self.answers == _answers(shelf, task)

    def tasks(self, findings: Findings, shelf: Shelf) -> list[Finding]:
        """Return the tasks that pass all filters, in the order that was chosen."""
        found = [each for task in shelf if self.has(each := findings.of(task), shelf)]
        return sorted(found, key=SORTS[self.sort][1])


def _number(text: str) -> float | None:
    with suppress(ValueError):
        return float(text)
    return None


def _answers(shelf: Shelf, task: str) -> str:
    with suppress(ArcbattError):
        return "known" if shelf[task].has_answers else "unknown"
    return "unknown"


def choices_of(findings: Findings, shelf: Shelf) -> dict[str, list[tuple[str, str]]]:
    """Return the values of each filter that has a list, with what people read."""
    found = findings.by_task.values()
    sources = sorted({each.source for each in found if each.source})
    primitives = sorted(set().union(*(each.primitives for each in found)))
    lists = {
        "split": [(each, each) for each in shelf.splits],
        "state": [(str(each), str(each)) for each in TaskState],
        "answers": [("known", "known"), ("unknown", "unknown")],
        "source": [(each, each) for each in sources],
        "confidence": [(str(each), f"{each:.0%} or more") for each in CONFIDENCES],
        "size": [(str(each), f"{each} nodes or less") for each in SIZES],
        "primitive": [(each, each) for each in primitives],
    }
    lists["sort"] = [(key, words) for key, (words, _) in SORTS.items()]
    return lists
