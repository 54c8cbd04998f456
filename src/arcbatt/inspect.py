"""Inspection of tasks and programs: find them by a word, run one, show its steps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from arcbatt.archive import Archive, Entry
from arcbatt.candidates import Score
from arcbatt.commands.importing import Imported
from arcbatt.dsl import REGISTRY
from arcbatt.dsl.registry import Primitive
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import is_grid
from arcbatt.dsl.values import text as value_text
from arcbatt.engine import Budget, Case, Engine, Failure, Job
from arcbatt.errors import ArchiveError, ParseError, TaskNotFoundError, UsageError
from arcbatt.library import load_library
from arcbatt.program.check import check
from arcbatt.program.graph import Op, Program
from arcbatt.program.merge import is_batt_file, load_batt
from arcbatt.program.parse import SourceProgram, parse_file, parse_program
from arcbatt.program.render import Form, render, write_call
from arcbatt.showing import Shown
from arcbatt.tasks import Dataset, Sample, Task, TaskKey, load_dataset

_MD5 = re.compile(r"[0-9a-f]{32}")
_SHORT_MD5 = re.compile(r"[0-9a-f]{8,32}")
_OF_A_RUN = re.compile(r"(?:search|learner)_\d+")
"""The names that sources give to the programs of a run, as its table shows them."""
DEFAULT_ARCHIVE = Path("archive")
"""The archive of a command that names none, in the folder where it is started."""


@dataclass(frozen=True)
class Found:
    """The result of a look-up: a task, or programs and the errors of those that can't be read."""

    task: Task | None = None
    programs: tuple[SourceProgram, ...] = ()
    unreadable: tuple[ParseError, ...] = ()


def existing_archive(path: Path | None) -> Path | None:
    """Return the named archive, or without a name the default one if it exists, else None."""
    if path is not None:
        return path
    return DEFAULT_ARCHIVE if DEFAULT_ARCHIVE.exists() else None


def look_up(word: str, *, dataset: str, split: str | None, archive: Path | None) -> Found:
    """Find a task or programs by a word.

    The word is, in this order of precedence, a file (a batt of `batt merge`, tasks if it ends in
    ``.json``, else programs), the md5 of a program in the archive, the id of a task, the name of a
    program in the library, or 8 or more digits with which an md5 in the archive begins.

    Args:
        word: word to look for.
        dataset: name or path of the dataset, see `load_dataset`.
        split: split of the dataset; None for its default.
        archive: path of the archive; None for none.

    Raises ArcbattError if nothing is found, or if it can't be read.
    """
    path = Path(word)
    if path.is_file() and is_batt_file(path):
        return Found(programs=_programs_of_batt(path))
    if path.is_file() and path.name.lower().endswith((".json", ".jsonl", ".json.gz", ".zip")):
        return Found(task=_only_task(path))
    if path.is_file():
        found = parse_file(path)
        if not found.programs:
            raise found.explain_nothing(path)
        return Found(programs=tuple(found.programs), unreadable=tuple(found.listed(path)))
    if _MD5.fullmatch(word.lower()):
        return Found(programs=(find_kept(word.lower(), archive),))
    tasks = load_dataset(dataset, split=split)
    if word in tasks:
        return Found(task=tasks[word])
    programs = tuple(program for program in load_library() if program.name == word)
    if programs:
        return Found(programs=programs)
    if archive is not None and _SHORT_MD5.fullmatch(word.lower()):
        with Archive.open(archive, create=False) as kept:
            md5 = _full_md5(kept, word.lower())
        if md5:
            return Found(programs=(find_kept(md5, archive),))
    try:
        return Found(task=tasks[word])
    except TaskNotFoundError as error:
        problem = f"nothing is called {word!r}: no file, no program of the library, and {error}"
        if _OF_A_RUN.fullmatch(word):
            problem += "; `batt archive show TASK` lists the md5s of the programs of a run"
        raise UsageError(problem=problem) from error


def _programs_of_batt(path: Path) -> tuple[SourceProgram, ...]:
    batt = load_batt(path)
    return tuple(
        replace(parse_program(program.inlined, file=str(path)), name=names[0])
        for names, program in zip(batt.names, batt.programs, strict=True)
    )


def find_kept(md5: str, archive: Path | None) -> SourceProgram:
    """Find a program of an archive by its md5, a solver or a differ.

    Raises ArchiveError if there is none, or it can't be read.
    """
    if archive is None:
        raise ArchiveError(path=DEFAULT_ARCHIVE, problem="there is no archive here")
    with Archive.open(archive, create=False) as kept:
        return parse_program(kept.text(md5), file=md5)


def _full_md5(archive: Archive, digits: str) -> str:
    """Return the md5 of a program that begins with some digits; empty if none does.

    Raises ArchiveError if several programs do.
    """
    found = archive.md5s(digits)
    if len(found) > 1:
        several = f"keeps several programs that begin with {digits}: {', '.join(found)}"
        raise ArchiveError(path=archive.path, problem=several)
    return found[0] if found else ""


def entries_called(archive: Archive, word: str, *, kind: str) -> list[Entry]:
    """Return the entries of a task, or of a program by its md5, which may be shortened.

    Raises ArchiveError if there are none, or if several programs are meant.
    """
    entries = [
        entry
        for key in archive.find(word, kind=kind)
        for entry in archive.entries(key, kind=kind)
        if entry.task == key
    ]
    if not entries and _SHORT_MD5.fullmatch(word.lower()):
        md5 = _full_md5(archive, word.lower())
        entries = [entry for entry in archive.entries(kind=kind) if entry.md5 == md5]
    if not entries:
        raise ArchiveError(path=archive.path, problem=f"keeps no {kind} for {word}")
    return entries


def find_best(task: Task, archive: Path | None) -> SourceProgram:
    """Find the best solver that an archive keeps for a task.

    Raises ArchiveError if there is none, or it can't be read.
    """
    if archive is None:
        raise ArchiveError(path=DEFAULT_ARCHIVE, problem="there is no archive here")
    with Archive.open(archive, create=False) as kept:
        for entry in kept.entries(task.key, limit=1):
            return parse_program(kept.text(entry.md5), file=entry.md5)
    raise ArchiveError(path=archive, problem=f"keeps no program for task {task.id}")


def _only_task(path: Path) -> Task:
    tasks = load_dataset(path)
    if len(tasks) != 1:
        raise UsageError(
            problem=f"{path} has {len(tasks)} tasks: name one of them, with --dataset {path}"
        )
    return next(iter(tasks))


def best_of_tasks(archive: Archive, *, kind: str) -> list[tuple[Entry, int]]:
    """Return the best program of each task, with the number of programs of the task."""
    best: dict[TaskKey, tuple[Entry, int]] = {}
    for entry in archive.entries(kind=kind):
        first, programs = best.get(entry.task, (entry, 0))
        best[entry.task] = (first, programs + 1)
    return list(best.values())


def primitive_called(name: str) -> Primitive:
    """Return a primitive by its name.

    Raises UsageError, with the closest names, if there is none.
    """
    found = REGISTRY.get(name)
    if found is None:
        from difflib import get_close_matches

        matches = get_close_matches(name, REGISTRY)
        hint = f"; did you mean {' or '.join(matches)}?" if matches else ""
        raise UsageError(problem=f"no primitive is called {name!r}{hint}")
    return found


def find_primitives(*, family: str | None = None, text: str | None = None) -> list[Primitive]:
    """List primitives by family and name.

    Args:
        family: name of the family to list; None for all families.
        text: text in the name, the types or the doc, whatever its case; None for any.

    Raises UsageError if there is no such family.
    """
    if family is not None and family not in REGISTRY.families:
        known = ", ".join(REGISTRY.families)
        raise UsageError(problem=f"no family is called {family!r}: expected {known}")
    wanted = (text or "").casefold()
    places = {name: place for place, name in enumerate(REGISTRY.families)}
    found = [
        primitive
        for primitive in REGISTRY.values()
        if family in (None, primitive.family)
        and wanted in f"{primitive}\n{primitive.doc}".casefold()
    ]
    return sorted(found, key=lambda primitive: (places[primitive.family], primitive.name))


@dataclass(frozen=True, slots=True)
class SampleTrial:
    """The result of a program on one sample.

    Attributes:
        name: ``demo 1`` or ``test 1`` and so on.
        input: input grid of the sample.
        wanted: output grid of the sample, or None if it is unknown or hidden.
        output: value that the program returned; None if it failed.
        failure: failure of the program, or None.
        line: line number of the call that failed in the program's text; 0 if none failed.
        score: score against the wanted output, 0..1000; 0 without one.
        fuel: fuel of the program on this sample.
    """

    name: str
    input: Grid
    wanted: Grid | None
    output: Value
    failure: Failure | None
    line: int
    score: int
    fuel: int

    @property
    def right(self) -> bool | None:
        """Whether the output is the wanted one; None where that is unknown."""
        return None if self.wanted is None else self.failure is None and self.output == self.wanted


@dataclass(frozen=True, slots=True)
class Trial(Shown):
    """The results of a program on all samples of a task."""

    source: SourceProgram
    task: str
    samples: tuple[SampleTrial, ...]
    score: Score
    """The scores on the demo samples."""

    def __repr__(self) -> str:
        demos = len(self.score.demos)
        right = f"{self.score.demos_right} of {demos} demos right"
        return f"<Trial of {self.source.name} on {self.task}: {right}>"

    @property
    def reason(self) -> str:
        """What is wrong on the first demo that is not right; empty if all are."""
        for sample in self.samples:
            if sample.wanted is not None and not sample.right:
                return f"{sample.name}: {_explain(sample, self.source.program)}"
        return ""


CELLS_LISTED = 3
"""Number of differing cells that are listed."""


def _explain(sample: SampleTrial, program: Program) -> str:
    """Explain in which way a program is not right on a sample."""
    wanted, output = sample.wanted or (), sample.output
    size = f"{len(wanted)}x{len(wanted[0])}"
    if sample.failure is not None:
        detail = f", {sample.failure.detail}" if sample.failure.detail else ""
        where = f"line {sample.line}: " if sample.line else ""
        call = write_call(program, sample.failure.node)
        return f"{where}{call} failed: {sample.failure.kind}{_cut(detail)}"
    if not is_grid(output):
        return f"expected a grid of {size} cells, got {_cut(value_text(output))}"
    if (len(output), len(output[0])) != (len(wanted), len(wanted[0])):
        return f"expected {size} cells, got {len(output)}x{len(output[0])}"
    cells = [
        f"({row}, {column}) expected {cell}, got {output[row][column]}"
        for row, cells in enumerate(wanted)
        for column, cell in enumerate(cells)
        if cell != output[row][column]
    ]
    more = ", ..." if len(cells) > CELLS_LISTED else ""
    listed = "; ".join(cells[:CELLS_LISTED])
    return f"{len(cells)} of {len(wanted) * len(wanted[0])} cells differ: {listed}{more}"


def _cut(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}..."


def try_program(
    source: SourceProgram, task: Task, engine: Engine, budget: Budget, *, answers: bool = False
) -> Trial:
    """Run a program on every sample of a task.

    Args:
        source: the program with its lines.
        task: the task to run it on.
        engine: the engine that evaluates.
        budget: the bounds of the evaluation on each sample.
        answers: whether the outputs of the tests are used.
    """
    named = [(f"demo {number}", demo) for number, demo in enumerate(task.demos, 1)] + [
        (f"test {number}", test if answers else Sample(test.input))
        for number, test in enumerate(task.tests, 1)
    ]
    cases = [Case(S=task.S, I=sample.input, wanted=sample.output) for _, sample in named]
    [evaluation] = engine.evaluate([Job(source.program, cases)], budget, keep_outputs=True)
    trials = []
    for index, (name, sample) in enumerate(named):
        outcome = evaluation.outcomes[index][0]
        failed = outcome.failure
        trials.append(
            SampleTrial(
                name=name,
                input=sample.input,
                wanted=sample.output,
                output=None if failed else evaluation.output(index, 0),
                failure=failed,
                line=source.lines[failed.node] if failed else 0,
                score=outcome.score,
                fuel=outcome.fuel,
            )
        )
    demos = tuple(trial.score for trial in trials[: len(task.demos)])
    return Trial(source, task.id, tuple(trials), Score(demos))


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The reason why an imported program solved no task.

    Attributes:
        imported: the program.
        reason: what is wrong on a demo of its task, or of the first one that it was run on.
        trial: its results on the samples of that task; None if they were not asked for.
    """

    imported: Imported
    reason: str
    trial: Trial | None


def explain_shortfalls(
    programs: Iterable[Imported], dataset: Dataset, engine: Engine, budget: Budget, *, trials: bool
) -> list[Shortfall]:
    """Explain for each imported program that solved no task why.

    Args:
        programs: imported programs.
        dataset: the tasks that they were run on.
        engine: the engine that evaluates.
        budget: the bounds of the import; the programs run with those of `Budget.of_brought`.
        trials: whether the results of a program that has one task are kept.
    """
    found = []
    for imported in programs:
        if imported.solved or not imported.tasks:
            continue
        task, count = dataset[imported.tasks[0]], len(imported.tasks)
        trial = try_program(imported.source, task, engine, budget.of_brought)
        reason = trial.reason
        if count > 1:
            reason = f"solves none of {count} tasks; on {task.id}: {reason}"
        found.append(Shortfall(imported, reason, trial if trials and count == 1 else None))
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """One assignment of a program with its value.

    Attributes:
        text: text of the assignment.
        type: type of the value, as far as it is known.
        rule: literal of several parts that the call applies, such as a table or a tree that a
            learner wrote; None without one.
        value: value of the assignment; None if it failed.
        failure: failure of the assignment, or None.
    """

    text: str
    type: str
    rule: Value
    value: Value
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Walk(Shown):
    """The steps of a program on a sample.

    Attributes:
        program: name of the program.
        task: id of the task.
        sample: name of the sample, such as ``demo 1``.
        input: input grid of the sample.
        wanted: output grid of the sample; None if it is unknown or hidden.
        steps: assignments of the program in their order.
        output: value that the program returned, or its failure.
    """

    program: str
    task: str
    sample: str
    input: Grid
    wanted: Grid | None
    steps: tuple[Step, ...]
    output: Value | Failure

    def __repr__(self) -> str:
        return f"<Walk of {self.program} on {self.sample} of {self.task}: steps={len(self.steps)}>"


def sample_called(task: Task, name: str, *, answers: bool = False) -> Sample:
    """Return a sample of a task by its name, such as ``demo 1`` or ``test 1``.

    Args:
        task: the task.
        name: the name.
        answers: whether the output of a test is used.

    Raises UsageError if the task has no such sample.
    """
    kind, _, number = name.partition(" ")
    samples = {"demo": task.demos, "test": task.tests}.get(kind, ())
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= len(samples):
        choice = f"1 to {len(samples)}" if samples else "a demo or a test"
        raise UsageError(problem=f"task {task.id} has no {name}: expected {choice}")
    sample = samples[int(number) - 1]
    return sample if answers or kind == "demo" else Sample(sample.input)


def walk_program(
    source: SourceProgram,
    task: Task,
    name: str,
    engine: Engine,
    budget: Budget,
    *,
    answers: bool = False,
) -> Walk:
    """Run a program on one sample and keep the value of each assignment.

    Args:
        source: the program.
        task: the task to run it on.
        name: name of the sample, such as ``demo 1``.
        engine: the engine that evaluates.
        budget: bounds of the run.
        answers: whether the output of a test is used.

    Raises UsageError if the task has no such sample.
    """
    sample = sample_called(task, name, answers=answers)
    program = source.program
    case = Case(S=task.S, I=sample.input, wanted=sample.output)
    outcomes = engine.trace(program, case, budget)
    types = check(program).types
    steps = []
    for text, index in _assignments(program):
        value = outcomes[index].value
        failed = isinstance(value, Failure)
        kept = (None, value) if failed else (value, None)
        steps.append(Step(text, str(types[index]), _rule_of(program, index), *kept))
    output = outcomes[program.root].value
    walked = tuple(steps)
    return Walk(source.name, task.id, name, sample.input, sample.output, walked, output)


def _rule_of(program: Program, index: int) -> Value:
    """Return the first argument of a call that is a literal with tuples in it, or None."""
    arguments = (program.nodes[arg] for arg in program.nodes[index].args)
    literals = (node.value for node in arguments if node.op is Op.CONSTANT)
    return next(
        (each for each in literals if type(each) is tuple and tuple in map(type, each)), None
    )


def _assignments(program: Program) -> list[tuple[str, int]]:
    """Return the lines of a program's text that call something, with their nodes."""
    calls = [index for index, node in enumerate(program.nodes) if node.op in (Op.CALL, Op.INVOKE)]
    lines = render(program, form=Form.ASSIGNMENTS).splitlines()[1 : len(calls) + 1]
    return [(line.strip(), index) for line, index in zip(lines, calls, strict=True)]
