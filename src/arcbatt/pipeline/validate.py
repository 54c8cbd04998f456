"""Validate: parse each survivor's text afresh and run it alone; what differs is refused."""

from __future__ import annotations

from collections.abc import Sequence

from arcbatt.engine import Budget, Engine, Evaluation, Job
from arcbatt.errors import ParseError
from arcbatt.pipeline.work import Candidate, Refusal, Verdict, Work
from arcbatt.profile.timings import Timings
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program


def validate_candidates(
    works: Sequence[Work], engine: Engine, budget: Budget, *, threads: int, timings: Timings
) -> None:
    """Give every candidate a verdict.

    A text is parsed once, however many tasks its program is a candidate of. Each run is the
    program alone on all samples of its task: outputs, scores and fuel have to be those of the
    batt.
    """
    programs = _parse_texts(works)
    jobs: list[Job] = []
    pending: list[tuple[Work, Candidate]] = []
    for work in works:
        cases = [*work.demo_cases, *work.test_cases]
        for candidate in work.candidates:
            program = programs[candidate.text]
            if program is None or program != candidate.program:
                work.verdicts.append(Verdict(candidate, Refusal.PARSE))
            else:
                jobs.append(Job(program, cases))
                pending.append((work, candidate))
    evaluations = engine.evaluate(jobs, budget, threads=threads)
    for (work, candidate), evaluation in zip(pending, evaluations, strict=True):
        work.verdicts.append(Verdict(candidate, _refusal(candidate, evaluation)))
    cpu_s = sum(sum(evaluation.nanoseconds) for evaluation in evaluations) / 1e9
    timings.add("run_batt.check_solver_speed", cpu_s=cpu_s, calls=len(jobs))
    for work in works:
        work.verdicts.sort(key=lambda verdict: verdict.candidate.rank)
        work.counts.refused = len(work.verdicts) - len(work.passed)


def _parse_texts(works: Sequence[Work]) -> dict[str, Program | None]:
    programs: dict[str, Program | None] = {}
    for work in works:
        for candidate in work.candidates:
            if candidate.text not in programs:
                try:
                    programs[candidate.text] = parse_program(candidate.text).program
                except ParseError:
                    programs[candidate.text] = None
    return programs


def _refusal(candidate: Candidate, evaluation: Evaluation) -> Refusal | None:
    if evaluation.problem:
        return Refusal.LOST
    alone = [row[0] for row in evaluation.outcomes]
    if tuple(outcome.digest for outcome in alone) != candidate.behaviour:
        return Refusal.OUTPUTS
    if tuple(outcome.fuel for outcome in alone) != candidate.fuels:
        return Refusal.FUEL
    return None
