"""The cache: keeps what it can, forgets the least used, and is never an error."""

import logging
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.store.cache import SCHEMA_VERSION, NullCache, SqliteCache


class Ticking:
    """Seconds that go on by one at each look."""

    def __init__(self):
        self.time = 0.0

    def __call__(self):
        self.time += 1
        return self.time


@pytest.fixture
def path(tmp_path):
    """A file in a folder that is not there yet."""
    return tmp_path / "deep" / "cache.db"


@pytest.fixture
async def cache(path):
    """A cache of 10,000 bytes."""
    cache = SqliteCache(path, quota_bytes=10_000, now=Ticking())
    yield cache
    await cache.close()


async def test_what_was_put_is_got_also_by_the_next_process(cache, path):
    """The newest text for a key counts; an unknown key is a miss."""
    await cache.put("k", "old")
    await cache.put("k", "new \U0001f600")
    assert await cache.get("k") == "new \U0001f600"
    assert await cache.get("other") is None
    await cache.close()
    assert await cache.get("k") == "new \U0001f600"
    other = SqliteCache(path, quota_bytes=10_000)
    assert await other.get("k") == "new \U0001f600"
    await other.close()
    await other.close()


async def test_nothing_is_opened_before_the_first_call(path):
    """Making a cache costs nothing."""
    SqliteCache(path, quota_bytes=1)
    assert not path.parent.exists()


async def test_the_files_are_for_the_owner_alone(cache, path):
    """Also those that SQLite puts beside it."""
    await cache.put("k", "v")
    assert path.parent.stat().st_mode & 0o077 == 0
    assert [each.stat().st_mode & 0o777 for each in path.parent.iterdir()] == [0o600] * 3


async def test_a_file_that_others_could_read_is_closed_to_them(cache, path):
    """Whoever opened it up."""
    await cache.put("k", "v")
    await cache.close()
    path.chmod(0o644)
    await cache.get("k")
    assert path.stat().st_mode & 0o777 == 0o600


async def test_the_least_recently_used_goes_first(path):
    """A look-up counts as use once an hour has passed since the last one."""
    clock = Ticking()
    cache = SqliteCache(path, quota_bytes=3_600, now=clock)
    for key in "abc":
        await cache.put(key, "x" * 1000)
    clock.time += 7200
    assert await cache.get("a") is not None
    await cache.put("d", "x" * 1000)
    assert await cache.get("a") is not None
    assert await cache.get("d") is not None
    assert await cache.get("b") is None
    await cache.close()


async def test_a_value_over_the_quota_is_not_kept_and_pushes_nothing_out(cache):
    """It would only throw everything else away."""
    await cache.put("k", "v")
    await cache.put("big", "x" * 10_001)
    assert await cache.get("big") is None
    assert await cache.get("k") == "v"


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 3000)), max_size=30))
@settings(max_examples=15, deadline=None)
async def test_the_quota_holds_after_any_writes_and_the_newest_stays(tmp_path_factory, writes):
    """And the total that is kept is the sum of what is there."""
    file = tmp_path_factory.mktemp("cache") / "cache.db"
    cache = SqliteCache(file, quota_bytes=5_000, now=Ticking())
    for key, length in writes:
        await cache.put(key, "x" * length)
        assert len(await cache.get(key)) == length
    if writes:
        connection = sqlite3.connect(file)
        ((total,),) = connection.execute("SELECT bytes FROM total")
        ((there,),) = connection.execute("SELECT sum(size) FROM entries")
        connection.close()
        assert total == there <= 5_000
    await cache.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"no database at all, but long enough to be read as one" * 40),
        lambda path: path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000),
        lambda path: _run(path, "PRAGMA user_version = 99"),
        lambda path: _run(path, "DROP TABLE entries"),
        lambda path: _run(path, "DROP TABLE total", "CREATE TABLE total (other)"),
    ],
    ids=["text", "damaged", "other version", "no table", "other table"],
)
async def test_a_broken_or_foreign_file_is_thrown_away_and_begun_anew(cache, path, spoil):
    """The first call is a miss, the next ones work."""
    await cache.put("k", "v")
    await cache.close()
    spoil(path)
    await cache.get("k")
    await cache.put("k", "new")
    assert await cache.get("k") == "new"
    ((version,),) = _run(path, "PRAGMA user_version")
    assert version == SCHEMA_VERSION


def _run(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        rows = connection.execute(statement).fetchall()
    connection.close()
    return rows


async def test_a_folder_that_cannot_be_made_switches_the_cache_off_with_one_note(tmp_path, caplog):
    """Nobody but a reader of the debug log hears of it."""
    (tmp_path / "file").write_text("")
    cache = SqliteCache(tmp_path / "file" / "cache.db", quota_bytes=100)
    with caplog.at_level(logging.DEBUG):
        await cache.put("k", "v")
        assert await cache.get("k") is None
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.DEBUG


async def test_a_path_that_is_a_folder_switches_the_cache_off(tmp_path):
    """Also where throwing it away fails."""
    cache = SqliteCache(tmp_path, quota_bytes=100)
    await cache.put("k", "v")
    assert await cache.get("k") is None
    assert tmp_path.is_dir()


async def test_a_full_disk_switches_the_cache_off(cache, path, caplog):
    """What was stored before is not harmed."""
    await cache.put("k", "v")
    cache._connection.execute("PRAGMA max_page_count = 1")
    with caplog.at_level(logging.DEBUG):
        await cache.put("big", "x" * 9_000)
        await cache.put("big", "x" * 9_000)
    assert await cache.get("k") is None
    assert "full" in caplog.text
    assert len(caplog.records) == 1
    assert _run(path, "SELECT value FROM entries") == [("v",)]


async def test_a_file_that_cannot_be_thrown_away_switches_the_cache_off(cache, path, monkeypatch):
    """As on systems where another process still has it open."""
    await cache.put("k", "v")
    await cache.close()
    path.write_bytes(b"no database at all, but long enough to be read as one" * 40)

    def refuse(self, *, missing_ok=False):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    await cache.put("k", "v")
    assert await cache.get("k") is None


async def test_a_file_that_breaks_again_switches_the_cache_off(cache, path, monkeypatch):
    """Throwing away is tried once a call."""
    await cache.put("k", "v")

    def broken(*_):
        error = sqlite3.DatabaseError("malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    monkeypatch.setattr(cache, "_get", broken)
    assert await cache.get("k") is None
    assert cache._off


async def test_a_locked_file_is_a_miss_and_no_more(cache, path):
    """Reads go on, and writes work again once the lock is gone."""
    await cache.put("k", "v")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    await cache.put("k", "lost")
    assert await cache.get("k") == "v"
    holder.execute("ROLLBACK")
    holder.close()
    await cache.put("k", "kept")
    assert await cache.get("k") == "kept"


async def test_text_that_cannot_be_stored_is_not_stored(cache):
    """A lone surrogate is no error."""
    await cache.put("k", "v")
    await cache.put("k", "\ud800")
    assert await cache.get("\ud800") is None
    assert await cache.get("k") == "v"


async def test_size_and_clean(cache):
    """Cleaning frees the room on disk and leaves a cache that works."""
    assert await cache.size() == 0
    assert await cache.clean() == 0
    await cache.put("k", "x" * 9_000)
    full = await cache.size()
    assert full > 9_000
    assert await cache.clean() > 0
    assert await cache.size() < full
    assert await cache.get("k") is None
    await cache.put("k", "v")
    assert await cache.get("k") == "v"


def test_two_processes_write_at_once(path):
    """Neither fails, and both find what the other wrote."""
    code = (
        "import asyncio, pathlib, sys\n"
        "from sutazai.store.cache import SqliteCache\n"
        "async def main():\n"
        "    cache = SqliteCache(pathlib.Path(sys.argv[1]), quota_bytes=10**6)\n"
        "    for n in range(100): await cache.put(f'{sys.argv[2]}{n}', 'x')\n"
        "    assert not cache._off\n"
        "    await cache.close()\n"
        "asyncio.run(main())"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "ab"]
    assert [each.wait(timeout=60) for each in running] == [0, 0]
    assert len(_run(path, "SELECT key FROM entries")) > 150


def test_the_import_is_cheap():
    """The cache is on the way of every review: nothing heavier than sqlite3 comes with it."""
    code = (
        "import sys, sutazai.store.cache; print([m for m in ('pydantic', 'sqlite_utils', 'httpx') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


async def test_the_null_cache_forgets():
    """Everything."""
    cache = NullCache()
    await cache.put("k", "v")
    assert await cache.get("k") is None
