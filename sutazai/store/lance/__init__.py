"""Collections of documents in LanceDB. The only place that imports lancedb or pyarrow, and only at the first use."""
