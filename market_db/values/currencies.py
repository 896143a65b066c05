"""Which currency a sign, word or code means, by the country of the market where several share it."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import pycountry
from babel.core import get_global
from babel.numbers import get_territory_currencies

from market_db.reference import table
from market_db.values.text import fold

LIMIT = 60


@dataclass(frozen=True, slots=True)
class Mention:
    """A currency sign, word or code inside a text."""

    text: str
    """Folded."""
    start: int
    end: int
    currency: str | None
    """ISO 4217; None = shared by several."""
    minor: bool = False
    """Cents, pence: the number is a hundredth."""


@cache
def currency_codes() -> frozenset[str]:
    """ISO 4217 codes in force, and those withdrawn lately that pages still print."""
    return frozenset(entry.alpha_3 for entry in pycountry.currencies) | frozenset(table("currencies")["withdrawn"])


@cache
def currency_of(country: str) -> str | None:
    """Legal tender of a country (ISO2) by CLDR."""
    if country not in get_global("territory_currencies"):
        return None
    tender = get_territory_currencies(country)
    return str(tender[0]) if tender else None


def decimals_of(currency: str | None) -> int | None:
    """Decimals that prices in the currency show: 0, 2 or 3; None = currency unknown."""
    facts = table("currencies")
    if currency is None:
        return None
    return 0 if currency in facts["no_decimals"] else 3 if currency in facts["three_decimals"] else 2


def read_currency(text: str, *, country: str | None = None) -> str | None:
    """ISO 4217 of a code or symbol; shared symbols only by country; None = ambiguous or no currency."""
    word = fold(text, LIMIT).strip(" :*()[]")
    if not word:
        return None
    code = word.upper()
    if len(code) == 3 and code.isascii():
        known = _code(code)
        if known:
            return known
    named = _by_symbol(word, country) or _by_symbol(word.rstrip("."), country)
    if named or _is_symbol(word):
        return named
    found = {mention.currency for mention in find_currencies(text[: LIMIT * 2], country) if not mention.minor}
    return found.pop() if len(found) == 1 else None


def _code(code: str) -> str | None:
    current = table("currencies")["obsolete"].get(code, code)
    return str(current) if current in currency_codes() else None


def _is_symbol(word: str) -> bool:
    facts = table("currencies")
    return any(form in facts[group] for group in ("sure", "shared", "minor") for form in (word, word.rstrip(".")))


def _by_symbol(word: str, country: str | None) -> str | None:
    facts = table("currencies")
    if word in facts["sure"]:
        return str(facts["sure"][word])
    for group in ("shared", "minor"):
        if word in facts[group]:
            return _by_country(word, facts[group][word], country)
    return None


def _by_country(word: str, currencies: list[str], country: str | None) -> str | None:
    home = currency_of(country) if country else None
    if home in currencies:
        return home
    usual: Any = table("currencies")["usual"].get(word)
    if usual is None and word == "$" and home:
        # A country without a dollar of its own means the American one.
        return "USD"
    return str(usual) if usual else None


def may_be(word: str, currency: str) -> bool:
    """Whether a printed sign or word (folded) can stand for a currency (ISO 4217)."""
    facts = table("currencies")
    groups = (facts[group] for group in ("shared", "minor"))
    return facts["sure"].get(word) == currency or any(currency in group.get(word, ()) for group in groups)


@cache
def _pattern() -> re.Pattern[str]:
    facts = table("currencies")
    words = {word for group in ("sure", "shared", "minor") for word in facts[group] if len(word) > 1 or not word.isascii() or word == "$"}
    signs = "|".join(_bounded(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    # One Latin letter is a currency only where it touches the number: R273, 89c.
    letters = r"(?<![^\W\d_])[rql](?=\s?\d)|(?:(?<=\d)|(?<=\d\s))[cp¢lrbfk](?![^\W\d_])"
    return re.compile(f"(?P<code>(?<![^\\W\\d_])[A-Za-z]{{3}}(?![^\\W\\d_])(?:\\s?\\$)?)|(?P<sign>{signs}|{letters})", re.IGNORECASE)


def _bounded(word: str) -> str:
    before = r"(?<![^\W\d_])" if word[0].isalpha() and not _unspaced(word[0]) else ""
    after = r"(?![^\W\d_])" if word[-1].isalpha() and not _unspaced(word[-1]) else ""
    return before + re.escape(word) + after


def _unspaced(char: str) -> bool:
    return "\u0e00" <= char <= "\u0eff" or "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af"


def find_currencies(text: str, country: str | None = None) -> tuple[Mention, ...]:
    """Every currency sign, word or code of a text whose digits are ASCII (`numbers.ascii_digits`)."""
    found, at = [], 0
    while match := _pattern().search(text, at):
        at = match.end()
        mention = _mention(match, country)
        if mention:
            found.append(mention)
        elif match.group().endswith("$"):
            at -= 1  # "for $5": the word was no code, the sign is still to be read
    return tuple(found)


def _mention(match: re.Match[str], country: str | None) -> Mention | None:
    word = match.group()
    code = word.rstrip("$ ")
    if match["code"] and (code.isupper() or code.upper() not in table("currencies")["upper_only"]):
        known = _code(code.upper())
        home = currency_of(country) if country else None
        if known and (known == home or known not in table("currencies")["wordlike"]):
            return Mention(word, match.start(), match.end(), known)
    folded = fold(word).strip()
    if not _is_symbol(folded):
        return None
    currency = _by_symbol(folded, country)
    if currency is None and len(folded) == 1 and folded.isascii() and folded.isalpha():
        return None
    return Mention(folded, match.start(), match.end(), currency, folded in table("currencies")["minor"])
