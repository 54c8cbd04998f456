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
from arcbatt.dsl.values import Function

DATA = Path(__file__).parent / "data"


class Failed:
    """The result of a call that has no value."""

    def __repr__(self) -> str:
        return "a failure"


FAILED = Failed()


@dataclass(frozen=True, slots=True)
class Vector:
    """A recorded call.

    Attributes:
        line: the text of the call, which names it.
        primitive: the name of what was called.
        args: the arguments.
        out: the result, or `FAILED`.
    """

    line: str
    primitive: str
    args: tuple[Value, ...]
    out: Value


def decode(written: Any) -> Value:
    """Read a value back from JSON."""
    if not isinstance(written, dict):
        return written
    ((kind, content),) = written.items()
    if kind == "t":
        return tuple(map(decode, content))
    if kind == "s":
        return frozenset(map(decode, content))
    if kind == "error":
        return FAILED
    if isinstance(content, str):
        return Function(content, arity=REGISTRY[content].arity)
    name, *parts = content
    return REGISTRY[name].body(*map(decode, parts))


def encode(value: Value) -> Any:
    """Write a value as JSON."""
    raise NotImplementedError


@cache
def read_vectors(name: str) -> dict[str, tuple[Vector, ...]]:
    """Read a data file, by primitive."""
    read: dict[str, list[Vector]] = {}
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            call = json.loads(line)
            vector = Vector(
                line.strip(), call["fn"], tuple(map(decode, call["args"])), decode(call["out"])
            )
            read.setdefault(vector.primitive, []).append(vector)
    return {primitive: tuple(vectors) for primitive, vectors in read.items()}
