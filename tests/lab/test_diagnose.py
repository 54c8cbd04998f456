"""`lab.diagnose`: each unsolved task has a cause, and evaluation tasks are only counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from arcbatt.evaluation.grade import InputRecord, TaskRecord
from arcbatt.evaluation.run import EvaluationRequest, evaluate
from arcbatt.evaluation.task import EvaluationSetup
from arcbatt.search.run import SearchLimits
from arcbatt.sources.search import SearchOptions
from arcbatt.tasks import Dataset, Sample, Task, TaskChoice, load_dataset
from lab import diagnose as diagnosing
from lab.cost_model import Lack
from lab.diagnose import Cause, Diagnosis, Want, diagnose, held_back, is_for_measuring, main

pytestmark = pytest.mark.native

RIGHT = InputRecord(1, True, True)
THIRD = InputRecord(3, True, True)
NOT_CHOSEN = InputRecord(None, True, True)
MISSED = InputRecord(None, False, True)
LIMITS = SearchLimits(evaluations=900)


def record(task: str, *tests: InputRecord, fitting: int = 0, problem: str = "") -> TaskRecord:
    return TaskRecord(
        task=task,
        effort=1,
        confidence=0.5,
        tests=tests or (MISSED,),
        programs=(),
        fitting=fitting,
        source="",
        right=None,
        efforts={},
        cpu_s=0.0,
        wall_s=0.0,
        process_bytes=0,
        stopped={},
        problem=problem,
    )


RECORDS = (
    record("a", RIGHT),
    record("b", THIRD, fitting=9),
    record("c", NOT_CHOSEN, RIGHT, fitting=4),
    record("d", MISSED, RIGHT, fitting=1),
    record("e"),
    record("f", problem="its process died twice"),
    record("g", InputRecord(None, False, False), RIGHT, fitting=3),
)


def dataset_of(*records: TaskRecord, split: str | None = None) -> Dataset:
    sample = Sample(((1,),), ((1,),))
    return Dataset("mine", [Task(each.task, (sample,), (sample,)) for each in records], split=split)


def diagnosed(*records: TaskRecord, split: str | None = None, attempts: int = 2) -> Diagnosis:
    dataset = dataset_of(*records, split=split)
    return diagnose(dataset, records, attempts=attempts, limits=LIMITS)


def test_each_unsolved_task_has_a_cause_and_a_line() -> None:
    found = diagnosed(*RECORDS)
    assert found.tasks == 7
    assert {each.record.task: (each.kind, held_back(each, found)) for each in found.reasons} == {
        "b": (Cause.NOT_RANKED, "9 programs fit, right at attempt 3"),
        "c": (Cause.NOT_RANKED, "4 programs fit"),
        "d": (Cause.WRONG, "1 program fits"),
        "e": (Cause.UNKNOWN, ""),
        "f": (Cause.LOST, "its process died twice"),
        "g": (Cause.UNANSWERED, ""),
    }
    more = {each.record.task for each in diagnosed(*RECORDS, attempts=3).reasons}
    assert {each.record.task for each in found.reasons} - more == {"b"}


def test_evaluation_splits_are_known_by_their_names_and_their_tasks() -> None:
    [measured, *_] = load_dataset("arc-agi-1", split="evaluation").ids
    assert is_for_measuring(load_dataset("arc-agi-1", split="evaluation"))
    # It holds evaluation tasks of ARC-AGI-1.
    assert is_for_measuring(load_dataset("arc-agi-2", split="training"))
    assert is_for_measuring(dataset_of(record("a"), record(measured)))
    assert is_for_measuring(dataset_of(record("a"), split="evaluation"))
    assert not is_for_measuring(load_dataset("arc-agi-1", split="training"))
    assert not is_for_measuring(load_dataset("arc-agi-1", split="development"))


def test_evaluation_tasks_are_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_programs() -> None:
        raise AssertionError("a program was read")

    monkeypatch.setattr(diagnosing, "_known_programs", read_programs)
    found = diagnosed(*RECORDS, split="evaluation")
    assert found.counts == {
        Cause.LOST: 1,
        Cause.UNANSWERED: 1,
        Cause.NOT_RANKED: 2,
        Cause.WRONG: 1,
        Cause.NOTHING: 1,
    }
    assert found.is_closed and found.reasons == ()


def test_missing_productions_are_told_from_too_little_search() -> None:
    limits = SearchLimits(evaluations=400)
    evaluated = evaluate(
        EvaluationRequest(
            choice=TaskChoice(split="training", ids=("09629e4f", "46f33fce", "150deff5")),
            setup=EvaluationSetup(("search",), {"search": SearchOptions(evaluations=400)}),
        )
    )
    found = diagnose(evaluated.dataset, evaluated.records, attempts=2, limits=limits)
    by_task = {each.record.task: each for each in found.reasons}
    assert {task: each.kind for task, each in by_task.items()} == {
        "09629e4f": Cause.NOT_EXPRESSIBLE,
        "150deff5": Cause.UNKNOWN,
        "46f33fce": Cause.NOT_FOUND,
    }
    lack, lacking = Lack("type", "Callable[[Grid], Tuple[Grid]]"), by_task["09629e4f"]
    assert lacking.bits_short is not None and lacking.bits_short > 20
    assert found.wants == [Want(lack, 1, 1, lacking.bits_short)]
    assert held_back(lacking, found) == f"search lacks {lack}"
    far = by_task["46f33fce"]
    assert far.known is not None and far.level is not None
    assert far.bits_short == far.known.way.bits - far.level > 5
    assert found.growth is not None and 1 < found.growth < 4
    assert f"{far.bits_short} bits too far: about 2^" in held_back(far, found)
    near = replace(far, level=far.known.way.bits)
    assert held_back(near, found).endswith("within reach")
    over = replace(far.known, way=replace(far.known.way, over="Integer at 20 of 14 bits"))
    assert held_back(replace(far, known=over), found).endswith("but Integer at 20 of 14 bits")


def test_the_command_prints_causes(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TEMPLATES", "LEARNERS"):
        monkeypatch.setattr(f"arcbatt.search.induction.{name}", ())
    assert main(["--dataset", "tasks", "--evaluations", "1"]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert "no known program      3  100.0 %" in lines
    assert any(line.startswith("0000aaaa  no known program") for line in lines)
    (place / "all").mkdir()
    (place / "tasks").rename(place / "all" / "evaluation")
    assert main(["--dataset", "all", "--split", "evaluation", "--evaluations", "1"]) == 0
    printed = capsys.readouterr()
    assert "nothing fits" in printed.out and "no known program" not in printed.out
    assert "for measuring only" in printed.err
