"""Which CWEs name the same fault, and which CWEs the rules of bandit and ruff stand for. Data, nothing else.

Two tools may call one fault by different numbers: a finding counts where its number is of the same family as the label.
The families are wide, alike for every tool.
"""

from collections.abc import Iterable
from typing import Final

FAMILIES: Final = (
    ("paths", {22, 23, 24, 35, 36, 73, 98, 99}),
    ("commands", {77, 78, 88, 95}),
    ("code", {78, 94, 95, 96, 913}),
    ("cross-site scripting", {79, 80, 83, 87, 116, 725}),
    ("SQL", {89, 564, 943}),
    ("LDAP", {90}),
    ("headers", {93, 113}),
    ("logs", {117}),
    ("XPath", {643}),
    ("disclosure", {200, 209, 215, 489, 497, 532}),
    ("credentials", {256, 257, 259, 312, 321, 522, 798}),
    ("certificates", {295, 297, 350, 599}),
    ("clear text", {311, 319, 523, 614}),
    ("cookies", {311, 319, 352, 614, 1004, 1275}),
    ("cryptography", {310, 326, 327, 328, 329, 759, 760, 916}),
    ("randomness", {330, 331, 335, 336, 337, 338, 339}),
    ("authentication", {287, 345, 347}),
    ("authorisation", {284, 285, 306, 425, 639, 862, 863}),
    ("request forgery", {352}),
    ("temporary files", {377, 378, 379}),
    ("exhaustion", {400, 409, 730, 770, 776, 835, 1333}),
    ("uploads", {434}),
    ("trust", {501}),
    ("validation", {20, 501, 1284}),
    ("deserialisation", {20, 502}),
    ("redirects", {601}),
    ("binding", {605, 668}),
    ("XML", {20, 611, 776, 827}),
    ("errors", {252, 390, 391, 396, 703, 754, 755}),
    ("permissions", {250, 266, 276, 732}),
    ("server-side requests", {918}),
    ("password rules", {521}),
)

_XML: Final = (20, 611, 776)
_COMMAND: Final = (78,)
_KEYS: Final = (259, 798)
_CIPHER: Final = (327, 328)

# The numbers after S (ruff) and B (bandit) mean the same rule in both.
RULE_CWES: Final[dict[int, tuple[int, ...]]] = {
    **dict.fromkeys((101, 110, 112), (703,)),
    102: (78, 94),
    103: (732,),
    104: (605,),
    **dict.fromkeys((105, 106, 107), _KEYS),
    **dict.fromkeys((108, 306), (377,)),
    113: (400,),
    201: (94, 215, 489),
    202: (22,),
    **dict.fromkeys((301, 302, 403), (502,)),
    303: _CIPHER,
    **dict.fromkeys((304, 305, 413), (327,)),
    307: (78, 94, 95),
    308: (79, 80),
    310: (22, 918),
    311: (330, 338),
    **dict.fromkeys((312, 321, 401, 402, 415, 508, 509), (319,)),
    **dict.fromkeys((313, 314, 315, 316, 317, 318, 319, 320), _XML),
    **dict.fromkeys((405, 406, 407, 408, 409, 410), _XML),
    **dict.fromkeys((323, 501, 507), (295,)),
    324: _CIPHER,
    **dict.fromkeys((404, 601, 602, 603, 604, 605, 606, 607, 609), _COMMAND),
    411: (611,),
    412: (284,),
    **dict.fromkeys((502, 503, 504), (326, 327)),
    505: (326,),
    506: (20, 502),
    **dict.fromkeys((608, 610, 611), (89,)),
    612: (94, 502),
    613: (838,),
    614: (502,),
    615: (494,),
    701: (79, 94),
    **dict.fromkeys((702, 703), (79, 80)),
    704: (79,),
}


def family(cwe: int) -> frozenset[int]:
    """Every CWE that may name the fault `cwe` names."""
    return frozenset({cwe}).union(*(members for _, members in FAMILIES if cwe in members))


def cwes_of_rule(rule: str) -> frozenset[int]:
    """The CWEs of a rule of bandit (`B608`) or of ruff's `S` group (`S608`)."""
    number = rule[1:]
    return frozenset(RULE_CWES.get(int(number), ())) if rule[:1] in {"B", "S"} and number.isdecimal() else frozenset()


def named(cwes: Iterable[int]) -> str:
    """CWEs as people write them."""
    return ", ".join(f"CWE-{each}" for each in sorted(cwes))
