"""The saved state of a run: all that the next round depends on, in one file.

The file lies beside the archive's file as ``<file>.evolve-<fingerprint>.json``. It is replaced as a
whole after each round, so that a run can be killed at any moment and continued from its last round.
It begins with a digest of the rest: a file that anything else has changed is not even decoded.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from arcbatt.archive.records import shown
from arcbatt.archive.schema import archive_file
from arcbatt.engine.breeder import Bred, Tally
from arcbatt.engine.outcome import EXACT
from arcbatt.errors import ArchiveError
from arcbatt.evolve.loop import Progress, TaskState
from arcbatt.evolve.population import HallOfFame
from arcbatt.evolve.submissions import BestFound, Submitted
from arcbatt.files import lock_file, read_bounded, require_regular, unlock_file, write_atomically

FORMAT, VERSION = "arcbatt.evolve", 5
"""The name of the form of a saved state."""
BYTES_MAX = 256 * 2**20
"""Largest size of a state's file, in bytes; a task has about 100,000."""
NUMBER_MAX = 2**64 - 1
ROUNDS_MAX = 10**6
_BEGINNING = re.compile(
    r'\{"format": "([^"]{1,99})", "version": (\d{1,9}), "digest": "([0-9a-f]{32})", "state": '
)
_END = "}\n"


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
    document = asdict(state)
    for task in document["progress"]["tasks"].values():
        task["hall"] = list(task["hall"]["members"].values())
    text = _sign(json.dumps(document))
    try:
        if len(text) > BYTES_MAX:
            raise OSError(
                errno.EFBIG, f"has more than {BYTES_MAX} bytes; evolve fewer tasks at once"
            )
        write_atomically(state_path(archive, state.fingerprint), text)
    except OSError as error:
        raise ArchiveError(
            path=archive,
            problem=f"the state after round {state.round} can't be written:"
            f" {error.strerror or error}; the same command goes on from the round before",
        ) from error


def _sign(text: str) -> str:
    """Return the content of a state's file for its JSON text."""
    return (
        f'{{"format": "{FORMAT}", "version": {VERSION}, "digest": "{_digest(text)}",'
        f' "state": {text}{_END}'
    )


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def load_state(archive: Path, fingerprint: str) -> RunState | None:
    """Return the state of a run, or None if there is none.

    Raises ArchiveError if the file is there but can't be read as one.
    """
    path = state_path(archive, fingerprint)
    try:
        require_regular(path)
        text = read_bounded(path, bytes_max=BYTES_MAX).decode()
        return _read(json.loads(_checked(text)), fingerprint)
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = error.strerror or str(error)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        problem = f"is damaged ({shown(str(error))}); remove it to begin anew"
    raise ArchiveError(path=archive, problem=f"{path.name}: {problem}")


def _checked(text: str) -> str:
    """Return the JSON text in a state's file; raises ValueError if it is not as it was written."""
    found = _BEGINNING.match(text)
    if found is None:
        raise ValueError("it does not begin as a state")
    name, version, digest = found.groups()
    if (name, version) != (FORMAT, str(VERSION)):
        raise ValueError(f"format {name!r}, version {version}, expected {VERSION}")
    state = text[found.end() : -len(_END)]
    if not text.endswith(_END) or _digest(state) != digest:
        raise ValueError("it was cut off, or changed by something else than arcbatt")
    return state


def _read(document: Mapping[str, Any], fingerprint: str) -> RunState:
    if document["fingerprint"] != fingerprint:
        raise ValueError("it belongs to another run")
    progress = document["progress"]
    state = RunState(
        fingerprint=fingerprint,
        progress=Progress(
            tasks={task: _read_task(known) for task, known in progress["tasks"].items()},
            round=_number(progress["round"], ROUNDS_MAX),
            tallies={
                scope: {name: Tally(**_numbers(tally)) for name, tally in tallies.items()}
                for scope, tallies in progress["tallies"].items()
            },
        ),
        submitted={task: _read_submitted(known) for task, known in document["submitted"].items()},
        passed=_number(document["passed"]),
    )
    if state.progress.tasks.keys() != state.submitted.keys():
        raise ValueError("its tasks differ")
    return state


def _read_task(known: Mapping[str, Any]) -> TaskState:
    members = [_read_bred(each) for each in known["hall"]]
    state = TaskState(
        islands=[_texts(island) for island in known["islands"]],
        hall=HallOfFame({each.behaviour: each for each in members}),
        counts=_numbers(known["counts"]),
        problem=_text(known["problem"]),
        sure_in=_number(known["sure_in"], ROUNDS_MAX),
    )
    if not state.islands and not state.problem:
        raise ValueError("a task has no islands")
    return state


def _read_bred(known: Mapping[str, Any]) -> Bred:
    if type(known["is_new"]) is not bool or not known["bodies"]:
        raise ValueError("expected a truth value and one body or more")
    numbers = {name: _number(known[name]) for name in ("size", "fuel", "behaviour", "bodies")}
    return Bred(
        line=_text(known["line"]),
        scores=_scores(known["scores"]),
        origins=tuple(map(_number, known["origins"])),
        is_new=known["is_new"],
        **numbers,
    )


def _read_submitted(known: Mapping[str, Any]) -> Submitted:
    best = known["best"]
    return Submitted(
        bodies=_texts(known["bodies"]),
        families=_numbers(known["families"]),
        best=None if best is None else _read_best(best),
        behaviours=_numbers(known["behaviours"]),
        waiting={compact: _text(md5) for compact, md5 in known["waiting"].items()},
    )


def _read_best(known: Mapping[str, Any]) -> BestFound:
    return BestFound(
        md5=_text(known["md5"]),
        first_line=_text(known["first_line"]),
        demos=_scores(known["demos"]),
        **{name: _number(known[name]) for name in ("demos_right", "size", "fuel", "round")},
    )


def _scores(items: Iterable[Any]) -> tuple[int, ...]:
    return tuple(_number(score, EXACT) for score in items)


def _numbers(numbers: Mapping[str, Any]) -> dict[str, int]:
    return {name: _number(number) for name, number in numbers.items()}


def _number(number: Any, largest: int = NUMBER_MAX) -> int:
    if type(number) is not int or not 0 <= number <= largest:
        raise ValueError(f"expected an integer in 0..{largest}, got {number!r}")
    return number


def _texts(items: Iterable[Any]) -> list[str]:
    return list(map(_text, items))


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise ValueError(f"expected a text, got {text!r}")
    return text
