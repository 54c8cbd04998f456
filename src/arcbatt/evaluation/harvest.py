"""Harvest: put into the library what search finds on the training tasks of ARC-AGI-1.

    python -m arcbatt.evaluation.harvest found --nodes 60000 --results harvest.jsonl
    python -m arcbatt.evaluation.harvest solvers --nodes 60000 --results harvest.jsonl

`found` writes `found.py` anew: for each task the smallest program that was found to be right on all
demos and tests, if there is one. `solvers` adds programs to `solvers.py`, for tasks that have none
there; what people wrote stays, unless `--shorten` says that a shorter one replaces it.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from arcbatt.dsl import CONSTANTS
from arcbatt.dsl.values import measure
from arcbatt.errors import ArcbattError, ParseError, UsageError
from arcbatt.evaluation.judge import TaskRecord
from arcbatt.evaluation.measure import Setup
from arcbatt.evaluation.run import Request, Start, evaluate
from arcbatt.files import check_writable, write_atomically
from arcbatt.library import FOUND, SOLVERS
from arcbatt.pipeline.solve import read_ids
from arcbatt.program.check import check
from arcbatt.program.graph import Op, Program
from arcbatt.program.parse import SourceProgram, parse_program, parse_text
from arcbatt.program.render import Form, render
from arcbatt.search.run import Limits

NODES = 60_000
FOLDER = Path(__file__).parents[1] / "library"
LIBRARY = FOLDER / SOLVERS
FILES = {"found": FOLDER / FOUND, "solvers": LIBRARY}
NODES_MAX = 80
CONSTANTS_MAX = 12
CONSTANT_LEAVES_MAX = 2
INTEGER_MAX = 30
"""What the library allows a program; tests/conformance/test_library.py says why."""
DOC_MAX = 90
"""Characters of a docstring that leave its line at most 100 columns wide."""
PROGRESS_EVERY = 10
_LAST_LINE = re.compile(r"^    (x\d+) = (.*)\n    return \1\n\Z", re.MULTILINE)
_NUMBERS = re.compile(
    rf"\b({'|'.join(name for name, value in CONSTANTS.items() if type(value) is int)})\b"
)
_NAME = "solve_{}"


class LibraryText:
    """The text of a library: what stands before the first program, and each program's own.

    Attributes:
        programs: by name.

    Raises ParseError if a program can't be read.
    """

    def __init__(self, text: str, *, file: str) -> None:
        self._file = file
        self.programs = {source.name: source for source in _parse(text, file)}
        self._head, *blocks = re.split(r"^(?=def )", text, flags=re.MULTILINE)
        self._blocks = {_name_of(block): block.rstrip() for block in blocks}

    def put(self, block: str) -> None:
        """Add the text of a program, or replace the one of its name."""
        [source] = _parse(block, self._file)
        self._blocks[source.name] = block.rstrip()
        self.programs[source.name] = source

    def take_out(self, names: Iterable[str]) -> dict[str, SourceProgram]:
        """Take programs out, those of the names that it has, and return them by name."""
        taken = {name: self.programs.pop(name) for name in names if name in self.programs}
        for name in taken:
            del self._blocks[name]
        return taken

    @property
    def text(self) -> str:
        """All of it, the programs in ascending order of their names."""
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
    """Write a program in the library's style: a docstring, one call a line."""
    text = render(program, name=name, form=Form.ASSIGNMENTS)
    text = _LAST_LINE.sub(r"    return \2\n", text)
    text = _NUMBERS.sub(lambda match: str(CONSTANTS[match.group()]), text)
    first, _, rest = text.partition("\n")
    return f'{first}\n    """{doc}"""\n{rest}'


def describe(program: Program) -> str:
    """Say in a line what a program that was found does: its primitives in their order."""
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
    """Tell why the library can't have a program, if it can't."""
    if program.size > NODES_MAX:
        return f"has {program.size} nodes, {NODES_MAX} are allowed"
    if check(program).mismatches:
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
class Harvest:
    """What was taken into a library, and what was not.

    Attributes:
        added: names, with the sizes of the programs in nodes.
        replaced: names, with the sizes before and after.
        kept: names of programs of the library that stay, such as those as short as what was found.
        known: names, with the name under which the library has the same program.
        refused: names, with the reason.
        dropped: names of programs that were taken out.
        unsolved: tasks without a program that is right everywhere.
    """

    added: dict[str, int] = field(default_factory=dict)
    replaced: dict[str, tuple[int, int]] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    unsolved: int = 0

    def lines(self) -> list[str]:
        """Say it in lines."""
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


def take_in(
    records: Iterable[TaskRecord], library: LibraryText, *, shorten: bool = False
) -> Harvest:
    """Put into a library the programs of records for tasks of which it has none.

    A program that the library has under another name is not added again: it is dealt to every
    task anyway.

    Args:
        records: what search came to.
        library: what is changed.
        shorten: whether a shorter program replaces the library's own.
    """
    harvest = Harvest()
    bodies = {source.program.body_hash: name for name, source in library.programs.items()}
    for name, program in _right_programs(records, harvest):
        own = library.programs.get(name)
        if own is not None and (own.program.size <= program.size or not shorten):
            harvest.kept.append(name)
        elif program.body_hash in bodies:
            harvest.known[name] = bodies[program.body_hash]
        else:
            if own is None:
                harvest.added[name] = program.size
            else:
                harvest.replaced[name] = (own.program.size, program.size)
            bodies[program.body_hash] = name
            # What a task is about does not change with the program.
            doc = own.doc if own and own.doc else describe(program)
            library.put(write_solver(name, program, doc=doc))
    return harvest


def renew(records: Iterable[TaskRecord], library: LibraryText) -> Harvest:
    """Let a library hold for the tasks of records their programs and no others."""
    harvest = Harvest()
    records = list(records)
    before = library.take_out(_NAME.format(record.task) for record in records)
    for name, program in _right_programs(records, harvest):
        own = before.get(name)
        if own is None:
            harvest.added[name] = program.size
        elif own.program.body_hash == program.body_hash:
            harvest.kept.append(name)
        else:
            harvest.replaced[name] = (own.program.size, program.size)
        library.put(render(program, name=name))
    harvest.dropped = [name for name in before if name not in library.programs]
    return harvest


def _right_programs(
    records: Iterable[TaskRecord], harvest: Harvest
) -> Iterator[tuple[str, Program]]:
    """Yield by name the programs that a library may have; note in the harvest what it may not."""
    for record in sorted(records, key=lambda record: record.task):
        if record.right is None:
            harvest.unsolved += 1
            continue
        name = _NAME.format(record.task)
        program = parse_program(record.right.text).program
        if problem := fault(program):
            harvest.refused[name] = problem
        else:
            yield name, program


def main(words: Sequence[str] | None = None) -> int:
    """Search, take in what was found, say what that was; returns the exit code."""
    options = _parser().parse_args(words)
    try:
        return _harvest(options)
    except ArcbattError as error:
        print(f"error[{error.slug}]: {error}", file=sys.stderr)
    except OSError as error:
        print(f"error[system]: {error}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="harvest", description=__doc__.partition("\n")[0])
    parser.add_argument("into", choices=FILES, help="the file of the library that is written")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="ids, or files of them; all")
    parser.add_argument("--nodes", type=_positive, default=NODES, help="that search may try")
    parser.add_argument("--jobs", type=_positive, default=os.cpu_count() or 1)
    parser.add_argument("--results", type=Path, help="so that an interrupted harvest can go on")
    parser.add_argument("--library", type=Path, help="another file in its place")
    parser.add_argument("--shorten", action="store_true", help="solvers: replace longer ones too")
    parser.add_argument("--dry-run", action="store_true", help="write nothing, only say it")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _harvest(options: argparse.Namespace) -> int:
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
    progress = _Progress()
    evaluated = evaluate(
        Request(
            dataset="arc-agi-1",
            split="training",
            ids=tuple(read_ids(options.tasks)),
            # A call that learns all from the demos teaches nothing about how calls go together.
            setup=Setup(search=Limits(nodes=options.nodes, learners=False)),
            jobs=options.jobs,
            results=options.results,
        ),
        on_start=progress.begin,
        on_progress=progress.advance,
    )
    print(evaluated.stopped, file=sys.stderr)
    if not evaluated.finished:
        return 130
    if options.into == "found":
        harvest = renew(evaluated.records, library)
    else:
        harvest = take_in(evaluated.records, library, shorten=options.shorten)
    if (harvest.added or harvest.replaced or harvest.dropped) and not options.dry_run:
        write_atomically(path, library.text)
    print(*harvest.lines(), sep="\n")
    return 0


class _Progress:
    """Lines on standard error."""

    def __init__(self) -> None:
        self._done = self._all = 0

    def begin(self, start: Start) -> None:
        self._done, self._all = start.done_before, start.measurements

    def advance(self, record: TaskRecord) -> None:
        self._done += 1
        if self._done % PROGRESS_EVERY == 0:
            print(f"{self._done} of {self._all} tasks", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
