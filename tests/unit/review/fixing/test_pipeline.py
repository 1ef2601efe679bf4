"""A fix from beginning to end: what is offered, what is refused and why, what is written and taken back."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors.base import ExitCode
from sutazai.errors.fixes import (
    ApplyNeeded,
    BrokenBeforeFixes,
    CommandUnusable,
    FindingNotReported,
    NothingToUndo,
    UndoRefused,
)
from sutazai.errors.models import ModelUnavailable
from sutazai.errors.tools import ToolMissing, ToolTimedOut
from sutazai.errors.workspace import TargetUnwritable
from sutazai.review.fixing.report import FixReport
from sutazai.sdk.finding import Category
from sutazai.sdk.ports import CommandEnded
from sutazai.sdk.profile import ModelProfile, RecipeProfile
from sutazai.sdk.testing import ScriptedChat
from tests.unit.review.fixing.bench import Bench, Mending, rewriting
from tests.unit.review.lab import Grep

CODE = "def f():\n    return bad(1)\n\n\ndef g():\n    return bad(2)\n"


def reasons(report: FixReport) -> list[str]:
    return [each.reason for each in report.not_offered]


async def test_a_fix_that_passes_every_check_is_offered_and_nothing_is_written() -> None:
    bench = Bench({"a.py": CODE}, Mending("bad", "good"))
    report = await bench.fix()
    assert [each.fix.verified for each in report.patches] == [("parses", "finding gone", "nothing new")] * 2
    assert "-    return bad(1)\n+    return good(1)\n" in report.patches[0].diff
    assert [each.finding.location.start_line for each in report.patches] == [2, 6]
    assert (report.findings, report.outcome(), report.written) == (2, ExitCode.FINDINGS, ())
    assert bench.texts == {"a.py": CODE}
    assert bench.ports.kept.applications == []


def half_guessed() -> Bench:
    """One finding that an engine saw, one that only the model saw; each says what to write."""
    code = "def f():\n    return bad\n\n\ndef g():\n    return odd\n"
    return Bench({"a.py": code}, Mending("bad", "good"), Mending("odd", "even", "model:probe"))


async def test_a_fix_for_what_only_a_model_saw_is_shown_and_not_applied() -> None:
    """Nobody could check that such a finding is gone: it once was none, and the fix broke the function."""
    bench = half_guessed()
    report = await bench.fix(apply=True)
    certain, guess = report.patches
    assert (certain.guess, certain.applied, guess.guess, guess.applied) == (False, True, True, False)
    assert guess.left == "only a model saw the finding, so that it is gone was not checked"
    assert (bench.texts["a.py"].count("good"), bench.texts["a.py"].count("odd")) == (1, 1)
    assert report.outcome() is ExitCode.FINDINGS
    assert (await half_guessed().fix()).patches[1].left == ""


async def test_a_guess_is_applied_where_a_person_named_it() -> None:
    """By a flag for all of them, by its finding, or by handing back its patch."""
    shown = (await half_guessed().fix()).patches[1]
    for asked in ({"guesses": True}, {"only_findings": (shown.finding.fingerprint,)}, {"patches": (shown,)}):
        bench = half_guessed()
        report = await bench.fix(apply=True, **asked)
        assert all(each.applied for each in report.patches)
        assert "return even" in bench.texts["a.py"]
        assert report.outcome() is ExitCode.CLEAN
    assert (await half_guessed().fix(apply=True, only_rules=("has-odd",))).written == ()


async def test_tests_do_not_run_for_guesses_that_are_left() -> None:
    bench = Bench({"a.py": "x = odd\n"}, Mending("odd", "even", "model:probe"))
    report = await bench.fix(apply=True, test="pytest")
    assert (report.test, len(report.patches)) == (None, 1)


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        ("bad", "it changes nothing"),
        ("(", "syntax error"),
        ("bad or bad", "still there"),
        ("worse", "new finding: There is worse (has-worse in line 2)"),
    ],
)
async def test_what_fails_a_check_is_not_offered_and_said_why(instead: str, reason: str) -> None:
    bench = Bench({"a.py": "def f():\n    return bad(1)\n"}, Mending("bad", instead), Grep("worse", "other"))
    report = await bench.fix()
    assert report.patches == ()
    assert [each.origin for each in report.not_offered] == ["finding"]
    assert reason in reasons(report)[0]
    assert report.outcome() is ExitCode.CLEAN


async def test_a_fix_that_trades_one_finding_for_another_of_its_rule_is_refused() -> None:
    """The number of findings of a rule in a function must fall."""
    bench = Bench({"a.py": "def f():\n    return bad(1)\n"}, Mending("bad", "other + bad"))
    assert "still there" in reasons(await bench.fix())[0]


async def test_a_fix_after_which_an_engine_fails_is_refused() -> None:
    class Fragile(Grep):
        async def analyze(self, files: Sequence[Any]) -> Any:
            if "good" in files[0].text:
                raise RuntimeError("no")
            return await super().analyze(files)

    report = await Bench({"a.py": CODE}, Mending("bad", "good"), Fragile("zzz", "fragile")).fix()
    assert all("can no longer be analysed (fragile" in each for each in reasons(report))


async def test_a_finding_without_a_known_fix_is_listed() -> None:
    report = await Bench({"a.py": "x = bad\n"}, Grep("bad")).fix()
    assert reasons(report) == ["no fix is known"]
    assert report.not_offered[0].origin is None


async def test_a_language_that_cannot_be_parsed_gets_no_fix() -> None:
    report = await Bench({"a.txt": "bad\n"}, Mending("bad", "good")).fix()
    assert "whether it parses cannot be checked" in reasons(report)[0]


async def test_secrets_and_lines_beside_them_are_left_to_a_person() -> None:
    """And no diff shows a line that holds one."""
    code = "key = 'hush'\nx = bad\ny = 1 if hush else bad\n"
    secret = Grep("hush", "secrets", category=Category.SECRET)
    report = await Bench({"a.py": code}, Mending("bad", "good"), secret).fix()
    assert [each.finding.location.start_line for each in report.patches] == [2]
    assert "'hush'" not in report.model_dump_json()
    assert sum("by hand" in each for each in reasons(report)) == 2


async def test_a_file_that_is_not_stored_as_utf_8_is_not_changed() -> None:
    bench = Bench({"a.py": "x = bad\n"}, Mending("bad", "good"))
    files = bench.ports.files
    files.collect = type(files).__mro__[1].collect.__get__(files)  # type: ignore[method-assign] # files of nowhere
    assert reasons(await bench.fix()) == ["its file does not lie on disk as UTF-8 text"]


async def test_named_rules_and_findings_are_mended_whatever_the_thresholds() -> None:
    bench = Bench({"a.py": CODE}, Mending("bad", "good", confidence=0.1), Mending("return", "yield", "other"))
    assert len((await bench.fix(min_confidence=0.5)).patches) == 2
    named = await bench.fix(min_confidence=0.5, only_rules=("has-bad",))
    assert [each.finding.rule for each in named.patches] == ["has-bad"] * 2
    prefix = named.patches[1].finding.fingerprint[3:12]
    one = await bench.fix(only_findings=(prefix,))
    assert [each.finding.location.start_line for each in one.patches] == [6]
    for wrong, count in (("", "4 findings have"), ("zz", "no finding has")):
        with pytest.raises(FindingNotReported, match=count if wrong else "no finding has"):
            await bench.fix(only_findings=(wrong,))


async def test_applying_writes_each_file_once_and_keeps_the_original() -> None:
    bench = Bench({"a.py": CODE, "b.py": "x = bad\n", "c.py": "x = 1\n"}, Mending("bad", "good"))
    report = await bench.fix(apply=True)
    assert bench.texts == {"a.py": CODE.replace("bad", "good"), "b.py": "x = good\n", "c.py": "x = 1\n"}
    assert report.written == ("a.py", "b.py")
    assert all(each.applied for each in report.patches)
    assert report.outcome() is ExitCode.CLEAN
    (kept,) = bench.ports.kept.applications
    assert {each.path: each.before.decode() for each in kept.changes} == {"a.py": CODE, "b.py": "x = bad\n"}


async def test_undo_restores_and_a_second_undo_has_nothing_left() -> None:
    bench = Bench({"a.py": CODE}, Mending("bad", "good"))
    await bench.fix(apply=True)
    report = await bench.fix(undo=True)
    assert (report.restored, bench.texts) == (("a.py",), {"a.py": CODE})
    assert report.outcome() is ExitCode.CLEAN
    with pytest.raises(NothingToUndo):
        await bench.fix(undo=True)


async def test_undo_restores_no_file_where_one_was_changed_since() -> None:
    """A file that never was written, or is put back already, is no obstacle."""
    bench = Bench({"a.py": CODE, "b.py": "x = bad\n"}, Mending("bad", "good"))
    await bench.fix(apply=True)
    await bench.ports.files.write("b.py", "x = mine\n")
    with pytest.raises(UndoRefused, match=r"b\.py changed"):
        await bench.fix(undo=True)
    assert bench.texts == {"a.py": CODE.replace("bad", "good"), "b.py": "x = mine\n"}
    await bench.ports.files.write("b.py", "x = bad\n")
    assert (await bench.fix(undo=True)).restored == ("a.py",)
    assert bench.texts == {"a.py": CODE, "b.py": "x = bad\n"}


async def test_a_file_that_changed_meanwhile_is_not_written() -> None:
    bench = Bench({"a.py": CODE, "b.py": "x = bad\n"}, Mending("bad", "good"))
    offered = (await bench.fix()).patches
    await bench.ports.files.write("a.py", CODE + "# mine\n")
    report = await bench.fix(apply=True, patches=offered)
    assert bench.texts == {"a.py": CODE + "# mine\n", "b.py": "x = good\n"}
    assert [each.path for each in report.not_written] == ["a.py"]
    assert {each.left for each in report.patches} == {"", "its file has changed since the patch was made"}
    assert report.outcome() is ExitCode.FINDINGS


async def test_only_the_chosen_patches_are_applied_and_made_up_ones_never() -> None:
    bench = Bench({"a.py": CODE}, Mending("bad", "good"))
    first, second = (await bench.fix()).patches
    forged = first.model_copy(update={"id": "0" * 16})
    report = await bench.fix(apply=True, patches=(forged, second))
    assert bench.texts == {"a.py": CODE.replace("bad(2)", "good(2)")}
    assert [each.applied for each in report.patches] == [True, False]
    assert (await bench.fix(apply=True, patches=())).written == ()


async def test_patches_that_touch_the_same_code_are_applied_one_at_a_time() -> None:
    bench = Bench({"a.py": "x = bad\n"}, Mending("bad", "good"), Mending("x = bad", "x = fine", "other", rule="whole"))
    report = await bench.fix(apply=True)
    assert [each.applied for each in report.patches] == [True, False]
    assert "same code as the fix for line 1" in report.patches[1].left
    assert report.outcome() is ExitCode.FINDINGS


async def test_patches_that_do_harm_only_together_are_not_applied_together() -> None:
    class Both(Grep):
        async def analyze(self, files: Sequence[Any]) -> Any:
            report = await super().analyze(files)
            return report if "left" in files[0].text and "right" in files[0].text else type(report)()

    code = "x = bad\ny = evil\n"
    bench = Bench({"a.py": code}, Mending("bad", "left"), Mending("evil", "right", "two"), Both("y", "both"))
    report = await bench.fix(apply=True)
    assert bench.texts == {"a.py": "x = left\ny = evil\n"}
    assert "together with the others: it brings a new finding" in report.patches[1].left


async def test_only_patches_with_which_the_tests_pass_stay() -> None:
    bench = Bench({"a.py": CODE, "b.py": "x = bad\n"}, Mending("bad", "good"))
    ended = CommandEnded(1, "E  boom\n\n")
    bench.ports.tools.ends = lambda _: ended if "good(2)" in bench.texts["a.py"] else CommandEnded(0, "")
    report = await bench.fix(apply=True, test="pytest -q 'a b'")
    assert bench.texts == {"a.py": CODE.replace("bad(1)", "good(1)"), "b.py": "x = good\n"}
    assert [each.applied for each in report.patches] == [True, False, True]
    assert report.patches[1].left == "the tests fail with it: it ended with 1: E  boom"
    assert set(bench.ports.tools.asked) == {("pytest", "-q", "a b")}
    assert report.test is not None
    assert report.test.passed
    assert len(bench.ports.kept.applications) == 1


@given(st.sets(st.integers(0, 5)), st.integers(1, 6))
async def test_halving_finds_exactly_the_patches_that_break_the_tests(broken: set[int], count: int) -> None:
    """Files are never left with one of them, whatever the order of the runs."""
    code = "".join(f"x{number} = bad\n" for number in range(count))
    bench = Bench({"a.py": code}, Mending("bad", "good"))
    bench.ports.tools.ends = lambda _: CommandEnded(
        int(any(f"x{number} = good" in bench.texts["a.py"] for number in broken)), ""
    )
    report = await bench.fix(apply=True, test="t")
    want = "".join(f"x{number} = {'bad' if number in broken else 'good'}\n" for number in range(count))
    assert bench.texts == {"a.py": want}
    assert [each.applied for each in report.patches] == [number not in broken for number in range(count)]
    assert len(bench.ports.kept.applications) == (want != code)


@pytest.mark.parametrize("error", [ToolTimedOut("t", 1), asyncio.CancelledError(), ToolMissing("t")])
async def test_a_test_run_that_does_not_end_well_leaves_the_files_as_they_were(error: BaseException) -> None:
    bench = Bench({"a.py": CODE}, Mending("bad", "good"))
    ends: list[Any] = [CommandEnded(0, "")]
    bench.ports.tools.ends = lambda _: ends.pop() if ends else error
    if isinstance(error, ToolTimedOut):
        report = await bench.fix(apply=True, test="t")
        assert all("did not end within 1 s" in each.left for each in report.patches)
    else:
        with pytest.raises(type(error)):
            await bench.fix(apply=True, test="t")
    assert bench.texts == {"a.py": CODE}
    assert bench.ports.kept.applications == []


async def test_tests_that_fail_before_or_cannot_run_stop_everything() -> None:
    bench = Bench({"a.py": CODE}, Mending("bad", "good"))
    bench.ports.tools.ends = lambda _: CommandEnded(2, "")
    with pytest.raises(BrokenBeforeFixes, match="it ended with 2"):
        await bench.fix(apply=True, test="t")
    for command in ("'", " "):
        with pytest.raises(CommandUnusable):
            await bench.fix(apply=True, test=command)
    with pytest.raises(ApplyNeeded):
        await bench.fix(test="t")
    assert bench.texts == {"a.py": CODE}


async def test_a_file_that_the_tests_change_is_not_overwritten_on_the_way_back() -> None:
    bench = Bench({"a.py": CODE}, Mending("bad", "good"))

    def ends(_: Sequence[str]) -> CommandEnded:
        if "good" in bench.texts["a.py"]:
            bench.ports.files.written["a.py"] += "# formatted\n"
            return CommandEnded(1, "")
        return CommandEnded(0, "")

    bench.ports.tools.ends = ends
    report = await bench.fix(apply=True, test="t")
    assert bench.texts["a.py"].endswith("# formatted\n")
    assert any("not restored" in each.reason for each in report.not_written)
    assert report.outcome() is ExitCode.FINDINGS


async def test_a_trusted_model_is_asked_where_no_fix_is_known() -> None:
    """Its change is cut down to the lines that differ, and checked like any other."""
    bench = Bench({"a.py": CODE}, Grep("bad(1)"), model=rewriting("bad(1)", "good(1)"))
    report = await bench.fix(model=True, apply=True)
    assert [(each.origin, each.fix.source) for each in report.patches] == [("model", "model")]
    assert len(report.patches[0].fix.edits) == 1
    assert bench.texts == {"a.py": CODE.replace("bad(1)", "good(1)")}


async def test_a_model_may_change_no_line_that_holds_a_secret() -> None:
    code = "def f():\n    key = 'hush'\n    return bad(key)\n"
    engines = Grep("bad"), Grep("hush", "secrets", category=Category.SECRET)
    report = await Bench({"a.py": code}, *engines, model=rewriting("key", "word")).fix(model=True)
    assert "it touches a line that holds a secret" in reasons(report)
    assert report.patches == ()


async def test_a_models_change_that_does_not_mend_is_refused() -> None:
    report = await Bench({"a.py": CODE}, Grep("bad(1)"), model=rewriting("zzz", "y")).fix(model=True)
    assert (reasons(report), report.not_offered[0].origin) == (["it changes nothing"], "model")


async def test_a_model_that_is_not_trusted_is_not_asked_and_the_report_says_so() -> None:
    chat = ScriptedChat()
    report = await Bench({"a.py": CODE}, Grep("bad(1)"), model=chat, trusted=False).fix(model=True)
    assert "not trusted to write fixes" in report.model_notice
    assert chat.requests == []
    assert reasons(report) == ["no fix is known"]


async def test_a_model_good_at_claims_may_propose_fixes() -> None:
    bench = Bench({"a.py": "x = bad\n"}, Grep("bad"), model=rewriting("bad", "good"))
    bench.ports.measured.profile = ModelProfile(recipes={"claims": RecipeProfile(auc=0.9)})
    from sutazai.review.recipes.mend import may_mend  # noqa: PLC0415 (next to its use)

    assert may_mend(bench.ports.measured.profile)
    assert not may_mend(ModelProfile(recipes={"claims": RecipeProfile(auc=0.6)}))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("x = bad\n\n\ndef f():\n    return 1\n\n\ny = 2\n", "not in one function"),
        ("def f():\n    return bad\n" + "    # long\n" * 800 + "    return 1\n", "too long"),
        ("def f():\n    return bad, '<|x|>'\n", "control token"),
    ],
)
async def test_code_that_a_model_cannot_give_back_is_not_shown_to_it(code: str, reason: str) -> None:
    report = await Bench({"a.py": code}, Grep("bad"), model=ScriptedChat()).fix(model=True)
    assert reason in reasons(report)[0]


async def test_whatever_ails_the_model_ends_as_a_reason() -> None:
    report = await Bench({"a.py": CODE}, Grep("bad(1)"), model=ModelUnavailable("m", ["r"])).fix(model=True)
    assert report.model_notice
    report = await Bench({"a.py": CODE}, Grep("bad(1)"), model=ScriptedChat(["{", "{"])).fix(model=True)
    assert "no fix written by a model" in reasons(report)[0]
    assert report.model_notice == ""


async def test_model_time_is_limited_and_the_notice_says_so() -> None:
    """The first finding takes all of it; the second is not asked for."""

    class Slow(ScriptedChat):
        async def stream(self, request: Any) -> Any:
            await asyncio.Event().wait()
            yield

    chat = Slow()
    report = await Bench({"a.py": CODE}, Grep("bad"), model=chat).fix(model=True, time_limit_s=0.01)
    assert report.model_notice == "the time limit of 0.01 s was reached"
    assert reasons(report) == ["no fix is known"] * 2


async def test_a_write_that_fails_in_the_middle_is_taken_back_or_told() -> None:
    bench = Bench({"a.py": CODE, "b.py": "x = bad\n"}, Mending("bad", "good"))
    editor = await bench.ports.editor()
    replace, broken = editor.replace, [TargetUnwritable("b.py", "no room"), asyncio.CancelledError()]

    async def failing(root: Any, change: Any) -> None:
        if change.path == "b.py":
            raise broken[0]
        await replace(root, change)

    editor.replace = failing  # type: ignore[method-assign]
    report = await bench.fix(apply=True)
    assert [(each.path, each.reason) for each in report.not_written] == [("b.py", "b.py cannot be written: no room")]
    assert [each.applied for each in report.patches] == [True, True, False]
    assert "no room" in report.patches[2].left
    assert (await bench.fix(undo=True)).restored == ("a.py",)
    broken.pop(0)
    with pytest.raises(asyncio.CancelledError):
        await bench.fix(apply=True)
    assert bench.texts == {"a.py": CODE, "b.py": "x = bad\n"}
    assert bench.ports.kept.applications == []


async def test_where_no_file_can_be_written_nothing_is_kept() -> None:
    bench = Bench({"a.py": CODE}, Mending("bad", "good"))
    editor = await bench.ports.editor()

    async def failing(root: Any, change: Any) -> None:
        raise TargetUnwritable("a.py", "no room")

    editor.replace = failing  # type: ignore[method-assign]
    report = await bench.fix(apply=True)
    assert (report.written, bench.ports.kept.applications) == ((), [])
    assert report.outcome() is ExitCode.FINDINGS


async def test_an_undo_that_fails_in_the_middle_puts_the_fixes_back() -> None:
    bench = Bench({"a.py": CODE, "b.py": "x = bad\n"}, Mending("bad", "good"))
    await bench.fix(apply=True)
    editor = await bench.ports.editor()
    replace = editor.replace

    async def failing(root: Any, change: Any) -> None:
        if change.path == "b.py":
            raise TargetUnwritable("b.py", "no room")
        await replace(root, change)

    editor.replace = failing  # type: ignore[method-assign]
    with pytest.raises(TargetUnwritable):
        await bench.fix(undo=True)
    assert bench.texts == {"a.py": CODE.replace("bad", "good"), "b.py": "x = good\n"}
    editor.replace = replace  # type: ignore[method-assign]
    assert (await bench.fix(undo=True)).restored == ("a.py", "b.py")


async def test_an_edit_of_a_place_that_is_not_there_is_no_fix() -> None:
    class Astray(Mending):
        def _fix(self, finding: Any) -> Any:
            fix = super()._fix(finding)
            far = fix.edits[0].location.model_copy(update={"start_line": 9, "end_line": 9})
            return fix.model_copy(update={"edits": (fix.edits[0].model_copy(update={"location": far}),)})

    assert reasons(await Bench({"a.py": "x = bad\n"}, Astray("bad", "good")).fix()) == ["no fix is known"]


async def test_edits_that_overlap_are_no_fix() -> None:
    class Twice(Mending):
        def _fix(self, finding: Any) -> Any:
            fix = super()._fix(finding)
            other = fix.edits[0].model_copy(update={"replacement": "fine"})
            return fix.model_copy(update={"edits": (*fix.edits, other)})

    assert reasons(await Bench({"a.py": "x = bad\n"}, Twice("bad", "good")).fix()) == ["its edits overlap"]


async def test_progress_is_told() -> None:
    bench = Bench({"a.py": CODE}, Mending("bad", "good"))
    await bench.fix()
    assert [(each.done, each.total) for each in bench.seen.of("progress") if each.phase == "fix"] == [(0, 2), (1, 2)]
