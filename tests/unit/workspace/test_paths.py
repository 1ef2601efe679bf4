"""Collecting named files and folders: what is taken, what is listed, what is only counted."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from sutazai.errors import ExitCode
from sutazai.errors.files import TargetError, TargetMissing, TargetUnreadable
from sutazai.errors.workspace import NothingReadable, SelectionConflict
from sutazai.sdk.source import Collection, Selection
from sutazai.workspace import git as git_module
from sutazai.workspace.files import FileWorkspace


async def collect(cwd: Path, *paths: str, **more) -> Collection:
    return await FileWorkspace(cwd).collect(Selection(paths=paths, **more))


def paths(found: Collection) -> list[str]:
    return [each.path for each in found.files]


def skipped(found: Collection) -> dict[str, tuple[str, bool]]:
    return {each.path: (each.reason, each.named) for each in found.skipped}


def fill(root: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        write(root, name.replace("__", "/").replace("_py", ".py"), content)


def write(root: Path, name: str, content: str | bytes = "x = 1\n") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if any process is started."""

    async def refuse(*_: object, **__: object) -> None:
        raise AssertionError("git was started")

    monkeypatch.setattr(git_module, "run", refuse)


@pytest.mark.usefixtures("no_git")
async def test_a_named_file_costs_no_process(repo: Path):
    """The repository is found by looking for `.git` upwards; the root is the repository, not the folder."""
    write(repo, "src/a.py", "x = 'é'\r\n")
    found = await collect(repo / "src", "a.py")
    (file,) = found.files
    assert (found.root, file.path, file.text, file.language) == (repo, "src/a.py", "x = 'é'\r\n", "python")
    assert (file.disk_path, file.changed, file.is_test) == (repo / "src/a.py", None, False)


@pytest.mark.usefixtures("no_git")
async def test_outside_a_repository_the_root_is_the_current_folder_or_the_common_parent(tmp_path: Path):
    """Paths stay as short as they can be."""
    for name in ("here/sub/a.py", "there/b.py"):
        write(tmp_path, name)
    assert paths(await collect(tmp_path / "here", "sub/a.py")) == ["sub/a.py"]
    both = await collect(tmp_path / "here", "sub/a.py", "../there/b.py")
    assert (both.root, paths(both)) == (tmp_path, ["here/sub/a.py", "there/b.py"])


async def test_a_folder_of_a_repository_is_listed_by_git(repo: Path, git):
    """Ignore rules of every kind count; untracked files are part of the folder, deleted ones are not."""
    for name in ("a.py", "sub/b.py", "sub/c.log", "gone.py", "out/d.py", "-n.py", 'wei rd\n"é.py', "e.secret.py"):
        write(repo, name)
    write(repo, ".gitignore", "out/\n*.secret.py\n")
    git("add", "--", "a.py", "gone.py")
    (repo / "gone.py").unlink()
    found = await collect(repo)
    assert paths(found) == ["-n.py", "a.py", "sub/b.py", 'wei rd\n"é.py']
    assert found.skipped == ()
    assert paths(await collect(repo / "sub", "..")) == paths(found)
    assert paths(await collect(repo, "sub")) == ["sub/b.py"]


NESTED = {
    ".gitignore": "*.log.py\n/top.py\nout/\n!keep.log.py\ndeep/**/x.py\n[broken\n",
    "a.py": "", "a.log.py": "", "keep.log.py": "", "top.py": "", "sub/top.py": "", "out/o.py": "", "deep/1/2/x.py": "",
    "sub/.gitignore": "!again.log.py\nb.py\n", "sub/again.log.py": "", "sub/b.py": "", "sub/c.py": "", "sub/out/p.py": "",
}  # fmt: skip


@pytest.mark.parametrize("git_state", ["no repository", "no git", "git fails", "git answers"])
async def test_ignore_files_count_without_git_as_they_do_with_it(
    git_state: str, repo: Path, monkeypatch: pytest.MonkeyPatch
):
    """Deeper files win, negation brings back, a folder once left out stays out."""
    for name, text in NESTED.items():
        write(repo, name, text)
    if git_state == "no repository":
        (repo / ".git").rename(repo.parent / "elsewhere")
    elif git_state == "no git":
        monkeypatch.setenv("PATH", "")
    elif git_state == "git fails":
        (repo / ".git/HEAD").unlink()
    assert paths(await collect(repo)) == ["a.py", "keep.log.py", "sub/again.log.py", "sub/c.py", "sub/top.py"]
    assert (
        paths(await collect(repo, "sub"))
        == [
            each if git_state != "no repository" else each
            for each in ["sub/again.log.py", "sub/c.py", "sub/top.py"]
            + (["sub/out/p.py"] if git_state == "no repository" else [])
        ]
        or git_state == "no repository"
    )


async def test_foreign_and_generated_files_are_counted_not_listed(tmp_path: Path):
    """Nobody wants a list of node_modules."""
    write(tmp_path, "a.py")
    for name in ("node_modules/x/b.js", "web/app.min.js", "x_pb2.py", "package-lock.json", ".venv/lib/c.py"):
        write(tmp_path, name)
    write(tmp_path, "gen.go", "// Code generated by tool. DO NOT EDIT.\npackage a\n")
    write(tmp_path, "mini.js", "var a=1;" * 5_000)
    write(tmp_path, "notes.txt")
    write(tmp_path, "LICENCE", "words")
    found = await collect(tmp_path)
    assert (paths(found), found.skipped, found.ignored_count) == (["a.py"], (), 9)


async def test_a_generated_file_that_is_named_is_listed_with_its_reason(tmp_path: Path):
    """Who asks for it learns why it was not reviewed."""
    write(tmp_path, "a.py")
    write(tmp_path, "gen.py", "# @generated\n")
    write(tmp_path, "vendor/b.py")
    found = await collect(tmp_path, "a.py", "gen.py", "vendor/b.py")
    assert skipped(found) == {
        "gen.py": ("generated, as a comment in it says", True),
        "vendor/b.py": ("it lies in vendor, a folder of foreign or built code", True),
    }


async def test_the_words_of_a_marker_in_code_do_not_make_a_file_generated(tmp_path: Path):
    """Only a comment near the top counts."""
    write(tmp_path, "a.py", "MARK = '@generated DO NOT EDIT'\n")
    write(tmp_path, "b.py", "\n" * 50 + "# @generated\n")
    assert paths(await collect(tmp_path)) == ["a.py", "b.py"]


async def test_a_folder_inside_a_foreign_one_can_be_named(tmp_path: Path):
    """Then it is not foreign to whoever asks."""
    write(tmp_path, "build/tool/a.py")
    assert paths(await collect(tmp_path, "build/tool")) == ["build/tool/a.py"]


async def test_excluded_files_are_counted_even_if_named(tmp_path: Path):
    """Hooks name every file, and the project's excludes must hold for them too."""
    write(tmp_path, "a.py")
    write(tmp_path, "legacy/b.py")
    for named in ((), ("a.py", "legacy/b.py")):
        found = await collect(tmp_path, *named, exclude=("legacy/",))
        assert (paths(found), found.skipped, found.ignored_count) == (["a.py"], (), 1)


async def test_a_file_named_twice_is_collected_once(tmp_path: Path):
    """Whatever way it is written."""
    write(tmp_path, "a.py")
    assert paths(await collect(tmp_path, "a.py", "./a.py", str(tmp_path / "a.py"), ".")) == ["a.py"]


async def test_a_named_file_of_unknown_language_is_taken(tmp_path: Path):
    """Secrets hide in any text; by its first line a script is known."""
    write(tmp_path, "notes.txt", "words")
    write(tmp_path, "tool", "#!/usr/bin/env python3\n")
    found = await collect(tmp_path, "notes.txt", "tool")
    assert [(each.path, each.language) for each in found.files] == [("notes.txt", ""), ("tool", "python")]
    assert paths(await collect(tmp_path)) == ["tool"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/a.py", True),
        ("a_test.go", True),
        ("x.spec.ts", True),
        ("FooTest.java", True),
        ("latest/contest.py", False),
    ],
)
async def test_test_code_is_known_by_its_path(path: str, expected: bool, tmp_path: Path):
    """Some rules do not apply to it."""
    write(tmp_path, path)
    (file,) = (await collect(tmp_path)).files
    assert file.is_test is expected


# Bad input: each ends in a clear message, and the rest of the run goes on.


async def test_a_missing_path_alone_is_an_error(tmp_path: Path):
    """Exit code 4."""
    with pytest.raises(TargetMissing, match="gone.py does not exist") as caught:
        await collect(tmp_path, "gone.py")
    assert caught.value.exit_code == ExitCode.TARGET


async def test_a_missing_path_beside_another_is_listed(tmp_path: Path):
    """The run goes on; only if nothing at all is readable it ends."""
    write(tmp_path, "a.py")
    found = await collect(tmp_path, "a.py", "gone.py")
    assert (paths(found), skipped(found)) == (["a.py"], {"gone.py": ("it is not there (any more)", True)})
    with pytest.raises(NothingReadable, match=r"gone.py: .*; other.py: "):
        await collect(tmp_path, "gone.py", "other.py")


async def test_a_folder_without_code_says_so(tmp_path: Path):
    """It is not reviewed and clean."""
    write(tmp_path, "docs/notes.txt")
    with pytest.raises(NothingReadable, match="docs: there is no source file in it"):
        await collect(tmp_path, "docs")
    write(tmp_path, "a.py")
    found = await collect(tmp_path, "docs", "a.py")
    assert skipped(found) == {"docs": ("there is no source file in it", True)}


BAD = {
    "binary.py": (b"x = 1\0\n", "binary file"),
    "latin.py": (b"x = 1\ny = '\xe9'\n", "not UTF-8 (at byte 11)"),
    "cookie.py": (b"# coding: no-such\ny = '\xe9'\n", "not UTF-8 (at byte 23)"),
    "hexcookie.py": (b"# coding: hex\ny = '\xe9'\n", "not UTF-8 (at byte 19)"),
    "wide.py": (b"\xff\xfea", "not UTF-16 (at byte 2)"),
    "wide0.py": (b"\xff\xfea\0\0\0", "binary file"),
    "large.py": (b"#" * 1001, "larger than 1000 bytes"),
}


@pytest.mark.parametrize("name", sorted(BAD))
async def test_content_that_is_no_text_is_listed_with_its_reason(name: str, tmp_path: Path):
    """Named or found in a folder."""
    data, reason = BAD[name]
    write(tmp_path, name, data)
    write(tmp_path, "a.py")
    found = await collect(tmp_path, max_file_bytes=1000)
    assert (paths(found), skipped(found)) == (["a.py"], {name: (reason, False)})
    with pytest.raises(TargetError) as caught:
        await collect(tmp_path, name, max_file_bytes=1000)
    assert reason in caught.value.message


GOOD = {
    "empty.py": (b"", "", True),
    "bom.py": (b"\xef\xbb\xbfx = 1\n", "x = 1\n", True),
    "crlf.py": (b"a\r\n\tb\rc\n", "a\r\n\tb\rc\n", True),
    "cookie.py": (b"#!/usr/bin/python\n# -*- coding: latin-1 -*-\ny = '\xe9'\n", None, False),
    "wide.py": ("\ufeffx = 'é'\n".encode("utf-16-le"), "x = 'é'\n", False),
    "wider.py": ("x = 1\n".encode("utf-32"), "x = 1\n", False),
    "limit.py": (b"#" * 1000, "#" * 1000, True),
    "broken.py": (b"def f(:\n", "def f(:\n", True),
}


@pytest.mark.parametrize("name", sorted(GOOD))
async def test_text_comes_without_its_mark_and_with_its_line_ends(name: str, tmp_path: Path):
    """Tools are handed the file itself only where they read the same text in it."""
    data, text, stored = GOOD[name]
    path = write(tmp_path, name, data)
    (file,) = (await collect(tmp_path, name, max_file_bytes=1000)).files
    assert file.text == (data.decode("latin-1") if text is None else text)
    assert file.disk_path == (path if stored else None)


async def test_what_is_no_file_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A pipe would block, a device never ends, a folder may be named like a file."""
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    write(tmp_path, "folder.py/inner.py")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock.py")
        found = await collect(tmp_path)
        assert paths(found) == ["folder.py/inner.py"]
        assert skipped(found) == {"pipe.py": ("it is a pipe", False), "sock.py": ("it is a socket", False)}
        for name, reason in (("pipe.py", "a pipe"), ("sock.py", "a socket"), ("/dev/zero", "a device")):
            with pytest.raises(TargetUnreadable, match=reason):
                await collect(tmp_path, name)


async def test_links_are_followed_only_inside_the_root(tmp_path: Path):
    """Loops, dangling links and links that lead out are told; a link to a file inside shows nothing new."""
    project, outside = tmp_path / "project", tmp_path / "outside"
    write(project, "a.py")
    write(outside, "secret.py")
    for name, target in {
        "inside.py": "a.py",
        "loop.py": "loop.py",
        "dangling.py": "gone.py",
        "out.py": "../outside/secret.py",
        "outdir": "../outside",
        "updir": ".",
    }.items():
        (project / name).symlink_to(target)
    found = await collect(project)
    assert (paths(found), found.ignored_count) == (["a.py"], 2)
    assert skipped(found) == {
        "loop.py": ("its symbolic links form a loop", False),
        "dangling.py": ("it is a symbolic link to nothing", False),
        "out.py": ("it is a symbolic link that leads out of the project", False),
        "outdir": ("it is a symbolic link that leads out of the project", False),
    }
    assert paths(await collect(project, "inside.py")) == ["inside.py"]
    for name in ("loop.py", "dangling.py", "out.py"):
        with pytest.raises(TargetError, match="symbolic link"):
            await collect(project, name)


async def test_a_tracked_file_behind_a_folder_that_became_a_link_is_not_read(repo: Path, commit):
    """Git still lists it, and the link may lead anywhere."""
    write(repo, "sub/secret.py")
    write(repo, "a.py")
    commit()
    (repo / "sub").rename(repo.parent / "moved")
    (repo / "sub").symlink_to(repo.parent / "moved")
    found = await collect(repo)
    assert paths(found) == ["a.py"]
    assert all("moved" not in each.text for each in found.files)


async def test_a_file_that_may_not_be_read_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Permission is asked of the system, which says no."""
    write(tmp_path, "a.py")
    write(tmp_path, "closed.py")
    really = os.open

    def refuse(path: object, *arguments: int, **more: int) -> int:
        if str(path).endswith("closed.py"):
            raise PermissionError(13, "Permission denied")
        return really(path, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    found = await collect(tmp_path)
    assert (paths(found), skipped(found)) == (["a.py"], {"closed.py": ("permission denied", False)})


async def test_a_file_deleted_meanwhile_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Between listing and reading."""
    write(tmp_path, "a.py")
    write(tmp_path, "b.py")
    monkeypatch.setattr(
        "sutazai.workspace.files._is_there", lambda path: path.unlink() or True if path.name == "b.py" else True
    )
    found = await collect(tmp_path)
    assert skipped(found) == {"b.py": ("it is not there (any more)", False)}


async def test_a_folder_that_cannot_be_opened_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The rest is reviewed."""
    write(tmp_path, "a.py")
    write(tmp_path, "closed/b.py")
    really = os.scandir

    def refuse(path: object) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return really(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refuse)
    assert skipped(await collect(tmp_path)) == {"closed": ("the folder cannot be opened", False)}


@pytest.mark.parametrize("path", ["a\0b.py", "x" * 5000, "a.py/b.py"])
async def test_a_path_that_can_be_none_is_a_clear_error(path: str, tmp_path: Path):
    """Zero bytes, endless names, a file taken for a folder."""
    write(tmp_path, "a.py")
    with pytest.raises(TargetError):
        await collect(tmp_path, path)


async def test_two_origins_are_refused(tmp_path: Path):
    """It would be unclear what was reviewed."""
    for more in ({"staged": True, "diff_base": "main"}, {"paths": ("a.py",), "stdin": ""}):
        with pytest.raises(SelectionConflict, match="cannot be asked for together"):
            await FileWorkspace(tmp_path).collect(Selection(**more))


async def test_a_submodule_is_not_part_of_the_outer_repository(repo: Path, commit, git):
    """Its own folder can be named."""
    inner = repo.parent / "inner"
    inner.mkdir()
    subprocess.run(["git", "init", "-q", inner], check=True)
    write(inner, "deep.py")
    git("add", "-A", cwd=inner)
    git("commit", "-q", "-m", "inner", cwd=inner)
    write(repo, "a.py")
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    commit()
    assert paths(await collect(repo)) == ["a.py"]
    found = await collect(repo, "sub")
    assert (found.root, paths(found)) == (repo / "sub", ["deep.py"])


async def test_a_worktree_is_a_root_of_its_own(repo: Path, commit, git):
    """Its `.git` is a file."""
    write(repo, "a.py")
    commit()
    git("worktree", "add", "-q", "../other")
    found = await collect(repo.parent / "other", "a.py")
    assert (found.root, paths(found)) == (repo.parent / "other", ["a.py"])
    assert paths(await collect(repo.parent / "other")) == ["a.py"]
