"""Settings: every default, where each value came from, the folders in use, and secrets."""
