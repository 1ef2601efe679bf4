"""The child's side: it answers what it is asked, survives what it is told, and ends with its input."""

import os
import subprocess
import sys
from collections.abc import Generator
from io import BytesIO
from subprocess import PIPE
from threading import Thread

import pytest

from sutazai.analysis.taint import child as module
from sutazai.analysis.taint.child import TaintProcess
from sutazai.analysis.taint.engine import TaintAnalyzer
from sutazai.analysis.taint.wire import (
    FRAME_BYTES,
    STARTED,
    Request,
    WireError,
    decode_number,
    decode_report,
    encode_request,
)
from sutazai.process.frames import encode_frame, read_frame
from sutazai.sdk.source import SourceFile
from sutazai.sdk.taint import TaintSource, TaintTable

BAD = "import os\nfrom flask import request\nos.system(request.args['a'])\n"
OWN = "import os\nimport web\nos.system(web.params())\n"


def request(*texts: str, extra: tuple[TaintTable, ...] = ()) -> Request:
    """Files of these texts, with the limits of the engine."""
    rows = tuple(each.model_dump_json(by_alias=True) for each in extra)
    return Request(400_000, 8.0, rows, tuple(SourceFile(f"{at}.py", text, "python") for at, text in enumerate(texts)))


async def test_it_finds_what_the_engine_finds() -> None:
    """Rows of others reach it too."""
    table = TaintTable(source=(TaintSource(names=("web.params()",)),))
    asked = request(BAD, OWN, "x = 1\n", extra=(table,))
    found = decode_report(TaintProcess(BytesIO(), BytesIO()).answer(encode_request(asked)), asked.files)
    assert [each.location.path for each in found.findings] == ["0.py", "1.py"]
    assert found == await TaintAnalyzer(extra=(table,)).analyze(asked.files)


def test_what_goes_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    process = TaintProcess(BytesIO(), BytesIO())
    with pytest.raises(WireError, match="cannot be understood"):
        decode_report(process.answer(b"nonsense"), ())
    monkeypatch.setattr(module, "FRAME_BYTES", 20)
    with pytest.raises(WireError, match="too much to tell"):
        decode_report(process.answer(encode_request(request(BAD))), ())


def frames(stream: int) -> Generator[bytes, None, None]:
    """What comes out of a pipe."""
    with open(stream, "rb") as out:
        while (frame := read_frame(out)) is not None:
            yield frame


def test_it_serves_until_its_input_ends() -> None:
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    codes: list[int] = []
    with open(their_in, "rb") as reading, open(their_out, "wb") as writing:  # noqa: PTH123 (descriptors)
        serving = Thread(target=lambda: codes.append(TaintProcess(reading, writing).serve()))
        serving.start()
        heard = frames(our_in)
        assert next(heard) == b""
        asked = request("x = 1\n", BAD)
        for _ in range(2):
            os.write(our_out, encode_frame(encode_request(asked)))
            assert decode_number(next(heard)) == 1, "the first file holds nothing to follow"
            assert len(decode_report(next(heard), asked.files).findings) == 1
        os.close(our_out)
        serving.join()
        heard.close()
    assert codes == [0]


def test_a_frame_over_the_limit_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert TaintProcess(BytesIO((FRAME_BYTES + 1).to_bytes(4, "big")), BytesIO()).serve() == 2
    assert "over the limit" in capsys.readouterr().err


def test_the_program_ends_with_its_input_in_the_midst_of_its_work() -> None:
    program = [sys.executable, "-P", "-m", "sutazai.analysis.taint.child"]
    many = encode_frame(encode_request(request(*[BAD] * 200)))
    with subprocess.Popen(program, stdin=PIPE, stdout=PIPE, stderr=PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.read(len(encode_frame(STARTED))) == encode_frame(STARTED)
        _, told = child.communicate(many)
    assert (child.returncode, told) == (0, b"")
