"""`batt bench`: rounds in turn, results that are kept, and errors before the work."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Batt

from arcbatt.bench import measure as measuring
from arcbatt.bench.findings import compare_with_saved, find_effects, find_growth
from arcbatt.bench.measure import ALL_OFF, Side, ablation_sides, measure, plain_sides
from arcbatt.bench.series import Round, Series, load_series, save_series
from arcbatt.bench.table import TABLE, find_benchmarks
from arcbatt.bench.worker import PREFIX
from arcbatt.bench.workloads import Options, choose_programs, training_tasks
from arcbatt.errors import BenchError, UsageError
from arcbatt.pipeline.deal import deal_programs
from arcbatt.pipeline.switches import SWITCHES
from arcbatt.program.parse import parse_text
from arcbatt.report.bench import effects_table, growth_table, same_results

Measure = Callable[[Side, int], Round]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a machine that gets slower with each process measure; return what it measured."""
    seen: list[str] = []

    def measure_once(side: Side, folder: Path) -> Round:
        seen.append(side.label or str(side.options.size or side.benchmark))
        slowness = 1 + len(seen) / 100
        seconds = slowness * (side.options.size or 1) * (1 + len(side.options.without)) / 10
        found = "b" if "cut" in side.options.without else "a"
        metadata: dict[str, Any] = {
            PREFIX + "cpu_s": seconds / 2,
            PREFIX + "peak_mb": 30.5,
            PREFIX + "attempts": "a",
            PREFIX + "programs": found,
            PREFIX + "spec": json.dumps({"benchmark": side.benchmark, "jobs": 2}),
            "cpu_model_name": "Abacus",
        }
        return Round((seconds,), metadata, (seconds * 2,))

    monkeypatch.setattr(measuring, "_measure_once", measure_once)
    monkeypatch.setattr(measuring, "_warm", lambda python: None)
    return seen


def test_everything_takes_its_turn_forwards_and_backwards(machine: list[str]) -> None:
    told: list[tuple[int, int]] = []
    sides = plain_sides(find_benchmarks(("help", "solve")), [50, 100], 2)
    done = measure(sides, 3, lambda *progress: told.append(progress))
    assert machine == ["help", "50", "100", "100", "50", "help", "help", "50", "100"]
    assert told == [(number, 9) for number in range(9)]
    assert (done.finished, done.stopped) == (True, "stopped: 3 rounds done")
    assert [(each.title, len(each.rounds)) for each in done.series] == [
        ("help", 3),
        ("solve of 50 tasks", 3),
        ("solve of 100 tasks", 3),
    ]
    [growth] = find_growth(done.series)
    assert (growth.benchmark, growth.sizes) == ("solve", (50, 100))
    assert growth.wall is not None and growth.wall.value == pytest.approx(1.0, abs=0.05)


def test_an_ablation_switches_off_one_by_one_and_all(machine: list[str]) -> None:
    sides = ablation_sides(Options(3, 8, 2), SWITCHES)
    assert [side.options.without for side in sides] == [
        (), *((name,) for name in SWITCHES), SWITCHES,
    ]  # fmt: skip
    done = measure(sides, 4, lambda *progress: None)
    effects = {each.without: each.comparison for each in find_effects(done.series)}
    assert list(effects) == [*SWITCHES, ALL_OFF]
    wall = effects["sharing"].wall
    assert wall is not None and wall.low is not None and wall.high is not None
    assert wall.low < 2 < wall.high
    everything = effects[ALL_OFF].wall
    assert everything is not None
    assert everything.value == pytest.approx(1 + len(SWITCHES), rel=0.2)
    assert same_results(effects["sharing"]) == "equal"
    assert same_results(effects["cut"]) == "equal attempts, other programs"
    assert effects_table(find_effects(done.series)).row_count == len(effects)


def test_another_python_takes_its_turn(machine: list[str], batt: Batt) -> None:
    answer = batt("bench", "help", "--against", "python-of-old", "-r", "3", "--json")
    assert machine == ["help", "other", "other", "help", "help", "other"]
    [comparison] = answer.json["comparisons"]
    assert (comparison["benchmark"], comparison["with"]) == ("help, other", "help")
    assert comparison["paired"] is True
    assert comparison["verdict"] == "no difference shown"


def test_what_was_saved_is_compared_with(machine: list[str], batt: Batt, tmp_path: Path) -> None:
    file = tmp_path / "before.json"
    assert batt("bench", "help", "solve", "--sizes", "1,2", "--save", file).code == 0
    saved = load_series(file)
    assert [(each.title, len(each.rounds)) for each in saved] == [
        ("help", 5),
        ("solve of 1 tasks", 5),
        ("solve of 2 tasks", 5),
    ]
    assert saved[1].size == 1
    assert saved[0].rounds[0].warmups_s == pytest.approx([saved[0].walls_s[0] * 2])
    assert saved[0].peak_mb == 30.5
    [one, _] = compare_with_saved(saved[:2], saved)
    assert one.wall is not None and one.wall.value == pytest.approx(1.0)
    answer = batt("bench", "help", "--compare", file)
    assert answer.code == 0
    [row] = [line for line in answer.out.splitlines() if "slower" in line]
    assert row.startswith("help")  # this machine gets slower all the time
    found = batt("bench", "help", "--compare", file, "--json").json["comparisons"]
    assert [each["paired"] for each in found] == [False]


def test_pyperf_reads_what_was_saved(machine: list[str], batt: Batt, tmp_path: Path) -> None:
    import pyperf

    batt("bench", "help", "--save", tmp_path / "x.json", "-r", "2")
    [benchmark] = pyperf.BenchmarkSuite.load(str(tmp_path / "x.json"))
    assert (benchmark.get_name(), benchmark.get_nrun()) == ("help", 2)


def test_another_machine_is_noticed(machine: list[str], batt: Batt, tmp_path: Path) -> None:
    slow = Round((1.0,), {"cpu_model_name": "Slide rule"})
    save_series(tmp_path / "old.json", [Series("help", "", None, (slow,))])
    answer = batt("bench", "help", "--compare", tmp_path / "old.json")
    assert answer.err == (
        "warning: the saved times are of another machine: cpu_model_name differ\n"
    )


def test_control_c_keeps_what_is_done(
    machine: list[str], batt: Batt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = measuring._measure_once

    def measure_or_stop(side: Side, folder: Path) -> Round:
        if len(machine) == 3:
            raise KeyboardInterrupt
        return inner(side, folder)

    monkeypatch.setattr(measuring, "_measure_once", measure_or_stop)
    file = tmp_path / "partly.json"
    answer = batt("bench", "help", "merge", "-r", "4", "--save", file, "--json")
    assert answer.code == 130
    document = answer.json
    assert (document["finished"], document["stopped"]) == (
        False,
        "stopped: interrupted in round 2 of 4",
    )
    assert [len(each.rounds) for each in load_series(file)] == [1, 2]
    machine[:] = ["", "", ""]
    answer = batt("bench", "help", "-r", "4", "--save", tmp_path / "nothing.json")
    assert answer.code == 130
    assert answer.out.endswith("stopped: interrupted in round 1 of 4\n")
    assert not (tmp_path / "nothing.json").exists()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["speed"], "error[usage]: no benchmark is called 'speed': expected some of help, "),
        (["--sizes", "50,x"], "error[usage]: expected numbers of tasks from 1 to 400"),
        (["--sizes", "401"], "error[usage]: expected numbers of tasks from 1 to 400"),
        (["--repeats", "0"], "error[usage]: Invalid value for '--repeats'"),
        (["help", "--ablate"], "error[usage]: --ablate measures runs: it takes no names"),
        (["--tasks", "3"], "error[usage]: --tasks, --programs and --switches go with --ablate"),
        (["--ablate", "--switches", "steam"], "error[usage]: no switch is called 'steam'"),
        (["help", "--compare", "none.json"], "error[bench]: none.json: can't be read"),
        (["help", "--compare", "tasks"], "error[bench]: tasks: can't be read"),
        (["help", "--compare", "programs.py"], "error[bench]: programs.py: expected what"),
        (["help", "--compare", "list.json"], "error[bench]: list.json: expected what"),
        (["help", "--compare", "foreign.json"], "error[bench]: foreign.json: expected what"),
        (["help", "--save", "no/where.json"], "error[usage]: no/where.json can't be written"),
        (["help", "--against", "no-python"], "error[bench]: no-python: can't be run: No such"),
        (["help", "--against", "false"], "error[bench]: false: has no arcbatt that runs: exit"),
    ],
)
def test_what_can_not_work_ends_before_the_work(
    batt: Batt, place: Path, words: list[str], error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyperf

    (place / "list.json").write_text("[1, 2]")
    run = pyperf.Run([1.0], metadata={"name": "x"}, collect_metadata=False)
    pyperf.Benchmark([run]).dump(str(place / "foreign.json"))

    def no_work(side: Side, folder: Path) -> Round:
        raise AssertionError

    monkeypatch.setattr(measuring, "_measure_once", no_work)
    answer = batt("bench", *words)
    assert answer.code in (1, 2)
    assert answer.err.startswith(error)
    assert answer.out == ""


def test_without_pyperf_it_says_how_to_get_it(batt: Batt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "find_spec", lambda name: None)
    answer = batt("bench", "help")
    assert (answer.code, answer.err) == (
        1,
        "error[bench]: batt bench: pyperf is needed: pip install 'arcbatt[bench]'\n",
    )
    assert batt("bench", "--list").code == 0


def test_without_the_native_engine_there_is_less_to_measure(
    batt: Batt, machine: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arcbatt.engine.native.native_available", lambda: False)
    answer = batt("bench", "-r", "1", "--sizes", "1", "--json")
    left = [each.name for each in TABLE if not each.native]
    assert [each["benchmark"] for each in answer.json["benchmarks"]] == left
    assert answer.err.startswith("note: what needs the native engine is left out")
    answer = batt("bench", "--ablate", "-r", "1", "--json")
    assert [each["without"] for each in answer.json["ablation"]] == [*SWITCHES[:-1], ALL_OFF]
    assert answer.err.startswith("note: there is no native engine to switch off")


def test_a_process_that_fails_is_an_error(tmp_path: Path) -> None:
    broken = Side("run", Options(without=("steam",)))
    with pytest.raises(BenchError, match=r"run: its process failed: .*steam"):
        measuring._measure_once(broken, tmp_path)


def test_a_real_process_measures(batt: Batt, tmp_path: Path) -> None:
    file = tmp_path / "real.json"
    document = batt("bench", "merge", "-r", "1", "--save", file, "--json").json
    [merge] = document["benchmarks"]
    assert (merge["benchmark"], merge["rounds"], merge["size"]) == ("merge", 1, None)
    assert 0 < merge["wall_s"] == merge["walls_s"][0]
    assert merge["cpu_s"] > 0 and merge["peak_mb"] > 1
    assert document["machine"]["cpu_count"] >= 1
    [series] = load_series(file)
    assert len(series.rounds[0].values_s) == 3
    assert len(series.rounds[0].warmups_s) == 1
    # What is published must not name the machine or its folders.
    text = file.read_text()
    assert sys.prefix not in text and "hostname" not in text


def test_benchmarks_are_listed(batt: Batt) -> None:
    listed = [line.split()[0] for line in batt("bench", "--list").out.splitlines()[1:]]
    assert listed == [each.name for each in TABLE]
    assert [each["name"] for each in batt("bench", "--list", "--json").json] == listed
    with pytest.raises(UsageError, match="run"):
        find_benchmarks(("run",))


def test_programs_of_the_tasks_come_first() -> None:
    [task] = training_tasks(1)
    names = ["solve_x", f"solve_{task.id}", "solve_y", "solve_z"]
    text = "".join(f"def {name}(I): return vmirror(I)\n" for name in names)
    card = deal_programs(parse_text(text).programs)
    assert [dealt.name for dealt in choose_programs(card, [task], 1)] == names[1:2]
    assert [dealt.name for dealt in choose_programs(card, [task], 3)] == names[:3]
    assert choose_programs(card, [task], 9) == card


def test_one_round_shows_nothing() -> None:
    rounds = [Series("run", label, 3, (Round((1.0,)),)) for label in ("", ALL_OFF)]
    [effect] = find_effects(rounds)
    assert effect.comparison.cpu is None
    assert same_results(effect.comparison) == "-"
    assert find_effects(rounds[1:]) == []
    [growth] = find_growth(
        [Series("solve", "", size, (Round((float(size),)),)) for size in (50, 100)]
    )
    assert growth.wall is not None and growth.wall.low is None
    assert growth_table([growth]).row_count == 1
