"""One JSON object a line: each finding, then the report without its findings. For streams and `grep`."""

from collections.abc import Iterator

from sutazai.review.formats.json_text import dump
from sutazai.review.report import ReviewReport


def render(report: ReviewReport, *, show_suppressed: bool = False) -> str:
    """Lines `{"type": "finding"}` (and `suppressed` where asked for), the last one `{"type": "report"}`."""
    return "".join(f"{dump(line, indent=None)}\n" for line in _lines(report, show_suppressed=show_suppressed))


def _lines(report: ReviewReport, *, show_suppressed: bool) -> Iterator[dict[str, object]]:
    for finding in report.findings:
        yield {"type": "finding", **finding.model_dump()}
    for finding in report.suppressed if show_suppressed else ():
        yield {"type": "suppressed", **finding.model_dump()}
    yield {"type": "report", **report.model_dump(by_alias=True, exclude={"findings", "suppressed"})}
