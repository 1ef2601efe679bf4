"""What the engines do with files that were made to break them."""

import pytest

from sutazai.analysis.patterns import PatternsAnalyzer
from sutazai.analysis.places import MOST_FINDINGS
from sutazai.analysis.ruff import RuffAnalyzer
from sutazai.sdk.source import SourceFile

BAD = "import os\n\n\ndef f(x):\n    os.system(f'ls {x}')\n"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "import os\n"
            + "".join(" " * depth + "if x:\n" for depth in range(600))
            + " " * 600
            + "os.system(f'{x}')\n",
            "python",
        ),
        ("on: pull_request_target\npermissions: write-all\na:\n" + "- " * 3_000 + "x\n", "yaml"),
    ],
)
async def test_what_would_end_the_process_is_named_and_the_others_go_on(text: str, language: str) -> None:
    """The grammars' scanners abort on more levels than they have room for."""
    report = await PatternsAnalyzer().analyze([SourceFile("deep", text, language), SourceFile("b.py", BAD, "python")])
    assert [each.path for each in report.failed] == ["deep"]
    assert [each.location.path for each in report.findings] == ["b.py"]


@pytest.mark.parametrize("engine", [RuffAnalyzer(), PatternsAnalyzer()], ids=["ruff", "patterns"])
async def test_a_flood_of_findings_in_one_file_is_cut_and_said_to_be(engine: RuffAnalyzer | PatternsAnalyzer) -> None:
    """The file is not called reviewed, and the others keep all of theirs."""
    flood = "import os\n" + "os.system(f'ls {x}'); x is 5; " * (MOST_FINDINGS + 1)
    report = await engine.analyze([SourceFile("flood.py", flood, "python"), SourceFile("b.py", BAD, "python")])
    assert [each.path for each in report.failed] == ["flood.py"]
    assert "only the first" in report.failed[0].reason
    found = [each.location.path for each in report.findings]
    assert (found.count("flood.py"), found.count("b.py")) == (MOST_FINDINGS, 1)
