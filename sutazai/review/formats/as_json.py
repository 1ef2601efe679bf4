"""The report itself as JSON, `schema` first: the stable interface for programs."""

from sutazai.review.formats.json_text import dump
from sutazai.review.report import ReviewReport


def render(report: ReviewReport, *, show_suppressed: bool = False) -> str:  # noqa: ARG001 (holds both lists always)
    """The whole report; suppressed findings stand in their own list whatever was asked for."""
    return dump(report.model_dump(by_alias=True)) + "\n"
