"""What is around a finding is told once, and only of the files that were asked for."""

from typing import Final

import pytest

from sutazai.review.naming import named
from sutazai.sdk.finding import Finding
from sutazai.sdk.source import SourceFile
from sutazai.sdk.testing import MemoryCache
from tests.unit.review.made import made

TEXT: Final = "class Basket:\n    def add(self): ...\n"
BASKET: Final = SourceFile("a.py", TEXT, "python")


def nameless(line: int = 1, path: str = "a.py") -> Finding:
    """A finding as an engine gives it."""
    return made(line, path=path, symbol="")


async def test_a_finding_gets_the_innermost_name_around_it_and_one_that_has_a_name_keeps_it():
    found = await named([nameless(1), nameless(2), made(2, symbol="mine")], [BASKET], None)
    assert [each.symbol for each in found] == ["Basket", "Basket.add", "mine"]


async def test_other_files_are_left_alone():
    found = await named([nameless(path="b.py"), nameless()], [BASKET], None)
    assert [(each.location.path, each.symbol) for each in found] == [("b.py", ""), ("a.py", "Basket")]


async def test_a_second_time_nothing_is_parsed(monkeypatch: pytest.MonkeyPatch):
    cache = MemoryCache()
    first = await named([nameless()], [BASKET], cache)
    monkeypatch.setattr("sutazai.syntax.units.enclosing_symbols", lambda *_: pytest.fail("parsed again"))
    assert await named([nameless()], [BASKET], cache) == first


@pytest.mark.parametrize("other", [SourceFile("a.py", TEXT.replace("Basket", "Crate"), "python"), BASKET])
async def test_another_text_or_other_lines_are_told_anew(other: SourceFile):
    cache = MemoryCache()
    await named([nameless(1)], [BASKET], cache)
    found = await named([nameless(2)], [other], cache)
    assert found[0].symbol == ("Crate.add" if "Crate" in other.text else "Basket.add")


@pytest.mark.parametrize("odd", ["", "[]", "null", '{"x": "y"}', "3"])
async def test_what_somebody_else_wrote_into_the_cache_is_no_name(odd: str):
    cache = MemoryCache()
    await named([nameless()], [BASKET], cache)
    cache.entries = dict.fromkeys(cache.entries, odd)
    assert (await named([nameless()], [BASKET], cache))[0].symbol == "Basket"


async def test_a_language_without_a_grammar_has_no_names():
    source = SourceFile("a.txt", "x", "text")
    assert [each.symbol for each in await named([nameless(path="a.txt")], [source], None)] == [""]


async def test_without_findings_nobody_is_asked():
    assert await named([], [BASKET], MemoryCache()) == []
