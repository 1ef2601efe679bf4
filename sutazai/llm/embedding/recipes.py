"""How the embedding models of the catalogue are run: their measures, vocabulary and the hash of what is prepared.

Pure data.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from sutazai.llm.embedding.graph import Shape


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes an embedding model of weights.

    Attributes:
        name: of the entry in the catalogue.
        shape: the measures of the encoder.
        vocabulary: a file beside this module: one token a line, its number is its line.
        vocabulary_sha256: its hash.
        weights_sha256: the hash of the weights; what is prepared lies under it.
        prepared_sha256: the hash of what is prepared from them.
    """

    name: str
    shape: Shape
    vocabulary: str
    vocabulary_sha256: str
    weights_sha256: str
    prepared_sha256: str

    @property
    def digest(self) -> str:
        """Identifies the vectors: the weights, how they are prepared, and how text becomes tokens."""
        return hashlib.sha256(f"{self.prepared_sha256} {self.vocabulary_sha256}".encode()).hexdigest()


RECIPES: Final = (
    Recipe(
        name="all-minilm-l6-v2",
        shape=Shape(
            layers=6, hidden=384, heads=12, inner=1536, vocabulary=30522, positions=512, tokens=256, epsilon=1e-12
        ),
        vocabulary="bert-uncased.txt",
        vocabulary_sha256="07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
        weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        prepared_sha256="8bb2028dd3ea6946168138c0e61a699a9ffbc44a84e1b561dfbf2639afc39c14",
    ),
)


def recipe_of(name: str) -> Recipe | None:
    """The recipe of a catalogue entry; None if it is no embedding model."""
    return next((each for each in RECIPES if each.name == name), None)
