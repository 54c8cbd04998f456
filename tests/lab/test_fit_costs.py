"""`lab.fit_costs`: costs are fitted to programs, and cross-validation leaves a fold's tasks out."""

from __future__ import annotations

import pytest

from arcbatt.program.parse import parse_text
from arcbatt.search.grammar import load_grammar
from lab.fit_costs import DEFAULT, SETTINGS, TRAINING, main, make_examples, price

TEXT = """
def solve_a(S, I, C):
    return vmirror(vmirror(I))


def solve_b(S, I, C):
    return hmirror(I)
"""


def test_a_production_counts_once_a_program_unless_a_setting_counts_calls() -> None:
    examples = make_examples(parse_text(TEXT).programs, is_found=True)
    program = examples[0].program
    once = price(program, SETTINGS[DEFAULT].fit(examples))
    every = price(program, SETTINGS["every call"].fit(examples))
    assert once is not None and every is not None and every < once
    shipped = price(program, load_grammar())
    assert shipped is not None and shipped > 0


@pytest.mark.native
def test_cross_validation_prints_a_row_for_each_setting(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["validate", "--evaluations", "50", "--every", "100", "--groups", TRAINING]
    main([*words, "--settings", "found x1"])
    rows = capsys.readouterr().out.splitlines()
    assert [row.split("  ")[0] for row in rows if "|" not in row][-4:-2] == [DEFAULT, "found x1"]
