"""Predictable random numbers: `random` → `secrets`, which has the same functions under the same or other names."""

from collections.abc import Mapping
from typing import Final

from sutazai.review.fixes.site import Rewrite, Site, arguments, joined

# With exactly one positional argument these have a twin of their own.
_TWINS: Final[Mapping[str, str]] = {
    "choice": "choice",
    "randrange": "randbelow",
    "getrandbits": "randbits",
    "randbytes": "token_bytes",
}
_OF_THE_SYSTEM: Final = frozenset(
    {"random", "randint", "randrange", "choice", "choices", "sample", "getrandbits", "uniform", "randbytes"}
)


def secrets_for_random(site: Site) -> Rewrite | None:
    """`random.choice(x)` → `secrets.choice(x)` and so on, where `random` is the module and nothing is seeded."""
    call = site.around("call")
    function = call.child_by_field_name("function") if call else None
    found = arguments(call) if call else None
    if call is None or function is None or found is None:
        return None
    module, _, name = site.meaning(function).rpartition(".")
    imported = site.imported("secrets")
    if module != "random" or function.type != "attribute" or name not in _OF_THE_SYSTEM or imported is None:
        return None
    if "random.seed" in site.text(site.root):
        return None
    one = len(found[0]) == 1 and not found[1]
    new = f"secrets.{_TWINS[name]}" if one and name in _TWINS else f"secrets.SystemRandom().{name}"
    return joined("draw it from the system's secure source", site.replace(function, new), imported)
