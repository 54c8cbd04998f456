"""Filter: drop equal behaviours, and what can't be kept anyway, before anything expensive.

Equal bodies are gone by now: the batt has one root for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import groupby

from arcbatt.pipeline.score import merged
from arcbatt.pipeline.votes import NO_VOTES, Votes, best_votes, vote_of_size
from arcbatt.pipeline.work import Candidate, Work
from arcbatt.score import Score, rank_key


def filter_candidates(
    work: Work, *, capacity: int | None = None, by_behaviour: bool = True
) -> None:
    """Make one candidate of each behaviour, the best first.

    Behaviour is the outputs on all demo samples and test inputs. Of equal roots the simplest
    stays, then the one with the least fuel; the names of the others become its aliases. A root
    that failed on every sample has no behaviour and is dropped.

    Args:
        work: that was scored.
        capacity: keep so many of the best; None for all. The others are counted, not made.
        by_behaviour: else every root is a candidate.
    """
    if work.scored is None or work.problem:
        return
    columns = _Columns(work)
    groups: dict[object, list[int]] = {}
    for root, behaviour in enumerate(columns.behaviours):
        if any(behaviour):
            groups.setdefault(behaviour if by_behaviour else root, []).append(root)
        else:
            work.counts.failed += 1
    for roots in groups.values():
        if len(roots) > 1:
            roots.sort(key=columns.simplicity)
    kept = columns.best((roots[0] for roots in groups.values()), capacity)
    by_best = {roots[0]: roots for roots in groups.values()}
    work.candidates = [columns.candidate(by_best[root]) for root in kept]
    distinct = (
        groups if by_behaviour else {columns.behaviours[roots[0]] for roots in groups.values()}
    )
    work.counts.behaviours = len(distinct)
    work.counts.kept = len(kept)


def keep_best(work: Work, *, capacity: int) -> None:
    """Keep the best few candidates of a work, the best first."""
    work.candidates = sorted(work.candidates, key=lambda candidate: candidate.rank)[:capacity]
    work.counts.kept = len(work.candidates)


class _Columns:
    """What the roots of a batt did, one entry per root."""

    def __init__(self, work: Work) -> None:
        assert work.scored is not None
        self.batt = merged(work)
        demos, tests = work.scored.demos, work.scored.tests
        demo_cases, test_cases = range(len(work.task.demos)), range(len(work.task.tests))
        self.behaviours = _rows(
            [*map(demos.digests_of, demo_cases), *map(tests.digests_of, test_cases)]
        )
        self.fuels = _rows([*map(demos.fuel_of, demo_cases), *map(tests.fuel_of, test_cases)])
        self.scores = _rows(map(demos.scores_of, demo_cases))
        self.times = [*map(demos.times_of, demo_cases), *map(tests.times_of, test_cases)]
        self.sources = {dealt.name: dealt.source for dealt in work.card}
        self.votes = {dealt.name: dealt.votes for dealt in work.card if dealt.votes.total}

    def simplicity(self, root: int) -> tuple[int, int, str]:
        """Key of an ascending sort of roots that behave alike, the best first."""
        program = self.batt.programs[root]
        return (program.size, sum(self.fuels[root]), program.body_hash)

    def best(self, roots: Iterable[int], capacity: int | None) -> list[int]:
        """Return the best roots, in the order that the ranks of their candidates have.

        A body is only hashed where all else is equal.
        """
        programs, fuels, scores = self.batt.programs, self.fuels, self.scores
        ranked = sorted(
            (rank_key(Score(scores[root]), size=programs[root].size, fuel=sum(fuels[root])), root)
            for root in roots
        )
        best: list[int] = []
        for _, equal in groupby(ranked, key=lambda item: item[0]):
            if capacity is not None and len(best) >= capacity:
                break
            tied = [root for _, root in equal]
            if len(tied) > 1:
                tied.sort(key=lambda root: programs[root].body_hash)
            best.extend(tied)
        return best[:capacity]

    def candidate(self, roots: list[int]) -> Candidate:
        """Make the candidate of some roots that behave alike, the best one first."""
        programs = self.batt.programs
        best, *others = roots
        names = self.batt.names[best]
        return Candidate(
            position=best,
            names=names,
            source=self.sources[names[0]],
            program=programs[best],
            score=Score(self.scores[best]),
            behaviour=self.behaviours[best],
            fuels=self.fuels[best],
            nanoseconds=sum(times[best] for times in self.times),
            aliases=(*names[1:], *(name for other in others for name in self.batt.names[other])),
            votes=self.vote(roots),
        )

    def vote(self, roots: Sequence[int]) -> Votes:
        """Return what some roots that behave alike count for their outputs, equal bodies once."""
        if len(roots) == 1:
            return self._vote_of_body(roots)
        bodies: dict[str, list[int]] = {}
        for root in roots:
            bodies.setdefault(self.batt.programs[root].body_hash, []).append(root)
        return sum(map(self._vote_of_body, bodies.values()), NO_VOTES)

    def _vote_of_body(self, roots: Sequence[int]) -> Votes:
        """Return the best votes that were dealt with a body, or its own."""
        names = (name for root in roots for name in self.batt.names[root])
        dealt = [self.votes[name] for name in names if name in self.votes]
        return reduce(best_votes, dealt) if dealt else vote_of_size(self.batt.programs[roots[0]])


def _rows(columns: Iterable[list[int]]) -> list[tuple[int, ...]]:
    return list(zip(*columns, strict=True))
