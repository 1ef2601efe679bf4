"""A resident of a test's own, in a folder of its own, and commands beside it with and without it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.support.face import Ended

PROGRAM = Path(__file__).with_name("resident_program.py")
_NAME = "from sutazai.resident import place; print(place.name_of(place.character()))"
_PATIENCE_S = 20
# The command line, but a resident on a busy machine is waited for.
_PATIENT = (
    "import sys; from sutazai.resident import client; client._HANDSHAKE_S = 30.0; "
    "from sutazai.__main__ import main; sys.argv[0] = 'sutazai'; sys.exit(main())"
)
PATIENT = (sys.executable, "-P", "-c", _PATIENT)


def environment(home: Path, **more: str) -> dict[str, str]:
    """Of a command that may use a resident: no coverage, no CI."""
    left_out = ("COV", "CI", "SUTAZAI_RESIDENT", "XDG_RUNTIME_DIR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, "SUTAZAI_HOME": str(home), **more}


def until(holds: Callable[[], Any]) -> Any:
    """Waits until something holds, for as long as a slow machine may need."""
    latest = time.monotonic() + _PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < latest, "it never came"
        time.sleep(0.01)
    return found


class Resident:
    """A running one."""

    def __init__(self, home: Path, process: "subprocess.Popen[bytes]", name: str) -> None:
        self.home, self.process = home, process
        self.folder = home / "cache" / "resident"
        self.socket = self.folder / name

    @property
    def served(self) -> int:
        """How many commands it ran."""
        file = self.folder / "served"
        return len(file.read_text()) if file.exists() else 0

    def start(
        self, *arguments: str, env: Mapping[str, str] | None = None, program: tuple[str, ...] = PATIENT, **options: Any
    ) -> "subprocess.Popen[bytes]":
        """A command that will find it."""
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*program, *arguments], env=environment(self.home, **(env or {})), **streams | options)

    def call(self, *arguments: str, stdin: bytes = b"", **options: Any) -> Ended:
        """The same, waited for."""
        with self.start(*arguments, **options) as process:
            out, err = process.communicate(stdin, timeout=120)
        return Ended(process.returncode, (out or b"").decode(), (err or b"").decode())

    def state(self, **options: Any) -> Any:
        """What the process of a command says of itself."""
        return json.loads(self.call("run", "state", **options).out)

    def gone(self) -> bool:
        """Whether it has ended, and nobody finds it."""
        return self.process.poll() is not None and not self.socket.exists()


@contextmanager
def resident(home: Path, kind: str, *, idle_s: float = 600, env: Mapping[str, str] | None = None) -> Iterator[Resident]:
    """Runs one; at the end it is gone with all it started."""
    variables = environment(home, **(env or {}))
    name = subprocess.run(
        [sys.executable, "-P", "-c", _NAME], env=variables, check=True, capture_output=True, text=True
    ).stdout.strip()
    folder = home / "cache" / "resident"
    command = [sys.executable, "-P", str(PROGRAM), str(folder), name, str(idle_s), kind]
    process = subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True)
    try:
        until(lambda: (folder / name).exists() or process.poll() is not None)
        yield Resident(home, process, name)
    finally:
        for each in psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []:
            each.kill()
        process.terminate()
        process.send_signal(signal.SIGCONT)
        process.wait(10)
