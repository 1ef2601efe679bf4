"""Children follow data as the engine itself does; one that dies costs the file that it died of, and none is left."""

import asyncio
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from sutazai.analysis.taint import children as module
from sutazai.analysis.taint.children import Children, Unstartable
from sutazai.analysis.taint.wire import Request
from sutazai.process.child import ChildEnd
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.source import SourceFile


@pytest.fixture(autouse=True)
def _odd_child_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def request(*texts: str) -> Request:
    """Files `0.py`, `1.py` and so on."""
    return Request(1, 0.0, (), tuple(SourceFile(f"{at}.py", text, "python") for at, text in enumerate(texts)))


def odd(most: int = 1, *, patience_s: float = 60.0) -> Children:
    """Children that do what the files say."""
    return Children(most, module="odd_child", patience_s=patience_s)


def reasons(report: AnalyzerReport) -> dict[str, str]:
    """Why each file was not followed; a process id where it was."""
    return {each.path: each.reason for each in report.failed}


def left() -> list[int]:
    """The processes that this one started and that still run."""
    found = []
    for each in psutil.Process().children():
        with suppress(psutil.Error):
            found += [each.pid] if "odd_child" in each.cmdline() else []
    return found


async def test_one_child_answers_many_requests_and_ends_with_the_last() -> None:
    children = odd()
    reports = await asyncio.gather(*(children.survey(request("x", "y")) for _ in range(3)))
    assert [list(reasons(each)) for each in reports] == [["0.py", "1.py"]] * 3
    assert len({pid for each in reports for pid in reasons(each).values()}) == 1
    assert left() == []


async def test_there_are_no_more_children_than_allowed_and_new_ones_later() -> None:
    children = odd(2)
    first = await asyncio.gather(*(children.survey(request("x")) for _ in range(5)))
    pids = {reasons(each)["0.py"] for each in first}
    assert len(pids) == 2
    assert reasons(await children.survey(request("x")))["0.py"] not in pids
    assert left() == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("die", "its process was ended by SIGKILL"),
        ("exit 3", "its process ended with 3"),
    ],
)
async def test_a_file_that_ends_its_child_is_named_and_the_others_are_followed(text: str, reason: str) -> None:
    found = reasons(await odd().survey(request("x", text, "y")))
    assert found.pop("1.py").startswith(reason)
    assert [each.isdigit() for each in found.values()] == [True, True]
    assert left() == []


async def test_secrets_of_the_environment_stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "secret")
    found = reasons(await odd().survey(request("know A_TOKEN", "know PYTHONPATH")))
    assert found == {"0.py": "its process ended with 3", "1.py": "its process ended with 7"}


async def test_a_child_that_sends_no_frames_is_ended() -> None:
    found = reasons(await odd().survey(request("shout")))
    assert found["0.py"].startswith("its process was ended: it sent a frame of")
    assert left() == []


async def test_a_child_that_hangs_is_not_waited_for() -> None:
    found = reasons(await odd(patience_s=0.01).survey(request("hang", "hang")))
    assert found == dict.fromkeys(("0.py", "1.py"), "it takes too long to follow")
    assert left() == []


async def test_after_a_few_deaths_the_rest_is_named_too() -> None:
    found = reasons(await odd().survey(request("die", "die", "exit 1", "x", "y")))
    assert {path: each.partition(" process ")[2] for path, each in found.items()} == {
        "0.py": "was ended by SIGKILL",
        "1.py": "was ended by SIGKILL",
        "2.py": "ended with 1",
        "3.py": "ended with 1",
        "4.py": "ended with 1",
    }


async def test_where_a_child_died_and_no_other_starts_the_rest_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else all of it would be followed in this process, and might end it too."""
    start, starts = module.Child.start, iter([True])

    async def only_once(child: module.Child) -> None:
        if not next(starts, False):
            raise BlockingIOError
        await start(child)

    monkeypatch.setattr(module.Child, "start", only_once)
    found = reasons(await odd().survey(request("x", "die", "y")))
    assert sorted(found) == ["0.py", "1.py", "2.py"]
    assert {each.partition(" process ")[2] for each in found.values()} == {"was ended by SIGKILL"}
    assert left() == []


@pytest.mark.parametrize("word", ["{}", "[]", '{"failure":"no"}', '{"findings":[],"failed":[["z.py",""]]}', "999", "x"])
async def test_an_answer_that_is_none_is_not_believed(word: str) -> None:
    """A number of a file that there is none of tells nothing, but does no harm either."""
    found = reasons(await odd().survey(request(f"say {word}")))
    assert list(found) == ["0.py"]
    assert found["0.py"].isdigit() == (word == "999")


async def test_a_number_that_no_file_has_blames_none() -> None:
    found = reasons(await odd().survey(request("say 7", "x")))
    assert all(each.isdigit() for each in found.values())
    assert module._meaning(ChildEnd(-200, "", ())) == "was ended by signal 200"


async def test_who_is_interrupted_leaves_no_child_behind() -> None:
    children = odd(2)
    waiting = asyncio.gather(*(children.survey(request("hang")) for _ in range(2)), return_exceptions=True)
    while len(left()) < 2:  # noqa: ASYNC110 (processes tell no event)
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert left() == []


@pytest.mark.parametrize("name", ["there_is_no_such_module", "this"])
async def test_a_child_that_does_not_start_is_told_apart_from_one_that_died(name: str) -> None:
    """The second starts, but says something else."""
    with pytest.raises(Unstartable):
        await Children(1, module=name).survey(request("x"))


async def test_where_no_process_can_be_started_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_child: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr(module.Child, "start", refuse)
    with pytest.raises(Unstartable):
        await odd().survey(request("x"))


async def test_more_text_than_goes_through_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FRAME_BYTES", 1000)
    with pytest.raises(Unstartable):
        await odd().survey(request("x" * 1000))
    assert left() == []
