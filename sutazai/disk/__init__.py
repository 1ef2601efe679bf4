"""What lies on disk: repositories and their ignore rules, reading a file with limits, replacing one whole."""
