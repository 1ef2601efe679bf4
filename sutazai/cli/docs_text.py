"""What became of documents and collections as text: lists, summaries and what was skipped.

Names and texts of documents are printed as they are seen, never as they would steer a terminal or as markup.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich.text import Text

from sutazai.cli.answer_text import show_skipped
from sutazai.cli.page import Page
from sutazai.cli.passage_text import show_passages
from sutazai.rag.report import (
    AddReport,
    CollectionsReport,
    DocumentInfo,
    ListReport,
    ReindexReport,
    RemoveReport,
    SearchReport,
    ShowReport,
)
from sutazai.review.formats.untrusted import name, one_line

LISTED: Final = 20
_NAMED: Final = 5
_ID: Final = 10
_LABEL: Final = 10
_MEGABYTE: Final = 1_000_000


def amount(count: int, noun: str) -> str:
    """A number of things."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def size(size_bytes: int) -> str:
    """Bytes in a unit that fits."""
    return f"{size_bytes / _MEGABYTE:.1f} MB" if size_bytes >= _MEGABYTE else f"{size_bytes / 1000:.1f} kB"


def show_added(page: Page, report: AddReport, *, verbose: bool = False) -> None:
    """What became of the files: counts, what rules left out, then everything that was skipped.

    Args:
        page: where it is shown.
        report: of one call.
        verbose: whether all that was left out is named, not only the first few.
    """
    groups = (("added", report.added), ("changed", report.changed), ("removed", report.removed))
    counts = [f"{len(names)} {verb}" for verb, names in groups if names]
    counts += [f"{len(report.unchanged)} unchanged"] if report.unchanged else []
    done = ", ".join(counts) or "nothing added"
    page.text(Text.assemble((name(report.collection), "bold"), f": {done}"))
    if report.chunks:
        computed = f" ({report.embedded} embedded anew)" if report.embedded != report.chunks else ""
        page.text(f"{amount(report.chunks, 'passage')}{computed} in {report.seconds:.1f} s", style="dim")
    _show_left_out(page, report, verbose=verbose)
    show_skipped(page, report.skipped, "skipped")


def _show_left_out(page: Page, report: AddReport, *, verbose: bool) -> None:
    untold = report.ignored_count - sum(each.count for each in report.ignored)
    if untold:
        page.text(f"{amount(untold, 'file')} left out by ignore rules and --exclude", style="dim")
    for each in report.ignored:
        shown = each.names if verbose else each.names[:_NAMED]
        more = f" and {each.count - len(shown)} more{'' if verbose else ' (-v names them)'}"
        names = ", ".join(map(name, shown)) + (more if each.count > len(shown) else "")
        page.text(f"{each.count} left out, {each.reason}: {names}", style="dim", hanging=2)
    if report.ignored:
        page.text("To take one of these all the same, name the file itself: `sutazai docs add FILE`", style="dim")


def show_list(page: Page, report: ListReport) -> None:
    """One line for each document."""
    if not report.documents:
        page.text(f"{name(report.collection)} holds no documents: `sutazai docs add PATH` adds some.")
        return
    for each in report.documents:
        pages = amount(each.pages, "page") if each.pages else ""
        figures = f"{each.format:<9}{pages:>10}  {amount(each.chunks, 'passage'):>13}  {size(each.size_bytes):>9}"
        page.line(Text.assemble((f"{each.id[:_ID]:<{_ID}}  ", "dim"), f"{name(figures)}  ", (name(each.name), "bold")))


def show_document(page: Page, report: ShowReport, *, passages: bool) -> None:
    """A document with its headings; its passages too if asked for."""
    page.text(name(report.document.name), style="bold underline")
    for label, value in _facts(report.document):
        if value:
            page.labelled(Text(label, style="dim"), value, width=_LABEL, indent=2)
    for note in report.document.notes:
        page.labelled(Text("note", style="yellow"), one_line(note), width=_LABEL, indent=2)
    if report.headings:
        page.blank()
        page.text("Headings", style="bold")
        for heading in report.headings:
            page.text(one_line(heading), indent=2, hanging=2)
    if passages:
        page.blank()
        show_passages(page, report.passages, lines=0)


def _facts(document: DocumentInfo) -> list[tuple[str, str]]:
    tags = ", ".join(f"{one_line(key)}={one_line(value)}" for key, value in document.tags.items())
    kind = f"{document.format} ({document.language})" if document.language else document.format
    length = [amount(document.pages, "page")] if document.pages else []
    length += [amount(document.characters, "character"), amount(document.chunks, "passage")]
    return [
        ("title", one_line(document.title)),
        ("id", name(document.id)),
        ("source", name(document.source)),
        ("format", name(kind)),
        ("length", ", ".join(length)),
        ("size", size(document.size_bytes)),
        ("added", _when(document.added_at)),
        ("modified", _when(document.modified_at)),
        ("tags", tags),
    ]


def _when(at: datetime | None) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M") if at else ""


def show_removed(page: Page, report: RemoveReport) -> None:
    """What is gone."""
    if report.collection_removed:
        page.text(f"the collection {name(report.collection)} is gone")
        return
    page.text(f"{amount(len(report.removed), 'document')} removed from {name(report.collection)}")
    for each in report.removed[:LISTED]:
        page.text(name(each), indent=2)


def show_found(page: Page, report: SearchReport, *, full: bool) -> None:
    """The passages, best first, and what a person should know of them."""
    if not report.passages:
        page.text(f"Nothing was found in {name(report.collection)}.")
    show_passages(page, report.passages, **({"lines": 0} if full else {}))
    _notes(page, report.notes)


def _notes(page: Page, notes: Sequence[str]) -> None:
    for note in notes:
        page.text(one_line(note), style="yellow")


def show_reindexed(page: Page, report: ReindexReport) -> None:
    """Which weights made the vectors now."""
    was = f" (before: {name(report.before)})" if report.before and report.before != report.embedder else ""
    done = f"{amount(report.chunks, 'passage')} embedded in {report.seconds:.1f} s"
    page.text(f"{name(report.collection)}: vectors by {name(report.embedder)}{was}, {done}")


def show_collections(page: Page, report: CollectionsReport) -> None:
    """One line for each collection."""
    if not report.collections:
        page.text("There are no collections yet: `sutazai docs add PATH` makes one.")
    for each in report.collections:
        figures = f"{amount(each.documents, 'document')}, {amount(each.chunks, 'passage')}, {size(each.size_bytes)}"
        by = f"  by {name(each.embedder)} ({name(each.runtime)}, {each.dimensions} dimensions)"
        page.line(Text.assemble((name(each.name), "bold"), f"  {figures}", (by, "dim")))
