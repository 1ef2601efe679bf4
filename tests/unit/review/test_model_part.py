"""The model's part: what is asked, what is known already, what was not reached, and whatever goes wrong is coverage."""

import asyncio
import json
import random
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sutazai.errors.base import ExitCode
from sutazai.errors.models import ModelError, ModelUnavailable, PromptTooLong
from sutazai.review import model_part
from sutazai.review.pipeline import review
from sutazai.review.recipes.run import RECIPES_VERSION
from sutazai.review.request import ReviewRequest
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.chat import ChatChunk, ChatReply, TokenLogprob, Usage
from sutazai.sdk.events import Note
from sutazai.sdk.finding import Severity
from sutazai.sdk.profile import ModelProfile, RecipeProfile
from sutazai.sdk.source import LineRange, SourceFile
from sutazai.sdk.testing import (
    FixedClock,
    MemoryCache,
    MemoryPorts,
    MemoryWorkspace,
    ScriptedChat,
    local_principal,
    next_token,
)
from sutazai_agents.code_assistant import assistant
from tests.unit.review.lab import (
    ADJUDICATE,
    CLAIMS,
    CODE,
    Grep,
    Lab,
    claim,
    claiming,
    code_of,
    info,
    left,
    places,
    stands_by,
)

PROBING = ModelProfile(recipes={"probe": RecipeProfile(threshold=2.0)})
RISKY = {"risky": claim("return risky(a)", message="The answer is wrong")}
FIVE = "".join(f"def f{n}(a):\n    return a - {n}\n\n\n" for n in range(5))


class Lost(ModelError):
    """A model that is gone."""


class Hanging(ScriptedChat):
    """Answers some requests, then never again; tells when it hangs and when it was let go."""

    def __init__(self, answers: int, hangs, **options) -> None:
        super().__init__(['{"claims": []}'] * answers, **options)
        self.answers, self.hangs, self.let_go = answers, hangs, 0

    async def stream(self, request):
        if len(self.requests) == self.answers:
            self.requests.append(request)
            self.hangs()
            try:
                await asyncio.Event().wait()
            finally:
                self.let_go += 1
        async for chunk in super().stream(request):
            yield chunk


@pytest.fixture
def out_of_time(monkeypatch):
    """Ends the time of the model's part when called, whatever the clock says."""
    begun: list[asyncio.Timeout] = []

    def timeout(seconds: float | None) -> asyncio.Timeout:
        begun.append(asyncio.timeout(seconds and 3600))
        return begun[-1]

    monkeypatch.setattr(model_part, "asyncio", SimpleNamespace(timeout=timeout))
    return lambda: begun[-1].reschedule(0)


async def test_a_second_review_of_unchanged_code_asks_nothing_and_never_opens_the_model():
    lab = Lab(model=claiming(RISKY))
    first = await lab.review()
    assert (lab.ports.model.opened, first.coverage.units_reviewed, first.coverage.units_cached) == (1, 2, 0)
    lab.ports.model = ScriptedChat([])
    second = await lab.review()
    assert (lab.ports.model.opened, lab.ports.model.requests) == (0, [])
    assert (second.coverage.units_reviewed, second.coverage.units_cached, second.coverage.units) == (0, 2, 2)
    assert second.coverage.complete
    assert second.findings == first.findings
    assert second.model is not None
    assert second.model.calls == 0


async def test_editing_one_function_asks_about_that_one_only():
    lab = Lab(model=claiming(RISKY))
    await lab.review()
    lab.edit(lambda text: text.replace("fine(b)", "good(b)"))
    lab.ports.model = claiming(RISKY)
    report = await lab.review()
    assert (lab.asked, report.coverage.units_reviewed, report.coverage.units_cached) == (1, 1, 1)
    assert "good(b)" in code_of(lab.ports.model.requests[0])
    assert places(report) == [("model-claim", 5)]


async def test_a_function_that_moved_costs_nothing_and_its_finding_moves_along():
    lab = Lab(model=claiming(RISKY))
    await lab.review()
    lab.edit(lambda text: "# one\n# two\n# three\n" + text)
    lab.ports.model = ScriptedChat([])
    (finding,) = (await lab.review()).findings
    assert (finding.location.start_line, finding.location.end_line, finding.quote) == (8, 8, "return risky(a)")
    assert lab.ports.model.opened == 0
    lab.ports.files = type(lab.ports.files)({"other.py": CODE})
    (finding,) = (await lab.review()).findings
    assert finding.location.path == "other.py"


@pytest.mark.parametrize(
    "change",
    [
        {"info": info(digest="2")},
        {"info": info(name="n")},
        {"info": info(runtime="other")},
        {"profile": ModelProfile(recipes={"claims": RecipeProfile(auc=0.8)})},
        {"cache": False},
    ],
)
async def test_another_model_another_profile_or_no_cache_means_asking_anew(change):
    lab = Lab(model=claiming({}, info=info()))
    await lab.review()
    lab.ports.model = claiming({}, info=change.get("info", info()))
    lab.ports.measured.profile = change.get("profile", CLAIMS)
    await lab.review(cache=change.get("cache", True))
    assert lab.asked == 2


async def test_other_prompts_or_recipes_mean_asking_anew(monkeypatch):
    lab = Lab(model=claiming({}))
    await lab.review()
    assert RECIPES_VERSION
    monkeypatch.setattr(model_part, "RECIPES_VERSION", "changed")
    await lab.review()
    assert lab.asked == 4


async def test_a_new_candidate_in_a_unit_is_put_to_the_model():
    lab = Lab(engines=[Grep("risky")], model=ScriptedChat(stands_by), profile=ADJUDICATE)
    await lab.review()
    lab.ports.engines = [Grep("risky"), Grep("return risky", "other")]
    await lab.review()
    assert len(lab.ports.model.requests) == 1 + 2


@pytest.mark.parametrize("broken", ["", "{", '{"claims": 3}', '{"unknown": 1}', "[]"])
async def test_an_entry_of_the_cache_that_is_none_is_asked_anew(broken):
    lab = Lab(model=claiming(RISKY))
    await lab.review()
    lab.ports.store.entries = dict.fromkeys(lab.ports.store.entries, broken)
    assert places(await lab.review()) == [("model-claim", 5)]
    assert lab.asked == 4


async def test_what_the_time_limit_leaves_is_listed_with_the_unit_at_work(out_of_time):
    lab = Lab({"a.py": FIVE}, model=Hanging(2, out_of_time))
    report = await lab.review(time_limit_s=7, require_complete=True)
    coverage = report.coverage
    assert (coverage.units, coverage.units_reviewed) == (5, 2)
    assert left(report) == [("f2", "out_of_time"), ("f3", "out_of_time"), ("f4", "out_of_time")]
    assert {each.reason for each in coverage.units_not_reviewed} == {"the time limit of 7 s was reached"}
    assert [(each.start_line, each.end_line) for each in coverage.units_not_reviewed] == [(9, 10), (13, 14), (17, 18)]
    assert lab.ports.model.let_go == 1, "the stream at work was closed"
    assert report.outcome() is ExitCode.INCOMPLETE
    lab.ports.model = claiming({})
    again = await lab.review(time_limit_s=7)
    assert (again.coverage.units_cached, lab.asked, again.coverage.complete) == (2, 3, True)


def stopped_after(done: int) -> tuple[AgentContext, list[Note]]:
    """A review whose caller goes away after so many answers, and what it says meanwhile."""
    chat = Hanging(done, lambda: asyncio.current_task().cancel())
    ports = MemoryPorts(files=MemoryWorkspace({"a.py": FIVE}), model=chat)
    ports.measured.profile = CLAIMS
    said = []
    capability = assistant.capabilities["code.review"]
    context = AgentContext(
        capability="code.review",
        permissions=capability.permissions,
        ports=ports,
        emit=lambda event: said.append(event) if event.kind == "note" else None,
        principal=local_principal(),
        clock=FixedClock(),
        call=lambda *_: None,
    )
    return context, said


@pytest.mark.parametrize(("done", "cache", "told"), [(2, True, True), (2, False, False), (0, True, False)])
async def test_whoever_stops_a_review_is_told_what_is_kept(done, cache, told):
    """And that the same command goes on from there; nothing is said where nothing is kept."""
    context, said = stopped_after(done)
    with pytest.raises(asyncio.CancelledError):
        await review(ReviewRequest(cache=cache), context)
    kept = "2 of 5 functions are kept in the cache: the same command goes on from there"
    assert [each.text for each in said] == [kept] * told


async def test_the_time_limit_holds_while_the_model_loads(out_of_time):
    class Loading(ScriptedChat):
        async def open(self) -> None:
            out_of_time()
            await asyncio.Event().wait()

    report = await Lab(engines=[Grep("risky")], model=Loading()).review(time_limit_s=0.5)
    assert left(report) == [("second", "out_of_time"), ("first", "out_of_time")][::-1]
    assert places(report) == [("has-risky", 5)]


async def test_real_time_runs_out_too():
    report = await Lab(model=Hanging(0, lambda: None)).review(time_limit_s=0.01)
    assert {each[1] for each in left(report)} == {"out_of_time"}


async def test_a_timeout_that_is_not_the_limit_is_no_end_of_time():
    class Odd(ScriptedChat):
        async def open(self) -> None:
            raise TimeoutError("inside")

    with pytest.raises(TimeoutError, match="inside"):
        await Lab(model=Odd()).review(time_limit_s=50)


async def test_no_limit_is_no_limit(monkeypatch):
    asked: list[float | None] = []
    real = asyncio.timeout
    fake = SimpleNamespace(timeout=lambda seconds: asked.append(seconds) or real(None))
    monkeypatch.setattr(model_part, "asyncio", fake)
    for limit in (0, None, 2.5):
        await Lab(model=claiming({})).review(time_limit_s=limit)
    assert asked == [None, None, 2.5]


async def test_three_failures_in_a_row_stop_the_asking():
    lab = Lab({"a.py": FIVE}, model=ScriptedChat(lambda _: Lost("the child ended")))
    report = await lab.review()
    assert left(report) == [(f"f{n}", "failed") for n in range(5)]
    reasons = [each.reason for each in report.coverage.units_not_reviewed]
    assert reasons[:3] == ["the child ended"] * 3
    assert reasons[3:] == ["the model failed 3 times in a row: the child ended"] * 2
    assert (lab.asked, report.coverage.units, report.coverage.units_reviewed) == (3, 5, 0)


async def test_a_success_between_failures_starts_the_count_anew():
    replies = [Lost("x"), Lost("x"), '{"claims": []}', Lost("x"), Lost("x")]
    report = await Lab({"a.py": FIVE}, model=ScriptedChat(replies)).review()
    assert left(report) == [("f0", "failed"), ("f1", "failed"), ("f3", "failed"), ("f4", "failed")]
    assert {each.reason for each in report.coverage.units_not_reviewed} == {"x"}
    assert report.coverage.units_reviewed == 1


async def test_failed_units_are_asked_again_the_next_time():
    lab = Lab({"a.py": FIVE}, model=ScriptedChat(['{"claims": []}', Lost("x"), *['{"claims": []}'] * 3]))
    await lab.review()
    lab.ports.model = claiming({})
    report = await lab.review()
    assert (lab.asked, report.coverage.units_cached, report.coverage.complete) == (1, 4, True)


async def test_a_bug_in_a_recipe_costs_one_unit_not_the_review(monkeypatch):
    real = model_part.review_unit

    async def odd(unit, *rest):
        if unit.symbol == "f1":
            raise IndexError("list index out of range")
        return await real(unit, *rest)

    monkeypatch.setattr(model_part, "review_unit", odd)
    report = await Lab({"a.py": FIVE}, model=claiming({"f2": claim("a - 2")})).review()
    assert left(report) == [("f1", "failed")]
    assert report.coverage.units_not_reviewed[0].reason == "internal error: IndexError: list index out of range"
    assert places(report) == [("model-claim", 10)]


async def test_a_model_that_cannot_be_opened_leaves_a_whole_static_review():
    class Shut(ScriptedChat):
        async def open(self) -> None:
            raise ModelUnavailable("m", ["embedded"])

    report = await Lab(engines=[Grep("risky")], model=Shut()).review(require_model=True, fail_on="never")
    assert places(report) == [("has-risky", 5)]
    assert "no runtime can serve" in report.coverage.model_notice
    assert left(report) == [("first", "failed"), ("second", "failed")]
    assert report.outcome() is ExitCode.MODEL


async def test_a_reply_that_is_not_json_is_repaired_once_and_then_counts_as_failed():
    lab = Lab(model=ScriptedChat(["no idea", '{"claims": []}', "again", "never"]))
    report = await lab.review()
    first, repaired, _, last = lab.ports.model.requests
    assert len(repaired.messages) == len(first.messages) + 2
    assert "not usable" in last.messages[-1].content
    assert left(report) == [("first", "failed")]
    assert "scripted" in report.coverage.units_not_reviewed[0].reason
    assert (report.coverage.units_reviewed, report.model.calls) == (1, 4)


async def test_a_prompt_that_does_not_fit_is_a_unit_not_reviewed():
    report = await Lab(model=ScriptedChat(lambda _: PromptTooLong("m", 9, 4))).review()
    assert [each[1] for each in left(report)] == ["failed", "failed"]


async def test_a_truncated_reply_is_listed_and_not_remembered():
    cut = ChatReply('{"claims": []}', "truncated", usage=Usage(1, 1))
    lab = Lab(model=ScriptedChat([cut, '{"claims": []}']))
    report = await lab.review()
    assert [each[1] for each in left(report)] == ["truncated"]
    assert report.coverage.units_reviewed == 1
    lab.ports.model = claiming({})
    assert ((await lab.review()).coverage.units_cached, lab.asked) == (1, 1)


async def test_a_stream_without_an_end_is_truncated():
    class Endless(ScriptedChat):
        async def stream(self, request):
            yield ChatChunk('{"claims": []}')

    assert [each[1] for each in left(await Lab(model=Endless()).review())] == ["truncated", "truncated"]


async def test_what_a_failed_unit_had_said_before_is_kept():
    both = ModelProfile(recipes={"adjudicate": RecipeProfile(auc=0.9), "claims": RecipeProfile(auc=0.9)})

    def answer(request):
        return stands_by(request) if request.json_schema is None else "no JSON"

    lab = Lab(engines=[Grep("risky", confidence=0.5)], model=ScriptedChat(answer), profile=both)
    report = await lab.review()
    assert report.findings[0].confidence > 0.5
    assert {each[1] for each in left(report)} == {"failed"}


@pytest.mark.parametrize("profile", [ModelProfile(), ModelProfile(recipes={"claims": RecipeProfile(auc=0.6)})])
async def test_a_model_that_is_not_trusted_with_anything_is_not_asked(profile):
    lab = Lab(model=ScriptedChat([]), profile=profile)
    report = await lab.review()
    assert "sutazai models bench --review" in report.coverage.model_notice
    assert (lab.ports.model.opened, report.coverage.units, report.coverage.complete) == (0, 2, False)


async def test_a_runtime_that_turns_out_to_give_no_log_probabilities_is_told():
    class Silent(ScriptedChat):
        async def open(self) -> None:
            self.info = info(logprobs=False)

    report = await Lab(model=Silent([], info=info())).review()
    assert "reports no log-probabilities for m" in report.coverage.model_notice
    assert {each[1] for each in left(report)} == {"skipped"}
    report = await Lab(model=ScriptedChat([], info=info(logprobs=False))).review()
    assert "reports no log-probabilities for m" in report.coverage.model_notice


async def test_claims_whose_quote_is_not_there_are_dropped_and_counted():
    claims = {"risky": claim("never.written(this)"), "fine": claim("return fine(b)")}
    report = await Lab(model=claiming(claims)).review()
    assert (places(report), report.coverage.claims_dropped) == ([("model-claim", 10)], 1)


@pytest.mark.parametrize("phase", ["open", "stream"])
async def test_a_review_that_is_cancelled_lets_go_of_the_model(phase):
    working = asyncio.Event()
    model = Hanging(0, working.set)

    async def opening() -> None:
        working.set()
        await asyncio.Event().wait()

    if phase == "open":
        model.open = opening  # type: ignore[method-assign]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Lab(model=model).review(time_limit_s=100))
        await working.wait()
        task.cancel()
    assert task.cancelled()
    assert model.let_go == (phase == "stream")


ODD = (
    "ß = '\U0001f600'\r\ndef odd(x):\r\n\treturn x <= 1 and x  # é\r\n\r\ndef more(y, z):\r\n\treturn [y] + z or y\r\n"
)
PIECES = ["x <= 1", "return", "x", "ß", "\t", "y] + z", "\U0001f600", "# é", "def odd(x):\r\n\treturn", "missing()", ""]


QUOTES = st.sampled_from(PIECES) | st.text(max_size=12)
WORDS = st.sampled_from(["", "x", "Wrong\n\nhere"])
TOKENS = st.sampled_from(["yes", "no", " <", "<=", " and", "or", "", "x", " x", "1"]) | st.text(max_size=3)
TOP = st.lists(st.builds(TokenLogprob, TOKENS, st.floats(-30, 0)), max_size=5)
JUDGING = TOP | st.just([TokenLogprob("yes", -0.1), TokenLogprob("no", -3.0), TokenLogprob(" or", -1.0)])
ENDS = st.sampled_from(["stop", "stop", "length", "truncated"])


@st.composite
def replies(draw):
    """What a model might say when asked for claims, and when asked for a token: right, wrong or nonsense."""
    said = [claim(quote, message=draw(WORDS)) for quote in draw(st.lists(QUOTES, max_size=4))]
    text = draw(st.just(json.dumps({"claims": said})) | st.sampled_from(["{", "null", ""]) | st.text(max_size=20))
    top = tuple(draw(JUDGING))
    logprobs = (TokenLogprob(text[:1], -1.0, top),) if top else ()
    return ChatReply(text, draw(ENDS)), ChatReply("", draw(ENDS), logprobs)


EVERYTHING = ModelProfile(
    recipes={name: RecipeProfile(auc=0.9, threshold=-50.0) for name in ("probe", "adjudicate", "claims")}
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(replies(), min_size=1, max_size=6), st.integers())
async def test_no_reply_makes_a_finding_on_a_line_or_quote_that_is_not_in_the_file(said, seed):
    chosen = random.Random(seed)
    model = ScriptedChat(lambda request: chosen.choice(said)[request.json_schema is None])
    lab = Lab([SourceFile("a.py", ODD, "python")], engines=[Grep("x", cwe=(89,))], model=model, profile=EVERYTHING)
    for _ in range(2):
        report = await lab.review(min_severity=Severity.INFO, min_confidence=0.0)
        arrived = [each.finding for each in lab.seen.of("finding") if each.finding.quote]
        for finding in (*report.findings, *arrived):
            check_place(finding)
        assert report.coverage.units == 3


def check_place(finding) -> None:
    """The location is one of the file and what stands there is the quote."""
    at, lines = finding.location, ODD.split("\r\n")
    assert 1 <= at.start_line <= at.end_line <= len(lines)
    assert 1 <= at.start_column <= len(lines[at.start_line - 1]) + 2
    assert at.end_column <= len(lines[at.end_line - 1]) + 3
    if finding.engines[0].startswith("model:"):
        assert finding.quote
        assert finding.quote in ODD
        first = ODD.split("\n")[at.start_line - 1]
        assert (first + "\n").startswith(finding.quote.split("\n")[0], at.start_column - 1)


async def test_a_change_is_asked_about_by_its_lines_and_remembered_so():
    seen = []

    def reply(request):
        seen.append(request)
        return next_token(("x", -0.1))

    def lab_of(*changed, before=""):
        ranges = tuple(LineRange(line, line) for line in changed)
        source = SourceFile("a.py", FIVE, "python", changed=ranges, before={2: before} if before else {})
        lab = Lab([source], model=ScriptedChat(reply, info=info()), profile=PROBING)
        lab.ports.store = store
        return lab

    store = MemoryCache()
    first = (await lab_of(2).review()).coverage
    asked = len(seen)
    assert (first.units_reviewed, bool(asked)) == (1, True)
    again = (await lab_of(2).review()).coverage
    assert (again.units_cached, len(seen)) == (1, asked)
    signature = (await lab_of(1).review()).coverage
    assert (signature.units_reviewed, signature.units_cached) == (1, 0)
    from_another = (await lab_of(2, before="    return b").review()).coverage
    assert (from_another.units_reviewed, from_another.units_cached) == (1, 0)
    assert len(seen) - asked <= asked
