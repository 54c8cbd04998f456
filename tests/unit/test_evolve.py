"""Evolution's parts: moves, lines, states, offers, and one island at work."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.engine.breeder import Breeding, Findings, Island, Tally
from arcbatt.errors import ArchiveError, EngineError, GraphError, UsageError
from arcbatt.evolve.ballot import NODES_TO_HALVE
from arcbatt.evolve.grounds import Grounds, seeds_of
from arcbatt.evolve.hindsight import BRED_MAX, GUESTS_MAX, try_elsewhere
from arcbatt.evolve.lines import from_line, to_line
from arcbatt.evolve.moves import FACTOR_MAX, MOVES, adapt_weights, add_tallies, first_weights
from arcbatt.evolve.mutate import mutate
from arcbatt.evolve.offers import FAMILY_MAX, OFFERS_MAX, Offer, choose_offers
from arcbatt.evolve.request import NODE_FUEL, SELECTIONS, Request
from arcbatt.evolve.restarts import turn_of
from arcbatt.evolve.run import MIGRANTS
from arcbatt.evolve.state import (
    POLISH,
    SURE_NODES,
    Best,
    State,
    TaskState,
    load_state,
    save_state,
    state_path,
)
from arcbatt.evolve.vocabulary import open_breeder
from arcbatt.program.parse import parse_program
from arcbatt.tasks import Sample, Task

pytest.importorskip("arcbatt._engine")

GRIDS: tuple[Grid, ...] = (((1, 2), (3, 4)), ((5, 6, 7), (8, 9, 1)), ((0, 2, 2), (3, 0, 1)))
BREEDING = Breeding(mutants=400, generation=40, population=30, selection="lexicase")


def line_of(expression: str) -> str:
    return to_line(parse_program(f"def solve(S, I, C): return {expression}").program)


def make_task(name: str, rule: str, grids: tuple[Grid, ...] = GRIDS) -> Task:
    """Return a task whose outputs a program makes."""
    engine = open_engine("reference")
    program = parse_program(f"def solve(S, I, C): return {rule}").program
    [done] = engine.evaluate([Job(program, [Case((), grid) for grid in grids])], Budget())
    demos = tuple(Sample(grid, done.output(place, 0)) for place, grid in enumerate(grids))
    return Task(name, demos, (Sample(grids[0][::-1]),))


def breed(task: Task, *expressions: str, breeding: Breeding = BREEDING, seed: int = 1) -> Findings:
    each = Grounds.of(task)
    island = Island(
        each.demos, each.tests, each.probes, list(map(line_of, expressions)), (), (seed,)
    )
    [found] = open_breeder().breed(
        [island], donors=(), differs=(), weights=first_weights(), breeding=breeding, threads=1
    )
    return found


def test_the_table_of_moves_is_that_of_the_core() -> None:
    assert tuple(move.name for move in MOVES) == open_breeder().moves
    assert all(move.weight > 0 and move.does for move in MOVES)


def test_the_docs_list_the_moves_and_the_figures() -> None:
    page = (Path(__file__).parents[2] / "docs" / "evolve.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (.*) \|$", page, re.MULTILINE)
    assert rows == [(move.name, f"{move.weight:g}", move.does) for move in MOVES]
    selections = re.findall(r"^\| `(\w+)` \| [^|]*\|$", page, re.MULTILINE)
    assert tuple(selections) == SELECTIONS
    for sentence in (
        f"within 1/{FACTOR_MAX:g} and {FACTOR_MAX:g} times its first weight",
        f"with probability {BREEDING.further} by a",
        f"at most {OFFERS_MAX} a task",
        f"at most {FAMILY_MAX} of one family",
        f"the {MIGRANTS} best programs of its neighbour",
        f"the {BRED_MAX} best new programs of each task",
        f"takes in at most {GUESTS_MAX} that",
        f"may use {NODE_FUEL:,} fuel",
    ):
        assert sentence in page
    assert POLISH == 2
    assert f"solved by at most {SURE_NODES} nodes is evolved on for two more" in page
    begins = [str(done) for done in range(1, 17) if turn_of(done)]
    assert f"after {', '.join(begins)} ... rounds" in page
    evaluation = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert f"at\nmost {SURE_NODES} nodes" in evaluation
    assert f"halved for\nevery {NODES_TO_HALVE} nodes" in evaluation


def test_weights_follow_success_within_bounds() -> None:
    assert adapt_weights({}) == pytest.approx(first_weights())
    tallies = {
        "constant": Tally(tried=100_000, kept=100_000),
        "wrap": Tally(tried=100_000, kept=0),
        "grow": Tally(tried=100_000, kept=20_000),
    }
    weights, before = adapt_weights(tallies), first_weights()
    assert before["grow"] < 2 * weights["grow"] < weights["constant"]
    assert weights["constant"] <= FACTOR_MAX * before["constant"]
    assert weights["wrap"] == pytest.approx(before["wrap"] / FACTOR_MAX)


def test_earlier_rounds_count_less() -> None:
    both = add_tallies({"wrap": Tally(100, 10, 5)}, {"wrap": Tally(10, 1, 1)})
    assert both["wrap"] == Tally(90, 9, 5)
    assert set(both) == {move.name for move in MOVES}


@pytest.mark.parametrize("line", ["", "$X", "=", "=1,2,3", "$I;size 1", "$I;size", "nothing 0"])
def test_a_wrong_line_is_refused(line: str) -> None:
    with pytest.raises(GraphError):
        from_line(line)
    with pytest.raises(EngineError):
        open_breeder().infer(line)


def test_what_is_not_well_typed_has_no_type_and_no_children() -> None:
    program = parse_program("def solve(I): return vmirror(size(I))").program
    assert open_breeder().infer(to_line(program)) is None
    assert mutate([program], count=10, seed=1) == []


def test_the_same_seed_gives_the_same_children() -> None:
    parents = [parse_program("def solve(I): return fill(I, 3, asindices(trim(I)))").program]
    first, again, other = (mutate(parents, count=50, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len(first) == 50


def test_an_island_finds_a_neighbouring_program() -> None:
    breeding = replace(BREEDING, mutants=4000)
    task = make_task("0000cccc", "dmirror(I)")
    found = breed(task, "vmirror(I)", "hmirror(I)", breeding=breeding)
    assert found.members[0].scores == (1000, 1000, 1000)
    assert found.members[0].is_new
    assert found.counts["mutants"] == 4000
    assert sum(tally.tried for tally in found.tallies.values()) >= 4000
    behaviours = [bred.line for bred in found.members]
    assert len(set(behaviours)) == len(behaviours) <= BREEDING.population


def test_origins_are_the_dealt_parents() -> None:
    found = breed(make_task("0000cccc", "dmirror(I)"), "vmirror(I)", "hmirror(I)")
    assert all(set(bred.origins) <= {0, 1} for bred in found.members)
    assert any(bred.origins for bred in found.members if bred.is_new)


def test_a_branch_is_learnt_where_two_programs_are_right_on_different_demos() -> None:
    grids = (((1, 2, 3),), ((4, 5, 6),), ((1,), (2,), (3,)), ((7,), (5,), (1,)))
    task = make_task("0000dddd", "branch(portrait(I), hmirror(I), vmirror(I))", grids)
    weights = {name: float(name == "branch") for name in first_weights()}
    each = Grounds.of(task)
    dealt = [line_of("hmirror(I)"), line_of("vmirror(I)"), line_of("replace(hmirror(I), 1, 2)")]
    [found] = open_breeder().breed(
        [Island(each.demos, each.tests, each.probes, dealt, (), (1,))],
        donors=(), differs=(), weights=weights, breeding=BREEDING, threads=1,
    )  # fmt: skip
    best = found.members[0]
    assert best.scores == (1000,) * 4
    assert "branch" in best.line


def test_a_program_that_looks_its_demo_up_in_S_is_no_child() -> None:
    task = make_task("0000eeee", "replace(I, 1, 2)")
    copy = "last(extract(S, matcher(first, I)))"
    found = breed(task, "vmirror(I)", breeding=replace(BREEDING, mutants=10))
    before = found.counts["copies"]
    assert before == 0
    # Dealt, it stays; its children that copy do not.
    found = breed(task, f"replace({copy}, 9, 9)", "identity(I)")
    assert found.counts["copies"] > 0
    for bred in found.members:
        if bred.is_new and bred.scores == (1000, 1000, 1000):
            assert "S" not in from_line(bred.line).inputs


def test_random_programs_begin_where_none_fits() -> None:
    found = breed(make_task("0000cccc", "dmirror(I)"), "size(I)")
    assert found.counts["dealt"] == 0
    assert found.members
    assert all(bred.is_new for bred in found.members)


def test_sharing_changes_nothing_but_the_work() -> None:
    task = make_task("0000cccc", "rot90(I)")
    dealt = ("vmirror(I)", "hmirror(I)", "fill(I, 3, asindices(I))")
    shared = breed(task, *dealt)
    alone = breed(task, *dealt, breeding=replace(BREEDING, shares=False))
    assert shared.members == alone.members
    assert alone.counts["calls"] > shared.counts["calls"]
    assert {**shared.counts, "calls": 0} == {**alone.counts, "calls": 0}


@pytest.mark.parametrize("selection", ["lexicase", "tournament", "best", "dealt"])
def test_every_selection_works(selection: str) -> None:
    breeding = replace(BREEDING, selection=selection)
    found = breed(
        make_task("0000cccc", "dmirror(I)"), "vmirror(I)", "hmirror(I)", breeding=breeding
    )
    assert found.counts["mutants"] > 100
    assert found.members[0].is_new


def test_children_of_children_need_a_selection() -> None:
    task = make_task("0000cccc", "dmirror(I)")
    weights = {name: float(name == "wrap") for name in first_weights()}
    each = Grounds.of(task)
    sizes = {}
    for selection in ("best", "dealt"):
        breeding = replace(BREEDING, selection=selection, further=0.0, population=200)
        [found] = open_breeder().breed(
            [Island(each.demos, each.tests, each.probes, [line_of("vmirror(I)")], (), (1,))],
            donors=(), differs=(), weights=weights, breeding=breeding, threads=1,
        )  # fmt: skip
        sizes[selection] = max(bred.line.count("mirror") for bred in found.members)
    assert sizes["dealt"] <= 3


def test_seeds_tell_rounds_tasks_and_islands_apart() -> None:
    seeds = {
        seeds_of(seed, number, task, island)
        for seed in (0, 1)
        for number in (0, 1)
        for task in ("a", "b")
        for island in (0, 1)
    }
    assert len(seeds) == 16
    assert seeds_of(0, 1, "a", 0) == seeds_of(0, 1, "a", 0)


def test_hindsight_finds_programs_of_other_tasks() -> None:
    tasks = [make_task("0000aaaa", "vmirror(I)"), make_task("0000bbbb", "hmirror(I)")]
    grounds = {task.id: Grounds.of(task) for task in tasks}
    bred = {"0000aaaa": [line_of("hmirror(I)"), line_of("vmirror(I)")], "0000bbbb": []}
    guests = try_elsewhere(bred, grounds, open_engine("native"), Budget(), threads=1)
    assert [guest.line for guest in guests["0000bbbb"]] == [line_of("hmirror(I)")]
    assert guests["0000aaaa"] == []


def offer(number: int, scores: tuple[int, ...] = (1000, 500)) -> Offer:
    return Offer(f"$I;={number};asindices 0;fill 0 1 2", scores, size=4, fuel=number)


def test_a_family_does_not_fill_all_places() -> None:
    offers = [offer(number) for number in range(20)]
    other = replace(offer(30), scores=(500, 1000), size=3)
    chosen = choose_offers([*offers, other], TaskState())
    assert len(chosen) == FAMILY_MAX + 1 <= OFFERS_MAX
    assert other in [each for each, _ in chosen]
    known = TaskState(families={"10/3": FAMILY_MAX})
    assert choose_offers(offers, known) == []


def test_nothing_is_offered_twice() -> None:
    known = TaskState()
    first = choose_offers([offer(1), offer(1), offer(2)], known)
    assert len(first) == 2
    known.offered.extend(body for _, body in first)
    assert choose_offers([offer(1), offer(2)], known) == []


def a_state() -> State:
    best = Best("f" * 32, "return I", (1000, 999), 1, 3, 40, 2)
    known = TaskState([["$I;vmirror 0"]], ["ab"], {"10/2": 1}, best, "", 0)
    return State("0" * 32, {"0000aaaa": known}, 3, {"wrap": Tally(5, 2, 1)}, {"mutants": 9}, 4)


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = a_state()
    assert load_state(tmp_path, state.fingerprint) is None
    save_state(state, tmp_path)
    assert load_state(tmp_path, state.fingerprint) == state


@pytest.mark.parametrize("change", ["{", "[]", '{"format": "x"}', "version", "round", "tasks"])
def test_a_damaged_state_is_no_state(tmp_path: Path, change: str) -> None:
    state = a_state()
    save_state(state, tmp_path)
    path = state_path(tmp_path, state.fingerprint)
    if change.isalpha():
        document = json.loads(path.read_text())
        document[change] = "nonsense"
        change = json.dumps(document)
    path.write_text(change)
    with pytest.raises(ArchiveError, match=r"is damaged .*; remove it to begin anew"):
        load_state(tmp_path, state.fingerprint)


def test_a_request_is_checked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no selection is called 'luck': expected one of lexicase"):
        Request(archive=tmp_path, selection="luck")
    with pytest.raises(UsageError, match="rounds: expected 1 or more, got 0"):
        Request(archive=tmp_path, rounds=0)


def test_what_does_not_change_the_findings_is_not_in_the_fingerprint(tmp_path: Path) -> None:
    request = Request(archive=tmp_path)
    same = replace(request, rounds=99, minutes=1.0, jobs=8)
    other = replace(request, seed=1)
    assert request.fingerprint(["a"], []) == same.fingerprint(["a"], [])
    assert request.fingerprint(["a"], []) != other.fingerprint(["a"], [])
    assert request.fingerprint(["a"], []) != request.fingerprint(["b"], [])
