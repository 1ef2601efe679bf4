"""What the control words of Rich Text stand for. Data only."""

import re
from collections.abc import Mapping
from typing import Final

BODY_LEVEL: Final = 9
HEADING_NAME: Final = re.compile(r"heading (\d)")

# What a destination holds; empty: what the group around it holds.
READ_DESTINATIONS: Final[Mapping[str, str]] = {
    "fonttbl": "fonts",
    "stylesheet": "styles",
    "info": "info",
    "footnote": "note",
    "listtext": "label",
    "pntext": "label",
    "fldrslt": "",
    "shp": "",
    "shpinst": "",
    "shptxt": "",
}
# No running text; neither has any other destination that begins with a star.
UNREAD_DESTINATIONS: Final = frozenset(
    {"colortbl", "pict", "object", "fldinst", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr"}
    | {"footerf", "listtable", "listoverridetable", "rsidtbl", "generator", "xmlnstbl", "themedata", "datastore", "xe"}
    | {
        "colorschememapping",
        "latentstyles",
        "nonshppict",
        "filetbl",
        "revtbl",
        "annotation",
        "atnid",
        "atnauthor",
        "tc",
    }
    | {"bkmkstart", "bkmkend", "template", "mmathPr", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "ftncn", "aftncn"}
    | {"shppict", "do", "sn", "sv", "nonesttables", "nesttableprops", "pgptbl", "private", "userprops"}
)
CHARACTERS: Final[Mapping[str, str]] = {
    "tab": "\t",
    "line": "\n",
    "emdash": "—",
    "endash": "–",  # noqa: RUF001 (the dash itself)
    "lquote": "‘",  # noqa: RUF001 (the quotation mark itself)
    "rquote": "’",  # noqa: RUF001 (the quotation mark itself)
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
}
SYMBOLS: Final[Mapping[str, str]] = {"~": "\xa0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\t": "\t"}
CODE_PAGES: Final = frozenset(
    {437, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874, 932, 936, 949, 950, 1361, 65_001}
    | set(range(1250, 1259))
)
FONT_SETS: Final[Mapping[int, str]] = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gb18030",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    255: "cp437",
}
