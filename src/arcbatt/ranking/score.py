"""The order of programs: by their scores on the demos, then by simplicity.

The o_score of a solver on a task is the sum of its scores on the demos: 1000 for an exact output
and less for any other (`arcbatt.engine.outcome.agreement`). Of two solvers the one with the higher
o_score is better, then the simpler one (fewer nodes), then the faster one (less fuel, which does
not depend on the machine), then the one whose text comes first, so that no two are equal.
"""

from __future__ import annotations

from arcbatt.candidates import Candidate, Score

RankKey = tuple[int, int, int, str]


def rank_key(score: Score, *, size: int, fuel: int, text: str = "") -> RankKey:
    """Return a key by which an ascending sort puts the best program first.

    Args:
        score: the score on the demos.
        size: the size of the program, in nodes.
        fuel: the fuel on all samples together.
        text: a text that differs between programs, such as the md5; if it is left out, programs
            that are equal in all else have the same key.
    """
    return (-score.total, size, fuel, text)


def rank_of(candidate: Candidate) -> RankKey:
    """Return the rank key of a candidate."""
    return rank_key(
        candidate.score,
        size=candidate.program.size,
        fuel=candidate.fuel,
        text=candidate.program.body_hash,
    )
