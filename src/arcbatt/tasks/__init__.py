"""Tasks: the records, loading them, and choosing some of them."""

from __future__ import annotations

from arcbatt.tasks.load import (
    DATASETS,
    SPLITS,
    TaskChoice,
    load_dataset,
    names_of,
    read_ids,
)
from arcbatt.tasks.model import (
    CONTENT_SHOWN,
    GRID_SIDE_MAX,
    TASK_ID,
    Dataset,
    Sample,
    SkippedTask,
    Task,
    TaskKey,
    grid_from_json,
)

__all__ = [
    "CONTENT_SHOWN",
    "DATASETS",
    "GRID_SIDE_MAX",
    "SPLITS",
    "TASK_ID",
    "Dataset",
    "Sample",
    "SkippedTask",
    "Task",
    "TaskChoice",
    "TaskKey",
    "grid_from_json",
    "load_dataset",
    "names_of",
    "read_ids",
]
