"""What a user or a configuration asked for that cannot be done."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from sutazai.errors.base import ExitCode, SutazAIError

_SHOWN: Final = 80  # a key can be as long as its file
_MOST_NAMED: Final = 24


def nearest(name: str, known: Sequence[str]) -> str:
    """A hint that names the closest known name, or lists a few of them."""
    close = get_close_matches(name[:_SHOWN], known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    more = ", …" if len(known) > _MOST_NAMED else ""
    return f"known: {', '.join(sorted(known)[:_MOST_NAMED])}{more}" if known else "there are none"


class UsageError(SutazAIError):
    """The request itself is wrong."""

    exit_code, status = ExitCode.USAGE, 400


class UnknownSetting(UsageError):
    """A configuration key that no setting has. `name`: the part of it that is wrong, where not all of it is."""

    def __init__(self, key: str, origin: str, known: Sequence[str], *, name: str = "") -> None:
        super().__init__(f"unknown setting {key[:_SHOWN]!r} in {origin}", hint=nearest(name or key, known))


class InvalidSetting(UsageError):
    """A setting whose value does not fit. Without a better hint, the next step is where the value was set."""

    def __init__(self, key: str, origin: str, reason: str, *, hint: str = "") -> None:
        super().__init__(
            f"setting {key[:_SHOWN]!r} in {origin} is not usable: {reason}",
            hint=hint or f"set another value in {origin}, or take it out there: then the default holds",
        )


class InvalidFlag(UsageError):
    """A flag whose value does not fit its setting."""

    def __init__(self, flag: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{flag} is not usable: {reason}", hint=hint or "the command's `--help` shows what it takes")


class UnreadableSettings(UsageError):
    """A settings file that is not TOML or cannot be read."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"cannot read the settings in {path}: {reason}", hint="mend the file, or move it away")


class UnwritableSettings(UsageError):
    """A settings file, or the file of secrets, that cannot be written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"cannot write {path}: {reason}",
            hint="check the folder's permissions and the free space, or set SUTAZAI_HOME to another folder",
        )


class UnknownSecret(UsageError):
    """A secret that nothing reads."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"nothing reads a secret {name!r}", hint=nearest(name, known))


class TwoProjectFiles(UsageError):
    """`sutazai.toml` and `[tool.sutazai]` in one folder."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(
            f"both {first} and {second} hold project settings",
            hint="keep one of the two: they would shadow one another",
        )


class ForbiddenInProject(UsageError):
    """A project file sets what only the user may set."""

    def __init__(self, key: str, path: str) -> None:
        super().__init__(
            f"the project file {path} may not set {key!r}: it comes with the code and could be hostile",
            hint="set it in your own file (`sutazai config path`), by a SUTAZAI_* variable, or by a flag",
        )


class OutsideProject(UsageError):
    """A project file names a path outside its project."""

    def __init__(self, key: str, path: str) -> None:
        super().__init__(
            f"the project file {path} sets {key!r} to a path outside the project",
            hint="name a file under the project's folder, relative to it",
        )


class UnknownCapability(UsageError):
    """A capability or agent that no installed plugin offers."""

    status = 404

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no installed agent offers {name!r}", hint=nearest(name, known))


class InvalidRequest(UsageError):
    """A request that does not fit its capability's model."""

    status = 422

    def __init__(self, capability: str, reason: str, *, hint: str = "") -> None:
        schema = f"`sutazai agents {capability}` prints the input's JSON schema"
        super().__init__(f"the input does not fit {capability}: {reason}", hint=f"{hint} {schema}" if hint else schema)


class PermissionMissing(SutazAIError):
    """A capability touched a port that its permissions do not name."""

    exit_code, status = ExitCode.INTERNAL, 403

    def __init__(self, capability: str, permission: str) -> None:
        super().__init__(
            f"{capability} used a port that needs the permission {permission!r}, which it does not declare",
            hint="add the permission to the capability's declaration",
        )


class ScopeMissing(SutazAIError):
    """A capability needs a permission that its caller was not granted."""

    exit_code, status = ExitCode.USAGE, 403

    def __init__(self, principal: str, capability: str, permission: str) -> None:
        super().__init__(
            f"{principal} may not use {capability}: it needs the scope {permission!r}",
            hint="ask whoever runs the server for that scope",
        )


class DuplicateAgent(UsageError):
    """Two installed distributions register the same agent name."""

    def __init__(self, name: str, owners: Sequence[str]) -> None:
        super().__init__(
            f"the agent {name!r} is registered twice, by {' and by '.join(owners)}",
            hint="uninstall one of the two",
        )


class DuplicateCapability(UsageError):
    """Two installed agents offer the same capability."""

    def __init__(self, key: str, owners: Sequence[str]) -> None:
        super().__init__(
            f"the capability {key!r} is offered twice, by {' and by '.join(owners)}",
            hint="uninstall one of the two",
        )


class BrokenPlugin(SutazAIError):
    """A plugin that cannot be imported or is not an agent."""

    def __init__(self, name: str, owner: str, reason: str) -> None:
        super().__init__(
            f"the plugin {name!r} of {owner} cannot be loaded: {reason}",
            hint="update or uninstall it; every other agent still works",
        )
