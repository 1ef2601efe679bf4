"""Jupyter notebooks: Markdown and code of the cells in order, with what they wrote as text, shortened."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sutazai.reading.decoding import decode_text
from sutazai.reading.draft import Draft
from sutazai.reading.failure import Broken
from sutazai.reading.formats.markdown import block_reader, write_markdown

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_OUTPUT_LINES: Final = 20
_OUTPUT_CHARS: Final = 2_000


def parse(data: bytes, draft: Draft) -> None:
    """Reads a notebook."""
    try:
        notebook = json.loads(decode_text(data))
    except (ValueError, RecursionError) as error:
        raise Broken("its JSON cannot be read") from error
    cells = _cells(notebook)
    if cells is None:
        raise Broken("it has no cells")
    title = _of(_of(notebook, "metadata"), "title")
    draft.title = title if isinstance(title, str) else ""
    reader = block_reader()
    for cell in cells:
        _write_cell(cell, draft, reader)


def _cells(notebook: Any) -> list[Any] | None:
    """The cells: of the notebook, or of the one worksheet that old ones hold."""
    cells = _of(notebook, "cells")
    if not isinstance(cells, list):
        sheets = _of(notebook, "worksheets")
        cells = _of(sheets[0], "cells") if isinstance(sheets, list) and sheets else None
    return cells if isinstance(cells, list) else None


def _write_cell(cell: Any, draft: Draft, reader: "MarkdownIt") -> None:
    kind = _of(cell, "cell_type")
    source = _joined(_of(cell, "source") or _of(cell, "input"))
    if kind == "code":
        draft.code(source)
        outputs = _of(cell, "outputs")
        for output in outputs if isinstance(outputs, list) else ():
            for text in _shown(output):
                draft.code(_shortened(text))
    elif kind == "markdown":
        write_markdown(source.strip(), draft, reader)
    elif kind == "heading":
        level = _of(cell, "level")
        draft.heading(level if isinstance(level, int) else 1, source)
    else:
        draft.paragraph(source)


def _shown(output: Any) -> Iterator[str]:
    """What an output shows as text; what ends a cell by an error shows its name and message."""
    if _of(output, "output_type") == "error":
        yield f"{_joined(_of(output, 'ename'))}: {_joined(_of(output, 'evalue'))}"
        return
    yield _joined(_of(output, "text"))
    yield _joined(_of(_of(output, "data"), "text/plain"))


def _shortened(text: str) -> str:
    lines = text.strip("\n").split("\n")
    kept = "\n".join(lines[:_OUTPUT_LINES])[:_OUTPUT_CHARS]
    return kept if len(lines) <= _OUTPUT_LINES and len(kept) < _OUTPUT_CHARS else f"{kept}\n…"


def _of(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, Mapping) else None


def _joined(value: Any) -> str:
    """Text that notebooks keep as one string or as its lines."""
    if isinstance(value, list):
        return "".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""
