"""Which value counts, where it came from, and what is refused: flag > variable > project file > user file > default."""

import itertools
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sutazai.errors.usage import (
    ForbiddenInProject,
    InvalidFlag,
    InvalidSetting,
    OutsideProject,
    TwoProjectFiles,
    UnknownSetting,
    UnreadableSettings,
    UsageError,
)
from sutazai.sdk.finding import Severity
from sutazai.settings.folders import folders
from sutazai.settings.layers import parse_text
from sutazai.settings.load import load_settings, load_usable_settings, value_of
from sutazai.settings.model import PROJECT_SECTIONS, REVIEW_PROFILES, Settings, description_of, known_keys

ANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
LAYERS = ("user", "project", "variable", "flag")


@pytest.mark.parametrize("given_layers", [c for n in range(5) for c in itertools.combinations(LAYERS, n)])
def test_the_strongest_layer_wins_and_is_named(place, given_layers):
    user, project = place.user_file, place.project / "sutazai.toml"
    if "user" in given_layers:
        place.user("[review]\nmax_findings = 1\n")
    if "project" in given_layers:
        place.file("[review]\nmax_findings = 2\n")
    environ = {"SUTAZAI_REVIEW__MAX_FINDINGS": "3"} if "variable" in given_layers else {}
    loaded = place.load({"review.max_findings": 4} if "flag" in given_layers else None, **environ)
    expected = {
        "user": (1, str(user)),
        "project": (2, str(project)),
        "variable": (3, "SUTAZAI_REVIEW__MAX_FINDINGS"),
        "flag": (4, "flag"),
    }
    wanted = expected[given_layers[-1]] if given_layers else (10, "default")
    assert (loaded.settings.review.max_findings, loaded.origins["review.max_findings"]) == wanted
    in_force = given_layers[-1:] == ("project",)
    assert dict(loaded.project) == ({"review.max_findings": str(project)} if in_force else {})


def test_every_setting_has_a_description_a_value_and_an_origin(place):
    loaded = place.load()
    assert set(loaded.origins) == set(known_keys())
    for key in known_keys():
        assert description_of(key)
        assert value_of(loaded.settings, key) == value_of(Settings(), key)


def test_a_profile_sets_what_its_own_layer_leaves_open_and_beats_weaker_layers(place):
    place.user("[review]\nmin_confidence = 0.1\nmax_findings = 7\n")
    place.file('[review]\nprofile = "quiet"\nmax_findings = 4\n')
    loaded = place.load()
    review = loaded.settings.review
    assert (review.min_severity, review.min_confidence, review.max_findings) == (Severity.MEDIUM, 0.8, 4)
    assert loaded.origins["review.min_confidence"].endswith("sutazai.toml (profile quiet)")
    assert set(loaded.project) == {"review.profile", *REVIEW_PROFILES["quiet"]}
    stronger = place.load({"review.profile": "thorough", "review.min_severity": "low"}).settings.review
    assert (stronger.min_severity, stronger.min_confidence, stronger.max_findings) == (Severity.LOW, 0.2, 50)


def test_a_profile_in_a_variable_leaves_other_variables_their_say(place):
    review = place.load(SUTAZAI_REVIEW__PROFILE="quiet", SUTAZAI_REVIEW__MIN_CONFIDENCE="0.1").settings.review
    assert (review.min_confidence, review.min_severity) == (0.1, Severity.MEDIUM)


def test_the_default_profile_is_what_holds_without_one(place):
    assert place.load({"review.profile": "default"}).settings == place.load().settings


@pytest.mark.parametrize("profile", ["loud", 3, ["quiet"], {}])
def test_a_profile_that_is_none_is_refused(place, profile):
    with pytest.raises(InvalidFlag, match="--profile is not usable"):
        place.load({"review.profile": profile})


def test_paths_have_rules_of_their_own(place):
    place.file('[review.per_path."tests/"]\nmin_severity = "high"\nrules = { py-eval = "off" }\n')
    rules = place.load().settings.review.per_path["tests/"]
    assert (rules.min_severity, rules.min_confidence, rules.rules) == (Severity.HIGH, None, {"py-eval": "off"})
    path = place.file('[review.per_path."tests/"]\nmin_sev = "high"\n')
    with pytest.raises(UnknownSetting) as error:
        place.load()
    assert error.value.message == f"unknown setting 'review.per_path.\"tests/\".min_sev' in {path}"
    assert error.value.hint == "did you mean 'min_severity'?"


def test_a_flag_that_was_not_given_changes_nothing(place):
    place.user("offline = true\n")
    loaded = place.load({"offline": None})
    assert (loaded.settings.offline, loaded.origins["offline"]) == (True, str(place.user_file))


def test_ollamas_own_variable_is_weaker_than_ours(place):
    assert place.load(OLLAMA_HOST="a:1").settings.ollama.host == "a:1"
    assert place.load(OLLAMA_HOST="a:1").origins["ollama.host"] == "OLLAMA_HOST"
    loaded = place.load(OLLAMA_HOST="a:1", SUTAZAI_OLLAMA__HOST="b:2")
    assert (loaded.settings.ollama.host, loaded.origins["ollama.host"]) == ("b:2", "SUTAZAI_OLLAMA__HOST")
    assert place.load(OLLAMA_HOST="").origins["ollama.host"] == "default"


@pytest.mark.parametrize(
    ("variable", "value", "key", "expected"),
    [
        ("SUTAZAI_OFFLINE", "1", "offline", True),
        ("SUTAZAI_LOG", "debug", "log", "debug"),
        ("SUTAZAI_REVIEW__FAIL_ON", "never", "review.fail_on", "never"),
        ("SUTAZAI_REVIEW__FAIL_ON", "low", "review.fail_on", Severity.LOW),
        ("SUTAZAI_REVIEW__EXCLUDE", "a/, b/*.py,", "review.exclude", ("a/", "b/*.py")),
        ("SUTAZAI_REVIEW__EXCLUDE", '["a,b"]', "review.exclude", ("a,b",)),
        ("SUTAZAI_REVIEW__EXCLUDE", "", "review.exclude", ()),
        ("SUTAZAI_REVIEW__EXCLUDE", "[abc]*.py", "review.exclude", ("[abc]*.py",)),
        ("SUTAZAI_REVIEW__RULES", '{"py-eval": "off"}', "review.rules", {"py-eval": "off"}),
        ("SUTAZAI_REVIEW__MIN_CONFIDENCE", "0.25", "review.min_confidence", 0.25),
    ],
)
def test_a_variable_is_read_by_the_type_of_its_setting(place, variable, value, key, expected):
    assert value_of(place.load(**{variable: value}).settings, key) == expected


def test_variables_that_are_no_settings_are_left_alone(place):
    place.load(**dict.fromkeys(("SUTAZAI_TEST_CACHE", "SUTAZAI_SECRET_OLLAMA_API_KEY", "OTHER"), "x"))


@pytest.mark.parametrize(
    ("variable", "near"),
    [
        ("SUTAZAI_OFLINE", "SUTAZAI_OFFLINE"),
        ("SUTAZAI_REVIEW_FAIL_ON", "SUTAZAI_REVIEW__FAIL_ON"),
        ("SUTAZAI_HOMER", ""),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest_name(place, variable, near):
    with pytest.raises(UnknownSetting, match=f"{variable}.*the environment") as error:
        place.load(**{variable: "1"})
    assert near in error.value.hint


@pytest.mark.parametrize(
    ("text", "key", "near"),
    [
        ("[review]\nfail_no = 'high'\n", "review.fail_no", "'review.fail_on'"),
        ("fail_on = 'high'\n", "fail_on", "'review.fail_on'"),
        ("[reveiw]\nfail_on = 'high'\n", "reveiw", "'review'"),
        ("review = 3\n", "review", "'review'"),
        ("[review.exclud]\na = 1\n", "review.exclud", "'review.exclude'"),
    ],
)
@pytest.mark.parametrize("kind", ["user", "sutazai.toml"])
def test_an_unknown_key_in_a_file_is_refused_with_the_nearest_name(place, text, key, near, kind):
    place.user(text if kind == "user" else "")
    path = place.user_file if kind == "user" else place.file(text)
    with pytest.raises(UnknownSetting) as error:
        place.load()
    assert error.value.message == f"unknown setting {key!r} in {path}"
    assert near in error.value.hint


def test_an_unknown_flag_is_refused(place):
    with pytest.raises(UnknownSetting, match="flag"):
        place.load({"review.nothing": 1})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("review.max_findings", "many"),
        ("review.max_findings", "-1"),
        ("review.min_confidence", "1.5"),
        ("review.min_confidence", "nan"),
        ("review.time_limit_s", "inf"),
        ("review.fail_on", "hgih"),
        ("review.rules", "[1]"),
        ("review.exclude", "{}"),
        ("offline", "perhaps"),
        ("model.runtime", "cloud"),
        ("review.exclude", "[" * 200_000),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_key_and_origin(place, key, value):
    variable = "SUTAZAI_" + key.upper().replace(".", "__")
    if value.startswith("[["):
        assert parse_text(value) == value
        return
    with pytest.raises(InvalidSetting) as error:
        place.load(**{variable: value})
    assert f"setting {key!r} in {variable} is not usable" in error.value.message


def test_a_setting_of_several_kinds_names_every_value_that_would_do(place):
    with pytest.raises(InvalidSetting, match=r"'nevr' is none of critical,.* info, never") as error:
        place.load(SUTAZAI_REVIEW__FAIL_ON="nevr")
    assert error.value.hint == "did you mean 'never'?"


def test_a_value_inside_a_table_is_refused_under_the_tables_key(place):
    place.file("[review.rules]\npy-eval = 3\n")
    with pytest.raises(InvalidSetting, match=r"'review.rules.py-eval' in .*sutazai.toml is not usable: 3 is no text"):
        place.load()


def test_a_value_that_is_no_table_is_answered_with_one_that_loads(place):
    """In the words of the place where it was written."""
    path = place.file("[review]\nrules = 3\nper_path = { a = {} }\n")
    with pytest.raises(InvalidSetting) as error:
        place.load()
    assert error.value.hint == 'for example `rules = {"py-eval" = "off"}` under `[review]`'
    path.unlink()
    place.file("[tool.sutazai.review]\nrules = 3\n", "pyproject.toml")
    with pytest.raises(InvalidSetting) as error:
        place.load()
    assert error.value.hint.endswith("under `[tool.sutazai.review]`")


@pytest.mark.parametrize("key", ["review.rules", "review.per_path", "review.taint"])
def test_every_example_of_a_table_loads(place, key):
    path = place.file(f"[review]\n{key.partition('.')[2]} = 3\n")
    with pytest.raises(InvalidSetting) as error:
        place.load()
    path.write_text("[review]\n" + error.value.hint.split("`")[1])
    assert value_of(place.load().settings, key)
    path.unlink()
    variable = "SUTAZAI_" + key.upper().replace(".", "__")
    with pytest.raises(InvalidSetting) as error:
        place.load(**{variable: "3"})
    assert value_of(place.load(**{variable: error.value.hint.split("'")[1]}).settings, key)


def test_a_value_out_of_bounds_leads_to_where_it_was_set(place):
    path = place.file("[review]\nmin_confidence = 3\n")
    with pytest.raises(InvalidSetting, match="3 is too much: at most 1") as error:
        place.load()
    assert str(path) in error.value.hint


@pytest.mark.parametrize(
    ("key", "value", "flag"),
    [
        ("review.min_confidence", 3.0, "--min-confidence"),
        ("review.time_limit_s", -1.0, "--time-limit"),
        ("model.runtime", "olama", "--runtime"),
        ("review.jobs", -1, "--jobs"),
    ],
)
def test_a_flag_is_called_by_its_name(place, key, value, flag):
    with pytest.raises(InvalidFlag, match=f"^{flag} is not usable: ") as error:
        place.load({key: value})
    assert "config show" not in error.value.hint
    assert error.value.hint


def test_what_has_no_part_in_reviewing_does_not_fail_over_the_project_file(place):
    place.file("[review")
    place.user("[docs]\nlimit = 3\n")
    loaded = load_settings(environ={"SUTAZAI_HOME": str(place.home)}, folder=place.project, project=False)
    assert (loaded.settings.docs.limit, dict(loaded.project)) == (3, {})


def test_sources_that_cannot_be_used_are_named_and_the_others_hold(place):
    place.user("[docs]\nlimit = 3\n")
    path = place.file("[review]\nfail_on = 'hihg'\n")
    environ = {
        "SUTAZAI_HOME": str(place.home),
        "SUTAZAI_LOG": "loud",
        "SUTAZAI_OFLINE": "1",
        "SUTAZAI_REVIEW__MIN_CONFIDENCE": "0.1",
        "SUTAZAI_REVIEW__PROFILE": "quiet",
    }
    loaded, wrong = load_usable_settings(environ, place.project)
    assert (loaded.settings.docs.limit, loaded.settings.log) == (3, "warning")
    assert (loaded.settings.review.min_confidence, loaded.settings.review.max_findings) == (0.1, 3)
    said = [each.message for each in wrong]
    assert [any(word in each for each in said) for word in (str(path), "SUTAZAI_LOG", "'SUTAZAI_OFLINE'")] == [True] * 3
    assert len(said) == 3


def test_settings_that_are_all_right_are_the_same_either_way(place):
    place.user("[docs]\nlimit = 3\n")
    place.file("[review]\njobs = 3\n")
    environ = {"SUTAZAI_HOME": str(place.home), "OLLAMA_HOST": "a:1", "SUTAZAI_OLLAMA__HOST": "b:2"}
    assert load_usable_settings(environ, place.project) == (load_settings(environ=environ, folder=place.project), ())


HOSTILE = [
    "[ollama]\nhost = 'evil.example:80'\n",
    "[model]\nname = '/tmp/evil.gguf'\n",
    "[model]\ndownload = true\n",
    "[cache]\nenabled = false\n",
    "[history]\nkeep = 0\n",
    "offline = false\n",
    "log = 'debug'\n",
    "'ollama.host' = 'evil.example:80'\n",
    "ollama = {host = 'evil.example:80'}\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_project_file_may_not_set_what_only_the_user_may_set(place, text):
    place.file(text)
    with pytest.raises(ForbiddenInProject, match=r"sutazai.toml may not set") as error:
        place.load()
    assert error.value.exit_code == 2
    place.user(text)
    (place.project / "sutazai.toml").unlink()
    place.load()


def test_a_pyproject_may_not_set_it_either(place):
    place.file("[tool.sutazai.ollama]\nhost = 'evil.example:80'\n", "pyproject.toml")
    with pytest.raises(ForbiddenInProject, match=r"pyproject.toml may not set 'ollama.host'"):
        place.load()


def test_only_the_review_may_be_set_by_a_project():
    assert set(PROJECT_SECTIONS) == {"review"}


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../up", "a/../../up", "C:\\x", "\\\\host\\share", "a\\..\\..\\b", "C:x"]
)
def test_a_project_file_may_not_name_a_path_outside_its_project(place, path):
    place.file(f"[review]\nbaseline = {path!r}\n")
    with pytest.raises(OutsideProject, match=r"review.baseline"):
        place.load()
    (place.project / "sutazai.toml").unlink()
    assert place.load(SUTAZAI_REVIEW__BASELINE=path).settings.review.baseline == path


def test_a_project_file_may_name_a_baseline_of_its_own(place):
    place.file("[review]\nbaseline = 'ci/known.json'\n")
    assert place.load().settings.review.baseline == "ci/known.json"


def test_a_baseline_that_is_no_text_is_refused_as_a_value(place):
    place.file("[review]\nbaseline = 3\n")
    with pytest.raises(InvalidSetting, match=r"review.baseline"):
        place.load()


def test_both_kinds_of_project_file_in_one_folder_are_refused(place):
    place.file("[review]\n")
    place.file("[tool.sutazai.review]\n", "pyproject.toml")
    with pytest.raises(TwoProjectFiles) as error:
        place.load()
    assert "sutazai.toml" in error.value.message
    assert "pyproject.toml" in error.value.message


@pytest.mark.parametrize("text", ["", "tool = 3\n", "[tool.ruff]\nline-length = 3\n", "[project]\nname = 'x'\n"])
def test_a_pyproject_without_our_section_says_nothing(place, text):
    place.file(text, "pyproject.toml")
    assert place.load().project == {}


def test_a_pyproject_whose_section_is_no_table_is_refused(place):
    place.file("tool.sutazai = 3\n", "pyproject.toml")
    with pytest.raises(UnreadableSettings, match="not a table"):
        place.load()


def test_the_nearest_project_file_upwards_counts_and_none_beyond_the_repository(place):
    place.file("[review]\njobs = 1\n")
    place.file("[tool.sutazai.review]\njobs = 2\n", "inner/pyproject.toml")
    (place.project.parent / "sutazai.toml").write_text("[review]\njobs = 9\n")
    assert place.load(folder="inner").settings.review.jobs == 2
    (place.project / "deep" / "down").mkdir(parents=True)
    assert place.load(folder="deep/down").settings.review.jobs == 1
    (place.project / "sutazai.toml").unlink()
    assert place.load(folder="deep/down").settings.review.jobs == 0


def test_without_a_repository_the_search_ends_at_the_root(tmp_path):
    loaded = load_settings(environ={"SUTAZAI_HOME": str(tmp_path)}, folder=Path("/"))
    assert loaded.project == {}


BROKEN = {
    "binary": bytes(range(256)),
    "not UTF-8": b"log = '\xff'",
    "not TOML": b"log = ",
    "too large": b"#" + b"x" * 1_000_001,
    "a huge number": b"log = " + b"1" * 5000,
    "deep": b"log = " + b"[" * 50_000,
    "a key of many parts": b"a." * 400_000 + b"a = 1",
    "a header of many parts": b"[" + b"'a' . " * 40 + b"a]",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("name", ["config.toml", "sutazai.toml", "pyproject.toml"])
def test_a_broken_settings_file_is_refused_by_name(place, data, name):
    place.user("")
    path = place.user_file if name == "config.toml" else place.project / name
    path.write_bytes(data)
    with pytest.raises(UnreadableSettings, match=name):
        place.load()


def test_a_byte_order_mark_and_carriage_returns_are_harmless(place):
    place.user("")
    place.user_file.write_bytes(b"\xef\xbb\xbf[review]\r\njobs = 3\r\n")
    assert place.load().settings.review.jobs == 3


def test_a_folder_in_the_place_of_a_file_is_refused(place):
    (place.project / "sutazai.toml").mkdir()
    with pytest.raises(UnreadableSettings, match="not a regular file"):
        place.load()


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are a matter of POSIX")
def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(place):
    os.mkfifo(place.project / "pyproject.toml")
    with pytest.raises(UnreadableSettings, match="not a regular file"):
        place.load()


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
def test_a_loop_of_links_is_refused(place):
    (place.project / "sutazai.toml").symlink_to("sutazai.toml")
    with pytest.raises(UnreadableSettings, match=r"sutazai.toml"):
        place.load()


def test_a_file_in_the_place_of_a_folder_holds_no_settings(place, tmp_path):
    (tmp_path / "file").write_text("")
    loaded = load_settings(environ={"SUTAZAI_HOME": str(tmp_path / "file")}, folder=place.project)
    assert set(loaded.origins.values()) == {"default"}


@ANY
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_either_load_or_are_refused(place, data):
    (place.project / "sutazai.toml").write_bytes(data)
    try:
        place.load()
    except UsageError as error:
        assert error.message  # noqa: PT017 (both ends are right)


@ANY
@given(key=st.sampled_from(known_keys()), text=st.text(st.characters(exclude_characters="\0"), max_size=40))
def test_any_text_of_a_variable_either_loads_or_is_refused_by_name(place, key, text):
    variable = "SUTAZAI_" + key.upper().replace(".", "__")
    try:
        assert place.load(**{variable: text}).origins[key] == variable
    except InvalidSetting as error:
        assert variable in error.message  # noqa: PT017 (both ends are right)


def test_the_folders_follow_the_variable_or_the_platform(tmp_path, monkeypatch):
    here = folders({"SUTAZAI_HOME": str(tmp_path)})
    assert {here.user_file, here.cache_file, here.local_file, here.models, here.profiles, here.crashes} == {
        tmp_path / "config" / "config.toml",
        tmp_path / "cache" / "cache.db",
        tmp_path / "data" / "local.db",
        tmp_path / "data" / "models",
        tmp_path / "data" / "profiles",
        tmp_path / "cache" / "crashes",
    }
    monkeypatch.chdir(tmp_path)
    assert folders({"SUTAZAI_HOME": "here"}).config == tmp_path / "here" / "config"
    usual = folders({})
    assert usual.config.is_absolute()
    assert "sutazai" in str(usual.config)
    assert list(tmp_path.iterdir()) == []


def test_the_process_environment_and_folder_are_taken_where_none_is_given(place, monkeypatch):
    monkeypatch.chdir(place.project)
    monkeypatch.setenv("SUTAZAI_HOME", str(place.home))
    monkeypatch.setenv("SUTAZAI_REVIEW__JOBS", "5")
    place.file("[review]\nmax_findings = 2\n")
    loaded = load_settings()
    assert (loaded.settings.review.jobs, loaded.settings.review.max_findings) == (5, 2)
