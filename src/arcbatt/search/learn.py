"""Write the table of moves from the shipped library: ``python -m arcbatt.search.learn``."""

from __future__ import annotations

from arcbatt.files import write_atomically
from arcbatt.library import FOUND, load_library
from arcbatt.search.costs import learn_table
from arcbatt.search.table import FILE, write_table

FOUND_WEIGHT = 2
"""What search found before counts so much more than what people wrote: they write longer programs
than it can reach. With 6 it solves fewer tasks that it did not learn from."""


def main() -> None:
    """Learn the costs and write the table."""
    written = [source.program for source in load_library()]
    found = [source.program for source in load_library(FOUND)]
    table = learn_table([*written, *found * FOUND_WEIGHT])
    write_atomically(FILE, write_table(table))
    print(f"{FILE.name}: {len(table.moves):,} moves, {len(table.functions):,} functions")


if __name__ == "__main__":
    main()
