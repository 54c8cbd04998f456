"""The population of a task: parents, islands, migration, restarts, seeds, hall of fame."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from math import log2
from random import Random

from arcbatt.candidates import Weighted
from arcbatt.engine import Budget, Engine, Job
from arcbatt.engine.breeder import Bred, Breeder, Findings
from arcbatt.engine.cases import TaskCases
from arcbatt.engine.outcome import EXACT
from arcbatt.errors import EngineError
from arcbatt.program.graph import Program
from arcbatt.program.merge import Batt, merge
from arcbatt.program.names import form_of_id, forms_in_name
from arcbatt.program.render import from_compact, to_compact
from arcbatt.tasks import Task, names_of

MIGRANTS = 2
"""Number of programs that migrate from each island to the next one after a round."""
UNIT = 2
"""Smallest number of rounds between two restarts."""
SURE_SIZE = 16
"""Largest size, in nodes, of an exact program that surely solves a task; larger programs are often
wrong on the tests."""
EXACT_MAX = 32
"""Largest number of exact programs that a source proposes, those with the largest weights."""
OTHERS_MAX = 32
"""Largest number of programs that are kept without being exact, for attempts that are left."""
SIZE_TO_HALVE = 4
"""Number of further nodes that halves the weight of a program."""


def usable_compact(program: Program, breeder: Breeder, *, size_max: int) -> str | None:
    """Return the compact form of a program that can be mutated; None for any other."""
    compact = to_compact(program)
    try:
        fits = program.size <= size_max and breeder.infer(compact) is not None
    except EngineError:  # it calls a primitive without a kernel
        fits = False
    return compact if fits else None


@dataclass(frozen=True)
class ParentPool:
    """The parents that all tasks share; islands begin with them and use their parts.

    Attributes:
        programs: the programs that can be mutated.
        compacts: the compact forms of these programs.
        left_out: names of programs that are not well typed, too large, or call a primitive
            without a kernel.
    """

    programs: tuple[Weighted, ...]
    compacts: tuple[str, ...]
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, programs: Iterable[Weighted], breeder: Breeder, *, size_max: int) -> ParentPool:
        """Choose the programs that can be mutated."""
        usable, compacts, left_out = [], [], []
        for each in programs:
            compact = usable_compact(each.program, breeder, size_max=size_max)
            if compact is None:
                left_out.append(each.name)
            else:
                usable.append(each)
                compacts.append(compact)
        return cls(tuple(usable), tuple(compacts), tuple(left_out))

    def held_out(self, task: Task) -> list[int]:
        """Return the indices of the programs that are named after a task or its content."""
        forms = map(form_of_id, names_of(task))
        return sorted({place for form in forms for place in self._places_by_name.get(form, ())})

    @cached_property
    def origins(self) -> dict[str, str]:
        """The origins of the programs, by body hash."""
        return {each.program.body_hash: each.origin for each in self.programs}

    @cached_property
    def roots(self) -> Roots:
        """The programs, merged; each is named by its index."""
        return Roots(merge((str(place), each.program) for place, each in enumerate(self.programs)))

    @cached_property
    def _places_by_name(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, each in enumerate(self.programs):
            for form in forms_in_name(each.name):
                places.setdefault(form, []).append(place)
        return places


@dataclass(frozen=True)
class Roots:
    """The roots of a batt of parents."""

    batt: Batt

    @cached_property
    def compacts(self) -> tuple[str, ...]:
        """The compact forms of the roots."""
        return tuple(map(to_compact, self.batt.programs))

    def named(self, names: Container[str]) -> set[int]:
        """Return the indices of the roots whose names are all in a collection."""
        return {
            root
            for root, of_root in enumerate(self.batt.names)
            if all(name in names for name in of_root)
        }


def rank_parents(
    pool: ParentPool,
    cases: Sequence[TaskCases],
    own: Mapping[str, Sequence[Program]],
    *,
    engine: Engine,
    budget: Budget,
    threads: int,
    hold_out: bool,
) -> dict[str, list[str]]:
    """Return the compact forms of the parents for each task, the best on its demos first.

    Args:
        pool: parents for every task.
        cases: the cases of the tasks.
        own: further parents for single tasks, by task id.
        engine: the engine that evaluates the parents.
        budget: bounds of an evaluation.
        threads: number of samples that may run at once, 1 or more.
        hold_out: whether programs of the pool that are named after a task are left out for it.
    """
    parts: list[tuple[TaskCases, Roots, set[int]]] = []
    for each in cases:
        held = pool.held_out(each.task) if hold_out else []
        parts.append((each, pool.roots, pool.roots.named(set(map(str, held))) if held else set()))
        if extra := own.get(each.task.id):
            batt = merge((str(place), program) for place, program in enumerate(extra))
            parts.append((each, Roots(batt), set()))
    parts = [part for part in parts if part[1].batt.names]
    jobs = [Job(roots.batt.graph, each.demos) for each, roots, _ in parts]
    evaluations = engine.evaluate(jobs, budget, threads=threads)
    ranked: dict[str, list[tuple[tuple[int, int, int, str], str]]] = {}
    bodies: dict[str, set[str]] = {}
    for each in cases:
        ranked[each.task.id], bodies[each.task.id] = [], set()
    for (each, roots, held_roots), evaluation in zip(parts, evaluations, strict=True):
        scores = list(zip(*map(evaluation.scores_of, range(len(each.demos))), strict=True))
        known, seen = ranked[each.task.id], bodies[each.task.id]
        for root, program in enumerate(roots.batt.programs):
            body = program.body_hash
            if root in held_roots:
                seen.add(body)
            elif body not in seen:
                seen.add(body)
                right = sum(score == EXACT for score in scores[root])
                rank = (-right, -sum(scores[root]), program.size, body)
                known.append((rank, roots.compacts[root]))
    return {task: [compact for _, compact in sorted(known)] for task, known in ranked.items()}


def draw_island(ranked: Sequence[str], *, population: int, seed: str) -> list[str]:
    """Choose the first programs of an island: half the best, half drawn from the rest.

    Args:
        ranked: compact forms of the parents, the best first.
        population: number of programs, 1 or more.
        seed: the seed of the random numbers.
    """
    best = min(len(ranked), (population + 1) // 2)
    rest = list(ranked[best:])
    Random(seed).shuffle(rest)
    return [*ranked[:best], *rest[: population - best]]


def migrate(found: Sequence[Findings]) -> list[list[str]]:
    """Return the programs of each island after a round, with the best of the previous island."""
    compacts = [[bred.line for bred in findings.members] for findings in found]
    return [
        list(dict.fromkeys([*own, *compacts[place - 1][:MIGRANTS]]))
        for place, own in enumerate(compacts)
    ]


def turn_of(done: int) -> int | None:
    """Return the number of the restart that is due after some rounds; None if none is due.

    Number 0 is the first beginning of the islands. The best number of rounds between restarts is
    not known, so it follows Luby's sequence, which is within a logarithmic factor of the best one
    (Luby, Sinclair and Zuckerman, "Optimal speedup of Las Vegas algorithms", 1993).

    >>> [done for done in range(20) if turn_of(done) is not None]
    [0, 2, 4, 8, 10, 12, 16]
    >>> turn_of(8)
    3
    """
    for turn, begin in enumerate(_beginnings()):
        if begin >= done:
            return turn if begin == done else None
    raise AssertionError("the sequence has no end")


def _beginnings() -> Iterator[int]:
    begin = 0
    for turn in count(1):
        yield begin
        begin += UNIT * luby(turn)


def luby(place: int) -> int:
    """Return a member of Luby's sequence, by its index from 1.

    >>> [luby(place) for place in range(1, 16)]
    [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]
    """
    bits = place.bit_length()
    if place == 2**bits - 1:
        return int(2 ** (bits - 1))
    return luby(place - 2 ** (bits - 1) + 1)


def seeds_of(seed: int, number: int, task: str, island: int) -> tuple[int, ...]:
    """Return the seeds of the random numbers of an island in a round.

    Args:
        seed: the seed of the run, 0 or more.
        number: the number of the round, from 1.
        task: the task's id.
        island: the index of the island, from 0.
    """
    digest = hashlib.blake2b(task.encode(), digest_size=8).digest()
    return seed % 2**64, number, int.from_bytes(digest, "little"), island


def program_weight(bodies: int, size: int, all_bodies: int) -> float:
    """Return the weight of a program that is right on all demos, in (0, 1].

    Outputs that many different programs return are seldom accidental, and simple programs are
    more often right.

    Args:
        bodies: number of programs seen with the same behaviour, 1 or more.
        size: number of its nodes.
        all_bodies: number of programs seen that are right on all demos, 1 or more.
    """
    return bodies / all_bodies * float(2 ** (-size / SIZE_TO_HALVE))


@dataclass
class HallOfFame:
    """The best program of each behaviour in all rounds.

    Attributes:
        members: the programs by behaviour, the exact ones first, then by rank; their bodies are
            counted over all rounds.
    """

    members: dict[int, Bred] = field(default_factory=dict)

    def add(self, members: Iterable[Bred]) -> None:
        """Add the programs of an island after a round, with the bodies seen in this round."""
        for new in members:
            known = self.members.get(new.behaviour)
            self.members[new.behaviour] = new if known is None else _join(known, new)
        ranked = sorted(self.members.values(), key=lambda each: each.rank)
        others = [each for each in ranked if not each.is_exact][:OTHERS_MAX]
        kept = [each for each in ranked if each.is_exact] + others
        self.members = {each.behaviour: each for each in kept}

    @property
    def exact(self) -> list[Bred]:
        """The programs that are right on all demos, the best first."""
        return [each for each in self.members.values() if each.is_exact]

    @property
    def others(self) -> list[Bred]:
        """The programs that are not right on all demos, the best first."""
        return [each for each in self.members.values() if not each.is_exact]

    @property
    def is_sure(self) -> bool:
        """Whether the task is surely solved: a simple program is right on all demos."""
        return any(each.size <= SURE_SIZE for each in self.exact)

    def programs(self, name: str, origins: Mapping[str, str]) -> list[Weighted]:
        """Return the programs to propose: exact ones with the largest weights, then the others.

        Args:
            name: the name of the source.
            origins: origins of programs that the source did not make, by body hash.
        """
        weights = self.weights()
        exact = sorted(self.exact, key=lambda each: (-weights[each.behaviour], each.rank))
        chosen = [*exact[:EXACT_MAX], *self.others]
        named = [(from_compact(each.line), weights.get(each.behaviour)) for each in chosen]
        return [
            Weighted(
                f"{name}_{program.body_hash}",
                program,
                None if weight is None else log2(weight),
                origins.get(program.body_hash, ""),
            )
            for program, weight in named
        ]

    def weights(self) -> dict[int, float]:
        """Return the weights of the exact programs, by behaviour."""
        exact = self.exact
        all_bodies = sum(each.bodies for each in exact)
        return {
            each.behaviour: program_weight(each.bodies, each.size, all_bodies) for each in exact
        }


def _join(known: Bred, new: Bred) -> Bred:
    best = min(known, new, key=lambda each: each.rank)
    return replace(best, bodies=known.bodies + new.bodies)
