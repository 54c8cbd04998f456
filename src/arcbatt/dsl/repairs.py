"""Primitives that complete a picture: symmetries, periods, hidden patches."""

from __future__ import annotations
