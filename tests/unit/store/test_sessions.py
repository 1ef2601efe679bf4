"""Conversations outlive the process, in the local store and in memory alike."""

from datetime import UTC, datetime, timedelta

import pytest

from sutazai.errors.store import StoreBroken
from sutazai.sdk.session import Session, SessionTurn
from sutazai.sdk.testing_sessions import MemorySessions
from sutazai.store.local import LocalStore
from sutazai.store.local_migrations import MIGRATIONS
from sutazai.store.sessions import SessionStore

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TURN = SessionTurn("How long is the warranty?", "Two years. [1]", "docs.answer", "[1] manual.pdf, page 3")


def session(name="abc1", *, minutes=0, turns=(TURN,), title="Warranty"):
    """A session last spoken in some minutes after noon."""
    return Session(name, title, "documentation-assistant", "manuals", NOON, NOON + timedelta(minutes=minutes), turns)


@pytest.fixture(params=["file", "memory"])
def store(request, tmp_path):
    """Both implementations of the port."""
    return MemorySessions() if request.param == "memory" else SessionStore(LocalStore(tmp_path / "x" / "local.db"))


async def test_a_session_comes_back_whole_by_id_and_by_unique_prefix(store):
    await store.save(session("abc1"))
    await store.save(session("abd2"))
    assert await store.session("abc1") == session("abc1")
    assert await store.session("abd") == session("abd2")
    assert await store.session("ab") is None
    assert await store.session("") is None


async def test_an_id_wins_over_a_longer_one_that_begins_with_it(store):
    await store.save(session("ab"))
    await store.save(session("abc"))
    assert (await store.session("ab")).id == "ab"


async def test_saving_again_replaces_the_session_and_makes_it_the_latest(store):
    await store.save(session("a"))
    await store.save(session("b", minutes=1))
    await store.save(session("a", minutes=2, turns=(TURN, TURN)))
    assert [each.id for each in await store.sessions()] == ["a", "b"]
    assert len((await store.session("a")).turns) == 2


async def test_a_list_is_short_and_without_turns(store):
    for minute in range(5):
        await store.save(session(f"s{minute}", minutes=minute))
    listed = await store.sessions(limit=2)
    assert [each.id for each in listed] == ["s4", "s3"]
    assert all(each.turns == () for each in listed)
    assert await store.sessions(limit=-1) == []


async def test_a_deleted_session_is_gone_and_deleting_again_says_so(store):
    await store.save(session("a"))
    assert await store.delete("a")
    assert not await store.delete("a")
    assert await store.sessions() == []


async def test_nothing_was_ever_kept(store):
    assert await store.sessions() == []
    assert await store.session("a") is None
    assert not await store.delete("a")


async def test_looking_makes_no_file(tmp_path):
    path = tmp_path / "local.db"
    await SessionStore(LocalStore(path)).sessions()
    assert not path.exists()


async def test_the_longest_silent_sessions_go_first(tmp_path):
    store = SessionStore(LocalStore(tmp_path / "local.db"), keep=2)
    for minute in range(4):
        await store.save(session(f"s{minute}", minutes=minute))
    assert [each.id for each in await store.sessions()] == ["s3", "s2"]


async def test_the_session_at_hand_is_kept_whatever_the_quota(tmp_path):
    store = SessionStore(LocalStore(tmp_path / "local.db"), keep=0)
    await store.save(session("a"))
    assert [each.id for each in await store.sessions()] == ["a"]


async def test_text_that_is_no_unicode_is_kept(store):
    await store.save(session("a", title="x\udc80", turns=(SessionTurn("\udc80", "y"),)))
    assert (await store.session("a")).turns[0].answer == "y"


async def test_an_older_file_gets_the_table_and_keeps_its_runs(tmp_path):
    path = tmp_path / "local.db"
    older = LocalStore(path, migrations=MIGRATIONS[:1])
    assert await older.write(lambda connection: connection.execute("PRAGMA user_version").fetchone()[0]) == 1
    store = SessionStore(LocalStore(path))
    await store.save(session("a"))
    assert (await store.session("a")).id == "a"
    assert (tmp_path / "local.db.v1").exists()


async def test_a_broken_file_is_said_to_be_broken(tmp_path):
    path = tmp_path / "local.db"
    path.write_bytes(b"no database, but long enough to be read as one" * 40)
    with pytest.raises(StoreBroken):
        await SessionStore(LocalStore(path)).sessions()
