"""The sources evolution and random mutants: what they propose, and what it depends on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.interrupts import interrupted

from arcbatt.candidates import Proposal, Stop, Weighted
from arcbatt.contract import Known, Source, SourceBudget, TaskView
from arcbatt.engine import open_engine
from arcbatt.engine.breeder import GRID
from arcbatt.evolve import loop, population
from arcbatt.evolve.loop import Evolution, open_pool
from arcbatt.evolve.mutations import first_weights, open_breeder
from arcbatt.evolve.options import EvolutionOptions
from arcbatt.evolve.population import SURE_SIZE
from arcbatt.library import load_library
from arcbatt.program.names import task_in_name
from arcbatt.program.render import to_compact
from arcbatt.sources import random_mutants
from arcbatt.sources.evolution import EvolutionSource
from arcbatt.sources.random_mutants import RandomMutantsSource
from arcbatt.tasks import load_dataset
from lab.evolve import choose_tasks, measure

pytestmark = pytest.mark.native

TRAINING = load_dataset("arc-agi-1", split="training")
NAMES = ("0520fde7", "67a3c6ac", "1f0c79e5")
OPTIONS = EvolutionOptions(mutants=150, rounds=4, population=20, hold_out=True)
PARENTS = [Weighted(each.name, each.program, origin="library") for each in load_library()]
BOTH = pytest.mark.parametrize("kind", [EvolutionSource, RandomMutantsSource])


def view(name: str) -> TaskView:
    return TaskView(TRAINING[name])


def propose(
    kind: type[EvolutionSource] | type[RandomMutantsSource],
    *names: str,
    options: EvolutionOptions = OPTIONS,
    parents: Sequence[Weighted] = PARENTS,
    known: Known | None = None,
    **budget: Any,
) -> list[Proposal]:
    source: Source = kind(options, engine=open_engine(), parents=parents)
    return source.propose(list(map(view, names)), known or Known(), SourceBudget(**budget))


def bodies(proposal: Proposal) -> list[str]:
    return [each.program.body_hash for each in proposal.programs]


def without_time(proposals: Sequence[Proposal]) -> list[Proposal]:
    return [replace(each, effort=replace(each.effort, cpu_s=0.0)) for each in proposals]


def test_reading_the_options_is_cheap() -> None:
    code = (
        "import sys, arcbatt.candidates; before = set(sys.modules);"
        "import arcbatt.sources.evolution, arcbatt.sources.random_mutants;"
        "print(*sorted(set(sys.modules) - before))"
    )
    out = subprocess.check_output([sys.executable, "-c", code], text=True)
    heavy = (
        "arcbatt.engine",
        "arcbatt.dsl",
        "arcbatt.program",
        "arcbatt.search",
        "arcbatt.library",
    )
    assert not [each for each in out.split() if each.startswith(heavy)]
    assert "arcbatt.evolve.loop" not in out.split()


@BOTH
class TestBoth:
    def test_a_task_does_not_depend_on_the_others_or_on_threads(self, kind: Any) -> None:
        together = propose(kind, *NAMES, threads=2)
        alone = [proposal for name in NAMES for proposal in propose(kind, name)]
        assert without_time(together) == without_time(alone)
        assert all(each.effort.cpu_s > 0 for each in together)

    def test_effort_stays_within_the_options(self, kind: Any) -> None:
        [proposal] = propose(kind, "1f0c79e5")
        effort = proposal.effort
        assert 0 < effort.details["mutants"] <= effort.details["rounds"] * OPTIONS.mutants
        assert effort.evaluations > 0
        assert proposal.stopped.stop is Stop.ROUNDS and proposal.stopped.limit == OPTIONS.rounds
        assert proposal.stopped.note.startswith("stopped: 4 rounds done")

    def test_another_seed_finds_something_else(self, kind: Any) -> None:
        one, two = (
            propose(kind, "1f0c79e5", options=replace(OPTIONS, seed=seed)) for seed in (0, 1)
        )
        assert bodies(one[0]) != bodies(two[0])

    def test_what_is_held_out_takes_no_part(self, kind: Any) -> None:
        own = next(each for each in PARENTS if each.name == "solve_67a3c6ac")
        few = [each for each in PARENTS if task_in_name(each.name) in ("67a3c6ac", "1f0c79e5")]
        found = {}
        for hold_out in (False, True):
            options = replace(OPTIONS, mutants=90, rounds=1, hold_out=hold_out)
            [found[hold_out]] = propose(
                kind, "67a3c6ac", options=options, parents=few,
                known=Known({"67a3c6ac": [*few, Weighted("solve_67a3c6ac", own.program)]}),
            )  # fmt: skip
        assert own.program.body_hash in bodies(found[False])
        assert found[True].programs and own.program.body_hash not in bodies(found[True])

    def test_names_weights_and_origins(self, kind: Any) -> None:
        [proposal] = propose(kind, "67a3c6ac", options=replace(OPTIONS, hold_out=False))
        best = proposal.programs[0]
        assert best.name == f"{kind.name}_{best.program.body_hash}"
        assert best.log2_weight is not None and best.log2_weight <= 0
        assert {each.origin for each in proposal.programs} == {"", "library"}
        assert any(each.log2_weight is None for each in proposal.programs)


class TestEvolution:
    def test_a_task_that_a_program_fits_is_left_out(self) -> None:
        left_out, bred = propose(
            EvolutionSource, *NAMES[:2], known=Known(fitting=frozenset(NAMES[:1]))
        )
        assert not left_out.programs and left_out.stopped.stop is Stop.FITTED
        assert bred.programs

    def test_it_begins_with_what_was_proposed_for_the_task(self) -> None:
        few = [each for each in PARENTS if each.name == "solve_1f0c79e5"]
        own = next(each for each in PARENTS if each.name == "solve_67a3c6ac")
        options = EvolutionOptions(mutants=2, population=20)
        known = Known({"67a3c6ac": [Weighted("found_1", own.program, origin="search")]})
        alone, helped = (
            propose(EvolutionSource, "67a3c6ac", options=options, parents=few, known=each)[0]
            for each in (Known(), known)
        )
        assert own.program.body_hash not in bodies(alone)
        [found] = [each for each in helped.programs if each.program == own.program]
        assert found.origin == "search"

    @pytest.mark.parametrize(("size", "expected"), [(60, [0]), (0, [0, 1, 2])])
    def test_islands_begin_anew_until_a_simple_program_is_found(
        self, monkeypatch: pytest.MonkeyPatch, size: int, expected: list[int]
    ) -> None:
        turns: list[int] = []
        islands: list[list[str]] = []
        draw = Evolution._draw_islands

        def spy(self: Evolution, tasks: Sequence[str], turn: int, *rest: Any) -> None:
            draw(self, tasks, turn, *rest)
            turns.append(turn)
            islands.extend(self.progress.tasks["67a3c6ac"].islands)

        monkeypatch.setattr(Evolution, "_draw_islands", spy)
        monkeypatch.setattr(population, "SURE_SIZE", size)
        [found] = propose(EvolutionSource, "67a3c6ac", options=replace(OPTIONS, rounds=6))
        assert turns == expected
        assert found.effort.details["rounds"] == (3 if size else 6)
        assert found.stopped.stop is (Stop.FOUND if size else Stop.ROUNDS)
        assert len(set(map(tuple, islands))) == len(islands), "no two islands begin alike"

    def test_it_says_that_it_found_a_simple_program(self) -> None:
        options = replace(OPTIONS, rounds=6, hold_out=False)
        [found] = propose(EvolutionSource, "67a3c6ac", options=options)
        assert found.stopped.note.startswith(
            f"stopped: 2 rounds after a program of at most {SURE_SIZE} nodes, found "
        )

    def test_time_ends_it_between_rounds(self) -> None:
        options = replace(OPTIONS, rounds=10_000)
        [found] = propose(EvolutionSource, "1f0c79e5", options=options, seconds=0.001)
        assert found.stopped.stop is Stop.TIME and found.effort.details["rounds"] == 1
        assert found.stopped.note.startswith("stopped: 1 round in 0.001 s")

    def test_a_task_that_nothing_fits_has_a_reason(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_islands(found: Sequence[Any]) -> list[list[str]]:
            return [[] for _ in found]

        monkeypatch.setattr(loop, "migrate", no_islands)
        [lost] = propose(EvolutionSource, "1f0c79e5")
        assert lost.stopped.stop is Stop.EXHAUSTED
        assert lost.stopped.note == f"stopped: {loop.NO_PROGRAM}"

    def test_ctrl_c_ends_it_in_the_middle_of_a_round(self) -> None:
        code = """
            from arcbatt.contract import Known, SourceBudget, TaskView
            from arcbatt.engine import open_engine
            from arcbatt.evolve.options import EvolutionOptions
            from arcbatt.sources.evolution import EvolutionSource
            from arcbatt.tasks import load_dataset

            source = EvolutionSource(EvolutionOptions(mutants=10**9), engine=open_engine())
            task = TaskView(load_dataset("arc-agi-1", split="training")["1f0c79e5"])
            print("ready", flush=True)
            try:
                source.propose([task], Known(), SourceBudget())
            except KeyboardInterrupt:
                print("ended", flush=True)
        """
        assert interrupted(code) == ("ended\n", 0)


class TestRandomMutants:
    def test_they_are_the_same_for_all_tasks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[tuple[str, ...]] = []
        run = RandomMutantsSource._run

        def spy(self: RandomMutantsSource, cases: Any, compacts: Sequence[str]) -> Any:
            seen.append(tuple(compacts))
            return run(self, cases, compacts)

        monkeypatch.setattr(RandomMutantsSource, "_run", spy)
        options = replace(OPTIONS, rounds=1, hold_out=False)
        known = Known({"1f0c79e5": PARENTS[:3]}, fitting=frozenset(["1f0c79e5"]))
        for proposal in propose(
            RandomMutantsSource, "1f0c79e5", "0520fde7", options=options, known=known
        ):
            assert proposal.effort.details["mutants"] == OPTIONS.mutants
        own, mutants, own_again, mutants_again = seen
        assert (own, mutants) == (own_again, mutants_again)
        assert len(set(mutants)) == OPTIONS.mutants and set(own).isdisjoint(mutants)

    def test_batches_change_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        [whole] = propose(RandomMutantsSource, "0520fde7")
        monkeypatch.setattr(random_mutants, "BATCH", 37)
        [parts] = propose(RandomMutantsSource, "0520fde7")
        assert parts.effort.evaluations == whole.effort.evaluations
        exact = [each for each in whole.programs if each.log2_weight is not None]
        assert exact == [each for each in parts.programs if each.log2_weight is not None]

    def test_children_name_all_that_they_stem_from(self) -> None:
        pool = open_pool(PARENTS[:30], OPTIONS)
        assert pool.compacts[0] == to_compact(pool.programs[0].program)
        children = open_breeder().mutate(
            pool.compacts,
            pool.compacts,
            goal=GRID,
            inputs="SI",
            weights=first_weights(),
            count=400,
            seed=3,
        )
        assert {child.mutation for child in children} >= {"subgraph", "chain", "branch", "constant"}
        for child in children:
            assert len(child.mates) == (child.mutation in ("chain", "branch"))
            assert len(child.donors) == (child.mutation == "subgraph")


def test_the_laboratory_measures_with_sharing_and_without() -> None:
    pool = open_pool(PARENTS, OPTIONS)
    tasks = choose_tasks(pool, 1)
    shared, alone = (measure(pool, tasks, mutants=50, shares=shares) for shares in (True, False))
    assert shared["mutants"] == alone["mutants"] == 50
    assert shared["evaluations"] == alone["evaluations"]
    assert shared["calls"] < alone["calls"]
