"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

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
