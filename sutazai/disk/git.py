"""Asks git: every call the project makes of it goes through here.

The repository may be hostile: its configuration must start no program, and no name that comes from it or from a user
may be taken for an option. Nothing here changes the repository, not even its index.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sutazai.errors.tools import ToolMissing
from sutazai.errors.workspace import GitMissing, GitRefused, NotARange, NotARepository, UnknownRevision
from sutazai.process.run import Completed, run

_TIMEOUT_S: Final = 120.0
_MAX_OUTPUT_BYTES: Final = 256 * 1024 * 1024
_SMALL_BYTES: Final = 1024 * 1024
_ENVIRONMENT: Final = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
    "GIT_LITERAL_PATHSPECS": "1",
}
_SAFE_CONFIG: Final = (
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    f"core.hooksPath={os.devnull}",
    "core.quotePath=false",
    "core.sshCommand=false",
    "submodule.recurse=false",
    "diff.ignoreSubmodules=all",
    "log.showSignature=false",
)
_DIFF: Final = (
    "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=all", "--diff-filter=ACMRT",
    "--find-renames", "--no-relative", "--src-prefix=a/", "--dst-prefix=b/", "--full-index",
)  # fmt: skip
_REGULAR: Final = frozenset({"100644", "100755"})


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of a diff, as the new side has it.

    Attributes:
        path: relative to the repository.
        blob: object id of the new content; zeros where only the working tree has it.
        is_regular: whether it is a plain file there (not a link, not a submodule).
        patch: the file's part of a diff without context lines.
    """

    path: str
    blob: str
    is_regular: bool
    patch: str


class Git:
    """Git in one working tree."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filters: tuple[str, ...] | None = None

    async def files(self, folder: Path) -> list[Path]:
        """Tracked and untracked files under a folder that no ignore rule leaves out, absolute, each once.

        Raises:
            GitMissing: git is not installed.
            GitRefused: git failed.
        """
        listed = await self._run("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".", cwd=folder)
        names = dict.fromkeys(os.fsdecode(each) for each in listed.split(b"\0") if each)
        return [folder / each for each in names]

    async def staged(self) -> list[ChangedFile]:
        """What a commit would change now."""
        return await self._changed("--cached")

    async def since(self, revision: str) -> list[ChangedFile]:
        """What the working tree changed since it parted from a revision.

        Raises:
            UnknownRevision: there is no such commit.
        """
        base = await self._commit(revision)
        done = await self._call("merge-base", base, "HEAD", max_output_bytes=_SMALL_BYTES)
        common = done.stdout.decode().strip() if done.returncode == 0 else base
        return await self._changed(common, filters=await self._no_filters())

    async def between(self, commits: str) -> list[ChangedFile]:
        """What a range `A..B` changed, or `A...B` since both parted; an empty side is HEAD.

        Raises:
            NotARange: the text is no range.
            UnknownRevision: one of the commits does not exist.
        """
        old, dots, new = commits.partition("...") if "..." in commits else commits.partition("..")
        if not dots or not (old or new):
            raise NotARange(commits)
        first, second = await self._commit(old or "HEAD"), await self._commit(new or "HEAD")
        return await self._changed(f"{first}{dots}{second}")

    async def blobs(self, ids: Sequence[str], max_bytes: int) -> dict[str, bytes | None]:
        """The contents of objects by id; None for one that is larger than `max_bytes` or not there."""
        wanted = list(dict.fromkeys(ids))
        asked = "".join(f"{each}\n" for each in wanted).encode()
        sizes = await self._run("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", stdin=asked)
        small = [each[0] for each in map(str.split, sizes.decode().splitlines()) if _is_small(each, max_bytes)]
        asked = "".join(f"{each}\n" for each in small).encode()
        found = _objects(await self._run("cat-file", "--batch", stdin=asked)) if small else {}
        return {each: found.get(each) for each in wanted}

    async def _changed(self, *revisions: str, filters: Sequence[str] = ()) -> list[ChangedFile]:
        raw = await self._run(*_DIFF, "--raw", "--no-abbrev", "-z", *revisions, "--", filters=filters)
        entries = _entries(raw)
        if not entries:
            return []
        patch = await self._run(*_DIFF, "--unified=0", "--patch", *revisions, "--", filters=filters)
        sections = _sections(patch.decode("utf-8", "replace"))
        if len(sections) != sum(each.sections for each in entries):
            raise GitRefused("the repository changed while it was read")
        return _joined(entries, sections)

    async def _commit(self, revision: str) -> str:
        if not revision.strip() or "\0" in revision:
            raise UnknownRevision(revision)
        arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        done = await self._call(*arguments, max_output_bytes=_SMALL_BYTES)
        if done.returncode != 0:
            await self._check_repository()
            raise UnknownRevision(revision)
        return done.stdout.decode().strip()

    async def _no_filters(self) -> tuple[str, ...]:
        """Configuration that empties every content filter: comparing with the working tree would start them."""
        if self._filters is None:
            done = await self._call(
                "config", "--null", "--name-only", "--get-regexp", r"^filter\..*", max_output_bytes=_SMALL_BYTES
            )
            keys = {each.rpartition(".")[0] for each in os.fsdecode(done.stdout).split("\0") if each}
            each_key = ("clean=", "smudge=", "process=", "required=false")
            self._filters = tuple(f"{key}.{end}" for key in sorted(keys) for end in each_key)
        return self._filters

    async def _run(
        self, *arguments: str, cwd: Path | None = None, stdin: bytes | None = None, filters: Sequence[str] = ()
    ) -> bytes:
        done = await self._call(*arguments, cwd=cwd, stdin=stdin, filters=filters)
        if done.returncode == 0:
            return done.stdout
        await self._check_repository()
        raise GitRefused(done.stderr.decode("utf-8", "replace"))

    async def _check_repository(self) -> None:
        """Told only after a failure, for commands fail in their own ways where there is no repository."""
        done = await self._call("rev-parse", "--git-dir", max_output_bytes=_SMALL_BYTES)
        if done.returncode != 0 and b"not a git repository" in done.stderr:
            raise NotARepository(str(self._folder))

    async def _call(
        self,
        *arguments: str,
        cwd: Path | None = None,
        stdin: bytes | None = None,
        filters: Sequence[str] = (),
        max_output_bytes: int = _MAX_OUTPUT_BYTES,
    ) -> Completed:
        environment: Mapping[str, str] = {**_ENVIRONMENT, **_configured((*_SAFE_CONFIG, *filters))}
        try:
            return await run(
                ["git", "--no-pager", *arguments],
                cwd=cwd or self._folder,
                stdin=stdin,
                env=environment,
                timeout_s=_TIMEOUT_S,
                max_output_bytes=max_output_bytes,
            )
        except ToolMissing as error:
            raise GitMissing from error


def _configured(settings: Sequence[str]) -> dict[str, str]:
    """Settings as variables: unlike `-c`, a key may hold `=` there, as a hostile filter's name can."""
    taken = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(taken) if taken.isdecimal() else 0
    variables = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for index, setting in enumerate(settings, first):
        # The last `=` parts key and value: no value here holds one, a filter's name may.
        variables[f"GIT_CONFIG_KEY_{index}"], _, variables[f"GIT_CONFIG_VALUE_{index}"] = setting.rpartition("=")
    return variables


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    mode: str
    blob: str
    sections: int


def _entries(raw: bytes) -> list[_Entry]:
    """The entries of `git diff --raw -z`: `:old new oldid newid status`, then one path, or two for a rename."""
    fields = iter(raw.split(b"\0"))
    entries = []
    for head in fields:
        if head.startswith(b":"):
            _, mode, _, blob, status = head.decode().split(" ")
            path = next(fields)
            if status[0] in "RC":
                path = next(fields)
            entries.append(_Entry(os.fsdecode(path), mode, blob, 2 if status[0] == "T" else 1))
    return entries


def _sections(patch: str) -> list[str]:
    """The part of each file. Without context lines no line of a file's content begins with `d`."""
    sections: list[list[str]] = []
    for line in patch.split("\n"):
        if line.startswith("diff --git "):
            sections.append([])
        if sections:
            sections[-1].append(line)
    return ["\n".join(each) for each in sections]


def _joined(entries: Sequence[_Entry], sections: Sequence[str]) -> list[ChangedFile]:
    joined, rest = [], iter(sections)
    for entry in entries:
        patch = [next(rest) for _ in range(entry.sections)][-1]
        joined.append(ChangedFile(entry.path, entry.blob, entry.mode in _REGULAR, patch))
    return joined


def _is_small(fields: Sequence[str], max_bytes: int) -> bool:
    return len(fields) == 3 and fields[1] == "blob" and int(fields[2]) <= max_bytes  # noqa: PLR2004 (id, type, size)


def _objects(stream: bytes) -> dict[str, bytes]:
    """The objects in the output of `git cat-file --batch`: id, type and size on a line, then content and a line end."""
    found, at = {}, 0
    while at < len(stream):
        line_end = stream.index(b"\n", at)
        name, _, size = stream[at:line_end].decode().split(" ")
        start = line_end + 1
        found[name] = stream[start : start + int(size)]
        at = start + int(size) + 1
    return found
