"""Choose tasks of a dataset by their ids and by their positions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from arcbatt.errors import UsageError
from arcbatt.tasks.load import DATASETS, load_dataset
from arcbatt.tasks.model import Dataset


@dataclass(frozen=True, kw_only=True)
class TaskChoice:
    """The choice of the tasks that a command works on.

    Attributes:
        dataset: the name or path of a dataset, see `load_dataset`.
        split: the split of the dataset; None for its default.
        ids: the ids of the tasks; none for all.
        start: the number of tasks to skip, in ascending order of their ids, 0 or more.
        count: the largest number of tasks to take, 1 or more; None for all that are left.
    """

    dataset: str = DATASETS[0]
    split: str | None = None
    ids: tuple[str, ...] = ()
    start: int = 0
    count: int | None = None

    def load(self) -> Dataset:
        """Load the tasks.

        Raises UsageError, TaskError or TaskNotFoundError, see `load_dataset` and `choose_tasks`.
        """
        dataset = load_dataset(self.dataset, split=self.split)
        return choose_tasks(dataset, ids=self.ids, start=self.start, count=self.count)


def read_ids(words: Iterable[str]) -> Iterator[str]:
    """Yield the ids of tasks in some words: ids with commas between, or a file with ids.

    Raises UsageError if a file can't be read as text.
    """
    for word in words:
        text = word
        if Path(word).is_file():
            try:
                text = Path(word).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError(
                    problem=f"{word}: expected a text file with ids: {error}"
                ) from error
        yield from text.replace(",", " ").split()


def choose_tasks(
    dataset: Dataset, *, ids: Sequence[str] = (), start: int = 0, count: int | None = None
) -> Dataset:
    """Choose tasks of a dataset by their ids, and by their positions in ascending order of ids.

    Raises:
        TaskNotFoundError: if an id is unknown.
        UsageError: if no task is left.
    """
    chosen = [dataset[task].id for task in ids] if ids else dataset.ids
    ordered = sorted(set(chosen))
    if start >= len(ordered):
        raise UsageError(
            problem=f"start {start} is beyond the last of {len(ordered)} tasks, number"
            f" {len(ordered) - 1}"
        )
    stop = None if count is None else start + count
    tasks = (dataset[task] for task in ordered[start:stop])
    return Dataset(dataset.name, tasks, split=dataset.split)
