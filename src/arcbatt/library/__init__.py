"""DSL text that ships with the package: it is parsed, never imported."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from arcbatt.errors import BattFileError, ParseError
from arcbatt.program.merge import BATT_VERSION, Batt, load_batt, merge, save_batt
from arcbatt.program.parse import SourceProgram, parse_text

SOLVERS = "solvers.py"
DIFFERS = "differs.py"
FOUND = "found.py"
REGULARITIES = "regularities.py"


def read_library(name: str = SOLVERS) -> str:
    """Return the text of a file of the shipped library."""
    # `importlib.resources` would do as well, and loads a fifth of what a run on one task loads.
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def load_library(name: str = SOLVERS) -> list[SourceProgram]:
    """Parse a file of the shipped library.

    Raises ParseError if the file is broken: that would be a bug of this package.
    """
    return _parse(name, read_library(name))


def load_merged_library(name: str = SOLVERS, *, cached: bool = True) -> Batt:
    """Return the programs of a file of the shipped library, merged into a batt.

    Parsing the library takes longer than all else that a run on one task does, so the batt is
    kept in the user's cache folder under the digest of the text. A cache that can't be read or
    written only costs time; without one the file is parsed.
    """
    text = read_library(name)
    if not cached:
        return _merge(name, text)
    key = hashlib.blake2b(f"{BATT_VERSION}\n{text}".encode(), digest_size=16).hexdigest()
    file = cache_folder() / f"{Path(name).stem}-{key}.batt"
    try:
        return load_batt(file)
    except BattFileError:
        batt = _merge(name, text)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_batt(batt, file)
    except (OSError, BattFileError):
        pass  # a cache that can't be written is no reason to stop
    return batt


def cache_folder() -> Path:
    """Return the folder for what can be computed again: ``$XDG_CACHE_HOME/arcbatt``."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "arcbatt"


def _merge(name: str, text: str) -> Batt:
    return merge((source.name, source.program) for source in _parse(name, text))


def _parse(name: str, text: str) -> list[SourceProgram]:
    found = parse_text(text, file=f"arcbatt/library/{name}")
    if found.errors:
        raise ParseError(**found.errors[0].context)
    return found.programs
