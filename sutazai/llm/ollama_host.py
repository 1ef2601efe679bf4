"""Turns what people write into OLLAMA_HOST into one URL. Pure; reads no environment and resolves no name."""

from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from sutazai.errors.ollama import OllamaHostInvalid

DEFAULT_PORT: Final = 11434
_PORTS: Final = {"http": 80, "https": 443}


def ollama_url(host: str) -> str:
    """The base URL of a host, without a final slash.

    Args:
        host: empty (this machine), `host`, `host:port`, `:port` or `http(s)://host[:port][/path]`. An address that
            means "listen everywhere" becomes the loopback address: one cannot connect to everywhere.

    Raises:
        OllamaHostInvalid: anything else. Credentials are refused too, and never repeated in the message.
    """
    text = host.strip().strip("\"'").strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest, port = "http", text, DEFAULT_PORT
    elif scheme.lower() in _PORTS:
        scheme = scheme.lower()
        port = _PORTS[scheme]
    else:
        raise OllamaHostInvalid("only http and https are spoken")
    return _url(scheme, _bracketed(rest), port)


def _bracketed(rest: str) -> str:
    # A bare IPv6 address (`::`, `fe80::1`) has no port: its colons all belong to the address.
    try:
        return f"[{rest}]" if isinstance(ip_address(rest), IPv6Address) else rest
    except ValueError:
        return rest


def _url(scheme: str, rest: str, default_port: int) -> str:
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        port = parts.port or default_port
    except ValueError:
        raise OllamaHostInvalid("the port or address cannot be read") from None
    if parts.username is not None or parts.password is not None:
        raise OllamaHostInvalid("it holds credentials; use the secret `ollama-api-key`")
    if parts.query or parts.fragment:
        raise OllamaHostInvalid("a query or fragment makes no sense here")
    path = quote(parts.path.strip("/"), safe="/%:@-._~!$&'()*+,;=")
    return f"{scheme}://{_name(parts)}:{port}{'/' + path if path else ''}"


def _name(parts: SplitResult) -> str:
    name = parts.hostname or "127.0.0.1"
    try:
        address = ip_address(name)
    except ValueError:
        return _checked(name)
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"  # noqa: PLR2004 (the version's name)
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 (the version's name)


def _checked(name: str) -> str:
    try:
        ascii_name = name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError:
        raise OllamaHostInvalid("the name is not a host name") from None
    if not ascii_name.strip(".") or not all(each.isalnum() or each in "-._" for each in ascii_name):
        raise OllamaHostInvalid("the name is not a host name")
    return ascii_name


def is_loopback(url: str) -> bool:
    """Whether a URL of `ollama_url` stays on this machine (then no proxy may see it)."""
    name = urlsplit(url).hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
