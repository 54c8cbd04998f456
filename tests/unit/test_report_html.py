"""`batt report`: a run as one HTML file, and the parts that pages share with it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from tests.commands import Batt

pytest.importorskip("jinja2")

from arcbatt.inspect import Step
from arcbatt.program.parse import parse_program
from arcbatt.report.charts import line_chart
from arcbatt.report.examples import example_of
from arcbatt.report.html import learnt_text, program_html, rule_html, value_html

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def kept(batt: Batt, place: Path) -> Path:
    """Return a folder with tasks and an archive with programs for two of them."""
    assert batt("import", "programs.py", "--dataset", "tasks").code == 0
    return place


def test_a_report_is_one_file_that_loads_nothing(batt: Batt, kept: Path) -> None:
    answer = batt("report", "archive", "-o", "report.html", "--dataset", "tasks")
    assert answer.code == 0
    text = (kept / "report.html").read_text()
    assert answer.err == f"report: report.html, 2 tasks, {len(text.encode()) / 1e6:.1f} MB\n"
    assert not re.search(r'(?:src|href)="(?!#)', text), "nothing outside of the file"
    assert "@import" not in text
    for kind, tag in (("style", "style"), ("script", "script")):
        [inner] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in text, "the browser runs this one alone"


def test_it_shows_attempts_and_the_program_line_by_line(batt: Batt, kept: Path) -> None:
    answer = batt("report", "archive", "-o", "r.html", "--dataset", "tasks", "--json")
    assert json.loads(answer.out)["tasks"] == 2
    text = (kept / "r.html").read_text()
    assert 'id="t-0000aaaa"' in text and 'href="#t-0000aaaa"' in text
    assert '<a href="#p-vmirror">vmirror</a>' in text
    assert '<dt id="p-vmirror">' in text


@pytest.mark.native
def test_results_are_reported_too(batt: Batt, kept: Path) -> None:
    words = ("--dataset", "tasks", "--sources", "search", "--search-evaluations", "500")
    assert batt("eval", *words, "--jobs", "1", "--results", "r.jsonl").code == 0
    assert batt("report", "r.jsonl", "-o", "r.html", "--dataset", "tasks").code == 0
    text = (kept / "r.html").read_text()
    assert "right ✓" in text
    assert "tasks solved by CPU time: 3" in text


def test_answers_for_measuring_need_a_click(batt: Batt, kept: Path) -> None:
    (kept / "tasks").rename(kept / "evaluation")
    batt("report", "archive", "-o", "r.html", "--dataset", "evaluation")
    text = (kept / "r.html").read_text()
    shown = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    assert text.count("<figcaption>wanted</figcaption>") == 2
    assert "<figcaption>wanted</figcaption>" not in shown
    assert 'class="diff"' not in shown


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["none", "-o", "r.html"], "there is no archive or file none"),
        (["archive", "-o", "none/r.html"], "none/r.html can't be written"),
        (["programs.py", "-o", "r.html"], "programs.py"),
        (["archive", "-o", "r.html", "--dataset", "arc-agi-2"], "has nothing for the tasks"),
    ],
)
def test_what_can_not_be_reported_is_told(
    batt: Batt, kept: Path, words: list[str], problem: str
) -> None:
    answer = batt("report", *words)
    assert answer.code in (1, 2)
    assert answer.err.startswith("error[") and problem in answer.err
    assert not (kept / "r.html").exists()


def test_lines_of_programs_are_escaped() -> None:
    html = program_html(f"x1 = fill(I, {HOSTILE})")
    assert HOSTILE not in html and "&lt;script&gt;" in html
    assert 'href="/primitives#fill"' in html and 'title="fill(grid: Grid' in html


def test_values_are_pictures_or_text() -> None:
    grid = ((1, 2),)
    assert "<svg" in value_html(Step("x1 = f(I)", "Grid", None, grid, None), grid)
    assert ">7<" in value_html(Step("x1 = f(I)", "Integer", None, 7, None), grid)


def test_what_was_learnt_is_a_table_or_a_list() -> None:
    table = rule_html(((1, 2), (3, 4)))
    assert table == (
        '<table class="rule"><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>'
    )
    assert rule_html((1, (2, 3))) == (
        '<ul class="rule"><li>1</li><li><ul class="rule"><li>2</li><li>3</li></ul></li></ul>'
    )


def test_trees_are_told_line_by_line() -> None:
    text = "def solve(I): return by_tree(astuple(I, part_sizes(I)), (1, 3, 3, 8, (0,)))"
    assert learnt_text(parse_program(text).program) == (
        "by_tree makes each cell\n    if part_sizes(I) is 3: 8\n    else: I"
    )


def test_a_chart_has_its_points_and_words() -> None:
    points = [(0.0, 0), (1.0, 2), (4.0, 3)]
    chart = line_chart(points, name="<b>", x_name="seconds", y_name="tasks", steps=True)
    assert "<title>&lt;b&gt;</title>" in chart
    assert 'd="M46.0 180.0H171.0V97.0H546.0V55.5"' in chart
    assert line_chart([], name="", x_name="", y_name="", steps=False).count("<path") == 6


def test_examples_are_read_from_docs_and_not_run() -> None:
    from arcbatt.dsl import REGISTRY

    found = example_of(REGISTRY["vmirror"])
    assert found is not None and found.drawn is not None and len(found.arguments) == 1
    found = example_of(REGISTRY["compose"])
    assert found is not None and (found.result, found.drawn, found.arguments) == ("8", None, ())
    assert all(example_of(each) for each in REGISTRY.values())
