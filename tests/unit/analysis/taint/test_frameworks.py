"""Whole programs on several frameworks: each marked line is reported, and code as careful people write it is not."""

import re

import pytest

MARKED = """\
import os, subprocess, sqlite3, pickle, logging
from django.http import HttpResponse, HttpResponseRedirect
from django.views import View
from django.utils.safestring import mark_safe
from django.db import connection
from aiohttp import web, ClientSession
import tornado.web
from fastapi import APIRouter, Query
import httpx
router = APIRouter()

class Berths(View):
    def get(self, request, *args):
        with connection.cursor() as cur:
            cur.execute("SELECT * FROM b WHERE n='%s'" % request.GET.get("n"))  #1
        return HttpResponseRedirect(request.POST["next"])  #2

def note(request, slug):
    return HttpResponse(f"<i>{slug}</i>")  #3

def mark(request):
    return mark_safe("<b>" + request.GET["q"] + "</b>")  #4

async def handle(request):
    name = request.match_info["name"]
    body = await request.json()
    path = os.path.join("/srv", name)
    async with ClientSession() as s:
        async with s.get(body["url"]) as r:  #5
            pass
    with open(path) as f:  #6
        return web.Response(text="<p>" + name + "</p>", content_type="text/html")  #7

class H(tornado.web.RequestHandler):
    def get(self):
        self.write("<b>" + self.get_argument("a") + "</b>")  #8
        self.redirect(self.get_argument("to"))  #9

@router.get("/run")
async def run(cmd: str = Query(...), n: int = 3):
    p = subprocess.Popen(f"do {cmd} {n}", shell=True, stdout=subprocess.PIPE)  #10
    async with httpx.AsyncClient() as client:
        await client.get("http://" + cmd)  #11

@router.post("/load")
async def load(request: Request):
    data = await request.body()
    return pickle.loads(data)  #12

def raw(request):
    return Model.objects.raw("SELECT * FROM t WHERE a = " + request.GET["a"])  #13

def both(request):
    key = request.GET.get("k", "")
    query = "SELECT a FROM b"
    where = []
    if key:
        where.append(f"k = '{key}'")
    if where:
        query += " WHERE " + " AND ".join(where)
    sqlite3.connect("x").execute(query)  #14
"""

CAREFUL = """\
import os, sqlite3, logging, re, subprocess
from pathlib import Path
from flask import Flask, request, redirect, url_for, abort, jsonify, render_template, Response
from werkzeug.utils import secure_filename
import requests
app = Flask(__name__)
UPLOAD = Path("/srv/up")
log = logging.getLogger(__name__)
ALLOWED = {"png", "jpg"}

def allowed_file(filename):
    return "." in filename and filename.rsplit(".", 1)[1].lower() in ALLOWED

@app.route("/u", methods=["POST"])
def upload():
    f = request.files["file"]
    if f and allowed_file(f.filename):
        name = secure_filename(f.filename)
        f.save(os.path.join(app.config["UP"], name))
        return redirect(url_for("show", name=name))
    return "bad"

@app.route("/u/<name>")
def show(name):
    db = sqlite3.connect("x")
    row = db.execute("SELECT * FROM t WHERE n = ?", (name,)).fetchone()
    if row is None:
        abort(404)
    return render_template("x.html", row=row)

@app.route("/page")
def page():
    n = request.args.get("page", 1, type=int)
    return f"<b>{n}</b>"

@app.route("/sort")
def sort():
    col = request.args.get("sort")
    cols = {"a": "alpha", "b": "beta"}
    c = cols.get(col, "alpha")
    db = sqlite3.connect("x")
    return jsonify(db.execute(f"SELECT * FROM t ORDER BY {c}").fetchall())

@app.route("/user")
def user():
    u = User.query.filter_by(name=request.args["n"]).first()
    return f"<p>{u.name}</p>"

@app.post("/q")
def q():
    data = request.get_json()
    r = requests.post("https://api.example/x", json=data, timeout=3)
    return r.text, 200, {"Content-Type": "application/json"}

@app.route("/order/<int:oid>")
def order(oid):
    return "Order %s" % oid

@app.route("/next")
def nxt():
    target = request.args.get("next")
    if not is_safe_url(target):
        return abort(400)
    return redirect(target)

@app.route("/json")
def js():
    return Response(request.args["a"], mimetype="application/json")

@app.route("/t")
def t():
    return "<p>" + str(escape_it(request.args["a"])) + "</p>"

class Search:
    def __init__(self, q): self.q = q
    def sql(self): return "SELECT * FROM t WHERE a LIKE ?", (f"%{self.q}%",)

@app.route("/s")
def s():
    sql, params = Search(request.args["q"]).sql()
    sqlite3.connect("x").execute(sql, params)
    ids = request.args.getlist("id")
    marks = ",".join("?" for _ in ids)
    sqlite3.connect("x").execute(f"SELECT * FROM t WHERE id IN ({marks})", ids)
    marks = ",".join(["?"] * len(ids))
    sqlite3.connect("x").execute("SELECT * FROM t WHERE id IN (%s)" % marks, ids)
    return {}
"""


def test_every_marked_line_is_reported_and_no_other(found):
    marked = {number for number, line in enumerate(MARKED.splitlines(), 1) if re.search(r"#\d+$", line)}
    assert {each.location.start_line for each in found(MARKED)} == marked


def test_careful_code_is_left_alone(found):
    assert found(CAREFUL) == []


@pytest.mark.parametrize("rule", ["/<path:name>", "/<name>", "/<int:name>"])
def test_a_converter_of_a_route_says_what_the_part_can_hold(found, rule):
    text = f"""
        from flask import Flask
        app = Flask(__name__)
        @app.route("{rule}")
        def show(name):
            return {{"a": open("/srv/" + str(name)).read()}}
        """
    assert bool(found(text)) is ("path" in rule)


@pytest.mark.parametrize(("rule", "reported"), [("/fixed", False), ("/<name>", True)])
def test_the_path_of_a_request_is_known_where_the_route_is_fixed(found, rule, reported):
    text = f"""
        import os
        from flask import Flask, request
        app = Flask(__name__)
        @app.route("{rule}")
        def show(name=""):
            os.system("tug " + request.path)
            return {{}}
        """
    assert bool(found(text)) is reported
