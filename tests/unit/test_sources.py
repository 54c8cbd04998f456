"""Sources: the registry, the contract that each of them keeps, sources of other people."""

from __future__ import annotations

import json
import math
import shlex
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.commands import Batt
from tests.runs import LyingEngine, mirror_task, one, weighted

from arcbatt.archive import Archive, NewEntry
from arcbatt.candidates import Effort, Proposal, Score, Stop, StopReason, Weighted
from arcbatt.cli.app import app
from arcbatt.context import Context
from arcbatt.contract import (
    GivenPrograms,
    Known,
    NoOptions,
    Source,
    SourceBudget,
    SourceKind,
    TaskView,
)
from arcbatt.dsl.values import FailureKind
from arcbatt.engine import ENGINES, Budget, Failure, Job, open_engine
from arcbatt.engine.cases import demo_cases
from arcbatt.engine.outcome import EXACT
from arcbatt.errors import UsageError
from arcbatt.pipeline.run import Run, Settings
from arcbatt.program.parse import parse_program
from arcbatt.ranking.score import rank_key
from arcbatt.sources import (
    SOURCES,
    default_sources,
    describe_options,
    open_sources,
    parse_sources,
)
from arcbatt.sources.archive import ArchiveSource
from arcbatt.sources.command import (
    ANSWERS_MAX,
    LINE_BYTES_MAX,
    STDERR_BYTES_MAX,
    CommandOptions,
    CommandSource,
)
from arcbatt.sources.compositions import chain_of, grid_primitives
from arcbatt.sources.files import FilesOptions
from arcbatt.sources.library import LibrarySource
from arcbatt.sources.python import import_source
from arcbatt.sources.search import SearchOptions
from arcbatt.tasks import Sample, Task

SECRET = 7
"""A colour that only answers have."""
GRIDS = (((1, 2, 0), (0, 4, 0)), ((5, 1), (3, 2), (0, 6)))
NONE, BUDGET = Known(), SourceBudget()


def make_task(name: str, rule: Callable[[Any], Any]) -> Task:
    demos = tuple(Sample(grid, tuple(map(tuple, rule(grid)))) for grid in GRIDS)
    return Task(name, demos, (Sample(((1, 2),), ((SECRET,) * 2,)),))


MIRROR = make_task("0000aaaa", lambda grid: [row[::-1] for row in grid])
FLIP = make_task("0000bbbb", lambda grid: grid[::-1])
HARD = make_task("0000cccc", lambda grid: [[3, 1, 4], [1, 5, grid[0][0]]])
VIEWS = [*map(TaskView, (MIRROR, FLIP, HARD))]


def make_command(place: Path, code: str) -> str:
    """Return a command that runs code, with `tasks` to read tasks from and `say` to answer."""
    path = place / "command.py"
    head = """
        import json, sys, time
        tasks = map(json.loads, sys.stdin)
        def say(task, **words):
            print(json.dumps({"task": task["task"], **words}), flush=True)
        """
    path.write_text(textwrap.dedent(head) + textwrap.dedent(code))
    return shlex.join([sys.executable, str(path)])


GOOD = """
    def solve(name): return f"def solve(I): return {name}(I)"
    for task in tasks:
        say(task, program=solve("vmirror"), weight=0.25)
        say(task, program=solve("hmirror"))
        say(task, done=True)
    """


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    """Return small options of every source."""
    (tmp_path / "p.py").write_text("def solve_0000aaaa(I): return vmirror(I)\n")
    small = {"rounds": 2, "mutants": 20, "population": 4}
    made: dict[str, Any] = {
        "files": FilesOptions(library=(tmp_path / "p.py",)),
        "search": SearchOptions(evaluations=1_000),
        "command": CommandOptions(make_command(tmp_path, GOOD)),
    }
    for kind in SOURCES:
        names = {one.name for one in fields(kind.options)} & set(small)
        if kind.name not in made and names:
            made[kind.name] = kind.options(**{name: small[name] for name in names})
    return made


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    program = parse_program("def solve(I): return vmirror(I)").program
    with Archive.open(tmp_path / "archive") as opened:
        opened.add_many([NewEntry(MIRROR.key, program, Score((1000, 1000)), 9, 9, "x", weight=0.5)])
    return tmp_path / "archive"


def told(proposal: Proposal) -> object:
    """Return what of a proposal does not depend on the machine."""
    programs = [
        (each.name, each.program, each.log2_weight, each.origin) for each in proposal.programs
    ]
    effort = proposal.effort
    return programs, effort.evaluations, effort.details, proposal.stopped


@pytest.mark.native
@pytest.mark.parametrize("kind", SOURCES, ids=lambda kind: kind.name)
def test_every_source_keeps_the_contract(
    kind: type[SourceKind], options: dict[str, Any], archive: Path
) -> None:
    with Context(engine="native", archive=archive) as context:
        [source] = open_sources([kind.name], options, context)
        assert (source.name, source.is_slow) == (kind.name, kind.is_slow)
        assert source.propose([], NONE, BUDGET) == []
        proposals = source.propose(VIEWS, NONE, BUDGET)
        assert [type(each) for each in proposals] == [Proposal] * 3
        again = source.propose(VIEWS[::-1], NONE, SourceBudget(threads=2))
    assert [told(each) for each in again[::-1]] == [told(each) for each in proposals]
    assert proposals[0].programs
    engine = open_engine()
    for view, proposal in zip(VIEWS, proposals, strict=True):
        names = [each.name for each in proposal.programs]
        assert len(set(names)) == len(names)
        for each in proposal.programs:
            assert each.log2_weight is None or math.isfinite(each.log2_weight)
            assert "C" not in each.program.inputs or not kind.all_fit
        effort = proposal.effort
        assert effort.cpu_s >= 0 and effort.evaluations >= 0 and effort.bytes >= 0
        if kind.all_fit:
            jobs = [Job(each.program, demo_cases(view.task)) for each in proposal.programs]
            for evaluation in engine.evaluate(jobs, Budget(sample_seconds=None)):
                assert all(outcome.score == EXACT for (outcome,) in evaluation.outcomes)


def test_views_have_no_answers() -> None:
    view = TaskView(MIRROR)
    assert (view.id, view.demos, view.S) == (MIRROR.id, MIRROR.demos, MIRROR.S)
    assert view.tests == view.task.tests == (Sample(((1, 2),)),)
    assert not hasattr(view, "__dict__"), "nothing else is kept in it"
    assert TaskView(view.task).task is view.task


def test_names_of_sources_are_read() -> None:
    names = [kind.name for kind in SOURCES]
    assert len(set(names)) == len(names)
    assert parse_sources(" archive, library,archive ,my.module:Class") == (
        "archive", "library", "my.module:Class",
    )  # fmt: skip
    assert parse_sources(" none ") == ()
    for text in ("", "libary", "library,none", "library,,archive", "Library"):
        with pytest.raises(UsageError, match="no source is called") as raised:
            parse_sources(text)
        assert all(name in str(raised.value) for name in (*names, "none", "module:Class"))
    native, reference = default_sources(native=True), default_sources(native=False)
    assert {*native} == {kind.name for kind in SOURCES if kind.is_default}
    assert {*native} - {*reference} == {
        kind.name for kind in SOURCES if kind.is_default and kind.needs_native
    }
    assert reference


@pytest.mark.native
def test_sources_are_opened_in_the_order_of_the_registry(options: dict[str, Any]) -> None:
    names = [kind.name for kind in SOURCES]
    with Context(engine="native") as context:
        opened = open_sources([f"{__name__}:Mirrors", *names[::-1]], options, context)
        assert [source.name for source in opened] == [*names, f"{__name__}:Mirrors"]
    with Context(engine="reference") as context:
        for kind in SOURCES:
            if kind.needs_native:
                with pytest.raises(UsageError, match="needs the native engine"):
                    open_sources([kind.name], {}, context)


def test_a_digest_of_options_sees_what_changes_proposals(tmp_path: Path) -> None:
    file = tmp_path / "p.py"
    file.write_text("def a(I): return I\n")
    chosen = {"files": FilesOptions(library=(file,))}
    before = describe_options(["files", "search", "a:B"], chosen)
    assert set(before) == {"files", "search", "a:B"}
    assert before["search"]["evaluations"] == SearchOptions().evaluations
    assert json.loads(json.dumps(before)) == before
    file.write_text("def a(I): return vmirror(I)\n")
    assert describe_options(["files"], chosen)["files"] != before["files"]


def test_a_source_of_other_people_is_described_by_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, module = tmp_path / "says.py", tmp_path / "described_source.py"
    command = {"command": CommandOptions(f"python3 {script} --fast")}
    monkeypatch.syspath_prepend(tmp_path)
    described = []
    for text in ("", "", "class Mirrors: propose = None\n"):
        script.write_text(text)
        module.write_text(text + "class Other: propose = print\n")
        import_source("described_source:Other")
        described.append(describe_options(["command", "described_source:Other"], command))
    assert described[0] == described[1]
    assert described[0]["command"]["command"] == described[2]["command"]["command"]
    for name in described[0]:
        assert described[0][name] != described[2][name]
    assert json.loads(json.dumps(described)) == described
    # What is no file, or is none any more, is known by its name alone.
    script.unlink()
    gone = describe_options(["command", "no_such_module:X"], command)
    assert (gone["command"]["files"], gone["no_such_module:X"]) == ([], {"file": ""})


def declared_options() -> list[Any]:
    """Return what the sources declare of their options."""
    declared = [one.metadata for kind in SOURCES for one in fields(kind.options)]
    return [metadata for metadata in declared if metadata]


def test_options_of_the_command_line_come_from_the_registry() -> None:
    root: Any = typer.main.get_command(app)
    declared = {metadata["flag"] for metadata in declared_options()}
    assert "--search-evaluations" in declared
    for name in ("solve", "eval"):
        flags = {flag for one in root.commands[name].params for flag in one.opts}
        assert declared <= flags, name


@pytest.mark.usefixtures("place")
def test_limits_of_the_registry_hold_on_the_command_line(batt: Batt) -> None:
    faults = []
    for metadata in declared_options():
        flag, minimum, maximum = metadata["flag"], metadata["minimum"], metadata["maximum"]
        words = [] if minimum is None else [minimum - 1]
        words += [] if maximum is None else [maximum + 1]
        words += [math.nan] if isinstance(minimum, float) else []
        for word in words:
            answer = batt("solve", "--dataset", "tasks", flag, str(word))
            if answer.code != 2 or f"Invalid value for '{flag}'" not in answer.err:
                faults.append((flag, word, answer.code, answer.err))
    assert faults == []


def test_a_task_gets_no_program_of_its_name_when_it_is_held_out(options: dict[str, Any]) -> None:
    with Context(hold_out=True) as context:
        for source in open_sources(["library", "files"], options, context):
            own, other = source.propose([VIEWS[0], VIEWS[1]], NONE, BUDGET)
            assert "solve_0000aaaa" not in {each.name for each in own.programs}
            if source.name == "files":
                assert [each.name for each in other.programs] == ["solve_0000aaaa"]
        training = TaskView(Task("67a3c6ac", MIRROR.demos, MIRROR.tests))
        library = LibrarySource.open(NoOptions(), context)
        [own] = library.propose([training], NONE, BUDGET)
    assert len(own.programs) == len(library.common.programs) - sum(
        each.name.endswith("67a3c6ac") for each in library.common.programs
    )
    assert len(own.programs) < len(library.common.programs)


def test_the_archive_proposes_known_programs_again_only_for_their_weight(tmp_path: Path) -> None:
    known, plain, unknown = (
        parse_program(f"def solve(I): return {name}(I)").program
        for name in ("vmirror", "hmirror", "rot90")
    )
    entries = [
        NewEntry(MIRROR.key, program, Score((1000, n)), 9, 9, "x", weight=weight)
        for n, (program, weight) in enumerate(((known, 0.5), (plain, None), (unknown, 0.25)))
    ]
    with Archive.open(tmp_path / "archive") as archive:
        archive.add_many(entries)
        source = ArchiveSource(archive, [])
        [alone] = source.propose([VIEWS[0]], NONE, BUDGET)
        order = sorted(entries, key=lambda e: rank_key(e.score, size=e.program.size, fuel=e.fuel))
        assert [each.program for each in alone.programs] == [entry.program for entry in order]
        assert {each.program.md5: (each.log2_weight, each.is_total) for each in alone.programs} == {
            known.md5: (-1.0, True),
            plain.md5: (None, True),
            unknown.md5: (-2.0, True),
        }
        earlier = Known({MIRROR.id: [Weighted("a", known), Weighted("b", plain)]})
        [again] = source.propose([VIEWS[0]], earlier, BUDGET)
        assert [each.program for each in again.programs] == [unknown, known]
        [none] = source.propose([VIEWS[1]], NONE, BUDGET)
    assert list(none.programs) == []
    assert ArchiveSource(None, []).propose(VIEWS, NONE, BUDGET) == [Proposal(())] * 3


class TestCommand:
    """A command that answers over pipes, well and badly."""

    def ask(self, place: Path, code: str, *, seconds: float = 20.0, count: int = 2) -> list[Any]:
        source = CommandSource(CommandOptions(make_command(place, code), seconds=seconds))
        try:
            return source.propose(VIEWS[:count], NONE, BUDGET)
        finally:
            source.close()

    def test_its_errors_are_printed_up_to_a_bound(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code = """
            import os
            for _ in range(32):
                os.write(2, b"\\033[31mred" + b"e" * 65536)
            for task in tasks:
                say(task, done=True)
            """
        self.ask(tmp_path, code)
        err = capsys.readouterr().err
        assert err.startswith("?[31mrede")
        assert err.endswith("\nnote: the rest that the command prints is left out\n")
        assert len(err) < STDERR_BYTES_MAX + 100

    def test_it_gets_tasks_without_answers_and_its_programs_are_taken(self, tmp_path: Path) -> None:
        seen = tmp_path / "seen"
        code = f"""
            file = open({str(seen)!r}, "w")
            for task in tasks:
                print(json.dumps(task), file=file, flush=True)
                say(task, program="def solve(S, I, C): return vmirror(I)", weight=0.25)
                say(task, program="def my_own(I):\\n    x = hmirror(I)\\n    return x")
                say(task, done=True)
            """
        for proposal in self.ask(tmp_path, code):
            assert [
                (each.name, each.log2_weight, each.program.inlined.split()[-1])
                for each in proposal.programs
            ] == [("command_1", -2.0, "vmirror(I)"), ("command_2", None, "hmirror(I)")]
            assert proposal.stopped.stop is Stop.DONE
        first, second = map(json.loads, seen.read_text().splitlines())
        assert (first["task"], second["task"]) == (MIRROR.id, FLIP.id)
        assert first["demos"] == [
            {"input": [list(row) for row in given], "output": [list(row) for row in wanted]}
            for given, wanted in MIRROR.S
        ]
        assert first["tests"] == [{"input": [[1, 2]]}]
        assert str(SECRET) not in json.dumps([first["demos"], first["tests"]])

    def test_what_can_not_be_read_costs_only_itself(self, tmp_path: Path) -> None:
        weights: list[Any] = [0, -1, "much", [], math.inf, math.nan, 10**400]
        words: list[dict[str, Any]] = [
            {}, {"program": 5}, {"program": None}, {"program": "x"},
            {"program": "def f(I): return foo(I)"},
            {"program": "import os\ndef f(I): return os(I)"},
            *({"program": "def f(I): return I", "weight": weight} for weight in weights),
        ]  # fmt: skip
        bad = [
            "no json", "[1", "3", "[]", '"x"', "{}", "null", "[" * 100_000, "\xff",
            *(json.dumps({"task": MIRROR.id, **each}) for each in words),
        ]  # fmt: skip
        good = {"task": MIRROR.id, "program": "def f(I): return rot90(I)"}
        lines = [*bad, json.dumps(good), json.dumps({"task": MIRROR.id, "done": True})]
        (tmp_path / "lines").write_bytes("\n".join(lines).encode("latin-1") + b"\n")
        code = f"""
            next(tasks)
            sys.stdout.write(open({str(tmp_path / "lines")!r}, encoding="latin-1").read())
            """
        [proposal] = self.ask(tmp_path, code, count=1)
        assert [each.program.inlined.split()[-1] for each in proposal.programs] == ["rot90(I)"]
        assert proposal.stopped.stop is Stop.DONE
        told = f"{len(bad)} answers can't be read, the first: no json: "
        assert told in proposal.stopped.note

    @pytest.mark.parametrize(
        ("answer", "keys"),
        [
            ("[]", 'an object with the key "task"'),
            ('{"programs": []}', 'an object with the key "task"'),
            (json.dumps({"task": MIRROR.id, "programs": []}), 'the key "program" or "done"'),
        ],
    )
    def test_a_missing_key_of_an_answer_is_named(
        self, tmp_path: Path, answer: str, keys: str
    ) -> None:
        code = f"""
            next(tasks)
            print({answer!r})
            print({json.dumps({"task": MIRROR.id, "done": True})!r}, flush=True)
            """
        [proposal] = self.ask(tmp_path, code, count=1)
        assert proposal.stopped.note.endswith(f"{answer}: ValueError: expected {keys}")

    @pytest.mark.parametrize(
        ("code", "stop"),
        [
            ("for task in tasks: time.sleep(60)", Stop.TIME),
            ("time.sleep(60)", Stop.TIME),
            ("", Stop.FAILED),
            ("next(tasks); sys.exit(3)", Stop.FAILED),
            ("next(tasks); sys.stdout.close(); import os; os.close(1)", Stop.FAILED),
        ],
        ids=["silent", "never reads", "ends", "dies", "closes its output"],
    )
    def test_one_that_does_not_answer_is_not_waited_for(
        self, tmp_path: Path, code: str, stop: Stop
    ) -> None:
        began = time.monotonic()
        proposals = self.ask(tmp_path, code, seconds=0.4 if stop is Stop.TIME else 20.0)
        assert time.monotonic() - began < 15
        assert [each.stopped.stop for each in proposals] == [stop] * 2
        assert [list(each.programs) for each in proposals] == [[], []]
        if stop is Stop.TIME:
            assert proposals[0].stopped.limit == 0.4
            assert proposals[0].stopped.can_go_on

    def test_one_that_never_reads_is_not_waited_for_with_large_tasks(self, tmp_path: Path) -> None:
        grid = ((1,) * 30,) * 30
        demos = tuple(Sample(grid, grid) for _ in range(40))
        large = TaskView(Task("large", demos, (Sample(grid),)))
        command = make_command(tmp_path, "time.sleep(60)")
        source = CommandSource(CommandOptions(command, seconds=0.3))
        [proposal] = source.propose([large], NONE, BUDGET)
        source.close()
        assert proposal.stopped.stop is Stop.TIME

    def test_a_part_of_the_programs_counts_when_it_dies_or_is_late(self, tmp_path: Path) -> None:
        program = 'say(task, program="def f(I): return vmirror(I)")'
        for end, seconds, stop in (
            ("sys.exit(1)", 20.0, Stop.FAILED),
            ("time.sleep(60)", 1.5, Stop.TIME),
        ):
            [proposal] = self.ask(
                tmp_path, f"task = next(tasks); {program}; {end}", seconds=seconds, count=1
            )
            assert (len(proposal.programs), proposal.stopped.stop) == (1, stop)

    def test_the_last_answer_may_hold_a_program_and_have_no_end(self, tmp_path: Path) -> None:
        code = """
            text = "def f(I): return rot90(I)"
            say(next(tasks), program=text, done=True)
            print(json.dumps({"task": next(tasks)["task"], "program": text}), end="", flush=True)
            """
        first, second = self.ask(tmp_path, code)
        assert (len(first.programs), first.stopped.stop) == (1, Stop.DONE)
        assert (len(second.programs), second.stopped.stop) == (1, Stop.FAILED)

    def test_late_answers_are_not_those_of_the_next_task(self, tmp_path: Path) -> None:
        code = f"""
            first = next(tasks)
            time.sleep(1.5)
            for _ in range({2 * ANSWERS_MAX}):
                say(first, program="def f(I): return rot90(I)")
            say(first, done=True)
            second = next(tasks)
            say(second, program="def f(I): return hmirror(I)")
            say(second, done=True)
            """
        source = CommandSource(CommandOptions(make_command(tmp_path, code), seconds=20.0))
        [first] = source.propose(VIEWS[:1], NONE, SourceBudget(seconds=0.2))
        [second] = source.propose(VIEWS[1:2], NONE, BUDGET)
        source.close()
        assert (list(first.programs), first.stopped.stop) == ([], Stop.TIME)
        assert first.stopped.limit == 0.2
        assert [each.program.inlined.split()[-1] for each in second.programs] == ["hmirror(I)"]
        assert second.stopped.stop is Stop.DONE

    def test_floods_end(self, tmp_path: Path) -> None:
        endless = """
            task = next(tasks)
            while True: say(task, program="def f(I): return rot90(I)")
            """
        [proposal] = self.ask(tmp_path, endless, count=1)
        assert proposal.stopped.stop is Stop.EXHAUSTED
        assert len(proposal.programs) == ANSWERS_MAX
        other = """
            next(tasks)
            while True: say({"task": "other"}, done=True)
            """
        [late] = self.ask(tmp_path, other, seconds=0.5, count=1)
        assert late.stopped.stop is Stop.TIME
        long_line = """
            task = next(tasks)
            print("x" * {}, flush=True)
            say(task, program="def f(I): return rot90(I)")
            """
        for length in (LINE_BYTES_MAX + 10, 3 * LINE_BYTES_MAX):
            proposals = self.ask(tmp_path, long_line.format(length))
            for proposal in proposals:
                assert (list(proposal.programs), proposal.stopped.stop) == ([], Stop.FAILED)
            assert proposals[0].stopped.note == "stopped: an answer is longer than 1 MiB"

    def test_it_has_to_be_there(self) -> None:
        for command in (None, "", " ", "no-such-command-here", "'unclosed", "/"):
            with pytest.raises(UsageError, match="--command"):
                CommandSource(CommandOptions(command))

    def test_a_run_warns_of_it(self, batt: Batt, place: Path) -> None:
        words = ("solve", "--dataset", "tasks", "--sources", "command", "--no-archive")
        for code, told in (
            ("for task in tasks: say(task, program='x'); say(task, done=True)", "1 answer can't"),
            ("for task in tasks: time.sleep(60)", "not done after 0.5 s"),
            ("", "the command has ended\n"),
            ("next(tasks); sys.exit(3)", "the command has ended with exit code 3\n"),
            ("for task in tasks: print(chr(27) + '[31m' + chr(0), flush=True)", "first: ?[31m?: "),
        ):
            command = make_command(place, code)
            answer = batt(*words, "--command", command, "--command-seconds", "0.5")
            assert answer.code == 0
            assert answer.err.startswith("warning[source]: command on ")
            assert "and 2 other tasks: " in answer.err
            assert told in answer.err
            assert answer.err.count("\n") == 1

    def test_a_task_for_which_it_failed_is_tried_again(self, batt: Batt, place: Path) -> None:
        head = """
    import os
    if not os.path.exists("ready"):
        sys.exit(1)
    """
        command = make_command(place, head.rstrip() + GOOD)
        words = ("solve", "--dataset", "tasks", "--sources", "command", "--command", command)
        assert "the command has ended with exit code 1" in batt(*words).err
        (place / "ready").touch()
        again = batt(*words)
        assert again.err.startswith("going on with pass 1: 3 of 3 tasks were tried, 3 of them are")
        assert batt(*words).err.startswith("finished before: ")

    @pytest.mark.parametrize("sources", [(), ("--sources", "none"), ("--sources", "command")])
    def test_naming_one_is_enough(self, batt: Batt, place: Path, sources: tuple[str, ...]) -> None:
        words = ("solve", "--dataset", "tasks", "--no-archive", "--search-evaluations", "500")
        answer = batt(*words, *sources, "--command", make_command(place, GOOD), "--json")
        assert answer.json["sources"].count("command") == 1
        if sources:
            assert answer.json["sources"] == ["command"]

    @pytest.mark.native
    def test_it_and_its_children_end_with_the_command(self, batt: Batt, place: Path) -> None:
        head = """
            import os, subprocess
            child = subprocess.Popen(["sleep", "600"])
            open("pids", "w").write(f"{os.getpid()} {child.pid}")
            """
        command = make_command(place, textwrap.dedent(head) + textwrap.dedent(GOOD))
        words = ("solve", "--dataset", "tasks", "--sources", "command", "--no-archive")
        answer = batt(*words, "--command", command, "--json")
        assert (answer.code, answer.err) == (0, "")
        assert answer.json["totals"]["exact"] == 2
        assert answer.json["results"][0]["stopped"] == {"command": "stopped: 2 programs"}
        for pid in (place / "pids").read_text().split():
            state = Path(f"/proc/{pid}/stat")
            deadline = time.monotonic() + 10
            while state.exists() and state.read_text().split()[2] != "Z":
                assert time.monotonic() < deadline, f"process {pid} is still there"
                time.sleep(0.05)


class Mirrors:
    """A source of somebody, of the plainest kind."""

    def propose(self, tasks: Any, known: Known, budget: SourceBudget) -> list[Proposal]:
        program = parse_program("def solve(I): return vmirror(I)").program
        for task in tasks:
            assert all(test.output is None for test in (*task.tests, *task.task.tests))
        return [Proposal([Weighted("mine", program, -1.0)]) for _ in tasks]


class Raising:
    def propose(self, tasks: Any, known: Known, budget: SourceBudget) -> list[Proposal]:
        raise ZeroDivisionError("by zero [/x]")


class Exits:
    def propose(self, tasks: Any, known: Known, budget: SourceBudget) -> list[Proposal]:
        sys.exit(0)


class Unreadable:
    class Error(Exception):
        def __str__(self) -> str:
            raise ValueError

    def propose(self, tasks: Any, known: Known, budget: SourceBudget) -> list[Proposal]:
        raise self.Error


class ExitsAtOnce:
    def __init__(self) -> None:
        sys.exit(0)


class NoSource: ...


class NeedsMore:
    def __init__(self, more: int) -> None: ...


RUBBISH: Any = None


class Rubbish:
    def propose(self, tasks: Any, known: Known, budget: SourceBudget) -> Any:
        return RUBBISH


def imported(name: str) -> Source:
    return import_source(f"{__name__}:{name}")


def test_a_class_of_somebody_is_a_source() -> None:
    proposals = imported("Mirrors").propose(VIEWS, NONE, BUDGET)
    assert [each.name for proposal in proposals for each in proposal.programs] == ["mine"] * 3
    raised = imported("Raising").propose(VIEWS, NONE, BUDGET)
    assert [each.stopped.stop for each in raised] == [Stop.FAILED] * 3
    assert "ZeroDivisionError: by zero" in raised[0].stopped.note
    for name, note in (("Exits", "SystemExit: 0"), ("Unreadable", "its message can't be read")):
        raised = imported(name).propose(VIEWS, NONE, BUDGET)
        assert [each.stopped.stop for each in raised] == [Stop.FAILED] * 3
        assert note in raised[0].stopped.note


def test_rubbish_of_a_class_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    program = parse_program("def solve(I): return I").program
    something: Any = "x"
    number: Any = 7
    rare: list[Any] = [{"origin": "a\nb"}, {"is_total": "x"}, {"missed": 1.5}]
    values: list[Any] = [
        [], ["x"] * 3, [Proposal(())] * 2, [Proposal([something])] * 3,
        [Proposal([Weighted("a", something)])] * 3,
        *([Proposal([Weighted("a", program, bits)])] * 3 for bits in (math.nan, math.inf, 5000.0)),
        [Proposal([Weighted("a", program, something)])] * 3,
        *([Proposal([Weighted(name, program)])] * 3 for name in (number, "\ud800")),
        *([Proposal([Weighted("a", program, missed=missed)])] * 3 for missed in (something, -1)),
        *([Proposal((), effort)] * 3 for effort in
          (Effort(something), Effort(math.nan), Effort(-1.0), Effort(evaluations=10**400),
           Effort(evaluations=something), Effort(bytes=something), Effort(details=something),
           Effort(details={"states": something}))),
        *([Proposal((), stopped=stopped)] * 3 for stopped in
          (StopReason(something), StopReason(Stop.DONE, note="\ud800"),
           StopReason(Stop.DONE, note="\x1b[31m"), StopReason(Stop.DONE, math.nan),
           StopReason(Stop.DONE, problem=something))),
        *([Proposal((), nearness=near)] * 3 for near in (something, math.nan, 2.0)),
        *([Proposal([Weighted("a", program, **words)])] * 3 for words in rare),
        [Proposal((), effort=something)] * 3, [Proposal((), stopped=something)] * 3,
    ]  # fmt: skip
    for value in values:
        monkeypatch.setattr(f"{__name__}.RUBBISH", value)
        with pytest.raises(UsageError, match="has to return a list of 3 objects"):
            imported("Rubbish").propose(VIEWS, NONE, BUDGET)
    monkeypatch.setattr(f"{__name__}.RUBBISH", [Proposal((), nearness=math.nan)] * 3)
    with pytest.raises(UsageError, match=r"expected 0\.\.1 or None as nearness, got nan"):
        imported("Rubbish").propose(VIEWS, NONE, BUDGET)
    for value in (None, 5):
        monkeypatch.setattr(f"{__name__}.RUBBISH", value)
        [first, *_] = imported("Rubbish").propose(VIEWS, NONE, BUDGET)
        assert first.stopped.stop is Stop.FAILED


def test_a_class_has_to_be_there_and_to_be_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("nowhere:X", f"{__name__}:Nothing", f"{__name__}:", ":X",
                 f"{__name__}:NeedsMore", f"{__name__}:ExitsAtOnce"):  # fmt: skip
        with pytest.raises(UsageError, match="can't be made"):
            import_source(name)
    with pytest.raises(UsageError, match="has no method propose"):
        imported("NoSource")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "broken_source.py").write_text("def (\n")
    with pytest.raises(UsageError, match="SyntaxError"):
        import_source("broken_source:X")
    (tmp_path / "here_source.py").write_text("class X:\n    def propose(self, *_): return []\n")
    assert import_source("here_source:X").propose([], NONE, BUDGET) == []


@pytest.mark.usefixtures("place")
def test_a_class_that_raises_costs_only_its_own_programs(batt: Batt) -> None:
    words = ("solve", "--dataset", "tasks", "--library", "programs.py", "--no-archive", "--json")
    answer = batt(*words, "--sources", f"{__name__}:Raising,{__name__}:Mirrors")
    assert answer.code == 0
    assert answer.err.startswith(f"warning[source]: {__name__}:Raising on ")
    assert answer.err.endswith("failed: ZeroDivisionError: by zero [/x]\n")
    assert answer.json["totals"]["exact"] == 2
    assert answer.json["sources"] == [f"{__name__}:Raising", f"{__name__}:Mirrors", "files"]
    assert "by zero [/x]" in answer.json["results"][0]["stopped"][f"{__name__}:Raising"]


@pytest.mark.usefixtures("place")
def test_brackets_in_a_message_are_printed_as_they_are(batt: Batt) -> None:
    answer = batt("eval", "--dataset", "tasks", "--sources", f"{__name__}:Raising")
    assert (answer.code, answer.err) == (0, "")
    assert "by zero [/x]" in answer.out


class TestCompositions:
    @pytest.mark.native
    def test_chains_solve_tasks_on_both_engines(self) -> None:
        for name in ("native", "reference"):
            with Context(engine=name) as context:
                [source] = open_sources(["compositions"], {}, context)
                names = grid_primitives()
                [proposal] = source.propose([TaskView(MIRROR)], Known(), SourceBudget())
                assert len(proposal.programs) == len(names) + len(names) ** 2
                run = Run([MIRROR], [source], context.engine)
                [work] = run.work_on([MIRROR])
                assert "vmirror" in {name for each in work.passed for name in each.names}

    def test_a_chain_calls_its_first_primitive_first(self) -> None:
        assert chain_of(("vmirror", "tophalf")).inlined.endswith("return tophalf(vmirror(I))\n")


HUNGRY = """
def solve(I):
    x1 = interval(0, 40, 1)
    x2 = apply(compose(rbind(apply, x1), lbind(lbind, add)), x1)
    return branch(equality(size(x2), 40), vmirror(I), I)
"""
"""A program that mirrors; one of its calls takes about 10,000 fuel."""
LITTLE = Budget(node_fuel=1_000, brought_fuel=100_000)


def run_of(sources: Sequence[Source], engine: str = "reference") -> Run:
    """Return a run on a task whose rule is to mirror, with little fuel."""
    return Run([mirror_task()], sources, open_engine(engine), Settings(LITTLE))


def test_second_runs_end_after_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    task = mirror_task()
    hungry = GivenPrograms({task.id: weighted(HUNGRY)}, is_brought=True)
    for limits, exact in ((6, [True]), (-1, [])):
        monkeypatch.setattr("arcbatt.engine.outcome.AGAIN_LIMITS", limits)
        [work] = run_of([hungry]).work_on([task])
        assert [each.score.is_exact for each in work.passed] == exact


@pytest.mark.parametrize("engine", ENGINES)
def test_programs_that_people_bring_get_more_fuel(engine: str) -> None:
    task = mirror_task()
    [hungry] = weighted(HUNGRY)
    plain = one("hmirror(I)", name="plain")
    for is_brought in (False, True):
        source = GivenPrograms({task.id: [plain, hungry]}, is_brought=is_brought)
        made = run_of([source], engine)
        made.reference = open_engine("reference")
        [work] = made.work_on([task])
        passed = {name: each for each in work.passed for name in each.names}
        assert set(passed) == ({"plain", "solve"} if is_brought else {"plain"})
        assert work.counts.refused == 0
        assert not is_brought or (passed["solve"].score.is_exact and passed["solve"].fuel > 1_000)
    made.settings = replace(made.settings, budget=replace(LITTLE, brought_fuel=2_000))
    assert [each.names for each in made.work_on([task])[0].passed] == [("plain",)]


def test_the_fuel_of_a_program_does_not_depend_on_who_proposed_it_first() -> None:
    task = mirror_task()
    [hungry] = weighted(HUNGRY)
    generated = GivenPrograms({task.id: [one("hmirror(I)", name="plain"), hungry]})
    brought = GivenPrograms({task.id: [hungry]}, name="brought", is_brought=True)
    alone = None
    for sources in ([brought], [generated, brought], [brought, generated]):
        [work] = run_of(sources).work_on([task])
        [found] = [each for each in work.passed if each.score.is_exact]
        alone = alone or found
        assert (found.fuels, found.behaviour) == (alone.fuels, alone.behaviour)
        assert found.test_output(0) == ((0, 1), (3, 2))


def test_a_learning_program_of_people_has_its_fuel_on_demos_that_are_left_out_too() -> None:
    task = mirror_task()
    text = HUNGRY.replace("solve(I)", "solve(S, I, C)").replace(
        "vmirror(I), I)", "branch(greater(size(S), ZERO), vmirror(I), I), I)"
    )
    source = GivenPrograms({task.id: weighted(text)}, is_brought=True)
    made = run_of([source])
    [found] = made.work_on([task])[0].passed
    assert found.members[0].missed == 0


def test_a_program_that_ran_out_of_time_beside_others_runs_alone() -> None:
    task = mirror_task()

    class Hurried(LyingEngine):
        """An engine on which graphs with many roots are out of time at the second root."""

        def evaluate(self, jobs, budget, **words):  # type: ignore[no-untyped-def]
            found = self.inner.evaluate(jobs, budget, **words)
            late = Failure(FailureKind.DEADLINE, 0, "")
            for job, each in zip(jobs, found, strict=True):
                for row in each.outcomes if len(job.graph.roots) > 1 else ():
                    row[1] = replace(row[1], failure=late, digest=0, score=0)  # type: ignore[index]
            return found

    programs = [one("hmirror(I)", name="first"), one("vmirror(I)", name="second")]
    for is_brought in (False, True):
        source = GivenPrograms({task.id: programs}, is_brought=is_brought)
        [work] = Run([task], [source], Hurried(lambda root: root)).work_on([task])
        assert [each.names for each in work.passed if each.score.is_exact] == (
            [("second",)] if is_brought else []
        )
