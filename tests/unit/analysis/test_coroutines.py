"""Coroutines that are made and never run: the file itself tells which functions make them."""

import pytest

from sutazai.analysis.patterns import PatternsAnalyzer
from sutazai.sdk.source import SourceFile

FUNCTION = "async def step(): ...\n\n\nasync def run():\n    {call}\n"
METHOD = "class A:\n    async def step(self): ...\n\n    def run(self):\n        {call}\n"


async def lines(text: str) -> list[int]:
    report = await PatternsAnalyzer().analyze([SourceFile("a.py", text, "python")])
    return [each.location.start_line for each in report.findings if each.rule == "py-coroutine-not-awaited"]


@pytest.mark.parametrize(("text", "call", "line"), [(FUNCTION, "step()", 5), (METHOD, "self.step()", 5)])
async def test_a_call_of_the_files_own_coroutine_that_nobody_awaits_is_found(text: str, call: str, line: int) -> None:
    assert await lines(text.format(call=call)) == [line]


@pytest.mark.parametrize(
    "text",
    [
        FUNCTION.format(call="await step()"),
        FUNCTION.format(call="return step()"),
        FUNCTION.format(call="x = step()"),
        FUNCTION.format(call="other()"),
        FUNCTION.format(call="it.step()"),
        FUNCTION.format(call="def step(): ...\n    step()"),
        METHOD.format(call="await self.step()"),
        METHOD.format(call="self.other()"),
        METHOD.format(call="self.it.step()"),
        METHOD.format(call="return self.step()"),
        METHOD.format(call="pass")
        + "\n\nclass B:\n    def step(self): ...\n\n    def run(self):\n        self.step()\n",
        METHOD.format(call="self.step()").replace("def run", "def step(self): ...\n\n    def run"),
    ],
)
async def test_what_is_awaited_kept_or_another_function_is_none(text: str) -> None:
    """A second function of the same name, not asynchronous, may be the one that is called."""
    assert await lines(text) == []
