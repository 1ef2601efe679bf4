"""What each fixer writes, and where it is not certain and writes nothing."""

import ast
import shlex
import sqlite3
import textwrap
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sutazai.analysis.engines import engines
from sutazai.review.fixes.tables import FIXERS, rewritten
from sutazai.review.fixing.checks import Checks
from sutazai.review.fixing.texts import changed, overlap
from sutazai.sdk.finding import Category, Finding, Severity
from sutazai.sdk.source import SourceFile
from sutazai.syntax.parse import parse
from sutazai.syntax.positions import Positions


def mended(rule: str, code: str, quote: str, language: str = "python", after: int = 0) -> str | None:
    """The code with the finding of `rule` at the first place of `quote` mended, None where that is not certain."""
    start = code.index(quote, after)
    found = Finding(
        rule=rule,
        category=Category.SECURITY,
        severity=Severity.HIGH,
        confidence=1,
        location=Positions(code).location("a.py", start, start + len(quote)),
        quote=quote,
        message="",
    )
    rewrite = rewritten(found, parse(code, language))
    if rewrite is None:
        return None
    assert rewrite.description
    assert not overlap(rewrite.changes)
    text = changed(code, rewrite.changes)
    if language == "python":
        ast.parse(text)
    return text


def line(rule: str, code: str, quote: str = "", head: str = "") -> str | None:
    """The same for one line below some imports; gives that line."""
    text = mended(rule, f"{head}\n{code}\n", quote or code, after=len(head))
    return None if text is None else text.rstrip("\n").rpartition("\n")[2]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("yaml.load(a)", "yaml.safe_load(a)"),
        ("yaml.load(a, Loader=yaml.Loader)", "yaml.safe_load(a)"),
        ("yaml.load(a, yaml.UnsafeLoader)", "yaml.safe_load(a)"),
        ("yaml.load(Loader=yaml.FullLoader, stream=a)", "yaml.safe_load(stream=a)"),
        ("yaml.load(f(a, b), Loader=yaml.CLoader).x", "yaml.safe_load(f(a, b)).x"),
    ],
)
def test_yaml_is_loaded_as_plain_data(before: str, after: str) -> None:
    assert line("py-yaml-load", before, "yaml.load", "import yaml") == after


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("import yaml", "yaml.load(a, Loader=Mine)"),
        ("import yaml", "yaml.load(*a)"),
        ("import yaml", "yaml.load(a, b=yaml.Loader)"),
        ("import yaml\nyaml = other()", "yaml.load(a)"),
        ("from ruamel import yaml", "yaml.load(a)"),
        ("def f(yaml): pass\nimport yaml", "yaml.load(a)"),
        ("", "yaml.load(a)"),
        ("from yaml import load", "load(a)"),
    ],
)
def test_yaml_is_left_alone_where_the_loader_or_the_module_is_not_certain(head: str, code: str) -> None:
    assert line("py-yaml-load", code, "load", head) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("requests.get(u, verify=False)", "requests.get(u)"),
        ("requests.get(u, verify=False, timeout=3)", "requests.get(u, timeout=3)"),
        ("requests.get(verify = False, url=u)", "requests.get(url=u)"),
        ("Client(verify=False)", "Client()"),
        ("Client(verify=False,)", "Client()"),
    ],
)
def test_the_certificate_check_is_left_on(before: str, after: str) -> None:
    quote = before[before.index("verify") : before.index("False") + 5]
    assert line("py-tls-not-verified", before, quote) == after


def test_what_only_may_switch_the_check_off_is_left() -> None:
    assert line("py-tls-not-verified", "requests.get(u, verify=not x)", "verify=not x") is None
    assert line("py-tls-not-verified", "requests.get(u)", "requests") is None


def test_an_unverified_context_becomes_the_default_one() -> None:
    head = "import ssl"
    assert (
        line("py-tls-unverified-context", "ssl._create_unverified_context()", head=head)
        == "ssl.create_default_context()"
    )
    assert line("py-tls-unverified-context", "ssl._create_unverified_context(x)", head=head) is None
    assert line("py-tls-unverified-context", "a = ssl._create_unverified_context", head=head) is None


TEMPORARY = """\
import tempfile


def store(data):
    path = tempfile.mktemp(suffix=".x")
    with open(path, "wb") as file:
        file.write(data)
"""


def test_a_temporary_name_is_made_with_its_file() -> None:
    """The handle is closed at once, and `os` imported."""
    text = mended("py-mktemp", TEMPORARY, 'tempfile.mktemp(suffix=".x")')
    assert text is not None
    assert text.startswith("import os\nimport tempfile\n")
    assert '    handle, path = tempfile.mkstemp(suffix=".x")\n    os.close(handle)\n    with open' in text
    space = dict[str, object]()
    exec(text + "    return path\n", space)  # noqa: S102 (our own text)
    assert callable(space["store"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('open(path, "wb")', "os.mkfifo(path)"),
        ('open(path, "wb")', "open(path)"),
        ('open(path, "wb")', 'open(path, "xb")'),
        ("    path = ", "    self.path = "),
        ("    path = ", "    path: str = "),
        ("    path = ", "    x = 1; path = "),
        ("def store", "handle = descriptor = 1\ndef store"),
        ("def store", "os = 1\ndef store"),
        ("def store", "open = 1\ndef store"),
    ],
)
def test_a_temporary_name_that_is_used_in_another_way_is_left(old: str, new: str) -> None:
    assert mended("py-mktemp", TEMPORARY.replace(old, new), "tempfile.mktemp") is None


@pytest.mark.parametrize(
    ("call", "after"),
    [
        ("random.choice(x)", "secrets.choice(x)"),
        ("random.randrange(9)", "secrets.randbelow(9)"),
        ("random.randrange(1, 9)", "secrets.SystemRandom().randrange(1, 9)"),
        ("random.getrandbits(64)", "secrets.randbits(64)"),
        ("random.randbytes(8)", "secrets.token_bytes(8)"),
        ("random.randint(1, 9)", "secrets.SystemRandom().randint(1, 9)"),
        ("random.sample(x, k=3)", "secrets.SystemRandom().sample(x, k=3)"),
    ],
)
def test_secrets_are_drawn_from_the_system(call: str, after: str) -> None:
    text = mended("py-secret-from-random", f"import random\n\ntoken = {call}\n", call)
    assert text == f"import random\nimport secrets\n\ntoken = {after}\n"


@pytest.mark.parametrize(
    "code",
    [
        "import random\nrandom.seed(1)\ntoken = random.choice(x)\n",
        "from random import choice\ntoken = choice(x)\n",
        "random = Other()\ntoken = random.choice(x)\n",
        "import random\ndef f(secrets):\n    token = random.choice(x)\n",
        "import random\ntoken = random.gauss(x)\n",
        "import random\ntoken = random.choice(*x)\n",
    ],
)
def test_random_numbers_stay_where_they_are_repeated_or_not_of_the_module(code: str) -> None:
    quote = code[code.index("token = ") + 8 :].strip()
    assert mended("py-secret-from-random", code, quote) is None


def test_what_secrets_gives_is_of_the_same_kind() -> None:
    """Every replacement can be called as its original was."""
    for call in ("choice([1])", "randrange(9)", "getrandbits(8)", "randbytes(3)", "uniform(1, 2)", "choices([1], k=2)"):
        text = mended("py-weak-random", f"import random\nx = random.{call}\n", f"random.{call}")
        space = dict[str, object]()
        exec(str(text), space)  # noqa: S102 (our own text)
        assert type(space["x"]) is type(eval(f"__import__('random').{call}"))  # noqa: S307


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(a=[]):\n    return a", "def f(a=None):\n    if a is None:\n        a = []\n    return a"),
        (
            'def f(*, a={}):\n  "doc"\n  # why\n  return a',
            'def f(*, a=None):\n  "doc"\n  # why\n  if a is None:\n    a = {}\n  return a',
        ),
        ("def f(a=set()):\n\tuse(a)", "def f(a=None):\n\tif a is None:\n\t\ta = set()\n\tuse(a)"),
    ],
)
def test_a_mutable_default_is_made_in_the_body(before: str, after: str) -> None:
    quote = next(each for each in ("[]", "{}", "set()") if each in before)
    assert mended("py-mutable-default", f"{before}\n", quote) == f"{after}\n"


@pytest.mark.parametrize(
    "code",
    [
        "def f(a=[]): return a",
        "def f(a=[1]):\n    return a",
        "def f(_cache=[]):\n    return _cache",
        "def f(memo=[]):\n    return memo",
        "def f(a: list[int] = []):\n    return a",
        "def f(a: 'list' = []):\n    return a\nx: int | None",
        "f = lambda a=[]: a",
        'def f(a=[]):\n    "doc"',
        "def f(a=[]):\n    ...",
    ],
)
def test_a_default_that_may_be_meant_or_cannot_be_guarded_is_left(code: str) -> None:
    assert mended("py-mutable-default", f"{code}\n", "[") is None


def test_an_annotated_default_may_be_none_where_the_file_writes_so_already() -> None:
    code = "def f(a: list[int] = [], b: int | None = 1):\n    return a\n"
    text = mended("py-mutable-default", code, "[]")
    assert text is not None
    assert "a: list[int] | None = None, b" in text
    code = "def f(a: list[int] | None = [], b=1):\n    return a\n"
    assert "a: list[int] | None = None, b" in str(mended("py-mutable-default", code, "[]"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('run("ls -l " + x, shell=True)', 'run(["ls", "-l", x])'),
        ('run(f"ls {x}", shell=True, check=True)', 'run(["ls", str(x)], check=True)'),
        ("run(f\"tar czf 'my x' --n={x} {y.z}\", shell=True)", 'run(["tar", "czf", "my x", f"--n={x}", str(y.z)])'),
        ('run("ls %s -l %d" % (x, y), shell=True)', 'run(["ls", str(x), "-l", str(y)])'),
        ('run("ls {} {b}".format(x, b=y), shell=True)', 'run(["ls", str(x), str(y)])'),
        ('run(("ls " f"{x}"), shell=True)', 'run(["ls", str(x)])'),
        ('run(["ls", x], shell=True)', 'run(["ls", x])'),
        ('run("ls -l", shell=True)', 'run(["ls", "-l"])'),
        ('run(f"ls {x.strip()}", shell=True)', 'run(["ls", x.strip()])'),
    ],
)
def test_a_program_is_started_without_a_shell(before: str, after: str) -> None:
    head = "import subprocess"
    assert line("py-shell-command", f"subprocess.{before}", head=head) == f"subprocess.{after}"
    assert line("py-shell-built-command", before, head="from subprocess import run") == after


@pytest.mark.parametrize(
    "code",
    [
        'run(f"ls {x} | wc", shell=True)',
        'run(f"ls {x} > out", shell=True)',
        'run(f"ls *.py {x}", shell=True)',
        'run(f"ls ~/{x}", shell=True)',
        'run(f"ls $HOME {x}", shell=True)',
        'run(f"{x} -l", shell=True)',
        'run(f"cd {x}", shell=True)',
        'run(f"A=1 ls {x}", shell=True)',
        'run(f"ls {flags}", shell=True)',
        'run(f"ls {a.extra_args}", shell=True)',
        'run(f"ls {x!r}", shell=True)',
        'run(f"ls {x:>3}", shell=True)',
        'run(f"ls {{x}}", shell=True)',
        'run(f"ls {x if y else z}", shell=True)',
        'run(f"ls \'{x}", shell=True)',
        'run(f"ls -n={d["a"]}", shell=True)',
        'run("ls %(a)s" % x, shell=True)',
        'run("ls %s" % (x, y), shell=True)',
        'run("ls {1}".format(x), shell=True)',
        'run("ls {:>3}".format(x), shell=True)',
        'run(r"ls \\x" + x, shell=True)',
        'run(b"ls " + x, shell=True)',
        "run(x, shell=True)",
        'run("ls " + x, shell=flag)',
        'run("ls " + x)',
        'run("ls " + x, shell=True, executable="/bin/zsh")',
        "run(*x, shell=True)",
        'run("ls " + x + y, shell=True)',
        'run("", shell=True)',
    ],
)
def test_a_command_that_needs_its_shell_is_left(code: str) -> None:
    assert line("py-shell-command", code, "run", "from subprocess import run") is None


def test_a_statement_of_os_system_becomes_a_program() -> None:
    head = "import os"
    text = mended("py-shell-command", f'{head}\nos.system(f"rm {{x}}")\n', "os.system")
    assert text == 'import os\nimport subprocess\nsubprocess.run(["rm", str(x)], check=False)\n'
    assert line("py-shell-command", 'y = os.system(f"rm {x}")', "os.system", head) is None
    assert line("py-shell-command", 'os.system(f"rm {x}|y")', "os.system", head) is None
    assert line("py-shell-command", 'os.system(f"rm {x}")', "os.system", "import os\nsubprocess = 1") is None


WORDS = st.text("abz09_.-/", min_size=1, max_size=6)


@given(st.lists(WORDS, min_size=1, max_size=4), st.lists(WORDS, min_size=1, max_size=3))
def test_a_list_holds_what_the_shell_would_have_split(fixed: list[str], values: list[str]) -> None:
    """For values without blanks, the words are those of the line."""
    assume(fixed[0] != "." and not fixed[0].isdigit())
    names = [f"v{number}" for number in range(len(values))]
    template = " ".join([*fixed, *(f"{{{name}}}" for name in names)])
    code = line("py-shell-command", f'run(f"{template}", shell=True)', "run", "from subprocess import run")
    space = dict(zip(names, values, strict=True))
    listed = eval(str(code), {"run": lambda words: words, **space})  # noqa: S307 (our own text)
    assert listed == shlex.split(template.format(**space))


def sql(code: str, head: str = "import sqlite3") -> str | None:
    """One line of SQL, mended."""
    code = f"{head}\ndef q(cur, a, b, c: str):\n    {code}\n"
    node = next(
        each for each in ast.walk(ast.parse(code)) if isinstance(each, ast.Call) and "execute" in ast.unparse(each)
    )
    quote = ast.get_source_segment(code, node.args[0]) or ""
    text = mended("py-sql-string", code, quote)
    return None if text is None else textwrap.dedent(text.partition("\n    ")[2]).rstrip("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('''f"SELECT x FROM t WHERE a = '{a}'"''', '"SELECT x FROM t WHERE a = ?", (str(a),)'),
        ('''f"SELECT x FROM t WHERE a = '{c}'"''', '"SELECT x FROM t WHERE a = ?", (c,)'),
        ('''f"SELECT x FROM t WHERE a = {a} AND b > {b}"''', '"SELECT x FROM t WHERE a = ? AND b > ?", (a, b)'),
        ('''f"SELECT x FROM t WHERE a LIKE '%{a}%'"''', """"SELECT x FROM t WHERE a LIKE ?", (f"%{a}%",)"""),
        ('''"SELECT x FROM t WHERE a = '" + a + "'"''', '"SELECT x FROM t WHERE a = ?", (a,)'),
        (
            '''"SELECT x FROM t WHERE a = '" + a + "' AND b = '" + b + "' LIMIT 1"''',
            '"SELECT x FROM t WHERE a = ? AND b = ? LIMIT 1", (a, b)',
        ),
        (
            """"SELECT x FROM t WHERE a = '%s' AND b = %d" % (a, b)""",
            '"SELECT x FROM t WHERE a = ? AND b = ?", (str(a), b)',
        ),
        (""""SELECT x FROM t WHERE a = '{}'".format(a)""", '"SELECT x FROM t WHERE a = ?", (str(a),)'),
        (
            '''f"INSERT INTO t (a, b) VALUES ('{a}', {b}, 'k')"''',
            """"INSERT INTO t (a, b) VALUES (?, ?, 'k')", (str(a), b)""",
        ),
        ('''"SELECT x FROM t " f"WHERE é = '{a}'"''', '"SELECT x FROM t " "WHERE é = ?", (str(a),)'),
        ('''f"SELECT x FROM t LIMIT {a}"''', '"SELECT x FROM t LIMIT ?", (a,)'),
    ],
)
def test_values_become_parameters(before: str, after: str) -> None:
    assert sql(f"cur.execute({before})") == f"cur.execute({after})"


def test_the_style_is_that_of_the_driver_and_its_percent_signs_are_doubled() -> None:
    head = "import psycopg2"
    code = """cur.execute(f"SELECT x FROM t WHERE a = '{a}' AND b LIKE 'x%'")"""
    assert sql(code, head) == """cur.execute("SELECT x FROM t WHERE a = %s AND b LIKE 'x%%'", (str(a),))"""
    code = """cur.execute(f"SELECT x FROM t WHERE a LIKE '%{a}'")"""
    assert sql(code, head) == """cur.execute("SELECT x FROM t WHERE a LIKE %s", (f"%{a}",))"""


def test_a_query_in_a_variable_is_mended_where_only_the_next_statement_executes_it() -> None:
    code = """import sqlite3
def q(cur, a):
    query = f"SELECT x FROM t WHERE a = '{a}'"
    cur.execute(query)
"""
    quote = '''f"SELECT x FROM t WHERE a = '{a}'"'''
    assert "cur.execute(query, (str(a),))" in str(mended("py-sql-string", code, quote))
    assert mended("py-sql-string", code + "    print(query)\n", quote) is None
    assert mended("py-sql-string", code.replace("    cur.ex", "    a = 1\n    cur.ex"), quote) is None
    assert mended("py-sql-string", code.replace("execute(", "run("), quote) is None
    assert mended("py-sql-string", code.replace("query = ", "self.query = "), quote) is None


def test_a_finding_may_also_be_the_whole_call() -> None:
    """As the taint engine tells it: the sink, not the text."""
    code = """import sqlite3
def q(cur, a):
    cur.execute(f"SELECT x FROM t WHERE a = '{a}'")
    query = f"SELECT x FROM t WHERE b = '{a}'"
    cur.execute(query)
    cur.execute(other)
"""
    first = """cur.execute(f"SELECT x FROM t WHERE a = '{a}'")"""
    assert """cur.execute("SELECT x FROM t WHERE a = ?", (str(a),))""" in str(mended("py-sql-injection", code, first))
    text = str(mended("py-sql-injection", code, "cur.execute(query)"))
    assert """query = "SELECT x FROM t WHERE b = ?"\n    cur.execute(query, (str(a),))""" in text
    assert mended("py-sql-injection", code, "cur.execute(other)") is None
    assert mended("py-sql-injection", "cur.execute(query)\n", "cur.execute(query)") is None


@pytest.mark.parametrize(
    ("argument", "head"),
    [
        ('''f"SELECT x FROM {a} WHERE b = '{b}'"''', "import sqlite3"),
        ('''f"SELECT {a} FROM t WHERE b = '{b}'"''', "import sqlite3"),
        ('''f"SELECT x FROM t WHERE b = {a.column}"''', "import sqlite3"),
        ('''f"SELECT x FROM t WHERE b IN ({a})"''', "import sqlite3"),
        ('''f"SELECT x FROM t ORDER BY {a}"''', "import sqlite3"),
        (""""SELECT x FROM t WHERE b = " + a""", "import sqlite3"),
        ('''f"SELECT x FROM t WHERE b = '{a}' -- {b}"''', "import sqlite3"),
        ('''f"SELECT x FROM t WHERE b = '{a}' AND c = ?"''', "import sqlite3"),
        ('''f"SELECT x FROM t WHERE b = '{a}' AND c = :c"''', "import sqlite3"),
        ('''f"SELECT x FROM t WHERE b = '{a!r}'"''', "import sqlite3"),
        ('''f"SELECT x FROM t WHERE b = '{a}"''', "import sqlite3"),
        ('''f"SELECT x FROM t WHERE b = '{a['k']} {b}'"''', "import sqlite3, sqlalchemy"),
        ("""f'SELECT x FROM t WHERE b = "{a}"' """, "import sqlite3"),
        ("""f"SELECT x FROM t WHERE b = '{a}'", (b,)""", "import sqlite3"),
        ('''f"SELECT x FROM t WHERE b = '{a}'"''', ""),
        ('''f"SELECT x FROM t WHERE b = '{a}'"''', "import sqlite3, psycopg2"),
        ('''f"SELECT x FROM t WHERE b = '{a}'"''', "import asyncpg"),
        ('''"SELECT x FROM t WHERE b = '" + a + b + "'"''', "import sqlite3"),
        ('''a + "SELECT x FROM t WHERE b = 1"''', "import sqlite3"),
        ("\"SELECT x FROM t WHERE b = '\" + a + '\\''", "import sqlite3"),
        (""""SELECT x FROM t WHERE b = '%%' AND a = '%s'" % a""", "import sqlite3"),
        ('''"SELECT x FROM t"''', "import sqlite3"),
        ("a", "import sqlite3"),
    ],
)
def test_sql_is_left_where_a_hole_may_be_no_value_or_the_driver_is_unknown(argument: str, head: str) -> None:
    assert sql(f"cur.execute({argument})", head) is None


@pytest.mark.parametrize(
    "form", ["f\"{0}'{{a}}'{1}\"", '"{0}\'" + a + "\'{1}"', "\"{0}'%s'{1}\" % a", "\"{0}'{{}}'{1}\".format(a)"]
)
@given(value=st.text("abc '%?:é1", max_size=8))
def test_a_mended_query_finds_the_same_rows_and_no_others(form: str, value: str) -> None:
    """Where the old text was valid SQL at all: a quote in the value is where it was not."""
    query = form.format("SELECT x FROM t WHERE x = ", " ORDER BY x")
    text = sql(f"cur.execute({query})")
    assert text is not None
    with sqlite3.connect(":memory:") as cur:
        cur.execute("CREATE TABLE t (x TEXT)")
        cur.executemany("INSERT INTO t VALUES (?)", [(value,), ("other",)])
        rows = eval(text, {"cur": cur, "a": value, "str": str}).fetchall()  # noqa: S307 (our own text)
    cur.close()
    assert rows == [(value,)]


@pytest.mark.parametrize(
    ("rule", "before", "quote", "after", "language"),
    [
        ("py-cookie-not-secure", "r.set_cookie(secure=False)", "secure=False", "r.set_cookie(secure=True)", "python"),
        ("py-cookie-not-secure", "SESSION_COOKIE_SECURE = False", "", "SESSION_COOKIE_SECURE = True", "python"),
        ("py-tls-check-off", "c.check_hostname = False", "", "c.check_hostname = True", "python"),
        ("py-tls-check-off", "c.verify_mode = ssl.CERT_NONE", "", "c.verify_mode = ssl.CERT_REQUIRED", "python"),
        ("py-flask-debug", "app.run(debug=True)", "debug=True", "app.run(debug=False)", "python"),
        ("py-umask-open", "os.umask(0)", "", "os.umask(0o077)", "python"),
        ("js-tls-check-off", "f({ é, rejectUnauthorized: false })", "rejectUnauthorized: false",
         "f({ é, rejectUnauthorized: true })", "javascript"),
        ("py-tls-check-off", "c.check_hostname = flag", "", None, "python"),
        ("py-flask-debug", "app.run(debug=x)", "", None, "python"),
        ("py-flask-debug", "app.run(debug=[" + "1, " * 200 + "])", "", None, "python"),
    ],
)  # fmt: skip
def test_a_switch_is_turned(rule: str, before: str, quote: str, after: str | None, language: str) -> None:
    text = mended(rule, f"{before}\n", quote or before, language)
    assert text == (None if after is None else f"{after}\n")


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("token = random.choice(x)", "import secrets\n\n\ntoken"),
        ('"""Doc."""\n\nimport random\n', '"""Doc."""\n\nimport random\nimport secrets\n'),
        ("import os  # first\nimport random\nimport sys\n", "import random\nimport secrets\nimport sys\n"),
        ("from __future__ import annotations\nimport random", "annotations\nimport random\nimport secrets\n"),
        ("import zlib, random\n", "import secrets\nimport zlib, random\n"),
        ("import random\nimport secrets\n", "import random\nimport secrets\n\n"),
        ("# c\nfrom a import b\nimport random\n", "from a import b\nimport random\nimport secrets\n"),
        ("import random; import os\n", "import random; import os\nimport secrets\n"),
    ],
)
def test_an_import_takes_its_place_among_the_others(code: str, after: str) -> None:
    if "random\n" not in code and not code.endswith("random"):
        code = f"import random\n\n{code}" if "import" not in code else code
    text = mended("py-weak-random", f"{code}\nx = random.choice(y)\n", "random.choice(y)")
    if after.startswith("import secrets\n\n\ntoken"):
        assert str(text).startswith("import random\nimport secrets\n")
    else:
        assert after in str(text)
        assert str(text).count("import secrets") == 1


def test_a_file_that_begins_with_code_gets_its_import_first() -> None:
    code = '"""Doc."""\n\ndef f():\n    import random\n    return random.choice(y)\n'
    text = mended("py-weak-random", code, "random.choice(y)")
    assert str(text).startswith('"""Doc."""\n\nimport secrets\n\ndef f():')


def test_a_broken_file_and_a_rule_without_a_fixer_are_left() -> None:
    assert mended("py-yaml-load", "import yaml\nyaml.load(a)\nif :\n", "yaml.load") is None
    assert mended("py-weak-hash", "hashlib.md5(a)\n", "hashlib.md5(a)") is None


ENGINES = engines(("ruff", "patterns", "taint"))
RULES = {rule: each for engine in ENGINES for rule, each in engine.rules.items()}
# Examples whose fix is not certain: a driver that is not named, a path that nobody opens, another loader.
UNSURE = {"py-sql-string", "py-mktemp", "py-unsafe-object-loader", "py-untrusted-deserialisation"}


@pytest.mark.parametrize("rule", sorted(set(FIXERS) & set(RULES) - UNSURE))
async def test_the_bad_example_of_a_rule_is_mended_so_that_the_engines_agree(rule: str) -> None:
    known = RULES[rule]
    source = SourceFile("a", known.bad, known.language)
    found = [each for each in await _findings(source) if each.rule == rule]
    assert found
    for each in found:
        rewrite = rewritten(each, parse(known.bad, known.language))
        assert rewrite is not None
        checked = await Checks(source, ENGINES, None).check(changed(known.bad, rewrite.changes), [each])
        assert checked.refused == ""
        assert checked.passed == ("parses", "finding gone", "nothing new")


async def _findings(source: SourceFile) -> Sequence[Finding]:
    return [each for engine in ENGINES if engine.accepts(source) for each in (await engine.analyze([source])).findings]


@given(st.data())
def test_no_fixer_breaks_on_code_that_is_cut_or_twisted(data: st.DataObject) -> None:
    """Whatever stands there, a fixer gives changes inside of the text, or nothing."""
    code = data.draw(st.sampled_from([TEMPORARY, *(each.bad for each in RULES.values() if each.language == "python")]))
    at, stop = sorted(data.draw(st.tuples(st.integers(0, len(code)), st.integers(0, len(code)))))
    code = code[:at] + data.draw(st.sampled_from(["", "x", "(", "é", "'", "{}", "f'{x}'", "%", "\r\n"])) + code[stop:]
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(code)), st.integers(0, len(code)))))
    rule = data.draw(st.sampled_from(sorted(FIXERS)))
    where = Positions(code).location("a.py", start, end)
    found = Finding(rule=rule, category=Category.BUG, severity=Severity.LOW, confidence=1, location=where, message="")
    rewrite = rewritten(found, parse(code, "python"))
    if rewrite is not None:
        assert all(0 <= each.start <= each.end <= len(code) for each in rewrite.changes)


@pytest.mark.parametrize("terms", [1_500, 3_000])
def test_a_sum_of_any_length_brings_no_fixer_down(terms: int) -> None:
    code = f"import os\nos.system({'+'.join(['x'] * terms)})\n"
    found = Finding(
        rule="py-command-injection",
        category=Category.SECURITY,
        severity=Severity.HIGH,
        confidence=1,
        location=Positions(code).location("a.py", 10, len(code) - 1),
        quote=code[10:-1],
        message="",
    )
    assert rewritten(found, parse(code, "python")) is None
