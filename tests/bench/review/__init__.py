"""Scores reviewers on labelled code, on a big tree and on planted faults; makes the docs page of what was measured.

No labelled file is kept here: a set is a table of truths and a file of texts in a folder of your own.
"""
