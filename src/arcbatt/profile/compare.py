"""Compare two profiles: what changed in time, and whether the work or its result changed."""

from __future__ import annotations

from dataclasses import dataclass

from arcbatt.profile.model import PrimitiveCost, Profile, Spread


@dataclass(frozen=True, slots=True)
class TimeChange:
    """The times of a category in two profiles, or of the whole run."""

    name: str
    wall_then: Spread
    wall_now: Spread
    cpu_then: Spread
    cpu_now: Spread

    @property
    def beyond_spread(self) -> bool:
        """Whether the CPU times of all runs now are less, or more, than those of all runs then.

        A single run has no spread: then nothing is said.
        """
        return min(self.cpu_then.runs, self.cpu_now.runs) > 1 and (
            self.cpu_now.least_ns > self.cpu_then.most_ns
            or self.cpu_now.most_ns < self.cpu_then.least_ns
        )


@dataclass(frozen=True, slots=True)
class PrimitiveChange:
    """What a primitive did in two profiles; None where it was not called."""

    name: str
    then: PrimitiveCost | None
    now: PrimitiveCost | None

    @property
    def work_changed(self) -> bool:
        """Whether calls, failures or fuel differ: then the times are not of the same work."""
        return (self.then.work if self.then else None) != (self.now.work if self.now else None)

    @property
    def cpu_ns(self) -> int:
        """How much more CPU time it takes now."""
        return (self.now.cpu_ns if self.now else 0) - (self.then.cpu_ns if self.then else 0)


@dataclass(frozen=True)
class Comparison:
    """Two profiles side by side.

    Attributes:
        settings: what was run differently: name, then and now.
        times: of the categories, in order, and of the whole run, last.
        primitives: the greatest change of CPU time first.
        same_result: whether all outputs and results are the same.
    """

    settings: tuple[tuple[str, object, object], ...]
    times: tuple[TimeChange, ...]
    primitives: tuple[PrimitiveChange, ...]
    same_result: bool

    @property
    def work_changed(self) -> tuple[PrimitiveChange, ...]:
        """The primitives whose calls, failures or fuel differ."""
        return tuple(each for each in self.primitives if each.work_changed)


def compare_profiles(then: Profile, now: Profile) -> Comparison:
    """Compare a profile with an earlier one."""
    before, after = {**then.work, **then.machine}, {**now.work, **now.machine}
    times = [
        TimeChange(str(old.category), old.wall, new.wall, old.cpu, new.cpu)
        for old, new in zip(then.categories(), now.categories(), strict=True)
    ]
    (wall_then, cpu_then), (wall_now, cpu_now) = then.total, now.total
    times.append(TimeChange("total", wall_then, wall_now, cpu_then, cpu_now))
    old_costs = {each.name: each for each in then.primitives()}
    new_costs = {each.name: each for each in now.primitives()}
    changes = [
        PrimitiveChange(name, old_costs.get(name), new_costs.get(name))
        for name in sorted({*old_costs, *new_costs})
    ]
    return Comparison(
        settings=tuple(
            (name, before[name], after[name]) for name in before if before[name] != after[name]
        ),
        times=tuple(times),
        primitives=tuple(sorted(changes, key=lambda change: -abs(change.cpu_ns))),
        same_result={run.digest for run in then.runs} == {run.digest for run in now.runs},
    )
