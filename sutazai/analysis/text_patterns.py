"""The patterns that rules match on the text that reaches an argument (see `built`).

Owns the words that these patterns share, written `<NAME>` in a pack. Must never hold what is of one rule alone.
"""

import re
from functools import cache
from typing import Final

# Where a server's code reads what a client sends, in the usual frameworks of each language.
_REQUEST: Final = (
    # JavaScript
    r"(?<![\w.])(?:req|request|ctx|ctx\.req|ctx\.request|event|this\.req)\??\.(?:query|params|body|headers|cookies"
    r"|url|originalUrl|hostname|get\(|param\(|header\(|queryStringParameters|pathParameters)"
    r"|\bnextUrl\.searchParams\.get\("
    # Go
    r"|(?<![\w.])(?:r|req|request)\.(?:FormValue|PostFormValue|URL\.Query\(\)|URL\.RawQuery|Header\.Get|PathValue"
    r"|Referer\(|Form\.Get|PostForm\.Get|Form\[)|\bmux\.Vars\(|\bchi\.URLParam\("
    r"|(?<![\w.])c\.(?:Query|Param|Params|PostForm|DefaultQuery|DefaultPostForm|FormValue|QueryParam|GetHeader)\("
    # Java and C#
    r"|\.(?:getParameter(?:Values|Map)?|getHeader|getQueryString|getPathInfo|getCookies)\("
    r"|\bRequest\.(?:Query|Form|QueryString|Params|Headers|Cookies)\b|\bRequest\["
    # PHP
    r"|\$_(?:GET|POST|REQUEST|COOKIE)\b|\$_SERVER\[['\"](?:QUERY_STRING|REQUEST_URI|PHP_SELF|HTTP_)"
    r"|\$request->(?:input|get|query|post|all|cookie|header)\b|\bfile_get_contents\(['\"]php://input"
    # Ruby
    r"|(?<![\w.])params\b\s*(?:\[|\.fetch|\.require|\.dig)|(?<![\w.])cookies\[|\brequest\.(?:query_string|referer)"
    # Parameters that the framework fills, see `Texts`
    r"|\brequest\.query\.\w+"
)
_NO_VALUE: Final = (
    r"\$?(?:this|self|wpdb)\b|@|[^⟧]*(?:table|column|prefix|where|cond|clause|order|sql|quer|field|cols?\b|join|keys|_in\b"
    r"|list\b|_str\b|ids\b|schema|database|interval|\bnow\b|operator|expr|alias|version|literal|binary|param|type|null)"
)
# The values of a statement: what is quoted or compared. Names of tables and columns are none, nor are parts of the
# statement that were put together elsewhere.
_VALUE: Final = (
    rf"(?:[=(,<>\s][\"]?'[\w%./:@-]*⟦(?!{_NO_VALUE})[^⟧]*⟧"
    rf"|(?:[=<>]|\blike)\s*[\"]?⟦(?!{_NO_VALUE})(?![^⟧]*\.id⟧)[\w$.@]+(?:->\w+|\[[^\]]*\])*⟧(?![.\w(]|\"\.)"
    rf"|⟦[^⟧]*(?:{_REQUEST})[^⟧]*⟧)"
)
_PARTS: Final = {
    "REQUEST": f"(?:{_REQUEST})",
    "FOREIGN": f"⟦[^⟧]*(?:{_REQUEST})[^⟧]*⟧",
    "VALUE": rf"(?is){_VALUE}",
    "SQL": (
        r"(?is)^[\s(]*(?:select\b.*?\bfrom\b|insert\s+(?:ignore\s+)?into\b|update\b.*?\bset\b|delete\s+from\b"
        rf"|replace\s+into\b|merge\s+into\b|call\s|exec\s|from\s+\w+.*?\bwhere\b).*?{_VALUE}"
    ),
}


@cache
def text_pattern(form: str) -> re.Pattern[str]:
    """The pattern with its shared words filled in."""
    for name, part in _PARTS.items():
        form = form.replace(f"<{name}>", part)
    return re.compile(form)
