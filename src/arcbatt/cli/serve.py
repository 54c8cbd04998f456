"""``batt serve``: a local page with tasks, programs, a playground and runs."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import open_console, print_json

if TYPE_CHECKING:
    from arcbatt.findings import Shelf

HOW_TO_GET_IT = "pip install 'arcbatt[web]'"


def serve(
    archives: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="ARCHIVE...",
            help="The archives to show; programs are saved to the first. Default: archive.",
            show_default=False,
        ),
    ] = None,
    results: Annotated[
        list[Path] | None,
        typer.Option(
            "--results",
            metavar="FILE",
            help="Show the results of `batt eval` too; may be repeated.",
            show_default=False,
        ),
    ] = None,
    dataset: options.RunDataset = None,
    split: Annotated[
        str | None,
        options.split_option(
            "training, evaluation, development; or a folder; default: that of the last run,"
            " or training and evaluation."
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=1,
            max=65535,
            metavar="N",
            help="The port; default: the first free one from 8017 on.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="The address to listen on; one that other machines reach needs a token.",
        ),
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="WORD",
            help="Ask browsers for this token; default: a new one where one is needed.",
            show_default=False,
        ),
    ] = None,
    browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    engine: options.Engine = None,
    as_json: options.Json = False,
) -> None:
    """Serve a local page with tasks, programs and runs.

    Only this machine reaches the page unless --host says otherwise. Ctrl-C ends it.
    """
    from arcbatt.errors import UsageError

    _require_web()
    from arcbatt.findings import read_findings
    from arcbatt.web.app import serve as serve_desk
    from arcbatt.web.desk import Desk

    if token is not None and not TOKEN.fullmatch(token):
        problem = "--token: expected 8 characters or more of A-Z, a-z, 0-9, _ . and -"
        raise UsageError(problem=problem)
    for path in results or ():
        if not path.is_file():
            raise UsageError(problem=f"--results: there is no file {path}")
    for path in archives or ():
        if not path.exists():
            raise UsageError(problem=f"there is no archive {path}")
    places = [*(archives or [DEFAULT_ARCHIVE]), *(results or ())]
    shelf = open_shelf(places, dataset, split)
    for path in places:
        if path.exists():
            read_findings(path, shelf)

    def begin(address: str) -> None:
        if as_json:
            print_json({"page": address})
            # The command goes on: what is printed has to arrive now.
            sys.stdout.flush()
        else:
            console = open_console()
            console.print(f"page: {address}", "Ctrl-C ends it", sep="\n")
        if browser:
            import webbrowser

            webbrowser.open(address)

    serve_desk(Desk(shelf, places, engine), host=host, port=port, token=token, on_start=begin)


DEFAULT_ARCHIVE = Path("archive")
TOKEN = re.compile(r"[A-Za-z0-9_.-]{8,}")
"""What a token is made of: it stands in an address and in a cookie as it is."""


def _require_web() -> None:
    """Check that the page can be served; raises UsageError if a package is missing."""
    from importlib.util import find_spec

    from arcbatt.errors import UsageError

    found = {
        "jinja2": find_spec("jinja2"),
        "starlette": find_spec("starlette"),
        "uvicorn": find_spec("uvicorn"),
    }
    missing = [name for name, spec in found.items() if spec is None]
    if missing:
        raise UsageError(problem=f"the page needs {', '.join(missing)}: {HOW_TO_GET_IT}")


def open_shelf(places: list[Path], dataset: str | None, split: str | None) -> Shelf:
    """Load the tasks of archives and results.

    Args:
        places: paths of archives and results, which may not be there yet.
        dataset: name or path of a dataset; None for that of the first place which tells its own.
        split: split of the dataset; None for its default, or for that of the place.
    """
    from arcbatt.archive.schema import archive_file
    from arcbatt.findings import Shelf, is_archive, shelf_of
    from arcbatt.tasks import DATASETS

    if dataset is None:
        for path in places:
            if not path.exists() or (is_archive(path) and not archive_file(path).exists()):
                continue
            found = shelf_of(path)
            if found is not None:
                return Shelf.open(found[0], split or found[1])
    return Shelf.open(dataset or DATASETS[0], split)
