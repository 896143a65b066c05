"""Notifications and refusals of goods, in words that authorities share: days, countries, hazards. Firms are never read."""

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from market_db.seen import Refusal
from market_db.values.dates import read_date
from market_db.values.places import read_country
from spiders.base.tables import Row

_DAY_FIRST = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})\b")
_SHORT_YEAR = re.compile(r"\d{1,2}-[A-Za-z]{3}-\d{2}")
_CODE = re.compile(r"^(?P<name>.*?)\s*\((?P<code>[A-Z]{2})\)$")
_REFERENCE = re.compile(r"(\d{4})\.(\d{1,5})")
_SPACES = re.compile(r"\s+(?=[,;]|$)|(?<=\s)\s+")


def day_in(text: str, *, day_first: bool = True) -> str | None:
    """YYYY-MM-DD; of 12/11/2025 the first number is the day (RASFF) or the month (FDA); "13-Jul-22" is the FDA's own files."""
    shown = text.strip()
    numbers = _DAY_FIRST.match(shown)
    try:
        if numbers:
            day, month = (numbers[1], numbers[2]) if day_first else (numbers[2], numbers[1])
            return datetime(int(numbers[3]), int(month), int(day)).date().isoformat()  # noqa: DTZ001 - a day without a zone
        if _SHORT_YEAR.fullmatch(shown):
            return datetime.strptime(shown, "%d-%b-%y").date().isoformat()  # noqa: DTZ007 - a day without a zone
    except ValueError:
        return None
    return read_date(shown)


def country_in(text: str) -> str | None:
    """ISO 3166-1 alpha-2 of one country, also "France (FR)"; None for several or for an institution."""
    shown = text.strip()
    coded = _CODE.match(shown)
    return read_country(shown) or (read_country(coded["name"]) or read_country(coded["code"]) if coded else None)


def rasff_reference(text: str) -> str | None:
    """Number of a RASFF notification, YYYY.NNNN: spreadsheets took it for a decimal and lost the zeros at its end."""
    found = _REFERENCE.fullmatch(text.strip())
    return f"{found[1]}.{found[2].ljust(4, '0')}" if found else None


def hazards_in(text: str) -> str | None:
    """Hazards as printed, without the braces and gaps of the exports."""
    return _SPACES.sub("", text.replace("{", "").replace("}", "")).strip(" ,-") or None


@cache
def fda_table() -> Mapping[str, Any]:
    """Industries and charges of the FDA, from fda_refusals.toml."""
    return tomllib.loads(files("spiders.products").joinpath("fda_refusals.toml").read_text("utf-8"))


def charges_in(text: str) -> str | None:
    """Charges of the FDA as "62 NEEDS FCE; 83 NO PROCESS"; a number that the table does not know stays a number."""
    numbers = list(dict.fromkeys(re.findall(r"\d{1,5}", text)))
    names = fda_table()["charges"]
    return "; ".join(f"{number} {names[number]}" if number in names else number for number in numbers) or None


def listed_refusal(row: Row, key: str, url: str) -> Refusal:
    """A row of a downloaded list: RASFF exports in three layouts, the FDA's refusal files; `key` stands in where there is no number."""
    by_fda = bool(row.get("charges"))
    origin = row.get("origin", "")
    return Refusal(
        key=rasff_reference(row.get("id", "")) or row.get("id") or key,
        url=url,
        reason=charges_in(row["charges"]) if by_fda else hazards_in(row.get("hazard", "")),
        country="US" if by_fda else country_in(row.get("country", "")),
        origin=country_in(origin),
        origin_text=origin or None,
        product_text=row.get("product") or None,
        category=row.get("category") or None,
        date=day_in(row.get("date", ""), day_first=not by_fda),
    )
