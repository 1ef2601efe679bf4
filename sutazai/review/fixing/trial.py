"""Runs the caller's test command over applied patches, and finds those with which it passes.

The command runs in the project itself: every change is written and taken back through `writing`, so nothing is left
behind that did not pass.
"""

import shlex
from collections.abc import Awaitable, Callable, Sequence

from sutazai.errors.fixes import BrokenBeforeFixes, CommandUnusable
from sutazai.errors.tools import ToolError, ToolMissing
from sutazai.sdk.agent import AgentContext


class Suite:
    """One test command.

    Attributes:
        runs: how often it ran.
        said: why it failed last.

    Raises:
        CommandUnusable: it cannot be split into words.
    """

    def __init__(self, context: AgentContext, command: str, *, timeout_s: float) -> None:
        self.command = command
        self.runs = 0
        self.said = ""
        self._context = context
        self._argv = _words(command)
        self._timeout_s = timeout_s

    async def passes(self) -> bool:
        """Whether the command ends with 0 now.

        Raises:
            ToolMissing: there is no such program.
        """
        self.runs += 1
        try:
            ended = await (await self._context.commands()).run(self._argv, timeout_s=self._timeout_s)
        except ToolMissing:
            raise
        except ToolError as error:
            self.said = error.message
            return False
        if ended.returncode == 0:
            return True
        last = next((line.strip() for line in reversed(ended.output.splitlines()) if line.strip()), "")
        self.said = f"it ended with {ended.returncode}" + (f": {last[:200]}" if last else "")
        return False

    async def must_pass(self) -> None:
        """Makes sure that the command passes before anything is changed.

        Raises:
            BrokenBeforeFixes: it does not.
        """
        if not await self.passes():
            raise BrokenBeforeFixes(self.command, self.said)


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise CommandUnusable(command, str(error).lower()) from error
    if not words:
        raise CommandUnusable(command, "it is empty")
    return words


async def largest_passing(
    items: Sequence[str], passes: Callable[[Sequence[str]], Awaitable[bool]], kept: Sequence[str] = ()
) -> list[str]:
    """The items with which, together, the tests pass: all if they do, else halves of them, down to single ones.

    Args:
        items: ids of patches still in question.
        passes: tells whether the tests pass with exactly these.
        kept: ids with which they are known to pass.
    """
    if not items or await passes([*kept, *items]):
        return [*kept, *items]
    if len(items) == 1:
        return list(kept)
    middle = len(items) // 2
    first = await largest_passing(items[:middle], passes, kept)
    return await largest_passing(items[middle:], passes, first)
