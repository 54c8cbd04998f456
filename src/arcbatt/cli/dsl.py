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
    functions: Annotated[
        bool,
        typer.Option("--functions", help="List the functions that `batt learn` made of them."),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """List the primitives of the language, or explain one of them or a learnt function."""
    if _show_functions(name, listed=functions, as_json=as_json):
        return
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


def _show_functions(name: str | None, *, listed: bool, as_json: bool) -> bool:
    """List the learnt functions, or explain one; tells whether that was asked for."""
    from arcbatt.dsl import REGISTRY

    if not listed and (name is None or name in REGISTRY):
        return False
    from arcbatt.report.functions import function_document, function_text, functions_table
    from arcbatt.search.functions import LIBRARY, load_functions

    functions = load_functions(LIBRARY)
    named = [one for one in functions if one.name == name]
    if name is not None and not named:
        return False
    if as_json:
        document = list(map(function_document, functions))
        print_json(function_document(named[0]) if named else document)
    elif named:
        open_console().print(function_text(named[0]), markup=False, soft_wrap=True)
    else:
        open_console().print(functions_table(functions))
    return True
