"""What the docs say is executed, or compared with the code, or followed."""

import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from sutazai.settings.load import load_settings
from sutazai.settings.model import known_keys
from tests.reference import commands, freshness, settings
from tests.support.doc_checks import COMMANDS, check_settings, complaint
from tests.support.docs import ROOT, Block, all_blocks, anchors, blocks, calls, calls_of, links, pages, text_of

CONSOLE, TOML, YAML, PYTHON = (all_blocks(language) for language in ("console", "toml", "yaml", "python"))
PLUGIN_GUIDE = "docs/guides/plugins.md"


def places(found: list[Block]) -> list[str]:
    return [each.place for each in found]


def test_the_reference_is_what_the_code_says() -> None:
    assert freshness.stale(ROOT) == {}


def test_a_stale_page_a_missing_one_and_one_of_no_rule_are_found(tmp_path: Path) -> None:
    written = freshness.write(tmp_path)
    assert set(written) == set(freshness.pages())
    (tmp_path / "docs/reference/settings.md").write_text("old")
    (tmp_path / "docs/reference/errors.md").unlink()
    (tmp_path / "docs/reference/rules/py-gone.md").write_text("old")
    assert set(freshness.stale(tmp_path)) == {
        "docs/reference/settings.md",
        "docs/reference/errors.md",
        "docs/reference/rules/py-gone.md",
    }
    freshness.write(tmp_path)
    assert freshness.stale(tmp_path) == {}


def test_help_pages_may_be_laid_out_by_other_versions_but_must_tell_of_the_same_flags() -> None:
    page = commands.page()
    elsewhere = re.sub(r"Printed by typer [\d.]+", "Printed by typer 0.0", page).replace("│", "!")
    assert commands.same_but_for_layout(elsewhere, page)
    other_flags = re.sub(r"the commands are \w+", "the commands are 0123456789abcdef", elsewhere)
    assert not commands.same_but_for_layout(other_flags, page)
    assert not commands.same_but_for_layout(page.replace("│", "!"), page)


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page: str) -> None:
    for link in links(page):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.exists(), f"{page}: {link}"
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), f"{page}: {link}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, left = set[Path](), [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page.is_dir():
            page /= "README.md"
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        names = (link.partition("#")[0] for link in links(page.relative_to(ROOT).as_posix()) if "://" not in link)
        left += [(page.parent / name).resolve() for name in names if name]
    assert set((ROOT / "docs").rglob("*.md")) - seen == set()


@pytest.mark.parametrize("page", pages())
def test_every_command_and_flag_that_a_page_names_exists(page: str) -> None:
    assert [wrong for call in calls(page) if (wrong := complaint(call))] == []


@pytest.mark.parametrize("block", CONSOLE, ids=places(CONSOLE))
def test_console_blocks_hold_only_commands(block: Block) -> None:
    assert all(line.startswith("$ ") for line in block.text.splitlines())


def test_a_call_that_cannot_work_is_noticed() -> None:
    (call,) = calls_of("git diff | sutazai review - --stage > out")
    assert complaint(call) == "review has no --stage"
    assert complaint(["models", "push", "x"]) == "there is no command 'models push'"
    assert complaint(["models", "pull", "x", "-q"]) == ""


@pytest.mark.parametrize("block", TOML, ids=places(TOML))
def test_settings_in_the_docs_can_be_loaded(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tomllib.loads(block.text)
    if "project" in data:
        return
    check_settings(block.text, tmp_path, monkeypatch)


@pytest.mark.parametrize("block", YAML, ids=places(YAML))
def test_yaml_in_the_docs_is_valid(block: Block) -> None:
    assert yaml.safe_load(block.text)


@pytest.mark.parametrize("block", PYTHON, ids=places(PYTHON))
def test_python_in_the_docs_compiles(block: Block) -> None:
    compile(block.text, block.place, "exec")


def test_the_plugin_guide_works(monkeypatch: pytest.MonkeyPatch) -> None:
    agent, tests = blocks(PLUGIN_GUIDE, "python")
    (package,) = blocks(PLUGIN_GUIDE, "toml")
    groups = tomllib.loads(package.text)["project"]["entry-points"]
    module = ModuleType("commit_writer")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(agent.text, agent.place, "exec"), module.__dict__)  # noqa: S102 (the guide's own example)
    assert groups["sutazai.agents"] == {module.writer.name: "commit_writer:writer"}
    assert set(groups["sutazai.capabilities"]) == set(module.writer.capabilities)
    names: dict[str, object] = {}
    exec(compile(tests.text, tests.place, "exec"), names)  # noqa: S102 (the guide's own example)
    ran = [test() for name, test in names.items() if name.startswith("test_") and callable(test)]
    assert len(ran) == 2


def test_every_command_has_a_place_in_a_page_written_by_hand() -> None:
    named = {tuple(call[:n]) for page in pages(written_by_hand=True) for call in calls(page) for n in (1, 2)}
    assert [each.name for each in COMMANDS.values() if not each.group and each.path not in named] == []


def test_every_setting_has_a_line_in_the_reference_and_a_variable_that_sets_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = text_of("docs/reference/settings.md")
    for key in known_keys():
        assert f"| `{key}` |" in text
        monkeypatch.setenv(settings.variable_of(key), str(_default(key)))
    origins = load_settings(folder=tmp_path).origins
    assert origins == {key: settings.variable_of(key) for key in known_keys()}


def _default(key: str) -> str:
    row = next(line for line in text_of("docs/reference/settings.md").splitlines() if line.startswith(f"| `{key}` |"))
    return row.split(" | ")[2].strip("`").strip('"')


def test_the_readmes_two_commands_are_one_line_each() -> None:
    first, second = blocks("README.md", "console")[:2]
    assert len(first.text.splitlines()) == len(second.text.splitlines()) == 1
    assert "sutazai review" in first.text
    assert "pytest" in second.text


@pytest.mark.parametrize("page", pages())
def test_no_page_names_a_place_of_the_machine_it_was_written_on(page: str) -> None:
    assert str(ROOT) not in text_of(page)
    assert not re.search(r"/root/|/tmp/", text_of(page))
