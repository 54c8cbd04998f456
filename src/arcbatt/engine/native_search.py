"""The names of the native search, for `arcbatt.search`; importing it needs the native engine."""

from __future__ import annotations

from arcbatt._engine import (
    SEARCH_FIRST_ROUND,
    SEARCH_SEED_COST,
    SEARCH_SEEDS,
    SEARCH_SEEDS_PER_BIT,
    SEARCH_SIDE_MAX,
    SearchGrammar,
    SearchLimits,
    SearchOutcome,
    SearchProblem,
    SearchProduction,
    SearchTerminal,
    Solution,
    SolutionStep,
    search,
)

__all__ = [
    "SEARCH_FIRST_ROUND",
    "SEARCH_SEEDS",
    "SEARCH_SEEDS_PER_BIT",
    "SEARCH_SEED_COST",
    "SEARCH_SIDE_MAX",
    "SearchGrammar",
    "SearchLimits",
    "SearchOutcome",
    "SearchProblem",
    "SearchProduction",
    "SearchTerminal",
    "Solution",
    "SolutionStep",
    "search",
]
