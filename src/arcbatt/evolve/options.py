"""The settings of evolution."""

from __future__ import annotations

from dataclasses import dataclass, replace

from arcbatt.contract import COUNT_MAX, SEED_MAX, option
from arcbatt.errors import UsageError

SELECTIONS = ("lexicase", "tournament", "best")
"""The methods of selecting parents."""


@dataclass(frozen=True, kw_only=True)
class EvolutionOptions:
    """The settings of evolution.

    Attributes:
        mutants: number of programs that are tried for a task in a round, 1 or more.
        rounds: number of rounds, 1 or more.
        seed: seed of the random numbers; the same seed finds the same programs.
        hold_out: whether programs that are named after a task, and their parts, are not used for
            it.
        population: number of programs that an island keeps, 1 or more.
        islands: number of islands of each task, 1 or more.
        selection: method of selecting parents, one of `SELECTIONS`.
    """

    mutants: int = option(
        9_600, "--mutants", "evolution: Mutants per round.", minimum=1, maximum=10**9
    )
    rounds: int = option(
        1, "--rounds", "evolution: Number of rounds.", minimum=1, maximum=COUNT_MAX
    )
    seed: int = option(0, "--seed", "evolution: Seed.", minimum=0, maximum=SEED_MAX)
    hold_out: bool = False
    population: int = option(
        100,
        "--population",
        "evolution: Programs per island.",
        minimum=1,
        maximum=10**6,
        is_rare=True,
    )
    islands: int = option(
        2, "--islands", "evolution: Islands per task.", minimum=1, maximum=1_000, is_rare=True
    )
    selection: str = option(
        SELECTIONS[0], "--selection", "evolution: Parent choice.", metavar="NAME", is_rare=True
    )

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

    def scaled(self, factor: float) -> EvolutionOptions:
        """Return options with more rounds.

        Args:
            factor: the effort in relation to that of these options; less than 1 counts as 1.
        """
        return replace(self, rounds=round(self.rounds * max(1.0, factor)))
