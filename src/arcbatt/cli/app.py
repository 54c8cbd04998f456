"""All commands, and what happens when one of them fails.

Nothing here or in the modules of the commands imports the language, an engine or rich: `batt
--help` has to be there at once. Each command imports what it needs when it runs.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from arcbatt.cli import (
    archive,
    bench,
    deal,
    dsl,
    evolve,
    grade,
    import_programs,
    learn,
    profile,
    show,
    solve,
    verify_run,
)
from arcbatt.cli import eval as evaluation
from arcbatt.errors import ArcbattError, UsageError

EXIT_ERROR, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130
"""What the command returns: for errors, for words that make no sense, and after Ctrl-C."""

app = typer.Typer(
    help="Find programs that solve ARC-AGI tasks.",
    no_args_is_help=False,
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("solve")(solve.solve)
app.command("evolve")(evolve.evolve)
app.command("deal")(deal.deal)
app.command("grade")(grade.grade)
app.command("eval")(evaluation.evaluate)
app.command("show")(show.show)
app.command("dsl")(dsl.dsl)
app.command("learn")(learn.learn)
app.command("import")(import_programs.import_programs)
app.command("profile")(profile.profile)
app.command("verify-run")(verify_run.verify_run)
app.command("bench")(bench.bench)
app.add_typer(archive.app, name="archive")


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"arcbatt {version('arcbatt')}")
        except PackageNotFoundError:
            typer.echo("arcbatt, which is not installed but run from its sources")
        raise typer.Exit


@app.callback()
def batt(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_print_version),
    ] = False,
) -> None:
    """Find programs that solve ARC-AGI tasks."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(EXIT_USAGE)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; an error that a user can cause is one line on stderr.

    Args:
        words: of the command line; None for those of this process.

    Returns the exit code: 0, 1 for an error, 2 for words that make no sense, 130 after Ctrl-C.
    """
    # Programs, values and results are plain trees: collecting them often finds nothing.
    gc.set_threshold(100_000, 50, 100)
    # Python's exit would look through all of them once more.
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    try:
        code = app(args=words, prog_name="batt", standalone_mode=False)
        sys.stdout.flush()
    except ArcbattError as error:
        _complain(error.slug, str(error))
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_ERROR
    except typer.TyperException as error:
        _complain(UsageError.slug, error.format_message())
        return error.exit_code
    except BrokenPipeError:
        # Whoever read the output has had enough; Python would complain once more at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERROR
    except OSError as error:
        _complain("system", str(error))
        return EXIT_ERROR
    if code == EXIT_INTERRUPTED:
        print("stopped: interrupted", file=sys.stderr)
    return code if isinstance(code, int) else 0


def _complain(slug: str, message: str) -> None:
    print(f"error[{slug}]: {' '.join(message.split())}", file=sys.stderr)
