"""Fixes that a rule knows by itself: a rewrite of the syntax tree where it is certain, and nothing where it is not.

One module a family. A fixer never reads a file, never asks a model, and never checks its own work: every patch is
checked alike, wherever it comes from.
"""
