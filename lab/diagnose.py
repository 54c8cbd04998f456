"""Diagnose why search does not solve tasks.

    python -m lab.diagnose --split training --evaluations 30000 --results results.jsonl

If the library has a right program for a task, the tool computes what search would need to find it.
Tasks of evaluation splits are for measuring only: for these only the number of tasks of each cause
is shown, and no program is read.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from rich.table import Table
from rich.text import Text

from arcbatt.cli.output import note, open_console
from arcbatt.engine import open_engine
from arcbatt.evaluation.grade import TaskRecord
from arcbatt.evaluation.run import EvaluationRequest, evaluate
from arcbatt.evaluation.task import EvaluationSetup
from arcbatt.library import FOUND, SOLVERS, load_library
from arcbatt.program.graph import Program
from arcbatt.program.names import task_in_name
from arcbatt.program.render import Form, write_body
from arcbatt.report.progress import DelayedProgress
from arcbatt.report.tables import NOTHING, count, new_table, pairs, share
from arcbatt.search.grammar import load_grammar
from arcbatt.search.run import SearchLimits, reached_levels
from arcbatt.sources.search import SearchOptions
from arcbatt.tasks import DATASETS, Dataset, TaskChoice, load_dataset, read_ids
from lab import positive, run
from lab.assembly import Explained, Explainer
from lab.cost_model import Lack

MEASURED = "evaluation"
"""The split that is for measuring only."""
FEWER = 4
"""Divisor of the evaluations with which levels are computed a second time, to measure growth."""
LACKS_OF_TASK = 3
"""Largest number of lacks that are named in the line of a task."""
CALLS_SHOWN = 9
"""Largest number of calls of a part that is shown."""
DOUBLINGS_MAX = 40
"""Largest number of doublings of the evaluations that is shown."""
STEPS = ((0, 0), (1, 5), (6, 10), (11, 20), (21, 40))
"""The ranges of bits for which programs are counted."""


class Cause(StrEnum):
    """The cause why a task is not solved; each task has the first cause that applies."""

    LOST = "lost"
    """The process of the task died."""
    UNANSWERED = "without known outputs"
    """The test outputs of the task are not known."""
    NOT_RANKED = "found but not ranked into the attempts"
    """Programs that fit all demos give the right outputs, but others were chosen."""
    WRONG = "a wrong program fits"
    """All programs that fit all demos are wrong on a test."""
    NOT_EXPRESSIBLE = "not expressible"
    """No program was found, and search can't make the known one."""
    NOT_FOUND = "expressible but not found"
    """No program was found, and search can make the known one."""
    UNKNOWN = "no known program"
    """No program was found, and none is known."""
    NOTHING = "nothing fits"
    """No program was found; whether one is known is not examined."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason why a task is not solved.

    Attributes:
        record: result of the evaluation.
        kind: the cause.
        known: the known program that is nearest to search, or None.
        level: largest cost up to which the first round of search tries all expressions, in bits;
            None where no program is known.
        part: smallest part of the known program that would bring it within the level as one
            call; None if there is none, or if the program is within the level.
    """

    record: TaskRecord
    kind: Cause
    known: Explained | None = None
    level: int | None = None
    part: Program | None = None

    @property
    def bits_short(self) -> int | None:
        """The distance of the most expensive part of the known program from the level, in bits.

        A missing addition counts as `UNKNOWN_BITS`.
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
    """An addition that search lacks, with the tasks that need it.

    Attributes:
        lack: the missing addition.
        tasks: number of tasks whose known programs need it.
        alone: number of these tasks that need nothing else.
        bits_short: least distance of the latter from the level, in bits; None if there are
            none.
    """

    lack: Lack
    tasks: int
    alone: int
    bits_short: int | None


@dataclass(frozen=True)
class Diagnosis:
    """The reasons why tasks of an evaluation are not solved.

    Attributes:
        tasks: number of tasks.
        counts: number of unsolved tasks by cause.
        reasons: one reason per unsolved task; none where the tasks are for measuring only.
        growth: factor of the evaluations for one more bit; None where it is not known.
        is_closed: whether the tasks are for measuring only.
    """

    tasks: int
    counts: Mapping[Cause, int]
    reasons: tuple[Reason, ...]
    growth: float | None
    is_closed: bool

    @cached_property
    def wants(self) -> list[Want]:
        """The additions that search lacks, the most needed first, for tasks without a solution."""
        tasks: Counter[Lack] = Counter()
        short: defaultdict[Lack, list[int]] = defaultdict(list)
        for reason in self.reasons:
            if reason.known is None or reason.kind is Cause.NOT_RANKED:
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

    def doublings(self, reason: Reason) -> float | None:
        """Return the number of doublings of the evaluations that a known program needs."""
        if reason.bits_short is None or self.growth is None:
            return None
        return reason.bits_short * math.log2(self.growth)


def diagnose(
    dataset: Dataset,
    records: Sequence[TaskRecord],
    *,
    attempts: int,
    limits: SearchLimits,
    on_progress: Callable[[], None] = lambda: None,
) -> Diagnosis:
    """Find the reasons why tasks are not solved.

    Args:
        dataset: the tasks.
        records: results of an evaluation of search on them.
        attempts: number of attempts that count, 1..3.
        limits: limits of search in the evaluation.
        on_progress: callback, called after each unsolved task.
    """
    wrong = [record for record in records if not record.is_right(attempts)]
    is_closed = is_for_measuring(dataset)
    reasons = [Reason(record, _cause_of(record)) for record in wrong]
    growth = None
    if not is_closed:
        reasons, growth = _explained(reasons, dataset, limits, on_progress)
    counts = Counter(reason.kind for reason in reasons)
    return Diagnosis(
        tasks=len(records),
        counts={kind: counts[kind] for kind in Cause if counts[kind]},
        reasons=() if is_closed else tuple(reasons),
        growth=growth,
        is_closed=is_closed,
    )


def is_for_measuring(dataset: Dataset) -> bool:
    """Return whether a dataset has tasks of an evaluation split, by its name or by ids."""
    if dataset.split == MEASURED:
        return True
    measured = {id for name in DATASETS for id in load_dataset(name, split=MEASURED).ids}
    return not measured.isdisjoint(dataset.ids)


def _cause_of(record: TaskRecord) -> Cause:
    if record.problem:
        return Cause.LOST
    if not record.known:
        return Cause.UNANSWERED
    if record.is_found:
        return Cause.NOT_RANKED
    return Cause.WRONG if record.fitting else Cause.NOTHING


def _explained(
    reasons: Sequence[Reason],
    dataset: Dataset,
    limits: SearchLimits,
    on_progress: Callable[[], None],
) -> tuple[list[Reason], float | None]:
    """Add to each reason the program of the library that is nearest to search."""
    grammar, programs = load_grammar(), _known_programs()
    explainer = Explainer(grammar, limits, open_engine())
    fewer = replace(limits, evaluations=max(1, limits.evaluations // FEWER))
    whole, levels, known = [], 0, 0
    for reason in reasons:
        task = dataset[reason.record.task]
        if task.id in programs:
            [level] = reached_levels([task], grammar, limits)
            [before] = reached_levels([task], grammar, fewer)
            levels, known = levels + level - before, known + 1
            found = [(explainer.explain(each, task), each) for each in programs[task.id]]
            nearest, program = min(found, key=lambda pair: pair[0].order)
            reason = replace(reason, known=nearest, level=level)
            if reason.kind is not Cause.NOT_RANKED and not reason.is_in_reach:
                reason = replace(reason, part=explainer.part_to_build(program, task, level))
        if reason.kind is Cause.NOTHING:
            reason = replace(reason, kind=_cause_of_known(reason.known))
        whole.append(reason)
        on_progress()
    return whole, _growth(levels, known)


def _cause_of_known(program: Explained | None) -> Cause:
    if program is None:
        return Cause.UNKNOWN
    return Cause.NOT_EXPRESSIBLE if program.way.lacks else Cause.NOT_FOUND


def _growth(levels: int, tasks: int) -> float | None:
    """Return the factor of the evaluations for one bit, from the levels lost with fewer of them."""
    return float(FEWER ** (tasks / levels)) if levels > 0 else None


def _known_programs() -> Mapping[str, Sequence[Program]]:
    """Return the programs of the library by the task that they are named after."""
    programs: defaultdict[str, list[Program]] = defaultdict(list)
    for name in (SOLVERS, FOUND):
        for source in load_library(name):
            task = task_in_name(source.name)
            if task is not None:
                programs[task].append(source.program)
    return programs


def causes_table(diagnosis: Diagnosis) -> Table:
    """Count the tasks of each cause."""
    table = new_table("not solved", ">tasks", ">of all")
    for kind, tasks in diagnosis.counts.items():
        table.add_row(kind, str(tasks), share(tasks, diagnosis.tasks))
    table.add_row(
        "together",
        str(sum(diagnosis.counts.values())),
        share(sum(diagnosis.counts.values()), diagnosis.tasks),
    )
    return table


def reasons_table(diagnosis: Diagnosis) -> Table:
    """List the unsolved tasks by cause, each with what search lacks."""
    table = new_table(
        "task",
        "cause",
        ">bits",
        ">largest part",
        ">level",
        "~what it lacks",
        "~in reach if this were one call",
    )
    order = list(Cause)
    for reason in sorted(diagnosis.reasons, key=lambda one: (order.index(one.kind), _bits(one))):
        known = reason.known
        table.add_row(
            reason.record.task,
            reason.kind,
            str(known.bits) if known else NOTHING,
            str(known.way.bits) if known else NOTHING,
            NOTHING if reason.level is None else str(reason.level),
            held_back(reason, diagnosis),
            _shown_part(reason),
        )
    return table


def _shown_part(reason: Reason) -> str:
    part = reason.part
    return written(part) if part is not None and part.call_count <= CALLS_SHOWN else NOTHING


def written(part: Program) -> str:
    """Write a part of a program on one line."""
    lines, result = write_body(part, Form.INLINED)
    return "; ".join((*lines, result))


def _bits(reason: Reason) -> int:
    return reason.known.way.bits if reason.known else 0


def held_back(reason: Reason, diagnosis: Diagnosis) -> str:
    """Return a line about why a task is not solved."""
    record, known = reason.record, _known(reason, diagnosis)
    fitting = count(record.fitting, "program") + (" fits" if record.fitting == 1 else " fit")
    match reason.kind:
        case Cause.LOST:
            return record.problem
        case Cause.NOT_RANKED:
            late = [test.right_attempt for test in record.tests if test.right_attempt is not None]
            place = f", right at attempt {max(late)}" if len(late) == len(record.tests) else ""
            return fitting + place
        case Cause.WRONG:
            return "; ".join(filter(None, (fitting, known)))
    return known


def _known(reason: Reason, diagnosis: Diagnosis) -> str:
    """Return a text about why search does not find the known program."""
    known, level = reason.known, reason.level
    if known is None or level is None:
        return ""
    if known.way.lacks:
        lacks = [str(lack) for lack in sorted(known.way.lacks)]
        more = len(lacks) - LACKS_OF_TASK
        named = lacks[:LACKS_OF_TASK] + ([f"{more} more"] if more > 0 else [])
        return f"search lacks {', '.join(named)}"
    made = _made(reason)
    if known.dropped:
        return f"{made}, but {known.dropped}"
    if known.way.over:
        return f"{made}, but {known.way.over}"
    if not reason.bits_short:
        return f"{made}, within reach"
    doublings = diagnosis.doublings(reason)
    is_named = doublings is not None and doublings <= DOUBLINGS_MAX
    further = f": about 2^{doublings:.0f} times the evaluations" if is_named else ""
    return f"{made}, {count(reason.bits_short, 'bit')} too far{further}"


def _made(reason: Reason) -> str:
    assert reason.known is not None
    way = reason.known.way
    layers = "one state" if way.layers == 1 else f"{way.layers} layers"
    return layers + (" on an intermediate grid" if way.through else "")


def wants_table(diagnosis: Diagnosis) -> Table:
    """List what search lacks, the most needed first."""
    table = new_table(
        "kind",
        "~what search lacks",
        ">tasks that need it",
        ">and nothing else",
        ">bits too far then",
    )
    for want in diagnosis.wants:
        table.add_row(
            want.lack.kind,
            want.lack.what,
            str(want.tasks),
            str(want.alone),
            NOTHING if want.bits_short is None else str(want.bits_short),
        )
    return table


def reasons_summary(diagnosis: Diagnosis) -> Text:
    """Sum up how far the known programs are out of reach."""
    bits = [reason.bits_short for reason in diagnosis.reasons if reason.kind is Cause.NOT_FOUND]
    far = [each for each in bits if each is not None]
    kept = [
        reason.known
        for reason in diagnosis.reasons
        if reason.kind is Cause.NOT_FOUND and reason.known is not None
    ]
    rows = [
        ("expressible, too far by", _spread(far)),
        ("with a part beyond its cap", str(sum(bool(one.way.over) for one in kept))),
        ("with a value that is dropped", str(sum(bool(one.dropped) for one in kept))),
    ]
    parts = [reason.part.call_count for reason in diagnosis.reasons if reason.part is not None]
    short = sum(calls <= CALLS_SHOWN for calls in parts)
    joined = f"{len(parts)}, {short} of them with at most {CALLS_SHOWN} calls"
    rows.append(("in reach if a part were one call", joined))
    if diagnosis.growth is not None:
        rows.append(("one bit more takes", f"{diagnosis.growth:.2f} times the evaluations"))
    return pairs(rows)


def _spread(bits: list[int]) -> str:
    parts = [
        (
            f"{least} to {most} bits" if most else "nothing",
            sum(least <= one <= most for one in bits),
        )
        for least, most in STEPS
    ]
    parts.append((f"more than {STEPS[-1][1]} bits", sum(one > STEPS[-1][1] for one in bits)))
    return ", ".join(f"{name}: {tasks}" for name, tasks in parts if tasks) or NOTHING


def main(words: Sequence[str] | None = None) -> int:
    """Evaluate search, diagnose and print; returns the exit code."""
    options = _parser().parse_args(words)
    limits = SearchLimits(evaluations=options.evaluations)
    console = open_console()
    with DelayedProgress(open_console(stderr=True)) as progress:
        evaluated = evaluate(
            EvaluationRequest(
                choice=TaskChoice(
                    dataset=options.dataset,
                    split=options.split,
                    ids=tuple(read_ids(options.tasks)),
                ),
                setup=EvaluationSetup(
                    ("search", "learners"),
                    {"search": SearchOptions(evaluations=options.evaluations)},
                ),
                attempts=options.attempts,
                jobs=options.jobs,
                results=options.results,
            ),
            on_start=lambda start: progress.expect(2 * start.measurements - start.done_before),
            on_progress=lambda record: progress.advance(),
        )
        if not evaluated.finished:
            note(evaluated.stopped)
            return 130
        diagnosis = diagnose(
            evaluated.dataset,
            evaluated.records,
            attempts=options.attempts,
            limits=limits,
            on_progress=progress.advance,
        )
    console.print(causes_table(diagnosis), "")
    if diagnosis.is_closed:
        note("tasks of an evaluation split are for measuring only: no more is shown")
        return 0
    if diagnosis.reasons:
        console.print(reasons_table(diagnosis), "")
    if diagnosis.wants:
        console.print(wants_table(diagnosis), "")
    console.print(reasons_summary(diagnosis))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab.diagnose", description="Diagnose why search does not solve tasks."
    )
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="ids, or files of ids; none: all")
    parser.add_argument("--dataset", default="arc-agi-1", help="as in `batt eval` (arc-agi-1)")
    parser.add_argument("--split", help="as in `batt eval`")
    parser.add_argument(
        "--evaluations",
        type=positive,
        default=SearchOptions.evaluations,
        metavar="N",
        help="evaluations of search a task",
    )
    parser.add_argument("--attempts", type=int, choices=(1, 2, 3), default=2, help="that count (2)")
    parser.add_argument("--jobs", type=positive, default=1, help="processes (1)")
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="file of `batt eval --results` to go on from"
    )
    return parser


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
