"""Primitives that cut a grid into parts or down to what matters."""

from __future__ import annotations
