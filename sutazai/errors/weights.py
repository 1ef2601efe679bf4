"""What can go wrong while weights are found, fetched, checked and kept."""

from collections.abc import Sequence

from sutazai.errors.models import ModelError
from sutazai.errors.usage import nearest

_MEGA = 1_000_000


class WeightsError(ModelError):
    """Any failure of the files that hold a model."""


class UnknownWeights(WeightsError):
    """A model name that the catalogue does not have."""

    status = 404

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no weights are known for {name!r}", hint=nearest(name, known))


class NotWeights(WeightsError):
    """A named file that is not a GGUF model."""

    status = 422

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} is not a model file: {reason}", hint="give the path of a whole .gguf file")


class WeightsOffline(WeightsError):
    """Weights are missing and nothing may be fetched."""

    def __init__(self, name: str, file: str, folder: str) -> None:
        super().__init__(
            f"the weights of {name} are not on this machine, and it is set to offline",
            hint=f"copy {file} into {folder} and run `sutazai models pull {name}`, or unset SUTAZAI_OFFLINE",
        )


class WeightsNotHere(WeightsError):
    """Weights are missing and this run must not fetch them."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the weights of {name} are not on this machine, and nothing may be fetched now",
            hint=f"fetch them with `sutazai models pull {name}`, or set `model.download` to true",
        )


class SourceFailed(WeightsError):
    """One source of weights did not give them; the next one is tried."""

    def __init__(self, source: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{source}: {reason}", hint=hint)


class WeightsUnreachable(WeightsError):
    """Every source of some weights failed."""

    def __init__(self, name: str, tried: Sequence[SourceFailed]) -> None:
        reasons = "; ".join(each.message for each in tried)
        hint = next((each.hint for each in tried if each.hint), "")
        super().__init__(
            f"the weights of {name} cannot be fetched ({reasons})",
            hint=hint or "check the connection and pip's proxy and index settings, then run it again: it resumes",
        )


class WeightsCorrupt(WeightsError):
    """Bytes that are not what the catalogue pins; they were deleted."""

    def __init__(self, name: str, file: str, expected: str, found: str) -> None:
        super().__init__(
            f"{file} is not {name}: its sha256 is {found}, not {expected}; it was deleted",
            hint=f"run `sutazai models pull {name}` again; if it happens twice, the source is not to be trusted",
        )


class WeightsBusy(WeightsError):
    """Weights that another process is fetching right now."""

    status = 409

    def __init__(self, name: str) -> None:
        super().__init__(f"another process is fetching {name}", hint="wait for it to end, or stop it")


class DiskFull(WeightsError):
    """Too little room for weights. Raised before anything is written, or when the disk fills up on the way."""

    status = 507

    def __init__(self, name: str, folder: str, missing_bytes: int, kept_bytes: int = 0) -> None:
        kept = f"; the {kept_bytes / _MEGA:.0f} MB fetched so far are kept" if kept_bytes else ""
        super().__init__(
            f"no room for {name} in {folder}: {max(missing_bytes, 1) / _MEGA:.0f} MB more are needed{kept}",
            hint=f"free some space and run it again, or delete what is kept with `sutazai models rm {name}`"
            if kept_bytes
            else "free some space, or move the data folder with SUTAZAI_HOME",
        )


class WeightsFolderUnusable(WeightsError):
    """The folder for weights cannot be written or read."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(f"the folder for weights {folder} cannot be used: {reason}", hint="check its permissions")
