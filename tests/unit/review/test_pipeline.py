"""A review from the request to the report: what is found, left out, suppressed, counted and told, in which order."""

import json

import pytest

from sutazai.errors.base import ExitCode
from sutazai.errors.models import ModelUnavailable
from sutazai.errors.review import BaselineBroken, BaselineMissing, InvalidRuleSetting
from sutazai.errors.store import StoreBroken
from sutazai.review.pipeline import selection_of
from sutazai.review.request import ReviewRequest
from sutazai.sdk.finding import Category, Severity
from sutazai.sdk.ports import Verdict
from sutazai.sdk.source import LineRange, SourceFile
from sutazai.sdk.testing import FixedClock, ScriptedChat
from tests.unit.review.lab import ADJUDICATE, CODE, Grep, Lab, claim, claiming, left, places, stands_by

RISKY = {"risky": claim("return risky(a)", message="The answer is wrong")}


class Broken(Grep):
    """An engine that breaks."""

    async def analyze(self, files):
        """Never works."""
        raise RuntimeError("no luck")


async def test_findings_of_engines_are_told_before_the_model_is_opened():
    told: list[int] = []
    lab = Lab(engines=[Grep("risky")], model=claiming(RISKY))

    class Watching(ScriptedChat):
        async def open(self) -> None:
            await super().open()
            told.append(len(lab.ports.store.entries))

    lab.ports.model = Watching(lab.ports.model._function)
    await lab.review()
    kinds = [(each.kind, getattr(each, "phase", "")) for each in lab.seen.events]
    assert kinds.index(("finding", "")) < kinds.index(("progress", "model"))
    assert told == [1], "the static result was there before the model was opened"


async def test_static_and_model_findings_stand_in_one_report():
    lab = Lab(engines=[Grep("fine", severity=Severity.LOW)], model=claiming(RISKY))
    report = await lab.review()
    assert places(report) == [("model-claim", 5), ("has-fine", 10)]
    wrong, fine = report.findings
    assert (wrong.quote, wrong.symbol, wrong.message) == ("return risky(a)", "first", "The answer is wrong")
    assert (fine.symbol, fine.engines) == ("second", ("grep",))
    assert set(report.rules) == {"model-claim", "has-fine"}
    assert report.rules["has-fine"].title == "Has fine"
    assert report.rules["model-claim"].title != "model-claim"
    assert report.suggestions == (wrong.fingerprint,)
    assert report.security_issues == (fine.fingerprint,)
    assert (report.root, report.coverage.files, report.coverage.engines) == ("/memory", 1, ("grep",))
    assert report.model is not None
    assert (report.model.name, report.model.calls, report.model.recipes) == ("scripted", 5, ("claims",))
    assert report.model.prompt_tokens > report.model.completion_tokens > 0


async def test_every_finding_of_the_report_was_told_as_it_came():
    lab = Lab(engines=[Grep("fine")], model=claiming(RISKY))
    report = await lab.review()
    arrived = [(each.finding.rule, each.finding.location) for each in lab.seen.of("finding")]
    assert [each[0] for each in arrived] == ["has-fine", "model-claim"]
    assert sorted(arrived, key=str) == sorted(((each.rule, each.location) for each in report.findings), key=str)
    await lab.review()
    assert len(lab.seen.of("finding")) == 2, "those from the cache too"


async def test_progress_counts_files_and_units_to_their_totals():
    lab = Lab({"a.py": CODE, "b.py": CODE}, engines=[Grep("x"), Grep("y", "other")], model=claiming({}))
    await lab.review()
    static = [(each.done, each.total) for each in lab.seen.of("progress") if each.phase == "static"]
    assert static[-1] == (2, 2)
    model = [(each.done, each.total) for each in lab.seen.of("progress") if each.phase == "model"]
    assert model == [(done, 4) for done in range(5)]
    lab.edit(lambda text: text.replace("fine(b)", "good(b)"))
    await lab.review()
    again = [(each.done, each.total, each.label) for each in lab.seen.of("progress") if each.phase == "model"]
    assert [each[:2] for each in again] == model, "units from the cache count"
    assert again[-1][2] == "a.py:second"


async def test_without_a_model_none_is_asked_and_nothing_is_missing():
    lab = Lab(engines=[Grep("risky")], model=AssertionError("no model was wanted"))
    report = await lab.review(model=False)
    assert (report.model, report.coverage.units, report.coverage.complete) == (None, 0, True)
    assert places(report) == [("has-risky", 5)]


async def test_a_file_without_units_needs_no_model():
    lab = Lab({"notes.txt": "risky"}, engines=[Grep("risky")], model=AssertionError("there is nothing to ask"))
    report = await lab.review()
    assert (places(report), report.coverage.units, report.coverage.complete) == ([("has-risky", 1)], 0, True)


async def test_a_file_that_no_parser_may_have_is_named_and_the_others_are_reviewed():
    tangled = "".join(" " * depth + "if x:\n" for depth in range(300)) + " " * 300 + "risky(x)\n"
    lab = Lab({"a.py": tangled, "b.py": CODE}, engines=[Grep("risky")], model=claiming(RISKY))
    report = await lab.review()
    assert {each.location.path for each in report.findings} == {"a.py", "b.py"}
    assert [(each.path, each.engine) for each in report.coverage.files_skipped] == [("a.py", "model")]
    assert report.coverage.units_reviewed == 2
    assert not report.coverage.complete


async def test_where_no_model_can_be_had_the_static_review_is_whole_and_says_so():
    lab = Lab(engines=[Grep("risky")], model=ModelUnavailable("m", ["nothing"]))
    report = await lab.review(require_model=True, fail_on="never")
    assert places(report) == [("has-risky", 5)]
    assert "no runtime can serve 'm'" in report.coverage.model_notice
    assert (report.coverage.units, report.coverage.units_reviewed, report.coverage.complete) == (2, 0, False)
    assert [each.level for each in lab.seen.of("note")] == ["warning"]
    assert report.outcome() is ExitCode.MODEL


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, ExitCode.FINDINGS),
        ({"fail_on": "critical"}, ExitCode.CLEAN),
        ({"fail_on": "never", "require_complete": True}, ExitCode.INCOMPLETE),
        ({"fail_on": "never", "require_complete": True, "require_model": True}, ExitCode.INCOMPLETE),
        ({"fail_on": "never", "require_model": True}, ExitCode.MODEL),
        ({"require_complete": True, "require_model": True}, ExitCode.FINDINGS),
        ({"min_confidence": 0.9, "require_model": True}, ExitCode.MODEL),
    ],
)
async def test_findings_weigh_more_than_gaps_and_gaps_more_than_a_missing_model(request_, code):
    lab = Lab(engines=[Grep("risky")], model=ModelUnavailable("m", ["nothing"]))
    assert (await lab.review(**request_)).outcome() is code


async def test_an_engine_that_breaks_is_named_with_its_files_and_the_others_go_on():
    report = await Lab(engines=[Broken("x", "odd"), Grep("risky")]).review(model=False)
    assert places(report) == [("has-risky", 5)]
    missing = report.coverage.files_skipped
    assert [(each.path, each.engine) for each in missing] == [("a.py", "odd")]
    assert missing[0].reason == "internal error of odd: RuntimeError: no luck"
    assert not report.coverage.complete


async def test_only_the_engines_that_were_asked_for_run():
    one, other = Grep("risky", "one"), Grep("risky", "two")
    report = await Lab(engines=[one, other]).review(model=False, engines=("two",))
    assert (one.looked, other.looked, report.coverage.engines) == ([], ["a.py"], ("two",))


async def test_of_a_diff_only_changed_lines_and_the_units_around_them_are_reviewed_and_reported():
    source = SourceFile("a.py", CODE, "python", changed=(LineRange(10, 10),))
    model = claiming(RISKY | {"second": claim("if b:"), "fine": claim("return fine(b)", message="No")})
    lab = Lab([source], engines=[Grep("risky"), Grep("fine", "other")], model=model)
    report = await lab.review()
    assert sorted(places(report)) == [("has-fine", 10), ("model-claim", 10)]
    assert (lab.asked, report.coverage.units) == (1, 1)
    assert {each.finding.location.start_line for each in lab.seen.of("finding")} == {10}


async def test_a_diff_that_only_deletes_asks_for_nothing():
    lab = Lab([SourceFile("a.py", CODE, "python", changed=())], engines=[Grep("risky")], model=AssertionError())
    report = await lab.review()
    assert (places(report), report.coverage.units) == ([], 0)


async def test_a_rule_is_switched_off_or_weighed_anew():
    lab = Lab(engines=[Grep("risky"), Grep("fine", "other")], model=claiming(RISKY))
    report = await lab.review(rules={"has-risky": "off", "has-fine": "info", "model-claim": "critical"})
    assert [(each.rule, each.severity) for each in report.findings] == [
        ("model-claim", Severity.CRITICAL),
        ("has-fine", Severity.INFO),
    ]
    assert [each.finding.severity for each in lab.seen.of("finding")] == [Severity.INFO, Severity.CRITICAL]


async def test_a_rule_setting_that_is_none_is_told_before_any_work():
    engine = Grep("risky")
    with pytest.raises(InvalidRuleSetting):
        await Lab(engines=[engine]).review(rules={"has-risky": "loud"})
    assert engine.looked == []


async def test_findings_under_the_thresholds_are_counted_not_shown():
    engines = [Grep("risky", confidence=0.4), Grep("fine", "b", severity=Severity.LOW), Grep("os", "c")]
    lab = Lab(engines=engines)
    report = await lab.review(min_severity=Severity.MEDIUM, min_confidence=0.5)
    assert places(report) == [("has-os", 1)]
    under = report.coverage.under_thresholds
    assert (report.coverage.findings_under_thresholds, under.by_severity) == (2, {Severity.HIGH: 1, Severity.LOW: 1})
    assert (under.least_confidence, under.most_confidence) == (0.4, 0.8)
    assert [each.finding.rule for each in lab.seen.of("finding")] == ["has-os"]


@pytest.mark.parametrize(("limit", "shown"), [(0, 0), (1, 1), (2, 2), (None, 3)])
async def test_a_limit_holds_for_findings_of_the_model_in_each_file(limit, shown):
    text = "".join(f"def f{n}(a):\n    return a - {n}\n\n\n" for n in range(3))
    model = claiming({f"f{n}": claim(f"return a - {n}", message=f"Wrong {n}") for n in range(3)})
    report = await Lab({"a.py": text}, engines=[Grep("return", category=Category.BUG)], model=claiming({})).review(
        max_findings=limit
    )
    assert len(report.findings) == 3, "static findings are never cut"
    report = await Lab({"a.py": text, "b.py": text}, model=model).review(max_findings=limit)
    assert (len(report.findings), report.coverage.findings_over_limit) == (2 * shown, 6 - 2 * shown)


async def test_a_comment_silences_a_finding_and_one_that_hides_nothing_is_named():
    text = "a = call()  # sutazai: ignore[odd] tried\nb = 1  # sutazai: ignore\n"
    report = await Lab({"a.py": text}, engines=[Grep("nothing")]).review(model=False)
    assert (report.suppressed, report.unused_suppressions) == ((), ("a.py:1", "a.py:2"))
    report = await Lab({"a.py": text}, engines=[Grep("call()", rule="odd")]).review(model=False)
    assert (places(report), report.unused_suppressions) == ([], ("a.py:2",))
    (hidden,) = report.suppressed
    assert hidden.suppressed is not None
    assert (hidden.suppressed.by, hidden.suppressed.reason) == ("comment", "tried")
    assert report.outcome() is ExitCode.CLEAN
    assert "odd" in report.rules


async def test_a_mark_for_another_tool_silences_every_engine_and_is_never_called_unused():
    text = "a = call()  # noqa: S608 tried\nb = 1  # noqa: S608\n"
    engines = [Grep("call()", "one", cwe=(89,)), Grep("a = ", "two", cwe=(78,))]
    report = await Lab({"a.py": text}, engines=engines).review(model=False)
    assert (places(report), report.unused_suppressions) == ([("has-a = ", 1)], ())
    assert [(each.rule, each.suppressed.reason) for each in report.suppressed] == [("has-call()", "noqa: S608 tried")]


async def test_a_comment_where_nobody_looked_is_not_called_unused():
    text = "# sutazai: ignore-file[x]\na = risky()  # sutazai: ignore\nb = 1  # sutazai: ignore\n"
    source = SourceFile("a.py", text, "python", changed=(LineRange(3, 3),))
    report = await Lab([source], engines=[Grep("risky")]).review(model=False)
    assert report.unused_suppressions == ("a.py:3",)


async def test_a_dismissed_finding_stays_away_until_its_code_changes():
    lab = Lab(engines=[Grep("risky")])
    (finding,) = (await lab.review(model=False)).findings
    for verdict, fingerprint in (("accepted", finding.fingerprint), ("dismissed", "v1:other")):
        said = Verdict(fingerprint, finding.rule, verdict, "not here", "/memory", FixedClock().now())
        await lab.ports.said.add(said)
    assert len((await lab.review(model=False)).findings) == 1
    said = Verdict(finding.fingerprint, finding.rule, "dismissed", "not here", "/memory", FixedClock().now())
    await lab.ports.said.add(said)
    report = await lab.review(model=False)
    assert (report.findings, report.suppressed[0].suppressed.reason) == ((), "not here")
    lab.edit(lambda text: text.replace("risky(a)", "risky(a, 1)"))
    assert len((await lab.review(model=False)).findings) == 1


async def test_a_rule_that_was_dismissed_again_and_again_falls_under_the_threshold():
    lab = Lab(engines=[Grep("risky")])
    (finding,) = (await lab.review(model=False, min_confidence=0.5)).findings
    for number in range(9):
        said = Verdict(f"v1:{number}", finding.rule, "dismissed", "", "/memory", FixedClock().now())
        await lab.ports.said.add(said)
    report = await lab.review(model=False, min_confidence=finding.confidence - 0.05)
    assert (report.findings, report.coverage.findings_under_thresholds) == ((), 1)
    (lowered,) = (await lab.review(model=False, min_confidence=0.0)).findings
    assert lowered.fingerprint == finding.fingerprint
    assert "0 of 9 findings of this rule" in lowered.explanation


async def test_feedback_that_cannot_be_read_is_told_and_hides_nothing():
    lab = Lab(engines=[Grep("risky")])

    async def verdicts(root):
        raise StoreBroken("local.db", "not a database")

    lab.ports.said.verdicts = verdicts
    assert places(await lab.review(model=False)) == [("has-risky", 5)]
    (note,) = lab.seen.of("note")
    assert note.level == "warning"
    assert "local.db" in note.text


async def test_a_baseline_hides_what_it_knows_and_keeps_it_when_written_anew():
    lab = Lab(engines=[Grep("risky"), Grep("fine", "other")])
    await lab.review(model=False, engines=("grep",), write_baseline="known.json")
    report = await lab.review(model=False, baseline="known.json", write_baseline="known.json")
    assert (places(report), [each.rule for each in report.suppressed]) == ([("has-fine", 10)], ["has-risky"])
    assert {each["rule"] for each in json.loads(lab.ports.files.written["known.json"])["findings"]} == {
        "has-risky",
        "has-fine",
    }
    report = await lab.review(model=False, baseline="known.json")
    assert (places(report), len(report.suppressed)) == ([], 2)


async def test_a_baseline_that_was_written_is_told_with_what_is_in_it():
    """What the report leaves out goes into it too, and is counted."""
    lab = Lab(engines=[Grep("risky"), Grep("fine", "other", confidence=0.1)])
    await lab.review(model=False, min_confidence=0.5, write_baseline="known.json")
    assert [(each.level, each.text) for each in lab.seen.of("note")] == [
        ("info", "2 findings (1 under the thresholds) written to known.json")
    ]
    await lab.review(model=False, engines=("grep",), write_baseline="known.json")
    assert [each.text for each in lab.seen.of("note")] == ["1 finding written to known.json"]


async def test_what_a_comment_or_a_person_silenced_does_not_go_into_a_baseline():
    lab = Lab({"a.py": "risky()  # sutazai: ignore\n"}, engines=[Grep("risky")])
    await lab.review(model=False, write_baseline="known.json")
    assert json.loads(lab.ports.files.written["known.json"])["findings"] == []


async def test_a_baseline_that_is_missing_or_broken_ends_the_review():
    lab = Lab(engines=[Grep("risky")])
    with pytest.raises(BaselineMissing):
        await lab.review(model=False, baseline="none.json")
    lab.ports.files.written["broken.json"] = "{}"
    with pytest.raises(BaselineBroken):
        await lab.review(model=False, baseline="broken.json")


async def test_a_verdict_of_the_model_moves_the_confidence_of_a_static_finding():
    lab = Lab(engines=[Grep("risky", confidence=0.5, cwe=(89,))], model=ScriptedChat(stands_by), profile=ADJUDICATE)
    report = await lab.review()
    (finding,) = report.findings
    assert finding.confidence > 0.5
    assert finding.engines == ("grep", "model:adjudicate")
    fingerprint = finding.fingerprint
    (alone,) = (await lab.review(model=False)).findings
    assert (alone.fingerprint, alone.confidence) == (fingerprint, 0.5)


async def test_a_finding_that_two_engines_and_the_model_see_is_one_with_the_place_of_the_static_one():
    model = claiming({"risky": claim("return risky(a)", category="security", cwe=89)})
    lab = Lab(engines=[Grep("risky", cwe=(89,)), Grep("risky(", "two", cwe=(89,))], model=model)
    (finding,) = (await lab.review()).findings
    assert finding.engines == ("grep", "model:claims", "two")
    assert (finding.location.start_column, finding.message) == (12, "There is risky")
    assert finding.confidence > 0.95
    assert finding.fingerprint == (await lab.review(model=False)).findings[0].fingerprint


async def test_a_secret_leaves_neither_in_other_findings_nor_in_events():
    secret = "hunter2hunter2"  # noqa: S105 (what must not leave)
    text = f'def login():\n    return connect(password="{secret}")\n'
    quoting = claim(f'connect(password="{secret}")', message=f"Uses {secret}", why=f"{secret} is weak", fix=secret)
    engines = [Grep("connect", cwe=(259,)), Grep("password", "secrets", category=Category.SECRET)]
    lab = Lab({"a.py": text}, engines=engines, model=claiming({"login": quoting}))
    for request in ({}, {"rules": {"has-password": "off"}}, {"min_confidence": 0.99}):
        report = await lab.review(**request)
        assert secret not in report.model_dump_json()
        assert not any(secret in each.model_dump_json() for each in lab.seen.events)
    report = await lab.review()
    assert {each.rule for each in report.findings} == {"has-connect", "has-password", "model-claim"}
    assert {each.message for each in report.findings if each.rule == "has-connect"} == {"There is connect"}


async def test_the_report_names_what_the_file_of_the_project_set():
    report = await Lab().review(model=False, project=("review.fail_on", "review.rules"))
    assert report.project_settings == ("review.fail_on", "review.rules")
    assert (await Lab().review(model=False)).project_settings == ()


async def test_timings_say_when_the_first_finding_came():
    report = await Lab(engines=[Grep("risky")]).review(model=False, clock=FixedClock(step_s=1))
    times = report.timings
    assert times.first_finding_s is not None
    assert 0 < times.first_finding_s < times.total_s
    assert times.collect_s > 0 < times.static_s
    assert (await Lab().review(model=False)).timings.first_finding_s is None


async def test_units_with_candidates_come_first_then_those_with_many_branches():
    text = f"{CODE}\n\nif first(1):\n    second(2) or first(3)\n    assert second(3)\n"
    lab = Lab({"a.py": text}, engines=[Grep("risky")], model=claiming({}))
    await lab.review()
    done = [each.label for each in lab.seen.of("progress") if each.phase == "model"]
    assert done == ["", "a.py:first", "a.py:module", "a.py:second"]


async def test_the_same_request_gives_the_same_findings_with_and_without_the_cache():
    lab = Lab(engines=[Grep("risky")], model=claiming(RISKY))
    first = await lab.review()
    engine = lab.ports.engines[0]
    assert engine.looked == ["a.py"]
    second = await lab.review()
    assert engine.looked == ["a.py"]
    third = await lab.review(cache=False)
    assert engine.looked == ["a.py", "a.py"]
    assert first.findings == second.findings == third.findings
    assert first.rules == second.rules == third.rules
    assert (lab.asked, left(third)) == (4, [])


def test_the_selection_is_what_the_request_says():
    request = ReviewRequest(paths=("a",), exclude=("b",), max_file_bytes=7, diff_base="main", stdin_filename="x.py")
    selection = selection_of(request)
    assert (selection.paths, selection.exclude, selection.max_file_bytes) == (("a",), ("b",), 7)
    assert (selection.diff_base, selection.stdin_filename) == ("main", "x.py")
    assert (selection_of(ReviewRequest()).exclude, selection_of(ReviewRequest()).max_file_bytes) == ((), 1_000_000)
