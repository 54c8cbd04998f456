"""`batt verify-run`: both engines do the same, and an engine that lies is caught."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.commands import Batt

from arcbatt.engine import Budget, Engine, Evaluation, Job, RootOutcome, open_engine
from arcbatt.errors import EngineError, UsageError
from arcbatt.library import load_library
from arcbatt.pipeline import parity as verifying
from arcbatt.pipeline.deal import deal_programs
from arcbatt.pipeline.parity import deal_some, read_threads, verify_run
from arcbatt.pipeline.run import Settings
from arcbatt.pipeline.solve import load_differs
from arcbatt.program.parse import parse_text
from arcbatt.tasks import load_dataset

COUNTS = ("dealt", "bodies", "failed", "behaviours", "kept", "refused", "saved")


def test_20_training_tasks_are_the_same_with_1_2_and_8_threads(batt: Batt) -> None:
    answer = batt("verify-run", "--split", "training", "--programs", "4", "--json")
    document = answer.json
    assert (answer.code, answer.err) == (0, "")
    assert document["differences"] == []
    assert (document["tasks"], document["programs"]) == (20, 80)
    assert (document["engine"], document["threads"]) == ("native", [1, 2, 8])
    compared = document["compared"]
    for what in (*(f"candidates {count}" for count in COUNTS), "o_score", "s_score", "attempts"):
        assert compared[what] == 20 * 3
    assert compared["solver_md5"] >= 20 * 3
    assert compared["differ_md5"] == len(load_differs().names) * 3


def test_a_table_says_what_was_compared(batt: Batt, place: Path) -> None:
    answer = batt(
        "verify-run", "0000aaaa", "0000bbbb", "--dataset", "tasks", "--library", "programs.py",
        "--programs", "0", "--threads", "2",
    )  # fmt: skip
    assert answer.code == 0
    lines = [line.split() for line in answer.out.splitlines()]
    assert ["candidates", "dealt", "2", "0"] in lines
    assert ["programs", "6", "dealt"] in lines
    assert ["differences", "0"] in lines


class LyingEngine:
    """The reference engine, but for one thing that it says otherwise of each root."""

    name = "lying"

    def __init__(self, lie: Callable[[RootOutcome], RootOutcome]) -> None:
        self.inner = open_engine("reference")
        self.lie = lie

    def evaluate(
        self,
        jobs: Sequence[Job],
        budget: Budget,
        *,
        threads: int = 1,
        keep_outputs: bool = False,
    ) -> list[Evaluation]:
        return [
            replace(each, outcomes=[[self.lie(root) for root in row] for row in each.outcomes])
            for each in self.inner.evaluate(jobs, budget, keep_outputs=keep_outputs)
        ]


@pytest.mark.parametrize(
    ("lie", "caught"),
    [
        (lambda root: replace(root, fuel=root.fuel + 1), "differ_md5"),
        (lambda root: replace(root, fuel=root.fuel + 1), "solver_md5"),
        (lambda root: replace(root, score=min(root.score, 999)), "o_score"),
        (lambda root: replace(root, digest=1), "candidates behaviours"),
    ],
)
def test_an_engine_that_lies_is_caught(
    lie: Callable[[RootOutcome], RootOutcome],
    caught: str,
    batt: Batt,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def open_liar(name: str) -> Engine | LyingEngine:
        return LyingEngine(lie) if name == "native" else open_engine(name)

    monkeypatch.setattr(verifying, "open_engine", open_liar)
    words = [
        "verify-run", "0000aaaa", "--dataset", "tasks", "--library", "programs.py",
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
        assert [each["place"], *each["what"].split(), "1"][:3] in rows
    assert ["differences", str(len(differences))] in [row[:2] for row in rows]


def test_each_task_gets_its_own_solver_first() -> None:
    tasks = list(load_dataset(split="training"))[:3]
    library = deal_programs(load_library())
    others = deal_programs(parse_text("def mine(I): return rot90(I)").programs)
    cards = deal_some(tasks, library, 5, others=others)
    for task in tasks:
        names = [dealt.name for dealt in cards[task.id]]
        assert names[0] == f"solve_{task.id}"
        assert len(names) == 6 and names[-1] == "mine"
    last = [dealt for dealt in library if dealt.name.startswith("solve_f")]
    assert deal_some(tasks[:1], (*last, *library[:1]), 2)[tasks[0].id] == (library[0], last[0])
    assert len(deal_some(tasks[:1], library[:3], 9)[tasks[0].id]) == 3


def test_a_comparison_needs_programs_threads_and_the_engine(batt: Batt, place: Path) -> None:
    answer = batt("verify-run", "--dataset", "tasks", "--programs", "0")
    assert (answer.code, answer.err.partition(":")[0]) == (2, "error[usage]")
    assert "raise --programs or name a --library" in answer.err
    assert read_threads(" 2,1, 2") == (2, 1)
    for text in ("", "0", "1,,2", "two", "-1", "1025"):
        with pytest.raises(UsageError, match="expected numbers of threads"):
            read_threads(text)
    with pytest.raises(EngineError):
        verify_run([], {}, load_differs(), Settings(), engine="steam")


def test_control_c_ends_a_comparison(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(LyingEngine):
        def evaluate(self, *words: object, **options: object) -> list[Evaluation]:
            raise KeyboardInterrupt

    monkeypatch.setattr(verifying, "open_engine", lambda name: Interrupted(lambda root: root))
    answer = batt("verify-run", "--dataset", "tasks", "--programs", "1")
    assert (answer.code, answer.out, answer.err) == (130, "", "stopped: interrupted\n")
