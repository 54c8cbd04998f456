"""Evaluation: measures how many tasks of a set are solved, and the CPU time used."""
