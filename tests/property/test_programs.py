"""Properties of programs: text, graphs and merging."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from arcbatt.program.check import check
from arcbatt.program.graph import Program
from arcbatt.program.merge import merge
from arcbatt.program.parse import parse_program
from arcbatt.program.render import Form, render

from .strategies import programs


@given(programs(max_calls=25), st.sampled_from(list(Form)))
def test_text_parses_to_the_same_program(program: Program, form: Form) -> None:
    again = parse_program(render(program, form=form)).program
    assert again == program
    assert again.body_hash == program.body_hash


@given(programs())
def test_names_do_not_count(program: Program) -> None:
    text = render(program, form=Form.ASSIGNMENTS)
    renamed = re.sub(r"\bx(\d+)\b", r"value_\1", text).replace("def solve(", "def other(")
    assert parse_program(renamed).program.body_hash == program.body_hash


@given(programs())
def test_generated_programs_are_well_typed(program: Program) -> None:
    assert check(program).mismatches == ()


@given(st.lists(programs(), min_size=1, max_size=6))
def test_a_batt_splits_into_the_programs_that_were_merged(merged: list[Program]) -> None:
    batt = merge((f"p{index}", program) for index, program in enumerate(merged))
    split = batt.programs
    for names, program in zip(batt.names, split, strict=True):
        for name in names:
            assert merged[int(name[1:])] == program
    assert sum(map(len, batt.names)) == len(merged)
    assert len(set(split)) == len(split)
    assert len(batt.graph.nodes) <= batt.nodes_merged
