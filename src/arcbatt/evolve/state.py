"""The state of a run after a round: all that the next round depends on, in one file.

It lies in the archive's folder as ``.evolve-<fingerprint>.json`` and is replaced whole after each
round, so that a run which was killed goes on as if nothing had happened.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from arcbatt.engine.breeder import Tally
from arcbatt.errors import ArchiveError
from arcbatt.evolve.ballot import Ballot
from arcbatt.evolve.differs import KnownDiffer
from arcbatt.files import lock_file, unlock_file, write_atomically

FORMAT = "arcbatt.evolve"
VERSION = 2

POLISH = 2
"""Rounds that a task is evolved on after the one in which it was surely solved."""
SURE_NODES = 16
"""A larger program that is right on all demos is often wrong on the tests: more are looked for."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best program of a task that passed validation.

    Attributes:
        md5: of its text.
        first_line: of its text, after the ``def``.
        demos: its scores, 0..1000 each.
        demos_right: how many are exactly right.
        size: in nodes.
        fuel: on all samples.
        round: in which it was found.
    """

    md5: str
    first_line: str
    demos: tuple[int, ...]
    demos_right: int
    size: int
    fuel: int
    round: int

    @property
    def total(self) -> int:
        """The o_score."""
        return sum(self.demos)

    @property
    def is_exact(self) -> bool:
        """Whether all demos are right."""
        return self.demos_right == len(self.demos)


@dataclass
class TaskState:
    """What a run knows of a task.

    Attributes:
        islands: lines of the programs of each island, the best first.
        offered: body hashes of programs that went to validation.
        families: how many programs of each family the archive was told.
        best: the best program that passed validation.
        problem: why nothing can be done for the task, or empty.
        solved_in: the round in which a solver was found that is simple enough to be believed; 0
            while there is none.
        ballot: what the solvers count for their outputs.
    """

    islands: list[list[str]] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    families: dict[str, int] = field(default_factory=dict)
    best: Best | None = None
    problem: str = ""
    solved_in: int = 0
    ballot: Ballot = field(default_factory=Ballot)

    @property
    def is_solved(self) -> bool:
        """Whether a program that passed validation is right on all demos."""
        return self.best is not None and self.best.is_exact

    @property
    def is_surely_solved(self) -> bool:
        """Whether such a program is simple enough to be believed."""
        return self.best is not None and self.best.is_exact and self.best.size <= SURE_NODES


@dataclass
class State:
    """What a run knows after a round.

    Attributes:
        fingerprint: of all that changes what a run finds.
        tasks: by id, ascending.
        round: rounds that are done.
        tallies: of the moves, earlier rounds counting less.
        counts: sums over all rounds.
        told: programs that passed validation, of which the archive was told.
        differs: shipped and evolved, those that guide best first; empty if none are bred.
    """

    fingerprint: str
    tasks: dict[str, TaskState] = field(default_factory=dict)
    round: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    told: int = 0
    differs: list[KnownDiffer] = field(default_factory=list)

    def open_tasks(self, *, keep_solved: bool) -> list[str]:
        """Return the ids of the tasks that are evolved on.

        A solved one stays until a simple solver is found, and for some rounds more, since a
        simpler one is more often right.
        """
        return [
            task
            for task, known in self.tasks.items()
            if not known.problem
            and (keep_solved or not known.solved_in or self.round < known.solved_in + POLISH)
        ]

    @property
    def solved(self) -> int:
        """How many tasks are solved."""
        return sum(known.is_solved for known in self.tasks.values())

    def count(self, counts: Mapping[str, int]) -> None:
        """Add up counts."""
        for name, number in counts.items():
            self.counts[name] = self.counts.get(name, 0) + number


def state_path(archive: Path, fingerprint: str) -> Path:
    """Return where a run's state lies."""
    return archive / f".evolve-{fingerprint[:16]}.json"


@contextmanager
def hold_run(archive: Path, fingerprint: str) -> Iterator[None]:
    """Hold a run for a block: two processes at the same rounds would undo each other's state.

    The system takes the lock back when a process dies.

    Raises ArchiveError if another process holds it, or if there can't be a lock.
    """
    path = state_path(archive, fingerprint).with_suffix(".lock")
    try:
        descriptor = lock_file(path)
    except BlockingIOError as error:
        raise ArchiveError(
            path=archive,
            problem="another process is at this very evolution; wait for it, or name another"
            " archive, other tasks or another seed",
        ) from error
    except OSError as error:
        raise ArchiveError(
            path=archive, problem=f"{path.name}: {error.strerror or error}"
        ) from error
    try:
        yield
    finally:
        unlock_file(descriptor)


def save_state(state: State, archive: Path) -> None:
    """Write the state, whole or not at all.

    Raises ArchiveError if it can't be written; the state of the round before is still there.
    """
    document = {"format": FORMAT, "version": VERSION, **asdict(state)}
    try:
        write_atomically(state_path(archive, state.fingerprint), json.dumps(document) + "\n")
    except OSError as error:
        raise ArchiveError(
            path=archive,
            problem=f"the state after round {state.round} can't be written:"
            f" {error.strerror or error}; the same command goes on from the round before",
        ) from error


def load_state(archive: Path, fingerprint: str) -> State | None:
    """Return the state of a run, or None if there is none.

    Raises ArchiveError if the file is there but can't be read as one.
    """
    path = state_path(archive, fingerprint)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT or document["version"] != VERSION:
            raise ValueError(f"format {document['format']!r}, version {document['version']!r}")
        return _read(document, fingerprint)
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = error.strerror or str(error)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        problem = f"is damaged ({error}); remove it to begin anew"
    raise ArchiveError(path=archive, problem=f"{path.name}: {problem}")


def _read(document: Mapping[str, Any], fingerprint: str) -> State:
    if document["fingerprint"] != fingerprint:
        raise ValueError("it belongs to another run")
    return State(
        fingerprint=fingerprint,
        tasks={str(task): _read_task(known) for task, known in document["tasks"].items()},
        round=int(document["round"]),
        tallies={name: Tally(**tally) for name, tally in document["tallies"].items()},
        counts={name: int(number) for name, number in document["counts"].items()},
        told=int(document["told"]),
        differs=[_read_differ(known) for known in document["differs"]],
    )


def _read_task(known: Mapping[str, Any]) -> TaskState:
    best = known["best"]
    return TaskState(
        islands=[_texts(lines) for lines in known["islands"]],
        offered=_texts(known["offered"]),
        families={name: int(number) for name, number in known["families"].items()},
        best=Best(**{**best, "demos": tuple(best["demos"])}) if best else None,
        problem=str(known["problem"]),
        solved_in=int(known["solved_in"]),
        # Runs that began before there were ballots go on without what they saw until then.
        ballot=Ballot.read(known.get("ballot", {})),
    )


def _read_differ(known: Mapping[str, Any]) -> KnownDiffer:
    guidance = known["guidance"]
    return KnownDiffer(
        name=str(known["name"]),
        line=str(known["line"]),
        shipped=bool(known["shipped"]),
        round=int(known["round"]),
        parents=tuple(_texts(known["parents"])),
        guidance=None if guidance is None else float(guidance),
        told=bool(known["told"]),
    )


def _texts(items: Iterable[object]) -> list[str]:
    texts = list(items)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("expected texts")
    return [str(text) for text in texts]
