"""Read the answers of a submission, in all forms in which people have them.

The forms are Kaggle's JSON of ARC Prize with its variants, the CSV of 2020's competition, and a
folder with a file for each task. A bad attempt is a value, so that the others can be graded; what
is odd about a file is a remark.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from arcbatt.dsl.types import Grid
from arcbatt.engine.outcome import is_arc_grid
from arcbatt.errors import SubmissionError
from arcbatt.files import read_bounded
from arcbatt.tasks import GRID_SIDE_MAX

FILE_BYTES_MAX = 64 * 2**20
"""Largest file that is read, in bytes; a submission for 400 tasks has about 1 MB."""
TESTS_MAX = 1000
"""Largest number of test inputs of a task; an answer for a later one is an error."""


class Form(StrEnum):
    """The forms of answers, each named by the rules that hold for it."""

    ARC_PRIZE = "ARC Prize on Kaggle"
    KAGGLE_2020 = "Kaggle's competition of 2020"
    FOLDER = "no competition"

    @property
    def attempts(self) -> int:
        """The number of attempts that count for a test input."""
        return 3 if self is Form.KAGGLE_2020 else 2


class Fault(StrEnum):
    """The reasons why an attempt is no grid of ARC."""

    NULL = "null"
    EMPTY = "empty"
    RAGGED = "ragged"
    LARGE = f"larger than {GRID_SIDE_MAX}x{GRID_SIDE_MAX}"
    COLOUR = "not of colours 0 to 9"
    KIND = "no list of rows"


class Oddity(StrEnum):
    """The kinds of remarks on a submission.

    A competition refuses a file for all but those in `TOLERATED`.
    """

    FORM = "form"
    SPELLING = "spelling"
    MISSING_TASK = "missing-task"
    EXTRA_TASK = "extra-task"
    FEW_ANSWERS = "few-answers"
    MANY_ANSWERS = "many-answers"
    MISSING_ATTEMPT = "missing-attempt"
    BAD_ATTEMPT = "bad-attempt"
    EXTRA_ATTEMPT = "extra-attempt"
    NUMBERS = "numbers"
    TWICE = "twice"
    ORDER = "order"


TOLERATED = (
    Oddity.BAD_ATTEMPT,
    Oddity.EXTRA_ATTEMPT,
    Oddity.NUMBERS,
    Oddity.TWICE,
    Oddity.ORDER,
)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd about a submission.

    Attributes:
        kind: the kind of oddity.
        problem: a sentence without its places.
        places: the tasks, test inputs or attempts that it is about; empty for the whole file.
        refused: whether a competition refuses the file for it.
    """

    kind: Oddity
    problem: str
    places: tuple[str, ...]
    refused: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The attempts for one test input.

    Attributes:
        attempts: the attempts by their numbers, which begin with 1.
        bare: whether a grid stands there instead of attempts.
    """

    attempts: Mapping[int, Grid | Fault]
    bare: bool = False


class Remarks:
    """Collects remarks: the places of one problem together, in the order of their first ones."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._places: dict[tuple[Oddity, str], list[str]] = {}

    def add(self, kind: Oddity, problem: str, *places: str) -> None:
        """Add a problem, or further places of a problem."""
        self._places.setdefault((kind, problem), []).extend(places)

    def extend(self, others: Sequence[Remark]) -> None:
        """Add remarks that were collected elsewhere."""
        for one in others:
            self.add(one.kind, one.problem, *one.places)

    def all(self) -> tuple[Remark, ...]:
        """Return all remarks; no competition has a form of folders, so none refuses one."""
        is_file = self._form is not Form.FOLDER
        return tuple(
            Remark(kind, problem, tuple(dict.fromkeys(places)), is_file and kind not in TOLERATED)
            for (kind, problem), places in self._places.items()
        )


@dataclass(frozen=True, slots=True)
class Submission:
    """The answers of a submission, which may have answers for any tasks.

    Attributes:
        path: the file or folder that it was read from.
        form: the form of the answers.
        answers: for each task, with its id as it was written, the answers by the positions of the
            test inputs, which begin with 0.
        remarks: the oddities that are seen without a look at the tasks.
    """

    path: str
    form: Form
    answers: Mapping[str, Mapping[int, Answer]]
    remarks: tuple[Remark, ...] = ()


def read_submission(path: Path | str) -> Submission:
    """Read answers; tasks, test inputs and attempts may be missing, and attempts may be no grids.

    Raises SubmissionError if there is no such file, or if it has no answers in a known form.
    """
    path = Path(path)
    if path.is_dir() and not (path / "submission.json").is_file():
        return _read_folder(path)
    if path.is_dir():
        path /= "submission.json"
    text, marked = _read_text(path)
    first = text.lstrip()[:1]
    if first in ("{", "[") or path.suffix in (".json", ".jsonl"):
        reader = _Reader(Form.ARC_PRIZE)
        if marked:
            reader.remarks.add(Oddity.FORM, "the file begins with a byte order mark")
        value = _parse(text, path, reader.remarks)
        try:
            answers = reader.read(value, where=str(path))
        except RecursionError as error:
            got = "objects in objects, too deep"
            raise SubmissionError(where=str(path), expected="answers", got=got) from error
    else:
        reader = _Reader(Form.KAGGLE_2020)
        answers = reader.read_rows(csv.reader(io.StringIO(text)), where=str(path))
    if not answers:
        raise SubmissionError(where=str(path), expected="1 task or more", got="none")
    return Submission(str(path), reader.form, answers, reader.remarks.all())


def _read_folder(folder: Path) -> Submission:
    reader = _Reader(Form.FOLDER)
    answers: dict[str, Mapping[int, Answer]] = {}
    paths = sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))
    if not paths:
        inner = sorted(path.name for path in folder.iterdir() if path.is_dir())[:4]
        got = f"none; it has the folders {', '.join(inner)}" if inner else "none"
        raise SubmissionError(where=str(folder), expected="files ID.json with answers", got=got)
    for path in paths:
        task = path.stem
        try:
            text, _ = _read_text(path)
            value = _parse(text, path, reader.remarks)
            answers[task] = reader.task(
                value[task] if isinstance(value, dict) and task in value else value, task
            )
        except (SubmissionError, RecursionError):
            reader.remarks.add(Oddity.FORM, "a file can't be read", path.name)
            answers[task] = {}
    return Submission(str(folder), reader.form, answers, reader.remarks.all())


def _read_text(path: Path) -> tuple[str, bool]:
    """Return the text of a file, and whether it began with a byte order mark."""
    try:
        content = read_bounded(path, bytes_max=FILE_BYTES_MAX)
        text = content.decode(json.detect_encoding(content))
    except OSError as error:
        raise SubmissionError(
            where=str(path), expected="a file that can be read", got=error.strerror
        ) from error
    except UnicodeDecodeError as error:
        raise SubmissionError(where=str(path), expected="text", got=str(error)) from error
    if not text.strip():
        raise SubmissionError(where=str(path), expected="JSON or CSV", got="an empty file")
    return text.removeprefix("\ufeff"), content.startswith(
        (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
    )


def _parse(text: str, path: Path, remarks: Remarks) -> Any:
    """Parse JSON, or lines of JSON in a file whose name says so."""

    def unite(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            remarks.add(Oddity.TWICE, "a key stands twice, the last one counts", *twice)
        return members

    try:
        if path.suffix == ".jsonl":
            lines = filter(str.strip, text.splitlines())
            return [json.loads(line, object_pairs_hook=unite) for line in lines]
        return json.loads(text, object_pairs_hook=unite)
    except json.JSONDecodeError as error:
        ends = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        cut = "; the file seems to be cut off" if ends else ""
        raise SubmissionError(where=str(path), expected="JSON", got=f"{error}{cut}") from error
    except (ValueError, RecursionError) as error:
        raise SubmissionError(where=str(path), expected="JSON", got=str(error)) from error


ATTEMPT_KEY = re.compile(r"attempt[ _-]?([1-9]\d?)", re.IGNORECASE)
ID_KEYS = ("task_id", "id", "task", "output_id")
ANSWER_KEYS = (
    "answer", "answers", "attempts", "output", "outputs", "prediction", "predictions", "grid",
)  # fmt: skip
"""Names that people give to a grid, or to the answers of a task."""
ROW_TEXT = re.compile(r"\|[0-9|]*\|")


class _Reader:
    """Reads answers in one form.

    Attributes:
        form: the form.
        remarks: the oddities so far.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.remarks = Remarks(form)

    def read(self, value: Any, *, where: str) -> dict[str, Mapping[int, Answer]]:
        """Read the answers of all tasks: an object by ids, or a list of objects with an id."""
        if isinstance(value, dict):
            return {task: self.task(answers, task) for task, answers in value.items()}
        if not isinstance(value, list) or not all(map(_id_of, value)):
            expected = "an object with answers by the ids of tasks"
            raise SubmissionError(where=where, expected=expected, got=_described(value))
        if value:
            self.remarks.add(Oddity.FORM, "the file holds a list, not an object by ids")
        answers: dict[str, dict[int, Answer]] = {}
        for record in value:
            key = _id_of(record)
            task = str(record[key])
            if key == "output_id":
                task = task.rpartition("_")[0] or task
            its = answers.setdefault(task, {})
            rest = {name: part for name, part in record.items() if name != key}
            inner = None if _has_attempts(rest) else _inner(rest)
            added = (
                {0: self.answer(rest, f"{task} test {len(its) + 1}")}
                if inner is None
                else self.task(inner, task)
            )
            its.update({len(its) + index: one for index, one in sorted(added.items())})
        return dict(answers)

    def read_rows(
        self, rows: Iterator[list[str]], *, where: str
    ) -> dict[str, Mapping[int, Answer]]:
        """Read rows of an id, such as ``00576224_0``, and a text of grids, such as ``|12|34|``."""
        answers: dict[str, dict[int, Answer]] = {}
        try:
            for number, row in enumerate(rows, 1):
                words = [word.strip() for word in row]
                if not any(words) or (number == 1 and words[0].lower() == "output_id"):
                    continue
                task, _, position = words[0].rpartition("_")
                if len(words) != 2 or not task or not position.isdecimal():
                    expected = "output_id,output such as 00576224_0,|12|34| |0|"
                    got = repr(",".join(row)[:60])
                    raise SubmissionError(where=f"{where}:{number}", expected=expected, got=got)
                if len(position) >= len(str(TESTS_MAX)):
                    expected, got = f"a test input below {TESTS_MAX}", position[:60]
                    raise SubmissionError(where=f"{where}:{number}", expected=expected, got=got)
                its, index = answers.setdefault(task, {}), int(position)
                if index in its:
                    problem = "an id stands twice, the last one counts"
                    self.remarks.add(Oddity.TWICE, problem, words[0])
                its[index] = self._texts(words[1], f"{task} test {index + 1}")
        except csv.Error as error:
            raise SubmissionError(where=where, expected="CSV", got=str(error)) from error
        return dict(answers)

    def task(self, value: Any, task: str) -> dict[int, Answer]:
        """Read the answers of one task: a list of them, or something that people write instead."""
        if isinstance(value, list) and not _is_like_grid(value):
            answers: dict[int, Answer] = {}
            for one in value[:TESTS_MAX]:
                index = _pair_index(one)
                if index is None or index in answers:
                    index = next(free for free in range(len(value)) if free not in answers)
                answers[index] = self.answer(one, f"{task} test {index + 1}")
            return answers
        if isinstance(value, dict) and not _has_attempts(value):
            inner = _inner(value)
            if inner is None and value and all(map(str.isdecimal, value)):
                inner = [value[key] for key in sorted(value, key=lambda key: (len(key), key))]
            value = inner
            if inner is not None:
                self.remarks.add(Oddity.FORM, "the answers are an object, not a list", task)
                return self.task(inner, task)
        if value is None or isinstance(value, int | float):
            self.remarks.add(Oddity.FORM, "there are no answers", task)
            return {}
        if isinstance(value, dict):
            self.remarks.add(Oddity.FORM, "the answers are an object, not a list", task)
            parts = list(value.values())
            if all(isinstance(one, list) and one and not _is_like_grid(one) for one in parts):
                # Each attempt has the grids of all test inputs.
                return self.task(
                    [
                        {key: one[index] for key, one in value.items() if index < len(one)}
                        for index in range(max(map(len, parts)))
                    ],
                    task,
                )
        return {0: self.answer(value, f"{task} test 1")}

    def answer(self, value: Any, where: str) -> Answer:
        """Read the attempts for one test input."""
        if isinstance(value, dict):
            numbers = {
                int(match[1]): key for key in value if (match := ATTEMPT_KEY.fullmatch(str(key)))
            }
            for number, key in numbers.items():
                if key != f"attempt_{number}":
                    problem = f"attempt_{number} is written {key!r}"
                    self.remarks.add(Oddity.SPELLING, problem, where)
            if numbers:
                return Answer(
                    {
                        number: self._attempt(value[key], f"{where} attempt_{number}")
                        for number, key in sorted(numbers.items())
                    }
                )
            inner = _inner(value)
            if inner is None:
                self.remarks.add(Oddity.FORM, "there is no attempt", where)
                return Answer({})
            return self.answer(inner, where)
        if isinstance(value, str):
            self.remarks.add(Oddity.FORM, "grids are written as text", where)
            return self._texts(value, where)
        if isinstance(value, list) and not _is_like_grid(value):
            problem = "attempts are a list, not an object with attempt_1 and attempt_2"
            self.remarks.add(Oddity.FORM, problem, where)
            return Answer(
                {
                    number: self._attempt(one, f"{where} attempt {number}")
                    for number, one in enumerate(value, 1)
                }
            )
        problem = "a single grid stands there, not an object with attempt_1 and attempt_2"
        self.remarks.add(Oddity.FORM, problem, where)
        return Answer({1: self._attempt(value, where)}, bare=True)

    def _texts(self, text: str, where: str) -> Answer:
        grids = _grids_in(text)
        return Answer({number: self._grid(grid, where) for number, grid in enumerate(grids, 1)})

    def _attempt(self, value: Any, where: str) -> Grid | Fault:
        if value is None:
            return Fault.NULL
        if isinstance(value, dict):
            inner = _inner(value)
            if "answer" not in value or self.form is not Form.FOLDER:
                problem = "an attempt is an object, not a grid"
                self.remarks.add(Oddity.FORM, problem, where)
            return Fault.NULL if inner is None else self._attempt(inner, where)
        if isinstance(value, str):
            self.remarks.add(Oddity.FORM, "grids are written as text", where)
            return self._grid(next(_grids_in(value), None), where)
        return self._grid(value, where)

    def _grid(self, value: Any, where: str) -> Grid | Fault:
        """Return a grid, or the reason why it is none; whole floats count as integers."""
        if type(value) is not list or not all(type(row) is list for row in value):
            return Fault.KIND
        if not value or not any(value):
            return Fault.EMPTY
        if len(set(map(len, value))) > 1:
            return Fault.RAGGED
        if max(len(value), len(value[0])) > GRID_SIDE_MAX:
            return Fault.LARGE
        cells = [cell for row in value for cell in row]
        if any(type(cell) is float for cell in cells):
            if not all(
                type(cell) is int or (type(cell) is float and cell in range(10)) for cell in cells
            ):
                return Fault.COLOUR
            self.remarks.add(Oddity.NUMBERS, "cells such as 5.0 are read as 5", where)
            value = [list(map(int, row)) for row in value]
        grid = tuple(map(tuple, value))
        if any(type(cell) is not int for row in grid for cell in row) or not is_arc_grid(grid):
            return Fault.COLOUR
        return grid


def _id_of(record: Any) -> str:
    """Return the key under which a record has the id of a task; empty if there is none."""
    if not isinstance(record, dict):
        return ""
    return next((key for key in ID_KEYS if isinstance(record.get(key), str)), "")


def _has_attempts(value: Mapping[str, Any]) -> bool:
    return any(map(ATTEMPT_KEY.fullmatch, value))


def _inner(value: Mapping[str, Any]) -> Any:
    """Return what an object holds under a name for answers; None if there is no such name."""
    return next((value[key] for key in ANSWER_KEYS if key in value), None)


def _pair_index(value: Any) -> int | None:
    """Return the position of the test input that a harness noted with an attempt."""
    for attempt in value.values() if isinstance(value, dict) else ():
        metadata = attempt.get("metadata") if isinstance(attempt, dict) else None
        index = metadata.get("pair_index") if isinstance(metadata, dict) else None
        if type(index) is int and 0 <= index < TESTS_MAX:
            return index
    return None


def _is_like_grid(value: Any) -> bool:
    """Return whether a value is a list of lists that hold no lists: a grid, good or bad."""
    return (
        isinstance(value, list)
        and bool(value)
        and isinstance(value[0], list)
        and not any(isinstance(cell, list | dict | str) or cell is None for cell in value[0])
    )


def _grids_in(text: str) -> Iterator[Any]:
    """Yield the grids in a text such as ``|12|34| |0|`` or ``[[1, 2], [3, 4]]``."""
    if not text.startswith("["):
        for word in text.split():
            rows = word.strip("|").split("|")
            yield [list(map(int, row)) for row in rows] if ROW_TEXT.fullmatch(word) else word
        return
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        yield text


def _described(value: Any) -> str:
    if isinstance(value, list):
        return "a list whose members have no id" if value else "an empty list"
    return f"a {type(value).__name__}"
