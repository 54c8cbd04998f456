"""Why: what holds back the tasks that search does not solve.

Where a right program of a task is known, what search would need to find it is computed from that.
The tasks of evaluation splits are for measuring only: of them no more is told than how many have a
right program that was not chosen, a wrong one that fits all demos, or none.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from arcbatt.engine import open_engine
from arcbatt.errors import UsageError
from arcbatt.evaluation.judge import TaskRecord
from arcbatt.evaluation.run import Evaluated, Request
from arcbatt.evolve.deal import task_of
from arcbatt.library import FOUND, SOLVERS, load_library
from arcbatt.pipeline.deal import SEARCH
from arcbatt.program.graph import Program
from arcbatt.search.functions import load_moves
from arcbatt.search.price import Lack
from arcbatt.search.run import reached_levels
from arcbatt.search.ways import Explained, Explainer
from arcbatt.tasks import DATASETS, Dataset, load_dataset

MEASURED = "evaluation"
"""The split that is for measuring only."""
LESS_NODES = 4
"""Levels are looked at with so many times fewer nodes too, to see how fast they grow."""


class Class(StrEnum):
    """Why a task is not solved; each task is of the first class that fits it."""

    LOST = "lost"
    """Its process died."""
    UNANSWERED = "without known outputs"
    """Nobody can tell whether it is right."""
    NOT_RANKED = "found but not ranked into the attempts"
    """Programs that fit all demos give the right outputs, but others were chosen."""
    WRONG = "a wrong program fits"
    """All programs that fit all demos are wrong on a test."""
    NOT_EXPRESSIBLE = "not expressible"
    """No program was found, and the known one is none of search."""
    NOT_FOUND = "expressible but not found"
    """No program was found, and the known one is one of search."""
    UNKNOWN = "no known program"
    """No program was found, and none is known."""
    NOTHING = "nothing fits"
    """No program was found; whether one is known is not looked at."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a task is not solved.

    Attributes:
        record: what the evaluation says of it.
        kind: the class.
        known: the known program that is nearest to search, as search would make it; or None.
        level: bits up to which search tries all expressions, in its first round; None where no
            program is known.
        part: of the known program, the smallest that as one call would bring it within the level;
            None where there is none, or no need of one.
    """

    record: TaskRecord
    kind: Class
    known: Explained | None = None
    level: int | None = None
    part: Program | None = None

    @property
    def bits_short(self) -> int | None:
        """Bits by which the dearest part of a known program is beyond the level.

        Of what search lacks it is a guess, see `UNKNOWN_BITS`.
        """
        if self.known is None or self.level is None:
            return None
        return max(0, self.known.way.bits - self.level)

    @property
    def is_in_reach(self) -> bool:
        """Whether search could have found the known program."""
        known = self.known
        return (
            known is not None
            and not (known.way.lacks or known.way.over or known.dropped)
            and self.bits_short == 0
        )


@dataclass(frozen=True, slots=True)
class Want:
    """Something that search lacks.

    Attributes:
        lack: it.
        tasks: whose known programs want it.
        alone: those of them that want nothing else.
        bits_short: the fewest bits by which one of these would still be beyond the level; None if
            there are none.
    """

    lack: Lack
    tasks: int
    alone: int
    bits_short: int | None


@dataclass(frozen=True)
class Reasons:
    """Why the tasks of an evaluation are not solved.

    Attributes:
        tasks: that were evaluated.
        counts: tasks that are not solved, of each class.
        reasons: one for each of these tasks; none where the tasks are for measuring only.
        growth: how many times the nodes one more level takes; None where nothing is known of it.
        is_closed: whether the tasks are for measuring only.
    """

    tasks: int
    counts: Mapping[Class, int]
    reasons: tuple[Reason, ...]
    growth: float | None
    is_closed: bool

    @cached_property
    def wants(self) -> list[Want]:
        """What search lacks, the most wanted first.

        Tasks with a right program that was not ranked are left out.
        """
        tasks: Counter[Lack] = Counter()
        short: defaultdict[Lack, list[int]] = defaultdict(list)
        for reason in self.reasons:
            if reason.known is None or reason.kind is Class.NOT_RANKED:
                continue
            lacks = reason.known.way.lacks
            tasks.update(lacks)
            if len(lacks) == 1 and reason.bits_short is not None:
                short[min(lacks)].append(reason.bits_short)
        wants = [
            Want(lack, count, len(short[lack]), min(short[lack], default=None))
            for lack, count in tasks.items()
        ]
        return sorted(wants, key=lambda want: (-want.tasks, -want.alone, want.lack))

    def nodes_bits(self, reason: Reason) -> float | None:
        """Return how often the nodes would have to double for a known program."""
        if reason.bits_short is None or self.growth is None:
            return None
        return reason.bits_short * math.log2(self.growth)


def check_why(request: Request) -> None:
    """Raise UsageError if there is nothing to say of a request."""
    if SEARCH not in request.setup.sources:
        raise UsageError(problem="why tasks are not solved can be said of the source 'search' only")


def find_reasons(
    evaluated: Evaluated, *, on_progress: Callable[[], None] = lambda: None
) -> Reasons:
    """Say why tasks are not solved with the attempts that count.

    Args:
        evaluated: the tasks, with what they came to.
        on_progress: called after each task that is not solved.

    Raises ArcbattError if the functions that search uses can't be read.
    """
    request = evaluated.request
    wrong = [record for record in evaluated.records if not record.is_right(request.attempts)]
    is_closed = is_for_measuring(evaluated.dataset)
    reasons = [Reason(record, _class_of(record)) for record in wrong]
    growth = None
    if not is_closed:
        reasons, growth = _explained(reasons, evaluated, on_progress)
    counts = Counter(reason.kind for reason in reasons)
    return Reasons(
        tasks=len(evaluated.records),
        counts={kind: counts[kind] for kind in Class if counts[kind]},
        reasons=() if is_closed else tuple(reasons),
        growth=growth,
        is_closed=is_closed,
    )


def is_for_measuring(dataset: Dataset) -> bool:
    """Tell whether a set has tasks of an evaluation split, by its name or by their ids."""
    if dataset.split == MEASURED:
        return True
    measured = {id for name in DATASETS for id in load_dataset(name, split=MEASURED).ids}
    return not measured.isdisjoint(dataset.ids)


def _class_of(record: TaskRecord) -> Class:
    if record.problem:
        return Class.LOST
    if not record.known:
        return Class.UNANSWERED
    if record.is_found:
        return Class.NOT_RANKED
    return Class.WRONG if record.fitting else Class.NOTHING


def _explained(
    reasons: Sequence[Reason], evaluated: Evaluated, on_progress: Callable[[], None]
) -> tuple[list[Reason], float | None]:
    """Add what is known of programs of the library."""
    setup = evaluated.request.setup
    table, programs = load_moves(setup.functions), _known_programs()
    explainer = Explainer(table, setup.search, open_engine())
    fewer = replace(setup.search, nodes=max(1, setup.search.nodes // LESS_NODES))
    whole, levels, known = [], 0, 0
    for reason in reasons:
        task = evaluated.dataset[reason.record.task]
        if task.id in programs:
            [level] = reached_levels([task], table, setup.search)
            [before] = reached_levels([task], table, fewer)
            levels, known = levels + level - before, known + 1
            found = [(explainer.explain(each, task), each) for each in programs[task.id]]
            nearest, program = min(found, key=lambda pair: pair[0].order)
            reason = replace(reason, known=nearest, level=level)
            if reason.kind is not Class.NOT_RANKED and not reason.is_in_reach:
                reason = replace(reason, part=explainer.part_to_build(program, task, level))
        if reason.kind is Class.NOTHING:
            reason = replace(reason, kind=_class_of_known(reason.known))
        whole.append(reason)
        on_progress()
    return whole, _growth(levels, known)


def _class_of_known(program: Explained | None) -> Class:
    if program is None:
        return Class.UNKNOWN
    return Class.NOT_EXPRESSIBLE if program.way.lacks else Class.NOT_FOUND


def _growth(levels: int, tasks: int) -> float | None:
    """Return how many times the nodes a level takes, where so many fewer cost some tasks levels."""
    return float(LESS_NODES ** (tasks / levels)) if levels > 0 else None


def _known_programs() -> Mapping[str, Sequence[Program]]:
    """Return the programs of the library by the task that they are named after."""
    programs: defaultdict[str, list[Program]] = defaultdict(list)
    for name in (SOLVERS, FOUND):
        for source in load_library(name):
            task = task_of(source.name)
            if task is not None:
                programs[task].append(source.program)
    return programs
