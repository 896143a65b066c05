"""The country of an address that does not name it: by a postcode that only one country writes so, or a city that only one has."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from market_db.reference import table
from market_db.values.numbers import ascii_digits
from market_db.values.text import clean, fold

LIMIT = 300
_PARTS = re.compile(r"\s*[,;\n|，、،/]\s*|\s+[-–]\s+(?=[^\W\d_]{3})")
_NUMBERS = re.compile(r"(?<![^\W_])[\w-]*\d[\w-]*(?![^\W_])")
"""Postcodes, districts and house numbers."""
_STREET_NUMBER = re.compile(r"\d")


def country_of_city(lines: Sequence[str]) -> str | None:
    """ISO2 of an address by its last part; None for a bare name, for names that several countries have and for no address at all.

    "Keizersgracht 123, 1015 CJ Amsterdam" is one; "Amsterdam" alone may be a brand, and "Paris, Texas" names a place nobody knows here.
    """
    shown = clean(ascii_digits(", ".join(line for line in lines if line and line.strip())), LIMIT).strip(" .,;")
    parts = [part for part in _PARTS.split(shown) if part]
    if not parts:
        return None
    if start := _by_start(shown):
        return start
    if len(parts) < 2 and not _is_address(shown):
        return None
    return _by_postcode(parts, shown) or _behind_postcode(parts, shown) or _by_name(parts)


def _is_address(shown: str) -> bool:
    """Whether a text without commas is more than a name with a number: a postcode, and a house number or many words."""
    numbers = _NUMBERS.findall(shown)
    return any(sum(map(str.isdigit, number)) >= 4 for number in numbers) and (len(numbers) > 1 or len(shown.split()) > 4)


def _by_start(shown: str) -> str | None:
    """As in 東京都港区芝公園4-2-8; the name alone is no address."""
    for code, starts in table("cities")["starts"].items():
        if any(shown.startswith(start) and len(shown) > len(start) + 1 for start in starts):
            return str(code)
    return None


def _by_postcode(parts: Sequence[str], shown: str) -> str | None:
    if len(parts) < 2 or not _STREET_NUMBER.search(shown.removesuffix(parts[-1])):
        return None
    found = {code for code, pattern in _postcodes() if pattern.fullmatch(parts[-1])}
    return found.pop() if len(found) == 1 else None


def _behind_postcode(parts: Sequence[str], shown: str) -> str | None:
    """A name that several countries have, behind a postcode of one of them and a street."""
    if len(parts) < 2 or not _STREET_NUMBER.search(shown.removesuffix(parts[-1])):
        return None
    found = {code for code, pattern in _shared() if pattern.fullmatch(fold(parts[-1], LIMIT).strip(" ."))}
    return found.pop() if len(found) == 1 else None


def _by_name(parts: Sequence[str]) -> str | None:
    """The last part that has letters; what stands before it is not asked: "Berlin Street 5, Springfield" is nowhere."""
    last = next((part for part in reversed(parts) if any(char.isalpha() for char in _NUMBERS.sub("", part))), "")
    found = {_cities()[name] for name in _names(last) if name in _cities()}
    return found.pop() if len(found) == 1 else None


def _names(part: str) -> Iterator[str]:
    """What may be the city: the part as printed, without its numbers, and what stands behind or before the numbers."""
    shown = fold(part, LIMIT).strip(" .")
    yield shown
    pieces = [piece.strip(" .,-()") for piece in _NUMBERS.split(shown)]
    yield " ".join(" ".join(pieces).split())
    yield from (piece for piece in (pieces[-1], pieces[0]) if piece)
    last = pieces[-1] or next((piece for piece in reversed(pieces) if piece), "")
    words = last.split()
    yield from (" ".join(words[-count:]) for count in (1, 2, 3) if len(words) > count and len(pieces) > 1)


@cache
def _cities() -> dict[str, str]:
    return {fold(name): str(code) for code, names in table("cities")["cities"].items() for name in names}


@cache
def _postcodes() -> list[tuple[str, re.Pattern[str]]]:
    return [(str(rule["code"]), re.compile(rule["pattern"])) for rule in table("cities")["postcodes"]]


@cache
def _shared() -> list[tuple[str, re.Pattern[str]]]:
    rules = table("cities")["behind_postcode"].items()
    return [(str(code), _city_behind(rule["pattern"], rule["names"])) for code, rule in rules]


def _city_behind(postcode: str, names: Sequence[str]) -> re.Pattern[str]:
    cities = "|".join(re.escape(fold(name)) for name in names)
    return re.compile(f"(?:{postcode}),? (?:{cities})(?: cedex)?(?: \\d{{1,2}})?", re.IGNORECASE)
