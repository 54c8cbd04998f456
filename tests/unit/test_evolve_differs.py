"""Differs that evolve: how they are measured, changed, chosen, kept and told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Batt
from tests.evolution import small_request

from arcbatt.archive import Archive
from arcbatt.archive.records import DIFFER
from arcbatt.differs import partial_credit
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, open_engine
from arcbatt.errors import ArchiveError, UsageError
from arcbatt.evolve import evidence
from arcbatt.evolve.differs import (
    GUIDES_MAX,
    KEPT_MAX,
    LIKENESS_MAX,
    SIZE_MAX,
    DifferBreeding,
    KnownDiffer,
    Tried,
    choose_differs,
    guides,
    shipped_differs,
)
from arcbatt.evolve.evidence import MOVES_MAX, gather_evidence
from arcbatt.evolve.grounds import Grounds
from arcbatt.evolve.guidance import Evidence, Trial, WrongOutput
from arcbatt.evolve.herd import deal_differs
from arcbatt.evolve.lines import from_line, to_line
from arcbatt.evolve.offers import SOURCE
from arcbatt.evolve.request import Request
from arcbatt.evolve.run import evolve
from arcbatt.evolve.state import State, load_state
from arcbatt.evolve.twins import find_twins, goal_of, swap_twins
from arcbatt.evolve.vocabulary import open_breeder
from arcbatt.program.graph import Program, extract_program
from arcbatt.program.parse import parse_program
from arcbatt.tasks import Sample, Task

pytest.importorskip("arcbatt._engine")

BUDGET = Budget(node_fuel=20_000, sample_seconds=None)
WANTED: Grid = ((1, 2, 3), (4, 5, 6))
EQUALITY = "branch(equality(I, C), 1000, ZERO)"
CELLS = (
    "divide(multiply(1000, size(intersection(asobject(I), asobject(C)))),"
    " maximum(astuple(size(asobject(I)), size(asobject(C)))))"
)


def program_of(expression: str) -> Program:
    return parse_program(f"def differ(S, I, C): return {expression}").program


def grounds(name: str = "0000aaaa") -> Grounds:
    return Grounds.of(Task(name, (Sample(((0,),), WANTED),) * 2, (Sample(((0,),)),)))


def trial(*moves: int, task: str = "0000aaaa", demo: int = 0) -> Trial:
    """Return a trial with a different wrong output for each number of moves."""
    grids = [((number, 9, 9), (9, 9, 9)) for number in range(len(moves))]
    outputs = [WrongOutput(*pair) for pair in zip(grids, moves, strict=True)]
    return Trial(grounds(task), demo, tuple(outputs))


def breeding(**changes: Any) -> DifferBreeding:
    settings: dict[str, Any] = {
        "breeder": open_breeder(),
        "engine": open_engine("native"),
        "budget": BUDGET,
        "threads": 1,
        "donors": (),
        "children": 60,
    }
    return DifferBreeding(**(settings | changes))


def spoilt(*changed: tuple[int, int]) -> Grid:
    rows = [list(row) for row in WANTED]
    for row, column in changed:
        rows[row][column] = 0
    return tuple(map(tuple, rows))


def graded() -> Evidence:
    """Return evidence in which more moves are more wrong cells."""
    places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    outputs = [WrongOutput(spoilt(*places[:moves]), moves) for moves in range(1, 5)]
    return Evidence([Trial(grounds(), demo, tuple(outputs)) for demo in range(2)])


def varied() -> Evidence:
    """Return evidence of which differs say different things."""
    grids: tuple[Grid, ...] = (((1, 2, 0), (3, 0, 0), (0, 0, 5)), ((0, 7), (8, 0), (7, 7)))
    pairs = tuple(Sample(grid, tuple(row[::-1] for row in grid)) for grid in grids)
    return gather_evidence(
        {"0000aaaa": ["$I;vmirror 0"]},
        {"0000aaaa": Grounds.of(Task("0000aaaa", pairs, (Sample(grids[0]),)))},
        open_breeder(),
        open_engine("native"),
        BUDGET,
        threads=1,
        seed="0",
    )


def tried(
    number: int, guidance: float, *, said: list[int], shipped: bool = False, born: int = 1
) -> Tried:
    line = to_line(program_of(f"add({number}, size(I))"))
    measured = Evidence([trial(*range(len(said)))]).measure([*said, 1000])
    return Tried(KnownDiffer(str(number), line, shipped, born), from_line(line), measured, guidance)


def test_guidance_is_the_rank_correlation_with_few_moves() -> None:
    shown = Evidence([trial(1, 2, 3)])
    up, down, flat = ([900, 500, 100], [1, 2, 3], [7, 7, 7])
    found = [shown.measure([*said, 1000]).guidance for said in (up, down, flat)]
    assert found == pytest.approx([1.0, -1.0, 0.0])
    # Ties share their ranks: of 1 2 3 with 1 1 2 that is the root of three quarters.
    assert shown.measure([900, 100, 100, 1000]).guidance == pytest.approx(0.75**0.5)


def test_every_task_counts_the_same_and_every_demo_of_a_task() -> None:
    both = Evidence(
        [trial(1, 2), trial(1, 2, demo=1), trial(1, 2, task="0000bbbb")],
    )
    said = [9, 5, 1000, 5, 9, 1000, 9, 5, 1000]
    assert both.measure(said).guidance == pytest.approx((0 + 1) / 2)


def test_what_is_no_differ_is_seen() -> None:
    shown = Evidence([trial(1, 2)])
    assert shown.measure([900, 100, 1000]).is_differ
    for said in ([900, 100, 999], [1001, 100, 1000], [None, 100, 1000], [-1, 100, 1000]):
        assert not shown.measure(said).is_differ
    # For a shipped one whatever else it says counts as 0.
    assert shown.measure([1001, 100, 1000]).guidance == pytest.approx(-1.0)


def test_likeness_is_the_correlation_of_two_differs() -> None:
    shown = Evidence([trial(1, 2, 3)])
    one, same, other, flat = (
        shown.measure([*said, 1000]) for said in ([9, 5, 1], [8, 7, 6], [1, 5, 9], [4, 4, 4])
    )
    assert one.likeness(same) == pytest.approx(1.0)
    assert one.likeness(other) == pytest.approx(-1.0)
    assert (one.likeness(flat), flat.likeness(flat)) == (0.0, 1.0)


def test_plain_equality_does_not_win() -> None:
    # It tells exact outputs from others as well as can be, and orders nothing.
    known = [
        KnownDiffer("differ_equality", to_line(program_of(EQUALITY))),
        KnownDiffer("differ_cells", to_line(program_of(CELLS))),
    ]
    stays = breeding(children=1).breed(known, graded(), number=1, seed="0")
    names = [each.name for each in stays]
    assert "differ_cells" in names and "differ_equality" not in names
    guidance = {each.name: each.guidance for each in stays}
    assert guidance["differ_cells"] == pytest.approx(1.0)
    # Not even the shipped one that is always there guides anything then.
    shipped = replace(known[0], shipped=True)
    stays = breeding(children=1).breed([shipped], graded(), number=1, seed="0")
    assert [each.guidance for each in stays if each.shipped] == [0.0]


def test_of_differs_that_say_the_same_the_simpler_one_stays_or_the_older_one() -> None:
    one, two = tried(1, 0.5, said=[9, 5, 1]), tried(2, 0.5, said=[8, 7, 6])
    simpler, larger = sorted((one, two), key=lambda each: each.rank)
    assert choose_differs([larger, simpler], number=1) == [simpler]
    other = tried(3, 0.4, said=[1, 9, 5])
    assert choose_differs([other, larger, simpler], number=1) == [simpler, other]
    young = tried(4, 0.9, said=[9, 5, 1], born=2)
    assert choose_differs([young, simpler], number=2) == [simpler]
    shipped = tried(5, 0.1, said=[9, 5, 1], shipped=True)
    assert choose_differs([young, simpler, shipped], number=2) == [shipped]


def test_so_many_evolved_ones_stay_half_of_them_new_and_none_that_misguides() -> None:
    count = 2 * KEPT_MAX
    many = [
        tried(
            number,
            0.9 - number / 100,
            said=[900 if place == number else 5 for place in range(count)],
            born=2 if number < KEPT_MAX else 1,
        )
        for number in range(count)
    ]
    half = KEPT_MAX // 2
    assert choose_differs(many, number=2) == [*many[:half], *many[KEPT_MAX : KEPT_MAX + half]]
    wrong, shipped = tried(1, -0.1, said=[1, 5, 9]), tried(2, -0.2, said=[9, 5, 1], shipped=True)
    assert choose_differs([wrong, shipped], number=1) == [shipped]


def test_one_rounds_luck_counts_half() -> None:
    known = [KnownDiffer("cells", to_line(program_of(CELLS)), shipped=True, guidance=0.2)]
    stays = breeding(children=1).breed(known, graded(), number=3, seed="0")
    [cells] = [each for each in stays if each.name == "cells"]
    assert cells.guidance == pytest.approx(0.6)


def test_twins_are_changed_alike() -> None:
    program = program_of("astuple(size(I), size(C))")
    pairs = find_twins(program)
    assert len(pairs) == 2
    sizes = next(pair for pair in pairs if program.nodes[pair[0]].name == "size")
    assert str(goal_of(program, sizes[0])) == "Integer"
    side = program_of("height(vmirror(I))")
    child = swap_twins(program, sizes, side)
    assert child == program_of("astuple(height(vmirror(I)), height(vmirror(C)))")
    assert extract_program(program, sizes[0]) == program_of("size(I)")


def test_what_has_no_twins_has_none() -> None:
    assert find_twins(program_of("size(I)")) == []
    assert find_twins(program_of("equality(vmirror(I), hmirror(C))")) == [(0, 2)]


def test_children_are_differs_new_and_the_same_each_time() -> None:
    known, wrong = shipped_differs(), varied()
    one, two = (
        breeding(threads=threads).breed(known, wrong, number=1, seed="0") for threads in (1, 2)
    )
    assert one == two
    assert [each for each in one if each.shipped] != []
    evolved = [each for each in one if not each.shipped]
    assert 0 < len(evolved) <= KEPT_MAX
    assert {each.name for each in known} <= {each.name for each in one}
    bodies = {from_line(each.line).body_hash for each in one}
    assert len(bodies) == len(one)
    asked = breeding()._ask([from_line(each.line) for each in evolved], wrong.comparisons)
    for each, (numbers, _) in zip(evolved, asked, strict=True):
        assert each.round == 1 and each.parents
        assert from_line(each.line).size <= SIZE_MAX
        assert all(number is not None and 0 <= number <= 1000 for number in numbers)
        assert wrong.measure(numbers).is_differ
    assert breeding().breed(known, wrong, number=1, seed="1") != one


def test_without_evidence_all_stays_as_it_is() -> None:
    known = shipped_differs()
    assert breeding().breed(known, Evidence([]), number=1, seed="0") == known


def test_an_evolved_one_that_is_no_differ_here_goes() -> None:
    broken = KnownDiffer("broken", to_line(program_of("add(size(I), size(C))")), guidance=0.9)
    kept = replace(broken, name="shipped", shipped=True)
    names = [
        each.name for each in breeding(children=1).breed([broken], graded(), number=2, seed="0")
    ]
    assert "broken" not in names
    names = [each.name for each in breeding(children=1).breed([kept], graded(), number=2, seed="0")]
    assert "shipped" in names


def test_guides_are_the_first_evolved_ones() -> None:
    known = [KnownDiffer(str(n), f"line {n}", shipped=n % 2 == 0) for n in range(20)]
    assert guides(known) == ("line 1", "line 3", "line 5", "line 7")


def test_no_wrong_output_looks_right_whatever_differs_say() -> None:
    assert partial_credit((1000,) * 28) == 999


def test_evidence_comes_from_programs_that_are_right() -> None:
    grid = ((1, 2), (3, 4))
    task = Task("0000aaaa", (Sample(grid, ((2, 1), (4, 3))),) * 2, (Sample(grid),))
    lines = ["$I;vmirror 0", "$I;hmirror 0"]
    gather: dict[str, Any] = {
        "grounds": {"0000aaaa": Grounds.of(task)},
        "breeder": open_breeder(),
        "engine": open_engine("native"),
        "budget": BUDGET,
        "threads": 1,
    }
    found = gather_evidence({"0000aaaa": lines}, **gather, seed="0")
    assert len(found.trials) == 2
    for each in found.trials:
        grids = [output.grid for output in each.outputs]
        assert len(set(grids)) == len(grids) and task.S[0][1] not in grids
        assert {output.moves for output in each.outputs} <= set(range(1, MOVES_MAX + 1))
    # One that is wrong tells nothing, and the same seed tells the same.
    alone = gather_evidence({"0000aaaa": lines[:1]}, **gather, seed="0")
    assert alone.trials == found.trials
    assert gather_evidence({"0000aaaa": lines}, **gather, seed="1").trials != found.trials
    assert gather_evidence({"0000aaaa": lines[1:]}, **gather, seed="0").trials == ()
    assert gather_evidence({}, **gather, seed="0").trials == ()


def test_the_docs_give_the_figures() -> None:
    page = (Path(__file__).parents[2] / "docs" / "evolve.md").read_text(encoding="utf-8")
    text = " ".join(page.split())
    for sentence in (
        f"{evidence.MUTANTS} of one move, from these {evidence.MUTANTS} of a second one",
        f"and so on up to {MOVES_MAX}",
        f"on up to {evidence.DEMOS_MAX} demos",
        f"up to {evidence.OUTPUTS_MAX} different wrong outputs",
        f"The tasks, {evidence.TASKS_MAX} at most",
        f"a rank correlation above {LIKENESS_MAX}",
        f"Beside the shipped ones {KEPT_MAX} stay: the {KEPT_MAX // 2} that guide best",
        f"and the {KEPT_MAX // 2} best new ones",
        f"the first {GUIDES_MAX} of them",
        f"begins with up to {KEPT_MAX} of them",
    ):
        assert sentence in text


def request(name: str, **changes: Any) -> Request:
    settings: dict[str, Any] = {"ids": ("0000aaaa", "0000bbbb"), "differ_mutants": 40}
    return small_request(name, **(settings | changes))


def test_a_run_keeps_evolved_differs_and_goes_on_with_them(place: Path) -> None:
    whole = evolve(request("whole"))
    evolved = [each for each in whole.state.differs if not each.shipped]
    assert evolved and len(whole.state.differs) == len(shipped_differs()) + len(evolved)
    told = {each.name for each in evolved if each.told}
    with Archive.open(Path("whole"), create=False) as archive:
        kept = [each for each in archive.entries(kind=DIFFER) if each.source == SOURCE]
        assert told <= {f"differ_{each.md5[:8]}" for each in kept}
        assert {each.task for each in kept} == {"0000aaaa", "0000bbbb"}
        assert all(0 <= score <= 1000 for each in kept for score in each.score.demos)
        assert all(archive.parents(each.md5, kind=DIFFER) for each in kept)
        dealt = deal_differs(archive, open_breeder(), damaged=[])
    later = [each for each in dealt if not each.shipped]
    assert {each.name for each in later} <= {f"differ_{each.md5[:8]}" for each in kept}
    assert all(each.told and each.guidance is None for each in later)
    assert later
    state = load_state(Path("whole"), whole.state.fingerprint)
    assert state == whole.state
    evolve(request("parts", rounds=1, jobs=2))
    assert evolve(request("parts", jobs=2)).state == whole.state


def test_differs_are_not_bred_where_they_are_not_wanted(place: Path) -> None:
    without: State = evolve(request("without", differ_mutants=0, rounds=1)).state
    assert without.differs == []
    with pytest.raises(UsageError, match="differ_mutants: expected 0 or more, got -1"):
        request("x", differ_mutants=-1)


def test_a_broken_differ_in_the_state_is_refused(place: Path) -> None:
    evolve(request("archive", rounds=1))
    [path] = (place / "archive").glob(".evolve-*.json")
    path.write_text(path.read_text().replace("mostcolor 0;", "nothing 0;"))
    with pytest.raises(ArchiveError, match=r"remove \.evolve-\* to begin anew"):
        evolve(request("archive", rounds=2))


def test_a_damaged_differ_of_the_archive_costs_only_itself(place: Path) -> None:
    evolve(request("archive"))
    files = sorted((place / "archive" / "differ_md5").glob("*.py"))
    files[0].write_text("nonsense")
    damaged: list[ArchiveError] = []
    with Archive.open(Path("archive"), create=False) as archive:
        dealt = deal_differs(archive, open_breeder(), damaged=damaged)
    assert len(dealt) >= len(shipped_differs())
    names = {each.name for each in dealt}
    assert len(damaged) == 1 and f"differ_{files[0].stem[:8]}" not in names


WORDS = (
    "evolve", "--dataset", "tasks", "--library", "programs.py", "--sources", "archive",
    "--mutants", "200", "--population", "12", "--jobs", "1", "--rounds", "2", "0000aaaa",
)  # fmt: skip


def test_the_command_lists_differs(batt: Batt, place: Path) -> None:
    answer = batt(*WORDS, "--differ-mutants", "40", "--keep-solved")
    assert answer.code == 0
    assert "guidance" in answer.out and "differ_cells" in answer.out
    document = batt(*WORDS, "--differ-mutants", "40", "--keep-solved", "--json").json["differs"]
    found = [each["guidance"] for each in document if each["guidance"] is not None]
    assert found == sorted(found, reverse=True)
    bred = [each for each in document if not each["shipped"]]
    assert bred and all(each["round"] in (1, 2) and each["parents"] for each in bred)
    assert all(each["program"].startswith("def ") for each in document)


def test_no_differs_and_differ_mutants_contradict_each_other(batt: Batt, place: Path) -> None:
    answer = batt(*WORDS, "--no-differs", "--differ-mutants", "5")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error[usage]: --differ-mutants and --no-differs contradict each other\n"
    assert batt(*WORDS, "--differ-mutants", "-1").code == 2
    assert batt(*WORDS, "--no-differs", "--json").json["differs"] == []
