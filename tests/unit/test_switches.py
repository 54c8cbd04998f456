"""Switches: a run without an optimisation finds the same, and really does without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.commands import Batt

from arcbatt.archive import Archive
from arcbatt.batt import join, merge
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job, NodeOutcome, open_engine
from arcbatt.engine.native import native_available
from arcbatt.errors import UsageError
from arcbatt.pipeline.deal import deal_programs
from arcbatt.pipeline.plainly import Forgetful, OneByOne
from arcbatt.pipeline.run import Run, Settings, TaskResult
from arcbatt.pipeline.solve import load_differs
from arcbatt.pipeline.switches import (
    MORE_FUEL,
    SWITCHES,
    Switches,
    explain,
    parse_switches,
    switch_off,
)
from arcbatt.program.graph import Graph
from arcbatt.program.parse import parse_text
from arcbatt.tasks import Sample, Task, load_dataset

LIBRARY = """
def solve_a(I): return vmirror(I)
def solve_b(I): return vmirror(vmirror(vmirror(I)))
def solve_c(I): return vmirror(I)
def solve_d(I): return hmirror(I)
def solve_e(I): return first(ZERO)
def solve_f(I): return rot180(hmirror(I))
def solve_g(I): return palette(I)
def solve_h(S, I, C): return canvas(size(S), shape(I))
def solve_i(S, I, C): return vmirror(first(first(S)))
def solve_j(I): return hmirror(I)
"""
SAME = tuple(name for name in SWITCHES if name not in ("cut", "fuel"))
ENGINES = ["reference", *(["native"] if native_available() else [])]


def mirror_task(task: str, *grids: Sequence[Sequence[int]], flip: bool) -> Task:
    def sample(grid: Sequence[Sequence[int]]) -> Sample:
        rows = tuple(map(tuple, grid))
        return Sample(rows, rows[::-1] if flip else tuple(row[::-1] for row in rows))

    *demos, test = map(sample, grids)
    return Task(task, tuple(demos), (test,))


TASKS = (
    mirror_task("00000001", [[1, 2, 3], [4, 5, 6]], [[7, 8], [9, 0]], [[1, 0], [2, 3]], flip=False),
    mirror_task("00000002", [[1, 2, 3], [4, 5, 6]], [[7, 8], [9, 0]], [[1, 0], [2, 3]], flip=True),
    replace(
        mirror_task("00000003", [[1, 2]], [[3, 4]], [[5, 6]], flip=False),
        demos=(Sample(((1, 2),), ((2, 2),)), Sample(((3, 4),), ((2, 2),))),
    ),
)


class Counted:
    """An engine that remembers how many jobs and cases each call had, and with what budget."""

    def __init__(self, name: str) -> None:
        self.inner = open_engine(name)
        self.name = name
        self.calls: list[list[int]] = []
        self.threads: set[int] = set()
        self.fuel: set[int] = set()
        self.nodes: list[int] = []

    def evaluate(
        self,
        jobs: Sequence[Job],
        budget: Budget,
        *,
        threads: int = 1,
        keep_outputs: bool = False,
    ) -> list[Evaluation]:
        self.calls.append([len(job.cases) for job in jobs])
        self.nodes.append(sum(len(job.graph.nodes) for job in jobs))
        self.threads.add(threads)
        self.fuel.add(budget.node_fuel)
        return self.inner.evaluate(jobs, budget, threads=threads, keep_outputs=keep_outputs)

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        return self.inner.trace(graph, case, budget)


def run(
    *without: str, engine: Engine, folder: Path, capacity: int = 32
) -> tuple[list[TaskResult], list[str]]:
    """Return the results, and what the archive keeps."""
    settings = Settings(
        Budget(sample_seconds=None), jobs=2, capacity=capacity, switches=switch_off(without)
    )
    with Archive.open(folder / "-".join(("archive", *without)), capacity=capacity) as archive:
        results = (
            Run(
                tasks=TASKS,
                card=deal_programs(parse_text(LIBRARY).programs),
                engine=engine,
                settings=settings,
                archive=archive,
                differs=load_differs(sharing=settings.switches.sharing),
            )
            .execute()
            .results
        )
        kept = [
            f"{entry.task} {entry.md5} {entry.score.total} {entry.fuel}"
            for entry in archive.entries()
        ]
    return results, kept


def found(results: list[TaskResult]) -> list[object]:
    return [
        (result.task, result.attempts, list(result.o_scores.items()), result.d_scores)
        for result in results
    ]


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("without", [*((name,) for name in SWITCHES), SAME, SWITCHES])
def test_a_run_without_finds_the_same(without: tuple[str, ...], name: str, tmp_path: Path) -> None:
    base, kept = run(engine=open_engine(name), folder=tmp_path)
    assert [result.exact for result in base] == [1, 1, 1]
    plain, plainly_kept = run(*without, engine=open_engine(name), folder=tmp_path)
    assert found(plain) == found(base)
    assert plainly_kept == kept


@pytest.mark.parametrize("without", [("behaviours",), ("bodies", "behaviours"), SAME])
def test_a_full_archive_does_not_count_equal_behaviours(
    without: tuple[str, ...], tmp_path: Path
) -> None:
    base, kept = run(engine=open_engine("reference"), folder=tmp_path, capacity=1)
    plain, plainly_kept = run(
        *without, engine=open_engine("reference"), folder=tmp_path, capacity=1
    )
    assert (found(plain), plainly_kept) == (found(base), kept)
    assert len(base[0].o_scores) == 1


def test_every_switch_does_something(tmp_path: Path) -> None:
    def counted(*without: str) -> tuple[Counted, list[TaskResult]]:
        engine = Counted("reference")
        return engine, run(*without, engine=engine, folder=tmp_path)[0]

    base, results = counted()
    assert (base.threads, base.fuel) == ({2}, {Budget().node_fuel})
    assert counted("threads")[0].threads == {1}
    assert counted("fuel")[0].fuel == {MORE_FUEL * Budget().node_fuel}
    assert counted("sharing")[0].nodes[0] > base.nodes[0]
    assert sum(map(len, counted("batches")[0].calls)) == sum(map(len, base.calls))
    assert len(counted("batches")[0].calls) > len(base.calls)
    assert counted("bodies")[1][0].counts.bodies == len(parse_text(LIBRARY).programs)
    assert results[0].counts.bodies == len(parse_text(LIBRARY).programs) - 2
    assert counted("behaviours")[1][0].counts.kept > results[0].counts.kept
    assert counted("behaviours")[1][0].counts.behaviours == results[0].counts.behaviours


def test_without_the_cut_the_differs_see_all(tmp_path: Path) -> None:
    cases = {}
    for without in ((), ("cut",)):
        engine = Counted("reference")
        run(*without, engine=engine, folder=tmp_path, capacity=1)
        cases[without] = sum(map(sum, engine.calls))
    assert cases["cut",] > cases[()]


def test_without_caches_every_case_is_a_job(tmp_path: Path) -> None:
    pytest.importorskip("arcbatt._engine")
    engine = Counted("native")
    run("caches", engine=engine, folder=tmp_path)
    assert engine.calls
    assert {cases for call in engine.calls for cases in call} == {1}


@pytest.mark.parametrize("threads", [1, 3])
def test_a_forgetful_engine_answers_as_the_one_within(threads: int) -> None:
    pytest.importorskip("arcbatt._engine")
    engine, budget = open_engine("native"), Budget(sample_seconds=None)
    programs = parse_text(LIBRARY).programs
    batt = merge((source.name, source.program) for source in programs)
    cases = [Case(S=task.S, I=grid, wanted=wanted) for task in TASKS for grid, wanted in task.S]
    jobs = [Job(batt.graph, cases), Job(batt.graph, cases[:2]), Job(programs[0].program, cases[1:])]
    plain = engine.evaluate(jobs, budget, keep_outputs=True)
    wrapped = [
        Forgetful(engine).evaluate(jobs, budget, threads=threads, keep_outputs=True),
        OneByOne(engine).evaluate(jobs, budget, threads=threads, keep_outputs=True),
    ]
    for got in wrapped:
        for one, other, job in zip(plain, got, jobs, strict=True):
            assert len(other.nanoseconds) == len(job.cases)
            for case in range(len(job.cases)):
                assert other.digests_of(case) == one.digests_of(case)
                assert other.scores_of(case) == one.scores_of(case)
                assert other.fuel_of(case) == one.fuel_of(case)
                assert other.times_of(case) == [each.nanoseconds for each in other.outcomes[case]]
                assert other.numbers_of(case) == one.numbers_of(case)
                assert [outcome.failure for outcome in other.outcomes[case]] == [
                    outcome.failure for outcome in one.outcomes[case]
                ]
                assert other.output(case, 0) == one.output(case, 0)
                ours, theirs = other.array_of(case, 0), one.array_of(case, 0)
                assert ours is not None and theirs is not None and (ours == theirs).all()
    assert Forgetful(engine).evaluate([], budget) == []


@pytest.mark.parametrize("sharing", [True, False])
@pytest.mark.parametrize("bodies", [True, False])
def test_joined_programs_are_those_that_were_joined(sharing: bool, bodies: bool) -> None:
    named = [(source.name, source.program) for source in parse_text(LIBRARY).programs]
    merged, joined = merge(named), join(named, sharing=sharing, bodies=bodies)
    assert (joined.programs_merged, joined.nodes_merged) == (10, merged.nodes_merged)
    assert set(joined.programs) == set(merged.programs)
    assert len(joined.names) == (8 if bodies else 10)
    assert joined.names[0] == (("solve_a", "solve_c") if bodies else ("solve_a",))
    if sharing:
        assert joined.graph.nodes == merged.graph.nodes
    else:
        assert len(joined.graph.nodes) == sum(program.size for program in joined.programs)
    if sharing and bodies:
        assert joined == merged


def test_words_become_switches() -> None:
    assert parse_switches(None) == ()
    assert parse_switches("threads, sharing") == ("sharing", "threads")
    assert switch_off(("cut",)) == Switches(cut=False)
    assert Switches().off == ()
    assert Switches(cut=False, native=False).off == ("cut", "native")
    assert Switches(native=False).choose_engine("native") == "reference"
    assert Switches().choose_engine(None) is None
    for words in ("", "sharing,", "steam"):
        with pytest.raises(UsageError, match="no switch is called"):
            parse_switches(words)
    assert all(all(explain(name)) for name in SWITCHES)


def test_solve_knows_switches(batt: Batt, place: Path) -> None:
    words = ["solve", "--dataset", "tasks", "--library", "programs.py", "--sources", "none"]
    base = batt(*words, "--no-archive", "--json").json
    plain = batt(*words, "--no-archive", "--without", ",".join(SWITCHES), "--json").json
    assert (plain["engine"], plain["totals"]["exact"]) == ("reference", base["totals"]["exact"])
    assert [result["best"]["md5"] for result in plain["results"]] == [
        result["best"]["md5"] for result in base["results"]
    ]
    answer = batt(*words, "--without", "speed")
    assert (answer.code, answer.err.split(":")[0]) == (2, "error[usage]")
    answer = batt(*words, "--without", "native", "--engine", "native")
    assert answer.err == (
        "error[usage]: --engine native and --without native contradict each other\n"
    )


def test_help_names_all_switches(batt: Batt) -> None:
    assert ", ".join(SWITCHES) in " ".join(batt("solve", "--help").out.split())


def test_training_tasks_are_the_same_on_small_cards(tmp_path: Path) -> None:
    pytest.importorskip("arcbatt._engine")
    from arcbatt.bench.workloads import Options, run_with_switches, training_tasks

    assert [task.id for task in training_tasks(3)] == list(load_dataset(split="training").ids)[:3]
    base = run_with_switches(Options(3, 12, 2))()
    without = tuple(name for name in SAME if name != "native")
    plain = run_with_switches(Options(3, 12, 2, without))()
    assert (plain.attempts, plain.programs) == (base.attempts, base.programs)
    assert base.attempts and base.programs
