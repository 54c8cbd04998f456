"""Primitives about the forms in a grid: interiors, hulls, borders and outlines."""

from __future__ import annotations
