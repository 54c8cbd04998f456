"""What changed from one profile to another."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from arcbatt.profile.compare import Comparison, PrimitiveChange, TimeChange
from arcbatt.profile.model import PrimitiveCost, Spread
from arcbatt.report.profile import seconds
from arcbatt.report.tables import NOTHING, count, new_table, pairs


def comparison_summary(comparison: Comparison) -> Text:
    """Say whether the work and its result are the same."""
    changed = comparison.work_changed
    same = "the same" if comparison.same_result else "CHANGED"
    counts = "the same" if not changed else f"CHANGED for {count(len(changed), 'primitive')}"
    rows = [("results", same), ("calls, failures, fuel", counts)]
    rows += [
        (name, f"{_short(then)}, now {_short(now)}") for name, then, now in comparison.settings
    ]
    return pairs(rows)


def times_table(comparison: Comparison) -> Table:
    """List the categories then and now; a change that is greater than the spread is marked."""
    table = new_table(
        "category", ">wall then", ">wall now", ">change", ">CPU then", ">CPU now", ">change", "",
    )  # fmt: skip
    for each in comparison.times:
        table.add_row(
            each.name,
            *_cells(each.wall_then, each.wall_now),
            *_cells(each.cpu_then, each.cpu_now),
            "beyond the spread" if each.beyond_spread else "",
            style="bold" if each is comparison.times[-1] else "",
        )
    return table


def primitive_changes_table(comparison: Comparison, *, top: int | None = None) -> Table:
    """List primitives then and now: those with other work first, then by their change of time.

    Args:
        comparison: to show.
        top: how many with the same work are listed; None for all. Those with other work always
            are.
    """
    table = new_table(
        "primitive", ">calls then", ">calls now", ">CPU s then", ">CPU s now", ">change",
        ">mean us then", ">mean us now", "",
    )  # fmt: skip
    same = [each for each in comparison.primitives if not each.work_changed]
    for each in (*comparison.work_changed, *(same if top is None else same[:top])):
        table.add_row(
            each.name,
            *_pair(each, lambda cost: str(cost.calls)),
            *_pair(each, lambda cost: seconds(cost.cpu_ns)),
            f"{each.cpu_ns / 1e9:+.3f}",
            *_pair(each, lambda cost: f"{cost.cpu_ns / 1e3 / cost.runs:.2f}"),
            _what_changed(each),
            style="yellow" if each.work_changed else "",
        )
    return table


def _what_changed(change: PrimitiveChange) -> str:
    if change.then is None:
        return "new"
    if change.now is None:
        return "gone"
    pairs_of = zip(("calls", "failures", "fuel"), change.then.work, change.now.work, strict=True)
    changed = [f"{name} {now - then:+}" for name, then, now in pairs_of if then != now]
    return ", ".join(changed)


def _pair(change: PrimitiveChange, write: Any) -> tuple[str, str]:
    def cell(cost: PrimitiveCost | None) -> str:
        return NOTHING if cost is None or not cost.runs else write(cost)

    return cell(change.then), cell(change.now)


def _cells(then: Spread, now: Spread) -> tuple[str, str, str]:
    change = now.median_ns - then.median_ns
    relative = f"{100 * change / then.median_ns:+.1f} %" if then.median_ns else NOTHING
    return seconds(then.median_ns), seconds(now.median_ns), relative


def _short(value: object) -> str:
    return count(len(value), "task") if isinstance(value, tuple) else str(value)


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON: ``same_result``, ``settings``, ``times``, ``primitives``."""
    return {
        "same_result": comparison.same_result,
        "settings": [
            {"name": name, "then": then, "now": now} for name, then, now in comparison.settings
        ],
        "times": [_time_document(each) for each in comparison.times],
        "primitives": [_primitive_document(each) for each in comparison.primitives],
    }


def _time_document(change: TimeChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "wall_s_then": change.wall_then.median_ns / 1e9,
        "wall_s_now": change.wall_now.median_ns / 1e9,
        "cpu_s_then": change.cpu_then.median_ns / 1e9,
        "cpu_s_now": change.cpu_now.median_ns / 1e9,
        "beyond_spread": change.beyond_spread,
    }


def _primitive_document(change: PrimitiveChange) -> dict[str, Any]:
    document: dict[str, Any] = {"name": change.name, "work_changed": change.work_changed}
    for when, cost in (("then", change.then), ("now", change.now)):
        calls, failures, fuel = cost.work if cost else (0, 0, 0)
        document |= {
            f"calls_{when}": calls,
            f"failures_{when}": failures,
            f"fuel_{when}": fuel,
            f"cpu_s_{when}": cost.cpu_ns / 1e9 if cost else 0.0,
        }
    return document
