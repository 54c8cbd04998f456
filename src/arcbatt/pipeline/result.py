"""Results: what a run has for a task, kept in its record so that the run can go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from arcbatt.candidates import (
    EXACT,
    LOG2_WEIGHT_MAX,
    Candidate,
    Counts,
    Effort,
    Proposal,
    Stop,
    StopReason,
    Weighted,
    Work,
    check_scalars,
)
from arcbatt.engine.cases import FEW
from arcbatt.engine.outcome import is_arc_grid
from arcbatt.pipeline.passes import NOTHING_DONE, TaskProgress
from arcbatt.program.parse import parse_program
from arcbatt.ranking.attempts import Attempt, TestAttempts, choose_attempts, confidence_of
from arcbatt.tasks import Task


@dataclass(frozen=True, slots=True)
class BestProgram:
    """The best program of a task, for reports.

    Attributes:
        md5: the md5 of its inlined text.
        names: its names, in the order in which they were proposed.
        source: the source that proposed it.
        demo_scores: its scores on the demos, 0..1000 each.
        size: its size, in nodes.
        fuel: its fuel on all samples together.
        demos: the number of all demos, those that programs do not read too.
        missed: the numbers of the demos on which it is wrong, from 1, ascending, if it is right on
            nearly all of them.
    """

    md5: str
    names: tuple[str, ...]
    source: str
    demo_scores: tuple[int, ...]
    size: int
    fuel: int
    demos: int
    missed: tuple[int, ...] = ()

    @classmethod
    def of(cls, candidate: Candidate, task: Task) -> Self:
        """Return the record of a candidate for a task."""
        return cls(
            candidate.md5,
            candidate.names,
            candidate.source,
            candidate.score.demos,
            candidate.program.size,
            candidate.fuel,
            len(task.demos) + len(task.further),
            _missed(candidate, task),
        )


def _missed(candidate: Candidate, task: Task) -> tuple[int, ...]:
    """Return the numbers of the demos that a candidate misses, if those are few."""
    if task.further and candidate.position not in candidate.scored.near:
        return ()
    demos = len(task.demos)
    places = [place for place, score in enumerate(candidate.score.demos) if score != EXACT]
    places += [demos + place for place in candidate.score.missed]
    if len(places) > (demos + len(task.further)) // FEW:
        return ()
    numbers = task.demo_numbers() if places else []
    return tuple(sorted(numbers[place] for place in places))


@dataclass(frozen=True)
class TaskResult:
    """The result of a run for one task.

    Attributes:
        task: the id of the task.
        counts: the number of candidates after each phase.
        best: the best program that passed validation, or None.
        exact: the number of programs that passed and are right on all demos.
        attempts: two attempts for each test input, see `choose_attempts`.
        problem: the reason why the task was lost; empty if it was not.
        stopped: the reasons why sources stopped, a sentence each, by name of the source.
        troubled: the names of the sources whose reason is a problem.
        o_scores: the o_scores of all solvers that passed, by md5, the best first.
        d_scores: the d_scores of the same solvers, one for each differ.
        s_scores: the s_score of each differ.
        confidence: the probability that one of the attempts is right, 0..1.
        progress: what the passes have done for the task.
        earlier: the proposals of its sources, with the programs that fit alone, from which the next
            pass goes on; empty where there is none.
    """

    task: str
    counts: Counts
    best: BestProgram | None
    exact: int
    attempts: tuple[TestAttempts, ...]
    problem: str = ""
    stopped: Mapping[str, str] = field(default_factory=dict)
    troubled: tuple[str, ...] = ()
    o_scores: Mapping[str, int] = field(default_factory=dict)
    d_scores: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    s_scores: tuple[int, ...] = ()
    confidence: float = 0.0
    progress: TaskProgress = NOTHING_DONE
    earlier: Mapping[str, Proposal] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, work: Work, progress: TaskProgress = NOTHING_DONE) -> Self:
        """Return the result of a task that went through all phases.

        Args:
            work: the task.
            progress: what the passes have done for it, this one included.
        """
        passed = work.passed
        attempts = choose_attempts(work)
        return cls(
            task=work.task.id,
            counts=work.counts,
            best=BestProgram.of(passed[0], work.task) if passed else None,
            exact=sum(candidate.score.is_exact for candidate in passed),
            attempts=attempts,
            problem=work.problem,
            stopped={
                name: proposal.stopped.note
                for name, proposal in work.proposals.items()
                if proposal.stopped.note
            },
            troubled=tuple(
                name for name, proposal in work.proposals.items() if proposal.stopped.is_problem
            ),
            o_scores={candidate.md5: candidate.score.total for candidate in passed},
            d_scores=work.d_scores,
            s_scores=tuple(map(sum, zip(*work.s_scores, strict=True))),
            confidence=confidence_of(attempts),
            progress=progress,
            earlier={} if progress.is_over else fitting_proposals(work),
        )

    def after(self, earlier: TaskResult) -> TaskResult:
        """Return the result of a task that an earlier pass had tried: the better of the two.

        Counts are the largest of a pass.
        """
        best = self
        if self.problem or (not self.exact and _score(earlier) > _score(self)):
            best = replace(
                earlier, stopped=self.stopped, progress=self.progress, earlier=self.earlier
            )
        names = [item.name for item in fields(Counts)]
        counts = {
            name: max(getattr(self.counts, name), getattr(earlier.counts, name)) for name in names
        }
        return replace(best, counts=Counts(**counts))

    def document(self) -> dict[str, Any]:
        """Return what a resumed run needs of the result, as JSON; see `read`."""
        return {
            "task": self.task,
            "counts": asdict(self.counts),
            "best": asdict(self.best) if self.best else None,
            "exact": self.exact,
            # Much faster than asdict, which copies every cell.
            "attempts": [[attempt.document() for attempt in each] for each in self.attempts],
            "problem": self.problem,
            "stopped": dict(self.stopped),
            "troubled": list(self.troubled),
            "confidence": self.confidence,
            "progress": asdict(self.progress),
            "earlier": {name: _document_of(each) for name, each in self.earlier.items()},
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read a result from JSON; raises KeyError, TypeError or ValueError if it is not one."""
        best = document["best"]
        result = cls(
            task=document["task"],
            counts=Counts(**document["counts"]),
            best=None
            if best is None
            else BestProgram(
                **{
                    **best,
                    "names": tuple(best["names"]),
                    "demo_scores": tuple(best["demo_scores"]),
                    "missed": tuple(best["missed"]),
                }
            ),
            exact=document["exact"],
            attempts=tuple(
                tuple(
                    Attempt(**{**attempt, "grid": tuple(map(tuple, attempt["grid"]))})
                    for attempt in attempts
                )
                for attempts in document["attempts"]
            ),
            problem=document["problem"],
            stopped=dict(document["stopped"]),
            troubled=tuple(document["troubled"]),
            confidence=document["confidence"],
            progress=TaskProgress(**document["progress"]),
            earlier={str(name): _read(each) for name, each in document["earlier"].items()},
        )
        for each in result.earlier.values():
            check_scalars(each, each.effort, each.stopped, *each.programs)
        attempts = [each for test in result.attempts for each in test]
        check_scalars(
            result,
            result.counts,
            result.progress,
            *attempts,
            *([result.best] if result.best else ()),
        )
        texts = [*result.stopped.keys(), *result.stopped.values(), *result.troubled]
        if not all(type(text) is str for text in texts):
            raise ValueError("expected texts as names of sources and reasons")
        if not all(is_arc_grid(attempt.grid) for attempt in attempts):
            raise ValueError("an attempt is no grid of ARC")
        return result


def _score(result: TaskResult) -> int:
    return sum(result.best.demo_scores) if result.best else -1


@dataclass
class RunReport:
    """The results of a run, in the order of the tasks.

    Attributes:
        results: the results of all tasks that were tried.
        stopped: the reason why the run stopped, a sentence.
        finished: whether the same run would do nothing more.
        interrupted: whether a signal ended it.
    """

    results: list[TaskResult] = field(default_factory=list)
    stopped: str = ""
    finished: bool = False
    interrupted: bool = False


def describe_end(done: int, tasks: int, *, before: int = 0, why: str = "") -> str:
    """Return a sentence about the end of a run or of an evaluation.

    Args:
        done: the number of tasks that have a result.
        tasks: the number of all tasks.
        before: the number of tasks that had a result when it began.
        why: what ended it; empty if nothing was left to do.

    >>> describe_end(3, 3, before=2), describe_end(1, 3, why="interrupted")
    ('stopped: 3 tasks done (2 before)', 'stopped: interrupted after 1 of 3 tasks')
    """
    earlier = f" ({before} before)" if before else ""
    if not why:
        return f"stopped: {done} task{'' if done == 1 else 's'} done{earlier}"
    return f"stopped: {why} after {done} of {tasks} task{'' if tasks == 1 else 's'}{earlier}"


TIME_IS_UP = "the time was used up"
"""What ended a run that ran out of time."""


def _document_of(proposal: Proposal) -> dict[str, Any]:
    return {
        "programs": [
            {
                "name": each.name,
                "text": each.program.inlined,
                "log2_weight": each.log2_weight,
                "origin": each.origin,
                "is_total": each.is_total,
                "missed": each.missed,
            }
            for each in proposal.programs
        ],
        "effort": asdict(proposal.effort),
        "stopped": asdict(proposal.stopped),
        "nearness": proposal.nearness,
    }


def _read(document: Mapping[str, Any]) -> Proposal:
    """Read a proposal; raises KeyError, TypeError, ValueError or ArcbattError if it is not one."""
    stopped, programs = document["stopped"], []
    for each in document["programs"]:
        words = dict(each)
        programs.append(Weighted(program=parse_program(words.pop("text")).program, **words))
        if abs(words["log2_weight"] or 0.0) > LOG2_WEIGHT_MAX:
            raise ValueError("expected a smaller weight")
    effort = Effort(**document["effort"])
    if not all(type(count) is int for count in effort.details.values()):
        raise ValueError("expected numbers as details of an effort")
    return Proposal(
        programs,
        effort,
        StopReason(**{**stopped, "stop": Stop(stopped["stop"])}),
        document["nearness"],
    )


def fitting_proposals(work: Work) -> dict[str, Proposal]:
    """Return the proposals of a task by source, with the programs that fit its demos alone."""
    fitting: dict[str, list[Weighted]] = {name: [] for name in work.proposals}
    for scored in work.scored:
        fitting[scored.source] += scored.fitting
    return {
        name: replace(proposal, programs=fitting[name]) for name, proposal in work.proposals.items()
    }


def progress_of(
    work: Work,
    before: TaskProgress,
    evaluations: int,
    *,
    cpu_s: float,
    wall_s: float = 0.0,
    seconds: float | None = None,
) -> TaskProgress:
    """Return what the passes have done for a task after one more.

    Args:
        work: the task after the pass.
        before: what the passes before have done.
        evaluations: the effort of the pass.
        cpu_s: CPU time of the pass, in seconds.
        wall_s: wall-clock time of the pass, in seconds; less than `cpu_s` where tasks of a batch
            share the threads, more where a source waits.
        seconds: wall-clock limit of each source in the pass, in seconds; None for none.
    """
    stops = [proposal.stopped for proposal in work.proposals.values()]
    tried = _evaluations(work.proposals) - _evaluations(work.earlier)
    # With more time, a source with a shorter limit of its own would stop at the same place.
    is_cut = (
        seconds is not None
        and tried > 0
        and any(
            stop.stop is Stop.TIME and (stop.limit is None or stop.limit >= seconds)
            for stop in stops
        )
    )
    # What a source was allowed it has used, though others may have made fewer calls than before.
    is_short = any(
        stop.stop is Stop.EVALUATIONS and stop.limit is not None and stop.limit >= evaluations
        for stop in stops
    )
    # A source that makes no more calls with more effort has tried all that it can.
    is_new = not before.evaluations or tried > before.tried or is_cut or is_short
    return TaskProgress(
        # What the time cut off was not tried.
        evaluations=max(before.evaluations, tried) if is_cut else evaluations,
        tried=tried,
        seconds=before.seconds + max(cpu_s, wall_s),
        last_seconds=cpu_s,
        nearness=max((each.nearness or 0.0 for each in work.proposals.values()), default=0.0),
        is_over=not is_new or not any(stop.takes_more for stop in stops),
        is_full=any(stop.stop is Stop.BYTES for stop in stops),
        passes=before.passes + 1,
    )


def _evaluations(proposals: Mapping[str, Proposal]) -> int:
    return sum(proposal.effort.evaluations for proposal in proposals.values())


def cpu_s_of(work: Work) -> float:
    """Return the CPU time that sources took for a task in this pass, in seconds."""
    return sum(
        proposal.effort.cpu_s - (work.earlier[name].effort.cpu_s if name in work.earlier else 0.0)
        for name, proposal in work.proposals.items()
    )
