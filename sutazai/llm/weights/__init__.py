"""Weights on disk: where they come from, how they are checked and kept. Never runs a model."""
