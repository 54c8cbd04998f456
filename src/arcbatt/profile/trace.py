"""Timings in Chrome's trace format, which Perfetto and speedscope open."""

from __future__ import annotations

import os
from typing import Any

from arcbatt.profile.categories import place_of
from arcbatt.profile.record import Recorder
from arcbatt.profile.timings import Event, Timings

TOTAL = "total"


def chrome_trace(timings: Timings) -> dict[str, Any]:
    """Return a trace: one complete event (``X``) per measured block, times in microseconds.

    What passed in another thread, beside the other blocks, is on a line of its own. The first
    event is the whole time since the timings began. CPU seconds stand in the arguments of an
    event, since they do not fit on the time line.
    """
    total = timings.total
    blocks = sorted(timings.events, key=lambda event: event.start_s)
    return {
        "displayTimeUnit": "ms",
        "traceEvents": [
            _event(event, "phase", {"cpu_s": event.cpu_s})
            for event in (Event(TOTAL, 0.0, total.wall_s, total.cpu_s), *blocks)
        ],
    }


def profile_trace(recorder: Recorder) -> dict[str, Any]:
    """Return a trace of a recorded run: its blocks with their categories, and each evaluation."""
    passed = recorder.passed
    total = Event(TOTAL, 0.0, passed.wall_ns / 1e9, passed.cpu_ns / 1e9)
    events = [_event(total, "phase", {"cpu_s": total.cpu_s})]
    for block in recorder.events:
        category = str(place_of([block.name])[0])
        events.append(_event(block, "phase", {"cpu_s": block.cpu_s, "category": category}))
    events += [_event(each, "evaluation", {}) for each in recorder.evaluations]
    first, *others = events
    # A viewer takes what stands first for the outer one where two begin at the same time.
    others.sort(key=lambda event: (event["ts"], -event["dur"]))
    return {"displayTimeUnit": "ms", "traceEvents": [first, *others]}


def _event(event: Event, category: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": event.name,
        "cat": category,
        "ph": "X",
        "ts": event.start_s * 1e6,
        "dur": event.wall_s * 1e6,
        "pid": os.getpid(),
        "tid": 2 if event.beside else 1,
        "args": arguments,
    }
