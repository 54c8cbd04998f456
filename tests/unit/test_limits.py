"""Durations, sizes and efforts, as people write them."""

from __future__ import annotations

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from tests.commands import Batt

from arcbatt.cli.limits import make_limits, read_duration, read_size
from arcbatt.contract import EFFORTS
from arcbatt.errors import UsageError
from arcbatt.pipeline.passes import RunLimits
from arcbatt.sources.search import SearchOptions

DURATIONS = {
    "90": 90.0,
    "90s": 90.0,
    "0.5s": 0.5,
    "20m": 1200.0,
    "11h": 39_600.0,
    "1h30m": 5400.0,
    "1.5h": 5400.0,
    " 2m5s ": 125.0,
}


@pytest.mark.parametrize(("text", "seconds"), DURATIONS.items())
def test_durations(text: str, seconds: float) -> None:
    assert read_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "soon", "0", "-5", "5d", "m", "1e9h", "nan", "1m1h", "\u0663m"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="expected a time of"):
        read_duration(text)


@given(hours=st.integers(0, 99), minutes=st.integers(0, 99), seconds=st.integers(1, 99))
def test_parts_of_a_duration_add_up(hours: int, minutes: int, seconds: int) -> None:
    text = f"{hours}h{minutes}m{seconds}s"
    assert read_duration(text) == 3600 * hours + 60 * minutes + seconds


@pytest.mark.usefixtures("place")
def test_all_commands_read_durations_in_one_way(batt: Batt) -> None:
    words = {
        "solve": ("--timeout", "--time-per-task", "--search-seconds", "--command-seconds"),
        "eval": ("--time-per-task", "--total-time", "--search-seconds"),
        "evolve": ("--total-time",),
        "import programs.py": ("--timeout",),
    }
    for command, options in words.items():
        for option in options:
            told = batt(*command.split(), option, "soon").err
            assert "expected a time of 0.001 s to 1000000 s, such as 90, 20m or 1h30m" in told
            # What is wrong with this line is something else.
            told = batt(*command.split(), "--dataset", "nowhere", option, "1h30m").err
            assert "no dataset 'nowhere'" in told, (command, option)


@pytest.mark.parametrize(
    ("text", "size"),
    [("800M", 800 << 20), ("8G", 8 << 30), ("1.5g", 3 << 29), ("8GiB", 8 << 30), ("1TB", 1 << 40)],
)
def test_sizes(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "8", "63M", "-1G", "G", "8K", "9999999999T", "1e3G"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="expected a size from 64M on"):
        read_size(text)


def test_efforts() -> None:
    nothing = {"search": SearchOptions()}
    assert make_limits(None, nothing) == RunLimits(EFFORTS["normal"])
    assert make_limits("quick", nothing, total_seconds=9.0) == RunLimits(
        EFFORTS["quick"], None, 9.0
    )
    # With a time the time is the limit.
    assert make_limits(None, nothing, task_seconds=9.0) == RunLimits(EFFORTS["max"], 9.0)
    direct = {"search": SearchOptions(evaluations=77)}
    assert make_limits(None, direct, total_seconds=9.0) == RunLimits(77, None, 9.0)
    assert direct["search"].evaluations is None
    with pytest.raises(UsageError, match="contradict"):
        make_limits("quick", {"search": SearchOptions(evaluations=77)})
    with pytest.raises(UsageError, match="no effort is called 'slow'"):
        make_limits("slow", nothing)
