"""The parsing child, over streams in memory; `test_worker` starts real ones."""

import io
from importlib import import_module

import pytest

from sutazai.process.frames import FrameDecoder, encode_frame
from sutazai.reading import child as child_module
from sutazai.reading.child import ParserProcess, read_document
from sutazai.reading.draft import Draft
from sutazai.reading.formats import MODULES, plain
from sutazai.reading.wire import Answer, Failure, Other, PageRead, Request, decode_answer, encode_request
from sutazai.sdk.document import ParsedDocument
from tests.support.pdf import Pdf

HEAD = encode_frame(encode_request(Request("a.txt", 100, 1 << 40)))


@pytest.fixture(autouse=True)
def _no_limits_on_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "allow_cpu", lambda _seconds: None)


def served(*frames: bytes) -> tuple[int, list[Answer], list[int]]:
    out, confined = io.BytesIO(), []
    code = ParserProcess(io.BytesIO(b"".join(frames)), out, confined.append).serve()
    return code, [decode_answer(each) for each in FrameDecoder().feed(out.getvalue())], confined


def nobody(_number: int) -> None:
    pass


def test_documents_are_answered_one_after_the_other_and_limits_set_once():
    code, answers, confined = served(HEAD, encode_frame(b"one"), HEAD, encode_frame(b"two"))
    assert code == 0
    assert [each.text.strip() for each in answers if isinstance(each, ParsedDocument)] == ["one", "two"]
    assert confined == [1 << 40]


def test_input_that_ends_inside_a_request_ends_the_child():
    assert served(HEAD) == (0, [], [1 << 40])
    assert served(HEAD, encode_frame(b"one")[:-1]) == (0, [], [1 << 40])


def test_what_is_no_request_ends_the_child_with_a_complaint(capsys: pytest.CaptureFixture[str]):
    assert served(encode_frame(b"{"))[0] == 2
    assert served(b"\xff\xff\xff\xff")[0] == 2
    assert "the parent sent" in capsys.readouterr().err


def test_progress_is_told_now_and_then():
    pdf = Pdf()
    for _ in range(45):
        pdf.page().text(70, 70, "x")
    _, answers, _ = served(HEAD, encode_frame(pdf.data()))
    assert answers[:-1] == [PageRead(20), PageRead(40)]


class ClosedPipe(io.BytesIO):
    """A parent that has gone."""

    def write(self, _data: object) -> int:
        raise BrokenPipeError


def test_a_parent_that_went_away_is_no_error():
    pdf = Pdf()
    for _ in range(25):
        pdf.page().text(70, 70, "x")
    for data in (b"one", pdf.data()):
        frames = io.BytesIO(HEAD + encode_frame(data))
        assert ParserProcess(frames, ClosedPipe(), nobody).serve() == 0


def test_a_failure_of_a_parser_is_told_as_orderly():
    assert read_document("a", b"", nobody) == Failure("no-text", "it is empty", is_orderly=True)


def test_old_word_documents_are_left_to_another_program():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le")
    assert read_document("a.doc", data, nobody) == Other("doc")


def test_a_text_that_must_be_too_long_is_not_even_decoded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child_module, "MAX_CHARS", 10)
    answer = read_document("a.txt", b"x" * 41, nobody)
    assert answer == Failure("too-large", "its text is longer than 10 characters", is_orderly=True)


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (MemoryError(), Failure("too-large", "reading it takes too much memory")),
        (RecursionError(), Failure("broken", "it is nested too deeply")),
        (ZeroDivisionError("secret detail"), Failure("broken", "it is broken")),
    ],
)
def test_whatever_a_parser_raises_is_a_failure(
    error: Exception, answer: Failure, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def parse(_data: bytes, _draft: Draft) -> None:
        raise error

    monkeypatch.setattr(plain, "parse", parse)
    assert read_document("a.txt", b"x", nobody) == answer
    assert ("secret detail" in capsys.readouterr().err) is isinstance(error, ZeroDivisionError)


@pytest.mark.parametrize("module", sorted(set(MODULES.values())))
def test_every_format_has_its_parser(module: str):
    assert callable(import_module(f"sutazai.reading.formats.{module}").parse)


def test_the_program_leaves_with_the_code_of_its_serving(monkeypatch: pytest.MonkeyPatch):
    codes: list[int] = []
    monkeypatch.setattr(child_module, "claimed_streams", lambda: (io.BytesIO(), io.BytesIO()))
    child_module.main(codes.append)
    assert codes == [0]
