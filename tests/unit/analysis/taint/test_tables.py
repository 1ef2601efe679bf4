"""Every row of the tables is tried: the name as code writes it, with data from outside."""

# ruff: noqa: E501 (tables of names)

import re

import pytest

from sutazai.analysis.taint.tables import Row, Tables, load_tables

TABLES = load_tables()
SINKS = [row for row in TABLES.rows if row.role == "sink" and row.confidence]
SOURCES = [row for row in TABLES.rows if row.role == "source"]
CLEANERS = [row for row in TABLES.rows if row.role == "clean"]
PASSES = [row for row in TABLES.rows if row.role == "pass"]
# What a row's receiver must look like is tried with one name that fits.
RECEIVERS = (
    "conn", "log", "etree", "pathlib.Path('a')", "aiohttp.ClientSession()", "requests.Session()", "response", "self",
    "request.files['a']", "db", "host", "jinja_env", "xpath_", "ldap_", "glob", "os", "sock", "requests",
)  # fmt: skip
TEXTS = {
    "query": "SELECT a FROM b WHERE c = '",
    "statement": "SELECT a FROM b WHERE c = '",
    "line": "tug -n ",
    "markup": "<b>",
    "xpath": "//a[@b='",
    "ldap": "(uid=",
}


def names(rows: list[Row]) -> list[str]:
    return [f"{row.kind or row.role} {row.name}" for row in rows]


def spelled(row: Row) -> str:
    """The name as code could write it."""
    name = row.name.replace("()", "(q)").removesuffix("[]")
    if name.startswith("~"):
        return {"sql": "self.run_query", "command": "self._run_ssh"}[row.kind]
    if name.startswith("?"):
        return name[1:]
    if not name.startswith("*."):
        return name
    for receiver in RECEIVERS:
        plain = receiver.partition("(")[0].partition("[")[0]
        written = {"pathlib.Path('a')": "pathlib.Path()", "aiohttp.ClientSession()": "aiohttp.ClientSession()"}
        ref = written.get(receiver, receiver.replace("['a']", "[]") if "[" in receiver else f"?{plain}")
        ref = {"requests.Session()": "requests.Session()", "os": "os", "glob": "glob", "requests": "requests"}.get(
            receiver, ref
        )
        if row.receiver is not None and row.receiver.search(ref):
            return f"{receiver}.{name[2:]}"
    return f"thing.{name[2:]}"


def header(expression: str) -> str:
    root = expression.partition(".")[0].partition("(")[0].partition("[")[0]
    modules = re.match(r"[a-z_0-9.A-Z]+(?=\.)", expression)
    local = root in (
        "self",
        "thing",
        "conn",
        "log",
        "etree",
        "response",
        "request",
        "db",
        "host",
        "jinja_env",
        "xpath_",
        "ldap_",
    )
    local = local or root in ("sock", "websocket") or "." not in expression
    return "" if local or modules is None else f"import {root}\nimport {modules[0]}\n"


def sink_call(row: Row, data: str) -> str:
    text = f"{TEXTS.get(row.form, TEXTS.get(row.kind, ''))!r} + {data}"
    name = spelled(row)
    if row.name.endswith("[]"):
        return f"{name}['k'] = {text}"
    if row.form in ("receiver", "probe") and "Path" in name:
        return name.replace("Path('a')", f"Path({data})") + "()"
    if row.form == "process":
        return f"{name}({text}, shell=True)"
    if row.form == "log":
        return f"{name}({text})"
    first = row.args[0]
    if isinstance(first, int):
        return f"{name}({'None, ' * first}{text})"
    return f"{name}({text})" if first == "*" else f"{name}({first}={text})"


def program(line: str, expression: str) -> str:
    return (
        f"import flask, pathlib, aiohttp, requests, os, glob\n{header(expression)}\n"
        f"def serve(self, thing, conn, log, etree, response, request, db, host, jinja_env, xpath_, ldap_, sock):\n    {line}\n"
    )


@pytest.mark.parametrize("row", SINKS, ids=names(SINKS))
def test_a_sink_reports_what_reaches_it(found, row):
    line = sink_call(row, "flask.request.args['q']")
    rules = {each.rule for each in found(program(line, spelled(row)))}
    assert TABLES.kinds[row.kind].rule.id in rules, line
    line = sink_call(row, "'plain'")
    assert found(program(line, spelled(row))) == [], line


@pytest.mark.parametrize("row", SOURCES, ids=names(SOURCES))
def test_a_source_taints_what_is_read_from_it(found, row):
    name = spelled(row).replace("(q)", "()")
    line = f"os.system('tug ' + worked({name}))" if row.bare else f"os.system('tug ' + str({name}))"
    assert [each.rule for each in found(program(line, name))] == ["py-command-injection"], line


@pytest.mark.parametrize("row", CLEANERS, ids=names(CLEANERS))
def test_a_sanitiser_cleans_for_its_kinds_of_sinks(analyzer, found, row):
    kinds = {"*": "command", "+resolved": "path"}
    wanted_kinds = [kinds.get(kind, kind) for kind in sorted(row.kinds)]
    exact = [each for each in SINKS if not each.name.startswith(("*", "~", "?"))]
    sink = next(each for kind in wanted_kinds for each in exact if each.kind == kind)
    name = spelled(row)
    data = "flask.request.args['q']"
    call = f"{data}.{row.name[2:]}()" if row.name.startswith("*.") else f"{name.replace('(q)', '()')}({data})"
    line = sink_call(sink, call)
    source = program(line, spelled(sink)) + f"\n{header(name)}"
    wanted = TABLES.kinds[sink.kind].rule.id
    rules = {each.rule for each in found(header(name) + source)}
    assert (wanted in rules) is ("+resolved" in row.kinds), line


@pytest.mark.parametrize("row", PASSES, ids=names(PASSES))
def test_what_hands_data_on_hands_it_on(found, row):
    name = spelled(row).replace("(q)", "()")
    line = f"os.system('tug ' + str({name}(flask.request.args['q'])))"
    if name in ("map", "filter", "re.sub", "re.split", "re.findall", "re.search", "re.match", "re.fullmatch"):
        line = line.replace(f"{name}(", f"{name}('a', " + ("'b', " if name == "re.sub" else ""))
    if name in ("enumerate", "zip"):
        line = f"for i in {name}([flask.request.args['q']]): os.system('tug ' + str(i))"
    if name in ("getattr", "vars"):
        line = f"os.system('tug ' + str({name}(flask.request.args['q'], thing)))"
    assert "py-command-injection" in {each.rule for each in found(program(line, name))}, line


def test_a_later_row_of_one_name_wins_and_the_most_telling_end_comes_first():
    tables = Tables()
    tables.add(Row("sink", "*.run", kind="command"))
    tables.add(Row("sink", "*.shop.run", kind="sql"))
    tables.add(Row("sink", "shop.run", kind="path"))
    tables.add(Row("sink", "shop.run", kind="xss"))
    assert [tables.find("sink", ref).kind for ref in ("a.run", "a.shop.run", "shop.run")] == ["command", "sql", "xss"]
    assert tables.find("sink", "run") is None
    assert tables.find("source", "a.run") is None


def test_every_kind_of_sink_in_the_tables_has_a_rule():
    assert {row.kind for row in SINKS} <= TABLES.kinds.keys()
    cleaned = {kind for row in CLEANERS for kind in row.kinds if kind[0] not in "*+"}
    assert cleaned <= TABLES.kinds.keys()
