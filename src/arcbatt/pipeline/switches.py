"""Switches: every optimisation of a run by name, so that its worth can be measured."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from arcbatt.engine import Budget
from arcbatt.errors import UsageError

MORE_FUEL = 10
"""How much more fuel a call may use where the switch ``fuel`` is off."""
NATIVE = "native"
"""The switch that chooses the engine."""


def _switch(on: str, off: str) -> Any:
    return field(default=True, metadata={"on": on, "off": off})


@dataclass(frozen=True, slots=True)
class Switches:
    """Which optimisations a run has; all of them, if nothing else is said.

    Only ``fuel`` and ``cut`` may change what a run finds: they give up what rarely comes to
    anything. What each one does is told in `explain`.
    """

    sharing: bool = _switch(
        "the programs of a card are one graph, in which equal calls are one node",
        "every program has nodes of its own",
    )
    bodies: bool = _switch(
        "programs with equal bodies are one candidate",
        "each is one of its own",
    )
    behaviours: bool = _switch(
        "of candidates that behave alike the simplest one goes on",
        "all go on, and are compared after validation",
    )
    cut: bool = _switch(
        "the differs see only the best candidates by equal cells",
        "they see all candidates",
    )
    fuel: bool = _switch(
        "a call stops when it has used its fuel",
        f"it stops at {MORE_FUEL} times as much",
    )
    batches: bool = _switch(
        "all candidates of a batch of tasks are validated in one call of the engine",
        "one by one",
    )
    caches: bool = _switch(
        "the parsed library is kept on the disk, the batt from task to task, and what depends on S"
        " alone from sample to sample",
        "they are computed again each time",
    )
    threads: bool = _switch("as many threads as there are jobs", "one thread")
    native: bool = _switch("the native engine", "the reference engine")

    @property
    def off(self) -> tuple[str, ...]:
        """Names of those that are off."""
        return tuple(name for name in SWITCHES if not getattr(self, name))

    def bound(self, budget: Budget) -> Budget:
        """Return the budget to run with."""
        return budget if self.fuel else replace(budget, node_fuel=MORE_FUEL * budget.node_fuel)

    def count_threads(self, jobs: int) -> int:
        """Return how many threads, or processes of the reference engine, to run with."""
        return jobs if self.threads else 1

    def choose_engine(self, name: str | None) -> str | None:
        """Return the name of the engine to run with, see `open_engine`."""
        return name if self.native else "reference"


ALL_ON = Switches()
SWITCHES = tuple(each.name for each in fields(Switches))
"""Names of all switches."""


def explain(name: str) -> tuple[str, str]:
    """Return what a run does with a switch on, and what with it off."""
    [found] = [each.metadata for each in fields(Switches) if each.name == name]
    return found["on"], found["off"]


def switch_off(names: tuple[str, ...]) -> Switches:
    """Return all switches but those with a name."""
    return Switches(**dict.fromkeys(names, False))


def parse_switches(text: str | None) -> tuple[str, ...]:
    """Read names of switches such as ``sharing,threads``, in the order in which they are listed.

    Raises UsageError if one of them is unknown.
    """
    words = [word.strip() for word in text.split(",")] if text is not None else []
    for word in words:
        if word not in SWITCHES:
            raise UsageError(
                problem=f"no switch is called {word!r}: expected some of {', '.join(SWITCHES)}"
            )
    return tuple(name for name in SWITCHES if name in words)
