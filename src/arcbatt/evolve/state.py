"""The saved state of a run: all that the next round depends on, in one file.

The file lies beside the archive's file as ``<file>.evolve-<fingerprint>.json``. It is replaced as a
whole after each round, so that a run can be killed at any moment and continued from its last round.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from arcbatt.archive.schema import archive_file
from arcbatt.engine.breeder import Bred, Tally
from arcbatt.errors import ArchiveError
from arcbatt.evolve.loop import Progress, TaskState
from arcbatt.evolve.population import HallOfFame
from arcbatt.evolve.submissions import BestFound, Submitted
from arcbatt.files import lock_file, unlock_file, write_atomically

FORMAT, VERSION = "arcbatt.evolve", 4
"""The name of the form of a saved state."""


@dataclass
class RunState:
    """The state of a run after a round.

    Attributes:
        fingerprint: digest of all settings that change the results of a run.
        progress: the state of the loop.
        submitted: the submissions for each task, by id.
        passed: number of programs that passed validation.
    """

    fingerprint: str
    progress: Progress = field(default_factory=Progress)
    submitted: dict[str, Submitted] = field(default_factory=dict)
    passed: int = 0

    @property
    def round(self) -> int:
        """The number of rounds that are done."""
        return self.progress.round

    @property
    def solved(self) -> int:
        """The number of solved tasks."""
        return sum(each.is_solved for each in self.submitted.values())

    @property
    def counts(self) -> dict[str, int]:
        """The counts over all rounds and tasks, by name."""
        counts: dict[str, int] = {}
        for task in self.progress.tasks.values():
            for name, number in task.counts.items():
                counts[name] = counts.get(name, 0) + number
        return counts


def state_path(archive: Path, fingerprint: str) -> Path:
    """Return the path of a run's state.

    Args:
        archive: path of the archive, see `archive_file`.
        fingerprint: the run's fingerprint.
    """
    file = archive_file(archive)
    return file.with_name(f"{file.name}.evolve-{fingerprint[:16]}.json")


@contextmanager
def hold_run(archive: Path, fingerprint: str) -> Iterator[None]:
    """Lock a run for a block, since two processes would overwrite each other's state.

    The system releases the lock when the process dies.

    Raises ArchiveError if another process holds the lock, or if the file can't be locked.
    """
    path = state_path(archive, fingerprint).with_suffix(".lock")
    try:
        descriptor = lock_file(path)
    except BlockingIOError as error:
        raise ArchiveError(
            path=archive,
            problem="another process is at this run of evolution: wait for its end, or choose"
            " another archive, other tasks or another seed",
        ) from error
    except OSError as error:
        raise ArchiveError(
            path=archive, problem=f"{path.name}: {error.strerror or error}"
        ) from error
    try:
        yield
    finally:
        unlock_file(descriptor)


def save_state(state: RunState, archive: Path) -> None:
    """Write the state, completely or not at all.

    Raises ArchiveError if it can't be written; the state of the round before is still there.
    """
    document = {"format": FORMAT, "version": VERSION, **asdict(state)}
    for task in document["progress"]["tasks"].values():
        task["hall"] = list(task["hall"]["members"].values())
    try:
        write_atomically(state_path(archive, state.fingerprint), json.dumps(document) + "\n")
    except OSError as error:
        raise ArchiveError(
            path=archive,
            problem=f"the state after round {state.round} can't be written:"
            f" {error.strerror or error}; the same command goes on from the round before",
        ) from error


def load_state(archive: Path, fingerprint: str) -> RunState | None:
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


def _read(document: Mapping[str, Any], fingerprint: str) -> RunState:
    if document["fingerprint"] != fingerprint:
        raise ValueError("it belongs to another run")
    progress = document["progress"]
    return RunState(
        fingerprint=fingerprint,
        progress=Progress(
            tasks={str(task): _read_task(known) for task, known in progress["tasks"].items()},
            round=int(progress["round"]),
            tallies={
                scope: {name: Tally(**tally) for name, tally in tallies.items()}
                for scope, tallies in progress["tallies"].items()
            },
        ),
        submitted={
            str(task): _read_submitted(known) for task, known in document["submitted"].items()
        },
        passed=int(document["passed"]),
    )


def _read_task(known: Mapping[str, Any]) -> TaskState:
    members = [_read_bred(each) for each in known["hall"]]
    return TaskState(
        islands=[_texts(island) for island in known["islands"]],
        hall=HallOfFame({each.behaviour: each for each in members}),
        counts={name: int(number) for name, number in known["counts"].items()},
        problem=str(known["problem"]),
        sure_in=int(known["sure_in"]),
    )


def _read_bred(known: Mapping[str, Any]) -> Bred:
    scores, origins = tuple(known["scores"]), tuple(known["origins"])
    return Bred(**{**known, "scores": scores, "origins": origins})


def _read_submitted(known: Mapping[str, Any]) -> Submitted:
    best = known["best"]
    return Submitted(
        bodies=_texts(known["bodies"]),
        families={name: int(number) for name, number in known["families"].items()},
        best=BestFound(**{**best, "demos": tuple(best["demos"])}) if best else None,
        behaviours={md5: int(behaviour) for md5, behaviour in known["behaviours"].items()},
        waiting={compact: str(md5) for compact, md5 in known["waiting"].items()},
    )


def _texts(items: Iterable[object]) -> list[str]:
    texts = list(items)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("expected texts")
    return [str(text) for text in texts]
