"""What a check of an archive says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ProblemKind(StrEnum):
    """What may be wrong in an archive."""

    INDEX_MISSING = "the index is missing"
    INDEX_DAMAGED = "the index is damaged"
    ROW_DAMAGED = "a row of the index is damaged"
    ROW_LOOSE = "a row of the index belongs to nothing"
    TEXT_DAMAGED = "the index has not the text of the program"
    PROGRAM_LOST = "neither the index nor the file has the program"
    PROGRAM_UNREADABLE = "this version can't read the program"
    PROGRAM_UNUSED = "no task has the program"
    SHELF_OVERFULL = "a task has too many programs"
    FILE_MISSING = "the program's file is missing"
    FILE_DAMAGED = "the file does not hold the program of its name"
    FILE_OUTDATED = "the head of the file is not up to date"
    FILE_UNKNOWN = "the index does not know the file"
    FILE_TEMPORARY = "a temporary file was left"
    LINK_MISSING = "a link is missing"
    LINK_WRONG = "a link leads elsewhere, or is none"
    LINK_UNKNOWN = "a link to nothing that is kept"
    FOLDER_EMPTY = "a folder is empty"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: what.
        place: path inside the archive.
        mending: what a repair does about it; empty if it can do nothing.
        mended: whether it was done.
    """

    kind: ProblemKind
    place: str
    mending: str
    mended: bool = False

    def __str__(self) -> str:
        text = f"{self.place}: {self.kind}"
        if self.mending:
            text += f"; {'mended' if self.mended else 'mending'}: {self.mending}"
        return text


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    Attributes:
        path: of the archive.
        problems: in the order of their paths; repair or not, they are the same.
        programs: how many the archive has, once it is mended.
        entries: pairs of a task and a program, once it is mended.
        foreign: paths inside the archive that belong to something else; they are left alone.
    """

    path: Path
    problems: tuple[Problem, ...]
    programs: int
    entries: int
    foreign: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing was wrong."""
        return not self.problems

    @property
    def unmended(self) -> tuple[Problem, ...]:
        """What is still wrong."""
        return tuple(problem for problem in self.problems if not problem.mended)

    @property
    def counts(self) -> dict[ProblemKind, int]:
        """How many problems there are of each kind."""
        return dict(Counter(problem.kind for problem in self.problems))
