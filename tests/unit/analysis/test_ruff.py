"""The ruff engine: files, places, failures."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sutazai.analysis import ruff as module
from sutazai.analysis.ruff import RuffAnalyzer, ruff_program
from sutazai.errors.tools import ToolMissing, ToolTimedOut
from sutazai.process.run import Completed, run
from sutazai.sdk.finding import Finding
from sutazai.sdk.source import SourceFile
from sutazai.syntax.positions import Positions

EVAL = "def f(x):\n    return eval(x)\n"


def source(text: str, path: str = "app/code.py", disk: Path | None = None) -> SourceFile:
    return SourceFile(path, text, "python", disk)


async def findings(text: str, path: str = "app/code.py") -> tuple[Finding, ...]:
    report = await RuffAnalyzer().analyze([source(text, path)])
    assert report.failed == ()
    return report.findings


def cut(text: str, finding: Finding) -> str:
    positions, at = Positions(text), finding.location
    return text[positions.offset(at.start_line, at.start_column) : positions.offset(at.end_line, at.end_column)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_places_count_code_points_whatever_ends_a_line(end: str) -> None:
    text = f'def f(x):{end}\tq = "\U0001f600\u2028"; y = eval(x){end}\treturn y{end}'
    (finding,) = await findings(text)
    assert finding.rule == "py-eval"
    assert (finding.location.start_line, finding.location.start_column) == (2, 16)
    assert finding.quote == "eval(x)" == cut(text, finding)


async def test_a_byte_order_mark_on_disk_moves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bom.py"
    path.write_bytes(b"\xef\xbb\xbfx = eval(input())\n")
    report = await RuffAnalyzer().analyze([source("x = eval(input())\n", "bom.py", path)])
    assert [(each.quote, each.location.start_column) for each in report.findings] == [("eval(input())", 5)]


@pytest.mark.parametrize("inside", [True, False])
async def test_files_of_another_encoding_are_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, inside: bool
) -> None:
    if inside:
        monkeypatch.chdir(tmp_path)
    path = tmp_path / "latin.py"
    text = "# coding: latin-1\nx = '\u00e9'; eval(x)\n"
    path.write_bytes(text.encode("latin-1"))
    report = await RuffAnalyzer().analyze([source(text, "latin.py", path)])
    assert report.failed == ()
    assert [each.quote for each in report.findings] == ["eval(x)"]


async def test_the_users_own_configuration_has_no_say(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text('exclude = ["*"]\n[lint]\nignore = ["ALL"]\n')
    path = tmp_path / "code.py"
    path.write_text(EVAL)
    report = await RuffAnalyzer().analyze([source(EVAL, "code.py", path)])
    assert [each.rule for each in report.findings] == ["py-eval"]


async def test_variables_of_ruff_have_no_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RUFF_OUTPUT_FILE", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("RUFF_OUTPUT_FORMAT", "concise")
    assert [each.rule for each in await findings(EVAL)] == ["py-eval"]


async def test_a_noqa_comment_holds() -> None:
    assert await findings("def f(x):\n    return eval(x)  # noqa: S307\n") == ()


async def test_a_syntax_error_is_a_failure_with_its_line_and_no_finding() -> None:
    report = await RuffAnalyzer().analyze([source("x = eval(y)\ndef f(:\n", "a.py"), source(EVAL, "b.py")])
    assert [each.location.path for each in report.findings] == ["b.py"]
    assert [each.path for each in report.failed] == ["a.py"]
    assert report.failed[0].reason.startswith("syntax error at line 2: ")


async def test_newer_syntax_than_ours_is_read() -> None:
    assert [each.rule for each in await findings('x = 1\ny = f"{f"{eval("x")}"}"\ntype A = int\n')] == ["py-eval"]


async def test_a_long_match_quotes_its_first_line() -> None:
    text = "x = eval(\n" + "    1 +\n" * 30 + "    y)\n"
    (finding, *_) = [each for each in await findings(text) if each.rule == "py-eval"]
    assert finding.quote == "eval(" == cut(text, finding)


async def test_a_safe_fix_is_handed_on() -> None:
    (finding,) = await findings("def f(x):\n    return x is ''\n")
    assert finding.fix is not None
    assert finding.fix.source == "rule"
    assert finding.fix.edits[0].replacement == "=="


async def test_hostile_names_stay_in_the_private_folder() -> None:
    names = ["../../etc/passwd", "-rf", "@args", "a\nb.py", "CON", "..", "x" * 300 + ".py", "src/__init__.py"]
    report = await RuffAnalyzer().analyze([source(EVAL, name) for name in names])
    assert [each.location.path for each in report.findings] == names
    assert report.failed == ()


async def test_a_file_that_is_gone_is_read_from_its_text(tmp_path: Path) -> None:
    report = await RuffAnalyzer().analyze([source(EVAL, "gone.py", tmp_path / "gone.py")])
    assert [each.rule for each in report.findings] == ["py-eval"]


async def test_a_text_that_no_encoding_holds_is_a_failure() -> None:
    report = await RuffAnalyzer().analyze([source("x = '\ud800'\n", "a.py"), source(EVAL, "b.py")])
    assert [each.path for each in report.failed] == ["a.py"]
    assert len(report.findings) == 1


@pytest.mark.parametrize("error", [ToolMissing("ruff"), ToolTimedOut("ruff", 1.0)])
async def test_ruff_missing_or_too_slow_fails_every_file(error: Exception) -> None:
    async def runner(*_: object, **__: object) -> Completed:
        raise error

    report = await RuffAnalyzer(runner=runner).analyze([source(EVAL)])
    assert report.findings == ()
    assert str(error) in report.failed[0].reason


async def test_a_real_program_that_is_not_there_fails_every_file() -> None:
    report = await RuffAnalyzer(program=Path("/nowhere/ruff")).analyze([source(EVAL)])
    assert "cannot be found" in report.failed[0].reason


async def test_ruff_refusing_its_arguments_fails_every_file() -> None:
    async def runner(*_: object, **__: object) -> Completed:
        return Completed(2, b"", b"unknown rule")

    report = await RuffAnalyzer(runner=runner).analyze([source(EVAL)])
    assert "unknown rule" in report.failed[0].reason


async def test_output_that_is_no_json_fails_every_file() -> None:
    async def runner(*_: object, **__: object) -> Completed:
        return Completed(0, b"{broken", b"")

    report = await RuffAnalyzer(runner=runner).analyze([source(EVAL)])
    assert report.failed[0].reason.startswith("Expecting property name")


PLACES = st.fixed_dictionaries({"row": st.integers(-2, 9), "column": st.integers(-2, 40)})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLACES, st.one_of(PLACES, st.none()), st.sampled_from(["S307", "F821", "S608", "nonsense"]))
async def test_places_that_do_not_exist_are_never_reported(start: dict[str, int], end: object, code: str) -> None:
    async def runner(argv: list[str], **_: object) -> Completed:
        fix = {"applicability": "safe", "edits": [{"content": "", "location": start, "end_location": end}]}
        entry = {"filename": argv[-1], "code": code, "message": "m", "location": start, "end_location": end, "fix": fix}
        return Completed(0, json.dumps(entry).encode(), b"")

    report = await RuffAnalyzer(runner=runner).analyze([source(EVAL)])
    for finding in report.findings:
        assert finding.quote == cut(EVAL, finding) != ""


@settings(max_examples=12, deadline=None)
@given(st.binary(max_size=300))
async def test_random_bytes_never_raise(data: bytes) -> None:
    report = await RuffAnalyzer().analyze([source(data.decode("utf-8", "replace"))])
    assert len(report.failed) <= 1


@pytest.mark.parametrize(
    "text",
    ["x = '" + "a" * 1_000_000 + "'\n", "x = " + "(" * 5_000 + ")" * 5_000 + "\n", "", "\x00\n", "x = [" * 3_000],
    ids=["long line", "deep", "empty", "nul", "open"],
)
async def test_hostile_texts_are_read_or_named(text: str) -> None:
    report = await RuffAnalyzer().analyze([source(text, "a.py"), source(EVAL, "b.py")])
    assert {each.path for each in report.failed} <= {"a.py", "b.py"}
    assert len(report.findings) + len(report.failed) >= 1


class Fragile:
    """A ruff that breaks on each file of one name, whatever else it is given."""

    def __init__(self, breaking: Completed | Exception) -> None:
        self.breaking = breaking
        self.limits: list[float] = []

    async def __call__(self, argv: list[object], *, timeout_s: float, **options: object) -> Completed:
        self.limits.append(timeout_s)
        if any("bad" in str(each) for each in argv):
            if isinstance(self.breaking, Exception):
                raise self.breaking
            return self.breaking
        return await run(argv, timeout_s=timeout_s, **options)


@pytest.mark.parametrize(
    "breaking", [Completed(-6, b"", b"thread 'main' has overflowed its stack"), ToolTimedOut("ruff", 20)]
)
async def test_a_file_on_which_ruff_breaks_costs_the_others_nothing(breaking: Completed | Exception) -> None:
    """Made so by hand or not: it alone is named."""
    files = [source(EVAL, f"f{number}.py") for number in range(40)]
    files[7:7] = [source(EVAL, "bad.py")]
    report = await RuffAnalyzer(runner=Fragile(breaking)).analyze(files)
    assert [each.path for each in report.failed] == ["bad.py"]
    assert [each.location.path for each in report.findings] == [f"f{number}.py" for number in range(40)]


async def test_looking_for_the_file_that_blocks_ruff_ends_in_time() -> None:
    """The limit of the whole is the limit of each run too."""
    runner = Fragile(ToolTimedOut("ruff", 20))
    report = await RuffAnalyzer(runner=runner, timeout_s=0).analyze([source(EVAL, f"bad{n}.py") for n in range(9)])
    assert (len(report.failed), runner.limits) == (9, [0])


async def test_many_files_go_in_several_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ARGUMENT_BYTES", 200)
    files = [source(EVAL, f"f{number}.py") for number in range(9)]
    report = await RuffAnalyzer(jobs=1).analyze(files)
    assert [each.location.path for each in report.findings] == [each.path for each in files]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("import os\nos.chmod('a', 0o755)\n", []),
        ("import os\nos.chmod('a', 0o777)\n", ["py-world-writable-file"]),
        ("import pdb\n", []),
        ("import os\nos.system('ls')\n", []),
        ("x = width\nglobals().update(width=1)\n", []),
        ("import os\n\ndef f():\n    return a\n", ["py-undefined-name"]),
        ("import os\nw, x, y, z = a, b, c, d\n", []),
        ("def f():\n    return T\n\nT = 1\ndel T\n", []),
    ],
)
async def test_what_is_mostly_noise_is_left_out(text: str, rules: list[str]) -> None:
    assert [each.rule for each in await findings(text)] == rules


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("def f(c, x):\n    c.execute('SELECT a FROM t WHERE b = \\'%s\\'' % x)\n", 0.6),
        ("def f(c, x):\n    c.execute(f'INSERT INTO t VALUES ({x})')\n", 0.6),
        ("def f(c, x):\n    c.execute('SELECT a FROM ' + x)\n", 0.4),
    ],
)
async def test_sql_text_is_surer_where_a_value_stands(text: str, confidence: float) -> None:
    (finding,) = await findings(text)
    assert (finding.rule, finding.confidence) == ("py-sql-string", confidence)


def test_ruff_is_found_beside_the_interpreter() -> None:
    assert ruff_program().is_file()


def test_ruff_is_asked_of_its_package_when_it_lies_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module.sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(module.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setitem(sys.modules, "ruff", None)
    assert ruff_program() == tmp_path / "ruff"
