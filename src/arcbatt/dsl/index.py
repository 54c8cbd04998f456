"""The index of the primitives: their declarations as data, so that no body has to be imported.

It is derived from the declarations (`make derived`). A family whose source has changed since then
is imported instead: a stale index costs time and is never wrong.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, fields
from importlib import import_module
from pathlib import Path
from typing import Any

from arcbatt.dsl.registry import (
    REGISTRY,
    Facts,
    LearnerCall,
    Parameter,
    Primitive,
    parse_signature,
)
from arcbatt.dsl.types import parse_type

FILE = Path(__file__).with_name("index.json")


def fill_registry(families: Sequence[str]) -> None:
    """Declare all primitives, from the index where it is up to date, and put them in order."""
    indexed = _read_index()
    for family in families:
        checksum, rows = indexed.get(family, ("", ()))
        if checksum == _checksum(family):
            for row in rows:
                if row[0] not in REGISTRY:  # another family has imported this one
                    REGISTRY.add(_from_row(family, *row))
        else:
            import_module(f"{__package__}.{family}")
    REGISTRY.arrange(families)


def index_text(families: Sequence[str]) -> str:
    """Return the text of the index of some families, from their declarations."""
    for family in families:
        import_module(f"{__package__}.{family}")
    parts = []
    for family in families:
        rows = [_to_row(known) for known in REGISTRY.values() if known.family == family]
        listed = ",\n".join(json.dumps(row) for row in rows)
        parts.append(f'"{family}": ["{_checksum(family)}", [\n{listed}\n]]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write_index(families: Sequence[str]) -> None:
    """Write the index anew."""
    FILE.write_text(index_text(families), encoding="utf-8")


def _read_index() -> dict[str, tuple[str, list[Any]]]:
    try:
        indexed: dict[str, tuple[str, list[Any]]] = json.loads(FILE.read_bytes())
    except (OSError, ValueError):  # as it is while it is written, or merged
        return {}
    return indexed


def _checksum(family: str) -> str:
    return f"{zlib.crc32(FILE.with_name(f'{family}.py').read_bytes()):08x}"


def _to_row(known: Primitive) -> list[Any]:
    facts = {
        field.name: value
        for field in fields(Facts)
        if (value := asdict(known.facts)[field.name]) != field.default
    }
    parameters = {parameter.name: str(parameter.type) for parameter in known.parameters}
    return [known.name, parameters, str(known.result), list(map(str, known.overloads)), facts]


def _from_row(
    family: str,
    name: str,
    parameters: dict[str, str],
    result: str,
    overloads: list[str],
    facts: dict[str, Any],
) -> Primitive:
    return Primitive(
        name=name,
        family=family,
        parameters=tuple([Parameter(key, parse_type(text)) for key, text in parameters.items()]),
        result=parse_type(result),
        overloads=tuple([parse_signature(text) for text in overloads]),
        facts=_facts(**facts),
    )


def _facts(
    redundant_after: Sequence[str] = (), learner: Sequence[dict[str, Any]] = (), **flags: bool
) -> Facts:
    calls = [LearnerCall(**call | {"numbers": tuple(call["numbers"])}) for call in learner]
    return Facts(redundant_after=tuple(redundant_after), learner=tuple(calls), **flags)
