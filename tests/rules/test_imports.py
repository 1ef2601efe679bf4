"""What a call imports: `--version` is answered before anything of ours or any library is loaded."""

import os
import subprocess
import sys

import pytest

HEAVY = ("typer", "pydantic", "asyncio", "rich", "httpx", "ollama", "tree_sitter", "importlib.metadata", "sqlite3")
PROGRAM = """
import runpy, sys
sys.argv = ["sutazai", *{arguments!r}]
try:
    runpy.run_module("sutazai", run_name="__main__", alter_sys=True)
except SystemExit as end:
    assert not end.code, end.code
sys.stderr.write("\\n".join(sys.modules))
"""


def python(program: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in a Python of its own; coverage, which would load half of the library, does not follow there."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True, env=bare)


def loaded(*arguments: str) -> tuple[str, set[str]]:
    """What the program writes, and the modules it loaded, beyond those of runpy itself."""
    program = PROGRAM.format(arguments=arguments)
    done = python(program)
    before = python("import runpy, sys; sys.stderr.write('\\n'.join(sys.modules))").stderr.splitlines()
    return done.stdout, set(done.stderr.splitlines()) - set(before)


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_told_before_anything_is_imported(flag):
    out, modules = loaded(flag)
    assert out.startswith("sutazai ")
    assert {each for each in modules if each.startswith("sutazai")} <= {"sutazai", "sutazai.__main__"}
    assert modules.isdisjoint(HEAVY)


@pytest.mark.parametrize("package", ["sutazai", "sutazai.errors", "sutazai.sdk", "sutazai.settings", "sutazai.review"])
def test_importing_a_package_loads_no_library(package):
    program = f"import sys, {package}; print('\\n'.join(sys.modules))"
    done = python(program)
    assert set(done.stdout.splitlines()).isdisjoint(set(HEAVY) - {"importlib.metadata"})


def test_settings_are_loaded_without_keyring_and_without_an_editor_of_toml():
    program = "import sys, sutazai.settings.load, sutazai.settings.secrets; print('\\n'.join(sys.modules))"
    done = python(program)
    assert set(done.stdout.splitlines()).isdisjoint({"keyring", "tomlkit", "platformdirs", "asyncio", "typer"})
