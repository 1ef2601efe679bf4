"""Parsing: every grammar loads, errors are placed, hostile depth does no harm."""

import threading

import pytest

from sutazai.errors.syntax import SourceTooLarge, SourceTooTangled, SyntaxUnavailable
from sutazai.syntax import parse as module
from sutazai.syntax.languages import LANGUAGES, Language
from sutazai.syntax.parse import MAX_CHARS, parse, walk

GRAMMARS = sorted(each.name for each in LANGUAGES.values() if each.grammar)


@pytest.mark.parametrize("language", GRAMMARS)
def test_every_grammar_of_the_table_loads(language: str):
    """An empty text is fine in all of them."""
    tree = parse("", language)
    assert not tree.has_error
    assert tree.first_error() is None


@pytest.mark.parametrize("language", ["yaml", "", "klingon"])
def test_a_language_without_a_grammar_is_refused(language: str):
    """Nobody gets an empty tree that looks like a clean one."""
    with pytest.raises(SyntaxUnavailable):
        parse("a: 1", language)


def test_a_grammar_that_is_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Some platforms lack a wheel."""
    monkeypatch.setitem(LANGUAGES, "klingon", Language("klingon", grammar=("tree_sitter_klingon", "language")))
    with pytest.raises(SyntaxUnavailable, match="klingon"):
        parse("", "klingon")


def test_text_over_the_limit_is_refused():
    """The limit itself is allowed."""
    parse(" " * MAX_CHARS, "python")
    with pytest.raises(SourceTooLarge):
        parse(" " * (MAX_CHARS + 1), "python")


@pytest.mark.parametrize(
    ("text", "place"),
    [("x = 1\n", None), ("x = 1\ny = (\n", (2, 5)), ("# é😀\r\rx = = 1\n", (3, 5)), ("x = 'é' 1 +\n", (1, 9))],
)
def test_the_first_error_is_placed_in_code_points(text: str, place: tuple[int, int] | None):
    """As an editor would show it."""
    found = parse(text, "python").first_error()
    assert (found is None) == (place is None)
    assert found is None or (found[0] == place[0] and found[1] <= place[1])


@pytest.mark.parametrize("text", ["(" * 200_000, "x = " + "(" * 100_000 + "1" + ")" * 100_000, "if x:\n" * 5_000])
def test_deep_nesting_overflows_nothing(text: str):
    """The depth of a tree is the author's to choose, so nothing may recurse over it."""
    tree = parse(text, "python")
    assert sum(1 for _ in walk(tree.root)) > 5_000
    tree.first_error()


def test_walk_keeps_the_order_of_the_text_and_stays_under_its_node():
    """A caller may prune, and siblings of the start are not visited."""
    tree = parse("def f():\n    a\ndef g():\n    b\n", "python")
    first = tree.root.named_children[0]
    assert [tree.text_of(node) for node in walk(first) if node.type == "identifier"] == ["f", "a"]
    assert [node.type for node in walk(first, into=lambda _: False)] == ["function_definition"]


def test_threads_do_not_disturb_one_another():
    """Each parse has a parser of its own."""
    results: list[str] = []

    def work(name: str):
        tree = parse(f"{name} = 1\n" * 2_000, "python")
        results.extend({tree.text_of(node) for node in walk(tree.root) if node.type == "identifier"})

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c", "d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    "text",
    [
        "".join(" " * depth + "if x:\n" for depth in range(600)),
        "if x:\n" + "    # a comment\n" * 20_000 + "    pass\n",
        "x = 1 " + "\\\n" * 20_000 + "+ 2\n",
    ],
)
def test_what_crashes_or_blocks_a_parser_never_gets_there(text: str):
    """Six hundred levels write over the scanner's memory; lines without code are looked through again and again."""
    with pytest.raises(SourceTooTangled):
        parse(text, "python")


def test_a_parse_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch):
    """Ambiguous text can be read in more ways than anyone waits for."""
    monkeypatch.setattr(module, "MAX_SECONDS", -1.0)
    with pytest.raises(SourceTooTangled, match="ways to read it"):
        parse("with a as b, " * 3_000, "python")
