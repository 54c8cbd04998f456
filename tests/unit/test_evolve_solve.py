"""Evolution and search as sources of `batt solve`: who is left out, going on, votes that last."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Answer, Batt
from tests.interrupts import interrupt_after, interrupted

from arcbatt.archive import Archive, check_archive
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.engine.breeder import Breeder, Findings
from arcbatt.errors import UsageError
from arcbatt.evolve.alone import Evolver, Plan
from arcbatt.evolve.lines import from_line
from arcbatt.evolve.run import NO_PROGRAM
from arcbatt.evolve.source import Evolution
from arcbatt.pipeline.making import LEFT_OUT
from arcbatt.pipeline.solve import Request
from arcbatt.pipeline.solve import solve as solve_request
from arcbatt.pipeline.sources import load_card
from arcbatt.search.run import Searched, Searcher
from arcbatt.tasks import Task, load_dataset

pytest.importorskip("arcbatt._engine")

SMALL = ("--mutants", "200", "--search-nodes", "1000", "--no-differs", "--jobs", "1")
ALL = ("--sources", "archive,search,evolve", "--library", "programs.py")
UNFOUND = ("--search-nodes", "1")
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


def reasons(answer: Answer) -> dict[str, dict[str, str]]:
    return {result["task"]: result["reasons"] for result in answer.json["results"]}


def votes(path: Path, task: str) -> dict[str, float | None]:
    with Archive.open(path, create=False) as archive:
        return {each.md5: each.vote for each in archive.entries(task) if each.score.is_exact}


def votes_by_output(path: Path, task: Task) -> dict[Grid, dict[str, float]]:
    """Return the votes of the exact solvers of a task, by their output on its test and by md5."""
    grids: dict[Grid, dict[str, float]] = {}
    case = Case(S=task.S, I=task.tests[0].input)
    with Archive.open(path, create=False) as archive:
        for kept in archive.programs(task.id).programs:
            if kept.entry.score.is_exact and kept.entry.vote:
                [done] = open_engine().evaluate(
                    [Job(kept.program, [case])], Budget(), keep_outputs=True
                )
                if done.outcomes[0][0].failure is None:
                    grids.setdefault(done.output(0, 0), {})[kept.entry.md5] = kept.entry.vote
    return grids


def test_evolution_alone_solves(solve: Solve, place: Path) -> None:
    answer = solve("--sources", "evolve", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json["totals"]["exact"] == 4
    for told in reasons(answer).values():
        assert list(told) == ["evolve"]
        assert told["evolve"].startswith("stopped: 1 round done, found ")
    made = {result["best"]["source"] for result in answer.json["results"]}
    assert made <= {"library", "evolve"}


def test_what_a_program_of_another_source_fits_is_not_bred_for(solve: Solve) -> None:
    told = reasons(solve(*ALL, "--json"))
    assert told["0000aaaa"]["evolve"] == LEFT_OUT
    assert told["0000cccc"]["search"].startswith("stopped: found ")
    assert told["0000cccc"]["evolve"] == LEFT_OUT
    # With one node nothing is found; the second time the archive has what was bred the first time.
    for expected in ("stopped: 1 round done, found ", LEFT_OUT):
        told = reasons(solve("0000cccc", *ALL, *UNFOUND, "--archive", "other", "--json"))
        assert "found" not in told["0000cccc"]["search"]
        assert told["0000cccc"]["evolve"].startswith(expected)


def test_a_search_is_brief_where_a_dealt_program_fits(
    solve: Solve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, str]] = []
    search = Searcher.search

    def spy(self: Searcher, tasks: Sequence[Task], *, threads: int = 1) -> list[Searched]:
        asked.extend((self.limits.nodes, task.id) for task in tasks)
        return search(self, tasks, threads=threads)

    monkeypatch.setattr(Searcher, "search", spy)
    words = ("0000aaaa", "0000cccc", "--sources", "archive,search", "--search-nodes", "900")
    assert solve(*words, "--library", "programs.py").code == 0
    assert asked == [(900, "0000cccc"), (225, "0000aaaa")]
    asked.clear()
    # What the archive keeps may be what a search found: it does not count.
    assert solve(*words).code == 0
    assert asked == [(900, "0000aaaa"), (900, "0000cccc")]


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
        assert votes(place / "one", task) == votes(place / "two", task)


@EITHER
def test_a_run_goes_on_to_the_same_attempts(
    solve: Solve, place: Path, monkeypatch: pytest.MonkeyPatch, nodes: tuple[str, ...]
) -> None:
    count = 3
    assert solve(*ALL, *nodes, "--archive", "whole").code == 0
    wanted = attempts(place)
    with monkeypatch.context() as patched:
        interrupt_after(count, patched)
        assert solve(*ALL, *nodes).code == 130
    again = solve(*ALL, *nodes, "--json")
    assert again.err == f"going on: {count} of 4 tasks were done\n"
    assert [list(told) for told in reasons(again).values()] == (
        [[]] * count + [["search", "evolve"]] * (4 - count)
    )
    assert attempts(place) == wanted
    for task in wanted:
        assert votes(place / "archive", task) == votes(place / "whole", task)


@pytest.mark.parametrize("words", [["--mutants", "100"], ["--rounds", "2"], ["--seed", "1"]])
def test_another_evolution_does_not_go_on(
    solve: Solve, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    with monkeypatch.context() as patched:
        interrupt_after(1, patched)
        solve("--sources", "archive,evolve")
    assert solve("--sources", "archive,evolve", *words).err == ""


@pytest.mark.parametrize("source", ["search", "evolve"])
def test_what_was_voted_for_is_dealt_with_its_votes(solve: Solve, place: Path, source: str) -> None:
    solve("0000dddd", "--sources", source)
    wanted, told = attempts(place), votes(place / "archive", "0000dddd")
    assert len(told) > 1 and all(told.values())
    for _ in range(2):
        assert solve("0000dddd", "--sources", "archive").code == 0
        assert attempts(place) == wanted
        assert votes(place / "archive", "0000dddd") == told
    # And it is the votes that say so: with others the other meaning comes first.
    first, second = wanted["0000dddd"][0].values()
    assert first != second
    meanings = votes_by_output(place / "archive", load_dataset("tasks")["0000dddd"])
    with Archive.open(place / "archive") as archive:
        [md5, *_] = meanings[tuple(map(tuple, second))]
        archive.add_many((), votes={"0000dddd": {md5: 1000.0}})
    assert solve("0000dddd", "--sources", "archive").code == 0
    assert attempts(place)["0000dddd"][0]["attempt_1"] == second


def test_a_second_search_gives_no_program_more_votes(solve: Solve, place: Path) -> None:
    solve("0000dddd", *ALL)
    wanted, told = attempts(place), votes(place / "archive", "0000dddd")
    assert solve("0000dddd", *ALL, "--json").json["done_before"] == []
    assert attempts(place) == wanted
    assert votes(place / "archive", "0000dddd") == told


def test_a_run_of_evolution_leaves_its_votes(solve: Solve, batt: Batt, place: Path) -> None:
    words = ("--dataset", "tasks", "--mutants", "400", "--jobs", "1")
    evolve = ("evolve", "0000dddd", *words, "--keep-solved")
    assert batt(*evolve, "--rounds", "1").code == 0
    first = votes(place / "archive", "0000dddd")
    assert any(first.values())
    assert batt(*evolve, "--rounds", "3").code == 0
    last = votes(place / "archive", "0000dddd")
    # With what was found later, the first programs count differently.
    assert any(first[md5] != last[md5] for md5 in first.keys() & last.keys())
    assert solve("0000dddd", "--sources", "archive").code == 0
    meanings = votes_by_output(place / "archive", load_dataset("tasks")["0000dddd"])
    ranked = sorted(meanings, key=lambda grid: -sum(meanings[grid].values()))
    assert [tuple(map(tuple, grid)) for grid in attempts(place)["0000dddd"][0].values()] == (
        ranked[:2]
    )


def test_evolution_begins_with_what_is_dealt_to_a_task() -> None:
    task = load_dataset("arc-agi-1", split="training")["67a3c6ac"]
    card = load_card().card
    few = tuple(each for each in card if each.name == "solve_1f0c79e5")
    own = tuple(each for each in card if each.name == "solve_67a3c6ac")
    evolver = Evolver(Plan(mutants=2, population=20), few, engine=open_engine())
    [alone] = evolver.rounds(task)
    [helped] = evolver.rounds(task, own)
    assert own[0].program not in [from_line(find.line) for find in alone.finds]
    assert own[0].program in [from_line(find.line) for find in helped.finds]
    other = load_dataset("arc-agi-1", split="training")["1f0c79e5"]
    assert [helped, *evolver.rounds(other)] == evolver.evolve([(task, own), (other, ())])


def test_the_reference_engine_does_not_evolve(solve: Solve, place: Path) -> None:
    answer = solve("--sources", "archive,evolve", "--engine", "reference")
    assert (answer.code, answer.out) == (2, "")
    assert "the source 'evolve' needs the native engine" in answer.err
    assert not (place / "archive").exists()


def test_python_has_to_say_how_to_evolve(place: Path) -> None:
    request = Request(dataset="tasks", ids=("0000cccc",), sources=("evolve",))
    with pytest.raises(UsageError, match="'evolve' needs to be told how"):
        solve_request(request)
    evolution = Evolution(Plan(mutants=300))
    solved = solve_request(
        Request(dataset="tasks", ids=("0000cccc",), sources=("evolve",), evolution=evolution)
    )
    assert solved.totals.exact == 1


class TestSourcesThatNobodyNames:
    def test_search_is_one_of_them(self, solve: Solve) -> None:
        answer = solve("0000cccc", "--json", "--no-archive")
        assert list(reasons(answer)["0000cccc"]) == ["search"]

    def test_the_reference_engine_does_not_search(self, solve: Solve) -> None:
        answer = solve("0000aaaa", "--json", "--no-archive", "--without", "native")
        assert answer.code == 0
        assert reasons(answer)["0000aaaa"] == {}

    def test_a_batt_is_dealt_alone(self, solve: Solve, batt: Batt) -> None:
        batt("deal", "-o", "x.batt", "--sources", "none", "--library", "programs.py")
        answer = solve("0000cccc", "-b", "x.batt", "--json", "--no-archive")
        assert reasons(answer)["0000cccc"] == {}


def test_evolve_deals_from_what_holds_programs(batt: Batt, place: Path) -> None:
    answer = batt("evolve", "--dataset", "tasks", "--sources", "library,search")
    assert (answer.code, answer.out) == (2, "")
    assert "the source 'search' finds programs for single tasks" in answer.err
    assert not (place / "archive").exists()


def test_programs_that_return_no_grid_cost_nothing(
    solve: Solve, batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "numbers.py").write_text("def solve_number(I):\n    return height(I)\n")
    words = ("--dataset", "tasks", "--mutants", "100", "--rounds", "1", "--jobs", "1")
    numbers = ("0000cccc", "--sources", "none", "--library", "numbers.py")
    assert solve("--sources", "none", "--library", "programs.py").code == 0
    before = votes(place / "archive", "0000aaaa")
    assert before
    # Random programs stand in for what has the wrong type.
    answer = batt("evolve", *numbers, *words)
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "stopped: 1 round done")
    bred = solve("0000cccc", "--sources", "evolve", "--library", "numbers.py", "--json")
    assert bred.code == 0 and bred.json["totals"]["dealt"] > 1

    breed = Breeder.breed

    def none_fits(*args: Any, **options: Any) -> list[Findings]:
        return [Findings((), found.tallies, found.counts) for found in breed(*args, **options)]

    monkeypatch.setattr(Breeder, "breed", none_fits)
    lost = solve("0000cccc", "--sources", "evolve", "--library", "numbers.py", "--json")
    assert (lost.code, lost.err) == (0, "")
    assert reasons(lost)["0000cccc"]["evolve"] == f"stopped: {NO_PROGRAM}"
    answer = batt("evolve", *numbers, *words, "--seed", "1")
    assert (answer.code, answer.out.splitlines()[-1]) == (
        0,
        "stopped: no program fits any of 1 task",
    )
    assert votes(place / "archive", "0000aaaa") == before
    assert check_archive(place / "archive", repair=False).is_clean


def test_ctrl_c_in_the_middle_of_breeding_keeps_what_is_done(place: Path) -> None:
    code = """
        from arcbatt.engine.breeder import Breeder
        from arcbatt.evolve.alone import Plan
        from arcbatt.evolve.source import Evolution
        from arcbatt.pipeline.run import Settings
        from arcbatt.pipeline.solve import Request, solve
        from pathlib import Path

        breed = Breeder.breed

        def say_and_breed(*words, **options):
            print("ready", flush=True)
            return breed(*words, **options)

        Breeder.breed = say_and_breed
        solved = solve(
            Request(dataset="tasks", sources=("archive", "evolve"), archive=Path("archive"),
                    library=(Path("programs.py"),), settings=Settings(batch=1),
                    evolution=Evolution(Plan(mutants=10**9))),
        )
        print(solved.report.stopped, flush=True)
    """
    out, code_of_exit = interrupted(code)
    # The two tasks that a program fits are done at once; the third one would take for ever.
    assert out == "stopped: interrupted after 2 tasks\n"
    assert code_of_exit == 0
    with Archive.open(place / "archive", create=False) as archive:
        assert archive.tasks() == ["0000aaaa", "0000bbbb"]
