"""Write the table of moves from the shipped library: ``python -m arcbatt.search.learn``."""

from __future__ import annotations

from arcbatt.files import write_atomically
from arcbatt.library import load_library
from arcbatt.search.costs import learn_table
from arcbatt.search.table import FILE, write_table


def main() -> None:
    """Learn the costs and write the table."""
    table = learn_table(source.program for source in load_library())
    write_atomically(FILE, write_table(table))
    print(f"{FILE.name}: {len(table.moves):,} moves, {len(table.functions):,} functions")


if __name__ == "__main__":
    main()
