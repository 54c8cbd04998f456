"""Score: merge the programs of a proposal and run them on every demo and test input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from arcbatt.candidates import MergedPrograms, Scored, Weighted, Work
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job
from arcbatt.engine.cases import (
    FEW,
    demo_cases,
    find_misses,
    further_cases,
    test_cases,
)
from arcbatt.engine.outcome import PatientEngine, cpu_seconds, run_again
from arcbatt.program.merge import Batt, merge
from arcbatt.timings import Timings

Merged = tuple[Batt, Sequence[Sequence[Weighted]]]
"""A batt, and for each of its roots the programs with this result."""


def score_proposals(
    works: Sequence[Work],
    source: str,
    engine: Engine,
    budget: Budget,
    *,
    is_brought: bool = False,
    threads: int,
    timings: Timings,
) -> None:
    """Evaluate the new programs that a source has proposed for some tasks.

    Tasks with the same programs share one batt. A program that an earlier source had proposed for
    the task is not run again, but its weight is noted; only one that ran out of fuel and that
    people bring now runs again with more. The demos of all tasks run in one call of the engine,
    then the test inputs in another. Programs that are right on all demos, and those that are right
    on nearly all, then run on the further demos of their task. If the evaluation of a task was
    lost, its problem is set to the reason.

    Args:
        works: the tasks, with a proposal of the source.
        source: the name of the source.
        engine: the engine that evaluates.
        budget: bounds of every evaluation.
        is_brought: whether people brought the programs, which then get more fuel.
        threads: the number of cases that may run at once, 1 or more.
        timings: the timings to add to.
    """
    with timings.measure("run_batt.merge"):
        batts: dict[int, Merged] = {}
        todo: list[tuple[Work, Merged]] = []
        for work in works:
            programs = _new_programs(work, source)
            if not programs:
                continue
            if id(programs) not in batts:
                batts[id(programs)] = _merge(programs)
            todo.append((work, batts[id(programs)]))
    if is_brought:
        with timings.measure("run_batt.check_batt"):
            _bring_known(works, source, engine, budget, threads)
        engine = PatientEngine(engine, budget.of_brought, lambda graph: True)
    if not todo:
        return
    with timings.measure("run_batt.check_batt"):

        def run(kind: str, cases_of: Callable[[Work], list[Case]]) -> list[Evaluation]:
            jobs = [Job(batt.graph, cases_of(work)) for work, (batt, _) in todo]
            with timings.measure(f"run_batt.phase4_{kind}_parallel"):
                evaluations = engine.evaluate(jobs, budget, threads=threads, keep_outputs=True)
            cpu_s = cpu_seconds(evaluations)
            timings.add(f"run_batt.phase4_{kind}_cpu", cpu_s=cpu_s, calls=len(jobs))
            return evaluations

        demos = run("demo", lambda work: demo_cases(work.task))
        tests = run("test", lambda work: test_cases(work.task))
    for (work, (batt, roots)), demo, test in zip(todo, demos, tests, strict=True):
        brought = frozenset(range(len(roots))) if is_brought else frozenset[int]()
        scored = Scored(source, roots, batt, demo, test, brought)
        work.scored.append(_try_further(scored, work, engine, budget, threads))
        work.problem = work.problem or demo.problem or test.problem
        work.counts.bodies += len(batt.names)


def _new_programs(work: Work, source: str) -> Sequence[Weighted]:
    """Return the programs that no earlier source has proposed; the same sequence if all are new."""
    programs = work.proposals[source].programs
    work.counts.proposed += len(programs)
    if not work.scored or not programs:
        return programs
    known = {program.body_hash for scored in work.scored for program in scored.batt.programs}
    new = []
    for each in programs:
        if each.program.body_hash in known:
            work.repeats.setdefault(each.program.body_hash, []).append(each)
        else:
            new.append(each)
    return programs if len(new) == len(programs) else new


def _bring_known(
    works: Sequence[Work], source: str, engine: Engine, budget: Budget, threads: int
) -> None:
    """Give more fuel to programs of earlier sources that this source proposes too."""
    found = []
    for work in works:
        if not work.repeats:
            continue
        hashes = {each.program.body_hash for each in work.proposals[source].programs}
        for place, scored in enumerate(work.scored):
            positions = {
                position
                for position, program in enumerate(scored.batt.programs)
                if program.body_hash in hashes and position not in scored.brought
            }
            if positions:
                found.append((work, place, scored, positions))
    again = run_again(
        [
            (Job(scored.batt.graph, cases), evaluation, positions)
            for work, _, scored, positions in found
            for cases, evaluation in (
                (demo_cases(work.task), scored.demos),
                (test_cases(work.task), scored.tests),
            )
        ],
        engine,
        budget.of_brought,
        threads=threads,
        keep_outputs=True,
    )
    for (work, place, scored, positions), demos, tests in zip(
        found, again[::2], again[1::2], strict=True
    ):
        brought = scored.brought | positions
        scored = replace(scored, demos=demos, tests=tests, brought=brought)
        work.scored[place] = _try_further(scored, work, engine, budget, threads)


def _try_further(
    scored: Scored, work: Work, engine: Engine, budget: Budget, threads: int
) -> Scored:
    """Run the programs that are right on all demos, or nearly all, on the further ones."""
    task = work.task
    if not task.further:
        return scored
    most = (len(task.demos) + len(task.further)) // FEW
    exact = scored.exact
    positions = [*exact, *scored.nearly_exact(most)]
    programs = [scored.batt.programs[position] for position in positions]
    cases = further_cases(task)
    misses = find_misses(programs, cases, engine, budget, most=most, threads=threads)
    found = dict(zip(positions, misses, strict=True))
    return replace(
        scored,
        unfit=frozenset(position for position in exact if found[position].places),
        missed={position: each.places for position, each in found.items()},
        near=frozenset(position for position, each in found.items() if each.is_whole),
    )


def _merge(programs: Sequence[Weighted]) -> Merged:
    if isinstance(programs, MergedPrograms):
        rest = iter(programs)
        batt = programs.batt
        return batt, [[next(rest) for _ in names] for names in batt.names]
    batt = merge((str(place), each.program) for place, each in enumerate(programs))
    return batt, [[programs[int(place)] for place in names] for names in batt.names]
