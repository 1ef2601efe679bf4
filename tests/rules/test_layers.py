"""The layers point downwards, and no contract of import-linter is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of the packages in `folder`."""
    path = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(folder / 'plugins')!r}]; "
    command = [sys.executable, "-P", "-c", path + PROGRAM]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_contract_is_kept():
    done = linted(ROOT)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("sutazai/errors/base.py", "import sutazai.sdk.finding"),
        ("sutazai/review/weigh.py", "import sutazai.store.cache"),
        ("sutazai/store/cache.py", "import sutazai.review.weigh"),
        ("sutazai/runtime/clock.py", "import sutazai_agents.code_assistant"),
        ("sutazai/review/weigh.py", "import tree_sitter"),
        ("plugins/sutazai_agents/code_assistant/agent.py", "import sutazai.llm.catalog"),
    ],
)
def test_a_broken_contract_is_noticed(tmp_path, module, line):
    for each in ("sutazai", "plugins"):
        shutil.copytree(ROOT / each, tmp_path / each, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a", encoding="utf-8") as stream:
        stream.write(f"\n{line}\n")
    done = linted(tmp_path)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout
