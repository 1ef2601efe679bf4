"""Changes the user's settings file, keeping its comments and order. Refuses what would not load."""

from pathlib import Path
from typing import Any

from sutazai.errors.usage import InvalidSetting, UnknownSetting, UnwritableSettings
from sutazai.settings.layers import file_layer, parse_text, settings_text
from sutazai.settings.load import validated, value_of
from sutazai.settings.model import known_keys
from sutazai.settings.refused import COMMAND_LINE
from sutazai.settings.replacing import replace_text


def set_user_value(path: Path, key: str, text: str) -> Any:
    """Writes `key` into the file and gives the value as understood.

    Raises:
        UnknownSetting: no setting has this key.
        InvalidSetting: the value does not fit.
        UnreadableSettings: the file that is there would not load.
        UnwritableSettings: the file cannot be replaced.
    """
    import tomlkit  # noqa: PLC0415 (loaded only when used)

    if key not in known_keys():
        raise UnknownSetting(key, COMMAND_LINE, known_keys())
    if text != text.encode("utf-8", "replace").decode():
        raise InvalidSetting(key, COMMAND_LINE, "it is not valid Unicode", hint="write it as UTF-8")
    value = value_of(validated({key: parse_text(text)}, {key: COMMAND_LINE}), key)
    file_layer(path)  # refuses what would not load
    document = tomlkit.parse(settings_text(path) or "")
    section, _, name = key.rpartition(".")
    if section and section not in document:
        document[section] = tomlkit.table()
    (document[section] if section else document)[name] = _plain(value)
    try:
        replace_text(path.resolve(), tomlkit.dumps(document))  # a symbolic link stays one
    except OSError as error:
        raise UnwritableSettings(str(path), error.strerror or str(error)) from error
    return value


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
