"""Mine the library: add to it the programs that search finds on training tasks of ARC-AGI-1.

    python -m lab.mine_library found --evaluations 60000 --results mined.jsonl
    python -m lab.mine_library solvers --evaluations 60000 --results mined.jsonl

`found` writes `found.py` anew: for each task the smallest program that is right on all demos and
tests, if one was found. `solvers` adds programs to `solvers.py` for tasks that have none there;
programs that people wrote stay, unless `--shorten` replaces them by shorter ones.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import arcbatt.library
from arcbatt.cli.output import open_console
from arcbatt.dsl import CONSTANTS
from arcbatt.dsl.values import measure
from arcbatt.errors import ParseError, UsageError
from arcbatt.evaluation.grade import TaskRecord
from arcbatt.evaluation.run import EvaluationRequest, evaluate
from arcbatt.evaluation.task import EvaluationSetup
from arcbatt.files import check_writable, write_atomically
from arcbatt.library import FOUND, SOLVERS
from arcbatt.program.check import check
from arcbatt.program.graph import Op, Program
from arcbatt.program.parse import SourceProgram, parse_program, parse_text
from arcbatt.program.render import Form, render
from arcbatt.report.progress import DelayedProgress
from arcbatt.sources.search import SearchOptions
from arcbatt.tasks import TaskChoice, read_ids
from lab import positive, run

EVALUATIONS = 60_000
FOLDER = Path(arcbatt.library.__file__).parent
LIBRARY = FOLDER / SOLVERS
FILES = {"found": FOLDER / FOUND, "solvers": LIBRARY}
NODES_MAX = 80
CONSTANTS_MAX = 12
CONSTANT_LEAVES_MAX = 2
INTEGER_MAX = 30
"""Limits of the programs of the library; tests/conformance/test_library.py explains them."""
DOC_MAX = 90
"""Largest length of a docstring in a line of at most 100 columns."""
_LAST_LINE = re.compile(r"^    (x\d+) = (.*)\n    return \1\n\Z", re.MULTILINE)
_NUMBERS = re.compile(
    rf"\b({'|'.join(name for name, value in CONSTANTS.items() if type(value) is int)})\b"
)
_NAME = "solve_{}"


class LibraryText:
    """The text of a library: its head, and the text of each program.

    Attributes:
        programs: programs by name.

    Raises ParseError if a program can't be read.
    """

    def __init__(self, text: str, *, file: str) -> None:
        self._file = file
        self.programs = {source.name: source for source in _parse(text, file)}
        self._head, *blocks = re.split(r"^(?=def )", text, flags=re.MULTILINE)
        self._blocks = {_name_of(block): block.rstrip() for block in blocks}

    def put(self, block: str) -> None:
        """Add the text of a program, or replace the program of the same name."""
        [source] = _parse(block, self._file)
        self._blocks[source.name] = block.rstrip()
        self.programs[source.name] = source

    def take_out(self, names: Iterable[str]) -> dict[str, SourceProgram]:
        """Remove the programs with some names, as far as there are any, and return them by name."""
        taken = {name: self.programs.pop(name) for name in names if name in self.programs}
        for name in taken:
            del self._blocks[name]
        return taken

    @property
    def text(self) -> str:
        """The whole text, with the programs in ascending order of their names."""
        blocks = (self._blocks[name] for name in sorted(self._blocks))
        return "\n\n\n".join([self._head.rstrip(), *blocks]) + "\n"


def _parse(text: str, file: str) -> list[SourceProgram]:
    found = parse_text(text, file=file)
    if found.errors:
        raise ParseError(**found.errors[0].context)
    return found.programs


def _name_of(block: str) -> str:
    return block.removeprefix("def ").partition("(")[0]


def write_solver(name: str, program: Program, *, doc: str) -> str:
    """Write a program in the style of the library: a docstring, then one call per line."""
    text = render(program, name=name, form=Form.ASSIGNMENTS)
    text = _LAST_LINE.sub(r"    return \2\n", text)
    text = _NUMBERS.sub(lambda match: str(CONSTANTS[match.group()]), text)
    first, _, rest = text.partition("\n")
    return f'{first}\n    """{doc}"""\n{rest}'


def describe(program: Program) -> str:
    """Describe a program in a line, by its primitives in their order."""
    calls = [node.name for node in program.nodes if node.op is Op.CALL]
    names = list(dict.fromkeys(calls))
    if not names:
        return "Found by search: return the input."
    for shown in range(len(names), 0, -1):
        hidden = len(names) - shown
        more = f" and {hidden} more" if hidden else ""
        text = f"Found by search: {', '.join(names[:shown])}{more}."
        if len(text) <= DOC_MAX:
            break
    return text


def fault(program: Program) -> str | None:
    """Return the reason why a program may not be in the library; None if it may."""
    if program.size > NODES_MAX:
        return f"has {program.size} nodes, {NODES_MAX} are allowed"
    if check(program, strict=True).mismatches:
        return "is not well typed"
    if not program.inputs <= {"S", "I"}:
        return "reads the wanted grid"
    constants = [node.value for node in program.nodes if node.op is Op.CONSTANT]
    if len(constants) > CONSTANTS_MAX:
        return f"has {len(constants)} constants, {CONSTANTS_MAX} are allowed"
    for value in constants:
        if measure(value) > CONSTANT_LEAVES_MAX:
            return f"has a constant other than a number or a pair: {value!r}"
        numbers = value if isinstance(value, tuple) else (value,)
        if any(abs(number) > INTEGER_MAX for number in numbers):
            return f"has a constant beyond {INTEGER_MAX}: {value!r}"
    return None


@dataclass
class Mined:
    """The changes of a library.

    Attributes:
        added: size of each new program in nodes, by name.
        replaced: size before and after of each replaced program, by name.
        kept: names of programs of the library that stay.
        known: name under which the library has the same program, by name.
        refused: reason for each program that may not be in the library, by name.
        dropped: names of programs that were removed.
        unsolved: number of tasks without a right program.
    """

    added: dict[str, int] = field(default_factory=dict)
    replaced: dict[str, tuple[int, int]] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    unsolved: int = 0

    def lines(self) -> list[str]:
        """Return lines that describe the changes."""
        replaced = {name: f"{old} -> {new}" for name, (old, new) in self.replaced.items()}
        parts = (("added", self.added), ("replaced", replaced), ("known as", self.known))
        rows = [
            f"{word:<9} {name}  {what}"
            for word, found in (*parts, ("refused", self.refused))
            for name, what in found.items()
        ]
        counts = {
            "added": len(self.added),
            "replaced": len(self.replaced),
            "kept": len(self.kept),
            "known under another name": len(self.known),
            "refused": len(self.refused),
            "dropped": len(self.dropped),
            "without a right program": self.unsolved,
        }
        return [*rows, ", ".join(f"{word} {count}" for word, count in counts.items())]


def take_in(records: Iterable[TaskRecord], library: LibraryText, *, shorten: bool = False) -> Mined:
    """Add programs for tasks that have none in a library.

    A program that the library has under another name is not added again, since all programs are
    proposed for all tasks.

    Args:
        records: results of search.
        library: the library to change.
        shorten: whether a shorter program replaces the one of the library.
    """
    mined = Mined()
    bodies = {source.program.body_hash: name for name, source in library.programs.items()}
    for name, program in _right_programs(records, mined):
        own = library.programs.get(name)
        if own is not None and (own.program.size <= program.size or not shorten):
            mined.kept.append(name)
        elif program.body_hash in bodies:
            mined.known[name] = bodies[program.body_hash]
        else:
            if own is None:
                mined.added[name] = program.size
            else:
                mined.replaced[name] = (own.program.size, program.size)
            bodies[program.body_hash] = name
            # The description of the task also applies to another program.
            doc = own.doc if own and own.doc else describe(program)
            library.put(write_solver(name, program, doc=doc))
    return mined


def renew(records: Iterable[TaskRecord], library: LibraryText) -> Mined:
    """Replace the programs of a library for some tasks by the found ones."""
    mined = Mined()
    records = list(records)
    before = library.take_out(_NAME.format(record.task) for record in records)
    for name, program in _right_programs(records, mined):
        own = before.get(name)
        if own is None:
            mined.added[name] = program.size
        elif own.program.body_hash == program.body_hash:
            mined.kept.append(name)
        else:
            mined.replaced[name] = (own.program.size, program.size)
        library.put(render(program, name=name))
    mined.dropped = [name for name in before if name not in library.programs]
    return mined


def _right_programs(records: Iterable[TaskRecord], mined: Mined) -> Iterator[tuple[str, Program]]:
    """Yield the names and programs that a library may have; note the refused ones."""
    for record in sorted(records, key=lambda record: record.task):
        if record.right is None:
            mined.unsolved += 1
            continue
        name = _NAME.format(record.task)
        program = parse_program(record.right.text).program
        if problem := fault(program):
            mined.refused[name] = problem
        else:
            yield name, program


def main(words: Sequence[str] | None = None) -> int:
    """Search, change the library, print the changes; returns the exit code."""
    options = _parser().parse_args(words)
    path: Path = options.library or FILES[options.into]
    if options.into == "found" and options.shorten:
        raise UsageError(problem="--shorten is for solvers: found is written anew in any case")
    try:
        library = LibraryText(path.read_text(encoding="utf-8"), file=str(path))
        if not options.dry_run:
            check_writable(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(problem=f"{path}: expected a library that can be written: {error}") from (
            error
        )
    with DelayedProgress(open_console(stderr=True)) as progress:
        evaluated = evaluate(
            EvaluationRequest(
                choice=TaskChoice(split="training", ids=tuple(read_ids(options.tasks))),
                # Without learners: a call that learns a rule is no example of combining calls.
                setup=EvaluationSetup(
                    ("search",), {"search": SearchOptions(evaluations=options.evaluations)}
                ),
                jobs=options.jobs,
                results=options.results,
            ),
            on_start=lambda start: progress.expect(start.measurements - start.done_before),
            on_progress=lambda record: progress.advance(),
        )
    print(evaluated.stopped, file=sys.stderr)
    if not evaluated.finished:
        return 130
    if options.into == "found":
        mined = renew(evaluated.records, library)
    else:
        mined = take_in(evaluated.records, library, shorten=options.shorten)
    if (mined.added or mined.replaced or mined.dropped) and not options.dry_run:
        write_atomically(path, library.text)
    print(*mined.lines(), sep="\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab.mine_library", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("into", choices=FILES, help="file of the library that is written")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="ids, or files of ids; none: all")
    parser.add_argument(
        "--evaluations",
        type=positive,
        default=EVALUATIONS,
        help=f"evaluations of search a task ({EVALUATIONS:,})",
    )
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--results", type=Path, help="file from which an interrupted run goes on")
    parser.add_argument("--library", type=Path, help="another file to write")
    parser.add_argument("--shorten", action="store_true", help="solvers: replace longer ones too")
    parser.add_argument("--dry-run", action="store_true", help="write nothing, print the changes")
    return parser


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
