"""Write the table of moves from the shipped library: ``python -m arcbatt.search.learn``."""

from __future__ import annotations

from collections.abc import Iterable

from arcbatt.files import write_atomically
from arcbatt.library import FOUND, load_library
from arcbatt.program.graph import Program
from arcbatt.search.costs import count_uses, price_table
from arcbatt.search.ground import Instance
from arcbatt.search.moves import list_moves
from arcbatt.search.table import FILE, Table, write_table

FOUND_WEIGHT = 2
"""What search found before counts so much more than what people wrote: they write longer programs
than it can reach. `benchmarks/costs.py` tells what other weights come to."""


def weigh_uses(
    written: Iterable[Program], found: Iterable[Program], *, found_weight: float = FOUND_WEIGHT
) -> dict[Instance, float]:
    """Count in how many programs each move is used.

    Args:
        written: by people.
        found: by search.
        found_weight: what one of these counts.
    """
    moves, _ = list_moves()
    uses = count_uses(written, moves)
    for one, count in count_uses(found, moves).items():
        uses[one] = uses.get(one, 0.0) + count * found_weight
    return uses


def learn_shipped() -> Table:
    """Make the table that the shipped library teaches."""
    written = [source.program for source in load_library()]
    found = [source.program for source in load_library(FOUND)]
    return price_table(weigh_uses(written, found))


def main() -> None:
    """Learn the costs and write the table."""
    table = learn_shipped()
    write_atomically(FILE, write_table(table))
    print(f"{FILE.name}: {len(table.moves):,} moves, {len(table.functions):,} functions")


if __name__ == "__main__":
    main()
