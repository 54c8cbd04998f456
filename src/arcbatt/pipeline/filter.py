"""Filter: drop equal behaviours, and what can't be kept anyway, before anything expensive.

Equal bodies are gone by now: the batt has one root for them.
"""

from __future__ import annotations

from collections.abc import Sequence

from arcbatt.pipeline.work import Candidate, Work


def filter_candidates(work: Work, *, capacity: int) -> None:
    """Keep the best candidate of each behaviour, and of these the best few.

    Behaviour is the outputs on all demo samples and test inputs. Of equal candidates the
    simplest stays, then the one with the least fuel; the names of the others become its
    aliases. A candidate that failed on every sample has no behaviour and is dropped.

    Args:
        work: whose candidates are filtered, best first afterwards.
        capacity: how many to keep.
    """
    alive = [candidate for candidate in work.candidates if any(candidate.behaviour)]
    work.counts.failed = len(work.candidates) - len(alive)
    kept = _best_per_behaviour(alive)
    work.counts.behaviours = len(kept)
    work.candidates = kept[:capacity]
    work.counts.kept = len(work.candidates)


def _best_per_behaviour(candidates: Sequence[Candidate]) -> list[Candidate]:
    groups: dict[tuple[int, ...], list[Candidate]] = {}
    for candidate in sorted(candidates, key=lambda candidate: candidate.rank):
        groups.setdefault(candidate.behaviour, []).append(candidate)
    for best, *others in groups.values():
        best.aliases = (
            *best.names[1:],
            *(name for other in others for name in other.names),
        )
        best.votes = sum(vote(candidate) for candidate in (best, *others))
    return [group[0] for group in groups.values()]


def vote(candidate: Candidate) -> float:
    """Return the weight of one program's vote, 0..1: the share of a node in it."""
    return 1.0 / candidate.program.size
