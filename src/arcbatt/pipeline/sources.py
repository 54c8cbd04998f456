"""Sources: where the programs of a card come from, by the words that a user has for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from arcbatt.archive import Archive
from arcbatt.batt import Batt, load_batt, merge
from arcbatt.errors import ParseError, UsageError
from arcbatt.library import load_merged_library
from arcbatt.pipeline.deal import (
    ARCHIVE,
    KEPT,
    LIBRARY,
    SEARCH,
    SOURCES,
    deal_archive,
    deal_batt,
    deal_programs,
    join_cards,
)
from arcbatt.pipeline.work import Card
from arcbatt.program.parse import SourceProgram, parse_file

NO_SOURCES = "none"
"""What a user writes who wants no source but the files that they name."""


@dataclass(frozen=True)
class LoadedCard:
    """A card, and the programs of its files that could not be read."""

    card: Card
    unreadable: tuple[ParseError, ...] = ()


def parse_sources(text: str, *, also: Sequence[str] = ()) -> tuple[str, ...]:
    """Read a list of sources such as ``library,archive``; ``none`` is the empty list.

    Args:
        text: to read.
        also: sources that are known beside `SOURCES`.

    Raises UsageError if one of them is unknown.
    """
    if text.strip() == NO_SOURCES:
        return ()
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in (*SOURCES, *also):
            known = ", ".join((*SOURCES, *also, NO_SOURCES))
            raise UsageError(problem=f"no source is called {name!r}: expected {known}")
    return names


def default_sources(*, searches: bool) -> tuple[str, ...]:
    """Return the sources where a user names none.

    Args:
        searches: whether search is one of them, which needs the native engine.
    """
    return (*KEPT, SEARCH) if searches else KEPT


def check_kept(sources: Sequence[str]) -> None:
    """Check that sources hold programs, and don't make them for one task at a time.

    Raises UsageError if one does not.
    """
    for name in sources:
        if name not in KEPT:
            raise UsageError(
                problem=f"the source {name!r} finds programs for single tasks and holds none to"
                f" deal: expected {', '.join(KEPT)}"
            )


def parent_sources(sources: Sequence[str], files: Sequence[Path]) -> tuple[str, ...]:
    """Return the sources of what programs are made from: the library where nothing is named."""
    named = files or not set(KEPT).isdisjoint(sources)
    return tuple(sources) if named else (*sources, LIBRARY)


def load_card(
    *,
    sources: Sequence[str] = (LIBRARY,),
    files: Iterable[Path] = (),
    batt: Path | None = None,
    cached: bool = True,
) -> LoadedCard:
    """Load the programs that are dealt for every task.

    Args:
        sources: those of `SOURCES`; the archive is dealt per task and gives nothing here.
        files: with programs that are dealt too.
        batt: a batt file to deal instead of the library.
        cached: whether the library may come from the user's cache folder.

    Raises:
        ParseError: if a file is no program file at all, or none of its programs can be read.
        BattFileError: if the batt can't be read.
    """
    if batt is not None:
        return LoadedCard(deal_batt(load_batt(batt)))
    cards = [deal_batt(load_merged_library(cached=cached), LIBRARY)] if LIBRARY in sources else []
    unreadable: list[ParseError] = []
    for path in files:
        found = parse_file(path)
        if not found.programs:
            raise _nothing_in(path, found.errors)
        unreadable.extend(found.errors)
        cards.append(deal_file(found.programs, path))
    return LoadedCard(join_cards(cards), tuple(unreadable))


def _nothing_in(path: Path, errors: Sequence[ParseError]) -> ParseError:
    """Return an error that says why a file has no program, by the first of them that is broken."""
    allowed = "a file with a function like `def solve_007bbfb7(I):`"
    if not errors:
        return ParseError(file=path, line=0, problem="holds no program", allowed=allowed)
    first, *others = errors
    more = f" and {len(others)} more can't be read either" if others else ""
    problem = f"{first.context['problem']}{more}, so that no program is left"
    return ParseError(file=path, line=first.context["line"], problem=problem, allowed=allowed)


def deal_file(programs: Iterable[SourceProgram], path: Path) -> Card:
    """Return a card with the programs of a file; its name says where they came from."""
    name = path.name if path.name.isprintable() else repr(path.name)
    return deal_programs(programs, f"file {name}")


@dataclass(frozen=True)
class DealtBatt:
    """A batt, and the programs that could not be read for it."""

    batt: Batt
    unreadable: tuple[ParseError, ...]


def build_batt(
    *,
    task: str | None = None,
    sources: Sequence[str] = KEPT,
    files: Iterable[Path] = (),
    archive: Archive | None = None,
) -> DealtBatt:
    """Merge the programs of all sources into a batt.

    Args:
        task: whose programs in the archive are taken; None for those of all tasks.
        sources: those of `KEPT`.
        files: with programs that are taken too.
        archive: to deal from, if the sources name it.

    Raises UsageError if there is no program at all, or for a source that makes its programs for
    one task at a time.
    """
    check_kept(sources)
    loaded = load_card(sources=sources, files=files)
    cards = [loaded.card]
    if archive is not None and ARCHIVE in sources:
        tasks = archive.tasks() if task is None else (task,)
        cards.extend(deal_archive(archive, each) for each in tasks)
    card = join_cards(cards)
    if not card:
        raise UsageError(problem="no programs to deal: the sources that were named hold none")
    return DealtBatt(merge((dealt.name, dealt.program) for dealt in card), loaded.unreadable)
