"""Documents in, cited answers out: chunk, ingest, retrieve, answer. Rules over ports; opens nothing itself."""
