"""The parts of evolution, and one island at work."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from math import log2
from pathlib import Path

import pytest

from arcbatt.candidates import Weighted
from arcbatt.commands.evolve import EvolveRequest
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.engine.breeder import Bred, Breeding, Findings, Island, Tally
from arcbatt.engine.cases import TaskCases
from arcbatt.errors import ArchiveError, EngineError, GraphError, UsageError
from arcbatt.evolve.loop import (
    NO_PROGRAM,
    NODE_FUEL,
    POLISH,
    Evolution,
    Progress,
    RoundResult,
    TaskState,
    cheap_differs,
    open_pool,
)
from arcbatt.evolve.mutations import (
    FACTOR_MAX,
    MUTATIONS,
    adapt_weights,
    add_tallies,
    first_weights,
    mutate,
    open_breeder,
)
from arcbatt.evolve.options import SELECTIONS, EvolutionOptions
from arcbatt.evolve.population import (
    MIGRANTS,
    OTHERS_MAX,
    SIZE_TO_HALVE,
    SURE_SIZE,
    HallOfFame,
    ParentPool,
    draw_island,
    migrate,
    program_weight,
    rank_parents,
    seeds_of,
    turn_of,
)
from arcbatt.evolve.state import RunState, load_state, save_state, state_path
from arcbatt.evolve.submissions import (
    FAMILY_MAX,
    SENT_MAX,
    SUBMISSIONS_MAX,
    TAKEN_MAX,
    BestFound,
    Submission,
    Submitted,
    choose,
    transfer,
)
from arcbatt.program.check import check
from arcbatt.program.parse import parse_program
from arcbatt.program.render import from_compact, to_compact
from arcbatt.tasks import Sample, Task

pytestmark = pytest.mark.native

GRIDS: tuple[Grid, ...] = (((1, 2), (3, 4)), ((5, 6, 7), (8, 9, 1)), ((0, 2, 2), (3, 0, 1)))
BREEDING = Breeding(mutants=400, generation=40, population=30, selection="lexicase")


def compact_of(expression: str) -> str:
    return to_compact(parse_program(f"def solve(S, I, C): return {expression}").program)


def make_task(name: str, rule: str, grids: tuple[Grid, ...] = GRIDS) -> Task:
    """Return a task whose outputs a program makes."""
    engine = open_engine("reference")
    program = parse_program(f"def solve(S, I, C): return {rule}").program
    [done] = engine.evaluate([Job(program, [Case((), grid) for grid in grids])], Budget())
    demos = tuple(Sample(grid, done.output(place, 0)) for place, grid in enumerate(grids))
    return Task(name, demos, (Sample(grids[0][::-1]),))


def breed(task: Task, *expressions: str, breeding: Breeding = BREEDING, seed: int = 1) -> Findings:
    each = TaskCases.of(task)
    island = Island(
        each.demos, each.tests, each.probes, list(map(compact_of, expressions)), (), (seed,)
    )
    [found] = open_breeder().breed(
        [island], donors=(), differs=(), weights=first_weights(), breeding=breeding, threads=1
    )
    return found


def test_the_table_of_mutations_is_that_of_the_core() -> None:
    assert tuple(each.name for each in MUTATIONS) == open_breeder().mutations
    assert all(each.weight > 0 and each.does for each in MUTATIONS)


def test_the_docs_list_the_mutations_and_the_figures() -> None:
    page = (Path(__file__).parents[2] / "docs" / "evolve.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (.*) \|$", page, re.MULTILINE)
    assert rows == [(each.name, f"{each.weight:g}", each.does) for each in MUTATIONS]
    selections = re.findall(r"^\| `(\w+)` \| [^|]*\|$", page, re.MULTILINE)
    assert tuple(selections) == SELECTIONS
    begins = [str(done) for done in range(1, 17) if turn_of(done)]
    text = " ".join(page.split())
    for sentence in (
        f"between 1/{FACTOR_MAX:g} and {FACTOR_MAX:g} times its first weight",
        f"with probability {BREEDING.further} it is mutated once more",
        f"at most {SUBMISSIONS_MAX} programs of a task",
        f"at most {FAMILY_MAX} of one family",
        f"the {MIGRANTS} best programs of the island before it",
        f"the {SENT_MAX} best new programs of each task",
        f"gets at most {TAKEN_MAX} programs",
        f"may use {NODE_FUEL:,} fuel",
        f"at most {SURE_SIZE} nodes is right on all demos",
        f"takes part in {POLISH} more rounds",
        f"after {', '.join(begins)} ... rounds",
        f"halved for every {SIZE_TO_HALVE} nodes",
        f"the {OTHERS_MAX} best other programs",
    ):
        assert sentence in text, sentence


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
    assert set(both) == {each.name for each in MUTATIONS}


@pytest.mark.parametrize("compact", ["", "$X", "=", "=1,2,x", "$I;size 1", "$I;size", "nothing 0"])
def test_a_wrong_compact_form_is_refused(compact: str) -> None:
    with pytest.raises(GraphError):
        from_compact(compact)
    with pytest.raises(EngineError):
        open_breeder().infer(compact)


def test_a_primitive_that_is_invoked_is_called() -> None:
    # Its text says so too: what is validated is parsed from the text.
    called = parse_program("def solve(I): return vmirror(I)").program
    assert from_compact("@vmirror;$I;! 0 1") == called
    assert parse_program("def solve(I):\n    f = vmirror\n    return f(I)").program == called


def test_what_is_not_well_typed_has_no_type_and_no_children() -> None:
    program = parse_program("def solve(I): return vmirror(size(I))").program
    assert open_breeder().infer(to_compact(program)) is None
    assert mutate([program], count=10, seed=1) == []


@pytest.mark.parametrize(
    "call", ["astuple({0}, {0})", "initset({0})", "branch(T, {0}, initset({0}))"]
)
def test_types_that_grow_are_given_up_where_the_checker_gives_them_up(call: str) -> None:
    for count in (3, 6, 7, 90, 200):
        lines = "".join(f"\n    x{n + 1} = {call.format(f'x{n}')}" for n in range(count))
        text = f"def solve(I):\n    x0 = I{lines}\n    return x{count}\n"
        program = parse_program(text).program
        inferred = open_breeder().infer(to_compact(program))
        assert inferred is not None
        wanted = str(check(program).types[-1])
        # Either side numbers variables in its own way.
        assert re.sub(r"\?\d+", "?", inferred) == re.sub(r"\?\d+", "?", wanted)


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
    each = TaskCases.of(task)
    dealt = [
        compact_of("hmirror(I)"),
        compact_of("vmirror(I)"),
        compact_of("replace(hmirror(I), 1, 2)"),
    ]
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
            assert "S" not in from_compact(bred.line).inputs


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


@pytest.mark.parametrize("selection", SELECTIONS)
def test_every_selection_works(selection: str) -> None:
    breeding = replace(BREEDING, selection=selection)
    found = breed(
        make_task("0000cccc", "dmirror(I)"), "vmirror(I)", "hmirror(I)", breeding=breeding
    )
    assert found.counts["mutants"] > 100
    assert found.members[0].is_new


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


def weighted(name: str, expression: str, origin: str = "") -> Weighted:
    program = parse_program(f"def solve(S, I, C): return {expression}").program
    return Weighted(name, program, origin=origin)


def a_pool() -> ParentPool:
    return open_pool(
        [
            weighted("solve_0000aaaa", "hmirror(I)"),
            weighted("solve_0000bbbb", "vmirror(I)"),
            weighted("solve_0000cccc", "rot90(I)"),
            weighted("number", "size(size(I))"),
        ],
        EvolutionOptions(),
    )


def test_parents_are_ranked_by_the_demos_and_held_out_by_name() -> None:
    pool = a_pool()
    assert pool.left_out == ("number",)
    cases = [TaskCases.of(make_task("0000aaaa", "hmirror(I)"))]
    own = {"0000aaaa": [weighted("x", "dmirror(I)").program, weighted("y", "hmirror(I)").program]}
    ranked = {
        hold_out: rank_parents(
            pool, cases, own, engine=open_engine("native"), budget=Budget(), threads=1,
            hold_out=hold_out,
        )["0000aaaa"]
        for hold_out in (False, True)
    }  # fmt: skip
    own_program, *others = ranked[False]
    assert own_program == compact_of("hmirror(I)")
    # What is held out does not come in as a program of the task's own either.
    assert ranked[True] == others and len(others) == 3
    assert compact_of("dmirror(I)") in others


def test_islands_begin_with_the_best_and_differ_in_the_rest() -> None:
    ranked = [str(number) for number in range(20)]
    one, two = (draw_island(ranked, population=9, seed=seed) for seed in ("a", "b"))
    assert one[:5] == two[:5] == ranked[:5]
    assert len(one) == len(set(one)) == 9 and one[5:] != two[5:]


def bred(
    behaviour: int, *, bodies: int = 1, size: int = 4, scores: tuple[int, ...] = (1000, 1000)
) -> Bred:
    compact = f"$I;={behaviour};asindices 0;fill 0 1 2"
    return Bred(compact, scores, size, 9, (), True, behaviour, bodies)


def findings(*members: Bred) -> Findings:
    return Findings(members, {}, {})


def test_each_island_takes_in_the_best_of_the_one_before_it() -> None:
    found = [findings(*(bred(10 * island + place) for place in range(4))) for island in range(2)]
    islands = migrate([*found, findings(bred(0), bred(1))])
    numbers = [[int(each.split(";")[1][1:]) for each in island] for island in islands]
    assert numbers == [[0, 1, 2, 3], [10, 11, 12, 13, 0, 1], [0, 1, 10, 11]]


class TestHallOfFame:
    def test_weights_are_shares_of_bodies_and_halve_with_the_size(self) -> None:
        assert program_weight(3, SIZE_TO_HALVE, 4) == 3 / 8
        assert program_weight(3, 2 * SIZE_TO_HALVE, 4) == 3 / 16

    def test_of_each_behaviour_the_best_program_stays_with_all_bodies(self) -> None:
        hall = HallOfFame()
        hall.add([bred(1, bodies=2, size=9), bred(2, scores=(1000, 5))])
        hall.add([bred(1, bodies=3, size=7), bred(1, bodies=4, size=8)])
        assert hall.exact == [bred(1, bodies=9, size=7)]
        assert hall.others == [bred(2, scores=(1000, 5))]
        assert hall.is_sure
        hall.add(bred(number, scores=(0, number)) for number in range(10, 90))
        assert len(hall.others) == OTHERS_MAX
        larger = HallOfFame()
        larger.add([bred(1, size=SURE_SIZE + 1)])
        assert not larger.is_sure

    def test_programs_are_proposed_with_weights_and_origins(self) -> None:
        hall = HallOfFame()
        hall.add([bred(1, bodies=1, size=4), bred(2, bodies=3, size=4)])
        hall.add([bred(3, scores=(1000, 5))])
        known = from_compact(bred(1).line).body_hash
        second, first, other = (
            hall.programs("evolution", {known: "library"})[place] for place in (1, 0, 2)
        )
        assert second.name == f"evolution_{known}" and second.origin == "library"
        assert first.log2_weight == pytest.approx(log2(3 / 8)) and second.log2_weight == -3
        assert first.origin == "" and other.log2_weight is None


class TestProgress:
    def test_a_surely_solved_task_is_evolved_on_for_some_rounds(self) -> None:
        tasks = {"a": TaskState(), "b": TaskState(sure_in=1), "c": TaskState(problem="x")}
        assert Progress(tasks, POLISH).open_tasks() == ["a", "b"]
        assert Progress(tasks, POLISH + 1).open_tasks() == ["a"]
        assert Progress(tasks, POLISH + 1).open_tasks(keep_solved=True) == ["a", "b"]

    def test_rounds_fill_the_islands_and_count(self) -> None:
        options = EvolutionOptions(mutants=200, population=12)
        pool = a_pool()
        evolution = Evolution(options, pool, engine=open_engine("native"))
        cases = [TaskCases.of(make_task(name, "dmirror(I)")) for name in ("0000aaaa", "0000bbbb")]
        evolution.begin(cases)
        for _ in range(2):
            results = evolution.do_round(["0000aaaa"])
        assert list(results) == ["0000aaaa"]
        done, untouched = evolution.progress.tasks.values()
        assert done.counts["mutants"] == 400 and not untouched.counts
        assert done.hall.members and done.islands != untouched.islands
        assert evolution.weights("0000aaaa") != first_weights()
        assert evolution.weights("0000bbbb") == pytest.approx(first_weights())

    def test_a_task_without_programs_has_a_problem(self, monkeypatch: pytest.MonkeyPatch) -> None:
        evolution = Evolution(EvolutionOptions(), a_pool(), engine=open_engine("native"))
        evolution.begin([TaskCases.of(make_task("0000aaaa", "dmirror(I)"))])
        nothing = {"0000aaaa": RoundResult([[]], [findings()])}
        monkeypatch.setattr(evolution, "_breed", lambda *_: nothing)
        evolution.do_round(["0000aaaa"])
        assert evolution.progress.tasks["0000aaaa"].problem == NO_PROGRAM
        assert evolution.progress.open_tasks() == []

    def test_only_cheap_differs_score_members(self) -> None:
        assert 0 < len(cheap_differs()) < 20


def test_a_program_is_transferred_to_tasks_that_it_is_right_on() -> None:
    tasks = [make_task("0000aaaa", "vmirror(I)"), make_task("0000bbbb", "hmirror(I)")]
    cases = {task.id: TaskCases.of(task) for task in tasks}
    made = [
        Submission(compact_of(text), (0, 0, 0), 2, 9, ("$I",), is_new=True)
        for text in ("hmirror(I)", "vmirror(I)")
    ]
    old = replace(made[0], compact=compact_of("identity(vmirror(I))"), is_new=False)
    taken = transfer(
        {"0000aaaa": made, "0000bbbb": [old]}, cases, engine=open_engine("native"),
        budget=Budget(), threads=1,
    )  # fmt: skip
    assert [each.compact for each in taken["0000bbbb"]] == [compact_of("hmirror(I)")]
    assert taken["0000bbbb"][0].parents == ("$I",)
    assert taken["0000aaaa"] == []


def submission(number: int, scores: tuple[int, ...] = (1000, 500)) -> Submission:
    return Submission(f"$I;={number};asindices 0;fill 0 1 2", scores, size=4, fuel=number)


def test_a_family_does_not_fill_all_places() -> None:
    submissions = [submission(number) for number in range(20)]
    other = replace(submission(30), scores=(500, 1000), size=3)
    chosen = choose([*submissions, other], Submitted())
    assert len(chosen) == FAMILY_MAX + 1 <= SUBMISSIONS_MAX
    assert other in [each for each, _ in chosen]
    assert choose(submissions, Submitted(families={"10/3": FAMILY_MAX})) == []


def test_nothing_is_submitted_twice() -> None:
    known = Submitted()
    first = choose([submission(1), submission(1), submission(2)], known)
    assert len(first) == 2
    known.bodies.extend(body for _, body in first)
    assert choose([submission(1), submission(2)], known) == []


def test_the_archive_gets_the_weights_of_what_passed() -> None:
    hall = HallOfFame()
    hall.add([bred(1, bodies=2), bred(2, bodies=6), bred(3, bodies=99, scores=(1000, 999))])
    known = Submitted(behaviours={"first": 1, "second": 1}, waiting={bred(2).line: "third"})
    two = program_weight(2, 4, 8)
    assert known.weights(hall) == {"first": two, "second": two}
    # In the next round the transferred program is a member, so that its behaviour is known.
    known.learn([bred(2)])
    assert known.weights(hall)["third"] == program_weight(6, 4, 8)
    assert not known.waiting


def a_state() -> RunState:
    task = TaskState([["$I;vmirror 0"]], counts={"mutants": 9}, sure_in=2)
    task.hall.add([bred(1), bred(2, scores=(1000, 5))])
    best = BestFound("f" * 32, "return I", (1000, 999), 1, 3, 40, 2)
    submitted = Submitted(["ab"], {"10/2": 1}, best, {"f" * 32: 7}, {"$I": "a" * 32})
    progress = Progress({"0000aaaa": task}, 3, {"": {"wrap": Tally(5, 2, 1)}})
    return RunState("0" * 32, progress, {"0000aaaa": submitted}, 4)


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = a_state()
    assert load_state(tmp_path, state.fingerprint) is None
    save_state(state, tmp_path)
    assert load_state(tmp_path, state.fingerprint) == state


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "{",
        lambda text: "[" * 1_000_000,
        lambda text: text.replace("vmirror", "hmirror"),
        lambda text: text.replace('"version": 5', '"version": 4'),
        lambda text: text.replace('"round": 3', '"round": 100000000000000000000'),
        lambda text: text[:-9],
        lambda text: text + " ",
        lambda text: "",
        lambda text: "\udcff",
    ],
)
def test_a_changed_state_is_no_state(tmp_path: Path, change: Callable[[str], str]) -> None:
    """A state that anything else has written is not even decoded."""
    state = a_state()
    save_state(state, tmp_path)
    path = state_path(tmp_path, state.fingerprint)
    path.write_bytes(change(path.read_text()).encode(errors="surrogateescape"))
    with pytest.raises(ArchiveError, match=r"is damaged .*; remove it to begin anew"):
        load_state(tmp_path, state.fingerprint)


def test_a_state_of_unbounded_size_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = a_state()
    save_state(state, tmp_path)
    monkeypatch.setattr("arcbatt.evolve.state.BYTES_MAX", 100)
    with pytest.raises(ArchiveError, match="has more than 100 bytes"):
        load_state(tmp_path, state.fingerprint)
    with pytest.raises(ArchiveError, match="has more than 100 bytes; evolve fewer tasks at once"):
        save_state(state, tmp_path)


def test_a_state_is_a_regular_file(tmp_path: Path) -> None:
    """A pipe would block for ever, and a link could lead anywhere."""
    state = a_state()
    path = state_path(tmp_path, state.fingerprint)
    os.mkfifo(path)
    with pytest.raises(ArchiveError, match="expected a regular file, got a pipe"):
        load_state(tmp_path, state.fingerprint)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(ArchiveError, match="expected a regular file, got a link"):
        load_state(tmp_path, state.fingerprint)


def test_options_are_checked_and_scaled() -> None:
    with pytest.raises(UsageError, match="no selection is called 'luck': expected one of lexicase"):
        EvolutionOptions(selection="luck")
    with pytest.raises(UsageError, match="rounds: expected 1 or more, got 0"):
        EvolutionOptions(rounds=0)
    assert EvolutionOptions(mutants=10, rounds=4).scaled(2.5).rounds == 10
    assert EvolutionOptions(mutants=10, rounds=4).scaled(0.5).rounds == 4


def test_what_does_not_change_the_findings_is_not_in_the_fingerprint(tmp_path: Path) -> None:
    request = EvolveRequest(archive=tmp_path)
    same = replace(request, options=replace(request.options, rounds=99), total_seconds=60.0, jobs=8)
    other = replace(request, options=replace(request.options, seed=1))
    one, two = ([make_task("0000aaaa", rule)] for rule in ("vmirror(I)", "hmirror(I)"))
    assert request.fingerprint(one, []) == same.fingerprint(one, [])
    assert request.fingerprint(one, []) != other.fingerprint(one, [])
    assert request.fingerprint(one, []) != request.fingerprint(two, [])
    assert request.fingerprint(one, []) != request.fingerprint(one, ["$I"])
