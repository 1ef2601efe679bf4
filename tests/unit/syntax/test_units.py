"""Cutting files into units, their context, and the symbol around a line."""
# ruff: noqa: E501, ISC004 (sources of other languages, as they are written)

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.errors.syntax import SourceTooLarge, SourceTooTangled, SourceUnparsable
from sutazai.sdk.source import SourceFile, Unit
from sutazai.syntax.languages import LANGUAGES
from sutazai.syntax.parse import MAX_CHARS
from sutazai.syntax.units import enclosing_symbol, enclosing_symbols, units

GRAMMARS = sorted(each.name for each in LANGUAGES.values() if each.grammar)


def cut(text: str, language: str = "python") -> list[Unit]:
    return units(SourceFile("file", text, language))


def names(text: str, language: str = "python") -> list[tuple[str, str, int, int]]:
    return [(each.kind, each.symbol, each.start_line, each.end_line) for each in cut(text, language)]


PYTHON = '''"""Doc."""
import os
import numpy as np
from typing import (
    Any,
    Final as F,
)

LIMIT: F = 3


# Adds up.
@cache
async def total(items: list[int], *, start=0) -> int:
    def inner(x):
        return x
    return sum(items) if items and start else 0


class Basket(Base):
    """Doc."""

    size = 1

    @property
    def path(self) -> Any:
        return os.path.join(np.x, total([1]))


print(total([]))
'''


def test_python_gives_functions_methods_and_the_rest():
    """Decorations and the comment above belong to the function, nested functions to the outer one."""
    assert names(PYTHON) == [
        ("module", "", 1, 30),
        ("function", "total", 12, 17),
        ("method", "Basket.path", 25, 27),
    ]
    module, total, _ = cut(PYTHON)
    assert [each.start_line for each in module.segments] == [1, 18, 28]
    assert total.text.startswith("# Adds up.\n@cache\nasync def total")
    assert total.complexity == 3


def test_context_is_what_the_unit_uses_and_nothing_more():
    """Imports by their bound name, the head of the class, signatures of called functions."""
    module, total, path = cut(PYTHON)
    assert path.context.splitlines() == [
        "import os",
        "import numpy as np",
        "from typing import Any",
        "class Basket(Base):",
        "async def total(items: list[int], *, start=0) -> int:",
    ]
    assert total.context == ""
    assert module.context == "async def total(items: list[int], *, start=0) -> int:"


def test_context_is_bounded():
    """A function that calls a hundred others does not bring a hundred signatures, nor one endless line."""
    text = "".join(f"def f{n}(a{'x' * 300}): return 1\n\n" for n in range(100))
    text += "def last():\n    " + " + ".join(f"f{n}(1)" for n in range(100)) + "\n"
    lines = cut(text)[-1].context.splitlines()
    assert len(lines) == 40
    assert max(map(len, lines)) <= 200


SOURCES = {
    "javascript": (
        "import a, {b as c} from './b.js';\nimport unused from 'c';\n"
        "const add = (x, y) => x + y;\n"
        "class A extends B {\n  run() {\n    return a(c) && add(1);\n  }\n}\n"
        "app.get('/x', auth,\n  async (req, res) => {\n    res.send(1);\n  });\n",
        ["add", "A.run", "app.get.<callback>"],
        ["import a, {b as c} from './b.js';", "class A extends B", "(x, y) =>"],
    ),
    "typescript": (
        "import { A } from 'a';\nexport abstract class S<T> {\n  @Dec()\n  private m(x: number): A { return h(x); }\n}\n"
        "export function h(x: number): A {\n  return x ?? 1;\n}\ninterface I { m(): void }\n",
        ["S.m", "h"],
        ["import { A } from 'a';", "abstract class S<T>", "function h(x: number): A"],
    ),
    "tsx": (
        "export const View = () => {\n  return <p>{x}</p>;\n};\nclass V {\n  go() { return View(); }\n}\n",
        ["View", "V.go"],
        ["class V", "() =>"],
    ),
    "go": (
        'package a\nimport (\n\tm "x/y"\n\t"net/http"\n\t"os"\n)\n\n// Doc.\nfunc (s *Server[T]) H(w http.R) error {\n'
        "\treturn m.X(f(1))\n}\n\nfunc f(a int) int {\n\treturn a\n}\ntype T struct{}\n",
        ["Server.H", "f"],
        ['m "x/y"', '"net/http"', "func f(a int) int"],
    ),
    "java": (
        "package p;\nimport java.util.List;\nimport java.io.File;\n@X\nclass A<T> {\n  @B\n  public A(int x) { }\n"
        "  List m() throws E {\n    return g(1);\n  }\n  static List g(int x) { return null; }\n  abstract void n();\n}\n",
        ["A.A", "A.m", "A.g"],
        ["import java.util.List;", "@X class A<T>", "static List g(int x)"],
    ),
    "rust": (
        "use a::{b, c as d};\nuse e::f;\nimpl<T> Foo for Bar<T> {\n    #[x]\n    fn m(&self) -> i32 { d(g()) }\n}\n"
        "mod k {\n}\nfn g() -> i32 {\n    1\n}\ntrait Q { fn z(); }\n",
        ["Bar.m", "g"],
        ["use a::{b, c as d};", "impl<T> Foo for Bar<T>", "fn g() -> i32"],
    ),
    "c": (
        "#include <stdio.h>\n#ifdef X\nstatic int *f(int a)\n{\n  return a && g();\n}\n#endif\nint g(void);\n"
        "int g(void) { return 0; }\nstruct s { int a; };\n",
        ["f", "g"],
        ["int g(void)"],
    ),
    "cpp": (
        "namespace n {\nclass A {\n public:\n  A(int x) : y(x) {}\n  ~A() = default;\n};\n}\n"
        "int n::A::m() const {\n  return f(1) || 2;\n}\ntemplate<class T>\nT& f(T x) { return x; }\n",
        ["n.A.A", "n.A.m", "f"],
        ["T& f(T x)"],
    ),
    "csharp": (
        "using System;\nnamespace N {\n  class A : B {\n    [X]\n    public A(int x) { G(1); }\n"
        "    int P {\n      get { return 1; }\n      set;\n    }\n    static int G(int a) { return a; }\n  }\n}\n",
        ["A.A", "A.P.get", "A.G"],
        ["class A : B", "static int G(int a)"],
    ),
    "php": (
        "<?php\nnamespace A;\nuse B\\C;\nuse B\\E;\nclass D {\n  public function m($x) {\n    return new C(g($x));\n  }\n}\n"
        "function g($y) { return 1; }\n$r->get('/', function ($q) {\n  return 1;\n});\n",
        ["D.m", "g", "get.<callback>"],
        ["use B\\C;", "class D", "function g($y)"],
    ),
    "ruby": (
        "require 'json'\nmodule M\n  class A < B\n    def m(x)\n      other x if x\n    end\n\n    def self.other(y)\n      1\n"
        "    end\n  end\nend\nget '/' do\n  1\nend\n",
        ["M.A.m", "M.A.other", "get.<callback>"],
        ["class A < B", "def self.other(y)"],
    ),
    "bash": (
        '#!/bin/bash\n# Doc.\nfoo() {\n  bar "$1" && exit\n}\nfunction bar {\n  if x; then y; fi\n}\nfoo 1\n',
        ["", "foo", "bar"],
        ["function bar"],
    ),
    "python": ("def f():\n    return g(1)\n\n\ndef g(x): return x\n", ["f", "g"], ["def g(x):"]),
}


@pytest.mark.parametrize("language", GRAMMARS)
def test_every_grammar_gives_its_functions_by_name(language: str):
    """Declarations without a body are no units, and a module that only declares is none either."""
    text, symbols, _ = SOURCES[language]
    found = [each.symbol for each in cut(text, language) if each.kind != "module" or language == "bash"]
    assert found == symbols


@pytest.mark.parametrize("language", GRAMMARS)
def test_every_grammar_gives_the_context_of_a_function(language: str):
    """What stands for the first function that calls another."""
    text, _, context = SOURCES[language]
    lines = [line for each in cut(text, language) for line in each.context.splitlines()]
    assert [line for line in context if line not in lines] == []


@pytest.mark.parametrize(
    ("language", "text", "complexity"),
    [
        ("python", "def f(a):\n    for x in a:\n        if x and a or 1:\n            pass\n", 5),
        ("javascript", "function f(a) { return a && b ? 1 : c ?? 2 }\n", 4),
        ("go", "func f() {\n\tif a || b {\n\t}\n\tfor {\n\t}\n}\n", 4),
        ("rust", "fn f() { match a { 1 => 2, _ => g()? } }\n", 4),
        ("ruby", "def f\n  return 1 if a && b\nend\n", 3),
        ("c", "int f() { switch (a) { case 1: break; default: b(); } }\n", 3),
    ],
)
def test_complexity_counts_branches(language: str, text: str, complexity: int):
    """McCabe: one more than the branches, short circuits included."""
    assert [each.complexity for each in cut(text, language)] == [complexity]


def test_functions_on_one_line_share_a_unit():
    """A minified file cannot be cut by lines."""
    text = "function a(){return 1}function b(){return 2}\nfunction c(){}\n"
    assert names(text, "javascript") == [("function", "a", 1, 1), ("function", "c", 2, 2)]


def test_a_wrapper_around_a_whole_program_is_looked_through():
    """Else a module pattern would be one endless unit."""
    text = "(function () {\n" + "  work();\n" * 90 + "  function inner() {\n    a();\n  }\n})();\n"
    assert [each[:2] for each in names(text, "javascript")] == [("module", ""), ("function", "inner")]


def test_a_short_callback_is_part_of_the_module():
    """Only long or named function values are worth a look of their own."""
    assert names("list.map(x => x + 1);\n", "javascript") == [("module", "", 1, 1)]


def test_a_comment_that_does_not_touch_the_function_stays_outside():
    """A licence at the top is not part of the first function; a remark behind a statement is the statement's."""
    text = "# licence\n\nx = 1  # remark\ndef f():\n    pass\n"
    assert names(text) == [("module", "", 1, 3), ("function", "f", 4, 5)]
    assert names("# licence\n\ndef f():\n    pass\n") == [("function", "f", 3, 4)]


def test_a_module_that_only_imports_and_defines_is_no_unit():
    """There is nothing in it to be wrong."""
    assert names('"""Doc."""\nimport os\n\n\nclass A:\n    """Doc."""\n') == []


@pytest.mark.parametrize(
    "text", ["def f(:\n    return (1\n\ndef g():\n    return 2\n", "class A:\n  def f(self):\n    x ="]
)
def test_broken_syntax_still_gives_units(text: str):
    """Code under work is reviewed too."""
    assert any(each.kind != "module" for each in cut(text))


def test_a_language_without_a_grammar_has_no_units():
    """Static engines still look at it."""
    assert cut("a: 1\n", "yaml") == []
    assert enclosing_symbol("a: 1\n", "yaml")(1) == ""


@pytest.mark.parametrize(
    ("text", "error", "status"),
    [
        ("x = 1\n" * (MAX_CHARS // 6 + 1), SourceTooLarge, 413),
        ("".join(" " * depth + "if x:\n" for depth in range(300)), SourceTooTangled, 422),
    ],
)
def test_text_that_no_parser_may_have_is_told_not_hidden(text: str, error: type[SourceUnparsable], status: int):
    """The caller has to say that nobody looked."""
    with pytest.raises(SourceUnparsable) as caught:
        cut(text)
    assert (type(caught.value), caught.value.status) == (error, status)
    assert enclosing_symbol(text, "python")(1) == ""


def test_the_symbol_of_a_line_is_the_innermost_definition():
    """A finding keeps its symbol when lines move."""
    symbol = enclosing_symbol(PYTHON, "python")
    assert [symbol(line) for line in (1, 13, 15, 17, 20, 25, 29, 999)] == [
        "",
        "total",
        "total.inner",
        "total",
        "Basket",
        "Basket.path",
        "",
        "",
    ]


@pytest.mark.parametrize("opening", ["def f():\n", "class A:\n", "if x:\n", "lambda: ", "("])
def test_hostile_depth_ends_in_time(opening: str):
    """Names are not joined without end, nor is anything done for each level on each level."""
    indent = not opening.endswith(("(", " "))
    text = "".join(" " * (n if indent else 0) + opening for n in range(199 if indent else 100_000))
    cut(text)
    assert enclosing_symbol(text, "python")(190).count(".") < 40


def test_a_line_that_is_not_there_has_no_symbol():
    """Nor has any line of a text without a grammar."""
    assert enclosing_symbols(PYTHON, "python", (13, 999, 0, -5)) == {13: "total"}
    assert enclosing_symbols("a: 1\n", "yaml", (1,)) == {}


def test_the_comment_above_an_exported_function_belongs_to_it():
    """Also where only that line is asked about, and the function lies several nodes below what is exported."""
    text = "let a = 1;\n// why\nexport const half = (n) => {\n  return n / 2;\n};\n"
    assert [enclosing_symbol(text, "javascript")(line) for line in (1, 2, 4)] == ["", "half", "half"]


PIECES = st.sampled_from(
    [
        "def f(a):\n", "class A:\n", "    ", "return 1\n", "x = 1\n", "\r\n", "\r", "# é😀\n", "@d\n", "(", ")", "{", "}", ";",
        "function g() {\n", "const h = () => {", "import a\n", "\n\n", "if x {\n", "fn k() {}\n", "'", '"""', "do\n", "end\n",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from(GRAMMARS))
def test_a_line_asked_for_alone_has_the_symbol_that_all_lines_together_give_it(text: str, language: str):
    """Going straight to a line must not miss a definition that reaches it by decorations or comments above."""
    lines = range(1, text.count("\n") + text.count("\r") + 3)
    everything = enclosing_symbols(text, language, lines)
    alone = enclosing_symbol(text, language)
    assert {line: name for line in lines if (name := alone(line))} == everything


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from(GRAMMARS))
def test_units_are_whole_lines_that_never_overlap(text: str, language: str):
    """Whatever the text: each offset in a unit leads back to the same character of the file."""
    taken: list[tuple[int, int]] = []
    for unit in cut(text, language):
        assert unit.text == "".join(text[each.start : each.end] for each in unit.segments)
        assert unit.kind == "module" or len(unit.segments) == 1
        assert unit.start_line <= unit.end_line
        assert all(text[unit.offset(index)] == unit.text[index] for index in range(len(unit.text)))
        taken += [(each.start, each.end) for each in unit.segments]
        assert all(each.start == 0 or text[each.start - 1] in "\r\n" for each in unit.segments)
    taken.sort()
    assert all(first[1] <= second[0] for first, second in pairwise(taken))
