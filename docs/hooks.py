"""Hooks of MkDocs: pages that are made of README.md, of docstrings and of the registry."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

import arcbatt
from arcbatt.dsl import REGISTRY
from arcbatt.dsl.registry import Primitive
from arcbatt.inspect import find_primitives
from arcbatt.report.examples import example_of, text_of
from arcbatt.report.pictures import beside, picture_of_text
from arcbatt.report.svg import write_svg

ROOT = Path(__file__).parents[1]
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Pages from the root of the repository, by what they are called on the site."""


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are no files in this folder."""
    made = {target: _page(source) for source, target in PAGES.items()}
    made |= {"gallery.md": _gallery(), "reference.md": _reference()}
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Let links to the root of the repository lead to the pages of the site."""
    return re.sub(
        r"\]\(\.\./(README|CONTRIBUTING|CHANGELOG)\.md",
        lambda found: f"]({PAGES[f'{found[1]}.md']}",
        markdown,
    )


def _page(name: str) -> str:
    text = (ROOT / name).read_text(encoding="utf-8").replace("](docs/", "](")
    for source, target in PAGES.items():
        text = text.replace(f"]({source}", f"]({target}")
    return text.replace("[MIT](LICENSE)", "MIT")


def _gallery() -> str:
    lines = ["# Gallery", "", f"All {len(REGISTRY)} primitives, each with an example."]
    family = ""
    for primitive in find_primitives():
        if primitive.family != family:
            family = primitive.family
            lines += ["", f"## {family}"]
        lines += ["", f"### {primitive.name}", "", f"`{primitive}`", "", text_of(primitive), ""]
        lines += [_example(primitive)]
    return "\n".join(lines) + "\n"


def _example(primitive: Primitive) -> str:
    example = example_of(primitive)
    if example is None:
        return ""
    drawn = ""
    if example.drawn is not None:
        parts = [*example.arguments, picture_of_text("→", "dim"), example.drawn]
        picture = beside(parts)
        drawn = write_svg(picture, name=f"example of {primitive.name}", paper=True)
    code = f"<pre><code>{escape(example.call)}\n{escape(example.result)}</code></pre>"
    return f"{code}\n{drawn}\n"


def _reference() -> str:
    from arcbatt import _HOMES

    lines = ["# Python", "", "The public names of the package `arcbatt`."]
    for name in arcbatt.__all__:
        lines += ["", f"::: {_HOMES[name]}.{name}"]
    return "\n".join(lines) + "\n"
