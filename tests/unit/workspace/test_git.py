"""Staged changes, changes since a revision, ranges of commits: in real repositories, hostile ones included."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sutazai.disk.git import Git
from sutazai.errors import ExitCode
from sutazai.errors.workspace import GitMissing, GitRefused, NotARange, NotARepository, UnknownRevision
from sutazai.sdk.source import Collection, Selection
from sutazai.workspace.files import FileWorkspace

LINES = "".join(f"line_{n} = {n}\n" for n in range(1, 11))


async def collect(cwd: Path, **selection) -> Collection:
    return await FileWorkspace(cwd).collect(Selection(**selection))


def changed(found: Collection) -> dict[str, list[tuple[int, int]]]:
    return {each.path: [(lines.start, lines.end) for lines in each.changed or ()] for each in found.files}


def edit(path: Path, **lines: str | None) -> None:
    """Replaces lines by number: `_3="x"` changes line 3, None deletes it."""
    text = path.read_text().splitlines(keepends=True)
    for name, replacement in lines.items():
        text[int(name[1:]) - 1] = "" if replacement is None else replacement + "\n"
    path.write_text("".join(text))


async def test_staged_text_comes_from_the_index(repo: Path, commit, git):
    """What lies on disk beside it is not what will be committed."""
    path = repo / "a.py"
    path.write_text(LINES)
    commit()
    edit(path, _3="staged = 1")
    git("add", "a.py")
    edit(path, _8="on_disk = 1")
    (repo / "untracked.py").write_text("x = 1\n")
    (file,) = (await collect(repo, staged=True)).files
    assert "staged = 1" in file.text
    assert "on_disk" not in file.text
    assert (file.disk_path, changed(await collect(repo, staged=True))) == (None, {"a.py": [(3, 3)]})
    git("add", "a.py")
    (file,) = (await collect(repo, staged=True)).files
    assert file.disk_path == path


async def test_staged_works_before_the_first_commit_and_from_a_folder(repo: Path, git):
    """HEAD is unborn; paths are told from the top."""
    (repo / "sub").mkdir()
    (repo / "sub/a.py").write_text("x = 1\n")
    git("add", "-A")
    assert changed(await collect(repo / "sub", staged=True)) == {"sub/a.py": [(1, 1)]}


async def test_nothing_staged_is_no_error(repo: Path, commit):
    """A commit of nothing has nothing wrong in it."""
    commit()
    found = await collect(repo, staged=True)
    assert (found.files, found.skipped) == ((), ())


async def test_each_kind_of_change_is_told(repo: Path, commit, git):
    """New, renamed, deleted, binary, mode-only, type change, names that need quoting, no line end, CRLF."""
    for name in ("mod.py", "old name.py", "gone.py", "mode.py", "type.py", "crlf.py", "cut.py"):
        (repo / name).write_text(LINES)
    (repo / "crlf.py").write_bytes(LINES.replace("\n", "\r\n").encode())
    (repo / "link.py").symlink_to("mod.py")
    commit()
    edit(repo / "mod.py", _2="x = 2", _9="y = 9")
    git("mv", "old name.py", "new name.py")
    edit(repo / "new name.py", _5="z = 5")
    (repo / "gone.py").unlink()
    (repo / "mode.py").chmod(0o755)
    (repo / "type.py").unlink()
    (repo / "type.py").symlink_to("mod.py")
    (repo / "link.py").unlink()
    (repo / "link.py").write_text("a = 1\n")
    (repo / "crlf.py").write_bytes(LINES.replace("\n", "\r\n").replace("_4 ", "_x ").encode())
    (repo / "cut.py").write_text(LINES.removesuffix("\n"))
    edit(repo / "cut.py", _10="end")
    (repo / "cut.py").write_text((repo / "cut.py").read_text().removesuffix("\n"))
    (repo / "data.py").write_bytes(b"\0\1")
    weird = 'é "q"\t\\n\ndiff --git a b.py'
    (repo / weird).parent.mkdir(parents=True, exist_ok=True)
    (repo / weird).write_text("diff --git a/x b/x\n@@ -1 +1 @@\n")
    (repo / "-rf.py").write_text("x = 1\n")
    (repo / "empty.py").write_text("")
    git("add", "-A")
    expected = {
        "mod.py": [(2, 2), (9, 9)],
        "new name.py": [(5, 5)],
        "link.py": [(1, 1)],
        "crlf.py": [(4, 4)],
        "cut.py": [(10, 10)],
        weird: [(1, 2)],
        "-rf.py": [(1, 1)],
    }
    first = await collect(repo, staged=True)
    assert changed(first) == expected
    assert [(each.path, each.reason, each.named) for each in first.skipped] == [("data.py", "binary file", False)]
    old = {each.path: each.before for each in first.files}
    assert old["mod.py"] == {2: LINES.split("\n")[1], 9: LINES.split("\n")[8]}
    git("commit", "-q", "-m", "second")
    again = await collect(repo, commits="HEAD~1..HEAD")
    assert changed(again) == expected
    assert {each.path: each.before for each in again.files} == old
    git("add", "-A")
    assert changed(await collect(repo, diff_base="HEAD~1")) == expected


@pytest.mark.parametrize(
    ("deleted", "expected"),
    [(("_1",), (1, 1)), (("_5", "_6"), (4, 5)), (("_10",), (9, 9))],
    ids=["top", "middle", "end"],
)
async def test_a_deletion_marks_the_lines_around_the_gap(deleted: tuple[str, ...], expected, repo: Path, commit):
    """A check that is gone is what a reviewer must see."""
    (repo / "a.py").write_text(LINES)
    commit()
    edit(repo / "a.py", **dict.fromkeys(deleted))
    ((found,),) = changed(await collect(repo, diff_base="HEAD")).values()
    assert found[0] <= expected[1]
    assert found[1] >= expected[0]
    assert found[1] <= 9


async def test_since_a_revision_starts_where_both_parted(repo: Path, commit, git):
    """What the base changed since is not ours; the text is that of the disk."""
    (repo / "a.py").write_text(LINES)
    (repo / "b.py").write_text(LINES)
    commit()
    git("checkout", "-q", "-b", "feature")
    edit(repo / "a.py", _2="ours = 1")
    commit()
    git("checkout", "-q", "main")
    edit(repo / "b.py", _2="theirs = 1")
    commit()
    git("checkout", "-q", "feature")
    edit(repo / "a.py", _7="not_added = 1")
    found = await collect(repo, diff_base="main")
    assert changed(found) == {"a.py": [(2, 2), (7, 7)]}
    assert found.files[0].disk_path == repo / "a.py"
    assert changed(await collect(repo, commits="main...HEAD")) == {"a.py": [(2, 2)]}
    assert sorted(changed(await collect(repo, commits="main.."))) == ["a.py", "b.py"]


async def test_histories_without_a_common_commit_are_compared_directly(repo: Path, commit, git):
    """There is no merge base to start from."""
    (repo / "a.py").write_text(LINES)
    commit()
    git("checkout", "-q", "--orphan", "island")
    edit(repo / "a.py", _2="x = 1")
    commit()
    assert changed(await collect(repo, diff_base="main")) == {"a.py": [(2, 2)]}


async def test_a_detached_head_is_a_head(repo: Path, commit, git):
    """As in CI."""
    (repo / "a.py").write_text(LINES)
    first = commit()
    edit(repo / "a.py", _1="x = 1")
    commit()
    git("checkout", "-q", "--detach")
    assert changed(await collect(repo, diff_base=first)) == {"a.py": [(1, 1)]}
    assert changed(await collect(repo, commits=f"{first}..")) == {"a.py": [(1, 1)]}


async def test_named_paths_narrow_a_diff(repo: Path, git):
    """Files and folders; patterns are taken literally."""
    for name in ("a.py", "sub/b.py", "subway/c.py"):
        (repo / name).parent.mkdir(exist_ok=True)
        (repo / name).write_text("x = 1\n")
    git("add", "-A")
    assert sorted(changed(await collect(repo, staged=True, paths=("a.py", "sub")))) == ["a.py", "sub/b.py"]
    assert sorted(changed(await collect(repo, staged=True, paths=(".",)))) == ["a.py", "sub/b.py", "subway/c.py"]
    assert sorted(changed(await collect(repo, staged=True, exclude=("sub*/",)))) == ["a.py"]


async def test_a_staged_file_over_the_limit_is_listed(repo: Path, git):
    """It is not read at all."""
    (repo / "a.py").write_text("#" * 2000)
    git("add", "-A")
    found = await collect(repo, staged=True, max_file_bytes=1000)
    assert [(each.path, each.reason) for each in found.skipped] == [("a.py", "larger than 1000 bytes")]


async def test_many_changed_files_are_read_in_batches(repo: Path, git):
    """Same content twice is asked for once."""
    for number in range(230):
        (repo / f"f{number}.py").write_text(f"x = {number // 2}\n")
    git("add", "-A")
    assert len((await collect(repo, staged=True)).files) == 230


@pytest.mark.parametrize("revision", ["nothing", "--output=/tmp/x", "-p", "HEAD:a.py", "", " ", "a\nb", "a\0b"])
async def test_an_unknown_revision_is_a_usage_error(revision: str, repo: Path, commit):
    """Whatever it looks like; an option is never one."""
    (repo / "a.py").write_text("x = 1\n")
    commit()
    with pytest.raises((UnknownRevision, NotARange)) as caught:
        await Git(repo).since(revision)
    assert caught.value.exit_code == ExitCode.USAGE
    with pytest.raises((UnknownRevision, NotARange)):
        await Git(repo).between(f"{revision}..x")


@pytest.mark.parametrize("commits", ["HEAD", "..", "..."])
async def test_a_range_needs_two_sides(commits: str, repo: Path, commit):
    """One commit alone is ambiguous."""
    commit()
    with pytest.raises(NotARange, match="not a commit range"):
        await collect(repo, commits=commits)


async def test_an_unborn_head_has_no_revisions(repo: Path):
    """Nothing was committed yet."""
    with pytest.raises(UnknownRevision):
        await collect(repo, diff_base="HEAD")


@pytest.mark.parametrize("selection", [{"staged": True}, {"diff_base": "main"}, {"commits": "a..b"}])
async def test_outside_a_repository_git_selections_are_usage_errors(selection, tmp_path: Path):
    """With a hint, before git is started."""
    with pytest.raises(NotARepository) as caught:
        await collect(tmp_path, **selection)
    assert caught.value.exit_code == ExitCode.USAGE
    assert "name files" in caught.value.hint


@pytest.mark.parametrize("selection", [{"staged": True}, {"diff_base": "main"}])
async def test_a_broken_repository_is_a_usage_error(selection, repo: Path):
    """A folder named `.git` is not yet a repository."""
    (repo / ".git/HEAD").unlink()
    with pytest.raises(NotARepository):
        await collect(repo, **selection)


async def test_git_is_only_missed_where_it_is_needed(repo: Path, monkeypatch: pytest.MonkeyPatch):
    """A folder is still walked without it."""
    (repo / "a.py").write_text("x = 1\n")
    monkeypatch.setenv("PATH", "")
    assert [each.path for each in (await collect(repo)).files] == ["a.py"]
    with pytest.raises(GitMissing):
        await collect(repo, staged=True)


async def test_what_git_says_is_passed_on(repo: Path, git):
    """A damaged index, for one."""
    (repo / "a.py").write_text("x = 1\n")
    git("add", "-A")
    (repo / ".git/index").write_bytes(b"nonsense")
    with pytest.raises(GitRefused, match="git refused: "):
        await collect(repo, staged=True)


async def test_a_repository_that_changes_under_our_eyes_is_refused(repo: Path, git, monkeypatch: pytest.MonkeyPatch):
    """Lines of one file must never be told of another."""
    (repo / "a.py").write_text("x = 1\n")
    git("add", "-A")
    monkeypatch.setattr("sutazai.disk.git._sections", lambda _: [])
    with pytest.raises(GitRefused, match="changed while"):
        await collect(repo, staged=True)


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a trace when it is started."""
    path = tmp_path / "trap"
    path.write_text(f"#!/bin/sh\ntouch {tmp_path / 'trace'}\ncat\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def arm(repo: Path, trap: Path, git: Callable[..., str]) -> None:
    for key in (
        "core.fsmonitor", "core.sshCommand", "core.pager", "diff.external", "diff.x.command", "diff.x.textconv",
        "filter.x=y.clean", "filter.x=y.smudge", "filter.x=y.process", "core.editor", "pager.diff", "core.hooksPath",
        "core.alternateRefsCommand", "credential.helper", "gpg.program", "interactive.diffFilter",
    ):  # fmt: skip
        git("config", key, str(trap))
    git("config", "filter.x=y.required", "true")
    git("config", "core.untrackedCache", "true")
    (repo / ".git/info/attributes").write_text("*.py filter=x=y diff=x\n")
    (repo / ".gitattributes").write_text("*.py filter=x=y diff=x\n")
    hook = repo / ".git/hooks/post-index-change"
    hook.write_text(trap.read_text())
    hook.chmod(0o755)


@pytest.mark.parametrize("selection", [{}, {"staged": True}, {"diff_base": "HEAD~1"}, {"commits": "HEAD~1..HEAD"}])
async def test_a_hostile_repository_starts_no_program(selection, repo: Path, trap: Path, commit, git):
    """Its configuration names programs for everything that git can start."""
    (repo / "a.py").write_text(LINES)
    commit()
    edit(repo / "a.py", _2="x = 1")
    (repo / "b.py").write_text("y = 1\n")
    commit()
    edit(repo / "a.py", _4="z = 1")
    git("add", "a.py")
    arm(repo, trap, git)
    os.utime(repo / "b.py", (1, 1))
    index = (repo / ".git/index").read_bytes()
    found = await collect(repo, **selection)
    assert any(each.path == "a.py" for each in found.files)
    assert not trap.with_name("trace").exists()
    assert (repo / ".git/index").read_bytes() == index


async def test_the_trap_of_the_test_before_works(repo: Path, trap: Path, commit, git):
    """Plain git does start the programs, so the test can fail."""
    (repo / "a.py").write_text(LINES)
    commit()
    arm(repo, trap, git)
    edit(repo / "a.py", _2="x = 1")
    with pytest.raises(subprocess.CalledProcessError):
        git("diff", "HEAD")
    assert trap.with_name("trace").exists()


async def test_settings_from_the_environment_stay_in_force(repo: Path, git, monkeypatch: pytest.MonkeyPatch):
    """CI sets `safe.directory` this way."""
    (repo / "a.log.py").write_text("x = 1\n")
    (repo / "b.py").write_text("x = 1\n")
    (repo / "ignored").write_text("*.log.py\n")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.excludesFile")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(repo / "ignored"))
    assert [each.path for each in (await collect(repo)).files] == ["b.py"]
