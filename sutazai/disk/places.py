"""Where things lie: the repository around a folder, the root of a review, paths relative to it, what leaves it.

Looks at the disk, never at git: one plain file must not cost a process.
"""

import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sutazai.disk.reading import reason_of

_TEST: Final = re.compile(
    r"(^|/)(tests?|__tests__|spec|specs|testdata|test[-_]data)/"
    r"|(^|/)(test_[^/]*|[^/]*_test|[^/]*_spec|[^/]*\.(test|spec)|conftest)\.[^/.]+$"
    r"|(^|/)([^/]*(Test|Tests|IT|Spec)|Test[A-Z][^/]*)\.(java|kt|cs|php|scala|swift|groovy)$"
)


def find_repository(folder: Path) -> Path | None:
    """The nearest folder from here upwards that holds `.git` (a folder, or a file in worktrees and submodules)."""
    for each in (folder, *folder.parents):
        if os.path.lexists(each / ".git"):
            return each
    return None


def root_of(folders: Sequence[Path], cwd: Path) -> Path:
    """The folder that paths are told relative to.

    The repository if all folders lie in one, else the current folder if all lie in it, else their common parent.
    """
    repositories = {find_repository(each) for each in folders}
    if len(repositories) == 1 and (only := repositories.pop()):
        return only
    if all(each.is_relative_to(cwd) for each in folders):
        return cwd
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:
        # Two drives on Windows have nothing in common.
        return folders[0]


def relative(path: Path, root: Path) -> str:
    """A path as findings tell it: POSIX and relative to the root; in full if it lies elsewhere."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def leaves(path: Path, root: Path) -> str:
    """Why a path does not stay under the root once links are followed; empty if it does."""
    try:
        real = path.resolve(strict=True)
    except FileNotFoundError:
        return "it is a symbolic link to nothing" if path.is_symlink() else ""
    except (OSError, RuntimeError) as error:
        looped = isinstance(error, RuntimeError) or error.errno == errno.ELOOP
        return "its symbolic links form a loop" if looped else reason_of(error)
    return "" if real.is_relative_to(root) else "it is a symbolic link that leads out of the project"


def is_test(path: str) -> bool:
    """Whether this is test code, by its path relative to the root."""
    return _TEST.search(path) is not None
