"""Every command but `review`: what it prints, what it refuses, its exit code."""

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from sutazai.cli import app
from sutazai.llm.ollama_probe import OllamaStatus
from sutazai.sdk.chat import ChatReply
from sutazai.sdk.profile import ModelProfile, RecipeProfile
from sutazai.sdk.testing import ScriptedChat
from sutazai.settings.model import known_keys
from sutazai.settings.refused import flag_of
from tests.support.face import CLEAN, HASH, SHELL, Face
from tests.support.toy_model import toy_info

COMMANDS = [
    "", "review", "fix", "explain", "history", "feedback", "feedback accept", "feedback dismiss", "agents",
    "docs", "docs add", "docs list", "docs show", "docs remove", "docs search", "docs reindex", "docs collections",
    "docs export", "docs summarise", "ask", "chat", "run",
    "models", "models list", "models pull", "models rm", "models show", "models use", "models bench",
    "doctor", "config", "config show", "config get", "config set", "config path", "config secret", "cache",
    "cache size", "cache clean",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_ollama(monkeypatch: pytest.MonkeyPatch) -> None:
    """None answers, whatever runs on this machine."""

    async def refused(_host: str, **_options: object) -> OllamaStatus:
        return OllamaStatus(reachable=False, reason="the connection was refused", hint="start it")

    monkeypatch.setattr("sutazai.runtime.models.probe_ollama", refused)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_page_with_an_example(face: Face, command: str) -> None:
    """`-h` is `--help`."""
    ended = face(*command.split(), "--help")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(rf"Examples?.*\bsutazai\b.*{command.rpartition(' ')[2]}", ended.out, re.DOTALL)
    assert face(*command.split(), "-h").out == ended.out


def test_the_help_lists_every_command(face: Face) -> None:
    """And a bare call prints it, with the exit code of a usage error and nothing else said."""
    ended = face()
    assert (ended.code, ended.err) == (2, "")
    for name in app.COMMANDS:
        assert re.search(rf"│ {name} ", ended.out)


def test_an_unknown_command_is_met_with_the_nearest_one(face: Face) -> None:
    """Or with all of them."""
    ended = face("revew")
    assert ended.code == 2
    assert (
        ended.err
        == "error: no such command 'revew': did you mean 'review'?\n  → `sutazai --help` shows what there is\n"
    )
    told = face("zzz").err
    assert "known: agents, ask, cache" in told
    assert "review, run" in told, "every command is among them"


def test_the_version_is_printed(face: Face) -> None:
    """Also among other flags."""
    assert re.fullmatch(r"sutazai \d+\.\d+\.\d+\n", face("--version", "review").out)


# explain


def test_a_line_is_explained_with_its_findings(face: Face) -> None:
    """As text and as JSON."""
    text = face("explain", "app.py:6", "--no-model")
    assert text.code == 0
    assert re.search(rf"app.py:6  pack\n\nhigh · {SHELL} · ", text.out)
    assert "https://cwe.mitre.org/data/definitions/78.html" in text.out
    assert [each["rule"] for each in face("explain", "app.py:10", "--no-model", "--json").json["findings"]] == [HASH]
    assert "Nothing was found on this line." in face("explain", "app.py:1", "--no-model").out


def test_a_model_says_what_the_code_around_does(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words cannot steer the terminal."""

    async def chat(_self: object, _emit: object) -> ScriptedChat:
        return ScriptedChat(lambda _request: ChatReply("It packs \x1b[31ma folder.", "stop"), info=toy_info())

    monkeypatch.setattr("sutazai.runtime.resources.Resources.chat", chat)
    assert "toy says:\nIt packs \\x1b[31ma folder.\n" in face("explain", "app.py:1").out


def test_an_explanation_without_a_model_says_so(face: Face) -> None:
    """What the engines know is still told."""
    ended = face("explain", "app.py:6", "--model", "nope.gguf")
    assert SHELL in ended.out
    assert "nope.gguf" in ended.err


@pytest.mark.parametrize(
    ("place", "code"),
    [("app.py", 2), ("app.py:0", 2), ("app.py:x", 2), (":3", 2), ("app.py:99", 2), ("no.py:1", 4), ("../a.py:1", 4)],
)
def test_a_place_that_is_none_is_refused(face: Face, place: str, code: int) -> None:
    """With an example of a right one."""
    ended = face("explain", place, "--no-model")
    assert (ended.code, ended.out) == (code, "")
    assert re.fullmatch(r"error: .+\n  → .+\n", ended.err)


# history and feedback


def test_runs_are_listed_newest_first_and_shown_by_a_beginning_of_their_id(face: Face) -> None:
    """As text and as JSON."""
    assert "No runs yet" in face("history").out
    assert face("history", "--json").json == []
    face.review()
    face.write({"app.py": CLEAN})
    face.review()
    newest, oldest = face("history", "--json").json
    assert (newest["exit_code"], oldest["exit_code"]) == (0, 1)
    assert oldest["summary"] == "2 findings in 1 file, no model"
    assert face("history", "-n", "1").out.startswith(newest["id"])
    shown = face("history", oldest["id"][:6])
    assert shown.code == 0
    assert SHELL in shown.out
    assert face("history", oldest["id"][:6], "--json").json["schema"] == "sutazai.review/1"


@pytest.mark.parametrize("run", ["zzz", "%", "' or 1=1"])
def test_a_run_that_is_not_there_is_refused(face: Face, run: str) -> None:
    """Wildcards are letters."""
    face.review()
    ended = face("history", run)
    assert ended.code == 2
    assert "no single run" in ended.err


def test_a_dismissed_finding_is_silent_in_the_next_review_until_it_is_accepted(face: Face) -> None:
    """By a beginning of its fingerprint; the reason is kept."""
    shell = face.review().json["findings"][0]["fingerprint"]
    ended = face("feedback", "dismiss", shell.removeprefix("v1:")[:8], "-m", "the proxy checks it")
    assert (ended.code, ended.out) == (0, f"dismissed: {SHELL} at app.py:6\n")
    after = face.review()
    assert (after.rules, after.code) == ([HASH], 0)
    assert after.json["suppressed"][0]["suppressed"] == {"by": "feedback", "reason": "the proxy checks it"}
    assert face("feedback", "accept", shell).out == f"accepted: {SHELL} at app.py:6\n"
    assert face.review().rules == [SHELL, HASH]


@pytest.mark.parametrize("fingerprint", ["", "zz", "v1:"])
def test_feedback_on_nothing_is_refused(face: Face, fingerprint: str) -> None:
    """Also where every finding would fit."""
    face.review()
    ended = face("feedback", "dismiss", fingerprint)
    assert ended.code == 2
    assert "sutazai history" in ended.err
    assert face.review().rules == [SHELL, HASH]


# agents and run


def test_agents_list_their_capabilities_and_the_schema_of_an_input(face: Face) -> None:
    """What `run` takes."""
    assert "code.review" in face("agents").out
    assert face("agents", "--json").json[0]["capabilities"][0]["key"] == "code.review"
    assert "paths" in face("agents", "code.review").json["properties"]
    assert face("agents", "nope").code == 2


def test_a_broken_plugin_is_named_and_the_others_are_listed(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """One does not disturb another."""
    from sutazai.errors.usage import BrokenPlugin  # noqa: PLC0415 (only here)
    from sutazai.runtime.registry import Registry  # noqa: PLC0415

    whole = Registry.all
    monkeypatch.setattr(Registry, "all", lambda self: (whole(self)[0], [BrokenPlugin("x", "y", "it is broken")]))
    ended = face("agents")
    assert "code.review" in ended.out
    assert "it is broken" in ended.err


def test_a_capability_runs_with_json_from_a_file_or_stdin(face: Face) -> None:
    """And its outcome is the exit code."""
    request = json.dumps({"paths": ["app.py"], "model": False})
    face.write({"in.json": request})
    from_file, from_stdin = (
        face("run", "code.review", "-i", "in.json"),
        face("run", "code.review", "-i", "-", stdin=request),
    )
    assert (from_file.code, from_file.rules) == (from_stdin.code, from_stdin.rules) == (1, [SHELL, HASH])
    assert face("run", "code.explain", "-i", "-", stdin='{"path": "app.py", "line": 6, "model": false}').code == 0


def test_events_are_lines_of_json_numbered_without_a_gap(face: Face) -> None:
    """From the start to the end of the run."""
    ended = face("run", "code.review", "-i", "-", "--events", stdin='{"model": false}')
    events = [json.loads(line) for line in ended.out.splitlines()]
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    assert (events[0]["kind"], events[-1]["kind"]) == ("started", "done")
    assert {each["finding"]["rule"] for each in events if each["kind"] == "finding"} >= {HASH}
    failed = face("run", "code.review", "-i", "-", "--events", stdin='{"paths": ["no.py"], "model": false}')
    assert failed.code == 4
    assert json.loads(failed.out.splitlines()[-1])["kind"] == "failed"


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (("nope",), "", 2),
        (("code.review", "-i", "no.json"), "", 4),
        (("code.review", "-i", "."), "", 4),
        (("code.review", "-i", "-"), "[1]", 2),
        (("code.review", "-i", "-"), "{", 2),
        (("code.review", "-i", "-"), "[" * 100_000, 2),
        (("code.review", "-i", "-"), "caf\xe9".encode("latin-1"), 2),
        (("code.review", "-i", "-"), '{"pths": []}', 2),
        (("code.explain",), "", 2),
    ],
)
def test_an_input_that_does_not_fit_is_refused(
    face: Face, arguments: tuple[str, ...], stdin: str | bytes, code: int
) -> None:
    """With the way to its schema."""
    ended = face("run", *arguments, stdin=stdin)
    assert (ended.code, ended.out) == (code, "")
    assert re.fullmatch(r"error: .+\n  → .+\n", ended.err)


def test_an_input_is_bounded(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it says."""
    monkeypatch.setattr("sutazai.cli.run._MAX_INPUT_BYTES", 3)
    assert "the input is larger than" in face("run", "code.review", "-i", "-", stdin='{"a": 1}').err


# models


def test_models_are_listed_and_shown(face: Face) -> None:
    """The one that would be used is marked."""
    assert re.search(r"^\* qwen2.5-coder:1.5b .* MB  embedded  not fetched$", face("models", "list").out, re.MULTILINE)
    rows = face("models", "list", "--json").json
    assert [each["name"] for each in rows if each["used"]] == ["qwen2.5-coder:1.5b"]
    assert "licence: Apache-2.0\n" in face("models", "show").out
    assert face("models", "show", "smollm2:135m", "--json").json["path"] == "not fetched"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "nope"), "no runtime can serve 'nope'"),
        (("pull", "nope"), "no weights are known for 'nope'"),
        (("rm", "nope"), "no weights are known for 'nope'"),
        (("use", "./nope.gguf"), "nope.gguf is not a model file"),
        (("bench", "--review", "--model", "nope.gguf"), "nope.gguf is not a model file"),
    ],
)
def test_a_model_that_is_not_there_is_refused(face: Face, arguments: tuple[str, ...], message: str) -> None:
    """With exit code 3 and the next step."""
    ended = face("models", *arguments)
    assert ended.code == 3
    assert re.search(rf"error: {re.escape(message)}.*\n  → .+\n$", ended.err, re.DOTALL)


def test_offline_nothing_is_fetched(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the way around it is told."""
    monkeypatch.setenv("SUTAZAI_OFFLINE", "1")
    ended = face("models", "pull", "smollm2:135m")
    assert ended.code == 3
    assert "it is set to offline" in ended.err
    assert "fetching" not in ended.err


def test_a_pulled_model_is_told_with_its_path(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that is not here is not removed."""

    async def here(_loaded: object, _name: str, _emit: object) -> Path:
        return Path("/weights/blob")

    monkeypatch.setattr("sutazai.runtime.models.pull_weights", here)
    assert face("models", "pull", "smollm2:135m", "-q").err == "sutazai: smollm2:135m is here: /weights/blob\n"
    assert face("models", "rm", "smollm2:135m").err == "sutazai: smollm2:135m was not here\n"


def test_a_model_is_used_from_then_on(face: Face) -> None:
    """A path is kept whole, `auto` is the default again, an unknown name is doubted."""
    (face.folder / "my.gguf").write_bytes(b"GGUF" + bytes(20))
    assert face("models", "use", "./my.gguf").code == 0
    assert face("config", "get", "model.name").out == f"{face.folder / 'my.gguf'}\n"
    assert "only an Ollama that has it can serve it" in face("models", "use", "nope").err
    assert face("models", "use", "smollm2:135m").err.startswith('sutazai: model.name = "smollm2:135m" in ')
    assert face("models", "use", "auto").code == 0
    assert face("config", "get", "model.name").out == "\n"


def test_a_bench_prints_what_was_measured(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says what to measure where nothing was named."""
    assert "say what to measure" in face("models", "bench").err
    measured = ModelProfile(
        recipes={"probe": RecipeProfile(threshold=3, recall=0.5), "claims": RecipeProfile(threshold=1)}
    )

    async def chat(_self: object, _emit: object) -> ScriptedChat:
        return ScriptedChat([], info=toy_info())

    async def measure(_chat: object, *, on_progress: Callable[[int, int], None], **_options: object) -> ModelProfile:
        on_progress(1, 2)
        return measured

    monkeypatch.setattr("sutazai.runtime.resources.Resources.chat", chat)
    monkeypatch.setattr("sutazai.review.bench.measure", measure)
    lines = "probe: threshold 3; recall 0.50\nclaims: threshold 1; not measured\n"
    profiles = Path(os.environ["SUTAZAI_HOME"]) / "data" / "profiles"
    assert face("models", "bench", "--review").out == lines
    assert not profiles.exists()
    assert "probe" in face("models", "bench", "--review", "--json", "--save").json["recipes"]
    assert profiles.is_dir()


# doctor


def test_the_doctor_says_what_is_here_and_names_every_folder(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """As text and as JSON."""
    ended = face("doctor")
    assert ended.code == 0
    for word in (
        "✓ sutazai:",
        "✓ machine:",
        "· ollama server:",
        "qwen2.5-coder:1.5b",
        "settings file:",
        "weights folder:",
    ):
        assert word in ended.out
    assert {each["state"] for each in face("doctor", "--json").json} <= {"ok", "note", "missing"}
    monkeypatch.setenv("SUTAZAI_OFFLINE", "1")
    assert face("doctor").code == 3


def test_the_doctor_goes_on_where_settings_are_broken_and_names_each_that_is(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the file, the reason and the next step."""
    face.write({"sutazai.toml": "[review]\nfail_on = 'hihg'\n"})
    monkeypatch.setenv("SUTAZAI_LOG", "loud")
    ended = face("doctor")
    assert (ended.code, ended.err) == (2, "")
    reason = "is not usable: 'hihg' is none of critical, high, medium, low, info, never"
    wrong = (
        f"✗ settings: setting 'review.fail_on' in {face.folder / 'sutazai.toml'} {reason}\n    → did you mean 'high'?"
    )
    assert wrong in ended.out
    assert "✗ settings: setting 'log' in SUTAZAI_LOG" in ended.out
    assert "✓ settings:" not in ended.out
    assert "· ollama server:" in ended.out
    assert "undo folder:" in ended.out
    states = [each["state"] for each in face("doctor", "--json").json if each["name"] == "settings"]
    assert states == ["missing", "missing"]


def test_a_broken_project_file_stops_what_reads_it_and_nothing_of_documents(face: Face) -> None:
    """A project may set only how code is reviewed."""
    face.write({"sutazai.toml": "[review"})
    assert "cannot read the settings" in face.review("app.py").err
    for arguments in (("docs", "collections"), ("ask", "why?"), ("docs", "list")):
        assert "sutazai.toml" not in face(*arguments).err


# what does not fit


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("--fail-on", "hihg"), "'--fail-on': 'hihg' is not one of 'critical'", "did you mean 'high'? `sutazai review"),
        (("--format", "???"), "'???' is not one of 'text'", "→ `sutazai review --help`"),
        (("--min-confidence", "3"), "--min-confidence is not usable: 3 is too much: at most 1", "--help"),
        (("--profile", "thorugh"), "'thorugh' is none of quiet, default, thorough", "did you mean 'thorough'?"),
    ],
)
def test_a_flag_that_does_not_fit_is_told_in_plain_words(
    face: Face, arguments: tuple[str, ...], message: str, hint: str
) -> None:
    """The value, what is allowed, the nearest of it."""
    ended = face("review", "app.py", *arguments)
    assert ended.code == 2
    assert message in ended.err
    assert hint in ended.err
    assert "Value error" not in ended.err


def test_every_setting_of_a_flag_is_told_by_a_flag_that_there_is() -> None:
    """The names are derived; here each is looked up."""
    sources = [each.read_text(encoding="utf-8") for each in Path(app.__file__).parent.glob("*.py")]
    keys = set(re.findall(r'"([a-z]+\.[a-z_]+|offline)": ', "".join(sources))) & set(known_keys())
    page = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
    flags = set(re.findall(r"--[a-z-]+", page.read_text(encoding="utf-8")))
    assert len(keys) > 8
    assert {flag_of(each) for each in keys - {"model.download"}} <= flags  # a hook sets that one itself


# config


def test_a_setting_is_set_got_and_shown_with_its_origin(face: Face) -> None:
    """In the user's own file."""
    path = face("config", "path").out.strip()
    assert face("config", "set", "review.exclude", "a,b").err == f'sutazai: review.exclude = ["a", "b"] in {path}\n'
    assert face("config", "get", "review.exclude").out == '["a", "b"]\n'
    assert f'review.exclude = ["a", "b"]  # {path}\n' in face("config", "show", "--origin").out
    assert 'review.exclude = ["a", "b"]\n' in face("config", "show").out
    assert face("config", "show", "--json").json["review.exclude"] == {"value": ["a", "b"], "origin": path}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("get", "review.fialon"), "did you mean 'review.fail_on'"),
        (("set", "review.fialon", "x"), "did you mean 'review.fail_on'"),
        (("set", "review.fail_on", "grave"), "'review.fail_on' in the command line is not usable"),
        (("secret", "nope", "--remove"), "nothing reads a secret 'nope'"),
        (("secret", "ollama-api-key"), "the secret is empty"),
    ],
)
def test_a_setting_or_secret_that_does_not_fit_is_refused(face: Face, arguments: tuple[str, ...], message: str) -> None:
    """And nothing is written."""
    ended = face("config", *arguments)
    assert ended.code == 2
    assert message in ended.err
    assert not Path(face("config", "path").out.strip()).exists()


@pytest.fixture
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one of whoever runs the tests is none of their business."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.mark.usefixtures("_no_keyring")
def test_a_secret_is_read_from_stdin_and_never_printed(face: Face) -> None:
    """It goes where only its owner reads."""
    ended = face("config", "secret", "ollama-api-key", stdin="s3cr3t\n")
    assert ended.code == 0
    assert "s3cr3t" not in ended.out + ended.err
    assert "s3cr3t" not in face("config", "show", "--origin").out
    assert face("config", "secret", "ollama-api-key", "--remove").err == "sutazai: ollama-api-key is forgotten\n"


@pytest.mark.usefixtures("_no_keyring")
def test_at_a_terminal_a_secret_is_asked_for_and_the_question_can_be_left(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-D is as good as Ctrl-C."""

    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(io, "TextIOWrapper", Terminal)
    monkeypatch.setattr(typer, "prompt", lambda *_arguments, **_options: "s3cr3t")
    assert face("config", "secret", "ollama-api-key").code == 0

    def left(*_arguments: object, **_options: object) -> str:
        raise typer.Abort

    monkeypatch.setattr(typer, "prompt", left)
    ended = face("config", "secret", "ollama-api-key")
    assert (ended.code, ended.err) == (130, "sutazai: interrupted\n")


# cache


def test_the_cache_is_measured_and_emptied(face: Face) -> None:
    """History and feedback stay."""
    assert face("cache", "size", "--bytes").out == "0\n"
    face.review()
    full = int(face("cache", "size", "--bytes").out)
    assert full > 0
    assert re.fullmatch(r"\d+\.\d MB\n", face("cache", "size").out)
    assert face("cache", "clean").err.endswith(" MB freed\n")
    assert len(face("history", "--json").json) == 1


def test_stdout_of_every_list_survives_a_console_without_unicode(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written is UTF-8 whatever the locale says."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    assert face("doctor", "--json").code == 0
    stream.flush()
    assert json.loads(stream.buffer.getvalue().decode())


def test_no_resident_is_running_where_none_was_started(face: Face) -> None:
    """And that is no error."""
    assert face("resident", "status").out == "none is running\n"
    assert face("resident", "status", "--json").json == []
    assert face("resident", "stop").err == "sutazai: none was running\n"
