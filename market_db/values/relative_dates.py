"""Days that pages count from now ("3 hari lalu", "in 5 days"): told from the time of the fetch, never from today's."""

import re
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from market_db.reference import table
from market_db.values.numbers import ascii_digits
from market_db.values.text import clean, fold

LIMIT = 60
MOST_DAYS = 3_660
WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1}


def zone_of(name: str | None) -> ZoneInfo | None:
    """Zone by its IANA name ("Asia/Jakarta"); None for no or an unknown name."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def read_relative(text: str, fetched: datetime, zone: str | None = None) -> date | None:
    """The day a text counts to from `fetched` (aware), in the publisher's zone; None for months, years and what is no such text.

    The whole text must be the count, but for a label before a colon ("Posted: 2 days ago") and words before a past one ("seen 2 days ago").
    """
    shown = _prepared(text)
    local = fetched.astimezone(zone_of(zone) or fetched.tzinfo)
    for word, days in WORDS.items():
        if shown in _folded(word):
            return local.date() + timedelta(days=days)
    match = _pattern().fullmatch(shown)
    way = _way(match) if match else 0
    if not match or not way or (match["words"] and way > 0):
        return None
    count = timedelta(**{f"{_units()[match['unit']]}s": int(match["n"])})
    return (local + way * count).date() if count.days <= MOST_DAYS else None


def _prepared(text: str) -> str:
    """Folded, without its label, numbers in figures: "vor einer Stunde" -> "vor 1 stunde"."""
    said = fold(ascii_digits(clean(text, LIMIT)), LIMIT).rpartition(":")[2].strip(" .!,").split()
    numbers = ["1" if word in _ones() and behind in _units() else word for word, behind in pairwise([*said, ""])]
    return " ".join(word if before.isdecimal() else _pairs().get(word, word) for before, word in pairwise(["", *numbers]))


@cache
def _ones() -> frozenset[str]:
    return frozenset(fold(word) for word in table("relative_dates")["one"])


@cache
def _pairs() -> dict[str, str]:
    """Words that are a number and a unit in one, as figures and unit."""
    return {fold(word): f"{number} {unit}" for word, (number, unit) in table("relative_dates")["counted"].items()}


def _way(match: re.Match[str]) -> int:
    """-1 = past, 1 = to come, 0 = nothing says which, or both do."""
    before, behind = (match["before"] or "").strip(), (match["behind"] or "").strip()
    facts = table("relative_dates")
    needed = {fold(word): endings for word, endings in facts["past"]["both"].items()}
    if before in needed:
        return -1 if behind in needed[before] else 0
    past = before in _marks("past", "before") or behind in _marks("past", "behind")
    future = before in _marks("future", "before") or behind in _marks("future", "behind")
    return 0 if past == future else -1 if past else 1


@cache
def _folded(word: str) -> frozenset[str]:
    return frozenset(fold(entry) for entry in table("relative_dates")["words"][word])


@cache
def _marks(tense: str, place: str) -> frozenset[str]:
    return frozenset(fold(entry) for entry in table("relative_dates")[tense][place])


@cache
def _units() -> dict[str, str]:
    units: Any = table("relative_dates")["units"]
    return {fold(word): unit for unit, names in units.items() for word in names}


@cache
def _pattern() -> re.Pattern[str]:
    def options(entries: set[str]) -> str:
        return "|".join(re.escape(entry) for entry in sorted(entries, key=lambda entry: (-len(entry), entry)))

    before = options(set(_marks("past", "before") | _marks("future", "before")))
    behind = options(set(_marks("past", "behind") | _marks("future", "behind")))
    words = r"(?P<words>(?:[^\W\d_]+\s){1,4}?)??"
    return re.compile(rf"{words}(?:(?P<before>{before})\s)?(?P<n>\d{{1,4}})\s?(?P<unit>{options(set(_units()))})\s?(?P<behind>{behind})?")
