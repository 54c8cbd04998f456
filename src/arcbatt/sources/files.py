"""The source ``files``: programs of files that a user names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from arcbatt.candidates import Weighted
from arcbatt.contract import option
from arcbatt.errors import UsageError
from arcbatt.sources.library import CommonSource

if TYPE_CHECKING:
    from arcbatt.context import Context


@dataclass(frozen=True)
class FilesOptions:
    """The options of the source.

    Attributes:
        library: files with programs in DSL text.
        batt: a batt file, made by `batt merge`; None for none.
    """

    library: tuple[Path, ...] = option(
        (), "--library", "files: Programs; may be repeated.", metavar="FILE"
    )
    batt: Path | None = option(None, "--batt", "files: A batt, of `batt merge`.", metavar="FILE")

    def __bool__(self) -> bool:
        """Return whether any file is named."""
        return bool(self.library) or self.batt is not None


class FilesSource(CommonSource):
    """Proposes all programs of the files for every task."""

    name: ClassVar[str] = "files"
    summary: ClassVar[str] = "programs of the files that --library and --batt name"
    options: ClassVar[type[FilesOptions]] = FilesOptions
    is_brought: ClassVar[bool] = True

    @classmethod
    def open(cls, options: FilesOptions, context: Context) -> Self:
        """Read the files; see `read_programs`."""
        source = cls(read_programs(options, context), hold_out=context.hold_out)
        context.common += source.common.programs
        return source


def read_programs(options: FilesOptions, context: Context) -> Sequence[Weighted]:
    """Read the programs of files; each one that can't be read adds a warning to the context.

    Raises:
        ParseError: if a file is no program file, or none of its programs can be read.
        BattFileError: if the batt file can't be read.
        UsageError: if the batt file has no program.
    """
    from arcbatt.candidates import MergedPrograms
    from arcbatt.program.merge import load_batt
    from arcbatt.program.parse import parse_file

    programs: list[Weighted] = []
    for path in options.library:
        found = parse_file(path)
        if not found.programs:
            raise found.explain_nothing(path)
        context.warnings.extend(found.listed(path))
        origin = origin_of(path)
        programs += (Weighted(each.name, each.program, origin=origin) for each in found.programs)
    if options.batt is None:
        return programs
    merged = MergedPrograms.of(load_batt(options.batt), origin=origin_of(options.batt))
    if not merged:
        raise UsageError(problem=f"{options.batt} holds no program")
    return [*programs, *merged] if programs else merged


def origin_of(path: Path) -> str:
    """Return the origin of the programs of a file, for people."""
    return f"file {path.name if path.name.isprintable() else repr(path.name)}"
