"""What a firm sells, with prices as they changed, re-posts as one offer, and what other shops ask for the same goods."""

from itertools import pairwise

from rich.console import Console

from market_db.markets.offers import Elsewhere, Offer, PricePoint
from market_db.queries import LeadDetail
from scripts.screen import line, plain
from scripts.words import Words

MOST_OFFERS = 6
MOST_PRICES = 5
MOST_SHOPS = 4
MOST = 120


def show_offers(console: Console, detail: LeadDetail, words: Words) -> None:
    """Offers with a price, newest first."""
    priced = [offer for offer in detail.offers if offer.prices]
    if not priced:
        return
    line(console)
    line(console, words.say("offers.head"), "bold")
    for offer in priced[:MOST_OFFERS]:
        line(console, _offer(offer, words), indent=2, hang=2)
        if offer.reposts:
            line(console, words.count("offers.reposted", offer.reposts), "dim", indent=4)
        for shop in offer.elsewhere[:MOST_SHOPS]:
            line(console, _shop(shop, words), "dim", indent=4, hang=2)
    if len(priced) > MOST_OFFERS:
        line(console, words.say("offers.more", n=words.number(len(priced) - MOST_OFFERS)), "dim", indent=2)


def _offer(offer: Offer, words: Words) -> str:
    """Goods, the price now, and what it was before, newest first."""
    newest = offer.prices[-1]
    per_kg = f" ({words.say('offers.per_kg', usd=words.usd(newest.price_usd_kg))})" if newest.price_usd_kg else ""
    seen = words.say("leads.seen", day=words.day(offer.last_seen))
    before = [_change(old, new, words) for old, new in pairwise(offer.prices)][::-1][:MOST_PRICES]
    return " · ".join(
        part for part in (plain(offer.name, MOST), f"{_money(newest.price, newest.currency, words)}{per_kg}", seen, *before) if part
    )


def _change(old: PricePoint, new: PricePoint, words: Words) -> str:
    return words.say("offers.was", day=words.day(new.at), before=_money(old.price, old.currency, words))


def _money(amount: float | None, currency: str | None, words: Words) -> str:
    return f"{words.number(amount, 2)} {currency or '?'}"


def _shop(shop: Elsewhere, words: Words) -> str:
    """Who else sells it, for how much, and how it was recognised."""
    price = _money(shop.price, shop.currency, words) if shop.price is not None else words.no_data
    per_kg = words.say("offers.per_kg", usd=words.usd(shop.price_usd_kg)) if shop.price_usd_kg else ""
    seen, where = words.say("leads.seen", day=words.day(shop.last_seen)), words.country(shop.country)
    known = words.say(f"offers.by_{shop.by}")
    return " · ".join(part for part in (f"{plain(shop.shop, MOST)}, {where}", price, per_kg, seen, known) if part)
