"""`sutazai docs`: documents in, found, shown, exported and out again."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from sutazai.cli import docs_text, output
from sutazai.cli.answer_stream import answer_view
from sutazai.cli.answer_text import show_summary
from sutazai.cli.calling import as_json, call
from sutazai.cli.docs_input import added_from, question_of, sure, tags_of
from sutazai.cli.live import view, warnings_only
from sutazai.cli.page import written
from sutazai.errors.base import SutazAIError
from sutazai.errors.usage import UsageError
from sutazai.rag import report as reports
from sutazai.rag import request as requests
from sutazai.review.formats.untrusted import valid_unicode
from sutazai.settings.load import load_settings

if TYPE_CHECKING:
    from pydantic import BaseModel

    from sutazai.cli.page import Page

command = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
Mode = Literal["hybrid", "text", "vector"]
Format = Literal["json", "jsonl", "markdown"]
MOST_PASSAGES: Final = 100


def _collections(incomplete: str) -> list[str]:
    """The names that what is being typed may become. Nothing may be said on a terminal that is being typed at."""
    from sutazai.runtime.knowledge import collection_names  # noqa: PLC0415 (loaded only when used)

    try:
        names = collection_names(load_settings(project=False))
    except (SutazAIError, OSError):
        return []
    return [each for each in names if each.startswith(incomplete)]


Collection = Annotated[
    str | None,
    typer.Option(
        "--collection",
        "-c",
        metavar="NAME",
        help="The collection; the configured one by default.",
        autocompletion=_collections,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="The report as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, warnings only.")]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=1, max=MOST_PASSAGES, help="How many passages.")]
Where = Annotated[
    str, typer.Option("--where", "--filter", metavar="FILTER", help="For example `format=pdf and page>=3`.")
]
Rerank = Annotated[
    bool | None, typer.Option("--rerank/--no-rerank", help="Weigh passages anew with the configured cross-encoder.")
]


@command.callback()
def docs() -> None:
    """Add documents and code, search them, show, export and remove them.

    **Examples**: `sutazai docs add manuals/`, `sutazai docs search "oil change"`, `sutazai docs list`
    """


@command.command()
def add(  # noqa: PLR0913 (each parameter is a flag)
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Files, folders and globs; `-` reads stdin.")],
    *,
    collection: Collection = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="Remember this of each document; repeatable.")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="A gitignore pattern to leave out; repeatable.")] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents of these folders whose file is gone.")
    ] = False,
    stdin_name: Annotated[str, typer.Option(metavar="NAME", help="The name of text read from stdin.")] = "stdin",
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Name each document once it is stored, and all left out.")
    ] = False,
    quiet: Quiet = False,
    json_: Json = False,
) -> int:
    """Add documents and code: what did not change is left alone, what changed is replaced.

    PDF, Word, PowerPoint, Excel, OpenDocument, RTF, EPUB, HTML, Markdown, text, e-mail, notebooks and source code, by
    content. A folder is taken without what `.gitignore` leaves out. Exit code 4: something named could not be read.

    Documents are stored as they are read: what `--verbose` has named stays, however the call ends, and the next call
    goes on from there.

    **Examples**

    - `sutazai docs add manual.pdf notes/ --tag team=search`
    - `sutazai docs add 'reports/**/*.docx' --collection reports`
    - `sutazai docs add src/ --prune` — code, by function; files that are gone leave
    - `man tar | sutazai docs add - --stdin-name tar.txt`
    """
    loaded = load_settings({"offline": offline or None}, project=False)
    request = requests.AddRequest(
        **added_from(paths, loaded.settings.docs.max_file_bytes),
        collection=collection,
        stdin_name=valid_unicode(stdin_name),
        tags=tags_of(tag or ()),
        exclude=(*loaded.settings.docs.exclude, *exclude) if exclude else None,
        prune=prune,
    )
    with view(quiet=quiet, verbose=verbose) as sink:
        report = call(loaded, "docs.add", request, reports.AddReport, sink)
    _show(report, lambda page: docs_text.show_added(page, report, verbose=verbose), as_data=json_)
    return report.outcome()


@command.command("list")
def list_(
    *,
    collection: Collection = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="At most so many; 0: all.")] = 0,
    offset: Annotated[int, typer.Option(min=0, help="Leave out so many first.")] = 0,
    json_: Json = False,
) -> None:
    """List the documents of a collection by name.

    **Example**: `sutazai docs list --collection reports`
    """
    request = requests.ListRequest(collection=collection, limit=limit, offset=offset)
    report = call(load_settings(project=False), "docs.list", request, reports.ListReport, warnings_only)
    _show(report, lambda page: docs_text.show_list(page, report), as_data=json_)


@command.command()
def show(
    document: Annotated[str, typer.Argument(metavar="ID", help="An id, the beginning of one, or a name.")],
    *,
    collection: Collection = None,
    passages: Annotated[bool, typer.Option("--passages", help="Print its passages too.")] = False,
    json_: Json = False,
) -> None:
    """Show what is known of a document: source, length, headings, tags.

    **Example**: `sutazai docs show manual.pdf --passages`
    """
    request = requests.ShowRequest(collection=collection, document=document)
    report = call(load_settings(project=False), "docs.show", request, reports.ShowReport, warnings_only)
    _show(report, lambda page: docs_text.show_document(page, report, passages=passages), as_data=json_)


@command.command()
def remove(
    documents: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Ids, beginnings of ids, or names.")
    ] = None,
    *,
    collection: Collection = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove the whole collection.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json_: Json = False,
) -> None:
    """Remove documents, or a whole collection. The files that they were read from stay.

    **Examples**: `sutazai docs remove manual.pdf`, `sutazai docs remove --all --collection reports --yes`
    """
    if bool(documents) == everything:
        raise UsageError("say what to remove: documents, or --all", hint="`sutazai docs list` shows the documents")
    loaded = load_settings(project=False)
    what = f"this removes the whole collection {collection or loaded.settings.docs.collection!r}"
    if everything and not sure(what, yes=yes):
        return
    request = requests.RemoveRequest(collection=collection, documents=tuple(documents or ()), everything=everything)
    report = call(loaded, "docs.remove", request, reports.RemoveReport, warnings_only)
    _show(report, lambda page: docs_text.show_removed(page, report), as_data=json_)


@command.command()
def search(  # noqa: PLR0913 (each parameter is a flag)
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="What to look for; `-` reads stdin.")],
    *,
    collection: Collection = None,
    limit: Limit = None,
    where: Where = "",
    mode: Annotated[Mode, typer.Option(help="By words and meaning, by words, or by meaning.")] = "hybrid",
    rerank: Rerank = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say how each score came about.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Print passages whole.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing.")] = False,
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """Find passages by words and by meaning, best first.

    **Examples**

    - `sutazai docs search "how is the pump oiled"`
    - `sutazai docs search torque --where 'format=pdf and page>=3' --explain`
    - `sutazai docs search "retry with backoff" --where 'language=python' --json`
    """
    request = requests.SearchRequest(
        collection=collection,
        query=question_of(query, "docs search"),
        limit=limit,
        where=valid_unicode(where),
        mode=mode,
        rerank=rerank,
        explain=explain,
    )
    loaded = load_settings({"offline": offline or None}, project=False)
    with view(quiet=quiet, verbose=False) as sink:
        report = call(loaded, "docs.search", request, reports.SearchReport, sink)
    _show(report, lambda page: docs_text.show_found(page, report, full=full), as_data=json_)


@command.command()
def summarise(
    document: Annotated[str, typer.Argument(metavar="ID", help="An id or name; empty: the whole collection.")] = "",
    *,
    collection: Collection = None,
    words: Annotated[int, typer.Option(min=30, max=2000, help="About how long.")] = 200,
    model: Annotated[str | None, typer.Option("--model", help="Model name, or path to a .gguf file.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what was left out, and why.")] = False,
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """Summarise a document or a collection with a local model; every sentence names its source.

    **Example**: `sutazai docs summarise manual.pdf --words 300`
    """
    request = requests.SummariseRequest(collection=collection, document=document, words=words)
    loaded = load_settings({"model.name": model}, project=False)
    with answer_view(quiet=quiet, stream=not json_) as sink:
        report = call(loaded, "docs.summarise", request, reports.SummaryReport, sink)
        sink.complete(report.text)
    _show(
        report,
        lambda page: show_summary(page, report, streamed=sink.text, verbose=verbose),
        as_data=json_,
    )


@command.command()
def reindex(*, collection: Collection = None, quiet: Quiet = False, json_: Json = False) -> None:
    """Make the vectors of a collection anew with the configured embedder; it can be searched meanwhile.

    Stopped, it goes on where it was when called again.

    **Example**: `sutazai docs reindex --collection reports`
    """
    request = requests.ReindexRequest(collection=collection)
    with view(quiet=quiet, verbose=False) as sink:
        report = call(load_settings(project=False), "docs.reindex", request, reports.ReindexReport, sink)
    _show(report, lambda page: docs_text.show_reindexed(page, report), as_data=json_)


@command.command()
def collections(*, json_: Json = False) -> None:
    """List the collections: documents, passages, size, and which weights made their vectors.

    **Example**: `sutazai docs collections`
    """
    request = requests.CollectionsRequest()
    report = call(load_settings(project=False), "docs.collections", request, reports.CollectionsReport, warnings_only)
    _show(report, lambda page: docs_text.show_collections(page, report), as_data=json_)


@command.command()
def export(
    documents: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids or names; all if none.")] = None,
    *,
    collection: Collection = None,
    format_: Annotated[Format, typer.Option("--format", "-f", help="json, jsonl (one a line) or markdown.")] = "json",
    output_file: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Write it here.")] = "",
) -> None:
    """Export documents with their text and passages.

    **Examples**: `sutazai docs export --format markdown -o manual.md manual.pdf`, `sutazai docs export -f jsonl`
    """
    from sutazai.cli.docs_export import EXPORTS  # noqa: PLC0415 (loaded only when used)

    if output_file:
        output.check(output_file)
    request = requests.ExportRequest(collection=collection, documents=tuple(documents or ()))
    report = call(load_settings(project=False), "docs.export", request, reports.ExportReport, warnings_only)
    output.write(EXPORTS[format_](report), file=output_file)


def _show(report: "BaseModel", draw: Callable[["Page"], None], *, as_data: bool) -> None:
    if as_data:
        output.write(as_json(report))
    else:
        written(draw)
