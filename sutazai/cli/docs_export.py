"""Documents with their text as JSON, JSON Lines and Markdown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from sutazai.cli.calling import as_json
from sutazai.rag.report import ExportedDocument, ExportReport, Passage
from sutazai.review.formats.markdown_text import code_span, escape, fence


def text_of(passages: Sequence[Passage]) -> str:
    """The text of a document from its passages, what neighbours share only once."""
    pieces: list[str] = []
    reached = 0
    for passage in sorted(passages, key=lambda each: each.start):
        if passage.start > reached and pieces:
            pieces.append("\n\n")
        pieces.append(passage.text[max(0, reached - passage.start) :])
        reached = max(reached, passage.end)
    return "".join(pieces)


def _json(report: ExportReport) -> str:
    return as_json(report)


def _jsonl(report: ExportReport) -> str:
    return "".join(as_json(each, indent=None) for each in report.documents)


def _markdown(report: ExportReport) -> str:
    return "\n".join(_section(each) for each in report.documents)


def _section(exported: ExportedDocument) -> str:
    facts = "".join(f"- {label}: {code_span(value)}\n" for label, value in _facts(exported) if value)
    language = exported.document.language if exported.document.language.isalnum() else ""
    text = fence(text_of(exported.passages), language)
    return f"# {escape(exported.document.title or exported.document.name)}\n\n{facts}\n{text}"


def _facts(exported: ExportedDocument) -> Iterator[tuple[str, str]]:
    document = exported.document
    yield "name", document.name
    yield "source", document.source
    yield "format", document.format
    yield "pages", str(document.pages or "")
    yield "added", document.added_at.isoformat()
    yield from document.tags.items()


EXPORTS: Final[Mapping[str, Callable[[ExportReport], str]]] = MappingProxyType(
    {"json": _json, "jsonl": _jsonl, "markdown": _markdown}
)
