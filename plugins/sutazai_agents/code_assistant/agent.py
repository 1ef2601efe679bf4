"""The code assistant's capabilities. Each is a thin call into a feature."""

from sutazai.sdk.agent import Agent

assistant = Agent("code-assistant", summary="Reviews and explains code")
