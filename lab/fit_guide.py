"""Fit the guide of search: bits that features of the demos add to the costs of productions.

    python -m lab.fit_guide                                       # write it to the package
    python -m lab.fit_guide harvest --evaluations 10000           # search for programs to fit to
    python -m lab.fit_guide validate --evaluations 10000 --every 4

The model is log-linear: of the productions of a type, each has a probability proportional to
2 ** -(cost + bits of the features that the demos have). The bits maximise the likelihood of
programs that fit the demos of development tasks, right or wrong, less a penalty on their squares.
Cross-validation searches on the tasks of a fold with a guide that was fitted to programs for other
tasks alone; tasks that share a sample are in one fold.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from arcbatt.files import write_atomically
from arcbatt.library import FOUND, SOLVERS, load_library
from arcbatt.program.graph import Program
from arcbatt.program.render import from_compact, to_compact
from arcbatt.ranking.weights import description_bits, evidence_bits
from arcbatt.search.features import FEATURES, features_of
from arcbatt.search.grammar import Grammar, load_grammar
from arcbatt.search.guide import FILE, UNIT, Group, Guide, group_of, write_guide
from arcbatt.search.run import SearchLimits, SearchResult, search
from arcbatt.search.transforms import TRANSFORMS
from arcbatt.tasks import Task, load_dataset
from lab import positive, run
from lab.costs import count_calls, group_productions
from lab.fit_costs import chance, find_place

FITS = Path(__file__).with_name("fits.tsv")
HEADER = "# task, whether it is right on the tests, bits, program: written by lab.fit_guide harvest"

FOLDS = 4
ATTEMPTS = 2
KEPT = {"right": 4, "wrong": 2}
"""Largest number of programs that are kept for a task, the cheapest."""
WEIGHTS = {SOLVERS: 0.1, FOUND: 2.0, "right": 2.0, "wrong": 2.0}
"""Weight of all programs for a task, by where they come from. Programs that search finds count
most: what people write is longer and made of other calls."""
PENALTY = 10.0
"""Factor of half the squares of the bits, in nats."""
ITERATIONS = 60

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A program that fits the demos of a task.

    Attributes:
        task: id of the task.
        origin: a key of `WEIGHTS`.
        bits: description length, in bits; 0 for a program of the library.
        line: compact form of the program.
    """

    task: str
    origin: str
    bits: float
    line: str

    @property
    def program(self) -> Program:
        """The program."""
        return from_compact(self.line)


def read_fits(text: str) -> list[Fit]:
    """Read the programs that `harvest` wrote."""
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return [Fit(task, origin, float(bits), line) for task, origin, bits, line in rows]


def write_fits(fits: Iterable[Fit]) -> str:
    """Write programs as text, the cheapest of each task and origin."""
    of_task: defaultdict[tuple[str, str], dict[str, Fit]] = defaultdict(dict)
    for one in sorted(fits, key=lambda one: (one.task, one.origin, one.bits, one.line)):
        kept = of_task[one.task, one.origin]
        if len(kept) < KEPT[one.origin]:
            kept.setdefault(one.line, one)
    lines = [
        f"{one.task}\t{one.origin}\t{one.bits:.1f}\t{one.line}"
        for kept in of_task.values()
        for one in kept.values()
    ]
    return "\n".join([HEADER, *lines]) + "\n"


def fits_of(task: Task, result: SearchResult) -> Iterator[Fit]:
    """Return the programs of a search, with bits for the demos that they don't predict."""
    wanted = tuple(test.output for test in task.tests)
    for one in result.solutions:
        origin = "right" if one.outputs == wanted else "wrong"
        bits = description_bits(one.cost, one.derivations) + evidence_bits(0, one.missed)
        yield Fit(task.id, origin, bits, to_compact(one.program))


@dataclass(frozen=True)
class Example:
    """A program as the model sees it.

    Attributes:
        task: id of its task.
        weight: weight of the program, > 0.
        features: whether the demos have each feature, under the program's transform.
        calls: number of the program's productions in each group; each counts once.
    """

    task: str
    weight: float
    features: tuple[bool, ...]
    calls: Mapping[Group, float]


def make_examples(
    fits: Sequence[Fit], tasks: Mapping[str, Task], grammar: Grammar
) -> list[Example]:
    """Make the examples of the programs for some tasks."""
    groups = {one.instance: group_of(one) for one in grammar.productions}
    of_name = group_productions(groups)
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for one in fits:
        counts[one.task, one.origin] += 1
    examples = []
    for one in fits:
        if one.task not in tasks:
            continue
        program = one.program
        calls: defaultdict[Group, float] = defaultdict(float)
        for instance, number in count_calls(program, of_name).items():
            calls[groups[instance]] += min(1.0, number)
        names = {node.name for node in program.nodes}
        transform = next((each for each in TRANSFORMS if each.forward in names), TRANSFORMS[0])
        features = features_of(transform.apply_to(tasks[one.task].S))
        weight = WEIGHTS[one.origin] / counts[one.task, one.origin]
        examples.append(Example(one.task, weight, features, calls))
    return examples


class Model:
    """The likelihood of examples.

    Args:
        grammar: the grammar that is guided.
        examples: the examples, one or more.

    Attributes:
        groups: the groups of productions, those of one type side by side.
    """

    def __init__(self, grammar: Grammar, examples: Sequence[Example]) -> None:
        shares: defaultdict[Group, float] = defaultdict(float)
        for one in grammar.productions:
            shares[group_of(one)] += 2.0**-one.cost
        self.groups = sorted(shares)
        self._base = np.log([shares[group] for group in self.groups])
        kinds = [kind for kind, _ in self.groups]
        self._starts = [n for n, kind in enumerate(kinds) if n == 0 or kind != kinds[n - 1]]
        sizes = np.diff([*self._starts, len(kinds)])
        self._kind_of = np.repeat(np.arange(len(sizes)), sizes)
        self._holds = np.array([(True, *one.features) for one in examples], dtype=float)
        self._weight = np.array([[one.weight] for one in examples])
        self._calls = np.array(
            [[one.calls.get(group, 0.0) for group in self.groups] for one in examples]
        )
        self._totals = np.add.reduceat(self._calls, self._starts, axis=1)[:, self._kind_of]

    def loss(self, flat: Array) -> tuple[float, Array]:
        """Return the negative logarithm of the likelihood with the penalty, and its gradient."""
        nats = flat.reshape(self._holds.shape[1], len(self.groups))
        scores = self._base + self._holds @ nats
        scores -= np.maximum.reduceat(scores, self._starts, axis=1)[:, self._kind_of]
        powers = np.exp(scores)
        sums = np.add.reduceat(powers, self._starts, axis=1)[:, self._kind_of]
        loss = -(self._weight * self._calls * (scores - np.log(sums))).sum()
        slope = self._holds.T @ (self._weight * (self._totals * powers / sums - self._calls))
        loss += PENALTY / 2 * (nats**2).sum()
        return float(loss), (slope + PENALTY * nats).ravel()

    def fit(self) -> dict[Group, tuple[int, ...]]:
        """Return the bits of each group in tenths: those that all tasks add, then by feature."""
        start = np.zeros(self._holds.shape[1] * len(self.groups))
        loss: Any = self.loss
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
        bits = found.x.reshape(-1, len(self.groups)) / -np.log(2)
        rows = np.rint(bits.T * UNIT).astype(int).tolist()
        return {group: tuple(row) for group, row in zip(self.groups, rows, strict=True) if any(row)}


def fit_guide(grammar: Grammar, examples: Sequence[Example]) -> Guide:
    """Fit a guide of a grammar to examples."""
    return Guide(grammar.productions, Model(grammar, examples).fit())


def load_fits() -> list[Fit]:
    """Load the programs of the library and those that search found."""
    fits = [
        Fit(one.name.removeprefix("solve_"), file, 0.0, to_compact(one.program))
        for file in (SOLVERS, FOUND)
        for one in load_library(file)
    ]
    return [*fits, *read_fits(FITS.read_text(encoding="utf-8"))]


def load_tasks() -> dict[str, Task]:
    """Load the development tasks by id."""
    tasks = load_dataset("arc-agi-1", split="development")
    return {task.id: task for task in sorted(tasks, key=lambda task: task.id)}


def split(tasks: Mapping[str, Task], folds: int) -> dict[str, int]:
    """Return the fold of each task; tasks that share a sample are in one fold."""
    first: dict[object, str] = {}
    root: dict[str, str] = {}
    for task in tasks.values():
        own = [*task.S, *((test.input, test.output) for test in task.tests)]
        known = {root[first[pair]] for pair in own if pair in first}
        root[task.id] = min(known, default=task.id)
        for other, old in root.items():
            root[other] = root[task.id] if old in known else old
        first.update(dict.fromkeys(own, task.id))
    roots = sorted(set(root.values()))
    random.Random(0).shuffle(roots)
    fold = {one: number % folds for number, one in enumerate(roots)}
    return {task: fold[root[task]] for task in tasks}


def validate(options: argparse.Namespace) -> None:
    """Cross-validate by search with and without a guide, and print what it wins and loses."""
    tasks, grammar = load_tasks(), load_grammar()
    fold_of = split(tasks, options.folds)
    examples = make_examples(load_fits(), tasks, grammar)
    limits = SearchLimits(evaluations=options.evaluations)
    chosen = list(tasks.values())[:: options.every]
    right: dict[str, list[tuple[bool, bool]]] = {"right": [], "fits": []}
    for number in range(options.folds):
        own = [task for task in chosen if fold_of[task.id] == number]
        guide = fit_guide(grammar, [one for one in examples if fold_of[one.task] != number])
        before = search(own, grammar, limits, threads=options.threads)
        after = search(own, replace(grammar, guide=guide.shifts), limits, threads=options.threads)
        for task, *both in zip(own, before, after, strict=True):
            places = [find_place(task, each.solutions) for each in both]
            first, second = (place is not None and place <= ATTEMPTS for place in places)
            right["right"].append((first, second))
            right["fits"].append((bool(both[0].solutions), bool(both[1].solutions)))
    print(f"{len(chosen)} tasks, {options.folds} folds, {options.evaluations:,} evaluations a task")
    for name, pairs in right.items():
        won, lost = pairs.count((False, True)), pairs.count((True, False))
        without, guided = (sum(pair[place] for pair in pairs) for place in (0, 1))
        print(
            f"{name:6} {without} without a guide, {guided} with one:"
            f" +{won} -{lost}, by chance {chance(won, lost):.3f}"
        )


def harvest(options: argparse.Namespace) -> None:
    """Search on development tasks and add the programs that fit to the file."""
    tasks = list(load_tasks().values())[:: options.every]
    limits = SearchLimits(evaluations=options.evaluations)
    results = search(tasks, load_grammar(), limits, threads=options.threads)
    found = [one for both in zip(tasks, results, strict=True) for one in fits_of(*both)]
    known = read_fits(FITS.read_text(encoding="utf-8")) if FITS.exists() else []
    write_atomically(FITS, write_fits([*known, *found]))
    print(f"{FITS.name}: {len(found):,} programs found")


def write_shipped() -> None:
    """Fit the guide and write it to the package."""
    grammar = load_grammar()
    guide = fit_guide(grammar, make_examples(load_fits(), load_tasks(), grammar))
    write_atomically(FILE, write_guide(guide))
    print(f"{FILE.name}: {len(guide.weights):,} groups of productions, {len(FEATURES)} features")


def main(words: Sequence[str] | None = None) -> None:
    """Write the guide, harvest programs, or cross-validate."""
    options = _parser().parse_args(words)
    commands: dict[str | None, Any] = {"validate": validate, "harvest": harvest}
    if options.command is None:
        write_shipped()
    else:
        commands[options.command](options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab.fit_guide", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command")
    for name, text in (
        ("harvest", "search for programs that the guide is fitted to"),
        ("validate", "cross-validate the guide by search"),
    ):
        words = commands.add_parser(name, help=text)
        words.add_argument(
            "--evaluations", type=positive, default=10_000, help="evaluations a task (10,000)"
        )
        words.add_argument("--every", type=positive, default=1, help="take every n-th task (1)")
        words.add_argument("--threads", type=positive, default=1, help="threads of search (1)")
        if name == "validate":
            words.add_argument("--folds", type=positive, default=FOLDS, help=f"folds ({FOLDS})")
    return parser


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
