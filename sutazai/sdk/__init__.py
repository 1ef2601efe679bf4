"""The contract between agents, features, adapters and faces: value types, ports and the test kit. No I/O.

A plugin author imports from here and needs nothing else of ours.
"""

from sutazai.errors import ExitCode, SutazAIError

__all__ = ["ExitCode", "SutazAIError"]
