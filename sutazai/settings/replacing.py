"""Replaces the user's own files of settings and secrets: whole or not at all, for their owner alone.

`disk` has one for everything else; it lies above settings.
"""

import os
import tempfile
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Puts `text` in the place of the file, making its folder where it is missing.

    Raises:
        OSError: it cannot be written; what was there is there still.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(handle)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
