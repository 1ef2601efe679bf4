"""The reviewers that are compared and how each is run: as a whole command, process start included.

A tool that is missing is left out; one that fails, or writes nothing that can be read, has a row that says so.
"""

import os
import re
import shlex
import subprocess
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tests.bench.review import readings
from tests.bench.review.readings import Reading

OURS: Final = "sutazai"
PEER: Final = "bandit"
_TIMEOUT_S: Final = 4 * 3600.0
_VERSION: Final = re.compile(r"\d+(?:\.\d+)+\S*")


@dataclass(frozen=True, slots=True)
class Tool:
    """One reviewer.

    Attributes:
        name: as it stands in tables.
        command: its words; `{path}` stands for the folder, `{report}` for the file it is to write.
        read: what makes sense of the report.
        settings: environment variables on top of ours.
    """

    name: str
    command: tuple[str, ...]
    read: Callable[[str], Reading]
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What one run came to. `problem` is empty where there is a report."""

    seconds: float
    reading: Reading = field(default_factory=Reading)
    problem: str = ""


def installed(*, model: bool, given: Sequence[str], home: Path) -> list[Tool]:
    """Ours, the peers that are installed, and the commands given by hand.

    Args:
        model: whether to add our review with the model; it uses the caller's own weights and settings.
        given: commands that write SARIF, with `{path}` and `{sarif}` in them.
        home: an empty folder for the settings and the cache of our static review.
    """
    tools = [Tool(OURS, (*review("sarif"), "--no-model"), readings.sarif, {"SUTAZAI_HOME": str(home)})]
    if model:
        asked = ("--require-model", "--runtime", "embedded", "--time-limit", "0", "--no-cache")
        tools.append(Tool(f"{OURS} with model", (*review("sarif"), *asked), readings.sarif))
    tools += [each for each in (_ruff(), bandit()) if Path(each.command[0]).is_file()]
    return _told_apart([*tools, *(_given(each) for each in given)])


def review(form: str) -> tuple[str, ...]:
    """The command of our review; what its file format needs is left to the caller."""
    ours = (sys.executable, "-P", "-m", "sutazai", "review", "{path}")
    return (*ours, "--quiet", "--fail-on", "never", "--format", form, "--output", "{report}")


def bandit() -> Tool:
    """The peer whose time ours is held against."""
    command = (program("bandit"), "-q", "-r", "{path}", "-f", "json", "-o", "{report}", "--exit-zero")
    return Tool(PEER, command, readings.bandit)


def _ruff() -> Tool:
    chosen = ("check", "--isolated", "--no-cache", "--exit-zero", "--select", "S,B,PERF", "--target-version", "py314")
    command = (program("ruff"), *chosen, "--output-format", "json", "--output-file", "{report}", "{path}")
    return Tool("ruff", command, readings.ruff)


def _given(command: str) -> Tool:
    words = tuple(each.replace("{sarif}", "{report}") for each in shlex.split(command))
    return Tool(Path(words[0]).stem, words, readings.sarif)


def _told_apart(tools: Sequence[Tool]) -> list[Tool]:
    """The tools, each under a name of its own: the same program may be compared with itself."""
    seen: Counter[str] = Counter()
    apart = []
    for tool in tools:
        seen[tool.name] += 1
        apart.append(tool if seen[tool.name] == 1 else replace(tool, name=f"{tool.name} {seen[tool.name]}"))
    return apart


def program(name: str) -> str:
    """Where a program of this environment lies, whether it is installed or not."""
    return str(Path(sysconfig.get_path("scripts")) / (f"{name}.exe" if sys.platform == "win32" else name))


def execute(tool: Tool, folder: Path, report: Path) -> Outcome:
    """Runs a tool over a folder and reads what it wrote."""
    report.unlink(missing_ok=True)
    words = [each.replace("{path}", str(folder)).replace("{report}", str(report)) for each in tool.command]
    started = time.perf_counter()
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **tool.settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Outcome(time.perf_counter() - started, problem=str(error))
    seconds = time.perf_counter() - started
    try:
        return Outcome(seconds, tool.read(report.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return Outcome(seconds, problem=f"ended with {done.returncode}: {(said or [repr(error)])[0][:200]}")


def version(tool: Tool) -> str:
    """What a tool says its version is; empty if it does not say."""
    words = tool.command[:4] if tool.name.startswith(OURS) else tool.command[:1]
    try:
        done = subprocess.run([*words, "--version"], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = _VERSION.search(done.stdout)
    return found[0] if found else ""
