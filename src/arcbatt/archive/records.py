"""Records of an archive: programs to add, entries, runs, counts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from arcbatt.candidates import Score
from arcbatt.dsl.values import INTEGER_MAX
from arcbatt.engine.outcome import EXACT
from arcbatt.errors import ArchiveError
from arcbatt.program.graph import Program
from arcbatt.ranking.score import RankKey, rank_key
from arcbatt.tasks import TASK_ID, TaskKey

SOLVER, DIFFER = "solver", "differ"
KINDS = (SOLVER, DIFFER)
"""The kinds of programs; each kind has a ranking of its own."""

WORD_LENGTH_MAX = 500
"""Largest length of a source, parent or alias, in characters."""
ALIASES_MAX = 32
"""Largest number of aliases of an entry; the first ones in ascending order stay."""

ENTRY_COLUMNS = (
    "kind, task, content, md5, score, demos, exact, fuel, nanoseconds, source, weight, aliases"
)
_MD5 = re.compile(r"[0-9a-f]{32}")
_CONTENT = re.compile(r"(?:[0-9a-f]{32})?")


class AddStatus(IntEnum):
    """The result of adding a program; a higher one is better."""

    REFUSED = 0
    """The archive has it already with data as good, or all kept programs are better.

    If the archive has it, its weight and its aliases are saved all the same.
    """
    IMPROVED = 1
    """The archive had it with a lower score or more fuel."""
    NEW = 2
    """The archive did not have it."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A program to add.

    Attributes:
        task: key of the task that it was scored on.
        program: graph of the program.
        score: scores on the demo samples.
        fuel: fuel on all samples together.
        nanoseconds: time on all samples together, in nanoseconds.
        source: one line that names where the program came from.
        parents: md5s or names of the programs that it was bred from.
        aliases: names of programs with the same behaviour on this task.
        kind: ``solver`` or ``differ``.
        weight: weight for its test outputs of it and all programs that behave like it
            together, 0 or more; None where it has no weight.
    """

    task: TaskKey
    program: Program
    score: Score
    fuel: int
    nanoseconds: int
    source: str
    parents: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    kind: str = SOLVER
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A program that is kept for a task.

    Attributes:
        kind: ``solver`` or ``differ``.
        task: key of the task; its content is empty for an entry of an archive of format 1 or 2.
        md5: md5 of the program's inlined text.
        score: scores on the demo samples.
        size: number of nodes of the program.
        fuel: fuel on all samples together.
        nanoseconds: time on all samples together, in nanoseconds.
        source: one line that names where the program came from.
        weight: weight for its test outputs, as in `NewEntry`; None where it has no weight.
        aliases: names of programs with the same behaviour, ascending.
    """

    kind: str
    task: TaskKey
    md5: str
    score: Score
    size: int
    fuel: int
    nanoseconds: int
    source: str
    weight: float | None = None
    aliases: tuple[str, ...] = ()

    @property
    def rank(self) -> RankKey:
        """The key of an ascending sort, the best first; no two entries of a task have the same."""
        return rank_key(self.score, size=self.size, fuel=self.fuel, text=self.md5)


@dataclass(frozen=True, slots=True)
class KeptProgram:
    """An entry with its program."""

    entry: Entry
    program: Program


@dataclass(frozen=True, slots=True)
class KeptPrograms:
    """Programs of a task, the best first, and the errors of those that could not be read."""

    programs: tuple[KeptProgram, ...]
    errors: tuple[ArchiveError, ...] = ()


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The record of one run.

    Attributes:
        command: name of the command.
        started: start of the run, in ISO 8601 with a time zone.
        wall_s: wall-clock time, in seconds.
        cpu_s: CPU time of all threads and processes, in seconds.
        reason: reason why the run ended, a sentence.
        details: settings, counts and timings, in a form that JSON can hold.
        number: 1 for the first run of the archive; 0 while it is not recorded.
    """

    command: str
    started: str
    wall_s: float
    cpu_s: float
    reason: str
    details: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over a whole archive.

    Attributes:
        tasks: number of tasks with a solver.
        solved: number of tasks with a solver that is right on all demos.
        solvers: number of programs kept as solvers.
        differs: number of programs kept as differs.
        entries: number of pairs of a task and a program, of both kinds.
        runs: number of recorded runs.
    """

    tasks: int
    solved: int
    solvers: int
    differs: int
    entries: int
    runs: int


def check_new(new: NewEntry) -> Iterable[str]:
    """Yield the reasons why a program can't be added; none if it can."""
    if new.kind not in KINDS:
        yield f"expected one of the kinds {', '.join(KINDS)}, got {new.kind!r}"
    if not TASK_ID.fullmatch(new.task.id):
        yield "expected 1 to 64 letters, digits, dots, dashes or underscores as its id"
    if not _CONTENT.fullmatch(new.task.content):
        yield "expected 32 hexadecimal digits as its content"
    for name, number in (("fuel", new.fuel), ("nanoseconds", new.nanoseconds)):
        if not 0 <= number <= INTEGER_MAX:
            yield f"expected {name} in 0..{INTEGER_MAX}, got {number}"
    if new.weight is not None and not is_weight(float(new.weight)):
        yield f"expected a finite weight of 0 or more, got {new.weight}"
    for score in new.score.demos:
        if not 0 <= score <= EXACT:
            yield f"expected scores in 0..{EXACT}, got {score}"
    for name, words in (("source", [new.source]), ("parent", new.parents), ("alias", new.aliases)):
        for word in words:
            if not is_word(word):
                yield f"expected one line of 1 to {WORD_LENGTH_MAX} characters as {name}"


def is_word(word: object) -> bool:
    """Return whether a value is one line of text of acceptable length."""
    return isinstance(word, str) and 0 < len(word) <= WORD_LENGTH_MAX and word.isprintable()


def is_weight(number: object) -> bool:
    """Return whether a number can be a weight."""
    return isinstance(number, float) and 0.0 <= number < math.inf


def first_aliases(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that an entry keeps as its aliases."""
    return tuple(sorted(set(names))[:ALIASES_MAX])


def read_json(text: str) -> Any:
    """Decode untrusted JSON; raises ValueError if it is not JSON."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("JSON is nested too deeply") from error


def entry_of(new: NewEntry) -> Entry:
    """Return the entry that a new program gets."""
    return Entry(
        kind=new.kind,
        task=new.task,
        md5=new.program.md5,
        score=new.score,
        size=new.program.size,
        fuel=new.fuel,
        nanoseconds=new.nanoseconds,
        source=new.source,
        weight=None if new.weight is None else float(new.weight) + 0.0,
        aliases=first_aliases(new.aliases) if new.aliases else (),
    )


def entry_row(entry: Entry) -> tuple[str | int | float | None, ...]:
    """Return the row of an entry, with `ENTRY_COLUMNS`."""
    demos = entry.score.demos
    return (
        entry.kind,
        entry.task.id,
        entry.task.content,
        entry.md5,
        entry.score.total,
        f"[{', '.join(map(str, demos))}]",
        int(entry.score.is_exact),
        entry.fuel,
        entry.nanoseconds,
        entry.source,
        entry.weight,
        json.dumps(entry.aliases) if entry.aliases else "[]",
    )


def read_entry(row: Sequence[Any], *, size: int) -> Entry:
    """Make an entry of a row with `ENTRY_COLUMNS`; raises ValueError if the row is broken.

    Args:
        row: values from the table of entries.
        size: number of nodes of the program.
    """
    kind, task, content, md5, _, demos, _, fuel, nanoseconds, source, weight, aliases = row
    texts = (task, content, md5, demos, source, aliases)
    if all(type(text) is str for text in texts) and kind in KINDS and _MD5.fullmatch(md5):
        scores = read_json(demos)
        names = () if aliases == "[]" else read_json(aliases)
        if (
            isinstance(scores, list)
            and isinstance(names, list | tuple)
            and TASK_ID.fullmatch(task)
            and _CONTENT.fullmatch(content)
            and all(type(number) is int and number >= 0 for number in (fuel, nanoseconds, *scores))
            and max(scores, default=0) <= EXACT
            and all(map(is_word, (source, *names)))
            and (weight is None or is_weight(weight))
        ):
            key = TaskKey(task, content, len(scores))
            score = Score(tuple(scores))
            return Entry(
                kind, key, md5, score, size, fuel, nanoseconds, source, weight, tuple(names)
            )
    raise ValueError("a row of entries is broken")
