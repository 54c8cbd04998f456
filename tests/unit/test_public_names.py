"""The package's public names: few, all there, each imported when it is first asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import arcbatt

NAMES_MAX = 20


def test_they_are_few_and_all_there() -> None:
    assert len(arcbatt.__all__) <= NAMES_MAX
    for name in arcbatt.__all__:
        assert getattr(arcbatt, name).__doc__
    assert {*arcbatt.__all__, "__version__"} == set(dir(arcbatt))


def test_a_wrong_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'poem'"):
        _ = arcbatt.poem


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, arcbatt; print([name for name in sys.modules if 'arcbatt.' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
