"""What `batt profile` prints, writes, keeps and compares."""

from __future__ import annotations

import json
import pstats
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.commands import Answer, Batt

from arcbatt.errors import ProfileError
from arcbatt.profile.categories import Category
from arcbatt.profile.compare import compare_profiles
from arcbatt.profile.model import Measured, PrimitiveCost, Profile, Slice
from arcbatt.profile.store import file_of, load_profile, profile_document, save_profile
from arcbatt.report.profile_flame import MARGIN, WIDTH, flame_graph

WORDS = ("profile", "--dataset", "tasks", "--sources", "none", "--library", "programs.py")
SVG = "{http://www.w3.org/2000/svg}"


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
            referee=(PrimitiveCost("fill", 2, 0, 20, 2, 9, 9),),
            digest=digest,
        )
        for cpu in cpu_ns
    )
    return replace(Profile("set", ("a", "b"), "native", 2, 7, True, 0, runs), **changes)


@pytest.fixture
def profiled(batt: Batt, place: Path) -> Answer:
    return batt(*WORDS, "--output", "detailed", "--save", "one", "--flame", "f.svg", "--trace",
                "t.json", "--pstats", "p.prof", "--jobs", "2")  # fmt: skip


def rows(text: str, name: str) -> dict[str, list[str]]:
    """Return the cells of a table by the first one; columns stand two spaces apart."""
    block = next(part for part in text.split("\n\n") if part.split()[0] == name)
    lines = [re.split(r" {2,}", line.strip()) for line in block.splitlines()]
    return {cells[0]: cells[1:] for cells in lines}


def test_tables_say_everything(profiled: Answer, place: Path) -> None:
    assert (profiled.code, profiled.err) == (0, "")
    kept = load_profile(place / ".batt" / "profiles" / "one.json")
    [run] = kept.runs
    categories = rows(profiled.out, "category")
    assert set(map(str, Category)) < set(categories)
    total = categories["total"]
    assert total == [f"{run.wall_ns / 1e9:.3f}", "100.0 %", f"{run.cpu_ns / 1e9:.3f}", "100.0 %"]
    for column in (0, 2):
        shown = sum(float(categories[category][column]) for category in Category)
        assert shown == pytest.approx(float(total[column]), abs=0.001 * len(Category))
    listed = rows(profiled.out, "primitive")
    assert set(listed) == {"primitive", "all", *(each.name for each in run.primitives)}
    for each in run.primitives:
        assert listed[each.name][:4] == [
            str(each.calls),
            str(each.failures),
            str(each.fuel),
            str(each.runs),
        ]
    assert "phase4_demo_parallel" in rows(profiled.out, "phase")
    digest = re.search(r"^digest +(\w+)$", profiled.out, re.MULTILINE)
    assert digest is not None
    assert digest[1] == run.digest


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
    assert document["changes"] is None
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
    assert {"filter_candidates", "merge_cards"} <= {name for _, _, name in stats}


def frames(svg: str) -> list[tuple[str, float, float, int]]:
    """Return name, left, width and top of each frame."""
    found = []
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        title, rect = group.find(f"{SVG}title"), group.find(f"{SVG}rect")
        assert title is not None and title.text is not None and rect is not None
        found.append(
            (
                title.text.rpartition(":")[0],
                float(rect.attrib["x"]),
                float(rect.attrib["width"]),
                int(rect.attrib["y"]),
            )
        )
    return found


def test_a_flame_graph_is_as_wide_as_its_times() -> None:
    boxes = frames(flame_graph(made(4000, 2000)))
    assert [name for name, *_ in boxes] == [
        "all", "DSL operations", "check_batt", "phase4_demo_parallel", "fill", "size<x>",
        "unaccounted", "between blocks",
    ]  # fmt: skip
    whole = WIDTH - 2 * MARGIN
    widths = {name: width for name, _, width, _ in boxes}
    assert widths["all"] == whole
    assert widths["fill"] == pytest.approx(whole / 2, abs=0.01)
    assert widths["size<x>"] == pytest.approx(whole / 4, abs=0.01)
    lefts = {name: left for name, left, *_ in boxes}
    assert lefts["size<x>"] == pytest.approx(lefts["fill"] + widths["fill"], abs=0.01)
    tops = [top for *_, top in boxes]
    assert tops[0] < tops[1] < tops[2] < tops[3] < tops[4] == tops[5]


def test_a_flame_graph_stands_alone(profiled: Answer, place: Path) -> None:
    text = (place / "f.svg").read_text()
    assert not re.search(r"href|src=|<script|@import|url\(", text)
    names = {name for name, *_ in frames(text)}
    [run] = load_profile(place / ".batt" / "profiles" / "one.json").runs
    assert {each.name for each in run.primitives} <= names


@pytest.mark.parametrize("option", ["--save", "--flame", "--trace", "--pstats"])
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
    (place / ".batt").write_text("in the way")
    answer = batt(*WORDS, "--save", "name")
    assert answer.code == 2
    assert answer.err.startswith("error[usage]: .batt/profiles/name.json can't be written: ")


def test_what_can_not_be_compared_ends_before_the_run(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arcbatt.profile.run.solve", None)
    good = profile_document(made(100))
    damaged = [
        ("no.json", None, "can't be read: No such file or directory"),
        ("text.json", "{", "expected JSON: "),
        ("list.json", "[]", "expected a file that --save wrote"),
        ("new.json", json.dumps(good | {"version": 2}), "has version 2, this program reads 1"),
        ("runs.json", json.dumps(good | {"runs": []}), "is damaged: "),
        ("jobs.json", json.dumps(good | {"jobs": "2"}), "is damaged: "),
        ("keys.json", json.dumps({**good, "runs": [{}]}), "is damaged: "),
    ]
    for name, text, problem in damaged:
        if text is not None:
            (place / name).write_text(text)
        answer = batt(*WORDS, "--against", name)
        assert answer.code == 1
        assert answer.err.startswith(f"error[profile]: profile {name}: {problem}")
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

    monkeypatch.setattr("arcbatt.pipeline.run.score_candidates", interrupt)
    answer = batt(*WORDS, "--save", "part")
    assert (answer.code, answer.out) == (130, "")
    assert answer.err == "stopped: interrupted; a part of a run makes no profile\n"
    assert not (place / ".batt" / "profiles" / "part.json").exists()


def test_profiles_are_kept_as_they_are(tmp_path: Path) -> None:
    profile = made(4000, 2000)
    save_profile(profile, tmp_path / "x.json")
    assert load_profile(tmp_path / "x.json") == profile
    with pytest.raises(ProfileError, match="can't be written"):
        save_profile(profile, tmp_path / "no" / "x.json")
    assert file_of("before") == Path(".batt/profiles/before.json")


def test_equal_work_is_told_from_other_work() -> None:
    same = compare_profiles(made(4000, digest="d"), made(2000, digest="d"))
    assert same.same_result
    assert same.work_changed == ()
    assert same.settings == ()
    assert [(each.name, each.cpu_ns) for each in same.primitives] == [
        ("fill", -1000),
        ("size<x>", -500),
    ]
    other = compare_profiles(made(4000), made(4000, calls=11, digest="e", jobs=8, programs=9))
    assert not other.same_result
    assert [each.name for each in other.work_changed] == ["fill"]
    assert other.settings == (("programs", 7, 9), ("jobs", 2, 8))


def test_a_change_is_great_only_beside_the_spread() -> None:
    def beyond(then: tuple[int, ...], now: tuple[int, ...]) -> bool:
        return compare_profiles(made(*then), made(*now)).times[-1].beyond_spread

    assert beyond((400, 500), (600, 700))
    assert beyond((600, 700), (400, 500))
    assert not beyond((400, 600), (500, 700))
    assert not beyond((400,), (900,))


def test_changes_are_printed(batt: Batt, place: Path) -> None:
    assert batt(*WORDS, "--save", "before").code == 0
    path = place / ".batt" / "profiles" / "before.json"
    answer = batt(*WORDS, "--against", "before")
    assert re.search(r"^results +the same$", answer.out, re.MULTILINE)
    assert re.search(r"^calls, failures, fuel +the same$", answer.out, re.MULTILINE)
    before = load_profile(path)
    [run] = before.runs
    first, *rest = run.primitives
    altered = replace(
        run, digest="0", primitives=(replace(first, calls=first.calls + 3), *rest[1:])
    )
    save_profile(replace(before, runs=(altered,), programs=99), path)
    answer = batt(*WORDS, "--against", "before", "--top", "0")
    assert re.search(r"^results +CHANGED$", answer.out, re.MULTILINE)
    assert re.search(r"^calls, failures, fuel +CHANGED for 2 primitives$", answer.out, re.MULTILINE)
    assert re.search(r"^programs +99, now 3$", answer.out, re.MULTILINE)
    changes = answer.out.split("calls then")[1]
    assert re.search(rf"^{first.name} .* calls -3 *$", changes, re.MULTILINE)
    assert re.search(rf"^{rest[0].name} .* new *$", changes, re.MULTILINE)
    document = batt(*WORDS, "--against", "before", "--json").json["changes"]
    flagged = [each["name"] for each in document["primitives"] if each["work_changed"]]
    assert sorted(flagged) == sorted([first.name, rest[0].name])
    assert document["same_result"] is False
