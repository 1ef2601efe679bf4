"""Embedding models behind the port `Embedder`. Knows no feature and reads no settings."""
