"""Comments, baselines and dismissals hide what they name, keep their reason, and nothing more."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors.review import BaselineBroken
from sutazai.review.fingerprint import fingerprinted
from sutazai.review.suppress import baseline_text, by_baseline, by_comments, by_feedback, comments_of, moved_from
from sutazai.sdk.source import SourceFile
from tests.unit.review.made import FINDINGS, made


def comments(text: str, language: str = "python"):
    """The comments of a text."""
    return comments_of(SourceFile("a.py", text, language))


def hidden(text: str, *, language: str = "python", rule: str = "r", lines: int = 0) -> list[int]:
    """The lines on which a finding of `rule` is hidden."""
    count = lines or len(text.splitlines())
    found = by_comments([made(line, rule=rule) for line in range(1, count + 1)], comments(text, language))
    return [each.location.start_line for each in found if each.suppressed]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb  # sutazai: ignore\nc\n", [2]),
        ("a\nb  # sutazai: ignore[r] it is fine\nc\n", [2]),
        ("a\nb  # sutazai: ignore[other, r] fine\n", [2]),
        ("a\nb  # sutazai: ignore[other]\n", []),
        ("a\n# sutazai: ignore[r]\nb\nc\n", [3]),
        ("a\n    # sutazai: ignore[r]\n\n    b\nc\n", [4]),
        ("a\n# sutazai: ignore[x] one\n# sutazai: ignore[r] two\nb\nc\n", [4]),
        ("a\n# sutazai: ignore[r] one\n# sutazai: ignore[x] two\nb\nc\n", [4]),
        ("# sutazai: ignore-file[r] generated\na\nb\n", [1, 2, 3]),
        ("# sutazai: ignore-file\na\n", [1, 2]),
        ("a  # sutazai: ignore[]\n", []),
        ("a  # sutazai: ignore[ , ]\n", []),
        ("a  # sutazai: ignore[r\n", []),
        ("a  # sutazai: ignorers\n", []),
        ("a  # sutazai: ignore-files\n", []),
        ("a  # sutazai:ignore\n", [1]),
        ("a  #sutazai: ignore\n", [1]),
        ("a  # sutazai: disable\n", []),
        ("a  # noqa # sutazai: ignore[r]\n", [1]),
        ("a = '# sutazai: ignore'\n", []),
        ("a = f'# sutazai: ignore {b}'\n", []),
        ('"""\n# sutazai: ignore-file\n"""\na\n', []),
        ("a = '# sutazai: ignore[x]'  # sutazai: ignore[r]\n", [1]),
        ("a  # sutazai: ignore[x] one # sutazai: ignore[r] two\n", [1]),
        ("a = '😀'  # sutazai: ignore[r]\n", [1]),
        ("a\r\nb  # sutazai: ignore[r]\r\nc\r\n", [2]),
        ("a\rb  # sutazai: ignore[r]\rc\r", [2]),
        ("a\n# sutazai: ignore[r]", []),
    ],
)
def test_a_comment_hides_what_it_names(text, expected):
    assert hidden(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("c", "a();\nb(); // sutazai: ignore[r] fine\n", [2]),
        ("c", "a();\n/* sutazai: ignore[r] fine */\nb();\n", [3]),
        ("c", "a();\n/* sutazai: ignore[r] fine */ b();\nc();\n", [2]),
        ("c", 'char *s = "// sutazai: ignore";\n', []),
        ("c", "#define A(x) // sutazai: ignore[r]\n", [1]),
        ("javascript", "a = `\n// sutazai: ignore\n`\nb\n", []),
        ("javascript", "a = `\nx`; // sutazai: ignore\n", [2]),
        ("go", "x := `// sutazai: ignore`\n", []),
        ("rust", 'let x = r#"// sutazai: ignore"#;\n', []),
        ("ruby", "x = <<A\n# sutazai: ignore-file\nA\n", []),
        ("bash", "cat <<E\n# sutazai: ignore-file\nE\n", []),
        ("sql", "select 1\nfrom a -- sutazai: ignore[r] fine\n", [2]),
        ("", "<p>\n<!-- sutazai: ignore[r] fine -->\n<b>\n", [3]),
        ("", "key: 1 # sutazai: ignore[r]\n", [1]),
    ],
)
def test_comments_are_read_in_the_ways_of_the_language(language, text, expected):
    assert hidden(text, language=language) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# sutazai: ignore[r]  because so  ", "because so"),
        ("/* sutazai: ignore[r] because so */  ", "because so"),
        ("<!-- sutazai: ignore because so -->", "because so"),
        ("# sutazai: ignore", ""),
        ("# sutazai: ignore " + "x" * 1000, "x" * 399),
    ],
)
def test_a_comment_keeps_its_reason(text, reason):
    assert [each.reason for each in comments(text, "")] == [reason]


def test_a_suppressed_finding_says_by_what_and_why():
    (found,) = by_comments([made(rule="r")], comments("a # sutazai: ignore[r] fine"))
    assert (found.suppressed.by, found.suppressed.reason) == ("comment", "fine")


def test_comments_that_hid_nothing_are_known():
    found = comments("a # sutazai: ignore[r]\nb # sutazai: ignore[x]\n")
    by_comments([made(1, rule="r"), made(2, rule="r"), made(2, rule="x", path="b.py")], found)
    assert [each.used for each in found] == [True, False]


def test_a_text_too_large_to_parse_is_still_read():
    assert hidden("a # sutazai: ignore\n" + "#" * 1_000_001, lines=2) == [1]


@given(
    st.text(st.sampled_from(list("# \n\r'\"[]r,sutazai:ignore-fl*/<>!\\😀\0"))), st.sampled_from(["python", "c", ""])
)
def test_any_text_is_read_and_every_comment_has_a_line(text, language):
    text = f"{text}# sutazai: ignore{text}"
    for each in comments(text, language):
        assert 1 <= each.line <= each.applies_to <= text.count("\n") + text.count("\r") + 2


@given(st.from_regex(r"[\w-]{1,20}(,[ ]?[\w-]{1,20}){0,3}", fullmatch=True))
def test_every_rule_of_the_list_counts_and_no_other(names):
    (found,) = comments(f"a # sutazai: ignore[{names}] why")
    assert found.rules == {each.strip() for each in names.split(",")}


def test_a_dismissed_finding_is_hidden_with_its_reason():
    one, two = fingerprinted([made(1), made(2)])
    found = by_feedback([one, two], {one.fingerprint: "wrong"})
    assert [each.suppressed and each.suppressed.reason for each in found] == ["wrong", None]


def test_the_first_reason_counts():
    (one,) = fingerprinted([made(1, rule="r")])
    (commented,) = by_comments([one], comments("a # sutazai: ignore fine"))
    assert by_feedback([commented], {one.fingerprint: "wrong"}) == [commented]
    assert by_baseline([commented], baseline_text([one]), "b") == [commented]


def known(findings, *before) -> list[bool]:
    """Which findings a baseline of `before` hides."""
    text = baseline_text(fingerprinted(before))
    return [each.suppressed is not None for each in by_baseline(fingerprinted(findings), text, "known.json")]


def test_a_baseline_hides_what_it_knows_where_lines_moved_and_files_moved():
    assert known([made(1)], made(1)) == [True]
    assert known([made(90, quote="run(\n    x)".replace("(\n    ", "("))], made(1)) == [True]
    assert known([made(1, path="new/place.py")], made(1)) == [True]


def test_a_baseline_hides_nothing_new():
    assert known([made(1, symbol="other")], made(1)) == [False]
    assert known([made(1), made(2)], made(1)) == [True, False]
    assert known([made(1), made(1, path="copy.py")], made(1)) == [True, False]
    assert known([made(1, path="b.py"), made(1, path="c.py")], made(1)) == [True, False]
    assert known([], made(1)) == []


def test_a_baseline_says_that_it_hid():
    one = fingerprinted([made(1)])
    assert by_baseline(one, baseline_text(one), "known.json")[0].suppressed.reason == "known in known.json"


@given(st.lists(FINDINGS, max_size=6))
def test_a_baseline_hides_all_it_was_written_from_and_is_the_same_in_any_order(findings):
    found = fingerprinted(findings)
    assert all(each.suppressed for each in by_baseline(found, baseline_text(found), "b"))
    assert baseline_text(found) == baseline_text(found[::-1])
    assert "run(x)" not in baseline_text(found)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["schema", "findings", "fingerprint", "moved"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_a_baseline_or_refused_as_none(data):
    if isinstance(data, dict):
        data["schema"] = "sutazai.baseline/1"
    try:
        by_baseline([made()], json.dumps(data), "known.json")
    except BaselineBroken as error:
        assert "known.json is not a baseline" in error.message  # noqa: PT017 (both ends are right)
    else:
        assert isinstance(data["findings"], list)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "[" * 100_000, '{"schema": "other", "findings": []}', '{"schema": "sutazai.baseline/1"}',
     '{"schema": "sutazai.baseline/1", "findings": {}}', '{"schema": "sutazai.baseline/1", "findings": [{}]}'],
)  # fmt: skip
def test_what_is_no_baseline_is_refused(text):
    with pytest.raises(BaselineBroken):
        by_baseline([], text, "known.json")


def test_findings_of_other_files_are_not_hidden():
    (found,) = by_comments([made(1, path="b.py", rule="r")], comments("a # sutazai: ignore"))
    assert found.suppressed is None


def test_a_text_without_our_name_holds_no_comment():
    assert comments("a # noqa\n") == []


def test_a_copy_is_not_hidden_while_the_file_it_came_from_is_only_not_looked_at():
    text = baseline_text(fingerprinted([made(1, path="old.py"), made(1, path="other.py", symbol="g")]))
    (copy,) = fingerprinted([made(1, path="copy.py")])
    assert moved_from([copy], text, "b") == {"old.py"}
    assert by_baseline([copy], text, "b")[0].suppressed
    assert by_baseline([copy], text, "b", not_looked_at={"old.py"}) == [copy]


def test_what_is_still_where_it_was_came_from_nowhere():
    found = fingerprinted([made(1), made(1, path="b.py")])
    assert moved_from(found, baseline_text(found), "b") == set()
