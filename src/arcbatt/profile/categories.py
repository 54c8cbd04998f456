"""Categories: to what each part of a run's time belongs. Each moment belongs to exactly one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Category(StrEnum):
    """Where time goes, in the order in which reports list it."""

    DSL = "DSL operations"
    EVALUATION = "batt evaluation"
    SEARCH = "search"
    CANDIDATES = "candidate management"
    ARCHIVE = "archive"
    DIFFERS = "differs"
    BORDER = "border"
    ARRAYS = "array work"
    FRAMEWORK = "framework"
    UNACCOUNTED = "unaccounted"


Place = tuple[Category, str]
"""A category, and the part of it."""

REFEREE = "run_batt.phase3a_referee"
"""The block in which the reference engine runs beside another one, to check it."""

HAND_OUT, OUTPUTS, SUMS, NODES = "hand out and wait", "digests and scores", "sums", "nodes"
"""Parts of an evaluation outside the primitives."""

SAVING = "run_batt.phase3b_file_ops"
"""What passes in a thread beside the other blocks: it has CPU time alone."""

COUNTING = "counting"
"""The part of the framework that counting calls takes; only a profiled run has it."""

_C, _F = Category.CANDIDATES, Category.FRAMEWORK

PLACES: dict[str, Place] = {
    "run_batt.start": (_F, "start"),
    "run_batt.load_tasks": (_F, "load tasks"),
    "run_batt.load_programs": (_F, "load programs"),
    "run_batt.open": (_F, "open"),
    "run_batt.deal": (_F, "deal"),
    "run_batt.submission": (_F, "submission"),
    "run_batt.results": (_F, "results"),
    "run_batt.report": (_F, "report"),
    "run_batt.merge": (_C, "merge"),
    "run_batt.phase1_filter": (_C, "filter"),
    "run_batt.phase2_inline_batch": (_C, "inline"),
    "run_batt.phase3a_validate_batch": (_C, "validate"),
    "run_batt.phase3a_alone": (_C, "validate"),
    "run_batt.phase3a_copying": (_C, "validate"),
    REFEREE: (_C, "referee"),
    "run_batt.attempts": (_C, "attempts"),
    SAVING: (Category.ARCHIVE, "save"),
    "run_batt.phase3b_wait": (Category.ARCHIVE, "wait"),
    "run_batt.record": (Category.ARCHIVE, "record"),
    "run_batt.fitting": (Category.EVALUATION, "jobs"),
    "run_batt.search": (Category.SEARCH, "search"),
    "run_batt.evolve": (Category.SEARCH, "evolve"),
    "run_batt.check_batt": (Category.EVALUATION, "jobs"),
    "run_batt.phase4_demo_parallel": (Category.EVALUATION, "jobs"),
    "run_batt.phase4_test_parallel": (Category.EVALUATION, "jobs"),
    "run_batt.phase4_differs": (Category.DIFFERS, "scores"),
    "run_batt.phase4_differs_build": (Category.DIFFERS, "build"),
    "run_batt.phase4_differs_process": (Category.DIFFERS, "process"),
    "run_batt.batch_arrays": (Category.ARRAYS, "scores"),
}
"""To what the Python code of a block belongs, by the name that it is timed under."""


def place_of(blocks: Sequence[str]) -> Place:
    """Return the place of Python code that runs in nested blocks, the outermost one first.

    The innermost block with a place of its own decides. A block without one is a part of the
    framework under its own name, so that nothing is lost.

    >>> place_of(["run_batt.phase3a_validate_batch", "run_batt.phase3a_referee"])[1]
    'referee'
    >>> place_of([])[0].value, place_of(["run_batt.news"])
    ('unaccounted', (<Category.FRAMEWORK: 'framework'>, 'news'))
    """
    for block in reversed(blocks):
        if block in PLACES:
            return PLACES[block]
    if blocks:
        return Category.FRAMEWORK, blocks[-1].rpartition(".")[2]
    return Category.UNACCOUNTED, "between blocks"
