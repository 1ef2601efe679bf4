"""Memory that may still be taken: control groups of both versions, their caches, and what is unreadable."""

from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.hardware import memory
from sutazai.hardware.memory import control_group_left, memory_available_bytes, memory_total_bytes

NO_FILE = Path("/no/such/file")


def _write(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_a_container_sees_its_own_limit_at_the_root(tmp_path: Path) -> None:
    """Version 2; cached files give way, so they do not count as used."""
    root = _write(tmp_path, memory__max="1000\n", memory__current="700\n", memory__stat="anon 1\ninactive_file 200\n")
    assert control_group_left(root, NO_FILE) == 500


def test_version_1_is_read_too(tmp_path: Path) -> None:
    """Its limit lies under `memory`."""
    _write(
        tmp_path / "memory",
        **{"memory.limit_in_bytes": "1000", "memory.usage_in_bytes": "400", "memory.stat": "total_inactive_file 100"},
    )
    assert control_group_left(tmp_path, NO_FILE) == 700


def test_the_tightest_group_on_the_way_up_counts(tmp_path: Path) -> None:
    """A service inside a limited slice has the slice's limit as well."""
    own = tmp_path / "cgroup"
    own.write_text("0::/system.slice/app.service\n1:name=x:/other\n")
    root = tmp_path / "root"
    _write(root / "system.slice", memory__max="500", memory__current="450")
    _write(root / "system.slice" / "app.service", memory__max="1000", memory__current="10")
    assert control_group_left(root, own) == 50


@pytest.mark.parametrize(("limit", "used"), [("max", "5"), ("9223372036854771712", "5"), ("", "5"), ("1000", "oops")])
def test_no_limit_is_no_limit(limit: str, used: str, tmp_path: Path) -> None:
    """Written out, as the largest number, or unreadable."""
    assert control_group_left(_write(tmp_path, memory__max=limit, memory__current=used), NO_FILE) is None


def test_a_group_over_its_limit_has_nothing_left(tmp_path: Path) -> None:
    """Never a negative number."""
    assert control_group_left(_write(tmp_path, memory__max="10", memory__current="20"), NO_FILE) == 0


@given(text=st.text(max_size=80) | st.from_regex(r"\A[0-9]:(memory)?:/[a./]{0,9}\Z"))
def test_any_list_of_groups_is_read_without_leaving_the_root(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """Paths that climb out are passed over; nothing raises."""
    own = tmp_path_factory.getbasetemp() / "cgroup"
    own.write_bytes(text.encode(errors="replace"))
    folders = memory._folders(Path("/r"), own)
    assert all(each.is_relative_to("/r") and ".." not in each.parts for each in folders)


@pytest.mark.parametrize(("left", "expected"), [(None, 5000), (300, 300), (9000, 5000)])
def test_what_is_left_is_the_smaller_of_system_and_group(
    left: int | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group without limit changes nothing."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 5000, "total": 8000}))
    monkeypatch.setattr(memory, "control_group_left", lambda: left)
    assert memory_available_bytes() == expected


def test_the_total_is_within_the_groups_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container is as large as its limit."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 5000, "total": 8000}))
    monkeypatch.setattr(memory, "_groups", lambda _root, _own: [(4000, 1), (6000, 1)])
    assert memory_total_bytes() == 4000
