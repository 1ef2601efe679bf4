"""Runs ruff as a process, apart from the user's own ruff configuration, with rules we stand for under our own names.

Owns which files go to ruff and how; ruff's `# noqa` comments hold. Must never let ruff write anything.
"""

import asyncio
import json
import os
import re
import sys
import sysconfig
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sutazai.analysis.pack import PackRule, digest, read_pack
from sutazai.analysis.places import MOST_FINDINGS, TOO_MANY, Places
from sutazai.analysis.ruff_output import SYNTAX_ERROR, UNREADABLE, finding_of, syntax_reason, without_fragments
from sutazai.errors.tools import ToolError, ToolFailed, ToolMissing
from sutazai.process.run import Completed, run
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.rule import Rule
from sutazai.sdk.source import Skipped, SourceFile

PACKS: Final = ("ruff-security", "ruff-bugs", "ruff-performance")
# The newest syntax there is, whatever Python runs us.
_TARGET: Final = "py314"
_ENDINGS: Final = frozenset({".py", ".pyi", ".pyw"})
_ARGUMENT_BYTES: Final = 24_000 if sys.platform == "win32" else 100_000
_TIMEOUT_S: Final = 120.0
_RUN_S: Final = 20.0
_FILE_S: Final = 0.1
_PARTS: Final = 16
_MAX_OUTPUT_BYTES: Final = 256 * 1024 * 1024
_USAGE_ERROR: Final = 2
_UNSAFE_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.]")

Runner = Callable[..., Awaitable[Completed]]


def ruff_program() -> Path:
    """The ruff that was installed with us; a path that does not exist when there is none."""
    name = "ruff.exe" if sys.platform == "win32" else "ruff"
    beside = [Path(sysconfig.get_path("scripts")) / name, Path(sys.executable).parent / name]
    return next((each for each in beside if each.is_file()), _searched(name))


def _searched(name: str) -> Path:
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped] # noqa: PLC0415 (loaded only when used)

        return Path(find_ruff_bin())
    except (ImportError, OSError):
        return Path(sysconfig.get_path("scripts")) / name


class _Refused(ToolFailed):
    """How it was called did not suit ruff: no other files would make a difference."""


class RuffAnalyzer:
    """The engine `ruff`.

    Args:
        jobs: threads that ruff may use; 0: one a processor.
        program: ruff itself; None: the one installed with us.
        runner: runs a program to its end.
        timeout_s: seconds for all runs over the files of one call; one run has a limit of its own.
    """

    name = "ruff"

    def __init__(
        self,
        *,
        jobs: int = 0,
        program: Path | None = None,
        runner: Runner = run,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._program = program
        self._runner = runner
        self._timeout_s = timeout_s
        self._env = {"RAYON_NUM_THREADS": str(jobs)} if jobs else {}

    @cached_property
    def version(self) -> str:
        """Version of ruff and of our tables."""
        from importlib.metadata import version  # noqa: PLC0415 (loaded only when used)

        return f"{version('ruff')}+{digest(PACKS)}"

    @cached_property
    def _by_id(self) -> dict[str, PackRule]:
        return {rule_id: rule for pack in PACKS for rule_id, rule in read_pack(pack).items()}

    @cached_property
    def _by_code(self) -> dict[str, PackRule]:
        return {code: rule for rule in self._by_id.values() for code in rule.data["ruff"]}

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Our rules by id."""
        return {rule_id: each.rule for rule_id, each in self._by_id.items()}

    def accepts(self, source: SourceFile) -> bool:
        """Python only."""
        return source.language == "python"

    async def analyze(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        """Everything ruff finds in `files`, in their order."""
        as_they_are = [each for each in files if _lies_on_disk(each)]
        by_path = {str(each.disk_path): each for each in as_they_are}
        outcome = _Outcome(self._by_code)
        await self._check(by_path, outcome)
        # What is not on disk as such, and what ruff could not read there (another encoding), is laid out as UTF-8.
        rest = [each for each in files if each.path not in outcome.seen]
        if rest:
            import tempfile  # noqa: PLC0415 (loaded only when used)

            with tempfile.TemporaryDirectory(prefix="sutazai-ruff-") as folder:
                laid_out = await asyncio.to_thread(_lay_out, rest, Path(folder), outcome)
                await self._check(laid_out, outcome)
        outcome.fail([each for each in files if each.path not in outcome.seen], "ruff could not read it")
        return await asyncio.to_thread(outcome.report, files)

    async def _check(self, by_path: Mapping[str, SourceFile], outcome: "_Outcome") -> None:
        until = time.monotonic() + self._timeout_s
        for chunk in _chunks(list(by_path)):
            await self._narrow({path: by_path[path] for path in chunk}, outcome, until)

    async def _narrow(self, files: Mapping[str, SourceFile], outcome: "_Outcome", until: float) -> None:
        """Runs ruff; where that fails, runs it on parts, so that a file which breaks it costs the others nothing."""
        seconds = max(min(_RUN_S + _FILE_S * len(files), until - time.monotonic()), 0.0)
        try:
            entries, unread = await self._run(list(files), seconds)
        except (ToolError, ValueError) as error:
            if len(files) == 1 or isinstance(error, ToolMissing | _Refused) or time.monotonic() >= until:
                outcome.fail(list(files.values()), str(error))
                return
            paths, size = list(files), -(-len(files) // _PARTS)
            for start in range(0, len(paths), size):
                await self._narrow({path: files[path] for path in paths[start : start + size]}, outcome, until)
        else:
            outcome.take(files, entries, unread)

    async def _run(self, paths: Sequence[str], timeout_s: float) -> tuple[list[dict[str, Any]], str]:
        program = self._program or ruff_program()
        done = await self._runner(
            [program, *self._arguments, "--", *paths],
            # Far from the files: ruff shortens paths below the folder it runs in, and we look for whole ones.
            cwd=program.parent,
            stdin=None,
            env=self._env,
            timeout_s=timeout_s,
            max_output_bytes=_MAX_OUTPUT_BYTES,
        )
        stderr = done.stderr.decode(errors="replace")
        if done.returncode == _USAGE_ERROR:
            raise _Refused("ruff", stderr)
        if done.returncode < 0 or done.returncode > _USAGE_ERROR:
            raise ToolFailed("ruff", stderr or f"it ended with {done.returncode}")
        return await asyncio.to_thread(_entries, done.stdout), stderr

    @property
    def _arguments(self) -> list[str]:
        return [
            *("check", "--isolated", "--no-cache", "--no-fix", "--exit-zero"),
            *("--output-format", "json-lines", "--target-version", _TARGET),
            *("--select", ",".join(sorted(self._by_code))),
            # Else this variable would send the findings elsewhere, and every file would look clean.
            *(("--output-file", "/dev/stdout") if "RUFF_OUTPUT_FILE" in os.environ else ()),
        ]


class _Outcome:
    """What became of each file."""

    def __init__(self, rules: Mapping[str, PackRule]) -> None:
        self.seen: set[str] = set()
        self._rules = rules
        self._entries: dict[str, list[dict[str, Any]]] = {}
        self._failed: dict[str, str] = {}

    def fail(self, files: Sequence[SourceFile], reason: str) -> None:
        for each in files:
            self.seen.add(each.path)
            self._failed[each.path] = reason

    def take(self, files: Mapping[str, SourceFile], entries: Sequence[dict[str, Any]], stderr: str) -> None:
        """Files that ruff names on stderr, or as unreadable, stay unseen."""
        unread = {str(each["filename"]) for each in entries if each.get("code") == UNREADABLE}
        unread |= {path for path in files if stderr and f"{path}:" in stderr}
        for entry in entries:
            source = files.get(str(entry["filename"]))
            if source is not None and str(entry["filename"]) not in unread:
                self._entries.setdefault(source.path, []).append(entry)
        self.seen |= {source.path for path, source in files.items() if path not in unread}

    def report(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        findings: list[Finding] = []
        for source in files:
            findings += self._findings(source)
        failed = [Skipped(each.path, self._failed[each.path]) for each in files if each.path in self._failed]
        return AnalyzerReport(tuple(findings), tuple(failed))

    def _findings(self, source: SourceFile) -> list[Finding]:
        entries = self._entries.get(source.path, ())
        broken = next((each for each in entries if each.get("code") in (SYNTAX_ERROR, None)), None)
        if broken is not None:
            self._failed[source.path] = syntax_reason(broken)
            return []
        if len(entries) > MOST_FINDINGS:
            self._failed[source.path] = TOO_MANY
            entries = entries[:MOST_FINDINGS]
        places = Places(source.text)
        found = [finding_of(each, source, places, self._rules) for each in entries]
        return sorted(without_fragments([each for each in found if each is not None], source.text), key=_order)


def _order(finding: Finding) -> tuple[int, int, str]:
    return finding.location.start_line, finding.location.start_column, finding.rule


def _entries(stdout: bytes) -> list[dict[str, Any]]:
    lines = stdout.decode(errors="replace").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


def _lies_on_disk(source: SourceFile) -> bool:
    path = source.disk_path
    return path is not None and path.is_absolute() and path.suffix in _ENDINGS


def _lay_out(files: Sequence[SourceFile], folder: Path, outcome: _Outcome) -> dict[str, SourceFile]:
    folder = folder.resolve()
    laid_out: dict[str, SourceFile] = {}
    for number, source in enumerate(files):
        path = folder / str(number) / _safe_name(source.path)
        try:
            path.parent.mkdir()
            path.write_bytes(source.text.encode())
        except (OSError, UnicodeEncodeError) as error:
            outcome.fail([source], f"cannot be handed to ruff: {error}")
        else:
            laid_out[str(path)] = source
    return laid_out


def _safe_name(path: str) -> str:
    name = _UNSAFE_IN_NAMES.sub("_", path.rsplit("/", 1)[-1])[-100:]
    return name if Path(name).suffix in _ENDINGS and name.strip("._") else "source.py"


def _chunks(paths: Sequence[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for path in paths:
        size += len(path.encode(errors="surrogateescape")) + 1
        if chunk and size > _ARGUMENT_BYTES:
            yield chunk
            chunk, size = [], len(path.encode(errors="surrogateescape")) + 1
        chunk.append(path)
    if chunk:
        yield chunk
