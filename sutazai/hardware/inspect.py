"""Looks at the machine once: processor, memory, load, graphics. Never fails because something cannot be told."""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sutazai.errors.tools import ToolError
from sutazai.hardware.memory import memory_available_bytes, memory_total_bytes
from sutazai.process.run import run

_TOOL_S: Final = 5.0
_OUTPUT_BYTES: Final = 65536
_CPUINFO: Final = Path("/proc/cpuinfo")
_CARDS: Final = Path("/sys/class/drm")
_VENDORS: Final = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine has. Memory in bytes, within the limits of a container; `load_1m` is the run queue's length."""

    cpu_name: str
    physical_cores: int
    logical_cores: int
    memory_total_bytes: int
    memory_available_bytes: int
    load_1m: float
    gpu: tuple[str, ...] = ()


async def inspect() -> Machine:
    """What this machine has. What cannot be told is empty, 0 or 1."""
    import psutil  # noqa: PLC0415 (loaded only when used)

    logical = psutil.cpu_count() or 1
    return Machine(
        cpu_name=await cpu_name(),
        physical_cores=psutil.cpu_count(logical=False) or logical,
        logical_cores=logical,
        memory_total_bytes=memory_total_bytes(),
        memory_available_bytes=memory_available_bytes(),
        load_1m=_load(),
        gpu=await graphics(),
    )


async def cpu_name(cpuinfo: Path = _CPUINFO) -> str:
    """The processor's name as its maker gives it, else its architecture.

    Args:
        cpuinfo: the kernel's list of processors, where there is one.
    """
    if sys.platform == "darwin":
        name = (await _said("sysctl", "-n", "machdep.cpu.brand_string")).strip()
    else:
        name = _from_cpuinfo(cpuinfo)
    return name or platform.processor() or platform.machine()


async def graphics(cards: Path = _CARDS) -> tuple[str, ...]:
    """The graphics cards: NVIDIA's by its own tool with their memory, others by their vendor.

    Args:
        cards: the kernel's folder of graphics cards, where there is one.
    """
    said = await _said("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")
    named = tuple(line.strip() for line in said.splitlines() if line.strip())
    return named or _from_cards(cards)


def _from_cpuinfo(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            rows = (line.partition(":") for line in file.read(_OUTPUT_BYTES).splitlines())
            return next((value.strip() for key, _, value in rows if key.strip() == "model name"), "")
    except OSError:
        return ""


def _from_cards(folder: Path) -> tuple[str, ...]:
    names = []
    for vendor in sorted(folder.glob("card[0-9]*/device/vendor")):
        try:
            code = vendor.read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            continue
        if code in _VENDORS:
            names.append(f"{_VENDORS[code]} graphics")
    return tuple(names)


async def _said(*argv: str) -> str:
    """What a small tool prints; nothing if it is missing or fails."""
    try:
        done = await run(argv, timeout_s=_TOOL_S, max_output_bytes=_OUTPUT_BYTES)
    except ToolError:
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def _load() -> float:
    try:
        return os.getloadavg()[0]
    except (OSError, AttributeError):  # Windows has none
        return 0.0
