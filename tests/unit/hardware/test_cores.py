"""Threads are counted by cores that are idle: the load of the last minute, but no more than what runs now."""

import os

import psutil
import pytest

from sutazai.hardware.cores import busy_cores, idle_cores


def load(monkeypatch, value: float) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (value, 9.0, 9.0), raising=False)


def stat(tmp_path, text: str):
    path = tmp_path / "stat"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("average", "running", "busy"), [(0.0, 3, 0), (0.4, 3, 0), (1.6, 9, 2), (8.0, 3, 2), (8.0, 1, 0), (8.0, 0, 0)]
)
def test_busy_is_what_was_at_work_and_still_is(monkeypatch, tmp_path, average, running, busy):
    load(monkeypatch, average)
    assert busy_cores(stat(tmp_path, f"cpu 1 2\nprocs_running {running}\nprocs_blocked 0\n")) == busy


@pytest.mark.parametrize("text", ["", "cpu 1\n", "procs_running many\n", "procs_running 2é\n"])
def test_where_the_kernel_does_not_tell_the_load_decides(monkeypatch, tmp_path, text):
    load(monkeypatch, 2.6)
    assert busy_cores(stat(tmp_path, text)) == 3
    assert busy_cores(tmp_path / "missing") == 3


def test_without_a_load_average_nothing_is_busy(monkeypatch, tmp_path):
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert busy_cores(stat(tmp_path, "procs_running 5\n")) == 0


@pytest.mark.parametrize(
    ("physical", "logical", "allowed", "busy", "idle"),
    [
        (8, 16, 16, 0, 8),
        (8, 16, 2, 0, 2),
        (8, 16, 16, 3, 5),
        (4, 8, 8, 9, 1),
        (None, 4, 4, 0, 4),
        (None, None, 1, 0, 1),
    ],
)
def test_idle_cores_are_physical_allowed_and_not_busy(monkeypatch, physical, logical, allowed, busy, idle):
    monkeypatch.setattr(psutil, "cpu_count", lambda *, logical=True, _of={True: logical, False: physical}: _of[logical])
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(allowed)), raising=False)
    monkeypatch.setattr("sutazai.hardware.cores.busy_cores", lambda: busy)
    assert idle_cores() == idle


def test_where_nobody_tells_what_is_allowed_every_core_is(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(psutil, "cpu_count", lambda *, logical=True: 6)
    monkeypatch.setattr("sutazai.hardware.cores.busy_cores", lambda: 0)
    assert idle_cores() == 6
