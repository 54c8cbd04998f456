"""Try: run one program on one task and tell what it did on every sample."""

from __future__ import annotations

from dataclasses import dataclass

from arcbatt.dsl.types import Grid, Value
from arcbatt.engine import Budget, Case, Engine, Failure, Job
from arcbatt.program.parse import SourceProgram
from arcbatt.score import Score
from arcbatt.tasks import Sample, Task


@dataclass(frozen=True, slots=True)
class SampleTrial:
    """What a program did on one sample.

    Attributes:
        name: ``demo 1`` or ``test 1`` and so on.
        input: the grid that it was given.
        wanted: the output, or None if it is unknown or was not to be looked at.
        output: what it returned; None if it failed.
        failure: why it failed, or None.
        line: of the program's text that made the call which failed; 0 if nothing failed.
        score: 0..1000 against the wanted output; 0 without one.
        fuel: that it used.
    """

    name: str
    input: Grid
    wanted: Grid | None
    output: Value
    failure: Failure | None
    line: int
    score: int
    fuel: int

    @property
    def right(self) -> bool | None:
        """Whether the output is the wanted one; None where that is unknown."""
        return None if self.wanted is None else self.failure is None and self.output == self.wanted


@dataclass(frozen=True, slots=True)
class Trial:
    """What a program did on all samples of a task."""

    source: SourceProgram
    task: str
    samples: tuple[SampleTrial, ...]
    score: Score
    """On the demo samples."""


def try_program(
    source: SourceProgram, task: Task, engine: Engine, budget: Budget, *, answers: bool = False
) -> Trial:
    """Run a program on every sample of a task.

    Args:
        source: the program with its lines.
        task: to run it on.
        engine: what evaluates.
        budget: bounds for each sample.
        answers: whether the outputs of the tests are looked at.
    """
    named = [(f"demo {number}", demo) for number, demo in enumerate(task.demos, 1)] + [
        (f"test {number}", test if answers else Sample(test.input))
        for number, test in enumerate(task.tests, 1)
    ]
    cases = [Case(S=task.S, I=sample.input, wanted=sample.output) for _, sample in named]
    [evaluation] = engine.evaluate([Job(source.program, cases)], budget, keep_outputs=True)
    trials = []
    for index, (name, sample) in enumerate(named):
        outcome = evaluation.outcomes[index][0]
        failed = outcome.failure
        trials.append(
            SampleTrial(
                name=name,
                input=sample.input,
                wanted=sample.output,
                output=None if failed else evaluation.output(index, 0),
                failure=failed,
                line=source.lines[failed.node] if failed else 0,
                score=outcome.score,
                fuel=outcome.fuel,
            )
        )
    demos = tuple(trial.score for trial in trials[: len(task.demos)])
    return Trial(source, task.id, tuple(trials), Score(demos))
