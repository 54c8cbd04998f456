"""`batt profile`: parts that add up, and counts that do not depend on the machine."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Batt

from arcbatt.commands.solve import SolveRequest
from arcbatt.dsl.meter import Meter
from arcbatt.engine import Budget, Case, Engine, Job, open_engine
from arcbatt.engine.counting import (
    CallCount,
    CallCounts,
    InWorker,
    WorkerCounts,
    counting,
    new_meter,
    take_counts,
)
from arcbatt.engine.native import native_available
from arcbatt.engine.pool import PooledEngine
from arcbatt.library import load_library
from arcbatt.pipeline.run import Settings
from arcbatt.profile import record
from arcbatt.profile.model import (
    COUNTING,
    CROSS_CHECK,
    HAND_OUT,
    NODES,
    PLACES,
    Category,
    Profile,
)
from arcbatt.profile.record import Began, Recorder
from arcbatt.profile.run import Profiled, draw_tasks, profile_request
from arcbatt.program.parse import parse_program
from arcbatt.program.render import render
from arcbatt.sources.files import FilesOptions
from arcbatt.sources.search import SearchOptions
from arcbatt.tasks import TaskChoice

ENGINES = ["native", "reference"] if native_available() else ["reference"]
TASKS = ("3c9b0459", "007bbfb7")
CASE = Case(S=((((1,),), ((2,),)),), I=((0, 1), (2, 3), (4, 5)), wanted=((1, 0), (3, 2)))


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return open_engine(request.param)


def work(counts: CallCounts) -> dict[str, tuple[int, int, int]]:
    return {name: (each.calls, each.values, each.fuel) for name, each in counts.primitives.items()}


def count_program(engine: Engine, body: str) -> tuple[CallCounts, int]:
    """Return what a program of one line counts, and its fuel."""
    program = parse_program(f"def solve(S, I, C): return {body}").program
    with counting():
        [evaluation] = engine.evaluate([Job(program, [CASE, CASE])], Budget())
        return take_counts(), sum(evaluation.fuel_of(case)[0] for case in range(2))


def test_calls_within_calls_count(engine: Engine) -> None:
    counts, fuel = count_program(engine, "apply(compose(increment, size), I)")
    calls = {name: numbers[:2] for name, numbers in work(counts).items()}
    assert calls == {"apply": (2, 2), "compose": (2, 2), "size": (6, 6), "increment": (6, 6)}
    assert sum(each.fuel for each in counts.primitives.values()) == fuel > 0
    for each in counts.primitives.values():
        assert 0 <= each.own_ns <= each.total_ns <= counts.busy_ns
    assert counts.wall_ns > 0
    assert len(counts.spans) == 1


def test_failures_are_calls_without_a_value(engine: Engine) -> None:
    counts, _ = count_program(engine, "first(apply(first, apply(palette, I)))")
    calls = work(counts)
    assert calls["palette"][:2] == (2, 0)
    assert calls["apply"][:2] == (2, 0)
    assert "first" not in calls


def test_counting_is_off_unless_asked_for(engine: Engine) -> None:
    program = parse_program("def solve(S, I, C): return vmirror(I)").program
    engine.evaluate([Job(program, [CASE])], Budget())
    assert take_counts() == CallCounts()
    assert type(new_meter()) is Meter
    with counting():
        engine.evaluate([Job(program, [CASE])], Budget())
    assert take_counts() == CallCounts()
    with counting():
        assert take_counts().primitives == {}


def test_counting_leaves_deep_calls_as_they_are() -> None:
    body = "increment"
    for _ in range(98):
        body = f"compose(identity, {body})"
    program = parse_program(f"def solve(S, I, C): return apply({body}, first(I))").program
    engine = open_engine("reference")
    job = Job(program, [CASE])
    [plain] = engine.evaluate([job], Budget())
    with counting():
        [counted] = engine.evaluate([job], Budget())
    assert counted.outcomes == [
        [type(root)(root.failure, root.digest, root.score, root.fuel, again.nanoseconds)]
        for [root], [again] in zip(plain.outcomes, counted.outcomes, strict=True)
    ]


def test_workers_that_run_beside_each_other_take_as_long_as_the_longest() -> None:
    workers = WorkerCounts()
    with counting():
        for process, busy_ns in ((1, 50), (2, 70), (1, 40), (2, 10)):
            counts = CallCounts(busy_ns=busy_ns, longest_ns=busy_ns, cpu_ns=5, worker_cpu_ns=5)
            assert workers.take(InWorker("result", counts, process)) == "result"
        taken = take_counts()
    assert (taken.busy_ns, taken.longest_ns, taken.worker_cpu_ns) == (170, 90, 20)
    assert workers.take("not counted") == "not counted"


# What the recorder does with time.


class Clock:
    """Stands in for the clocks and the engines: each charge finds what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = Began(0, 0)
        self.counts = CallCounts()
        monkeypatch.setattr(record, "Began", lambda: self.now)
        monkeypatch.setattr(record, "take_counts", self.take)

    def take(self) -> CallCounts:
        taken, self.counts = self.counts, CallCounts()
        return taken

    def pass_time(self, wall_ns: int, cpu_ns: int, counts: CallCounts | None = None) -> None:
        self.now = Began(self.now.wall_ns + wall_ns, self.now.cpu_ns + cpu_ns)
        self.counts = counts or CallCounts()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def costs(recorder: Recorder) -> dict[tuple[Category, str], tuple[int, int]]:
    return {key[:2]: (cost.wall_ns, cost.cpu_ns) for key, cost in recorder.costs.items()}


def evaluated() -> CallCounts:
    """An evaluation of 700 ns on the clock: two threads, 1000 ns busy, 600 the longer one."""
    return CallCounts(
        primitives={
            "fill": CallCount(4, 3, 40, 4, 301, 400),
            "size": CallCount(2, 2, 9, 2, 100, 100),
        },
        busy_ns=1000,
        longest_ns=600,
        outputs_ns=50,
        sums_ns=25,
        counting_ns=200,
        border_ns={"cases": 30, "results": 20},
        outputs=[7],
        wall_ns=730,
        cpu_ns=1130,
    )


def test_an_evaluation_is_split_by_what_its_threads_did(clock: Clock) -> None:
    recorder = Recorder(Began(0, 0))
    with recorder.measure("run_batt.check_batt"):
        clock.pass_time(900, 1290, evaluated())
    assert costs(recorder) == {
        (Category.DSL, "fill"): (180, 301),
        (Category.DSL, "size"): (60, 100),
        (Category.EVALUATION, "digests and scores"): (30, 50),
        (Category.EVALUATION, "sums"): (15, 25),
        (Category.FRAMEWORK, COUNTING): (120, 200),
        (Category.EVALUATION, NODES): (195, 324),
        (Category.EVALUATION, HAND_OUT): (100, 100),
        (Category.BORDER, "cases"): (30, 28),
        (Category.BORDER, "results"): (20, 19),
        (Category.EVALUATION, "jobs"): (150, 143),
    }
    assert recorder.outputs == [7]
    assert recorder.primitives["fill"] == CallCount(4, 3, 40, 4, 301, 400)


def test_the_cross_check_is_a_part_of_candidate_management(clock: Clock) -> None:
    recorder = Recorder(Began(0, 0))
    with recorder.measure("run_batt.phase3a_validate_batch"), recorder.measure(CROSS_CHECK):
        clock.pass_time(800, 1200, evaluated())
    assert costs(recorder) == {
        (Category.CANDIDATES, "cross-check"): (750, 1150),
        (Category.BORDER, "cases"): (30, 30),
        (Category.BORDER, "results"): (20, 20),
    }
    assert recorder.outputs == []
    assert recorder.primitives == {}
    assert recorder.cross_check["fill"].calls == 4


def test_blocks_own_what_no_block_within_them_owns(clock: Clock) -> None:
    clock.pass_time(5, 4)
    recorder = Recorder(Began(0, 0))
    clock.pass_time(10, 9)
    with recorder.measure("run_batt.merge"):
        clock.pass_time(100, 90)
        with recorder.measure("run_batt.news"):
            clock.pass_time(20, 18)
        clock.pass_time(1, 1)
    with recorder.measure("run_batt.news"):
        clock.pass_time(7, 6)
    with recorder.measure("run_batt.batch_arrays"):
        clock.pass_time(3, 2)
    found = {key: (cost.wall_ns, cost.cpu_ns) for key, cost in recorder.costs.items()}
    merge, news = "run_batt.merge", "run_batt.news"
    assert found == {
        (Category.FRAMEWORK, "start", ("run_batt.start",)): (5, 4),
        (Category.UNACCOUNTED, "between blocks", ()): (10, 9),
        (Category.CANDIDATES, "merge", (merge,)): (101, 91),
        (Category.CANDIDATES, "merge", (merge, news)): (20, 18),
        (Category.FRAMEWORK, "news", (news,)): (7, 6),
        (Category.ARRAYS, "scores", ("run_batt.batch_arrays",)): (3, 2),
    }
    assert recorder.passed.wall_ns == 146


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_whatever_the_clocks_say(clock: Clock, seed: int) -> None:
    """Clocks of threads and of the process need not agree; the parts still add up."""
    import random

    chance = random.Random(seed)
    recorder = Recorder(Began(0, 0))
    for name in chance.choices([*PLACES, "run_batt.news"], k=30):
        with recorder.measure(name):
            numbers = [chance.randrange(10 ** chance.randrange(1, 9)) for _ in range(12)]
            clock.pass_time(
                numbers[0],
                numbers[1],
                CallCounts(
                    {"fill": CallCount(1, 1, 1, 1, numbers[2], numbers[2])},
                    numbers[3],
                    numbers[4],
                    numbers[5],
                    numbers[6],
                    numbers[7],
                    {"graphs": numbers[8], "values": numbers[9]},
                    wall_ns=numbers[10],
                    cpu_ns=numbers[11],
                    worker_cpu_ns=numbers[11] // 2,
                ),
            )
    pieces = recorder.costs.values()
    assert sum(each.wall_ns for each in pieces) == recorder.passed.wall_ns
    assert sum(each.cpu_ns for each in pieces) == recorder.passed.cpu_ns
    assert all(each.wall_ns >= 0 and each.cpu_ns >= 0 for each in pieces)


# Whole runs.


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a few programs of the library, among them those of the tasks."""
    library = load_library()
    chosen = [*library[:3], *(each for each in library if each.name[-8:] in TASKS)]
    path = tmp_path_factory.mktemp("profile") / "some.py"
    path.write_text("\n".join(render(each.program, name=each.name) for each in chosen))
    return path


def profile_some(programs: Path, engine: str, jobs: int, **changes: Any) -> Profile:
    return run_some(programs, engine, jobs, **changes).profile


def run_some(
    programs: Path,
    engine: str,
    jobs: int,
    *,
    search: SearchOptions | None = None,
    array_backend: str | None = None,
    cross_check: bool = False,
    **changes: Any,
) -> Profiled:
    request = SolveRequest(
        choice=TaskChoice(ids=TASKS),
        sources=("files", "search") if search else ("files",),
        options={"files": FilesOptions(library=(programs,)), "search": search},
        array_backend=array_backend,
        cross_check=cross_check,
        engine=engine,
        settings=Settings(budget=Budget(sample_seconds=None), jobs=jobs),
    )
    done = profile_request(request, **changes)
    assert done is not None
    return done


@pytest.fixture(scope="module")
def expected(programs: Path) -> Profile:
    return profile_some(programs, ENGINES[0], 1)


@pytest.mark.parametrize(
    ("engine", "jobs"), [(ENGINES[0], 2), (ENGINES[0], 8), ("reference", 1), ("reference", 2)]
)
def test_counts_do_not_depend_on_engine_and_threads(
    programs: Path, expected: Profile, engine: str, jobs: int
) -> None:
    [run], [other] = profile_some(programs, engine, jobs).runs, expected.runs
    assert len(run.counts) > 20
    assert sum(each.failures for each in run.primitives) > 0
    assert run.counts == other.counts
    assert run.digest == other.digest


def test_every_slice_of_a_run_adds_up(expected: Profile) -> None:
    [run] = expected.runs
    assert sum(each.wall_ns for each in run.slices) == run.wall_ns > 0
    assert sum(each.cpu_ns for each in run.slices) == run.cpu_ns > 0
    dsl = [each for each in run.slices if each.category is Category.DSL]
    assert {each.part for each in dsl} == {each.name for each in run.primitives}
    for cost in run.primitives:
        mine = sum(each.cpu_ns for each in dsl if each.part == cost.name)
        assert mine == cost.cpu_ns <= cost.inner_cpu_ns
    shown = expected.categories()
    assert [each.category for each in shown] == list(Category)
    assert sum(each.wall.median_ns for each in shown) == run.wall_ns
    phases = expected.phases()
    assert sum(wall for _, _, wall in phases) == run.wall_ns
    for each in shown:
        assert sum(cpu[each.category] for _, cpu, _ in phases) == each.cpu.median_ns
        parts = expected.parts(each.category)
        assert sum(part.cpu.median_ns for part in parts) == each.cpu.median_ns


@pytest.mark.native
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_cross_check_counts_apart(programs: Path, expected: Profile, jobs: int) -> None:
    done = run_some(programs, "native", jobs, cross_check=True, archive=False)
    [run] = done.profile.runs
    assert run.counts == expected.runs[0].counts
    assert {each.name for each in run.cross_check} >= {"vconcat", "sample_symmetry"}
    [check] = [each for each in run.slices if each.part == "cross-check"]
    assert check.cpu_ns >= sum(each.cpu_ns for each in run.cross_check) > 0
    assert check.cpu_ns >= done.recorder.worker_cpu_ns
    assert (jobs > 1) == (done.recorder.worker_cpu_ns > 0)
    assert sum(each.cpu_ns for each in run.slices) == run.cpu_ns


@pytest.mark.native
def test_sources_are_a_category(programs: Path) -> None:
    search = SearchOptions(evaluations=300)
    profile = profile_some(programs, "native", 1, search=search, archive=False)
    [run] = profile.runs
    found = {each.part: each for each in run.slices if each.category is Category.SOURCES}
    assert set(found) == {"files", "search"}
    assert found["search"].blocks == ("run_batt.source_search",)
    assert found["search"].cpu_ns > 0
    assert profile.sources == ("files", "search")
    assert sum(each.cpu_ns for each in run.slices) == run.cpu_ns


def test_scoring_by_arrays_is_a_category(programs: Path, expected: Profile) -> None:
    profile = profile_some(programs, ENGINES[0], 1, array_backend="numpy")
    [run] = profile.runs
    arrays = [each for each in run.slices if each.category is Category.ARRAYS]
    assert {each.blocks[-1] for each in arrays} == {"run_batt.batch_arrays"}
    assert run.digest == expected.runs[0].digest


def test_the_digest_tells_other_outputs(programs: Path, expected: Profile, tmp_path: Path) -> None:
    text = programs.read_text()
    changed = tmp_path / "changed.py"
    changed.write_text(text.replace("vconcat(", "hconcat("))
    assert changed.read_text() != text
    again = profile_some(changed, ENGINES[0], 1)
    assert again.runs[0].digest != expected.runs[0].digest


def test_runs_are_repeated(programs: Path) -> None:
    told = itertools.count()
    profile = profile_some(programs, ENGINES[0], 1, repeats=3, on_run=lambda: next(told))
    assert len(profile.runs) == next(told) == 3
    assert profile.steady
    for share in profile.categories():
        walls = sorted(
            sum(each.wall_ns for each in run.slices if each.category is share.category)
            for run in profile.runs
        )
        assert (share.wall.least_ns, share.wall.median_ns, share.wall.most_ns) == tuple(walls)


@pytest.mark.native
def test_nothing_of_a_run_stays(batt: Batt, place: Path) -> None:
    answer = batt(
        "profile", "--dataset", "tasks", "--sources", "none", "--library", "programs.py", "--json"
    )
    assert (answer.code, answer.err) == (0, "")
    assert sorted(path.name for path in place.iterdir()) == ["programs.py", "tasks"]


# Which tasks.


def test_tasks_are_drawn_by_seed() -> None:
    training = TaskChoice(split="training")
    ids = training.load().ids
    drawn = draw_tasks(training, count=100, seed=0).ids
    assert len(set(drawn)) == 100
    assert set(drawn) < set(ids)
    assert drawn == draw_tasks(training, count=100, seed=0).ids == tuple(sorted(drawn))
    assert drawn != draw_tasks(training, count=100, seed=1).ids
    assert draw_tasks(training, count=1000, seed=3).ids == tuple(sorted(ids))


def test_named_tasks_are_taken_instead() -> None:
    assert draw_tasks(TaskChoice(ids=TASKS), count=1, seed=0).ids == tuple(sorted(TASKS))


def test_a_pool_that_is_not_counted_returns_plain_results() -> None:
    """What `counting` adds to a worker's answer must not reach the engine's callers."""
    pool = PooledEngine(2)
    program = parse_program("def solve(S, I, C): return vmirror(I)").program
    try:
        with counting():
            counted = pool.evaluate([Job(program, [CASE])] * 3, Budget())
            counts = take_counts()
        plain = pool.evaluate([Job(program, [CASE])] * 3, Budget())
    finally:
        pool.close()
    assert [each.digests_of(0) for each in counted] == [each.digests_of(0) for each in plain]
    assert work(counts)["vmirror"][:2] == (3, 3)
    assert len(set(counts.outputs)) == 1
    assert len(counts.outputs) == 3
    assert counts.cpu_ns >= counts.worker_cpu_ns > 0
    assert take_counts() == CallCounts()
