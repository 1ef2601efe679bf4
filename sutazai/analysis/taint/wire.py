"""What the engine and a child of it say to each other. Pure; the parent believes nothing that it has not checked.

A child begins with an empty frame: it has started. A request is a frame of JSON: the limits, the rows of others, and
the files. The child sends the number of each file that it begins to follow, then the answer, JSON too: what was found
and what could not be followed, or why there is neither.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.source import Skipped, SourceFile

FRAME_BYTES: Final = 128 << 20
STARTED: Final = b""
_REASON_CHARS: Final = 300
_DIGITS: Final = 9


class WireError(Exception):
    """A frame that no sound peer sends, or the word of the other side that it could not do its work."""


@dataclass(frozen=True, slots=True)
class Request:
    """Files that are one project.

    Attributes:
        steps: expressions that are evaluated for one file at most.
        seconds: how long one file may take.
        extra: tables of the project and of plugins, as JSON.
    """

    steps: int
    seconds: float
    extra: tuple[str, ...]
    files: tuple[SourceFile, ...]


def encode_number(at: int) -> bytes:
    """The number of a file of the request as a frame's payload."""
    return b"%d" % at


def decode_number(payload: bytes) -> int | None:
    """The number of a file, None for any other payload."""
    return int(payload) if len(payload) <= _DIGITS and payload.isdigit() else None


def encode_request(request: Request) -> bytes:
    """A request as a frame's payload."""
    files = [(each.path, each.text, each.language, each.is_test) for each in request.files]
    # Lone surrogates, which a text may hold, stay what they are.
    return _dumped([request.steps, request.seconds, request.extra, files])


def decode_request(payload: bytes) -> Request:
    """The request of a payload; it comes from our own parent.

    Raises:
        WireError: it is none.
    """
    steps, seconds, extra, files = _loaded(payload)
    sources = (SourceFile(path, text, language, is_test=is_test) for path, text, language, is_test in files)
    return Request(steps, seconds, tuple(extra), tuple(sources))


def encode_report(report: AnalyzerReport) -> bytes:
    """What was found, as a frame's payload."""
    findings = [each.model_dump(mode="json", exclude_defaults=True) for each in report.findings]
    return _dumped({"findings": findings, "failed": [(each.path, each.reason) for each in report.failed]})


def encode_failure(reason: str) -> bytes:
    """Why nothing was found, as a frame's payload."""
    return _dumped({"failure": reason})


def decode_report(payload: bytes, files: Sequence[SourceFile]) -> AnalyzerReport:
    """The report of a payload.

    Args:
        payload: what the child sent.
        files: those it was asked about; it has no say in others.

    Raises:
        WireError: it is none, or says that there is none.
    """
    answer = _loaded(payload)
    try:
        if "failure" in answer:
            raise WireError(str(answer["failure"])[:_REASON_CHARS])
        findings = tuple(Finding.model_validate(each) for each in answer["findings"])
        failed = tuple(Skipped(str(path), str(reason)[:_REASON_CHARS]) for path, reason in answer["failed"])
    except (ValueError, TypeError, KeyError) as error:
        raise WireError("its answer cannot be understood") from error
    told = {each.location.path for each in findings} | {each.path for each in failed}
    if not told <= {each.path for each in files}:
        raise WireError("its answer is about other files")
    return AnalyzerReport(findings, failed)


def _dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _loaded(payload: bytes) -> Any:
    try:
        return json.loads(payload.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise WireError("its answer cannot be understood") from error
