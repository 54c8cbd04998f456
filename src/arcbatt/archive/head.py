"""Program files: a head of comments that says what is known of the program, then its text.

The head repeats what the index holds, so that a file speaks for itself and a lost index can be
built again from the files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from arcbatt.archive.layout import is_task_id
from arcbatt.archive.records import Entry
from arcbatt.dsl.values import INTEGER_MAX
from arcbatt.engine.outcome import EXACT
from arcbatt.program.parse import MAX_FILE_BYTES
from arcbatt.program.render import md5_of_text
from arcbatt.score import Score

_TASK_LINE = re.compile(
    r"# task (\S+): score \d+, demos \[((?:\d{1,4}(?: \d{1,4})*)?)\],"
    r" fuel (\d{1,19}), nanoseconds (\d{1,19})(?:, vote (\d+(?:\.\d+)?(?:e[+-]\d+)?))?,"
    r" source: (.*)"
)
_PARENT_LINE = re.compile(r"# parent: (.+)")
_FIRST_LINE = re.compile(r"# (solver|differ) ([0-9a-f]{32}), (\d{1,9}) nodes")


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """The content of a program's file.

    Attributes:
        text: the program, without the head.
        entries: what the head says, one a task; empty if the head is not complete.
        parents: what the head says.
        whole: the file as it is.
    """

    text: str
    entries: tuple[Entry, ...]
    parents: tuple[str, ...]
    whole: str


def write_head(entries: Iterable[Entry], parents: Iterable[str]) -> str:
    """Return the head of a program's file.

    Args:
        entries: of this one program, at least one; they are listed by task.
        parents: of the program; they are listed in ascending order.
    """
    ordered = sorted(entries, key=lambda entry: entry.task)
    first = ordered[0]
    lines = [f"# {first.kind} {first.md5}, {first.size} nodes"]
    for entry in ordered:
        demos = " ".join(map(str, entry.score.demos))
        vote = "" if entry.vote is None else f", vote {entry.vote!r}"
        lines.append(
            f"# task {entry.task}: score {entry.score.total}, demos [{demos}],"
            f" fuel {entry.fuel}, nanoseconds {entry.nanoseconds}{vote}, source: {entry.source}"
        )
    lines.extend(f"# parent: {parent}" for parent in sorted(parents))
    return "\n".join(lines) + "\n"


def read_program_file(path: Path, md5: str) -> ProgramFile | None:
    """Read a program's file; None if the program in it is not the one that the md5 names.

    Raises OSError if it can't be read.
    """
    with path.open("rb") as handle:
        data = handle.read(MAX_FILE_BYTES + 1)
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        return None
    start = 0
    while whole.startswith("#", start):
        start = whole.find("\n", start) + 1 or len(whole)
    text = whole[start:]
    if md5_of_text(text) != md5:
        return None
    entries, parents = _read_head(whole[:start].split("\n")[:-1], md5)
    return ProgramFile(text, entries, parents, whole)


def _read_head(lines: list[str], md5: str) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    first = _FIRST_LINE.fullmatch(lines[0]) if lines else None
    if first is None or first.group(2) != md5:
        return (), ()
    entries: list[Entry] = []
    parents: list[str] = []
    for line in lines[1:]:
        if found := _TASK_LINE.fullmatch(line):
            entry = _entry(*found.groups(), kind=first.group(1), md5=md5, size=int(first.group(3)))
            if entry is None:
                return (), ()
            entries.append(entry)
        elif found := _PARENT_LINE.fullmatch(line):
            parents.append(found.group(1))
        else:
            return (), ()
    return tuple(entries), tuple(parents)


def _entry(
    task: str,
    demos: str,
    fuel: str,
    nanoseconds: str,
    vote: str | None,
    source: str,
    *,
    kind: str,
    md5: str,
    size: int,
) -> Entry | None:
    scores = tuple(map(int, demos.split()))
    numbers = int(fuel), int(nanoseconds)
    counts = None if vote is None else float(vote)
    if counts == math.inf:
        return None
    if not is_task_id(task) or max(scores, default=0) > EXACT or max(numbers) > INTEGER_MAX:
        return None
    return Entry(kind, task, md5, Score(scores), size, *numbers, source, counts)
