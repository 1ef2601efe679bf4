"""The files a person works on: collected, read with limits, written atomically, never outside the root."""
