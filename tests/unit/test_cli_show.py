"""`batt show` and `batt dsl`: looking at tasks, programs and the language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.commands import Batt

from arcbatt.archive import Archive
from arcbatt.dsl import REGISTRY
from arcbatt.library import load_library
from arcbatt.program.parse import parse_program
from arcbatt.report.programs import primitive_text

TASKS = ("--dataset", "tasks")


def test_a_task_is_drawn(batt: Batt, place: Path) -> None:
    answer = batt("show", "0000aaaa", *TASKS)
    lines = [line.rstrip() for line in answer.out.splitlines()]
    assert lines[:4] == [
        "task 0000aaaa",
        "demo 1: 2x2 -> 2x2   demo 2: 2x3 -> 2x3   demo 3: 3x3 -> 3x3",
        "1 2  -> 2 1          5 6 7  -> 7 6 5      0 2 2  -> 2 2 0",
        "3 4     4 3          8 9 1     1 9 8      3 0 1     1 0 3",
    ]
    assert "test 1: 2x3" in lines
    assert "3 0 1" not in lines


def test_answers_are_shown_on_demand(batt: Batt, place: Path) -> None:
    answer = batt("show", "tasks/0000aaaa.json", "--answers")
    assert "test 1: 2x3 -> 2x3" in answer.out
    document = batt("show", "0000aaaa", *TASKS, "--json").json
    assert document["id"] == "0000aaaa"
    assert document["train"][0] == {"input": [[1, 2], [3, 4]], "output": [[2, 1], [4, 3]]}
    assert document["test"] == [{"input": [[1, 0, 3], [4, 5, 6]]}]
    document = batt("show", "0000aaaa", *TASKS, "--json", "--answers").json
    assert document["test"][0]["output"] == [[3, 0, 1], [6, 5, 4]]


def test_programs_of_a_file_are_written_so_that_they_can_be_read(batt: Batt, place: Path) -> None:
    answer = batt("show", "programs.py", "--form", "inlined")
    assert "def verify_0000bbbb(S, I, C):\n    return hmirror(I)\n" in answer.out
    (place / "shown.py").write_text(batt("show", "programs.py").out)
    assert batt("show", "shown.py").out == batt("show", "programs.py").out


def test_a_decision_tree_is_shown_as_nested_ifs(batt: Batt, place: Path) -> None:
    tree = "(0, 0, 0, (1, -128, 2, 4, (0, 1, 5, (0,), 6)), (1, 3, 127, 7, (1,)))"
    planes = "combine(astuple(I, part_sizes(I)), repeat(I, ONE))"
    (place / "tree.py").write_text(f"def solve(S, I, C): return by_tree({planes}, {tree})\n")
    answer = batt("show", "tree.py")
    assert answer.out.endswith(
        """
# by_tree makes each cell
#     if I is 0:
#         if part_sizes(I) <= 2: 4
#         elif 1 <= I <= 5: I
#         else: 6
#     elif part_sizes(I) >= 3: 7
#     else: part_sizes(I)
"""
    )
    (place / "shown.py").write_text(answer.out)
    assert batt("show", "shown.py").out == answer.out


def test_a_program_of_the_archive_is_shown(batt: Batt, place: Path) -> None:
    batt("import", "programs.py", *TASKS)
    with Archive.open("archive") as archive:
        [entry] = archive.entries(*archive.find("0000aaaa"), limit=1)
    answer = batt("show", entry.md5)
    assert parse_program(answer.out).program == parse_program(archive_text(entry.md5)).program
    answer = batt("show", "f" * 32)
    assert answer.err == f"error[archive]: archive archive: keeps no program {'f' * 32}\n"


def test_a_program_of_the_library_is_shown(batt: Batt, place: Path) -> None:
    source = load_library()[0]
    assert parse_program(batt("show", source.name).out).program == source.program


def archive_text(md5: str) -> str:
    with Archive.open("archive") as archive:
        return archive.text(md5)


def test_no_archive_keeps_no_program(batt: Batt, place: Path) -> None:
    answer = batt("show", "f" * 32)
    assert answer.err == "error[archive]: archive archive: there is no archive here\n"


def test_types_stand_behind_the_lines(batt: Batt, place: Path) -> None:
    (place / "typed.py").write_text(
        "def solve(S, I, C):\n    x1 = objects(I, T, F, T)\n    x2 = crop(I, x1, ONE)\n"
        "    return x2\n"
    )
    answer = batt("show", "typed.py", "--types")
    assert answer.out.splitlines() == [
        "def solve(S, I, C):",
        "    x1 = objects(I, T, F, T)  # Objects",
        "    x2 = crop(I, x1, ONE)     # Grid",
        "    return x2",
        "# warning: argument start of crop wants IntegerTuple, got Objects",
    ]
    [program] = batt("show", "typed.py", "--types", "--json").json["programs"]
    assert program["type"] == "Grid"
    assert len(program["warnings"]) == 1


@pytest.mark.parametrize("engine", ["reference", None])
def test_a_program_runs_on_a_task(batt: Batt, place: Path, engine: str | None) -> None:
    words = ["--engine", engine] if engine else []
    (place / "mirror.py").write_text("def mirror(I):\n    return vmirror(I)\n")
    answer = batt("show", "mirror.py", "--on", "0000aaaa", *TASKS, *words)
    lines = [line.rstrip() for line in answer.out.splitlines()]
    assert "mirror on 0000aaaa: 3 of 3 demos right, o_score 3000 of 3000" in lines
    assert any(line.startswith("demo 1: right, ") for line in lines)
    assert any(line.startswith("test 1: ") and "right" not in line for line in lines)
    answer = batt("show", "mirror.py", "--on", "0000aaaa", *TASKS, "--answers", *words)
    assert "test 1: right, " in answer.out


def test_a_wrong_output_stands_beside_the_wanted_one(batt: Batt, place: Path) -> None:
    answer = batt("show", "programs.py", "--on", "0000cccc", *TASKS)
    assert answer.out.count("demo 1: wrong, ") == 3
    assert "output 2x2   wanted 2x2" in answer.out
    trials = batt("show", "programs.py", "--on", "0000cccc", *TASKS, "--json").json["trials"]
    assert [trial["demos_right"] for trial in trials] == [0, 0, 0]
    sample = trials[0]["samples"][0]
    assert (sample["name"], sample["right"]) == ("demo 1", False)
    assert sample["output"] == [[2, 1], [4, 3]]
    assert trials[0]["samples"][3]["right"] is None


def test_failures_and_other_values_are_told(batt: Batt, place: Path) -> None:
    (place / "odd.py").write_text(
        "def fails(I):\n    x1 = palette(I)\n    x2 = remove(ONE, x1)\n    x3 = crop(I, x2, ONE)\n"
        "    return x3\n\n\ndef counts(I):\n    return palette(I)\n"
    )
    answer = batt("show", "odd.py", "--on", "0000aaaa", *TASKS)
    assert "odd.py:4: crop (node 4) failed: argument" in answer.out
    assert "{1, 2, 3, 4}" in answer.out
    trials = batt("show", "odd.py", "--on", "0000aaaa", *TASKS, "--json").json["trials"]
    failure = trials[0]["samples"][0]["failure"]
    assert (failure["kind"], failure["primitive"], failure["line"]) == ("argument", "crop", 4)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["nobody"], "nothing is called 'nobody': no file, no program of the library, and no"),
        (["0000aaaa", "--on", "0000bbbb"], "0000aaaa is a task: only programs run --on a task"),
        (["programs.py", "--form", "poem"], "no form is called 'poem': expected assignments or"),
        (["programs.py", "--types", "--form", "inlined"], "types stand behind assignments"),
    ],
)
def test_what_can_not_be_shown_is_told(
    batt: Batt, place: Path, words: list[str], error: str
) -> None:
    answer = batt("show", *words, *TASKS)
    assert answer.code == 2
    assert answer.err.startswith(f"error[usage]: {error}")


def test_a_name_of_a_run_leads_to_the_archive(batt: Batt, place: Path) -> None:
    hint = "`batt archive show TASK` lists the md5s of the programs of a run"
    assert hint in batt("show", "learner_10", *TASKS).err
    assert hint not in batt("show", "nobody", *TASKS).err


def test_a_file_without_a_readable_program_is_an_error(batt: Batt, place: Path) -> None:
    (place / "odd.py").write_text("def broken(I):\n    return I[0]\n")
    answer = batt("show", "odd.py")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error[parse]: odd.py:2: indexing is not part of the language")
    assert answer.err.endswith("so that no program is left\n")


def test_a_file_with_many_tasks_is_a_dataset(batt: Batt, place: Path) -> None:
    tasks = {path.stem: json.loads(path.read_text()) for path in (place / "tasks").iterdir()}
    (place / "all.json").write_text(json.dumps(tasks))
    answer = batt("show", "all.json")
    assert answer.err.startswith("error[usage]: all.json has 3 tasks: name one of them, with")
    assert batt("show", "0000aaaa", "--dataset", "all.json").code == 0


def test_the_language_is_listed(batt: Batt) -> None:
    document = batt("dsl", "--json").json
    assert sorted(entry["name"] for entry in document) == sorted(REGISTRY)
    assert len(document) == len(REGISTRY)
    families = [entry["family"] for entry in document]
    assert list(dict.fromkeys(families)) == list(REGISTRY.families)
    table = batt("dsl").out
    assert "hmirror(piece: Piece) -> Piece" in table


def test_the_language_is_searched(batt: Batt) -> None:
    found = batt("dsl", "--search", "MIRROR", "--json").json
    assert "hmirror" in [entry["name"] for entry in found]
    assert all("mirror" in f"{entry['signature']} {entry['doc']}".casefold() for entry in found)
    family = batt("dsl", "--family", "numbers", "--json").json
    assert {entry["family"] for entry in family} == {"numbers"}
    answer = batt("dsl", "--family", "poems")
    assert answer.err.startswith("error[usage]: no family is called 'poems': expected numbers")


def test_every_primitive_is_explained(batt: Batt) -> None:
    assert batt("dsl", "hmirror").out == primitive_text(REGISTRY["hmirror"]) + "\n"
    faults = []
    for primitive in REGISTRY.values():
        text = primitive_text(primitive)
        words = (primitive.family, primitive.summary, ">>> ", *map(str, primitive.overloads))
        if not text.startswith(f"{primitive}\n") or not all(word in text for word in words):
            faults.append(text)
    assert faults == []


def test_a_wrong_name_gets_a_hint(batt: Batt) -> None:
    answer = batt("dsl", "hmiror")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error[usage]: no primitive is called 'hmiror'; did you mean")


def test_the_programs_of_a_batt_are_shown(batt: Batt, place: Path) -> None:
    batt("merge", "--library", "programs.py", "--sources", "none")
    assert sorted(batt("show", "batt.json").out.split("\n\n")) == sorted(
        batt("show", "programs.py").out.split("\n\n")
    )
    path = place / "batt.json"
    path.write_text(path.read_text().replace('"node": 1,', '"node": 1.5,'))
    answer = batt("show", "batt.json")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "error[batt-file]: batt.json: roots[0]: expected a node from 0 to 3, got 1.5\n"
    )


def test_a_program_is_run_with_the_fuel_of_people(batt: Batt, place: Path) -> None:
    (place / "hungry.py").write_text(
        "def solve_0000aaaa(I):\n"
        "    x1 = interval(0, 200, 1)\n"
        "    x2 = apply(compose(rbind(apply, x1), lbind(lbind, add)), x1)\n"
        "    return branch(equality(size(x2), 200), vmirror(I), I)\n"
    )
    words = ("show", "hungry.py", "--on", "0000aaaa", *TASKS)
    assert "demo 1: right" in batt(*words).out
    assert "more than 200000 fuel" in batt(*words, "--fuel", "200000", "--engine", "reference").out
    answer = batt("import", "hungry.py", *TASKS, "--json")
    assert answer.json["solved"] == 1
    assert batt("import", "hungry.py", *TASKS, "--fuel", "200000", "--json").json["solved"] == 0
