"""``batt dsl``: list the primitives of the language, or explain one."""

from __future__ import annotations

from typing import Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import open_console, print_json


def dsl(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Explain this primitive.")
    ] = None,
    family: Annotated[
        str | None,
        typer.Option("--family", metavar="NAME", help="List one family only.", show_default=False),
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(
            "--search",
            metavar="TEXT",
            help="List what has this text in its name, its types or its doc.",
            show_default=False,
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """List the primitives of the language, or explain one of them."""
    from arcbatt.pipeline.lookup import find_primitives, primitive_called
    from arcbatt.report.primitives import primitive_document, primitive_text, primitives_table

    console = open_console()
    if name is not None:
        primitive = primitive_called(name)
        if as_json:
            print_json(primitive_document(primitive))
        else:
            console.print(primitive_text(primitive), markup=False, soft_wrap=True)
        return
    found = find_primitives(family=family, text=search)
    if as_json:
        print_json(list(map(primitive_document, found)))
    else:
        console.print(primitives_table(found))
