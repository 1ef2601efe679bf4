"""A process that has the imports done and forks a child for each command, so that the command line starts at once.

`client` and `place` are loaded by every command and import next to nothing; everything else belongs to the resident.
"""
