"""Checks that tell true tokens from lookalikes: checksums and headers of known formats. Pure arithmetic."""

import base64
import binascii
import json
import zlib
from typing import Final

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM_DIGITS: Final = 6


def base62_crc32(body: str) -> str:
    """The checksum that GitHub and npm put behind `body`: CRC-32 in base 62, six digits."""
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits.rjust(_CHECKSUM_DIGITS, "0")


def has_base62_crc32(token: str) -> bool:
    """Whether the last six characters after the first underscore are the checksum of those before."""
    body = token.split("_", 1)[1]
    return base62_crc32(body[:-_CHECKSUM_DIGITS]) == body[-_CHECKSUM_DIGITS:]


def is_jwt(token: str) -> bool:
    """Whether the first part is a JSON object that names an algorithm."""
    head = token.split(".", 1)[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(header, dict) and "alg" in header


def is_no_aws_example(token: str) -> bool:
    """AWS's own documentation uses keys that end in EXAMPLE."""
    return not token.endswith("EXAMPLE")
