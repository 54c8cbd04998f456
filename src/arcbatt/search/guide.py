"""Guidance: costs of productions that depend on the demos of a task.

The model is log-linear. Each feature that the demos have adds bits to the cost of every production
or takes some away; then the costs are normalised, so that all productions of one type of result
together are as probable as before. The bits are learnt from programs that fit development tasks and
kept as text, ``guide.tsv``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import compress
from pathlib import Path

from arcbatt.dsl.types import Samples
from arcbatt.search.features import FEATURES, features_of
from arcbatt.search.grammar import Grammar, Production, load_grammar, name_of

FILE = Path(__file__).with_name("guide.tsv")
HEADER = "# tenths of a bit for the primitives that make a type: written by `make derived`"
COLUMNS = ("type", "primitive", "always", *FEATURES)
"""The columns of the table: ``always`` and the features have the bits."""

SHIFT_MAX = 3
"""Largest change of a cost, in bits."""
UNIT = 10
"""Number of units of the table in a bit."""

Group = tuple[str, str]
"""Productions that the model does not distinguish: the name of their type of result, and that of
their primitive."""


def group_of(production: Production) -> Group:
    """Return the group of a production."""
    return name_of(production.instance.result), production.instance.name


@dataclass(frozen=True)
class Guide:
    """The model, for the productions of a grammar.

    Attributes:
        productions: the productions.
        weights: for each group the bits that are always added and those that each feature adds,
            in tenths; productions of other groups keep their costs but for the normalisation.
    """

    productions: tuple[Production, ...]
    weights: Mapping[Group, tuple[int, ...]]

    @cached_property
    def _groups(self) -> list[Group]:
        return list(map(group_of, self.productions))

    @cached_property
    def _shares(self) -> dict[Group, float]:
        """The sum of 2 ** -cost of the productions of each group."""
        shares: defaultdict[Group, float] = defaultdict(float)
        for group, one in zip(self._groups, self.productions, strict=True):
            shares[group] += 2.0**-one.cost
        return shares

    @cached_property
    def _columns(self) -> list[tuple[int, ...]]:
        return list(zip(*self.weights.values(), strict=True))

    def shifts(self, demos: Samples) -> list[int]:
        """Return the bits by which each production costs more or less for these demos, -3..3."""
        if not demos:
            return [0] * len(self.productions)
        holds = (True, *features_of(demos))
        bits = dict.fromkeys(self._shares, 0.0)
        added = zip(*compress(self._columns, holds), strict=True)
        bits.update(
            (group, sum(row) / UNIT) for group, row in zip(self.weights, added, strict=True)
        )
        before: defaultdict[str, float] = defaultdict(float)
        after: defaultdict[str, float] = defaultdict(float)
        for group, share in self._shares.items():
            before[group[0]] += share
            after[group[0]] += share * 2.0 ** -bits[group]
        normal = {kind: math.log2(after[kind] / before[kind]) for kind in after}
        shift = {
            group: max(-SHIFT_MAX, min(SHIFT_MAX, round(more + normal[group[0]])))
            for group, more in bits.items()
        }
        return [shift[group] for group in self._groups]


def write_guide(guide: Guide) -> str:
    """Write the weights of a guide as text: names of columns, then a line for each group."""
    lines = [HEADER, "\t".join(COLUMNS)]
    lines += ["\t".join([*group, *map(str, row)]) for group, row in guide.weights.items()]
    return "\n".join(lines) + "\n"


def read_guide(lines: Iterable[str], productions: tuple[Production, ...]) -> Guide:
    """Read a guide for some productions from lines that `write_guide` wrote.

    Raises ValueError at the first line that is wrong.
    """
    known = set(map(group_of, productions))
    weights: dict[Group, tuple[int, ...]] = {}
    has_names = False
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            continue
        cells = tuple(line.rstrip("\n").split("\t"))
        where = f"{FILE.name}, line {number}: expected"
        if not has_names:
            if cells != COLUMNS:
                raise ValueError(f"{where} the names of {len(COLUMNS)} columns, got {line!r:.80}")
            has_names = True
            continue
        group, bits = cells[:2], cells[2:]
        if len(group) != 2 or group not in known:
            raise ValueError(f"{where} a type and a primitive that makes it, got {line!r:.80}")
        try:
            row = tuple(map(int, bits))
        except ValueError as error:
            raise ValueError(f"{where} whole numbers, got {line!r:.80}") from error
        if len(row) != len(COLUMNS) - 2:
            raise ValueError(f"{where} {len(COLUMNS) - 2} numbers, got {len(row)}")
        weights[group] = row
    return Guide(productions, weights)


@cache
def load_guided() -> Grammar:
    """Load the grammar that ships with the package, with its guide."""
    grammar = load_grammar()
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return replace(grammar, guide=read_guide(lines, grammar.productions).shifts)
