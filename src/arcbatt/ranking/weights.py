"""Weights: how much programs count for their outputs.

A source may give a program a weight (`Weighted.log2_weight`); the weight of any other program
depends on its size. Programs with equal behaviour add up their weights; equal programs count once.
The evidence of ranking lowers the weights: broken symmetries, demos that a program does not predict
from the others, and regularities of the demos that an output breaks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from arcbatt.candidates import Candidate, Weighted, Weights, Work
from arcbatt.program.graph import Program


def weights_of_body(program: Program, proposed: Iterable[Weighted]) -> Weights:
    """Return the weights of one body: the largest proposed weight, else the one by its size.

    A stored weight does not include the one by size, which is therefore added where a source
    proposes the body without a weight.

    Args:
        program: the body.
        proposed: the body as the sources proposed it, one entry per proposal.
    """
    found = stored = 0.0
    is_plain = False
    for each in proposed:
        if each.log2_weight is None:
            is_plain = True
            continue
        weight = float(2.0**each.log2_weight)
        if each.is_total:
            stored = max(stored, weight)
        else:
            found = max(found, weight)
    if found or (stored and not is_plain):
        return Weights(found, stored)
    return Weights(stored=stored, simple=weight_of_size(program.size))


def weight_of(candidate: Candidate) -> float:
    """Return how much a candidate counts for its outputs, with all programs that behave like it.

    The weight of each program is lowered by the evidence against it. A stored weight is that of
    all of them together, so the largest stored weight counts, and of it and the sum of the found
    weights the larger one. Running twice on one archive therefore increases no weight.
    """
    found = stored = simple = 0.0
    for member in candidate.members:
        bits = evidence_bits(member.broken, member.missed or 0)
        factor = float(2.0 ** weight_of_bits(bits))
        found += factor * member.weights.found
        stored = max(stored, factor * member.weights.stored)
        simple += factor * member.weights.simple
    return max(found, stored) + simple


def weight_of_output(work: Work, candidates: Sequence[Candidate], index: int) -> float:
    """Return how much candidates with the same output on a test input count for it.

    Args:
        work: their task.
        candidates: one or more.
        index: the index of the test input.
    """
    breaches = work.breaches.get((index, candidates[0].test_digests[index]), ())
    factor = float(2.0 ** weight_of_bits(BREACH_BITS * len(breaches)))
    return factor * sum(map(weight_of, candidates))


def weight_to_keep(candidate: Candidate) -> float | None:
    """Return the weight that an archive stores, without evidence; None where no source gave one.

    Weights by size are not included: programs get them again when they are proposed again.
    """
    found = sum(member.weights.found for member in candidate.members)
    stored = max((member.weights.stored for member in candidate.members), default=0.0)
    return max(found, stored) or None


BROKEN_BITS = 2
"""Bits for each symmetry that a program breaks (see `invariance`): of the programs that fit all
demos, right ones keep symmetries more often than wrong ones."""
MISSED_BITS = 12
"""Bits for each demo that a program does not predict from the others (see `evidence`)."""
BREACH_BITS = 4
"""Bits for each regularity of the demos that an output breaks (see `regularities`)."""
HALVING_BITS = 8
"""Number of bits that halve a weight. Costs are rough estimates, and programs of one task are no
independent samples: with one bit, the cheapest program would outweigh all others together."""


def description_bits(cost: float, derivations: int = 1) -> float:
    """Return the bits of a description, lowered by the logarithm of the number of derivations.

    >>> description_bits(10, 4)
    8.0

    Args:
        cost: description length of the cheapest derivation, in bits, >= 0.
        derivations: number of expressions with the same outputs, 1 or more; all are taken to be
            as likely as the cheapest.
    """
    return cost - math.log2(derivations)


def evidence_bits(broken: int, missed: int) -> float:
    """Return the bits that checks add to a description.

    >>> evidence_bits(broken=1, missed=2)
    26.0

    Args:
        broken: number of symmetries that the program breaks, 0..7.
        missed: number of demos that it does not predict from the others, >= 0.
    """
    return float(BROKEN_BITS * broken + MISSED_BITS * missed)


def weight_of_bits(bits: float) -> float:
    """Return the base-2 logarithm of the weight of a program with a description of some bits.

    >>> weight_of_bits(16)
    -2.0
    """
    return -bits / HALVING_BITS


def weight_of_size(size: int) -> float:
    """Return the weight (no logarithm) of a program to which its source gives none.

    Programs that people write have no cost in bits, so the simpler of them count more.

    >>> weight_of_size(4)
    0.25

    Args:
        size: number of nodes of the program, 1 or more.
    """
    return 1.0 / size
