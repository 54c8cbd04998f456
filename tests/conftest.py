"""What all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from arcbatt.engine.native import native_available

# No deadline: a machine under load is no failure. With CI set, the examples are the same each
# time, so that a red run can be repeated. `make properties` takes the time that tests don't
# have.
settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("fuzz", settings.get_profile("default"), max_examples=20_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the native engine, skip tests of the mark and cases with the parameter "native"."""
    if native_available():
        return
    skip = pytest.mark.skip(reason="the native engine is not built")
    for item in items:
        case = getattr(item, "callspec", None)
        if item.get_closest_marker("native") or (case and "native" in case.params.values()):
            item.add_marker(skip)
