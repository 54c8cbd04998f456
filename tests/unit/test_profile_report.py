"""What `batt profile` prints and writes."""

from __future__ import annotations

import json
import pstats
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Answer, Batt

from arcbatt.profile.model import Category, Measured, PrimitiveCost, Profile, Slice
from arcbatt.profile.record import speedscope_document

WORDS = ("profile", "--dataset", "tasks", "--sources", "none", "--library", "programs.py")


def made(*cpu_ns: int, calls: int = 10, digest: str = "d", **changes: Any) -> Profile:
    """Return a profile with a run for each time, half of which goes to `fill`."""
    blocks = ("run_batt.check_batt", "run_batt.phase4_demo_parallel")
    runs = tuple(
        Measured(
            wall_ns=cpu // 2 + 5,
            cpu_ns=cpu,
            slices=(
                Slice(Category.DSL, "fill", blocks, cpu // 4, cpu // 2),
                Slice(Category.DSL, "size<x>", blocks, cpu // 4, cpu // 4),
                Slice(Category.UNACCOUNTED, "between blocks", (), 5, cpu // 4),
            ),
            primitives=(
                PrimitiveCost("fill", calls, 1, 100, calls, cpu // 2, cpu // 2 + 1),
                PrimitiveCost("size<x>", 5, 0, 20, 4, cpu // 4, cpu // 4),
            ),
            cross_check=(PrimitiveCost("fill", 2, 0, 20, 2, 9, 9),),
            digest=digest,
        )
        for cpu in cpu_ns
    )
    return replace(Profile("set", ("a", "b"), "native", 2, 7, True, ("files",), runs), **changes)


@pytest.fixture
def profiled(batt: Batt, place: Path) -> Answer:
    return batt(*WORDS, "--output", "detailed", "--speedscope", "s.json", "--trace", "t.json",
                "--pstats", "p.prof", "--jobs", "2")  # fmt: skip


def rows(text: str, name: str) -> dict[str, list[str]]:
    """Return the cells of a table by the first one; columns stand two spaces apart."""
    block = next(part for part in text.split("\n\n") if part.split()[0] == name)
    lines = [re.split(r" {2,}", line.strip()) for line in block.splitlines()]
    return {cells[0]: cells[1:] for cells in lines}


@pytest.mark.native
def test_tables_say_everything(profiled: Answer, place: Path) -> None:
    assert (profiled.code, profiled.err) == (0, "")
    categories = rows(profiled.out, "category")
    assert set(map(str, Category)) < set(categories)
    total = categories["total"]
    stacks = json.loads((place / "s.json").read_text())
    cpu_ns, wall_ns = (each["endValue"] for each in stacks["profiles"])
    assert total == [f"{wall_ns / 1e9:.3f}", "100.0 %", f"{cpu_ns / 1e9:.3f}", "100.0 %"]
    for column in (0, 2):
        shown = sum(float(categories[category][column]) for category in Category)
        assert shown == pytest.approx(float(total[column]), abs=0.001 * len(Category))
    listed = rows(profiled.out, "primitive")
    names = {frame["name"] for frame in stacks["shared"]["frames"]}
    primitives = set(listed) - {"primitive", "all"}
    assert len(primitives) >= 3
    assert primitives <= names
    assert all(int(listed[name][0]) > 0 for name in primitives)
    assert "phase4_demo_parallel" in rows(profiled.out, "phase")
    digest = re.search(r"^digest +(\w+)$", profiled.out, re.MULTILINE)
    assert digest is not None


def test_primitives_below_the_top_share_a_line(batt: Batt, place: Path) -> None:
    answer = batt(*WORDS, "--top", "1", "--no-archive")
    table = rows(answer.out, "primitive")
    others = [name for name in table if name.endswith("others)")]
    assert len(table) == 4
    assert len(others) == 1
    [first] = [name for name in table if name not in {"primitive", "all", *others}]
    calls = int(table[first][0]) + int(table[others[0]][0])
    assert calls == int(table["all"][0])


def test_json_holds_all_of_it(batt: Batt, place: Path) -> None:
    document = batt(*WORDS, "--json", "--repeats", "2").json
    assert len(document["runs"]) == 2
    assert document["steady"] is True
    assert {run["digest"] for run in document["runs"]} != {""}
    assert [each["category"] for each in document["categories"]] == list(Category)
    for each in document["categories"]:
        assert each["wall_s_least"] <= each["wall_s"] <= each["wall_s_most"]
    assert document["tasks"] == ["0000aaaa", "0000bbbb", "0000cccc"]
    assert len(document["primitives"]) == len(document["runs"][0]["primitives"])


def test_a_time_line_nests(profiled: Answer, place: Path) -> None:
    total, *events = json.loads((place / "t.json").read_text())["traceEvents"]
    end = total["ts"] + total["dur"] + 1
    assert total["name"] == "total"
    assert all(0 <= event["ts"] <= event["ts"] + event["dur"] <= end for event in events)
    names = {event["name"] for event in events}
    assert {"evaluate", "run_batt.start", "run_batt.check_batt", "run_batt.report"} <= names
    phases = [event for event in events if event["name"] == "run_batt.phase4_demo_parallel"]
    assert [phase["args"]["category"] for phase in phases] == [str(Category.EVALUATION)]
    within = [
        event
        for event in events
        if event["name"] == "evaluate"
        and phases[0]["ts"] - 1 <= event["ts"]
        and event["ts"] + event["dur"] <= phases[0]["ts"] + phases[0]["dur"] + 1
    ]
    assert len(within) == 1


def test_python_code_is_profiled(profiled: Answer, place: Path) -> None:
    # The keys are file, line and function; the class's own stubs leave them out.
    stats: dict[tuple[str, int, str], Any] = vars(pstats.Stats(str(place / "p.prof")))["stats"]
    assert {"filter_candidates", "score_proposals"} <= {name for _, _, name in stats}


def test_stacks_hold_all_time() -> None:
    document = speedscope_document(made(4000, 2000))
    names = [frame["name"] for frame in document["shared"]["frames"]]
    assert len(set(names)) == len(names)
    kinds = [(each["name"], each["endValue"]) for each in document["profiles"]]
    assert kinds == [
        ("CPU time of run 1", 4000),
        ("wall time of run 1", 2005),
        ("CPU time of run 2", 2000),
        ("wall time of run 2", 1005),
    ]
    for each in document["profiles"]:
        # What https://www.speedscope.app/file-format-schema.json requires of a sampled profile.
        assert set(each) == {
            "type", "name", "unit", "startValue", "endValue", "samples", "weights",
        }  # fmt: skip
        assert (each["type"], each["unit"], each["startValue"]) == ("sampled", "nanoseconds", 0)
        assert len(each["samples"]) == len(each["weights"])
        assert sum(each["weights"]) == each["endValue"]
    first = document["profiles"][0]
    stacks = [[names[frame] for frame in sample] for sample in first["samples"]]
    blocks = ["run_batt.check_batt", "run_batt.phase4_demo_parallel"]
    assert list(zip(stacks, first["weights"], strict=True)) == [
        (["DSL operations", *blocks, "fill"], 2000),
        (["DSL operations", *blocks, "size<x>"], 1000),
        (["unaccounted", "between blocks"], 1000),
    ]


@pytest.mark.parametrize("option", ["--speedscope", "--trace", "--pstats"])
def test_what_can_not_be_written_ends_before_the_run(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("this ran")

    monkeypatch.setattr("arcbatt.profile.run.solve", never)
    for path in ("no/where.json", "./tasks"):
        answer = batt(*WORDS, option, path)
        assert answer.code == 2
        assert answer.err.startswith(f"error[usage]: {Path(path)} can't be written: ")
        assert answer.err.count("\n") == 1


def test_words_without_sense_are_refused(batt: Batt, place: Path) -> None:
    answer = batt(*WORDS, "--output", "nice")
    assert answer.code == 2
    assert answer.err == "error[usage]: --output nice: expected one of top, detailed\n"
    assert batt(*WORDS, "ffffffff").err.startswith("error[task-not-found]: ")


def test_a_part_of_a_run_makes_no_profile(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("arcbatt.pipeline.run.score_proposals", interrupt)
    answer = batt(*WORDS, "--trace", "part.json")
    assert (answer.code, answer.out) == (130, "")
    assert answer.err == "stopped: interrupted; a part of a run makes no profile\n"
    assert not (place / "part.json").exists()
