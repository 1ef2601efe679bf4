"""The patterns engine: places, hostile input, noise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.analysis import patterns as module
from sutazai.analysis.patterns import LANGUAGES, PatternsAnalyzer, nested_too_deep
from sutazai.sdk.finding import Finding
from sutazai.sdk.source import SourceFile
from sutazai.syntax.languages import LANGUAGES as KNOWN
from sutazai.syntax.positions import Positions

BAD = "import os\n\n\ndef f(x):\n    os.system(f'ls {x}')\n"


def source(text: str, path: str = "app/code.py", language: str = "python", *, is_test: bool = False) -> SourceFile:
    return SourceFile(path, text, language, is_test=is_test)


async def findings(text: str, language: str = "python", *, is_test: bool = False) -> tuple[Finding, ...]:
    report = await PatternsAnalyzer().analyze([source(text, language=language, is_test=is_test)])
    assert report.failed == ()
    return report.findings


def test_every_language_is_one_we_know() -> None:
    assert set(LANGUAGES) <= set(KNOWN)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_places_count_code_points_whatever_ends_a_line(end: str) -> None:
    text = f'def f(x):{end}\tq = "\U0001f600\u00e9"; os.system(f"{{x}}"){end}\treturn q{end}'
    (finding,) = await findings(text)
    at, positions = finding.location, Positions(text)
    assert (at.start_line, at.start_column) == (2, 12)
    assert finding.quote == 'os.system(f"{x}")'
    cut = text[positions.offset(at.start_line, at.start_column) : positions.offset(at.end_line, at.end_column)]
    assert cut == finding.quote


async def test_findings_come_in_the_order_of_files_and_places() -> None:
    files = [source(BAD + BAD, f"f{number}.py") for number in range(40)]
    report = await PatternsAnalyzer().analyze(files)
    places = [(each.location.path, each.location.start_line) for each in report.findings]
    assert places == [(each.path, line) for each in files for line in (5, 10)]


async def test_rules_of_configuration_leave_tests_alone() -> None:
    text = 'app.config["SECRET_KEY"] = "x1"\n'
    assert [each.rule for each in await findings(text)] == ["py-flask-secret-in-source"]
    assert await findings(text, is_test=True) == ()


async def test_a_file_nested_too_deep_is_named_and_the_others_go_on() -> None:
    deep = "os.system(" * 5_000 + ")" * 5_000
    report = await PatternsAnalyzer().analyze([source(deep, "deep.py"), source(BAD, "b.py")])
    assert [each.path for each in report.failed] == ["deep.py"]
    assert "nesting" in report.failed[0].reason
    assert [each.location.path for each in report.findings] == ["b.py"]


def test_nesting_is_counted_and_closed_again() -> None:
    assert not nested_too_deep("()" * 100_000)
    assert not nested_too_deep(")" * 100_000)
    assert nested_too_deep("[" * 500)


async def test_a_parser_that_fails_names_the_file_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("cannot get matcher")

    monkeypatch.setattr(module, "_spans", fails)
    report = await PatternsAnalyzer().analyze([source(BAD, "a.py"), source("x = 1\n", "b.py")])
    assert [(each.path, each.reason) for each in report.failed] == [("a.py", "RuntimeError: cannot get matcher")]


async def test_a_long_match_quotes_its_first_line() -> None:
    body = "".join(f"        print({number})\n" for number in range(10))
    text = "def f(d):\n    for k in d:\n" + body + "        del d[k]\n" + body
    (finding,) = await findings(text)
    assert finding.rule == "py-dict-changed-in-loop"
    assert finding.quote == "for k in d:"
    assert finding.location.end_line == finding.location.start_line


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@settings(max_examples=20, deadline=None)
@given(data=st.binary(max_size=200))
async def test_random_bytes_never_raise(language: str, data: bytes) -> None:
    hints = " ".join(
        hint for rule in module.read_pack(LANGUAGES[language][1][0]).values() for hint in rule.data["hints"]
    )
    text = hints + data.decode("utf-8", "replace")
    report = await PatternsAnalyzer().analyze([source(text, "a", language)])
    positions = Positions(text)
    for finding in report.findings:
        at = finding.location
        start = positions.offset(at.start_line, at.start_column)
        assert text[start : positions.offset(at.end_line, at.end_column)] == finding.quote


@pytest.mark.parametrize(
    "text",
    [
        "os.system(x) " + "a" * 1_000_000,
        "os.system(x)\n" + "x = 1" + "+1" * 200_000,
        "os.system(x)\n" + "x = " + "not " * 200_000 + "1",
        "os.system(x)\n" + "x = a" + ".b" * 200_000,
        "os.system(x); " * 50_000,
        "for k in d:\n" * 50_000 + "del d[k]",
        "os.system('\ud800')",
    ],
    ids=["long line", "sum", "not", "attributes", "calls", "loops", "surrogate"],
)
async def test_hostile_texts_are_read_or_named(text: str) -> None:
    report = await PatternsAnalyzer().analyze([source(text, "a.py"), source(BAD, "b.py")])
    assert {each.path for each in report.failed} <= {"a.py"}
    assert report.findings[-1].location.path == "b.py"


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.system('ls')\n",
        "import os, shlex\nos.system(f'ls {shlex.quote(x)}')\n",
        "import random\ncolour = random.choice(COLOURS)\n",
        "import re\nre.compile(r'(?:[a-z]+,)*')\n",
        "import asyncio\nasync def f():\n    task = asyncio.sleep(1)\n    await task\n",
        "for k in d:\n    del d[k]\n    break\n",
        "for x in xs:\n    if x:\n        xs.remove(x)\n        return\n",
        "logger.info('password of %s changed', name)\n",
        "import hashlib\nhashlib.sha256(data)\n",
    ],
)
async def test_what_only_looks_alike_is_left_alone(text: str) -> None:
    assert await findings(text) == ()


@pytest.mark.parametrize("condition", ["len>=16", "p->n == 1", "a.b[i] != 0", "(x = next()) > 0", "x <= 1"])
async def test_a_comparison_in_c_is_no_assignment(condition: str) -> None:
    assert await findings(f"int f(int x) {{ if ({condition}) {{ return 1; }} return 0; }}\n", "c") == ()


@pytest.mark.parametrize("target", ["x", "p->n", "a.b", "a[i]"])
async def test_an_assignment_to_any_place_in_c_is_seen(target: str) -> None:
    text = f"int f(int x) {{ if ({target} = 1) {{ return 1; }} return 0; }}\n"
    assert [each.rule for each in await findings(text, "c")] == ["c-assignment-as-condition"]


WORKFLOWS = [
    (
        "gha-script-injection",
        "jobs:\n  a:\n    steps:\n      - run: |\n          set -e\n          echo ${{ github.head_ref }}\n",
    ),
    ("gha-script-injection", "steps:\n  - with:\n      script: |\n        say('${{github.event.comment.body}}')\n"),
    ("", "steps:\n  - run: echo ${{ github.event.pull_request.number }}\n"),
    ("", "steps:\n  - run: make\n    env:\n      run_title: x\n      TITLE: ${{ github.event.issue.title }}\n"),
    (
        "gha-untrusted-checkout",
        "on: [push, pull_request_target]\nsteps:\n  - with:\n      ref: ${{ github.head_ref }}\n",
    ),
    ("", "on:\n  # not pull_request_target\n  push:\nsteps:\n  - with:\n      ref: ${{ github.head_ref }}\n"),
    ("gha-moving-action", 'steps:\n  - uses: "a/b/sub@master"\n'),
    ("", "steps:\n  - uses: actions/checkout@v5\n  - uses: docker://alpine:3\n  - uses: ./x@main\n"),
    ("compose-docker-socket", "services:\n  a:\n    volumes:\n    - type: bind\n      source: /var/run/docker.sock\n"),
    ("", "volumes:\n  - /var/run/docker.sock:/var/run/docker.sock\n"),
    ("compose-all-capabilities", "services:\n  a:\n    security_opt: ['seccomp:unconfined']\n"),
    ("compose-all-capabilities", "services:\n  a:\n    cap_add: [ALL]\n"),
    ("", "services:\n  a:\n    cap_drop: [ALL]\n"),
    ("compose-open-database", "services:\n  a:\n    ports:\n      - 6379:6379\n"),
    ("", "services:\n  a:\n    ports:\n      - 8080:80\n    expose:\n      - 6379:6379\n"),
    ("compose-default-password", "services:\n  a:\n    environment:\n      - MYSQL_ROOT_PASSWORD=root\n"),
    (
        "",
        "services:\n  a:\n    environment:\n      - MYSQL_ROOT_PASSWORD=${X}\n      - A_PASSWORD_FILE=/run/secrets/a\n",
    ),
]


@pytest.mark.parametrize(("rule", "text"), WORKFLOWS)
async def test_workflows_and_compose_files_are_told_by_what_they_do(rule: str, text: str) -> None:
    report = await PatternsAnalyzer().analyze([SourceFile("a.yml", text, "yaml")])
    assert {each.rule for each in report.findings} == ({rule} if rule else set())


SIBLINGS = """
from flask import Blueprint
from flask_login import login_required

bp = Blueprint("a", __name__)

@bp.post("/a")
@login_required
def a(): ...

@bp.post("/b")
@login_required
def b(): ...

{route}
"""
ROUTES = [
    ("@bp.delete('/c')\ndef c():\n    return drop()", True),
    ("@bp.route('/c', methods=['GET', 'POST'])\ndef c():\n    return drop()", True),
    ("@bp.get('/c')\ndef c():\n    return show()", False),
    ("@bp.post('/login')\ndef c():\n    return start()", False),
    ("@bp.post('/c')\n@admin_required\ndef c():\n    return drop()", False),
    (
        "@bp.post('/c')\ndef c():\n    if not current_user.is_authenticated:\n        abort(401)\n    return drop()",
        False,
    ),
]


@pytest.mark.parametrize(("route", "reported"), ROUTES)
async def test_a_route_is_compared_with_its_siblings(route: str, reported: bool) -> None:
    for text in (SIBLINGS.format(route=route), SIBLINGS.format(route=route).replace("@login_required\n", "", 1)):
        report = await PatternsAnalyzer().analyze([SourceFile("a.py", text, "python")])
        missing = [each for each in report.findings if each.rule == "py-route-without-login"]
        assert bool(missing) == (reported and text.count("@login_required") == 2)


QUERIES = [
    ("for x in xs:\n    y = A.objects.get(pk=x)\n", True),
    ("for x in xs:\n    db.execute('select a from b where c = ?', (x,))\n", True),
    ("for x in xs:\n    db.execute('insert into b values (?)', (x,))\n", False),
    ("y = A.objects.get(pk=x)\nfor x in xs:\n    use(y)\n", False),
    ("for x in range(3):\n    y = A.objects.get(pk=x)\n", False),
    ("for x in xs:\n    def later():\n        return A.objects.get(pk=x)\n", False),
]


@pytest.mark.parametrize(("text", "reported"), QUERIES)
async def test_a_query_counts_only_where_the_loop_repeats_it(text: str, reported: bool) -> None:
    report = await PatternsAnalyzer().analyze([SourceFile("a.py", text, "python")])
    assert [each.rule for each in report.findings] == ["py-query-in-loop"] * reported


GROWING = "def f(names):\n    seen = []\n    for name in names:\n        if {test}:\n            {grow}(name)\n"


@pytest.mark.parametrize(
    "test", ["name not in seen", "name not  in  seen and not (a in b)", "x not in y or name not in\\\n seen"]
)
@pytest.mark.parametrize("grow", ["seen.append", "seen .append", "(seen\n.append)"])
async def test_a_list_used_as_a_set_is_seen_however_it_is_written(test: str, grow: str) -> None:
    """The quick look at the text passes over no file that the tree would tell of."""
    text = GROWING.format(test=test, grow=grow) + "# x not in y: z.append(y)\n"
    found = [each.rule for each in await findings(text)]
    assert found == ["py-list-as-set"] * (grow != "(seen\n.append)")


async def test_a_file_is_not_parsed_where_no_list_that_is_asked_for_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(*_args: object) -> None:
        raise AssertionError

    monkeypatch.setattr(PatternsAnalyzer, "_matches", parsed)
    assert await findings(GROWING.format(test="name not in other", grow="seen.append")) == ()
    assert await findings("a.append(b)\nif not (a in b) or ' not in ': pass\n") == ()
