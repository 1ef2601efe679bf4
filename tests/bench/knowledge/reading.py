"""Times reading a PDF against plain text extraction by the same library: `python -m tests.bench.knowledge reading`.

Both take turns in one run. "Parser" is ours in this process, "reader" ours through its child as `docs add` uses it,
warm; "first" is the first document of a new reader, start of the child and its imports included.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sutazai.reading.draft import Draft
from sutazai.reading.formats.pdf import parse
from sutazai.reading.reader import FileReader
from sutazai.sdk.document import DocumentSource
from tests.support.pdf import Pdf

SYLLABLES = [one + other for one in "bcdfghlmnprst" for other in "aeiou"]
LINES = 44
CHARACTERS = 88


def main(arguments: Sequence[str]) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.knowledge reading", description=__doc__)
    parser.add_argument("--pdf", type=Path, help="this file instead of a made one")
    parser.add_argument("--pages", type=int, default=300, help="pages of the made one")
    parser.add_argument("--runs", type=int, default=9, help="how often each reads it")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked = parser.parse_args(arguments)
    data = asked.pdf.read_bytes() if asked.pdf else book(asked.pages)
    figures = asyncio.run(measured(data, asked.runs))
    sys.stdout.write(json.dumps(figures, indent=1) + "\n" if asked.json else table(figures))
    return 0


def book(pages: int) -> bytes:
    """A report of dense prose: running header, page numbers, chapters in the outline."""
    chance = random.Random(1)
    pdf = Pdf(title="A made report")
    for number in range(pages):
        pdf.page().text(70, 810, "A made report", size=8).text(290, 30, str(number + 1), size=8)
        if number % 10 == 0:
            chapter = f"Chapter {number // 10 + 1}"
            pdf.outline.append((1, chapter, number))
            pdf.text(70, 770, chapter, size=16)
        pdf.lines(70, 740, [_line(chance) for _ in range(LINES)], leading=15.5)
    return pdf.data()


async def measured(data: bytes, runs: int) -> dict[str, float]:
    """Seconds of each way, medians, and the medians of the ratios run by run."""
    source = DocumentSource("bench.pdf", data=data)
    reader = FileReader(Path(), max_file_bytes=1 << 30, timeout_s=600, memory_bytes=4 << 30)
    started = time.perf_counter()
    document = await reader.read(source, data)
    first_s = time.perf_counter() - started
    times: list[tuple[float, float, float]] = []
    for _ in range(runs):
        plain_s, parser_s = _seconds(lambda: plain(data)), _seconds(lambda: ours(data))
        started = time.perf_counter()
        await reader.read(source, data)
        times.append((plain_s, parser_s, time.perf_counter() - started))
    await reader.close()
    return {
        "pages": len(document.pages),
        "characters": len(document.text),
        "plain_s": statistics.median(each[0] for each in times),
        "parser_s": statistics.median(each[1] for each in times),
        "reader_s": statistics.median(each[2] for each in times),
        "first_s": first_s,
        "parser_ratio": statistics.median(each[1] / each[0] for each in times),
        "reader_ratio": statistics.median(each[2] / each[0] for each in times),
    }


def plain(data: bytes) -> int:
    """What everybody would write with pypdfium2: the text of each page, nothing else."""
    import pypdfium2  # noqa: PLC0415 (loaded only when used)

    document = pypdfium2.PdfDocument(data)
    characters = 0
    for index in range(len(document)):
        page = document[index]
        text = page.get_textpage()
        characters += len(text.get_text_range())
        text.close()
        page.close()
    document.close()
    return characters


def ours(data: bytes) -> None:
    """The parser without its child."""
    draft = Draft()
    parse(data, draft)
    draft.finish("pdf")


def table(figures: dict[str, float]) -> str:
    """The figures for people."""
    rows = [
        f"{figures['pages']:.0f} pages, {figures['characters']:,.0f} characters",
        "| way | s | pages/s | of plain |",
        "| --- | --- | --- | --- |",
    ]
    for way in ("plain", "parser", "reader", "first"):
        seconds = figures[f"{way}_s"]
        ratio = figures.get(f"{way}_ratio", seconds / figures["plain_s"])
        rows.append(f"| {way} | {seconds:.3f} | {figures['pages'] / seconds:,.0f} | {ratio:.2f} |")
    return "\n".join(rows) + "\n"


def _line(chance: random.Random) -> str:
    text = ""
    while len(text) < CHARACTERS:
        text += "".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) + " "
    return text[:CHARACTERS].strip()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
