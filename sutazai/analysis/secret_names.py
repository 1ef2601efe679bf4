"""Literals with telling names: `db_password = "…"`, in any language, in code and in configuration.

Owns the judgement of name and value together. Linear: each telling word is looked at once, within bounds.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(
    r"passw|passphrase|(?<![a-z])pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key"
    r"|encryption[_-]?key|signing[_-]?key|credential",
    re.IGNORECASE,
)
_STEMS: Final = (
    *("passw", "passphrase", "pwd", "secret", "token", "api", "access", "private", "auth", "encryption", "signing"),
    "credential",
)
_ASSIGNED: Final = re.compile(
    r"([\w\-]{0,24})[\"'\]]{0,2}[ \t]{0,4}(?::[ \t]?(?:str|String|string|Final)[ \t]?)?"
    r"(?::=|=>|={1,3}|!=|:|,)[ \t]{0,4}[brRuf]{0,2}([\"'`])([^\"'`\s]{6,160})\2"
)
_UNQUOTED: Final = re.compile(
    r"([\w\-]{0,24})[ \t]{0,4}[=:][ \t]{0,4}()([^\s\"'`#;,{}()\[\]]{6,160})[ \t]{0,20}\r?(?:\n|\Z)"
)
_CONFIGURATION: Final = (".env", ".ini", ".cfg", ".conf", ".properties", ".yml", ".yaml", ".toml")
_BEFORE: Final = re.compile(r"[\w\-]{0,30}\Z")

# Names of things around a secret, not of the secret itself.
_ABOUT: Final = re.compile(
    r"(?:ur[il]|path|file|dir|name|field|header|param|env|var|type|id|label|regex|pattern|re|hash|digest|prefix|suffix"
    r"|endpoint|expir\w*|lifetime|ttl|age|length|len|size|count|kind|format|hint|help|message|msg|error|prompt|policy"
    r"|scope|algorithm|method|input|selector|column|attr|ref|version|class|style|title|text|description|arn|placeholder"
    r"|reset|char|chars|sep|separator|delimiter)s?\Z",
    re.IGNORECASE,
)
_HASHED: Final = re.compile(
    r"hash|digest|checksum|sha\d|md5|public|csrf|xsrf|tokeniz|secretar|token_type|fake|dummy|mock|example",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = re.compile(
    r"example|change|placeholder|dummy|fake|sample|test|todo|your|xxx|insert|replace|redacted|passw|secret|default|none"
    r"|null|undefined|foo|bar\b|123456|abcdef|qwerty|env|token|\*\*|\.\.\.|---|___|^[$%<{]|[<{>}]|\$\(|%\(|#\{|\Ahttps?:|\A[./~]",
    re.IGNORECASE,
)
_WORDS: Final = re.compile(r"[A-Za-z]+(?:[ _.:/\-]+[A-Za-z]+)*[0-9]?\Z")
_NUMBER: Final = re.compile(r"[0-9.,:\-+xX]+\Z")
_SHORT_ENOUGH: Final = re.compile(r"passw|passphrase|pwd", re.IGNORECASE)
# No key holds these; regular expressions and paths do.
_SYNTAX: Final = re.compile(r"[\[\]()\\^*?|@]")
_KEY_LENGTH: Final = 16
_KEY_BITS: Final = 3.2
_PASSWORD_BITS: Final = 2.4


@dataclass(frozen=True, slots=True)
class NamedLiteral:
    """A literal that looks like the secret its name promises: code-point offsets of the value, and the kind of name."""

    start: int
    end: int
    is_password: bool


def named_literals(text: str, path: str) -> Iterator[NamedLiteral]:
    """The literals of `text` that are most likely secrets, in order."""
    forms = [_ASSIGNED, _UNQUOTED] if path.lower().endswith(_CONFIGURATION) else [_ASSIGNED]
    for word in _telling_words(text):
        for form in forms:
            match = form.match(text, word.end())
            if match is not None:
                break
        else:
            continue
        before = _BEFORE.search(text, max(0, word.start() - 30), word.start())
        name = (before[0] if before else "") + word[0] + match[1]
        is_password = _SHORT_ENOUGH.match(word[0]) is not None
        if _names_a_secret(name, match[1]) and _is_secret(match[3], is_password=is_password):
            yield NamedLiteral(match.start(3), match.end(3), is_password)


def _telling_words(text: str) -> Iterator[re.Match[str]]:
    lowered = text.lower()
    if len(lowered) != len(text):
        yield from _WORD.finditer(text)
        return
    # Looking for plain text first is many times faster than the regular expression at every place.
    places = sorted({place for stem in _STEMS for place in _all_of(lowered, stem)})
    words = (_WORD.match(text, place) for place in places)
    yield from (each for each in words if each is not None)


def _all_of(text: str, needle: str) -> Iterator[int]:
    place = text.find(needle)
    while place >= 0:
        yield place
        place = text.find(needle, place + len(needle))


def _names_a_secret(name: str, rest: str) -> bool:
    return _ABOUT.search(rest) is None and _HASHED.search(name) is None


def _is_secret(value: str, *, is_password: bool) -> bool:
    if _PLACEHOLDER.search(value) or _WORDS.match(value) or _NUMBER.match(value):
        return False
    if is_password:
        return entropy_bits(value) >= _PASSWORD_BITS and any(each.isdigit() for each in value)
    return (
        len(value) >= _KEY_LENGTH and not _SYNTAX.search(value) and entropy_bits(value) >= _KEY_BITS and _mixed(value)
    )


def _mixed(value: str) -> bool:
    return any(each.isdigit() for each in value) and any(each.isalpha() for each in value)


def entropy_bits(value: str) -> float:
    """Shannon's entropy of the characters, bits a character."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
