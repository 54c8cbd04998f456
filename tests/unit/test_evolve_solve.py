"""Evolution and search as sources of `batt solve`: who is left out, going on, kept weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Answer, Batt
from tests.interrupts import interrupt_after

from arcbatt.archive import Archive
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.engine.breeder import Breeder, Findings
from arcbatt.evolve.loop import NO_PROGRAM
from arcbatt.sources.evolution import FITTED
from arcbatt.tasks import Task, TaskKey, load_dataset

pytestmark = pytest.mark.native

SMALL = ("--mutants", "400", "--search-evaluations", "1000", "--no-differs", "--jobs", "1")
ALL = ("--sources", "archive,search,evolution", "--library", "programs.py")
UNFOUND = ("--search-evaluations", "1")
"""With so little, search finds nothing, and all is left to evolution."""
EITHER = pytest.mark.parametrize("nodes", [(), UNFOUND], ids=["found", "bred"])
DEMOS = [[[1, 2], [1, 2]], [[3, 4, 5], [6, 7, 8], [3, 4, 5]]]
"""Each is the same upside down, so that mirroring and turning do the same."""
TEST = [[1, 2], [3, 4]]


@pytest.fixture
def solve(batt: Batt, place: Path) -> Callable[..., Answer]:
    """Return `batt solve` with little to do, on one task more: 0000dddd has two meanings."""
    samples = [{"input": grid, "output": [row[::-1] for row in grid]} for grid in DEMOS]
    content = {"train": samples, "test": [{"input": TEST}]}
    (place / "tasks" / "0000dddd.json").write_text(json.dumps(content))

    def run(*words: str | Path) -> Answer:
        return batt("solve", "--dataset", "tasks", *SMALL, *words)

    return run


Solve = Callable[..., Answer]


def attempts(place: Path) -> dict[str, Any]:
    return dict(json.loads((place / "submission.json").read_text()))


def stops(answer: Answer) -> dict[str, dict[str, str]]:
    return {result["task"]: result["stopped"] for result in answer.json["results"]}


def key_of(task: str) -> TaskKey:
    return load_dataset("tasks")[task].key


def weights(path: Path, task: str) -> dict[str, float | None]:
    with Archive.open(path, create=False) as archive:
        entries = archive.entries(key_of(task))
        return {each.md5: each.weight for each in entries if each.score.is_exact}


def weights_by_output(path: Path, task: Task) -> dict[Grid, dict[str, float]]:
    """Return the weights of the exact solvers of a task, by their output on its test and by md5."""
    grids: dict[Grid, dict[str, float]] = {}
    case = Case(S=task.S, I=task.tests[0].input)
    with Archive.open(path, create=False) as archive:
        for kept in archive.programs(task.key).programs:
            if kept.entry.score.is_exact and kept.entry.weight:
                [done] = open_engine().evaluate(
                    [Job(kept.program, [case])], Budget(), keep_outputs=True
                )
                if done.outcomes[0][0].failure is None:
                    grids.setdefault(done.output(0, 0), {})[kept.entry.md5] = kept.entry.weight
    return grids


def test_evolution_alone_solves(solve: Solve, place: Path) -> None:
    answer = solve("--sources", "evolution", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json["totals"]["exact"] == 4
    for told in stops(answer).values():
        assert list(told) == ["evolution"]
        assert told["evolution"].startswith("stopped: 1 round done, found ")
    made = {result["best"]["source"] for result in answer.json["results"]}
    assert made <= {"library", "evolution"}


def test_what_a_program_of_another_source_fits_is_not_bred_for(solve: Solve) -> None:
    told = stops(solve(*ALL, "--json"))
    assert told["0000aaaa"]["evolution"] == FITTED.note
    assert told["0000cccc"]["search"].startswith("stopped: found ")
    assert told["0000cccc"]["evolution"] == FITTED.note
    # With one node nothing is found; the second time the archive has what was bred the first time.
    for timeout, expected in (("5s", "stopped: 1 round done, found "), ("6s", FITTED.note)):
        words = (*ALL, *UNFOUND, "--archive", "other", "--timeout", timeout)
        told = stops(solve("0000cccc", *words, "--json"))
        assert "found" not in told["0000cccc"]["search"]
        assert told["0000cccc"]["evolution"].startswith(expected)


@EITHER
def test_threads_and_batches_change_nothing(
    solve: Solve, place: Path, nodes: tuple[str, ...]
) -> None:
    words = (*ALL, *nodes, "--rounds", "2", "--json")
    one = solve(*words, "--archive", "one", "--jobs", "1").json
    wanted = attempts(place)
    two = solve(*words, "--archive", "two", "--jobs", "3").json
    assert one["results"] == two["results"]
    assert attempts(place) == wanted
    for task in wanted:
        assert weights(place / "one", task) == weights(place / "two", task)


@EITHER
def test_a_run_goes_on_to_the_same_attempts(
    solve: Solve, place: Path, monkeypatch: pytest.MonkeyPatch, nodes: tuple[str, ...]
) -> None:
    count = 3
    whole = solve(*ALL, *nodes, "--archive", "whole", "--json")
    wanted = attempts(place)
    with monkeypatch.context() as patched:
        interrupt_after(count, patched)
        assert solve(*ALL, *nodes).code == 130
    again = solve(*ALL, *nodes, "--json")
    assert again.err == f"going on with pass 1: {count} of 4 tasks were tried\n"
    assert stops(again) == stops(whole)
    assert attempts(place) == wanted
    for task in wanted:
        assert weights(place / "archive", task) == weights(place / "whole", task)


@pytest.mark.parametrize("words", [["--mutants", "100"], ["--rounds", "2"], ["--seed", "1"]])
def test_another_evolution_does_not_go_on(
    solve: Solve, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    with monkeypatch.context() as patched:
        interrupt_after(1, patched)
        solve("--sources", "archive,evolution")
    assert solve("--sources", "archive,evolution", *words).err == ""


@pytest.mark.parametrize("source", ["search", "evolution"])
def test_what_is_kept_is_proposed_with_its_weight(solve: Solve, place: Path, source: str) -> None:
    solve("0000dddd", "--sources", source)
    wanted, told = attempts(place), weights(place / "archive", "0000dddd")
    assert len(told) > 1 and all(told.values())
    for timeout in ("5s", "6s"):
        assert solve("0000dddd", "--sources", "archive", "--timeout", timeout).code == 0
        assert attempts(place) == wanted
        assert weights(place / "archive", "0000dddd") == told
    # The weights say so: with others the other meaning comes first.
    first, second = wanted["0000dddd"][0].values()
    assert first != second
    meanings = weights_by_output(place / "archive", load_dataset("tasks")["0000dddd"])
    with Archive.open(place / "archive") as archive:
        [md5, *_] = meanings[tuple(map(tuple, second))]
        archive.add_many((), weights={key_of("0000dddd"): {md5: 1000.0}})
    # The archive has changed since: the finished run tries the task again.
    again = solve("0000dddd", "--sources", "archive", "--timeout", "6s")
    assert again.err == (
        "going on with pass 1: 1 of 1 tasks were tried, 1 of them are tried again, since a source"
        " had failed, or arcbatt or the archive has changed\n"
    )
    assert attempts(place)["0000dddd"][0]["attempt_1"] == second


def test_a_second_search_gives_no_program_more_weight(solve: Solve, place: Path) -> None:
    solve("0000dddd", *ALL)
    wanted, told = attempts(place), weights(place / "archive", "0000dddd")
    assert solve("0000dddd", *ALL, "--timeout", "9s", "--json").json["done_before"] == []
    assert attempts(place) == wanted
    assert weights(place / "archive", "0000dddd") == told


def test_a_run_of_evolution_leaves_its_weights(solve: Solve, batt: Batt, place: Path) -> None:
    words = ("--dataset", "tasks", "--mutants", "400", "--jobs", "1")
    evolve = ("evolve", "0000dddd", *words, "--keep-solved")
    assert batt(*evolve, "--rounds", "1").code == 0
    first = weights(place / "archive", "0000dddd")
    assert any(first.values())
    assert batt(*evolve, "--rounds", "3").code == 0
    last = weights(place / "archive", "0000dddd")
    # With what was found later, the first programs count differently.
    assert any(first[md5] != last[md5] for md5 in first.keys() & last.keys())
    assert solve("0000dddd", "--sources", "archive").code == 0
    meanings = weights_by_output(place / "archive", load_dataset("tasks")["0000dddd"])
    ranked = sorted(meanings, key=lambda grid: -sum(meanings[grid].values()))
    assert [tuple(map(tuple, grid)) for grid in attempts(place)["0000dddd"][0].values()] == (
        ranked[:2]
    )


def test_the_reference_engine_does_not_evolve(solve: Solve, place: Path) -> None:
    answer = solve("--sources", "archive,evolution", "--engine", "reference")
    assert (answer.code, answer.out) == (2, "")
    assert "the source 'evolution' needs the native engine" in answer.err
    assert not (place / "archive").exists()


def test_evolve_has_parents_from_what_holds_programs(batt: Batt, place: Path) -> None:
    answer = batt("evolve", "--dataset", "tasks", "--sources", "archive,search")
    assert (answer.code, answer.out) == (2, "")
    assert "the source 'search' has no parents for evolution" in answer.err
    assert not (place / "archive").exists()


def test_programs_that_return_no_grid_cost_nothing(
    solve: Solve, batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "numbers.py").write_text("def solve_number(I):\n    return height(I)\n")
    words = ("--dataset", "tasks", "--mutants", "100", "--rounds", "1", "--jobs", "1")
    numbers = ("0000cccc", "--sources", "none", "--library", "numbers.py")
    # Random programs stand in for what has the wrong type.
    answer = batt("evolve", *numbers, *words)
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "stopped: 1 round done")
    bred = solve("0000cccc", "--sources", "evolution", "--library", "numbers.py", "--json")
    assert bred.code == 0 and bred.json["totals"]["proposed"] > 1

    breed = Breeder.breed

    def none_fits(*args: Any, **options: Any) -> list[Findings]:
        return [Findings((), found.tallies, found.counts) for found in breed(*args, **options)]

    monkeypatch.setattr(Breeder, "breed", none_fits)
    more = ("--library", "numbers.py", "--timeout", "9s")
    lost = solve("0000cccc", "--sources", "evolution", *more, "--json")
    assert (lost.code, lost.err) == (0, "")
    assert stops(lost)["0000cccc"]["evolution"] == f"stopped: {NO_PROGRAM}"
    answer = batt("evolve", *numbers, *words, "--seed", "1")
    assert NO_PROGRAM[:40] in answer.out
    assert answer.out.splitlines()[-1] == "stopped: no program fits any of 1 task"
