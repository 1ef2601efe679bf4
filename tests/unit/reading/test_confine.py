"""What the parsing child may not do, tried in a process of its own."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from sutazai.reading.confine import Refused, allow_cpu, confine, guard

BEFORE = (
    "import sys, os, resource; from sutazai.reading.confine import confine, allow_cpu, Refused; confine(300 << 20)\n"
)


def ran(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-P", "-c", BEFORE + program], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.socket()",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import subprocess; subprocess.run(['true'])",
        "os.system('true')",
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "open('/etc/hostname').read()",
        "open('made', 'w')",
        "os.open('made', os.O_WRONLY | os.O_CREAT)",
    ],
)
def test_reaching_out_of_the_process_is_refused(deed: str):
    done = ran(f"try:\n    {deed}\nexcept Refused: print('refused')\nelse: print('done')")
    assert done.stdout == "refused\n", done.stderr


def test_reading_what_python_needs_is_allowed():
    assert ran("import email.message, json; open(json.__file__).read(9); print('read')").stdout == "read\n"


def test_memory_has_an_end():
    done = ran("try:\n    held = bytearray(400 << 20)\nexcept MemoryError: print('too much')")
    assert done.stdout == "too much\n"


def test_limits_of_the_system_are_set_and_never_raised():
    program = """
names = ("RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CORE")
print([resource.getrlimit(getattr(resource, each)) for each in names])
confine(600 << 20)
print(resource.getrlimit(resource.RLIMIT_AS)[0] >> 20)
"""
    assert ran(program).stdout == f"[({300 << 20}, {300 << 20}), (0, 0), (0, 0)]\n300\n"


def test_processor_time_has_an_end_for_each_document():
    done = ran("allow_cpu(5); allow_cpu(1)\nprint(resource.getrlimit(resource.RLIMIT_CPU)[0] <= 3, flush=True)")
    assert done.stdout == "True\n"


def test_the_hook_minds_only_what_reaches_out(tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "way-out").symlink_to(tmp_path / "secret")
    refuse = guard(["", str(tmp_path / "in")])
    for event in ("socket.connect", "subprocess.Popen", "os.exec", "os.fork"):
        with pytest.raises(Refused):
            refuse(event, ())
    for path in (tmp_path / "secret", tmp_path / "in" / ".." / "secret", tmp_path / "in" / "way-out", b"/etc/passwd"):
        with pytest.raises(Refused, match="must not read"):
            refuse("open", (path, "r", 0))
    refuse("import", ("json",))
    refuse("open", (str(tmp_path / "in" / "module.py"), "r", 0))
    refuse("open", (7, None, None))


def test_every_limit_is_asked_for_and_one_that_is_refused_does_not_stop_the_rest(monkeypatch: pytest.MonkeyPatch):
    asked: dict[int, tuple[int, int]] = {}

    def setrlimit(what: int, limits: tuple[int, int]) -> None:
        if what == resource.RLIMIT_CORE:
            raise ValueError("not here")
        asked[what] = limits

    hooks: list[object] = []
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    monkeypatch.setattr(resource, "setrlimit", setrlimit)
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    confine(1 << 30)
    allow_cpu(10)
    assert len(hooks) == 1
    assert asked[resource.RLIMIT_AS] == (1 << 30, 1 << 30)
    assert asked[resource.RLIMIT_FSIZE] == asked[resource.RLIMIT_NPROC] == (0, 0)
    assert asked[resource.RLIMIT_NOFILE] == (64, 64)
    assert asked[resource.RLIMIT_CPU][0] >= 10
    assert asked[resource.RLIMIT_CPU][1] == resource.RLIM_INFINITY
