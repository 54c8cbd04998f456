"""What functions are learnt from, what came of it, and the text in which they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from arcbatt.archive import Archive
from arcbatt.errors import ArchiveError
from arcbatt.learning.learn import Bits, Example, Learner
from arcbatt.library import FOUND, load_library
from arcbatt.program.definitions import Definition
from arcbatt.program.parse import SourceProgram
from arcbatt.search.table import load_table

FOUND_WEIGHT = 6.0
"""What search found counts so much more than what people wrote: its programs are shorter, and what
they share is what search can use."""
HOLD_OUT_STRIDE = 2
"""Every so manieth task is learnt from if some are held out."""
HEADER = '''"""Functions that programs of several tasks share, learnt by `batt learn`.

Search and mutation may use each as a single move; programs are written without them.
"""
'''


@dataclass(frozen=True)
class Lesson:
    """What was learnt.

    Attributes:
        functions: the best first.
        learnt: bits of the programs that they were learnt from.
        held: bits of the programs of the tasks that were held out; None if none were.
        held_tasks: ids of these tasks.
        damaged: programs of the archive that could not be read.
    """

    functions: tuple[Definition, ...]
    learnt: Bits
    held: Bits | None
    held_tasks: tuple[str, ...]
    damaged: tuple[ArchiveError, ...]

    @property
    def text(self) -> str:
        """The functions as DSL text."""
        return "\n\n".join((HEADER, *(function.render() for function in self.functions)))


def learn(*, library: bool = True, archive: Path | None = None, hold_out: bool = False) -> Lesson:
    """Learn functions from the library, and from an archive if one is named.

    Args:
        library: whether the shipped programs are learnt from.
        archive: its best program of each task that is right on all demos is learnt from too.
        hold_out: whether only every second task is learnt from; the others measure.

    Raises ArchiveError if the archive can't be opened.
    """
    examples: list[Example] = []
    if library:
        examples += _examples(load_library(), 1.0)
        examples += _examples(load_library(FOUND), FOUND_WEIGHT)
    damaged: list[ArchiveError] = []
    if archive is not None:
        examples += _kept_examples(archive, damaged)
    tasks = sorted({example.task for example in examples})
    taught = set(tasks[::HOLD_OUT_STRIDE] if hold_out else tasks)
    given = [example for example in examples if example.task in taught]
    held = [example for example in examples if example.task not in taught]
    learner = Learner(load_table())
    functions = learner.learn(given)
    return Lesson(
        functions,
        learner.measure(given, functions),
        learner.measure(held, functions) if hold_out else None,
        tuple(task for task in tasks if task not in taught),
        tuple(damaged),
    )


def _examples(sources: Iterable[SourceProgram], weight: float) -> list[Example]:
    return [Example(source.task or source.name, source.program, weight) for source in sources]


def _kept_examples(path: Path, damaged: list[ArchiveError]) -> Sequence[Example]:
    """Read the best program of each task of an archive, if it is right on all demos."""
    examples = []
    with Archive.open(path, create=False) as archive:
        for task in archive.tasks():
            kept = archive.programs(task, limit=1)
            damaged.extend(kept.errors)
            examples += [
                Example(task, each.program) for each in kept.programs if each.entry.score.is_exact
            ]
    return examples
