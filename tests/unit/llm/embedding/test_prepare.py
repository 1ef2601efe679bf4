"""Preparing weights: once, alone, whole or not at all, and never anything but what is pinned."""

import errno
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from sutazai.errors.embedding import PreparationDiffers, WeightsUnreadable
from sutazai.errors.weights import DiskFull, WeightsBusy, WeightsFolderUnusable
from sutazai.llm.embedding import prepare
from sutazai.llm.embedding.graph import Shape
from sutazai.llm.embedding.prepare import build, prepared
from sutazai.llm.weights import store as store_module
from sutazai.llm.weights.store import WeightStore
from tests.support.tiny_encoder import make_encoder

SMALL = Shape(layers=1, hidden=8, heads=2, inner=16, vocabulary=40, positions=12, tokens=10, epsilon=1e-12)


@pytest.fixture
def small(tmp_path):
    """Recipe, weights, and the folder of the store."""
    return (*make_encoder(tmp_path, SMALL), tmp_path / "store")


def kept(small) -> list[Path]:
    recipe, _, folder = small
    return sorted(WeightStore(folder).derived(recipe.weights_sha256).iterdir())


def built(monkeypatch) -> list[object]:
    """Grows by one for every time that weights are prepared."""
    times: list[object] = []
    monkeypatch.setattr(prepare, "build", lambda *arguments: times.append(arguments) or build(*arguments))
    return times


def test_the_same_weights_always_give_the_same_bytes(small):
    """Pinned: another version of numpy, of Python or another processor must not change them."""
    recipe, weights, _ = small
    assert build(recipe, weights) == build(recipe, weights)


def test_it_is_prepared_once_and_kept_under_its_hash(small, monkeypatch):
    times = built(monkeypatch)
    assert prepared(*small).read_bytes() == prepared(*small).read_bytes() == build(small[0], small[1])
    assert len(times) == 1
    assert [each.name for each in kept(small)] == [f"sha256-{small[0].prepared_sha256}"]


@pytest.mark.parametrize("change", ["removed", "cut", "other"])
def test_what_is_gone_or_changed_is_prepared_anew(small, monkeypatch, change):
    data = prepared(*small).read_bytes()
    (file,) = kept(small)
    file.unlink() if change == "removed" else file.write_bytes(data[:-1] if change == "cut" else b"other")
    times = built(monkeypatch)
    assert prepared(*small) == file
    assert len(times) == 1
    assert file.read_bytes() == data


def test_a_result_that_is_not_the_pinned_one_is_refused_and_not_kept(small):
    recipe, weights, folder = small
    with pytest.raises(PreparationDiffers, match=r"gave [0-9a-f]{12}…, not 000000000000…"):
        prepared(replace(recipe, prepared_sha256="0" * 64), weights, folder)
    assert not WeightStore(folder).derived(recipe.weights_sha256).exists()


def test_weights_of_another_shape_are_refused(small):
    recipe, weights, folder = small
    with pytest.raises(WeightsUnreadable, match="has not the shape"):
        prepared(replace(recipe, shape=replace(SMALL, hidden=16)), weights, folder)


def test_what_older_versions_and_kills_left_goes(small):
    recipe, weights, folder = small
    place = WeightStore(folder).derived(recipe.weights_sha256)
    place.mkdir(parents=True)
    (place / "sha256-of-old").write_bytes(b"old")
    (place / "sha256-of-old.new").write_bytes(b"half")
    prepared(recipe, weights, folder)
    assert len(kept(small)) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_nothing_is_left(small, monkeypatch, number):
    def full(_descriptor):
        raise OSError(number, "no room")

    monkeypatch.setattr(prepare.os, "fsync", full)
    with pytest.raises(DiskFull, match="no room for tiny"):
        prepared(*small)
    assert kept(small) == []


def test_a_folder_that_cannot_be_written_is_named(small):
    recipe, weights, folder = small
    folder.write_bytes(b"a file where the folder should be")
    with pytest.raises(WeightsFolderUnusable, match="cannot be used"):
        prepared(recipe, weights, folder)


def test_what_cannot_be_read_is_named(small):
    file = prepared(*small)
    file.unlink()
    file.mkdir()
    with pytest.raises(WeightsFolderUnusable, match="cannot be used"):
        prepared(*small)


def test_another_process_that_holds_the_lock_for_too_long_is_told(small):
    recipe, weights, folder = small
    lock = WeightStore(folder).lock_of(recipe.weights_sha256)
    lock.parent.mkdir(parents=True)
    with FileLock(lock), pytest.raises(WeightsBusy):
        prepared(recipe, weights, folder, wait_s=0)


def test_who_waited_takes_what_the_other_made(small, monkeypatch):
    """It looks again once it has the lock."""
    file = prepared(*small)
    looks = iter([False])
    monkeypatch.setattr(prepare, "_is_kept", lambda *_: next(looks, True))
    times = built(monkeypatch)
    assert prepared(*small) == file
    assert times == []


def _in_a_process(arguments) -> bytes:
    return prepared(*arguments).read_bytes()


def test_two_processes_that_are_first_at_once_both_get_it(small):
    # Not a pool of multiprocessing: it ends with a signal, which a child may never answer while it writes its coverage.
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(_in_a_process, [small, small])) == [build(small[0], small[1])] * 2
    assert len(kept(small)) == 1


def test_deleting_the_weights_deletes_what_was_prepared_of_them(small, monkeypatch):
    recipe, _, folder = small
    prepared(*small)
    store = WeightStore(folder)
    entry = replace(store_module.CATALOG[-1], name="tiny", sha256=recipe.weights_sha256)
    monkeypatch.setattr(store_module, "find", lambda _name: entry)
    assert store.remove("tiny") > 0
    assert not store.derived(recipe.weights_sha256).exists()
