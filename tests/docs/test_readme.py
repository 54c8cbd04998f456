"""README says what is true: its commands exist, its examples run, its links lead somewhere."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path
from typing import Any

import typer

from arcbatt.cli.app import app

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
LINES_MAX = 200

ROOT: Any = typer.main.get_command(app)


def commands() -> dict[str, Any]:
    """Return every command by its words."""
    found = {}
    for name, command in ROOT.commands.items():
        parts = getattr(command, "commands", None)
        if parts is None:
            found[name] = command
        else:
            found |= {f"{name} {part}": value for part, value in parts.items()}
    return found


def code() -> list[str]:
    """Return what stands between backquotes and in blocks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```\w*\n.*?^```", "", README, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [*lines, *re.findall(r"`([^`\n]+)`", prose)]


def command_lines() -> list[str]:
    """Return the words of every use of `batt`, without what a shell does with its output."""
    found = []
    for line in code():
        line = line.removeprefix("$ ")
        if line.startswith("batt "):
            found.append(re.split(r" [|>#] ", line)[0].strip())
    return found


def options() -> set[str]:
    """Return every option of every command."""
    groups = [*commands().values(), ROOT, *ROOT.commands.values()]
    return {
        name
        for command in groups
        for parameter in [*command.params, *command.get_params(typer.Context(command))]
        for name in parameter.opts
    }


def test_it_is_short() -> None:
    assert README.count("\n") <= LINES_MAX


def test_every_command_line_is_understood() -> None:
    faults = []
    for line in sorted(set(command_lines())):
        words = shlex.split(line)[1:]
        if words == ["--help"]:
            continue
        name = " ".join(words[:2]) if " ".join(words[:2]) in commands() else words[0]
        rest = words[name.count(" ") + 1 :]
        # A command that is only named, as in a table, has no arguments to check.
        try:
            if rest or name not in commands():
                commands()[name].make_context(name, rest)
        except (KeyError, typer.TyperException) as error:
            faults.append(f"{line}: {error!r}")
    assert faults == []


def test_every_command_stands_in_it() -> None:
    assert [name for name in commands() if f"`batt {name}`" not in README] == []


def test_every_option_in_it_exists() -> None:
    named = {
        word.rstrip(",.;:)")
        for line in code()
        for word in line.partition(" | ")[0].split()
        if re.match(r"--?[a-z]", word)
    }
    assert "--json" in named
    assert named <= options() | {"--help"}


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [
        link
        for link in links
        if not link.startswith("https://") and not (REPOSITORY / link).exists()
    ] == []


def test_every_make_target_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"\bmake ([a-z]+)", "\n".join(code()))
    assert targets
    assert [target for target in targets if f"\n{target}:" not in makefile] == []


def test_examples_in_python_run() -> None:
    test = doctest.DocTestParser().get_doctest(README, {}, "README", "README.md", 0)
    assert test.examples
    runner = doctest.DocTestRunner()
    runner.run(test)
    assert runner.failures == 0


def test_programs_in_transcripts_can_be_read() -> None:
    from arcbatt.program.parse import parse_text

    texts = re.findall(r"^def .*?(?=^```)", README, re.MULTILINE | re.DOTALL)
    assert texts
    for text in texts:
        found = parse_text(text)
        assert found.errors == []
        assert found.programs
