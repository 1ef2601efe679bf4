"""`sutazai chat`: a conversation about documents with memory, for people at a terminal and for questions on stdin."""

from typing import TYPE_CHECKING, Annotated

import typer

from sutazai.cli import output, talk
from sutazai.cli.answer_stream import answer_view
from sutazai.cli.answer_text import show_answer
from sutazai.cli.calling import as_json
from sutazai.cli.chat_commands import COMMANDS, Leave, Talk, obey, show_session
from sutazai.cli.chat_lines import piped, typed
from sutazai.cli.conversation import LAST, Conversation, Scope
from sutazai.cli.docs import Collection, Where
from sutazai.cli.docs_input import there_is_somebody
from sutazai.cli.page import written
from sutazai.cli.session import AsyncCalls, async_calls
from sutazai.errors.base import ExitCode, SutazAIError, worst
from sutazai.rag.report import AnswerReport
from sutazai.review.formats.untrusted import one_line, valid_unicode
from sutazai.runtime.talkers import DEFAULT_AGENT
from sutazai.settings.load import Loaded, load_settings

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from pydantic import BaseModel

    from sutazai.cli.page import Page
    from sutazai.runtime.run import Runtime

command = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@command.command()
def chat(  # noqa: PLR0913 (each parameter is a flag)
    *,
    collection: Collection = None,
    where: Where = "",
    agent: Annotated[str, typer.Option(metavar="NAME", help="Who answers.")] = DEFAULT_AGENT,
    resume: Annotated[
        str, typer.Option(metavar="ID", help=f"Go on with this conversation; `{LAST}` is the latest.")
    ] = "",
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Only the passages that would be answered from.")
    ] = False,
    model: Annotated[str | None, typer.Option("--model", help="Model name, or path to a .gguf file.")] = None,
    runtime: Annotated[str | None, typer.Option(help="auto, ollama or embedded.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, warnings only.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Each answer as one line of JSON.")] = False,
) -> int:
    """Talk about your documents and code: questions may build on what was said before.

    `/help` lists the commands. Ctrl-C stops an answer; twice, or Ctrl-D, leaves. Lines on stdin are questions, asked
    one after the other; where one fails, the exit code tells.

    **Examples**: `sutazai chat`, `sutazai chat --collection code`, `sutazai chat --resume last`,
    `sutazai chat --json < questions.txt`
    """
    loaded = load_settings({"model.name": model, "model.runtime": runtime, "offline": offline or None})
    scope = Scope(collection=collection, where=valid_unicode(where), model=not no_model)
    with async_calls() as run:
        opened = _opened(loaded)
        open_ = run(opened.__aenter__())
        try:
            on = Talk(Conversation(open_, scope), open_, run)
            on.conversation.put_to(agent=agent)
            if resume:
                run(on.conversation.resume(resume))
                show_session(on.conversation.session)
            return _Chat(on, quiet=quiet, as_data=json_).all()
        finally:
            run(opened.__aexit__(None, None, None))


def _opened(loaded: Loaded) -> "AbstractAsyncContextManager[Runtime]":
    from sutazai.runtime.opening import open_runtime  # noqa: PLC0415 (loaded only when used)

    return open_runtime(loaded)


class _Chat:
    """Takes lines until there are no more."""

    def __init__(self, on: Talk, *, quiet: bool, as_data: bool) -> None:
        self._on = on
        self._run: AsyncCalls = on.run
        self._quiet = quiet
        self._as_data = as_data
        self._alone = not there_is_somebody()
        self._codes: set[ExitCode] = set()

    def all(self) -> ExitCode:
        """Takes every line; gives the exit code, which for a person at a terminal is always the clean one."""
        if not self._alone:
            talk.say(f"{self._on.conversation.scope.agent}: ask, or /help")
        commands = [f"/{name}" for name in COMMANDS]
        for line in piped() if self._alone else typed(commands):
            if line.strip() and not self._goes_on(line.strip()):
                break
        return worst(self._codes) if self._alone else ExitCode.CLEAN

    def _goes_on(self, line: str) -> bool:
        """Takes one line. What fails is told, and the conversation goes on."""
        try:
            if line.startswith("/"):
                obey(line, self._on)
            else:
                self._answer(line)
        except Leave:
            return False
        except SutazAIError as error:
            talk.problem(error.message, error.hint)
            self._codes.add(error.exit_code)
        except KeyboardInterrupt:
            if self._alone:
                raise
            talk.say("stopped")
        return True

    def _answer(self, question: str) -> None:
        with answer_view(quiet=self._quiet, stream=not self._as_data) as sink:
            result = self._run(self._on.conversation.ask(question, sink))
            sink.complete(str(getattr(result, "text", "")))
        if self._as_data:
            output.write(as_json(result, indent=None))
            return

        written(lambda page: _show(page, result, sink.text))


def _show(page: "Page", result: "BaseModel", streamed: str) -> None:
    """Any agent may answer; the documents' report is known best."""
    if not isinstance(result, AnswerReport):
        page.rest(str(getattr(result, "text", "")), streamed)
        for note in getattr(result, "notes", ()):
            page.text(one_line(str(note)), style="yellow")
        return
    show_answer(page, result, streamed=streamed, quotes=False)
    if result.sources:
        page.blank()
