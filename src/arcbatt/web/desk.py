"""Desk: the tasks, archives and results that the page shows, and the engine that runs programs."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from arcbatt.archive import AddStatus, Archive, Entry, NewEntry
from arcbatt.archive.records import write_head
from arcbatt.archive.schema import archive_file
from arcbatt.dsl.types import Grid
from arcbatt.dsl.values import is_grid
from arcbatt.engine import Budget, open_engine
from arcbatt.engine.outcome import BROUGHT_FUEL, is_arc_grid
from arcbatt.errors import ArcbattError, ArchiveError, EngineError, UsageError
from arcbatt.findings import Finding, Findings, Guess, Shelf, is_archive, read_findings
from arcbatt.inspect import Trial, Walk, try_program, walk_program
from arcbatt.library import load_library
from arcbatt.program.parse import SourceProgram, parse_program
from arcbatt.ranking.regularities import Breaches, find_breaches
from arcbatt.report.html import TaskStory, learnt_text
from arcbatt.tasks import Task

PAGE_BUDGET = Budget(node_fuel=BROUGHT_FUEL, sample_seconds=2.0)
"""Bounds of a program of an archive, for each sample."""
TRY_BUDGET = Budget(node_fuel=2_000_000, brought_fuel=2_000_000, sample_seconds=0.5)
"""Bounds of a program in the playground, for each sample."""
SAMPLES_MAX = 12
"""Largest number of samples that a program in the playground runs on."""
DEMOS_SHOWN = 40
"""Largest number of demos of a task that are shown; sets may have thousands."""
WAIT_S = 8.0
"""Longest wait for other runs, in seconds."""
FRESH_S = 1.0
"""Seconds in which an archive that changes is not read again."""
KEPT_WALKS = 64
PLAYGROUND = "playground"
"""Source of programs that are saved from the page."""


@dataclass
class _Read:
    """Findings as they were read, with the state of their files."""

    signature: tuple[tuple[int, int], ...]
    at: float
    findings: Findings


class Desk:
    """Reads what the page shows; all methods may be called from any thread.

    Args:
        shelf: the tasks.
        places: paths of archives and files of results; the first archive is the one that programs
            are saved to. It may not be there yet.
        engine: name of the engine; None for the native one where it is built.

    Attributes:
        shelf: as given.
        places: as given.
    """

    def __init__(self, shelf: Shelf, places: Sequence[Path], engine: str | None = None) -> None:
        self.shelf = shelf
        self.places = tuple(places)
        self._engine = open_engine(engine)
        self._running = threading.Lock()
        self._reading = threading.Lock()
        self._read: dict[Path, _Read] = {}
        self._walks: OrderedDict[tuple[str, str, str, bool], Walk] = OrderedDict()

    @property
    def archive(self) -> Path | None:
        """The path of the archive that programs are saved to; None if there is none."""
        return next((path for path in self.places if is_archive(path)), None)

    def findings(self, number: int = 0) -> Findings:
        """Return what a place has, read anew when its files have changed.

        Args:
            number: number of the place, from 0 on; one that is not there counts as 0.

        Raises ArchiveError or ResultsError if it can't be read.
        """
        path = self._place(number)
        if path is None or (is_archive(path) and not archive_file(path).exists()):
            return Findings(path or Path("archive"), is_archive=True)
        with self._reading:
            known = self._read.get(path)
            now = time.monotonic()
            if known is not None and now - known.at < FRESH_S:
                return known.findings
            signature = _signature(path)
            if known is None or known.signature != signature:
                known = _Read(signature, now, read_findings(path, self.shelf))
                self._read[path] = known
            known.at = time.monotonic()
            return known.findings

    def _place(self, number: int) -> Path | None:
        if not self.places:
            return None
        return self.places[number if 0 <= number < len(self.places) else 0]

    def warm(self) -> None:
        """Read tasks and places before the first visitor needs them."""
        for task in self.shelf:
            with suppress(ArcbattError):
                _ = self.shelf[task].content
        for number in range(len(self.places)):
            with suppress(ArcbattError, OSError):
                self.findings(number)
        _ = self._library

    @cached_property
    def _library(self) -> dict[str, SourceProgram]:
        """The programs of the library, by name and by md5."""
        programs = load_library()
        by_md5 = {each.program.md5: each for each in reversed(programs)}
        return by_md5 | {each.name: each for each in programs}

    @contextmanager
    def _archives(self) -> Iterator[list[Archive]]:
        """Open all archives for a block; those that can't be read are left out."""
        opened: list[Archive] = []
        try:
            for path in filter(is_archive, self.places):
                with suppress(ArchiveError, OSError):
                    opened.append(Archive.open(path, create=False))
            yield opened
        finally:
            for archive in opened:
                archive.close()

    def program(self, name: str, text: str = "") -> SourceProgram:
        """Return a program by its md5, in an archive or in results, or by its name in the library.

        Args:
            name: the md5 or the name.
            text: text of the program, if it is known.

        Raises ArchiveError if there is none, ParseError if it can't be read.
        """
        if text:
            return parse_program(text, file=name)
        with self._archives() as archives:
            for archive in archives:
                with suppress(ArchiveError):
                    return parse_program(archive.text(name), file=name)
        for number in range(len(self.places)):
            with suppress(ArcbattError):
                for finding in self.findings(number).by_task.values():
                    if finding.md5 == name and finding.text:
                        return parse_program(finding.text, file=name)
        if name in self._library:
            return self._library[name]
        path = self.archive or Path("archive")
        raise ArchiveError(path=path, problem=f"keeps no program {name[:80]}")

    def entries(self, task: Task) -> list[tuple[Entry, tuple[str, ...]]]:
        """Return the programs that archives keep for a task with their parents, the best first."""
        found: dict[str, tuple[Entry, tuple[str, ...]]] = {}
        with self._archives() as archives:
            for archive in archives:
                for entry in archive.entries(task.key, broken=[]):
                    found.setdefault(entry.md5, (entry, archive.parents(entry.md5)))
        return sorted(found.values(), key=lambda each: each[0].rank)

    def tasks_of(self, md5: str) -> list[Entry]:
        """Return the entries of a program, one for each of its tasks."""
        with self._archives() as archives:
            kept = [entry for each in archives for entry in each.entries_of(md5)]
        unique = {entry.task: entry for entry in kept}
        return [unique[key] for key in sorted(unique)]

    def text_of(self, md5: str) -> str:
        """Return the text of a program as a file of its own, with what an archive knows of it.

        Raises ArchiveError if there is none, ParseError if it can't be read.
        """
        source = self.program(md5)
        its = self.tasks_of(md5)
        if its:
            with self._archives() as archives:
                parents = {each for archive in archives for each in archive.parents(md5)}
            return write_head(its, sorted(parents)) + source.program.inlined
        return source.program.inlined

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let one program run at a time; raises EngineError if that takes too long."""
        if not self._running.acquire(timeout=WAIT_S):
            raise EngineError(engine=self._engine.name, problem="is busy: try again in a moment")
        try:
            yield
        finally:
            self._running.release()

    def walk(self, source: SourceProgram, task: Task, name: str, *, answers: bool) -> Walk:
        """Run a program on a sample and return the value of each line; see `walk_program`."""
        key = (source.program.md5, task.content, name, answers)
        # Another thread may remove it at any moment.
        if (known := self._walks.get(key)) is not None:
            return known
        with self._turn():
            walk = walk_program(source, task, name, self._engine, PAGE_BUDGET, answers=answers)
        self._walks[key] = walk
        while len(self._walks) > KEPT_WALKS:
            self._walks.popitem(last=False)
        return walk

    def trial(self, source: SourceProgram, task: Task, *, answers: bool) -> Trial:
        """Run a program of an archive on the samples of a task, the first of many demos."""
        some = replace(task, demos=task.demos[:DEMOS_SHOWN])
        with self._turn():
            return try_program(source, some, self._engine, PAGE_BUDGET, answers=answers)

    def try_out(self, source: SourceProgram, task: Task, *, answers: bool) -> Trial:
        """Run a program of the playground on the first samples of a task."""
        tests = task.tests[: max(1, SAMPLES_MAX - len(task.demos))]
        some = replace(task, demos=task.demos[: SAMPLES_MAX - 1], tests=tests)
        with self._turn():
            return try_program(source, some, self._engine, TRY_BUDGET, answers=answers)

    def guesses(self, finding: Finding, task: Task) -> list[list[Guess]]:
        """Return the attempts at each test input, with the grids that only programs tell."""
        programs: dict[str, Trial | None] = {}

        def run(md5: str) -> Trial | None:
            with suppress(ArcbattError):
                return self.trial(self.program(md5), task, answers=False)
            return None

        found = []
        for number, (guesses, test) in enumerate(zip(finding.guesses, task.tests, strict=False)):
            resolved = []
            for guess in guesses:
                grid = guess.grid
                if grid is None and not guess.md5:
                    grid = test.input
                elif grid is None:
                    if guess.md5 not in programs:
                        programs[guess.md5] = run(guess.md5)
                    trial = programs[guess.md5]
                    first = min(len(task.demos), DEMOS_SHOWN)
                    output = trial.samples[first + number].output if trial else None
                    grid = output if is_grid(output) and is_arc_grid(output) else None
                resolved.append(replace(guess, grid=grid))
            found.append(resolved)
        return found

    def breaches(self, guesses: Sequence[Sequence[Guess]], task: Task) -> list[list[Breaches]]:
        """Return for attempts at each test input what all demos have in common and they have not.

        There is nothing to tell of the input that stands in for an attempt.
        """
        asked: dict[tuple[int, int], tuple[int, Grid]] = {}
        for number, attempts in enumerate(guesses):
            for place, guess in enumerate(attempts):
                if guess.md5 and guess.grid is not None and is_arc_grid(guess.grid):
                    asked[number, place] = number, guess.grid
        broken: dict[tuple[int, int], Breaches] = {}
        some = replace(task, demos=task.demos[:DEMOS_SHOWN])
        # A page without them is better than none, where the engine is busy for long.
        with suppress(EngineError):
            if asked:
                with self._turn():
                    [found] = find_breaches([(some, list(asked.values()))], self._engine)
                broken = dict(zip(asked, found, strict=True))
        return [
            [broken.get((number, place), ()) for place in range(len(attempts))]
            for number, attempts in enumerate(guesses)
        ]

    def story(self, finding: Finding) -> TaskStory:
        """Return what a report tells of a task; what can't be read or run is left out."""
        task = self.shelf[finding.task]
        walk, learnt = None, ""
        if finding.md5:
            with suppress(ArcbattError):
                source = self.program(finding.md5, finding.text)
                walk = self.walk(source, task, "demo 1", answers=False)
                learnt = learnt_text(source.program)
        guesses, hides = self.guesses(finding, task), self.shelf.hides(task.id)
        return TaskStory(task, finding, guesses, walk, learnt, hides)

    def save(self, source: SourceProgram, task: Task) -> str:
        """Add a program of the playground to the archive; return a sentence that says so.

        Raises UsageError if the program fails on all demos, or there is no archive to save to;
        ArchiveError if the archive can't be written.
        """
        if self.archive is None:
            raise UsageError(problem="there is no archive to save to: name one for `batt serve`")
        with self._turn():
            trial = try_program(source, task, self._engine, PAGE_BUDGET)
        demos = trial.samples[: len(task.demos)]
        if all(sample.failure is not None for sample in demos):
            raise UsageError(problem="the program fails on all demos, so it was not saved")
        entry = NewEntry(
            task=task.key,
            program=source.program,
            score=trial.score,
            fuel=sum(sample.fuel for sample in trial.samples),
            nanoseconds=0,
            source=PLAYGROUND,
        )
        with Archive.open(self.archive) as archive:
            [status] = archive.add_many([entry])
        words = {
            AddStatus.NEW: f"saved for {task.id}",
            AddStatus.IMPROVED: f"saved for {task.id}, with better figures than before",
            AddStatus.REFUSED: "not saved: the archive has it already, or all that it keeps for"
            " this task are better",
        }
        right = f"{trial.score.demos_right} of {len(trial.score.demos)} demos right"
        return f"{words[status]}; {right}"


def _signature(path: Path) -> tuple[tuple[int, int], ...]:
    """Return times and sizes of the files of a place, which change when something is written."""
    file = archive_file(path) if is_archive(path) else path
    found = []
    for each in (file, file.with_name(f"{file.name}-wal")):
        with suppress(OSError):
            state = each.stat()
            found.append((state.st_mtime_ns, state.st_size))
    return tuple(found)
