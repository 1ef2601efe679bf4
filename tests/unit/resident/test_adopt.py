"""What a process takes over of its caller's, as far as that can be tried in a process that goes on."""

import os
import signal
import sys
import time

import pytest

from sutazai.resident.adopt import TextForm, _environment, _stream, adopt_signals, text_form

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="residents are for Linux")


@pytest.mark.parametrize("unbuffered", [False, True])
def test_streams_are_made_as_the_interpreter_makes_them(unbuffered):
    form = TextForm(("utf-8", "ascii", "latin-1"), ("strict", "surrogateescape", "backslashreplace"), unbuffered)
    streams = [_stream(number, form) for number in range(3)]
    assert [each.name for each in streams] == ["<stdin>", "<stdout>", "<stderr>"]
    assert [each.encoding for each in streams] == ["utf-8", "ascii", "latin-1"]
    assert [each.errors for each in streams] == list(form.errors)
    assert [each.mode for each in streams] == ["r", "w", "w"]
    assert streams[2].line_buffering == (not unbuffered)
    assert all(each.write_through == unbuffered for each in streams)
    assert all(each.fileno() == number for number, each in enumerate(streams))


def test_text_has_the_form_that_python_gave_it_at_its_start():
    form = text_form()
    assert form.encodings[1] == sys.__stdout__.encoding
    assert form.errors[2] == "backslashreplace"


def test_the_whole_environment_is_replaced_and_the_time_zone_with_it(monkeypatch):
    before = dict(os.environ)
    try:
        _environment({"TZ": "Asia/Tokyo", "NEW": "1"})
        assert dict(os.environ) == {"TZ": "Asia/Tokyo", "NEW": "1"}
        assert time.tzname[0] == "JST"
    finally:
        _environment(before)
    assert dict(os.environ) == before


def test_signals_are_as_in_a_process_just_started():
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGCONT]
    numbers += [signal.SIGWINCH, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD, signal.SIGPIPE]
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        adopt_signals({signal.SIGHUP})
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL
    finally:
        for number, action in before.items():
            signal.signal(number, action)
