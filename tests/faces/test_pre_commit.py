"""The hooks under the real `pre-commit`, on a real repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.face import CLEAN, FAULTY, HASH, SHELL, Face, git, repository

CHECKOUT = Path(__file__).parents[2]
FAULT = FAULTY[: FAULTY.index("def digest")]

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in for an installed sutazai is a shell script"
)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sutazai` on PATH, a pre-commit home of its own, nobody's git settings."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "sutazai").write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m sutazai "$@"\n')
    (programs / "sutazai").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for variable in [each for each in os.environ if each.startswith("GIT_") and each != "GIT_CONFIG_GLOBAL"]:
        monkeypatch.delenv(variable)


@pytest.fixture
def project(tmp_path: Path, environment: None) -> Path:
    """A repository whose commits pass through the hook of this checkout."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    shutil.copy(CHECKOUT / ".pre-commit-hooks.yaml", hooks)
    git(hooks, "init", "-q")
    git(hooks, "add", ".")
    git(hooks, "commit", "-qm", "hooks")
    return _with_hook(tmp_path / "project", hooks, "sutazai-review-system")


def _with_hook(project: Path, hooks: Path, hook: str) -> Path:
    repository(project)
    revision = git(hooks, "rev-parse", "HEAD").strip()
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n    verbose: true\n"
    )
    git(project, "add", ".")
    git(project, "commit", "-qm", "hook")
    installed = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install"], cwd=project, check=False, capture_output=True, text=True
    )
    assert installed.returncode == 0, installed.stdout
    return project


def _committed(project: Path) -> tuple[bool, str]:
    """Whether a commit passes, and what was said."""
    before = git(project, "rev-parse", "HEAD")
    done = subprocess.run(
        ["git", "-c", "user.name=ann", "-c", "user.email=ann", "commit", "-m", "change"],
        cwd=project,
        check=False,
        capture_output=True,
        text=True,
    )
    passed = git(project, "rev-parse", "HEAD") != before
    assert passed is (done.returncode == 0)
    return passed, done.stdout + done.stderr


def test_a_staged_fault_blocks_the_commit(project: Path) -> None:
    """And is shown with its place; once mended the commit passes."""
    (project / "app.py").write_text(FAULT)
    git(project, "add", "app.py")
    passed, said = _committed(project)
    assert not passed
    assert re.search(rf"HIGH +app\.py:6:5 +{SHELL}", said)
    (project / "app.py").write_text(CLEAN + "\n\nthrice = 3\n")
    git(project, "add", "app.py")
    passed, said = _committed(project)
    assert passed
    assert "Passed" in said


def test_a_fault_that_is_not_staged_blocks_nothing(project: Path) -> None:
    """What is committed counts, not what lies in the folder; and the folder is left as it is."""
    (project / "app.py").write_text(FAULT)
    (project / "other.py").write_text(CLEAN)
    git(project, "add", "other.py")
    passed, _ = _committed(project)
    assert passed
    assert (project / "app.py").read_text() == FAULT


def test_only_staged_lines_count(project: Path) -> None:
    """A fault that was committed before is nobody's who changes another line."""
    (project / "app.py").write_text(FAULT)
    git(project, "add", "app.py")
    git(project, "commit", "-q", "--no-verify", "-m", "a fault")
    (project / "app.py").write_text(FAULT + "\n\nthrice = 3\n")
    git(project, "add", "app.py")
    passed, said = _committed(project)
    assert passed, said
    assert SHELL not in said


def test_a_medium_finding_is_shown_and_blocks_nothing(project: Path) -> None:
    """The threshold is the one of every review."""
    (project / "app.py").write_text(FAULTY.replace("subprocess.run(", "print("))
    git(project, "add", "app.py")
    passed, said = _committed(project)
    assert passed
    assert HASH in said


def test_the_hook_downloads_nothing_and_says_that_no_model_was_asked(project: Path) -> None:
    """With an empty home there is no model: static findings decide, and the folder of weights stays empty."""
    (project / "app.py").write_text(CLEAN + "\n\ndef half(number):\n    return number / 2\n")
    git(project, "add", "app.py")
    passed, said = _committed(project)
    assert passed
    assert "no model" in said
    assert "fetching" not in said
    weights = Path(os.environ["SUTAZAI_HOME"]) / "data" / "models"
    assert not [each for each in weights.rglob("*") if each.is_file()]


def test_the_hook_has_its_own_time_limit(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """20 s of model time as configured, unless one is given."""
    from sutazai.review.report import ReviewReport  # noqa: PLC0415 (only here)

    asked = []

    async def review(_loaded: object, request: object, _sink: object) -> ReviewReport:
        asked.append(request)
        return ReviewReport()

    monkeypatch.setattr("sutazai.cli.review._review", review)
    assert face("review", "--hook").code == 0
    monkeypatch.setenv("SUTAZAI_REVIEW__HOOK_TIME_LIMIT_S", "7")
    assert face("review", "--hook").code == 0
    assert face("review", "--hook", "--time-limit", "3").code == 0
    assert face("review").code == 0
    assert [each.time_limit_s for each in asked] == [20, 7, None, None]
    assert [each.staged for each in asked] == [True, True, True, False]


@pytest.mark.network
@pytest.mark.skipif(os.environ.get("CI") != "true", reason="installs the whole package; set CI=true")
@pytest.mark.skipif(not (CHECKOUT / ".git").exists(), reason="needs a checkout")
def test_the_hook_that_installs_itself_blocks_a_staged_fault(tmp_path: Path, environment: None) -> None:
    """`language: python`, from a clone of this checkout, in an environment that pre-commit makes."""
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--no-hardlinks", str(CHECKOUT), str(clone))
    project = _with_hook(tmp_path / "project", clone, "sutazai-review")
    (tmp_path / "programs" / "sutazai").unlink()
    (project / "app.py").write_text(FAULT)
    git(project, "add", "app.py")
    passed, said = _committed(project)
    assert not passed
    assert SHELL in said
