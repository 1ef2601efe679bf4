"""How a resident is started, found, looked at and ended."""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from sutazai.cli import resident as command
from sutazai.resident import inventory, launch, place, server
from sutazai.resident.lock import Lock
from sutazai.resident.preload import preload

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="residents are for Linux")


@pytest.fixture
def started(monkeypatch):
    """What would be started."""
    calls = []

    class Process:
        returncode = None

        def __init__(self, argv, **options):
            calls.append((argv, options))

    monkeypatch.setattr(subprocess, "Popen", Process)
    return calls


def test_it_is_started_apart_from_its_caller(tmp_path, started, monkeypatch):
    monkeypatch.setattr(launch, "_reachable_without_first", lambda: True)  # tests may run on a checkout
    environ = {"SUTAZAI_HOME": str(tmp_path), "PATH": "/bin", "TOKEN": "secret", "LC_ALL": "C", "PYTHONUTF8": "1"}
    assert launch.launch(environ)
    ((argv, options),) = started
    folder = tmp_path / "cache" / "resident"
    assert argv == [sys.executable, "-P", "-m", launch.MODULE, str(folder), place.name_of(place.character())]
    assert {options[each] for each in ("stdin", "stdout", "stderr")} == {subprocess.DEVNULL}
    assert (options["cwd"], options["start_new_session"]) == ("/", True)
    assert options["env"] == {"PATH": "/bin", "LC_ALL": "C", "PYTHONUTF8": "1"}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_none_is_started_beside_another_nor_where_it_cannot_be(tmp_path, started, monkeypatch):
    environ = {"SUTAZAI_HOME": str(tmp_path)}
    folder = tmp_path / "cache" / "resident"
    folder.mkdir(parents=True, mode=0o700)
    inside = place.opened(str(folder))
    with Lock(inside, place.name_of(place.character())):
        assert not launch.launch(environ)
    os.close(inside)
    folder.chmod(0o755)
    assert not launch.launch(environ)
    (tmp_path / "file").touch()
    assert not launch.launch({"SUTAZAI_HOME": str(tmp_path / "file")})
    monkeypatch.setattr(launch, "_reachable_without_first", lambda: False)
    assert not launch.launch({"SUTAZAI_HOME": str(tmp_path / "other")})
    assert started == []


def test_the_folder_of_the_script_is_no_way_to_our_package(monkeypatch):
    home = str(Path(launch.__file__).parents[2])
    monkeypatch.setattr(sys, "path", ["/bin", home])
    assert launch._reachable_without_first()
    monkeypatch.setattr(sys, "path", [home])
    assert launch._reachable_without_first() == sys.flags.safe_path


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("SUTAZAI_RESIDENT", "0"), ("SUTAZAI_RESIDENT", "?")])
def test_it_is_not_kept_ready_where_it_is_not_wanted(monkeypatch, name, value):
    monkeypatch.setattr(launch, "launch", lambda _: pytest.fail("started"))
    monkeypatch.setenv(name, value)
    command.keep_ready()


def test_it_is_kept_ready_by_default(monkeypatch):
    calls = []
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("SUTAZAI_RESIDENT")
    monkeypatch.setattr(launch, "launch", calls.append)
    command.keep_ready()
    assert calls == [os.environ]


def test_one_that_listens_is_found_and_described(tmp_path):
    environ = {"SUTAZAI_HOME": str(tmp_path)}
    assert inventory.running(environ) == []
    folder = tmp_path / "cache" / "resident"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "dead.sock").touch()
    inside = place.opened(str(folder))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place.inside(inside, "a.sock"))
        listener.listen()
        (found,) = inventory.running(environ)
    os.close(inside)
    assert found.pid == os.getpid()
    assert found.since_s >= 0
    assert found.memory_bytes > 1_000_000
    assert found.text().startswith(f"process {os.getpid()}, for ")
    assert inventory.running(environ) == []


def test_it_is_ended_and_waited_for():
    with subprocess.Popen(["sleep", "60"]) as process:
        inventory._end(process.pid)
        assert process.wait() == -signal.SIGTERM
    inventory._end(process.pid)
    assert inventory._described(process.pid) is None


def test_preloading_imports_and_builds_the_models_that_wait_for_their_first_use():
    class Late(BaseModel):
        model_config = ConfigDict(defer_build=True)
        number: int

    assert not Late.__pydantic_complete__
    preload(["colorsys"])
    assert "colorsys" in sys.modules
    assert Late.__pydantic_complete__


def test_a_thread_left_by_what_was_preloaded_is_refused(monkeypatch):
    monkeypatch.setattr(gc, "freeze", lambda: pytest.fail("went on"))
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="thread"):
            server._settle()
    finally:
        done.set()
        thread.join()


def test_only_the_name_a_client_would_look_for_is_served(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "umask", lambda _: 0)
    server.serve(tmp_path / "folder", "other.sock", lambda: pytest.fail("loaded"), lambda: 0)
    assert [each.name for each in (tmp_path / "folder").iterdir()] == ["other.lock"]


def test_it_answers_until_it_was_idle_for_long_enough(tmp_path, monkeypatch):
    """With forks counted, not made."""
    forked = []
    folder, name = tmp_path / "folder", place.name_of(place.character())
    monkeypatch.setattr(os, "umask", lambda _: 0)
    monkeypatch.setattr(os, "fork", lambda: forked.append(1) or 1)
    monkeypatch.setattr(server, "_settle", lambda: None)
    monkeypatch.setattr(server, "_resident_bytes", lambda: 0)  # tests gather more than a resident may
    kept = []

    def loaded():
        listen = socket.socket.listen

        def listening(self, backlog):
            listen(self, backlog)
            kept.append(socket.socket(socket.AF_UNIX))
            kept[0].connect(str(folder / name))

        monkeypatch.setattr(socket.socket, "listen", listening)

    before = signal.getsignal(signal.SIGTERM)
    try:
        server.serve(folder, name, loaded, lambda: 0, idle_s=0.2)
    finally:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, before)
        kept[0].close()
    assert forked == [1]
    assert not (folder / name).exists()
    assert (folder / name).with_suffix(".lock").read_text() == "ready"


def test_forks_are_made_cheap_before_the_first(monkeypatch):
    calls = []
    monkeypatch.setattr(os, "listdir", lambda _: ["1"])
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    for owner, name in ((gc, "freeze"), (gc, "set_threshold"), (signal, "signal")):
        monkeypatch.setattr(owner, name, lambda *_, name=name: calls.append(name))
    server._settle()
    assert calls == ["set_threshold", "freeze", "signal"]
