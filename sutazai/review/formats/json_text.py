"""JSON that is safe to print: valid Unicode, and no raw character that could steer the terminal it is shown on."""

import json
import re
from typing import Any, Final

from sutazai.review.formats.untrusted import valid_unicode

# None of these can stand outside of a string, so replacing them in the whole text keeps the JSON the same value.
_RAW: Final = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")


def dump(value: Any, *, indent: int | None = 2) -> str:
    """The value as JSON, keys in the order given, without a final newline."""
    text = valid_unicode(json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False))
    return _RAW.sub(lambda match: json.dumps(match[0])[1:-1], text)
