"""How well the differs tell exact outputs from others, and runs without differs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import Batt

from arcbatt.dsl.values import digest
from arcbatt.library import DIFFERS, load_library
from arcbatt.pipeline.differs import Separation, measure_separation
from arcbatt.pipeline.solve import Request, solve
from arcbatt.pipeline.work import DemoNearness, Work
from arcbatt.report.differs import separations_document, separations_table
from arcbatt.tasks import Sample, Task

SOLVE = (
    "solve", "--dataset", "tasks", "--library", "programs.py", "--sources", "none", "--no-archive",
)  # fmt: skip


def work_of(*outputs: tuple[bool, tuple[int, ...]]) -> Work:
    """Return a work with one demo: of each output whether it is exact, and what is said of it."""
    wanted = ((1, 2), (3, 4))
    work = Work(Task("0000aaaa", (Sample(((0,),), wanted),), (Sample(((0,),)),)))
    exact = digest(wanted)
    said = {exact if right else number: near for number, (right, near) in enumerate(outputs, 1)}
    work.nearness = (DemoNearness(baseline=(0, 0, 0), outputs=said),)
    return work


def test_a_separation_is_the_mean_rank_correlation_with_exactness() -> None:
    separations = [Separation(name) for name in ("up", "down", "even")]
    work = work_of((True, (1000, 0, 700)), (False, (400, 800, 700)), (False, (400, 800, 700)))
    measure_separation([work], separations)
    assert [each.mean for each in separations] == pytest.approx([1.0, -1.0, 0.0])
    assert [each.tasks for each in separations] == [1, 1, 0]
    half = work_of((True, (5, 5, 5)), (False, (1, 1, 1)), (False, (9, 9, 9)))
    measure_separation([half], separations)
    assert [each.mean for each in separations] == pytest.approx([0.5, -0.5, 0.0])


def test_a_task_where_all_are_exact_or_none_is_left_out() -> None:
    separations = [Separation(name) for name in ("a", "b", "c")]
    measure_separation(
        [work_of((True, (1, 2, 3))), work_of((False, (1, 2, 3)), (False, (4, 5, 6)))], separations
    )
    assert [each.tasks for each in separations] == [0, 0, 0]


def test_the_one_that_tells_best_stands_first() -> None:
    separations = [Separation("never"), Separation("worse", 0.2, 2), Separation("best", 0.9, 3)]
    table = separations_table(separations)
    assert list(table.columns[0].cells) == ["best", "worse", "never"]
    assert list(table.columns[1].cells) == ["0.300", "0.100", "-"]
    assert separations_document(separations)[2] == {"name": "best", "separation": 0.3, "tasks": 3}


def test_a_run_says_how_well_its_differs_did_when_it_is_asked(batt: Batt, place: Path) -> None:
    names = {source.name for source in load_library(DIFFERS)}
    assert not names & set(batt(*SOLVE).out.split())
    asked = batt(*SOLVE, "--separation")
    assert names <= set(asked.out.split())
    document = batt(*SOLVE, "--json").json["differs"]
    assert {each["name"] for each in document} == names
    assert any(each["tasks"] for each in document)
    assert all(-1 <= each["separation"] <= 1 for each in document)


@pytest.mark.parametrize("asked", [False, True])
def test_separation_is_measured_when_it_is_asked(asked: bool) -> None:
    request = Request(ids=("007bbfb7",), sources=("library",), separation=asked)
    assert bool(solve(request).separations) is asked


def test_a_run_without_differs_scores_by_equal_cells(batt: Batt, place: Path) -> None:
    words = [*SOLVE, "0000cccc", "--json"]
    document = batt(*words, "--no-differs").json
    assert document["differs"] == []
    with_differs = batt(*words).json
    scores = [each["results"][0]["best"]["o_score"] for each in (document, with_differs)]
    assert scores[0] < scores[1]
    answer = batt(*SOLVE, "--no-differs", "--separation")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error[usage]: --separation and --no-differs contradict each other\n"
