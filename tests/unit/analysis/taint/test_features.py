"""Each feature of the language, with a way that lets outside data through and a twin that does not."""

# ruff: noqa: E501 (each way stands on one line, beside its twin)
import textwrap

import pytest

HEAD = """
import os
import re
import shlex
import html
import subprocess
from flask import request

def serve(flag, mode):
    x = request.args["berth"]
"""

# name, what lets the data through to the command, what does not
TWINS = [
    ("concatenation", 'os.system("tug " + x)', 'os.system("tug " + "nine")'),
    ("f-string", 'os.system(f"tug {x}")', 'os.system(f"tug {len(x)}")'),
    ("f-string with a format", 'os.system(f"tug {x!s:>9}")', 'y = "a"\nos.system(f"tug {y!s:>9}")'),
    ("nested quotes", 'os.system(f"tug {request.args["q"]}")', 'os.system(f"tug {"q".upper()}")'),
    ("percent", 'os.system("tug %s" % x)', 'os.system("tug %d" % x)'),
    ("percent with a tuple", 'os.system("%s %s" % ("a", x))', 'os.system("%s %d" % ("a", x))'),
    ("percent with a dict", 'os.system("%(a)s" % {"a": x})', 'os.system("%(b)s" % {"a": x, "b": "1"})'),
    ("format", 'os.system("tug {}".format(x))', 'os.system("tug {:d}".format(x))'),
    ("format by position", 'os.system("{1}".format("a", x))', 'os.system("{0}".format("a", x))'),
    ("format by name", 'os.system("{b}".format(b=x))', 'os.system("{a}".format(a="1", b=x))'),
    ("format by key", 'os.system("{0[k]}".format({"k": x}))', 'os.system("{0[j]}".format({"k": x, "j": "1"}))'),
    ("format with stars", 'os.system("{k}".format(**{"k": x}))', 'os.system("{j}".format(**{"k": x, "j": "1"}))'),
    ("format_map", 'os.system("{k}".format_map({"k": x}))', 'os.system("{j}".format_map({"k": x, "j": "1"}))'),
    ("join", 'os.system(" ".join(["tug", x]))', 'os.system(" ".join(["tug", "nine"]))'),
    ("adding to", 'c = "tug "\nc += x\nos.system(c)', 'c = "tug "\nd = x\nd += c\nos.system(c)'),
    ("text methods", 'os.system(x.strip().lower().split(",")[0])', 'os.system(str(x.count(",")))'),
    ("slices", "os.system(x[1:])", 'os.system("abc"[1:])'),
    ("conversion", "os.system(str(x))", "os.system(str(int(x)))"),
    ("encoding", "os.system(x.encode().decode())", 'os.system("a".encode().decode())'),
    ("quoting", 'os.system("tug " + html.escape(x))', 'os.system("tug " + shlex.quote(x))'),
    ("overwriting", "y = 'a'\ny = x\nos.system(y)", "y = x\ny = 'a'\nos.system(y)"),
    ("branches join", "y = 'a'\nif flag:\n    y = x\nos.system(y)", "y = 'a'\nif flag:\n    y = 'b'\nos.system(y)"),
    ("known condition", "y = 'a'\nif 3 * 4 > 11:\n    y = x\nos.system(y)", "y = 'a'\nif 3 * 4 > 13:\n    y = x\nos.system(y)"),
    ("known text", "y = 'a'\nif 'oar' in 'board':\n    y = x\nos.system(y)", "y = 'a'\nif 'fin' in 'board':\n    y = x\nos.system(y)"),
    ("elif", "if mode == 1:\n    y = 'a'\nelif mode == 2:\n    y = x\nelse:\n    y = 'b'\nos.system(y)", "if mode == 1:\n    y = 'a'\nelif mode == 2:\n    y = 'c'\nelse:\n    y = 'b'\nos.system(y)"),
    ("choice", "os.system(x if 2 > 1 else 'a')", "os.system('a' if 2 > 1 else x)"),
    ("open choice", "os.system(x if flag else 'a')", "os.system('b' if flag else 'a')"),
    ("or", "os.system(x or 'a')", "os.system('a' or x)"),
    ("and", "os.system(flag and x)", "os.system('' and x)"),
    ("match", "match 'pier'[0]:\n    case 'p':\n        y = x\n    case _:\n        y = 'a'\nos.system(y)", "match 'pier'[0]:\n    case 'q' | 'r':\n        y = x\n    case _:\n        y = 'a'\nos.system(y)"),
    ("match with a guard", "match mode:\n    case n if n > 3:\n        y = x\n    case _:\n        y = 'a'\nos.system(y)", "match x:\n    case 'a' | 'b':\n        os.system(x)"),
    ("while", "y = 'a'\nwhile flag():\n    y = y + x\nos.system(y)", "y = 'a'\nwhile False:\n    y = x\nos.system(y)"),
    ("for", "y = ''\nfor part in x.split():\n    y += part\nos.system(y)", "y = ''\nfor part in x.split():\n    y += 'a'\nos.system(y)"),
    ("for over known items", "y = ''\nfor part in ('a', x):\n    y = part\nos.system(y)", "y = ''\nfor part in (x, 'a'):\n    y = part\nos.system(y)"),
    ("late in a loop", "y = z = 'a'\nfor i in flag:\n    os.system(z)\n    z = y\n    y = x", "y = z = 'a'\nfor i in flag:\n    os.system(z)\n    z = 'b'\n    y = x"),
    ("break", "y = 'a'\nfor k in flag:\n    if k:\n        y = x\n        break\nos.system(y)", "y = x\nfor k in flag:\n    y = 'a'\n    break\nelse:\n    y = 'b'\nos.system(y)"),
    ("dict", "d = {'a': '1', 'b': x}\nos.system(d['b'])", "d = {'a': '1', 'b': x}\nos.system(d['a'])"),
    ("dict stored", "d = {}\nd['k'] = x\nd['j'] = '1'\nos.system(d['k'])", "d = {}\nd['k'] = x\nd['j'] = '1'\nos.system(d['j'])"),
    ("dict get", "d = dict(k=x)\nos.system(d.get('k', 'a'))", "d = dict(k=x)\nos.system(d.get('j', 'a'))"),
    ("dict update", "d = {}\nd.update(k=x)\nos.system(d['k'])", "d = {'k': x}\nd.update(k='1')\nos.system(d['k'])"),
    ("dict with an unknown key", "d = {}\nd[flag] = x\nos.system(d['k'])", "d = {}\nd[flag] = '1'\nos.system(d['k'])"),
    ("looking up", "d = {'a': x}\nos.system(d[flag])", "d = {'a': '1', 'b': '2'}\nos.system(d[x])"),
    ("dict items", "for k, v in {'a': x}.items():\n    os.system(v)", "for k, v in {'a': x}.items():\n    os.system(k)"),
    ("list", "l = ['a', x]\nos.system(l[1])", "l = ['a', x]\nos.system(l[0])"),
    ("append and pop", "l = ['a', x, 'b']\nl.pop(0)\nos.system(l[0])", "l = ['a', x, 'b']\nl.pop(0)\nos.system(l[1])"),
    ("insert", "l = ['a']\nl.insert(0, x)\nos.system(l[0])", "l = ['a']\nl.insert(0, x)\nos.system(l[1])"),
    ("remove", "l = ['a', x]\nl.remove('a')\nos.system(l[0])", "l = ['a', 'b', x]\nl.remove('a')\nos.system(l[0])"),
    ("negative index", "l = ['a', x]\nos.system(l[-1])", "l = [x, 'a']\nos.system(l[-1])"),
    ("list slice", "l = ['a', x][1:]\nos.system(l[0])", "l = [x, 'a'][1:]\nos.system(l[0])"),
    ("lists added", "l = ['a'] + [x]\nos.system(l[1])", "l = ['a'] + [x]\nos.system(l[0])"),
    ("extend", "l = ['a']\nl.extend([x])\nos.system(l[1])", "l = ['a']\nl.extend([x])\nos.system(l[0])"),
    ("list with an alias", "l = []\nm = l\nm.append(x)\nos.system(l[0])", "l = ['a']\nm = list(l)\nm.append(x)\nos.system(l[0])"),
    ("unpacking", "a, b = 'a', x\nos.system(b)", "a, b = 'a', x\nos.system(a)"),
    ("starred unpacking", "a, *b = 'a', x, 'c'\nos.system(b[0])", "*a, b = x, 'c'\nos.system(b)"),
    ("swap", "a, b = 'a', x\na, b = b, a\nos.system(a)", "a, b = 'a', x\na, b = b, a\nos.system(b)"),
    ("walrus", "if (y := x):\n    os.system(y)", "if (y := 'a'):\n    os.system(y)"),
    ("comprehension", "os.system(' '.join([p.strip() for p in x.split()]))", "os.system(' '.join([str(len(p)) for p in x.split()]))"),
    ("filtering comprehension", "os.system(' '.join(p for p in x.split() if p))", "os.system(' '.join(p for p in x.split() if p.isalnum()))"),
    ("dict comprehension", "d = {k: x for k in 'ab'}\nos.system(d['a'])", "d = {k: 'a' for k in x}\nos.system(d['a'])"),
    ("lambda", "f = lambda v: 'tug ' + v\nos.system(f(x))", "f = lambda v: 'tug'\nos.system(f(x))"),
    ("map", "os.system(' '.join(map(str, [x])))", "os.system(' '.join(map(str, map(int, [x]))))"),
    ("enumerate", "for i, v in enumerate([x]):\n    os.system(v)", "for i, v in enumerate([x]):\n    os.system(str(i))"),
    ("zip", "for i, v in zip(['a'], [x]):\n    os.system(v)", "for i, v in zip(['a'], [x]):\n    os.system(i)"),
    ("try", "try:\n    y = x\nexcept ValueError:\n    y = 'a'\nos.system(y)", "try:\n    y = int(x)\nexcept ValueError:\n    y = 0\nos.system(str(y))"),
    ("finally", "y = 'a'\ntry:\n    y = x\nfinally:\n    os.system(y)", "y = x\ntry:\n    y = 'b'\nfinally:\n    y = 'a'\nos.system(y)"),
    ("with", "import io\nwith io.StringIO() as b:\n    b.write('tug ')\n    b.write(x)\n    os.system(b.getvalue())", "import io\nwith io.StringIO() as b:\n    b.write('tug ')\n    b.write(str(len(x)))\n    os.system(b.getvalue())"),
    ("settings table", "import configparser\nc = configparser.ConfigParser()\nc.add_section('s')\nc.set('s', 'k', x)\nos.system(c.get('s', 'k'))", "import configparser\nc = configparser.ConfigParser()\nc.add_section('s')\nc.set('s', 'k', x)\nc.set('s', 'j', 'a')\nos.system(c.get('s', 'j'))"),
    ("base64", "import base64\nos.system(base64.b64decode(base64.b64encode(x.encode())).decode())", "import hashlib\nos.system(hashlib.sha256(x.encode()).hexdigest())"),
    ("getattr", "os.system(getattr(request, 'args')['q'])", "os.system(getattr(os, 'name'))"),
    ("unknown function", "os.system(reworked(x))", "os.system(sanitize_name(x))"),
    ("look-up function", "os.system(decorate(x))", "os.system(get_ship(x).name)"),
    ("alias of a module", "import os as system_tools\nsystem_tools.system(x)", "import os as system_tools\nsystem_tools.getcwd(x)"),
    ("alias of a function", "from os import system as call_it\ncall_it(x)", "from shlex import quote as q\nos.system(q(x))"),
    ("assigned function", "run = os.system\nrun(x)", "run = print\nrun(x)"),
    ("list for a shell", "subprocess.run(['sh', '-c', 'tug ' + x])", "subprocess.run(['tug', x])"),
    ("shell", "subprocess.run('tug ' + x, shell=True)", "subprocess.run(['tug', x], shell=False)"),
    ("shell on either system", "l = ['cmd.exe', '/c'] if flag else ['sh', '-c']\nl.append(x)\nsubprocess.run(l)", "l = ['ls', '-l'] if flag else ['dir', '-x']\nl.append(x)\nsubprocess.run(l)"),
    ("the program itself", "subprocess.run([x, '-l'])", "subprocess.run(['ls', '-l', '--', x])"),
]  # fmt: skip

# name, a guard that lets bad data through, one that does not
GUARDS = [
    ("early return", "if not x:\n    return\nos.system(x)", "if x not in ('a', 'b'):\n    return\nos.system(x)"),
    ("inside", "if len(x) < 9:\n    os.system(x)", "if x in ('a', 'b'):\n    os.system(x)"),
    ("equal", "if x != 'a':\n    os.system(x)", "if x == 'a':\n    os.system(x)"),
    ("digits", "if x.isupper():\n    os.system(x)", "if x.isdigit():\n    os.system(x)"),
    ("digits, refused", "if x.isdigit():\n    return\nos.system(x)", "if not x.isdigit():\n    return\nos.system(x)"),
    ("pattern", "if re.match(r'[a-z]+', x):\n    os.system(x)", "if re.fullmatch(r'[a-z]+', x):\n    os.system(x)"),
    ("anchored pattern", "if re.match(r'^.*$', x):\n    os.system(x)", "if re.match(r'^[a-z]+$', x):\n    os.system(x)"),
    ("compiled pattern", "P = re.compile('.*')\nif P.fullmatch(x):\n    os.system(x)", "P = re.compile('[0-9]+')\nif P.fullmatch(x):\n    os.system(x)"),
    ("kept match", "m = re.match('a', x)\nif m:\n    os.system(x)", "m = re.fullmatch('[a-f]+', x)\nif not m:\n    return\nos.system(x)"),
    ("kept test", "ok = x in ('a', 'b')\nif not ok:\n    os.system(x)", "ok = x in ('a', 'b')\nif ok:\n    os.system(x)"),
    ("and", "if flag or x in ('a',):\n    os.system(x)", "if flag and x in ('a',):\n    os.system(x)"),
    ("or, refused", "if flag and x not in ('a',):\n    return\nos.system(x)", "if flag or x not in ('a',):\n    return\nos.system(x)"),
    ("in one expression", "x.isupper() and os.system(x)", "x.isalnum() and os.system(x)"),
    ("choice", "os.system(x if x else 'a')", "os.system(x if x in ('a', 'b') else 'a')"),
    ("number", "if isinstance(x, str):\n    os.system(x)", "if isinstance(x, int):\n    os.system(x)"),
    ("every character", "if any(c in 'abc' for c in x):\n    os.system(x)", "if all(c in list('abc') for c in x):\n    os.system(x)"),
    ("raising", "if flag:\n    raise ValueError\nos.system(x)", "if x not in ('a',):\n    raise ValueError\nos.system(x)"),
    ("aborting", "from flask import abort\nif x in ('a',):\n    abort(400)\nos.system(x)", "from flask import abort\nif x not in ('a',):\n    abort(400)\nos.system(x)"),
    ("in a loop", "for p in x.split():\n    if p == 'a':\n        continue\n    os.system(p)", "for p in x.split():\n    if p != 'a':\n        continue\n    os.system(p)"),
    ("asked of a validator", "log_name(x)\nos.system(x)", "validate_name(x)\nos.system(x)"),
    ("allowed by name", "if is_long(x):\n    os.system(x)", "if is_allowed_name(x):\n    os.system(x)"),
]  # fmt: skip


def program(body: str) -> str:
    return HEAD + textwrap.indent(body, "    ") + "\n"


def ids(rows):
    return [row[0] for row in rows]


@pytest.mark.parametrize(("name", "bad", "good"), TWINS + GUARDS, ids=ids(TWINS) + ids(GUARDS))
def test_data_that_gets_through_is_reported(found, name, bad, good):
    assert "py-command-injection" in {each.rule for each in found(program(bad))}, bad


@pytest.mark.parametrize(("name", "bad", "good"), TWINS + GUARDS, ids=ids(TWINS) + ids(GUARDS))
def test_data_that_does_not_get_through_is_left_alone(found, name, bad, good):
    assert "py-command-injection" not in {each.rule for each in found(program(good))}, good


def test_what_is_known_of_a_piece_says_nothing_of_the_rest(found):
    body = "kind, value = x.split(':')\nif kind == 'a' or kind in ('b', 'c'):\n    os.system(value)"
    assert len(found(program(body))) == 1


def test_an_ending_that_is_allowed_does_not_make_the_name_harmless(found):
    body = "if x.rsplit('.', 1)[1] in ('png', 'jpg'):\n    open('/srv/' + x)"
    assert [each.rule for each in found(program(body))] == ["py-path-traversal"]
