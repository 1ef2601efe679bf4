"""What can be read from source text alone: its language, its tree, its positions, its units. Opens no file."""
