"""The data-flow engine: follows values from where they come in to where they do harm, in Python of any version.

Owns what reaches what. Must never run the code it looks at, nor parse it with the Python that runs us.
"""
