"""Days of relative dates ("15 minutes before", "vor 2 Tagen"): they need the moment at which the answer was written."""

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

from market_db.values.numbers import ascii_digits
from market_db.values.text import fold
from spiders.reading import Answer

MAX_TEXT = 60
MOST = 10_000
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("ago.toml").read_text("utf-8"))


def moment_of(answer: Answer, as_of: date) -> datetime:
    """When an answer was written (UTC): its Date header (RFC 9110, 6.6.1), else the end of the day of the run.

    A recording keeps the header, so a replay years later reads the same days.
    """
    try:
        said = parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        said = None
    return said if said is not None and said.year > 1990 else datetime.combine(as_of, time(23, 59), UTC)


def read_ago(text: str, now: datetime) -> str | None:
    """YYYY-MM-DD of a relative date; None where the text is none.

    Minutes, hours, days and weeks ("2 weeks ago" = the latest day it can mean). Months and years say no day and stay unknown.
    """
    shown = fold(ascii_digits(text[: 2 * MAX_TEXT]), 2 * MAX_TEXT)
    if not shown or len(shown) > MAX_TEXT:
        return None
    since = _since(shown)
    try:
        return (now - since).date().isoformat() if since is not None else None
    except OverflowError:
        return None


def _since(shown: str) -> timedelta | None:
    match = _counted().search(shown)
    if match and _marked(f"{shown[: match.start()]} {shown[match.end() :]}"):
        number = int(match["number"]) if match["number"].isdecimal() else 1
        return _span(number, _units()[match["unit"]]) if number <= MOST else None
    for word, (number, unit) in _table()["counted"].items():
        if re.search(_bounded(word), shown) and _marked(shown):
            return _span(int(number), unit)
    bare = shown.strip(" .!,")
    if bare in _table()["today"]:
        return timedelta()
    return timedelta(days=1) if bare in _table()["yesterday"] else None


def _span(number: int, unit: str) -> timedelta:
    return timedelta(**{f"{unit}s": number})


def _marked(rest: str) -> bool:
    """Whether what stands around number and unit says that it is past."""
    return any(re.search(_bounded(mark), rest) for mark in _table()["marks"])


@cache
def _units() -> Mapping[str, str]:
    return {word: unit for unit, words in _table()["units"].items() for word in words}


@cache
def _bounded(word: str) -> str:
    """A word as a pattern; scripts without blanks have no borders."""
    return re.escape(word) if _UNSPACED.search(word) else rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])"


@cache
def _counted() -> re.Pattern[str]:
    units = "|".join(_bounded(word) for word in sorted(_units(), key=len, reverse=True))
    one = "|".join(_bounded(word) for word in sorted(_table()["one"], key=len, reverse=True))
    return re.compile(rf"(?<![\d.,])(?P<number>\d{{1,5}}|{one})\s?(?P<unit>{units})")
