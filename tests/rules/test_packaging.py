"""What `pyproject.toml` promises: one version, agents and capabilities that exist, and an install that fits."""

import re
import tomllib
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import sutazai
from sutazai.sdk.agent import Agent

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGE = PROJECT["project"]
ENTRIES = PACKAGE["entry-points"]
REQUIREMENTS = {each.name: each for each in map(Requirement, PACKAGE["dependencies"])}
PLATFORMS = {
    "Linux on x86": ("linux", "x86_64", True),
    "Linux on ARM": ("linux", "aarch64", True),
    "a Mac with Apple silicon": ("darwin", "arm64", True),
    "Windows on x86": ("win32", "AMD64", True),
    "a Mac with Intel": ("darwin", "x86_64", False),
    "Windows on ARM": ("win32", "ARM64", False),
    "a Raspberry Pi with 32 bits": ("linux", "armv7l", False),
    "FreeBSD": ("freebsd14", "amd64", False),
}


def agent_at(value: str) -> Agent:
    """What an entry point exports."""
    module, _, name = value.partition(":")
    found = getattr(import_module(module), name)
    assert isinstance(found, Agent)
    return found


def test_every_agent_is_called_by_its_own_name():
    for name, value in ENTRIES["sutazai.agents"].items():
        assert agent_at(value).name == name


def test_the_index_lists_every_capability_of_every_agent_and_no_other():
    offered = {key: value for value in ENTRIES["sutazai.agents"].values() for key in agent_at(value).capabilities}
    assert ENTRIES["sutazai.capabilities"] == offered


def test_the_command_exists():
    (script,) = PACKAGE["scripts"].items()
    module, _, name = script[1].partition(":")
    assert script[0] == "sutazai"
    assert callable(getattr(import_module(module), name))


def test_the_version_stands_in_one_place():
    assert PACKAGE["dynamic"] == ["version"]
    assert "version" not in PACKAGE
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "sutazai/__init__.py"
    assert version("sutazai") == sutazai.__version__
    pattern = re.compile(rf'"{re.escape(sutazai.__version__)}"')
    files = [each for each in (ROOT / "sutazai").rglob("*.py") if pattern.search(each.read_text("utf-8"))]
    # The catalogue names versions of other people's wheels.
    assert [each.name for each in files if each.name != "catalog.py"] == ["__init__.py"]


@pytest.mark.parametrize(("system", "machine", "wheel"), PLATFORMS.values(), ids=PLATFORMS)
@pytest.mark.parametrize("name", ["xllamacpp", "lancedb", "onnxruntime"])
def test_what_has_no_wheel_everywhere_is_left_out_there(name, system, machine, wheel):
    marker = REQUIREMENTS[name].marker
    assert marker is not None
    assert marker.evaluate({"sys_platform": system, "platform_machine": machine}) is wheel


def test_the_base_install_is_free_of_torch_and_of_the_server():
    assert REQUIREMENTS.keys().isdisjoint({"torch", "sentence-transformers", "transformers", "fastapi", "sqlalchemy"})


def test_every_requirement_has_a_lower_bound_and_no_upper_one():
    extras = [each for group in PACKAGE["optional-dependencies"].values() for each in map(Requirement, group)]
    for each in [*REQUIREMENTS.values(), *extras]:
        if each.name != "sutazai":
            assert [spec.operator for spec in each.specifier] == [">="], str(each)


def test_the_extras_exist():
    extras = PACKAGE["optional-dependencies"]
    assert {"sentence-transformers", "server", "test", "dev"} <= set(extras)
    assert "sutazai[test]" in extras["dev"]


def test_both_packages_are_in_the_wheel():
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["sutazai", "plugins/sutazai_agents"]


@pytest.mark.parametrize("name", ["README.md", "LICENSE"])
def test_the_files_that_the_package_names_are_there(name):
    assert (ROOT / name).is_file()
    assert name in {PACKAGE["readme"], *PACKAGE["license-files"]}
