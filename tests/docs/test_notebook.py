"""The notebook runs on a folder as Kaggle lays it out, and answers every task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from arcbatt.pipeline.answers import read_submission
from arcbatt.pipeline.submission import grade
from arcbatt.tasks import load_dataset

pytestmark = pytest.mark.native

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "arc_prize.ipynb"
MIRRORED = [([[1, 2, 3]], [[3, 2, 1]]), ([[4, 0], [5, 6]], [[0, 4], [6, 5]])]


def challenges() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a task that mirrors and one that nothing solves, and their outputs."""
    demos = [{"input": given, "output": wanted} for given, wanted in MIRRORED]
    odd = [{"input": given, "output": [[7] * 11, [8] * 11]} for given, _ in MIRRORED]
    odd[0]["output"] = [[3, 1, 4, 1, 5], [9, 2, 6, 5, 3]]
    tasks = {
        "0000aaaa": {"train": demos, "test": [{"input": [[7, 8, 9]]}, {"input": [[5, 6]]}]},
        "0000bbbb": {"train": odd, "test": [{"input": [[2, 2]]}]},
    }
    return tasks, {"0000aaaa": [[[9, 8, 7]], [[6, 5]]], "0000bbbb": [[[1]]]}


@pytest.fixture
def kaggle(tmp_path: Path) -> Path:
    """Return a folder with the competition's files in its folder ``input``."""
    folder = tmp_path / "input" / "arc-prize-2025"
    folder.mkdir(parents=True)
    tasks, solutions = challenges()
    (folder / "arc-agi_test_challenges.json").write_text(json.dumps(tasks))
    (folder / "arc-agi_training_challenges.json").write_text(json.dumps(tasks))
    (folder / "arc-agi_training_solutions.json").write_text(json.dumps(solutions))
    (folder / "sample_submission.json").write_text("{}")
    return tmp_path


def read() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def outputs(notebook: Any) -> str:
    """Return all that the cells printed, and the kinds of what they displayed."""
    parts = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "\n".join(part.get("text", "") or " ".join(part.get("data", ())) for part in parts)


# Starting a kernel leaves warnings of its own.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_it_writes_a_submission_and_shows_what_it_found(
    kaggle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOTAL_TIME", "12s")
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(kaggle / ".ipython"))
    notebook = read()
    client = NotebookClient(
        notebook, timeout=100, kernel_name="python3", resources={"metadata": {"path": str(kaggle)}}
    )
    client.execute()
    training = load_dataset(kaggle / "input" / "arc-prize-2025", split="training")
    graded = grade(read_submission(kaggle / "submission.json"), list(training))
    assert graded.is_accepted
    assert [task.solved for task in graded.tasks] == [True, False]
    printed = outputs(notebook)
    assert "2 tasks, " in printed
    assert "vmirror(I)" in printed
    assert "image/svg+xml" in printed


def test_it_is_stored_without_outputs() -> None:
    notebook = read()
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert [cell for cell in code if cell.outputs or cell.execution_count] == []
