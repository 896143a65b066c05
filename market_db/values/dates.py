"""Dates that state day, month and year; anything less is unknown, never filled in from today."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from babel import Locale

from market_db.reference import table
from market_db.values.numbers import ascii_digits
from market_db.values.relative_dates import read_relative, zone_of
from market_db.values.text import clean, fold

LIMIT = 100
ORDERS = ("dmy", "mdy")
FIRST_YEAR, LAST_YEAR = 1950, 2100

_ISO = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<![\d.,])(\d{4})(\d{2})(\d{2})(?:t?\d{4,6}z?)?(?![\d.,])")
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|°)?[\s./-]{1,3}(?:de\s)?([^\W\d_]{2,15}(?:\.[^\W\d_]\b)?)[\s./,-]{1,3}(?:de\s)?(\d{4})(?!\d)"
)
_NAMED_FIRST = re.compile(r"(?<![^\W\d_])([^\W\d_]{3,15})[\s./-]{1,3}(\d{1,2})(?:st|nd|rd|th)?[\s,./-]{1,3}(\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\.?\s(?:m\.\s)?([^\W\d_]{3,15})\.?\s(\d{1,2})(?!\d)")  # 2026. július 13.
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})\s(?:tháng)\s(\d{1,2}),?\s(?:năm\s)?(\d{4})(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_TIME = re.compile(
    r"(?:t|\s|,|^)\s*(?:at\s|um\s|pukul\s|à\s)?(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:\.\d{1,9})?)?\s*(am|pm)?\s*(z\b|utc\b|gmt\b|[+-]\d{2}:?\d{2})?"
)


@dataclass(frozen=True, slots=True)
class Habit:
    """What a source's dates leave unsaid, and when they were fetched."""

    order: str | None = None
    """dmy or mdy: how the source writes 03/04/2026; None = unknown, and such a date stays unknown."""
    zone: str | None = None
    """IANA name of the publisher's zone, e.g. Asia/Jakarta; None = unknown: times stay without an offset."""
    fetched: datetime | None = None
    """When the page was fetched, aware; None = "3 days ago" stays unknown."""


UNKNOWN = Habit()


def read_date(text: str, habit: Habit = UNKNOWN) -> str | None:
    """YYYY-MM-DD as printed in the publisher's zone; None where a part is missing or the order is ambiguous (03/04/2026)."""
    found = _find(_prepared(text), habit.order)
    return found[0].isoformat() if found else _counted(text, habit)


def _counted(text: str, habit: Habit) -> str | None:
    day = read_relative(text, habit.fetched, habit.zone) if habit.fetched else None
    return day.isoformat() if day else None


def read_deadline(text: str, habit: Habit = UNKNOWN) -> str | None:
    """ISO 8601, with time and offset where text or zone give them ("2026-07-13T12:00:00+02:00"); a bare date stays a date."""
    shown = _prepared(text)
    found = _find(shown, habit.order)
    if not found:
        return _counted(text, habit)
    day, end = found
    rest = shown[end:]
    if re.match(r"(?:z|[+-]\d{2}:?\d{2})", rest):  # TED prints dates with a zone: 2026-07-13+02:00
        rest = re.sub(r"^(?:z|[+-]\d{2}:?\d{2})", "", rest)
    moment = _TIME.match(rest)
    return _in_zone(_stamp(day, moment), habit.zone) if moment else day.isoformat()


def _in_zone(stamp: str, zone: str | None) -> str:
    """With the zone's offset on that day, where the stamp has none; an hour that the clocks skip or repeat stays without."""
    home, moment = zone_of(zone), datetime.fromisoformat(stamp)
    if home is None or moment.tzinfo or len(stamp) == len("2026-07-13"):
        return stamp
    first, second = moment.replace(tzinfo=home), moment.replace(tzinfo=home, fold=1)
    return first.isoformat() if first.utcoffset() == second.utcoffset() else stamp


def _prepared(text: str) -> str:
    return fold(ascii_digits(clean(text, LIMIT)), LIMIT)


def _find(shown: str, order: str | None = None) -> tuple[date, int] | None:
    for pattern, parts in ((_ISO, (1, 3, 4)), (_CJK, (1, 2, 3)), (_VIETNAMESE, (3, 2, 1)), (_COMPACT, (1, 2, 3))):
        match = pattern.search(shown)
        day = _day(*(int(match[part]) for part in parts)) if match else None
        if match and day:
            return day, max(match.end(part) for part in parts)
    if _EPOCH.fullmatch(shown):
        return datetime.fromtimestamp(int(shown[:10]), UTC).date(), len(shown)
    return _named(shown) or _numeric(shown, order)


def _named(shown: str) -> tuple[date, int] | None:
    if match := _YEAR_FIRST.search(shown):
        day = _day(int(match[1]), _months().get(match[2]) or 0, int(match[3]))
        if day:
            return day, match.end()
    for pattern, (day_part, month_part) in ((_NAMED, (1, 2)), (_NAMED_FIRST, (2, 1))):
        for match in pattern.finditer(shown):
            month = _month(match[month_part], shown[match.end(day_part) : match.start(month_part)] if day_part == 1 else "")
            day = _day(int(match[3]), month, int(match[day_part])) if month else None
            if day:
                return day, match.end()
    return None


def _numeric(shown: str, order: str | None) -> tuple[date, int] | None:
    """Day and month in figures: with points the day stands first everywhere; with slashes by the order, or where one is above 12."""
    match = _NUMERIC.search(shown)
    if not match:
        return None
    first, mark, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
    if mark != "." and first <= 12 and second <= 12 and first != second and order not in ORDERS:
        return None
    month_first = mark != "." and (second > 12 or (order == "mdy" and first <= 12))
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
    found: dict[str, set[int]] = {}
    for locale in table("months")["locales"]:
        for width in ("wide", "abbreviated"):
            for number, name in Locale.parse(locale).months["format"][width].items():
                found.setdefault(fold(name).strip(" ."), set()).add(number)
    known = {fold(name): number for number, names in enumerate(table("months")["names"], start=1) for name in names}
    return {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1 and name.isalpha()} | known


def _month(name: str, before: str) -> int | None:
    """Number of a month by its name; `before` is the print between the day and it."""
    dotted = table("months")["dotted"].get(name) if "." in before else None
    return int(dotted) if dotted else _months().get(name) or (_months().get(name[1:]) if name.startswith("ב") else None)
