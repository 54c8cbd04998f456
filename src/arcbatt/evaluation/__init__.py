"""Evaluation: what a set of tasks comes to, and what it costs."""
