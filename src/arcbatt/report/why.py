"""Why tasks are not solved."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from arcbatt.evaluation.why import Class, Reason, Reasons
from arcbatt.program.graph import Program
from arcbatt.program.render import Form, write_body
from arcbatt.report.tables import NOTHING, count, new_table, pairs, share

LACKS_SHOWN = 20
"""So many of what search lacks are listed in tables; JSON has them all."""
LACKS_OF_TASK = 3
"""So many of what search lacks for one task are named in a line."""
CALLS_SHOWN = 9
"""Parts of so many calls that would do as one are listed in tables; JSON has all."""
DOUBLINGS_MAX = 40
"""Up to so many doublings of the nodes are named: beyond them no number of nodes will do."""


def classes_table(reasons: Reasons) -> Table:
    """Count the tasks of each class."""
    table = new_table("not solved", ">tasks", ">of all")
    for kind, tasks in reasons.counts.items():
        table.add_row(kind, str(tasks), share(tasks, reasons.tasks))
    table.add_row("together", str(sum(reasons.counts.values())), _share_of_all(reasons))
    return table


def _share_of_all(reasons: Reasons) -> str:
    return share(sum(reasons.counts.values()), reasons.tasks)


def reasons_table(reasons: Reasons) -> Table:
    """List the tasks, class by class, with what holds each one back."""
    table = new_table(
        "task",
        "class",
        ">bits",
        ">dearest part",
        ">level",
        "~what holds it back",
        "~in reach if this were one call",
    )
    order = list(Class)
    for reason in sorted(reasons.reasons, key=lambda one: (order.index(one.kind), _bits(one))):
        known = reason.known
        table.add_row(
            reason.record.task,
            reason.kind,
            str(known.bits) if known else NOTHING,
            str(known.way.bits) if known else NOTHING,
            NOTHING if reason.level is None else str(reason.level),
            held_back(reason, reasons),
            _shown_part(reason),
        )
    return table


def _shown_part(reason: Reason) -> str:
    part = reason.part
    return written(part) if part is not None and part.call_count <= CALLS_SHOWN else NOTHING


def written(part: Program) -> str:
    """Write a part of a program on one line."""
    lines, result = write_body(part, Form.INLINED)
    return "; ".join((*lines, result))


def _bits(reason: Reason) -> int:
    return reason.known.way.bits if reason.known else 0


def held_back(reason: Reason, reasons: Reasons) -> str:
    """Say in a line what holds a task back."""
    record, known = reason.record, _known(reason, reasons)
    fitting = count(record.fitting, "program") + (" fits" if record.fitting == 1 else " fit")
    match reason.kind:
        case Class.LOST:
            return record.problem
        case Class.NOT_RANKED:
            late = [test.right_attempt for test in record.tests if test.right_attempt is not None]
            place = f", right at attempt {max(late)}" if len(late) == len(record.tests) else ""
            return fitting + place
        case Class.WRONG:
            used, most = record.effort.nodes, record.nodes_max
            ended = f", which ended search after {used:,} nodes" if used < most else ""
            return "; ".join(filter(None, (fitting + ended, known)))
    return known


def _known(reason: Reason, reasons: Reasons) -> str:
    """Say what holds back the known program."""
    known, level = reason.known, reason.level
    if known is None or level is None:
        return ""
    if known.way.lacks:
        lacks = [str(lack) for lack in sorted(known.way.lacks)]
        more = len(lacks) - LACKS_OF_TASK
        named = lacks[:LACKS_OF_TASK] + ([f"{more} more"] if more > 0 else [])
        return f"search lacks {', '.join(named)}"
    made = _made(reason)
    if known.dropped:
        return f"{made}, but {known.dropped}"
    if known.way.over:
        return f"{made}, but {known.way.over}"
    if not reason.bits_short:
        return f"{made}, within reach"
    doublings = reasons.nodes_bits(reason)
    is_named = doublings is not None and doublings <= DOUBLINGS_MAX
    further = f": about 2^{doublings:.0f} times the nodes" if is_named else ""
    return f"{made}, {count(reason.bits_short, 'bit')} too far{further}"


def _made(reason: Reason) -> str:
    assert reason.known is not None
    way = reason.known.way
    layers = "one state" if way.layers == 1 else f"{way.layers} layers"
    return layers + (" on a picture on the way" if way.through else "")


def wants_table(reasons: Reasons) -> Table:
    """List what search lacks, the most wanted first."""
    table = new_table(
        "kind", "~what search lacks", ">tasks want it", ">and nothing else", ">then bits too far"
    )
    for want in reasons.wants[:LACKS_SHOWN]:
        table.add_row(
            want.lack.kind,
            want.lack.what,
            str(want.tasks),
            str(want.alone),
            NOTHING if want.bits_short is None else str(want.bits_short),
        )
    return table


def reasons_summary(reasons: Reasons) -> Text:
    """Say how much further search would have to go."""
    bits = [reason.bits_short for reason in reasons.reasons if reason.kind is Class.NOT_FOUND]
    far = [each for each in bits if each is not None]
    kept = [
        reason.known
        for reason in reasons.reasons
        if reason.kind is Class.NOT_FOUND and reason.known is not None
    ]
    rows = [
        ("expressible, too far by", _spread(far)),
        ("with a part beyond its cap", str(sum(bool(one.way.over) for one in kept))),
        ("with a value that is dropped", str(sum(bool(one.dropped) for one in kept))),
    ]
    parts = [reason.part.call_count for reason in reasons.reasons if reason.part is not None]
    short = sum(calls <= CALLS_SHOWN for calls in parts)
    joined = f"{len(parts)}, {short} of them with at most {CALLS_SHOWN} calls"
    rows.append(("in reach if a part were one call", joined))
    if reasons.growth is not None:
        rows.append(("one bit more takes", f"{reasons.growth:.2f} times the nodes"))
    return pairs(rows)


def _spread(bits: list[int]) -> str:
    steps = ((0, 0), (1, 5), (6, 10), (11, 20), (21, 40))
    parts = [
        (
            f"{least} to {most} bits" if most else "nothing",
            sum(least <= one <= most for one in bits),
        )
        for least, most in steps
    ]
    parts.append((f"more than {steps[-1][1]} bits", sum(one > steps[-1][1] for one in bits)))
    return ", ".join(f"{name}: {tasks}" for name, tasks in parts if tasks) or NOTHING


def reasons_document(reasons: Reasons) -> dict[str, Any]:
    """Return why tasks are not solved as JSON.

    Keys: ``classes`` (tasks of each), ``tasks`` (one for each that is not solved; none where they
    are for measuring only), ``lacks`` (the most wanted first) and ``growth`` of the nodes with each
    bit.
    """
    return {
        "classes": dict(reasons.counts),
        "tasks": [_reason_document(reason, reasons) for reason in reasons.reasons],
        "lacks": [
            {
                "kind": want.lack.kind,
                "what": want.lack.what,
                "tasks": want.tasks,
                "alone": want.alone,
                "bits_short": want.bits_short,
            }
            for want in reasons.wants
        ],
        "growth": reasons.growth,
    }


def _reason_document(reason: Reason, reasons: Reasons) -> dict[str, Any]:
    known = reason.known
    return {
        "task": reason.record.task,
        "class": reason.kind,
        "held_back": held_back(reason, reasons),
        "level": reason.level,
        "part": None if reason.part is None else written(reason.part),
        "known": None
        if known is None
        else {
            "bits": known.bits,
            "dearest_part": known.way.bits,
            "layers": known.way.layers,
            "through": known.way.through,
            "lacks": [{"kind": one.kind, "what": one.what} for one in sorted(known.way.lacks)],
            "over": known.way.over,
            "dropped": known.dropped,
        },
    }
