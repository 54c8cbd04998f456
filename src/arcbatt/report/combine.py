"""Combinations of submissions, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from arcbatt.pipeline.combine import Choices, RatedSubmission, Share
from arcbatt.pipeline.submission import Figures
from arcbatt.report.tables import NOTHING, new_table


def chosen_counts(choices: Choices, submissions: Sequence[RatedSubmission]) -> list[int]:
    """Return for each submission how many of the chosen attempts it has."""
    chosen = [choice for tests in choices.values() for test in tests for choice in test]
    return [
        sum(place in choice.submissions for choice in chosen) for place in range(len(submissions))
    ]


def shares_table(
    choices: Choices,
    submissions: Sequence[RatedSubmission],
    whole: Figures | None,
    shares: Sequence[Share],
) -> Table:
    """List the submissions: how many attempts were chosen and, graded, what each one adds."""
    graded = [">tasks solved", ">it adds", ">test inputs right", ">it adds"] if whole else []
    table = new_table("submission", "confidences", ">attempts chosen", *graded)
    for place, (each, chosen) in enumerate(
        zip(submissions, chosen_counts(choices, submissions), strict=True)
    ):
        cells = [each.path, NOTHING if each.file is None else str(each.file), str(chosen)]
        if whole is not None:
            share = shares[place]
            cells += [
                str(share.alone.tasks_solved),
                f"{whole.tasks_solved - share.without.tasks_solved:+d}",
                str(share.alone.tests_right),
                f"{whole.tests_right - share.without.tests_right:+d}",
            ]
        table.add_row(*cells)
    if whole is not None:
        total = sum(len(test) for tests in choices.values() for test in tests)
        table.add_row(
            "together",
            "",
            str(total),
            f"{whole.tasks_solved} of {whole.tasks}",
            "",
            f"{whole.tests_right} of {whole.tests}",
            "",
            style="green",
        )
    return table


def combination_document(
    output: object,
    choices: Choices,
    submissions: Sequence[RatedSubmission],
    whole: Figures | None,
    shares: Sequence[Share],
) -> dict[str, Any]:
    """Return a combination as JSON.

    Keys: ``submission`` (the path that was written), ``tasks`` and ``tests`` (their numbers),
    ``parts``, one for each submission (``submission``, ``confidences``, ``chosen`` and, graded,
    ``alone`` and ``without``), and ``grade``, the figures of the combination or null.
    """
    parts: list[dict[str, Any]] = [
        {
            "submission": each.path,
            "confidences": None if each.file is None else str(each.file),
            "chosen": chosen,
            "alone": None,
            "without": None,
        }
        for each, chosen in zip(submissions, chosen_counts(choices, submissions), strict=True)
    ]
    for part, share in zip(parts, shares, strict=False):
        part["alone"], part["without"] = asdict(share.alone), asdict(share.without)
    return {
        "submission": str(output),
        "tasks": len(choices),
        "tests": sum(map(len, choices.values())),
        "parts": parts,
        "grade": None if whole is None else asdict(whole),
    }
