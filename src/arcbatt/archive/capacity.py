"""Capacity: decide which programs an archive keeps, and write the rows that change.

Each task keeps at most `CAPACITY` programs of a kind, by the order of `arcbatt.ranking.score`. The
order has no ties, and the scores and fuel of a program only get better while it is kept, so the
same programs leave the same archive in whatever order they are added. Weights are not part of the
order; the weight that was set last stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arcbatt.archive.records import (
    ENTRY_COLUMNS,
    SOLVER,
    AddStatus,
    Entry,
    NewEntry,
    entry_of,
    entry_row,
    first_aliases,
    read_entry,
)
from arcbatt.tasks import TaskKey

if TYPE_CHECKING:
    import sqlite3

CAPACITY = 32
"""Largest number of programs that are kept per task and kind."""

Weights = Mapping[TaskKey, Mapping[str, float]]
"""New weights of solvers, by task and md5."""

SELECT_ENTRIES = f"SELECT {ENTRY_COLUMNS}, size FROM entries JOIN programs USING (md5)"


class Shelf:
    """The entries of one task and kind.

    Args:
        entries: entries that are kept so far.
        capacity: largest number of entries, 1 or more.
    """

    def __init__(self, entries: Iterable[Entry], *, capacity: int) -> None:
        self.capacity = capacity
        self.before = {entry.md5: entry for entry in entries}
        self.kept = dict(self.before)

    def place(self, entry: Entry) -> AddStatus:
        """Keep an entry if it is good enough, and remove the worst one if there are too many."""
        held = self.kept.get(entry.md5)
        if held is not None:
            weight = held.weight if entry.weight is None else entry.weight
            aliases = held.aliases
            if entry.aliases != aliases:
                aliases = first_aliases((*aliases, *entry.aliases))
            if entry.rank >= held.rank:
                if (held.weight, held.aliases) != (weight, aliases):
                    self.kept[entry.md5] = replace(held, weight=weight, aliases=aliases)
                return AddStatus.REFUSED
            entry = replace(entry, weight=weight, aliases=aliases)
        self.kept[entry.md5] = entry
        self.trim()
        if entry.md5 not in self.kept:
            return AddStatus.REFUSED
        return AddStatus.NEW if held is None else AddStatus.IMPROVED

    def set_weight(self, md5: str, weight: float) -> None:
        """Set the weight of a program, if it is kept."""
        held = self.kept.get(md5)
        if held is not None and held.weight != weight:
            self.kept[md5] = replace(held, weight=weight)

    def trim(self) -> None:
        """Remove the worst entries until the capacity is kept."""
        while len(self.kept) > self.capacity:
            del self.kept[max(self.kept.values(), key=lambda entry: entry.rank).md5]


@dataclass
class Saver:
    """Adds programs inside a transaction.

    Attributes:
        connection: connection to the database, inside a transaction.
        capacity: largest number of programs per task and kind, 1 or more.
    """

    connection: sqlite3.Connection
    capacity: int
    _shelves: dict[tuple[TaskKey, str], Shelf] = field(default_factory=dict)
    _unknown: dict[tuple[TaskKey, str], list[Entry]] = field(default_factory=dict)

    def save(self, new: Sequence[NewEntry], weights: Weights) -> list[AddStatus]:
        """Add programs, set weights, and return the statuses in order.

        Raises sqlite3.Error if a row can't be written.
        """
        entries = list(map(entry_of, new))
        shelf_of = [self._shelf(entry.task, entry.kind) for entry in entries]
        statuses = [shelf.place(entry) for shelf, entry in zip(shelf_of, entries, strict=True)]
        for task, noted in weights.items():
            for md5, weight in noted.items():
                self._shelf(task, SOLVER).set_weight(md5, weight)
        replaced = self._adopt()
        self._save_programs(
            [
                each
                for each, shelf in zip(new, shelf_of, strict=True)
                if each.program.md5 in shelf.kept
            ]
        )
        shelves = self._shelves.values()
        self.connection.executemany(
            f"INSERT OR REPLACE INTO entries ({ENTRY_COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                entry_row(entry)
                for shelf in shelves
                for md5, entry in shelf.kept.items()
                if shelf.before.get(md5) != entry
            ],
        )
        gone = [
            entry
            for shelf in shelves
            for md5, entry in shelf.before.items()
            if md5 not in shelf.kept
        ]
        self._remove([*gone, *replaced])
        return statuses

    def _shelf(self, task: TaskKey, kind: str) -> Shelf:
        key = task, kind
        shelf = self._shelves.get(key)
        if shelf is None:
            known: list[Entry] = []
            unknown: list[Entry] = []
            rows = self.connection.execute(
                f"{SELECT_ENTRIES} WHERE task = ? AND content IN (?, '') AND kind = ?",
                (task.id, task.content, kind),
            )
            for *row, size in rows:
                # A broken row takes no place.
                with suppress(ValueError):
                    entry = read_entry(row, size=size)
                    (known if entry.task == task else unknown).append(entry)
            shelf = self._shelves[key] = Shelf(known, capacity=self.capacity)
            if unknown:
                self._unknown[key] = unknown
        return shelf

    def _adopt(self) -> list[Entry]:
        """Move entries without content to the task on which their programs score alike.

        They come from an archive of an older format. Returns the old entries, to be removed.
        """
        moved = []
        for key, unknown in self._unknown.items():
            kept = self._shelves[key].kept
            for entry in unknown:
                held = kept.get(entry.md5)
                if held is not None and held.score == entry.score:
                    kept[entry.md5] = replace(
                        held,
                        weight=entry.weight if held.weight is None else held.weight,
                        aliases=first_aliases((*held.aliases, *entry.aliases)),
                    )
                    moved.append(entry)
        return moved

    def _save_programs(self, new: Sequence[NewEntry]) -> None:
        programs = {each.program.md5: each.program for each in new}
        self.connection.executemany(
            "INSERT INTO programs (md5, size, text) VALUES (?, ?, ?)"
            " ON CONFLICT (md5) DO UPDATE SET size = excluded.size, text = excluded.text"
            " WHERE text != excluded.text OR size != excluded.size",
            [(md5, program.size, program.inlined) for md5, program in programs.items()],
        )
        self.connection.executemany(
            "INSERT OR IGNORE INTO parents (md5, parent) VALUES (?, ?)",
            [(each.program.md5, parent) for each in new for parent in each.parents],
        )

    def _remove(self, gone: Sequence[Entry]) -> None:
        """Remove entries, and the programs that have no entry afterwards."""
        self.connection.executemany(
            "DELETE FROM entries WHERE task = ? AND content = ? AND kind = ? AND md5 = ?",
            [(each.task.id, each.task.content, each.kind, each.md5) for each in gone],
        )
        self.connection.executemany(
            "DELETE FROM programs WHERE md5 = ?1"
            " AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.md5 = ?1)",
            [(md5,) for md5 in {entry.md5 for entry in gone}],
        )
