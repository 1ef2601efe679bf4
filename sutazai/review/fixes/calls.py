"""Calls with a safe twin: `yaml.load`, requests without certificate check, TLS contexts, temporary names."""

import re
from typing import Final

from sutazai.review.fixes.site import Rewrite, Site, arguments, joined, value_of
from sutazai.syntax.parse import Node

_LOADERS: Final = re.compile(r"yaml\.C?(?:Unsafe|Full)?Loader|yaml\.(?:loader|cyaml)\.C?(?:Unsafe|Full)?Loader")
_HANDLES: Final = ("handle", "descriptor")
_WRITES: Final = re.compile(rb"[\"'][^\"']*[wax+][^\"']*[\"']")


def yaml_load(site: Site) -> Rewrite | None:
    """`yaml.load(text, Loader=…)` → `yaml.safe_load(text)`, where the loader is one of PyYAML's own."""
    call = _call_of(site, "yaml.load")
    found = arguments(call) if call else None
    if call is None or found is None:
        return None
    positional, keywords = found
    loaders = [*positional[1:], *(each for name, each in keywords.items() if name == "Loader")]
    known = len(loaders) <= 1 and keywords.keys() <= {"Loader", "stream"} and len(positional) + len(keywords) > 0
    if not known or not all(_LOADERS.fullmatch(_loader(site, each)) for each in loaders):
        return None
    function = call.child_by_field_name("function")
    name = function.child_by_field_name("attribute") if function else None
    if name is None:
        return None
    removed = [site.remove_argument(each) for each in loaders]
    return joined("load plain data only", site.replace(name, "safe_load"), removed)


def _loader(site: Site, argument: Node) -> str:
    value = argument.child_by_field_name("value") if argument.type == "keyword_argument" else argument
    return site.meaning(value)


def tls_verify(site: Site) -> Rewrite | None:
    """`verify=False` is left out: checking is the default."""
    keyword = site.around("keyword_argument")
    if keyword is None or re.sub(r"\s", "", site.text(keyword)) != "verify=False":
        return None
    return joined("check the certificate", site.remove_argument(keyword))


def tls_context(site: Site) -> Rewrite | None:
    """`ssl._create_unverified_context()` → `ssl.create_default_context()`, where it is called without arguments."""
    call = _call_of(site, "ssl._create_unverified_context")
    function = call.child_by_field_name("function") if call else None
    name = function.child_by_field_name("attribute") if function else None
    if call is None or name is None or arguments(call) != ([], {}):
        return None
    return joined("check the certificate", site.replace(name, "create_default_context"))


def mktemp(site: Site) -> Rewrite | None:
    """`path = tempfile.mktemp()` → `mkstemp`, where the path is opened for writing later in the same scope."""
    call = _call_of(site, "tempfile.mktemp")
    assignment = call.parent if call and call.parent and call.parent.type == "assignment" else None
    target = assignment.child_by_field_name("left") if assignment else None
    statement = assignment.parent if assignment else None
    if call is None or statement is None or target is None or target.type != "identifier" or not site.alone(statement):
        return None
    scope = site.scope(statement)
    name, imported = site.text(target), site.imported("os")
    handle = next((each for each in _HANDLES if each not in site.bindings and not site.uses(each)), None)
    if imported is None or handle is None or assignment is None or assignment.child_by_field_name("type") is not None:
        return None
    if not any(_opened_for_writing(site, each) for each in site.uses(name, scope)):
        return None
    function = call.child_by_field_name("function")
    attribute = function.child_by_field_name("attribute") if function else None
    if attribute is None:
        return None
    close = site.span(statement.end_byte, statement.end_byte, f"\n{site.indent_of(statement)}os.close({handle})")
    renamed = (site.replace(target, f"{handle}, {name}"), site.replace(attribute, "mkstemp"), close)
    return joined("make the file together with its name", renamed, imported)


def _opened_for_writing(site: Site, use: Node) -> bool:
    """Whether the name is the first argument of an `open` that would make the file."""
    call = use.parent.parent if use.parent and use.parent.type == "argument_list" else None
    function = call.child_by_field_name("function") if call and call.type == "call" else None
    found = arguments(call) if call and function is not None and site.text(function) == "open" else None
    if found is None or not found[0] or found[0][0] != use:
        return False
    positional, keywords = found
    mode = (
        (positional[1].text or b"")
        if len(positional) > 1
        else value_of(keywords["mode"])
        if "mode" in keywords
        else b""
    )
    return "open" not in site.bindings and _WRITES.fullmatch(mode) is not None and b"x" not in mode


def _call_of(site: Site, meaning: str) -> Node | None:
    """The call around the finding whose function surely is `meaning`, written as an attribute."""
    for node in site.upwards(site.node()):
        function = node.child_by_field_name("function") if node.type == "call" else None
        if function is not None and function.type == "attribute" and site.meaning(function) == meaning:
            return node
        if node.type == "block":
            return None
    return None
