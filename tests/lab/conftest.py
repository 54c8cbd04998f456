"""Fixtures that the tests of the laboratory share with those of the command line."""

from __future__ import annotations

from tests.unit.conftest import place

__all__ = ["place"]
