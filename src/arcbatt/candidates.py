"""Records on the way from sources to attempts: proposals, candidates, verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The command line reads the options of sources: nothing heavy is loaded for that.
    from arcbatt.dsl.types import Value
    from arcbatt.engine import Evaluation
    from arcbatt.program.graph import Program
    from arcbatt.program.merge import Batt
    from arcbatt.tasks import Task

EXACT = 1000
"""The score of an output that equals the wanted grid, see `arcbatt.engine.outcome.EXACT`."""
LOG2_WEIGHT_MAX = 1000
"""The largest `Weighted.log2_weight`, and, negated, the smallest: sums of weights stay finite."""


_SCALARS: Mapping[object, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "int | None": (int, type(None)),
    "float": (int, float),
    "float | None": (int, float, type(None)),
}
"""The types of values that fields with a type, as it is written, may have in JSON."""


def check_scalars(*records: Any) -> None:
    """Check the fields of dataclasses that were read from JSON, where they are no containers.

    Raises ValueError if a field has a value of another type, a number that is not finite or does
    not fit into 64 bits, or a text that can't be encoded.
    """
    for record in records:
        for item in fields(record):
            value, kinds = getattr(record, item.name), _SCALARS.get(item.type)
            if kinds and (
                type(value) not in kinds or (isinstance(value, float) and not math.isfinite(value))
            ):
                raise ValueError(f"expected {item.type} as {item.name}, got {value!r:.40}")
            if kinds and isinstance(value, int | float) and abs(value) >= 2**63:
                raise ValueError(f"expected a smaller number as {item.name}, got {value!r:.40}")
            if isinstance(value, str):
                value.encode()


@dataclass(frozen=True, slots=True)
class Weighted:
    """A program that a source proposes for a task.

    Attributes:
        name: the name of the program, unique within the proposal.
        program: the program.
        log2_weight: base-2 logarithm of the program's weight before ranking adds its own evidence,
            from -`LOG2_WEIGHT_MAX` to `LOG2_WEIGHT_MAX`; None where the source gives no weight:
            simpler programs then weigh more.
        origin: the place where the source found it, such as ``file a.py``; empty for the name of
            the source.
        is_total: whether the weight is that of all programs with the same behaviour together, as
            an archive stores it; such a weight is not added to theirs.
        missed: the number of demos that the program does not predict when they are left out of
            ``S``; None where the source did not count them.
    """

    name: str
    program: Program
    log2_weight: float | None = None
    origin: str = ""
    is_total: bool = False
    missed: int | None = None


@dataclass(frozen=True, slots=True)
class Effort:
    """The effort that a proposal took.

    Attributes:
        cpu_s: CPU time, in seconds.
        evaluations: calls of primitives in search, runs of a mutant on a sample in evolution.
        bytes: peak memory of the source's own structures, by its own count.
        details: further counts by name, such as ``states`` or ``mutants``.
    """

    cpu_s: float = 0.0
    evaluations: int = 0
    bytes: int = 0
    details: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Effort) -> Effort:
        """Return the effort of both: the sums, but the larger memory."""
        names = dict.fromkeys((*self.details, *other.details))
        return Effort(
            self.cpu_s + other.cpu_s,
            self.evaluations + other.evaluations,
            max(self.bytes, other.bytes),
            {name: self.details.get(name, 0) + other.details.get(name, 0) for name in names},
        )


class Stop(StrEnum):
    """Reasons why a source stopped working on a task."""

    DONE = "done"
    """It has proposed all that it has."""
    FOUND = "found"
    """It has found what it looked for."""
    EXHAUSTED = "exhausted"
    """Nothing was left to try."""
    EVALUATIONS = "evaluations"
    TIME = "time"
    BYTES = "bytes"
    ROUNDS = "rounds"
    FITTED = "fitted"
    """Another source's program fits all demos, so the task was left out."""
    FAILED = "failed"
    """It failed; the note has the reason."""


@dataclass(frozen=True, slots=True)
class StopReason:
    """The reason why a source stopped, with the limit that was hit.

    Attributes:
        stop: the reason.
        limit: the value of the limit that was hit, in its own unit; None where none was hit.
        note: a sentence for people, such as ``stopped: 30,000 evaluations``.
        problem: whether a run tells people about it, as it always does if the source failed.
    """

    stop: Stop
    limit: float | None = None
    note: str = ""
    problem: bool = False

    @property
    def can_go_on(self) -> bool:
        """Whether more effort could have found more."""
        return self.stop in (Stop.EVALUATIONS, Stop.TIME, Stop.BYTES, Stop.ROUNDS)

    @property
    def is_problem(self) -> bool:
        """Whether the source did not do what it was asked for."""
        return self.problem or self.stop is Stop.FAILED

    @property
    def takes_more(self) -> bool:
        """Whether the source can use a larger effort: one that stopped for good can't."""
        return self.can_go_on or self.stop in (Stop.FOUND, Stop.EXHAUSTED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The answer of a source for one task.

    Attributes:
        programs: the programs.
        effort: the effort that they took.
        stopped: the reason why the source stopped.
        nearness: share of the wanted cells that the nearest picture which it made has right, 0..1;
            None where the source does not know.
    """

    programs: Sequence[Weighted]
    effort: Effort = Effort()
    stopped: StopReason = StopReason(Stop.DONE)
    nearness: float | None = None

    def after(self, earlier: Proposal) -> Proposal:
        """Return the proposal of a source that proposed before: the programs of both, once each."""
        new = {each.program.body_hash for each in self.programs}
        kept = [each for each in earlier.programs if each.program.body_hash not in new]
        programs = [*self.programs, *kept] if kept else self.programs
        return replace(self, programs=programs, effort=earlier.effort + self.effort)


class MergedPrograms(tuple[Weighted, ...]):
    """All programs of one batt, under its names, so that they need no merging.

    Attributes:
        batt: the batt of the programs.
    """

    batt: Batt

    @classmethod
    def of(cls, batt: Batt, *, origin: str = "") -> MergedPrograms:
        """Return the programs of a batt; equal ones are one object."""
        programs = cls(
            Weighted(name, program, origin=origin)
            for names, program in zip(batt.names, batt.programs, strict=True)
            for name in names
        )
        programs.batt = batt
        return programs


@dataclass(frozen=True, slots=True)
class Scored:
    """The results of the programs of one proposal on the samples of a task.

    Attributes:
        source: the name of the source.
        roots: for each root of the batt, the proposed programs that have it as their result.
        batt: the programs, merged.
        demos: the evaluation on the demos, scored, with outputs.
        tests: the evaluation on the test inputs, with outputs.
        brought: the positions of the roots whose programs people brought: those that ran out of
            fuel have run again with more.
        unfit: the positions of the roots that are right on all demos and wrong on a further one.
        missed: for each root that is right on nearly all demos, the indices of the further ones on
            which it is wrong, as far as it was run.
        near: the positions of those roots that were run on all further ones and miss few.
    """

    source: str
    roots: Sequence[Sequence[Weighted]]
    batt: Batt
    demos: Evaluation
    tests: Evaluation
    brought: frozenset[int] = frozenset()
    unfit: frozenset[int] = frozenset()
    missed: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    near: frozenset[int] = frozenset()

    @property
    def problem(self) -> str:
        """The reason why the evaluation was lost; empty if it was not."""
        return self.demos.problem or self.tests.problem

    @property
    def has_exact(self) -> bool:
        """Whether a program is right on all demos, the further ones too."""
        return len(self.exact) > len(self.unfit)

    @property
    def exact(self) -> list[int]:
        """The positions of the roots that are right on all demos."""
        columns = [self.demos.scores_of(demo) for demo in range(len(self.demos.outcomes))]
        if not all(EXACT in column for column in columns):
            return []
        rows = enumerate(zip(*columns, strict=True))
        return [place for place, row in rows if row[0] == EXACT and set(row) == {EXACT}]

    def nearly_exact(self, most: int) -> list[int]:
        """Return the positions of the roots that are wrong on 1 to ``most`` demos."""
        columns = [self.demos.scores_of(demo) for demo in range(len(self.demos.outcomes))]
        rows = enumerate(zip(*columns, strict=True))
        return [place for place, row in rows if 0 < len(row) - row.count(EXACT) <= most]

    @property
    def fitting(self) -> list[Weighted]:
        """The programs that are right on all demos, the further ones too."""
        return [
            each
            for position in self.exact
            if position not in self.unfit
            for each in self.roots[position]
        ]

    def costs(self, position: int) -> tuple[int, int]:
        """Return the fuel of a root on all samples together, and its time in nanoseconds."""
        parts = [
            (part, sample)
            for part in (self.demos, self.tests)
            for sample in range(len(part.outcomes))
        ]
        fuel = sum(part.fuel_of(sample)[position] for part, sample in parts)
        return fuel, sum(part.times_of(sample)[position] for part, sample in parts)


@dataclass(frozen=True, slots=True)
class Score:
    """Scores of one program on the demos of one task, each 0..1000.

    Attributes:
        demos: one score for each demo.
        missed: the indices of the further demos on which the program is wrong, if it is right on
            nearly all demos.
        further: the number of further demos.
    """

    demos: tuple[int, ...]
    missed: tuple[int, ...] = ()
    further: int = 0

    @property
    def total(self) -> int:
        """The sum over the demos, the o_score, less the share of all demos that are `missed`."""
        if not self.missed:
            return sum(self.demos)
        count = len(self.demos) + self.further
        return sum(self.demos) * (count - len(self.missed)) // count

    @property
    def demos_right(self) -> int:
        """The number of demos that are exactly right."""
        return sum(score == EXACT for score in self.demos)

    @property
    def is_exact(self) -> bool:
        """Whether all demos are exactly right, the further ones too; never without demos."""
        return bool(self.demos) and self.demos_right == len(self.demos) and not self.missed


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of programs that behave alike, each 0 or more; `arcbatt.ranking` combines them.

    Attributes:
        found: the sum of the weights that sources gave to single programs.
        stored: the largest weight that was given to all of them together, as an archive stores it.
        simple: the sum over the programs without a weight, see `ranking.weights.weight_of_size`.
    """

    found: float = 0.0
    stored: float = 0.0
    simple: float = 0.0


@dataclass(slots=True)
class Member:
    """One of the programs with the behaviour of a candidate.

    Attributes:
        program: the program.
        weights: its weights.
        missed: the number of demos that it does not predict when they are left out of ``S``; None
            where they were not counted.
        broken: the number of symmetries that it breaks, 0..7; 0 where they were not counted.
        is_brought: whether people brought the program, which then gets more fuel.
    """

    program: Program
    weights: Weights
    missed: int | None = None
    broken: int = 0
    is_brought: bool = False


@dataclass(slots=True)
class Candidate:
    """The results of one root of a batt on all samples of a task.

    Attributes:
        scored: the evaluation that has the root.
        position: the position of the root in the batt, from 0.
        names: the names of the programs with this root, in the order in which they were proposed.
        source: the origin of the first of them, for people.
        program: the root as a program of its own.
        score: the score on the demos.
        behaviour: digests of the outputs on the demos and then the test inputs, 0 for a failure.
        fuels: the fuel on the same samples.
        nanoseconds: the time on all samples together, in nanoseconds; it depends on the machine.
        aliases: the names of programs with the same behaviour that this one replaced.
        members: the different programs with this behaviour, the candidate's own first.
        text: the program's inlined text, once it is written.
        md5: the md5 of that text.
    """

    scored: Scored = field(repr=False)
    position: int
    names: tuple[str, ...]
    source: str
    program: Program
    score: Score
    behaviour: tuple[int, ...]
    fuels: tuple[int, ...]
    nanoseconds: int
    aliases: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    text: str = ""
    md5: str = ""

    @property
    def test_digests(self) -> tuple[int, ...]:
        """The digests of the outputs on the test inputs, 0 for a failure."""
        return self.behaviour[len(self.score.demos) :]

    def test_output(self, index: int) -> Value:
        """Return the output on a test input; raises LookupError if the program failed there."""
        return self.scored.tests.output(index, self.position)

    @property
    def fuel(self) -> int:
        """The fuel on all samples together."""
        return sum(self.fuels)


class Refusal(StrEnum):
    """Reasons why a candidate does not pass validation."""

    PARSE = "its text does not parse to the same program"
    OUTPUTS = "its outputs differ when it runs alone"
    FUEL = "its fuel differs when it runs alone"
    BUDGET = "it is over budget when it runs alone"
    ENGINES = "the engines disagree about it"
    COPIES = "it copies the output of the demo at hand out of S"
    LOST = "the worker that ran it was lost"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of validating one candidate.

    Attributes:
        candidate: the candidate.
        refusal: the reason why it did not pass; None if it passed.
        fuel: the fuel of the program alone, on all samples together.
        seconds: the time of the program alone, in seconds; it depends on the machine.
    """

    candidate: Candidate
    refusal: Refusal | None
    fuel: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class DemoNearness:
    """The nearness of the grids of one demo to its output: 0..1000 for each differ.

    Attributes:
        baseline: the nearness of the demo's input.
        outputs: the nearness of every distinct output that is a grid of ARC, by its digest.
        fuels: the fuel that each differ used on all of them.
    """

    baseline: tuple[int, ...] = ()
    outputs: dict[int, tuple[int, ...]] = field(default_factory=dict)
    fuels: tuple[int, ...] = ()

    def of(self, digest: int) -> tuple[int, ...]:
        """Return the nearness of an output; 0 each for a failure and for what is no grid."""
        return self.outputs.get(digest) or (0,) * len(self.baseline)


@dataclass(slots=True)
class Counts:
    """The number of candidates after each phase of a task."""

    proposed: int = 0
    bodies: int = 0
    failed: int = 0
    behaviours: int = 0
    kept: int = 0
    refused: int = 0
    saved: int = 0


@dataclass(slots=True)
class Work:
    """One task on its way through the pipeline, filled in phase by phase.

    Attributes:
        task: the task; its test outputs are not read before it is graded.
        earlier: the proposals of an earlier pass, with the programs that fit, by source.
        proposals: the proposal of each source, by its name, in the order of the sources.
        scored: one entry for each proposal with new programs.
        repeats: weighted programs, by body hash, that an earlier source had proposed already.
        candidates: the candidates that are left, the best first.
        nearness: the nearness of outputs, one entry for each demo; empty without differs.
        breaches: the regularities of the demos that an output of a program which is right on all of
            them breaks, by the index of the test input and the digest.
        d_scores: for each solver that passed, by md5, its gain by each differ.
        s_scores: for each demo, the summed gain of all solvers by each differ.
        verdicts: the results of validation, the best candidate first.
        counts: the number of candidates after each phase.
        problem: the reason why the task was lost; empty if it was not.
    """

    task: Task
    earlier: Mapping[str, Proposal] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    scored: list[Scored] = field(default_factory=list)
    repeats: dict[str, list[Weighted]] = field(default_factory=dict)
    candidates: list[Candidate] = field(default_factory=list)
    nearness: tuple[DemoNearness, ...] = ()
    breaches: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    d_scores: dict[str, tuple[int, ...]] = field(default_factory=dict)
    s_scores: tuple[tuple[int, ...], ...] = ()
    verdicts: list[Verdict] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    problem: str = ""

    @property
    def passed(self) -> list[Candidate]:
        """The candidates that passed validation, the best first."""
        return [verdict.candidate for verdict in self.verdicts if verdict.refusal is None]
