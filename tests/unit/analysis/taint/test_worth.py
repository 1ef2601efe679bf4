"""Whether a text is worth a parse is told from its words, and from those of the functions it calls."""

import pytest

from sutazai.analysis.taint.worth import Signs, Worth, may_end, with_called

BUILDS = "def build(name):\n    return 'select * from berths where name = ' + name\n"
RUNS = "def run(name):\n    return cursor.execute(build(name))\n"
ASKS = "def ask():\n    return run(input())\n"
WORTH = Worth()


@pytest.mark.parametrize("text", [BUILDS, RUNS, ASKS, "x = 1\n", ""])
def test_a_part_of_a_flow_is_not_worth_a_parse(text: str) -> None:
    assert not WORTH.parsing(text)


@pytest.mark.parametrize("text", [BUILDS + RUNS, RUNS + BUILDS, ASKS + RUNS + BUILDS])
def test_what_a_function_calls_counts_as_its_own(text: str) -> None:
    assert WORTH.parsing(text)


def test_functions_that_do_not_call_one_another_stay_apart() -> None:
    assert not WORTH.parsing(BUILDS + RUNS.replace("build(name)", "name"))


def test_signs_reach_two_calls_up_and_no_further() -> None:
    texts = ["def a():\n    b()", "def b():\n    c()", "def c():\n    d()", "def d():\n    pass"]
    none = Signs(0)
    assert with_called(texts, [none, none, none, Signs.QUERY]) == [none, Signs.QUERY, Signs.QUERY, Signs.QUERY]


def test_a_sink_stays_where_it_stands() -> None:
    assert with_called(["def a():\n    b()", "def b():\n    run()"], [Signs(0), Signs.COMMAND])[0] == Signs(0)


def test_functions_that_call_one_another_in_a_circle_come_to_an_end() -> None:
    assert with_called(["def a():\n    a()"], [Signs.LOCAL]) == [Signs.LOCAL]


@pytest.mark.parametrize("sign", [each for each in Signs if each != Signs.SINK])
def test_no_sign_but_a_sink_of_the_project_is_enough_alone(sign: Signs) -> None:
    assert not may_end(sign)
    assert may_end(Signs.SINK)


def test_words_of_the_project_count() -> None:
    assert Worth(sources=("params",)).parsing("a = web.params()\n")
    assert Worth(sinks=("launch",)).parsing("def a(x):\n    launch(x)\n")
    assert not WORTH.parsing("a = web.params()\n")


@pytest.mark.parametrize(
    "text",
    [
        "a = request.args['x']\n", "def a(request: Request): ...\n", "a = sock.recv(9)\n", "a = cgi.FieldStorage()\n",
        "a = self.rfile.read()\n", "a = self.get_query_argument('x')\n", "async def a(websocket): ...\n",
        "@app.get('/x')\ndef a(): ...\n", "from bottle import route\n@route('/x')\ndef a(): ...\n",
        "# a request\n@berths.get('/x')\ndef a(): ...\n", "a = client.messages.create()\n", "a = model.invoke(x)\n",
        "a = pipeline('text')\n", "for name in archive.namelist(): ...\n", "members = tar.getmembers()\n",
    ],
)  # fmt: skip
def test_where_a_stranger_speaks_there_is_a_source(text: str) -> None:
    assert WORTH.has_source(text)


@pytest.mark.parametrize(
    "text", ["# on request\n", "self.recv = 1\n", "@mock.patch('a')\n", "a.create()\n", "chat(x)\n"]
)
def test_a_word_alone_is_no_stranger(text: str) -> None:
    assert not WORTH.has_source(text)
