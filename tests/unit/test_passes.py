"""Passes: who is due, with how much effort, for how long; and that a run follows them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Answer, Batt

from arcbatt import interrupts
from arcbatt.archive import Archive
from arcbatt.candidates import Counts, Effort, Proposal, Stop, StopReason, Weighted
from arcbatt.contract import EFFORTS, Known, SourceBudget, TaskView
from arcbatt.engine import open_engine
from arcbatt.errors import ArcbattError
from arcbatt.pipeline.passes import (
    CONFIDENT,
    GROWTH,
    SEARCH_PART,
    RunLimits,
    Schedule,
    TaskProgress,
    Turn,
)
from arcbatt.pipeline.result import TaskResult
from arcbatt.pipeline.run import Run, Settings
from arcbatt.program.parse import parse_program
from arcbatt.sources.search import SearchSource
from arcbatt.tasks import Sample, Task

QUICK, NORMAL, DEEP, MAX = EFFORTS.values()


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def result(
    task: str, evaluations: int = 0, *, exact: int = 0, confidence: float = 0.0, **progress: Any
) -> TaskResult:
    return TaskResult(
        task,
        Counts(),
        None,
        exact,
        (),
        confidence=confidence,
        progress=TaskProgress(evaluations, tried=evaluations, **progress),
    )


def results(*all_results: TaskResult) -> Mapping[str, TaskResult]:
    return {each.task: each for each in all_results}


def due(turns: Sequence[Turn]) -> list[tuple[str, int]]:
    return [(turn.task, turn.evaluations) for turn in turns]


class TestSchedule:
    def test_all_tasks_come_first_in_their_order(self) -> None:
        schedule = Schedule(RunLimits(NORMAL))
        assert due(schedule.turns("abc", {})) == [("a", QUICK), ("b", QUICK), ("c", QUICK)]
        # A task that was never tried is due before a second try of the others.
        assert due(schedule.turns("ab", results(result("a", QUICK)))) == [("b", QUICK)]

    def test_the_named_efforts_follow_each_other_up_to_the_limit(self) -> None:
        for limit, expected in (
            (300, [300]),
            (QUICK, [QUICK]),
            (70_000, [QUICK, 70_000]),
            (NORMAL, [QUICK, NORMAL]),
            (MAX, [QUICK, NORMAL, DEEP, MAX]),
        ):
            schedule, efforts = Schedule(RunLimits(limit)), list[int]()
            state: Mapping[str, TaskResult] = {}
            while turns := schedule.turns("a", state):
                efforts.append(turns[0].evaluations)
                state = {"a": result("a", efforts[-1])}
            assert efforts == expected

    def test_what_is_sure_or_over_is_not_due(self) -> None:
        schedule = Schedule(RunLimits(NORMAL))
        state = results(
            result("sure", QUICK, exact=1, confidence=CONFIDENT),
            result("over", QUICK, is_over=True),
            result("unsure", QUICK, exact=1, confidence=CONFIDENT - 0.1),
            result("none", QUICK),
            result("done", NORMAL),
        )
        assert due(schedule.turns(list(state), state)) == [("unsure", NORMAL), ("none", NORMAL)]

    def test_with_a_time_the_effort_triples_and_the_likely_come_first(self) -> None:
        schedule = Schedule(RunLimits(MAX, total_seconds=60.0), clock=Clock())
        state = results(
            result("slow", QUICK, last_seconds=5.0),
            result("fast", QUICK, last_seconds=0.5),
            result("fits", QUICK, exact=1, confidence=0.2, last_seconds=0.5),
            result("near", QUICK, nearness=0.9, last_seconds=0.5),
        )
        turns = schedule.turns(list(state), state)
        assert due(turns) == [(task, GROWTH * QUICK) for task in ("near", "fits", "fast", "slow")]
        assert turns[0].seconds == pytest.approx(1.5)

    def test_time_is_shared_at_first_and_given_later(self) -> None:
        clock = Clock()
        schedule = Schedule(RunLimits(MAX, total_seconds=10.5), threads=2, clock=clock)
        assert schedule.seconds_left == pytest.approx(10.0)
        new = schedule.turns("abcd", {})
        assert schedule.seconds_for(new[:2], others=2) == pytest.approx(5.0)
        clock.now += 8.0
        again = [Turn(task, NORMAL, TaskProgress(QUICK)) for task in "abcd"]
        assert schedule.seconds_for(again, others=9) == pytest.approx(SEARCH_PART)
        clock.now += 1.999
        assert schedule.is_out_of_time and schedule.turns("abcd", {}) == []

    def test_a_task_has_its_own_limit(self) -> None:
        schedule = Schedule(RunLimits(MAX, task_seconds=4.0))
        state = results(result("a", QUICK, seconds=1.0), result("b", QUICK, seconds=4.0))
        [turn] = schedule.turns("ab", state)
        assert (turn.task, schedule.seconds_for([turn], 0)) == ("a", 3.0)
        assert Schedule(RunLimits(MAX)).seconds_for([turn], 0) is None


TASK = Task(
    "0000aaaa",
    (Sample(((1, 2),), ((2, 1),)), Sample(((3, 4, 5),), ((5, 4, 3),))),
    (Sample(((6, 7),), ((7, 6),)),),
)


class Grower:
    """A source that finds another program with each pass, and nothing new from the third on."""

    name, is_slow, is_brought = "grower", True, False

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.budgets: list[SourceBudget] = []

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        self.budgets.append(budget)
        place = len(self.budgets) - 1
        text = self.texts[min(place, len(self.texts) - 1)]
        found = Weighted(f"p{place}", parse_program(text).program, -30.0)
        effort = Effort(0.5, 100 * min(place + 1, 3))
        return [Proposal([found], effort, StopReason(Stop.EVALUATIONS)) for _ in tasks]


MIRROR = "def solve(I): return vmirror(I)"
TURN = "def solve(I): return rot180(I)"
WRONG = "def solve(I): return I"


def run_of(source: Any, **limits: Any) -> Run:
    settings = Settings(limits=RunLimits(**({"evaluations": MAX} | limits)))
    return Run([TASK], [source], open_engine("reference"), settings)


class TestRun:
    def test_passes_add_programs_until_nothing_new_is_tried(self) -> None:
        source = Grower(MIRROR, TURN, WRONG)
        run = run_of(source)
        seen: list[int] = []
        report = run.execute(on_pass=lambda turns: seen.append(turns[0].evaluations))
        assert seen == [budget.evaluations for budget in source.budgets]
        assert seen == [QUICK, NORMAL, DEEP, MAX]
        [found] = report.results
        # Mirrored and turned do the same on one row: one behaviour; the wrong one replaces nothing.
        assert found.exact == 1 and found.best is not None
        assert found.progress.evaluations == MAX and found.progress.is_over
        assert found.progress.seconds >= 2.0
        assert report.finished and report.stopped == "stopped: 1 task done"

    def test_a_task_that_was_found_once_is_never_lost(self) -> None:
        [found] = run_of(Grower(MIRROR, WRONG)).execute().results
        assert found.exact == 1
        assert found.attempts[0][0].grid == ((7, 6),)

    def test_a_sure_task_gets_one_pass(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("arcbatt.pipeline.result.confidence_of", lambda work: 0.99)
        source = Grower(MIRROR)
        assert run_of(source).execute().finished
        assert len(source.budgets) == 1

    def test_results_survive_their_record(self) -> None:
        [found] = run_of(Grower(MIRROR)).execute().results
        again = TaskResult.read(json.loads(json.dumps(found.document())))
        assert (again.progress, again.confidence) == (found.progress, found.confidence)
        assert again.progress.seconds == found.progress.seconds

    def test_a_record_that_is_none_is_refused(self) -> None:
        [found] = run_of(Grower(MIRROR), evaluations=QUICK).execute().results
        whole = found.document()
        proposal = whole["earlier"]["grower"]
        [program] = proposal["programs"]
        for part, key, value in (
            (program, "text", "def solve(I): return open(I)"),
            (program, "log2_weight", 1e9),
            (program, "log2_weight", "much"),
            (program, "missed", "two"),
            (proposal["stopped"], "stop", "bored"),
            (proposal["effort"], "evaluations", "many"),
            (proposal["effort"], "details", {"states": "many"}),
            (proposal, "nearness", "near"),
            (whole["progress"], "evaluations", None),
            (whole, "confidence", "sure"),
        ):
            kept, part[key] = part[key], value
            with pytest.raises((ArcbattError, KeyError, TypeError, ValueError, AttributeError)):
                TaskResult.read(json.loads(json.dumps(whole)))
            part[key] = kept
        assert TaskResult.read(json.loads(json.dumps(whole))).document() == found.document()

    def test_the_time_of_a_run_ends_it_and_keeps_what_is_there(self) -> None:
        class Sleeper(Grower):
            def propose(self, *words: Any) -> list[Proposal]:
                if self.budgets:
                    time.sleep(60.0)
                return super().propose(*words)

        with interrupts.receive():
            run = run_of(Sleeper(MIRROR), total_seconds=0.3)
            report = run.execute()
        assert not report.finished and not report.interrupted
        assert report.stopped == "stopped: the time was used up after 1 of 1 task"
        assert report.results[0].exact == 1

    def test_what_the_time_cuts_off_counts_as_not_tried(self) -> None:
        class Late(Grower):
            def propose(self, *words: Any) -> list[Proposal]:
                [proposal] = super().propose(*words)
                return [replace(proposal, stopped=StopReason(Stop.TIME))]

        run = run_of(Late(MIRROR), task_seconds=1.2)
        report = run.execute()
        # Two passes of half a second are possible, and more time could try more.
        [found] = report.results
        assert 0 < found.progress.evaluations < QUICK and not found.progress.is_over
        assert not report.finished and not report.interrupted

    def test_the_time_in_which_a_source_waits_counts(self) -> None:
        class Waiting(Grower):
            def propose(self, *words: Any) -> list[Proposal]:
                time.sleep(0.2)
                [proposal] = super().propose(*words)
                return [replace(proposal, effort=replace(proposal.effort, cpu_s=0.0))]

        source = Waiting(MIRROR)
        [found] = run_of(source, task_seconds=0.1).execute().results
        assert found.progress.seconds >= 0.2 > found.progress.last_seconds
        assert len(source.budgets) == 1

    def test_a_source_that_is_left_out_later_ends_no_other(self) -> None:
        """Evolution makes many calls at first, and none once another source has a program."""

        class Limited(Grower):
            def propose(self, tasks: Any, known: Known, budget: SourceBudget) -> list[Proposal]:
                [proposal] = super().propose(tasks, known, budget)
                stopped = StopReason(Stop.EVALUATIONS, budget.evaluations)
                return [replace(proposal, stopped=stopped)]

        class Early(Grower):
            def propose(self, *words: Any) -> list[Proposal]:
                [proposal] = super().propose(*words)
                effort = Effort(0.1, 10_000 if len(self.budgets) == 1 else 0)
                return [replace(proposal, effort=effort, stopped=StopReason(Stop.FITTED))]

        early, limited = Early(MIRROR), Limited(MIRROR)
        limited.name = "limited"
        settings = Settings(limits=RunLimits(evaluations=MAX))
        report = Run([TASK], [early, limited], open_engine("reference"), settings).execute()
        assert [each.evaluations for each in limited.budgets] == [QUICK, NORMAL, DEEP, MAX]
        assert report.finished

    def test_a_limit_of_the_source_itself_does_not_repeat_a_pass(self) -> None:
        class Short(Grower):
            def propose(self, *words: Any) -> list[Proposal]:
                [proposal] = super().propose(*words)
                return [replace(proposal, stopped=StopReason(Stop.TIME, 0.1))]

        source = Short(MIRROR)
        run_of(source, task_seconds=60.0).execute()
        assert len(source.budgets) < 6

    def test_a_full_task_is_tried_alone(self) -> None:
        run = run_of(Grower(MIRROR))
        run.settings = replace(run.settings, jobs=8)
        turns = [Turn("a", QUICK, TaskProgress()), Turn("b", QUICK, TaskProgress(is_full=True))]
        assert [len(batch) for batch, _ in run._batches(turns)] == [1, 1]
        assert run._threads_for(turns[1:]) == 1
        assert run._threads_for(turns[:1]) == 8


@pytest.mark.native
class TestSolve:
    WORDS = ("solve", "--dataset", "tasks", "--sources", "search", "--no-differs", "--jobs", "1")

    def test_more_effort_goes_on_where_less_stopped(
        self, batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        efforts: list[int] = []
        propose = SearchSource.propose

        def spy(self: SearchSource, tasks: Any, known: Any, budget: Any) -> list[Proposal]:
            efforts.append(budget.evaluations)
            return propose(self, tasks, known, budget)

        monkeypatch.setattr(SearchSource, "propose", spy)
        # Nothing is sure, so that every task gets every pass.
        monkeypatch.setattr("arcbatt.pipeline.passes.CONFIDENT", 2.0)
        assert batt(*self.WORDS, "--search-evaluations", "40").code == 0
        first = json.loads((place / "submission.json").read_text())
        again = batt(*self.WORDS, "--search-evaluations", "80")
        assert again.err.startswith("going on with pass 2: 3 of 3 tasks were tried\n")
        assert set(efforts) == {40, 80}
        assert json.loads((place / "submission.json").read_text()).keys() == first.keys()
        with Archive.open(place / "archive") as archive:
            [run] = archive.runs()
        assert (run.details["effort"], run.details["finished"]) == (80, True)

    def test_less_effort_keeps_the_answers_of_more(
        self, batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("arcbatt.pipeline.passes.CONFIDENT", 2.0)
        for effort in ("300", "1", "300"):
            answer = batt(*self.WORDS, "--search-evaluations", effort, "--json")
            submission = (place / "submission.json").read_text()
            if effort == "300" and not answer.err:
                found = submission
            assert submission == found
            assert [each["exact"] > 0 for each in answer.json["results"]] == [True] * 3
            if effort == "1":
                assert answer.json["ahead"] == ["0000aaaa", "0000bbbb", "0000cccc"]
                assert answer.err == (
                    "finished before: 3 of 3 tasks were tried, 3 of them with more effort: their"
                    " answers stay; give more --effort or time to go on, another --archive to begin"
                    " anew\n"
                )
        assert answer.err.startswith("finished before: 3 of 3 tasks were tried; give more --effort")
        assert not (place / "submission.json.bak").exists()
        with Archive.open(place / "archive") as archive:
            [run] = archive.runs()
        assert (run.details["effort"], run.details["finished"]) == (300, True)

    def test_a_task_keeps_the_most_effort_of_all_runs(
        self, batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("arcbatt.pipeline.passes.CONFIDENT", 2.0)
        assert batt(*self.WORDS, "--search-evaluations", "1").code == 0
        alone = batt(*self.WORDS, "0000aaaa", "--search-evaluations", "300")
        assert alone.err == "going on with pass 2: 1 of 1 tasks were tried\n"
        better = json.loads((place / "submission.json").read_text())["0000aaaa"]
        whole = batt(*self.WORDS, "--search-evaluations", "2", "--json")
        assert whole.err == (
            "going on with pass 2: 3 of 3 tasks were tried, 1 of them with more effort: their"
            " answers stay\n"
        )
        assert whole.json["ahead"] == ["0000aaaa"]
        assert json.loads((place / "submission.json").read_text())["0000aaaa"] == better

    def test_a_damaged_record_is_told_and_its_task_tried_again(
        self, batt: Batt, place: Path
    ) -> None:
        words = (*self.WORDS, "--search-evaluations", "300")
        assert batt(*words).code == 0
        submission = (place / "submission.json").read_text()
        with closing(sqlite3.connect(place / "archive" / "archive.db")) as connection, connection:
            for task, change in (
                ("0000aaaa", "substr(document, 1, 40)"),
                ("0000bbbb", "json_set(document, '$.progress.tried', 'x')"),
            ):
                query = f"UPDATE results SET document = {change} WHERE task = ?"
                connection.execute(query, (task,))
        lines = batt(*words).err.splitlines()
        start = "warning[archive]: archive archive: the result of task"
        assert lines[0].startswith(f"{start} '0000aaaa' in run 1 can't be read and is left out: ")
        assert lines[1].startswith(f"{start} '0000bbbb' in run 1 can't be read and is left out: ")
        assert lines[2:] == ["going on with pass 1: 1 of 3 tasks were tried"]
        assert (place / "submission.json").read_text() == submission
        assert batt(*words).err.startswith("finished before: 3 of 3 tasks")

    @pytest.mark.parametrize("wrong", [[616], [0, 500], [*range(0, 1000, 19)]])
    def test_demos_that_the_best_program_misses_are_named(
        self, batt: Batt, place: Path, wrong: list[int]
    ) -> None:
        demos = [{"input": [[n % 7, n % 3, 1]], "output": [[1, n % 3, n % 7]]} for n in range(1000)]
        for number in wrong:
            demos[number]["output"] = [[8]]
        task = {"train": demos, "test": [{"input": [[4, 5, 6]], "output": [[6, 5, 4]]}]}
        (place / "many.json").write_text(json.dumps(task))
        words = ("many.json", "--sources", "search", "--search-evaluations", "2000", "--json")
        answer = batt("solve", *words, "--jobs", "1")
        [result] = answer.json["results"]
        assert result["exact"] == 0
        if len(wrong) > 50:
            assert "the best program" not in answer.err
            return
        assert result["best"]["missed"] == [number + 1 for number in wrong]
        right, named = 1000 - len(wrong), {1: "demo 617", 2: "demos 1, 501"}[len(wrong)]
        note = f"the best program is right on {right} of 1,000 demos, not on {named}\n"
        assert answer.err.endswith(f"note: many: {note}")
        assert answer.json["grade"]["tasks_solved"] == 1
        # What is no solver in truth is none in the archive.
        with Archive.open(place / "archive") as archive:
            assert not any(entry.score.is_exact for entry in archive.entries())

    def test_another_build_tries_all_again(
        self, batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        words = (*self.WORDS, "--search-evaluations", "300")
        assert batt(*words).err == ""
        monkeypatch.setattr(
            "arcbatt.pipeline.journal.digests_of_build", lambda: {"engine": "other"}
        )
        assert "3 of them are tried again" in batt(*words).err
        assert batt(*words).err.startswith("finished before")

    def test_passes_give_the_same_with_any_number_of_threads(self, batt: Batt, place: Path) -> None:
        def attempts(answer: Answer) -> Any:
            return [(each["task"], each["exact"]) for each in answer.json["results"]]

        words = [*self.WORDS[:-1], "1", "--no-archive", "--search-evaluations", "51000", "--json"]
        one, two = batt(*words), batt(*words, "--jobs", "2")
        assert attempts(one) == attempts(two)

    def test_the_whole_command_keeps_to_its_time(self, batt: Batt, place: Path) -> None:
        answer = batt(*self.WORDS, "--total-time", "1s")
        assert answer.code == 0
        assert (place / "submission.json").exists()
