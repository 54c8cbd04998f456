"""Evaluation of evolution and of fresh mutants: counts, curves, hold-out, going on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arcbatt.engine import open_engine
from arcbatt.engine.breeder import GRID
from arcbatt.errors import ResultsError
from arcbatt.evaluation.judge import TaskRecord
from arcbatt.evaluation.measure import Bench, Reach, Setup
from arcbatt.evaluation.run import Evaluated, Request, evaluate
from arcbatt.evolve import alone, finds
from arcbatt.evolve.alone import FRESH, Evolver, Fresh, Plan, make_fresh
from arcbatt.evolve.deal import Dealing, make_pool, task_of
from arcbatt.evolve.finds import Crop
from arcbatt.evolve.lines import from_line
from arcbatt.evolve.moves import first_weights
from arcbatt.evolve.vocabulary import open_breeder
from arcbatt.pipeline.deal import EVOLVE, LIBRARY, SEARCH
from arcbatt.pipeline.sources import load_card
from arcbatt.search.run import Limits
from arcbatt.tasks import Task, load_dataset

pytest.importorskip("arcbatt._engine")

TRAINING = load_dataset("arc-agi-1", split="training")
SMALL = ("007bbfb7", "0520fde7", "67a3c6ac")
PLAN = Plan(mutants=150, rounds=4, population=20, hold_out=True)
CARD = load_card().card


def task(name: str) -> Task:
    return TRAINING[name]


def crops(source: str, plan: Plan, name: str) -> list[Crop]:
    if source == FRESH:
        return list(Fresh(plan, CARD).rounds(task(name)))
    return list(Evolver(plan, CARD, engine=open_engine()).rounds(task(name)))


def request(path: Path | None = None, **others: Any) -> Request:
    setup = Setup(sources=(LIBRARY, EVOLVE), plan=PLAN)
    return Request(ids=SMALL, results=path, **({"setup": setup} | others))


def found(record: TaskRecord) -> tuple[Any, ...]:
    """Return what does not depend on the machine."""
    effort = record.effort
    return (record.tests, record.programs, record.right, effort.mutants, effort.evaluations)


def points(evaluated: Evaluated) -> list[tuple[int, int]]:
    return [(reach.rounds, totals.mutants) for reach, totals in evaluated.curve]


@pytest.mark.parametrize("source", [EVOLVE, FRESH])
class TestMakers:
    def test_fewer_rounds_are_the_first_of_more(self, source: str) -> None:
        fewer, more = (crops(source, replace(PLAN, rounds=n), "0520fde7") for n in (2, 4))
        assert fewer == more[:2]
        assert [crop.rounds for crop in more] == list(range(1, len(more) + 1))

    def test_no_more_mutants_than_asked_for(self, source: str) -> None:
        for crop in crops(source, PLAN, "1f0c79e5"):
            assert 0 < crop.mutants <= crop.rounds * PLAN.mutants
            assert crop.evaluations > 0

    def test_another_seed_finds_something_else(self, source: str) -> None:
        one, two = (crops(source, replace(PLAN, seed=seed), "1f0c79e5") for seed in (0, 1))
        assert one[-1].finds != two[-1].finds

    def test_what_is_held_out_takes_no_part(self, source: str) -> None:
        own = next(each.program for each in CARD if each.name == "solve_67a3c6ac")
        few = tuple(each for each in CARD if task_of(each.name) in ("67a3c6ac", "1f0c79e5"))
        maker: Any = Fresh if source == FRESH else Evolver
        extra = {} if source == FRESH else {"engine": open_engine()}
        found_by = {}
        for hold_out in (False, True):
            plan = replace(PLAN, mutants=20, rounds=1, hold_out=hold_out)
            [crop] = maker(plan, few, **extra).rounds(task("67a3c6ac"))
            found_by[hold_out] = [from_line(find.line) for find in crop.finds]
        assert own in found_by[False]
        assert found_by[True] and own not in found_by[True]


@pytest.mark.parametrize(("nodes", "expected"), [(60, [0]), (0, [0, 1, 2])])
def test_islands_begin_anew_until_a_simple_program_is_found(
    monkeypatch: pytest.MonkeyPatch, nodes: int, expected: list[int]
) -> None:
    turns: list[int] = []
    dealt: list[list[str]] = []
    deal = Dealing.deal

    def spy(self: Dealing, grounds: Any, **options: Any) -> dict[str, list[list[str]]]:
        turns.append(options["turn"])
        dealing = deal(self, grounds, **options)
        dealt.extend(dealing["67a3c6ac"])
        return dealing

    monkeypatch.setattr(Dealing, "deal", spy)
    monkeypatch.setattr(finds, "SURE_NODES", nodes)
    found = crops(EVOLVE, replace(PLAN, rounds=6), "67a3c6ac")
    assert turns == expected
    assert len(found) == (3 if nodes else 6)
    assert len(set(map(tuple, dealt))) == len(dealt), "no two islands begin alike"


def test_fresh_mutants_are_the_same_for_all_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, ...]] = []
    run = Fresh._run

    def spy(self: Fresh, grounds: Any, lines: Any) -> Any:
        seen.append(tuple(lines))
        return run(self, grounds, lines)

    monkeypatch.setattr(Fresh, "_run", spy)
    fresh = Fresh(replace(PLAN, rounds=1, hold_out=False), CARD)
    for name in ("1f0c79e5", "0520fde7"):
        [crop] = fresh.rounds(task(name))
        assert crop.mutants == PLAN.mutants
    own, mutants, own_again, mutants_again = seen
    assert (own, mutants) == (own_again, mutants_again)
    assert len(set(mutants)) == PLAN.mutants and set(own).isdisjoint(mutants)


def test_batches_of_fresh_mutants_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = crops(FRESH, PLAN, "0520fde7")
    monkeypatch.setattr(alone, "BATCH", 37)
    parts = crops(FRESH, PLAN, "0520fde7")
    assert [crop.evaluations for crop in parts] == [crop.evaluations for crop in whole]
    assert [find for find in parts[-1].finds if find.is_exact] == [
        find for find in whole[-1].finds if find.is_exact
    ]


def test_fresh_mutants_name_all_that_they_stem_from() -> None:
    breeder = open_breeder()
    pool = make_pool(CARD[:30], breeder, size_max=60)
    plan = Plan(mutants=400, rounds=3, hold_out=True)
    made = list(make_fresh(pool, plan, breeder))
    assert list(make_fresh(pool, replace(plan, rounds=1), breeder)) == made[:1]
    lines = [line for some in made for line, _ in some]
    assert len(set(lines)) == len(lines) == 1200
    assert {len(places) for some in made for _, places in some} >= {1, 2}
    children = open_breeder().mutate(
        pool.lines,
        pool.lines,
        goal=GRID,
        inputs="SI",
        weights=first_weights(),
        count=400,
        seed=3,
    )
    assert {child.move for child in children} >= {"subgraph", "chain", "branch", "constant"}
    for child in children:
        assert len(child.mates) == (child.move in ("chain", "branch"))
        assert len(child.donors) == (child.move == "subgraph")


class TestEvaluate:
    def test_a_curve_is_bred_once(self) -> None:
        evaluated = evaluate(request(curve=True))
        assert [reach for reach, _ in evaluated.curve] == [Reach(1), Reach(2), Reach(4)]
        counts = [mutants for _, mutants in points(evaluated)]
        assert counts == sorted(counts) and counts[0] > 0
        assert evaluated.curve[-1][1] == evaluated.totals
        rights = [totals.tasks_right[2] for _, totals in evaluated.curve]
        fewer = evaluate(request(setup=Setup((LIBRARY, EVOLVE), plan=replace(PLAN, rounds=2))))
        assert points(evaluated)[1][1] == fewer.totals.mutants
        assert rights[1] == fewer.totals.tasks_right[2]
        for record in evaluated.records:
            assert record.mutants_max == 600 and record.nodes_max == 0
            assert record.effort.cpu_s >= record.effort.mutants_cpu_s > 0

    def test_one_process_or_two_find_the_same(self) -> None:
        one, two = evaluate(request()), evaluate(request(jobs=2))
        assert list(map(found, one.records)) == list(map(found, two.records))
        assert one.totals.mutants > 0

    def test_it_goes_on_where_it_was(self, tmp_path: Path) -> None:
        path = tmp_path / "results.jsonl"
        whole = evaluate(request(path, curve=True))
        lines = path.read_bytes().splitlines(keepends=True)
        assert len(lines) == 1 + 3 * len(SMALL)
        path.write_bytes(b"".join(lines[:5]))
        starts: list[tuple[int, int]] = []
        again = evaluate(
            request(path, curve=True),
            on_start=lambda start: starts.append((start.measurements, start.done_before)),
        )
        assert starts == [(9, 4)]
        assert list(map(found, again.records)) == list(map(found, whole.records))
        assert sorted(path.read_bytes().splitlines())[0] == lines[0].rstrip()
        assert len(path.read_bytes().splitlines()) == 10

    def test_more_rounds_go_on_in_the_same_file(self, tmp_path: Path) -> None:
        path = tmp_path / "results.jsonl"
        evaluate(request(path))
        more = Setup((LIBRARY, EVOLVE), plan=replace(PLAN, rounds=5))
        assert evaluate(request(path, setup=more)).records[0].mutants_max == 750
        other = Setup((LIBRARY, EVOLVE), plan=replace(PLAN, seed=1))
        with pytest.raises(ResultsError, match="seed was 0 and is 1"):
            evaluate(request(path, setup=other))

    def test_without_its_own_program_a_task_is_harder(self) -> None:
        own, held = (
            evaluate(request(setup=Setup((LIBRARY,), plan=Plan(hold_out=hold_out))))
            for hold_out in (False, True)
        )
        assert own.totals.tasks_right == (3, 3, 3)
        assert held.totals.tasks_right[0] < 3
        assert held.totals.mutants == 0

    def test_sources_can_be_mixed(self) -> None:
        sources = (SEARCH, FRESH, EVOLVE)
        setup = Setup(sources, plan=PLAN, search=Limits(nodes=500))
        evaluated = evaluate(request(setup=setup, curve=True))
        assert [reach.nodes for reach, _ in evaluated.curve] == [500] * 3
        nodes = {totals.nodes for _, totals in evaluated.curve}
        assert len(nodes) == 1 and nodes.pop() > 0
        assert set(evaluated.totals.by_source) <= {SEARCH, FRESH, EVOLVE, LIBRARY}

    def test_mutants_alone_are_made_of_the_library(self) -> None:
        bench = Bench(Setup((EVOLVE,), plan=PLAN))
        assert not bench.card and bench.parents == CARD
        [measured] = bench.measure(task("67a3c6ac"), [Reach(1)])
        assert measured.effort.mutants == PLAN.mutants
