"""Induction by the native engine; `arcbatt.search.induction` builds on it."""

from __future__ import annotations

from arcbatt._engine import Graph, InductionProblem, LearntRule, induce

__all__ = ["Graph", "InductionProblem", "LearntRule", "induce"]
