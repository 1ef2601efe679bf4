"""Prepares weights once on this machine and keeps the result beside them; what is kept is read only if its hash holds.

Blocking: call it in a thread. Safe in several processes at once: one prepares, the others wait and read.
"""

import errno
import hashlib
import os
from pathlib import Path
from typing import Final

from sutazai.errors.embedding import PreparationDiffers
from sutazai.errors.weights import DiskFull, WeightsBusy, WeightsFolderUnusable
from sutazai.llm.embedding.graph import EncoderGraph
from sutazai.llm.embedding.recipes import Recipe
from sutazai.llm.embedding.safetensors import Tensors
from sutazai.llm.weights.local import sha256_of
from sutazai.llm.weights.store import WeightStore

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_WAIT_S: Final = 120.0


def prepared(recipe: Recipe, weights: Path, folder: Path, *, wait_s: float = _WAIT_S) -> Path:
    """The checked file of the model that a recipe makes of weights, made now if it is not kept.

    Args:
        recipe: how.
        weights: the checked file.
        folder: the weight store's folder.
        wait_s: longest wait for another process that prepares it.

    Raises:
        WeightsUnreadable: the file is not what the recipe is for.
        PreparationDiffers: the result has another hash than the pinned one; nothing is kept.
        WeightsBusy: another process took too long.
        DiskFull: no room to keep it; nothing is left behind.
        WeightsFolderUnusable: the folder cannot be written or read.
    """
    store = WeightStore(folder)
    kept = store.derived(recipe.weights_sha256) / f"sha256-{recipe.prepared_sha256}"
    try:
        if not _is_kept(kept, recipe):
            _alone(store, recipe, weights, kept, wait_s)
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(recipe.name, str(store.folder), weights.stat().st_size) from error
        raise WeightsFolderUnusable(str(store.folder), error.strerror or str(error)) from error
    return kept


def build(recipe: Recipe, weights: Path) -> bytes:
    """The model that a recipe makes of weights, whatever its hash."""
    tensors = Tensors(weights)
    try:
        return EncoderGraph(recipe.shape, tensors.get).build()
    finally:
        tensors.close()


def _is_kept(kept: Path, recipe: Recipe) -> bool:
    try:
        return sha256_of(kept) == recipe.prepared_sha256
    except FileNotFoundError:
        return False


def _alone(store: WeightStore, recipe: Recipe, weights: Path, kept: Path, wait_s: float) -> None:
    """Prepares under the lock of the weights, so that nobody deletes them meanwhile."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 (loaded only when used)

    lock = store.lock_of(recipe.weights_sha256)
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock).acquire(timeout=wait_s):
            if not _is_kept(kept, recipe):
                _keep(_built(recipe, weights), kept)
    except Timeout as error:
        raise WeightsBusy(recipe.name) from error


def _built(recipe: Recipe, weights: Path) -> bytes:
    data = build(recipe, weights)
    if (found := hashlib.sha256(data).hexdigest()) != recipe.prepared_sha256:
        raise PreparationDiffers(recipe.name, recipe.prepared_sha256, found)
    return data


def _keep(data: bytes, kept: Path) -> None:
    """Writes it in one step; what other versions of us or a kill left there goes."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    for other in kept.parent.iterdir():
        other.unlink()
    fresh = kept.with_suffix(".new")
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(kept)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
