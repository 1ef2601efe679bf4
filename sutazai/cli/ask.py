"""`sutazai ask "…"`: an answer from the documents, streamed, with numbered citations and the sources under it."""

from typing import TYPE_CHECKING, Annotated

import typer

from sutazai.cli import output
from sutazai.cli.answer_stream import answer_view
from sutazai.cli.answer_text import show_answer
from sutazai.cli.calling import as_json, call
from sutazai.cli.docs import Collection, Json, Quiet, Rerank, Where
from sutazai.cli.docs_input import question_of
from sutazai.cli.page import written
from sutazai.rag.report import AnswerReport
from sutazai.rag.request import AnswerRequest
from sutazai.review.formats.untrusted import valid_unicode
from sutazai.settings.load import load_settings

if TYPE_CHECKING:
    from sutazai.cli.page import Page

command = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@command.command()
def ask(  # noqa: PLR0913 (each parameter is a flag)
    question: Annotated[list[str], typer.Argument(metavar="QUESTION", help="The question; `-` reads stdin.")],
    *,
    collection: Collection = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, max=50, help="How many passages to answer from.")
    ] = None,
    where: Where = "",
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Only the passages that would be answered from.")
    ] = False,
    model: Annotated[str | None, typer.Option("--model", help="Model name, or path to a .gguf file.")] = None,
    runtime: Annotated[str | None, typer.Option(help="auto, ollama or embedded.")] = None,
    rerank: Rerank = None,
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what was left out, and why.")] = False,
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """Answer a question from your documents and code, with the page or line of every claim.

    What the documents do not tell is not answered: the answer then says so, and the exit code is 0 all the same
    (`--json` has `found`). Exit code 2: there is no such collection.

    **Examples**

    - `sutazai ask "how often must the pump be oiled?"`
    - `sutazai ask "where are retries limited?" --collection code --where language=python`
    - `sutazai ask "what changed in March?" --no-model`
    - `cat question.txt | sutazai ask - --json`
    """
    request = AnswerRequest(
        collection=collection,
        question=question_of(question),
        limit=limit,
        where=valid_unicode(where),
        model=not no_model,
        rerank=rerank,
    )
    loaded = load_settings({"model.name": model, "model.runtime": runtime, "offline": offline or None}, project=False)
    with answer_view(quiet=quiet, stream=not json_) as sink:
        report = call(loaded, "docs.answer", request, AnswerReport, sink)
        sink.complete(report.text)
    if json_:
        output.write(as_json(report))
        return

    def draw(page: "Page") -> None:
        show_answer(page, report, streamed=sink.text, verbose=verbose)

    written(draw)
