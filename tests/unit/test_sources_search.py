"""The sources that search and induction feed."""

from __future__ import annotations

import pytest

from arcbatt.candidates import Stop, Weighted
from arcbatt.contract import Known, SourceBudget, TaskView
from arcbatt.ranking.weights import HALVING_BITS
from arcbatt.search.induction import TEMPLATES
from arcbatt.sources.learners import LearnersSource
from arcbatt.sources.search import FITTING_PART, SearchOptions, SearchSource
from arcbatt.tasks import Sample, Task

pytestmark = pytest.mark.native

GRIDS = (((1, 2, 0), (0, 4, 0)), ((5, 1), (3, 2), (0, 7)), ((6, 0, 1), (0, 2, 0), (3, 0, 9)))
NONE = Known()


def view(name: str, *outputs: tuple[tuple[int, ...], ...]) -> TaskView:
    demos = tuple(Sample(grid, output) for grid, output in zip(GRIDS, outputs, strict=False))
    return TaskView(Task(name, demos, (Sample(GRIDS[-1]),)))


MIRROR = view("mirror", *(tuple(row[::-1] for row in grid) for grid in GRIDS[:2]))
REPEAT = view("repeat", *(tuple((*row, *row[::-1]) for row in grid) for grid in GRIDS[:2]))
HARD = view("hard", ((3, 1, 4, 1, 5, 9, 2),), ((6, 5, 3, 5), (8, 9, 7, 9), (3, 2, 3, 8)))


def weights(programs: object) -> list[float]:
    assert isinstance(programs, list)
    found: list[Weighted] = programs
    return [one.log2_weight for one in found if one.log2_weight is not None]


def test_search_proposes_programs_with_weights() -> None:
    source = SearchSource(SearchOptions(evaluations=2_000))
    mirror, hard = source.propose([MIRROR, HARD], NONE, SourceBudget(threads=2))
    first = mirror.programs[0]
    assert first.name == "search_1"
    assert first.program.inlined.endswith("return vmirror(I)\n")
    sorted_weights = weights(mirror.programs)
    assert len(sorted_weights) == len(mirror.programs)
    assert sorted_weights == sorted(sorted_weights, reverse=True)
    assert -4 < sorted_weights[0] < 0
    assert mirror.stopped.stop is Stop.FOUND
    assert hard.programs == []
    assert (hard.stopped.stop, hard.stopped.limit) == (Stop.EVALUATIONS, 2_000)
    # One of the ways to search may run out of things to try.
    assert 1_900 < hard.effort.evaluations <= 2_000
    assert hard.stopped.note == f"stopped: {hard.effort.evaluations:,} evaluations"
    assert hard.effort.cpu_s > 0
    assert hard.effort.bytes > 0
    assert hard.effort.details["states"] > 0


def test_the_budget_bounds_the_effort() -> None:
    [part] = SearchSource().propose([HARD], NONE, SourceBudget(evaluations=450))
    assert part.effort.evaluations == 450
    source = SearchSource(SearchOptions(evaluations=1_000, seconds=60.0))
    known = Known(fitting=frozenset([HARD.id]))
    other, brief = source.propose([MIRROR, HARD], known, SourceBudget())
    assert brief.effort.evaluations == 1_000 // FITTING_PART
    assert other.programs
    [late] = source.propose([HARD], NONE, SourceBudget(seconds=1e-9))
    assert (late.stopped.stop, late.stopped.limit) == (Stop.TIME, 1e-9)


def test_learners_propose_the_templates_that_fit() -> None:
    repeat, hard = LearnersSource().propose([REPEAT, HARD], NONE, SourceBudget())
    [cost] = [one.cost for one in TEMPLATES if one.name == "learn_mosaic"]
    learnt, *trees = repeat.programs
    assert (learnt.name, learnt.log2_weight) == ("learner_1", -cost / HALVING_BITS)
    assert learnt.program.inlined.endswith("return learn_mosaic(S, I)\n")
    assert repeat.stopped.stop is Stop.DONE
    assert [each.missed for each in trees] == [0, 0]
    assert trees[0].program.inlined.endswith(
        "return tile_mirrored(I, multiply(shape(I), (1, 2)))\n"
    )
    assert hard.programs == []


def test_no_tasks_need_no_work() -> None:
    for source in (SearchSource(), LearnersSource()):
        assert source.propose([], NONE, SourceBudget()) == []
