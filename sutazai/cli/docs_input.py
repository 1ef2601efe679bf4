"""What the commands about documents take from a person: questions, tags, text from stdin, and a yes before a loss."""

import sys
from collections.abc import Sequence
from typing import Any, Final

from sutazai.cli import talk
from sutazai.errors.files import TargetUnreadable
from sutazai.errors.usage import UsageError
from sutazai.review.formats.untrusted import valid_unicode

STDIN: Final = "-"
MAX_QUESTION: Final = 10_000
_MAX_YES: Final = 100


def question_of(words: Sequence[str], example: str = "ask") -> str:
    """What is asked: the words of the command line, or stdin for a single `-`.

    Args:
        words: of the command line.
        example: the command that the next step names.

    Raises:
        UsageError: nothing is asked, or too much.
        TargetUnreadable: stdin is not text.
    """
    text = text_from_stdin(4 * MAX_QUESTION) if list(words) == [STDIN] else valid_unicode(" ".join(words))
    if not text.strip():
        raise UsageError("nothing was asked", hint=f'for example: sutazai {example} "how often is the oil changed?"')
    if len(text) > MAX_QUESTION:
        raise UsageError(
            f"the question is longer than {MAX_QUESTION:,} characters",
            hint="ask in fewer words, and add the rest with docs add",
        )
    return text.strip()


def added_from(paths: Sequence[str], max_bytes: int) -> dict[str, Any]:
    """Where the documents come from, as fields of the request.

    Raises:
        UsageError: stdin does not stand alone, or holds more than `max_bytes`.
        TargetUnreadable: stdin is not text.
    """
    if STDIN not in paths:
        return {"paths": tuple(paths)}
    if len(paths) > 1:
        raise UsageError("stdin (`-`) stands alone", hint="add the files in a second call")
    return {"stdin": text_from_stdin(max_bytes)}


def text_from_stdin(max_bytes: int) -> str:
    """The text on stdin.

    Raises:
        UsageError: it is longer than `max_bytes`.
        TargetUnreadable: it is not UTF-8 text.
    """
    data = sys.stdin.buffer.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise UsageError(f"stdin holds more than {max_bytes:,} bytes", hint="save it as a file, and name that")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 text: {error.reason} at byte {error.start}"
        raise TargetUnreadable("stdin", reason) from error


def tags_of(given: Sequence[str]) -> dict[str, str]:
    """Tags by key.

    Raises:
        UsageError: one is not `key=value`.
    """
    pairs = [valid_unicode(each).partition("=") for each in given]
    wrong = next(("".join(each) for each in pairs if not (each[0].strip() and each[1])), None)
    if wrong is not None:
        raise UsageError(f"the tag {wrong[:80]!r} is not KEY=VALUE", hint="for example: --tag team=search")
    return {key.strip(): value.strip() for key, _, value in pairs}


def sure(what: str, *, yes: bool) -> bool:
    """Whether a person wants what is about to be lost to be lost.

    Raises:
        UsageError: there is nobody to ask.
    """
    if yes:
        return True
    if not there_is_somebody():
        raise UsageError(f"{what} needs a yes, and nobody can be asked here", hint="say it with --yes")
    talk.plain(f"{what[0].upper()}{what[1:]}. Go on? [y/N] ")
    if sys.stdin.readline(_MAX_YES).strip().casefold() in {"y", "yes"}:
        return True
    talk.say("nothing was removed")
    return False


def there_is_somebody() -> bool:
    """Whether a person sits at stdin."""
    return sys.stdin.isatty()
