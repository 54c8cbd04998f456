"""The recorded calls: how they are written down and read back.

A line of the data is a call with its result: ``{"fn": "add", "args": [1, 2], "out": 3}``. A
tuple is ``{"t": [...]}``, a set ``{"s": [...]}``, a primitive as a value ``{"f": "add"}``, a
built function ``{"f": ["rbind", {"f": "add"}, 1]}``; ``{"error": "..."}`` as a result is a
failure.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import Function, plain

DATA = Path(__file__).parent / "data"
TYPICAL, EDGE, LOOSE = "vectors", "edge_vectors", "loose_vectors"
"""The data files: calls that programs make, calls with odd arguments, and calls with values that
have other types than the parameters. The results of the last ones are no recorded ones, but were
computed with Python's operators."""


class Failed:
    """The result of a call that has no value."""

    def __repr__(self) -> str:
        return "a failure"


FAILED = Failed()


@dataclass(frozen=True, slots=True)
class Vector:
    """A recorded call.

    Attributes:
        primitive: the name of what was called.
        written: the arguments as the data has them.
        args: the arguments.
        out: the result, or `FAILED`.
    """

    primitive: str
    written: str
    args: tuple[Value, ...]
    out: Value


def decode(written: Any) -> Value:
    """Read a value back from JSON; truth values in containers are integers, see `plain`."""
    if not isinstance(written, dict):
        return written
    ((kind, content),) = written.items()
    if kind == "t":
        return plain(tuple(map(decode, content)))
    if kind == "s":
        return plain(frozenset(map(decode, content)))
    if kind == "error":
        return FAILED
    if isinstance(content, str):
        return Function(content, arity=REGISTRY[content].arity)
    name, *parts = content
    return REGISTRY[name].body(*map(decode, parts))


def decode_line(line: str) -> Vector:
    """Read a line of a data file."""
    call = json.loads(line)
    return Vector(
        primitive=call["fn"],
        written=json.dumps(call["args"], separators=(",", ":")),
        args=tuple(map(decode, call["args"])),
        out=decode(call["out"]),
    )


@cache
def lines(file: str) -> dict[str, list[str]]:
    """Read a data file, by primitive."""
    read: dict[str, list[str]] = {}
    with gzip.open(DATA / f"{file}.jsonl.gz", "rt", encoding="utf-8") as text:
        for line in text:
            read.setdefault(line.split('"', 4)[3], []).append(line)
    return read


def vectors(file: str, primitive: str) -> list[Vector]:
    """Read the calls of a primitive from a data file."""
    return [decode_line(line) for line in lines(file).get(primitive, [])]
