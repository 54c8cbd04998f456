"""Primitives that move or draw along lines: smears, falls and connections."""

from __future__ import annotations
