"""The files under analysis as modules: what is defined where, so that a call can be followed into another file."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from sutazai.analysis.taint.code import Function
from sutazai.analysis.taint.lower_statements import Lowering
from sutazai.analysis.taint.state import State
from sutazai.analysis.taint.values import Value
from sutazai.analysis.taint.worth import Worth
from sutazai.sdk.source import SourceFile
from sutazai.syntax.parse import Tree, parse

_INIT: Final = "__init__"


@dataclass(slots=True, eq=False)
class Module:
    """A file as a module.

    Attributes:
        name: dotted, by its path.
        state: what holds after its body ran; None before that.
        started: whether its body was begun: modules that import one another are run once.
        wildcards: modules whose every name was imported.
    """

    source: SourceFile
    name: str
    tree: Tree
    lowering: Lowering
    state: State = field(default_factory=State)
    started: bool = False
    wildcards: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The path of its file."""
        return self.source.path

    @property
    def package(self) -> str:
        """The dotted name of the package it lies in."""
        return self.name if self.path.endswith(f"{_INIT}.py") else self.name.rpartition(".")[0]


@dataclass(slots=True, eq=False)
class Closure:
    """A function with the module it stands in and the variables around it."""

    function: Function
    module: Module
    around: dict[str, Value] = field(default_factory=dict)
    cls: "ClassInfo | None" = None


@dataclass(slots=True, eq=False)
class ClassInfo:
    """A class of the project: its methods and attributes, and the classes it stands on."""

    name: str
    module: Module
    members: dict[str, Value] = field(default_factory=dict)
    bases: list[Value] = field(default_factory=list)

    def find(self, name: str, depth: int = 0) -> Value | None:
        """The member of this name, the bases' included."""
        if name in self.members:
            return self.members[name]
        for base in self.bases if depth < 5 else ():  # noqa: PLR2004 (deeper trees of classes are not followed)
            if isinstance(base.callee, ClassInfo) and (found := base.callee.find(name, depth + 1)) is not None:
                return found
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A method together with the object it is called on."""

    closure: Closure
    receiver: Value


class Project:
    """Modules by dotted name, parsed when first needed.

    Args:
        files: all there is.
        worth: what their texts are looked at for.
    """

    def __init__(self, files: Iterable[SourceFile], worth: Worth) -> None:
        self._worth = worth
        self._sources: dict[str, bool] = {}
        self._files: dict[str, SourceFile] = {}
        self._known: dict[str, SourceFile | None] = {}
        self._modules: dict[str, Module] = {}
        self._ends: dict[str, list[str]] = {}
        for source in files:
            name = dotted(source.path)
            self._files[name] = source
            self._ends.setdefault(name.rpartition(".")[2], []).append(name)

    def module_of(self, source: SourceFile) -> Module:
        """The module of a file, parsed.

        Raises:
            SutazAIError: it cannot be parsed.
        """
        module = self._modules.get(source.path)
        if module is None:
            tree = parse(source.text, "python")
            module = Module(source, dotted(source.path), tree, Lowering(tree.source))
            self._modules[source.path] = module
        return module

    def source(self, name: str) -> SourceFile | None:
        """The file that code imports by this name, None if it is not among the files."""
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def has_source(self, source: SourceFile) -> bool:
        """Whether a stranger's data may come in in this file: asked at each call into it, looked at once."""
        if source.path not in self._sources:
            self._sources[source.path] = self._worth.has_source(source.text)
        return self._sources[source.path]

    def find(self, name: str) -> Module | None:
        """The module that code imports by this name, None if it is not among the files.

        Raises:
            SutazAIError: it cannot be parsed.
        """
        source = self.source(name)
        return self.module_of(source) if source is not None else None

    def _found(self, name: str) -> SourceFile | None:
        if name in self._files:
            return self._files[name]
        # A source folder (`src/shop/models.py`) is no part of the name that code imports.
        ends = [each for each in self._ends.get(name.rpartition(".")[2], ()) if each.endswith("." + name)]
        return self._files[ends[0]] if len(ends) == 1 else None

    def text_and_tree(self, path: str) -> tuple[str, Tree]:
        """The text and the tree of a file that was read before."""
        module = self._modules[path]
        return module.source.text, module.tree


def dotted(path: str) -> str:
    """The dotted name of a module by its path."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts and parts[-1] == _INIT and len(parts) > 1 else parts)
