"""Programs as children: never through a shell, never without limits, never left behind."""
