"""What text an argument holds: names followed back, strings put together, harmless values left out."""

import pytest
from ast_grep_py import SgRoot
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.analysis import built
from sutazai.analysis.built import Texts
from sutazai.analysis.patterns import LANGUAGES, PatternsAnalyzer
from sutazai.analysis.text_patterns import text_pattern
from sutazai.sdk.source import SourceFile

CASES = [
    ("javascript", "const q = `a ${x}`; run(q)", ["a ⟦x⟧"]),
    ("javascript", "let q = 'a'; q = 'b' + x; run(q)", ["b⟦x⟧"]),
    ("javascript", "let q = 'a' + x; q = 'b'; run(q)", ["b"]),
    ("javascript", "let q = 'a' + x; if (c) { q = 'b'; } run(q)", ["b", "a⟦x⟧"]),
    ("javascript", "let q = 'a'; q += x; q += ' c'; run(q)", ["a⟦x⟧ c"]),
    ("javascript", "function f() { const q = 'a' + x; } function g(q) { run(q); }", ["⟦q⟧"]),
    ("javascript", "const T = 'a'; function f() { run(T + 'b'); }", ["ab"]),
    ("javascript", "const { id, n: m } = req.query; run('a' + id + m)", ["a⟦req.query.id⟧⟦req.query.n⟧"]),
    ("javascript", "run('a' + escapeId(x) + TABLE + parseInt(y) + 1)", ["a0000"]),
    ("javascript", "function f(x) { if (!ALL.includes(x)) { return; } run('a' + x); }", ["a0"]),
    ("javascript", "run(c ? 'a' : 'b' + x)", ["a", "b⟦x⟧"]),
    ("javascript", "const p = path.join(root, x); const y = 1; run(p)", ["⟦path.join(root, x)⟧"]),
    ("typescript", "function f(id: number, s: string) { run(`a ${id} ${s as string}`); }", ["a 0 ⟦s⟧"]),
    ("go", 'package a\nfunc f(s string, n int) { q := fmt.Sprintf("a %s %d", s, n); run(q) }', ["a ⟦s⟧ 0"]),
    ("go", 'package a\nfunc f() { q, err := g(x); run("a" + q) }', ["a⟦g(x)⟧"]),
    ("go", "package a\nfunc f(s string) { run(`a` + s) }", ["a⟦s⟧"]),
    ("java", 'class A { void f(String s, int n) { String q = "a" + s + n; run(q); } }', ["a⟦s⟧0"]),
    (
        "java",
        'class A { void f(String s) { var b = new StringBuilder("a"); b.append(s).append("c"); run(b.toString()); } }',
        ["a⟦s⟧c"],
    ),
    ("java", 'class A { void f(@RequestParam String s) { run(String.format("a %s", s)); } }', ["a ⟦request.query.s⟧"]),
    ("csharp", 'class A { void F(string s, int n) { var q = $"a {s} {n}"; q += @"c"; run(q); } }', ["a ⟦s⟧ 0c"]),
    ("csharp", 'class A { void F(string s) { run(string.Format("a {0}", s)); } }', ["a ⟦s⟧"]),
    ("php", "<?php $q = \"a $x {$y['k']}\"; $q .= 'c'; run($q);", ["a ⟦$x⟧ ⟦$y['k']⟧c"]),
    ("php", '<?php function f($x) { run("a $x"); } $x = "b";', ["a ⟦$x⟧"]),
    ("php", "<?php $x = (int) $_GET['x']; run(sprintf('a %s', $x));", ["a 0"]),
    ("php", "<?php foreach ($_GET as $k => $v) { run('a' . $v); }", ["a⟦$_GET⟧"]),
    ("ruby", 'def f(x)\n q = "a #{x}"\n q << "b"\n run(q)\nend', ["a ⟦x⟧b"]),
    ("ruby", "def f(x)\n run('a %s' % x)\nend", ["a ⟦x⟧"]),
    ("ruby", "def f(x)\n run(<<~A)\n  b #{x.to_i}\n A\nend", ["\n  b 0\n "]),
    ("ruby", "def f\n file = Tempfile.new('a')\n run('b ' + file.path)\nend", ["b 0"]),
    ("rust", 'fn f(s: &str, n: u32) { let q = format!("a {} {s} {n}", s); run(&q); }', ["a ⟦s⟧ ⟦s⟧ 0"]),
    ("rust", 'fn f(s: &str) { let mut q = String::from("a"); q.push_str(s); run(q.as_str()); }', ["a⟦s⟧"]),
    (
        "c",
        'void f(char *s, int n) { char q[9]; snprintf(q, 9, "a %s %d", s, n); strcat(q, "c"); run(q); }',
        ["a ⟦s⟧ 0c"],
    ),
]


def texts(language: str, code: str) -> list[str]:
    root = SgRoot(code, LANGUAGES[language][0]).root()
    calls = [each for each in root.find_all(kind=CALLS[language]) if each.text().startswith("run(")]
    (value, *_) = calls[0].field("arguments").named_children()  # type: ignore[union-attr]
    return Texts(root, language).of(value)


CALLS = {
    "javascript": "call_expression",
    "typescript": "call_expression",
    "go": "call_expression",
    "java": "method_invocation",
    "csharp": "invocation_expression",
    "php": "function_call_expression",
    "ruby": "call",
    "rust": "call_expression",
    "c": "call_expression",
}


@pytest.mark.parametrize(("language", "code", "wanted"), CASES)
def test_a_name_stands_for_what_was_assigned_to_it(language: str, code: str, wanted: list[str]) -> None:
    assert texts(language, code) == wanted


def test_a_text_made_to_be_slow_is_given_up() -> None:
    lines = ["let a0 = x;"] + [f"let a{n} = c ? a{n - 1} + a{n - 1} : a{n - 1} + y;" for n in range(1, 200)]
    assert len(texts("javascript", "\n".join([*lines, "run(a199)"]))) <= 6


@settings(max_examples=40, deadline=None)
@given(text=st.text(alphabet="ab=+;(){}`$'\" \nrunqif,", max_size=120))
def test_any_text_is_read(text: str) -> None:
    root = SgRoot(text + "\nrun(q)", "javascript").root()
    reader = Texts(root, "javascript")
    for node in root.find_all(kind="identifier"):
        assert all(isinstance(each, str) for each in reader.of(node))


STATEMENTS = [
    ("SELECT a FROM b WHERE c = '⟦x⟧'", True),
    ("SELECT a FROM b WHERE c LIKE '%⟦x⟧%'", True),
    ("UPDATE a SET b = ⟦x⟧", True),
    ("SELECT a FROM b ORDER BY ⟦req.query.by⟧", True),
    ("SELECT a FROM ⟦name⟧", False),
    ("SELECT a FROM b WHERE ⟦t⟧.c = ⟦u⟧.d", False),
    ("SELECT a FROM b WHERE c = '0' ORDER BY ⟦x⟧", False),
    ("SELECT a FROM b WHERE c = ⟦this.column⟧", False),
    ("INSERT INTO a VALUES (⟦marks⟧)", False),
    ("select one of ⟦x⟧", False),
]


@pytest.mark.parametrize(("text", "reported"), STATEMENTS)
def test_only_values_of_a_statement_count(text: str, reported: bool) -> None:
    assert bool(text_pattern("<SQL>").search(text)) == reported


def test_of_what_is_added_piece_by_piece_the_beginning_and_the_nearest_pieces_count() -> None:
    added = "".join(f"q += 'p{number}'; " for number in range(200))
    root = SgRoot(f"let q = 'a'; {added}run(q)", "javascript").root()
    (call,) = root.find_all(pattern="run($TEXT)")
    (text,) = Texts(root, "javascript").of(call.get_match("TEXT"))
    assert text.startswith("ap136p137")
    assert text.endswith("p198p199")


@pytest.mark.parametrize("bound", ["_MOST_STEPS", "_MOST_SECONDS"])
async def test_a_file_with_more_to_follow_than_there_are_steps_or_seconds_is_named(
    bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "app.get('/', (req) => { db.query(`select * from t where a = '${req.query.a}'`) })\n"
    source = SourceFile("a.js", code + code.replace("query.a", "query.b"), "javascript")
    whole = await PatternsAnalyzer().analyze([source])
    assert (len(whole.findings), whole.failed) == (2, ())
    monkeypatch.setattr(built, bound, -1)
    cut = await PatternsAnalyzer().analyze([source])
    assert [each.path for each in cut.failed] == ["a.js"]
    assert "not all were followed" in cut.failed[0].reason
