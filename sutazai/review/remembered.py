"""What a model found in a file when it was last reviewed: told again without asking, where the text still stands."""

from typing import Any, Final

from pydantic import ValidationError

from sutazai.errors.base import SutazAIError
from sutazai.review.weigh import only_model
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.events import Note
from sutazai.sdk.finding import Finding
from sutazai.sdk.source import SourceFile

_RUNS: Final = 20


async def remembered_findings(source: SourceFile, root: str, context: AgentContext) -> list[Finding]:
    """The model's findings of the newest review that reported any of the file, those whose quote still stands there.

    Args:
        source: the file as it is now.
        root: the project it was reviewed in.
        context: gives the history; one that cannot be read is no reason to fail.
    """
    try:
        stored = await _reported(source.path, root, context)
    except SutazAIError as error:
        context.emit(Note(level="warning", text=f"earlier reviews cannot be read: {error.message}"))
        return []
    findings = [each for each in map(_parsed, stored) if each is not None and only_model(each)]
    return [each for each in findings if _stands(each, source)]


async def _reported(path: str, root: str, context: AgentContext) -> list[dict[str, Any]]:
    """The findings of the file in the newest review that had some, as stored; nothing if none had."""
    history = await context.history()
    for listed in await history.runs(limit=_RUNS, root=root):
        run = await history.get(listed.id) if listed.capability == "code.review" else None
        found = run.report.get("findings", []) if run else []
        ours = [each for each in found if each.get("location", {}).get("path") == path]
        if ours:
            return ours
    return []


def _parsed(stored: dict[str, Any]) -> Finding | None:
    try:
        return Finding.model_validate(stored)
    except ValidationError:  # of a later version
        return None


def _stands(finding: Finding, source: SourceFile) -> bool:
    from sutazai.syntax.positions import Positions  # noqa: PLC0415 (loaded only when used)

    positions, at = Positions(source.text), finding.location
    first, last = positions.offset(at.start_line, at.start_column), positions.offset(at.end_line, at.end_column)
    return bool(finding.quote) and source.text[first:last] == finding.quote
