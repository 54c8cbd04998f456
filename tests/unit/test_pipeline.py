"""The pipeline on small tasks: every phase, odd tasks, interruption, same results with any jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.runs import CountingEngine, LyingEngine, given, mirror_task, one, weighted

from arcbatt.archive import Archive
from arcbatt.candidates import (
    MergedPrograms,
    Proposal,
    Refusal,
    Weighted,
    Work,
)
from arcbatt.contract import Known, Source, SourceBudget, TaskView
from arcbatt.differs import Comparison, Differs
from arcbatt.dsl.values import digest
from arcbatt.engine import Budget, Engine, open_engine
from arcbatt.engine.cases import demo_cases
from arcbatt.engine.cases import test_cases as cases_of_tests
from arcbatt.engine.outcome import is_arc_grid
from arcbatt.errors import EngineError
from arcbatt.library import DIFFERS, load_library
from arcbatt.pipeline import run as pipeline
from arcbatt.pipeline.filter import filter_candidates
from arcbatt.pipeline.journal import Journal
from arcbatt.pipeline.nearness import score_nearness
from arcbatt.pipeline.result import RunReport, TaskResult
from arcbatt.pipeline.run import SLOW_BATCH, Run, Settings
from arcbatt.pipeline.score import score_proposals
from arcbatt.program.merge import merge
from arcbatt.ranking.weights import weight_of
from arcbatt.sources.archive import ArchiveSource
from arcbatt.tasks import Sample, Task
from arcbatt.timings import Timings

LIBRARY = """
def solve_a(I): return vmirror(I)
def solve_b(I): return vmirror(vmirror(vmirror(I)))
def solve_c(I): return vmirror(I)
def solve_d(I): return hmirror(I)
def solve_e(I): return first(ZERO)
def solve_f(I): return rot180(hmirror(I))
def solve_g(I): return palette(I)
"""


def make_run(
    *tasks: Task,
    programs: Sequence[Weighted] | None = None,
    sources: Sequence[Source] | None = None,
    engine: Engine | None = None,
    jobs: int = 1,
    batch: int = 20,
    **others: Any,
) -> Run:
    """Return a run on the reference engine that gets the programs of the library above."""
    if sources is None:
        sources = [given(weighted(LIBRARY) if programs is None else programs, *tasks)]
    settings = Settings(jobs=jobs, batch=batch)
    return Run(tasks, sources, engine or open_engine("reference"), settings, **others)


def run(*tasks: Task, **words: Any) -> RunReport:
    return make_run(*tasks, **words).execute()


def work_on(*tasks: Task, **words: Any) -> Work:
    return make_run(*tasks, **words).work_on(tasks)[0]


def score(work: Work, source: str, programs: Sequence[Weighted]) -> None:
    """Let a source propose programs for a task and score them."""
    work.proposals[source] = Proposal(programs)
    engine = open_engine("reference")
    score_proposals([work], source, engine, Budget(), threads=1, timings=Timings())


def test_phases_drop_what_is_equal_and_keep_the_simplest() -> None:
    [result] = run(mirror_task()).results
    counts = result.counts
    assert (counts.proposed, counts.bodies) == (7, 6)
    assert counts.failed == 1  # solve_e fails on every sample
    assert counts.behaviours == counts.kept == 3  # vmirror, hmirror, palette
    assert (counts.refused, result.exact) == (0, 1)
    assert result.best is not None
    assert result.best.names == ("solve_a", "solve_c")
    best = work_on(mirror_task()).passed[0]
    assert set(best.aliases) == {"solve_c", "solve_b", "solve_f"}
    assert weight_of(best) == pytest.approx(1 / 2 + 1 / 4 + 1 / 3)  # of 2, 4, 3 nodes
    assert "vmirror(I)" in best.text


def test_a_program_that_is_wrong_on_a_further_demo_is_dropped() -> None:
    """Both mirrors fit a demo of one column of equal cells; the further demo tells them apart."""
    even, odd = ((2,), (2,)), ((1, 2), (3, 4))
    task = Task("t", (Sample(even, even),), (Sample(odd),), (Sample(odd, odd[::-1]),))
    work = work_on(task, programs=weighted(LIBRARY))
    assert [each.names[0] for each in work.passed if each.score.is_exact] == ["solve_d"]
    known = [scored.has_exact for scored in work.scored]
    assert known == [True]
    only = work_on(task, programs=weighted("def solve_a(I): return vmirror(I)"))
    assert (only.passed, [scored.has_exact for scored in only.scored]) == ([], [False])


def test_attempts_are_always_two_grids() -> None:
    [result] = run(mirror_task()).results
    [attempts] = result.attempts
    assert attempts[0].grid == ((0, 1), (3, 2))
    assert [attempt.exact for attempt in attempts] == [True, False]
    assert all(is_arc_grid(attempt.grid) for attempt in attempts)
    [unknown] = run(mirror_task(with_answer=False)).results
    assert (unknown.attempts, unknown.counts) == (result.attempts, result.counts)


def test_a_task_that_nothing_solves_gets_its_test_input() -> None:
    for programs in ([], [one("first(ZERO)")]):
        [result] = run(mirror_task(), programs=programs).results
        assert result.best is None
        assert [attempt.grid for attempt in result.attempts[0]] == [((1, 0), (2, 3))] * 2


class Asked:
    """A source that keeps what it was asked with."""

    name, is_slow, is_brought = "asked", False, False

    def __init__(self, programs: Sequence[Weighted] = ()) -> None:
        self.asked: list[tuple[Sequence[TaskView], Known, SourceBudget]] = []
        self._programs = programs

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        self.asked.append((tasks, known, budget))
        return [Proposal(self._programs)] * len(tasks)


def test_sources_get_tasks_without_answers_and_what_is_known() -> None:
    fits, other = mirror_task(), mirror_task("00000002")
    first = given([one("vmirror(I)")], fits)
    asked = Asked()
    sources = [first, given([one("hmirror(I)", name="two")], other, name="more"), asked]
    run(fits, other, sources=sources)
    [(views, known, budget)] = asked.asked
    assert [view.id for view in views] == [fits.id, other.id]
    assert all(test.output is None for view in views for test in view.task.tests)
    assert known.fitting == {fits.id}
    assert [[each.name for each in known.programs[view.id]] for view in views] == [["one"], ["two"]]
    assert budget == Settings().sources


def test_what_an_earlier_source_proposed_adds_only_its_weight() -> None:
    task = mirror_task()
    again = [one("vmirror(I)", -1.0, name="again"), one("rot90(I)", -2.0, name="new")]
    work = work_on(task, sources=[given(weighted(LIBRARY), task), given(again, task, name="later")])
    assert [[program.inlined for program in each.batt.programs] for each in work.scored[1:]] == [
        [again[1].program.inlined]
    ]
    assert (work.counts.proposed, work.counts.bodies) == (9, 7)
    [candidate] = [each for each in work.candidates if each.score.is_exact]
    assert candidate.source == "given"
    weights = [member.weights for member in candidate.members]
    assert sum(each.found for each in weights) == 0.5
    simple = sum(each.simple for each in weights)
    assert simple == pytest.approx(1 / 4 + 1 / 3)  # not of the proposed body


@pytest.mark.native
def test_slow_sources_and_engines_have_smaller_batches() -> None:
    tasks = [mirror_task(f"000000{n:02}") for n in range(SLOW_BATCH + 1)]
    for engine, is_slow, sizes in (
        ("native", False, [SLOW_BATCH + 1]),
        ("native", True, [SLOW_BATCH, 1]),
        ("reference", False, [SLOW_BATCH, 1]),
    ):
        saved: list[int] = []
        run(
            *tasks,
            sources=[given([], *tasks, is_slow=is_slow)],
            engine=open_engine(engine),
            on_saved=lambda results, saved=saved: saved.append(len(results)),
        )
        assert saved == sizes


def test_no_program_is_evaluated_a_third_time() -> None:
    """Once for scoring, once for validation; leave-one-out and turned samples are other cases."""
    task = replace(mirror_task(), id="00000009")
    copier = one("last(extract(S, matcher(first, I)))", name="copier")
    learner = one("recolor_by(vmirror(I), color_map(S))", name="learner")
    programs = [*weighted(LIBRARY), copier, learner]
    engine = CountingEngine(open_engine("reference"))
    work = work_on(task, programs=programs, engine=engine)
    inputs = {(case.S, case.I) for case in (*demo_cases(task), *cases_of_tests(task))}
    texts = {each.program.inlined for each in programs}
    for kind, expected in (
        ("batt", texts),
        ("alone", {each.program.inlined for each in work.candidates}),
    ):
        counts = {key: count for key, count in engine.runs[kind].items() if key[1] in inputs}
        assert counts == {(text, given): 1 for text in expected for given in inputs}


def test_the_archive_is_filled_and_read(tmp_path: Path) -> None:
    task = mirror_task()
    with Archive.open(tmp_path / "archive") as archive:
        [first] = run(task, archive=archive).results
        assert first.counts.saved == 3
        again = [ArchiveSource(archive, [])]
        [second] = run(task, sources=again, archive=archive).results
        assert second.best is not None and first.best is not None
        assert second.best.md5 == first.best.md5
        assert second.attempts[0][0].grid == first.attempts[0][0].grid
        assert second.counts.proposed == 3
        # Another task of the same name gets nothing of it.
        other = Task(task.id, task.demos[:1], task.tests)
        [third] = run(other, sources=again, archive=archive).results
        assert third.counts.proposed == 0


def test_a_second_run_on_an_archive_changes_no_weight(tmp_path: Path) -> None:
    task = mirror_task()
    for small, large, kept, total in (
        (-1.0, -2.0, 0.75, 0.75),
        (-1.0, None, 0.5, 0.5 + 1 / 3),
        (None, -1.0, 0.5, 0.5 + 1 / 2),
        (None, None, None, 1 / 2 + 1 / 3),
    ):
        found = [one("vmirror(I)", small), one("rot180(hmirror(I))", large, name="two")]
        with Archive.open(tmp_path / f"{small} {large}") as archive:
            for _ in range(3):
                sources = [given(found, task), ArchiveSource(archive, [])]
                [result] = run(task, sources=sources, archive=archive).results
                [entry] = archive.entries(task.key)
                assert entry.weight == kept
                assert result.attempts[0][0].weight == pytest.approx(total)


def plain(report: RunReport) -> list[object]:
    return [replace(result, s_scores=(), d_scores={}) for result in report.results]


@pytest.mark.native
def test_the_same_results_with_any_number_of_jobs() -> None:
    tasks = [mirror_task(f"0000000{n}") for n in range(4)]
    pooled = open_engine("reference", processes=2)
    expected = plain(run(*tasks))
    assert plain(run(*tasks, engine=pooled, jobs=2)) == expected
    pooled.close()  # type: ignore[attr-defined]
    native = open_engine("native")
    for words in ({"jobs": 1}, {"jobs": 2}, {"jobs": 2, "batch": 1}):
        assert plain(run(*tasks, engine=native, **words)) == expected, words


def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    def interrupt(result: TaskResult) -> None:
        if result.task == "00000002":
            raise KeyboardInterrupt

    tasks = [mirror_task(f"0000000{n}") for n in range(1, 5)]
    with Archive.open(tmp_path / "archive") as archive:
        report = make_run(*tasks, batch=1, archive=archive).execute(interrupt)
        assert (report.stopped, report.finished) == (
            "stopped: interrupted after 2 of 4 tasks",
            False,
        )
        assert [result.task for result in report.results] == ["00000001", "00000002"]
        assert [key.id for key in sorted({each.task for each in archive.entries()})] == [
            "00000001",
            "00000002",
        ]


def test_what_differs_alone_is_refused_and_counted() -> None:
    for lie, refusal in (
        (lambda root: replace(root, fuel=root.fuel + 1), Refusal.FUEL),
        (lambda root: replace(root, digest=1), Refusal.OUTPUTS),
    ):
        work = work_on(mirror_task(), engine=LyingEngine(lie, keeps_outputs=False))
        assert {verdict.refusal for verdict in work.verdicts} == {refusal}
        assert work.counts.refused == work.counts.kept == 3
        assert TaskResult.of(work).best is None


def test_the_cross_check_refuses_what_differs_on_the_reference_engine() -> None:
    task = mirror_task()
    agreed = work_on(task, reference=open_engine("reference"))
    assert agreed.counts.refused == 0
    liar = LyingEngine(lambda root: replace(root, fuel=root.fuel + 1))
    work = work_on(task, reference=liar)
    refused = [verdict for verdict in work.verdicts if verdict.refusal is not None]
    # Only what is right on all demos is checked.
    assert [(verdict.refusal, verdict.candidate.score.is_exact) for verdict in refused] == [
        (Refusal.ENGINES, True)
    ]
    assert work.counts.refused == 1
    assert not TaskResult.of(work).exact


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
    [result] = run(honest, programs=weighted(COPIERS)).results
    assert (result.counts.refused, result.exact) == (1, 0)
    recolored = Task(
        "00000002",
        (Sample(((1, 2), (1, 2)), ((4, 3), (4, 3))), Sample(((1, 1), (2, 1)), ((3, 3), (3, 4)))),
        (Sample(((2, 1),)),),
    )
    work = work_on(recolored, programs=weighted(COPIERS))
    assert [each.refusal for each in work.verdicts if "extract" in each.candidate.text] == [
        Refusal.COPIES
    ]


def test_a_program_that_learns_from_the_demos_is_no_copier() -> None:
    """It returns a scramble too, since that is what it was shown, but needs no demo to see it."""
    inputs = ((3, 0, 0), (3, 3, 0), (0, 3, 0), (3, 0, 3))
    answers = (((5,),), ((6,),))
    demos = tuple(Sample((row,), answers[sum(map(bool, row)) - 1]) for row in inputs)
    task = Task("00000003", demos, (Sample(((0, 0, 3),)),))
    text = "def solve_x(S, I, C): return learn_answer(S, I)\n" + COPIERS.splitlines()[1]
    work = work_on(task, programs=weighted(text))
    assert work.counts.refused == 1
    [passed] = [each for each in work.passed if each.score.is_exact]
    assert "learn_answer" in passed.text


@pytest.mark.parametrize("capacity", [1, 2, 3, 9])
def test_only_the_best_become_candidates(capacity: int) -> None:
    everything, best = Work(mirror_task()), Work(mirror_task())
    for work in (everything, best):
        score(work, "given", weighted(LIBRARY))
    best.scored = everything.scored
    filter_candidates(everything)
    filter_candidates(best, capacity=capacity)
    assert best.counts.behaviours == everything.counts.behaviours == 3
    assert best.candidates == everything.candidates[:capacity]
    assert best.counts.kept == min(3, capacity)


def test_the_programs_of_a_batt_are_not_merged_again() -> None:
    batt = merge((each.name, each.program) for each in weighted(LIBRARY))
    works = [Work(mirror_task()), Work(mirror_task())]
    score(works[0], "files", MergedPrograms.of(batt))
    score(works[1], "files", list(MergedPrograms.of(batt)))
    [merged], [same] = (work.scored for work in works)
    assert merged.batt is batt
    assert same.batt.programs == batt.programs
    names = [[[each.name for each in root] for root in scored.roots] for scored in (merged, same)]
    assert names[0] == names[1] == [list(names) for names in batt.names]


VOTERS = """
def solve_a(I): return vmirror(I)
def solve_b(I): return rot180(vmirror(I))
def solve_c(I): return vmirror(rot180(I))
"""


def test_a_resumed_run_gives_the_attempts_of_a_whole_one(tmp_path: Path) -> None:
    grid = ((3, 3), (3, 3))
    tasks = [
        Task(f"0000000{n}", (Sample(grid, grid),), (Sample(((n, 2), (3, 4))),)) for n in range(4)
    ]
    words: dict[str, Any] = {"programs": weighted(VOTERS), "batch": 1}
    whole = run(*tasks, **words)
    with Archive.open(tmp_path / "archive") as archive:
        begin = partial(Journal.begin, archive, settings={"a": 1}, tasks=tasks, timings=Timings())

        def stop(result: TaskResult) -> None:
            if result.task == tasks[1].id:
                raise KeyboardInterrupt

        # Nothing puts the end of that run on record: as if it had been killed.
        make_run(*tasks, archive=archive, on_saved=begin().note, **words).execute(stop)
        journal = begin()
        assert list(journal.done_before) == [tasks[0].id, tasks[1].id]
        rest = run(*tasks[2:], archive=archive, on_saved=journal.note, **words)
        journal.close(reason=rest.stopped, finished=rest.finished)
        over = begin()
        assert over.was_finished and len(over.done_before) == len(tasks)
    results = [*journal.done_before.values(), *rest.results]
    assert [result.attempts for result in results] == [each.attempts for each in whole.results]
    assert [result.best for result in results] == [each.best for each in whole.results]


def test_an_error_in_a_phase_keeps_the_batch_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [mirror_task(f"0000000{n}") for n in range(1, 4)]
    seen: list[str] = []

    def score_or_fail(works: list[Work], *words: Any, **options: Any) -> None:
        if works[0].task.id == "00000002":
            raise EngineError(engine="reference", problem="is broken")
        score_proposals(works, *words, **options)

    monkeypatch.setattr(pipeline, "score_proposals", score_or_fail)
    with Archive.open(tmp_path / "archive") as archive:
        broken = make_run(*tasks, batch=1, archive=archive)
        with pytest.raises(EngineError, match="is broken"):
            broken.execute(lambda result: seen.append(result.task))
        assert seen == sorted({each.task.id for each in archive.entries()}) == ["00000001"]


def test_an_output_that_is_the_input_is_compared_once_and_counts_as_two() -> None:
    text = "def solve_a(I): return vmirror(I)\ndef solve_b(I): return identity(I)\n"
    work, engine = Work(mirror_task()), open_engine()
    differs = Differs.of(load_library(DIFFERS))
    score(work, "given", weighted(text))
    filter_candidates(work)
    score_nearness([work], differs, engine, Budget(), threads=1, timings=Timings())
    for nearness, (given_grid, wanted) in zip(work.nearness, work.task.S, strict=True):
        asked = [Comparison(work.task.S, grid, wanted) for grid in (given_grid, given_grid, wanted)]
        said = differs.compare(asked, engine, Budget(), threads=1)
        assert nearness.baseline == nearness.outputs[digest(given_grid)] == said[0].nearness
        assert nearness.outputs[digest(wanted)] == said[2].nearness != nearness.baseline
        assert nearness.fuels == tuple(map(sum, zip(*(each.fuels for each in said), strict=True)))
