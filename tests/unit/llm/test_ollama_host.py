"""Every form of OLLAMA_HOST becomes one URL that a client can use."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ollama._client import _parse_host

from sutazai.errors.ollama import OllamaHostInvalid
from sutazai.llm.ollama_host import is_loopback, ollama_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("  'box' ", "http://box:11434"),
        ("box", "http://box:11434"),
        ("box:80", "http://box:80"),
        (":8080", "http://127.0.0.1:8080"),
        ("10.0.0.2", "http://10.0.0.2:11434"),
        ("http://box", "http://box:80"),
        ("https://box", "https://box:443"),
        ("HTTPS://Box:8443/", "https://box:8443"),
        ("https://box/ollama/v1/", "https://box:443/ollama/v1"),
        ("box:11434/sub path", "http://box:11434/sub%20path"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 (it is what we must not bind or call)
        ("0.0.0.0:1234", "http://127.0.0.1:1234"),
        ("http://0.0.0.0:1234", "http://127.0.0.1:1234"),
        ("::", "http://[::1]:11434"),
        ("[::]:1234", "http://[::1]:1234"),
        ("fe80::1", "http://[fe80::1]:11434"),
        ("[fe80::1]:9", "http://[fe80::1]:9"),
        ("bücher.example", "http://xn--bcher-kva.example:11434"),
    ],
)
def test_a_host_becomes_a_url(host: str, url: str) -> None:
    assert ollama_url(host) == url


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("ftp://box", "only http"),
        ("box:port", "port"),
        ("box:99999", "port"),
        ("http://[::1", "port or address"),
        ("http://me:secret@box", "credentials"),
        ("box?x=1", "query"),
        ("two words", "name"),
        ("box;rm", "name"),
        ("\u2100\u2100:1", "port or address"),
        ("a\u0300" * 80 + ".example", "name"),
    ],
)
def test_what_is_no_host_is_refused_with_the_forms_that_are(host: str, reason: str) -> None:
    with pytest.raises(OllamaHostInvalid, match=reason) as caught:
        ollama_url(host)
    assert "host:port" in caught.value.hint
    assert "secret@" not in caught.value.message


@given(st.text(max_size=40))
@example("http://")
@example("[")
@example("%")
def test_any_text_gives_a_url_that_the_official_client_leaves_alone_or_our_error(host: str) -> None:
    try:
        url = ollama_url(host)
    except OllamaHostInvalid:
        return
    assert ollama_url(url) == url
    assert _parse_host(url) == url


@given(st.from_regex(r"[a-z][a-z0-9-]{0,20}(\.[a-z]{2,5})?", fullmatch=True), st.integers(1, 65535))
def test_a_name_and_a_port_are_kept(name: str, port: int) -> None:
    assert ollama_url(f"{name}:{port}") == f"http://{name}:{port}"


@pytest.mark.parametrize(
    ("host", "here"),
    [("", True), ("localhost", True), ("a.localhost:1", True), ("::1", True), ("127.8.8.8", True), ("10.0.0.1", False),
     ("localhost.example", False)],
)  # fmt: skip
def test_only_loopback_names_stay_on_this_machine(host: str, here: bool) -> None:
    assert is_loopback(ollama_url(host)) is here
