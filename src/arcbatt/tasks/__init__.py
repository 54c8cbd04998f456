"""Tasks: the records, loading them, and choosing some of them."""

from __future__ import annotations

from arcbatt.tasks.load import DATASETS, SPLITS, grid_from_json, load_dataset
from arcbatt.tasks.model import (
    CONTENT_SHOWN,
    GRID_SIDE_MAX,
    TASK_ID,
    Dataset,
    Sample,
    Task,
    TaskKey,
)
from arcbatt.tasks.select import TaskChoice, choose_tasks, read_ids

__all__ = [
    "CONTENT_SHOWN",
    "DATASETS",
    "GRID_SIDE_MAX",
    "SPLITS",
    "TASK_ID",
    "Dataset",
    "Sample",
    "Task",
    "TaskChoice",
    "TaskKey",
    "choose_tasks",
    "grid_from_json",
    "load_dataset",
    "read_ids",
]
