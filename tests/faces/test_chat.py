"""`sutazai chat`: questions on stdin, questions typed at a terminal, commands, and conversations taken up again."""

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pydantic import BaseModel

from sutazai.cli import chat_lines
from sutazai.errors.knowledge import CollectionMissing
from sutazai.rag import report as reports
from sutazai.sdk.agent import Agent, AgentContext
from sutazai.sdk.events import Token
from tests.support.face import Ended, Face
from tests.support.talking import Librarian, install, source

Line = str | type[BaseException]


class Question(BaseModel):
    question: str
    history: list[dict[str, str]] = []


class QuestionAboutFiles(Question):
    paths: tuple[str, ...] = ()


class Said(BaseModel):
    text: str
    notes: tuple[str, ...] = ()


def reader() -> Agent:
    """An agent that reads the files that a question is about."""
    agent = Agent("reader", "Reads files")

    @agent.capability("reader.say")
    async def say(request: QuestionAboutFiles, context: AgentContext) -> Said:
        return Said(
            text=f"{request.question} {len(request.history)} {request.paths}", notes=("\x1b its end is left out",)
        )

    return agent


def parrot() -> Agent:
    """An agent of another kind that can be talked to."""
    agent = Agent("parrot", "Says it again")

    @agent.capability("parrot.say")
    async def say(request: Question, context: AgentContext) -> Said:
        context.emit(Token(text=request.question))
        return Said(text=request.question)

    return agent


@pytest.fixture
def librarian(monkeypatch: pytest.MonkeyPatch) -> Librarian:
    """Answers with the number of the question."""
    found = Librarian()

    def answer(request: Any) -> reports.AnswerReport:
        text = f"Answer {len(request.history) + 1} [1]."
        return reports.AnswerReport(
            collection=request.collection,
            question=request.question,
            found=True,
            text=text,
            sources=(source(1, "oiled"),),
        )

    found.replies["docs.answer"] = answer
    mute = Agent("mute", "Cannot be talked to")
    install([found.agent(), parrot(), mute, reader()], monkeypatch)
    return found


@pytest.fixture
def at_terminal(face: Face, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """A conversation whose lines are typed; an exception is a key that raises it."""

    def run(lines: Sequence[Line], *arguments: str) -> Ended:
        left = iter(lines)

        def typed(prompt: str) -> str:
            line = next(left, EOFError)
            if isinstance(line, str):
                return line
            raise line

        monkeypatch.setattr(chat_lines, "_input", typed)
        monkeypatch.setattr("sutazai.cli.chat.there_is_somebody", lambda: True)
        return face("chat", *arguments)

    return run


def test_lines_of_stdin_are_questions_that_build_on_one_another(face: Face, librarian: Librarian) -> None:
    ended = face("chat", "-c", "team", "--where", "page>1", "--no-model", stdin="how?\n\n  why?\r\n")
    place = "Sources\n[1] manual.pdf, page 12 · Care > Oiling\n\n"
    assert ended.out == f"Answer 1 [1].\n\n{place}Answer 2 [1].\n\n{place}"
    assert (ended.code, ended.err) == (0, "")
    first, second = librarian.asked
    assert (first.question, first.history, first.where, first.model) == ("how?", (), "page>1", False)
    assert [(each.question, each.answer) for each in second.history] == [("how?", "Answer 1 [1].")]
    assert (second.question, second.collection) == ("why?", "team")


def test_a_question_that_fails_is_told_and_the_next_one_is_asked(face: Face, librarian: Librarian) -> None:
    answer = librarian.replies["docs.answer"]
    failures = iter([CollectionMissing("documents")])

    def reply(request: Any) -> BaseModel:
        for failure in failures:
            raise failure
        return answer(request)

    librarian.replies["docs.answer"] = reply
    ended = face("chat", stdin="how?\nwhy?\n")
    assert (ended.code, ended.out.count("Answer 1")) == (2, 1)
    assert "there is no collection 'documents'" in ended.err


def test_answers_as_lines_of_json(face: Face, librarian: Librarian) -> None:
    ended = face("chat", "--json", stdin="how?\nwhy?\n")
    assert [line[:36] for line in ended.out.splitlines()] == ['{"schema": "sutazai.docs.answer/1", '] * 2


def test_undecodable_and_endless_lines_are_still_lines(
    face: Face, librarian: Librarian, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_lines, "_MAX_LINE", 10)
    face("chat", stdin="\ufeffé?\n".encode() + b"\xff?\n" + b"x" * 15)
    assert [each.question for each in librarian.asked] == ["é?", "\ufffd?", "x" * 10, "x" * 5]


def test_a_conversation_is_taken_up_again_with_what_was_said(face: Face, librarian: Librarian) -> None:
    face("chat", "-c", "team", stdin="how is it oiled?\n")
    face("chat", stdin="something else\n")
    listed = face("chat", stdin="/sessions\n").err.splitlines()
    assert [line.split(maxsplit=3)[3] for line in listed] == ["something else", "how is it oiled?"]
    oldest = listed[1].split()[0]
    ended = face("chat", "--resume", oldest[:8], stdin="why?\n")
    assert ended.err == f"sutazai: going on with {oldest}\n> how is it oiled?\nAnswer 1 [1].\n\n"
    assert "Answer 2 [1]." in ended.out
    assert librarian.asked[-1].collection == "team"
    assert face("chat", "--resume", "last", stdin="and?\n").out.startswith("Answer 3 [1].")
    assert len(face("chat", stdin="/sessions\n").err.splitlines()) == 2


def test_nothing_is_kept_where_history_is_off(
    face: Face, librarian: Librarian, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUTAZAI_HISTORY__ENABLED", "false")
    face("chat", stdin="how?\n")
    assert face("chat", stdin="/sessions\n").err == "sutazai: no conversations yet\n"


@pytest.mark.parametrize("resume", ["zzz", "last", "%"])
def test_a_conversation_that_is_not_there_is_refused(face: Face, librarian: Librarian, resume: str) -> None:
    ended = face("chat", "--resume", resume)
    assert (ended.code, ended.out) == (2, "")
    assert "no single conversation" in ended.err


def test_another_agent_may_answer(face: Face, librarian: Librarian) -> None:
    ended = face("chat", "--agent", "parrot", stdin="hello\n/agent\n/agent documentation-assistant\nhow?\n")
    assert ended.out.startswith("hello\n\nAnswer 2 [1].")
    assert "* parrot: Says it again\n" in ended.err
    assert "mute" not in ended.err
    for name in ("mute", "nobody"):
        refused = face("chat", "--agent", name, stdin="hello\n")
        assert (refused.code, refused.out) == (2, "")
        assert f"no installed agent offers {name!r}" in refused.err


def test_every_command_is_in_the_list_of_commands(face: Face, librarian: Librarian) -> None:
    ended = face("chat", stdin="/help\n")
    for name in ("help", "agent", "collection", "where", "sources", "file", "new", "sessions", "resume", "exit"):
        assert f"  /{name}" in ended.err


def test_commands_change_what_is_asked(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.collections"] = reports.CollectionsReport()
    ended = face("chat", stdin="/collection team\n/where format=pdf\nhow?\n/new\n/where\nwhy?\n/collection\n")
    first, second = librarian.asked[:2]
    assert (first.collection, first.where) == ("team", "format=pdf")
    assert (second.collection, second.where, second.history) == ("team", "", ())
    assert "There are no collections yet" in ended.out


def test_sources_show_the_words_that_the_answer_rests_on(face: Face, librarian: Librarian) -> None:
    ended = face("chat", stdin="/sources\nhow?\n/sources\n")
    assert ended.out.endswith("Sources\n[1] manual.pdf, page 12 · Care > Oiling\n    “oiled”\n")
    assert "there is no answer yet" in ended.err


def test_a_file_is_added_to_the_collection_that_is_asked(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.add"] = reports.AddReport(collection="team", added=("my notes.md",))
    ended = face("chat", "-c", "team", stdin="/file my notes.md\n/file\n")
    assert ended.out == "team: 1 added\n"
    assert (librarian.asked[0].paths, librarian.asked[0].collection) == (("my notes.md",), "team")
    assert (ended.code, "for example: /file manual.pdf" in ended.err) == (2, True)


def test_an_agent_that_reads_files_reads_them_with_every_question(face: Face, librarian: Librarian) -> None:
    face.write({"a b.py": "x = 1\n", "src/c.py": "y = 2\n", "src/d.py": "z = 3\n"})
    lines = "/file a b.py\n/file src\n/file src\nwhat is x?\n/new\nwhy?\n"
    ended = face("chat", "--agent", "reader", stdin=lines)
    said = [line for line in ended.out.splitlines() if "?" in line]
    assert said == ["what is x? 0 ('a b.py', 'src')", "why? 0 ()"]
    assert ended.err.splitlines()[:2] == [
        "sutazai: every question is read with a b.py from now on; /new forgets it",
        "sutazai: every question is read with src (2 files) from now on; /new forgets it",
    ]
    assert "␛ its end is left out" in ended.out
    assert librarian.asked == []


def test_a_file_that_cannot_be_read_is_refused_before_any_question(face: Face, librarian: Librarian) -> None:
    ended = face("chat", "--agent", "reader", stdin="/file gone.py\nwhy?\n")
    assert ended.out.startswith("why? 0 ()\n")
    assert "gone.py" in ended.err
    assert "\n  → check the path; " in ended.err


def test_files_do_not_follow_into_another_conversation(face: Face, librarian: Librarian) -> None:
    face.write({"a.py": "x = 1\n"})
    ended = face("chat", "--agent", "reader", stdin="first?\n/file a.py\n/resume\nwhy?\n")
    assert "why? 1 ()" in ended.out


def test_an_unknown_command_is_met_with_the_nearest_one(face: Face, librarian: Librarian) -> None:
    ended = face("chat", stdin="/source\n/exit\nhow?\n")
    assert "there is no command /source\n  → did you mean 'sources'? (/help lists all)" in ended.err
    assert librarian.asked == []


def test_hostile_words_cannot_steer_the_terminal(face: Face, librarian: Librarian) -> None:
    evil = "\x1b]0;owned\x07\u202e\x9b2J"
    librarian.replies["docs.answer"] = reports.AnswerReport(
        collection="d", question=evil, found=True, text=evil, sources=(source(1, evil, name=evil),)
    )
    ended = face("chat", stdin=f"{evil}\n/sources\n/sessions\n/resume\n/{evil}\n/collection {evil}\n")
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(ended.out + ended.err)


# at a terminal


def test_ctrl_c_stops_an_answer_and_the_conversation_goes_on(
    at_terminal: Callable[..., Ended], librarian: Librarian
) -> None:
    answer = librarian.replies["docs.answer"]
    keys = iter([KeyboardInterrupt()])

    def reply(request: Any) -> BaseModel:
        for key in keys:
            raise key
        return answer(request)

    librarian.replies["docs.answer"] = reply
    ended = at_terminal(["how?", "why?"])
    assert "sutazai: stopped\n" in ended.err
    assert (ended.code, ended.out.count("Answer 1")) == (0, 1)


def test_ctrl_c_twice_or_ctrl_d_leaves(at_terminal: Callable[..., Ended], librarian: Librarian) -> None:
    once = at_terminal([KeyboardInterrupt, "how?", KeyboardInterrupt, "why?", EOFError])
    assert (once.code, len(librarian.asked), once.err.count("Ctrl-D leaves")) == (0, 2, 2)
    twice = at_terminal(["how?", KeyboardInterrupt, KeyboardInterrupt, "why?"])
    assert (twice.code, len(librarian.asked)) == (0, 3)


def test_a_backslash_joins_lines(at_terminal: Callable[..., Ended], librarian: Librarian) -> None:
    at_terminal(["how\\", "often?"])
    assert librarian.asked[0].question == "how\noften?"


def test_what_is_no_text_is_asked_again(at_terminal: Callable[..., Ended], librarian: Librarian) -> None:
    class Undecodable(UnicodeDecodeError):
        def __init__(self) -> None:
            super().__init__("utf-8", b"\xff", 0, 1, "it is none")

    ended = at_terminal([Undecodable, "how?"])
    assert "that is not UTF-8 text" in ended.err
    assert len(librarian.asked) == 1


def test_a_person_is_greeted_and_what_fails_leaves_the_exit_code_alone(
    at_terminal: Callable[..., Ended], librarian: Librarian
) -> None:
    librarian.replies["docs.answer"] = CollectionMissing("documents")
    ended = at_terminal(["how?", "/exit", "why?"])
    assert (ended.code, len(librarian.asked)) == (0, 1)
    assert ended.err.startswith("sutazai: documentation-assistant: ask, or /help\n")


def test_prompts_go_to_stderr_where_stdout_is_no_terminal(
    face: Face, librarian: Librarian, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sutazai.cli.chat.there_is_somebody", lambda: True)
    ended = face("chat", stdin="how\\\noften?\n")
    assert ended.err.endswith("> … > \n")
    assert ended.out.startswith("Answer 1")
    assert librarian.asked[0].question == "how\noften?"


def test_at_a_terminal_lines_are_edited_and_commands_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    readline = pytest.importorskip("readline")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr(builtins, "input", lambda prompt: f"{prompt}hi")
    before = readline.get_completer(), readline.get_completer_delims()
    try:
        assert next(chat_lines.typed(["/sources", "/sessions"])) == "> hi"
        complete = readline.get_completer()
        assert [complete("/s", 0), complete("/s", 1), complete("/s", 2)] == ["/sources", "/sessions", None]
        assert complete("", 0) is None
    finally:
        readline.set_completer(before[0])
        readline.set_completer_delims(before[1])


def test_without_readline_lines_are_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_lines, "_readline", lambda: None)
    monkeypatch.setattr(chat_lines, "_input", lambda _prompt: "hi")
    assert next(chat_lines.typed([])) == "hi"
