"""Which generated pages there are, which of them are stale, and writing them. Owns no page's text."""

from pathlib import Path

from sutazai.review.formats.schema import render_schema
from tests.reference import commands, failures, models, rules, schemas, settings

FOLDER = "docs/reference"


def pages() -> dict[str, str]:
    """The text of every generated page, by its path in the repository."""
    return {
        f"{FOLDER}/{name}": text
        for name, text in {
            "commands.md": commands.page(),
            "settings.md": settings.page(),
            "models.md": models.page(),
            "exit-codes.md": failures.exit_codes_page(),
            "errors.md": failures.errors_page(),
            "review.schema.json": render_schema(),
            "docs.schema.json": schemas.docs_schema(),
            **rules.pages(),
        }.items()
    }


def stale(root: Path) -> dict[str, str]:
    """What is wrong with the pages under `root`: a reason by path."""
    wanted = pages()
    found = {path: reason for path, text in wanted.items() if (reason := _difference(root / path, text))}
    return found | dict.fromkeys(_orphans(root, wanted), "no rule has this page any more")


def _difference(path: Path, text: str) -> str:
    if not path.is_file():
        return "it is missing"
    written = path.read_text(encoding="utf-8")
    if written == text or (path.name == "commands.md" and commands.same_but_for_layout(written, text)):
        return ""
    return "it is not what the code says"


def _orphans(root: Path, wanted: dict[str, str]) -> list[str]:
    there = (each.relative_to(root).as_posix() for each in (root / FOLDER / "rules").glob("*.md"))
    return sorted(path for path in there if path not in wanted)


def write(root: Path) -> list[str]:
    """Brings every stale page up to date and deletes those that have no rule; gives their paths."""
    wanted = pages()
    changed = sorted(stale(root))
    for path in changed:
        if path not in wanted:
            (root / path).unlink()
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(wanted[path], encoding="utf-8", newline="\n")
    return changed
