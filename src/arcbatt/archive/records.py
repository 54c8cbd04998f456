"""Records of an archive: programs to add, entries, runs, counts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from arcbatt.candidates import Score
from arcbatt.dsl.values import INTEGER_MAX
from arcbatt.engine.outcome import EXACT
from arcbatt.errors import ArchiveError
from arcbatt.program.graph import Program
from arcbatt.program.render import md5_of_text
from arcbatt.ranking.score import RankKey, rank_key
from arcbatt.tasks import TASK_ID, TaskKey

SOLVER, DIFFER = "solver", "differ"
KINDS = (SOLVER, DIFFER)
"""The kinds of programs; each kind has a ranking of its own."""

WORD_LENGTH_MAX = 500
"""Largest length of a source, parent or alias, in characters."""
TEXT_LENGTH_MAX = 4 * 2**20
"""Largest length of the text of a program, in characters; one of 20,000 nodes has a quarter."""
ALIASES_MAX = 32
"""Largest number of aliases of an entry; the first ones in ascending order stay."""

SHOWN_LENGTH_MAX = 100
"""Largest length of a broken value in a message, in characters."""

ENTRY_COLUMNS = (
    "kind, task, content, md5, score, demos, exact, fuel, nanoseconds, source, weight, aliases"
)
PARENTS_MAX = 100
"""Largest number of parents of a program that are read from a file."""
_HEAD = re.compile(rf"# {SOLVER} ([0-9a-f]{{32}}), \d+ nodes")
_HEAD_TASK = re.compile(
    r"# task ([A-Za-z0-9._-]{1,64})/([0-9a-f]{8,32}|unknown): score \d+, demos \[([\d ]*)\],"
    r" fuel \d+, nanoseconds \d+(?:, weight ([0-9.e+-]{1,40}))?, source: (.+)"
)
_ALIAS, _PARENT = "# alias: ", "# parent: "
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


def read_document(text: object) -> Any:
    """Decode untrusted JSON that may be written again; raises ValueError if it can't be."""
    if not isinstance(text, str):
        raise ValueError("expected JSON text")
    document = read_json(text)
    try:
        # Infinity and NaN are no JSON, and writing needs a deeper stack than reading.
        json.dumps(document, allow_nan=False, indent=1)
    except RecursionError as error:
        raise ValueError("JSON is nested too deeply") from error
    return document


def has_md5(text: object, md5: object) -> bool:
    """Return whether a value is the text of the program of an md5; longer texts have no program."""
    if type(text) is not str or len(text) > TEXT_LENGTH_MAX:
        return False
    try:
        return md5_of_text(text) == md5
    except UnicodeEncodeError:  # its bytes are no UTF-8
        return False


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
    texts = (kind, task, content, md5, demos, source, aliases)
    numbers = (size, fuel, nanoseconds)
    if (
        all(type(text) is str for text in texts)
        and all(type(number) is int and number >= 0 for number in numbers)
        and kind in KINDS
        and _MD5.fullmatch(md5)
    ):
        scores, names = _read_list(demos), _read_list(aliases)
        if (
            scores is not None
            and names is not None
            and TASK_ID.fullmatch(task)
            and _CONTENT.fullmatch(content)
            and all(type(number) is int and number >= 0 for number in scores)
            and max(scores, default=0) <= EXACT
            and all(map(is_word, (source, *names)))
            and (weight is None or is_weight(weight))
        ):
            key = TaskKey(task, content, len(scores))
            score = Score(tuple(scores))
            return Entry(
                kind, key, md5, score, size, fuel, nanoseconds, source, weight, tuple(names)
            )
    raise ValueError(f"the entry of {shown(md5)} for task {shown(task)} is broken")


def _read_list(text: str) -> list[Any] | None:
    """Decode a list in JSON; None if it is none."""
    if text == "[]":
        return []
    with suppress(ValueError):
        found = read_json(text)
        if isinstance(found, list):
            return found
    return None


def read_run(row: Sequence[Any]) -> RunRecord:
    """Make a record of a row of the table of runs; raises ValueError if it is broken."""
    command, started, wall_s, cpu_s, reason, details, number = row
    with suppress(ValueError):
        found = read_document(details)
        seconds = all(type(each) is float and 0 <= each < math.inf for each in (wall_s, cpu_s))
        words = is_word(command) and is_word(started) and isinstance(reason, str)
        if isinstance(found, dict) and seconds and words and number > 0:
            return RunRecord(command, started, wall_s, cpu_s, reason, found, number)
    raise ValueError(f"the record of run {number} is broken")


@dataclass(frozen=True, slots=True)
class HeadTask:
    """The data of a program for one task, read from the head of a program in a file.

    Attributes:
        task: id of the task.
        content: first digits of the content of the task; empty if it is not known.
        demos: number of demos of the task.
        source: one line that names where the program came from.
        weight: weight for its test outputs, as in `NewEntry`; None where it has no weight.
        aliases: names of programs with the same behaviour, ascending.
    """

    task: str
    content: str
    demos: int
    source: str
    weight: float | None = None
    aliases: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.task}/{self.content or 'unknown'}"

    def fits(self, key: TaskKey) -> bool:
        """Return whether the data may be for a task."""
        same_samples = self.demos == key.demos and key.content.startswith(self.content)
        return self.task == key.id and same_samples


@dataclass(frozen=True, slots=True)
class Head:
    """The data in the comments above a program, as `write_head` writes them.

    Scores, fuel and time are not among them: they are measured again.

    Attributes:
        md5: md5 of the program's inlined text.
        tasks: the data for each task.
        parents: md5s or names of the programs that it was bred from.
    """

    md5: str
    tasks: tuple[HeadTask, ...]
    parents: tuple[str, ...]

    def find(self, key: TaskKey) -> HeadTask | None:
        """Return the data for a task; None without any."""
        return next((each for each in self.tasks if each.fits(key)), None)


def write_head(entries: Iterable[Entry], parents: Iterable[str]) -> str:
    """Return the comments above the text of a program; `read_head` reads them.

    Args:
        entries: the entries of one program, at least one.
        parents: the parents of the program.
    """
    ordered = sorted(entries, key=lambda entry: entry.task)
    first = ordered[0]
    lines = [f"# {first.kind} {first.md5}, {first.size} nodes"]
    for entry in ordered:
        demos = " ".join(map(str, entry.score.demos))
        weight = "" if entry.weight is None else f", weight {entry.weight!r}"
        lines.append(
            f"# task {entry.task}: score {entry.score.total}, demos [{demos}],"
            f" fuel {entry.fuel}, nanoseconds {entry.nanoseconds}{weight}, source: {entry.source}"
        )
        lines.extend(f"# alias: {alias}" for alias in entry.aliases)
    lines.extend(f"# parent: {parent}" for parent in parents)
    return "\n".join(lines) + "\n"


def read_head(comments: Sequence[str]) -> Head | None:
    """Read the comments above a program as data; None if they are not those of a solver.

    The file may come from anywhere: lines of any other form are left out.

    Args:
        comments: the comment lines directly above the program.
    """
    begin = next((each for each in map(_HEAD.fullmatch, comments) if each), None)
    if begin is None:
        return None
    tasks: list[HeadTask] = []
    parents: list[str] = []
    for line in comments:
        if found := _HEAD_TASK.fullmatch(line):
            task, content, demos, weight, source = found.groups()
            with suppress(ValueError):
                number = None if weight is None else float(weight)
                if is_word(source) and (number is None or is_weight(number)):
                    content = "" if content == "unknown" else content
                    tasks.append(HeadTask(task, content, len(demos.split()), source, number))
        elif line.startswith(_ALIAS) and tasks and is_word(line[len(_ALIAS) :]):
            aliases = first_aliases((*tasks[-1].aliases, line[len(_ALIAS) :]))
            tasks[-1] = replace(tasks[-1], aliases=aliases)
        elif line.startswith(_PARENT) and is_word(line[len(_PARENT) :]):
            parents.append(line[len(_PARENT) :])
    return Head(begin.group(1), tuple(tasks), tuple(parents[:PARENTS_MAX]))


def shown(value: object) -> str:
    """Return a value of a row as a part of one line of text."""
    text = value if isinstance(value, str) and value.isprintable() else repr(value)
    return text if len(text) <= SHOWN_LENGTH_MAX else f"{text[:SHOWN_LENGTH_MAX]}..."
