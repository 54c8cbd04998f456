"""Program files and links: each step makes one of them what the index says."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from arcbatt.archive.head import write_head
from arcbatt.archive.index import Index
from arcbatt.archive.layout import Layout, link_folders, link_target
from arcbatt.archive.records import Entry
from arcbatt.files import write_atomically


def settle_programs(layout: Layout, index: Index, kind: str, md5s: Iterable[str]) -> None:
    """Write the files of programs as the index has them, or remove those that it does not have.

    The disk is not waited for: what a loss of power takes, a check writes again from the index.
    """
    for md5, rows in index.programs(kind, md5s).items():
        path = layout.program_file(kind, md5)
        if rows is None:
            path.unlink(missing_ok=True)
            continue
        content = write_head(rows.entries, rows.parents) + rows.text
        try:
            write_atomically(path, content, sync=False)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content, sync=False)


def settle_program(layout: Layout, index: Index, kind: str, md5: str) -> None:
    """Write or remove the file of one program, see `settle_programs`."""
    settle_programs(layout, index, kind, [md5])


class LinkMaker:
    """Makes links of entries; asks the disk once for each folder.

    The caller holds the archive's lock: nobody else removes folders meanwhile.
    """

    def __init__(self, layout: Layout) -> None:
        self._root = os.fspath(layout.root)
        self._there: set[str] = set()

    def make(self, entry: Entry) -> None:
        """Make the link of an entry; anything else in its place is removed."""
        folder = "/".join((self._root, *link_folders(entry)))
        path, target = f"{folder}/{entry.md5}.py", link_target(entry)
        self._make_folder(folder, above=3)
        try:
            os.symlink(target, path)
        except FileExistsError:
            os.unlink(path)
            os.symlink(target, path)

    def _make_folder(self, folder: str, *, above: int) -> None:
        """Make a folder, and so many of those above it, where they are not there."""
        if folder in self._there:
            return
        if above:
            self._make_folder(folder[: folder.rindex("/")], above=above - 1)
        with suppress(FileExistsError):
            os.mkdir(folder)
        self._there.add(folder)


def remove_link(layout: Layout, kind: str, path: Path) -> None:
    """Remove a link or an empty folder, and the folders above it that are empty then."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == layout.link_folder(kind):
            return
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            # Another program's link is in it.
            return
