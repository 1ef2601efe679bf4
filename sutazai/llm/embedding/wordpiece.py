"""Text to tokens, as BERT's lower-case models read it. Nothing is ever cut off, and nothing in a text is a command.

Wu et al. 2016 (WordPiece), by the library `tokenizers`.
"""

import hashlib
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from sutazai.errors.embedding import EmbeddingFailed

if TYPE_CHECKING:
    from tokenizers import Encoding

_LONGEST_WORD: Final = 100
_UNKNOWN, _FIRST, _LAST = "[UNK]", "[CLS]", "[SEP]"
_LONE_SURROGATES: Final = re.compile(r"[\ud800-\udfff]")
_REPLACEMENT: Final = "\ufffd"
# Between these, words are read one by one. Other blanks are left to the library, which drops some and keeps others.
_WORD: Final = re.compile(r"[^ \t\n\r]+")
_KEPT_CHARS: Final = 40
_KEPT_WORDS: Final = 50_000

ADDED_TOKENS: Final = 2
"""How many tokens stand around every text: one before it, one after it."""


class WordPiece:
    """The tokens of texts.

    Args:
        vocabulary: one token for each number from 0.
    """

    def __init__(self, vocabulary: list[str]) -> None:
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers  # noqa: PLC0415 (loaded only when used)

        numbers = {token: number for number, token in enumerate(vocabulary)}
        self._first, self._last = numbers[_FIRST], numbers[_LAST]
        # No special tokens are declared: "[SEP]" in a document is five characters, not the end of it.
        self._tokenizer = Tokenizer(
            models.WordPiece(numbers, unk_token=_UNKNOWN, max_input_chars_per_word=_LONGEST_WORD)
        )
        self._tokenizer.normalizer = normalizers.BertNormalizer()
        self._tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        self._known: dict[str, tuple[tuple[int, int], ...]] = {}

    def numbers(self, text: str) -> list[int]:
        """The numbers of a text's tokens, with the one before and the one after."""
        return [self._first, *self._encoded(text).ids, self._last]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token begins and ends, in code points; without the ones around the text.

        Most words of a text were there before, and looking one up takes a fraction of the time of reading it.
        """
        found: list[tuple[int, int]] = []
        for match in _WORD.finditer(text):
            word, at = match[0], match.start()
            for first, last in self._known.get(word) or self._of_word(word):
                found.append((at + first, at + last))
        return found

    def _of_word(self, word: str) -> tuple[tuple[int, int], ...]:
        spans = tuple((first, last) for first, last in self._encoded(word).offsets)
        if len(word) <= _KEPT_CHARS:
            if len(self._known) >= _KEPT_WORDS:
                self._known = {}
            self._known[word] = spans
        return spans

    def _encoded(self, text: str) -> "Encoding":
        # As many code points as before, and like them no token.
        return self._tokenizer.encode(_LONE_SURROGATES.sub(_REPLACEMENT, text), add_special_tokens=False)


def read_vocabulary(name: str, sha256: str) -> list[str]:
    """A vocabulary that ships with us.

    Raises:
        EmbeddingFailed: the file is not the one that is known.
    """
    data = files("sutazai.llm.embedding").joinpath("vocabularies", name).read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise EmbeddingFailed(name, "the vocabulary was changed; install SutazAI again")
    return data.decode("utf-8").removesuffix("\n").split("\n")
