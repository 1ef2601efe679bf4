"""`python -P -m sutazai.cli.prepared FOLDER NAME`: the command line as a resident, ready before it is called.

Owns what is loaded ahead: everything that a review without a model needs. Loads no plugin but our own.
"""

import os
import sys
from pathlib import Path
from typing import Any, Final

# What is left out is loaded by the command that needs it, in its own process.
MODULES: Final = (
    "sutazai_agents.code_assistant",
    "sutazai.analysis.engines",
    "sutazai.analysis.patterns",
    "sutazai.analysis.ruff",
    "sutazai.analysis.secrets",
    "sutazai.analysis.taint.engine",
    "sutazai.analysis.taint.survey",
    "sutazai.cli.app",
    "sutazai.cli.report_text",
    "sutazai.cli.review",
    "sutazai.cli.session",
    "sutazai.cli.sources",
    "sutazai.review.formats.as_json",
    "sutazai.review.pipeline",
    "sutazai.runtime.opening",
    "sutazai.store.cache",
    "sutazai.store.local",
    "sutazai.workspace.files",
    "ast_grep_py",
    "asyncio",
    "concurrent.futures.thread",
    "email.parser",
    "importlib.metadata",
    "rich.console",
    "rich.live",
    "rich.progress_bar",
    "rich.table",
    "ruff",
    "tomllib",
    "tree_sitter",
    "tree_sitter_python",
)


class Prepared:
    """The command line before and during its one call in each forked process."""

    def __init__(self) -> None:
        self._command: Any = None

    def load(self) -> None:
        """Everything that commands share, and their parsers."""
        from sutazai.resident.preload import preload  # noqa: PLC0415 (loaded only when used)

        os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # as `run_face` does; a command brings its own environment
        preload(MODULES)
        self._command = _parsed_once()
        _read_tables()

    def run(self) -> int:
        """The command in `sys.argv`, as `sutazai.__main__` runs it."""
        from sutazai.cli.session import run_face  # noqa: PLC0415 (loaded ahead)

        return run_face(sys.argv[1:], self._command)


def main() -> None:
    """Serves until it is of no more use."""
    from sutazai.resident.server import serve  # noqa: PLC0415 (nothing is loaded before it is called)

    prepared = Prepared()
    serve(Path(sys.argv[1]), sys.argv[2], prepared.load, prepared.run)


def _parsed_once() -> Any:
    """The command line; the first words it parses have it build the parameters of a review."""
    from sutazai.cli.app import command  # noqa: PLC0415 (loaded only when used)

    words = ["review", "."]
    whole = command()
    with whole.make_context("sutazai", list(words), resilient_parsing=True) as context:
        name, review, rest = whole.resolve_command(context, words)
        with review.make_context(name, rest, parent=context):
            return whole


def _read_tables() -> None:
    """The rules of the engines, and which plugins are installed."""
    from sutazai.analysis.engines import ENGINES, engines  # noqa: PLC0415 (loaded only when used)
    from sutazai.analysis.ruff import ruff_program  # noqa: PLC0415
    from sutazai.runtime.registry import Registry  # noqa: PLC0415

    ruff_program()
    Registry().names()
    for each in engines(list(ENGINES)):
        len(each.rules)


if __name__ == "__main__":
    main()
