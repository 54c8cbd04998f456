"""`batt eval`: from its words to what it prints."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.commands import Answer, Batt

from arcbatt.candidates import Effort, Proposal, Stop, StopReason
from arcbatt.contract import Known, SourceBudget, TaskView
from arcbatt.sources.search import SearchSource

pytestmark = pytest.mark.native

SET = ("--dataset", "tasks", "--sources", "search", "--search-evaluations", "300", "--jobs", "1")
LIBRARY = ("--dataset", "tasks", "--sources", "none", "--library", "programs.py", "--jobs", "1")


@pytest.mark.usefixtures("place")
def test_it_says_what_it_found_and_what_that_took(batt: Batt) -> None:
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
    assert any(line.split()[:1] == ["search"] for line in lines), "what the source took"
    assert lines[-1] == "stopped: 3 tasks done"


@pytest.mark.usefixtures("place")
def test_json_has_it_all(batt: Batt) -> None:
    document = batt("eval", *SET, "--attempts", "1", "--json").json
    assert (document["dataset"], document["attempts"]) == ("tasks", 1)
    assert document["sources"] == ["search"]
    totals = document["totals"]
    assert totals["tasks_right"] == [3, 3, 3]
    assert totals["cpu_s"] >= totals["efforts"]["search"]["cpu_s"] > 0
    assert document["curve"] == []
    [first, *_] = document["results"]
    assert (first["task"], first["source"], first["effort"]) == ("0000aaaa", "search", 300)
    assert "vmirror(" in first["right"]["text"]
    assert first["tests"] == [{"right_attempt": 1, "found": True, "known": True}]
    evaluations = [each["efforts"]["search"]["evaluations"] for each in document["results"]]
    assert sum(evaluations) == totals["efforts"]["search"]["evaluations"] > 0


@pytest.mark.usefixtures("place")
def test_other_sources_are_measured_too(batt: Batt) -> None:
    assert batt("import", "programs.py", "--dataset", "tasks").code == 0
    before = batt("archive", "list", "--json").json
    words = ("eval", "--dataset", "tasks", "--jobs", "1", "--json")
    totals = batt(*words, "--sources", "archive").json["totals"]
    assert (totals["tasks_right"], totals["by_source"]) == ([2, 2, 2], {"archive": 2})
    assert totals["efforts"]["archive"]["evaluations"] == 0
    assert batt("archive", "list", "--json").json == before
    totals = batt("eval", *LIBRARY, "--json").json["totals"]
    assert (totals["tasks_right"][0], totals["by_source"]) == (2, {"file programs.py": 2})
    held_out = batt("eval", *LIBRARY, "--hold-out", "--json").json["totals"]
    assert held_out["tasks_right"] == [0, 0, 0]


def test_curves_are_numbers_or_a_drawing(batt: Batt, place: Path) -> None:
    words = ("eval", "0000aaaa", *SET, "--results", "results.jsonl")
    answer = batt(*words, "--curve", "curve.json")
    assert answer.code == 0
    assert answer.out.splitlines()[-3].rstrip() == "curve: curve.json"
    points = json.loads((place / "curve.json").read_text())["points"]
    assert [point["effort"] for point in points] == [1, 4, 18, 75, 300]
    assert points[-1]["tasks_right"] == [1, 1, 1]
    evaluations = [point["evaluations"]["search"] for point in points]
    assert evaluations == sorted(evaluations)
    pytest.importorskip("matplotlib")
    again = batt(*words, "--curve", "curve.svg")
    assert again.err == "going on: 5 of 5 were done\n"
    assert "<svg " in (place / "curve.svg").read_text()


def test_efforts_that_were_not_reached_are_named(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(
        self: SearchSource, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        assert budget.seconds is not None
        if budget.evaluations > 4:
            time.sleep(budget.seconds)
        stop = StopReason(Stop.EVALUATIONS if budget.evaluations <= 4 else Stop.TIME)
        return [Proposal((), Effort(0.0, budget.evaluations // 2), stop) for _ in tasks]

    monkeypatch.setattr(SearchSource, "propose", late)
    words = ("eval", "0000aaaa", *SET, "--total-time", "0.4s", "--curve", "curve.json")
    answer = batt(*words)
    assert answer.code == 0
    assert "not on the curve, since not all tasks reached it: 18, 75, 300\n" in answer.out
    points = json.loads((place / "curve.json").read_text())["points"]
    assert [point["effort"] for point in points] == [1, 4]


def test_broken_programs_of_a_file_are_named(batt: Batt, place: Path) -> None:
    with (place / "programs.py").open("a") as file:
        file.write("\ndef broken(I):\n    return nothing(I)\n")
    answer = batt("eval", *LIBRARY)
    assert answer.code == 0
    assert "warning[parse]: programs.py:19: " in answer.err
    assert "file programs.py: 2" in answer.out
    (place / "programs.py").write_text("def broken(I):\n    return nothing(I)\n")
    answer = batt("eval", *LIBRARY)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error[parse]: programs.py:2: ")


def test_ctrl_c_keeps_what_is_done(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    propose: Callable[..., list[Proposal]] = SearchSource.propose
    calls: list[str] = []

    def interrupt(
        self: SearchSource, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        calls.extend(task.id for task in tasks)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return propose(self, tasks, known, budget)

    monkeypatch.setattr(SearchSource, "propose", interrupt)
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
        (["--sources", "archive", "--archive", "a"], "error[archive]: archive a: there is no"),
        (["--sources", "none", "--library", "no.py"], "error[parse]: no.py: can't be read"),
        (["--attempts", "4"], "error[usage]: Invalid value for '--attempts'"),
        (["--curve", "c.png"], "error[usage]: --curve: expected a file that ends in .json or .svg"),
        (["--curve", "no/c.json"], "error[usage]: no/c.json can't be written"),
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
