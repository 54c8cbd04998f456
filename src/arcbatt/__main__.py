"""``python -m arcbatt`` is the command ``batt``."""

from __future__ import annotations

import sys

from arcbatt.cli import main


def run() -> int:
    """Run the command of this process, which ends afterwards, and return its exit code."""
    return main(is_process=True)


if __name__ == "__main__":
    sys.exit(run())
