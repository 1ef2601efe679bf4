"""Findings from what reached a sink: places in code points, the trace from source to sink, the words of the rule."""

from collections.abc import Callable

from sutazai.analysis.places import Places
from sutazai.analysis.taint.machine import Hit
from sutazai.analysis.taint.tables import Kind
from sutazai.sdk.finding import Finding, Location, Severity, TraceStep
from sutazai.syntax.parse import Tree

TreeOf = Callable[[str], tuple[str, Tree]]


class Reporting:
    """Turns hits into findings.

    Args:
        tree_of: the text and the tree of a file by its path.
    """

    def __init__(self, tree_of: TreeOf) -> None:
        self._tree_of = tree_of
        self._places: dict[str, Places] = {}

    def finding(self, hit: Hit, kind: Kind) -> Finding:
        """The finding of a hit."""
        text, _ = self._tree_of(hit.path)
        start, end = self._span(hit.path, hit.start, hit.end)
        rule = kind.rule
        by_caller = hit.taint.source.kind == "param"
        return Finding(
            rule=rule.id,
            category=rule.category,
            severity=Severity.HIGH if by_caller and rule.severity is Severity.CRITICAL else rule.severity,
            confidence=hit.confidence,
            cwe=rule.cwe,
            location=self._at(hit.path).location(hit.path, start, end),
            symbol=hit.symbol,
            quote=text[start:end],
            # Who calls is not known here: nothing says yet that a stranger's data comes this way.
            message=kind.message.replace("Outside data", "A caller's value", 1) if by_caller else kind.message,
            explanation=rule.description,
            trace=tuple(self._trace(hit)),
            engines=("taint",),
        )

    def _trace(self, hit: Hit) -> list[TraceStep]:
        steps: list[TraceStep] = []
        step = hit.taint.step
        while True:
            steps.append(TraceStep(location=self._location(step.path, step.start, step.end), note=step.note))
            if step.before is None:
                break
            step = step.before
        steps.reverse()
        steps.append(TraceStep(location=self._location(hit.path, hit.start, hit.end), note="used here"))
        return steps

    def _at(self, path: str) -> Places:
        if path not in self._places:
            self._places[path] = Places(self._tree_of(path)[0])
        return self._places[path]

    def _span(self, path: str, start: int, end: int) -> tuple[int, int]:
        positions = self._tree_of(path)[1].positions
        first = positions.from_byte(start)
        return self._at(path).quotable(first, max(positions.from_byte(end), first + 1))

    def _location(self, path: str, start: int, end: int) -> Location:
        return self._at(path).location(path, *self._span(path, start, end))
