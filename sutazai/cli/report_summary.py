"""The end of a text report: how many findings, what was reviewed, and everything that was not."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from sutazai.cli.glyphs import STYLES, Glyphs
from sutazai.review.formats.coverage import NotReviewed, not_reviewed
from sutazai.review.formats.untrusted import name, one_line
from sutazai.review.report import ReviewReport, UnderThresholds
from sutazai.sdk.finding import Severity
from sutazai.settings.model import REVIEW_PROFILES

LISTED: Final = 10


_THOROUGH: Final[float] = REVIEW_PROFILES["thorough"]["review.min_confidence"]


def summary(report: ReviewReport, glyphs: Glyphs, *, verbose: bool) -> Iterator[Text]:
    """The lines of the summary."""
    missing = not_reviewed(report.coverage)
    yield _verdict(report, missing)
    yield from _failing(report)
    yield from (Text(line, style="dim") for line in (*_reviewed(report), *_left_out(report, glyphs)) if line)
    if verbose:
        yield from (Text(line, style="dim") for line in _details(report))
    yield from _missing(missing, glyphs, limit=len(missing) if verbose else LISTED)


def _verdict(report: ReviewReport, missing: Sequence[NotReviewed]) -> Text:
    if report.findings:
        return _counts(report)
    if not missing:
        done = report.coverage.files or report.coverage.units
        return Text("No findings.", style="bold green") if done else Text("Nothing to review.", style="bold")
    rest = [each for each in missing if each.kind != "model"]
    left = f"{len(rest)} not reviewed" if rest else "no model was asked"
    return Text(f"No findings in what was reviewed; {left}.", style="bold yellow")


def _counts(report: ReviewReport) -> Text:
    files = len({each.location.path for each in report.findings})
    text = Text(f"{_number(len(report.findings), 'finding')} in {_number(files, 'file')}: ", style="bold")
    parts = []
    for severity in Severity:
        count = sum(each.severity is severity for each in report.findings)
        if count:
            parts.append(Text(f"{count} {severity}", style=STYLES[severity]))
    return text + Text(", ", style="not bold").join(parts)


def _failing(report: ReviewReport) -> Iterator[Text]:
    level = report.fail_on
    if level != "never":
        count = sum(each.severity.reaches(level) for each in report.findings)
        if count:
            verb = "fails" if count == 1 else "fail"
            yield Text(f"{_number(count, 'finding')} at or above {level} {verb} this review (--fail-on).")


def _reviewed(report: ReviewReport) -> Iterator[str]:
    coverage, times = report.coverage, report.timings
    if coverage.files:
        engines = f" by {one_line(', '.join(coverage.engines))}" if coverage.engines else ""
        yield f"{_number(coverage.files, 'file')} reviewed{engines}{_seconds(times.total_s - times.model_s)}."
    if report.model and coverage.units:
        done = coverage.units_reviewed + coverage.units_cached
        cached = f" ({coverage.units_cached} from cache)" if coverage.units_cached else ""
        by = f"{one_line(report.model.name)}{cached}{_seconds(times.model_s)}"
        yield f"{done} of {_number(coverage.units, 'function')} reviewed by {by}."


def _seconds(seconds: float) -> str:
    return f" in {seconds:.1f} s" if seconds > 0 else ""


def _left_out(report: ReviewReport, glyphs: Glyphs) -> Iterator[str]:
    coverage = report.coverage
    counts = {
        "suppressed (--show-suppressed)": len(report.suppressed),
        f"under the thresholds{_under_thresholds(coverage.under_thresholds)}": coverage.findings_under_thresholds,
        "over --max-findings": coverage.findings_over_limit,
        "model claims dropped: their quote is not in the code": coverage.claims_dropped,
    }
    yield f" {glyphs.dot} ".join(f"{count} {what}" for what, count in counts.items() if count)
    unused = report.unused_suppressions
    if unused:
        more = f" and {len(unused) - LISTED} more" if len(unused) > LISTED else ""
        yield f"Suppressions that hid nothing: {', '.join(map(name, unused[:LISTED]))}{more}."
    if report.project_settings:
        yield f"The project's own settings apply: {', '.join(map(name, report.project_settings))}."


def _under_thresholds(under: UnderThresholds) -> str:
    """How serious the worst of them are, and what shows them; nothing where even the thorough profile does not."""
    worst = next((f" ({count} {severity})" for severity, count in under.by_severity.items()), "")
    if under.most_confidence < _THOROUGH or not worst:
        return worst
    which = "them" if under.least_confidence >= _THOROUGH else "some"
    return f"{worst}: --profile thorough shows {which}"


def _details(report: ReviewReport) -> Iterator[str]:
    model, times = report.model, report.timings
    if model:
        yield f"Model {name(model.name)} on {name(model.runtime)}: {one_line(model.why)}".removesuffix(": ")
        yield f"{model.calls} calls, {model.prompt_tokens:,} tokens read, {model.completion_tokens:,} written."
    yield f"Seconds: {times.collect_s:.2f} collecting, {times.static_s:.2f} static, {times.model_s:.2f} model."
    if report.coverage.files_ignored:
        yield f"{_number(report.coverage.files_ignored, 'file')} left out by ignore rules."


def _missing(missing: Sequence[NotReviewed], glyphs: Glyphs, *, limit: int) -> Iterator[Text]:
    if not missing:
        return
    yield Text()
    yield Text("Not reviewed", style="bold yellow")
    for each in missing[:limit]:
        told = f"code outside of functions: {each.told}" if each.kind == "unit" and not each.what else each.told
        yield Text.assemble("  ", (name(each.place), "bold"), f"  {one_line(told)}")
    if len(missing) > limit:
        yield Text(f"  {glyphs.more} and {len(missing) - limit} more, see --format json", style="dim")


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
