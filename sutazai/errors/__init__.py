"""Every error a user can meet, by area: message, hint, exit code, HTTP status, problem type.

Faces render these; nobody formats an error message where it is caught. This package imports nothing of ours.
"""

from sutazai.errors.base import ExitCode, SutazAIError

__all__ = ["ExitCode", "SutazAIError"]
