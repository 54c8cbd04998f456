"""All commands, and the handling of their errors.

Neither this module nor the modules of the commands import the language, an engine or rich, so that
`batt --help` is fast. Each command imports its modules when it runs.
"""

from __future__ import annotations

import atexit
import gc
import re
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from arcbatt.cli import (
    archive,
    combine,
    evolve,
    profile,
    report,
    serve,
    show,
    solve,
    verify,
)
from arcbatt.cli import eval as evaluation
from arcbatt.cli.options import GroupedCommand, with_source_options
from arcbatt.cli.output import documents, open_streams, print_json
from arcbatt.errors import ArcbattError, UsageError
from arcbatt.sources.evolution import EvolutionSource
from arcbatt.sources.files import FilesSource

EXIT_ERROR, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130
"""The exit codes for errors, for invalid arguments, and where typer has seen KeyboardInterrupt."""

app = typer.Typer(
    help="Find programs that solve ARC-AGI tasks.",
    no_args_is_help=False,
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("solve", cls=GroupedCommand)(with_source_options(solve.solve))
EVOLVE_DEFAULTS = {"--mutants": 10_000, "--rounds": 10}
app.command("evolve", cls=GroupedCommand)(
    with_source_options(
        evolve.evolve, (FilesSource, EvolutionSource), defaults=EVOLVE_DEFAULTS, shows_rare=True
    )
)
app.command("merge")(with_source_options(archive.merge, (FilesSource,)))
app.command("grade")(evaluation.grade)
app.command("combine")(combine.combine)
app.command("eval", cls=GroupedCommand)(with_source_options(evaluation.evaluate))
app.command("profile", cls=GroupedCommand)(with_source_options(profile.profile))
app.command("sources")(show.sources)
app.command("show")(show.show)
app.command("dsl")(show.dsl)
app.command("report")(report.report)
app.command("serve")(serve.serve)
app.command("import")(archive.import_programs)
app.command("verify")(with_source_options(verify.verify, (FilesSource,)))
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
        typer.Option("--version", help="Show the version and exit.", callback=_print_version),
    ] = False,
) -> None:
    """Find programs that solve ARC-AGI tasks."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(EXIT_USAGE)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; an expected error is printed as one line on stderr.

    With ``--json`` the error is also printed as a document on stdout, unless one is there already.

    Args:
        words: the arguments of the command line; None for those of this process.

    Returns the exit code: 0, 1 for an error, 2 for invalid arguments. A reader that stops reading
    stdout is no error.

    Raises KeyboardInterrupt after a signal that the command did not report itself.
    """
    stdout = open_streams()
    documents.printed = False
    # Programs, values and results have no cycles, so frequent garbage collection finds nothing.
    gc.set_threshold(100_000, 50, 100)
    # Python's exit would collect garbage once more.
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    as_json = "--json" in (sys.argv[1:] if words is None else words)
    try:
        code = app(args=words, prog_name="batt", standalone_mode=False)
        sys.stdout.flush()
    except ArcbattError as error:
        message = "; ".join([str(error), *getattr(error, "__notes__", ())])
        _complain(error.slug, message, as_json=as_json, **error.context)
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_ERROR
    except typer.TyperException as error:
        _complain(UsageError.slug, message_with_range(error), as_json=as_json)
        return error.exit_code
    except OSError as error:
        _complain("system", str(error), as_json=as_json)
        return EXIT_ERROR
    except MemoryError:
        message = "out of memory; fewer --jobs, tasks or programs at once need less"
        _complain("system", message, as_json=as_json)
        return EXIT_ERROR
    if stdout is not None and not isinstance(stdout.problem, BrokenPipeError | None):
        _complain("system", f"standard output: {stdout.problem.strerror}", as_json=False)
        code = code or EXIT_ERROR
    if code == EXIT_INTERRUPTED:
        if as_json and not documents.printed:
            print_json({"error": {"slug": "interrupted", "message": "interrupted", "context": {}}})
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def message_with_range(error: typer.TyperException) -> str:
    """Return the message of an error; for the value of an option it has the allowed range."""
    message = error.format_message()
    kind = getattr(getattr(error, "param", None), "type", None)
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if low is None or high is None:
        return message
    wrong = re.sub(r" is not (a valid (int|float) range|in the range .*)\.$", "", message)
    word = "a whole number" if "int" in getattr(kind, "name", "") else "a number"
    return f"{wrong.rstrip('.')}: expected {word} from {low} to {high}"


def _complain(slug: str, message: str, *, as_json: bool, **context: Any) -> None:
    message = " ".join(message.split())
    print(f"error[{slug}]: {message}", file=sys.stderr)
    if as_json and not documents.printed:
        print_json({"error": {"slug": slug, "message": message, "context": context}})
