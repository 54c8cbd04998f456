"""Scores by arrays are the engine's scores, with any library, any devices and any memory."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.commands import Answer, Batt

from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Engine, Job, agreement, open_engine, with_arrays
from arcbatt.engine import arrays as backends
from arcbatt.engine.arrays import (
    PLACE_BYTES,
    ArrayBackend,
    Pictures,
    as_picture,
    open_arrays,
    score_evaluations,
    score_pairs,
)
from arcbatt.errors import ArrayBackendError
from arcbatt.program.graph import GraphBuilder
from arcbatt.timings import Timings

SIDES = (1, 1, 2, 3, 3, 7, 30)


def strict() -> ArrayBackend:
    """Return the strictest library, which has several devices and refuses to mix them."""
    xp: Any = pytest.importorskip("array_api_strict")
    devices = tuple(map(xp.Device, ("CPU_DEVICE", "device1", "device2")))

    def to_host(array: Any) -> Any:
        return np.from_dlpack(array.to_device(devices[0]))

    return ArrayBackend("strict", xp, devices, to_host)


def torch() -> ArrayBackend:
    pytest.importorskip("torch")
    return open_arrays("torch")


BACKENDS: dict[str, Callable[[], ArrayBackend]] = {
    "numpy": lambda: open_arrays("numpy"),
    "strict": strict,
    "torch": torch,
}


@pytest.fixture(params=list(BACKENDS))
def backend(request: pytest.FixtureRequest) -> ArrayBackend:
    return BACKENDS[request.param]()


class Watch:
    """NumPy that pretends to have devices, and notes what each of them does."""

    def __init__(self, count: int, memory_bytes: int) -> None:
        self.numpy = open_arrays("numpy")
        self.rows: Counter[str] = Counter()
        self.largest = 0
        self.current = ""
        self.backend = ArrayBackend(
            "pretended",
            self,
            tuple(f"device {number}" for number in range(count)),
            self.to_host,
            memory_bytes,
            self.use,
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.numpy.xp, name)

    def asarray(self, array: Any, *, device: str) -> Any:
        assert device == self.current
        return self.numpy.xp.asarray(array)

    def arange(self, stop: int, *, dtype: Any, device: str) -> Any:
        assert device == self.current
        return self.numpy.xp.arange(stop, dtype=dtype)

    def take(self, array: Any, places: Any, *, axis: int) -> Any:
        self.largest = max(self.largest, len(places))
        return self.numpy.xp.take(array, places, axis=axis)

    def to_host(self, array: Any) -> Any:
        self.rows[self.current] += len(array)
        return np.asarray(array)

    @contextmanager
    def use(self, device: str) -> Iterator[None]:
        self.current = device
        yield
        self.current = ""


def random_grid(random: Random, colors: int = 2) -> Grid:
    height, width = random.choice(SIDES), random.choice(SIDES)
    return tuple(tuple(random.randrange(colors) for _ in range(width)) for _ in range(height))


def random_pairs(seed: int, count: int) -> list[tuple[Grid, Grid]]:
    """Make pairs of grids; some are equal, some nearly, most of different sizes."""
    random = Random(seed)
    edges: list[Grid] = [(), ((),), ((), ()), ((0,),), ((0, 0),), ((0,), (0,))]
    pairs = [(one, other) for one in edges for other in edges]
    while len(pairs) < count:
        one, other = random_grid(random), random_grid(random)
        kind = random.random()
        if kind < 0.2:
            other = one
        elif kind < 0.4:
            other = tuple(tuple(cell ^ (random.random() < 0.1) for cell in row) for row in one)
        pairs.append((one, other))
    return pairs


def pack(grids: list[Grid]) -> Pictures:
    pictures = [as_picture(grid) for grid in grids]
    return Pictures.of([picture for picture in pictures if picture is not None])


def score(pairs: list[tuple[Grid, Grid]], backend: ArrayBackend) -> list[int]:
    """Score pairs; the wanted grids stand in another order, each once."""
    wanted = sorted({other for _, other in pairs})
    against = np.array([wanted.index(other) for _, other in pairs], dtype=np.int64)
    scores = score_pairs(pack([one for one, _ in pairs]), pack(wanted), against, backend)
    return [int(each) for each in scores]


def test_scores_are_those_of_agreement(backend: ArrayBackend) -> None:
    pairs = random_pairs(1, 300)
    wanted = [agreement(one, other) for one, other in pairs]
    assert {0, 1000} < set(wanted)
    assert score(pairs, backend) == wanted


def test_no_pairs_have_no_scores(backend: ArrayBackend) -> None:
    assert score([], backend) == []


def test_four_devices_get_equal_shares() -> None:
    watch = Watch(4, 2**20)
    pairs = random_pairs(3, 402)
    assert score(pairs, watch.backend) == [agreement(one, other) for one, other in pairs]
    assert sorted(watch.rows) == list(watch.backend.devices)
    assert sorted(watch.rows.values()) == [100, 100, 101, 101]


def test_more_devices_than_pairs_do_no_harm() -> None:
    watch = Watch(4, 2**20)
    assert score([(((1,),), ((1,),)), (((1,),), ((2,),))], watch.backend) == [1000, 0]
    assert sum(watch.rows.values()) == 2


def test_batches_fit_into_memory() -> None:
    pairs = random_pairs(4, 300)
    expected = [agreement(one, other) for one, other in pairs]
    roomy, tight = Watch(1, 2**30), Watch(1, 900 * PLACE_BYTES + 2_000)
    for watch in (roomy, tight):
        assert score(pairs, watch.backend) == expected
    assert tight.largest * PLACE_BYTES <= tight.backend.memory_bytes
    assert roomy.largest > tight.largest


def test_a_pair_beyond_all_memory_is_scored_alone() -> None:
    watch = Watch(2, 1)
    pairs = random_pairs(5, 60)
    assert score(pairs, watch.backend) == [agreement(one, other) for one, other in pairs]


def test_grids_that_are_no_bytes_are_no_pictures() -> None:
    picture = as_picture(((True, 255),))
    assert picture is not None
    assert picture.tolist() == [[1, 255]]
    for grid in (((256,),), ((-1,),), ((1, 2), (3,))):
        assert as_picture(grid) is None


@pytest.fixture(params=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return open_engine(request.param)


def odd_job(wanted: Grid | None) -> Job:
    """Return programs with grids, marks below 0, no grids and a failure, on two cases."""
    builder = GraphBuilder()
    grid = builder.input("I")
    zero, one, mark = (builder.constant(number) for number in (0, 1, -5))
    roots = [
        grid,
        builder.call("vmirror", grid),
        builder.call("replace", grid, zero, mark),
        builder.call("replace", grid, zero, one),
        builder.call("palette", grid),
        builder.call("first", zero),
        builder.call("width", grid),
    ]
    cases = [Case(S=(), I=grid, wanted=wanted) for grid in (((0, 1), (1, 0)), ((1, 0), (1, 0)))]
    return Job(builder.graph(roots), cases)


@pytest.mark.parametrize("wanted", [((1, 0), (0, 1)), ((1, 0, 0),), ((-5, 1), (1, -5))])
def test_an_evaluation_is_scored_as_by_its_engine(engine: Engine, wanted: Grid) -> None:
    # The native engine refuses a wanted grid with marks, the definition does not.
    [expected] = open_engine("reference").evaluate([odd_job(wanted)], Budget())
    [unscored] = engine.evaluate([odd_job(None)], Budget(), keep_outputs=True)
    [got] = score_evaluations([unscored], [[wanted, wanted]], open_arrays("numpy"))
    for case in range(2):
        assert got.scores_of(case) == expected.scores_of(case)
        assert [each.score for each in got.outcomes[case]] == expected.scores_of(case)
        assert got.digests_of(case) == expected.digests_of(case)
        assert got.fuel_of(case) == expected.fuel_of(case)
        assert got.times_of(case) == unscored.times_of(case)
        assert got.held_grid_of(case, 1) is not None
        assert got.numbers_of(case) == unscored.numbers_of(case)
        assert got.outcomes[case][5].failure == unscored.outcomes[case][5].failure
    assert got.output(0, 1) == unscored.output(0, 1)
    assert np.array_equal(got.array_of(0, 1), unscored.array_of(0, 1))  # type: ignore[arg-type]


def test_a_case_without_a_wanted_grid_stays_unscored(engine: Engine) -> None:
    [evaluation] = engine.evaluate([odd_job(None)], Budget(), keep_outputs=True)
    [got] = score_evaluations([evaluation], [[None, ((1, 0), (1, 0))]], open_arrays("numpy"))
    assert set(got.scores_of(0)) == {0}
    assert got.scores_of(1)[0] == 1000


@pytest.mark.parametrize("keep_outputs", [False, True])
def test_an_engine_with_arrays_returns_what_the_engine_does(
    engine: Engine, keep_outputs: bool
) -> None:
    timings = Timings()
    arrays = with_arrays(engine, "numpy", timings)
    assert arrays.name == engine.name
    jobs = [odd_job(((1, 0), (0, 1))), odd_job(None)]
    expected, got = (
        each.evaluate(jobs, Budget(), keep_outputs=keep_outputs) for each in (engine, arrays)
    )
    for one, other in zip(got, expected, strict=True):
        for case in range(2):
            assert one.scores_of(case) == other.scores_of(case)
            assert one.digests_of(case) == other.digests_of(case)
        assert one.output(1, 3) == other.output(1, 3)
    assert [name for name, _ in timings.longest_first()] == ["run_batt.batch_arrays"]
    builder = GraphBuilder()
    mirrored = builder.graph([builder.call("vmirror", builder.input("I"))])
    given = Case(S=(), I=((0, 1),))
    traced = [each.trace(mirrored, given, Budget())[-1].value for each in (engine, arrays)]
    assert traced == [((1, 0),)] * 2


@pytest.fixture
def solve(batt: Batt, place: Path) -> Callable[..., Answer]:
    """Return `batt solve` on the tasks and programs of the place."""

    def run(*words: str) -> Answer:
        return batt(
            "solve", "--dataset", "tasks", "--library", "programs.py", "--sources", "none",
            "--no-archive", "--no-differs", "--json", "--timing", "--jobs", "1", *words,
        )  # fmt: skip

    return run


def without_times(document: Any) -> Any:
    """Return a document without what depends on the machine."""
    if isinstance(document, dict):
        return {
            key: without_times(value)
            for key, value in document.items()
            if key not in ("timings", "total", "unaccounted_wall_s", "nanoseconds")
        }
    return [*map(without_times, document)] if isinstance(document, list) else document


def test_a_run_finds_the_same(solve: Callable[..., Answer]) -> None:
    plain, arrays = solve(), solve("--array-backend", "numpy")
    assert (arrays.code, arrays.err) == (0, plain.err)
    assert arrays.json["totals"]["o_score"] > 0
    assert without_times(arrays.json) == without_times(plain.json)
    assert arrays.json["timings"]["run_batt.batch_arrays"]["calls"] >= 1
    assert "run_batt.batch_arrays" not in plain.json["timings"]


def test_unknown_backends_are_refused(solve: Callable[..., Answer]) -> None:
    for name in ("jax", ""):
        answer = solve("--array-backend", name)
        assert (answer.code, answer.json["error"]["slug"]) == (1, "array-backend")
        assert answer.err == (
            f"error[array-backend]: array backend {name}: unknown, expected one of numpy, torch,"
            " cupy\n"
        )


@pytest.mark.parametrize("name", ["torch", "cupy", "numpy"])
def test_what_is_missing_can_be_installed(
    name: str, solve: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = "array_api_compat.numpy" if name == "numpy" else name
    monkeypatch.setitem(sys.modules, missing, None)
    answer = solve("--array-backend", name)
    assert (answer.code, answer.json["error"]["slug"]) == (1, "array-backend")
    assert answer.err.startswith(f"error[array-backend]: array backend {name}: {missing} can't be")
    assert "to install it: pip install 'arcbatt[arrays]'" in answer.err


def test_cupy_takes_all_gpus_or_says_that_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise RuntimeError("no driver")

    def cupy(count: Callable[[], int]) -> SimpleNamespace:
        runtime = SimpleNamespace(getDeviceCount=count)
        cuda = SimpleNamespace(runtime=runtime, Device=lambda number: f"gpu {number}")
        return SimpleNamespace(cuda=cuda, asnumpy=np.asarray)

    for count, problem in ((refuse, "sees no GPU: no driver"), (lambda: 0, "sees no GPU")):
        monkeypatch.setattr(backends, "_import", lambda *_, count=count: cupy(count))
        with pytest.raises(ArrayBackendError) as caught:
            open_arrays("cupy")
        assert caught.value.context == {"backend": "cupy", "problem": problem}
    monkeypatch.setattr(backends, "_import", lambda *_: cupy(lambda: 4))
    assert open_arrays("cupy").devices == ("gpu 0", "gpu 1", "gpu 2", "gpu 3")


def test_torch_takes_all_gpus_or_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    def torch(count: int) -> SimpleNamespace:
        cuda = SimpleNamespace(device_count=lambda: count)
        return SimpleNamespace(cuda=cuda, device=lambda *words: " ".join(map(str, words)))

    monkeypatch.setattr(backends, "_import", lambda *_: torch(3))
    assert open_arrays("torch").devices == ("cuda 0", "cuda 1", "cuda 2")
    monkeypatch.setattr(backends, "_import", lambda *_: torch(0))
    assert open_arrays("torch").devices == ("cpu",)
