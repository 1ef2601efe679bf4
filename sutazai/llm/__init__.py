"""Model runtimes behind the port `ChatModel`, and the weights they run. Knows no feature and reads no settings."""
