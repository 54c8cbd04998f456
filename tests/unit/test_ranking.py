"""Ranking: weights of what behaves alike, evidence, and which outputs become attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from tests.runs import given, mirror_task, one

from arcbatt.candidates import Candidate, Member, Weighted, Weights, Work
from arcbatt.engine import open_engine
from arcbatt.pipeline.run import Run
from arcbatt.ranking.attempts import ATTEMPTS, Attempt, choose_attempts, confidence_of
from arcbatt.ranking.confidence import probability
from arcbatt.ranking.weights import (
    BROKEN_BITS,
    HALVING_BITS,
    MISSED_BITS,
    weight_of,
    weight_to_keep,
    weights_of_body,
)
from arcbatt.tasks import Sample, Task

FOUND, KEPT, SMALL = Weights(found=0.25), Weights(stored=0.5), Weights(simple=0.125)
BODY = one("vmirror(hmirror(I))").program


def proposal(weight: float | None, *, is_total: bool = False) -> Weighted:
    return Weighted("x", BODY, weight, is_total=is_total)


@pytest.mark.parametrize(
    ("proposed", "expected"),
    [
        ([proposal(None)], Weights(simple=1 / 3)),
        ([], Weights(simple=1 / 3)),
        ([proposal(-2.0), proposal(-1.0), proposal(None)], Weights(found=0.5)),
        ([proposal(-1.0, is_total=True)], Weights(stored=0.5)),
        ([proposal(-1.0, is_total=True), proposal(None)], Weights(stored=0.5, simple=1 / 3)),
        (
            [proposal(-3.0), proposal(-1.0, is_total=True), proposal(-2.0, is_total=True)],
            Weights(found=0.125, stored=0.5),
        ),
    ],
)
def test_of_the_weights_of_a_body_the_largest_counts(
    proposed: list[Weighted], expected: Weights
) -> None:
    for order in permutations(proposed):
        assert weights_of_body(BODY, order) == expected


@pytest.mark.parametrize(
    ("bodies", "total", "to_keep"),
    [
        ([], 0.0, None),
        ([SMALL, SMALL], 0.25, None),
        ([FOUND, FOUND], 0.5, 0.5),
        # A stored weight is that of all of them together already.
        ([KEPT, KEPT], 0.5, 0.5),
        ([KEPT, FOUND], 0.5, 0.5),
        ([KEPT, FOUND, FOUND, FOUND], 0.75, 0.75),
        ([KEPT, SMALL], 0.625, 0.5),
        ([FOUND, SMALL], 0.375, 0.25),
    ],
)
def test_weights_of_bodies_that_behave_alike_are_added(
    bodies: list[Weights], total: float, to_keep: float | None
) -> None:
    [made] = work_on(SAME, one("vmirror(I)")).candidates
    for order in permutations(bodies):
        alike = replace(made, members=tuple(Member(BODY, weights) for weights in order))
        assert (weight_of(alike), weight_to_keep(alike)) == (total, to_keep)


GRID = ((1, 2, 3), (4, 5, 6))
SAME = Task("same", (Sample(((3, 3), (3, 3)), ((3, 3), (3, 3))),) * 2, (Sample(GRID),))
"""Every program that moves cells fits its demos."""
LEARNS = "recolor_by(I, color_map(S))"


def work_on(task: Task, *programs: Weighted) -> Work:
    [work] = Run([task], [given(programs, task)], open_engine()).work_on([task])
    return work


def test_evidence_is_gathered_only_where_something_depends_on_it() -> None:
    """The mirror breaks symmetries, but with its own answer there is nothing to choose."""
    alone = work_on(SAME, one("vmirror(I)"))
    assert [(each.members[0].broken, each.members[0].missed) for each in alone.candidates] == [
        (0, 0)
    ]
    learner = replace(one("rot180(I)", name="knows"), missed=2)
    disputed = work_on(
        SAME, one("hconcat(lefthalf(I), righthalf(I))"), one("vmirror(I)", name="two"), learner
    )
    broken = {each.names[0]: each.members[0].broken for each in disputed.candidates}
    assert broken["one"] > broken["knows"] == 0
    missed = {each.names[0]: each.members[0].missed for each in disputed.candidates}
    assert missed == {"one": 0, "two": 0, "knows": 2}  # a source's own count is taken over
    unfit = work_on(mirror_task(), one("rot90(I)"), one("hmirror(I)", name="two"))
    assert [(each.members[0].broken, each.members[0].missed) for each in unfit.candidates] == [
        (0, None)
    ] * 2


def test_demos_that_a_learner_does_not_predict_are_counted() -> None:
    demos = (Sample(((1, 2),), ((4, 5),)), Sample(((1, 3),), ((4, 6),)))
    task = Task("learn", demos, (Sample(((1, 1),)),))
    work = work_on(task, one(LEARNS))
    assert [(each.score.is_exact, each.members[0].missed) for each in work.candidates] == [
        (True, 2)
    ]


def candidate(broken: int = 0, missed: int | None = None, weights: Weights = FOUND) -> Candidate:
    [made] = work_on(SAME, one("vmirror(I)")).candidates
    return replace(made, members=(Member(BODY, weights, missed, broken),))


def test_evidence_lowers_a_weight() -> None:
    assert weight_of(candidate()) == 0.25
    assert weight_of(candidate(broken=1)) == 0.25 * 2 ** (-BROKEN_BITS / HALVING_BITS)
    assert weight_of(candidate(missed=2)) == 0.25 * 2 ** (-2 * MISSED_BITS / HALVING_BITS)
    assert weight_of(candidate(weights=Weights())) == 0.0


def test_evidence_counts_against_each_program_by_itself() -> None:
    [made] = work_on(SAME, one("vmirror(I)")).candidates
    doubted, other = Member(BODY, FOUND, missed=2), Member(BODY, FOUND, missed=0)
    alike = replace(made, members=(doubted, other))
    assert weight_of(alike) == 0.25 + 0.25 * 2 ** (-2 * MISSED_BITS / HALVING_BITS)


def grids(work: Work, **words: int) -> list[object]:
    [attempts] = choose_attempts(work, **words)
    return [attempt.grid for attempt in attempts]


def turned(name: str) -> object:
    rows = GRID
    return {
        "vmirror": tuple(row[::-1] for row in rows),
        "hmirror": rows[::-1],
        "rot180": tuple(row[::-1] for row in rows[::-1]),
        "identity": rows,
    }[name]


def fit(*pairs: tuple[str, float]) -> list[Weighted]:
    return [one(f"{name}(I)", weight, name=name) for name, weight in pairs]


def without_evidence(work: Work) -> Work:
    work.breaches.clear()
    for each in work.candidates:
        for member in each.members:
            member.broken = member.missed = 0
    return work


def test_the_heaviest_groups_of_outputs_come_first() -> None:
    programs = fit(("vmirror", -1.0), ("hmirror", -3.0), ("rot180", -2.0))
    work = without_evidence(work_on(SAME, *programs))
    assert grids(work, count=3) == [turned(name) for name in ("vmirror", "rot180", "hmirror")]
    assert grids(work) == grids(work, count=3)[:ATTEMPTS]
    [attempts] = choose_attempts(work)
    assert [attempt.weight for attempt in attempts] == [0.5, 0.25]
    # Candidates that agree on this input and differ on another count together for it.
    symmetric = ((7, 7, 7), (8, 7, 8))
    two = replace(SAME, id="two", tests=(Sample(GRID), Sample(symmetric)))
    work = without_evidence(
        work_on(two, *fit(("identity", -2.0), ("vmirror", -1.7), ("rot180", -1.0)))
    )
    first, second = choose_attempts(work)
    assert first[0].grid == turned("rot180")
    assert second[0].grid == symmetric
    assert second[0].weight == pytest.approx(2**-2.0 + 2**-1.7)


def test_attempts_have_a_confidence_each_that_add_up() -> None:
    programs = fit(("vmirror", -1.0), ("hmirror", -3.0), ("rot180", -2.0))
    work = without_evidence(work_on(SAME, *programs))
    attempts = choose_attempts(work)
    [[first, second]] = attempts
    weights = [0.5, 0.25, 0.125]
    assert first.confidence == pytest.approx(probability(0.5, weights))
    assert second.confidence == pytest.approx(probability(0.25, weights))
    assert first.confidence > second.confidence > 0
    assert confidence_of(attempts) == min(1.0, first.confidence + second.confidence)
    # The input, which stands in, has none.
    [[only, rest]] = choose_attempts(without_evidence(work_on(SAME, *fit(("vmirror", -1.0)))))
    assert only.confidence > first.confidence
    assert rest.confidence == 0.0


def test_the_least_sure_test_input_counts() -> None:
    sure, unsure = (Attempt(GRID, confidence=0.7),) * 2, (Attempt(GRID, confidence=0.2),)
    assert confidence_of([sure]) == 1.0
    assert confidence_of([sure, unsure]) == 0.2
    assert confidence_of([]) == 0.0


@pytest.mark.parametrize("weight", [0.0, 1e-300, 1e-9, 0.5, 1e9])
def test_a_probability_lies_between_0_and_1(weight: float) -> None:
    assert 0.0 <= probability(weight, [weight, 1.0]) <= 1.0
    assert probability(weight, [weight, 1.0]) <= probability(weight + 1, [weight + 1, 1.0])


def test_of_equal_groups_the_one_with_the_better_member_comes_first() -> None:
    """Fuel and size are equal, so that the order is that of the bodies."""
    work = without_evidence(work_on(SAME, *fit(("vmirror", -1.0), ("hmirror", -1.0))))
    expected = [turned(each.names[0]) for each in work.passed]
    assert grids(work) == expected
    work.verdicts.reverse()
    assert grids(work) == expected


def test_other_outputs_and_the_input_stand_in() -> None:
    task = mirror_task()
    [test] = task.tests

    def attempts_of(*bodies: str) -> Sequence[Attempt]:
        programs = [one(body, name=f"p{n}") for n, body in enumerate(bodies)]
        return choose_attempts(work_on(task, *programs), count=3)[0]

    first, second, third = attempts_of("vmirror(I)", "hmirror(I)")
    assert (first.exact, second.exact, third.md5) == (True, False, "")
    assert (second.grid, third.grid) == (test.input[::-1], test.input)
    # An inexact program with the output of an exact one is no second attempt, nor is a value that
    # is no grid of ARC, nor a program that fails.
    first, second, third = attempts_of(
        "vmirror(I)",
        "branch(equality(height(I), width(I)), vmirror(I), I)",
        "palette(I)",
        "first(ZERO)",
    )
    assert first.exact
    assert [each.grid for each in (second, third)] == [test.input] * 2
