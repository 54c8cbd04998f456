"""`batt eval`: from its words to what it prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.commands import Answer, Batt

from arcbatt.search.run import Searched, Searcher
from arcbatt.tasks import Task

pytest.importorskip("arcbatt._engine")

SET = ("--dataset", "tasks", "--search-nodes", "300", "--jobs", "1")


@pytest.mark.usefixtures("place")
def test_it_says_what_it_found_and_what_that_cost(batt: Batt) -> None:
    answer = batt("eval", *SET)
    assert (answer.code, answer.err) == (0, "")
    lines = [line.rstrip() for line in answer.out.splitlines()]
    assert [line.split()[:2] for line in lines[1:4]] == [
        ["0000aaaa", "1"],
        ["0000bbbb", "1"],
        ["0000cccc", "1"],
    ]
    assert "2              3 of 3  100.0 %             3 of 3  100.0 %" in lines
    assert "a program fits all demos  3 of 3 tasks" in lines
    assert "found but not ranked      0 of 3 tasks, with 2 attempts" in lines
    assert "right, by source          search: 3" in lines
    assert "right, by layers          1: 3" in lines
    assert lines[-1] == "stopped: 3 tasks measured"


@pytest.mark.usefixtures("place")
def test_json_has_it_all(batt: Batt) -> None:
    document = batt("eval", *SET, "--attempts", "1", "--json").json
    assert (document["dataset"], document["attempts"]) == ("tasks", 1)
    assert document["totals"]["tasks_right"] == [3, 3, 3]
    assert document["totals"]["cpu_s"] >= document["totals"]["search_cpu_s"] > 0
    assert document["curve"] == []
    [first, *_] = document["results"]
    assert (first["task"], first["source"], first["layers"]) == ("0000aaaa", "search", 1)
    assert "vmirror(" in first["right"]["text"]
    assert first["tests"] == [{"right_attempt": 1, "found": True, "known": True}]
    assert first["nodes"] > 0 and first["states"] > 0


@pytest.mark.usefixtures("place")
def test_other_sources_are_measured_too(batt: Batt) -> None:
    assert batt("import", "programs.py", "--dataset", "tasks").code == 0
    before = batt("archive", "list", "--json").json
    document = batt("eval", *SET, "--sources", "archive", "--json").json
    assert document["totals"]["tasks_right"] == [2, 2, 2]
    assert document["totals"]["by_source"] == {"archive": 2}
    assert document["totals"]["nodes"] == 0
    assert batt("archive", "list", "--json").json == before


def test_curves_are_numbers_or_a_drawing(batt: Batt, place: Path) -> None:
    words = ("eval", "0000aaaa", *SET, "--results", "results.jsonl")
    answer = batt(*words, "--curve", "curve.json")
    assert answer.code == 0
    assert answer.out.splitlines()[-3].rstrip() == "curve: curve.json"
    points = json.loads((place / "curve.json").read_text())["points"]
    assert [point["nodes_max"] for point in points] == [30, 95, 300]
    assert points[-1]["tasks_right"] == [1, 1, 1]
    again = batt(*words, "--curve", "curve.svg")
    assert again.err == "going on: 3 of 3 were done\n"
    assert (place / "curve.svg").read_text().startswith("<svg ")


MUTANTS = ("--library", "programs.py", "--mutants", "300", "--rounds", "3", "--jobs", "1")


@pytest.mark.usefixtures("place")
def test_evolution_is_a_source(batt: Batt) -> None:
    words = ("eval", "--dataset", "tasks", "--sources", "evolve", *MUTANTS)
    answer = batt(*words)
    assert (answer.code, answer.err) == (0, "")
    lines = [line.rstrip() for line in answer.out.splitlines()]
    assert "3              3 of 3  100.0 %             3 of 3  100.0 %" in lines
    # The third task is solved by a mutant alone.
    assert "right, by source             evolve: 1, file programs.py: 2" in lines
    assert any(line.startswith("runs of mutants on a sample  ") for line in lines)
    document = batt(*words, "--json").json
    assert document["totals"]["mutants"] == sum(each["mutants"] for each in document["results"])
    assert {each["mutants_max"] for each in document["results"]} == {900}


@pytest.mark.usefixtures("place")
def test_what_it_is_compared_with(batt: Batt) -> None:
    words = ("eval", "--dataset", "tasks", *MUTANTS, "--json")
    none = batt(*words, "--sources", "none").json["totals"]
    assert (none["tasks_right"][0], none["mutants"]) == (2, 0)
    held_out = batt(*words, "--sources", "none", "--hold-out").json["totals"]
    assert held_out["tasks_right"][0] == 0
    fresh = batt(*words, "--sources", "fresh").json["totals"]
    assert fresh["mutants"] == 3 * 900 and fresh["tasks_right"][0] >= 2


def test_a_curve_against_mutants(batt: Batt, place: Path) -> None:
    words = ("eval", "--dataset", "tasks", "--sources", "fresh", *MUTANTS, "--results", "r.jsonl")
    assert batt(*words, "--curve", "curve.json").code == 0
    document = json.loads((place / "curve.json").read_text())
    assert document["against"] == "mutants"
    assert [point["mutants_max"] for point in document["points"]] == [300, 600, 900]
    answer = batt(*words, "--curve", "curve.svg")
    assert answer.err == "going on: 9 of 9 were done\n"
    assert "mutants a task" in answer.out
    assert "mutants tried on each task" in (place / "curve.svg").read_text()


def test_broken_programs_of_a_file_are_named(batt: Batt, place: Path) -> None:
    with (place / "programs.py").open("a") as file:
        file.write("\ndef broken(I):\n    return nothing(I)\n")
    words = ("eval", "--dataset", "tasks", "--sources", "none", *MUTANTS)
    answer = batt(*words)
    assert answer.code == 0
    assert "warning[parse]: programs.py:19: " in answer.err
    assert "file programs.py: 2" in answer.out
    with (place / "programs.py").open("a") as file:
        file.write("\ndef loose(I):\n    return vmirror(size(I))\n")
    answer = batt("eval", "0000aaaa", "--dataset", "tasks", "--sources", "fresh", *MUTANTS)
    assert (answer.code, "note: 1 programs can't be mutated: loose" in answer.err) == (0, True)
    (place / "programs.py").write_text("def broken(I):\n    return nothing(I)\n")
    answer = batt(*words)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error[parse]: programs.py:2: ")


def test_ctrl_c_keeps_what_is_done(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Searcher.search
    calls: list[str] = []

    def interrupt(self: Searcher, tasks: Sequence[Task], *, threads: int = 1) -> list[Searched]:
        calls.extend(task.id for task in tasks)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return search(self, tasks, threads=threads)

    monkeypatch.setattr(Searcher, "search", interrupt)
    words = ("eval", *SET, "--results", "results.jsonl")
    answer = batt(*words)
    assert answer.code == 130
    assert "results: results.jsonl; the same command goes on from there" in answer.out
    assert answer.out.rstrip().endswith("stopped: interrupted after 1 of 3 tasks")
    assert "tasks done                1 of 3" in answer.out
    again = batt(*words)
    assert (again.code, again.err) == (0, "going on: 1 of 3 were done\n")
    assert calls == ["0000aaaa", "0000bbbb", "0000bbbb", "0000cccc"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--sources", "none"], "error[usage]: no sources"),
        (["--sources", "libary"], "error[usage]: no source is called 'libary'"),
        (["--sources", "archive"], "error[archive]: archive archive:"),
        (["--sources", "evolve", "--mutants", "0"], "error[usage]: Invalid value for '--mutants'"),
        (["--sources", "none", "--library", "no.py"], "error[parse]: no.py:0: can't be read"),
        (["--sources", "library", "--curve", "c.svg"], "error[usage]: a curve needs a source"),
        (["--attempts", "4"], "error[usage]: Invalid value for '--attempts'"),
        (["--curve", "c.png"], "error[usage]: --curve: expected a file that ends in .json or .svg"),
        (["--curve", "no/c.svg"], "error[usage]: no/c.svg can't be written"),
        (["--results", "no/r"], "error[results]: results no/r: No such file"),
        (["--results", "programs.py"], "error[results]: results programs.py: line 1 is no JSON"),
        (["0000aaab"], "error[task-not-found]: no task '0000aaab' in tasks"),
    ],
)
def test_what_can_not_work_is_an_error(
    batt: Batt, place: Path, words: list[str], error: str
) -> None:
    text = (place / "programs.py").read_text()
    answer: Answer = batt("eval", *SET, *words)
    assert answer.code in (1, 2)
    assert answer.err.startswith(error)
    assert (place / "programs.py").read_text() == text


def test_without_answers_there_is_nothing_to_measure(batt: Batt, place: Path) -> None:
    for path in (place / "tasks").iterdir():
        task = json.loads(path.read_text())
        del task["test"][0]["output"]
        path.write_text(json.dumps(task))
    answer = batt("eval", *SET)
    assert (answer.code, answer.out) == (2, "")
    assert "tasks has no task with known answers" in answer.err
