"""Benchmarks: how fast the parts are, what each optimisation is worth, and how cost grows."""
