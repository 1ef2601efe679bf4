"""What is known of a collection beside its table: embedder, schema, which table holds it now. One small file each.

The file is replaced as a whole: putting another table in the place of the present one is one step.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from sutazai.disk.replacing import replace_file
from sutazai.errors.knowledge import CollectionBroken
from sutazai.sdk.document import EmbedderInfo

_MAX_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Reindex:
    """A change of weights under way: `table` holds the new vectors."""

    embedder: EmbedderInfo
    table: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A collection.

    Attributes:
        schema: the version of its table's columns.
        table: the table that holds it.
        trained: how many chunks there were when its vector index was made; 0: it has none.
    """

    name: str
    schema: int
    embedder: EmbedderInfo
    table: str
    trained: int = 0
    reindex: Reindex | None = None


def read(path: Path, name: str) -> Manifest | None:
    """What the file says, None where there is none.

    Raises:
        CollectionBroken: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return _manifest(json.loads(file.read(_MAX_BYTES)))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CollectionBroken(name or path.stem, f"{path.name}: {error}") from error


def _manifest(data: Mapping[str, Any]) -> Manifest:
    reindex = data["reindex"]
    return Manifest(
        name=str(data["name"]),
        schema=int(data["schema"]),
        embedder=EmbedderInfo(**data["embedder"]),
        table=str(data["table"]),
        trained=int(data["trained"]),
        reindex=Reindex(EmbedderInfo(**reindex["embedder"]), str(reindex["table"])) if reindex else None,
    )


def write(path: Path, manifest: Manifest) -> None:
    """Whole or not at all, and on the disk when this returns."""
    replace_file(path, json.dumps(asdict(manifest), indent=1).encode())


def changed(manifest: Manifest, **values: Any) -> Manifest:
    """The manifest with other values."""
    return replace(manifest, **values)
