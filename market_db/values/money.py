"""Prices as printed -> the amount asked now, its currency, and what it is for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from market_db.reference import table, words
from market_db.values.currencies import Mention, decimals_of, find_currencies, read_currency
from market_db.values.numbers import ascii_digits, decimal_mark, read_number
from market_db.values.rates import SHIPPED, Rates, Usd, to_usd
from market_db.values.text import clean

__all__ = ["SHIPPED", "Money", "Rates", "Usd", "read_currency", "read_price", "to_usd"]

LIMIT = 400


@dataclass(frozen=True, slots=True)
class Money:
    """What is asked."""

    amount: float
    """Asked now, in `currency`; the lower end of a range."""
    amount_max: float | None = None
    """Upper end of a range."""
    list_price: float | None = None
    """The struck or "was" price."""
    currency: str | None = None
    """ISO 4217; None = ambiguous or not said."""
    unit: str | None = None
    """What the price is for where printed: kg, 100g, l, piece ..."""


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of the text with what stands around it."""

    amount: float
    start: int
    end: int
    mention: Mention | None = None
    unit: str | None = None
    role: str = "asked"
    """asked, list, net, other."""


_NUMBER = re.compile(
    r"(?<![\d.,'+])(?:"
    r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d{1,2})?(?![\d])"  # 12 990 and 1'234.50
    r"|\d{1,7}(?:[.,]\d{3})*[.,]\s\d\d(?!\d)"  # 8. 94
    r"|[.,]?\d[\d.,']*\d|[.,]?\d)"
)
_EURO_CENTS = re.compile(r"(?<=\d)(?:€|\s?€\s(?=\d\d\W*$))(\d\d)(?![\d.,])")  # 35€99
_MACHINE = re.compile(r"\d{1,15}(?:\.\d{1,20})?")
_UNIT = re.compile(
    r"\s*(?:\)|\*)*\s*(?:/|\bper\b|\bpro\b|\bje\b|\bpar\b|\bpor\b|\bza\b|\bза\b)\s*(?:1\s?(?!\d))?((?:100\s?)?[^\W\d_]+(?: ton)?)\b",
    re.IGNORECASE,
)
_FREE = re.compile(r"(?:free|gratis|kostenlos|gratuit)\W*", re.IGNORECASE)
_NEAR = 3


def read_price(text: str, *, currency_text: str | None = None, country: str | None = None) -> Money | None:
    """Price as printed; `country` (ISO2 of the market) decides separators and shared symbols. None = not a price.

    A text cut at 400 characters; numbers of more than 15 digits are no price. 0 is returned as 0: what it means is the caller's to say.
    """
    hint = read_currency(currency_text, country=country) if currency_text else None
    shown = ascii_digits(clean(text, LIMIT))
    machine = _read_machine(shown, hint)
    if machine or not shown:
        return machine
    if _FREE.fullmatch(shown):
        return Money(0.0, currency=hint)
    if shown.count("€") == 1:
        shown = _EURO_CENTS.sub(r",\1 €", shown)
    numbers = _numbers(shown, hint, country, cut=len(text) > LIMIT)
    return _choose(shown, numbers, hint)


def _read_machine(shown: str, hint: str | None) -> Money | None:
    """A bare JSON number beside an ISO code: the point is a decimal point, unless the currency has no decimals to show."""
    if not hint or not _MACHINE.fullmatch(shown):
        return None
    thousands = decimals_of(hint) == 0 and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", shown)
    return Money(float(shown.replace(".", "")) if thousands else float(shown), currency=hint)


def _numbers(shown: str, hint: str | None, country: str | None, *, cut: bool) -> list[_Number]:
    mentions = find_currencies(shown, country)
    mark = decimal_mark(country) if country else None
    found = []
    per = [match.span(1) for match in _UNIT.finditer(shown)]
    for match in _NUMBER.finditer(shown):
        if (cut and match.end() == len(shown)) or any(start <= match.start() < end for start, end in per):
            continue
        mention = _beside(match.start(), match.end(), mentions)
        currency = mention.currency if mention and mention.currency else hint
        amount = read_number(match.group(), mark=mark, decimals=decimals_of(currency))
        if amount is not None:
            if mention and mention.minor:
                amount /= 100
            found.append(_placed(shown, _Number(amount, match.start(), match.end(), mention)))
    return found


def _beside(start: int, end: int, mentions: Sequence[Mention]) -> Mention | None:
    """Currency that touches the number: one that says which currency before a shared sign, then the nearer, then the one behind."""
    behind = [(mention.start - end, 0, mention) for mention in mentions if 0 <= mention.start - end <= _NEAR]
    before = [(start - mention.end, 1, mention) for mention in mentions if 0 <= start - mention.end <= _NEAR and not mention.minor]
    minor = [mention for gap, _, mention in behind if mention.minor and gap <= 1]
    if minor:
        return minor[0]
    ranked = sorted(behind + before, key=lambda found: (found[2].currency is None, *found[:2]))
    return ranked[0][2] if ranked else None


@cache
def _words(key: str) -> re.Pattern[str]:
    options = "|".join(re.escape(word) for word in sorted(words("prices", key), key=lambda word: (-len(word), word)))
    return re.compile(rf"(?<!\w)(?:{options})$" if key.startswith("before") else rf"(?:%|(?:{options})(?!\w))", re.IGNORECASE)


def _placed(shown: str, number: _Number) -> _Number:
    first = min(number.start, number.mention.start) if number.mention else number.start
    last = max(number.end, number.mention.end) if number.mention else number.end
    before = shown[max(0, first - 30) : first].rstrip(" :(=")
    unit = _UNIT.match(shown, last)
    number = replace(number, unit=table("prices")["units"].get(unit[1].casefold()) if unit else None)
    return replace(number, role=_role(before, shown[number.end :], number))


def _role(before: str, after: str, number: _Number) -> str:
    for role in ("net", "list", "other"):
        if _words(f"before_{role}").search(before):
            return role
    word = _words("after_other").match(after.lstrip(" "))
    if word is None or (number.mention and number.mention.end <= number.start and not after.startswith("%")):
        return "asked"
    reach = number.end + len(after) - len(after.lstrip(" ")) + word.end()
    return "other" if number.mention is None or reach <= number.mention.start else "asked"


def _choose(shown: str, numbers: list[_Number], hint: str | None) -> Money | None:
    usable = [number for number in numbers if number.role != "other"]
    priced = [number for number in usable if number.mention] or usable
    if not priced:
        return None
    asked = [number for number in priced if number.role == "asked"] or priced
    whole = [number for number in asked if number.unit not in ("kg", "100g", "l", "100ml", "lb", "oz")] or asked
    first = next((number for number in usable if _range_end(shown, number, numbers) is whole[0]), whole[0])
    top = _range_end(shown, first, numbers)
    struck = next((number.amount for number in priced if number.role == "list"), None)
    if top is None and struck is None and len(whole) > 1 and whole[0].mention and 0 < whole[1].amount < first.amount:
        struck, first = first.amount, whole[1]
    mentioned = [number.mention.currency for number in (first, top, *priced) if number and number.mention]
    currency = next((code for code in mentioned if code), None) or hint
    shown_list = struck if struck is not None and struck > first.amount else None
    return Money(first.amount, top.amount if top else None, shown_list, currency, top.unit if top and top.unit else first.unit)


@cache
def _range_words() -> frozenset[str]:
    return words("prices", "range")


def _range_end(shown: str, first: _Number, numbers: list[_Number]) -> _Number | None:
    """The number a range ends with, where only a range word and currency signs stand between."""
    after = next((number for number in numbers if number.start >= first.end), None)
    if after is None or after.amount <= first.amount or after.start - first.end > 16:
        return None
    between = shown[first.end : after.start]
    for mention in (first.mention, after.mention):
        if mention and first.end <= mention.start and mention.end <= after.start:
            between = between.replace(shown[mention.start : mention.end], " ")
    return after if between.strip(" .*").casefold() in _range_words() else None
