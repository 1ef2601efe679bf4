"""What the tests of the taint engine share: running it over a few texts."""

import asyncio
import textwrap
from collections.abc import Callable

import pytest

from sutazai.analysis.taint.engine import TaintAnalyzer
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.source import SourceFile

Found = Callable[..., list[Finding]]


@pytest.fixture(scope="session")
def analyzer() -> TaintAnalyzer:
    """One engine for all tests: its tables load once."""
    return TaintAnalyzer()


@pytest.fixture
def report(analyzer: TaintAnalyzer) -> Callable[..., AnalyzerReport]:
    """Runs the engine over texts by path."""

    def run(files: dict[str, str] | str) -> AnalyzerReport:
        texts = {"app/views.py": files} if isinstance(files, str) else files
        sources = [SourceFile(path, textwrap.dedent(text), "python") for path, text in texts.items()]
        return asyncio.run(analyzer.analyze(sources))

    return run


@pytest.fixture
def found(report: Callable[..., AnalyzerReport]) -> Found:
    """What the engine finds in texts it can follow to the end."""

    def run(files: dict[str, str] | str) -> list[Finding]:
        result = report(files)
        assert result.failed == ()
        return list(result.findings)

    return run
