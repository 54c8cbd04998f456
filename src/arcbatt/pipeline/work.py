"""What flows through the phases: one `Work` per task, filled in phase by phase."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from arcbatt.batt import Batt
from arcbatt.dsl.values import digest
from arcbatt.engine import Case, Evaluation
from arcbatt.engine.cases import demo_cases, test_cases
from arcbatt.pipeline.votes import NO_VOTES, Votes
from arcbatt.program.graph import Program
from arcbatt.score import RankKey, Score, rank_key
from arcbatt.tasks import Task


@dataclass(frozen=True, slots=True)
class Dealt:
    """A program of a card, with where it came from.

    Attributes:
        name: of the program.
        program: it.
        source: where it came from.
        votes: what it counts for its test outputs; nothing for what its simplicity is worth.
    """

    name: str
    program: Program
    source: str
    votes: Votes = NO_VOTES


Card = tuple[Dealt, ...]


@dataclass(slots=True)
class Candidate:
    """What one root of a batt produced on all samples of a task.

    Attributes:
        position: of its root in the batt.
        names: of the programs that the root belongs to, the first one first.
        source: where the first of them came from.
        program: the root as a program of its own.
        score: on the demo samples.
        behaviour: digests of the outputs on the demo samples and then the test inputs, 0 for a
            failure.
        fuels: fuel on the same samples.
        nanoseconds: time on all samples together; depends on the machine.
        aliases: names of programs with the same behaviour that gave way to this one.
        votes: of this candidate and those that gave way to it.
        text: the program's inlined text, once it is inlined.
        md5: of that text.
    """

    position: int
    names: tuple[str, ...]
    source: str
    program: Program
    score: Score
    behaviour: tuple[int, ...]
    fuels: tuple[int, ...]
    nanoseconds: int
    aliases: tuple[str, ...] = ()
    votes: Votes = NO_VOTES
    text: str = ""
    md5: str = ""

    @property
    def test_digests(self) -> tuple[int, ...]:
        """Digests of the outputs on the test inputs."""
        return self.behaviour[len(self.score.demos) :]

    @property
    def fuel(self) -> int:
        """Fuel on all samples together."""
        return sum(self.fuels)

    @property
    def rank(self) -> RankKey:
        """Key of an ascending sort, the best first."""
        return rank_key(
            self.score, size=self.program.size, fuel=self.fuel, text=self.program.body_hash
        )


class Refusal(StrEnum):
    """Why a candidate did not pass validation."""

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
        candidate: what was validated.
        refusal: why it did not pass, or None.
        fuel: that it used alone, on all samples together.
        seconds: that it took alone; depends on the machine.
    """

    candidate: Candidate
    refusal: Refusal | None
    fuel: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Scored:
    """What a batt did on the samples of one task."""

    demos: Evaluation
    tests: Evaluation


@dataclass(slots=True)
class DemoNearness:
    """What the differs say of the grids of one demo, 0..1000 for each differ.

    Attributes:
        baseline: of the demo's input.
        outputs: of every distinct output that is a grid of ARC, by its digest.
        fuels: what each differ used on all of them.
    """

    baseline: tuple[int, ...] = ()
    outputs: dict[int, tuple[int, ...]] = field(default_factory=dict)
    fuels: tuple[int, ...] = ()

    def of(self, digest: int) -> tuple[int, ...]:
        """Return what they say of an output; 0 each for a failure and for what is no grid."""
        return self.outputs.get(digest) or (0,) * len(self.baseline)


@dataclass(slots=True)
class Counts:
    """How many candidates each phase of a task saw."""

    dealt: int = 0
    bodies: int = 0
    failed: int = 0
    behaviours: int = 0
    kept: int = 0
    refused: int = 0
    saved: int = 0


@dataclass(slots=True)
class Work:
    """One task on its way through the pipeline."""

    task: Task
    card: Card = ()
    batt: Batt | None = None
    scored: Scored | None = None
    candidates: list[Candidate] = field(default_factory=list)
    nearness: tuple[DemoNearness, ...] = ()
    d_scores: dict[str, tuple[int, ...]] = field(default_factory=dict)
    s_scores: tuple[tuple[int, ...], ...] = ()
    verdicts: list[Verdict] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    problem: str = ""

    @property
    def demo_cases(self) -> list[Case]:
        """One case per demo sample; its output is the wanted grid."""
        return demo_cases(self.task)

    @property
    def test_cases(self) -> list[Case]:
        """One case per test input; nothing is wanted of it here, only `grade` knows."""
        return test_cases(self.task)

    @property
    def wanted_digests(self) -> list[int]:
        """Digests of the wanted outputs of the demos."""
        return [digest(wanted) for _, wanted in self.task.S]

    @property
    def exact_votes(self) -> dict[str, float]:
        """Votes of the candidates that passed and are right on all demos, by md5."""
        return {each.md5: each.votes.total for each in self.passed if each.score.is_exact}

    @property
    def passed(self) -> list[Candidate]:
        """The candidates that passed validation, the best first."""
        return [verdict.candidate for verdict in self.verdicts if verdict.refusal is None]
