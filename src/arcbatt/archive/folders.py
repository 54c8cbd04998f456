"""Program files and links: each step makes one of them what the index says."""

from __future__ import annotations

from pathlib import Path

from arcbatt.archive.head import write_head
from arcbatt.archive.index import Index
from arcbatt.archive.layout import Layout, link_target
from arcbatt.archive.records import Entry
from arcbatt.files import write_atomically


def settle_program(layout: Layout, index: Index, kind: str, md5: str) -> None:
    """Write the file of a program as the index has it, or remove it if the index does not.

    The disk is not waited for: what a loss of power takes, a check writes again from the index.
    """
    path = layout.program_file(kind, md5)
    text = index.text(kind, md5)
    if text is None:
        path.unlink(missing_ok=True)
        return
    content = write_head(index.entries_of(kind, md5), index.parents(kind, md5)) + text
    try:
        write_atomically(path, content, sync=False)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content, sync=False)


def make_link(layout: Layout, entry: Entry) -> None:
    """Make the link of an entry; anything else in its place is removed."""
    path, target = layout.link(entry), link_target(entry)
    try:
        path.symlink_to(target)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    except FileExistsError:
        path.unlink()
        path.symlink_to(target)


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
