"""From what a person names to the files that are meant."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.disk.ignore import BY_GIT, FOREIGN, HIDDEN
from sutazai.reading import collecting as collecting_module
from sutazai.reading.collecting import BY_ENDING, BY_LINK, BY_PATTERN, Collecting
from sutazai.sdk.knowledge import DocumentSources

LIMIT = 1000


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("words")
    return folder


def collect(folder: Path, *paths: str, exclude: tuple[str, ...] = ()) -> DocumentSources:
    collecting = Collecting(folder, exclude, LIMIT)
    for path in paths:
        collecting.add(path)
    return collecting.found()


def names(found: DocumentSources) -> list[str]:
    return [each.name for each in found.sources]


def reasons(found: DocumentSources) -> dict[str, str]:
    return {each.path: each.reason for each in found.skipped}


def test_a_file_keeps_its_name_and_tells_size_and_time(tmp_path: Path):
    made(tmp_path, "a.txt")
    os.utime(tmp_path / "a.txt", (0, 86_400))
    (source,) = collect(tmp_path, "./a.txt").sources
    assert (source.name, source.path, source.size_bytes) == ("./a.txt", tmp_path / "a.txt", 5)
    assert source.modified_at == datetime(1970, 1, 2, tzinfo=UTC)


def test_a_folder_gives_its_documents_of_every_kind_by_name(tmp_path: Path):
    made(tmp_path, "docs/b.pdf", "docs/a/deep.docx", "docs/README", "docs/c.py", "else.txt")
    assert names(collect(tmp_path, "docs")) == ["docs/README", "docs/a/deep.docx", "docs/b.pdf", "docs/c.py"]
    assert names(collect(tmp_path, ".")) == [*names(collect(tmp_path, "docs")), "else.txt"]
    assert names(collect(tmp_path / "docs", "../docs/a")) == ["../docs/a/deep.docx"]
    assert names(collect(tmp_path, f"{tmp_path}/docs/a/")) == [f"{tmp_path}/docs/a/deep.docx"]


def test_what_is_kept_of_documents_is_none(tmp_path: Path):
    """The folder of the documents may hold our own; what is named one by one is taken."""
    made(tmp_path, "a.txt", "home/data/originals/ab/abc", "home/data/x.txt", "home/note.txt")
    own = Collecting(tmp_path, (), LIMIT, without=(tmp_path / "home" / "data", tmp_path / "nowhere"))
    for path in (".", "home/data", "home/data/originals", "home/d*/x*", "home/data/x.txt"):
        own.add(path)
    assert names(own.found()) == ["a.txt", "home/data/x.txt", "home/note.txt"]
    assert {each.path for each in own.found().skipped if each.named} == {
        "home/data", "home/data/originals", "home/d*/x*",
    }  # fmt: skip
    assert own.found().ignored_count == 2


def test_what_nobody_wrote_for_readers_is_left_out_and_counted(tmp_path: Path):
    made(tmp_path, ".git/config", ".hidden/x.txt", ".env", "node_modules/a/README.md", "logo.png", "key.pem", "a.txt")
    found = collect(tmp_path, ".")
    assert names(found) == ["a.txt"]
    assert found.ignored_count == 6
    assert found.skipped == ()


def test_what_is_left_out_is_named_with_the_list_that_did_it(tmp_path: Path):
    """So that nobody looks for a rule in a `.gitignore` that is not there."""
    made(tmp_path, "d/a.txt", "d/junk.bin", "d/build/b.txt", "d/.env", "d/c.log", "d/sub/e.tmp", "d/old.md")
    (tmp_path / "d/.gitignore").write_text("*.log\nsub/\n")
    (tmp_path / "d/link.txt").symlink_to("a.txt")
    found = collect(tmp_path, "d", exclude=("old.*",))
    assert {each.reason: (each.count, each.names) for each in found.ignored} == {
        BY_ENDING: (1, ("d/junk.bin",)),
        FOREIGN: (1, ("d/build/",)),
        HIDDEN: (2, ("d/.env", "d/.gitignore")),
        BY_GIT: (2, ("d/c.log", "d/sub/")),
        BY_PATTERN: (1, ("d/old.md",)),
        BY_LINK: (1, ("d/link.txt",)),
    }
    assert found.ignored_count == 8


def test_what_a_person_names_is_taken_though_a_folder_would_leave_it_out(tmp_path: Path):
    made(tmp_path, ".hidden/x.txt", "logo.png")
    assert names(collect(tmp_path, ".hidden/x.txt", "logo.png", ".hidden")) == [".hidden/x.txt", "logo.png"]


def test_rules_of_git_hold_from_the_repository_down(tmp_path: Path):
    made(tmp_path, ".git/HEAD", "docs/a.txt", "docs/draft.txt", "docs/sub/a.log", "docs/sub/b.txt")
    (tmp_path / ".gitignore").write_text("draft*\n")
    (tmp_path / "docs/sub/.gitignore").write_text("*.log\n")
    assert names(collect(tmp_path, "docs")) == ["docs/a.txt", "docs/sub/b.txt"]


def test_excluded_patterns_leave_out_by_name(tmp_path: Path):
    made(tmp_path, "docs/a.txt", "docs/old/b.txt", "c.tmp")
    found = collect(tmp_path, ".", "c.tmp", exclude=("old/", "*.tmp"))
    assert names(found) == ["docs/a.txt"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.md", ["a.md"]),
        ("docs/*.md", ["docs/b.md"]),
        ("**/*.md", ["a.md", "docs/b.md", "docs/deep/c.md"]),
        ("docs/**/c.md", ["docs/deep/c.md"]),
        ("docs/[a-c].md", ["docs/b.md"]),
        ("docs/d*", ["docs/deep/c.md"]),
        ("../here/*.md", ["../here/a.md"]),
    ],
)
def test_globs_stand_for_the_files_that_match(tmp_path: Path, pattern: str, expected: list[str]):
    here = made(tmp_path / "here", "a.md", "docs/b.md", "docs/deep/c.md", "other.txt", ".hidden.md")
    assert names(collect(here, pattern)) == expected


def test_a_glob_of_nothing_is_told(tmp_path: Path):
    made(tmp_path, "a.txt")
    found = collect(tmp_path, "*.pdf", "nowhere/*.txt")
    assert reasons(found) == {"*.pdf": "nothing matches it", "nowhere/*.txt": "nothing matches it"}
    assert all(each.named for each in found.skipped)


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path: Path):
    made(tmp_path, "notes [1].txt")
    assert names(collect(tmp_path, "notes [1].txt")) == ["notes [1].txt"]


def test_one_file_by_two_names_is_one_document(tmp_path: Path):
    made(tmp_path, "docs/a.txt")
    (tmp_path / "link.txt").symlink_to("docs/a.txt")
    assert names(collect(tmp_path, "docs", "docs/a.txt", "docs/../docs/a.txt", "link.txt")) == ["docs/a.txt"]


def test_links_in_a_folder_lead_nowhere_else(tmp_path: Path):
    made(tmp_path, "docs/a.txt", "secret.txt", "far/b.txt")
    for name, target in (
        ("same", "a.txt"),
        ("out.txt", "../secret.txt"),
        ("loop", "loop"),
        ("gone", "nothing"),
        ("up", ".."),
        ("folder", "../far"),
    ):
        (tmp_path / "docs" / name).symlink_to(target)
    found = collect(tmp_path, "docs")
    assert names(found) == ["docs/a.txt"]
    assert set(reasons(found)) == {"docs/out.txt", "docs/loop", "docs/gone", "docs/up", "docs/folder"}
    assert "loop" in reasons(found)["docs/loop"]
    assert not any(each.named for each in found.skipped)


def test_a_named_link_is_followed(tmp_path: Path):
    made(tmp_path, "far/b.txt")
    (tmp_path / "here").symlink_to("far")
    assert names(collect(tmp_path, "here")) == ["here/b.txt"]


def test_what_is_missing_is_skipped_by_name_and_the_rest_taken(tmp_path: Path):
    made(tmp_path, "a.txt")
    (tmp_path / "empty").mkdir()
    found = collect(tmp_path, "a.txt", "gone.txt", "empty", "nul\0l", "a.txt/below")
    assert names(found) == ["a.txt"]
    assert set(reasons(found)) == {"gone.txt", "empty", "nul\0l", "a.txt/below"}
    assert reasons(found)["empty"] == "there is no document in it"
    assert all(each.named for each in found.skipped)


def test_special_and_large_files_in_a_folder_are_skipped_with_reasons(tmp_path: Path):
    made(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large.txt").write_bytes(b"x" * (LIMIT + 1))
    found = collect(tmp_path, ".")
    assert names(found) == ["a.txt"]
    assert reasons(found) == {"pipe": "it is a pipe", "large.txt": "larger than 1000 bytes"}
    assert not any(each.named for each in found.skipped)


def test_odd_names_are_kept_and_undecodable_ones_skipped(tmp_path: Path):
    made(tmp_path, "line\nend.txt", " blank .txt", "dots..txt")
    (tmp_path / os.fsdecode(b"bytes\xff.txt")).write_text("words")
    found = collect(tmp_path, ".")
    assert names(found) == [" blank .txt", "dots..txt", "line\nend.txt"]
    assert list(reasons(found).values()) == ["its name is not valid Unicode"]
    found.skipped[0].path.encode()


def test_a_file_that_vanishes_while_it_is_listed_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made(tmp_path, "a.txt", "b.txt")
    taken = Collecting._take

    def take(self: Collecting, name: str, path: Path, *, named: bool = False) -> None:
        path.unlink()
        taken(self, name, path, named=named)

    monkeypatch.setattr(Collecting, "_take", take)
    assert set(reasons(collect(tmp_path, ".")).values()) == {"it does not exist"}


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_ENTRIES"])
def test_a_folder_of_too_many_files_is_refused_as_a_whole(tmp_path: Path, limit: str, monkeypatch: pytest.MonkeyPatch):
    made(tmp_path, *(f"many/{each}.txt" for each in range(5)), "few/a.txt")
    monkeypatch.setattr(collecting_module, limit, 4)
    found = collect(tmp_path, "many", "few")
    assert names(found) == ["few/a.txt"]
    assert "add its folders one by one" in reasons(found)["many"]
    assert found.skipped[0].named


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every folder")
def test_a_closed_folder_is_told(tmp_path: Path):
    made(tmp_path, "docs/closed/a.txt", "docs/b.txt")
    (tmp_path / "docs/closed").chmod(0)
    found = collect(tmp_path, "docs", "docs/closed")
    (tmp_path / "docs/closed").chmod(0o700)
    assert names(found) == ["docs/b.txt"]
    assert reasons(found) == {"docs/closed": "the folder cannot be opened"}


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="/"), max_size=30).filter(lambda text: text != ".."))
def test_any_text_names_something_or_is_skipped(text: str):
    found = collect(Path(__file__).parent, text)
    assert found.sources or found.skipped
    assert all(each.reason for each in found.skipped)
