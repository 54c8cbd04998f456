"""Votes: what programs that behave alike count together, and what of it the archive is told."""

from __future__ import annotations

from itertools import permutations

import pytest
from tests.archives import make_program

from arcbatt.archive import Archive
from arcbatt.pipeline.deal import KnownPrograms, deal_archive, join_cards
from arcbatt.pipeline.votes import NO_VOTES, Votes, best_votes, vote_of_size
from arcbatt.pipeline.work import Dealt
from arcbatt.program.parse import parse_program
from arcbatt.score import Score

FOUND, KEPT, SMALL = Votes(dealt=0.25), Votes(kept=0.5), Votes(simple=0.125)


def test_a_program_of_which_nobody_said_anything_counts_by_its_size() -> None:
    program = parse_program("def solve(I): return vmirror(hmirror(hmirror(I)))").program
    assert vote_of_size(program) == Votes(simple=0.25)


@pytest.mark.parametrize(
    ("votes", "total", "to_keep"),
    [
        ([], 0.0, None),
        ([SMALL, SMALL], 0.25, None),
        ([FOUND, FOUND], 0.5, 0.5),
        ([KEPT, KEPT], 0.5, 0.5),
        # What the archive says was said of all of them together.
        ([KEPT, FOUND], 0.5, 0.5),
        ([KEPT, FOUND, FOUND, FOUND], 0.75, 0.75),
        ([KEPT, SMALL], 0.625, 0.5),
        ([FOUND, SMALL], 0.375, 0.25),
    ],
)
def test_votes_are_added_up(votes: list[Votes], total: float, to_keep: float | None) -> None:
    for order in permutations(votes):
        added = sum(order, NO_VOTES)
        assert (added.total, added.to_keep) == (total, to_keep)


def test_what_is_said_of_a_body_counts_before_its_size() -> None:
    assert best_votes(SMALL, FOUND) == FOUND
    assert best_votes(Votes(dealt=0.5), FOUND) == Votes(dealt=0.5)
    assert best_votes(KEPT, FOUND) == Votes(dealt=0.25, kept=0.5)
    assert best_votes(SMALL, NO_VOTES) == SMALL


def test_joined_cards_have_the_best_votes_of_a_body() -> None:
    one, two = make_program(1), make_program(2)
    library = (Dealt("a", one, "library"), Dealt("b", two, "library"))
    found = (Dealt("found_1", one, "search", FOUND),)
    again = (Dealt("c", one, "evolve", Votes(dealt=0.5)), Dealt("d", two, "archive"))
    assert join_cards([library, ()]) is library
    assert join_cards([library, (Dealt("d", two, "archive"),)]) is library
    assert join_cards([library, found]) == (Dealt("a", one, "library", FOUND), library[1])
    assert join_cards([library, found, again])[0].votes == Votes(dealt=0.5)
    assert [dealt.name for dealt in join_cards([found, library])] == ["found_1", "b"]


def test_the_archive_tells_what_known_programs_count(tmp_path: object) -> None:
    one, two = make_program(1), make_program(2)
    with Archive.open(f"{tmp_path}/archive") as archive:
        for program, vote in ((one, 0.5), (two, None)):
            archive.add(
                "0000aaaa", program, score=Score((9,)), fuel=1, nanoseconds=1, source="x", vote=vote
            )
        dealt = deal_archive(archive, "0000aaaa")
        assert {each.program.md5: each.votes for each in dealt} == {
            one.md5: Votes(kept=0.5),
            two.md5: NO_VOTES,
        }
        known = KnownPrograms((Dealt("a", one, "library"), Dealt("b", two, "library")))
        [again] = deal_archive(archive, "0000aaaa", known=known)
    assert (again.program, again.votes) == (one, Votes(kept=0.5))
