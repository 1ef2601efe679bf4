"""The port `Commands` over processes. Never uses a shell, and keeps only the end of what a command writes."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sutazai.process.run import run
from sutazai.sdk.ports import CommandEnded

_MAX_OUTPUT_BYTES: Final = 64 * 1024 * 1024
_KEPT_CHARS: Final = 2000


class ProcessCommands:
    """Commands as processes of this machine.

    Args:
        folder: what they run in.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> CommandEnded:
        """How the command ended.

        Raises:
            ToolError: it cannot be found or started, wrote too much, or did not end in time.
        """
        # A path starts where the caller stands, for it is the caller's own; a plain name is looked up on PATH only.
        program = self._folder / argv[0] if "/" in argv[0] or os.sep in argv[0] else argv[0]
        done = await run(
            [program, *argv[1:]],
            cwd=self._folder,
            # Bytecode knows its source by size and whole second: files change faster than that here.
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            timeout_s=timeout_s,
            max_output_bytes=_MAX_OUTPUT_BYTES,
        )
        output = (done.stdout + done.stderr).decode("utf-8", "replace")
        return CommandEnded(done.returncode, output[-_KEPT_CHARS:])
