"""Secrets: from the environment, the system's keyring, or an owner-only file where there is no keyring.

Never in settings files, never printed, never logged.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from sutazai.errors.usage import UnknownSecret, UnreadableSettings

SECRETS: Final = {"ollama-api-key": "sent to Ollama as a bearer token, for a server behind a reverse proxy"}
_SERVICE: Final = "sutazai"
_MAX_BYTES: Final = 65_536


class Secrets:
    """Reads and keeps secrets.

    Order when reading `ollama-api-key`: variable `SUTAZAI_SECRET_OLLAMA_API_KEY`, the file that
    `SUTAZAI_SECRET_OLLAMA_API_KEY_FILE` names, the keyring, the owner-only file.
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
            return _read_bounded(Path(named)).strip()
        return _keyring_get(name) or self._stored().get(name)

    def set(self, name: str, value: str) -> str:
        """Keeps the secret and says where: `keyring` or the file's path."""
        _check(name)
        if _keyring_set(name, value):
            self._store({key: each for key, each in self._stored().items() if key != name})
            return "keyring"
        self._store(self._stored() | {name: value})
        return str(self._file)

    def remove(self, name: str) -> None:
        """Forgets the secret everywhere it was kept."""
        _check(name)
        _keyring_delete(name)
        self._store({key: each for key, each in self._stored().items() if key != name})

    def _stored(self) -> dict[str, str]:
        if not self._file.exists():
            return {}
        try:
            found = json.loads(_read_bounded(self._file))
        except ValueError as error:
            raise UnreadableSettings(str(self._file), "it is not JSON") from error
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}

    def _store(self, secrets: Mapping[str, str]) -> None:
        if not secrets:
            self._file.unlink(missing_ok=True)
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._file.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            json.dump(dict(secrets), stream)
        temporary.replace(self._file)


def _check(name: str) -> None:
    if name not in SECRETS:
        raise UnknownSecret(name, list(SECRETS))


def _variable(name: str) -> str:
    _check(name)
    return "SUTAZAI_SECRET_" + name.replace("-", "_").upper()


def _read_bounded(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_MAX_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableSettings(str(path), str(error)) from error


def _keyring_get(name: str) -> str | None:
    import keyring  # noqa: PLC0415 (loaded only when used)
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        return keyring.get_password(_SERVICE, name)
    except KeyringError:
        return None


def _keyring_set(name: str, value: str) -> bool:
    import keyring  # noqa: PLC0415 (loaded only when used)
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        keyring.set_password(_SERVICE, name, value)
    except KeyringError:
        return False
    return True


def _keyring_delete(name: str) -> None:
    import keyring  # noqa: PLC0415 (loaded only when used)
    from keyring.errors import KeyringError  # noqa: PLC0415

    with suppress(KeyringError):
        keyring.delete_password(_SERVICE, name)
