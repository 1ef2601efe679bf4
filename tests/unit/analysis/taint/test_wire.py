"""What goes between the engine and its children arrives as it was, and what no child of ours says is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.analysis.taint.wire import (
    Request,
    WireError,
    decode_number,
    decode_report,
    decode_request,
    encode_failure,
    encode_number,
    encode_report,
    encode_request,
)
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.source import Skipped, SourceFile
from tests.unit.review.made import FINDINGS

TEXTS = st.text(st.characters(codec=None), max_size=20)
FILES = [SourceFile("a.py", "", "python"), SourceFile("b.py", "", "python")]


@given(st.lists(st.builds(SourceFile, TEXTS, TEXTS, st.just("python"), is_test=st.booleans()), max_size=3), TEXTS)
def test_a_request_arrives_as_it_was(files, row):
    """Lone surrogates too: a text may hold any."""
    request = Request(7, 0.5, (row,), tuple(files))
    assert decode_request(encode_request(request)) == request


@given(
    st.lists(FINDINGS, max_size=4), st.lists(st.builds(Skipped, st.sampled_from(["a.py", "b.py"]), TEXTS), max_size=2)
)
def test_a_report_arrives_as_it_was(findings, failed):
    report = AnalyzerReport(tuple(findings), tuple(failed))
    assert decode_report(encode_report(report), FILES) == report


@given(st.integers(0, 10**9 - 1))
def test_a_number_is_told_from_an_answer(at):
    assert decode_number(encode_number(at)) == at
    assert decode_number(encode_failure("3")) is None
    assert decode_number(b"9" * 10) is None
    assert decode_number(b"") is None


def test_the_word_that_there_is_nothing_is_no_report():
    with pytest.raises(WireError, match="no luck"):
        decode_report(encode_failure("no luck"), FILES)


@pytest.mark.parametrize("path", ["a.py", "c.py"])
def test_a_child_has_no_say_in_other_files(path):
    payload = encode_report(AnalyzerReport(failed=(Skipped(path, "odd"),)))
    if path == "a.py":
        assert decode_report(payload, FILES).failed[0].reason == "odd"
        return
    with pytest.raises(WireError, match="other files"):
        decode_report(payload, FILES)


@given(st.binary(max_size=30) | st.text(alphabet='[]{}":,0', max_size=30).map(str.encode) | st.just(b"[" * 100_000))
def test_any_other_bytes_are_refused(payload):
    with pytest.raises(WireError):
        decode_report(payload, FILES)
