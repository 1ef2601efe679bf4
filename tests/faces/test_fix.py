"""`sutazai fix` as a person or a script calls it: what it shows, what it writes, its exit codes."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.face import CLEAN, SUTAZAI, Face, called

CODE = """\
import requests
import yaml


def load(text):
    return yaml.load(text, Loader=yaml.Loader)


def fetch(url):
    return requests.get(url, verify=False, timeout=5)
"""
MENDED = CODE.replace("load(text, Loader=yaml.Loader)", "safe_load(text)").replace("verify=False, ", "")
ALL = ("--no-model", "--min-confidence", "0.4")


@pytest.fixture
def project(face: Face) -> Face:
    """A project with two faults that can be mended."""
    face.write({"app.py": CODE, "clean.py": CLEAN})
    return face


def text_of(face: Face, name: str = "app.py") -> str:
    return (face.folder / name).read_text()


def test_fixes_are_shown_with_their_findings_and_nothing_is_written(project: Face) -> None:
    ended = project("fix", "app.py", *ALL)
    assert ended.code == 1
    for part in (
        "HIGH  app.py:6  py-yaml-load",
        "Fix by the rule: load plain data only (checked: parses, finding gone, nothing new)",
        "-    return yaml.load(text, Loader=yaml.Loader)\n+    return yaml.safe_load(text)\n",
        "2 findings, 2 with a fix, 0 applied.",
    ):
        assert part in ended.out
    assert text_of(project) == CODE


def test_the_shown_diffs_can_be_applied_by_others(project: Face) -> None:
    ended = project("fix", "app.py", "--no-model", "--rule", "py-tls-not-verified", "--json")
    (patch,) = ended.json["patches"]
    subprocess.run(["git", "apply", "-"], cwd=project.folder, input=patch["diff"].encode(), check=True)
    assert text_of(project) == CODE.replace("verify=False, ", "")
    assert (ended.json["schema"], ended.err) == ("sutazai.fix/1", "")


def test_apply_writes_and_undo_restores(project: Face) -> None:
    ended = project("fix", ".", *ALL, "--apply")
    assert (ended.code, text_of(project)) == (0, MENDED)
    assert "`sutazai fix --undo` takes it back" in ended.out
    assert project("fix", ".", *ALL).code == 0
    ended = project("fix", "--undo")
    assert (ended.code, ended.out) == (0, "Restored app.py.\n")
    assert text_of(project) == CODE
    ended = project("fix", "--undo")
    assert (ended.code, ended.out) == (2, "")
    assert "no applied fixes are left to take back in" in ended.err


def test_undo_refuses_where_the_file_was_changed_since(project: Face) -> None:
    project("fix", "app.py", *ALL, "--apply")
    project.write({"app.py": MENDED + "# mine\n"})
    ended = project("fix", "--undo")
    assert ended.code == 2
    assert "app.py changed after the fixes were applied" in ended.err
    assert text_of(project) == MENDED + "# mine\n"


def test_undo_of_files_that_are_back_already_says_so(project: Face) -> None:
    """As after a process that was killed before it wrote."""
    project("fix", "app.py", *ALL, "--apply")
    project.write({"app.py": CODE})
    ended = project("fix", "--undo")
    assert (ended.code, ended.out) == (0, "Nothing to restore: the files are as they were before the fixes.\n")


def test_only_the_named_rule_or_finding_is_mended(project: Face) -> None:
    """Whatever the thresholds: `py-yaml-load` is under the default one."""
    ended = project("fix", "app.py", "--no-model", "--rule", "py-yaml-load", "--json")
    (patch,) = ended.json["patches"]
    ended = project("fix", "app.py", "--no-model", "--finding", patch["finding"]["fingerprint"][:12], "--apply")
    assert ended.code == 0
    assert text_of(project) == CODE.replace("load(text, Loader=yaml.Loader)", "safe_load(text)")
    assert project("fix", "app.py", "--no-model", "--finding", "ffff").code == 2


@pytest.mark.parametrize(("broken", "left"), [("safe_load", "yaml.load"), ("nowhere", None)])
def test_only_fixes_with_which_the_test_command_passes_stay(project: Face, broken: str, left: str | None) -> None:
    project.write({"check.py": f"import sys; sys.exit('{broken}' in open('app.py').read())"})
    ended = project("fix", "app.py", *ALL, "--apply", "--test", f"{sys.executable} check.py")
    assert ended.code == (1 if left else 0)
    assert (text_of(project) == MENDED) is (left is None)
    assert "verify=False" not in text_of(project)
    assert left is None or (left in text_of(project) and "the tests fail with it" in ended.out)


def test_a_test_command_is_no_shell_line_and_needs_leave_to_write(project: Face) -> None:
    assert project("fix", "app.py", *ALL, "--test", "true").code == 2
    ended = project("fix", "app.py", *ALL, "--apply", "--test", "true; touch made")
    assert ended.code == 2
    assert "'true;' cannot be found" in ended.err
    assert not (project.folder / "made").exists()
    assert text_of(project) == CODE


def test_a_project_file_can_set_no_test_command(project: Face) -> None:
    project.write({"sutazai.toml": '[review]\ntest = "touch made"\n'})
    assert project("fix", "app.py", *ALL, "--apply").code == 2
    assert not (project.folder / "made").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        ("-",),
        ("app.py", "--apply", "--interactive"),
        ("app.py", "--apply", "--undo"),
        ("app.py", "--interactive"),
        ("app.py", "--apply", "--test", "'"),
        ("app.py", "--guesses"),
        ("app.py", "--interactive", "--guesses"),
    ],
)
def test_calls_that_make_no_sense_are_refused(project: Face, wrong: tuple[str, ...]) -> None:
    """Interactive needs a terminal; stdin is none of the files on disk."""
    ended = project("fix", *wrong, "--no-model")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert text_of(project) == CODE


def test_a_missing_file_ends_as_in_a_review(project: Face) -> None:
    assert project("fix", "gone.py", "--no-model").code == 4
    assert project("fix", "clean.py", "--no-model").code == 0


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.booleans(),
    tail=st.text("é😀 \t", max_size=3),
    last=st.booleans(),
)
def test_bytes_that_no_fix_names_survive_and_undo_gives_every_byte_back(
    project: Face, end: str, mark: bool, tail: str, last: bool
) -> None:
    """Line ends, byte-order mark, blanks at the end, a last line without its end."""

    def stored(text: str) -> bytes:
        text = (text + f"# {tail}" + "\n" * last).replace("\n", end)
        return b"\xef\xbb\xbf" * mark + text.encode()

    (project.folder / "app.py").write_bytes(stored(CODE))
    project("fix", "app.py", *ALL, "--apply")
    assert (project.folder / "app.py").read_bytes() == stored(MENDED)
    project("fix", "--undo")
    assert (project.folder / "app.py").read_bytes() == stored(CODE)


def test_a_process_of_its_own_writes_data_to_stdout_only(project: Face) -> None:
    ended = called("fix", "app.py", *ALL, "--json", cwd=project.folder)
    assert ended.code == 1
    assert len(json.loads(ended.out)["patches"]) == 2
    assert ended.err == ""
    ended = called("fix", "app.py", *ALL, "--apply", "-q", cwd=project.folder)
    assert (ended.code, text_of(project)) == (0, MENDED)


def test_any_program_can_call_the_capability(project: Face) -> None:
    ended = project("run", "code.fix", "--input", "-", stdin='{"paths": ["app.py"], "model": false, "apply": true}')
    assert ended.code == 0
    assert ended.json["written"] == ["app.py"]


class Terminal:
    """The command on a terminal of its own, typed at as a person does."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        env = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"}
        self._process = subprocess.Popen(
            [*SUTAZAI, *arguments], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=env, close_fds=True
        )
        os.close(theirs)
        self.seen = ""

    def answer(self, text: str, *, to: str) -> None:
        """Types something once the screen shows what it is the answer to."""
        self._read_until(to)
        os.write(self._ours, text.encode())

    def end(self) -> int:
        """The exit code, all output read."""
        self._read_until(None)
        os.close(self._ours)
        return self._process.wait(60)

    def _read_until(self, mark: str | None) -> None:
        new, limit = "", time.monotonic() + 60
        while mark is None or mark not in new:
            ready, _, _ = select.select([self._ours], [], [], max(0, limit - time.monotonic()))
            assert ready, f"never saw {mark!r} in {new!r}"
            try:
                data = os.read(self._ours, 65536)
            except OSError:  # Linux says so when the other end is closed
                data = b""
            if not data:
                assert mark is None, f"ended before {mark!r}: {new}"
                break
            new += data.decode(errors="replace")
        self.seen += new


@pytest.mark.parametrize(
    ("answers", "code", "after"),
    [
        ("yy", 0, MENDED),
        ("ny", 1, CODE.replace("verify=False, ", "")),
        ("yq", 1, CODE.replace("load(text, Loader=yaml.Loader)", "safe_load(text)")),
        ("q", 1, CODE),
        ("nn", 1, CODE),
        ("\x04", 1, CODE),
    ],
)
def test_each_fix_is_asked_for_on_a_terminal(project: Face, answers: str, code: int, after: str) -> None:
    """Yes applies, no leaves, q ends the questions with what was said so far, and so does the end of the input."""
    terminal = Terminal(project.folder, "fix", "app.py", *ALL, "--interactive")
    for number, answer in enumerate(answers, 1):
        terminal.answer(answer if answer == "\x04" else f"{answer}\n", to=f"({number} of 2)? [y,n,q]")
    assert terminal.end() == code
    assert text_of(project) == after
    assert terminal.seen.count("+    return requests.get(url, timeout=5)") <= 1
    assert "py-yaml-load" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.seen)
    if after != CODE:
        project("fix", "--undo")
        assert text_of(project) == CODE


def test_an_unclear_answer_is_asked_for_again_and_the_tests_run_over_what_was_chosen(project: Face) -> None:
    project.write({"check.py": "import sys; sys.exit('safe_load' in open('app.py').read())"})
    terminal = Terminal(project.folder, "fix", "app.py", *ALL, "-i", "--test", f"{sys.executable} check.py")
    terminal.answer("what\n", to="(1 of 2)? [y,n,q]")
    terminal.answer("Yes\n", to="(1 of 2)? [y,n,q]")
    terminal.answer("y\n", to="(2 of 2)? [y,n,q]")
    assert terminal.end() == 1
    assert text_of(project) == CODE.replace("verify=False, ", "")


def test_text_of_files_cannot_steer_the_terminal(project: Face) -> None:
    project.write({"app.py": CODE.replace("(text):", "(text):  # \x1b]0;owned\x07 [red]x[/]")})
    ended = project("fix", "app.py", *ALL)
    assert "\x1b" not in ended.out
    assert "[red]x[/]" in ended.out
