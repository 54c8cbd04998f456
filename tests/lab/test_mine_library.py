"""`lab.mine_library`: what search finds on training tasks gets into the library, by its rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcbatt.errors import ParseError, UsageError
from arcbatt.evaluation.grade import InputRecord, RightProgram, TaskRecord
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program, parse_text
from arcbatt.sources.search import SearchSource
from lab import mine_library
from lab.mine_library import (
    FILES,
    LibraryText,
    describe,
    fault,
    main,
    renew,
    take_in,
)

HEAD = '"""Solvers."""\n'
TURN = '''

def solve_0000bbbb(S, I, C):
    """Turn it, the long way."""
    turned = rot90(I)
    return rot90(turned)
'''
TEXT = HEAD + TURN


def record(task: str, text: str | None) -> TaskRecord:
    right = None
    if text is not None:
        found = program(text)
        right = RightProgram(found.md5, found.inlined, found.size)
    test = InputRecord(1 if text else None, bool(text), True)
    return TaskRecord(task, 1, (test,), (), 1, "search", right, {}, 0.0, 0.0, 0, {}, 0.5, "")


def program(expression: str) -> Program:
    return parse_program(f"def solve(S, I, C):\n    return {expression}\n").program


@pytest.fixture
def library() -> LibraryText:
    return LibraryText(TEXT, file="test")


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_the_shipped_library_survives_as_it_is(path: Path) -> None:
    text = path.read_text()
    assert LibraryText(text, file=path.name).text == text


def test_a_new_program_is_put_in_its_place(library: LibraryText) -> None:
    expression = "fill(vmirror(I), FOUR, ofcolor(vmirror(I), 0))"
    taken = take_in([record("0000aaaa", expression)], library)
    assert taken.added == {"solve_0000aaaa": program(expression).size}
    assert library.text == (
        HEAD
        + '''

def solve_0000aaaa(S, I, C):
    """Found by search: vmirror, ofcolor, fill."""
    x1 = vmirror(I)
    x2 = ofcolor(x1, 0)
    return fill(x1, 4, x2)
'''
        + TURN
    )
    [new, old] = parse_text(library.text).programs
    assert new.program == program(expression)
    assert old.name == "solve_0000bbbb"


def test_a_shorter_program_replaces_and_keeps_the_description(library: LibraryText) -> None:
    taken = take_in([record("0000bbbb", "rot180(I)")], library, shorten=True)
    assert taken.replaced == {"solve_0000bbbb": (3, 2)}
    assert "return rot180(I)" in library.text
    assert '"""Turn it, the long way."""' in library.text
    assert "rot90" not in library.text


def test_what_is_written_stays_unless_it_is_to_be_shortened(library: LibraryText) -> None:
    taken = take_in([record("0000bbbb", "rot180(I)")], library)
    assert (taken.kept, taken.replaced) == (["solve_0000bbbb"], {})
    assert library.text == TEXT


def test_each_program_is_taken_once(library: LibraryText) -> None:
    records = [record("0000dddd", "dmirror(I)"), record("0000cccc", "dmirror(I)")]
    taken = take_in([*records, record("0000eeee", "rot90(rot90(I))")], library)
    assert taken.added == {"solve_0000cccc": 2}
    assert taken.known == {
        "solve_0000dddd": "solve_0000cccc",
        "solve_0000eeee": "solve_0000bbbb",
    }
    assert taken.lines()[-1] == (
        "added 1, replaced 0, kept 0, known under another name 2, refused 0, dropped 0,"
        " without a right program 0"
    )


def test_found_programs_are_renewed(library: LibraryText) -> None:
    library.put("def solve_0000cccc(S, I, C):\n    return I\n")
    library.put("def solve_0000dddd(S, I, C):\n    return I\n")
    library.put("def solve_0000eeee(S, I, C):\n    return trim(I)\n")
    records = [
        record("0000aaaa", "rot180(I)"),
        record("0000bbbb", "fill(fill(I, 1, ofcolor(I, 2)), 3, ofcolor(I, 4))"),
        record("0000cccc", "I"),
        record("0000dddd", None),
    ]
    renewed = renew(records, library)
    assert renewed.added == {"solve_0000aaaa": 2}
    assert renewed.replaced == {"solve_0000bbbb": (3, 9)}
    assert (renewed.kept, renewed.dropped) == (["solve_0000cccc"], ["solve_0000dddd"])
    assert renewed.unsolved == 1
    assert library.text == (
        HEAD
        + """

def solve_0000aaaa(S, I, C):
    return rot180(I)


def solve_0000bbbb(S, I, C):
    return fill(fill(I, ONE, ofcolor(I, TWO)), THREE, ofcolor(I, FOUR))


def solve_0000cccc(S, I, C):
    return I


def solve_0000eeee(S, I, C):
    return trim(I)
"""
    )
    assert renew([record("0000aaaa", "replace(I, 31, 0)")], library).refused == {
        "solve_0000aaaa": "has a constant beyond 30: 31"
    }
    assert "solve_0000aaaa" not in library.programs


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("replace(I, 31, 0)", "a constant beyond 30: 31"),
        ("crop(I, (0, 99), (1, 1))", "a constant beyond 30"),
        ("fill(I, 1, initset(I))", "is not well typed"),
        ("cellwise(I, C, 0)", "reads the wanted grid"),
        ("paint(I, asobject(I))", None),
    ],
)
def test_the_rules_of_the_library_hold(
    library: LibraryText, expression: str, problem: str | None
) -> None:
    reason = fault(program(expression))
    if problem is None:
        assert reason is None
        return
    assert reason is not None and problem in reason
    taken = take_in([record("0000aaaa", expression)], library)
    assert taken.refused == {"solve_0000aaaa": reason}
    assert library.text == TEXT


def test_the_rules_are_those_that_the_library_is_tested_by() -> None:
    from tests.conformance import test_library

    names = ("NODES_MAX", "CONSTANTS_MAX", "CONSTANT_LEAVES_MAX", "INTEGER_MAX")
    assert [getattr(mine_library, name) for name in names] == [
        getattr(test_library, name) for name in names
    ]


def test_descriptions_fit_on_a_line() -> None:
    names = ["vmirror", "hmirror", "dmirror", "cmirror", "rot90", "rot180", "rot270", "trim"]
    names += ["tophalf", "bottomhalf", "lefthalf", "righthalf", "compress"]
    nested = "I"
    for name in names:
        nested = f"{name}({nested})"
    text = describe(program(nested))
    assert text.startswith("Found by search: vmirror, hmirror, ")
    assert text.endswith(" more.")
    assert len(text) <= 90
    assert describe(program("I")) == "Found by search: return the input."


@pytest.mark.native
def test_it_searches_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "solvers.py"
    path.write_text(TEXT)
    words = ["solvers", "67a3c6ac", "025d127b", "--evaluations", "300", "--jobs", "1"]
    words += ["--library", str(path)]
    assert main([*words, "--dry-run"]) == 0
    assert path.read_text() == TEXT
    assert main(words) == 0
    first = path.read_text()
    assert "def solve_67a3c6ac(S, I, C):" in first
    assert "added 1," in capsys.readouterr().out
    assert main(words) == 0
    assert path.read_text() == first
    assert "added 0, replaced 0, kept 1," in capsys.readouterr().out
    assert main(["found", *words[1:]]) == 0
    assert "added 0, replaced 0, kept 1," in capsys.readouterr().out


@pytest.mark.native
def test_an_interrupted_run_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SearchSource, "propose", interrupt)
    path = tmp_path / "solvers.py"
    path.write_text(TEXT)
    assert main(["found", "67a3c6ac", "--evaluations", "300", "--library", str(path)]) == 130
    assert path.read_text() == TEXT


def test_mistakes_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a library"):
        main(["found", "--library", str(tmp_path / "no.py")])
    path = tmp_path / "library.py"
    path.write_text("def solve_x(S, I, C):\n    return eval(I)\n")
    with pytest.raises(ParseError):
        main(["found", "--library", str(path)])
    path.write_text(TEXT)
    with pytest.raises(UsageError, match="--shorten is for solvers"):
        main(["found", "--shorten", "--library", str(path)])
    assert path.read_text() == TEXT
