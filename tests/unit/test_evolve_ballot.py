"""Ballots: what the programs that a run has found count for their outputs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from arcbatt.engine.breeder import Bred
from arcbatt.evolve.ballot import NODES_TO_HALVE, Ballot, weigh
from arcbatt.evolve.finds import NO_CROP, Crop, Finds
from arcbatt.evolve.state import SURE_NODES, State, TaskState, load_state, save_state, state_path


def bred(behaviour: int, *, bodies: int, size: int = 4, score: int = 1000) -> Bred:
    line = f"${behaviour} {size}"
    return Bred(line, (1000, score), size, 9, (), True, behaviour, bodies)


def test_the_share_of_bodies_and_the_size_count() -> None:
    assert weigh(3, NODES_TO_HALVE, 4) == 3 / 8
    assert weigh(3, 2 * NODES_TO_HALVE, 4) == 3 / 16


def test_votes_are_those_of_all_rounds() -> None:
    ballot = Ballot()
    ballot.count([bred(1, bodies=2), bred(2, bodies=6, size=8), bred(3, bodies=99, score=999)])
    ballot.tell("first", bred(1, bodies=2).line, 1)
    ballot.tell("second", "another line that does the same", 1)
    ballot.tell("guest", bred(2, bodies=6, size=4).line, None)
    assert ballot.votes == {"first": weigh(2, 4, 8), "second": weigh(2, 4, 8)}
    # In the next round the guest is a member, so that its behaviour is known.
    ballot.count([bred(1, bodies=1), bred(2, bodies=1, size=4)])
    assert ballot.votes == {
        "first": weigh(3, 4, 10),
        "second": weigh(3, 4, 10),
        "guest": weigh(7, 4, 10),
    }
    assert Ballot.read(json.loads(json.dumps(asdict(ballot)))) == ballot


def test_a_state_without_ballots_goes_on(tmp_path: Path) -> None:
    state = State("f" * 32, {"0000aaaa": TaskState(islands=[["$I"]])})
    state.tasks["0000aaaa"].ballot.count([bred(1, bodies=2)])
    save_state(state, tmp_path)
    assert load_state(tmp_path, state.fingerprint) == state
    path = state_path(tmp_path, state.fingerprint)
    document = json.loads(path.read_text())
    del document["tasks"]["0000aaaa"]["ballot"]
    path.write_text(json.dumps(document))
    older = load_state(tmp_path, state.fingerprint)
    assert older is not None and older.tasks["0000aaaa"].ballot == Ballot()


def test_of_each_behaviour_the_best_program_stays_with_all_bodies() -> None:
    finds = Finds()
    finds.add([bred(1, bodies=2, size=9), bred(2, bodies=1, score=5)])
    finds.add([bred(1, bodies=3, size=7), bred(1, bodies=4, size=8)])
    assert finds.all() == (bred(1, bodies=9, size=7), bred(2, bodies=1, score=5))
    assert finds.is_sure
    larger = Finds()
    larger.add([bred(1, bodies=1, size=SURE_NODES + 1)])
    assert not larger.is_sure


def test_a_crop_says_why_it_ended() -> None:
    finds = (bred(1, bodies=1), bred(2, bodies=1), bred(3, bodies=1, score=5))
    assert NO_CROP.reason == "stopped: 0 rounds done"
    assert Crop(1, 9, 9, ()).reason == "stopped: 1 round done"
    assert Crop(4, 9, 9, finds).reason == (
        "stopped: 4 rounds done, found 2 programs that are right on all demos"
    )
    assert Crop(3, 9, 9, finds[:1], sure_in=1).reason == (
        f"stopped: 2 rounds after a program of at most {SURE_NODES} nodes,"
        " found 1 program that is right on all demos"
    )
    assert Crop(1, 9, 9, (), problem="nothing fits").reason == "stopped: nothing fits"
