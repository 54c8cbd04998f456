"""The pipeline on small tasks: every phase, odd tasks, interruption, same results with any jobs."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcbatt.archive import Archive
from arcbatt.engine import Budget, Engine, open_engine
from arcbatt.engine.outcome import Evaluation
from arcbatt.pipeline.attempts import is_arc_grid
from arcbatt.pipeline.deal import deal_programs, join_cards
from arcbatt.pipeline.run import Run, RunReport, Settings, TaskResult
from arcbatt.pipeline.work import Card
from arcbatt.program.parse import parse_text
from arcbatt.tasks import Sample, Task

LIBRARY = """
def solve_a(I): return vmirror(I)
def solve_b(I): return vmirror(vmirror(vmirror(I)))
def solve_c(I): return vmirror(I)
def solve_d(I): return hmirror(I)
def solve_e(I): return first(ZERO)
def solve_f(I): return rot180(hmirror(I))
def solve_g(I): return palette(I)
"""


def mirror_task(task_id: str = "00000001", *, with_answer: bool = True) -> Task:
    def sample(*rows: tuple[int, ...], answer: bool = True) -> Sample:
        return Sample(rows, tuple(row[::-1] for row in rows) if answer else None)

    return Task(
        task_id,
        (sample((1, 2, 3), (4, 5, 6)), sample((7, 8), (9, 0))),
        (sample((1, 0), (2, 3), answer=with_answer),),
    )


def card() -> Card:
    return deal_programs(parse_text(LIBRARY).programs)


def run(
    *tasks: Task,
    dealt: Card | None = None,
    engine: Engine | None = None,
    archive: Archive | None = None,
    jobs: int = 1,
) -> RunReport:
    return Run(
        tasks=tasks,
        card=card() if dealt is None else dealt,
        engine=engine or open_engine("reference"),
        settings=Settings(Budget(), jobs=jobs),
        archive=archive,
    ).execute()


def test_phases_drop_what_is_equal_and_keep_the_simplest() -> None:
    [result] = run(mirror_task()).results
    counts = result.counts
    assert (counts.dealt, counts.bodies) == (7, 6)
    assert counts.failed == 1  # solve_e fails on every sample
    assert counts.behaviours == counts.kept == 3  # vmirror, hmirror, palette
    assert counts.refused == 0
    assert result.exact == 1
    assert result.best is not None
    assert result.best.names == ("solve_a", "solve_c")
    assert set(result.best.aliases) == {"solve_c", "solve_b", "solve_f"}
    assert result.best.votes == pytest.approx(1 / 2 + 1 / 4 + 1 / 3)  # of 2, 4 and 3 nodes
    assert "vmirror(I)" in result.best.text


def test_attempts_are_always_two_grids() -> None:
    [result] = run(mirror_task()).results
    [attempts] = result.attempts
    assert attempts[0].grid == ((0, 1), (3, 2))
    assert attempts[0].exact
    assert len(attempts) == 2
    assert all(is_arc_grid(attempt.grid) for attempt in attempts)
    assert not attempts[1].exact


def test_known_answers_change_nothing() -> None:
    [known] = run(mirror_task()).results
    [unknown] = run(mirror_task(with_answer=False)).results
    assert known.attempts == unknown.attempts
    assert known.counts == unknown.counts


def test_a_task_that_nothing_solves_gets_its_test_input() -> None:
    for dealt in ((), deal_programs(parse_text("def solve_e(I): return first(ZERO)").programs)):
        [result] = run(mirror_task(), dealt=dealt).results
        assert result.best is None
        assert [attempt.grid for attempt in result.attempts[0]] == [((1, 0), (2, 3))] * 2


def test_the_archive_is_filled_and_dealt_from(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "archive") as archive:
        [first] = run(mirror_task(), archive=archive).results
        assert first.counts.saved == 3
        [again] = run(mirror_task(), dealt=(), archive=archive).results
        assert again.best is not None and first.best is not None
        assert again.best.program == first.best.program
        assert again.attempts[0][0].grid == first.attempts[0][0].grid
        assert again.counts.dealt == 3


def test_the_same_results_with_any_number_of_jobs() -> None:
    tasks = [mirror_task(f"0000000{n}") for n in range(4)]
    pooled = open_engine("reference", processes=2)
    expected = _plain(run(*tasks))
    assert _plain(run(*tasks, engine=pooled, jobs=2)) == expected
    native = open_engine("native")
    assert _plain(run(*tasks, engine=native)) == expected
    assert _plain(run(*tasks, engine=native, jobs=2)) == expected
    pooled.close()  # type: ignore[attr-defined]


def _plain(report: RunReport) -> list[object]:
    return [
        (r.task, r.counts, r.best and (r.best.md5, r.best.score, r.best.fuel), r.attempts)
        for r in report.results
    ]


def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    def interrupt(result: TaskResult) -> None:
        if result.task == "00000002":
            raise KeyboardInterrupt

    with Archive.open(tmp_path / "archive") as archive:
        tasks = [mirror_task(f"0000000{n}") for n in range(1, 5)]
        report = Run(
            tasks=tasks,
            card=card(),
            engine=open_engine("reference"),
            settings=Settings(batch=1),
            archive=archive,
        ).execute(interrupt)
        assert report.stopped == "stopped: interrupted after 2 tasks"
        assert not report.finished
        assert [result.task for result in report.results] == ["00000001", "00000002"]
        assert archive.tasks() == ["00000001", "00000002"]


class _LyingEngine:
    """Runs a program alone differently from the batt: what validation is there to catch."""

    name = "lying"

    def __init__(self) -> None:
        self.inner = open_engine("reference")

    def evaluate(self, jobs, budget, *, threads=1, keep_outputs=False):  # type: ignore[no-untyped-def]
        from dataclasses import replace

        found = self.inner.evaluate(jobs, budget, keep_outputs=keep_outputs)
        if all(len(job.graph.roots) == 1 for job in jobs) and not keep_outputs:
            return [
                Evaluation(
                    [[replace(root, fuel=root.fuel + 1) for root in row] for row in e.outcomes],
                    e.nanoseconds,
                    e.read_output,
                )
                for e in found
            ]
        return found

    def trace(self, graph, case, budget):  # type: ignore[no-untyped-def]
        return self.inner.trace(graph, case, budget)


def test_what_differs_alone_is_refused_and_counted() -> None:
    [result] = run(mirror_task(), engine=_LyingEngine()).results
    assert result.counts.refused == result.counts.kept == 3
    assert result.best is None


def test_cards_keep_the_first_of_equal_bodies() -> None:
    first = card()
    assert join_cards([first, first]) is first
    more = deal_programs(parse_text("def other(I): return rot90(I)").programs)
    assert len(join_cards([first, more])) == len(first) + 1
    assert join_cards([]) == ()


COPIERS = """
def solve_x(S, I, C): return last(extract(S, matcher(first, I)))
def solve_y(S, I, C): return recolor_by(vmirror(I), color_map(S))
"""


def test_a_program_that_copies_the_demo_out_of_s_is_refused() -> None:
    honest = Task(
        "00000001",
        tuple(Sample(grid, tuple(row[::-1] for row in grid)) for grid in (((1, 2),), ((2, 2),))),
        (Sample(((2, 1),)),),
    )
    [result] = run(honest, dealt=deal_programs(parse_text(COPIERS).programs)).results
    assert result.counts.refused == 1
    assert result.exact == 0
    recolored = Task(
        "00000002",
        (Sample(((1, 2), (1, 2)), ((4, 3), (4, 3))), Sample(((1, 1), (2, 1)), ((3, 3), (3, 4)))),
        (Sample(((2, 1),)),),
    )
    [result] = run(recolored, dealt=deal_programs(parse_text(COPIERS).programs)).results
    assert result.counts.refused == 1
    assert result.best is None or "extract" not in result.best.text
