"""What tests of evolution share: a small run on the tasks and programs of the place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from arcbatt.commands.evolve import EvolveRequest
from arcbatt.evolve.options import EvolutionOptions
from arcbatt.sources.files import FilesOptions
from arcbatt.tasks import TaskChoice

OPTIONS = EvolutionOptions(mutants=60, rounds=3, population=12)


def small_request(name: str, *, jobs: int = 1, **changes: Any) -> EvolveRequest:
    """Return a request for a few rounds with few mutants, that keeps programs in an archive.

    Args:
        name: path of the archive.
        jobs: number of threads.
        changes: other options.
    """
    return EvolveRequest(
        choice=TaskChoice(dataset="tasks"),
        archive=Path(name),
        sources=("files", "archive"),
        source_options={"files": FilesOptions(library=(Path("programs.py"),))},
        options=replace(OPTIONS, **changes),
        keep_solved=True,
        jobs=jobs,
    )
