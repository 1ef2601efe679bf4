"""How a spreadsheet shows a number: as a date, a time, a share or plainly. Locale and decoration are left out."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final, Literal

Kind = Literal["plain", "date", "time", "moment", "duration", "percent"]

_BUILT_IN: Final[Mapping[int, Kind]] = {
    9: "percent",
    10: "percent",
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 59)), "date"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47), "time"),
    22: "moment",
    46: "duration",
}
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_EPOCHS: Final = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 (a cell has no zone)
_LAST_DAY: Final = 2_958_466
_FIRST_SURE_DAY: Final = 61
_DIGITS: Final = 15
_LONGEST: Final = 1e21


def kind_of(number_format: int, code: str) -> Kind:
    """What a number format makes of a number: by its code, else by its built-in number."""
    if not code:
        return _BUILT_IN.get(number_format, "plain")
    code = _QUOTED.sub("", code.partition(";")[0]).lower()
    if "[h" in code or "[m" in code or "[s" in code:
        return "duration"
    if "general" in code:
        return "plain"
    day, time = any(letter in code for letter in "yd") or "mmm" in code, any(letter in code for letter in "hs")
    if day or time:
        return "moment" if day and time else "date" if day else "time"
    # Months alone are a date; an `m` beside an hour was minutes.
    return "date" if "m" in code else "percent" if "%" in code else "plain"


def shown(text: str, kind: Kind, *, since_1904: bool = False) -> str:
    """A stored number as people read it; what is no number stays as it is."""
    try:
        value = float(text)
    except ValueError:
        return text
    if kind == "percent":
        return f"{plain(value * 100)}%"
    if kind == "plain" or not 0 <= value < _LAST_DAY:
        return plain(value)
    if kind == "duration":
        return _duration(value)
    return _moment(value, kind, since_1904=since_1904)


def plain(value: float) -> str:
    """A number in as many digits as a spreadsheet keeps."""
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 (the test for no number)
        return str(value)
    text = f"{value:.{_DIGITS}g}"
    return f"{float(text):.0f}" if "e+" in text and abs(value) < _LONGEST else text


def _moment(value: float, kind: Kind, *, since_1904: bool) -> str:
    days = value if since_1904 or value >= _FIRST_SURE_DAY else value + 1
    # Seconds are whole before they become a time: 0.1 of a day must not end in 59.999999.
    moment = _EPOCHS[since_1904] + timedelta(seconds=round(days * 86_400))
    if kind == "time" and value < 1:
        return _time(moment)
    if kind == "date":
        return moment.date().isoformat()
    day: date = moment.date()
    return f"{day.isoformat()} {_time(moment)}"


def _time(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")


def _duration(value: float) -> str:
    minutes, seconds = divmod(round(value * 86_400), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
