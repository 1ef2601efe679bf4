"""Whether the code in memory is still the code on disk."""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

_OURS: Final = ("sutazai", "sutazai_agents")
_INSTALLED: Final = ("site-packages", "dist-packages")
_NOT_CODE: Final = "__pycache__"

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """When what was loaded was last changed.

    Attributes:
        near: our own files, and the folders that hold installed packages: changed by every installation.
        far: the files of every module in memory.
    """

    near: dict[str, Stamp | None]
    far: dict[str, Stamp | None]

    def changed_nearby(self) -> bool:
        """Quick: before each command."""
        return _differs(self.near)

    def changed(self) -> bool:
        """Thorough: after each command."""
        return _differs(self.near) or _differs(self.far)


def snapshot() -> Snapshot:
    """The state of everything that this process has loaded."""
    modules = list(sys.modules.values())
    installed = [each for each in sys.path if each.endswith(_INSTALLED)]
    near = [*_trees(each for each in modules if each.__name__ in _OURS), *installed, sys.executable]
    files = (getattr(each, "__file__", None) for each in modules)
    return Snapshot(_stamps(near), _stamps(each for each in files if each))


def _trees(packages: Iterable[ModuleType]) -> Iterator[str]:
    for package in packages:
        for top in package.__path__:
            yield from _tree(top)


def _tree(top: str) -> Iterator[str]:
    for folder, folders, files in os.walk(top):
        folders[:] = [each for each in folders if each != _NOT_CODE]
        yield from (str(Path(folder, each)) for each in files)


def _stamps(paths: Iterable[str]) -> dict[str, Stamp | None]:
    return {path: _stamp(path) for path in paths}


def _stamp(path: str) -> Stamp | None:
    try:
        state = os.stat(path)  # noqa: PTH116 (hundreds of times for each command)
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def _differs(stamps: dict[str, Stamp | None]) -> bool:
    return any(_stamp(path) != stamp for path, stamp in stamps.items())
