"""Programs in other languages than Python, each line that must be reported marked as such."""

from pathlib import Path

import pytest

from sutazai.analysis.patterns import PatternsAnalyzer
from sutazai.sdk.source import SourceFile

FOLDER = Path(__file__).parents[2] / "data" / "marked"
MARKS = (" //!", " #!")
PROGRAMS = [
    (path.stem, number, program)
    for path in sorted(FOLDER.glob("*.txt"))
    for number, program in enumerate(path.read_text(encoding="utf-8").split("=====\n"))
]


@pytest.mark.parametrize(("language", "number", "program"), PROGRAMS, ids=[f"{each[0]}-{each[1]}" for each in PROGRAMS])
async def test_what_is_marked_is_reported_and_nothing_else(language: str, number: int, program: str) -> None:
    assert number >= 0
    lines = program.splitlines()
    wanted = {place for place, line in enumerate(lines, 1) if line.endswith(MARKS)}
    text = "\n".join(line.removesuffix(MARKS[0]).removesuffix(MARKS[1]) for line in lines) + "\n"
    report = await PatternsAnalyzer().analyze([SourceFile("app/code", text, language)])
    assert report.failed == ()
    assert {each.location.start_line for each in report.findings} == wanted


def test_every_language_has_programs() -> None:
    assert {each[0] for each in PROGRAMS} == {"tsx", "go", "java", "csharp", "php", "ruby", "rust", "c", "bash", "yaml"}
