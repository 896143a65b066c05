"""Which country a text tells, by what it is: a name, an address, a tax number, a phone, a domain; and how sure that makes it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pycountry

from market_db.reference import table, words
from market_db.values.cities import country_of_city
from market_db.values.currencies import currency_of
from market_db.values.numbers import ascii_digits
from market_db.values.phones import read_phones
from market_db.values.places import country_in_address, country_of_domain, read_country
from market_db.values.text import clean, fold

LIMIT = 200
_PHONE = re.compile(r"\(?(?:\+|00)[\d\s().\-/]{6,30}")
_HOST = re.compile(r"(?:https?://\S+|(?:[a-z\d-]+\.)+[a-z]{2,24}/?)", re.IGNORECASE)
_CODE = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that tells a country."""

    country: str
    """ISO 3166-1 alpha-2."""
    basis: str
    """stated, address, vat, register, city, site, phone, tld or currency."""
    raw: str
    """The text that tells it, as printed."""

    @property
    def certainty(self) -> str:
        """certain, likely or hint (`reference/country_clues.toml`)."""
        return certainty_of(self.basis)


def certainty_of(basis: str) -> str:
    """How sure a kind of clue is: certain, likely or hint; a kind nobody described is a hint."""
    return str(table("country_clues")["certainty"].get(basis, "hint"))


def read_clue(text: str) -> Clue | None:
    """The best clue of a text; None where it tells no country for sure. A currency never decides (`country_of_currency`)."""
    return next(_clues(clean(text, LIMIT)), None)


def _clues(shown: str) -> Iterator[Clue]:
    readers: tuple[tuple[str, Callable[[str], str | None]], ...] = (
        ("stated", read_country),
        ("vat", country_of_vat),
        ("phone", _of_phone),
        ("tld", lambda text: country_of_domain(text) if _HOST.fullmatch(text) else None),
        ("address", lambda text: country_in_address([text])),
        ("city", lambda text: country_of_city([text])),
    )
    for basis, read in readers:
        country = read(shown)
        if country:
            yield Clue(country, basis, shown)


def country_of_vat(text: str) -> str | None:
    """ISO2 of a VAT number that stands alone or behind its label; None unless country prefix, form and check digits are all right."""
    number = re.sub(r"[\s.\-]", "", _behind_label(text, "vat")).upper()
    for prefix, rule in table("country_clues")["vat"].items():
        if number.startswith(prefix) and re.fullmatch(rule["pattern"], number[len(prefix) :]) and _checks(number[len(prefix) :], rule):
            return str(rule.get("own", prefix))
    return None


def _checks(number: str, rule: Any) -> bool:
    digits = [int(char) for char in number if char.isdecimal()]
    if not any(digits):
        return False
    if rule.get("iso"):
        return _iso_7064(digits)
    products = [digit * weight for digit, weight in zip(digits, rule["weights"], strict=False)]
    if rule.get("crossed"):
        products = [product // 10 + product % 10 for product in products]
    return sum(products) % rule["mod"] in rule["rest"]


def _iso_7064(digits: list[int]) -> bool:
    """MOD 11,10: the last digit checks those before it."""
    left = 10
    for digit in digits[:-1]:
        left = ((left + digit) % 10 or 10) * 2 % 11
    return (11 - left) % 10 == digits[-1]


def _of_phone(text: str) -> str | None:
    """Only of a number that is dialled from abroad, alone or behind its label."""
    number = ascii_digits(_behind_label(text, "phone"))
    found = {phone.country for phone in read_phones(number) if phone.valid} if _PHONE.fullmatch(number) else set()
    return found.pop() if len(found) == 1 else None


def _behind_label(text: str, kind: str) -> str:
    """The text without the label it begins with."""
    match = re.match(r"[^\d+(]{0,24}?(?=[A-Z]{2,3}[\s.-]?[A-Z]?\d|\(?\+|\(?00)", text)
    label = fold(match.group(), LIMIT).replace(".", " ").strip(" :°") if match else ""
    label = " ".join(label.split())
    return text[match.end() :].strip() if match and (label in words("country_clues", f"labels.{kind}") or not label) else text


@cache
def _homes() -> dict[str, set[str]]:
    homes: dict[str, set[str]] = {}
    for entry in pycountry.countries:
        homes.setdefault(currency_of(entry.alpha_2) or "", set()).add(entry.alpha_2)
    return homes


def country_of_currency(code: str) -> str | None:
    """ISO2 of the only country whose money it is (IDR, JPY); None for shared money (EUR, USD, XOF). A hint: foreigners pay in it too."""
    homes = _homes().get(code, set()) if _CODE.fullmatch(code) else set()
    return next(iter(homes)) if len(homes) == 1 else None
