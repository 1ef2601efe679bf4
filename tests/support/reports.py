"""Reports for the tests of formats and faces: one real, and a strategy for hostile ones that skip validation."""

from hypothesis import strategies as st

from sutazai.review.report import Coverage, FileSkipped, ModelUsed, ReviewReport, RuleInfo, UnitCoverage
from sutazai.sdk.finding import Category, Edit, Finding, Fix, Location, Severity, Suppression, TraceStep

SOURCE = 'def find(name):\n    cursor.execute("SELECT * FROM users WHERE name = \'" + name + "\'")\n    return cursor\n'


def at(path: str = "app/db.py", line: int = 2, column: int = 5, *, width: int = 5) -> Location:
    """A place on one line."""
    return Location(path=path, start_line=line, start_column=column, end_line=line, end_column=column + width)


def finding(**changes: object) -> Finding:
    """A real finding of injection, with trace and fix."""
    quote = SOURCE.split("\n")[1].strip()
    base = Finding(
        rule="py-sql-injection",
        category=Category.SECURITY,
        severity=Severity.HIGH,
        confidence=0.92,
        cwe=(89,),
        location=at(width=len(quote)),
        symbol="find",
        quote=quote,
        message="SQL is built from the argument `name`",
        explanation="Whoever controls the name controls the query.\n\nPass it as a parameter.",
        trace=(
            TraceStep(location=at(line=1, column=10, width=4), note="`name` comes from the caller"),
            TraceStep(location=at(), note="it becomes part of a query"),
        ),
        fix=Fix(
            description="pass the value as a parameter",
            edits=(
                Edit(
                    location=at(width=len(quote)),
                    replacement='cursor.execute("SELECT * FROM users WHERE name = ?", (name,))',
                ),
            ),
            source="rule",
            verified=("parses", "finding gone"),
        ),
        engines=("taint",),
        fingerprint="v1:0123456789abcdef",
    )
    return base.but(**changes)


def report(**changes: object) -> ReviewReport:
    """A real report: findings of three severities in two files, one suppressed, some things not reviewed."""
    secret = finding(
        rule="secret-aws-key",
        category=Category.SECRET,
        severity=Severity.CRITICAL,
        confidence=1.0,
        cwe=(798,),
        location=at("app/keys.py", 3, 9, width=20),
        symbol="",
        quote="",
        message="An AWS access key stands in the code",
        explanation="",
        trace=(),
        fix=None,
        engines=("secrets",),
        fingerprint="v1:aaaa",
    )
    slip = finding(
        rule="model-slip",
        category=Category.BUG,
        severity=Severity.LOW,
        confidence=0.45,
        cwe=(),
        location=at(line=3, column=5, width=13),
        quote="return cursor",
        message="The rows are never fetched",
        explanation="",
        trace=(),
        fix=None,
        engines=("model",),
        fingerprint="v1:bbbb",
    )
    hidden = slip.but(suppressed=Suppression(by="comment", reason="checked by hand"), fingerprint="v1:cccc")
    sql = RuleInfo(
        id="py-sql-injection",
        title="SQL injection",
        category=Category.SECURITY,
        severity=Severity.HIGH,
        cwe=(89,),
        description="A query is built from text that others control.",
    )
    base = ReviewReport(
        version="0.1.0",
        root="/home/ann/project",
        findings=(secret, finding(), slip),
        suppressed=(hidden,),
        rules={"py-sql-injection": sql},
        coverage=Coverage(
            files=4,
            engines=("ruff", "secrets", "taint"),
            units=9,
            units_reviewed=5,
            units_cached=3,
            units_not_reviewed=(
                UnitCoverage(
                    path="app/db.py",
                    symbol="slow",
                    start_line=9,
                    end_line=80,
                    outcome="out_of_time",
                    reason="no time left",
                ),
            ),
            files_skipped=(FileSkipped(path="logo.png", reason="binary"),),
        ),
        model=ModelUsed(name="qwen2.5-coder:1.5b", runtime="embedded"),
    )
    return base.model_copy(update=changes)


def empty(**coverage: object) -> ReviewReport:
    """A report without findings."""
    return ReviewReport(coverage=Coverage(files=2, engines=("ruff",), **coverage))


HOSTILE = (
    "\ud800", "-->", "]]>", "```", "~~~", "\x1b[31m", "\x9b2J", "\n", "\r\n", "\u2028", "::error::x", "%0A", "a,b:c%",
    "<script>", "|", "@ann", "[x](http://evil)", "\u202e", "\x00", "&amp;", "{0}", "\t", "日本", "[bold]",
)  # fmt: skip
hostile_text = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=8), max_size=4).map("".join)
_places = st.builds(
    lambda path, line, column: Location.model_construct(
        path=path, start_line=line, start_column=column, end_line=line, end_column=column + 3
    ),
    hostile_text,
    st.integers(1, 9),
    st.integers(1, 99),
)
_fixes = st.builds(
    lambda place, text: Fix.model_construct(
        description=text,
        edits=(Edit.model_construct(location=place, replacement=text),),
        source="model",
        verified=(text,),
    ),
    _places,
    hostile_text,
)
hostile_findings = st.builds(
    Finding.model_construct,
    rule=hostile_text.map(lambda text: "r" + text.replace("\ud800", "")),
    category=st.sampled_from(Category),
    severity=st.sampled_from(Severity),
    confidence=st.floats(0, 1),
    cwe=st.sampled_from([(), (78,)]),
    location=_places,
    symbol=hostile_text,
    quote=hostile_text,
    message=hostile_text,
    explanation=hostile_text,
    trace=st.lists(
        st.builds(lambda place, note: TraceStep.model_construct(location=place, note=note), _places, hostile_text),
        max_size=2,
    ).map(tuple),
    fix=st.none() | _fixes,
    engines=st.just(("x",)),
    fingerprint=st.sampled_from(["", "v1:a"]),
    suppressed=st.none(),
)
_suppressed = hostile_findings.map(
    lambda each: each.but(suppressed=Suppression.model_construct(by="baseline", reason=each.message))
)
_coverages = st.builds(
    lambda text: Coverage.model_construct(
        files=1,
        engines=(text,),
        units_not_reviewed=(
            UnitCoverage.model_construct(
                path=text, symbol=text, start_line=1, end_line=2, outcome="failed", reason=text
            ),
        ),
        files_skipped=(FileSkipped.model_construct(path=text, reason=text, engine="", named=False),),
        model_notice=text,
    ),
    hostile_text,
)
hostile_reports = st.builds(
    lambda findings, suppressed, coverage, text: ReviewReport.model_construct(
        findings=tuple(findings), suppressed=tuple(suppressed), coverage=coverage, root=text
    ),
    st.lists(hostile_findings, max_size=3),
    st.lists(_suppressed, max_size=1),
    _coverages,
    hostile_text,
)
