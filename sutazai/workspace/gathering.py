"""Turns paths and bytes into source files, one after the other, and keeps account of what was left out and why.

Owns who is listed as skipped and who is only counted. Blocking: called in a thread.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from sutazai.disk.foreign import foreign_by_name, foreign_by_text
from sutazai.disk.places import is_test, leaves, relative
from sutazai.disk.reading import Text, Unreadable, decode, read_bytes, read_text, too_large
from sutazai.errors.workspace import NothingReadable
from sutazai.sdk.source import Collection, LineRange, Selection, Skipped, SourceFile
from sutazai.syntax.languages import language_of
from sutazai.workspace.diffs import Expected, clipped, fits


class Gathering:
    """What was collected so far.

    Args:
        root: every path is told relative to it, and nothing outside of it is read; links in it are resolved.
        selection: patterns to leave out and the size limit.
    """

    def __init__(self, root: Path, selection: Selection) -> None:
        self.root = root
        self._limit = selection.max_file_bytes
        self._excluded = _matcher(selection.exclude)
        self._files: dict[str, SourceFile] = {}
        self._skipped: dict[str, Skipped] = {}
        self._ignored = 0
        # One folder holds many files, and following its links costs a look at each part of its path.
        self._folder_leaves = lru_cache(maxsize=None)(lambda folder: leaves(folder, root))

    def ignore(self, count: int = 1) -> None:
        """Counts what nobody wants listed."""
        self._ignored += count

    def skip(self, path: str, reason: str, *, named: bool = False) -> None:
        """Lists something that is not reviewed."""
        path = path.encode("utf-8", "replace").decode()  # no format could write what is no text
        self._skipped.setdefault(path, Skipped(path, reason, named))

    def add_folder(self, folder: Path, files: Sequence[Path]) -> None:
        """Takes the files that a named folder holds."""
        before = len(self._files) + len(self._skipped)
        for path in files:
            if path.is_symlink():
                self._add_link(path)
            else:
                self.add(path, named=False, base=folder)
        if len(self._files) + len(self._skipped) == before:
            self.skip(relative(folder, self.root), "there is no source file in it", named=True)

    def _add_link(self, path: Path) -> None:
        """A link inside the root shows what is taken anyway under its own name; any other is told."""
        if reason := leaves(path, self.root):
            self.skip(relative(path, self.root), reason)
        else:
            self.ignore()

    def add(self, path: Path, *, named: bool, base: Path | None = None) -> None:
        """Takes a whole file from the disk. `base`: only folders under it can make the file foreign."""
        name = relative(path, self.root)
        if self._passes(name, relative(path, base or self.root), named=named):
            self._take(name, path, self._read(path), named=named)

    def add_changed(
        self,
        name: str,
        changed: Sequence[LineRange],
        before: Mapping[int, str],
        expected: Sequence[Expected] = (),
        *,
        named: bool = False,
    ) -> None:
        """Takes the changed lines of a file from the disk, if it is what the diff says."""
        path = self.root / name
        if self._passes(name, name, named=named):
            read = self._read(path)
            if isinstance(read, Text) and not fits(read.text, expected):
                read = Unreadable("the file on disk does not match the diff")
            self._take(name, path, read, named=named, changed=changed, before=before)

    def add_blob(self, name: str, data: bytes | None, changed: Sequence[LineRange], before: Mapping[int, str]) -> None:
        """Takes the changed lines of a file from git. `data` None: larger than the limit."""
        if self._passes(name, name, named=False):
            read = Unreadable(too_large(self._limit)) if data is None else decode(data)
            self._take(name, self._same_on_disk(name, data), read, named=False, changed=changed, before=before)

    def add_text(self, name: str, text: str, language: str) -> None:
        """Takes text that lies nowhere."""
        self._files[name] = SourceFile(name, text, language, is_test=is_test(name))

    def collection(self) -> Collection:
        """All that was collected.

        Raises:
            NothingReadable: things were asked for by name and not one of them can be read.
        """
        skipped = tuple(sorted(self._skipped.values(), key=lambda each: each.path))
        failed = [each for each in skipped if each.named]
        if failed and not self._files and len(failed) == len(skipped):
            raise NothingReadable([f"{each.path}: {each.reason}" for each in failed])
        files = tuple(file for _, file in sorted(self._files.items()))
        return Collection(self.root, files, skipped, self._ignored)

    def _passes(self, name: str, inside: str, *, named: bool) -> bool:
        """Whether a file is worth reading, by its name alone."""
        if name in self._files or name in self._skipped:
            return False
        if not _is_text(name):
            self.skip(name, "its name is not valid Unicode", named=named)
            return False
        if self._excluded(name):
            self.ignore()
            return False
        if reason := foreign_by_name(inside):
            self._leave_out(name, reason, named=named)
            return False
        if not named and "." in name.rpartition("/")[2] and not language_of(name):
            self.ignore()
            return False
        return True

    def _leave_out(self, name: str, reason: str, *, named: bool) -> None:
        if named:
            self.skip(name, reason, named=True)
        else:
            self.ignore()

    def _read(self, path: Path) -> Text | Unreadable:
        reason = self._folder_leaves(path.parent) or (leaves(path, self.root) if path.is_symlink() else "")
        return Unreadable(reason) if reason else read_text(path, self._limit)

    def _take(
        self,
        name: str,
        disk_path: Path | None,
        read: Text | Unreadable,
        *,
        named: bool,
        changed: Sequence[LineRange] | None = None,
        before: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        if isinstance(read, Unreadable):
            self.skip(name, read.reason, named=named)
            return
        language = language_of(name, read.text[:500].partition("\n")[0])
        foreign = foreign_by_text(read.text, language)
        if foreign or not (language or named):
            self._leave_out(name, foreign, named=named)
            return
        self._files[name] = SourceFile(
            name,
            read.text,
            language,
            disk_path=disk_path if read.as_stored else None,
            changed=None if changed is None else clipped(changed, read.text),
            before=dict(before),
            is_test=is_test(name),
        )

    def _same_on_disk(self, name: str, data: bytes | None) -> Path | None:
        path = self.root / name
        if data is None or path.is_symlink() or self._folder_leaves(path.parent):
            return None
        return path if read_bytes(path, self._limit) == data else None


def _is_text(name: str) -> bool:
    """Whether a name is Unicode; bytes that are none come from the file system as lone surrogates."""
    return not any("\ud800" <= each <= "\udfff" for each in name)


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    if not patterns:
        return lambda _name: False
    from sutazai.disk.ignore import spec_of  # noqa: PLC0415 (loaded only when used)

    return spec_of(patterns).match_file
