"""The border to the native search, for `arcbatt.search`; importing it needs the native engine."""

from __future__ import annotations

from arcbatt._engine import MoveTable, search

__all__ = ["MoveTable", "search"]
