"""`sutazai ask`: an answer as it comes, then its sources."""

import io
import sys

import pytest
from rich.console import Console

from sutazai.cli import answer_stream, output
from sutazai.cli.answer_stream import StreamedText, answer_view
from sutazai.errors.models import ModelUnavailable
from sutazai.rag import report as reports
from sutazai.sdk.events import Note, Progress, Token
from tests.support.face import Face
from tests.support.talking import Librarian, install, passage, source

EVIL = "\x1b]0;owned\x07a\u202eb\x9b2J"
USE = reports.ModelUse(name="toy", runtime="embedded")


@pytest.fixture
def librarian(monkeypatch: pytest.MonkeyPatch) -> Librarian:
    """The only agent there is."""
    found = Librarian()
    install([found.agent()], monkeypatch)
    return found


def answer(text: str = "Every 40 hours [1].", **fields: object) -> reports.AnswerReport:
    known = {"collection": "documents", "question": "how often?", "found": True, "model": USE, "text": text}
    return reports.AnswerReport.model_validate(
        {**known, "sources": (source(1, "oiled every 40 hours"),), "passages": (passage(),), **fields}
    )


def test_an_answer_is_followed_by_its_sources_with_page_heading_and_words(face: Face, librarian: Librarian) -> None:
    code = source(2, name="src/pump.py", page=0, symbol="Pump.oil", start_line=40, end_line=52)
    librarian.replies["docs.answer"] = answer(sources=(source(1, "oiled every 40 hours"), code))
    ended = face("ask", "how", "often?")
    assert ended.out == (
        "Every 40 hours [1].\n\n"
        "Sources\n"
        "[1] manual.pdf, page 12 · Care > Oiling\n    “oiled every 40 hours”\n"
        "[2] src/pump.py:40-52 · Pump.oil\n"
    )
    assert (ended.code, ended.err) == (0, "")


def test_words_that_stand_in_the_answer_are_not_repeated_below_it(face: Face, librarian: Librarian) -> None:
    cited = source(1, "Oil the pump every\n40 hours.", "| Part | Oil |")
    librarian.replies["docs.answer"] = answer("Oil the pump every 40 hours. [1]", sources=(cited,))
    shown = "Sources\n[1] manual.pdf, page 12 · Care > Oiling\n    “| Part | Oil |”\n"
    assert face("ask", "how often?").out == f"Oil the pump every 40 hours. [1]\n\n{shown}"


def test_quoted_code_keeps_its_lines(face: Face, librarian: Librarian) -> None:
    text = "class Pump:\n    def oil(self):\n        self\x1b.open()\n" + "        x = 1\n" * 9
    quote = text.removeprefix("class Pump:\n    ").rstrip()
    code = source(1, quote, "one line", text=text, name="a.py", page=0, symbol="Pump.oil", start_line=1, end_line=13)
    librarian.replies["docs.answer"] = answer(sources=(code, source(2, "not\nthere", symbol="f")))
    out = face("ask", "how often?").out
    assert "    def oil(self):\n        self␛.open()\n        x = 1\n" in out
    assert "    … 3 more lines\n    “one line”\n" in out
    assert "    not\n    there\n" in out


def test_flags_become_a_request(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.answer"] = answer()
    face("ask", "-", "-c", "team", "-n", "3", "--filter", "page>1", "--no-model", "--no-rerank", stdin="how often?\n")
    (asked,) = librarian.asked
    assert (asked.question, asked.collection, asked.limit, asked.where) == ("how often?", "team", 3, "page>1")
    assert (asked.model, asked.rerank, asked.history) == (False, False, ())


def test_the_words_come_as_they_are_written_and_only_once(face: Face, librarian: Librarian) -> None:
    librarian.events = [Progress(phase="search", done=1, total=1), *(Token(text=each) for each in ("Every ", "40 h"))]
    librarian.replies["docs.answer"] = answer("Every 40 hours [1].", sources=())
    assert face("ask", "how often?").out == "Every 40 hours [1].\n\n"
    librarian.events = [*(Token(text=each) for each in ("Every 40 ho", "urs [1].\n"))]
    assert face("ask", "how often?").out.count("Every 40 hours [1].") == 1


def test_an_answer_that_changed_after_it_was_streamed_is_shown_whole(face: Face, librarian: Librarian) -> None:
    librarian.events = [Token(text="Never."), Note(level="warning", text="one sentence did not hold"), Note(text="x")]
    librarian.replies["docs.answer"] = answer("Every 40 hours [1].", sources=())
    ended = face("ask", "how often?")
    assert ended.out == "Never.\n\nEvery 40 hours [1].\n\n"
    assert ended.err == "sutazai: one sentence did not hold\n"


def test_what_the_documents_do_not_tell_is_said_and_is_no_failure(face: Face, librarian: Librarian) -> None:
    struck = (reports.Struck(text="Burn it.", reason="no passage says so"), reports.Struck(text=EVIL, reason=EVIL))
    librarian.replies["docs.answer"] = answer(
        "The documents do not tell.", found=False, sources=(), struck=struck, notes=("asked in 2 collections",)
    )
    ended = face("ask", "how often?")
    assert ended.code == 0
    assert ended.out == (
        "The documents do not tell.\n\n"
        "1. manual.pdf, page 12 · Care > Oiling\n    The pump is oiled every 40 hours.\n\n"
        "asked in 2 collections\n"
        "2 sentences were left out: the documents do not bear them out\n"
    )
    assert "Burn it. (no passage says so)" in face("ask", "how often?", "-v").out
    assert face("ask", "how often?", "--json").json["found"] is False


def test_where_the_documents_do_not_tell_the_three_nearest_passages_are_shown_cut_short(
    face: Face, librarian: Librarian
) -> None:
    nearest = tuple(passage("\n\n".join(f"line {line}" for line in range(9)), name=f"{each}.md") for each in "abcd")
    silent = answer("The documents do not tell.", found=False, sources=(), passages=nearest)
    for model in (USE, None):
        librarian.replies["docs.answer"] = silent.model_copy(update={"model": model})
        shown = face("ask", "how often?").out
        assert [each in shown for each in ("a.md", "b.md", "c.md", "d.md")] == [True, True, True, False]
        assert shown.count("line 2") == 3
        assert "line 3" not in shown
        assert shown.count("… 6 more lines") == 3


def test_without_a_model_the_passages_are_the_answer(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.answer"] = answer("", sources=(), model=None)
    ended = face("ask", "how often?", "--no-model")
    assert ended.out == "1. manual.pdf, page 12 · Care > Oiling\n    The pump is oiled every 40 hours.\n\n"


def test_json_is_the_report_alone(face: Face, librarian: Librarian) -> None:
    librarian.events = [Token(text="Every")]
    librarian.replies["docs.answer"] = answer(EVIL)
    ended = face("ask", "how often?", "--json")
    assert ended.json["schema"] == "sutazai.docs.answer/1"
    assert ended.json["text"] == EVIL
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(ended.out)


def test_hostile_words_cannot_steer_the_terminal_however_they_are_cut(face: Face, librarian: Librarian) -> None:
    librarian.events = [Token(text=each) for each in EVIL]
    librarian.replies["docs.answer"] = answer(EVIL, sources=(source(1, EVIL, name=EVIL),), notes=(EVIL,))
    ended = face("ask", "how often?")
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(ended.out + ended.err)
    assert "[0;owned" not in ended.out.replace("␛]0;owned", "")


def test_a_model_that_cannot_be_had_is_an_error_with_its_own_code(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.answer"] = ModelUnavailable("toy", {"embedded": "it is not installed"})
    ended = face("ask", "how often?", "-q")
    assert (ended.code, ended.out) == (3, "")


def test_what_is_waited_for_is_said_where_nothing_can_be_drawn(face: Face, librarian: Librarian) -> None:
    steps = (("search", ""), ("load", ""), ("passages", "5 passages with toy"), ("write", ""))
    librarian.events = [Progress(phase=phase, done=0, label=label) for phase, label in steps]
    librarian.replies["docs.answer"] = answer()
    assert face("ask", "how often?").err == "sutazai: reading 5 passages with toy\n"
    assert face("ask", "how often?", "-q").err == ""
    librarian.events = [Progress(phase="load", done=0), Progress(phase="reply", done=0, label="with toy")]
    assert face("ask", "how often?").err == "sutazai: thinking with toy\n"
    assert face("ask", "how often?", "--json").json["found"] is True


# streaming


@pytest.fixture
def wrote(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    pieces: list[str] = []
    monkeypatch.setattr(output, "write", lambda text, **_options: pieces.append(text))
    return pieces


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_words_are_wrapped_whatever_pieces_they_come_in(wrote: list[str], size: int) -> None:
    text = "  One two three\n\n  - four five\nsix\tseven eightnineteneleventwelve end"
    shown = StreamedText(14)
    for start in range(0, len(text), size):
        shown.add(text[start : start + size])
    shown.end()
    expected = "  One two\nthree\n\n  - four five\nsix seven\neightnineteneleventwelve\nend\n"
    assert "".join(wrote) == expected
    assert shown.text == text


def test_a_word_is_written_as_soon_as_it_is_whole(wrote: list[str]) -> None:
    shown = StreamedText(80)
    shown.add("One two thr")
    assert "".join(wrote) == "One two"
    shown.add("ee ")
    assert "".join(wrote) == "One two three"
    shown.end()
    assert wrote[-1] == "\n"


def test_progress_leaves_the_terminal_before_the_first_word(monkeypatch: pytest.MonkeyPatch, wrote: list[str]) -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=80, force_terminal=True, color_system=None)
    monkeypatch.setattr("sutazai.cli.talk.live", lambda: True)
    monkeypatch.setattr("sutazai.cli.talk.console", lambda: console)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    with answer_view(quiet=False, stream=True) as view:
        view(Progress(phase="embed", done=1, total=2, label="manual.pdf"))
        assert view.text == ""
        view(Token(text="One"))
        assert "\x1b[?25h" in screen.getvalue()
        at = len(screen.getvalue())
        view(Progress(phase="embed", done=2, total=2))
        view(Note(level="warning", text="late"))
        assert screen.getvalue()[at:] == ""
    assert "".join(wrote) == "One\n"
    assert answer_stream._PIPED_CELLS == 100
