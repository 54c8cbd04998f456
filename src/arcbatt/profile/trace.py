"""Timings in Chrome's trace format, which Perfetto and speedscope open."""

from __future__ import annotations

import os
from typing import Any

from arcbatt.profile.timings import Event, Timings

TOTAL = "total"


def chrome_trace(timings: Timings) -> dict[str, Any]:
    """Return a trace: one complete event (``X``) per measured block, times in microseconds.

    What passed in another thread, beside the other blocks, is on a line of its own. The first
    event is the whole time since the timings began. CPU seconds stand in the arguments
    of an event, since they do not fit on the time line.
    """
    process = os.getpid()
    total = timings.total
    blocks = sorted(timings.events, key=lambda event: event.start_s)
    return {
        "displayTimeUnit": "ms",
        "traceEvents": [
            {
                "name": event.name,
                "cat": "phase",
                "ph": "X",
                "ts": event.start_s * 1e6,
                "dur": event.wall_s * 1e6,
                "pid": process,
                "tid": 2 if event.beside else 1,
                "args": {"cpu_s": event.cpu_s},
            }
            for event in (Event(TOTAL, 0.0, total.wall_s, total.cpu_s), *blocks)
        ],
    }
