"""`sutazai docs`: flags into requests, reports into text and JSON, exit codes."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sutazai.cli import docs
from sutazai.errors.knowledge import CollectionMissing, DocumentMissing
from sutazai.rag import report as reports
from sutazai.sdk.events import Note, Progress, Token
from tests.support.docs import ROOT
from tests.support.face import Face
from tests.support.talking import Librarian, install, passage, source

EVIL = "\x1b]0;owned\x07a\u202eb\x9b2J"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def librarian(monkeypatch: pytest.MonkeyPatch) -> Librarian:
    """The only agent there is."""
    found = Librarian()
    install([found.agent()], monkeypatch)
    return found


def info(name: str = "manual.pdf", **fields: Any) -> reports.DocumentInfo:
    known = {"id": "d1d1d1d1d1d1d1d1", "source": f"/docs/{name}", "format": "pdf", "size_bytes": 2_500_000}
    return reports.DocumentInfo(
        **{**known, "name": name, "characters": 900, "pages": 3, "chunks": 7, "added_at": AT, **fields}
    )


# add


def test_what_became_of_files_is_told_in_counts_and_skipped_ones_with_reasons(face: Face, librarian: Librarian) -> None:
    skipped = (
        reports.Skip(name="sub/broken.pdf", reason="it is encrypted"),
        reports.Skip(name="gone.pdf", reason="there is no such file", named=True, hint="check the path"),
    )
    librarian.replies["docs.add"] = reports.AddReport(
        collection="documents",
        added=("a.md", "b.md"),
        changed=("c.md",),
        unchanged=("d.md",),
        skipped=skipped,
        ignored_count=8,
        ignored=(
            reports.LeftOut(reason="no document, by its ending", count=7, names=tuple(f"{n}.bin" for n in range(1, 8))),
            reports.LeftOut(reason="a folder of foreign or built code", count=1, names=("build/",)),
        ),
        chunks=12,
        embedded=10,
        seconds=1.5,
    )
    ended = face("docs", "add", "docs/", "gone.pdf")
    assert ended.out == (
        "documents: 2 added, 1 changed, 1 unchanged\n"
        "12 passages (10 embedded anew) in 1.5 s\n"
        "7 left out, no document, by its ending: 1.bin, 2.bin, 3.bin, 4.bin, 5.bin and 2 more (-v names\n  them)\n"
        "1 left out, a folder of foreign or built code: build/\n"
        "To take one of these all the same, name the file itself: `sutazai docs add FILE`\n"
        "2 skipped:\n"
        "  gone.pdf: there is no such file\n"
        "    → check the path\n"
        "  sub/broken.pdf: it is encrypted\n"
    )
    assert ended.code == 4
    assert "5.bin, 6.bin, 7.bin\n" in face("docs", "add", "docs/", "-v").out


def test_flags_become_a_request(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.add"] = reports.AddReport(collection="team")
    flags = ["-c", "team", "--tag", "team=search", "--tag", "by=ann=e", "--exclude", "*.log", "--prune"]
    ended = face("docs", "add", "a.md", "b/", *flags)
    assert (ended.code, ended.out) == (0, "team: nothing added\n")
    (asked,) = librarian.asked
    assert asked.paths == ("a.md", "b/")
    assert (asked.collection, asked.prune, asked.stdin) == ("team", True, None)
    assert asked.tags == {"team": "search", "by": "ann=e"}
    assert asked.exclude == ("*.log",)


def test_what_is_not_said_is_as_configured(face: Face, librarian: Librarian, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUTAZAI_DOCS__EXCLUDE", "drafts/")
    monkeypatch.setenv("SUTAZAI_DOCS__COLLECTION", "manuals")
    librarian.replies["docs.add"] = reports.AddReport(collection="manuals")
    face("docs", "add", "a.md")
    face("docs", "add", "a.md", "--exclude", "*.log")
    assert [(each.collection, each.exclude) for each in librarian.asked] == [
        ("manuals", ("drafts/",)),
        ("manuals", ("drafts/", "*.log")),
    ]


def test_text_from_stdin_is_added_under_a_name(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.add"] = reports.AddReport(collection="documents", added=("tar.txt",), chunks=1, embedded=1)
    ended = face("docs", "add", "-", "--stdin-name", "tar.txt", stdin="\ufefföl\r\n")
    assert ended.out == "documents: 1 added\n1 passage in 0.0 s\n"
    assert (librarian.asked[0].stdin, librarian.asked[0].stdin_name) == ("öl\r\n", "tar.txt")


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "message"),
    [
        (("add", "-", "a.md"), b"", 2, "stands alone"),
        (("add", "-"), b"%PDF\xff", 4, "not UTF-8 text"),
        (("add", "a.md", "--tag", "team"), b"", 2, "not KEY=VALUE"),
        (("add", "a.md", "--tag", "=x"), b"", 2, "not KEY=VALUE"),
        (("add",), b"", 2, "Missing argument"),
        (("remove",), b"", 2, "say what to remove"),
        (("remove", "a", "--all"), b"", 2, "say what to remove"),
        (("remove", "--all"), b"", 2, "nobody can be asked"),
        (("search", " "), b"", 2, "nothing was asked"),
        (("search", "-"), b"\n", 2, "nothing was asked"),
        (("search", "-"), b"x" * 40_001, 2, "stdin holds more than"),
        (("search", "x" * 10_001), b"", 2, "longer than 10,000"),
        (("search", "x", "--limit", "0"), b"", 2, "greater than or equal to 1"),
        (("search", "x", "--mode", "guess"), b"", 2, "'--mode'"),
        (("export", "-f", "pdf"), b"", 2, "'--format'"),
        (("export", "-o", "no/such/file"), b"", 4, "no/such/file"),
    ],
)
def test_a_call_that_is_wrong_is_refused_with_the_next_step(
    face: Face, librarian: Librarian, arguments: tuple[str, ...], stdin: bytes, code: int, message: str
) -> None:
    ended = face("docs", *arguments, stdin=stdin)
    assert (ended.code, ended.out) == (code, "")
    assert message in ended.err
    assert "\n  → " in ended.err
    assert librarian.asked == []


def test_stdin_is_bounded_by_the_size_of_documents(
    face: Face, librarian: Librarian, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUTAZAI_DOCS__MAX_FILE_BYTES", "10")
    ended = face("docs", "add", "-", stdin="x" * 11)
    assert (ended.code, librarian.asked) == (2, [])
    assert "more than 10 bytes" in ended.err


def test_many_skipped_files_are_cut_short_but_whole_in_json(face: Face, librarian: Librarian) -> None:
    skipped = tuple(reports.Skip(name=f"{number}.bin", reason="unknown") for number in range(30))
    librarian.replies["docs.add"] = reports.AddReport(collection="documents", skipped=skipped)
    ended = face("docs", "add", ".")
    assert (ended.code, ended.out.count("unknown")) == (0, 20)
    assert "and 10 more (--json lists all)" in ended.out
    report = face("docs", "add", ".", "--json").json
    assert len(report["skipped"]) == 30
    assert report["schema"] == "sutazai.docs.add/1"


def test_progress_names_the_document_and_notes_go_to_stderr(face: Face, librarian: Librarian) -> None:
    librarian.events = [
        Progress(phase="embed", done=1, total=3, label=EVIL),
        Note(level="warning", text=f"slow {EVIL}"),
    ]
    librarian.replies["docs.add"] = reports.AddReport(collection="documents")
    ended = face("docs", "add", "a.md")
    assert "sutazai: slow ␛]0;owned␇" in ended.err
    assert "\x1b" not in ended.err
    assert face("docs", "add", "a.md", "-q").err.count("slow") == 1


# list, show, remove


def test_documents_are_listed_one_a_line(face: Face, librarian: Librarian) -> None:
    notes = info("notes.md", format="markdown", pages=0, chunks=1, size_bytes=900)
    librarian.replies["docs.list"] = reports.ListReport(collection="documents", documents=(info(), notes))
    first, second = face("docs", "list", "-n", "5", "--offset", "1").out.splitlines()
    assert first.split() == ["d1d1d1d1d1", "pdf", "3", "pages", "7", "passages", "2.5", "MB", "manual.pdf"]
    assert second.split() == ["d1d1d1d1d1", "markdown", "1", "passage", "0.9", "kB", "notes.md"]
    assert (librarian.asked[0].limit, librarian.asked[0].offset) == (5, 1)
    assert face("docs", "list", "--json").json["documents"][0]["added_at"] == "2026-03-01T12:00:00Z"


def test_an_empty_collection_says_how_to_fill_it(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.list"] = reports.ListReport(collection="documents")
    librarian.replies["docs.collections"] = reports.CollectionsReport()
    assert "sutazai docs add PATH" in face("docs", "list").out
    assert "sutazai docs add PATH" in face("docs", "collections").out


def test_a_document_is_shown_with_what_is_known_of_it(face: Face, librarian: Librarian) -> None:
    document = info(title="The pump", tags={"team": "search"}, notes=("page 2 has no text layer",), language="")
    passages = (passage(text="\n".join(f"line {number}" for number in range(20))),)
    librarian.replies["docs.show"] = reports.ShowReport(
        collection="documents", document=document, headings=("Care", "Care > Oiling"), passages=passages
    )
    out = face("docs", "show", "d1").out
    for words in ("The pump", "/docs/manual.pdf", "3 pages, 900 characters", "team=search", "no text layer", "Oiling"):
        assert words in out
    assert "line 1" not in out
    assert "line 19" in face("docs", "show", "d1", "--passages").out
    assert librarian.asked[0].document == "d1"


def test_a_document_that_is_not_there_is_told(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.show"] = DocumentMissing("zz", "documents")
    ended = face("docs", "show", "zz")
    assert (ended.code, ended.out) == (2, "")
    assert "`sutazai docs list` shows them" in ended.err


def test_documents_are_removed_by_name(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.remove"] = reports.RemoveReport(collection="documents", removed=("manual.pdf",))
    assert face("docs", "remove", "manual.pdf").out == "1 document removed from documents\n  manual.pdf\n"
    assert librarian.asked[0].documents == ("manual.pdf",)


@pytest.mark.parametrize(("answer", "gone"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_whole_collection_is_removed_only_after_a_yes(
    face: Face, librarian: Librarian, monkeypatch: pytest.MonkeyPatch, answer: str, gone: bool
) -> None:
    monkeypatch.setattr("sutazai.cli.docs_input.there_is_somebody", lambda: True)
    librarian.replies["docs.remove"] = reports.RemoveReport(collection="documents", collection_removed=True)
    ended = face("docs", "remove", "--all", stdin=answer)
    assert ended.code == 0
    assert ended.err.startswith("This removes the whole collection 'documents'. Go on? [y/N] ")
    assert (bool(librarian.asked), "nothing was removed" in ended.err) == (gone, not gone)


def test_with_yes_nobody_is_asked(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.remove"] = reports.RemoveReport(collection="old", collection_removed=True)
    assert face("docs", "remove", "--all", "-c", "old", "--yes").out == "the collection old is gone\n"
    assert (librarian.asked[0].everything, librarian.asked[0].collection) == (True, "old")


# search


def test_passages_are_shown_with_place_heading_and_words(face: Face, librarian: Librarian) -> None:
    code = passage(
        "def oil(pump):\n    pump.open()\n", name="src/pump.py", page=0, symbol="Pump.oil", start_line=40, end_line=41
    )
    over = passage("Two\n\npages.", end_page=13, also_in=("copy.pdf",), headings=())
    librarian.replies["docs.search"] = reports.SearchReport(
        collection="documents", query="oil", passages=(passage(), code, over), notes=("no vectors: words only",)
    )
    assert face("docs", "search", "how", "oiled?").out == (
        "1. manual.pdf, page 12 · Care > Oiling\n    The pump is oiled every 40 hours.\n\n"
        "2. src/pump.py:40-41 · Pump.oil\n    def oil(pump):\n        pump.open()\n\n"
        "3. manual.pdf, pages 12-13\n    Two\n    pages.\n    also in copy.pdf\n\n"
        "no vectors: words only\n"
    )
    assert librarian.asked[0].query == "how oiled?"


@pytest.mark.parametrize(
    ("format_", "place"), [("markdown", "a:3-9"), ("code", "a:3-9"), ("docx", "a"), ("html", "a"), ("", "a:3-9")]
)
def test_lines_are_told_only_where_the_file_has_them(
    face: Face, librarian: Librarian, format_: str, place: str
) -> None:
    found = passage(name="a", format=format_, page=0, start_line=3, end_line=9, headings=())
    librarian.replies["docs.search"] = reports.SearchReport(collection="d", query="x", passages=(found,))
    assert face("docs", "search", "x").out.splitlines()[0] == f"1. {place}"


def test_code_keeps_its_lines_and_loses_the_indentation_that_all_of_them_have(face: Face, librarian: Librarian) -> None:
    text = "    def oil(self):\n        self.open()\n        return 1"
    found = (passage(text, symbol="Pump.oil"), passage("x = 1\n\ny = 2", format="code"))
    librarian.replies["docs.search"] = reports.SearchReport(collection="d", query="x", passages=found)
    out = face("docs", "search", "x").out
    assert "Pump.oil\n    def oil(self):\n        self.open()\n        return 1\n" in out
    assert "    x = 1\n\n    y = 2\n" in out.replace("    \n", "\n")


def test_the_next_step_of_an_empty_search_is_a_search(face: Face, librarian: Librarian) -> None:
    assert "sutazai docs search" in face("docs", "search", "").err
    assert 'sutazai ask "' in face("ask", "").err


def test_one_line_more_is_one_line(face: Face, librarian: Librarian) -> None:
    code = passage("\n".join("abcdefghi"), symbol="f")
    librarian.replies["docs.search"] = reports.SearchReport(collection="documents", query="w", passages=(code,))
    assert "… 1 more line\n" in face("docs", "search", "w").out


def test_a_long_passage_is_cut_unless_asked_for_in_full(face: Face, librarian: Librarian) -> None:
    long = passage("word " * 400)
    librarian.replies["docs.search"] = reports.SearchReport(collection="documents", query="w", passages=(long,))
    short, full = face("docs", "search", "w").out, face("docs", "search", "w", "--full").out
    assert short.count("word") < 200 < full.count("word") == 400
    assert "more lines" in short
    assert max(map(len, full.splitlines())) <= 104


def test_scores_are_explained(face: Face, librarian: Librarian) -> None:
    both = reports.ScoreParts(text_rank=2, text_score=7.5, vector_rank=1, vector_score=0.61, fused=0.9, reranked=0.25)
    both = both.model_copy(update={"covered": 0.643})
    one = reports.ScoreParts(text_rank=1, text_score=3, fused=0.5)
    other = reports.ScoreParts(vector_rank=1, vector_score=0.5, fused=0.5)
    found = tuple(passage(parts=each) for each in (both, one, other))
    librarian.replies["docs.search"] = reports.SearchReport(collection="documents", query="oil", passages=found)
    out = face("docs", "search", "oil", "--explain", "--mode", "text", "--where", "page>1", "--rerank").out
    assert "score 0.900 · words: rank 2 (7.50) · meaning: rank 1 (0.61) · covers 64% · fused 0.900" in out
    assert "reranked 0.250" in out
    assert "words: rank 1 (3.00) · meaning: not found" in out
    assert "words: not found · meaning: rank 1" in out
    asked = librarian.asked[0]
    assert (asked.explain, asked.mode, asked.where, asked.rerank, asked.limit) == (True, "text", "page>1", True, 8)


def test_nothing_found_is_no_failure_and_a_missing_collection_is_one(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.search"] = reports.SearchReport(collection="documents", query="zz")
    ended = face("docs", "search", "-", stdin="zz\n")
    assert (ended.code, ended.out) == (0, "Nothing was found in documents.\n")
    librarian.replies["docs.search"] = CollectionMissing("documents")
    ended = face("docs", "search", "zz")
    assert (ended.code, ended.out) == (2, "")
    assert "`sutazai docs add PATH --collection documents` makes it" in ended.err


def test_hostile_documents_steer_neither_the_terminal_nor_a_reader_of_json(face: Face, librarian: Librarian) -> None:
    evil = passage(f"{EVIL} [bold]x[/]", name=f"{EVIL}\n.pdf", headings=(EVIL,), symbol="", also_in=(EVIL,))
    librarian.replies["docs.search"] = reports.SearchReport(
        collection="documents", query="x", passages=(evil,), notes=(EVIL,)
    )
    librarian.replies["docs.list"] = reports.ListReport(collection="documents", documents=(info(f"{EVIL}\n\udc80"),))
    librarian.replies["docs.show"] = reports.ShowReport(
        collection="documents",
        document=info(EVIL, title=EVIL, tags={EVIL: EVIL}, notes=(EVIL,), language=EVIL),
        headings=(EVIL,),
    )
    librarian.replies["docs.add"] = reports.AddReport(
        collection="documents", skipped=(reports.Skip(name=EVIL, reason=EVIL),)
    )
    for arguments in (["search", "x"], ["list"], ["show", "x"], ["add", "x"]):
        for flags in ([], ["--json"]):
            out = face("docs", *arguments, *flags).out
            assert not {"\x1b", "\x07", "\u202e", "\x9b", "\udc80"} & set(out)
    assert "[bold]x[/]" in face("docs", "search", "x").out
    assert face("docs", "search", "x", "--json").json["passages"][0]["headings"] == [EVIL]


# collections, reindex, summarise, export


def test_collections_tell_their_size_and_their_embedder(face: Face, librarian: Librarian) -> None:
    state = reports.CollectionState(
        name="documents", embedder="minilm", runtime="embedded", dimensions=384, documents=1, chunks=2, size_bytes=3000
    )
    librarian.replies["docs.collections"] = reports.CollectionsReport(collections=(state,))
    expected = "documents  1 document, 2 passages, 3.0 kB  by minilm (embedded, 384 dimensions)\n"
    assert face("docs", "collections").out == expected
    assert face("docs", "collections", "--json").json["collections"][0]["chunks"] == 2


def test_a_reindexed_collection_tells_which_weights_made_its_vectors(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.reindex"] = reports.ReindexReport(
        collection="documents", embedder="bge", before="minilm", chunks=2, seconds=1
    )
    expected = "documents: vectors by bge (before: minilm), 2 passages embedded in 1.0 s\n"
    assert face("docs", "reindex").out == expected


def test_a_summary_names_its_sources_and_what_it_leaves_out(face: Face, librarian: Librarian) -> None:
    librarian.events = [Token(text="Oil it [1]."), Token(text=" Often.")]
    librarian.replies["docs.summarise"] = reports.SummaryReport(
        collection="documents",
        text="Oil it [1]. Often.",
        sources=(source(1, "oiled every 40 hours"),),
        left_out=(reports.Skip(name="b.md", reason="too long"),),
        struck=(reports.Struck(text="Burn it.", reason="no passage says so"),),
    )
    assert face("docs", "summarise", "manual.pdf", "--words", "50", "-v").out == (
        "Oil it [1]. Often.\n\nSources\n[1] manual.pdf, page 12 · Care > Oiling\n    “oiled every 40 hours”\n"
        "1 left out:\n  b.md: too long\n"
        "1 sentence was left out: the documents do not bear it out\n  Burn it. (no passage says so)\n"
    )
    assert (librarian.asked[0].document, librarian.asked[0].words) == ("manual.pdf", 50)
    assert face("docs", "summarise", "--json").json["schema"] == "sutazai.docs.summary/1"


def _exported() -> reports.ExportReport:
    passages = (
        passage("# Pump\nOil `it`", start=0, end=15),
        passage("`it` often.", start=11, end=22),
        passage("```end", start=30, end=36),
    )
    document = info("a*b.md", tags={"team": "x"})
    return reports.ExportReport(
        collection="documents",
        documents=(
            reports.ExportedDocument(document=document, passages=passages),
            reports.ExportedDocument(document=info("b.md", title="B")),
        ),
    )


def test_an_export_is_json_json_lines_or_markdown(face: Face, librarian: Librarian) -> None:
    librarian.replies["docs.export"] = _exported()
    assert face("docs", "export").json["schema"] == "sutazai.docs.export/1"
    lines = face("docs", "export", "-f", "jsonl", "a*b.md").out.splitlines()
    assert [json.loads(line)["document"]["name"] for line in lines] == ["a*b.md", "b.md"]
    assert librarian.asked[-1].documents == ("a*b.md",)
    assert face("docs", "export", "-f", "markdown", "-o", "out.md").out == ""
    text = (face.folder / "out.md").read_text(encoding="utf-8")
    assert text.startswith("# a\\*b.md\n\n- name: `a*b.md`\n")
    assert "````\n# Pump\nOil `it` often.\n\n```end\n````\n" in text
    assert "\n# B\n" in text


@pytest.mark.parametrize("command", ["list", "search x", "collections", "show a", "export"])
def test_commands_without_progress_say_nothing_on_stderr(face: Face, librarian: Librarian, command: str) -> None:
    replies: dict[str, Any] = {
        "docs.list": reports.ListReport(collection="d"),
        "docs.search": reports.SearchReport(collection="d", query="x"),
        "docs.collections": reports.CollectionsReport(),
        "docs.show": reports.ShowReport(collection="d", document=info()),
        "docs.export": reports.ExportReport(collection="d"),
    }
    librarian.replies.update(replies)
    ended = face("docs", *command.split())
    assert (ended.code, ended.err) == (0, "")


def test_every_report_is_what_the_committed_schema_says(face: Face, librarian: Librarian) -> None:
    schema = json.loads((ROOT / "docs/reference/docs.schema.json").read_text(encoding="utf-8"))
    valid = Draft202012Validator(schema)
    parts = reports.ScoreParts(text_rank=1)
    librarian.replies |= {
        "docs.search": reports.SearchReport(collection="d", query="x", passages=(passage(parts=parts),)),
        "docs.show": reports.ShowReport(collection="d", document=info(modified_at=AT), passages=(passage(),)),
        "docs.export": _exported(),
        "docs.answer": reports.AnswerReport(collection="d", question="x", found=True, sources=(source(1, "x"),)),
    }
    for arguments in (("docs", "search", "x"), ("docs", "show", "x"), ("ask", "x")):
        assert valid.is_valid(face(*arguments, "--json").json)
    assert valid.is_valid(face("docs", "export").json)
    assert not valid.is_valid({"schema": "sutazai.docs.search/1", "collection": "d"})
    assert not valid.is_valid({**face("docs", "export").json, "schema": "sutazai.docs.list/1"})


def test_lines_that_broke_where_their_page_ended_are_filled_and_lists_are_kept(
    face: Face, librarian: Librarian
) -> None:
    long = "The pump is oiled every forty hours, more often in dust,"
    text = (
        f"# Care\n{long}\nand never while it runs.\n\n- {long}\n  on Mondays\n| a | b |\nshort\nlines\n{long}\n1. one"
    )
    librarian.replies["docs.search"] = reports.SearchReport(collection="d", query="x", passages=(passage(text),))
    lines = face("docs", "search", "x", "--full").out.splitlines()[1:-1]
    assert [each.strip() for each in lines] == [
        "# Care", f"{long} and never while it runs.", f"- {long}", "on Mondays", "| a | b |", "short", "lines", long,
        "1. one",
    ]  # fmt: skip


def test_names_of_collections_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong, a person who types is not disturbed."""
    monkeypatch.setattr("sutazai.runtime.knowledge.collection_names", lambda _loaded: ["manuals", "memos", "code"])
    assert docs._collections("m") == ["manuals", "memos"]
    monkeypatch.setenv("SUTAZAI_DOCS__LIMIT", "none")
    assert docs._collections("m") == []
