"""Cross-validates how the costs of search's moves are learnt.

Training tasks of ARC-AGI-1 are dealt into folds. Those of a fold are searched with costs that were
learnt from the library's programs for the other folds' tasks alone; the other tasks of the split
`development` with costs from all programs. Each setting changes one thing of how costs are learnt
and is compared task by task with the first one: search is a lottery for tasks at its limit, so a
setting that wins as many tasks as it loses is no better, whatever it comes to.

    python benchmarks/costs.py
    python benchmarks/costs.py --every 1 --json costs.json
    python benchmarks/costs.py --settings 'every call' 'found x6' --nodes 30000 --threads 2
    python benchmarks/costs.py --found renewed.py

`--found` compares with what another file would teach in place of the library's `found.py`.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from engine import machine

from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.library import FOUND, load_library
from arcbatt.program.check import check
from arcbatt.program.graph import Op, Program
from arcbatt.program.parse import SourceProgram, parse_text
from arcbatt.search.costs import Pricing, call_types, count_calls, fit, group_moves, price_table
from arcbatt.search.ground import Instance, expand
from arcbatt.search.learn import FOUND_WEIGHT
from arcbatt.search.moves import list_moves
from arcbatt.search.run import Found, Limits, Searcher
from arcbatt.search.table import CAPS, Table
from arcbatt.tasks import Task, load_dataset

ATTEMPTS = (1, 2, 3)
NODES = 10_000
FOLDS = 2
TRAINING, OTHER = GROUPS = ("training", "other")
Uses = dict[Instance, float]


@dataclass(frozen=True)
class Lesson:
    """A program of the library as what it teaches.

    Attributes:
        task: its task's id.
        program: it.
        is_found: whether search found it; else people wrote it.
        calls: how often it calls each move.
    """

    task: str
    program: Program
    is_found: bool
    calls: Uses

    @property
    def shape(self) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
        """The program without its constants."""
        return tuple(
            (node.op.value, "" if node.op is Op.CONSTANT else node.name, node.args)
            for node in self.program.nodes
        )


def once(lessons: Sequence[Lesson]) -> Iterator[Lesson]:
    """Let a move count once a program, however often it is called there."""
    for one in lessons:
        yield replace(one, calls={move: min(1.0, calls) for move, calls in one.calls.items()})


def every_call(lessons: Sequence[Lesson]) -> Iterator[Lesson]:
    """Let every call count."""
    yield from lessons


def each_shape_once(lessons: Sequence[Lesson]) -> Iterator[Lesson]:
    """Let programs that differ in constants alone count once."""
    yield from once(list({(one.is_found, one.shape): one for one in lessons}.values()))


def by_length(lessons: Sequence[Lesson]) -> Iterator[Lesson]:
    """Let every call count, for less the more calls its program has."""
    for one in lessons:
        share = 3 / math.sqrt(max(1.0, sum(one.calls.values())))
        yield replace(one, calls={move: calls * share for move, calls in one.calls.items()})


@dataclass(frozen=True)
class Setting:
    """One way to learn costs.

    Attributes:
        pricing: how uses become bits.
        written: what a program counts that people wrote.
        found: what one counts that search found.
        take: what of the lessons counts.
        kin: what a use of a primitive counts for its other types, in all of them together.
        caps: bits that a state of some types may cost.
    """

    pricing: Pricing = field(default_factory=Pricing)
    written: float = 1.0
    found: float = FOUND_WEIGHT
    take: Callable[[Sequence[Lesson]], Iterator[Lesson]] = once
    kin: float = 0.0
    caps: Mapping[str, int] = field(default_factory=lambda: CAPS)

    def learn(self, lessons: Sequence[Lesson]) -> Table:
        """Make the table of moves that lessons teach."""
        uses: Uses = defaultdict(float)
        for one in self.take(lessons):
            weight = self.found if one.is_found else self.written
            for move, calls in one.calls.items():
                uses[move] += weight * calls
        return replace(price_table(self._with_kin(uses), self.pricing), type_caps=self.caps)

    def _with_kin(self, uses: Mapping[Instance, float]) -> Mapping[Instance, float]:
        if not self.kin:
            return uses
        moves, _ = list_moves()
        types = Counter(one.name for one in moves)
        totals: dict[str, float] = defaultdict(float)
        for one, count in uses.items():
            totals[one.name] += count
        return {
            one: uses.get(one, 0.0) + self.kin * totals[one.name] / types[one.name] for one in moves
        }


DEFAULT = "as it is"
SETTINGS = {
    DEFAULT: Setting(),
    "without found": Setting(found=0),
    "found x1": Setting(found=1),
    "found x4": Setting(found=4),
    "found x6": Setting(found=6),
    "found alone": Setting(written=0),
    "every call": Setting(take=every_call),
    "each shape once": Setting(take=each_shape_once),
    "long programs for less": Setting(take=by_length),
    "kin 0.1": Setting(kin=0.1),
    "kin 0.5": Setting(kin=0.5),
    "prior 0.2": Setting(Pricing(prior_uses=0.2)),
    "prior 2": Setting(Pricing(prior_uses=2.0)),
    "prior of search 2": Setting(Pricing(fresh_uses=2.0)),
    "prior of search 18": Setting(Pricing(fresh_uses=18.0)),
    "leaves 1.2": Setting(Pricing(leaf_share=1.2)),
    "leaves 2.4": Setting(Pricing(leaf_share=2.4)),
    "makers for nothing": Setting(Pricing(maker_bits=0)),
    "makers for 4 bits": Setting(Pricing(maker_bits=4)),
    "caps 2 lower": Setting(caps={name: bits - 2 for name, bits in CAPS.items()}),
    "caps 2 higher": Setting(caps={name: bits + 2 for name, bits in CAPS.items()}),
    "no caps": Setting(caps={}),
}


def make_lessons(sources: Iterable[SourceProgram], *, is_found: bool) -> list[Lesson]:
    """Count the calls of each program."""
    of_name = group_moves(list_moves()[0])
    return [
        Lesson(
            one.task or one.name.removeprefix("solve_"),
            one.program,
            is_found,
            count_calls(one.program, of_name),
        )
        for one in sources
    ]


def price(program: Program, table: Table) -> int | None:
    """Return the bits of a program's calls; None if one of them is no move.

    What is used twice is paid twice, as in search.
    """
    of_name: dict[str, list[tuple[Instance, int]]] = {}
    for move in table.moves:
        of_name.setdefault(move.instance.name, []).append((move.instance, move.cost))
    types = call_types(map(expand, check(program).types))
    bits: list[int] = []
    for node in program.nodes:
        own = 0
        if node.op is Op.CALL:
            arguments = tuple(types[arg] for arg in node.args)
            fitting = [cost for one, cost in of_name.get(node.name, ()) if fit(arguments, one)]
            if not fitting:
                return None
            own = min(fitting)
        bits.append(own + sum(bits[arg] for arg in node.args))
    return bits[-1]


@dataclass(frozen=True)
class Place:
    """What a search for a task came to.

    Attributes:
        attempt: the first one (1, 2, ...) that is right on all tests; None if there is none.
        nodes: that were tried.
    """

    attempt: int | None
    nodes: int

    def is_right(self, attempts: int) -> bool:
        """Tell whether one of so many attempts is right."""
        return self.attempt is not None and self.attempt <= attempts


def find_place(task: Task, found: Sequence[Found]) -> int | None:
    """Return the first attempt that is right; equal outputs are one attempt."""
    cases = [Case(task.S, test.input) for test in task.tests]
    jobs = [Job(one.program, cases) for one in found]
    seen: dict[tuple[Any, ...], None] = {}
    for done in open_engine("native").evaluate(
        jobs, Budget(sample_seconds=None), keep_outputs=True
    ):
        seen[
            tuple(
                None if outcome.failure else done.output(case, 0)
                for case, (outcome,) in enumerate(done.outcomes)
            )
        ] = None
    wanted = tuple(test.output for test in task.tests)
    return next((place for place, outputs in enumerate(seen, start=1) if outputs == wanted), None)


@dataclass(frozen=True)
class Group:
    """Tasks that are searched with one table.

    Attributes:
        name: of `GROUPS`.
        tasks: they.
        lessons: from which the table is learnt.
        held: programs that search found for tasks that no lesson is about.
    """

    name: str
    tasks: Sequence[Task]
    lessons: Sequence[Lesson]
    held: Sequence[Program]


@dataclass(frozen=True)
class Row:
    """What a setting came to.

    Attributes:
        setting: its name.
        places: by group and task.
        held_bits: mean bits of a program that search found for a task of another fold, or None.
        cpu_s: CPU time of all searches.
    """

    setting: str
    places: dict[str, dict[str, Place]]
    held_bits: float | None
    cpu_s: float

    def right(self, group: str) -> list[int]:
        """Count the tasks that are right with 1, 2 and 3 attempts."""
        places = self.places[group].values()
        return [sum(place.is_right(count) for place in places) for count in ATTEMPTS]

    def against(self, other: Row, group: str) -> tuple[int, int]:
        """Count the tasks that are right here alone, and there alone, with all attempts."""
        pairs = [
            (place.is_right(ATTEMPTS[-1]), other.places[group][task].is_right(ATTEMPTS[-1]))
            for task, place in self.places[group].items()
        ]
        return pairs.count((True, False)), pairs.count((False, True))


def chance(won: int, lost: int) -> float:
    """Return how likely tasks won and lost by coin tosses are as unequal as these, or more."""
    tosses, most = won + lost, max(won, lost)
    tail = sum(math.comb(tosses, heads) for heads in range(most, tosses + 1)) / 2**tosses
    return min(1.0, 2 * tail)


def deal(
    development: Sequence[Task], lessons: Sequence[Lesson], held: Sequence[Lesson], options: Any
) -> list[Group]:
    """Deal the tasks into groups.

    Args:
        development: all tasks of the split.
        lessons: all programs.
        held: programs that were found, to price.
        options: folds, and every so manieth task of each group.
    """
    ids = sorted(load_dataset("arc-agi-1", split="training").ids)
    folds = [set(ids[number :: options.folds]) for number in range(options.folds)]
    groups = [
        Group(
            TRAINING,
            [task for task in development if task.id in fold][:: options.every],
            [one for one in lessons if one.task not in fold],
            [one.program for one in held if one.task in fold],
        )
        for fold in folds
    ]
    others = [task for task in development if task.id not in set(ids)]
    groups.append(Group(OTHER, others[:: options.every], lessons, []))
    return [group for group in groups if group.name in options.groups]


def measure(name: str, setting: Setting, groups: Sequence[Group], options: Any) -> Row:
    """Search for the tasks of all groups with a setting."""
    places: dict[str, dict[str, Place]] = {}
    bits: list[int] = []
    cpu_s = 0.0
    for group in groups:
        table = setting.learn(group.lessons)
        bits += [cost for one in group.held if (cost := price(one, table)) is not None]
        searcher = Searcher(Limits(nodes=options.nodes, learners=False), table=table)
        began = time.process_time()
        done = searcher.search(group.tasks, threads=options.threads)
        cpu_s += time.process_time() - began
        for task, one in zip(group.tasks, done, strict=True):
            place = Place(find_place(task, one.found), one.nodes)
            places.setdefault(group.name, {})[task.id] = place
    return Row(name, places, sum(bits) / len(bits) if bits else None, cpu_s)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--folds", type=int, default=FOLDS, help=f"of the training tasks ({FOLDS})")
    parser.add_argument("--nodes", type=int, default=NODES, help=f"of each search ({NODES:,})")
    parser.add_argument("--every", type=int, default=5, help="take every so manieth task (5)")
    parser.add_argument(
        "--groups", nargs="+", choices=GROUPS, default=GROUPS, help="of tasks (all)"
    )
    parser.add_argument("--threads", type=int, default=1, help="that search tasks (1)")
    parser.add_argument(
        "--settings", nargs="+", metavar="NAME", choices=SETTINGS, default=list(SETTINGS),
        help="of: " + ", ".join(SETTINGS),
    )  # fmt: skip
    parser.add_argument("--found", type=Path, nargs="+", default=[], help="other files to learn by")
    options = parser.parse_args()
    if min(options.every, options.nodes, options.threads) < 1 or options.folds < 2:
        parser.error("expected --folds of 2 or more, --every, --nodes and --threads of 1 or more")
    return options


def read_found(path: Path) -> list[SourceProgram]:
    """Read a file of programs that search found."""
    try:
        parsed = parse_text(path.read_text(encoding="utf-8"), file=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"{path}: expected a file of programs: {error}") from error
    if parsed.errors:
        raise SystemExit(f"{path}: {parsed.errors[0]}")
    return parsed.programs


def print_row(row: Row, first: Row) -> None:
    """Print a row of the table."""
    parts = []
    for group in row.places:
        won, lost = row.against(first, group)
        right = "".join(f"{count:5}" for count in row.right(group))
        parts.append(f"{right}  {f'+{won} -{lost}':>8}  {chance(won, lost):6.2f}")
    bits = "" if row.held_bits is None else f"{row.held_bits:.2f}"
    print(f"{row.setting:24}  {bits:>6}  {'  |'.join(parts)}  {row.cpu_s:7.1f}", flush=True)


def main() -> None:
    """Measure and print."""
    options = parse_options()
    dataset = load_dataset("arc-agi-1", split="development")
    development = sorted(dataset, key=lambda task: task.id)
    written = make_lessons(load_library(), is_found=False)
    found = make_lessons(load_library(FOUND), is_found=True)
    others = {path.name: make_lessons(read_found(path), is_found=True) for path in options.found}
    groups = deal(development, [*written, *found], found, options)
    for name, value in machine().items():
        print(f"{name}: {value}")
    counts: Counter[str] = Counter()
    for group in groups:
        counts[group.name] += len(group.tasks)
    tasks = ", then ".join(f"{count} {name} tasks" for name, count in counts.items())
    print(
        f"{options.folds} folds, {options.nodes:,} nodes a task; tasks right with 1, 2 and 3"
        f" attempts,\nwon and lost against `{DEFAULT}` with 3, and how likely that is by chance:"
        f"\n{tasks}\n"
    )
    head = f"{'1':>5}{'2':>5}{'3':>5}  {'paired':>8}  {'chance':>6}"
    print(f"{'setting':24}  {'bits':>6}  {'  |'.join(head for _ in counts)}  {'CPU s':>7}")
    names = dict.fromkeys((DEFAULT, *options.settings))
    rows: list[Row] = []
    for name in names:
        rows.append(measure(name, SETTINGS[name], groups, options))
        print_row(rows[-1], rows[0])
    for name, other in others.items():
        dealt = deal(development, [*written, *other], found, options)
        rows.append(measure(name, Setting(), dealt, options))
        print_row(rows[-1], rows[0])
    print("\nbits: of the calls of a program of found.py for a task that was held out, mean")
    if options.json:
        document = {
            "machine": machine(), "nodes": options.nodes, "folds": options.folds,
            "rows": [
                asdict(row) | {"right": {name: row.right(name) for name in row.places}}
                for row in rows
            ],
        }  # fmt: skip
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
