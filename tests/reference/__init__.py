"""The generated part of the docs: every page is made from the code that it describes, and CI compares the two."""
