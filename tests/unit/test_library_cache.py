"""The cache of the merged library: the same programs, whatever becomes of the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcbatt import library
from arcbatt.program.merge import Batt, merge, save_batt


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "arcbatt"


@pytest.fixture(scope="module")
def expected() -> Batt:
    return merge((source.name, source.program) for source in library.load_library())


def test_the_cache_holds_the_parsed_library(cache: Path, expected: Batt) -> None:
    assert library.load_merged_library() == expected
    [file] = cache.iterdir()
    written = file.stat().st_mtime_ns
    assert library.load_merged_library() == expected
    assert file.stat().st_mtime_ns == written


def test_a_damaged_cache_is_written_again(cache: Path, expected: Batt) -> None:
    library.load_merged_library()
    [file] = cache.iterdir()
    file.write_text("{}")
    assert library.load_merged_library() == expected
    assert file.stat().st_size > 1000


def test_another_text_has_another_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library.load_merged_library()
    text = "def solve_x(I): return rot90(I)\n"
    monkeypatch.setattr(library, "read_library", lambda name: text)
    assert library.load_merged_library().names == (("solve_x",),)
    assert len(list(cache.iterdir())) == 2


def test_a_cache_that_can_not_be_written_is_no_reason_to_stop(cache: Path, expected: Batt) -> None:
    cache.write_text("a file where the folder should be")
    assert library.load_merged_library() == expected


def test_an_empty_batt_in_the_cache_of_another_text_is_not_used(cache: Path) -> None:
    cache.mkdir()
    save_batt(merge([]), cache / "solvers-0.batt")
    assert library.load_merged_library().names
