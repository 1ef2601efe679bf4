"""Two processes are alike only where the kernel says so."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sutazai.resident.likeness import look_at

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="residents are for Linux")


def other(*words, **options):
    """What is seen of a process that is started so."""
    with subprocess.Popen([*words, "sleep", "60"], **options) as process:
        try:
            while not Path(f"/proc/{process.pid}/cmdline").read_bytes().startswith(b"sleep"):
                pass
            return look_at(process.pid)
        finally:
            process.kill()


def test_a_child_is_like_its_parent_and_its_umask_and_ignored_signals_are_seen():
    mine = look_at(os.getpid())
    child = other(umask=0o027)
    assert child.likeness == mine.likeness
    assert child.umask == 0o027
    deaf = other("sh", "-c", 'trap "" HUP; exec "$0" "$@"')
    assert signal.SIGHUP in deaf.ignored - mine.ignored


def test_one_with_other_limits_or_another_priority_is_not():
    mine = look_at(os.getpid()).likeness
    assert other("nice", "-n", "5").likeness != mine
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
    assert other("sh", "-c", f'ulimit -Sn {soft}; exec "$0" "$@"').likeness != mine


def test_one_that_is_gone_cannot_be_seen():
    with subprocess.Popen(["true"]) as process:
        process.wait()
    with pytest.raises(FileNotFoundError):
        look_at(process.pid)
