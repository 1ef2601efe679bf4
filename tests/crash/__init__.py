"""Programs that are killed at random moments while they add documents, and what must hold afterwards."""
