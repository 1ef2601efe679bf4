"""The documentation assistant: keeps documents, searches them and answers from them with citations."""

from sutazai_agents.documentation_assistant.agent import assistant

__all__ = ["assistant"]
