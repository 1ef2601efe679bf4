"""What can go wrong with programs that we start: git, ruff and other tools."""

from sutazai.errors.base import ExitCode, SutazAIError


class ToolError(SutazAIError):
    """Any failure of a program that we started or wanted to start."""


class ToolMissing(ToolError):
    """A program that is not installed, or not where it was looked for."""

    exit_code, status = ExitCode.USAGE, 501

    def __init__(self, tool: str, hint: str = "") -> None:
        super().__init__(f"the program {tool!r} cannot be found", hint=hint or f"install {tool}, or add it to PATH")
        self.tool = tool


class ToolTimedOut(ToolError):
    """A program that did not end in time and was killed."""

    status = 504

    def __init__(self, tool: str, timeout_s: float) -> None:
        super().__init__(
            f"{tool} did not end within {timeout_s:g} s and was stopped",
            hint="try again with fewer files, or when the machine is less busy",
        )
        self.tool, self.timeout_s = tool, timeout_s


class ToolOutputTooLarge(ToolError):
    """A program that wrote more than we are ready to hold, and was killed."""

    def __init__(self, tool: str, max_output_bytes: int) -> None:
        super().__init__(
            f"{tool} wrote more than {max_output_bytes} bytes and was stopped",
            hint="try again with fewer files",
        )
        self.tool, self.max_output_bytes = tool, max_output_bytes


class ToolFailed(ToolError):
    """A program that could not be started, or ended with an error."""

    def __init__(self, tool: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{tool} failed: {reason.strip()[:500] or 'no reason given'}", hint=hint)
        self.tool, self.reason = tool, reason
