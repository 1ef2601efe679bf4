"""Benchmarks: each runs the peer beside us in one run and prints the ratio. Commands, not tests: nothing here fails."""
