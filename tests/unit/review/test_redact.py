"""Where a secret stands, nothing else quotes."""

from sutazai.review.redact import redacted, secret_lines, unquoted
from sutazai.sdk.finding import Category, Edit, Fix, Location, TraceStep
from tests.unit.review.made import made

SECRET = made(3, category=Category.SECRET, quote="", engines=("secrets",), message="A key starts with AKIA")


def fix_at(line: int) -> Fix:
    """A fix of one line."""
    place = Location(path="a.py", start_line=line, start_column=1, end_line=line, end_column=9)
    return Fix(description="change it", edits=(Edit(location=place, replacement="key = 'AKIA'"),), source="rule")


def test_lines_of_secrets_are_those_that_their_findings_span():
    long = made(7, to=9, category=Category.SECRET, path="b.py")
    assert secret_lines([SECRET, long, made(1)]) == {("a.py", 3), ("b.py", 7), ("b.py", 8), ("b.py", 9)}
    assert secret_lines([made(1)]) == frozenset()


def test_a_finding_on_such_a_line_loses_its_quote_and_its_fix():
    lines = secret_lines([SECRET])
    for finding in (made(3, fix=fix_at(3)), made(2, to=4, fix=fix_at(9)), made(1, fix=fix_at(3))):
        (bare,) = redacted([finding], lines)
        assert (bare.quote, bare.fix, bare.message) == ("", None, finding.message)


def test_findings_elsewhere_and_the_secret_itself_stay_as_they_are():
    others = [made(2, fix=fix_at(4)), made(3, path="b.py"), SECRET]
    assert redacted(others, secret_lines([SECRET])) == others
    assert redacted([made(3)], frozenset()) == [made(3)]


def test_words_of_a_model_are_hidden_there_and_those_of_an_engine_are_not():
    lines = secret_lines([SECRET])
    alone = made(3, engines=("model:claims",), explanation="AKIA is weak")
    joined = made(3, engines=("model:claims", "ruff"), explanation="AKIA is weak")
    weighed = made(3, engines=("ruff",), explanation="Use a parameter")
    shown = redacted([alone, joined, weighed], lines)
    assert [each.explanation for each in shown] == ["", "", "Use a parameter"]
    assert shown[0].message == "A finding on a line that holds a secret; its text is not shown"
    assert shown[1].message == shown[2].message == alone.message


def test_a_finding_without_its_text_is_otherwise_the_same():
    step = TraceStep(location=SECRET.location, note="comes in")
    finding = made(3, fix=fix_at(3), trace=(step,))
    assert unquoted(finding) == finding.but(quote="", fix=None)
