"""What this machine has: processor, memory, graphics. Measures, never decides."""
