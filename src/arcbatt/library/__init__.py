"""DSL text that ships with the package: it is parsed, never imported."""

from __future__ import annotations

from importlib.resources import files

from arcbatt.errors import ParseError
from arcbatt.program.parse import SourceProgram, parse_text

SOLVERS = "solvers.py"
DIFFERS = "differs.py"


def load_library(name: str = SOLVERS) -> list[SourceProgram]:
    """Parse a file of the shipped library.

    Raises ParseError if the file is broken: that would be a bug of this package.
    """
    text = files("arcbatt.library").joinpath(name).read_text(encoding="utf-8")
    found = parse_text(text, file=f"arcbatt/library/{name}")
    if found.errors:
        raise ParseError(**found.errors[0].context)
    return found.programs
