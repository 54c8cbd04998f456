"""The laboratory: tools that measure and tune arcbatt, not part of the package."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from arcbatt.errors import ArcbattError


def run(main: Callable[[], int | None]) -> None:
    """Run a command of the laboratory and exit; print an expected error as one line on stderr."""
    try:
        sys.exit(main())
    except ArcbattError as error:
        print(f"error[{error.slug}]: {error}", file=sys.stderr)
    except OSError as error:
        print(f"error[system]: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped: interrupted", file=sys.stderr)
        sys.exit(130)
    sys.exit(1)


def positive(text: str) -> int:
    """Read a whole number > 0 from a command line."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {number}")
    return number
