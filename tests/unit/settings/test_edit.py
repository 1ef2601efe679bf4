"""`config set` keeps what people wrote, refuses what would not load, and never leaves half a file."""

import stat
import sys
from pathlib import Path

import pytest

from sutazai.errors.usage import InvalidSetting, UnknownSetting, UnreadableSettings, UnwritableSettings
from sutazai.sdk.finding import Severity
from sutazai.settings.edit import set_user_value

COMMENTED = """# mine
offline = true  # always

[review]  # how
# why
fail_on = "low"
rules = { py-eval = "off" }
"""


def test_comments_order_and_other_values_stay(place):
    place.user(COMMENTED)
    assert set_user_value(place.user_file, "review.fail_on", "critical") is Severity.CRITICAL
    assert place.user_file.read_text() == COMMENTED.replace('"low"', '"critical"')


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("offline", "yes", True),
        ("review.exclude", "a/,b/", ("a/", "b/")),
        ("review.rules", '{"py-eval": "off"}', {"py-eval": "off"}),
        ("review.min_confidence", "0.25", 0.25),
        ("review.fail_on", "never", "never"),
        ("ollama.host", "gpu:11434", "gpu:11434"),
        ("review.baseline", "", ""),
    ],
)
@pytest.mark.parametrize("before", ["", "log = 'debug'\n", COMMENTED, "review.jobs = 3\n", "[cache]\nenabled = true\n"])
def test_what_is_set_is_what_loads(place, key, text, expected, before):
    place.user(before)
    was = place.load().settings
    assert set_user_value(place.user_file, key, text) == expected
    loaded = place.load()
    section, _, name = key.rpartition(".")
    assert getattr(getattr(loaded.settings, section) if section else loaded.settings, name) == expected
    assert loaded.origins[key] == str(place.user_file)
    assert loaded.settings.log == was.log
    assert key == "offline" or loaded.settings.offline == was.offline


def test_the_file_and_its_folder_are_made(place):
    set_user_value(place.user_file, "offline", "true")
    assert place.user_file.read_text() == "offline = true\n"


@pytest.mark.parametrize(
    ("key", "text", "error"),
    [
        ("review.fail_no", "high", UnknownSetting),
        ("review", "high", UnknownSetting),
        ("review.fail_on", "hgih", InvalidSetting),
        ("review.max_findings", "-1", InvalidSetting),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(place, key, text, error):
    place.user(COMMENTED)
    with pytest.raises(error, match="the command line"):
        set_user_value(place.user_file, key, text)
    assert place.user_file.read_text() == COMMENTED
    assert [each.name for each in place.user_file.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(("before", "error"), [("nonsense", UnreadableSettings), ("a = 1\n", UnknownSetting)])
def test_a_file_that_would_not_load_is_not_touched(place, before, error):
    place.user(before)
    with pytest.raises(error):
        set_user_value(place.user_file, "offline", "true")
    assert place.user_file.read_text() == before


def test_line_ends_stay_and_a_byte_order_mark_goes(place):
    place.user("")
    place.user_file.write_bytes(b"\xef\xbb\xbf# mine\r\noffline = true\r\n")
    set_user_value(place.user_file, "offline", "false")
    assert place.user_file.read_bytes() == b"# mine\r\noffline = false\r\n"


def test_a_failure_while_writing_leaves_the_old_file_and_nothing_else(place, monkeypatch):
    place.user(COMMENTED)

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UnwritableSettings, match="No space left"):
        set_user_value(place.user_file, "offline", "false")
    assert place.user_file.read_text() == COMMENTED
    assert [each.name for each in place.user_file.parent.iterdir()] == ["config.toml"]


def test_a_folder_that_cannot_be_made_is_told(place):
    place.home.write_text("")
    with pytest.raises(UnwritableSettings):
        set_user_value(place.user_file, "offline", "false")


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
def test_a_link_to_a_file_kept_elsewhere_stays_a_link(place, tmp_path):
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("# kept\n")
    place.user_file.parent.mkdir(parents=True)
    place.user_file.symlink_to(kept)
    set_user_value(place.user_file, "offline", "true")
    assert place.user_file.is_symlink()
    assert kept.read_text() == "# kept\noffline = true\n"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are a matter of POSIX")
def test_the_file_is_for_its_owner_only(place):
    set_user_value(place.user_file, "offline", "true")
    assert stat.S_IMODE(place.user_file.stat().st_mode) == 0o600
