"""The pipeline on small tasks: every phase, odd tasks, interruption, same results with any jobs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from arcbatt.archive import Archive
from arcbatt.batt import merge
from arcbatt.differs import Comparison, Differs
from arcbatt.dsl.values import digest
from arcbatt.engine import Budget, Engine, open_engine
from arcbatt.engine.outcome import Evaluation, is_arc_grid
from arcbatt.errors import EngineError
from arcbatt.library import DIFFERS, load_library
from arcbatt.pipeline import run as pipeline
from arcbatt.pipeline.deal import KnownPrograms, deal_batt, deal_programs, join_cards
from arcbatt.pipeline.differs import score_nearness
from arcbatt.pipeline.filter import filter_candidates, keep_best
from arcbatt.pipeline.journal import Journal
from arcbatt.pipeline.run import Run, RunReport, Settings, TaskResult
from arcbatt.pipeline.score import merge_card, merge_cards, score_candidates
from arcbatt.pipeline.work import Card, Work
from arcbatt.profile.timings import Timings
from arcbatt.profile.trace import chrome_trace
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
    assert result.best.votes.total == pytest.approx(1 / 2 + 1 / 4 + 1 / 3)  # of 2, 4 and 3 nodes
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


def test_a_program_that_learns_from_the_demos_is_no_copier() -> None:
    """It returns a scramble too, since that is what it was shown, but needs no demo to see it."""
    inputs = ((3, 0, 0), (3, 3, 0), (0, 3, 0), (3, 0, 3))
    answers = (((5,),), ((6,),))
    demos = tuple(Sample((row,), answers[sum(map(bool, row)) - 1]) for row in inputs)
    task = Task("00000003", demos, (Sample(((0, 0, 3),)),))
    text = "def solve_x(S, I, C): return learn_answer(S, I)\n" + COPIERS.splitlines()[1]
    [result] = run(task, dealt=deal_programs(parse_text(text).programs)).results
    assert (result.counts.refused, result.exact) == (1, 1)
    assert result.best is not None and "learn_answer" in result.best.text


def scored_works() -> tuple[Work, Work]:
    """Return one task's work twice, with the same scores."""
    works = (Work(mirror_task()), Work(mirror_task()))
    for work in works:
        work.card = card()
    merge_cards(works)
    score_candidates(works[:1], open_engine("reference"), Budget(), threads=1, timings=Timings())
    works[1].scored = works[0].scored
    return works


@pytest.mark.parametrize("capacity", [1, 2, 3, 9])
def test_only_the_best_become_candidates(capacity: int) -> None:
    everything, best = scored_works()
    filter_candidates(everything)
    filter_candidates(best, capacity=capacity)
    assert best.counts.behaviours == everything.counts.behaviours == 3
    keep_best(everything, capacity=capacity)
    assert best.candidates == everything.candidates
    assert best.counts.kept == everything.counts.kept
    assert len(best.candidates) == min(3, capacity)


def test_the_card_of_a_batt_is_not_merged_again() -> None:
    batt = merge((dealt.name, dealt.program) for dealt in card())
    dealt = deal_batt(batt)
    assert merge_card(dealt) is batt
    assert merge_card(tuple(dealt)) == batt
    assert join_cards([dealt, ()]) is dealt
    more = join_cards([dealt, deal_programs(parse_text("def x(I): return rot90(I)").programs)])
    assert merge_card(more).programs_merged == 8


def test_known_programs_are_worked_out_when_asked_for() -> None:
    dealt = card()
    known = KnownPrograms(dealt)
    assert not any("md5" in vars(each.program) for each in dealt)
    assert dealt[0].program.md5 in known
    assert "0" * 32 not in known


VOTERS = """
def solve_a(I): return vmirror(I)
def solve_b(I): return rot180(vmirror(I))
def solve_c(I): return vmirror(rot180(I))
"""


def test_a_run_that_goes_on_orders_its_attempts_alike(tmp_path: Path) -> None:
    grid = ((3, 3), (3, 3))
    task = Task("00000001", (Sample(grid, grid),), (Sample(((1, 2), (3, 4))),))
    dealt = deal_programs(parse_text(VOTERS).programs)
    with Archive.open(tmp_path / "archive") as archive:

        def run_it(**options: Any) -> tuple[Journal, RunReport]:
            words = {"settings": {}, "card": dealt, "tasks": [task.id]}
            journal = Journal.begin(archive, resumes=True, **words)  # type: ignore[arg-type]
            report = Run(
                tasks=[task],
                engine=open_engine("reference"),
                settings=Settings(),
                archive=archive,
                on_saved=partial(journal.note, timings=Timings()),
                **options,
            ).execute()
            return journal, report

        _, whole = run_it(card=dealt)
        # Nothing has put the end of that run on record: as if it had been killed.
        journal, alone = run_it(card=())
        assert list(journal.done_before) == [task.id]
        _, again = run_it(card=(), votes=journal.done_before)
    [first], [other], [second] = (report.results for report in (whole, alone, again))
    assert first.attempts[0][0].grid == ((3, 4), (1, 2))
    assert first.attempts == second.attempts
    assert first.attempts != other.attempts


def test_an_error_in_a_phase_keeps_the_batch_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [mirror_task(f"0000000{n}") for n in range(1, 4)]
    seen: list[str] = []

    def score_or_fail(works: list[Work], *words: Any, **options: Any) -> None:
        if works[0].task.id == "00000002":
            raise EngineError(engine="reference", problem="is broken")
        score_candidates(works, *words, **options)

    monkeypatch.setattr(pipeline, "score_candidates", score_or_fail)
    with Archive.open(tmp_path / "archive") as archive:
        run_object = Run(
            tasks=tasks,
            card=card(),
            engine=open_engine("reference"),
            settings=Settings(batch=1),
            archive=archive,
        )
        with pytest.raises(EngineError, match="is broken"):
            run_object.execute(lambda result: seen.append(result.task))
        assert seen == archive.tasks() == ["00000001"]


def test_saving_is_on_record_beside_the_phases(tmp_path: Path) -> None:
    timings = Timings()
    with Archive.open(tmp_path / "archive") as archive:
        Run(
            tasks=[mirror_task(f"0000000{n}") for n in range(3)],
            card=card(),
            engine=open_engine("reference"),
            settings=Settings(batch=1),
            archive=archive,
            timings=timings,
        ).execute()
    known = dict(timings.longest_first())
    assert known["run_batt.phase3b_file_ops"].calls == known["run_batt.phase3b_wait"].calls == 3
    events = [event for event in timings.events if event.beside]
    assert [event.name for event in events] == ["run_batt.phase3b_file_ops"] * 3
    threads = {event["tid"] for event in chrome_trace(timings)["traceEvents"]}
    assert threads == {1, 2}
    assert timings.unaccounted_s >= 0


def test_an_output_that_is_the_input_is_compared_once_and_counts_as_two() -> None:
    text = "def solve_a(I): return vmirror(I)\ndef solve_b(I): return identity(I)\n"
    dealt = deal_programs(parse_text(text).programs)
    work, engine, timings = Work(mirror_task(), dealt), open_engine(), Timings()
    differs = Differs.of(load_library(DIFFERS))
    merge_cards([work])
    score_candidates([work], engine, Budget(), threads=1, timings=timings)
    filter_candidates(work)
    score_nearness([work], differs, engine, Budget(), threads=1, timings=timings)
    for nearness, (given, wanted) in zip(work.nearness, work.task.S, strict=True):
        asked = [Comparison(work.task.S, grid, wanted) for grid in (given, given, wanted)]
        said = differs.compare(asked, engine, Budget(), threads=1)
        assert nearness.baseline == nearness.outputs[digest(given)] == said[0].nearness
        assert nearness.outputs[digest(wanted)] == said[2].nearness != nearness.baseline
        assert nearness.fuels == tuple(map(sum, zip(*(each.fuels for each in said), strict=True)))
