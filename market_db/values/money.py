"""Prices as printed -> the amount asked now, its currency, and what it is for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from market_db.reference import table, words
from market_db.values.currencies import Mention, currency_of, decimals_of, find_currencies, may_be, read_currency
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
    r"[1-9]\d{0,2}(?:[ ']\d{3})+(?:[.,]\d{1,2})?(?![\d])"  # 12 990 and 1'234.50
    r"|\d{1,7}(?:[.,]\d{3})*[.,]\s\d\d(?!\d)"  # 8. 94
    r"|[.,]?\d[\d.,']*\d|[.,]?\d)"
)
_EURO_CENTS = re.compile(r"(?<=\d)(?:€|\s?€\s(?=\d\d\W*$))(\d\d)(?![\d.,])")  # 35€99
_OF_WORD = re.compile(r"(?<=[^\W\d_])\.(?=\d)")
_COLON = re.compile(r"(?<![\d:])(\d{1,4}):(\d\d)(?=\s?kr\b)", re.IGNORECASE)
_TWO_PARTS = re.compile(
    r"(?<![\d.,])(\d{1,6})\s?(руб\.?|р\.|грн\.?|zł|euro?s?)\s(\d\d)(?=\s?(?:коп|к\.|gr\b|cents?\b|$))[^\d]{0,6}$", re.IGNORECASE
)
_MACHINE = re.compile(r"\d{1,15}(?:\.\d{1,20})?")
_UNIT = re.compile(
    r"\s*(?:\)|\*)*\s*(?:/|\bper\b|\bpro\b|\bje\b|\bpar\b|\bpor\b|\bza\b|\bза\b)\s*(?:1\s?(?!\d))?((?:100\s?)?[^\W\d_]+(?: ton)?)\b",
    re.IGNORECASE,
)
_NO_PRICE = re.compile(
    r"(?<![\d.,])(?<!\d )(?:\+|00)\d[\d ()/.-]{6,}\d"  # +49 30 123456
    r"|\(0\d{1,4}\)[ -]?\d[\d -]{3,}\d|(?<![\d.,])(?<!\d )0\d{1,4}[ /-]\d{3,}(?:[ -]\d{2,})*"  # (020) 7946 0000, 021-555555
    r"|(?<![\d.,-])\d{3}-\d{4}(?![\d.,-])"  # 555-1234
    r"|(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)|(?<![\d.,:])[0-2]?\d:[0-5]\d(?![\d:])"  # days and times
    r"|(?<![\d.,])\d{11,}(?![.,]?\d)"  # bar codes
    r"|(?<![\d.,/])[2-9]\d?\s?/\s?[$£€]\s?\d[\d.,]*|[$£€]\s?\d[\d.,]*\s?/\s?[2-9]\d?(?![\d.,]|\s?[^\W\d_])"  # 2/$5, $5/2
)
"""Numbers that are no price by their shape."""
_TAIL = re.compile(r"[a-z][-+]?\d", re.IGNORECASE)  # 1e308, 3x400g, 0x1F
_IN_WORD = re.compile(r"[a-z]", re.IGNORECASE)
_CODE = re.compile(r"(?<![^\W\d_])[A-Z]{3}(?![^\W\d_])")
_WEAK = frozenset({",-", ":-"})
"""Signs that shops of other countries print too: "20,-" is also German."""
_FREE = re.compile(r"(?:free|gratis|kostenlos|gratuit)\W*", re.IGNORECASE)
_NEAR = 3
MOST_TOGETHER = 100
"""A larger number before "for" is no count of things."""


def read_price(text: str, *, currency_text: str | None = None, country: str | None = None) -> Money | None:
    """Price as printed; `country` (ISO2 of the market) decides separators and shared symbols. None = not a price.

    A text cut at 400 characters; numbers of more than 15 digits are no price. 0 is returned as 0: what it means is the caller's to say.
    A currency that is printed wins over `currency_text`; where it is printed and not known ("kr", a code nobody knows, a token), there
    is no price: 129 of what is a wrong number. Nor is there one in phone numbers, dates, bar codes, negative amounts, "2 for $5".
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
    shown = _multiplied(_in_figures(shown), country)
    shown = _NO_PRICE.sub(lambda match: "|" * len(match.group()), shown)
    numbers = _without_bundles(shown, _numbers(shown, hint, country, cut=len(text) > LIMIT))
    return _choose(shown, numbers, hint, country)


def _in_figures(shown: str) -> str:
    """Amounts written in two parts as one: "39:90 kr", "349 руб. 50 коп.", "3 Euro 50"; a point behind letters is theirs ("Rs.99")."""
    shown = _OF_WORD.sub(". ", shown)
    shown = _COLON.sub(r"\1,\2", shown)
    return _TWO_PARTS.sub(r"\1,\3 \2", shown)


def _multiplied(shown: str, country: str | None) -> str:
    """With "25rb", "1,5 juta" and "$1.5k" written out, where a currency touches them: what is printed elsewhere is no amount of money."""
    if not _multiple().search(shown):
        return shown
    facts = table("prices")["multiples"]
    mentions = find_currencies(shown, country)

    def written(match: re.Match[str]) -> str:
        number, factor = read_number(match[1], mark=decimal_mark(country) if country else None), facts[match[2].casefold()]
        beside = any(0 <= match.start() - m.end <= 2 or 0 <= m.start - match.end() <= 2 for m in mentions)
        return f"{number * factor:.0f}" if number is not None and beside else match.group()

    return _multiple().sub(written, shown)


@cache
def _multiple() -> re.Pattern[str]:
    options = "|".join(re.escape(word) for word in sorted(table("prices")["multiples"], key=lambda word: (-len(word), word)))
    return re.compile(rf"(?<![\w.,])(\d{{1,6}}(?:[.,]\d{{1,3}})?)\s?({options})(?![^\W\d_])", re.IGNORECASE)


def _read_machine(shown: str, hint: str | None) -> Money | None:
    """A bare JSON number beside an ISO code: the point is a decimal point, unless the currency has no decimals to show."""
    if not hint or not _MACHINE.fullmatch(shown) or _NO_PRICE.search(shown) or re.match(r"0\d", shown):
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
            number = _placed(shown, _Number(amount, match.start(), match.end(), mention))
            found.append(replace(number, role="other") if _is_none(shown, number, hint) else number)
    return found


def _is_none(shown: str, number: _Number, hint: str | None) -> bool:
    """Whether a number is no amount of a known money: part of a word, negative, or of a money that is printed and not known."""
    if _TAIL.match(shown, number.end) or _is_negative(shown, number):
        return True
    mention = number.mention
    if mention is None and _IN_WORD.match(shown[max(0, number.start - 1) : number.start]):
        return True
    if mention is None:
        return _beside_stranger(shown, number, hint)
    if mention.currency in table("currencies")["no_money"]:
        return True
    stated = mention.currency or mention.minor or mention.text in _WEAK or hint is None
    return not (stated or may_be(mention.text, hint or ""))


def _is_negative(shown: str, number: _Number) -> bool:
    """Whether a minus stands before the number or before its sign; one behind another number joins a range."""
    first = min(number.start, number.mention.start) if number.mention else number.start
    for at in (number.start, first):
        before = shown[:at]
        if before.endswith("-") and (not before[:-1] or before[-2] in " (:=€$£¥₹|") and not before[:-1].rstrip()[-1:].isdigit():
            return True
    return False


@cache
def _tokens() -> re.Pattern[str]:
    options = "|".join(re.escape(word) for word in sorted(table("currencies")["tokens"], key=lambda word: (-len(word), word)))
    return re.compile(rf"(?<!\w)(?:{options})(?![^\W\d_])", re.IGNORECASE)


def _beside_stranger(shown: str, number: _Number, hint: str | None) -> bool:
    """Whether a token, or beside a given currency a code nobody knows, touches the number."""
    before, after = shown[max(0, number.start - 12) : number.start].rstrip(), shown[number.end : number.end + 12].lstrip()
    if _tokens().match(after) or any(match.end() == len(before) for match in _tokens().finditer(before)):
        return True
    codes = [match.group() for match in _CODE.finditer(before) if match.end() == len(before)]
    codes += [match.group() for match in [_CODE.match(after)] if match]
    return hint is not None and any(code not in table("prices")["not_codes"] for code in codes)


def _without_bundles(shown: str, numbers: list[_Number]) -> list[_Number]:
    """Without counts and what so many cost together, and without the beginning of a range that ends in something else ("10-15 days")."""
    kept = list(numbers)
    for at, (count, price) in enumerate(pairwise(numbers)):
        between = shown[count.end : price.start]
        for mention in (count.mention, price.mention):
            if mention and count.end <= mention.start and mention.end <= price.start:
                between = between.replace(shown[mention.start : mention.end], " ", 1)
        plain = between.strip().casefold()
        if _is_bundle(count, price, plain):
            kept[at], kept[at + 1] = replace(count, role="other"), replace(price, role="other")
        elif plain in _range_words() and price.role == "other" and count.mention is None:
            kept[at] = replace(count, role="other")
    return kept


def _is_bundle(count: _Number, price: _Number, between: str) -> bool:
    """Whether `between` says that the first number is a count and the second what so many cost."""
    first, _, last = between.rpartition(" ")
    joined = last in words("prices", "bundle") and (not first or first in words("prices", "counts"))
    return joined and price.mention is not None and count.amount.is_integer() and 2 <= count.amount < MOST_TOGETHER


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
    saved = _words("after_saving").match(shown[last:].lstrip(" "))
    return replace(number, role="other" if saved else _role(before, shown[number.end :], number))


def _role(before: str, after: str, number: _Number) -> str:
    for role in ("net", "list", "other"):
        if _words(f"before_{role}").search(before):
            return role
    word = _words("after_other").match(after.lstrip(" "))
    if word is None or (number.mention and number.mention.end <= number.start and not after.startswith("%")):
        return "asked"
    reach = number.end + len(after) - len(after.lstrip(" ")) + word.end()
    return "other" if number.mention is None or reach <= number.mention.start else "asked"


def _of_one_money(priced: list[_Number], hint: str | None, country: str | None) -> list[_Number]:
    """Where two currencies are printed, the numbers of the given one, of the country's own, or of the first: two are never compared."""
    codes = [number.mention.currency for number in priced if number.mention and number.mention.currency]
    if len(set(codes)) < 2:
        return priced
    home = currency_of(country) if country else None
    chosen = next((code for code in (hint, home) if code in codes), codes[0])
    return [number for number in priced if number.mention is None or number.mention.currency in (None, chosen)]


def _choose(shown: str, numbers: list[_Number], hint: str | None, country: str | None) -> Money | None:
    usable = [number for number in numbers if number.role != "other"]
    priced = _of_one_money([number for number in usable if number.mention] or usable, hint, country)
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
    codes = {number.mention.currency for number in (first, after) if number.mention and number.mention.currency}
    if len(codes) > 1:
        return None
    between = shown[first.end : after.start]
    for mention in (first.mention, after.mention):
        if mention and first.end <= mention.start and mention.end <= after.start:
            between = between.replace(shown[mention.start : mention.end], " ")
    return after if between.strip(" .*").casefold() in _range_words() else None
