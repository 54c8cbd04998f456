"""What to evolve and how, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from arcbatt.engine import Budget
from arcbatt.engine.breeder import Breeding
from arcbatt.errors import ArchiveError, ParseError, UsageError
from arcbatt.evolve.state import State
from arcbatt.pipeline.sources import check_kept
from arcbatt.search.functions import NONE, digest_functions
from arcbatt.tasks import DATASETS

SELECTIONS = ("lexicase", "tournament", "best", "dealt")
"""How parents are selected; with the last one children never become parents."""
NODE_FUEL = 20_000
"""Fuel of one call while breeding: what needs more costs too much to be tried."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to evolve, and how.

    Attributes:
        dataset: name or path, see `load_dataset`.
        split: of the dataset.
        ids: of the tasks; none for all.
        start: how many of these tasks to skip, in ascending order of their ids.
        count: how many tasks to take; None for all that are left.
        archive: folder that is dealt from, and that is told what is found.
        library: files with programs that are dealt too.
        sources: whether the shipped library and the archive are dealt.
        rounds: rounds that the run has in all.
        minutes: after which no round begins; None for no bound.
        population: programs that an island keeps.
        islands: of each task.
        mutants: bodies that a task's islands try together in a round.
        selection: one of `SELECTIONS`.
        seed: the same one finds the same.
        hold_out: whether a task gets no programs of the library that are named after it.
        keep_solved: whether solved tasks are evolved on.
        differs: whether the differs give partial credit.
        differ_mutants: differs that are bred in a round too.
        functions: that moves put in as one call, see `load_functions`.
        jobs: threads.
        budget: of validation.
    """

    dataset: str = DATASETS[0]
    split: str | None = None
    ids: tuple[str, ...] = ()
    start: int = 0
    count: int | None = None
    archive: Path
    library: tuple[Path, ...] = ()
    sources: tuple[str, ...] = ("library", "archive")
    rounds: int = 10
    minutes: float | None = None
    population: int = 100
    islands: int = 2
    mutants: int = 10_000
    selection: str = SELECTIONS[0]
    seed: int = 0
    hold_out: bool = False
    keep_solved: bool = False
    differs: bool = True
    differ_mutants: int = 0
    functions: str = NONE
    jobs: int = 1
    budget: Budget = field(default_factory=Budget)

    def __post_init__(self) -> None:
        if self.selection not in SELECTIONS:
            raise UsageError(
                problem=f"no selection is called {self.selection!r}: expected one of"
                f" {', '.join(SELECTIONS)}"
            )
        for name in ("rounds", "population", "islands", "mutants"):
            number = getattr(self, name)
            if number < 1:
                raise UsageError(problem=f"{name}: expected 1 or more, got {number}")
        check_kept(self.sources)
        if self.differ_mutants < 0:
            raise UsageError(
                problem=f"differ_mutants: expected 0 or more, got {self.differ_mutants}"
            )

    @property
    def breeding(self) -> Breeding:
        """How each island does a round."""
        return Breeding(
            mutants=-(-self.mutants // self.islands),
            generation=self.population,
            population=self.population,
            selection=self.selection,
            budget=Budget(node_fuel=NODE_FUEL, value_leaves=self.budget.value_leaves),
        )

    def fingerprint(self, tasks: Sequence[str], lines: Sequence[str]) -> str:
        """Return a digest (hexadecimal) of all that changes what a run finds.

        Neither the number of rounds nor that of threads does.

        Args:
            tasks: ids.
            lines: of the programs that are dealt to every task.
        """
        breeding = asdict(self.breeding)
        functions = [] if self.functions == NONE else [digest_functions(self.functions)]
        settings = [
            *functions, self.dataset, self.split, list(self.sources), self.islands, self.seed,
            self.hold_out, self.keep_solved, self.differs, self.differ_mutants,
            asdict(self.budget), breeding,
        ]  # fmt: skip
        text = json.dumps([settings, list(tasks), list(lines)], sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Start:
    """What is known when a run begins.

    Attributes:
        tasks: how many there are.
        dealt: programs that every task is dealt.
        left_out: names of programs that can't be mutated.
        rounds_before: rounds that an earlier call has done.
        unreadable: programs of the files that could not be read.
    """

    tasks: int
    dealt: int
    left_out: tuple[str, ...]
    rounds_before: int
    unreadable: tuple[ParseError, ...]


@dataclass(frozen=True)
class Evolved:
    """What came of a request.

    Attributes:
        request: what was asked for.
        start: what was known when the run began.
        state: what is known at its end.
        weights: of the moves, as the next round would have them.
        saved: programs that the archive took in this call, new or improved.
        stopped: the sentence with which it ended.
        interrupted: whether Ctrl-C ended it.
        damaged: programs of the archive that could not be read.
    """

    request: Request
    start: Start
    state: State
    weights: dict[str, float]
    saved: int
    stopped: str
    interrupted: bool
    damaged: tuple[ArchiveError, ...] = ()
