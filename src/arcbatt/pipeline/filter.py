"""Filter: drop equal behaviours, and what can't be kept anyway, before anything expensive.

Equal bodies are gone by now: the batt has one root for them.
"""

from __future__ import annotations

from collections.abc import Iterable

from arcbatt.pipeline.score import merged
from arcbatt.pipeline.work import Candidate, Work
from arcbatt.program.graph import Program
from arcbatt.score import Score


def filter_candidates(work: Work, *, by_behaviour: bool = True) -> None:
    """Make one candidate of each behaviour, the best first.

    Behaviour is the outputs on all demo samples and test inputs. Of equal roots the simplest
    stays, then the one with the least fuel; the names of the others become its aliases. A root
    that failed on every sample has no behaviour and is dropped.

    Args:
        work: with the results of its batt.
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
    work.candidates = sorted(
        (columns.candidate(roots) for roots in groups.values()),
        key=lambda candidate: candidate.rank,
    )
    work.counts.behaviours = len({candidate.behaviour for candidate in work.candidates})


def keep_best(work: Work, *, capacity: int) -> None:
    """Keep the best few candidates of a work, the best first."""
    work.candidates = sorted(work.candidates, key=lambda candidate: candidate.rank)[:capacity]
    work.counts.kept = len(work.candidates)


def vote(program: Program) -> float:
    """Return the weight of one program's vote, 0..1: the share of a node in it."""
    return 1.0 / program.size


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
        self.rows = [*demos.outcomes, *tests.outcomes]
        self.sources = {dealt.name: dealt.source for dealt in work.card}

    def candidate(self, roots: list[int]) -> Candidate:
        """Make the candidate of some roots that behave alike: of the best one of them."""
        programs = self.batt.programs
        best, *others = sorted(
            roots,
            key=lambda root: (
                programs[root].size,
                sum(self.fuels[root]),
                programs[root].body_hash,
            ),
        )
        names = self.batt.names[best]
        bodies = {programs[root].body_hash: programs[root] for root in roots}
        return Candidate(
            position=best,
            names=names,
            source=self.sources[names[0]],
            program=programs[best],
            score=Score(self.scores[best]),
            behaviour=self.behaviours[best],
            fuels=self.fuels[best],
            nanoseconds=sum(row[best].nanoseconds for row in self.rows),
            aliases=(*names[1:], *(name for other in others for name in self.batt.names[other])),
            votes=sum(map(vote, bodies.values())),
        )


def _rows(columns: Iterable[list[int]]) -> list[tuple[int, ...]]:
    return list(zip(*columns, strict=True))
