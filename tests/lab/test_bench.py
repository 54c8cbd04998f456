"""`lab.bench`: rounds in turn, saved runs, intervals that hold the truth, early errors."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pyperf
import pytest

from arcbatt.errors import UsageError
from lab import bench, charts
from lab import measure as measuring
from lab.intervals import (
    CONFIDENCE,
    Estimate,
    Verdict,
    compare_with_other,
    compare_with_saved,
    find_growth,
    fit_growth,
    paired_ratio,
    unpaired_ratio,
)
from lab.measure import (
    BenchError,
    Round,
    Series,
    Side,
    load_series,
    measure,
    save_series,
)
from lab.workloads import BENCHMARKS, PREFIX, Options

TRIALS = 300
RATIO = 1.25
EXPONENT = 1.1


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the worker by a machine that gets slower; return what it measured."""
    seen: list[str] = []

    def measure_once(side: Side, folder: Path) -> Round:
        seen.append(side.label or str(side.options.size or side.benchmark))
        seconds = (1 + len(seen) / 100) * (side.options.size or 1) / 10
        metadata: dict[str, Any] = {
            PREFIX + "cpu_s": seconds / 2,
            PREFIX + "peak_mb": 30.5,
            "cpu_model_name": "Abacus",
        }
        return Round((seconds,), metadata, (seconds * 2,))

    monkeypatch.setattr(measuring, "_measure_once", measure_once)
    monkeypatch.setattr(measuring, "_warm", lambda python: None)
    return seen


def test_all_sides_take_turns_forwards_and_backwards(machine: list[str]) -> None:
    reported: list[tuple[int, int]] = []
    sides = bench.choose_sides(["help", "solve"], "50,100", jobs=2)
    done = measure(sides, 3, lambda *progress: reported.append(progress))
    assert machine == ["help", "50", "100", "100", "50", "help", "help", "50", "100"]
    assert reported == [(number, 9) for number in range(9)]
    assert (done.finished, done.stopped) == (True, "stopped: 3 rounds done")
    [growth] = find_growth(done.series)
    assert (growth.benchmark, growth.sizes) == ("solve", (50, 100))
    assert growth.wall is not None and growth.wall.value == pytest.approx(1.0, abs=0.05)


def test_another_python_takes_its_turn(machine: list[str]) -> None:
    done = measure(bench.choose_sides(["help"], "1", jobs=1, against="old"), 3, lambda *_: None)
    assert machine == ["help", "other", "other", "help", "help", "other"]
    [comparison] = compare_with_other(done.series)
    assert (comparison.first, comparison.second, comparison.paired) == ("help", "help, other", True)
    assert comparison.wall is not None and comparison.wall.verdict is Verdict.NONE


def test_a_run_is_saved_and_compared_with(
    machine: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "before.json"
    assert bench.main(["help", "solve", "--sizes", "1,2", "--save", str(file)]) == 0
    saved = load_series(file)
    assert [(each.title, len(each.rounds), each.peak_mb) for each in saved] == [
        ("help", 5, 30.5),
        ("solve of 1 tasks", 5, 30.5),
        ("solve of 2 tasks", 5, 30.5),
    ]
    assert pyperf.BenchmarkSuite.load(str(file)).get_benchmark_names()[0] == "help"
    [one, _] = compare_with_saved(saved[:2], saved)
    assert one.wall is not None and one.wall.value == pytest.approx(1.0)
    capsys.readouterr()
    assert bench.main(["help", "--compare", str(file)]) == 0
    [row] = [line for line in capsys.readouterr().out.splitlines() if "slower" in line]
    assert row.startswith("help")  # this machine gets slower all the time


def test_another_machine_is_noticed(
    machine: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = Round((1.0,), {"cpu_model_name": "Slide rule"})
    save_series(tmp_path / "old.json", [Series("help", "", None, (slow,))])
    assert bench.main(["help", "--compare", str(tmp_path / "old.json")]) == 0
    assert "another machine: cpu_model_name differ" in capsys.readouterr().err


def test_control_c_keeps_what_is_done(
    machine: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = measuring._measure_once

    def measure_or_stop(side: Side, folder: Path) -> Round:
        if len(machine) == 3:
            raise KeyboardInterrupt
        return inner(side, folder)

    monkeypatch.setattr(measuring, "_measure_once", measure_or_stop)
    file = tmp_path / "partly.json"
    assert bench.main(["help", "merge", "-r", "4", "--save", str(file)]) == 130
    assert [len(each.rounds) for each in load_series(file)] == [1, 2]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["speed"], "no benchmark is called 'speed': expected some of help, "),
        (["--sizes", "50,x"], "expected numbers of tasks from 1 to 400"),
        (["--sizes", "401"], "expected numbers of tasks from 1 to 400"),
        (["help", "--compare", "none.json"], "none.json: can't be read"),
        (["help", "--compare", "foreign.json"], "foreign.json: expected what"),
        (["help", "--save", "no/where.json"], "no/where.json can't be written"),
        (["help", "--against", "no-python"], "no-python: can't be run: No such"),
        (["help", "--against", "false"], "false: has no arcbatt that runs: exit"),
    ],
)
def test_mistakes_are_found_before_the_work(
    words: list[str], error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = pyperf.Run([1.0], metadata={"name": "x"}, collect_metadata=False)
    pyperf.Benchmark([run]).dump("foreign.json")

    def no_work(side: Side, folder: Path) -> Round:
        raise AssertionError

    monkeypatch.setattr(measuring, "_measure_once", no_work)
    with pytest.raises((BenchError, UsageError), match=error):
        bench.main(words)


def test_a_real_process_measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "real.json"
    assert bench.main(["help", "-r", "1", "--save", str(file)]) == 0
    [series] = load_series(file)
    assert len(series.rounds[0].values_s) == 3 and len(series.rounds[0].warmups_s) == 1
    assert 0 < series.cpus_s[0] < 60 and series.peak_mb > 1
    # What is published must not name the machine or its folders.
    text = file.read_text()
    assert sys.prefix not in text and "hostname" not in text
    monkeypatch.setattr(measuring, "spec_of", lambda *_: '{"benchmark": "steam"}')
    with pytest.raises(BenchError, match=r"help: its process failed: .*steam"):
        measuring._measure_once(Side("help", Options()), tmp_path)


@pytest.mark.native
def test_every_benchmark_can_be_prepared() -> None:
    failed = {}
    for name, benchmark in BENCHMARKS.items():
        try:
            benchmark.prepare(Options(size=1))
        except Exception as error:
            failed[name] = error
    assert failed == {}


def noise(random: Random, spread: float) -> float:
    return math.exp(random.gauss(0.0, spread))


def paired(random: Random) -> tuple[Estimate | None, float]:
    """Measure two sides on a machine whose speed changes from round to round."""
    speeds = [noise(random, 0.5) for _ in range(5)]
    first = [speed * noise(random, 0.1) for speed in speeds]
    second = [RATIO * speed * noise(random, 0.1) for speed in speeds]
    return paired_ratio(first, second), RATIO


def unpaired(random: Random) -> tuple[Estimate | None, float]:
    first = [noise(random, 0.05) for _ in range(8)]
    second = [RATIO * noise(random, 0.2) for _ in range(6)]
    return unpaired_ratio(first, second), RATIO


def growing(random: Random) -> tuple[Estimate | None, float]:
    sizes = [50, 100, 200]
    rounds = []
    for _ in range(4):
        speed = noise(random, 0.5)
        rounds.append([speed * size**EXPONENT * noise(random, 0.1) for size in sizes])
    return fit_growth(sizes, rounds), EXPONENT


@pytest.mark.parametrize("measured", [paired, unpaired, growing])
def test_intervals_hold_the_truth_as_often_as_promised(
    measured: Callable[[Random], tuple[Estimate | None, float]],
) -> None:
    random = Random(20)
    held = 0
    for _ in range(TRIALS):
        estimate, truth = measured(random)
        assert estimate is not None and estimate.low is not None and estimate.high is not None
        assert estimate.low < estimate.value < estimate.high
        held += estimate.low <= truth <= estimate.high
    # Three standard errors of a share of 0.95 in so many trials.
    error = 3 * math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / TRIALS)
    assert held / TRIALS == pytest.approx(CONFIDENCE, abs=error)


def test_a_verdict_needs_an_interval_that_excludes_1() -> None:
    for low, high, verdict in (
        (1.01, 1.2, Verdict.SLOWER),
        (0.8, 0.99, Verdict.FASTER),
        (0.9, 1.1, Verdict.NONE),
        (1.0, 1.2, Verdict.NONE),
        (None, None, Verdict.NONE),
    ):
        assert Estimate(1.1, low, high).verdict is verdict
    for estimate in (
        paired_ratio([2.0, 2.0], [1.0, 1.0]),
        unpaired_ratio([2.0, 2.0], [1.0, 1.0]),
    ):
        assert estimate is not None and estimate.verdict is Verdict.FASTER
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx((0.5, 0.5, 0.5))


def test_one_round_has_no_interval() -> None:
    for estimate, value in (
        (paired_ratio([1.0], [3.0]), 3.0),
        (unpaired_ratio([1.0], [3.0, 3.0]), 3.0),
        (fit_growth([1, 10], [[1.0, 10.0]]), 1.0),
    ):
        assert estimate is not None and estimate.value == pytest.approx(value)
        assert (estimate.low, estimate.high) == (None, None)
    assert paired_ratio([], [1.0]) is unpaired_ratio([1.0], []) is None
    assert fit_growth([50, 50], [[1.0, 1.0]]) is fit_growth([50, 100], []) is None


def test_the_chart_is_that_of_its_data() -> None:
    drawn = charts.draw_growth(load_series(charts.FOLDER / "growth.json"))
    assert drawn.startswith("<?xml") and "tasks to the" in drawn
    assert drawn == charts.draw_growth(load_series(charts.FOLDER / "growth.json"))
