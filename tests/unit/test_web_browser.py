"""The page in a real browser: Debian's chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.pages import HOSTILE, make_desk, serving, write_tasks

from arcbatt.findings import Shelf
from arcbatt.web.desk import Desk

pytestmark = [pytest.mark.native, pytest.mark.timeout(300)]
CHROMIUM = shutil.which("chromium")
WAIT_MS = 60_000
"""A machine under load is no failure."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("there is no chromium to show the page in: apt-get install chromium")
    with sync_playwright() as playwright:
        # As root, chromium runs without a sandbox only.
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with serving(make_desk(tmp_path)) as address:
        yield address


class Visit:
    """A visit of a page; at its end the browser must not have complained."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(WAIT_MS)
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: self.problems.append(f"dialog {dialog.message}"))
        self.page.on(
            "console",
            lambda message: (
                self.problems.append(message.text) if message.type in ("error", "warning") else None
            ),
        )

    def close(self) -> None:
        self.context.close()
        assert self.problems == []


@pytest.fixture
def visit(browser: Browser) -> Iterator[Any]:
    expect.set_options(timeout=WAIT_MS)
    visits: list[Visit] = []

    def open_page(**options: Any) -> Page:
        visits.append(Visit(browser, **options))
        return visits[-1].page

    yield open_page
    for each in visits:
        each.close()


PAGES = ("/", "/tasks/0000aaaa", "/playground", "/run", "/compare", "/primitives")


@pytest.mark.parametrize("width", [1280, 400])
def test_no_page_is_wider_than_the_screen_or_complains(
    address: str, visit: Any, width: int
) -> None:
    page = visit(viewport={"width": width, "height": 800})
    for path in (*PAGES, "/programs/solve_007bbfb7?task=0000aaaa"):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(address: str, visit: Any, scheme: str) -> None:
    page = visit(color_scheme=scheme)
    told = []
    for path in (*PAGES, "/programs/solve_007bbfb7?task=0000aaaa"):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        found = Axe().run(page).response["violations"]
        told += [(path, each["id"], each["nodes"][0]["html"][:200]) for each in found]
    assert told == []


def test_filters_work_without_a_new_page(address: str, visit: Any) -> None:
    page = visit()
    page.goto(address)
    expect(page.locator(".card")).to_have_count(3)
    page.evaluate("window.same = true")
    page.locator("select[name=state]").select_option("fits the demos")
    expect(page.locator(".card")).to_have_count(1)
    assert page.evaluate("window.same") and "state=fits" in page.url
    page.locator("select[name=state]").select_option("")
    page.locator("input[name=q]").last.fill("bbbb")
    expect(page.locator(".card .id")).to_have_text(["0000bbbb"])


@pytest.mark.parametrize("path", ["/", "/run"])
def test_fields_of_a_row_and_their_labels_are_aligned(address: str, visit: Any, path: str) -> None:
    page = visit(viewport={"width": 2000, "height": 800})
    page.goto(address + path)
    fields = page.locator(".filters label:not(.check)")
    boxes = [each.bounding_box() for each in fields.all()]
    assert len(boxes) > 4
    assert len({(round(box["y"], 1), round(box["height"], 1)) for box in boxes}) == 1


def test_arrow_keys_move_between_tasks_and_enter_opens_one(address: str, visit: Any) -> None:
    page = visit()
    page.goto(address)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/0000bbbb")
    page.keyboard.press("n")
    page.wait_for_url("**/tasks/0000cccc")
    page.keyboard.press("p")
    page.wait_for_url("**/tasks/0000bbbb")


def test_arrow_keys_step_through_lines_and_samples(address: str, visit: Any) -> None:
    page = visit()
    page.goto(f"{address}/programs/solve_007bbfb7?task=0000aaaa")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#step-2")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#steps")).to_have_attribute("data-sample", "demo 2")
    expect(page.locator("#step-2")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#steps")).to_have_attribute("data-sample", "demo 1")


def test_the_playground_marks_an_error_and_shows_what_is_right(address: str, visit: Any) -> None:
    page = visit()
    page.goto(f"{address}/playground?task=0000aaaa")
    expect(page.locator("#verdict")).to_contain_text("2 of 2 demos right")
    text = page.get_by_label("Program text")
    text.fill("def solve(S, I, C):\n    x1 = vmiror(I)\n    return x1\n")
    expect(page.locator("#gutter .error")).to_have_text("2")
    expect(page.locator("#faults")).to_contain_text("line 2")
    expect(page.locator("#results")).to_have_class("results stale")
    text.fill("def solve(S, I, C):\n    x1 = hmirror(I)\n    return x1\n")
    expect(page.locator("#verdict")).to_contain_text("0 of 2 demos right")
    expect(page.locator("#results .diff").first).to_be_attached()
    text.fill("def solve(S, I, C):\n    x1 = vmirror(I)\n    return x1\n")
    expect(page.locator("#verdict")).to_contain_text("2 of 2 demos right")
    expect(page.locator("#gutter .error")).to_have_count(0)
    expect(page.locator("#results")).to_have_class("results")
    page.get_by_role("button", name="Save into the archive").click()
    expect(page.locator("#toast")).to_contain_text("archive has it already")


def test_names_are_completed_with_their_signatures(address: str, visit: Any) -> None:
    page = visit()
    page.goto(f"{address}/playground?task=0000aaaa")
    expect(page.locator("#verdict")).to_contain_text("demos right")
    page.wait_for_load_state("networkidle")
    text = page.get_by_label("Program text")
    text.fill("")
    text.press_sequentially("def solve(I):\n")
    text.press_sequentially("return vmir")
    expect(page.locator("#completions li").first).to_contain_text("vmirror(piece: Piece) -> Piece")
    text.press("Tab")
    text.press_sequentially("(I)")
    assert text.input_value() == "def solve(I):\n    return vmirror(I)"
    expect(page.locator("#verdict")).to_contain_text("2 of 2 demos right")


def test_colours_follow_the_system_or_the_switch(address: str, visit: Any) -> None:
    page = visit(color_scheme="dark")
    page.goto(address)
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(18, 22, 27)"
    page.locator("#theme").click()
    assert page.evaluate(background) == "rgb(251, 250, 247)"
    page.reload()
    assert page.evaluate(background) == "rgb(251, 250, 247)", "the browser remembers it"


def test_digits_stand_in_the_cells_on_demand(address: str, visit: Any) -> None:
    page = visit()
    page.goto(f"{address}/tasks/0000aaaa")
    fill = "getComputedStyle(document.querySelector('main .picture .c1')).fill"
    assert "url" not in page.evaluate(fill)
    page.locator("#digits").click()
    assert "#c1" in page.evaluate(fill)
    expect(page.locator("#digits")).to_have_attribute("aria-pressed", "true")


def test_hostile_texts_are_only_texts(visit: Any, tmp_path: Path) -> None:
    with serving(make_desk(tmp_path)) as address:
        page = visit()
        page.goto(f"{address}/tasks/0000aaaa")
        expect(page.locator("table")).to_contain_text(HOSTILE)
        page.goto(f"{address}/?q={HOSTILE}")
        expect(page.locator("input[name=q]").last).to_have_value(HOSTILE)


def test_a_run_is_started_and_shown_as_it_goes(address: str, visit: Any) -> None:
    page = visit()
    page.goto(f"{address}/run")
    page.get_by_label("Effort").select_option("quick")
    page.get_by_label("Threads").fill("1")
    page.get_by_label("search", exact=True).check()
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#toast")).to_contain_text("started: batt solve")
    expect(page.locator("#live")).to_contain_text("ended with exit code 0")
    expect(page.locator(".counts .right b")).to_have_text("3")
    expect(page.locator(".chart .curve")).to_be_visible()


def test_a_thousand_tasks_are_shown_at_once(visit: Any, tmp_path: Path) -> None:
    tasks = write_tasks(tmp_path / "many", [f"{number:08x}" for number in range(1000)])
    desk = Desk(Shelf.open(str(tasks), None), [tmp_path / "archive"])
    with serving(desk) as address:
        page = visit()
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        page.goto(address)
        expect(page.locator(".card")).to_have_count(1000)
        page.wait_for_load_state("networkidle")
        pictures = [each for each in loaded if each.endswith("thumb.svg")]
        assert 0 < len(pictures) < 300, "pictures come when they are seen"
        page.locator(".card").last.scroll_into_view_if_needed()
        # The page was idle before, so that state tells nothing of the pictures that come now.
        seen = page.locator(".card img").last.element_handle()
        page.wait_for_function("image => image.naturalWidth > 0", arg=seen)
        assert page.locator(".card img").last.evaluate("image => image.naturalWidth") > 0
        # Requests that are under way end before the server does.
        page.wait_for_function(
            "[...document.images].every(image => image.complete || !image.currentSrc)"
        )
        page.goto("about:blank")
