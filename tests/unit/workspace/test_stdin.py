"""Standard input: source text under a name, or a diff over files on disk."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.errors import ExitCode
from sutazai.errors.files import TargetUnreadable
from sutazai.errors.workspace import BrokenDiff, NothingReadable
from sutazai.sdk.source import Collection, LineRange, Selection
from sutazai.workspace.diffs import lines_before
from sutazai.workspace.files import FileWorkspace
from sutazai.workspace.stdin import guess_language, name_of


async def collect(cwd: Path, text: str, **more) -> Collection:
    return await FileWorkspace(cwd).collect(Selection(stdin=text, **more))


def reasons(found: Collection) -> dict[str, str]:
    return {each.path: each.reason for each in found.skipped}


async def test_source_text_gets_the_name_and_language_it_is_given(repo: Path):
    """The name is told from the root; nothing of that name need be there."""
    (file,) = (await collect(repo, "\ufeffx = 1\r\n", stdin_filename="sub/test_a.py")).files
    assert (file.path, file.text, file.language) == ("sub/test_a.py", "x = 1\r\n", "python")
    assert (file.disk_path, file.changed, file.is_test) == (None, None, True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("#!/bin/sh\nls\n", "bash"),
        ("import os\n\ndef f(a):\n    if a:\n        return 1\n", "python"),
        ("package main\n\nfunc main() {\n\tx := 1\n}\n", "go"),
        ("use std::io;\nfn main() {\n    let x = 1;\n}\n", "rust"),
        ("import java.util.List;\npublic class A {\n  public void f(int x) {}\n}\n", "java"),
        ("#include <a.h>\nint main() {}\n", "c"),
        ("const a = require('x');\nfunction f() {}\n", "javascript"),
        ("require 'a'\ndef f(x)\n  1\nend\n", "ruby"),
        ("select * from users\n", "sql"),
        ("plain words\n", ""),
    ],
)
async def test_nameless_text_tells_its_language_by_content(text: str, language: str, tmp_path: Path):
    """By its first line, else by lines that hardly any other language has."""
    (file,) = (await collect(tmp_path, text)).files
    assert (file.path, file.language) == ("stdin", language)


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("a.py", "sub/a.py"),
        ("../a.py", "a.py"),
        ("../../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("", "sub/stdin"),
        (".", "sub"),
        ("..", "stdin"),
    ],
)
def test_a_name_never_leaves_the_root(given_name: str, expected: str):
    """Whatever a caller says."""
    assert name_of(given_name, Path("/p"), Path("/p/sub")) == expected


@given(st.text(max_size=40))
def test_any_name_gives_a_relative_path(given_name: str):
    """No face has to check it again."""
    path = Path(name_of(given_name, Path("/p"), Path("/p/sub")))
    assert not path.is_absolute()
    assert ".." not in path.parts


@settings(max_examples=50)
@given(st.text())
def test_guessing_takes_any_text(text: str):
    """Free-form input."""
    assert isinstance(guess_language(text), str)


async def test_empty_input_is_nothing_to_review(tmp_path: Path):
    """`git diff | sutazai review -` without a change must pass."""
    for kind in ("auto", "source", "diff"):
        assert (await collect(tmp_path, " \n", stdin_kind=kind)).files == ()
    (file,) = (await collect(tmp_path, "", stdin_filename="a.py")).files
    assert file.text == ""


@pytest.mark.parametrize(("text", "reason"), [("x\0", "binary"), ("#" * 1001, "larger than 1000 bytes")])
async def test_input_that_cannot_be_reviewed_is_a_clear_error(text: str, reason: str, tmp_path: Path):
    """Exit code 4, as for a file."""
    with pytest.raises(TargetUnreadable, match=reason) as caught:
        await collect(tmp_path, text, max_file_bytes=1000)
    assert caught.value.exit_code == ExitCode.TARGET


DIFF = """diff --git a/sub/a.py b/sub/a.py
--- a/sub/a.py
+++ b/sub/a.py
@@ -1,3 +1,3 @@
 one
-two
+TWO
 three
"""


def project(root: Path, text: str = "one\nTWO\nthree\n") -> Path:
    (root / "sub").mkdir(exist_ok=True)
    (root / "sub/a.py").write_text(text)
    return root


@pytest.mark.parametrize("folder", [".", "sub"])
async def test_a_diff_names_files_from_the_top(folder: str, repo: Path):
    """Git tells paths so, wherever it was called."""
    found = await collect(project(repo) / folder, "\n" + DIFF)
    (file,) = found.files
    assert (file.path, file.text, file.disk_path) == ("sub/a.py", "one\nTWO\nthree\n", repo / "sub/a.py")
    assert [(each.start, each.end) for each in file.changed or ()] == [(2, 2)]


@pytest.mark.parametrize(
    "change", [("a/sub", "sub"), ("b/sub", "sub")], ids=["no prefix on the old side", "no prefix on the new side"]
)
async def test_a_diff_without_prefixes_is_understood(change: tuple[str, str], repo: Path):
    """`diff -u` and `git diff --no-prefix` write paths as they are."""
    text = "".join(DIFF.splitlines(keepends=True)[1:])
    assert len((await collect(project(repo), text.replace(*change))).files) == 1


async def test_a_folder_named_like_a_prefix_is_found(repo: Path):
    """`b/x.py` may be just that."""
    (repo / "b").mkdir()
    (repo / "b/x.py").write_text("new\n")
    (file,) = (await collect(repo, "--- b/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n+new\n")).files
    assert file.path == "b/x.py"


async def test_crlf_files_fit_their_diff(repo: Path):
    """The carriage return is part of the line end, not of the line."""
    text = DIFF.replace("one\n", "one\r\n").replace("TWO\n", "TWO\r\n").replace("three\n", "three\r\n")
    project(repo)
    (repo / "sub/a.py").write_bytes(b"one\r\nTWO\r\nthree\r\n")
    assert len((await collect(repo, text)).files) == 1
    assert len((await collect(repo, DIFF)).files) == 1


async def test_a_file_that_is_not_the_new_side_is_listed(repo: Path):
    """Reviewing other lines than the diff's would be a lie."""
    project(repo, "one\ntwo\nthree\n")
    with pytest.raises(NothingReadable, match="does not match the diff"):
        await collect(repo, DIFF)


async def test_a_file_that_is_not_there_is_listed(repo: Path):
    """The rest of the diff is reviewed."""
    other = DIFF.replace("sub/a.py", "sub/gone.py")
    found = await collect(project(repo), DIFF + other)
    assert [each.path for each in found.files] == ["sub/a.py"]
    assert reasons(found) == {"sub/gone.py": "the diff names it, but it is not there"}
    with pytest.raises(NothingReadable):
        await collect(repo, other)


@pytest.mark.parametrize("path", ["../outside.py", "/etc/passwd", "sub/../../outside.py"])
async def test_a_diff_reads_nothing_outside_the_root(path: str, repo: Path):
    """Its author may be anybody."""
    (repo.parent / "outside.py").write_text("one\nTWO\nthree\n")
    with pytest.raises(NothingReadable, match="outside the project"):
        await collect(repo, DIFF.replace("a/sub/a.py", path).replace("b/sub/a.py", path).split("\n", 1)[1])


async def test_a_diff_does_not_follow_a_link_out_of_the_root(repo: Path):
    """A link in the tree is the author's as well."""
    (repo.parent / "out").mkdir()
    (repo.parent / "out/a.py").write_text("one\nTWO\nthree\n")
    (repo / "sub").symlink_to(repo.parent / "out")
    with pytest.raises(NothingReadable, match="leads out"):
        await collect(repo, DIFF)


async def test_renames_deletions_modes_and_binaries_are_told_apart(repo: Path):
    """Only lines that changed are reviewed; a binary is listed, since nobody looked."""
    project(repo)
    (repo / "sub/n w.py").write_text("x\n")
    text = (
        "diff --git a/o.py b/sub/n w.py\nsimilarity index 100%\nrename from o.py\nrename to sub/n w.py\n"
        "diff --git a/gone.py b/gone.py\ndeleted file mode 100644\n--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        "diff --git a/mode.py b/mode.py\nold mode 100644\nnew mode 100755\n"
        "diff --git a/pic.py b/pic.py\nindex 1..2 100644\nBinary files a/pic.py and b/pic.py differ\n"
        "diff --git a/empty.py b/empty.py\nnew file mode 100644\nindex 0000000..e69de29\n"
    )
    found = await collect(repo, text + DIFF)
    assert [each.path for each in found.files] == ["sub/a.py"]
    assert reasons(found) == {"pic.py": "binary file"}
    assert found.ignored_count == 4


@pytest.mark.parametrize(
    "hunk", ["@@ -2 +1,0 @@\n-two\n", "@@ -1,3 +1,2 @@\n one\n-two\n three\n"], ids=["without context", "with context"]
)
async def test_a_deletion_in_a_diff_marks_the_lines_around_the_gap(hunk: str, repo: Path):
    """The same lines, however much context the diff has."""
    project(repo, "one\nthree\n")
    (file,) = (await collect(repo, f"--- a/sub/a.py\n+++ b/sub/a.py\n{hunk}")).files
    assert [(each.start, each.end) for each in file.changed or ()] == [(1, 2)]


async def test_a_new_file_a_missing_line_end_and_a_quoted_name(repo: Path):
    """As git writes them."""
    (repo / "é\t.py").write_text("new")
    text = (
        'diff --git "a/\\303\\251\\t.py" "b/\\303\\251\\t.py"\nnew file mode 100644\n--- /dev/null\n'
        '+++ "b/\\303\\251\\t.py"\n@@ -0,0 +1 @@\n+new\n\\ No newline at end of file\n'
    )
    (file,) = (await collect(repo, text)).files
    assert (file.path, [(each.start, each.end) for each in file.changed or ()]) == ("é\t.py", [(1, 1)])


@pytest.mark.parametrize(
    "text",
    [
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n",
        "--- a/x\nwhat\n@@ nonsense\n",
        "diff --git a/x b/x\n@@ nonsense\n",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n@@ nonsense\n+c\n",
        "--- a/x\n+++ b/x\n@@@ -1 -1 +1,2 @@@\n  a\n++b\n",
        "@@ -1 +1 @@\n-a\n+b\n",
        "Index: x\nwords and words\n",
        "new file mode 100644\n",
        "+++ b/x\n",
        "just words\n",
    ],
)
async def test_a_broken_diff_is_a_usage_error(text: str, tmp_path: Path):
    """Cut off, damaged, or none at all."""
    with pytest.raises(BrokenDiff, match="not a usable unified diff") as caught:
        await collect(tmp_path, text, stdin_kind="diff")
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("head", ["diff --cc x.py", "diff --combined x.py"])
async def test_the_combined_diff_of_a_merge_is_refused_and_not_taken_for_source(head: str, tmp_path: Path):
    """Else the changes of a merge would pass as a file without findings."""
    diff = f"{head}\n--- a/x.py\n+++ b/x.py\n@@@ -1 -1 +1,2 @@@\n  a = 1\n++b = 2\n"
    with pytest.raises(BrokenDiff, match="combined diff of a merge"):
        await collect(tmp_path, diff)


@pytest.mark.parametrize(
    "head",
    [
        f"commit {'ab' * 20}\nAuthor: A <a@b>\n\n    Say b\n\n",
        f"From {'ab' * 20} Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: [PATCH] Say b\n\n---\n x.py | 1 +\n\n",
    ],
)
async def test_a_commit_with_its_diff_is_a_diff(head: str, tmp_path: Path):
    """As `git show` and `git format-patch` print it."""
    (tmp_path / "x.py").write_text("a = 1\nb = 2\n", encoding="utf-8")
    diff = f"{head}diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a = 1\n+b = 2\n"
    collection = await collect(tmp_path, diff)
    assert [(each.path, each.changed) for each in collection.files] == [("x.py", (LineRange(2, 2),))]


async def test_source_that_begins_like_a_commit_stays_source(tmp_path: Path):
    """No diff follows."""
    collection = await collect(tmp_path, f"commit {'ab' * 20}\nimport os\n")
    assert [each.path for each in collection.files] == ["stdin"]


async def test_the_kind_decides_in_doubt(tmp_path: Path):
    """SQL comments look like a diff."""
    (file,) = (await collect(tmp_path, "--- note\nSELECT 1\n", stdin_kind="source")).files
    assert file.language == "sql"


OLD_NEW = st.tuples(
    *[st.lists(st.sampled_from(["a", "b", "c", "", "@@ -1 +1 @@", "--- a/x", "é\x0c"]), max_size=12)] * 2
)


@settings(max_examples=25, deadline=None)
@given(OLD_NEW, st.sampled_from(["-U0", "-U1", "-U3"]), st.booleans())
def test_every_diff_that_git_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, sides: tuple[list[str], list[str]], context: str, line_end: bool
):
    """Lines that were added are changed lines, and no changed line lies outside of the file."""
    import asyncio  # noqa: PLC0415 (hypothesis cannot call async tests)

    root = tmp_path_factory.mktemp("diff")
    texts = ["\n".join(side) + ("\n" if line_end and side else "") for side in sides]
    for name, text in zip(("old.py", "new.py"), texts, strict=True):
        (root / name).write_text(text)
    done = subprocess.run(
        ["git", "diff", "--no-index", context, "old.py", "new.py"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    found = asyncio.run(collect(root, done.stdout, stdin_kind="diff"))
    assert found.skipped == ()
    for file in found.files:
        assert file.text == texts[1]
        last = len(texts[1].removesuffix("\n").split("\n"))
        changed = {line for each in file.changed or () for line in range(each.start, each.end + 1)}
        assert changed <= set(range(1, last + 1))
        assert changed >= added_lines(done.stdout)
        assert file.before == replaced_lines(done.stdout)
        if context == "-U0":
            assert lines_before(done.stdout) == file.before


def replaced_lines(diff: str) -> dict[int, str]:
    """What stood where as many lines were put in as were taken out, counted without any parser of ours."""
    before: dict[int, str] = {}
    at, old, new = 0, list[str](), list[int]()
    for line in [*diff.removesuffix("\n").split("\n")[4:], "@@ end +0,0 @@"]:
        if line.startswith("-"):
            old.append(line[1:])
        elif line.startswith("+"):
            new.append(at)
            at += 1
        elif not line.startswith("\\"):
            if len(old) == len(new):
                before |= dict(zip(new, old, strict=True))
            old, new = [], []
            at = int(line.split("+")[1].split(" ")[0].split(",")[0]) if line.startswith("@@ ") else at + 1
    return before


def added_lines(diff: str) -> set[int]:
    """The numbers of added lines, counted without any parser of ours."""
    added, at = set(), 0
    for line in diff.split("\n")[4:]:
        if line.startswith("@@ "):
            at = int(line.split("+")[1].split(" ")[0].split(",")[0])
        elif line.startswith("+"):
            added.add(at)
            at += 1
        elif line.startswith(" "):
            at += 1
    return added


@settings(max_examples=100)
@given(
    st.text(st.sampled_from('+-@ ,01ab/\n\\\r"d'), max_size=80),
    st.sampled_from(["", "diff --git a/x b/x\n", "--- x\n+++ x\n"]),
)
def test_any_text_is_a_diff_or_a_clear_error(text: str, start: str):
    """Never another exception."""
    from sutazai.workspace.diffs import parse_diff  # noqa: PLC0415 (only here)

    try:
        for file in parse_diff(start + text):
            assert all(1 <= each.start <= each.end for each in file.changed)
    except BrokenDiff:
        pass
