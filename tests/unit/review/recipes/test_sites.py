"""The small edits of a unit: inside it, in order, one of each kind where it is expected."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.errors.syntax import SyntaxUnavailable
from sutazai.review.recipes import slips
from sutazai.review.recipes.sites import sites


def edits(text, language="python", *, variables=False):
    return {
        (text[slip.start : slip.end], slip.replacement, slip.rule)
        for site in sites(text, language, variables=variables)
        for slip in site.slips
    }


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("def f(a, b):\n    return a < b\n", ("<", "<=", slips.BOUNDARY)),
        ("def f(a, b):\n    return a < b\n", ("<", ">", slips.COMPARISON)),
        ("def f(a, b):\n    return a == b\n", ("==", "!=", slips.COMPARISON)),
        ("def f(a, b):\n    return a and b\n", ("and", "or", slips.BOOLEAN)),
        ("def f(a, b):\n    return a not in b\n", ("not in", "in", slips.NEGATION)),
        ("def f(a):\n    return a is not None\n", ("is not", "is", slips.NEGATION)),
        ("def f(a):\n    return not a\n", ("not ", "", slips.NEGATION)),
        ("def f(a):\n    if a:\n        pass\n", ("", "not ", slips.NEGATION)),
        ("def f(a, b):\n    return a + b\n", ("+", "-", slips.OPERATOR)),
        ("def f(a, b):\n    a += b\n", ("+=", "-=", slips.OPERATOR)),
        ("def f(a):\n    return a[1]\n", ("1", "0", slips.CONSTANT)),
        ("def f(a):\n    return a[10]\n", ("10", "11", slips.CONSTANT)),
        ("def f(a):\n    return True\n", ("True", "False", slips.CONSTANT)),
        ("def f(a):\n    return max(a)\n", ("max", "min", slips.NAME)),
        ("def f(a):\n    return a.lstrip()\n", ("lstrip", "rstrip", slips.NAME)),
        ("def f(a, b):\n    a.remove(b)\n", ("remove", "discard", slips.NAME)),
        ("def f(a):\n    return list(a)\n", ("list", "sorted", slips.NAME)),
        ("def f(a, b):\n    g(a, b)\n", ("a, b", "b, a", slips.ORDER)),
        ("def f(a, b):\n    g(0, a.b, c=1)\n", ("0, a.b", "a.b, 0", slips.ORDER)),
        ("def f(a, b):\n    return a, b\n", ("a, b", "b, a", slips.ORDER)),
        ("def f(a, b):\n    return a - b\n", ("a - b", "b - a", slips.ORDER)),
        ("def f(start_x, end_x):\n    return start_x\n", ("start_x", "end_x", slips.NAME)),
        ("def f(a):\n    for b in a:\n        break\n", ("break", "continue", slips.JUMP)),
        ("def f(a, n):\n    return a[:n]\n", ("", " - 1", slips.OFFSET)),
        ("def f(a, n):\n    return a[n - 1]\n", (" - 1", "", slips.OFFSET)),
        ("def f(a):\n    b = a\n    b\n", ("", "return ", slips.RETURN)),
        (
            "def f(a):\n    for b in a:\n        print(b)\n        return b\n",
            ("        ", "    ", slips.DEPTH),
        ),
        (
            "def f(a):\n    for b in a:\n        print(b)\n    return a\n",
            ("    ", "        ", slips.DEPTH),
        ),
    ],
)
def test_a_slip_of_each_class_is_among_the_edits_of_python(text, edit):
    assert edit in edits(text)


@pytest.mark.parametrize(
    ("language", "text", "edit"),
    [
        ("javascript", "function f(a, b) { return a < b && a !== 1; }", ("<", "<=", slips.BOUNDARY)),
        ("javascript", "function f(a, b) { return a < b && a !== 1; }", ("&&", "||", slips.BOOLEAN)),
        ("javascript", "function f(a, b) { return a < b && a !== 1; }", ("!==", "===", slips.COMPARISON)),
        ("typescript", "function f(a: number): boolean { return !a; }", ("!", "", slips.NEGATION)),
        ("go", "package p\nfunc f(a int) int { return a - 1 }", ("-", "+", slips.OPERATOR)),
        ("java", "class A { int f(int a) { return a >= 2 ? 1 : 0; } }", (">=", ">", slips.BOUNDARY)),
        ("rust", "fn f(a: i32) -> bool { a == 1 || true }", ("true", "false", slips.CONSTANT)),
        ("c", "int f(int a) { while (a) { break; } return a % 2; }", ("break", "continue", slips.JUMP)),
        ("cpp", "int f(int a) { return a << 1; }", ("<<", ">>", slips.OPERATOR)),
    ],
)
def test_the_common_operators_of_other_languages_are_sites_too(language, text, edit):
    assert edit in edits(text, language)


def test_a_name_is_tried_for_names_bound_before_it_only():
    text = "def f(left, right):\n    both = left + right\n    rest = both\n    return rest\n"
    found = edits(text, variables=True)
    assert ("both", "left", slips.VARIABLE) in found
    assert ("left", "rest", slips.VARIABLE) not in found
    assert ("left", "left", slips.VARIABLE) not in found


@pytest.mark.parametrize(
    "text",
    [
        "def f(a: int | None) -> int: ...\n",
        "# a < b and 1\n",
        'def f():\n    return "a < b"\n',
        "from a import b\n",
        "@cached(1)\ndef f(): ...\n",
    ],
)
def test_types_comments_strings_imports_and_decorators_have_no_sites(text):
    assert edits(text) == set()


def test_a_prompt_ends_before_the_space_of_an_operator_but_behind_the_space_of_a_number():
    text = "def f(a):\n    return a < 1\n"
    cuts = {text[: site.cut] for site in sites(text, "python", variables=False)}
    assert {"def f(a):\n    return a", "def f(a):\n    return a < "} <= cuts


def test_only_the_last_digit_of_a_longer_number_is_asked_for():
    text = "def f(a):\n    return a[60]\n"
    [site] = [
        each for each in sites(text, "python", variables=False) if each.slips and each.slips[0].rule == slips.CONSTANT
    ]
    assert text[: site.cut].endswith("[6")


def test_a_language_without_a_grammar_is_named():
    with pytest.raises(SyntaxUnavailable):
        sites("x", "klingon")


_PIECES = st.sampled_from(
    [
        *(
            "def",
            "f",
            "(",
            "a",
            ",",
            "b",
            ")",
            ":",
            "\n",
            "\n    ",
            "return",
            "if",
            "not",
            "<",
            "==",
            "1",
            "0",
            "12",
            "+",
            "-",
        ),
        *("[", "]", "and", "or", "é", "𝄞", "'x'", "for", "in", "is not", "while", "break", "+=", "True", "x.min", ";"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(text=st.lists(_PIECES, max_size=25).map(" ".join), variables=st.booleans())
def test_sites_of_any_text_are_in_order_and_inside_it(text, variables):
    found = sites(text, "python", variables=variables)
    assert [each.cut for each in found] == sorted({each.cut for each in found})
    for site in found:
        assert site.slips
        for slip in site.slips:
            assert 0 <= site.cut <= slip.end <= len(text)
            assert slip.start <= slip.end
            assert text[slip.start : slip.end] != slip.replacement
            assert slip.rule


def test_long_and_other_numbers_are_left_alone():
    assert slips.other_numbers("86400") == []
    assert slips.other_numbers("0x7E") == []
    assert slips.other_numbers("0") == ["1", "2"]
    assert slips.other_numbers("9") == ["8"]


def test_a_default_of_a_parameter_is_a_choice():
    assert edits("def f(a=1, b=True, c: int = 2): ...\n") == set()


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n    g(a, a)\n",
        "def f(a, b):\n    g(a, b=b)\n",
        "def f(a, b):\n    g(*a, *b)\n",
        "def f(a):\n    return a / 2\n",
        "def f(a, b):\n    return a + b\n",
        "def f(a, b):\n    g(\n        a,\n        b,\n    )\n",
    ],
)
def test_what_has_no_order_of_its_own_is_not_swapped(text):
    assert slips.ORDER not in {rule for _, _, rule in edits(text)}


def test_an_argument_is_not_tried_for_its_neighbour_where_both_may_be_swapped():
    tried = edits("def f(a, b, c):\n    g(a, b)\n", variables=True)
    assert ("a", "c", slips.VARIABLE) in tried
    assert ("a", "b", slips.VARIABLE) not in tried
    assert ("b", "a", slips.VARIABLE) in tried


def test_gaps_are_the_beginnings_of_statements_on_lines_of_their_own():
    text = (
        'def f(a):\n    """Text."""\n    # why\n    if a: return 1\n    for b in a:\n'
        "        first(b)\n        g(b); h(b)\n    return 2\n"
    )
    begun = [text[site.cut + 1 :].split(maxsplit=1)[0] for site in sites(text, "python") if site.gap]
    assert begun == ["if", "for", "g(b);", "return"]  # what a loop begins with stands there for the loop
    assert not any(site.gap for site in sites("function f(a) {\n  return a;\n}\n", "javascript"))


def test_a_name_is_tried_one_off_as_an_index_but_not_as_an_argument():
    """Any number may be an argument; only an index counts places."""
    text = "def f(rows, n):\n    return rows[n] + g(n) + g(len(rows))\n"
    offsets = [each for site in sites(text, "python") for each in site.slips if each.rule == slips.OFFSET]
    places = {text[: each.start].splitlines()[-1].strip() for each in offsets}
    assert places == {"return rows[n", "return rows[n] + g(n) + g(len(rows)"}
