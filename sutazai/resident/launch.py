"""Starts a resident in the background, for the next command. Never waits for it, never fails."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sutazai.resident import place
from sutazai.resident.lock import free

MODULE: Final = "sutazai.cli.prepared"
# A resident knows as little as it can: every command brings its own environment.
_KEPT: Final = ("PATH", "HOME", *place.SHAPING)


def launch(environ: Mapping[str, str]) -> bool:
    """Starts a resident like this process, if none is running. Whether it did."""
    try:
        folder = Path(place.folder(dict(environ)))
        name = place.name_of(place.character())
        wanted = _reachable_without_first() and _free(folder, name)
        return wanted and _start(folder, name, environ)
    except OSError:
        return False


def _reachable_without_first() -> bool:
    """Whether our package is found without the folder of the script, or the current one: a resident leaves it out."""
    path = sys.path if sys.flags.safe_path else sys.path[1:]
    return str(Path(__file__).parents[2]) in path


def _free(folder: Path, name: str) -> bool:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    inside = place.opened(str(folder))
    try:
        return free(inside, name)
    finally:
        os.close(inside)


def _start(folder: Path, name: str, environ: Mapping[str, str]) -> bool:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE, str(folder), name],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={name: value for name, value in environ.items() if name.startswith(_KEPT)},
        start_new_session=True,
        umask=0o077,
    )
    process.returncode = 0  # it outlives us, which is no mistake to warn of
    return True
