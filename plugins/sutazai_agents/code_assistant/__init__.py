"""The code assistant: reviews and explains code."""

from sutazai_agents.code_assistant.agent import assistant

__all__ = ["assistant"]
