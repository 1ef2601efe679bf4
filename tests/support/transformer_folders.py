"""Folders of models as transformers saves them: the official MiniLM from our weights, and tiny random ones."""

import json
from pathlib import Path
from typing import Any

from sutazai.llm.embedding.recipes import RECIPES
from sutazai.llm.embedding.wordpiece import read_vocabulary

MINILM = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "vocab_size": 30522,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}
TINY = MINILM | {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
_PART = "sentence_transformers.models."


def write_minilm(folder: Path, weights: Path) -> None:
    """The model as its makers publish it: mean of the last layer, unit length, 256 tokens."""
    _write(folder / "config.json", MINILM)
    (folder / "model.safetensors").symlink_to(weights)
    write_around(folder, width=384, tokens=256)


def write_tiny(folder: Path, *, prompts: dict[str, str] | None = None, part: str = "") -> None:
    """A random encoder of 32 tokens. `part` names a module instead of the one that normalises."""
    from transformers import BertConfig, BertModel, set_seed  # noqa: PLC0415 (only where torch is)

    set_seed(7)
    BertModel(BertConfig(**TINY)).save_pretrained(folder)
    write_around(folder, width=32, tokens=32, part=part)
    if prompts:
        _write(folder / "config_sentence_transformers.json", {"prompts": prompts})


def write_tiny_cross_encoder(folder: Path, *, labels: int = 1) -> None:
    """A random cross-encoder."""
    from transformers import BertConfig, BertForSequenceClassification, set_seed  # noqa: PLC0415 (only where torch is)

    set_seed(7)
    BertForSequenceClassification(BertConfig(**TINY, num_labels=labels)).save_pretrained(folder)
    _write_words(folder, 512)


def write_around(folder: Path, *, width: int, tokens: int, part: str = "") -> None:
    """Everything but the weights and their measures."""
    names = [f"{_PART}Transformer", f"{_PART}Pooling", part or f"{_PART}Normalize"]
    paths = ["", "1_Pooling", "2_Normalize"]
    modules = [
        {"idx": index, "name": str(index), "path": path, "type": name}
        for index, (path, name) in enumerate(zip(paths, names, strict=True))
    ]
    _write(folder / "modules.json", modules)
    _write(folder / "sentence_bert_config.json", {"max_seq_length": tokens, "do_lower_case": False})
    _write(folder / "1_Pooling" / "config.json", {"embedding_dimension": width, "pooling_mode": "mean"})
    (folder / "2_Normalize").mkdir()
    _write_words(folder, tokens)


def _write_words(folder: Path, tokens: int) -> None:
    vocabulary = read_vocabulary(RECIPES[0].vocabulary, RECIPES[0].vocabulary_sha256)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    words = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": tokens}
    _write(folder / "tokenizer_config.json", words)


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
