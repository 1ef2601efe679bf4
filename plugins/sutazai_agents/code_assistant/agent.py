"""The code assistant's capabilities. Each is a thin call into a feature."""

from sutazai.review.converse import ConverseReport, ConverseRequest, converse
from sutazai.review.explain import ExplainReport, ExplainRequest, explain
from sutazai.review.fixing.report import FixReport
from sutazai.review.fixing.request import FixRequest
from sutazai.review.pipeline import review
from sutazai.review.report import ReviewReport
from sutazai.review.request import ReviewRequest
from sutazai.sdk.agent import Agent, AgentContext

assistant = Agent("code-assistant", summary="Reviews, explains, fixes and talks about code")


@assistant.capability("code.review", permissions={"files:read", "model:chat", "feedback:read"}, settings="review")
async def review_code(request: ReviewRequest, context: AgentContext) -> ReviewReport:
    """Reviews files, folders, diffs and commits: static engines at once, then a local model, unit by unit."""
    return await review(request, context)


@assistant.capability("code.explain", permissions={"files:read", "model:chat", "history:read"}, settings="review")
async def explain_code(request: ExplainRequest, context: AgentContext) -> ExplainReport:
    """Explains a line: what was found there, why it matters, and what the code around it does."""
    return await explain(request, context)


@assistant.capability("code.chat", permissions={"files:read", "model:chat"})
async def talk_about_code(request: ConverseRequest, context: AgentContext) -> ConverseReport:
    """Talks about code and the files that are named; what the model says is not checked."""
    return await converse(request, context)


@assistant.capability(
    "code.fix",
    permissions={"files:read", "files:write", "commands:run", "model:chat", "feedback:read"},
    settings="review",
)
async def fix_code(request: FixRequest, context: AgentContext) -> FixReport:
    """Proposes a checked patch for each finding, and applies or takes back patches where that is asked for."""
    from sutazai.review.fixing.pipeline import fix  # noqa: PLC0415 (tree-sitter: not for a static review)

    return await fix(request, context)
