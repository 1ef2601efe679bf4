"""What a static review loads: only what it needs, measured in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NEVER = (
    "numpy",
    "sqlite_utils",
    "httpx",
    "ollama",
    "lancedb",
    "textual",
    "keyring",
    "xllamacpp",
    "huggingface_hub",
    "onnxruntime",
    "psutil",
    "tomlkit",
    "unidiff",
    "sutazai.review.recipes.run",
    "sutazai.review.model_part",
    "sutazai.runtime.models",
    "sutazai.llm",
)
PROGRAM = """
import sys
from sutazai.__main__ import main
sys.argv = ["sutazai", *sys.argv[1:]]
code = main()
sys.stderr.write("\\nloaded:" + ",".join(sys.modules))
sys.exit(code)
"""
CLEAN = "def total(prices):\n    return sum(prices)\n"
BAD = "import subprocess\n\n\ndef run(name):\n    return subprocess.call(f'ls {name}', shell=True)\n"


def loaded(folder: Path, text: str, *flags: str) -> tuple[int, set[str]]:
    """The exit code of a static review of `text`, and the modules in memory at its end."""
    (folder / "app.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, "review", "app.py", "--no-model", *flags],
        cwd=folder,
        env={**os.environ, "SUTAZAI_HISTORY__ENABLED": "false"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    _, _, modules = done.stderr.rpartition("loaded:")
    return done.returncode, set(modules.split(","))


@pytest.mark.parametrize("format_", ["text", "json"])
@pytest.mark.parametrize(("text", "code"), [(CLEAN, 0), (BAD, 1)], ids=["clean", "findings"])
def test_a_static_review_loads_nothing_for_models_or_documents(tmp_path, text, code, format_):
    for _ in range(2):  # the second one is served by the cache
        ended, modules = loaded(tmp_path, text, "--format", format_)
        assert ended == code
        assert {each for each in NEVER if each in modules} == set()


def test_a_parser_is_loaded_only_where_there_are_findings(tmp_path):
    """Each engine looks at the bare text first: most files hold nothing that is worth a parse."""
    assert "tree_sitter" not in loaded(tmp_path, CLEAN)[1]
    assert "tree_sitter" in loaded(tmp_path, BAD)[1]


def test_nothing_is_drawn_where_the_output_is_data_and_nobody_watches(tmp_path):
    _, modules = loaded(tmp_path, BAD, "--format", "json")
    assert "rich.console" not in modules
    _, modules = loaded(tmp_path, BAD)
    assert "rich.console" in modules
