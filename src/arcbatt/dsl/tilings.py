"""Primitives that repeat, mirror or wrap a small grid into a large one."""

from __future__ import annotations
