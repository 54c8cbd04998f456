"""``python -m arcbatt`` is the command ``batt``."""

from __future__ import annotations

import sys

from arcbatt.cli import main

if __name__ == "__main__":
    sys.exit(main())
