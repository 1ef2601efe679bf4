"""A pip that serves wheels from a folder: `fake_pip.py FOLDER download … --dest DEST name==version`.

Beside `name.whl` there may be `name.fail` (what it says before it fails) or `name.hang` (it never ends, and writes its
process id into `name.started`). Every download is written down in `asked`.
"""

import os
import shutil
import sys
import time
from pathlib import Path


def main(store: Path, arguments: list[str]) -> int:
    """Serves one call."""
    if "--version" in arguments:
        return 0
    dest = Path(arguments[arguments.index("--dest") + 1])
    name, _, version = arguments[-1].partition("==")
    with (store / "asked").open("a", encoding="utf-8") as asked:
        asked.write(name + "\n")
    if (failure := store / f"{name}.fail").exists():
        sys.stderr.write(failure.read_text(encoding="utf-8"))
        return 1
    if (store / f"{name}.hang").exists():
        (Path(os.environ["TMPDIR"]) / "half").write_bytes(b"x" * 100)
        (store / "started.new").write_text(str(os.getpid()), encoding="ascii")
        (store / "started.new").rename(store / f"{name}.started")
        time.sleep(600)
    for wheel in store.glob(f"{name}*.whl"):
        shutil.copy(wheel, dest / f"{wheel.stem.replace('-', '_')}-{version}-py3-none-any.whl", follow_symlinks=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
