"""Properties of mutation: children are well typed, and do what the engine says they do."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcbatt.dsl.types import Samples
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.engine.breeder import Bred, Breeding, Island, Tally
from arcbatt.errors import ArchiveError
from arcbatt.evolve.loop import Progress, TaskState
from arcbatt.evolve.mutations import NUMBER, first_weights, mutate, open_breeder
from arcbatt.evolve.population import HallOfFame
from arcbatt.evolve.state import RunState, _sign, load_state, save_state, state_path
from arcbatt.evolve.submissions import BestFound, Submitted
from arcbatt.library import DIFFERS, load_library
from arcbatt.program.check import check
from arcbatt.program.graph import Program
from arcbatt.program.render import from_compact, to_compact

from .strategies import programs, samples

pytestmark = pytest.mark.native

SOLVERS = [source.program for source in load_library()[:60]]
DIFFER_PROGRAMS = [source.program for source in load_library(DIFFERS)]
BUDGET = Budget(node_fuel=20_000, sample_seconds=None)


def settled(kind: str) -> str:
    """Number the open types of a text by their first occurrence."""
    seen: dict[str, str] = {}
    return re.sub(r"\?\d+", lambda found: seen.setdefault(found[0], f"?{len(seen)}"), kind)


@given(programs(max_calls=12))
def test_compact_forms_read_back_as_the_same_program(program: Program) -> None:
    again = from_compact(to_compact(program))
    assert again == program
    assert again.body_hash == program.body_hash


@given(programs(max_calls=12, inputs="SIC"))
def test_both_sides_infer_the_same_type(program: Program) -> None:
    checked = check(program)
    inferred = open_breeder().infer(to_compact(program))
    assert checked.mismatches == ()
    assert inferred is not None
    assert settled(inferred) == settled(str(checked.types[program.root]))


@settings(max_examples=14)
@given(st.integers(0, 2**40), st.sampled_from([*sorted(first_weights()), ""]))
def test_children_of_solvers_are_well_typed(seed: int, mutation: str) -> None:
    weights = {name: float(name == mutation) for name in first_weights()} if mutation else None
    children = mutate(SOLVERS, count=40, seed=seed, donors=SOLVERS, weights=weights)
    assert len({child.program.body_hash for child in children}) == len(children)
    for child in children:
        checked = check(child.program)
        assert checked.mismatches == ()
        kind = open_breeder().infer(to_compact(child.program))
        assert kind is not None
        assert settled(kind) == settled(str(checked.types[child.program.root]))
        assert child.program not in SOLVERS
        assert "C" not in child.program.inputs
        assert child.mutation == (mutation or child.mutation)


@settings(max_examples=10)
@given(st.integers(0, 2**40))
def test_children_of_differs_are_well_typed(seed: int) -> None:
    children = mutate(DIFFER_PROGRAMS, count=60, seed=seed, goal=NUMBER, inputs="SIC")
    assert len(children) == 60
    for child in children:
        checked = check(child.program)
        assert checked.mismatches == ()
    assert any("C" in child.program.inputs for child in children)


@settings(max_examples=15)
@given(samples(max_side=4), st.integers(0, 2**40), st.booleans(), st.sampled_from([1, 10**7]))
def test_members_do_what_the_engine_says(
    pairs: Samples, seed: int, shares: bool, memory_max: int
) -> None:
    demos = [Case(S=pairs, I=grid, wanted=wanted) for grid, wanted in pairs]
    tests = [Case(S=pairs, I=pairs[0][1])]
    island = Island(demos, tests, (), list(map(to_compact, SOLVERS[:20])), (), (seed,))
    breeding = Breeding(
        mutants=60,
        generation=20,
        population=20,
        selection="lexicase",
        budget=BUDGET,
        shares=shares,
        memory_max=memory_max,
    )
    [found] = open_breeder().breed(
        [island], donors=(), differs=(), weights=first_weights(), breeding=breeding, threads=1
    )
    members = [from_compact(bred.line) for bred in found.members]
    jobs = [Job(program, [*demos, *tests]) for program in members]
    behaviours = set()
    for bred, evaluation in zip(
        found.members, open_engine("native").evaluate(jobs, BUDGET), strict=True
    ):
        rows = range(len(demos) + 1)
        assert list(bred.scores) == [evaluation.scores_of(row)[0] for row in rows[:-1]]
        assert bred.fuel == sum(evaluation.fuel_of(row)[0] for row in rows)
        behaviours.add(tuple(evaluation.digests_of(row)[0] for row in rows))
    assert len(behaviours) == len(members)


STATE = RunState(
    "0" * 32,
    Progress(
        {
            "0000aaaa": TaskState(
                [["$I;vmirror 0"]],
                HallOfFame({7: Bred("$I", (1000, 5), 1, 9, (0,), True, 7, 2)}),
                {"mutants": 9},
                sure_in=2,
            )
        },
        3,
        {"": {"wrap": Tally(5, 2, 1)}},
    ),
    {
        "0000aaaa": Submitted(
            ["ab"],
            {"10/2": 1},
            BestFound("f" * 32, "return I", (1000, 999), 1, 3, 40, 2),
            {"f" * 32: 7},
            {"$I": "a" * 32},
        )
    },
    4,
)
ODD_VALUES: list[object] = [
    None, True, -1, 0, 1.5, 10**30, float("inf"), "", "x", [], [[]], {}, {"a": 1}, [None], [1],
]  # fmt: skip


def places_in(value: object) -> list[tuple[Any, Any]]:
    """Return all containers of a document with a key or an index in each."""
    keys = list(value) if isinstance(value, dict) else range(len(value))  # type: ignore[arg-type]
    found: list[tuple[Any, Any]] = []
    for key in keys:
        found.append((value, key))
        if isinstance(value[key], dict | list):  # type: ignore[index]
            found += places_in(value[key])  # type: ignore[index]
    return found


@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.sampled_from(ODD_VALUES)), max_size=3),
    st.booleans(),
)
def test_an_edited_state_is_an_error_or_a_state(
    edits: list[tuple[float, object]], removes: bool
) -> None:
    """Also where the digest fits, as in a state that was made to deceive."""
    with TemporaryDirectory() as folder:
        archive = Path(folder)
        save_state(STATE, archive)
        path = state_path(archive, STATE.fingerprint)
        document = json.loads(path.read_text())["state"]
        for share, value in edits:
            places = places_in(document)
            container, key = places[int(share * len(places))]
            if removes:
                del container[key]
            else:
                container[key] = copy.deepcopy(value)
        path.write_text(_sign(json.dumps(document)))
        try:
            state = load_state(archive, STATE.fingerprint)
        except ArchiveError as error:
            problem = str(error)
        else:
            assert state is not None
            save_state(state, archive)
            assert load_state(archive, STATE.fingerprint) == state
            problem = "" if edits or state == STATE else "is another state"
        assert not problem or (edits and "is damaged" in problem)


@given(st.binary(max_size=40), st.integers(0, 2000))
def test_overwritten_bytes_of_a_state_are_an_error(data: bytes, start: int) -> None:
    with TemporaryDirectory() as folder:
        archive = Path(folder)
        save_state(STATE, archive)
        path = state_path(archive, STATE.fingerprint)
        before = path.read_bytes()
        after = before[:start] + data + before[start + len(data) :]
        path.write_bytes(after)
        if after == before:
            assert load_state(archive, STATE.fingerprint) == STATE
        else:
            with pytest.raises(ArchiveError, match="is damaged"):
                load_state(archive, STATE.fingerprint)
