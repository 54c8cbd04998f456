"""Fit the costs of the productions of search to the programs of the library.

    python -m lab.fit_costs                      # write them to the package
    python -m lab.fit_costs validate             # cross-validate how they are fitted
    python -m lab.fit_costs validate --every 1 --settings 'every call' 'found x6'
    python -m lab.fit_costs validate --found renewed.py

Cross-validation splits the training tasks of ARC-AGI-1 into folds. The tasks of a fold are searched
with costs fitted to the programs of the other folds alone; the other tasks of the split
`development` with costs fitted to all programs. Each setting changes one thing of the fit and is
compared task by task with the first setting: whether tasks at the limit of search are solved
depends on chance, so a setting that wins as many tasks as it loses is no better.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from scipy import stats

from arcbatt.errors import UsageError
from arcbatt.files import write_atomically
from arcbatt.library import FOUND, load_library
from arcbatt.program.check import check
from arcbatt.program.graph import Op, Program
from arcbatt.program.parse import SourceProgram, parse_text
from arcbatt.ranking.weights import description_bits
from arcbatt.search.grammar import CAPS, FILE, Grammar, list_productions, write_grammar
from arcbatt.search.monomorphise import Instance, expand
from arcbatt.search.run import SearchLimits, Solution, search
from arcbatt.tasks import Task, load_dataset
from lab import positive, run
from lab.costs import (
    CostSettings,
    call_types,
    count_calls,
    count_uses,
    estimate_grammar,
    fit,
    group_productions,
)

ATTEMPTS = (1, 2, 3)
EVALUATIONS = 10_000
FOLDS = 2
TRAINING, OTHER = GROUPS = ("training", "other")
FOUND_WEIGHT = 2.0
"""Weight of a program that search found; a program that people wrote has weight 1, but is often too
long for search."""
Uses = dict[Instance, float]


def weigh_uses(
    written: Iterable[Program], found: Iterable[Program], *, found_weight: float = FOUND_WEIGHT
) -> Uses:
    """Count the programs that use each production.

    Args:
        written: programs that people wrote.
        found: programs that search found.
        found_weight: weight of a program that search found, >= 0.
    """
    moves, _ = list_productions()
    uses = count_uses(written, moves)
    for one, number in count_uses(found, moves).items():
        uses[one] = uses.get(one, 0.0) + number * found_weight
    return uses


def fit_shipped() -> Grammar:
    """Return the grammar with costs fitted to the shipped library."""
    written = [source.program for source in load_library()]
    found = [source.program for source in load_library(FOUND)]
    return estimate_grammar(weigh_uses(written, found))


def write_costs() -> None:
    """Fit the costs and write them to the package."""
    grammar = fit_shipped()
    write_atomically(FILE, write_grammar(grammar))
    print(
        f"{FILE.name}: {len(grammar.productions):,} productions,"
        f" {len(grammar.functions):,} functions"
    )


@dataclass(frozen=True)
class Example:
    """A program of the library to which costs are fitted.

    Attributes:
        task: id of its task.
        program: the program.
        is_found: whether search found it; else people wrote it.
        calls: number of calls of each production.
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


def once(examples: Sequence[Example]) -> Iterator[Example]:
    """Count each production once per program, however often it is called there."""
    for one in examples:
        yield replace(one, calls={move: min(1.0, calls) for move, calls in one.calls.items()})


def every_call(examples: Sequence[Example]) -> Iterator[Example]:
    """Count every call."""
    yield from examples


def each_shape_once(examples: Sequence[Example]) -> Iterator[Example]:
    """Count programs that differ only in constants once."""
    yield from once(list({(one.is_found, one.shape): one for one in examples}.values()))


def by_length(examples: Sequence[Example]) -> Iterator[Example]:
    """Count every call, with a weight that falls with the number of calls of its program."""
    for one in examples:
        share = 3 / math.sqrt(max(1.0, sum(one.calls.values())))
        yield replace(one, calls={move: calls * share for move, calls in one.calls.items()})


@dataclass(frozen=True)
class Setting:
    """One way to fit costs.

    Attributes:
        pricing: parameters of the estimate of costs.
        written: weight of a program that people wrote, >= 0.
        found: weight of a program that search found, >= 0.
        take: function that selects and weighs the calls of the examples.
        kin: weight of a use of a primitive that its productions at other types share, >= 0.
        caps: largest cost of a state by type, in bits.
    """

    pricing: CostSettings = field(default_factory=CostSettings)
    written: float = 1.0
    found: float = FOUND_WEIGHT
    take: Callable[[Sequence[Example]], Iterator[Example]] = once
    kin: float = 0.0
    caps: Mapping[str, int] = field(default_factory=lambda: CAPS)

    def fit(self, examples: Sequence[Example]) -> Grammar:
        """Return the grammar with costs fitted to examples."""
        uses: Uses = defaultdict(float)
        for one in self.take(examples):
            weight = self.found if one.is_found else self.written
            for move, calls in one.calls.items():
                uses[move] += weight * calls
        return replace(estimate_grammar(self._with_kin(uses), self.pricing), type_caps=self.caps)

    def _with_kin(self, uses: Mapping[Instance, float]) -> Mapping[Instance, float]:
        if not self.kin:
            return uses
        moves, _ = list_productions()
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
    "prior 0.2": Setting(CostSettings(prior_uses=0.2)),
    "prior 2": Setting(CostSettings(prior_uses=2.0)),
    "prior of search 2": Setting(CostSettings(fresh_uses=2.0)),
    "prior of search 18": Setting(CostSettings(fresh_uses=18.0)),
    "terminals 1.2": Setting(CostSettings(terminal_share=1.2)),
    "terminals 2.4": Setting(CostSettings(terminal_share=2.4)),
    "combinators for nothing": Setting(CostSettings(combinator_bits=0)),
    "combinators for 4 bits": Setting(CostSettings(combinator_bits=4)),
    "caps 2 lower": Setting(caps={name: bits - 2 for name, bits in CAPS.items()}),
    "caps 2 higher": Setting(caps={name: bits + 2 for name, bits in CAPS.items()}),
    "no caps": Setting(caps={}),
}


def make_examples(sources: Iterable[SourceProgram], *, is_found: bool) -> list[Example]:
    """Count the calls of each program."""
    of_name = group_productions(list_productions()[0])
    return [
        Example(
            one.task or one.name.removeprefix("solve_"),
            one.program,
            is_found,
            count_calls(one.program, of_name),
        )
        for one in sources
    ]


def price(program: Program, grammar: Grammar) -> int | None:
    """Return the cost of a program's calls in bits; None if one of them is no production."""
    of_name: dict[str, list[tuple[Instance, int]]] = {}
    for move in grammar.productions:
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
    """The result of a search for a task.

    Attributes:
        attempt: number of the first attempt that is right on all tests, or None.
        evaluations: number of evaluations.
    """

    attempt: int | None
    evaluations: int

    def is_right(self, attempts: int) -> bool:
        """Return whether one of the first attempts is right."""
        return self.attempt is not None and self.attempt <= attempts


def find_place(task: Task, solutions: Sequence[Solution]) -> int | None:
    """Return the first attempt that is right; equal outputs are one attempt."""
    bits = [description_bits(one.cost, one.derivations) for one in solutions]
    order = sorted(range(len(bits)), key=bits.__getitem__)
    attempts = list(dict.fromkeys(solutions[place].outputs for place in order))
    wanted = tuple(test.output for test in task.tests)
    return attempts.index(wanted) + 1 if wanted in attempts else None


@dataclass(frozen=True)
class Group:
    """Tasks that are searched with the same costs.

    Attributes:
        name: one of `GROUPS`.
        tasks: the tasks.
        examples: programs to which the costs are fitted.
        held: programs that search found for tasks without an example.
    """

    name: str
    tasks: Sequence[Task]
    examples: Sequence[Example]
    held: Sequence[Program]


@dataclass(frozen=True)
class Row:
    """The results of a setting.

    Attributes:
        setting: name of the setting.
        places: results by group and task.
        held_bits: mean cost in bits of a program that was found for a task of a held-out fold.
        cpu_s: CPU time of all searches, in seconds.
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
        """Count the tasks that are right with one of two settings only, with all attempts."""
        pairs = [
            (place.is_right(ATTEMPTS[-1]), other.places[group][task].is_right(ATTEMPTS[-1]))
            for task, place in self.places[group].items()
        ]
        return pairs.count((True, False)), pairs.count((False, True))


def chance(won: int, lost: int) -> float:
    """Return the probability that coin tosses are at least as unequal as the tasks won and lost.

    >>> round(chance(8, 1), 3), chance(0, 0)
    (0.039, 1.0)
    """
    return float(stats.binomtest(won, won + lost).pvalue) if won + lost else 1.0


def split(
    development: Sequence[Task], examples: Sequence[Example], held: Sequence[Example], options: Any
) -> list[Group]:
    """Split the tasks into groups.

    Args:
        development: all tasks of the split.
        examples: all programs.
        held: programs that search found.
        options: options of the command line: number of folds, step between tasks of a group.
    """
    ids = sorted(load_dataset("arc-agi-1", split="training").ids)
    folds = [set(ids[number :: options.folds]) for number in range(options.folds)]
    groups = [
        Group(
            TRAINING,
            [task for task in development if task.id in fold][:: options.every],
            [one for one in examples if one.task not in fold],
            [one.program for one in held if one.task in fold],
        )
        for fold in folds
    ]
    others = [task for task in development if task.id not in set(ids)]
    groups.append(Group(OTHER, others[:: options.every], examples, []))
    return [group for group in groups if group.name in options.groups]


def measure(name: str, setting: Setting, groups: Sequence[Group], options: Any) -> Row:
    """Search for the tasks of all groups with a setting."""
    places: dict[str, dict[str, Place]] = {}
    bits: list[int] = []
    cpu_s = 0.0
    for group in groups:
        grammar = setting.fit(group.examples)
        bits += [cost for one in group.held if (cost := price(one, grammar)) is not None]
        began = time.process_time()
        done = search(
            group.tasks,
            grammar,
            SearchLimits(evaluations=options.evaluations),
            threads=options.threads,
        )
        cpu_s += time.process_time() - began
        for task, one in zip(group.tasks, done, strict=True):
            place = Place(find_place(task, one.solutions), one.evaluations)
            places.setdefault(group.name, {})[task.id] = place
    return Row(name, places, sum(bits) / len(bits) if bits else None, cpu_s)


def read_found(path: Path) -> list[SourceProgram]:
    """Read a file of programs that search found."""
    try:
        parsed = parse_text(path.read_text(encoding="utf-8"), file=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(problem=f"{path}: expected a file of programs: {error}") from error
    if parsed.errors:
        raise parsed.errors[0]
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


def validate(options: argparse.Namespace) -> None:
    """Cross-validate and print."""
    dataset = load_dataset("arc-agi-1", split="development")
    development = sorted(dataset, key=lambda task: task.id)
    written = make_examples(load_library(), is_found=False)
    found = make_examples(load_library(FOUND), is_found=True)
    others = {path.name: make_examples(read_found(path), is_found=True) for path in options.found}
    groups = split(development, [*written, *found], found, options)
    counts = Counter[str]()
    for group in groups:
        counts[group.name] += len(group.tasks)
    tasks = ", then ".join(f"{count} {name} tasks" for name, count in counts.items())
    print(
        f"{options.folds} folds, {options.evaluations:,} evaluations a task; tasks right with"
        f" 1, 2 and 3 attempts,\nwon and lost against `{DEFAULT}` with 3, and its probability"
        " by chance:"
        f"\n{tasks}\n"
    )
    head = f"{'1':>5}{'2':>5}{'3':>5}  {'paired':>8}  {'chance':>6}"
    print(f"{'setting':24}  {'bits':>6}  {'  |'.join(head for _ in counts)}  {'CPU s':>7}")
    rows: list[Row] = []
    for name in dict.fromkeys((DEFAULT, *options.settings)):
        rows.append(measure(name, SETTINGS[name], groups, options))
        print_row(rows[-1], rows[0])
    for name, other in others.items():
        parts = split(development, [*written, *other], found, options)
        rows.append(measure(name, Setting(), parts, options))
        print_row(rows[-1], rows[0])
    print("\nbits: mean cost of the calls of a held-out program of found.py")


def main(words: Sequence[str] | None = None) -> None:
    """Write the costs, or cross-validate."""
    options = _parser().parse_args(words)
    if options.command == "validate":
        validate(options)
    else:
        write_costs()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab.fit_costs", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command")
    words = commands.add_parser("validate", help="cross-validate how costs are fitted")
    words.add_argument("--folds", type=positive, default=FOLDS, help=f"folds ({FOLDS})")
    words.add_argument(
        "--evaluations",
        type=positive,
        default=EVALUATIONS,
        help=f"evaluations a task ({EVALUATIONS:,})",
    )
    words.add_argument("--every", type=positive, default=5, help="take every n-th task (5)")
    words.add_argument(
        "--groups", nargs="+", choices=GROUPS, default=GROUPS, help="groups of tasks (all)"
    )
    words.add_argument("--threads", type=positive, default=1, help="threads of search (1)")
    words.add_argument(
        "--settings", nargs="+", metavar="NAME", choices=SETTINGS, default=list(SETTINGS),
        help=", ".join(SETTINGS),
    )  # fmt: skip
    words.add_argument(
        "--found", type=Path, nargs="+", default=[], help="files to fit to instead of found.py"
    )
    return parser


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
