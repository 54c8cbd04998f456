"""Ranking: the order and the weights of programs, and the choice of attempts."""
