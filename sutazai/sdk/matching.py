"""What a filter of documents means, for everybody who searches them. Pure: decides of one chunk, never of a store.

Text is compared exactly. A chunk without pages, or a document without the date asked for, satisfies only `!=`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any, Final

from sutazai.sdk.document import Chunk, Combined, Condition, DocumentRecord, Filter

_ORDERED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_GLOB_PARTS: Final = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_GLOB_MEANING: Final = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def glob_regex(glob: str) -> str:
    """A regular expression for whole names: `*` and `?` stay within a folder, `**` does not."""
    parts = _GLOB_PARTS.findall(glob)
    return "".join(_GLOB_MEANING.get(part) or re.escape(part) for part in parts)


def matches(where: Filter | None, record: DocumentRecord, chunk: Chunk) -> bool:
    """Whether a chunk of a document is among those that a filter asks for."""
    if where is None:
        return True
    if isinstance(where, Condition):
        return _holds(where, record, chunk)
    parts = (matches(part, record, chunk) for part in where.parts)
    return _combined(where, parts)


def _combined(where: Combined, parts: Any) -> bool:
    if where.operator == "not":
        return not next(parts)
    return all(parts) if where.operator == "and" else any(parts)


def _holds(condition: Condition, record: DocumentRecord, chunk: Chunk) -> bool:
    if condition.operator == "!=":
        return not _meets("=", condition.value, condition.field, record, chunk)
    return _meets(condition.operator, condition.value, condition.field, record, chunk)


def _meets(operator: str, value: str | int | datetime, field: str, record: DocumentRecord, chunk: Chunk) -> bool:
    if field == "page":
        return chunk.page > 0 and _meets_pages(operator, int(str(value)), chunk.page, chunk.end_page or chunk.page)
    if field == "tag":
        return any(_compares(operator, f"{key}={text}", value) for key, text in record.tags.items())
    found = chunk.symbol if field == "symbol" else record.id if field == "document" else getattr(record, field)
    return found is not None and _compares(operator, found, value)


def _meets_pages(operator: str, value: int, first: int, last: int) -> bool:
    """Whether any page of the chunk meets the condition."""
    if operator == "=":
        return first <= value <= last
    return _compares(operator, first if operator in {"<", "<="} else last, value)


def _compares(operator: str, found: Any, value: Any) -> bool:
    if operator == "~":
        return re.fullmatch(glob_regex(str(value)), found, re.DOTALL) is not None
    compare = _ORDERED.get(operator)
    return compare(found, value) if compare else bool(found == value)
