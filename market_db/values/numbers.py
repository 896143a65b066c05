"""Numbers as shops print them: any digits, any separators, and the country's habit where three digits leave a doubt."""

import html
import re
import unicodedata
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from price_parser.parser import parse_number

MOST_DIGITS = 15
_SEPARATORS = str.maketrans(
    {"٫": ".", "٬": ",", "،": ",", "’": "'", "‘": "'", "´": "'", "`": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "−": "-"}
)
_NON_ASCII_DIGIT = re.compile(r"[^\x00-\x7f]")
_ENTITY = re.compile(r"&#?\w{2,8};")


def ascii_digits(text: str) -> str:
    """Text with every decimal digit as 0-9, full width made narrow, HTML entities resolved, separators reduced to `. , ' space`."""
    if _ENTITY.search(text):
        text = html.unescape(text)
    text = unicodedata.normalize("NFKC", text.translate(_SEPARATORS))
    return _NON_ASCII_DIGIT.sub(_narrow, text)


def _narrow(match: re.Match[str]) -> str:
    value = unicodedata.decimal(match.group(), None)
    return match.group() if value is None else str(value)


@cache
def decimal_mark(country: str) -> str | None:
    """What separates decimals in the country's most spoken language by CLDR: "." or ","; None for an unknown country."""
    languages = get_global("territory_languages").get(country, {})
    for language in sorted(languages, key=lambda lang: -languages[lang]["population_percent"]):
        try:
            mark = Locale.parse(f"{language}_{country}").number_symbols["latn"]["decimal"]
        except (UnknownLocaleError, ValueError, KeyError):
            continue
        return str(mark) if mark in (".", ",") else None
    return None


def read_number(printed: str, *, mark: str | None = None, decimals: int | None = None) -> float | None:
    """Value of a printed number; `mark` is the market's decimal separator, `decimals` the currency's (0, 2, 3); None = unreadable."""
    digits = printed.strip(" ,'").replace(" ", "").replace("'", "").rstrip(".")
    if digits.startswith(".") and digits.count(".") > 1:
        digits = digits[1:]
    if not digits or sum(char.isdigit() for char in digits) > MOST_DIGITS + 10:
        return None
    separator = _decimal_separator(digits, mark, decimals)
    whole = digits if separator else digits.replace(".", "").replace(",", "")
    value = parse_number(whole, separator or ".")
    if value is None or value >= 10**MOST_DIGITS:
        return None
    return float(value)


def _decimal_separator(digits: str, mark: str | None, decimals: int | None) -> str | None:
    last = next((char for char in reversed(digits) if char in ".,"), None)
    if last is None:
        return None
    other = "," if last == "." else "."
    if digits.count(last) > 1:
        return None if len(digits.rpartition(last)[2]) == 3 else last if last == "." and other not in digits else None
    if other in digits:
        return last
    return _single_separator(digits, last, mark, decimals)


def _single_separator(digits: str, separator: str, mark: str | None, decimals: int | None) -> str | None:
    whole, _, fraction = digits.partition(separator)
    if len(fraction) != 3:
        return separator
    if decimals == 0 and len(whole) <= 3 and whole.lstrip("0"):
        return None
    if not whole.lstrip("0") or len(whole) > 3:
        return separator
    if decimals == 3 and separator == ".":
        return separator
    return separator if separator == mark else None
