"""Filter: drop repeated behaviours and surplus candidates before the expensive phases.

Equal bodies are already one, since a batt has one root for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, groupby

from arcbatt.candidates import Candidate, Member, Score, Scored, Work
from arcbatt.ranking.score import rank_key
from arcbatt.ranking.weights import weights_of_body


def filter_candidates(work: Work, *, capacity: int | None = None) -> None:
    """Make one candidate of each behaviour, the best first.

    A behaviour is the tuple of outputs on all demos and test inputs. Of roots with the same
    behaviour the simplest stays, of equally simple ones the one with the least fuel; the names of
    the others become its aliases. A root that failed on every sample is dropped, and so is one
    that is right on all demos and wrong on further ones, unless those are few.

    Args:
        work: a task whose proposals were scored.
        capacity: the largest number of candidates to make, the best ones, 1 or more; None for
            all. The others are only counted.
    """
    if work.problem:
        return
    columns = _Columns(work)
    groups: dict[object, list[int]] = {}
    for root, behaviour in enumerate(columns.behaviours):
        if any(behaviour) and not columns.is_unfit(root):
            groups.setdefault(behaviour, []).append(root)
        else:
            work.counts.failed += 1
    for roots in groups.values():
        if len(roots) > 1:
            roots.sort(key=columns.simplicity)
    kept = columns.best((roots[0] for roots in groups.values()), capacity)
    by_best = {roots[0]: roots for roots in groups.values()}
    work.candidates = [columns.candidate(by_best[root]) for root in kept]
    work.counts.behaviours = len(groups)
    work.counts.kept = len(kept)


class _Columns:
    """The results of the roots of all batts of a task, one entry per root."""

    def __init__(self, work: Work) -> None:
        self.repeats = work.repeats
        self.places = [
            (scored, position)
            for scored in work.scored
            for position in range(len(scored.batt.names))
        ]
        self.further = len(work.task.further)
        self.missed: list[tuple[int, ...]] = [()] * len(self.places)
        if self.further:
            self.missed = [scored.missed.get(place, ()) for scored, place in self.places]
        self.programs = [*chain.from_iterable(each.batt.programs for each in work.scored)]
        self.behaviours = [*chain.from_iterable(map(_behaviours, work.scored))]
        self.fuels = [*chain.from_iterable(map(_fuels, work.scored))]
        self.scores = [*chain.from_iterable(map(_scores, work.scored))]
        self.times = {id(each): _times(each) for each in work.scored}

    def is_unfit(self, root: int) -> bool:
        """Return whether a root is right on all demos, but not on nearly all further ones."""
        scored, position = self.places[root]
        return position in scored.unfit and position not in scored.near

    def simplicity(self, root: int) -> tuple[int, int, str]:
        """Key of an ascending sort of roots that behave alike, the best first."""
        program = self.programs[root]
        return (program.size, sum(self.fuels[root]), program.body_hash)

    def best(self, roots: Iterable[int], capacity: int | None) -> list[int]:
        """Return the best roots, in the order that the ranks of their candidates have.

        A body is hashed only where all else is equal.
        """
        programs, fuels, scores, missed = self.programs, self.fuels, self.scores, self.missed
        ranked = sorted(
            (
                rank_key(
                    Score(scores[root], missed[root], self.further),
                    size=programs[root].size,
                    fuel=sum(fuels[root]),
                ),
                root,
            )
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
        best, *others = roots
        scored, position = self.places[best]
        proposed = scored.roots[position]
        names = tuple(each.name for each in proposed)
        return Candidate(
            scored=scored,
            position=position,
            names=names,
            source=proposed[0].origin or scored.source,
            program=self.programs[best],
            score=Score(self.scores[best], self.missed[best], self.further),
            behaviour=self.behaviours[best],
            fuels=self.fuels[best],
            nanoseconds=sum(times[position] for times in self.times[id(scored)]),
            aliases=(*names[1:], *chain.from_iterable(map(self._names, others))),
            members=self.members(roots),
        )

    def _names(self, root: int) -> list[str]:
        scored, position = self.places[root]
        return [each.name for each in scored.roots[position]]

    def members(self, roots: Sequence[int]) -> tuple[Member, ...]:
        """Return the programs of some roots that behave alike, equal bodies once."""
        if len(roots) == 1:
            return (self._member(roots),)
        bodies: dict[str, list[int]] = {}
        for root in roots:
            bodies.setdefault(self.programs[root].body_hash, []).append(root)
        return tuple(map(self._member, bodies.values()))

    def _member(self, roots: Sequence[int]) -> Member:
        """Return the member of the roots of one body."""
        program = self.programs[roots[0]]
        places = [self.places[root] for root in roots]
        proposed = [each for scored, position in places for each in scored.roots[position]]
        if self.repeats:
            proposed += self.repeats.get(program.body_hash, ())
        missed = next((each.missed for each in proposed if each.missed is not None), None)
        is_brought = any([position in scored.brought for scored, position in places])
        weights = weights_of_body(program, proposed)
        return Member(program, weights, missed, is_brought=is_brought)


def _behaviours(scored: Scored) -> list[tuple[int, ...]]:
    demos, tests = scored.demos, scored.tests
    return _rows(
        [
            *map(demos.digests_of, range(len(demos.outcomes))),
            *map(tests.digests_of, range(len(tests.outcomes))),
        ]
    )


def _fuels(scored: Scored) -> list[tuple[int, ...]]:
    demos, tests = scored.demos, scored.tests
    return _rows(
        [
            *map(demos.fuel_of, range(len(demos.outcomes))),
            *map(tests.fuel_of, range(len(tests.outcomes))),
        ]
    )


def _scores(scored: Scored) -> list[tuple[int, ...]]:
    return _rows(map(scored.demos.scores_of, range(len(scored.demos.outcomes))))


def _times(scored: Scored) -> list[list[int]]:
    demos, tests = scored.demos, scored.tests
    return [
        *map(demos.times_of, range(len(demos.outcomes))),
        *map(tests.times_of, range(len(tests.outcomes))),
    ]


def _rows(columns: Iterable[list[int]]) -> list[tuple[int, ...]]:
    return list(zip(*columns, strict=True))
