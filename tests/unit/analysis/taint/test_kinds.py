"""Each kind of sink: what reaches it, what makes the data harmless to it and only to it."""

import pytest

# rule, what is reported, what is not: each a whole module
CASES = [
    ("py-path-traversal", "resolved and compared", """
        import os
        from flask import request
        def show():
            path = os.path.join("/srv/maps", request.args["m"])
            if not path.startswith("/srv/maps"):
                return
            open(path)
     """, """
        import os
        from flask import request
        def show():
            path = os.path.realpath(os.path.join("/srv/maps", request.args["m"]))
            if not path.startswith("/srv/maps"):
                return
            open(path)
     """),
    ("py-path-traversal", "pathlib", """
        import pathlib
        from flask import request
        ROOT = pathlib.Path("/srv")
        def show():
            return {"a": (ROOT / request.args["m"]).read_text()}
     """, """
        import pathlib
        from flask import request
        ROOT = pathlib.Path("/srv")
        def show():
            path = (ROOT / request.args["m"]).resolve()
            if not path.is_relative_to(ROOT):
                return {}
            return {"a": path.read_text()}
     """),
    ("py-path-traversal", "dots refused", """
        from flask import request
        def show():
            name = request.args["m"]
            if "%" in name:
                return
            open("/srv/" + name)
     """, """
        from flask import request
        def show():
            name = request.args["m"]
            if ".." in name:
                return
            open("/srv/" + name)
     """),
    ("py-path-traversal", "a question about a file", """
        import os
        from flask import request
        def there():
            return {"there": os.path.exists("/srv/" + request.args["m"])}
     """, """
        import os
        from flask import request
        def there():
            return {"there": os.path.exists("/srv/" + os.path.basename(request.args["m"]))}
     """),
    ("py-sql-injection", "parameters", """
        from flask import request
        def find(cursor):
            cursor.execute("SELECT a FROM b WHERE c = '%s'" % request.form["c"])
     """, """
        from flask import request
        def find(cursor):
            cursor.execute("SELECT a FROM b WHERE c = %s", (request.form["c"],))
     """),
    ("py-sql-injection", "SQLAlchemy", """
        from flask import request
        from sqlalchemy import text
        def find(session):
            session.execute(text("SELECT a FROM b WHERE c = " + request.form["c"]))
     """, """
        from flask import request
        from sqlalchemy import text
        def find(session):
            session.execute(text("SELECT a FROM b WHERE c = :c"), {"c": request.form["c"]})
     """),
    ("py-sql-injection", "a parameter of the function", """
        def find(cursor, name):
            query = "SELECT a FROM b WHERE c = '" + name + "'"
            cursor.execute(query)
     """, """
        def find(cursor, name: int):
            query = "SELECT a FROM b WHERE c = " + str(name)
            cursor.execute(query)
     """),
    ("py-command-injection", "a runner of the project's own", """
        class Array:
            def grow(self, volume):
                self._run_ssh("svc grow -size 2 %s" % volume)
     """, """
        class Array:
            def grow(self, volume):
                self._run_ssh(["svc", "grow", "-size", "2", volume])
     """),
    ("py-xss", "escaping", """
        from flask import Flask, request
        app = Flask(__name__)
        @app.route("/")
        def page():
            return f"<b>{request.args['b']}</b>"
     """, """
        import html
        from flask import Flask, request
        app = Flask(__name__)
        @app.route("/")
        def page():
            return f"<b>{html.escape(request.args['b'])}</b>"
     """),
    ("py-xss", "a dict is answered as JSON", """
        from flask import Flask, request
        app = Flask(__name__)
        @app.route("/")
        def page():
            return request.args["b"], 200
     """, """
        from flask import Flask, request
        app = Flask(__name__)
        @app.route("/")
        def page():
            return {"b": request.args["b"]}, 200
     """),
    ("py-xss", "Django", """
        from django.http import HttpResponse
        def page(request):
            return HttpResponse("<b>" + request.GET["b"])
     """, """
        from django.http import HttpResponse
        from django.utils.html import escape
        def page(request):
            return HttpResponse("<b>" + escape(request.GET["b"]))
     """),
    ("py-xss", "FastAPI", """
        from fastapi import FastAPI
        from fastapi.responses import HTMLResponse
        app = FastAPI()
        @app.get("/{name}")
        async def page(name: str):
            return HTMLResponse(f"<b>{name}</b>")
     """, """
        from fastapi import FastAPI
        app = FastAPI()
        @app.get("/{name}")
        async def page(name: str):
            return f"<b>{name}</b>"
     """),
    ("py-xss", "numbers in a rule", """
        from flask import Flask
        app = Flask(__name__)
        @app.route("/<key>")
        def page(key):
            return "<b>" + key
     """, """
        from flask import Flask
        app = Flask(__name__)
        @app.route("/<int:key>")
        def page(key):
            return "<b>" + str(key)
     """),
    ("py-open-redirect", "the host is checked", """
        from urllib.parse import urlparse
        from flask import redirect, request
        def go():
            to = request.args["to"]
            if urlparse(to).scheme != "https":
                return
            return redirect(to)
     """, """
        from urllib.parse import urlparse
        from flask import redirect, request
        def go():
            to = request.args["to"]
            if urlparse(to).netloc:
                return
            return redirect(to)
     """),
    ("py-open-redirect", "a fixed host", """
        from flask import redirect, request
        def go():
            return redirect("https://" + request.args["to"])
     """, """
        from flask import redirect, request
        def go():
            return redirect("https://quay.example/" + request.args["to"])
     """),
    ("py-ssrf", "a fixed host", """
        import httpx
        from flask import request
        def go():
            httpx.get(f"https://{request.args['h']}/x")
     """, """
        import httpx
        from flask import request
        def go():
            httpx.get(f"https://quay.example/{request.args['h']}")
     """),
    ("py-untrusted-deserialisation", "loaders", """
        import yaml
        from flask import request
        def load():
            yaml.load(request.data, Loader=yaml.Loader)
     """, """
        import yaml
        from flask import request
        def load():
            yaml.load(request.data, Loader=yaml.SafeLoader)
     """),
    ("py-code-injection", "a literal in quotes", """
        from flask import request
        def work():
            text = request.args["t"]
            if not text.startswith("'"):
                return
            eval(text)
     """, """
        from flask import request
        def work():
            text = request.args["t"]
            if not text.startswith("'") or not text.endswith("'") or "'" in text[1:-1]:
                return
            eval(text)
     """),
    ("py-xpath-injection", "quotes refused", """
        from flask import request
        def find(tree):
            tree.xpath("//a[@b='" + request.args["b"] + "']")
     """, """
        from flask import request
        def find(tree):
            b = request.args["b"]
            if "'" in b:
                return
            tree.xpath("//a[@b='" + b + "']")
     """),
    ("py-ldap-injection", "escaping", """
        import ldap
        from flask import request
        def find():
            ldap.initialize("ldap://x").search_s("o=a", 2, f"(uid={request.args['u']})")
     """, """
        import ldap
        from ldap.filter import escape_filter_chars
        from flask import request
        def find():
            ldap.initialize("ldap://x").search_s("o=a", 2, f"(uid={escape_filter_chars(request.args['u'])})")
     """),
    ("py-template-injection", "a constant template", """
        from jinja2 import Environment
        from flask import request
        def show():
            return {"a": Environment().from_string(request.args["t"])}
     """, """
        from jinja2 import Environment
        from flask import request
        def show():
            return {"a": Environment().from_string("{{ t }}").render(t=request.args["t"])}
     """),
    ("py-trust-boundary", "values and keys", """
        from flask import request, session
        def keep():
            session[request.args["k"]] = "1"
     """, """
        from flask import request, session
        def keep():
            session["k"] = len(request.args["k"])
     """),
    ("py-header-injection", "line ends", """
        from flask import Flask, make_response, request
        app = Flask(__name__)
        @app.route("/")
        def head():
            return make_response(("ok", {"X-A": request.args["a"]}))
     """, """
        from flask import Flask, make_response, request
        app = Flask(__name__)
        @app.route("/")
        def head():
            return make_response(("ok", {"X-A": "a"}))
     """),
    ("py-log-injection", "line ends", """
        import logging
        from flask import request
        log = logging.getLogger(__name__)
        def keep():
            log.info("from %s", request.args["a"])
     """, """
        import logging
        from flask import request
        log = logging.getLogger(__name__)
        def keep():
            log.info("from %s", request.args["a"].replace("\\n", ""))
     """),
]  # fmt: skip

IDS = [f"{case[0]}: {case[1]}" for case in CASES]


@pytest.mark.parametrize(("rule", "name", "bad", "good"), CASES, ids=IDS)
def test_data_that_does_harm_is_reported(found, rule, name, bad, good):
    assert rule in {each.rule for each in found(bad)}


@pytest.mark.parametrize(("rule", "name", "bad", "good"), CASES, ids=IDS)
def test_data_made_harmless_is_left_alone(found, rule, name, bad, good):
    assert rule not in {each.rule for each in found(good)}


@pytest.mark.parametrize(
    "query",
    [
        "SAVEPOINT {name}", "RELEASE SAVEPOINT {name}", "ROLLBACK TO {name}", "COPY {name} FROM stdin",
        "EXPLAIN {name}", "PRAGMA table_info({name})", "ATTACH DATABASE {name} AS old",
        "COMMENT ON TABLE {name} IS 'x'", "CREATE TEMP STAGE {name}", "CREATE OR REPLACE FILE FORMAT {name}",
    ],
)  # fmt: skip
def test_any_verb_of_a_database_begins_a_query(query: str, found) -> None:
    code = f"def go(cursor, name):\n    cursor.execute(f'''{query}''')\n"
    (finding,) = found(code)
    assert finding.rule == "py-sql-injection"
    assert found(code.replace("name):", "name: int):")) == []


def test_names_in_an_archive_are_whoever_made_its(found) -> None:
    code = """
        import os, tarfile, zipfile
        def unpack(folder, path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    open(os.path.join(folder, name), "wb").write(archive.read(name))
        def unroll(folder, path):
            for member in tarfile.open(path).getmembers():
                os.makedirs(folder + "/" + member.name)
        """
    assert [(each.rule, each.location.start_line) for each in found(code)] == [
        ("py-path-traversal", 6),
        ("py-path-traversal", 9),
    ]
    safe = code.replace("folder, name)", "folder, os.path.basename(name))").replace("member.name", "str(member.size)")
    assert [each.location.start_line for each in found(safe)] == [9]
    assert found(safe.replace("str(member.size)", "'new'")) == []


def test_a_sandbox_may_compile_what_is_anyones(found) -> None:
    code = """
        from flask import request
        from jinja2 import Environment
        from jinja2.sandbox import SandboxedEnvironment
        def show():
            return {"text": Environment().from_string(request.args["text"]).render()}
        """
    assert [each.rule for each in found(code)] == ["py-template-injection"]
    assert found(code.replace(" Environment()", " SandboxedEnvironment()")) == []
