"""What the machine is: the real one as a whole, and each part where it cannot be told."""

import os
import platform
import sys
from pathlib import Path

import psutil
import pytest

from sutazai.hardware.inspect import Machine, cpu_name, graphics, inspect

unix = pytest.mark.skipif(os.name == "nt", reason="the pretended programs are shell scripts")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it yet."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def _program(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


async def test_this_machine_is_plausible(programs: Path) -> None:
    """Whatever it is, it has a processor and memory."""
    machine = await inspect()
    assert isinstance(machine, Machine)
    assert machine.cpu_name
    assert 1 <= machine.physical_cores <= machine.logical_cores
    assert 0 < machine.memory_available_bytes <= psutil.virtual_memory().total
    assert machine.memory_total_bytes <= psutil.virtual_memory().total
    assert machine.load_1m >= 0


async def test_what_cannot_be_told_is_one_or_zero(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No count of processors, no load."""
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: None)
    monkeypatch.delattr(os, "getloadavg", raising=False)
    machine = await inspect()
    assert (machine.physical_cores, machine.logical_cores, machine.load_1m) == (1, 1, 0.0)


async def test_the_processor_is_named_by_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or by its architecture where the kernel does not tell."""
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name\t: Fast CPU: 9000\nmodel name\t: other\n")
    assert await cpu_name(tmp_path / "cpuinfo") == "Fast CPU: 9000"
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert await cpu_name(tmp_path / "none") == platform.machine()


@unix
async def test_on_a_mac_the_processor_is_asked_for(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sysctl` knows it."""
    _program(programs, "sysctl", 'echo "Apple M9 ($2)"')
    monkeypatch.setattr(sys, "platform", "darwin")
    assert await cpu_name() == "Apple M9 (machdep.cpu.brand_string)"


@unix
async def test_nvidia_cards_are_named_with_their_memory(programs: Path) -> None:
    """By their own tool; one that fails is as good as none."""
    _program(programs, "nvidia-smi", 'printf "RTX 9090, 24564 MiB\\n\\nRTX 1, 1 MiB\\n"')
    assert await graphics() == ("RTX 9090, 24564 MiB", "RTX 1, 1 MiB")
    _program(programs, "nvidia-smi", "echo no driver; exit 9")
    assert await graphics(programs / "none") == ()


async def test_other_cards_are_named_by_their_vendor(programs: Path) -> None:
    """Connectors and unknown vendors, as those of virtual machines, are no cards."""
    for card, vendor in (("card0", "0x1002\n"), ("card1", "0x8086"), ("card2", "0x1af4"), ("renderD128", "0x10de")):
        (programs / card / "device").mkdir(parents=True)
        (programs / card / "device" / "vendor").write_text(vendor)
    (programs / "card3" / "device" / "vendor").mkdir(parents=True)
    assert await graphics(programs) == ("AMD graphics", "Intel graphics")
