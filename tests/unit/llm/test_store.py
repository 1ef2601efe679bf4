"""The weight store: what is here, checking again, deleting, and what takes how much room."""

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from sutazai.errors.weights import WeightsBusy, WeightsCorrupt, WeightsFolderUnusable
from sutazai.llm.catalog import Entry
from sutazai.llm.weights import store as store_module
from sutazai.llm.weights.store import WeightStore
from tests.support.weights import CONTENT, SIZES, entry


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Entry:
    """An entry that the catalogue knows."""
    tiny = entry()
    monkeypatch.setattr(store_module, "CATALOG", (tiny,))
    monkeypatch.setattr(store_module, "find", lambda name: tiny if name == tiny.name else None)
    return tiny


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    """An empty store whose folder is not made yet."""
    return WeightStore(tmp_path / "weights")


def put(store: WeightStore, tiny: Entry) -> Path:
    """Takes the content in."""
    store.folder.mkdir(exist_ok=True)
    (store.folder / "new").write_bytes(CONTENT)
    return store.adopt(tiny, store.folder / "new")


def test_an_empty_store_has_nothing_and_makes_nothing(store: WeightStore, tiny: Entry) -> None:
    """Asking does not write."""
    assert store.installed() == []
    assert store.path_of(tiny) is None
    assert store.verify(tiny) is None
    assert store.remove(tiny.name) == 0
    assert store.sizes().total_bytes == 0
    assert not store.folder.exists()


def test_what_was_taken_in_is_listed_with_its_size(store: WeightStore, tiny: Entry) -> None:
    """By name, with file and licence."""
    path = put(store, tiny)
    assert path == store.blob(tiny) == store.path_of(tiny)
    (listed,) = store.installed()
    assert (listed.name, listed.file, listed.size_bytes, listed.licence) == ("tiny:1k", "tiny.gguf", 7200, "MIT")
    assert store.sizes().installed == {"tiny:1k": 7200}


def test_other_bytes_are_deleted_and_named(store: WeightStore, tiny: Entry, tmp_path: Path) -> None:
    """The error shows both hashes."""
    (tmp_path / "other").write_bytes(b"other")
    with pytest.raises(WeightsCorrupt, match=tiny.sha256):
        store.adopt(tiny, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_changed_blob_is_not_used_until_checked_again(store: WeightStore, tiny: Entry) -> None:
    """A new time stamp is enough for doubt; the same bytes are accepted again, others are deleted."""
    path = put(store, tiny)
    os.utime(path, ns=(1, 1))
    assert store.path_of(tiny) is None
    assert store.installed() == []
    assert store.verify(tiny) == path
    assert store.path_of(tiny) == path
    path.write_bytes(b"x" * len(CONTENT))
    with pytest.raises(WeightsCorrupt):
        store.verify(tiny)
    assert store.path_of(tiny) is None
    assert not path.exists()


def test_checking_tells_how_far_it_is(store: WeightStore, tiny: Entry) -> None:
    """In bytes read."""
    put(store, tiny)
    seen: list[int] = []
    store.verify(tiny, seen=seen.append)
    assert seen[-1] == len(CONTENT)


@pytest.mark.parametrize("text", ["", "nonsense", "{}", "[]", '{"name": 1}', '{"sha256": "../../etc/passwd"}', "\xff"])
def test_a_broken_index_is_passed_over(text: str, store: WeightStore, tiny: Entry) -> None:
    """Records are untrusted: what is not whole does not count."""
    put(store, tiny)
    (store.folder / "names" / "tiny_1k.json").write_text(text, encoding="latin-1")
    assert store.installed() == []
    assert store.path_of(tiny) is None
    assert store.verify(tiny)
    assert store.path_of(tiny)


def test_a_record_cannot_name_a_file_outside_the_store(store: WeightStore, tiny: Entry, tmp_path: Path) -> None:
    """A hash that is a path is no hash."""
    put(store, tiny)
    shutil.copy2(store.blob(tiny), tmp_path / "outside")
    (store.folder / "blobs" / "sha256-a").mkdir()
    record = store.folder / "names" / "tiny_1k.json"
    record.write_text(record.read_text().replace(tiny.sha256, "a/../../../outside"))
    assert store.installed() == []


def test_a_link_is_not_taken_in(store: WeightStore, tiny: Entry, tmp_path: Path) -> None:
    """A link under the official name could point to a file that would be moved away."""
    store.folder.mkdir()
    (tmp_path / "real").write_bytes(CONTENT)
    (store.folder / tiny.file).symlink_to(tmp_path / "real")
    assert store.verify(tiny) is None


def test_removing_frees_the_blob_and_what_an_unfinished_download_left(store: WeightStore, tiny: Entry) -> None:
    """The number of bytes that are really free again; a second time there is nothing."""
    put(store, tiny)
    partial = store.partial(tiny)
    partial.open()
    partial.write(partial.segments[0], 0, CONTENT[: SIZES[0]])
    assert 0 < store.sizes().partial["tiny:1k"] < 2 * len(CONTENT) + 8192
    assert store.remove("tiny:1k") > len(CONTENT)
    assert store.installed() == []
    assert store.sizes().total_bytes == 0
    assert store.remove("tiny:1k") == 0
    assert store.remove("unknown") == 0


def test_what_is_being_fetched_is_not_removed(store: WeightStore, tiny: Entry) -> None:
    """The other process keeps its files."""
    path = put(store, tiny)
    store.lock_file(tiny).parent.mkdir()
    with FileLock(store.lock_file(tiny)), pytest.raises(WeightsBusy, match="tiny:1k"):
        store.remove("tiny:1k")
    assert path.exists()


def test_a_store_that_cannot_be_written_is_told(store: WeightStore, tiny: Entry) -> None:
    """A file where the folder of locks should be."""
    store.folder.mkdir()
    (store.folder / "locks").touch()
    with pytest.raises(WeightsFolderUnusable):
        store.remove("tiny:1k")


def test_an_unknown_unfinished_download_is_counted_by_its_folder(store: WeightStore, tiny: Entry) -> None:
    """Left by another version of the program."""
    folder = store.folder / "partial" / "sha256-abc"
    folder.mkdir(parents=True)
    (folder / "data").write_bytes(b"x" * 5000)
    assert store.sizes().partial == {"sha256-abc": 5000}
