"""Search: enumerate programs bottom-up until some fit a task's demos, in the native core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heapreplace
from itertools import accumulate, zip_longest
from typing import TYPE_CHECKING

from arcbatt.candidates import Stop, StopReason
from arcbatt.dsl.types import Grid, Value
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.search.grammar import Grammar
from arcbatt.search.growing import Growing
from arcbatt.search.terminals import Terminal, constant_terminals, input_terminals
from arcbatt.search.transforms import transforms_of
from arcbatt.search.views import Configuration, View
from arcbatt.tasks import Task

if TYPE_CHECKING:
    from arcbatt.engine import native_search


LONG = 100_000
"""Evaluations of a task from which a search is long."""


@dataclass(frozen=True)
class SearchLimits:
    """Limits of the search for one task, under all its transforms together.

    Attributes:
        evaluations: number of calls of productions on all samples of the task, >= 0.
        seconds: wall-clock limit, in seconds, > 0; None for no limit. With a limit, results
            depend on the machine.
        bytes: memory of bank and layers, in bytes, by search's own deterministic count.
        call_fuel: fuel of one call on one sample, > 0.
        value_leaves: number of leaves of one value, > 0.
        layers: number of grids and patches that a program may lay over each other, 1 or more.
        beam: number of partial covers that are kept, 1 or more.
        solutions: number of programs under each transform, 1 or more; their test outputs differ.
        slack: number of bits by which a program may cost more than the cheapest one, >= 0.
    """

    evaluations: int = 30_000
    seconds: float | None = None
    bytes: int = 800 << 20
    call_fuel: int = 30_000
    value_leaves: int = 6_000
    layers: int = 6
    beam: int = 24
    solutions: int = 32
    slack: int = 6

    @property
    def is_long(self) -> bool:
        """Whether the evaluations are enough for late transforms, too."""
        return self.evaluations >= LONG


@dataclass(frozen=True)
class Solution:
    """A program that is right on all demos.

    Attributes:
        program: the program, for the task without a transform.
        cost: description length in bits, the transform's included.
        layers: number of grids and patches that it lays over each other, 1 or more.
        derivations: number of expressions that were found with the same outputs, 1 or more.
        outputs: the program's output on each test input; None where it has no grid as output.
        missed: number of demos that it does not predict when ``S`` lacks them, >= 0.
    """

    program: Program
    cost: int
    layers: int
    derivations: int
    outputs: tuple[Grid | None, ...]
    missed: int


@dataclass(frozen=True)
class SearchResult:
    """The solutions of one task, and the effort of the search.

    Attributes:
        task: the id of the task.
        solutions: the programs that fit all demos, transform by transform, the cheapest first
            under each.
        stopped: the reason why the search ended, with the limit that was hit.
        evaluations: number of calls of productions on all samples.
        states: number of entries of the banks.
        values: number of different values in the banks.
        layers: number of entries that may be a layer of the output.
        level: cost in bits up to which all expressions were tried, under the last transform.
        nearness: share of the wanted cells that the nearest picture has right, 0..1.
        bytes: peak memory of one bank with its layers, in bytes.
        seconds: wall-clock time, in seconds.
        near: programs that are right on nearly all of many demos.
    """

    task: str
    solutions: tuple[Solution, ...]
    stopped: StopReason
    evaluations: int
    states: int
    values: int
    layers: int
    level: int
    nearness: float
    bytes: int
    seconds: float
    near: tuple[Solution, ...] = ()


FIRST_SHARE = 3
"""Budget of the first transform, as a multiple of the budget of each later one."""
SURE_COST = 12
"""Cost in bits up to which a solution that misses no demo ends the search; else the other
transforms are tried too."""
LIMIT_STOPS = (Stop.TIME, Stop.BYTES, Stop.EVALUATIONS)
"""Stop reasons of limits, most informative first."""


def search(
    tasks: Sequence[Task],
    grammar: Grammar,
    limits: SearchLimits | None = None,
    *,
    threads: int = 1,
) -> list[SearchResult]:
    """Search for programs that fit the demos of each task.

    A transform that makes colour 0 the background comes first and gets the largest part of the
    budget, then comes the task without a transform. Other transforms follow while no cheap solution
    is found. The parts are fixed, so that the searches of a task may run side by side: where one
    turns out to be sure, those after it are stopped and left out.

    Args:
        tasks: the tasks.
        grammar: the productions with their costs.
        limits: the limits per task.
        threads: number of threads, 1 or more; the results do not depend on it. With fewer tasks
            than threads, a task uses several.
    """
    limits = limits or SearchLimits()
    growing = [Growing(task, limits) for task in tasks]
    while running := [one for one in growing if not one.is_done]:
        rounds = [one.next_round() for one in running]
        for one, parts in zip(running, _search_all(rounds, grammar, threads), strict=True):
            one.end_round(parts, threads=threads)
    return [_join(one.task, one.parts, limits) for one in growing]


def _search_all(
    rounds: Sequence[tuple[Task, SearchLimits]], grammar: Grammar, threads: int
) -> list[list[SearchResult]]:
    """Search for each task within its limits; return the results of its searches."""
    per_task = max(1, threads // max(1, len(rounds)))
    orders = [_jobs(number, *each, per_task) for number, each in enumerate(rounds)]
    # The first searches of all tasks come first: what follows them is often left out.
    turns = zip_longest(*orders)
    jobs = [job for turn in turns for job in turn if job is not None]
    done: list[list[SearchResult]] = [[] for _ in rounds]
    for job, result in zip(jobs, _search(jobs, grammar, threads), strict=True):
        if result is not None:
            done[job.number].append(result)
    return done


def _jobs(number: int, task: Task, limits: SearchLimits, threads: int) -> list[SearchJob]:
    """List the searches of a task, in their order, with fixed parts of the limits."""
    ways = _configurations(task, limits)
    weights = [FIRST_SHARE, *[1] * (len(ways) - 1)]
    whole = sum(weights)
    ends = [-(-limits.evaluations * end // whole) for end in accumulate(weights)]
    longest = _longest(weights, threads)
    jobs: list[SearchJob] = []
    for way, weight, begin, end in zip(ways, weights, [0, *ends], ends, strict=False):
        if end > begin or not jobs:
            seconds = None if limits.seconds is None else limits.seconds * weight / longest
            part = replace(limits, evaluations=end - begin, seconds=seconds)
            jobs.append(SearchJob(task, way, way.view(task), number, part))
    return jobs


def _longest(weights: Sequence[int], threads: int) -> int:
    """Return when the last of some jobs ends, each begun by the first thread that is free."""
    ends = [0] * threads
    for weight in weights:
        heapreplace(ends, ends[0] + weight)
    return max(ends)


def reached_levels(
    tasks: Sequence[Task],
    grammar: Grammar,
    limits: SearchLimits | None = None,
    *,
    threads: int = 1,
) -> list[int]:
    """Return for each task the cost in bits up to which the first round tries all expressions.

    The task is searched without a transform, towards an unreachable target, so that seeds, covers
    and solutions play no part. The wall-clock limit is ignored.
    """
    from arcbatt.engine.native_search import SEARCH_FIRST_ROUND

    limits = limits or SearchLimits()
    jobs = []
    for number, task in enumerate(tasks):
        ways = _configurations(task, limits)
        place = [way.is_identity for way in ways].index(True)
        parts = len(ways) - 1 + FIRST_SHARE
        share = limits.evaluations * (1 if place else FIRST_SHARE) // parts
        part = replace(limits, evaluations=max(1, share // SEARCH_FIRST_ROUND), seconds=None)
        view = ways[place].view(task)
        jobs.append(SearchJob(task, ways[place], view, number, part, has_target=False))
    results = _search(jobs, grammar, threads)
    return [result.level for result in results if result is not None]


def _is_sure(parts: Sequence[SearchResult]) -> bool:
    solutions = [one for part in parts for one in part.solutions]
    return any(one.cost <= SURE_COST and not one.missed for one in solutions)


def _configurations(task: Task, limits: SearchLimits) -> list[Configuration]:
    """List the ways to search for programs for a task; the first gets the largest part."""
    transforms = [one for one in transforms_of(task) if limits.is_long or not one.is_late]
    return [*sorted(transforms, key=lambda one: one.name != "background")]


@dataclass(frozen=True)
class SearchJob:
    """The search for one task in one way.

    Attributes:
        task: the task.
        configuration: the way to search for programs for the task.
        view: the task in that way.
        number: the index of the task among all tasks.
        limits: the limits of this search alone.
        has_target: whether the outputs of the demos are the target; else an unreachable grid is,
            for statistics.
    """

    task: Task
    configuration: Configuration
    view: View
    number: int
    limits: SearchLimits
    has_target: bool = True


def _search(jobs: Sequence[SearchJob], grammar: Grammar, threads: int) -> list[SearchResult | None]:
    """Run searches in their order; return None for each that is left out."""
    from arcbatt.engine.native_search import search as search_native

    given = [_terminals(job, grammar) for job in jobs]
    outcomes = search_native(
        grammar.native,
        [_problem(job, own, grammar) for job, own in zip(jobs, given, strict=True)],
        threads=threads,
    )
    return [
        None if outcome is None else _result(job, terminals, grammar, outcome)
        for job, terminals, outcome in zip(jobs, given, outcomes, strict=True)
    ]


def _join(task: Task, parts: Sequence[SearchResult], limits: SearchLimits) -> SearchResult:
    """Join the results of the searches for one task."""
    last = parts[-1]
    solutions = tuple(one for part in parts for one in part.solutions)
    evaluations = sum(part.evaluations for part in parts)
    # A sure program ends the search, even where it was found in the last round of a part.
    stops = {Stop.FOUND} if _is_sure(parts) else {part.stopped.stop for part in parts}
    hit = next(stop for stop in (*LIMIT_STOPS, Stop.FOUND, Stop.EXHAUSTED) if stop in stops)
    values: dict[Stop, float | None] = {
        Stop.TIME: limits.seconds,
        Stop.BYTES: limits.bytes,
        Stop.EVALUATIONS: limits.evaluations,
    }
    return SearchResult(
        task.id,
        solutions,
        StopReason(hit, values.get(hit), _sentence(hit, evaluations, len(solutions))),
        evaluations,
        sum(part.states for part in parts),
        sum(part.values for part in parts),
        sum(part.layers for part in parts),
        last.level,
        max(part.nearness for part in parts),
        max(part.bytes for part in parts),
        sum(part.seconds for part in parts),
        tuple(one for part in parts for one in part.near),
    )


def _sentence(stop: Stop, evaluations: int, solutions: int) -> str:
    """Return a sentence about why a search ended and what it found."""
    found = f"found {solutions} program{'' if solutions == 1 else 's'} that fit all demos"
    if stop is Stop.FOUND:
        return f"stopped: {found}"
    why = {
        Stop.EVALUATIONS: f"{evaluations:,} evaluations",
        Stop.TIME: f"the time was used up after {evaluations:,} evaluations",
        Stop.BYTES: f"the memory was used up after {evaluations:,} evaluations",
        Stop.EXHAUSTED: f"nothing was left to try after {evaluations:,} evaluations",
    }
    return f"stopped: {why[stop]}" + (f", {found}" if solutions else "")


def _terminals(job: SearchJob, grammar: Grammar) -> list[Terminal]:
    """List the terminals of a search, those that all tasks share last."""
    view = job.view
    pairs = list(zip(view.inputs, view.wanted, strict=False))
    return [*input_terminals(), *constant_terminals(pairs), *grammar.functions]


def _problem(
    job: SearchJob, terminals: Sequence[Terminal], grammar: Grammar
) -> native_search.SearchProblem:
    """Return terminals with a value per sample, target grids and limits, for the native core."""
    from arcbatt.engine import native_search

    view, limits = job.view, job.limits

    def values(terminal: Terminal) -> Sequence[Value]:
        if terminal.kind != "input":
            return [terminal.value] * len(view.inputs)
        return view.inputs if terminal.name == "I" else view.samples

    own = [
        native_search.SearchTerminal(
            grammar.numbers[one.type],
            cost=one.cost,
            values=values(one),
            is_samples=one.kind == "input" and one.name == "S",
        )
        for one in terminals[: len(terminals) - len(grammar.functions)]
    ]
    side = native_search.SEARCH_SIDE_MAX + 1
    unreachable = ((10,) * side,) * side
    return native_search.SearchProblem(
        [*own, *grammar.native_functions(len(view.inputs))],
        [wanted if job.has_target else unreachable for wanted in view.wanted],
        native_search.SearchLimits(
            evaluations=limits.evaluations,
            seconds=limits.seconds,
            bytes=limits.bytes,
            node_fuel=limits.call_fuel,
            value_leaves=limits.value_leaves,
            layers=limits.layers,
            beam=limits.beam,
            solutions=limits.solutions,
            slack=limits.slack,
        ),
        group=job.number,
        is_optional=not job.configuration.is_identity,
        sure_cost=max(0, SURE_COST - job.configuration.cost),
    )


def _result(
    job: SearchJob,
    terminals: Sequence[Terminal],
    grammar: Grammar,
    outcome: native_search.SearchOutcome,
) -> SearchResult:
    return SearchResult(
        job.task.id,
        tuple(_solution(job, terminals, grammar, one) for one in outcome.solutions),
        StopReason(Stop(outcome.stop)),
        outcome.evaluations,
        outcome.states,
        outcome.values,
        outcome.layers,
        outcome.level,
        outcome.nearness,
        outcome.bytes,
        outcome.nanoseconds / 1e9,
    )


def _solution(
    job: SearchJob,
    terminals: Sequence[Terminal],
    grammar: Grammar,
    solution: native_search.Solution,
) -> Solution:
    configuration, tests = job.configuration, job.task.tests
    return Solution(
        _program(solution.steps, terminals, grammar, configuration),
        solution.cost + configuration.cost,
        solution.layers,
        solution.derivations,
        tuple(
            configuration.result(output, test.input)
            for output, test in zip(solution.outputs, tests, strict=True)
        ),
        solution.missed,
    )


def _program(
    steps: Sequence[native_search.SolutionStep],
    terminals: Sequence[Terminal],
    grammar: Grammar,
    configuration: Configuration,
) -> Program:
    """Return the steps of a solution as a program for the task as it is."""
    builder = GraphBuilder()
    done: list[int] = []
    for step in steps:
        args = [done[arg] for arg in step.args]
        match step.kind:
            case "terminal":
                terminal = terminals[step.number]
                if terminal.kind == "input":
                    done.append(configuration.add_input(builder, terminal.name))
                else:
                    done.append(terminal.add_to(builder))
            case "production":
                done.append(grammar.productions[step.number].add_to(builder, args))
            case "underlay":
                below, over = args
                zero = builder.constant(0)
                done.append(builder.call("fill", below, zero, builder.call("ofcolor", over, zero)))
            case kind:
                done.append(builder.call(kind, *args))
    return builder.program(configuration.add_result(builder, done[-1]))
