"""The source ``command``: a program of the user that proposes programs over pipes.

The command is started once. It reads one line of JSON per task, with the keys ``task`` (the id),
``demos`` (pairs of input and output) and ``tests`` (inputs), and answers with lines of JSON:
``{"task": id, "program": "def solve(I): ...", "weight": 0.5}`` for each program, where the weight
may be left out, and at last ``{"task": id, "done": true}``.
"""

from __future__ import annotations

import json
import math
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any, ClassVar, Self

from arcbatt.candidates import LOG2_WEIGHT_MAX, Effort, Proposal, Stop, StopReason, Weighted
from arcbatt.contract import TIME, Known, SourceBudget, SourceKind, TaskView, option
from arcbatt.errors import ParseError, UsageError
from arcbatt.timings import ending_session, note_session

if TYPE_CHECKING:
    from arcbatt.context import Context

LINE_BYTES_MAX = 2**20
"""Largest length of a line of an answer, in bytes; a longer one ends the command."""
ANSWERS_MAX = 1_000
"""Largest number of answers that are read per task."""
STDERR_BYTES_MAX = 2**16
"""Number of bytes of a command's stderr that are printed."""
CLOSE_S = 1.0
"""Seconds to wait for the last words of a command that has ended; a process of it may live on."""
_GUARD = """trap '' HUP INT TERM; read line; kill -s KILL -- "-$1\""""
"""Script of a shell that waits for the end of its input, and then kills a group of processes."""


@dataclass(frozen=True)
class CommandOptions:
    """The options of the source.

    Attributes:
        command: the command line; it is split as a shell does, but no shell runs.
        seconds: wall-clock limit per task, in seconds, > 0.
    """

    command: str | None = option(None, "--command", "command: What it runs.", metavar="COMMAND")
    seconds: float = option(
        60.0,
        "--command-seconds",
        "command: Time per task.",
        metavar=TIME,
    )


def _plain(data: bytes) -> str:
    """Return what a command wrote as text without control characters."""
    text = data.decode(errors="replace")
    return "".join(each if each.isprintable() or each in "\n\t" else "?" for each in text)


def _forward(stream: IO[bytes]) -> None:
    """Print what a command writes to its stderr: the first `STDERR_BYTES_MAX`, as plain text."""
    left = STDERR_BYTES_MAX
    with stream, suppress(OSError, ValueError):
        while data := os.read(stream.fileno(), 65536):
            if left > 0:
                sys.stderr.write(_plain(data[:left]))
                sys.stderr.flush()
                left -= len(data)
                if left <= 0:
                    sys.stderr.write("\nnote: the rest that the command prints is left out\n")


class CommandSource(SourceKind):
    """Proposes the answers of a running command; raises UsageError if it can't be started."""

    name: ClassVar[str] = "command"
    summary: ClassVar[str] = "programs that the command of --command proposes"
    options: ClassVar[type[CommandOptions]] = CommandOptions
    is_slow: ClassVar[bool] = True
    is_brought: ClassVar[bool] = True

    def __init__(self, options: CommandOptions) -> None:
        self._options, self._seconds = options, options.seconds
        if not options.command:
            raise UsageError(problem="the source 'command' needs a command line: --command")
        import shlex
        import subprocess

        pipe = subprocess.PIPE
        try:
            words = shlex.split(options.command)
            self._process = subprocess.Popen(
                words, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
            )
        except (OSError, ValueError, IndexError) as error:
            raise UsageError(problem=f"--command {options.command!r}: {error}") from error
        # Its input ends with this process, also if that is killed; no signal reaches it before.
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", str(self._process.pid)],
            stdin=pipe,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._errors = threading.Thread(target=_forward, args=(self._process.stderr,), daemon=True)
        self._errors.start()
        assert self._guard.stdin is not None
        self._pipes = self._process.stdin, self._process.stdout, self._guard.stdin
        self._unsent = self._unread = b""
        self._end = ""
        self._cpu_ns = 0
        os.set_blocking(self._process.stdin.fileno(), False)

    @classmethod
    def open(cls, options: CommandOptions, context: Context) -> Self:
        """Start the command, which ends with the context."""
        source = cls(options)
        context.add_cleanup(source)
        return source

    def __reduce__(self) -> tuple[type[CommandSource], tuple[CommandOptions]]:
        """Travel as a command line: a worker starts a command of its own."""
        return CommandSource, (self._options,)

    def close(self) -> None:
        """End the command and all processes that it has started."""
        self._guard.kill()
        self._guard.wait()
        if self._process.returncode is None:  # else its id may be that of another process by now
            with ending_session(self._process.pid):
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._errors.join(CLOSE_S)
        for stream in self._pipes:
            with suppress(OSError):
                stream.close()

    def _read_line(self, deadline: float) -> bytes | None:
        """Send tasks and return the next line: empty at the end of all, None if it is late."""
        given, answers, _ = self._pipes
        while b"\n" not in self._unread:
            if answers.closed:
                return b""
            left = deadline - time.monotonic()
            waiting = [given] if self._unsent else []
            ready, free, _ = select.select([answers], waiting, [], max(0.0, left))
            if free:
                try:
                    self._unsent = self._unsent[os.write(given.fileno(), self._unsent) :]
                except OSError:  # the command reads no more; it may still answer
                    self._unsent = b""
            if ready:
                answer = os.read(answers.fileno(), LINE_BYTES_MAX)
                self._unread += answer
                if not answer:  # the last line may have no end
                    line, self._unread = self._unread, b""
                    return line
                if len(self._unread) > 2 * LINE_BYTES_MAX:
                    return self._unread
            if left <= 0:
                return None
        line, end, self._unread = self._unread.partition(b"\n")
        return line + end if time.monotonic() < deadline else None

    def _exit_code(self) -> str:
        """Return words about the exit code of a command that has ended, where it is not 0.

        The process stays as it is: `close` still has to find those that it started. One that only
        closed its output may live on.
        """
        flags = os.WEXITED | os.WNOWAIT | os.WNOHANG
        deadline = time.monotonic() + CLOSE_S
        while self._process.returncode is None:
            ended = os.waitid(os.P_PID, self._process.pid, flags)
            if ended is not None and ended.si_code == os.CLD_EXITED:
                return f" with exit code {ended.si_status}" if ended.si_status else ""
            if ended is not None or time.monotonic() > deadline:
                break
            time.sleep(0.01)
        return ""

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        """Write the tasks one by one and read the answers to each."""
        return [self._ask(task, min(self._seconds, budget.seconds or math.inf)) for task in tasks]

    def _ask(self, task: TaskView, seconds: float) -> Proposal:
        document = {
            "task": task.id,
            "demos": [{"input": given, "output": wanted} for given, wanted in task.S],
            "tests": [{"input": test.input} for test in task.tests],
        }
        self._unsent += json.dumps(document).encode() + b"\n"
        programs: list[Weighted] = []
        bad: list[str] = []
        stopped = self._collect(task.id, seconds, programs, bad)
        before_ns, self._cpu_ns = self._cpu_ns, note_session(self._process.pid)
        effort = Effort(max(0, self._cpu_ns - before_ns) / 1e9)
        if bad:
            answers = "1 answer" if len(bad) == 1 else f"{len(bad)} answers"
            note = f"{stopped.note}; {answers} can't be read, the first: {bad[0]}"
            stopped = replace(stopped, note=note, problem=True)
        return Proposal(programs, effort, stopped=stopped)

    def _collect(
        self, task: str, seconds: float, programs: list[Weighted], bad: list[str]
    ) -> StopReason:
        """Read answers until the task is done."""
        deadline = time.monotonic() + seconds
        while len(programs) + len(bad) < ANSWERS_MAX:
            line = self._read_line(deadline)
            if line is None:
                note = f"stopped: not done after {round(seconds, 3):g} s"
                return StopReason(Stop.TIME, seconds, note, problem=True)
            if not line or len(line) > LINE_BYTES_MAX:
                if not self._end:
                    ended = f"the command has ended{self._exit_code()}"
                    self._end = "an answer is longer than 1 MiB" if line else ended
                self.close()
                return StopReason(Stop.FAILED, note=f"stopped: {self._end}")
            done = False
            try:
                answer = json.loads(line)
                if not isinstance(answer, dict) or "task" not in answer:
                    raise ValueError('expected an object with the key "task"')
                if answer["task"] != task:
                    continue  # it belongs to an earlier task, and came too late
                done = bool(answer.get("done"))
                if not done or answer.get("program") is not None:
                    programs.append(_program(answer, len(programs) + 1))
            except (ParseError, ValueError, LookupError, TypeError, RecursionError) as error:
                start = _plain(line[:80].strip())
                bad.append(f"{start}: {type(error).__name__}: {error}")
            if done:
                return StopReason(Stop.DONE, note=f"stopped: {len(programs)} programs")
        return StopReason(Stop.EXHAUSTED, ANSWERS_MAX, f"stopped: {ANSWERS_MAX} answers")


def _program(answer: dict[str, Any], number: int) -> Weighted:
    """Return the program of an answer; raises ParseError, ValueError or TypeError if it is none."""
    from arcbatt.program.parse import parse_program

    if "program" not in answer:
        raise ValueError('expected the key "program" or "done"')
    text, weight = answer["program"], answer.get("weight")
    if not isinstance(text, str):
        raise TypeError(f"the program is no text: {text!r:.80}")
    parsed = parse_program(text, file="command")
    log2_weight = None if weight is None else math.log2(weight)
    if log2_weight is not None and not abs(log2_weight) <= LOG2_WEIGHT_MAX:
        raise ValueError(f"the weight is out of range: {weight!r:.80}")
    return Weighted(f"command_{number}", parsed.program, log2_weight)
