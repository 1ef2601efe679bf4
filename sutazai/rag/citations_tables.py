"""Word lists that comparing a sentence with a source needs. Pure data."""

from collections.abc import Mapping
from typing import Final


def _words(text: str) -> list[str]:
    return text.split()


_WRITTEN: Final = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
TENS: Final[Mapping[str, int]] = {
    name: 10 * number for number, name in enumerate(_words("twenty thirty forty fifty sixty seventy eighty ninety"), 2)
}
NUMBERS: Final[Mapping[str, int]] = {name: number for number, name in enumerate(_WRITTEN)} | dict(TENS)
ORDINALS: Final[Mapping[str, int]] = {
    name: number
    for number, name in enumerate(_words("third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"), 3)
}
SCALES: Final[Mapping[str, int]] = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "mio": 10**6,
    "billion": 10**9,
    "bn": 10**9,
}
_MONTHS: Final = _words("january february march april may june july august september october november december")
MONTHS: Final[Mapping[int | str, str]] = dict(enumerate(_MONTHS, 1)) | {name[:3]: name for name in _MONTHS}

_UNITS: Final[Mapping[str, str]] = {
    "mm": "mm millimetre millimetres millimeter millimeters",
    "cm": "cm centimetre centimetres centimeter centimeters",
    "m": "m metre metres meter meters",
    "km": "km kilometre kilometres kilometer kilometers",
    "g": "g gram grams gramme grammes",
    "mg": "mg milligram milligrams",
    "\u03bcg": "\u03bcg \u00b5g microgram micrograms",
    "kg": "kg kilo kilos kilogram kilograms kilogramme kilogrammes",
    "t": "t tonne tonnes",
    "l": "l litre litres liter liters",
    "ml": "ml millilitre millilitres milliliter milliliters",
    "s": "s sec second seconds",
    "ms": "ms millisecond milliseconds",
    "min": "min minute minutes",
    "h": "h hr hrs hour hours",
    "day": "d day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
    "W": "W watt watts",
    "kW": "kW kilowatt kilowatts",
    "V": "V volt volts",
    "A": "A ampere amperes amp amps",
    "mA": "mA milliampere milliamperes",
    "Hz": "Hz hertz",
    "kHz": "kHz kilohertz",
    "MHz": "MHz megahertz",
    "kB": "kB KB kilobyte kilobytes",
    "MB": "MB megabyte megabytes",
    "GB": "GB gigabyte gigabytes",
    "TB": "TB terabyte terabytes",
    "%": "% percent per\u00a0cent",
    "\u00b0C": "\u00b0C celsius",
    "\u00b0F": "\u00b0F fahrenheit",
    "euro": "\u20ac EUR euro euros",
    "dollar": "$ USD dollar dollars",
    "pound": "\u00a3 GBP pound pounds",
    "bar": "bar bars",
    "dB": "dB decibel decibels",
}
UNITS: Final[Mapping[str, str]] = {spelling: unit for unit, all_ in _UNITS.items() for spelling in all_.split(" ")}

STOP_WORDS: Final = frozenset(
    _words(
        "a an the this that these those it its he she they them their his her him we us our you your i my me is "
        "are was were be been being am do does did has have had having will would shall should can could may might "
        "must of in on at to for from by with within as into onto about over under per via than then so such also "
        "and or but if when while where which who whom whose what how why there here not no nor only just very "
        "more most less least all any each every some both either neither yes up out off down again once s t d ll "
        "re ve m according document documents passage passages sentence source text states stated says said "
        "mentioned mentions specified given answer much many see since doesn isn don aren wasn weren didn won wouldn "
        "after before couldn shouldn hasn haven hadn mustn however therefore thus"
    )
)
"""Words that carry nothing of their own here; negations among them are compared by `citations_polarity`."""

NEGATIONS: Final = frozenset(
    _words(
        "not no never none neither nor cannot nothing nobody nowhere n't isn't aren't wasn't weren't don't "
        "doesn't didn't won't wouldn't can't couldn't mustn't shouldn't mayn't hasn't haven't hadn't unable "
        "impossible"
    )
)
REVERSALS: Final = frozenset(
    _words(
        "excluded excluding excludes except exception prohibited prohibits forbidden forbids rejected rejects "
        "refused refuses denied denies cancelled canceled revoked removed unsuitable invalid exempt lacks lacking "
        "missing failed fails abolished discontinued unless banned disallowed"
    )
)
OPPOSITES: Final = (
    ("at most|maximum|max|up to|no more than|not more than|no later than|less than|below|fewer than|upper",
     "at least|minimum|min|no less than|not less than|more than|above|exceeds?|exceeding|exceeded|lower"),
    ("before|prior to|earlier than|until", "after|later than|following"),
    ("increased?|increases|rose|rises|raised?|grew|grows|higher|gain(?:ed)?|climbed",
     "decreased?|decreases|fell|falls|dropped|drops|lowered|lower|lost|loss|declined|reduced|shrank"),
    ("faster|quicker", "slower"),
    ("begins?|began|starts?|started|opens?", "ends?|ended|stops?|stopped|closes?|closed"),
    ("buy|buyer|bought|purchaser?", "sell|seller|sold"),
    ("allowed|permitted|may be used|suitable", "prohibited|forbidden|unsuitable|not allowed|not permitted"),
    ("inside|indoors", "outside|outdoors"),
    ("mandatory|required|obligatory", "optional|voluntary"),
    ("enabled|switched on", "disabled|switched off"),
)  # fmt: skip
"""Pairs of patterns: a sentence that has one and a source that has only the other do not say the same."""

VERDICTS: Final = (
    "exceed(?:s|ed|ing)?|more than|less than|above|below|at least|at most|no more than|not more than|up to",
    "increased?|increases|rose|rises|raised?|grew|grows|climbed|decreased?|decreases|fell|falls|dropped|drops|declined",
    "allowed|permitted|prohibited|forbidden|mandatory|required|optional",
    "passed|failed|complies|compliant|violates?|violated|sufficient|insufficient|better|worse|faster|slower|cheaper",
)
"""Patterns of words that judge: a sentence may have one only if its source has one of the same pattern."""
