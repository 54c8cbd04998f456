"""docs/json.md names the keys that commands print, no more and no fewer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from arcbatt.cli import main

pytestmark = pytest.mark.native

DOCUMENT = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
TASK = {
    "train": [{"input": [[1, 2]], "output": [[2, 1]]}, {"input": [[3, 4]], "output": [[4, 3]]}],
    "test": [{"input": [[5, 6]], "output": [[6, 5]]}],
}
TASKS = ["--dataset", "tasks"]
COMMANDS = {
    "batt solve": ["solve", *TASKS, "--sources", "none", "--library", "p.py", "--timing"],
    "batt evolve": [
        "evolve", *TASKS, "--library", "p.py", "--rounds", "1", "--mutants", "20",
        "--population", "4", "--archive", "bred",
    ],
    "batt merge": ["merge", "-o", "x.batt", "--sources", "none", "--library", "p.py"],
    "batt grade": ["grade", "submission.json", *TASKS],
    "batt combine": [
        "combine", "submission.json", "other.json", "-o", "both.json", "--grade", *TASKS,
    ],
    "batt eval": ["eval", *TASKS, "--sources", "library", "--jobs", "1"],
    "batt sources": ["sources"],
    "batt show": ["show", "0000aaaa", *TASKS],
    "batt dsl": ["dsl", "identity"],
    "batt import": ["import", "p.py", *TASKS],
    "batt verify": ["verify", *TASKS, "--programs", "1", "--threads", "1"],
    "batt profile": ["profile", *TASKS, "--sources", "none", "--library", "p.py"],
    "batt report": ["report", "archive", "-o", "report.html", *TASKS],
    "batt archive list": ["archive", "list"],
    "batt archive show": ["archive", "show", "0000aaaa"],
    "batt archive export": ["archive", "export", "-o", "out.py"],
    "batt archive tree": ["archive", "tree", "tree"],
    "batt archive merge": ["archive", "merge", "archive", "bred", "-o", "merged"],
    "batt archive check": ["archive", "check"],
}  # fmt: skip


def documented(section: str) -> list[set[str]]:
    """Return the keys of each table of a section."""
    [text] = re.findall(rf"^## {section}$(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    tables = text.split("| key | holds |")[1:]
    return [set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) for table in tables]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what each command printed, one after the other in one folder."""
    folder = tmp_path_factory.mktemp("json")
    (folder / "tasks").mkdir()
    (folder / "tasks" / "0000aaaa.json").write_text(json.dumps(TASK))
    other = {"0000aaaa": [{"attempt_1": [[6, 5]], "attempt_2": [[0]]}]}
    (folder / "other.json").write_text(json.dumps(other))
    (folder / "p.py").write_text("def solve_0000aaaa(I):\n    return vmirror(I)\n")
    documents = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, words in COMMANDS.items():
            documents[name] = json.loads(output([*words, "--json"]))
        shown = ["show", "p.py", "--on", "0000aaaa", "--types", *TASKS, "--json"]
        documents["programs"] = json.loads(output(shown))
        walked = ["show", "p.py", "--on", "0000aaaa", "--steps", "1", *TASKS, "--json"]
        documents["walks"] = json.loads(output(walked))
    return documents


def output(words: list[str]) -> str:
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as file:
        assert main(words) == 0
    return file.getvalue()


def test_keys_are_documented(printed: dict[str, Any]) -> None:
    faults = {}
    for name in COMMANDS:
        document = printed[name]
        keys = set(document[0] if isinstance(document, list) else document)
        tables = documented(name)
        if name == "batt archive list":
            tables.append(set().union(*documented("batt archive show")))
        if name == "batt show":
            task, programs, walks = tables
            assert set(printed["programs"]) == programs
            assert set(printed["walks"]) == walks
            tables = [task]
        faults[name] = keys ^ set().union(*tables)
    assert {name: keys for name, keys in faults.items() if keys} == {}


def test_keys_inside_are_documented(printed: dict[str, Any]) -> None:
    solved = printed["batt solve"]
    inside = [
        solved["totals"],
        solved["results"][0],
        solved["results"][0]["counts"],
        solved["results"][0]["best"],
        solved["total"],
        *solved["timings"].values(),
        printed["batt grade"]["by_task"]["0000aaaa"],
        printed["batt combine"]["parts"][0],
        printed["batt combine"]["grade"],
        printed["batt eval"]["totals"],
        printed["batt eval"]["results"][0],
        printed["batt eval"]["results"][0]["tests"][0],
        printed["batt eval"]["totals"]["efforts"]["library"],
        printed["batt dsl"]["parameters"][0],
        printed["batt import"]["programs"][0],
        printed["programs"]["programs"][0],
        printed["programs"]["trials"][0],
        printed["programs"]["trials"][0]["samples"][0],
        printed["walks"]["walks"][0],
        printed["walks"]["walks"][0]["steps"][0],
    ]
    named = set(re.findall(r"`(\w+)`", DOCUMENT))
    assert {key for part in inside for key in part} - named == set()


def test_every_section_is_a_command() -> None:
    assert re.findall(r"^## (batt .*)$", DOCUMENT, re.MULTILINE) == list(COMMANDS)
