"""What lies on disk: repositories and their ignore rules, and reading a file with limits. Changes nothing there."""
