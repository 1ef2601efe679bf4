"""Functions that are right, to plant faults into: fresh code that no model was trained on. Read as text, never run."""
