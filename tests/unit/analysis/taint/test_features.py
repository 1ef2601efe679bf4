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


# Less common ways of the same kinds.
MORE = [
    ("a converter", "os.system(request.args.get('a', 'b', type=str))", "os.system('%s' % request.args.get('a', 1, type=int))"),
    ("arithmetic", "y = x if 7 * 6 - 2 ** 1 // 1 and 9 % 4 == 1 else 'a'\nos.system(y)", "y = x if (5 - 5) * 3 else 'a'\nos.system(y)"),
    ("signs", "os.system(x if -1 < 0 and +2 > ~3 else 'a')", "os.system(x if -(-1) < 0 else 'a')"),
    ("repetition", "os.system(x if 'ab' * 2 == 'abab' else 'a')", "os.system(x if 3 * 'ab' == 'ab' else 'a')"),
    ("identity", "os.system(x if None is None else 'a')", "os.system(x if None is not None else 'a')"),
    ("one of several", "os.system(x if 'a' in ('a', 'b') else 'a')", "os.system(x if 'c' in ['a', 'b'] else 'a')"),
    ("a key of a dict", "os.system(x if 'a' in {'a': 1} else 'a')", "os.system(x if 'b' in {'a': 1} else 'a')"),
    ("length", "os.system(x if len('abc') == 3 and len([1]) else 'a')", "os.system(x if len('abc') == 2 else 'a')"),
    ("int of text", "os.system(x if int('12') == 12 else 'a')", "os.system(x if int('12') == 13 else 'a')"),
    ("an empty list is false", "l = [x]\nos.system(l[0] if l else 'a')", "l = []\nos.system(x if l else 'a')"),
    ("numbers in a text", "os.system(f'tug {7}{x}')", "os.system(f'tug {7}{4.5}')"),
    ("clear", "l = ['a']\nl.clear()\nl.append(x)\nos.system(l[0])", "l = [x]\nl.clear()\nl.append('a')\nos.system(l[0])"),
    ("reverse", "l = [x, 'a']\nl.reverse()\nos.system(l[1])", "l = [x, 'a']\nl.reverse()\nos.system(l[0])"),
    ("reversed", "os.system(list(reversed(['a', x]))[0])", "os.system(list(reversed(['a', x]))[1])"),
    ("sort", "l = ['a', x]\nl.sort()\nos.system(l[0])", "l = ['a', 'b']\nl.sort()\nos.system(l[0])"),
    ("sorted", "os.system(sorted(['a', x])[0])", "os.system(sorted({'a': x})[0])"),
    ("copy", "l = [x].copy()\nos.system(l[0])", "l = ['a']\nm = l.copy()\nm.append(x)\nos.system(l[0])"),
    ("deque", "import collections\nq = collections.deque()\nq.append('a')\nq.appendleft(x)\nos.system(q.popleft())", "import collections\nq = collections.deque()\nq.append('a')\nq.append(x)\nos.system(q.popleft())"),
    ("pop at an unknown place", "l = ['a', x]\nos.system(l.pop(flag))", "l = ['a', 'b']\nos.system(l.pop(flag))"),
    ("insert at an unknown place", "l = ['a', 'b']\nl.insert(flag, x)\nos.system(l[0])", "l = ['a', 'b']\nl.insert(flag, 'c')\nos.system(l[0])"),
    ("store at a position", "l = ['a', 'b']\nl[0] = x\nos.system(l[0])", "l = ['a', x]\nl[1] = 'b'\nos.system(l[1])"),
    ("remove what is unknown", "l = ['a', x]\nl.remove(flag)\nos.system(l[0])", "l = ['a', 'b']\nl.remove(flag)\nos.system(l[0])"),
    ("extend by something unknown", "l = ['a']\nl.extend(x.split())\nos.system(l[0])", "l = ['a']\nl.extend(flag)\nos.system(l[0])"),
    ("adding to a list", "l = ['a']\nl += [x]\nos.system(l[1])", "l = ['a']\nl += [x]\nos.system(l[0])"),
    ("a list and something unknown", "l = ['a'] + x.split()\nos.system(l[0])", "l = ['a'] + flag\nos.system(l[0])"),
    ("a slice of a list with unknown ends", "os.system(['a', x][flag:][0])", "os.system(['a', 'b'][flag:][0])"),
    ("spread list", "l = ['a', *[x]]\nos.system(l[1])", "l = ['a', *[x]]\nos.system(l[0])"),
    ("spread text", "l = ['a', *x.split()]\nos.system(l[1])", "l = [*flag]\nos.system(l[0])"),
    ("spread dict", "d = {'a': '1', **{'b': x}}\nos.system(d['b'])", "d = {**{'a': x}, 'a': '1'}\nos.system(d['a'])"),
    ("spread something unknown", "d = {**request.args}\nos.system(d['b'])", "d = {**flag}\nos.system(d['b'])"),
    ("set", "s = {x}\nfor y in s:\n    os.system(y)", "s = {'a'}\ns.add('b')\nfor y in s:\n    os.system(y)"),
    ("setdefault", "d = {}\nd.setdefault('k', x)\nos.system(d['k'])", "d = {'k': 'a'}\nos.system(d.setdefault('k', x))"),
    ("dict pop", "d = {'k': x}\nos.system(d.pop('k'))", "d = {'k': x}\nd.pop('k')\nos.system(d.get('k', 'a'))"),
    ("dict keys and values", "d = {'k': x}\nos.system(list(d.values())[0])", "d = {'k': x}\nos.system(list(d.keys())[0])"),
    ("dict update by a dict", "d = {}\nd.update({'k': x})\nos.system(d['k'])", "d = {'k': x}\nd.update({'k': '1'})\nos.system(d['k'])"),
    ("dict update by something unknown", "d = {}\nd.update(request.args)\nos.system(d['k'])", "d = {}\nd.update(flag)\nos.system(d['k'])"),
    ("dict clear", "d = {}\nd.clear()\nd['k'] = x\nos.system(d['k'])", "d = {'k': x}\nd.clear()\nos.system(d.get('k', 'a'))"),
    ("going through a dict", "for k in {'a': x}.values():\n    os.system(k)" , "for k in {'a': x, 'b': x}:\n    os.system(k)"),
    ("writing lines", "import io\nb = io.StringIO()\nb.writelines(['a', x])\nos.system(b.getvalue())", "import io\nb = io.StringIO('tug')\nb.writelines(['a'])\nos.system(b.getvalue())"),
    ("settings by section", "import configparser\nc = configparser.ConfigParser()\nc['s'] = {'k': x}\nos.system(c['s']['k'])", "import configparser\nc = configparser.ConfigParser()\nc['s'] = {'k': 'a'}\nos.system(c['s']['k'])"),
    ("next", "os.system(next(iter([x])))", "os.system(next(iter(['a'])))"),
    ("filter", "os.system(' '.join(filter(None, [x])))", "os.system(' '.join(filter(None, ['a'])))"),
    ("isinstance of several", "if not isinstance(x, str):\n    return\nos.system(x)", "if not isinstance(x, float):\n    return\nos.system(x)"),
    ("paths as text", "import pathlib\nos.system(str(pathlib.Path('/a') / x))", "import pathlib\nos.system(str(pathlib.Path('/a') / 'b'))"),
    ("re.sub", "os.system(re.sub('a', 'b', x))", "os.system(re.sub('[^a-z0-9]', '', x))"),
    ("format and a broken template", "os.system('{'.format(x) + x)", "os.system('{'.format(x))"),
    ("a template from outside", "os.system(x.format('a'))", "os.system('{0!r:>4}'.format('a'))"),
    ("percent from outside", "os.system(x % 'a')", "os.system('%5.2f%%' % flag)"),
    ("format with many", "os.system('{} {}'.format(*[x, 'a']))", "os.system('{} {}'.format(*['b', 'a']))"),
    ("dict view in format", "os.system('{d}'.format(d={'k': x}))", "os.system('{d.name}'.format(d='a'))"),
    ("walrus in a loop", "while (line := request.args['z']):\n    os.system(line)", "while (line := 'a'):\n    os.system(line)\n    break"),
    ("with something unknown", "with flag(x) as f, flag() as g:\n    os.system('tug ' + f)", "with flag('a') as f:\n    os.system('tug %s' % f)"),
    ("with several targets", "with flag as (a, b):\n    a = x\n    os.system(a)", "with flag as (a, b):\n    os.system('a')"),
    ("delete", "y = 'a'\ndel y\ny = x\nos.system(y)", "l = [x]\ndel l[0], l\nos.system('a')"),
    ("assert proves nothing", "assert x in ('a', 'b')\nos.system(x)", "assert x\nos.system('a')"),
    ("raise from outside", "try:\n    raise ValueError(x)\nexcept ValueError as error:\n    os.system(x)", "try:\n    raise ValueError(x)\nexcept (KeyError, ValueError) as error:\n    os.system('a')"),
    ("else of try", "try:\n    y = x\nexcept KeyError:\n    return\nelse:\n    os.system(y)", "try:\n    y = x\nexcept KeyError:\n    return\nelse:\n    y = 'a'\nos.system(y)"),
    ("finally after a return", "try:\n    return 1\nfinally:\n    os.system(x)", "try:\n    return 1\nfinally:\n    os.system('a')"),
    ("while with else", "while flag:\n    y = 'a'\nelse:\n    os.system(x)", "while True:\n    break\nelse:\n    os.system(x)"),
    ("a slice by itself", "flag[1:2, x]\nos.system(x[::2])", "flag[1:2, x]\nos.system('abc'[::2])"),
    ("a conversion in a print of old", "print >>flag, x\nos.system(x)", "print >>flag, x\nos.system('a')"),
    ("default of a lambda", "f = lambda a, b=x: b\nos.system(f(1))", "f = lambda a, b='c': b\nos.system(f(x))"),
    ("global", "global KEPT\nKEPT = x\nos.system(KEPT)", "global KEPT\nKEPT = 'a'\nos.system(KEPT)"),
    ("awaiting", "os.system(await_(x))\nos.system((x))", "os.system(('a'))"),
]  # fmt: skip


def program(body: str) -> str:
    return HEAD + textwrap.indent(body, "    ") + "\n"


def ids(rows):
    return [row[0] for row in rows]


ALL = TWINS + GUARDS + MORE


@pytest.mark.parametrize(("name", "bad", "good"), ALL, ids=ids(ALL))
def test_data_that_gets_through_is_reported(found, name, bad, good):
    assert "py-command-injection" in {each.rule for each in found(program(bad))}, bad


@pytest.mark.parametrize(("name", "bad", "good"), ALL, ids=ids(ALL))
def test_data_that_does_not_get_through_is_left_alone(found, name, bad, good):
    assert "py-command-injection" not in {each.rule for each in found(program(good))}, good


def test_what_is_known_of_a_piece_says_nothing_of_the_rest(found):
    body = "kind, value = x.split(':')\nif kind == 'a' or kind in ('b', 'c'):\n    os.system(value)"
    assert len(found(program(body))) == 1


# what is proved of one part of the data, which lets another part through, and its twin that uses the part itself
PARTS = [
    ("a field", "d = request.get_json()\nif d['a'] in ('b', 'c'):\n    os.system({})", "d['v']", "d['a']"),
    (
        "a field that is refused",
        "d = request.get_json()\nif d['a'] not in ('b',):\n    return\nos.system({})",
        "d['v']",
        "d['a']",
    ),
    ("a field by get", "d = request.form\nif d.get('a') == 'b':\n    os.system({})", "d.get('v')", "d['a']"),
    (
        "a field in a branch",
        "d = request.form\nif flag and d['a'] != 'b':\n    return\nos.system({})",
        "d['a']",
        "d['a'] if d['a'] == 'b' else ''",
    ),
    (
        "a field on one way",
        "d = request.form\nif flag:\n    if d['a'] != 'b':\n        return\nos.system({})",
        "d['a']",
        "d['a'] if d['a'] == 'b' else ''",
    ),
    (
        "a field handed on",
        "def run(it):\n    os.system({})\nd = request.form\nif d['a'] == 'b':\n    run(d)",
        "it['v']",
        "it['a']",
    ),
    ("an attribute", "d = request.get_json()\nif d.a == 'b':\n    os.system({})", "d.v", "d.a"),
    ("pairs", "for k, v in request.form.items():\n    if k in ('b', 'c'):\n        os.system({})", "v", "k"),
    ("unpacking", "k, v = request.get_json()\nif k in ('b', 'c'):\n    os.system({})", "v", "k"),
    ("a group", "m = re.search('(.*):(.*)', x)\nif m.group(1) == 'b':\n    os.system({})", "m.group(2)", "m.group(1)"),
    (
        "a helper",
        "def ours(it):\n    return it in ('b', 'c')\nd = request.form\nif ours(d['a']):\n    os.system({})",
        "d['v']",
        "d['a']",
    ),
    (
        "a helper that refuses",
        "def check(it):\n    if it['a'] != 'b':\n        raise ValueError\nd = request.get_json()\ncheck(d)\nos.system({})",
        "d['v']",
        "d['a']",
    ),
    ("the beginning", "if x[0] == 'b':\n    os.system({})", "x", "x[0]"),
    ("the whole", "v = x.split()[0]\nif x != 'b':\n    return\nos.system({})", "v + request.args['c']", "v"),
]


@pytest.mark.parametrize(("name", "body", "bad", "good"), PARTS, ids=ids(PARTS))
def test_what_is_proved_of_a_part_holds_for_it_alone(found, name, body, bad, good):
    assert "py-command-injection" in {each.rule for each in found(program(body.format(bad)))}
    assert "py-command-injection" not in {each.rule for each in found(program(body.format(good)))}


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ('"/".join(x.split("/")[1:])', 'x.split("/")[1]'),
        ('x.split("/", 1)[1]', 'x.split("/", 1)[0]'),
        ('x.partition("/")[2]', 'x.partition("/")[0]'),
        ('x.rpartition("/")[0]', 'x.rpartition("/")[2]'),
        ('x.rsplit("/", 1)[0]', 'x.rsplit("/", 1)[-1]'),
        ('x.split(",")[0]', 'list(x.split("/"))[0]'),
        ('os.path.join("a", *x.split("/"))', 'os.path.join("a", x.split("/")[0])'),
        ('"".join(x.split("/", 1))', '"".join(part for part in x.split("/"))'),
    ],
)
def test_only_a_piece_without_separators_stays_in_its_folder(found, bad, good):
    assert [each.rule for each in found(program(f'open("/srv/" + {bad})'))] == ["py-path-traversal"]
    assert found(program(f'open("/srv/" + {good})')) == []


@pytest.mark.parametrize(
    "test", ["urlparse(x).scheme in ('http', 'https')", "urlparse(x).scheme == 'https'", "urlparse(x).path == '/a'"]
)
def test_a_part_of_an_address_other_than_its_host_proves_nothing_of_where_it_leads(found, test):
    head = "import requests\nfrom urllib.parse import urlparse\n"
    fetched = "    requests.get(x, timeout=3)"
    assert {each.rule for each in found(head + program(f"if {test}:\n{fetched}"))} == {"py-ssrf"}
    assert found(head + program(f"if {test} and urlparse(x).netloc == 'sea.example':\n{fetched}")) == []


# a proof that comes by a detour, and a twin that proves nothing
DETOURS = [
    (
        "a helper that returns early",
        "def ours(it):\n    if it not in ('b', 'c'):\n        return False\n    return True\nif {}:\n    os.system(x)",
        "ours(request.args['y'])",
        "ours(x)",
    ),
    (
        "a helper that returns nothing",
        "def ours(it):\n    if it == 'b':\n        return it\nif {}:\n    os.system(x)",
        "not ours(x)",
        "ours(x)",
    ),
    (
        "a helper of two ways",
        "def ours(it):\n    if flag:\n        return {}\n    return it == 'b'\nif ours(x):\n    os.system(x)",
        "True",
        "it == 'c'",
    ),
    ("a flag", "ok = False\nif x in ('b', 'c'):\n    ok = True\nif {}:\n    os.system(x)", "not ok", "ok"),
    (
        "a flag for the worse",
        "bad = False\nif x not in ('b', 'c'):\n    bad = True\nif {}:\n    os.system(x)",
        "bad",
        "not bad",
    ),
    (
        "a flag in two steps",
        "ok = False\nif flag:\n    if {}:\n        ok = True\nif ok:\n    os.system(x)",
        "mode in ('b', 'c')",
        "x in ('b', 'c')",
    ),
    (
        "a flag of both ways",
        "if x in ('b', 'c'):\n    ok = True\nelse:\n    ok = {}\nif ok:\n    os.system(x)",
        "flag",
        "False",
    ),
    (
        "a loop that refuses",
        "d = request.get_json()\nfor each in d:\n    if each {} ('b', 'c'):\n        return\nos.system(d[0])",
        "in",
        "not in",
    ),
    (
        "a loop that refuses a field",
        "d = request.get_json()\nfor each in d:\n    if each['a'] not in ('b', 'c'):\n        return\nfor each in d:\n    os.system(each[{}])",
        "'v'",
        "'a'",
    ),
    (
        "a loop that breaks off",
        "d = request.get_json()\nfor each in d:\n    if each not in ('b', 'c'):\n        {}\nos.system(d[0])",
        "break",
        "return",
    ),
    ("characters of ours", "if all(c.isalnum() or c in {} for c in x):\n    os.system(x)", "'-;'", "'-_'"),
]


@pytest.mark.parametrize(("name", "body", "bad", "good"), DETOURS, ids=ids(DETOURS))
def test_a_proof_by_a_detour_is_followed(found, name, body, bad, good):
    assert "py-command-injection" in {each.rule for each in found(program(body.format(bad)))}
    assert "py-command-injection" not in {each.rule for each in found(program(body.format(good)))}


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("if ROOT in p.parents:\n    return", "if ROOT not in p.parents:\n    return"),
        ("if p.parent == ROOT:\n    return", "if p.parent != ROOT:\n    return"),
        ("if p.name != ROOT:\n    return", "if not any(each in p.parents for each in ROOTS):\n    return"),
        (
            "if not any(flag for each in ROOTS):\n    return",
            "if not any(p.is_relative_to(each) for each in ROOTS):\n    return",
        ),
        ("ROOT.relative_to(ROOT)", "p.relative_to(ROOT)"),
        (
            "try:\n    p.relative_to(ROOT)\nexcept ValueError:\n    pass",
            "try:\n    p.relative_to(ROOT)\nexcept ValueError:\n    return",
        ),
        ("p = p", "p = ROOT / p.relative_to(ROOT)"),
    ],
)
def test_a_resolved_path_is_proved_to_lie_in_a_folder(found, bad, good):
    head = "from pathlib import Path\nROOT = Path('/srv')\nROOTS = [ROOT]\n"
    made = "p = (ROOT / x).resolve()\n{}\np.read_text()"
    assert [each.rule for each in found(head + program(made.format(bad)))] == ["py-path-traversal"]
    assert found(head + program(made.format(good))) == []


@pytest.mark.parametrize(
    "asked",
    [
        "ip = ipaddress.ip_address(socket.gethostbyname(urlparse(x).hostname))\nif {}ip.is_private:\n    return",
        "ip = ipaddress.ip_address(x)\nif {}ip.is_private or ip.is_loopback:\n    return",
        (
            "for each in socket.getaddrinfo(urlparse(x).hostname, 80):\n"
            "    if {}ipaddress.ip_address(each[4][0]).is_private:\n        return"
        ),
        (
            "def public(url):\n    ip = ipaddress.ip_address(urlparse(url).hostname)\n    return ip.is_global\n"
            "if not public({}x):\n    return"
        ),
    ],
)
def test_a_host_that_is_not_private_may_be_fetched_from(found, asked):
    head = "import ipaddress\nimport requests\nimport socket\nfrom urllib.parse import urlparse\n"
    body = asked + "\nrequests.get(x, timeout=3)"
    assert [each.rule for each in found(head + program(body.format("not ")))] == ["py-ssrf"]
    assert found(head + program(body.format(""))) == []
    plain = body.replace("{}", "").rpartition("\n")[0].replace("return", "pass")
    assert [each.rule for each in found(head + program(plain + "\nrequests.get(x, timeout=3)"))] == ["py-ssrf"]


def test_of_two_ways_the_weaker_proof_holds(found):
    helper = "def ours(it):\n    if flag:\n        return it in ('b', 'c')\n    return '..' not in it\n"
    assert found(program(helper + "if ours(x):\n    open('/srv/' + x)")) == []
    assert [each.rule for each in found(program(helper + "if ours(x):\n    os.system(x)"))] == ["py-command-injection"]


def test_an_ending_that_is_allowed_does_not_make_the_name_harmless(found):
    body = "if x.rsplit('.', 1)[1] in ('png', 'jpg'):\n    open('/srv/' + x)"
    assert [each.rule for each in found(program(body))] == ["py-path-traversal"]
