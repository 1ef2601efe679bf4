"""Data followed through functions, classes and files, and the trace that tells the way."""

import pytest

CALLS = [
    ("a function", """
        import os
        from flask import request
        def cmd(name):
            return "tug " + name
        def serve():
            os.system(cmd(request.args["a"]))
     """, """
        import os
        from flask import request
        def cmd(name):
            return "tug " + str(len(name))
        def serve():
            os.system(cmd(request.args["a"]))
     """),
    ("the sink in a function", """
        import os
        from flask import request
        def run(name, *, loud=False):
            os.system("tug " + name)
        def serve():
            run(request.args["a"], loud=True)
     """, """
        import os
        from flask import request
        def run(name: int, loud):
            os.system("tug " + str(name))
        def serve():
            run(3, loud=request.args["a"])
     """),
    ("the source in a function", """
        import os
        from flask import request
        def wanted():
            return request.args["a"]
        def serve():
            os.system(wanted())
     """, """
        import os
        from flask import request
        def wanted():
            return int(request.args["a"])
        def serve():
            os.system(str(wanted()))
     """),
    ("a guard in a function", """
        import os
        from flask import request
        def known(name):
            return len(name) > 3
        def serve():
            a = request.args["a"]
            if known(a):
                os.system(a)
     """, """
        import os
        from flask import request
        def known(name):
            return name in ("a", "b")
        def serve():
            a = request.args["a"]
            if known(a):
                os.system(a)
     """),
    ("a function that refuses", """
        import os
        from flask import request
        def demand(name):
            if not name:
                raise ValueError
        def serve():
            a = request.args["a"]
            demand(a)
            os.system(a)
     """, """
        import os
        from flask import request
        def demand(name):
            if name not in ("a", "b"):
                raise ValueError
        def serve():
            a = request.args["a"]
            demand(a)
            os.system(a)
     """),
    ("a field of an object", """
        import os
        from flask import request
        class Berth:
            def __init__(self, name, size):
                self.name = name
                self.size = size
            def line(self):
                return "tug " + self.name
        def serve():
            os.system(Berth(request.args["a"], 3).line())
     """, """
        import os
        from flask import request
        class Berth:
            def __init__(self, name, size):
                self.name = name
                self.size = size
            def line(self):
                return "tug %s" % self.size
        def serve():
            os.system(Berth(request.args["a"], 3).line())
     """),
    ("a property and a base", """
        import os
        from flask import request
        class Base:
            def __init__(self, a):
                self.a = a
            @property
            def full(self):
                return "tug " + self.a
        class Berth(Base):
            pass
        def serve():
            os.system(Berth(request.args["a"]).full)
     """, """
        import os
        from flask import request
        class Base:
            kind = "tug"
            def __init__(self, a):
                self.a = a
            @property
            def full(self):
                return self.kind
        class Berth(Base):
            pass
        def serve():
            os.system(Berth(request.args["a"]).full)
     """),
    ("a dataclass", """
        import os
        from dataclasses import dataclass
        from flask import request
        @dataclass
        class Berth:
            name: str = ""
            size: int = 0
        def serve():
            os.system(Berth(name=request.args["a"]).name)
     """, """
        import os
        from dataclasses import dataclass
        from flask import request
        @dataclass
        class Berth:
            name: str = ""
            size: int = 0
        def serve():
            os.system(str(Berth(name=request.args["a"], size=2).size))
     """),
    ("an attribute from outside", """
        import os
        from flask import request
        def serve(berth):
            berth.name = request.args["a"]
            os.system(berth.name)
     """, """
        import os
        from flask import request
        def serve(berth):
            berth.name = request.args["a"]
            berth.name = "a"
            os.system(berth.name)
     """),
    ("a generator", """
        import os
        from flask import request
        def parts():
            for each in request.args["a"].split():
                yield each
        def serve():
            for each in parts():
                os.system(each)
     """, """
        import os
        from flask import request
        def parts():
            for each in request.args["a"].split():
                yield int(each)
        def serve():
            for each in parts():
                os.system(str(each))
     """),
    ("a nested function", """
        import os
        from flask import request
        def serve():
            a = request.args["a"]
            def inner():
                os.system(a)
            inner()
     """, """
        import os
        from flask import request
        def serve():
            a = str(len(request.args["a"]))
            def inner():
                os.system(a)
            inner()
     """),
    ("star arguments", """
        import os
        from flask import request
        def run(*names, **more):
            os.system(names[1])
        def serve():
            run("a", request.args["a"])
     """, """
        import os
        from flask import request
        def run(*names, **more):
            os.system(names[0])
        def serve():
            run("a", request.args["a"], b="c")
     """),
    ("a list filled elsewhere", """
        import os
        from flask import request
        def fill(into):
            into.append(request.args["a"])
        def serve():
            names = []
            fill(names)
            os.system(names[0])
     """, """
        import os
        from flask import request
        def fill(into):
            into.append(str(len(request.args["a"])))
        def serve():
            names = []
            fill(names)
            os.system(names[0])
     """),
    ("a default", """
        import os
        from flask import request
        def serve(prefix="tug "):
            os.system(prefix + request.args.get("a", "b"))
     """, """
        import os
        from flask import request
        NAMES = {"a": "tug"}
        def serve():
            os.system(NAMES.get(request.args["a"], "b"))
     """),
    ("a module variable", """
        import os
        from flask import request
        PREFIX = "tug "
        def serve():
            if PREFIX == "tug ":
                os.system(request.args["a"])
     """, """
        import os
        from flask import request
        PREFIX = "tug "
        def serve():
            if PREFIX == "row ":
                os.system(request.args["a"])
     """),
    ("recursion", """
        import os
        from flask import request
        def work(a, n):
            if n:
                return work(a, n - 1)
            return a
        def serve():
            os.system(work(request.args["a"], 3))
     """, """
        import os
        from flask import request
        def work(a, n):
            if n:
                return work(a, n - 1)
            return "a"
        def serve():
            work(request.args["a"], 3)
     """),
]  # fmt: skip


@pytest.mark.parametrize(("name", "bad", "good"), CALLS, ids=[case[0] for case in CALLS])
def test_data_is_followed_through(found, name, bad, good):
    assert "py-command-injection" in {each.rule for each in found(bad)}


@pytest.mark.parametrize(("name", "bad", "good"), CALLS, ids=[case[0] for case in CALLS])
def test_data_that_stops_on_the_way_is_not_reported(found, name, bad, good):
    assert "py-command-injection" not in {each.rule for each in found(good)}


VIEWS = """
from flask import request
{how}

def serve():
    {call}(request.args["a"])
"""
TOOLS = """
def launch(name):
    open("/srv/port/" + name)

def measure(name):
    return len(name)
"""


@pytest.mark.parametrize(
    ("how", "call"),
    [
        ("from port.tools import launch", "launch"),
        ("import port.tools", "port.tools.launch"),
        ("import port.tools as kit", "kit.launch"),
        ("from .tools import launch as go", "go"),
        ("from . import tools", "tools.launch"),
        ("from port import tools", "tools.launch"),
        ("from port.tools import *", "launch"),
    ],
)
def test_data_is_followed_into_other_files(found, how, call):
    files = {"src/port/views.py": VIEWS.format(how=how, call=call), "src/port/tools.py": TOOLS}
    (finding,) = found(files)
    assert finding.location.path == "src/port/tools.py"
    assert finding.trace[0].location.path == "src/port/views.py"
    assert found({**files, "src/port/views.py": VIEWS.format(how=how, call=call).replace("launch", "measure")}) == []


def test_a_broken_or_missing_file_stops_nothing(found, report):
    views = VIEWS.format(how="from port.tools import launch", call="launch")
    assert found({"port/views.py": views}) == []
    assert report({"port/views.py": views, "port/tools.py": "def launch(:\n  (("}).findings == ()


def test_files_that_import_one_another_come_to_an_end(found):
    head = "import os, two\nfrom two import *\nfrom flask import request\n"
    one = head + "def a():\n    os.system(two.b(request.args['a']))\n"
    two = "from one import *\nfrom flask import request\ndef b(x):\n    return x\n"
    assert len(found({"one.py": one, "two.py": two})) == 1


def test_the_trace_goes_from_the_source_over_each_step_to_the_sink(found):
    (finding,) = found(
        """
        import os
        from flask import request
        def cmd(name):
            line = "tug " + name
            return line
        def serve():
            \u00e9t\u00e9 = request.args["\u00e9"]; os.system(cmd(\u00e9t\u00e9))
        """
    )
    assert [(step.location.start_line, step.note) for step in finding.trace] == [
        (8, "comes from the request"),
        (8, "assigned to `\u00e9t\u00e9`"),
        (8, "passed to `cmd` as `name`"),
        (5, "assigned to `line`"),
        (8, "used here"),
    ]
    assert finding.trace[0].location.start_column == 11
    assert finding.quote == "os.system(cmd(\u00e9t\u00e9))"
    assert finding.location.start_column == 30
    assert (finding.symbol, finding.engines, finding.cwe) == ("serve", ("taint",), (78,))
    assert finding.confidence == 0.9


def test_what_a_local_user_gives_counts_for_less(found):
    (finding,) = found("import os, sys\nos.system('tug ' + sys.argv[1])\n")
    assert finding.confidence < 0.5
    assert found("import sys\nopen(sys.argv[1])\n") == []


def test_a_method_of_a_class_is_named_in_full(found):
    (finding,) = found(
        """
        import os
        from flask import request
        class Berth:
            def get(self):
                os.system(request.args["a"])
        """
    )
    assert finding.symbol == "Berth.get"


def test_a_query_that_another_function_builds_is_followed_where_nobody_knows_the_caller(found):
    """No function has all of it: one builds the text, the next hands it over, a third is called from outside."""
    code = """
        import sqlite3
        def text_of(name):
            return "SELECT * FROM berths WHERE name = '" + name + "'"
        def wanted(name):
            return text_of(name)
        def berths(name):
            return sqlite3.connect("x").execute(wanted(name)).fetchall()
        """
    (finding,) = found(code)
    assert (finding.rule, finding.location.start_line) == ("py-sql-injection", 8)
    assert found(code.replace("+ name +", "+ str(len(name)) +")) == []
    assert found(code.replace("wanted(name)).fetch", "str(name)).fetch")) == []


def test_a_caller_is_not_blamed_for_what_a_function_that_was_not_followed_gives(found):
    """It may quote what it gets; a stranger's data counts nevertheless."""
    long = "    # " + "x" * 400
    code = f"import os\ndef line(name):\n{long}\n    return other(name)\n"
    code += "def go(name):\n    os.system('set -x; ' + line(name))\n"
    assert found(code) == []
    assert len(found(code.replace("line(name))\n", "name)\n"))) == 1
    asked = code.replace("def go(name):", "from flask import request\ndef go():\n    name = request.args['a']")
    assert len(found(asked)) == 1
