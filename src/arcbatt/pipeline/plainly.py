"""The plain way of what `Switches` can switch off: slower, with the same results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from arcbatt.dsl.types import Value
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job, NodeOutcome
from arcbatt.pipeline.votes import NO_VOTES, Votes, best_votes
from arcbatt.pipeline.work import Candidate, Verdict, Work
from arcbatt.program.graph import Graph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class _Around:
    """What another way to evaluate leaves to the engine within.

    Attributes:
        inner: what evaluates.
    """

    inner: Engine

    @property
    def name(self) -> str:
        """That of the engine within."""
        return self.inner.name

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case and return them all."""
        return self.inner.trace(graph, case, budget)


class OneByOne(_Around):
    """An engine that is given one job at a time."""

    def evaluate(
        self,
        jobs: Sequence[Job],
        budget: Budget,
        *,
        threads: int = 1,
        keep_outputs: bool = False,
    ) -> list[Evaluation]:
        """Evaluate one job after the other; see `Engine.evaluate`."""
        return [
            evaluation
            for job in jobs
            for evaluation in self.inner.evaluate(
                [job], budget, threads=threads, keep_outputs=keep_outputs
            )
        ]


class Forgetful(_Around):
    """The native engine, which keeps no value from one case to the next.

    It keeps what does not depend on I as long as graph and S stay the same. So cases that follow
    each other are given different graphs: those of other jobs, or a twin.
    """

    def evaluate(
        self,
        jobs: Sequence[Job],
        budget: Budget,
        *,
        threads: int = 1,
        keep_outputs: bool = False,
    ) -> list[Evaluation]:
        """Evaluate every case as a job of its own; see `Engine.evaluate`."""
        twins: dict[int, Graph] = {}
        singles: list[Job] = []
        places: list[list[int]] = [[] for _ in jobs]
        for case in range(max((len(job.cases) for job in jobs), default=0)):
            for place, job in enumerate(jobs):
                if case < len(job.cases):
                    graph = job.graph
                    if singles and singles[-1].graph is graph:
                        graph = twins.setdefault(id(graph), Graph(graph.nodes, graph.roots))
                    places[place].append(len(singles))
                    singles.append(Job(graph, [job.cases[case]]))
        done = self.inner.evaluate(singles, budget, threads=threads, keep_outputs=keep_outputs)
        return [_join([done[place] for place in those]) for those in places]


@dataclass(frozen=True)
class _Joined(Evaluation):
    """Evaluations of one case each, as one."""

    parts: Sequence[Evaluation] = field(kw_only=True, repr=False)

    def scores_of(self, case: int) -> list[int]:
        return self.parts[case].scores_of(0)

    def digests_of(self, case: int) -> list[int]:
        return self.parts[case].digests_of(0)

    def fuel_of(self, case: int) -> list[int]:
        return self.parts[case].fuel_of(0)

    def times_of(self, case: int) -> list[int]:
        return self.parts[case].times_of(0)

    def numbers_of(self, case: int) -> list[int | None]:
        return self.parts[case].numbers_of(0)

    def array_of(self, case: int, root: int) -> NDArray[np.uint8] | None:
        return self.parts[case].array_of(0, root)


def _join(parts: Sequence[Evaluation]) -> Evaluation:
    def read_output(case: int, root: int) -> Value:
        return parts[case].read_output(0, root)

    return _Joined(
        outcomes=[part.outcomes[0] for part in parts],
        nanoseconds=[part.nanoseconds[0] for part in parts],
        read_output=read_output,
        problem=next((part.problem for part in parts if part.problem), ""),
        parts=parts,
    )


def keep_best_behaviours(work: Work, *, capacity: int) -> None:
    """Keep the candidates with the best few behaviours, the best first."""
    ranked = sorted(work.candidates, key=lambda candidate: candidate.rank)
    behaviours = dict.fromkeys(candidate.behaviour for candidate in ranked)
    kept = set(islice(behaviours, capacity))
    work.candidates = [candidate for candidate in ranked if candidate.behaviour in kept]
    work.counts.kept = len(work.candidates)


def join_behaviours(work: Work) -> None:
    """Leave of candidates that behave alike the best one, as the filter would have done before.

    What became of the others in validation does not count.
    """
    groups: dict[tuple[int, ...], list[Verdict]] = {}
    for verdict in sorted(work.verdicts, key=lambda verdict: verdict.candidate.rank):
        groups.setdefault(verdict.candidate.behaviour, []).append(verdict)
    work.verdicts = [
        replace(group[0], candidate=_joined([verdict.candidate for verdict in group]))
        for group in groups.values()
    ]
    work.candidates = [verdict.candidate for verdict in work.verdicts]
    work.counts.refused = len(work.verdicts) - len(work.passed)


def _joined(alike: Sequence[Candidate]) -> Candidate:
    """Return the first of some candidates, with the names and the votes of all."""
    best, *others = alike
    votes: dict[str, Votes] = {}
    for candidate in alike:
        body = candidate.program.body_hash
        votes[body] = best_votes(votes.get(body, NO_VOTES), candidate.votes)
    best.aliases += tuple(name for other in others for name in (*other.names, *other.aliases))
    best.votes = sum(votes.values(), NO_VOTES)
    return best
