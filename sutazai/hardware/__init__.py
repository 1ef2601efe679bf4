"""What this machine has: processor, memory, graphics. Measures, never decides."""

from sutazai.hardware.inspect import Machine, inspect
from sutazai.hardware.memory import memory_available_bytes

__all__ = ["Machine", "inspect", "memory_available_bytes"]
