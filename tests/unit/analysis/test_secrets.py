"""The secrets engine: it finds credentials and never prints them."""

import base64

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sutazai.analysis.secret_checks import base62_crc32, has_base62_crc32, is_jwt
from sutazai.analysis.secret_names import entropy_bits
from sutazai.analysis.secret_shapes import SHAPES, sample_of
from sutazai.analysis.secrets import SecretsAnalyzer
from sutazai.sdk.finding import Finding
from sutazai.sdk.source import SourceFile
from sutazai.syntax.positions import Positions

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
PASSWORD = "v4Lx" + "9Tq2"


async def findings(text: str, path: str = "app/code.py", *, is_test: bool = False) -> tuple[Finding, ...]:
    report = await SecretsAnalyzer().analyze([SourceFile(path, text, "", is_test=is_test)])
    assert report.failed == ()
    return report.findings


async def rules(text: str, path: str = "app/code.py", *, is_test: bool = False) -> list[str]:
    return [each.rule for each in await findings(text, path, is_test=is_test)]


def test_the_checksum_is_that_of_a_published_example() -> None:
    assert base62_crc32("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ") == "0mLq17"


@given(st.text(LETTERS, min_size=30, max_size=30), st.integers(0, 35), st.sampled_from(LETTERS))
def test_a_token_with_one_character_changed_is_no_token(body: str, place: int, other: str) -> None:
    token = body + base62_crc32(body)
    assume(token[place] != other)
    assert has_base62_crc32("ghp_" + token)
    assert not has_base62_crc32("ghp_" + token[:place] + other + token[place + 1 :])


async def test_a_token_with_a_wrong_checksum_is_not_reported() -> None:
    assert await rules('x = "ghp_' + "a" * 36 + '"\n') == []


async def test_the_keys_of_the_providers_own_documentation_are_not_reported() -> None:
    assert await rules('key = "AKIA' + 'IOSFODNN7EXAMPLE"\n') == []


def test_a_web_token_has_a_header_that_names_an_algorithm() -> None:
    assert is_jwt("eyJhbGciOiJIUzI1NiJ9.x.y")
    assert not is_jwt(base64.urlsafe_b64encode(b"[1, 2]").decode() + ".x.y")
    assert not is_jwt("eyJ%%%.x.y")


@pytest.mark.parametrize("shape", SHAPES, ids=[each.id for each in SHAPES])
@settings(max_examples=15, deadline=None)
@given(before=st.text("ab \n\t\u00e9\U0001f600", max_size=20), after=st.sampled_from(["", "\r\n", " # x", '"']))
async def test_no_part_of_a_value_is_ever_shown(shape: object, before: str, after: str) -> None:
    value = sample_of(shape)  # type: ignore[arg-type]
    text = f'{before}\nx = "{value}"{after}'
    found = [each for each in await findings(text) if each.rule == shape.id]  # type: ignore[attr-defined]
    assert len(found) == 1
    assert found[0].quote == ""
    shown = found[0].model_dump_json()
    hidden = value.replace("\n", "")[4:]
    assert not any(hidden[at : at + 8] in shown for at in range(len(hidden) - 8))
    positions, at = Positions(text), found[0].location
    start = positions.offset(at.start_line, at.start_column)
    assert text[start : positions.offset(at.end_line, at.end_column)] in value


@settings(max_examples=60, deadline=None)
@given(st.text(LETTERS + "!#%&+-@", min_size=9, max_size=40))
async def test_no_named_password_is_ever_shown(value: str) -> None:
    for finding in await findings(f'db_password = "{value}"\n'):
        shown = finding.model_dump_json()
        assert not any(value[at : at + 7] in shown for at in range(len(value) - 6))


@pytest.mark.parametrize(
    "line",
    [
        f'db_password = "{PASSWORD}"',
        f"DB_PASSWORD: str = '{PASSWORD}'",
        f'connect(user="app", password="{PASSWORD}")',
        f'config["password"] = "{PASSWORD}"',
        f'{{"password": "{PASSWORD}"}}',
        f'String dbPassword = "{PASSWORD}";',
        f'if password == "{PASSWORD}":',
        f'let passphrase := "{PASSWORD}"',
    ],
)
async def test_a_password_in_the_source_is_found_in_any_language(line: str) -> None:
    assert await rules(line + "\n") == ["secret-password"]


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
async def test_configuration_needs_no_quotes(end: str) -> None:
    assert await rules(f"DB_PASSWORD={PASSWORD}{end}", "deploy/prod.env") == ["secret-password"]
    assert await rules(f"DB_PASSWORD={PASSWORD}{end}", "deploy/prod.py") == []


@pytest.mark.parametrize(
    "line",
    [
        'password = "changeme1"',
        'password = "<your-password>"',
        'password = "${DB_PASSWORD}"',
        'password = "{{ password1 }}"',
        'password = os.environ["DB_PASSWORD1"]',
        'password = "%s1abc" % x',
        'password = "12345678"',
        'password = "correct horse1"',
        'password_field = "user_pw_2x"',
        'password_hash = "9f86d081884c7d659a2f"',
        'token_url = "https://a.example/t0ken/v2/x9"',
        'TOKEN = "[a-zA-Z_][a-zA-Z0-9_-]*"',
        'token_type = "urn:ietf:params:oauth:x9"',
        'secret = "short1"',
        'api_key = "aaaaaaaaaaaaaaaaaaaa1"',
        'access_token = "accessTokenAttributeName"',
        'password = ""',
        "password = None",
    ],
)
async def test_placeholders_and_names_are_not_secrets(line: str) -> None:
    assert await rules(line + "\n") == []


async def test_examples_and_tests_may_hold_named_secrets() -> None:
    line = f'password = "{PASSWORD}"\n'
    assert await rules(line, "tests/unit/test_login.py") == []
    assert await rules(line, "app/login.py", is_test=True) == []


async def test_a_known_shape_in_a_test_is_reported_with_doubt() -> None:
    shape = next(each for each in SHAPES if each.id == "secret-stripe-key")
    (finding,) = await findings(f'x = "{sample_of(shape)}"\n', is_test=True)
    assert finding.confidence < 0.5


@pytest.mark.parametrize("mark", ["# pragma: allowlist secret", "# nosec", "// gitleaks:allow", "# noqa: S105"])
async def test_a_mark_of_another_scanner_holds(mark: str) -> None:
    assert await rules(f'password = "{PASSWORD}"  {mark}\n') == []


@pytest.mark.parametrize("who", ["guest:guest", "user:password", "app:{password}", "app:$DB_PASS", "app:%s"])
async def test_addresses_with_placeholders_are_not_reported(who: str) -> None:
    assert await rules(f'x = "postgresql://{who}@db.internal/app"\n') == []


async def test_one_place_is_reported_once_under_its_best_name() -> None:
    shape = next(each for each in SHAPES if each.id == "secret-stripe-key")
    assert await rules(f'api_key = "{sample_of(shape)}"\n') == ["secret-stripe-key"]


async def test_letters_that_change_length_in_lower_case_do_no_harm() -> None:
    assert await rules(f'x = "\u0130"\npassword = "{PASSWORD}"\n') == ["secret-password"]


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400))
async def test_random_bytes_never_raise(data: bytes) -> None:
    await findings(data.decode("utf-8", "replace"))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "password" * 125_000,
        'password = "' + "a" * 1_000_000,
        "eyJ" + "a" * 1_000_000,
        "https://" + "a" * 500_000 + ":" + "b" * 500_000,
        "-----BEGIN PRIVATE KEY-----" * 40_000,
        "AKIA" * 250_000,
        "sk-ant-" * 140_000,
    ],
    ids=["run", "words", "open", "jwt", "url", "keys", "aws", "anthropic"],
)
async def test_a_line_of_a_million_characters_is_read(text: str) -> None:
    await findings(text)


def test_entropy_is_counted_in_bits() -> None:
    assert entropy_bits("aaaa") == 0
    assert entropy_bits("abcd") == 2
