"""Dates that state day, month and year; anything less is unknown, never filled in from today."""

import re
from datetime import UTC, date, datetime
from functools import cache

from market_db.reference import table
from market_db.values.numbers import ascii_digits
from market_db.values.text import clean, fold

LIMIT = 100
FIRST_YEAR, LAST_YEAR = 1950, 2100

_ISO = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<![\d.,])(\d{4})(\d{2})(\d{2})(?:t?\d{4,6}z?)?(?![\d.,])")
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|°)?[\s./-]{1,3}(?:de\s)?([^\W\d_]{2,15}(?:\.[^\W\d_]\b)?)[\s./,-]{1,3}(?:de\s)?(\d{4})(?!\d)"
)
_NAMED_FIRST = re.compile(r"(?<![^\W\d_])([^\W\d_]{3,15})[\s./-]{1,3}(\d{1,2})(?:st|nd|rd|th)?[\s,./-]{1,3}(\d{4})(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_TIME = re.compile(
    r"(?:t|\s|,|^)\s*(?:at\s|um\s|pukul\s|à\s)?(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:\.\d{1,9})?)?\s*(am|pm)?\s*(z\b|utc\b|gmt\b|[+-]\d{2}:?\d{2})?"
)


def read_date(text: str) -> str | None:
    """YYYY-MM-DD as printed in the publisher's zone; None where a part is missing or the order is ambiguous (03/04/2026)."""
    found = _find(_prepared(text))
    return found[0].isoformat() if found else None


def read_deadline(text: str) -> str | None:
    """ISO 8601, with time and offset where the text gives them ("2026-07-13T12:00:00+02:00"); a bare date stays a date."""
    shown = _prepared(text)
    found = _find(shown)
    if not found:
        return None
    day, end = found
    rest = shown[end:]
    if re.match(r"(?:z|[+-]\d{2}:?\d{2})", rest):  # TED prints dates with a zone: 2026-07-13+02:00
        rest = re.sub(r"^(?:z|[+-]\d{2}:?\d{2})", "", rest)
    moment = _TIME.match(rest)
    return _stamp(day, moment) if moment else day.isoformat()


def _prepared(text: str) -> str:
    return fold(ascii_digits(clean(text, LIMIT)), LIMIT)


def _find(shown: str) -> tuple[date, int] | None:
    for pattern, order in ((_ISO, (1, 3, 4)), (_CJK, (1, 2, 3)), (_COMPACT, (1, 2, 3))):
        match = pattern.search(shown)
        day = _day(*(int(match[part]) for part in order)) if match else None
        if match and day:
            return day, match.end(order[2])
    if _EPOCH.fullmatch(shown):
        return datetime.fromtimestamp(int(shown[:10]), UTC).date(), len(shown)
    return _named(shown) or _numeric(shown)


def _named(shown: str) -> tuple[date, int] | None:
    for pattern, (day_part, month_part) in ((_NAMED, (1, 2)), (_NAMED_FIRST, (2, 1))):
        for match in pattern.finditer(shown):
            month = _months().get(match[month_part])
            day = _day(int(match[3]), month, int(match[day_part])) if month else None
            if day:
                return day, match.end()
    return None


def _numeric(shown: str) -> tuple[date, int] | None:
    """Day and month in figures: with points the day stands first everywhere; with slashes only where one of them is above 12."""
    match = _NUMERIC.search(shown)
    if not match:
        return None
    first, mark, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
    if mark != "." and first <= 12 and second <= 12 and first != second:
        return None
    month_first = mark != "." and second > 12
    day = _day(year, first, second) if month_first else _day(year, second, first)
    return (day, match.end()) if day else None


def _day(year: int, month: int, day: int) -> date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _stamp(day: date, moment: re.Match[str]) -> str:
    hour, minute, second = int(moment[1]), int(moment[2]), int(moment[3] or 0)
    if moment[4]:
        hour = hour % 12 + (12 if moment[4] == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return day.isoformat()
    zone = moment[5] or ""
    offset = "+00:00" if zone in ("z", "utc", "gmt") else zone
    if len(offset) == 5:
        offset = f"{offset[:3]}:{offset[3:]}"
    return f"{day.isoformat()}T{hour:02}:{minute:02}:{second:02}{offset}"


@cache
def _months() -> dict[str, int]:
    return {fold(name): number for number, names in enumerate(table("months")["names"], start=1) for name in names}
