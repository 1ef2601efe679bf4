"""Secrets: from the environment, an owner-only file, or the system's keyring; kept in the file only without a keyring.

Never in settings files, never printed, never logged.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from sutazai.errors.usage import UnknownSecret, UnreadableSettings, UnwritableSettings
from sutazai.settings.replacing import replace_text

SECRETS: Final = {"ollama-api-key": "sent to Ollama as a bearer token, for a server behind a reverse proxy"}
_SERVICE: Final = "sutazai"
_MAX_BYTES: Final = 65_536


class Secrets:
    """Reads and keeps secrets.

    Order when reading `ollama-api-key`: variable `SUTAZAI_SECRET_OLLAMA_API_KEY`, the file that
    `SUTAZAI_SECRET_OLLAMA_API_KEY_FILE` names, the owner-only file, the keyring. The file goes before the keyring:
    it holds only what the keyring refused to take, so what the keyring still has of that name is older.
    """

    def __init__(self, file: Path, environ: Mapping[str, str]) -> None:
        self._file = file
        self._environ = environ

    def get(self, name: str) -> str | None:
        """The secret, None if it is nowhere."""
        variable = _variable(name)
        if self._environ.get(variable):
            return self._environ[variable]
        named = self._environ.get(f"{variable}_FILE")
        if named:
            return _named_file(Path(named))
        return self._stored().get(name) or _keyring_get(name)

    def set(self, name: str, value: str) -> str:
        """Keeps the secret and says where: `keyring` or the file's path.

        Raises:
            UnwritableSettings: there is no keyring, and the file cannot be written.
        """
        _check(name)
        others = {key: each for key, each in self._stored().items() if key != name}
        if _keyring_set(name, value):
            self._store(others)
            return "keyring"
        self._store(others | {name: value})
        return str(self._file)

    def remove(self, name: str) -> None:
        """Forgets the secret everywhere it was kept."""
        _check(name)
        _keyring_delete(name)
        self._store({key: each for key, each in self._stored().items() if key != name})

    def _stored(self) -> dict[str, str]:
        text = _read_bounded(self._file)
        if text is None:
            return {}
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UnreadableSettings(str(self._file), "it is not JSON") from error
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}

    def _store(self, secrets: Mapping[str, str]) -> None:
        try:
            if secrets:
                _write_owner_only(self._file, json.dumps(dict(secrets)))
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            raise UnwritableSettings(str(self._file), error.strerror or str(error)) from error


def _check(name: str) -> None:
    if name not in SECRETS:
        raise UnknownSecret(name, list(SECRETS))


def _variable(name: str) -> str:
    _check(name)
    return "SUTAZAI_SECRET_" + name.replace("-", "_").upper()


def _named_file(path: Path) -> str:
    text = _read_bounded(path)
    if text is None:
        raise UnreadableSettings(str(path), "it does not exist")
    return text.strip()


def _read_bounded(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableSettings(str(path), error.strerror or str(error)) from error
    if len(data) > _MAX_BYTES:
        raise UnreadableSettings(str(path), f"it is larger than {_MAX_BYTES} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:  # its text would tell bytes of the secret, so it is not passed on
        raise UnreadableSettings(str(path), "it is not UTF-8") from None


def _write_owner_only(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    replace_text(path, text)


# A keyring's back end is other people's code and can fail in any way, already while it is imported.


def _keyring_get(name: str) -> str | None:
    try:
        import keyring  # noqa: PLC0415 (loaded only when used)

        return keyring.get_password(_SERVICE, name)
    except Exception:  # noqa: BLE001 (see above)
        return None


def _keyring_set(name: str, value: str) -> bool:
    """Whether the keyring has it now: some back ends take a secret without complaint and keep nothing."""
    try:
        import keyring  # noqa: PLC0415 (loaded only when used)

        keyring.set_password(_SERVICE, name, value)
    except Exception:  # noqa: BLE001 (see above)
        return False
    return _keyring_get(name) == value


def _keyring_delete(name: str) -> None:
    with suppress(Exception):
        import keyring  # noqa: PLC0415 (loaded only when used)

        keyring.delete_password(_SERVICE, name)
