"""Values that bring nothing foreign into a text: numbers, constants, what was escaped, what was compared before.

Owns what counts as harmless, alike for every language of the packs. Must never look at more than text.
"""

import re
from functools import lru_cache
from typing import Final

# What stands in such a call, or is named so, brings nothing foreign into the text.
_CLEAN: Final = re.compile(
    r"(?i)(\w*(escape|sanitiz|sanitis|quote|encode|purif|htmlspecialchars|htmlentities|strip_tags|bin2hex|basename|hash"
    r"|md5|sha\d|esc_\w+|allow|whitelist|valid|placeholder|checked|slug|clean)\w*!?\s*\("
    r"|\b(parseInt|parseFloat|Number|intval|floatval|Integer|Long|atoi|strconv\.\w+|[iI]nt(32|64)?|Convert\.ToInt\w*"
    r"|count|len|strlen|sizeof|uuid\w*|Math\.\w+|Boolean|bool|h|q|ERB::Util\.\w+|\w*time|\w*date|rand|absint|number_format\w*|getpid|filepath\.Base"
    r"|random_bytes|new Date|Date\.now|Guid\.NewGuid|path\.basename|filter_var|ctype_\w+)\s*\("
    r"|(\b(preg_replace\w*|str_replace|strtr)|\.(replace|replaceAll|Replace|ReplaceAll\w*|gsub|tr|delete))\(?"
    r"|\(\s*(int|integer|float|bool|long|u?int(32|64))\s*\)"
    r"|\.(to_i|to_f|length|size|count|Count|Length|to_sym|parse::<\w+>|getTime|toFixed|ordinal|hashCode)\b"
    r"|(?:^|\W)(escaped|quoted|sanitized|safe|placeholders?|qmarks|clean|encoded)(_?\w+)?$|(escaped|quoted|sanitized|safe)$"
    r"|['\"](intval|absint|floatval)['\"]"
    r"|\bTempfile\.(new|create)\b"
    r"|\b(tmp|temp)\w*(\.(path|name|Name\(\)|getPath\(\)))?$|_FILES\[[^\]]*\]\[['\"]tmp_name"
    r"|['\"]\?['\"]|(?-i:^(?:[\w.:]*(?:\.|::))?[A-Z][A-Z0-9_]+$))"
)
_WORD: Final = re.compile(r"[a-z_$]\w*", re.IGNORECASE)
_TEXT_IN_CODE: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_KEYWORD: Final = frozenset(("true", "false", "null", "nil", "new", "undefined", "return", "array", "implode"))
_TEST: Final = re.compile(r"(?<![\w$])(?:if|elsif|elseif|unless|switch|assert\w*|require|match|case|guard)\b[^\n]*")
_COMPARED: Final = re.compile(
    r"starts?_?with|HasPrefix|includes?\b|contains|indexOf|in_array|preg_match|\bmatch|test\(|\.has|array_key_exists"
    r"|ctype_|is_numeric|filter_var|\.key\?|hasOwn|IsLocal|valid|allow|whitelist|[=!]~|isInteger|isNaN|IsMatch|TryParse"
    r"|MatchString|\bswitch\b|\bcase\b|fullmatch|member\?|lstat|regex|realpath| in |isset\(\$(?!_)\w+\[",
    re.IGNORECASE,
)
_NUMBER_TYPE: Final = (
    r"(?:u?int\d*|long|short|byte|double|float|boolean|bool|Integer|Long|Double|Boolean|UUID|Guid|DateTime|size_t|uint\w*"
    r"|[iu](?:8|16|32|64|128|size)|f32|f64|number|decimal|LocalDate|Uuid|enum \w+)"
)
_DECLARED: Final = (
    r"\b{type}\??\s+\$?{name}\b|(?<![\w.]){name}\??(?:\s*,\s*\w+)*(?:\s*:\s*|\s+)&?(?:Option<)?{type}\b(?!\()(?!\s*\.)"
)
_ANNOTATED: Final = (
    r"(?:@(?:RequestParam|PathVariable|RequestHeader|CookieValue|RequestBody|QueryParam|PathParam|FormParam|HeaderParam)"
    r"|\[From(?:Query|Route|Form|Header|Body))[^,{{}}]*?\s\$?{name}\b"
)


def is_harmless(code: str) -> bool:
    """Whether the value of this expression cannot hold what a stranger wrote."""
    if _CLEAN.search(code):
        return True
    words = (each[0] for each in _WORD.finditer(_TEXT_IN_CODE.sub("", code)))
    return all(word in _KEYWORD for word in words)


def is_number(name: str, function: str) -> bool:
    """Whether `name` is declared in the text of its function as something that is no text."""
    return _declared(name).search(function) is not None


def is_from_request(name: str, function: str) -> bool:
    """Whether the parameter is one that the framework fills from the request."""
    return _annotated(name).search(function) is not None


def was_compared(name: str, before: str) -> bool:
    """Whether a condition in the text before asked if `name` is something allowed."""
    if name not in before:
        return False
    mention = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w])")
    return any(mention.search(line[0]) and _COMPARED.search(line[0]) for line in _TEST.finditer(before))


@lru_cache(maxsize=512)
def _declared(name: str) -> re.Pattern[str]:
    return re.compile(_DECLARED.format(type=_NUMBER_TYPE, name=re.escape(name)))


@lru_cache(maxsize=512)
def _annotated(name: str) -> re.Pattern[str]:
    return re.compile(_ANNOTATED.format(name=re.escape(name)))
