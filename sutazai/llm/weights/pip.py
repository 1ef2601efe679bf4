"""Finds a pip that works, so that the user's own mirror, proxy and certificates are used. Installs nothing for keeps.

An environment made by uv has no pip, and uv cannot download wheels: then a throw-away environment gets one from the
standard library, or uv runs one.
"""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from sutazai.errors.tools import ToolError, ToolMissing
from sutazai.errors.weights import SourceFailed
from sutazai.process.run import Completed, find_tool, run

_PROBE_S: Final = 60.0
_VENV_S: Final = 180.0
_OUTPUT_BYTES: Final = 1024 * 1024
_DOWNLOAD_S: Final = 6 * 3600.0
_REASON_CHARACTERS: Final = 300
_CREDENTIALS: Final = re.compile(r"(?<=//)[^/@\s]+@")
_OPTIONS: Final = (
    "download",
    "--no-deps",
    "--no-cache-dir",  # a second copy of a gigabyte helps nobody
    "--only-binary=:all:",  # a source distribution would run its own code
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar=off",
    "--quiet",
)

Command = tuple[str, ...]


async def find_pip(work: Path, *, python: str) -> Command:
    """The command that runs a working pip.

    Args:
        work: a folder where a throw-away environment may be made; the caller deletes it.
        python: the interpreter to try first.

    Raises:
        SourceFailed: there is none; its hint says how to get one.
    """
    async for command in _candidates(work, python):
        if (await _try([*command, "--version"], work, _PROBE_S)).returncode == 0:
            return command
    raise SourceFailed(
        "package index",
        "this environment has no pip, and none can be made",
        hint="add pip to this environment (`python -m ensurepip`, or `uv pip install pip`), or put uv on PATH",
    )


async def _candidates(work: Path, python: str) -> AsyncIterator[Command]:
    # -P: a pip.py in the current folder must never be run.
    if python:
        yield (python, "-P", "-m", "pip")
        environment = work / "pip-env"
        if (await _try([python, "-P", "-m", "venv", str(environment)], work, _VENV_S)).returncode == 0:
            scripts, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
            yield (str(environment / scripts / name), "-P", "-m", "pip")
    try:
        yield (str(find_tool("uv")), "tool", "run", "pip")
    except ToolMissing:
        return


async def _try(argv: list[str], work: Path, timeout_s: float) -> Completed:
    """Runs a command; one that cannot be started counts as failed."""
    try:
        return await run(argv, cwd=work, timeout_s=timeout_s, max_output_bytes=_OUTPUT_BYTES)
    except ToolError:
        return Completed(127, b"", b"")


async def pip_download(pip: Command, requirement: str, folder: Path) -> None:
    """Has pip download one wheel into a folder, which also holds its temporary files, so that a kill leaves none.

    Args:
        pip: the command that runs pip.
        requirement: `name==version`.
        folder: an empty folder.

    Raises:
        SourceFailed: pip could not; the reason is its own.
        OSError: the disk is full.
    """
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    done = await run(
        [*pip, *_OPTIONS, "--dest", str(folder), requirement],
        cwd=folder,
        env=temporary,
        timeout_s=_DOWNLOAD_S,
        max_output_bytes=_OUTPUT_BYTES,
    )
    if done.returncode:
        raise _failure(requirement, done.stderr.decode(errors="replace"))


def _failure(requirement: str, said: str) -> Exception:
    if "[Errno 28]" in said:
        return OSError(28, "no space left on device")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines or ["it says nothing"]
    reason = _CREDENTIALS.sub("***@", errors[-1])[:_REASON_CHARACTERS]
    return SourceFailed("package index", f"pip could not get {requirement}: {reason}")
