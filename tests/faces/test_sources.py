"""Where the code around a finding comes from."""

from pathlib import Path

import pytest

from sutazai.cli.sources import SourcesOnDisk
from sutazai.review.report import ReviewReport
from tests.support.reports import SOURCE, at, finding


def _sources(root: Path, path: str = "db.py") -> SourcesOnDisk:
    quoted = SOURCE.split("\n")[1].strip()
    return SourcesOnDisk(ReviewReport(root=str(root), findings=(finding(location=at(path), quote=quoted),)))


def test_a_file_that_still_holds_the_quote_is_shown(tmp_path: Path) -> None:
    """With any line ends."""
    for text in (SOURCE, SOURCE.replace("\n", "\r\n")):
        (tmp_path / "db.py").write_bytes(text.encode())
        sources = _sources(tmp_path)
        assert sources["db.py"] == text
        assert (list(sources), len(sources)) == (["db.py"], 1)


@pytest.mark.parametrize("content", [b"changed\n", b"\xff" + SOURCE.encode(), None])
def test_a_file_that_is_gone_or_changed_is_missing(tmp_path: Path, content: bytes | None) -> None:
    """The quote of the finding stands for it then."""
    if content is not None:
        (tmp_path / "db.py").write_bytes(content)
    sources = _sources(tmp_path)
    assert sources.get("db.py") is None
    assert sources.get("db.py") is None  # looked up once, the answer is kept


def test_nothing_outside_of_the_root_is_read(tmp_path: Path) -> None:
    """Neither by dots nor by a link; nor is a folder a file."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "db.py").write_text(SOURCE)
    (root / "link.py").symlink_to(tmp_path / "db.py")
    (root / "folder").mkdir()
    for path in ("../db.py", "link.py", "folder", "a\0b"):
        assert _sources(root, path).get(path) is None
