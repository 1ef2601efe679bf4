"""The agents that ship with SutazAI. Each is a plugin like any other: it sees `sutazai.sdk` and features only."""
