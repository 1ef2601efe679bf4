"""The lines around a finding, for showing it: read from disk only where the text there still holds what was quoted."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sutazai.review.report import ReviewReport
from sutazai.sdk.finding import Finding

_MAX_BYTES: Final = 1_000_000


class SourcesOnDisk(Mapping[str, str]):
    """Text by path of the files that a report has findings in, read when asked for.

    A file that is gone, has changed since, lies outside the report's root, or was reviewed in another version (staged,
    of a commit, from stdin) is missing.
    """

    def __init__(self, report: ReviewReport) -> None:
        self._root = Path(report.root)
        self._quoted: dict[str, list[Finding]] = {}
        for finding in (*report.findings, *report.suppressed):
            self._quoted.setdefault(finding.location.path, []).append(finding)
        self._texts: dict[str, str | None] = {}

    def __getitem__(self, path: str) -> str:
        if path not in self._texts:
            self._texts[path] = self._read(path)
        text = self._texts[path]
        if text is None:
            raise KeyError(path)
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(self._quoted)

    def __len__(self) -> int:
        return len(self._quoted)

    def _read(self, path: str) -> str | None:
        try:
            place = (self._root / path).resolve(strict=True)
            if not (place.is_relative_to(self._root.resolve()) and place.is_file()):
                return None
            with place.open("rb") as stream:
                text = stream.read(_MAX_BYTES).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError, ValueError):
            return None
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return text if all(_holds(lines, each) for each in self._quoted.get(path, ())) else None


def _holds(lines: list[str], finding: Finding) -> bool:
    at = finding.location
    span = "\n".join(lines[at.start_line - 1 : at.end_line])
    return finding.quote.replace("\r\n", "\n").replace("\r", "\n") in span
