"""Everything is opened on first use, once, and closed at the end, however the end comes."""

import asyncio
import logging

import pytest

from sutazai.errors.models import ModelUnavailable
from sutazai.runtime import models
from sutazai.runtime.opening import open_runtime
from sutazai.sdk.testing import ScriptedChat
from sutazai.store.cache import NullCache, SqliteCache


class Closing(ScriptedChat):
    """A model whose end takes a moment."""

    async def close(self) -> None:
        await asyncio.sleep(0)
        await super().close()


@pytest.fixture
def chat(monkeypatch):
    """The model that is always chosen."""
    model = Closing()
    model.chosen = 0

    async def choose(loaded, emit):
        model.chosen += 1
        await asyncio.sleep(0)
        return model

    monkeypatch.setattr(models, "choose_model", choose)
    return model


def ignore(_event) -> None:
    """Nobody listens."""


async def test_nothing_is_opened_that_nobody_uses(machine, chat):
    async with open_runtime(machine.loaded(), folder=machine.folder) as runtime:
        assert runtime.resources.folder == machine.folder
    assert (chat.chosen, chat.closed) == (0, 0)
    folders = machine.loaded().folders
    assert not folders.cache_file.exists()
    assert not folders.local_file.exists()


async def test_a_model_is_chosen_once_and_closed_at_the_end(machine, chat):
    async with open_runtime(machine.loaded()) as runtime:
        ports = runtime.resources.ports(ignore)
        assert await ports.chat() is await runtime.resources.ports(ignore).chat()
        assert (chat.chosen, chat.opened, chat.closed) == (1, 0, 0)
    assert chat.closed == 1


async def test_two_runs_at_once_get_the_same_model(machine, chat):
    async with open_runtime(machine.loaded()) as runtime, asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(runtime.resources.chat(ignore))
    assert (chat.chosen, chat.closed) == (1, 1)


async def test_what_choosing_says_goes_to_the_run_that_asked(machine, monkeypatch):
    said: list[str] = []

    async def choose(loaded, emit):
        emit("from the choice")
        return Closing()

    monkeypatch.setattr(models, "choose_model", choose)
    async with open_runtime(machine.loaded()) as runtime:
        await runtime.resources.ports(said.append).chat()
    assert said == ["from the choice"]


async def test_after_a_failed_choice_the_next_run_may_choose_again(machine, monkeypatch):
    outcomes = [ModelUnavailable("m", ["x"]), Closing()]

    async def choose(loaded, emit):
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(models, "choose_model", choose)
    async with open_runtime(machine.loaded()) as runtime:
        with pytest.raises(ModelUnavailable):
            await runtime.resources.chat(ignore)
        model = await runtime.resources.chat(ignore)
    assert model.closed == 1


@pytest.mark.parametrize("end", [RuntimeError("a fault"), KeyboardInterrupt(), SystemExit(143)])
async def test_a_model_is_closed_when_the_work_fails(machine, chat, end):
    async def work() -> None:
        async with open_runtime(machine.loaded()) as runtime:
            await runtime.resources.chat(ignore)
            raise end

    with pytest.raises(type(end)):
        await work()
    assert chat.closed == 1


async def test_everything_is_closed_when_the_work_is_cancelled(machine, chat):
    working = asyncio.Event()

    async def work() -> None:
        async with open_runtime(machine.loaded()) as runtime:
            await runtime.resources.chat(ignore)
            await (await runtime.resources.cache()).put("key", "value")
            working.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(work())
        await working.wait()
        task.cancel()
    assert task.cancelled()
    assert chat.closed == 1
    async with open_runtime(machine.loaded()) as runtime:
        assert await (await runtime.resources.cache()).get("key") == "value"


async def test_a_model_that_cannot_be_closed_does_not_keep_the_rest_open(machine, chat, monkeypatch):
    closed: list[str] = []

    async def failing() -> None:
        raise RuntimeError("it will not end")

    async def close(self) -> None:
        closed.append("cache")

    monkeypatch.setattr(SqliteCache, "close", close)
    chat.close = failing

    async def work() -> None:
        async with open_runtime(machine.loaded()) as runtime:
            await runtime.resources.cache()
            await runtime.resources.chat(ignore)

    with pytest.raises(RuntimeError, match="will not end"):
        await work()
    assert closed == ["cache"]


async def test_the_cache_is_one_that_forgets_where_it_is_switched_off(machine):
    async with open_runtime(machine.loaded(cache__enabled=False)) as runtime:
        assert isinstance(await runtime.resources.cache(), NullCache)
    async with open_runtime(machine.loaded()) as runtime:
        cache = await runtime.resources.cache()
        assert isinstance(cache, SqliteCache)
        assert await runtime.resources.cache() is cache


async def test_history_and_feedback_are_one_store(machine):
    async with open_runtime(machine.loaded()) as runtime:
        ports = runtime.resources.ports(ignore)
        assert await ports.history() is await ports.feedback()
        assert await (await ports.history()).runs() == []


async def test_the_engines_are_those_of_the_settings(machine):
    async with open_runtime(machine.loaded(review__engines=("secrets",), review__jobs=3)) as runtime:
        assert [each.name for each in await runtime.resources.analyzers()] == ["secrets"]
    async with open_runtime(machine.loaded()) as runtime:
        assert [each.name for each in await runtime.resources.analyzers()] == ["ruff", "secrets", "patterns", "taint"]


async def test_the_workspace_is_the_callers_folder(machine):
    (machine.folder / "a.py").write_text("x = 1\n")
    async with open_runtime(machine.loaded(), folder=machine.folder) as runtime:
        assert await (await runtime.resources.workspace()).read("a.py") == "x = 1\n"


async def test_settings_of_the_project_are_known_by_name(machine):
    assert not machine.loaded().project
    (machine.folder / "sutazai.toml").write_text('[review]\nmax_findings = 3\nfail_on = "never"\n')
    async with open_runtime(machine.loaded(review__max_findings=4)) as runtime:
        assert runtime.resources.project_settings == ("review.fail_on",)


async def test_profiles_are_those_shipped_and_measured(machine):
    async with open_runtime(machine.loaded()) as runtime:
        profile = (await runtime.resources.ports(ignore).profiles()).of(Closing().info)
    assert profile.origin == "default"


async def test_our_logs_go_to_stderr_from_the_level_that_is_set_while_the_runtime_is_open(machine, capsys):
    log = logging.getLogger("sutazai.test")
    async with open_runtime(machine.loaded(log="info")):
        log.info("told")
        log.debug("not told")
    log.error("afterwards")
    assert "told" in (said := capsys.readouterr().err)
    assert "not told" not in said
    assert "afterwards" not in said
