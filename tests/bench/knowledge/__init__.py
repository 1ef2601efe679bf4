"""Measures documents: embedding, retrieval, chunks, stores."""
