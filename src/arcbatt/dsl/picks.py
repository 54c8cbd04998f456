"""Primitives that pick one of several by a property, and the properties to pick by."""

from __future__ import annotations
