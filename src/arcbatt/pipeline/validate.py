"""Validate: parse each survivor's text afresh and run it alone; what differs is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from arcbatt.dsl.types import Grid
from arcbatt.dsl.values import FailureKind
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job
from arcbatt.engine.cases import left_out_cases
from arcbatt.engine.outcome import EXACT, cpu_seconds
from arcbatt.engine.pool import PooledEngine
from arcbatt.errors import ParseError
from arcbatt.pipeline.work import Candidate, Refusal, Verdict, Work
from arcbatt.profile.timings import Timings
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program

Run = tuple[Work, Candidate]

TEXTS_MAX = 4096
"""So many parsed texts are kept for the tasks that follow."""
PATIENCE = 20
"""How much longer than the engine the referee may take."""

_RULINGS = {Refusal.LOST: Refusal.LOST, Refusal.BUDGET: Refusal.BUDGET}
"""What a refusal by the referee stays; any other means that the engines disagree."""

BOUNDS = (FailureKind.FUEL, FailureKind.SIZE, FailureKind.DEADLINE)


@dataclass(frozen=True)
class Referee:
    """The reference engine, twice: here for little work, and in workers for more.

    Attributes:
        here: runs in this process.
        workers: runs in processes that are killed when they overrun.
        little_fuel: work up to so much is done here while there are no workers; starting them
            costs more than that.
    """

    here: Engine
    workers: PooledEngine
    little_fuel: int = 300_000

    def extend(self, budget: Budget) -> Budget:
        """Return a budget with more time: plain Python takes longer for the same fuel."""
        seconds = budget.sample_seconds
        return budget if seconds is None else replace(budget, sample_seconds=PATIENCE * seconds)

    def begin(
        self, jobs: Sequence[Job], budget: Budget, *, fuel: int
    ) -> Callable[[], list[Evaluation]]:
        """Begin with jobs and return what waits for the results.

        Args:
            jobs: to evaluate; workers are at them when this returns.
            budget: of the engine that is checked.
            fuel: that the jobs take, the same on every engine.
        """
        patient = self.extend(budget)
        if fuel <= self.little_fuel and not self.workers.started:
            return lambda: self.here.evaluate(jobs, patient)
        return self.workers.begin(jobs, patient)


@dataclass(frozen=True)
class Hearing:
    """What the referee was asked, and what waits for its answer."""

    runs: Sequence[Run]
    wait: Callable[[], list[Evaluation]]


class ParsedTexts:
    """Parses the texts of candidates, each once: many tasks have the same ones."""

    def __init__(self) -> None:
        self._programs: dict[str, Program | None] = {}

    def parse(self, text: str) -> Program | None:
        """Return the program that a text parses to; None for none."""
        if text not in self._programs:
            if len(self._programs) >= TEXTS_MAX:
                self._programs.clear()
            try:
                self._programs[text] = parse_program(text).program
            except ParseError:
                self._programs[text] = None
        return self._programs[text]


def ask_referee(
    works: Sequence[Work], referee: Referee, budget: Budget, *, capacity: int
) -> Hearing:
    """Begin to run the candidates that are exact on all demos on the reference engine.

    They are the best ones whatever other phases find out, so it can begin right after the filter.
    Only the last hearing that began can be waited for.

    Args:
        works: with candidates, the best first.
        referee: to ask.
        budget: of the engine that is checked.
        capacity: how many candidates of a work will be validated at most.
    """
    runs = [
        (work, candidate)
        for work in works
        for candidate in work.candidates[:capacity]
        if candidate.score.is_exact
    ]
    fuel = sum(candidate.fuel for _, candidate in runs)
    return Hearing(runs, referee.begin(_jobs(runs), budget, fuel=fuel))


def validate_candidates(
    works: Sequence[Work],
    engine: Engine,
    budget: Budget,
    *,
    threads: int,
    timings: Timings,
    parsed: ParsedTexts | None = None,
) -> None:
    """Give every candidate a verdict; what passed is left in the order of its rank.

    A text is parsed once, however many tasks its program is a candidate of. Each run is the
    program alone on all samples of its task: outputs and fuel have to be those of the batt.

    Args:
        works: with inlined candidates.
        engine: what runs them.
        budget: bounds of each run.
        threads: how many may run at once.
        timings: to add to.
        parsed: texts that were parsed for works before, to go on with; None for none.
    """
    texts = ParsedTexts() if parsed is None else parsed
    runs: list[Run] = []
    for work in works:
        for candidate in work.candidates:
            if texts.parse(candidate.text) == candidate.program:
                runs.append((work, candidate))
            else:
                work.verdicts.append(Verdict(candidate, Refusal.PARSE))
    with timings.measure("run_batt.phase3a_alone"):
        evaluations = engine.evaluate(_jobs(runs), budget, threads=threads)
        verdicts = _judge(runs, evaluations, timings)
    with timings.measure("run_batt.phase3a_copying"):
        _refuse_copies(runs, verdicts, engine, budget, threads)
    for (work, _), verdict in zip(runs, verdicts, strict=True):
        work.verdicts.append(verdict)
    for work in works:
        work.verdicts.sort(key=lambda verdict: verdict.candidate.rank)
        work.counts.refused = len(work.verdicts) - len(work.passed)


def hear_referee(hearing: Hearing, *, timings: Timings) -> None:
    """Refuse the candidates that passed and that do something else on the reference engine."""
    rulings = _judge(hearing.runs, hearing.wait(), timings)
    refusals = {id(ruling.candidate): ruling.refusal for ruling in rulings}

    def rule(verdict: Verdict) -> Verdict:
        refusal = refusals.get(id(verdict.candidate))
        if verdict.refusal is not None or refusal is None:
            return verdict
        return Verdict(verdict.candidate, _RULINGS.get(refusal, Refusal.ENGINES))

    for work in {id(work): work for work, _ in hearing.runs}.values():
        work.verdicts = list(map(rule, work.verdicts))
        work.counts.refused = len(work.verdicts) - len(work.passed)


def _exact_ones(runs: Sequence[Run], verdicts: Sequence[Verdict]) -> list[tuple[Run, int]]:
    """Return the runs of candidates that are exact on all demos and have passed so far."""
    return [
        (run, place)
        for place, (run, verdict) in enumerate(zip(runs, verdicts, strict=True))
        if verdict.refusal is None and run[1].score.is_exact
    ]


def _refuse_copies(
    runs: Sequence[Run],
    verdicts: list[Verdict],
    engine: Engine,
    budget: Budget,
    threads: int,
) -> None:
    """Refuse candidates that only look right because S holds the answer to each demo.

    Such a program finds the demo at hand in S and returns its output. Here that output is
    scrambled: a program that returns the scrambled grid copies, it does not compute. But what
    learns from the demos may take the scramble for a lesson: so it is believed if it predicts more
    than half of the demos with the others alone.
    """
    suspects = [
        (run, place) for run, place in _exact_ones(runs, verdicts) if "S" in run[1].program.inputs
    ]
    cases = {id(work): _scrambled_cases(work) for (work, _), _ in suspects}
    jobs = [Job(candidate.program, cases[id(work)]) for (work, candidate), _ in suspects]
    evaluations = engine.evaluate(jobs, budget, threads=threads)
    copying = [
        suspect
        for suspect, evaluation in zip(suspects, evaluations, strict=True)
        if _count_exact(evaluation)
    ]
    if not copying:
        return
    jobs = [Job(candidate.program, left_out_cases(work.task)) for (work, candidate), _ in copying]
    evaluations = engine.evaluate(jobs, budget, threads=threads)
    for (_, place), evaluation in zip(copying, evaluations, strict=True):
        if 2 * _count_exact(evaluation) <= len(evaluation.outcomes):
            verdicts[place] = replace(verdicts[place], refusal=Refusal.COPIES)


def _count_exact(evaluation: Evaluation) -> int:
    """Count the cases in which a program's only root is right."""
    return sum(EXACT in evaluation.scores_of(case) for case in range(len(evaluation.outcomes)))


def _scrambled_cases(work: Work) -> list[Case]:
    """Return one case per demo, in whose S that demo's output is scrambled, and is wanted."""
    cases = []
    for index, (grid, output) in enumerate(work.task.S):
        scrambled = scramble(output)
        samples = (*work.task.S[:index], (grid, scrambled), *work.task.S[index + 1 :])
        cases.append(Case(S=samples, I=grid, wanted=scrambled))
    return cases


def scramble(grid: Grid) -> Grid:
    """Return a grid of the same shape in which every cell has another colour, without a rule.

    >>> scramble(((0, 0), (9, 1)))
    ((1, 6), (7, 6))
    """
    return tuple(
        tuple(
            (color + 1 + (7 * row + 5 * column + row * column) % 9) % 10
            for column, color in enumerate(colors)
        )
        for row, colors in enumerate(grid)
    )


def _jobs(runs: Sequence[Run]) -> list[Job]:
    """Return one job for each candidate: alone, on all samples of its task."""
    cases = {id(work): [*work.demo_cases, *work.test_cases] for work, _ in runs}
    return [Job(candidate.program, cases[id(work)]) for work, candidate in runs]


def _judge(
    runs: Sequence[Run], evaluations: Sequence[Evaluation], timings: Timings
) -> list[Verdict]:
    cpu_s = cpu_seconds(evaluations)
    timings.add("run_batt.check_solver_speed", cpu_s=cpu_s, calls=len(evaluations))
    return [
        _verdict(candidate, evaluation)
        for (_, candidate), evaluation in zip(runs, evaluations, strict=True)
    ]


def _verdict(candidate: Candidate, evaluation: Evaluation) -> Verdict:
    samples = range(len(candidate.behaviour))
    digests = tuple(evaluation.digests_of(sample)[0] for sample in samples)
    fuels = tuple(evaluation.fuel_of(sample)[0] for sample in samples)
    refusal = None
    if evaluation.problem:
        refusal = Refusal.LOST
    elif digests != candidate.behaviour:
        failures = [row[0].failure for row in evaluation.outcomes]
        over = any(failure and failure.kind in BOUNDS for failure in failures)
        refusal = Refusal.BUDGET if over else Refusal.OUTPUTS
    elif fuels != candidate.fuels:
        refusal = Refusal.FUEL
    return Verdict(candidate, refusal, sum(fuels), sum(evaluation.nanoseconds) / 1e9)
