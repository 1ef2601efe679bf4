"""Where residents listen, and what their names depend on."""

import os
import socket
import sys
from pathlib import Path

import pytest

from sutazai.resident import place

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="residents are for Linux")


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"SUTAZAI_HOME": "/x", "XDG_RUNTIME_DIR": "/run/user/1"}, "/x/cache/resident"),
        ({"XDG_RUNTIME_DIR": "/run/user/1"}, "/run/user/1/sutazai"),
        ({"XDG_RUNTIME_DIR": "relative", "XDG_CACHE_HOME": "/c"}, "/c/sutazai/resident"),
        ({}, str(Path.home() / ".cache/sutazai/resident")),
    ],
)
def test_the_folder_follows_the_systems_conventions(environ, folder):
    assert place.folder(environ) == folder


def test_a_folder_of_its_owner_alone_is_opened(tmp_path):
    tmp_path.chmod(0o700)
    os.close(place.opened(str(tmp_path)))
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(NotADirectoryError):
        place.opened(str(tmp_path / "link"))
    for mode in (0o710, 0o701, 0o777):
        tmp_path.chmod(mode)
        with pytest.raises(PermissionError):
            place.opened(str(tmp_path))


def test_a_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(PermissionError):
        place.opened(str(tmp_path))


def test_a_long_path_is_no_hindrance(tmp_path):
    long = tmp_path / ("d" * 120)
    long.mkdir(mode=0o700)
    folder = place.opened(str(long))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place.inside(folder, "x.sock"))
    os.close(folder)
    assert (long / "x.sock").is_socket()


@pytest.mark.parametrize("name", ["PYTHONUTF8", "LC_ALL", "LD_PRELOAD", "MALLOC_ARENA_MAX"])
def test_what_shapes_an_interpreter_changes_the_name_and_nothing_else_does(monkeypatch, name):
    before = place.name_of(place.character())
    monkeypatch.setenv("EDITOR", "ed")
    assert place.name_of(place.character()) == before
    monkeypatch.setenv(name, "1")
    assert place.name_of(place.character()) != before


def test_the_folder_of_the_script_does_not(monkeypatch):
    if sys.flags.safe_path:
        pytest.skip("Python leaves it out")
    before = place.character()
    monkeypatch.setattr(sys, "path", ["/elsewhere", *sys.path[1:]])
    assert place.character() == before


def test_terminals_of_one_user_share_a_resident_and_services_do_not():
    user = "0::/user.slice/user-7.slice/{}\n1:cpu:/\n"
    one, two = (place.same_session(user.format(each)) for each in ("session-3.scope", "user@7.service/x.scope"))
    assert one == two == "0::/user.slice/user-7\n1:cpu:/"
    assert place.same_session("0::/system.slice/a.service") != place.same_session("0::/system.slice/b.service")
