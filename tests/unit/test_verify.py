"""`batt verify`: both engines do the same, and an engine that lies is caught."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Batt
from tests.runs import Lie, LyingEngine, weighted

from arcbatt.candidates import Counts, MergedPrograms
from arcbatt.commands import verify as verifying
from arcbatt.commands.verify import choose_programs, read_threads, verify
from arcbatt.context import Context
from arcbatt.engine import Engine, Evaluation, open_engine
from arcbatt.errors import EngineError, UsageError
from arcbatt.library import load_merged_library
from arcbatt.pipeline.run import Settings
from arcbatt.tasks import load_dataset


@pytest.mark.native
def test_training_tasks_are_the_same_with_1_2_and_8_threads(batt: Batt) -> None:
    answer = batt("verify", "--split", "training", "--count", "10", "--programs", "4", "--json")
    document = answer.json
    assert (answer.code, answer.err) == (0, "")
    assert document["differences"] == []
    assert (document["tasks"], document["programs"]) == (10, 40)
    assert (document["engine"], document["threads"]) == ("native", [1, 2, 8])
    compared = document["compared"]
    for what in (
        *(f"candidates {one.name}" for one in fields(Counts)),
        "o_score",
        "s_score",
        "attempts",
    ):
        assert compared[what] == 10 * 3
    assert compared["archive solver"] >= 10 * 3
    assert compared["archive differ"] == len(Context().differs.names) * 10 * 3


@pytest.mark.native
def test_a_table_says_what_was_compared(batt: Batt, place: Path) -> None:
    answer = batt(
        "verify", "0000aaaa", "0000bbbb", "--dataset", "tasks", "--library", "programs.py",
        "--programs", "0", "--threads", "2",
    )  # fmt: skip
    assert answer.code == 0
    lines = [line.split() for line in answer.out.splitlines()]
    assert ["candidates", "proposed", "2", "0"] in lines
    assert ["programs", "6"] in [line[:2] for line in lines]
    assert ["differences", "0"] in lines


@pytest.mark.parametrize(
    ("lie", "caught"),
    [
        (lambda root: replace(root, fuel=root.fuel + 1), "archive differ"),
        (lambda root: replace(root, fuel=root.fuel + 1), "archive solver"),
        (lambda root: replace(root, score=min(root.score, 999)), "o_score"),
        (lambda root: replace(root, digest=1), "candidates behaviours"),
    ],
)
def test_an_engine_that_lies_is_caught(
    lie: Lie,
    caught: str,
    batt: Batt,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def open_liar(name: str) -> Engine:
        return LyingEngine(lie) if name == "native" else open_engine(name)

    monkeypatch.setattr(verifying, "open_engine", open_liar)
    words = [
        "verify", "0000aaaa", "--dataset", "tasks", "--library", "programs.py",
        "--programs", "0", "--threads", "1",
    ]  # fmt: skip
    answer = batt(*words, "--json")
    assert answer.code == 1
    differences = answer.json["differences"]
    assert caught in {difference["what"] for difference in differences}
    told = batt(*words)
    assert told.code == 1
    rows = [line.split()[:3] for line in told.out.splitlines()]
    for each in differences:
        assert [*each["place"].split(), *each["what"].split(), "1"][:3] in rows
    assert ["differences", str(len(differences))] in [row[:2] for row in rows]


def test_a_truth_value_in_the_place_of_a_number_is_a_difference(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Truthful(LyingEngine):
        def evaluate(self, *words: Any, **options: Any) -> list[Evaluation]:
            return list(map(_with_truth_values, super().evaluate(*words, **options)))

    def open_truthful(name: str) -> Engine:
        return Truthful(lambda root: root) if name == "native" else open_engine(name)

    monkeypatch.setattr(verifying, "open_engine", open_truthful)
    answer = batt(
        "verify", "0000aaaa", "--dataset", "tasks", "--library", "programs.py",
        "--programs", "0", "--threads", "1", "--json",
    )  # fmt: skip
    assert answer.code == 1
    assert {difference["what"] for difference in answer.json["differences"]} == {"attempts"}


def _with_truth_values(evaluation: Evaluation) -> Evaluation:
    def truth(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(truth, value))
        return bool(value) if value in (0, 1) else value

    return Evaluation(
        evaluation.outcomes,
        evaluation.nanoseconds,
        lambda case, root: truth(evaluation.output(case, root)),
    )


def test_each_task_gets_its_own_solver_first() -> None:
    tasks = list(load_dataset(split="training"))[:3]
    library = MergedPrograms.of(load_merged_library())
    others = weighted("def mine(I): return rot90(I)")
    chosen = choose_programs(tasks, library, 5, others=others)
    for task in tasks:
        names = [each.name for each in chosen[task.id]]
        assert names[0] == f"solve_{task.id}"
        assert len(names) == 6 and names[-1] == "mine"
    last = [each for each in library if each.name.startswith("solve_f")]
    first = tasks[0].id
    assert choose_programs(tasks[:1], (*last, *library[:1]), 2)[first] == [library[0], last[0]]
    assert len(choose_programs(tasks[:1], library[:3], 9)[first]) == 3


def test_a_comparison_needs_programs_threads_and_the_engine(batt: Batt, place: Path) -> None:
    answer = batt("verify", "--dataset", "tasks", "--programs", "0")
    assert (answer.code, answer.err.partition(":")[0]) == (2, "error[usage]")
    assert "raise --programs or name a --library" in answer.err
    assert read_threads(" 2,1, 2") == (2, 1)
    for text in ("", "0", "1,,2", "two", "-1", "1025"):
        with pytest.raises(UsageError, match="expected numbers of threads"):
            read_threads(text)
    with pytest.raises(EngineError):
        verify([], {}, Context().differs, Settings(), engine="steam")


def test_control_c_ends_a_comparison(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(LyingEngine):
        def evaluate(self, *words: object, **options: object) -> list[Evaluation]:
            raise KeyboardInterrupt

    monkeypatch.setattr(verifying, "open_engine", lambda name: Interrupted(lambda root: root))
    answer = batt("verify", "--dataset", "tasks", "--programs", "1")
    assert (answer.code, answer.out, answer.err) == (130, "", "stopped: interrupted\n")
