"""A BERT encoder of a few thousand random numbers: its file, its recipe, and what it computes, written out in numpy."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sutazai.llm.embedding.graph import Shape
from sutazai.llm.embedding.prepare import build
from sutazai.llm.embedding.recipes import RECIPES, Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPE = Shape(layers=2, hidden=32, heads=4, inner=64, vocabulary=30522, positions=40, tokens=34, epsilon=1e-12)

Weights = dict[str, "NDArray[np.float32]"]


def random_weights(shape: Shape = SHAPE, *, seed: int = 1) -> Weights:
    """Every tensor of an encoder."""
    random = np.random.default_rng(seed)
    size = shape.hidden

    def some(*dimensions: int) -> "NDArray[np.float32]":
        return random.normal(0, 1 / math.sqrt(dimensions[-1]), dimensions).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": some(shape.vocabulary, size),
        "embeddings.position_embeddings.weight": some(shape.positions, size),
        "embeddings.token_type_embeddings.weight": some(2, size),
    }
    weights |= _normalisation("embeddings.LayerNorm", some(2, size))
    for layer in range(shape.layers):
        start = f"encoder.layer.{layer}."
        for name in ("query", "key", "value"):
            weights |= _dense(f"{start}attention.self.{name}", some(size, size), some(size))
        weights |= _dense(f"{start}attention.output.dense", some(size, size), some(size))
        weights |= _dense(f"{start}intermediate.dense", some(shape.inner, size), some(shape.inner))
        weights |= _dense(f"{start}output.dense", some(size, shape.inner), some(size))
        weights |= _normalisation(f"{start}attention.output.LayerNorm", some(2, size))
        weights |= _normalisation(f"{start}output.LayerNorm", some(2, size))
    return weights


def _dense(name: str, weight: "NDArray[np.float32]", bias: "NDArray[np.float32]") -> Weights:
    return {f"{name}.weight": weight, f"{name}.bias": bias}


def _normalisation(name: str, values: "NDArray[np.float32]") -> Weights:
    return {f"{name}.weight": values[0] + np.float32(1), f"{name}.bias": values[1]}


def as_safetensors(weights: Mapping[str, "NDArray[np.float32]"]) -> bytes:
    """The file of some tensors."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, values in weights.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, at + values.nbytes]}
        at += values.nbytes
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + b"".join(each.astype("<f4").tobytes() for each in weights.values())


def make_encoder(folder: Path, shape: Shape = SHAPE, *, seed: int = 1) -> tuple[Recipe, Path]:
    """The weights' file in a folder, and the recipe whose hash is right."""
    data = as_safetensors(random_weights(shape, seed=seed))
    path = folder / "tiny.safetensors"
    path.write_bytes(data)
    recipe = replace(RECIPES[0], name="tiny", shape=shape, weights_sha256=hashlib.sha256(data).hexdigest())
    return replace(recipe, prepared_sha256=hashlib.sha256(build(recipe, path)).hexdigest()), path


def embedded(weights: Weights, tokens: list[int], shape: Shape = SHAPE) -> "NDArray[np.float64]":
    """The vector of one text, in double precision, as Devlin et al. 2019 and mean pooling say."""
    w = {name: values.astype(np.float64) for name, values in weights.items()}
    x = w["embeddings.word_embeddings.weight"][tokens]
    x = x + w["embeddings.position_embeddings.weight"][: len(tokens)] + w["embeddings.token_type_embeddings.weight"][0]
    x = _normalised(w, "embeddings.LayerNorm", x)
    for layer in range(shape.layers):
        start = f"encoder.layer.{layer}."
        mixed = _attended(w, f"{start}attention.self.", x, shape.heads)
        x = _normalised(
            w, f"{start}attention.output.LayerNorm", x + _linear(w, f"{start}attention.output.dense", mixed)
        )
        wide = _gelu(_linear(w, f"{start}intermediate.dense", x))
        x = _normalised(w, f"{start}output.LayerNorm", x + _linear(w, f"{start}output.dense", wide))
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


def _linear(w: Mapping[str, "NDArray[np.float64]"], name: str, x: "NDArray[np.float64]") -> "NDArray[np.float64]":
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def _normalised(w: Mapping[str, "NDArray[np.float64]"], name: str, x: "NDArray[np.float64]") -> "NDArray[np.float64]":
    centred = x - x.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
    return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]


def _attended(
    w: Mapping[str, "NDArray[np.float64]"], start: str, x: "NDArray[np.float64]", heads: int
) -> "NDArray[np.float64]":
    query, key, value = (
        _linear(w, f"{start}{name}", x).reshape(len(x), heads, -1).transpose(1, 0, 2)
        for name in ("query", "key", "value")
    )
    weights = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1]))
    return (weights / weights.sum(axis=-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(x), -1)


def _gelu(x: "NDArray[np.float64]") -> "NDArray[np.float64]":
    return x / 2 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
