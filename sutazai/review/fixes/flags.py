"""Switches that stand the wrong way: one literal is put in the place of another, and nothing else is touched."""

import re
from collections.abc import Mapping
from typing import Final

from sutazai.review.fixes.site import Rewrite, Site, joined
from sutazai.syntax.parse import Node

_LONGEST: Final = 400  # a switch is a short piece of code
_Flip = tuple[re.Pattern[str], str, str]


def _flip(pattern: str, right: str, description: str) -> _Flip:
    """`pattern` has one group: the literal that stands wrong, at the end of the text it is looked for in."""
    return re.compile(pattern), right, description


_OFF: Final = r"(False|false)"
_FLIPS: Final[Mapping[str, tuple[_Flip, ...]]] = {
    "py-cookie-not-secure": (
        _flip(rf"secure\s*=\s*{_OFF}$", "True", "send the cookie over HTTPS only"),
        _flip(rf"COOKIE_SECURE(?:[\"']\])?\s*=\s*{_OFF}$", "True", "send the cookie over HTTPS only"),
    ),
    "py-cookie-readable-by-scripts": (
        _flip(rf"httponly\s*=\s*{_OFF}$", "True", "hide the cookie from scripts"),
        _flip(rf"COOKIE_HTTPONLY(?:[\"']\])?\s*=\s*{_OFF}$", "True", "hide the cookie from scripts"),
    ),
    "py-csrf-off": (_flip(rf"WTF_CSRF_ENABLED[\"']\]\s*=\s*{_OFF}$", "True", "leave the protection on"),),
    "py-tls-check-off": (
        _flip(rf"\.check_hostname\s*=\s*{_OFF}$", "True", "check the host name"),
        _flip(r"\.verify_mode\s*=\s*(?:\w+\.)*(CERT_NONE)$", "CERT_REQUIRED", "check the certificate"),
        _flip(rf"^(?:verify_ssl|ssl_verify)\s*=\s*{_OFF}$", "True", "check the certificate"),
    ),
    "py-debugger-on": (
        _flip(r"\[[\"']DEBUG[\"']\]\s*=\s*(True)$", "False", "leave the debugger off"),
        _flip(r"\.debug\s*=\s*(True)$", "False", "leave the debugger off"),
    ),
    "py-flask-debug": (_flip(r"^debug\s*=\s*(True)$", "False", "leave the debugger off"),),
    "py-umask-open": (_flip(r"^os\.umask\((0|0o0+)\)$", "0o077", "keep new files for their owner"),),
    "js-tls-check-off": (
        _flip(r"rejectUnauthorized[\"']?\s*:\s*(false)$", "true", "check the certificate"),
        _flip(r"NODE_TLS_REJECT_UNAUTHORIZED\s*=\s*[\"'](0)[\"']$", "1", "check the certificate"),
    ),
    "go-tls-check-off": (_flip(r"InsecureSkipVerify\s*[:=]\s*(true)$", "false", "check the certificate"),),
}


def fix_flag(site: Site) -> Rewrite | None:
    """The one wrong literal of the finding put right, None where there is none or more than one."""
    found = {each for node in site.finding_nodes() for each in _wrong(site, node)}
    if len(found) != 1:
        return None
    start, end, right, description = found.pop()
    return joined(description, site.span(start, end, right))


def _wrong(site: Site, node: Node) -> list[tuple[int, int, str, str]]:
    text = site.text(node)
    if len(text) > _LONGEST:
        return []
    found = []
    for pattern, right, about in _FLIPS[site.finding.rule]:
        if match := pattern.search(text):
            start, end = (node.start_byte + len(text[:at].encode()) for at in match.span(1))
            found.append((start, end, right, about))
    return found


RULES: Final = tuple(_FLIPS)
