"""From what a person names to the files that are meant: files, folders with git's ignore rules, globs.

Owns what counts as a document by its name alone, and how many files a folder may hold. Reads nothing but names and
sizes. Blocking: called in a thread.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final

from sutazai.disk.ignore import spec_of, walk
from sutazai.disk.places import find_repository, leaves
from sutazai.disk.reading import kind_problem, reason_of, too_large
from sutazai.sdk.document import DocumentSource
from sutazai.sdk.knowledge import DocumentSources, Ignored
from sutazai.sdk.source import Skipped

MAX_ENTRIES: Final = 500_000
MAX_FILES: Final = 100_000
_MAX_NAMED: Final = 1_000
BY_ENDING: Final = "no document, by its ending"
BY_PATTERN: Final = "by --exclude or `docs.exclude`"
BY_LINK: Final = "a link to what is taken under its own name"
_MAGIC: Final = re.compile(r"[*?\[]")
_NO_DOCUMENT: Final = re.compile(
    r"\.(png|jpe?g|gif|bmp|ico|tiff?|webp|svgz?|heic|psd|mp[34]|m4[av]|wav|flac|ogg|opus|avi|mkv|mov|webm"
    r"|zip|gz|tgz|bz2|xz|zst|7z|rar|tar|jar|war|whl|egg|iso|dmg|deb|rpm|apk|exe|dll|so(\.\d+)*|dylib|o|a|lib|obj|class"
    r"|py[cod]|wasm|bin|dat|db|sqlite3?|parquet|arrow|feather|npy|npz|pkl|pt|pth|onnx|gguf|safetensors|h5|lance"
    r"|ttf|otf|woff2?|eot|map|lock|min\.(js|css)|pem|key|p12|pfx|crt|cer)$",
    re.IGNORECASE,
)
"""Endings that are not read unless the file itself is named: no text in them, or keys that belong in no collection."""


class Collecting:
    """What was found so far.

    Args:
        folder: what relative paths start from.
        exclude: gitignore patterns of files to leave out.
        max_file_bytes: larger files are skipped.
        without: folders that hold no documents, whatever is in them: what we ourselves keep.
    """

    def __init__(
        self, folder: Path, exclude: Sequence[str], max_file_bytes: int, *, without: Iterable[Path] = ()
    ) -> None:
        self._folder = folder
        self._without = frozenset(Path(os.path.realpath(each)) for each in without)
        self._excluded = _matcher(exclude)
        self._max_file_bytes = max_file_bytes
        self._sources: dict[Path, DocumentSource] = {}
        self._skipped: dict[str, Skipped] = {}
        self._ignored: dict[str, list[str]] = {}

    def add(self, given: str) -> None:
        """Takes what a path or a glob stands for."""
        path = self._folder / given.replace("\0", "")
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            if _MAGIC.search(given) and not os.path.lexists(path):
                self._add_glob(given)
            else:
                broken = "" if isinstance(error, ValueError) else leaves(path, self._folder)
                self._skip(given, broken or reason_of(error), named=True)
            return
        if stat.S_ISDIR(mode):
            self._add_folder(given, Path(os.path.realpath(path)))
        else:
            self._take(given, _placed(path), named=True)

    def found(self) -> DocumentSources:
        """All of it, in order of names."""
        return DocumentSources(
            tuple(sorted(self._sources.values(), key=lambda each: each.name)),
            tuple(sorted(self._skipped.values(), key=lambda each: each.path)),
            sum(map(len, self._ignored.values())),
            tuple(
                Ignored(reason, len(names), tuple(sorted(names)[:_MAX_NAMED]))
                for reason, names in self._ignored.items()
            ),
        )

    def _add_folder(self, given: str, folder: Path) -> None:
        before = len(self._sources) + len(self._skipped)
        self._add_files(given, folder, self._listed(given, folder))
        if len(self._sources) + len(self._skipped) == before:
            self._skip(given, "there is no document in it", named=True)

    def _add_glob(self, given: str) -> None:
        parts = PurePosixPath(given.replace(os.sep, "/")).parts
        first = next(index for index, part in enumerate(parts) if _MAGIC.search(part))
        base = str(PurePosixPath(*parts[:first])) if first else "."
        folder = Path(os.path.realpath(self._folder / base))
        if not folder.is_dir():
            self._skip(given, "nothing matches it", named=True)
            return
        matches = spec_of(["/" + "/".join(parts[first:])]).match_file
        files = [each for each in self._listed(given, folder) if matches(each.relative_to(folder).as_posix())]
        self._add_files(base, folder, files)
        if not files:
            self._skip(given, "nothing matches it", named=True)

    def _listed(self, given: str, folder: Path) -> list[Path]:
        if not self._without.isdisjoint((folder, *folder.parents)):
            self._skip(given, "it holds what is kept of documents, and none itself", named=True)
            return []
        top = find_repository(folder) or folder
        listing = walk(folder, top, hidden=False, max_entries=MAX_ENTRIES, without=self._without)
        for reason, paths in listing.ignored.items():
            for path in paths:
                self._ignore(_joined(given, path, folder) + ("/" if path.is_dir() else ""), reason)
        for closed in listing.closed:
            name = _joined(given, closed, folder)
            self._skip(name, "the folder cannot be opened", named=closed == folder)
        if listing.is_cut or len(listing.files) > MAX_FILES:
            reason = f"it holds more than {MAX_FILES} files; add its folders one by one"
            self._skip(given, reason, named=True)
            return []
        return listing.files

    def _add_files(self, given: str, folder: Path, files: Iterable[Path]) -> None:
        for path in files:
            name = _joined(given, path, folder)
            if _NO_DOCUMENT.search(path.name):
                self._ignore(name, BY_ENDING)
            elif path.is_symlink():
                self._add_link(name, path, folder)
            else:
                self._take(name, path)

    def _add_link(self, name: str, path: Path, folder: Path) -> None:
        """A link inside the folder shows what is taken anyway under its own name; any other is told."""
        if reason := leaves(path, folder):
            self._skip(name, reason)
        else:
            self._ignore(name, BY_LINK)

    def _take(self, name: str, path: Path, *, named: bool = False) -> None:
        if path in self._sources:
            return
        if self._excluded(name):
            self._ignore(name, BY_PATTERN)
            return
        try:
            found = path.stat()
        except OSError as error:
            self._skip(name, reason_of(error), named=named)
            return
        problem = kind_problem(found.st_mode) or ("" if _is_text(name) else "its name is not valid Unicode")
        if not problem and found.st_size > self._max_file_bytes:
            problem = too_large(self._max_file_bytes)
        if problem:
            self._skip(name, problem, named=named)
        else:
            modified = datetime.fromtimestamp(max(found.st_mtime, 0), UTC)
            self._sources[path] = DocumentSource(name, path, size_bytes=found.st_size, modified_at=modified)

    def _ignore(self, name: str, reason: str) -> None:
        self._ignored.setdefault(reason, []).append(name.encode("utf-8", "replace").decode())

    def _skip(self, name: str, reason: str, *, named: bool = False) -> None:
        name = name.encode("utf-8", "replace").decode()
        self._skipped.setdefault(name, Skipped(name, reason, named))


def _placed(path: Path) -> Path:
    """A named file where it really lies, so that two names for it are one document."""
    return Path(os.path.realpath(path))


def _joined(given: str, path: Path, folder: Path) -> str:
    inside = path.relative_to(folder).as_posix()
    base = PurePosixPath(given.replace(os.sep, "/")).as_posix()
    return inside if base == "." else f"{base.rstrip('/')}/{inside}" if inside != "." else base


def _is_text(name: str) -> bool:
    """Whether a name is Unicode; bytes that are none come from the file system as lone surrogates."""
    return not any("\ud800" <= each <= "\udfff" for each in name)


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    return spec_of(patterns).match_file if patterns else lambda _name: False
