"""A resident for tests: `python -P resident_program.py FOLDER NAME IDLE_S KIND`.

KIND `real` has the command line ready; `probe` runs small programs that say what process they run in.
"""

import json
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path

from sutazai.cli import prepared
from sutazai.resident.server import serve


def _state() -> dict[str, object]:
    umask = os.umask(0)
    os.umask(umask)
    listed = sorted(int(each.name) for each in Path("/proc/self/fd").iterdir())
    return {
        "argv": sys.argv,
        "cwd": str(Path.cwd()),
        "environment": dict(os.environ),
        "umask": umask,
        "descriptors": [each for each in listed if Path(f"/proc/self/fd/{each}").exists()],
        "executable": sys.executable,
        "path": sys.path,
        "ignored": [n for n in range(1, 32) if n not in (9, 19) and signal.getsignal(n) is signal.SIG_IGN],
        "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
        "terminate": signal.getsignal(signal.SIGTERM) is signal.SIG_DFL,
        "limit": resource.getrlimit(resource.RLIMIT_NOFILE),
        "streams": [_described(each) for each in (sys.stdin, sys.stdout, sys.stderr)],
        "zone": time.tzname,
        "leader": os.getpid() == os.getsid(0),
        "threads": threading.active_count(),
    }


def say(*words: object, **_: object) -> None:
    """A line, at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _described(stream: object) -> list[object]:
    names = ("name", "encoding", "errors", "line_buffering", "write_through", "mode", "newlines")
    return [getattr(stream, each, None) for each in names] + [stream.isatty()]  # type: ignore[attr-defined]


def probe() -> int:
    """What `sutazai run WHAT` does here."""
    if sys.argv[1:2] != ["run"]:
        return 0
    what, *rest = sys.argv[2:]
    if what == "state":
        say(json.dumps(_state()))
    elif what == "exit":
        return int(rest[0])
    elif what == "raise":
        raise RuntimeError("as it is")
    elif what == "die":
        os.kill(os.getpid(), int(rest[0]))
    elif what == "signals":
        return _signals(int(rest[0]))
    elif what == "wait":
        say(os.getpid(), os.getppid())
        time.sleep(60)
    elif what == "echo":
        sys.stdout.write(sys.stdin.read())
    return 0


def _signals(count: int) -> int:
    heard: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGWINCH, signal.SIGUSR1, signal.SIGCONT):
        signal.signal(number, lambda n, _: heard.append(n))
    say(os.getpid())
    for at in range(count):
        while len(heard) <= at:
            time.sleep(0.01)  # not `pause`: what comes just before it would never wake it
        say(heard[at], *os.get_terminal_size(0)) if os.isatty(0) else say(heard[at])
    return len(heard)


def main() -> None:
    """Serves until told to end; `run WHAT` is a program of its own."""
    if sys.argv[1] == "run":
        sys.exit(probe())
    folder, name, idle_s, kind = sys.argv[1:]

    real = prepared.Prepared()

    def marked() -> int:
        with Path(folder, "served").open("a", encoding="utf-8") as stream:
            stream.write(".")
        return real.run() if kind == "real" else probe()

    serve(Path(folder), name, real.load if kind == "real" else lambda: None, marked, idle_s=float(idle_s))


if __name__ == "__main__":
    main()
