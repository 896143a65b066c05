"""What is asked, for how much, in which money, and what that is per kilogram in dollars; the printed text stays beside it."""

import math
from dataclasses import replace

from market_db.seen import Listing, Notice, Seen
from market_db.values.currencies import currency_of, may_be
from market_db.values.money import Money, read_currency, read_price, to_usd
from market_db.values.packs import read_pack
from market_db.values.text import fold
from pipelines.context import Context, SourceHint

PER_UNIT: dict[str, float] = {"kg": 1.0, "100g": 0.1, "g": 0.001, "l": 1.0, "100ml": 0.1, "ml": 0.001, "lb": 0.45359237}
"""Unit that a price is printed for -> kilogram or litre."""
MOST = 1e12
"""Above it a price is a phone number or a bar code."""


def read_price_of(record: Seen, context: Context) -> Seen:
    """A listing with price, currency, net content and USD per kg; a notice with its value. Unreadable stays None, with its text."""
    hint = context.hint(record.source)
    if isinstance(record, Listing):
        record, unit = _priced(record, hint)
        return _per_kg(_packed(record), unit, context)
    return _valued(record, hint) if isinstance(record, Notice) else record


def _priced(listing: Listing, hint: SourceHint) -> tuple[Listing, str | None]:
    """Amounts and currency, and the unit the price is printed for; without an amount there is no upper end and no struck price."""
    country = listing.country or hint.country
    given = listing.currency or listing.currency_text or hint.currency
    money = read_price(listing.price_text, currency_text=given, country=country) if listing.price_text else None
    read = money or Money(math.nan)
    price = _amount(listing.price if listing.price is not None else read.amount)
    priced = replace(
        listing,
        price=price,
        price_max=_amount(listing.price_max if listing.price_max is not None else read.amount_max) if price else None,
        list_price=_amount(listing.list_price if listing.list_price is not None else read.list_price) if price else None,
        currency=listing.currency or read.currency or _said(listing.currency_text, hint, country, priced=price is not None),
    )
    return priced, read.unit


def _said(text: str | None, hint: SourceHint, country: str | None, *, priced: bool) -> str | None:
    """Currency of the text beside a price; the site's own only where nothing else is said, or a sign that may mean it."""
    stated = read_currency(text, country=country) if text else None
    if stated or not priced:
        return stated
    if hint.currency is None:
        # a shop that prints bare numbers means the money of its country; only a declared country says so
        return currency_of(hint.country) if hint.country and not text else None
    return hint.currency if not text or may_be(fold(text).strip(" ."), hint.currency) else None


def _amount(value: float | None) -> float | None:
    """A number somebody could pay."""
    return value if value is not None and math.isfinite(value) and 0 < value < MOST else None


def _packed(listing: Listing) -> Listing:
    """With net content from what is printed about the pack, else from the name."""
    if listing.net_grams is not None or listing.net_millilitres is not None:
        return listing
    pack = read_pack(listing.pack_text) if listing.pack_text else None
    pack = pack or read_pack(listing.name)
    if pack is None:
        return listing
    return replace(listing, net_grams=_amount(pack.net_grams), net_millilitres=_amount(pack.net_millilitres))


def _per_kg(listing: Listing, unit: str | None, context: Context) -> Listing:
    """With USD per kg (per litre where only a volume is known) at the rate of the day it was seen."""
    if listing.price is None or listing.currency is None:
        return listing
    amount = PER_UNIT.get((unit or "").lower().replace(" ", "")) or (listing.net_grams or listing.net_millilitres or 0) / 1000
    seen_on = listing.evidence.fetched_at.date() if listing.evidence else context.as_of
    usd = to_usd(listing.price, listing.currency, seen_on, context.rates)
    if usd is None:
        return listing
    return replace(listing, price_usd_kg=round(usd.value / amount, 4) if amount > 0 else None, rate_date=usd.rate_date)


def _valued(notice: Notice, hint: SourceHint) -> Notice:
    """With the value read from its text, where the reader gave none."""
    if notice.value is not None or not notice.value_text:
        return notice
    money = read_price(notice.value_text, country=notice.country or hint.country)
    return replace(notice, value=_amount(money.amount), currency=notice.currency or money.currency) if money else notice
