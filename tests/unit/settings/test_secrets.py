"""Secrets: environment, a named file, the owner-only file, the keyring; whatever fails, nothing of them is told."""

import json
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from sutazai.errors.usage import UnknownSecret, UnreadableSettings, UnwritableSettings
from sutazai.settings.secrets import SECRETS, Secrets

NAME = "ollama-api-key"
VARIABLE = "SUTAZAI_SECRET_OLLAMA_API_KEY"
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes are a matter of POSIX")


class Kept(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.read_only = False

    def get_password(self, service: str, username: str) -> str | None:
        """The password, None if there is none."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keeps it."""
        if self.read_only:
            raise RuntimeError("locked")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forgets it."""
        if (service, username) not in self.kept:
            raise PasswordDeleteError("not there")
        del self.kept[service, username]


class Raising(Kept):
    """A keyring whose back end fails with errors of its own."""

    def get_password(self, service: str, username: str) -> str | None:
        """Fails."""
        raise ConnectionRefusedError("no bus")

    set_password = delete_password = get_password  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _real_keyring_untouched() -> Iterator[None]:
    was = keyring.core._keyring_backend
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.core._keyring_backend = was


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where secrets are kept without a keyring."""
    return tmp_path / "config" / "secrets.json"


def use(backend: KeyringBackend) -> KeyringBackend:
    """Makes `backend` the keyring of this test."""
    keyring.set_keyring(backend)
    return backend


def test_a_keyring_takes_the_secret_and_no_file_is_made(file):
    ring = use(Kept())
    secrets = Secrets(file, {})
    assert secrets.get(NAME) is None
    assert secrets.set(NAME, "s3cret") == "keyring"
    assert ring.kept == {("sutazai", NAME): "s3cret"}
    assert secrets.get(NAME) == "s3cret"
    assert not file.exists()
    secrets.remove(NAME)
    assert secrets.get(NAME) is None


@posix
@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring, Raising])
def test_without_a_working_keyring_an_owner_only_file_is_used(file, backend):
    use(backend())
    file.parent.mkdir(mode=0o755)
    secrets = Secrets(file, {})
    assert secrets.set(NAME, "s3cret") == str(file)
    assert secrets.get(NAME) == "s3cret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [each.name for each in file.parent.iterdir()] == ["secrets.json"]
    secrets.remove(NAME)
    assert secrets.get(NAME) is None
    assert not file.exists()


def test_a_keyring_that_cannot_even_be_imported_is_no_keyring(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    secrets = Secrets(file, {})
    assert secrets.set(NAME, "s3cret") == str(file)
    assert secrets.get(NAME) == "s3cret"
    secrets.remove(NAME)
    assert secrets.get(NAME) is None


def test_a_secret_moves_from_the_file_to_the_keyring_once_there_is_one(file):
    secrets = Secrets(file, {})
    secrets.set(NAME, "old")
    use(Kept())
    assert secrets.set(NAME, "new") == "keyring"
    assert not file.exists()
    assert secrets.get(NAME) == "new"


def test_an_older_value_in_a_locked_keyring_does_not_win(file):
    ring = use(Kept())
    secrets = Secrets(file, {})
    secrets.set(NAME, "old")
    ring.read_only = True
    assert secrets.set(NAME, "new") == str(file)
    assert secrets.get(NAME) == "new"


def test_the_environment_wins_then_the_file_it_names(file, tmp_path):
    Secrets(file, {}).set(NAME, "kept")
    named = tmp_path / "mounted"
    named.write_text(" from-file\n")
    environ = {VARIABLE: "direct", f"{VARIABLE}_FILE": str(named)}
    assert Secrets(file, environ).get(NAME) == "direct"
    environ[VARIABLE] = ""
    assert Secrets(file, environ).get(NAME) == "from-file"
    del environ[f"{VARIABLE}_FILE"]
    assert Secrets(file, environ).get(NAME) == "kept"


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"s3cret\xff", "not UTF-8"), (b"s3cret" * 20_000, "larger than"), (None, "does not exist")],
)
def test_a_named_file_that_holds_no_secret_is_told_without_its_content(file, tmp_path, data, reason):
    named = tmp_path / "mounted"
    if data is not None:
        named.write_bytes(data)
    with pytest.raises(UnreadableSettings, match=reason) as error:
        Secrets(file, {f"{VARIABLE}_FILE": str(named)}).get(NAME)
    assert "s3cret" not in repr(error.getrepr(style="short", showlocals=False).reprcrash)
    assert error.value.__cause__ is None


def test_a_named_folder_is_told(file, tmp_path):
    with pytest.raises(UnreadableSettings, match=str(tmp_path)):
        Secrets(file, {f"{VARIABLE}_FILE": str(tmp_path)}).get(NAME)


@pytest.mark.parametrize("text", ["", "{s3cret", "[" * 60_000])
def test_a_broken_file_of_secrets_is_told_and_not_overwritten(file, text):
    file.parent.mkdir()
    file.write_text(text)
    for act in (lambda: Secrets(file, {}).get(NAME), lambda: Secrets(file, {}).set(NAME, "x")):
        with pytest.raises(UnreadableSettings, match="not JSON") as error:
            act()
        assert "s3cret" not in error.value.message
    assert file.read_text() == text


def test_a_file_of_secrets_that_is_no_object_holds_none(file):
    file.parent.mkdir()
    file.write_text("[1]")
    assert Secrets(file, {}).get(NAME) is None


def test_other_secrets_of_the_file_stay(file):
    file.parent.mkdir()
    file.write_text('{"later": "kept"}')
    Secrets(file, {}).set(NAME, "s3cret")
    Secrets(file, {}).remove(NAME)
    assert json.loads(file.read_text()) == {"later": "kept"}


def test_a_failure_while_writing_leaves_nothing_of_the_secret(file, monkeypatch):
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UnwritableSettings, match="No space left") as error:
        Secrets(file, {}).set(NAME, "s3cret")
    assert "s3cret" not in error.value.message
    assert list(file.parent.iterdir()) == []


def test_an_unknown_secret_is_refused_with_the_nearest_name(file):
    secrets = Secrets(file, {})
    for act in (lambda: secrets.get("ollama-key"), lambda: secrets.set("ollama-key", "x"), lambda: secrets.remove("x")):
        with pytest.raises(UnknownSecret) as error:
            act()
        assert NAME in error.value.hint


def test_secrets_are_not_shown_by_their_keeper(file):
    secrets = Secrets(file, {VARIABLE: "s3cret"})
    assert "s3cret" not in repr(secrets)
    assert all(SECRETS.values())
