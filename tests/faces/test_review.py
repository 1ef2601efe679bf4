"""`sutazai review`: every flag, every format, every exit code."""

import io
import json
import os
import re
import stat
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sutazai.cli import output
from sutazai.cli.review import Format
from tests.support.face import CLEAN, FAULTY, HASH, SHELL, Face, git, names, repository, tree


def test_a_file_is_reviewed_and_a_high_finding_fails_it(face: Face) -> None:
    """As text, which names place and rule."""
    ended = face("review", "app.py", "--no-model")
    assert ended.code == 1
    assert f"app.py:6:5  {SHELL}" in ended.out
    assert ended.err == ""


def test_without_a_path_the_folder_is_reviewed(face: Face) -> None:
    """All of it."""
    face.write({"sub/other.py": FAULTY})
    assert {each["location"]["path"] for each in face.review().json["findings"]} == {"app.py", "sub/other.py"}


def test_excluded_files_stay_out(face: Face) -> None:
    """By gitignore patterns, several of them."""
    face.write({"sub/other.py": FAULTY, "third.py": FAULTY})
    report = face.review("--exclude", "sub/", "--exclude", "third.py").json
    assert {each["location"]["path"] for each in report["findings"]} == {"app.py"}
    assert report["coverage"]["files"] == 1


def test_source_is_read_from_stdin_under_the_name_given(face: Face) -> None:
    """The name decides on the language."""
    report = face.review("-", "--stdin-filename", "lib/x.py", stdin=FAULTY).json
    assert {each["location"]["path"] for each in report["findings"]} == {"lib/x.py"}


def test_a_byte_order_mark_on_stdin_moves_nothing(face: Face) -> None:
    """Columns count after it."""
    ended = face.review("-", "--stdin-filename", "x.py", stdin=b"\xef\xbb\xbf" + FAULTY.encode())
    assert ended.json["findings"][0]["location"]["start_column"] == 5


def test_of_a_diff_on_stdin_only_changed_lines_count(face: Face) -> None:
    """The rest of the file is context."""
    repository(face.folder)
    face.write({"app.py": CLEAN + FAULTY[: FAULTY.index("def digest")]})
    git(face.folder, "commit", "-qam", "one fault")
    face.write({"app.py": CLEAN + FAULTY})
    assert face.review("-", stdin=git(face.folder, "diff")).rules == [HASH]


def test_stdin_kind_decides_in_doubt(face: Face) -> None:
    """A source that looks like a diff, and a diff that is none."""
    text = "--- a comment\nselect 1;\n"
    assert face.review("-", "--stdin-kind", "source", "--stdin-filename", "x.sql", stdin=text).code == 0
    assert face.review("-", "--stdin-kind", "diff", stdin="print(1)\n").code == 2


@pytest.mark.parametrize(
    "arguments",
    [("-", "app.py"), ("-", "--staged"), ("--staged", "--diff", "main"), ("--diff", "main", "--commits", "a..b")],
)
def test_code_comes_from_one_place(face: Face, arguments: tuple[str, ...]) -> None:
    """Anything else is a question of which one is meant."""
    ended = face.review(*arguments)
    assert ended.code == 2
    assert re.search("exclude one another|stands alone", ended.err)


def test_staged_changes_base_and_range_are_told_apart(face: Face) -> None:
    """Staged: what would be committed; base: what is in the work tree; range: what was committed."""
    repository(face.folder)
    face.write({"app.py": FAULTY})
    assert face.review("--staged").json["coverage"]["files"] == 0
    assert face.review("--diff", "HEAD").rules == [SHELL, HASH]
    git(face.folder, "add", "app.py")
    assert face.review("--staged").rules == [SHELL, HASH]
    git(face.folder, "commit", "-qm", "faults")
    assert face.review("--commits", "HEAD~1..HEAD").rules == [SHELL, HASH]
    assert face.review("--diff", "HEAD").rules == []


def test_a_review_of_nothing_staged_says_how_to_get_one(face: Face) -> None:
    """Not where something is staged, nor to a hook, nor in a quiet call."""
    repository(face.folder)
    face.write({"app.py": FAULTY})
    hint = "sutazai: nothing is staged: `git add` the changes first, or review them with `--diff HEAD`\n"
    assert face.review("--staged").err == hint
    assert face.review("--staged", "-q").err == ""
    assert face.review("--hook").err == ""
    assert face.review("--diff", "HEAD").err == ""
    git(face.folder, "add", "app.py")
    assert face.review("--staged").err == ""


@pytest.mark.parametrize("format_", Format)
def test_every_format_is_valid_on_stdout_and_the_same_in_a_file(face: Face, format_: Format) -> None:
    """Whatever stderr says: here that the project's settings apply, where the report itself does not."""
    face.write({"sutazai.toml": "[review]\nmin_severity = 'low'\n"})
    ended = face("review", "--no-model", "--format", format_)
    assert ended.code == 1
    said, text = "sutazai: settings of the project apply: review.min_severity", format_ is Format.TEXT
    assert (ended.err.startswith(said), "own settings apply: review.min_severity." in ended.out) == (not text, text)
    _check(format_, ended.out)
    ended = face("review", "--no-model", "--format", format_, "-o", "../report")
    assert (ended.out, ended.err.startswith(said)) == ("", True)
    _check(format_, (face.folder.parent / "report").read_text())


def _check(format_: Format, text: str) -> None:
    """Parses what there is a parser for."""
    if format_ is Format.JUNIT:
        assert ET.fromstring(text).get("failures")  # noqa: S314 (our own output)
    elif format_ is Format.JSONL:
        assert [json.loads(line)["type"] for line in text.splitlines()] == ["finding", "finding", "report"]
    elif format_ in {Format.JSON, Format.SARIF, Format.GITLAB}:
        assert json.loads(text)
    else:
        assert SHELL in text
        assert "\x1b" not in text


def test_a_report_replaces_its_file_whole_and_keeps_its_mode(face: Face) -> None:
    """Through a link, too, which stays one. Nothing else is left behind."""
    target, link = face.folder.parent / "report.json", face.folder.parent / "link.json"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    assert face.review("-o", str(link)).code == 1
    assert json.loads(target.read_text())["findings"]
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert names(face.folder.parent) == ["link.json", "project", "report.json"]


def test_a_device_is_written_and_never_replaced(face: Face) -> None:
    """A pipe here; `/dev/null` would be lost to the whole machine."""
    pipe = face.folder.parent / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert face.review("-o", str(pipe)).code == 1
    assert json.loads(os.read(reader, 1_000_000))["findings"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    os.close(reader)


@pytest.mark.parametrize(("file", "reason"), [(".", "it is a folder"), ("no/where.json", "its folder does not exist")])
def test_a_file_that_cannot_be_written_is_refused_before_the_work(face: Face, file: str, reason: str) -> None:
    """Minutes of model time would be lost."""
    ended = face("review", "nowhere.py", "-o", file)
    assert ended.code == 4
    assert f"{file} cannot be written: {reason}" in ended.err


def test_a_folder_that_takes_no_files_is_refused_before_the_work_with_another_place_to_name(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some systems say of it that the file does not exist, which is no reason for who wants to make it."""

    def refused(**_options: object) -> tuple[int, str]:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("tempfile.mkstemp", refused)
    ended = face("review", "nowhere.py", "-o", "x.json")
    assert ended.code == 4
    assert f"x.json cannot be written: no file can be made in {face.folder}\n" in ended.err
    assert "name a file in another folder" in ended.err


def test_a_failed_write_leaves_the_old_report_and_no_rest(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new one is written beside it first."""
    report = face.folder.parent / "report.json"
    report.write_text("old")

    def full(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    ended = face.review("--no-cache", "-o", str(report))
    assert (ended.code, report.read_text()) == (4, "old")
    assert "report.json cannot be written: No space left on device" in ended.err
    assert names(report.parent) == ["project", "report.json"]


def test_a_second_review_takes_from_the_cache_unless_told_not_to(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engines are not asked again."""
    asked = []

    async def analyze(self, files):
        asked.append([each.path for each in files])
        return await original(self, files)

    from sutazai.analysis.ruff import RuffAnalyzer  # noqa: PLC0415 (here to be watched)

    original = RuffAnalyzer.analyze
    monkeypatch.setattr(RuffAnalyzer, "analyze", analyze)
    first = face.review("--engine", "ruff")
    assert face.review("--engine", "ruff").rules == first.rules
    assert asked == [["app.py"]]
    assert face.review("--engine", "ruff", "--no-cache").rules == first.rules
    assert asked == [["app.py"]] * 2


@pytest.mark.parametrize(
    ("arguments", "rules", "code"),
    [
        (("--min-severity", "high"), [SHELL], 1),
        (("--min-confidence", "0.6"), [SHELL], 1),
        (("--min-confidence", "1"), [], 0),
        (("--fail-on", "critical"), [SHELL, HASH], 0),
        (("--fail-on", "never"), [SHELL, HASH], 0),
        (("--fail-on", "medium", "--engine", "ruff"), [HASH], 1),
        (("--engine", "secrets"), [], 0),
        (("--max-findings", "0"), [SHELL, HASH], 1),
        (("--require-complete",), [SHELL, HASH], 1),
        (("--jobs", "1", "--offline", "--time-limit", "0"), [SHELL, HASH], 1),
    ],
)
def test_flags_decide_what_is_reported_and_what_fails(
    face: Face, arguments: tuple[str, ...], rules: list[str], code: int
) -> None:
    """`--max-findings` is about the model's findings only."""
    ended = face.review(*arguments)
    assert (ended.rules, ended.code) == (rules, code)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--min-confidence", "4"), ("--min-severity", "grave"), ("--fail-on", "x"), ("--max-findings", "-1"),
        ("--time-limit", "-1"), ("--time-limit", "nan"), ("--engine", "x"), ("--runtime", "x"), ("--format", "x"),
        ("--jobs", "many"), ("--stdin-kind", "x"), ("--bogus",), ("--baseline", "nope.json"), ("--commits", "x"),
    ],
)  # fmt: skip
def test_a_flag_that_does_not_fit_is_named_with_the_next_step(face: Face, arguments: tuple[str, ...]) -> None:
    """Exit code 2, nothing on stdout, no traceback."""
    repository(face.folder)
    ended = face("review", "--no-model", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert re.fullmatch(r"error: .+\n  → .+\n", ended.err)


def test_a_baseline_silences_what_it_knows_and_nothing_else(face: Face) -> None:
    """And suppressed findings are shown where asked."""
    ended = face.review("--write-baseline", "known.json")
    assert (ended.code, ended.err) == (1, "sutazai: 2 findings written to known.json\n")
    assert face.review("--write-baseline", "known.json", "-q").err == ""
    face.write({"new.py": FAULTY[: FAULTY.index("def digest")]})
    report = face.review("--baseline", "known.json").json
    assert [each["location"]["path"] for each in report["findings"]] == ["new.py"]
    text = face("review", "app.py", "--no-model", "--baseline", "known.json", "--show-suppressed")
    assert text.code == 0
    assert "(baseline: known in known.json)" in re.sub(r"\s+", " ", text.out)


def test_a_baseline_is_written_inside_of_the_project_only(face: Face) -> None:
    """It is a path of the code under review."""
    assert face.review("--write-baseline", "../known.json").code == 4
    assert names(face.folder.parent) == ["project"]


def test_a_model_that_nothing_serves_leads_to_those_there_are(face: Face) -> None:
    """The review goes on without it."""
    ended = face("review", "app.py", "--offline", "--model", "qwen2.5-codr:1.5b", "--format", "json")
    assert ended.code == 1
    assert re.search(r"no model: no runtime can serve 'qwen2.5-codr:1.5b' .* → did you mean 'qwen2.5-coder:", ended.err)
    assert "`sutazai models list`" in ended.err


def test_without_a_model_a_review_is_a_review_and_says_so(face: Face) -> None:
    """Offline and without weights. The notice stands on stderr and in the coverage; findings decide."""
    ended = face("review", "app.py", "--offline", "--format", "json")
    assert ended.code == 1
    assert "no model" in ended.err
    assert ended.json["coverage"]["model_notice"]
    assert not ended.json["coverage"]["complete"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 0),
        (("--require-model",), 3),
        (("--require-complete",), 5),
        (("--require-model", "--require-complete"), 5),
        (("--require-complete", "missing.py"), 4),
        (("--require-model", "faulty.py"), 1),
        (("--require-complete", "faulty.py", "missing.py"), 1),
        (("--model", "nope.gguf", "--require-model"), 3),
    ],
)
def test_the_most_pressing_exit_code_wins(face: Face, arguments: tuple[str, ...], code: int) -> None:
    """2 > 70 > 1 > 4 > 5 > 3, as contracts say."""
    face.write({"app.py": CLEAN, "faulty.py": FAULTY})
    assert face("review", "app.py", *arguments, "--offline", "--quiet").code == code


def test_quiet_says_warnings_only_and_verbose_more(face: Face) -> None:
    """On stderr; the report is the same."""
    face.write({"sutazai.toml": "[review]\nmin_severity = 'low'\n"})
    assert face("review", "--no-model", "--quiet").err == ""
    assert "no model" in face("review", "--offline", "--quiet").err
    assert "seen by" in face("review", "--no-model", "--verbose").out


def test_settings_of_the_project_are_named_in_the_report(face: Face) -> None:
    """They came with the code and changed the result."""
    face.write({"sutazai.toml": "[review]\nfail_on = 'never'\n"})
    ended = face.review()
    assert ended.code == 0
    assert ended.json["project_settings"] == ["review.fail_on"]
    assert "The project's own settings apply: review.fail_on." in face("review", "--no-model").out


def test_the_hook_reviews_what_is_staged_and_never_downloads(face: Face) -> None:
    """With an empty home and no network it ends at once, by the static findings."""
    repository(face.folder)
    face.write({"app.py": FAULTY})
    assert face("review", "--hook").code == 0
    git(face.folder, "add", ".")
    ended = face("review", "--hook")
    assert ended.code == 1
    assert "fetching" not in ended.err
    assert SHELL in ended.out


def test_a_review_changes_nothing_in_the_folder(face: Face) -> None:
    """Neither files nor the repository."""
    repository(face.folder)
    face.write({"app.py": FAULTY})
    before = tree(face.folder)
    for arguments in ((), ("--staged",), ("--diff", "HEAD"), ("--commits", "HEAD..HEAD")):
        face.review(*arguments)
    assert tree(face.folder) == before


def test_names_and_code_cannot_steer_the_terminal(face: Face) -> None:
    """Neither in the report nor in an error nor in a usage error."""
    evil = "a\x1b]0;owned\x07\x1b[31m\u202e.py"
    face.write({evil: FAULTY + "# \x1b[2J\n"})
    for ended in (face("review", "--no-model"), face("review", f"{evil}x"), face(evil), face("review", f"--{evil}")):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", ended.out + ended.err)


def test_stdin_is_bounded_and_must_be_text(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its next step."""
    ended = face.review("-", stdin=b"caf\xe9 = 1\n")
    assert ended.code == 4
    assert "stdin cannot be read: it is not UTF-8 text" in ended.err
    monkeypatch.setattr("sutazai.cli.review._MAX_STDIN_BYTES", 10)
    assert "stdin holds more than" in face.review("-", stdin="x" * 11).err


def test_colour_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for pipes and files, whatever FORCE_COLOR says; not with NO_COLOR."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert output.console().color_system is None
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert output.console().color_system is not None
    assert output.console(file="x").color_system is None
    monkeypatch.setenv("NO_COLOR", "1")
    assert output.console().no_color


def test_a_full_disk_behind_stdout_is_said(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a traceback, and what is left is thrown away."""
    thrown = []

    class Full(io.BytesIO):
        def write(self, _data: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(output, "discard", lambda: thrown.append(True))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Full()))
    ended = face.review()
    monkeypatch.undo()
    assert ended.code == 4
    assert "the standard output cannot be written: No space left on device" in ended.err
    assert thrown
