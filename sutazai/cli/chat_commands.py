"""What begins with a slash in a conversation: commands to the conversation itself. Decides nothing about answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sutazai.cli import docs_text, talk
from sutazai.cli.conversation import LAST, Conversation, sources_of
from sutazai.cli.live import view
from sutazai.cli.page import Page, written
from sutazai.cli.passage_text import show_sources
from sutazai.errors.usage import UsageError, nearest
from sutazai.rag.report import AddReport, CollectionsReport
from sutazai.rag.request import AddRequest, CollectionsRequest
from sutazai.review.formats.untrusted import name, one_line
from sutazai.runtime.talkers import talkers
from sutazai.sdk.session import Session
from sutazai.sdk.source import Selection

if TYPE_CHECKING:
    from sutazai.cli.session import AsyncCalls
    from sutazai.runtime.run import Runtime

_SHOWN_TURNS: Final = 3


class Leave(Exception):
    """The person wants to go."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What a command works on."""

    conversation: Conversation
    runtime: "Runtime"
    run: "AsyncCalls"


@dataclass(frozen=True, slots=True)
class Slash:
    """A command: what follows its name, what it does, and how."""

    takes: str
    about: str
    do: Callable[[Talk, str], None]


def obey(line: str, on: Talk) -> None:
    """Does what a line with a slash asks for.

    Raises:
        Leave: it asks to leave.
        SutazAIError: it cannot be done.
    """
    word, _, rest = line.removeprefix("/").partition(" ")
    found = COMMANDS.get(word)
    if found is None:
        raise UsageError(
            f"there is no command /{word[:80]}", hint=f"{nearest(word, tuple(COMMANDS))} (/help lists all)"
        )
    found.do(on, rest.strip())


def show_session(session: Session) -> None:
    """The end of an earlier conversation, so that one knows where it was."""
    left = len(session.turns) - _SHOWN_TURNS
    talk.say(f"going on with {session.id}" + (f", after {left} earlier questions" if left > 0 else ""))
    page = Page(talk.console())
    for turn in session.turns[-_SHOWN_TURNS:]:
        page.text(f"> {one_line(turn.question)}", hanging=2, style="bold")
        page.rest(turn.answer, "")


def _help(_on: Talk, _rest: str) -> None:
    names = {key: f"/{key} {each.takes}".strip() for key, each in COMMANDS.items()}
    width = max(map(len, names.values())) + 2
    page = Page(talk.console())
    for key, each in COMMANDS.items():
        page.labelled(names[key], each.about, width=width, indent=2)
    page.text("Anything else is a question. A \\ at its end joins the next line to it.", indent=2)
    page.text("Ctrl-C stops an answer, Ctrl-D leaves.", indent=2)


def _agent(on: Talk, rest: str) -> None:
    if rest:
        on.conversation.put_to(agent=rest)
        talk.say(f"{rest} answers from now on")
        return
    for each in talkers(on.runtime.registry):
        mark = "*" if each.agent == on.conversation.scope.agent else " "
        Page(talk.console()).text(one_line(f"{mark} {each.agent}: {each.summary}"), hanging=2)


def _collection(on: Talk, rest: str) -> None:
    if rest:
        on.conversation.put_to(collection=rest)
        talk.say(f"questions go to the collection {rest} from now on")
        return
    report = on.run(on.runtime.run("docs.collections", CollectionsRequest()))
    assert isinstance(report, CollectionsReport)  # noqa: S101 (narrows for mypy)
    written(lambda page: docs_text.show_collections(page, report))


def _where(on: Talk, rest: str) -> None:
    on.conversation.put_to(where=rest)
    talk.say(f"only passages with {rest}" if rest else "all passages")


def _sources(on: Talk, _rest: str) -> None:
    last = on.conversation.last
    sources = sources_of(last) if last is not None else ()
    if not sources:
        talk.say("the last answer has no sources" if last is not None else "there is no answer yet")
        return
    written(lambda page: show_sources(page, sources))


def _file(on: Talk, rest: str) -> None:
    if not rest:
        raise UsageError("say which file or folder", hint="for example: /file manual.pdf")
    if on.conversation.takes_files:
        _talk_about(on, rest)
        return
    request = AddRequest(paths=(rest,), collection=on.conversation.scope.collection)
    with view(quiet=False, verbose=False) as sink:
        report = on.run(on.runtime.run("docs.add", request, on_event=sink))
    assert isinstance(report, AddReport)  # noqa: S101 (narrows for mypy)
    written(lambda page: docs_text.show_added(page, report))


def _talk_about(on: Talk, path: str) -> None:
    """Puts a file into every question from now on. One that cannot be read is refused here, not by each question."""
    workspace = on.run(on.runtime.resources.workspace())
    read = on.run(workspace.collect(Selection(paths=(path,)))).files
    on.conversation.put_to(paths=tuple(dict.fromkeys((*on.conversation.scope.paths, path))))
    about = f"{name(path)} ({len(read)} files)" if len(read) > 1 else name(path)
    talk.say(f"every question is read with {about} from now on; /new forgets it")


def _new(on: Talk, _rest: str) -> None:
    on.conversation.begin()
    talk.say("a new conversation")


def _sessions(on: Talk, _rest: str) -> None:
    found = on.run(on.conversation.sessions())
    if not found:
        talk.say("no conversations yet")
    page = Page(talk.console())
    for each in found:
        when = each.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
        page.labelled(f"{name(each.id):<14}{when}", one_line(each.title), width=32, indent=2)


def _resume(on: Talk, rest: str) -> None:
    on.run(on.conversation.resume(rest or LAST))
    show_session(on.conversation.session)


def _exit(_on: Talk, _rest: str) -> None:
    raise Leave


COMMANDS: Final[Mapping[str, Slash]] = MappingProxyType(
    {
        "help": Slash("", "this list", _help),
        "agent": Slash("[NAME]", "who answers; without a name: who could", _agent),
        "collection": Slash("[NAME]", "which documents are asked; without a name: which there are", _collection),
        "where": Slash("[FILTER]", "only these passages, e.g. format=pdf; nothing: all", _where),
        "sources": Slash("", "the sources of the last answer, with the words they rest on", _sources),
        "file": Slash(
            "PATH", "adds a file or folder to the collection; the code assistant reads it with each question", _file
        ),
        "new": Slash("", "begins a new conversation, about no file", _new),
        "sessions": Slash("", "lists earlier conversations", _sessions),
        "resume": Slash("[ID]", "goes on with one of them, else the last", _resume),
        "exit": Slash("", "leaves", _exit),
    }
)
