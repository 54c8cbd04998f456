"""Differs evolve too: changed by the same moves as solvers, kept by how well they guide.

Half of the children are made by moves on a whole differ, half by moves on what a differ computes
of each of the two grids, see `arcbatt.evolve.twins`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from arcbatt.batt import merge
from arcbatt.differs import Comparison
from arcbatt.dsl.types import Type
from arcbatt.engine import Budget, Case, Engine, Job
from arcbatt.engine.breeder import Breeder
from arcbatt.engine.outcome import EXACT
from arcbatt.evolve.evidence import seed_of
from arcbatt.evolve.guidance import Evidence, Measured
from arcbatt.evolve.lines import from_line, to_line
from arcbatt.evolve.moves import first_weights
from arcbatt.evolve.mutate import NUMBER
from arcbatt.evolve.twins import OURS, WANTED, find_twins, goal_of, swap_twins
from arcbatt.library import DIFFERS, load_library
from arcbatt.program.graph import Program, extract_program

KEPT_MAX = 8
"""Evolved differs that a run keeps, half of them new ones; the shipped ones stay anyway."""
GUIDES_MAX = 4
"""Of these: that tell islands which of their programs are good."""
SIZE_MAX = 30
"""Nodes of an evolved differ."""
PARENTS_MAX = 12
"""Differs that children are made of: those that guide best."""
LIKENESS_MAX = 0.95
"""Of two differs with a higher rank correlation only one stays."""
SCREEN_MAX = 12
"""Wanted grids that a child has to know as equal to themselves before it is measured."""
FUEL_MAX = 10_000
"""Fuel that a child may use for one of them, on average."""
PASSES_MAX = 4
"""How often all parts of all parents are changed anew where too many children were known."""
DIGITS = 6
"""Of a guidance, behind the point."""
RESULT = Type("Union", (NUMBER, Type("Tuple", (NUMBER,))))
"""What a differ returns: a number, or a tuple that starts with one."""


@dataclass(frozen=True, slots=True)
class KnownDiffer:
    """A differ of a run.

    Attributes:
        name: of it.
        line: the program.
        shipped: whether it is one of the library's.
        round: in which it was made; 0 for one that was there before.
        parents: md5s of the differs that it was bred from.
        guidance: half of what was measured in the last round that had evidence, see `Measured`,
            and half of what it was before; a child begins with its parent's. None before any.
        told: whether the archive was told of it.
    """

    name: str
    line: str
    shipped: bool = False
    round: int = 0
    parents: tuple[str, ...] = ()
    guidance: float | None = None
    told: bool = False


def shipped_differs() -> list[KnownDiffer]:
    """Return the differs of the library."""
    return [
        KnownDiffer(source.name, to_line(source.program), shipped=True)
        for source in load_library(DIFFERS)
    ]


def guides(known: Sequence[KnownDiffer]) -> tuple[str, ...]:
    """Return lines of the evolved differs that islands are told by, those that guide best first."""
    return tuple(each.line for each in known if not each.shipped)[:GUIDES_MAX]


@dataclass(frozen=True, slots=True)
class Tried:
    """A differ with what came of it; its guidance is up to date."""

    known: KnownDiffer
    program: Program
    measured: Measured
    guidance: float

    @property
    def rank(self) -> tuple[object, ...]:
        """Key of an ascending sort; where two digits are the same the simpler one is better."""
        return (-round(self.guidance, 2), self.program.size, self.program.body_hash)


@dataclass(frozen=True)
class DifferBreeding:
    """How differs are bred in a round.

    Attributes:
        breeder: makes children.
        engine: what evaluates.
        budget: bounds of each comparison.
        threads: how many comparisons may run at once; what is found does not depend on it.
        donors: lines of programs to take parts from.
        children: bodies that are tried.
    """

    breeder: Breeder
    engine: Engine
    budget: Budget
    threads: int
    donors: Sequence[str]
    children: int

    def breed(
        self, known: Sequence[KnownDiffer], evidence: Evidence, *, number: int, seed: str
    ) -> list[KnownDiffer]:
        """Measure all known differs, make children, and choose who stays.

        Where there is no evidence all stays as it is.

        Args:
            known: from the round before.
            evidence: of this round.
            number: of this round, from 1.
            seed: what the children depend on.

        Returns:
            The shipped ones and the evolved ones that stay, those that guide best first.
        """
        if not evidence.trials:
            return list(known)
        before = self._measure(known, evidence)
        parents = sorted(before, key=lambda each: each.rank)[:PARENTS_MAX]
        children = self._screen(self._children(parents, known, number, seed), evidence)
        chosen = choose_differs([*before, *self._measure(children, evidence)], number=number)
        return [replace(each.known, guidance=each.guidance) for each in chosen]

    def _measure(self, differs: Sequence[KnownDiffer], evidence: Evidence) -> list[Tried]:
        """Measure differs; an evolved one that is none on this evidence is left out."""
        programs = [from_line(each.line) for each in differs]
        said = self._ask(programs, evidence.comparisons)
        tried = []
        for each, program, (numbers, _) in zip(differs, programs, said, strict=True):
            measured = evidence.measure(numbers)
            before = measured.guidance if each.guidance is None else each.guidance
            # One round's luck counts half.
            guidance = round((before + measured.guidance) / 2, DIGITS)
            tried.append(Tried(each, program, measured, guidance))
        return [each for each in tried if each.known.shipped or each.measured.is_differ]

    def _screen(self, children: Sequence[KnownDiffer], evidence: Evidence) -> list[KnownDiffer]:
        """Leave out what does not say 1000 where both grids are equal: most of what moves make."""
        step = -(-len(evidence.trials) // SCREEN_MAX)
        equal = [trial.comparisons[-1] for trial in evidence.trials[::step]]
        said = self._ask([from_line(each.line) for each in children], equal)
        return [
            child
            for child, (numbers, fuel) in zip(children, said, strict=True)
            if all(number == EXACT for number in numbers) and fuel <= FUEL_MAX * len(equal)
        ]

    def _ask(
        self, programs: Sequence[Program], comparisons: Sequence[Comparison]
    ) -> list[tuple[tuple[int | None, ...], int]]:
        """Return what each program, no body twice, says of each comparison, and its fuel."""
        if not programs:
            return []
        batt = merge((str(place), program) for place, program in enumerate(programs))
        cases = [Case(S=each.samples, I=each.grid, C=each.wanted) for each in comparisons]
        [evaluation] = self.engine.evaluate(
            [Job(batt.graph, cases)], self.budget, threads=self.threads, keep_outputs=True
        )
        places = range(len(cases))
        said = zip(*map(evaluation.numbers_of, places), strict=True)
        fuels = zip(*map(evaluation.fuel_of, places), strict=True)
        return [(numbers, sum(fuel)) for numbers, fuel in zip(said, fuels, strict=True)]

    def _children(
        self, parents: Sequence[Tried], known: Sequence[KnownDiffer], number: int, seed: str
    ) -> list[KnownDiffer]:
        """Make children; what is too large, known, or does not read both grids is replaced."""
        seen = {from_line(each.line).body_hash for each in known}
        children: list[KnownDiffer] = []
        for attempt in range(PASSES_MAX):
            for program, parent in self._moved(parents, f"{seed}/{attempt}"):
                body = program.body_hash
                if len(children) == self.children:
                    return children
                if body in seen or program.size > SIZE_MAX:
                    continue
                seen.add(body)
                if program.inputs >= {OURS, WANTED}:
                    name = f"differ_{program.md5[:8]}"
                    md5s = (parent.program.md5,)
                    children.append(KnownDiffer(name, to_line(program), round=number, parents=md5s))
        return children

    def _moved(self, parents: Sequence[Tried], seed: str) -> Iterator[tuple[Program, Tried]]:
        """Make as many children as are tried: of whole parents and of their twins in turn."""
        whole = self._whole(parents, seed)
        parts = self._parts(parents, seed)
        for _ in range(-(-self.children // 2)):
            for source in (whole, parts):
                made = next(source, None)
                if made is not None:
                    yield made

    def _whole(self, parents: Sequence[Tried], seed: str) -> Iterator[tuple[Program, Tried]]:
        lines = [each.known.line for each in parents]
        made = self._mutate(lines, RESULT, "SIC", self.children // 2 + 1, seed_of(seed, "whole"))
        return ((from_line(line), parents[place]) for line, place in made)

    def _parts(self, parents: Sequence[Tried], seed: str) -> Iterator[tuple[Program, Tried]]:
        parts = [(each, twins) for each in parents for twins in find_twins(each.program)]
        if not parts:
            return
        count = -(-self.children // (2 * len(parts))) + 1
        made = [
            self._mutate(
                [to_line(extract_program(each.program, twins[0]))],
                goal_of(each.program, twins[0]),
                "SI",
                count,
                seed_of(seed, place),
            )
            for place, (each, twins) in enumerate(parts)
        ]
        # One of each part in turn, so that an end of the count cuts all alike.
        for turn in range(count):
            for (each, twins), sides in zip(parts, made, strict=True):
                if turn < len(sides):
                    child = self._swapped(each.program, twins, from_line(sides[turn][0]))
                    if child is not None:
                        yield child, each

    def _swapped(self, program: Program, twins: tuple[int, int], side: Program) -> Program | None:
        child = swap_twins(program, twins, side)
        return child if self.breeder.infer(to_line(child)) is not None else None

    def _mutate(
        self, lines: Sequence[str], goal: Type, inputs: str, count: int, seed: int
    ) -> list[tuple[str, int]]:
        made = self.breeder.mutate(
            lines,
            self.donors,
            goal=goal,
            inputs=inputs,
            weights=first_weights(),
            count=count,
            seed=seed,
        )
        return [(child.line, child.parent) for child in made]


def choose_differs(tried: Sequence[Tried], *, number: int) -> list[Tried]:
    """Choose who stays: shipped ones always, evolved ones that guide and say something new.

    Of two that are alike the older one stays: what a child was chosen by is partly luck. For the
    same reason half of the places are for older ones, half for those that were made in this round.

    Returns those that guide best first.
    """
    ranked = sorted(tried, key=lambda each: each.rank)
    chosen = [each for each in ranked if each.known.shipped]
    for is_new in (False, True):
        places = KEPT_MAX // 2
        for each in ranked:
            if each.known.shipped or (each.known.round == number) is not is_new:
                continue
            if places and each.guidance > 0 and not _is_like(each, chosen):
                chosen.append(each)
                places -= 1
    return sorted(chosen, key=lambda each: each.rank)


def _is_like(tried: Tried, others: Sequence[Tried]) -> bool:
    return any(tried.measured.likeness(other.measured) > LIKENESS_MAX for other in others)
