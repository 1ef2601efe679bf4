"""Where configuration, data and cache lie: `SUTAZAI_HOME`, else the platform's convention. Creates nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folders:
    """The three folders of this user. They need not exist yet."""

    config: Path
    data: Path
    cache: Path

    @property
    def user_file(self) -> Path:
        """The user's own settings."""
        return self.config / "config.toml"

    @property
    def models(self) -> Path:
        """Weights, content-addressed."""
        return self.data / "models"

    @property
    def profiles(self) -> Path:
        """What was measured of models on this machine."""
        return self.data / "profiles"

    @property
    def cache_file(self) -> Path:
        """Disposable results."""
        return self.cache / "cache.db"

    @property
    def local_file(self) -> Path:
        """History and feedback."""
        return self.data / "local.db"

    @property
    def documents(self) -> Path:
        """Collections of documents, by tenant."""
        return self.data / "documents"

    @property
    def undo(self) -> Path:
        """What files held before fixes were applied to them."""
        return self.data / "undo"

    @property
    def crashes(self) -> Path:
        """What is left of internal errors."""
        return self.cache / "crashes"


def folders(environ: Mapping[str, str]) -> Folders:
    """The folders that `environ` asks for."""
    home = environ.get("SUTAZAI_HOME", "")
    if home:
        base = Path(home).expanduser().absolute()
        return Folders(base / "config", base / "data", base / "cache")
    from platformdirs import PlatformDirs  # noqa: PLC0415 (loaded only when used)

    dirs = PlatformDirs("sutazai", appauthor=False)
    return Folders(dirs.user_config_path, dirs.user_data_path, dirs.user_cache_path)
