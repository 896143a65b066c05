"""Numbers of structured data, read exactly: a JSON-LD price is a number by definition and never goes through a text parser."""

import math
import re

from market_db.values.text import clean

MAX_PRICE_TEXT = 60
"""A price is shorter; anything longer (seen: 200,000 digits) is not one."""
MAX_AMOUNT = 1e12
THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
NO_DECIMALS = frozenset(
    {
        "BIF",
        "CLP",
        "COP",
        "DJF",
        "GNF",
        "IDR",
        "IRR",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "LAK",
        "MMK",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
"""Currencies whose prices are printed without decimals: "140.000" is a hundred and forty thousand there."""
_NUMBER = re.compile(r"\d[\d.,' \u00a0\u202f]*")
_GROUPED = re.compile(r"\d{1,3}(?:(?P<mark>[.,' ])\d{3})(?:(?P=mark)\d{3})*")


def exact_number(value: object, currency: str | None = None) -> float | None:
    """Amount of a structured price; "12,34 EUR", "1.234,56" and "140.000" by the rules of the currency. None = not one number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _sane(float(value)) if abs(value) < MAX_AMOUNT else None
    if not isinstance(value, str) or len(value) > MAX_PRICE_TEXT:
        return None
    numbers = _NUMBER.findall(clean(value, MAX_PRICE_TEXT))
    return _sane(_amount(numbers[0].strip(" .,'"), currency)) if len(numbers) == 1 and "-" not in value.split(numbers[0])[0] else None


def minor_units(value: object, decimals: int) -> float | None:
    """Amount of an integer count of the smallest unit, as shop software writes it."""
    number = exact_number(value)
    return None if number is None else _sane(number / 10**decimals)


def _amount(digits: str, currency: str | None) -> float:
    marks = [char for char in digits if not char.isdigit()]
    if not marks:
        return float(digits)
    last = marks[-1]
    if len(set(marks)) > 1:
        return float(re.sub(r"[^\d]", "", digits.rpartition(last)[0]) + "." + digits.rpartition(last)[2])
    plain = "".join(char for char in digits if char.isdigit())
    if len(marks) > 1 or last in " '" or (_GROUPED.fullmatch(digits) and _groups(last, currency)):
        return float(plain)
    return float(digits.replace(last, "."))


def _groups(mark: str, currency: str | None) -> bool:
    """Whether one mark before three digits groups thousands: a comma does, a point only where no decimals are printed."""
    if currency in THREE_DECIMALS:
        return False
    return mark == "," or currency in NO_DECIMALS


def _sane(amount: float) -> float | None:
    return amount if math.isfinite(amount) and 0 <= amount < MAX_AMOUNT else None
