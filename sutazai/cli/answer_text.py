"""An answer as text: what streaming has not shown of it, its sources, and what was left out of it and why."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from sutazai.cli.page import Page
from sutazai.cli.passage_text import show_passages, show_sources
from sutazai.rag.answer_marks import bare
from sutazai.rag.report import AnswerReport, Skip, Source, Struck, SummaryReport
from sutazai.review.formats.untrusted import name, one_line

_LISTED: Final = 20
_STRUCK_CELLS: Final = 200
_NEAREST: Final = 3
_NEAREST_LINES: Final = 3


def show_answer(
    page: Page, report: AnswerReport, *, streamed: str = "", verbose: bool = False, quotes: bool = True
) -> None:
    """The answer behind what was streamed already, then its sources.

    Where no model wrote the passages are the answer; where the documents do not tell, the nearest ones follow.
    """
    page.rest(report.text, streamed)
    show_sources(page, _without_repeats(report.sources, report.text), quotes=quotes)
    if not report.found:
        show_passages(page, report.passages[:_NEAREST], lines=_NEAREST_LINES)
    elif not report.sources and report.model is None:
        show_passages(page, report.passages)
    for note in report.notes:
        page.text(one_line(note), style="yellow")
    _struck(page, report.struck, verbose=verbose)


def show_summary(page: Page, report: SummaryReport, *, streamed: str = "", verbose: bool = False) -> None:
    """The summary behind what was streamed already, its sources, and what it leaves out."""
    page.rest(report.text, streamed)
    show_sources(page, _without_repeats(report.sources, report.text))
    show_skipped(page, report.left_out, "left out")
    _struck(page, report.struck, verbose=verbose)


def _without_repeats(sources: Sequence[Source], text: str) -> list[Source]:
    """The sources without those of their words that stand in the answer already."""
    said = bare(text)
    return [
        each.model_copy(update={"quotes": tuple(quote for quote in each.quotes if bare(quote) not in said)})
        for each in sources
    ]


def show_skipped(page: Page, skipped: Sequence[Skip], verb: str) -> None:
    """What was not taken, with reasons, first what was asked for by name."""
    if not skipped:
        return
    page.text(f"{len(skipped)} {verb}:", style="bold yellow")
    ordered = sorted(skipped, key=lambda each: not each.named)
    for each in ordered[:_LISTED]:
        page.text(f"{name(each.name)}: {one_line(each.reason)}", indent=2, hanging=2)
        if each.named and each.hint:
            page.text(f"→ {one_line(each.hint)}", indent=4, hanging=2, style="dim")
    if len(ordered) > _LISTED:
        page.text(f"and {len(ordered) - _LISTED} more (--json lists all)", indent=2, style="dim")


def _struck(page: Page, struck: Sequence[Struck], *, verbose: bool) -> None:
    """How many sentences were left out; with `verbose` which ones and why."""
    if not struck:
        return
    several = "sentences were" if len(struck) > 1 else "sentence was"
    page.text(
        f"{len(struck)} {several} left out: the documents do not bear {'them' if len(struck) > 1 else 'it'} out",
        style="dim",
    )
    for each in struck if verbose else ():
        words = one_line(each.text)[:_STRUCK_CELLS]
        page.text(Text.assemble((words, "strike"), f" ({one_line(each.reason)})"), indent=2, hanging=2)
