"""Office Open XML packages: parts, what relates them, and the document's title.

A relation that leads out of the package is as good as none: nothing outside is ever looked at.
"""

from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from sutazai.reading.archive import Archive, beside
from sutazai.reading.failure import Broken, ParseFailed
from sutazai.reading.markup import elements, tree

_CORE: Final = "docProps/core.xml"


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to. `kind`: the last word of its type, e.g. `slide`, `footnotes`."""

    id: str
    kind: str
    target: str


class Package:
    """The parts of a package.

    Args:
        data: the file.

    Raises:
        ParseFailed: it is no archive that can be read.
    """

    def __init__(self, data: bytes) -> None:
        self.archive = Archive(data)

    def main_part(self) -> str:
        """The name of the document's main part.

        Raises:
            Broken: there is none.
        """
        for each in self.relations(""):
            if each.kind == "officeDocument":
                return each.target
        raise Broken("it has no main part")

    def relations(self, part: str) -> list[Relation]:
        """What a part refers to inside the package, in the order of the file; of `""`, the package itself."""
        folder, _, name = part.rpartition("/")
        source = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        if source not in self.archive:
            return []
        return [
            Relation(each.get("Id", ""), each.get("Type", "").rpartition("/")[2], beside(part, each.get("Target", "")))
            for each in elements(self.archive.chunks(source), whole={"Relationship"})
            if each.get("TargetMode") != "External"
        ]

    def related(self, part: str, kind: str) -> str:
        """The name of the one part of a kind that a part refers to; empty where there is none."""
        return next(
            (each.target for each in self.relations(part) if each.kind == kind and each.target in self.archive), ""
        )

    def tree(self, part: str) -> Element:
        """A part as a tree; one that is not there as an empty element."""
        return tree(self.archive.chunks(part)) if part in self.archive else Element("missing")

    def title(self) -> str:
        """The title in the document's properties; empty where there is none, or where they are broken."""
        try:
            return self.tree(_CORE).findtext("title") or ""
        except ParseFailed:
            return ""
