"""Findings and code for tests of the review, and strategies that make them."""

from typing import Any

from hypothesis import strategies as st

from sutazai.sdk.finding import Category, Finding, Location, Severity


def made(line: int = 1, *, path: str = "a.py", column: int = 1, to: int = 0, width: int = 5, **changes: Any) -> Finding:
    """A finding of ruff about SQL at a line; the rest as asked for."""
    place = Location(path=path, start_line=line, start_column=column, end_line=to or line, end_column=column + width)
    values: dict[str, Any] = {
        "rule": "py-sql-injection",
        "category": Category.SECURITY,
        "severity": Severity.HIGH,
        "confidence": 0.5,
        "cwe": (89,),
        "location": place,
        "symbol": "find",
        "quote": "run(x)",
        "message": "SQL is put together from text",
        "engines": ("ruff",),
    }
    return Finding(**(values | changes))


ENGINES = st.sampled_from([("ruff",), ("patterns",), ("model:claims",), ("model:probe",), ("ruff", "model:adjudicate")])
FINDINGS = st.builds(
    made,
    st.integers(1, 6),
    path=st.sampled_from(["a.py", "b.py"]),
    column=st.integers(1, 8),
    to=st.just(0),
    width=st.integers(0, 6),
    confidence=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    severity=st.sampled_from(list(Severity)),
    category=st.sampled_from([Category.SECURITY, Category.BUG]),
    cwe=st.sampled_from([(), (89,), (78,), (89, 78)]),
    rule=st.sampled_from(["r1", "r2"]),
    engines=ENGINES,
    quote=st.sampled_from(["run(x)", "go( y )"]),
)
