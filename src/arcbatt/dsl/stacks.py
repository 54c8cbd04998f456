"""Primitives that lay several grids over or beside each other."""

from __future__ import annotations
