"""A short run of the fuzzer, always from the same seed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.native

REPOSITORY = Path(__file__).parents[2]


def test_the_engines_stand_random_input() -> None:
    command = [sys.executable, "-m", "tests.fuzz.engines", "--seconds", "10", "--seed", "0"]
    path = os.pathsep.join(filter(None, ("src", os.environ.get("PYTHONPATH", ""))))
    run = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-5000:]
    count = re.search(r"([\d,]+) executions in (\d+) rounds", run.stdout)
    assert count is not None
    assert int(count[2]) >= 1
    assert int(count[1].replace(",", "")) == 109 * int(count[2])
