"""Decode the JSON of strangers: any encoding, a document or one a line, keys that stand twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from arcbatt.errors import TaskError


class Members(dict[str, Any]):
    """A decoded object of JSON that has a key several times.

    Attributes:
        pairs: all its keys with their values.
    """

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def _members_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else Members(pairs)


def decode(content: bytes, *, where: str, by_line: bool = False) -> Any:
    """Decode JSON, or lines of JSON as a list.

    Args:
        content: the content of a file, in UTF-8, UTF-16 or UTF-32, with a BOM or without.
        where: the place of the content, for messages.
        by_line: whether each line is a document.

    Raises TaskError if it is no JSON. A line that is none becomes an error in the list.
    """
    if not by_line:
        try:
            return json.loads(content, object_pairs_hook=_members_of)
        except (ValueError, RecursionError) as error:
            # Lines of JSON, each a document, end the first document after the first line.
            first = error.doc[: error.pos] if isinstance(error, json.JSONDecodeError) else ""
            if getattr(error, "msg", "") != "Extra data" or "\n" in first.strip():
                raise TaskError(where=where, expected="JSON", got=str(error)) from error
    values: list[Any] = []
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            try:
                values.append(json.loads(line, object_pairs_hook=_members_of))
            except (ValueError, RecursionError) as error:
                place = f"{where}: line {number}"
                values.append(TaskError(where=place, expected="JSON", got=str(error)))
    return values
