"""A flame graph of CPU time as SVG: categories on top, blocks below, then parts or primitives."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field

from arcbatt.profile.categories import Category
from arcbatt.profile.model import Profile

NAMESPACE = "http://www.w3.org/2000/svg"
WIDTH, ROW, MARGIN, HEAD = 1200.0, 18, 10, 44
CHARACTER_WIDTH = 6.6
"""Of the font that the labels are written in: a label longer than its frame is cut."""

COLORS = {
    Category.DSL: "#e8743b",
    Category.EVALUATION: "#e5b13a",
    Category.CANDIDATES: "#5899da",
    Category.ARCHIVE: "#8d6cab",
    Category.DIFFERS: "#19a979",
    Category.BORDER: "#d45d79",
    Category.ARRAYS: "#6c8893",
    Category.FRAMEWORK: "#9aa5b1",
    Category.UNACCOUNTED: "#d0d4da",
}

STYLE = (
    "text{font:11px monospace;fill:#1c2733;pointer-events:none}"
    "text.head{font:bold 14px sans-serif}"
    "rect{stroke:#fff;stroke-width:.5}rect:hover{stroke:#000;stroke-width:1}"
)


@dataclass
class Frame:
    """A box of the graph: its name, its time, and what stands below it."""

    name: str
    weight_ns: float = 0.0
    color: str = "#c9cfd6"
    below: dict[str, Frame] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """How many rows it and what is below it take."""
        return 1 + max((frame.depth for frame in self.below.values()), default=0)


def stack_up(profile: Profile) -> Frame:
    """Return the frames of a profile; of several runs the mean."""
    root = Frame("all")
    for run in profile.runs:
        for each in run.slices:
            weight = each.cpu_ns / len(profile.runs)
            blocks = [block.removeprefix("run_batt.") for block in each.blocks]
            frame = root
            frame.weight_ns += weight
            for name in (str(each.category), *blocks, each.part):
                frame = frame.below.setdefault(name, Frame(name, color=COLORS[each.category]))
                frame.weight_ns += weight
    return root


def flame_graph(profile: Profile) -> str:
    """Draw a profile as SVG that needs nothing else; the title of a frame holds its figures.

    A frame is as wide as its CPU time, those of one row stand side by side, the widest first.
    """
    root = stack_up(profile)
    height = HEAD + ROW * root.depth + MARGIN
    head = (
        f"CPU time of {len(profile.tasks)} tasks of {profile.dataset}: "
        f"{root.weight_ns / 1e9:.3f} s, {profile.engine} engine, {profile.jobs} jobs"
    )
    frames = _draw(root, MARGIN, WIDTH - 2 * MARGIN, 0, root.weight_ns or 1.0)
    return "\n".join(
        [
            f'<svg xmlns="{NAMESPACE}" width="100%" viewBox="0 0 {WIDTH:.0f} {height}">',
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH:.0f}" height="{height}" fill="#fff"/>',
            f'<text class="head" x="{MARGIN}" y="26">{html.escape(head)}</text>',
            *frames,
            "</svg>\n",
        ]
    )


def _draw(frame: Frame, left: float, width: float, row: int, whole_ns: float) -> Iterator[str]:
    top = HEAD + ROW * row
    name = html.escape(frame.name)
    title = f"{name}: {frame.weight_ns / 1e9:.4f} s, {100 * frame.weight_ns / whole_ns:.2f} %"
    yield (
        f'<g><title>{title}</title><rect x="{left:.2f}" y="{top}" width="{width:.2f}"'
        f' height="{ROW - 1}" fill="{frame.color}"/>{_label(frame.name, left, top, width)}</g>'
    )
    for below in sorted(frame.below.values(), key=lambda each: (-each.weight_ns, each.name)):
        part = width * below.weight_ns / frame.weight_ns if frame.weight_ns else 0.0
        yield from _draw(below, left, part, row + 1, whole_ns)
        left += part


def _label(name: str, left: float, top: int, width: float) -> str:
    room = int((width - 6) / CHARACTER_WIDTH)
    if room < 3:
        return ""
    text = name if len(name) <= room else name[: room - 2] + ".."
    return f'<text x="{left + 3:.2f}" y="{top + 13}">{html.escape(text)}</text>'
