"""Where a picture occurs in a grid in part: tools of the family drawings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.types import Grid

Cell = tuple[int, int, int]
"""Row, column and colour."""
Form = list[Cell]

SCALES = (1, 2, 3, 4)
"""How many times as large a copy may be as its picture."""


def _forms(picture: Form) -> Iterator[Form]:
    """Yield a picture as `mir_rot` numbers its forms, each at all scales, its box at (0, 0)."""
    turned = [picture]
    for _ in range(3):
        turned.append([(j, -i, color) for i, j, color in turned[-1]])
    turned += [
        [(-i, j, color) for i, j, color in picture],
        [(i, -j, color) for i, j, color in picture],
        [(j, i, color) for i, j, color in picture],
        [(-j, -i, color) for i, j, color in picture],
    ]
    for form in turned:
        top, left = min(i for i, _, _ in form), min(j for _, j, _ in form)
        for scale in SCALES:
            yield sorted(
                ((i - top) * scale + down, (j - left) * scale + right, color)
                for i, j, color in form
                for down in range(scale)
                for right in range(scale)
            )


def copies_of(grid: Grid, pictures: Sequence[Form], loose: Sequence[Cell]) -> list[Cell]:
    """Return the cells of all copies of some pictures that a grid has a whole colour of.

    Args:
        grid: where the copies lie; a copy's other cells are empty there.
        pictures: what to copy.
        loose: the coloured cells that are part of no picture.

    Raises CallFailure with ``size`` if there are too many places to look at.
    """
    current_meter().claim_steps(len(loose) * 240 * sum(map(len, pictures)))
    # What a copy may lie on: the places of pictures are none of them.
    board = {(i, j): 0 for i, row in enumerate(grid) for j, color in enumerate(row) if not color}
    board |= {(i, j): color for i, j, color in loose}
    found: list[tuple[int, int, Form]] = []
    for picture in pictures:
        for form in _forms(picture):
            for copy in _places(board, form, loose, (len(grid), len(grid[0]))):
                count = sum(board[i, j] == color for i, j, color in copy)
                if count < len(copy):
                    found.append((-count, len(found), copy))
    result: list[Cell] = []
    drawn = dict(board)
    used: set[tuple[int, int]] = set()
    for _, _, copy in sorted(found):
        there = [(i, j) for i, j, color in copy if board[i, j] == color]
        if used.isdisjoint(there) and all(drawn[i, j] in (0, color) for i, j, color in copy):
            used.update(there)
            drawn |= {(i, j): color for i, j, color in copy}
            result += copy
    return result


def _places(
    board: dict[tuple[int, int], int], form: Form, loose: Sequence[Cell], shape: tuple[int, int]
) -> Iterator[Form]:
    """Yield the parts inside of a form where all of one colour is there and nothing in its way."""
    seen = set()
    for own in sorted({color for _, _, color in form}):
        places = [(i, j) for i, j, color in form if color == own]
        for i, j, color in loose:
            down, right = i - places[0][0], j - places[0][1]
            if color != own or (down, right) in seen:
                continue
            if any(board.get((a + down, b + right)) != own for a, b in places):
                continue
            copy = [(a + down, b + right, other) for a, b, other in form]
            copy = [cell for cell in copy if 0 <= cell[0] < shape[0] and 0 <= cell[1] < shape[1]]
            if all(board.get((a, b)) in (0, other) for a, b, other in copy):
                seen.add((down, right))
                yield copy
