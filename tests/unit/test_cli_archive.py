"""`batt import` and `batt archive`: bringing programs in, looking at them, taking them out."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.commands import Answer, Batt

from arcbatt.archive import Archive, Entry, NewEntry

TASKS = ("--dataset", "tasks")


def lines(answer: Answer) -> list[str]:
    return [" ".join(line.split()) for line in answer.out.splitlines()]


def test_programs_are_imported(batt: Batt, place: Path) -> None:
    answer = batt("import", "programs.py", *TASKS)
    assert (answer.code, answer.err) == (0, "")
    assert lines(answer) == [
        (
            "programs.py:15: turned: solves none of 3 tasks; on 0000aaaa: demo 1: 4 of 4 cells"
            " differ: (0, 0) expected 2, got 4; (0, 1) expected 1, got 3; (1, 0) expected 4, got"
            " 2, ..."
        ),
        "parsed 3 of 3",
        "well typed 3 of 3 (0 warnings)",
        "ran 3 of 3",
        "solved their task 2 of 3",
        "saved 2 entries",
        "stopped: 3 programs tried on 3 tasks",
    ]
    with Archive.open("archive") as archive:
        assert [key.id for key in archive.tasks()] == ["0000aaaa", "0000bbbb"]
        [entry] = archive.entries(*archive.find("0000aaaa"))
    assert entry.source == "file programs.py"
    assert entry.score.is_exact


def test_what_falls_short_is_told(batt: Batt, place: Path) -> None:
    (place / "odd.py").write_text(
        "def solve_0000aaaa(I):\n    return crop(I, ONE, ONE)\n\n"
        "def solve_0000bbbb(I):\n    return I\n\n"
        "def solve_ffffffff(I):\n    return I\n\n"
        "def broken(I):\n    return I[0]\n"
    )
    answer = batt("import", "odd.py", "missing.py", *TASKS, "--verbose")
    assert answer.code == 1
    errors = answer.err.splitlines()
    assert errors[0].startswith("error[parse]: odd.py:11: indexing is not part of the language: ")
    assert errors[1].startswith("error[parse]: missing.py: can't be read: No such file")
    assert errors[2].startswith("error[task-not-found]: no task 'ffffffff' in tasks (wanted by")
    told = lines(answer)
    assert told[0].startswith("warning[type]: odd.py:2: solve_0000aaaa: argument start of crop")
    crop, given, *_ = (line.partition(": ")[2] for line in told[1:])
    assert crop.startswith("solve_0000aaaa on 0000aaaa: demo 1: line 2: crop(I, ONE, ONE) failed: ")
    assert given.startswith("solve_0000bbbb on 0000bbbb: demo 1: ")
    assert told[-6:-2] == [
        "parsed 3 of 4",
        "well typed 2 of 3 (1 warning)",
        "ran 1 of 3",
        "solved their task 0 of 3",
    ]
    assert "warning[type]" not in batt("import", "odd.py", *TASKS).out


def test_import_has_json(batt: Batt, place: Path) -> None:
    document = batt("import", "programs.py", *TASKS, "--json").json
    assert (document["parsed"], document["solved"], document["finished"]) == (3, 2, True)
    by_name = {program["name"]: program for program in document["programs"]}
    assert by_name["turned"]["tasks"] == 3
    assert by_name["verify_0000bbbb"]["solved"] == ["0000bbbb"]


def test_a_task_can_be_named(batt: Batt, place: Path) -> None:
    (place / "one.py").write_text("def mine(I):\n    return vmirror(I)\n")
    document = batt("import", "one.py", "--task", "0000aaaa", *TASKS, "--json").json
    assert document["programs"][0]["solved"] == ["0000aaaa"]
    assert document["programs"][0]["tasks"] == 1
    answer = batt("import", "one.py", "--task", "ffffffff", *TASKS)
    assert answer.err.startswith("error[task-not-found]: no task 'ffffffff'")


def test_nothing_readable_is_a_failure(batt: Batt, place: Path) -> None:
    (place / "no.py").write_text("print('never run')\n")
    answer = batt("import", "no.py", *TASKS)
    assert answer.code == 1
    assert "never run" not in answer.out
    assert answer.err.startswith("error[parse]: no.py:1: ")


def test_control_c_keeps_what_is_imported(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("arcbatt.report.progress.DelayedProgress.show", stop)
    answer = batt("import", "programs.py", *TASKS)
    assert answer.code == 130
    assert lines(answer)[-1] == "stopped: interrupted after 3 of 3 tasks"
    with Archive.open("archive") as archive:
        assert [key.id for key in archive.tasks()] == ["0000aaaa", "0000bbbb"]


def test_the_archive_is_listed(batt: Batt, place: Path) -> None:
    batt("import", "programs.py", *TASKS)
    answer = batt("archive", "list")
    told = lines(answer)
    assert told[0] == "task programs demos right o_score nodes best program"
    assert re.match("0000aaaa/[0-9a-f]{8} 1 3 of 3 3000 2 ", told[1])
    assert told[-1].startswith("2 tasks, 2 with an exact solver; 2 solvers, ")
    document = batt("archive", "list", "--json").json
    assert [(entry["task"], entry["programs"]) for entry in document] == [
        ("0000aaaa", 1),
        ("0000bbbb", 1),
    ]
    for entry in batt("archive", "list", "--kind", "differ", "--json").json:
        assert entry["kind"] == "differ"
    assert batt("archive", "list", "--kind", "poem").err.startswith("error[archive]: ")


def test_the_programs_of_a_task_are_listed(batt: Batt, place: Path) -> None:
    batt("import", "programs.py", *TASKS)
    assert lines(batt("archive", "show", "0000aaaa"))[1].endswith("file programs.py")
    [entry] = batt("archive", "show", "0000aaaa", "--json").json
    assert (entry["demos_right"], entry["size"], entry["kind"]) == (3, 2, "solver")
    word = f"0000aaaa/{entry['content'][:8]}"
    assert batt("archive", "show", word, "--json").json == [entry]
    answer = batt("archive", "show", "0000cccc")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "error[archive]: archive archive: keeps no solver for 0000cccc\n"


def test_md5s_can_be_shortened(batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batt("import", "programs.py", *TASKS)
    [entry] = batt("archive", "show", "0000aaaa", "--json").json
    for digits in (8, 12, 32):
        word = entry["md5"][:digits]
        assert batt("archive", "show", word, "--json").json == [entry]
        assert batt("show", word).out == batt("show", entry["md5"]).out
        assert batt("show", word.upper()).out == batt("show", entry["md5"]).out
    assert batt("show", entry["md5"][:7]).err.startswith("error[usage]: nothing is called")
    unknown = batt("archive", "show", "00000000")
    assert (unknown.code, unknown.err) == (
        1, "error[archive]: archive archive: keeps no solver for 00000000\n",
    )  # fmt: skip
    alike = ["d" * 31 + "0", "d" * 31 + "1"]
    monkeypatch.setattr(Archive, "md5s", lambda archive, digits: alike)
    for words in (("show", "dddddddd"), ("archive", "show", "dddddddd")):
        answer = batt(*words)
        assert answer.code == 1
        assert f"several programs that begin with dddddddd: {', '.join(alike)}" in answer.err


@pytest.mark.parametrize("columns", ["40", "60", "80"])
def test_narrow_terminals_get_whole_ids_and_md5s(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    batt("import", "programs.py", *TASKS)
    [entry] = batt("archive", "show", "0000aaaa", "--json").json
    for words in (("archive", "list"), ("archive", "show", "0000aaaa")):
        answer = batt(*words)
        assert f"0000aaaa/{entry['content'][:8]} " in answer.out
        assert entry["md5"] in answer.out
        assert "…" not in answer.out


def test_an_export_can_be_imported(batt: Batt, place: Path) -> None:
    batt("import", "programs.py", *TASKS)
    answer = batt("archive", "export", "-o", "out.py")
    assert answer.out == "2 programs written to out.py\n"
    assert batt("archive", "export", "-o", "out.py", "--json").json == {
        "file": "out.py",
        "programs": 2,
        "left_out": 0,
    }
    document = batt("import", "out.py", "--archive", "other", *TASKS, "--json").json
    assert document["solved"] == 2
    assert batt("archive", "export").code == 2
    answer = batt("archive", "export", "-o", "no/where.py")
    assert answer.err.startswith("error[usage]: no/where.py can't be written")


def rows_of(path: str) -> list[tuple[Entry, tuple[str, ...]]]:
    """Return all that an archive has of solvers, but for the times, which are measured."""
    with Archive.open(path, create=False) as archive:
        return [
            (replace(entry, nanoseconds=0), archive.parents(entry.md5))
            for entry in archive.entries()
        ]


@pytest.mark.parametrize("form", ["export", "tree"])
def test_an_import_gives_the_same_submission(batt: Batt, place: Path, form: str) -> None:
    """Weights decide which outputs are submitted, so they have to come back."""
    batt("import", "programs.py", *TASKS)
    assert batt("solve", *TASKS, "--sources", "library,archive").code == 0
    with Archive.open("archive") as archive:
        for key in archive.tasks():
            kept = archive.programs(key).programs
            # The worst programs outweigh the others, and parents, sources and aliases are odd.
            weights = {each.entry.md5: 2.0**place for place, each in enumerate(kept)}
            archive.add_many(
                [
                    NewEntry(
                        task=key,
                        program=each.program,
                        score=each.entry.score,
                        fuel=each.entry.fuel - 1 if each.entry.md5[0] in "01234567" else 10**9,
                        nanoseconds=1,
                        source="odd, source: [x] # parent: y",
                        aliases=("# alias: z", "é"),
                        parents=(each.entry.md5[::-1], "a b"),
                    )
                    for each in kept[:3]
                ],
                weights={key: weights},
            )
    shutil.copytree("archive", "old")
    solve = ("solve", *TASKS, "--sources", "archive", "--submission")
    before = rows_of("old")
    if form == "export":
        batt("archive", "export", "-o", "out.py")
        files = ["out.py"]
    else:
        batt("archive", "tree", "tree")
        files = sorted(map(str, Path("tree/solver_md5").iterdir()))
    answer = batt("import", *files, "--archive", "new", *TASKS)
    assert (answer.code, answer.err) == (0, "")
    assert batt("archive", "check", "--archive", "new").code == 0
    # Fuel is measured too, so that only the data of heads that were never measured are the same.
    known = [(replace(entry, fuel=0), parents) for entry, parents in before]
    found = [(replace(entry, fuel=0), parents) for entry, parents in rows_of("new")]
    assert sorted(found, key=str) == sorted(known, key=str)
    assert len({entry.weight for entry, _ in before}) > 10
    assert batt(*solve, "first.json", "--archive", "old").code == 0
    assert batt(*solve, "second.json", "--archive", "new").code == 0
    first, second = (Path(name).read_text() for name in ("first.json", "second.json"))
    assert first == second


def test_heads_of_strangers_replace_no_measurement(batt: Batt, place: Path) -> None:
    """A head counts for its own program on its own task."""
    batt("import", "programs.py", *TASKS)
    batt("archive", "export", "-o", "out.py")
    text = re.sub(r"source: .*", "weight 0.125, source: me", (place / "out.py").read_text())

    def imported(text: str) -> tuple[int, float | None, str]:
        shutil.rmtree("new", ignore_errors=True)
        (place / "out.py").write_text(text)
        assert batt("import", "out.py", "--archive", "new", *TASKS).code == 0
        with Archive.open("new") as archive:
            [entry] = archive.entries(*archive.find("0000aaaa"))
        return entry.score.total, entry.weight, entry.source

    assert imported(text) == (3000, 0.125, "me")
    forged = text.replace("score 3000, demos [1000 1000 1000]", "score 9, demos [9 0 0]")
    assert imported(forged) == (3000, 0.125, "me")
    changed = text.replace("vmirror(I)", "vmirror(vmirror(vmirror(I)))")
    assert imported(changed) == (3000, None, "file out.py")


@pytest.mark.parametrize("form", ["export", "tree"])
@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("task 0000aaaa/", "task ffffffff/", "no task 'ffffffff' in tasks (wanted by "),
        ("task 0000aaaa/", "task zzz/", "no task 'zzz' in tasks (wanted by "),
        ("(task 0000aaaa)/[0-9a-f]{8}", r"\1/ffffffff", "no task '0000aaaa/ffffffff' in tasks; it"),
        (r"demos \[1000 1000 1000\]", "demos [1000]", "no task '0000aaaa/"),
    ],
)
def test_a_head_binds_a_program_to_its_tasks(
    batt: Batt, place: Path, form: str, old: str, new: str, problem: str
) -> None:
    """A program is not tried on other tasks than those in its head, even if it solves them."""
    (place / "one.py").write_text("def solve_0000aaaa(I):\n    return vmirror(I)\n")
    batt("import", "one.py", *TASKS)
    if form == "export":
        batt("archive", "export", "-o", "out.py")
    else:
        batt("archive", "tree", "tree")
        [path] = (place / "tree" / "solver_md5").iterdir()
        path.rename(place / "out.py")
    text = (place / "out.py").read_text()
    changed = re.sub(old, new, text)
    assert changed != text
    (place / "out.py").write_text(changed)
    answer = batt("import", "out.py", "--archive", "new", *TASKS)
    assert answer.code == 1
    assert answer.err.startswith(f"error[task-not-found]: {problem}"), answer.err
    assert lines(answer)[-2:] == ["saved 0 entries", "stopped: 0 programs tried on 0 tasks"]
    # A program that was changed below its head keeps its tasks, and has no name without one.
    edited = re.sub(r"def \w+", "def solve", changed.replace("vmirror(I)", "hmirror(I)"))
    (place / "out.py").write_text(edited)
    answer = batt("import", "out.py", "--archive", "new", *TASKS)
    assert (answer.code, lines(answer)[-2]) == (1, "saved 0 entries")


def test_missing_tasks_are_listed_once(batt: Batt, place: Path) -> None:
    (place / "many.py").write_text(
        "".join(f"def solve_{n % 25 + 0xEEEE0000:08x}_{n}(I): return I\n" for n in range(50))
    )
    answer = batt("import", "many.py", *TASKS)
    assert (answer.code, lines(answer)[0]) == (1, "parsed 50 of 50")
    errors = answer.err.splitlines()
    assert len(errors) == 21
    problem = "no task 'eeee0000' in tasks (wanted by 2 programs, the first many.py:1)"
    assert errors[0] == f"error[task-not-found]: {problem}"
    more = "and 5 more like these; --verbose lists them"
    assert errors[-1] == f"error[task-not-found]: {more}"
    assert len(batt("import", "many.py", *TASKS, "-v").err.splitlines()) == 25
    # The closest ids are looked for a few times only, since that takes time.
    (place / "near.py").write_text(
        "".join(f"def solve_0000aaa{n % 10}_{n}(I): return I\n" for n in range(10))
        + "".join(f"def solve_0000bb{n}(I): return I\n" for n in range(10, 30))
    )
    errors = batt("import", "near.py", *TASKS, "-v").err.splitlines()
    assert [("did you mean" in error) for error in errors] == [True] * 20 + [False] * 10
    (place / "one.py").write_text("def solve_00576224(I): return I\n")
    answer = batt("import", "one.py", "--archive", "new")
    problem = "no task '00576224' in arc-agi-1 training; arc-agi-1 evaluation has it"
    assert answer.err == f"error[task-not-found]: {problem} (wanted by one.py:1)\n"


def test_a_tree_is_written(batt: Batt, place: Path) -> None:
    batt("import", "programs.py", *TASKS)
    document = batt("archive", "tree", "tree", "--json").json
    links = [path for path in (place / "tree").rglob("*.py") if path.is_symlink()]
    assert document == {"folder": "tree", "entries": len(links), "left_out": 0}
    [best] = (place / "tree" / "solver_dir" / "solve_0000aaaa").glob("03000/*/*.py")
    assert batt("show", str(best)).code == 0
    answer = batt("archive", "tree", "tree")
    assert answer.err == "error[archive]: archive archive: tree is not empty\n"
    assert batt("archive", "tree", "other").out.endswith(" entries written to other\n")


def test_one_file_is_an_archive_too(batt: Batt, place: Path) -> None:
    batt("import", "programs.py", *TASKS, "--archive", "mine.db")
    assert (place / "mine.db").is_file()
    assert not (place / "archive").exists()
    assert len(batt("archive", "list", "--archive", "mine.db", "--json").json) == 2


def test_the_archive_is_checked_and_mended(batt: Batt, place: Path) -> None:
    batt("import", "programs.py", *TASKS)
    [line] = lines(batt("archive", "check"))
    assert line.endswith(": all is well")
    with closing(sqlite3.connect(place / "archive" / "archive.db")) as connection, connection:
        connection.execute("UPDATE entries SET fuel = -1 WHERE kind = 'solver'")
    answer = batt("archive", "check")
    assert answer.code == 1
    assert lines(answer)[-1].endswith("2 problems, 0 mended")
    document = batt("archive", "check", "--json").json
    assert [problem["mended"] for problem in document["problems"]] == [False, False]
    answer = batt("archive", "check", "--repair")
    assert answer.code == 0
    assert lines(answer)[-1].endswith("2 problems, all mended")
    assert batt("archive", "check").code == 0


def test_a_broken_row_does_not_end_a_run(batt: Batt, place: Path) -> None:
    batt("import", "programs.py", *TASKS)
    with closing(sqlite3.connect(place / "archive" / "archive.db")) as connection, connection:
        connection.execute("UPDATE entries SET demos = '[' WHERE task = '0000aaaa'")
        connection.execute("UPDATE programs SET text = 'x' WHERE text LIKE '%hmirror%'")
    answer = batt("archive", "list")
    assert (answer.code, answer.out) == (1, "")
    assert "for task 0000aaaa is broken; `batt archive check --repair` removes it" in answer.err
    answer = batt("solve", *TASKS, "--sources", "archive")
    assert answer.code == 0
    assert "for task 0000aaaa is broken" in answer.err
    assert "is damaged; `batt archive check --repair` removes it" in answer.err
    answer = batt("archive", "export", "-o", "out.py")
    assert answer.code == 1
    assert "for task 0000aaaa is broken" in answer.err
    assert batt("archive", "export", "-o", "out.py", "--json").json["left_out"] > 0
    assert batt("archive", "tree", "tree").code == 1
    # The solver that was broken is found again, and takes the place of the broken row.
    batt("import", "programs.py", *TASKS)
    assert [entry["task"] for entry in batt("archive", "show", "0000aaaa", "--json").json]
    assert batt("archive", "check", "--repair").code == 0
    assert batt("archive", "check").code == 0
    assert batt("archive", "list").code == 0


def test_of_many_problems_the_first_are_listed(batt: Batt, place: Path) -> None:
    Archive.open("archive").close()
    with closing(sqlite3.connect(place / "archive" / "archive.db")) as connection, connection:
        connection.executemany(
            "INSERT INTO runs VALUES (?, '', '', 0, 0, '', '')", [(n,) for n in range(1, 1001)]
        )
    told = lines(batt("archive", "check"))
    assert told[19].startswith("run ")
    assert told[20:] == [
        "... and 980 more, which --json lists",
        "archive: 0 programs, 0 entries: 1000 problems, 0 mended",
    ]
    assert len(batt("archive", "check", "--json").json["problems"]) == 1000
