"""schema.org products of a page (JSON-LD or microdata, one shape) -> facts about the one the page is about."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from market_db.values.money import read_currency
from market_db.values.text import clean, fold
from spiders.extract.exact import exact_number
from spiders.extract.nodes import Graph, Node, Value, nodes_of, text_of, types_of
from spiders.extract.stock import word_of
from spiders.extract.text import MAX_NAME, fragment_text

PRODUCT_TYPES = frozenset({"product", "productgroup", "individualproduct", "productmodel", "someproducts", "event"})
_FEW = 3
"""Products on a page that is still about one of them."""
_FITTING = 2
"""Least fit of the one product among many that the page is about."""
_OFFER_KEYS = ("offers", "offer", "offerdetails", "hasoffer")
_LIST_PRICE = frozenset({"listprice", "strikethroughprice", "suggestedretailprice", "msrp", "srp"})
AVAILABILITIES = {
    name.lower(): name
    for name in (
        [
            "InStock",
            "OutOfStock",
            "PreOrder",
            "PreSale",
            "BackOrder",
            "Discontinued",
            "InStoreOnly",
            "LimitedAvailability",
            "MadeToOrder",
            "OnlineOnly",
            "Reserved",
            "SoldOut",
        ]
    )
}
"""schema.org ItemAvailability."""
_GTIN_KEYS = ("gtin13", "gtin", "gtin12", "gtin14", "gtin8", "ean")
_GTIN = re.compile(r"\d{8}|\d{12,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What markup or page say about one product; None = not said."""

    name: str | None = None
    key: str | None = None
    url: str | None = None
    description: str | None = None
    brand: str | None = None
    gtin: str | None = None
    category: str | None = None
    price_text: str | None = None
    price: float | None = None
    price_max: float | None = None
    list_price: float | None = None
    currency_text: str | None = None
    currency: str | None = None
    availability: str | None = None
    seller: str | None = None
    offered: bool = False
    """Whether an offer is stated at all, priced or not."""


@dataclass(slots=True)
class _Asked:
    """One price that an offer states."""

    text: str
    amount: float
    most: float | None = None
    available: str | None = None
    listed: list[float] = field(default_factory=list)


def is_product(node: Node) -> bool:
    """Typed as a product, or a data-vocabulary one."""
    return bool(types_of(node) & PRODUCT_TYPES)


def availability_of(text: str | None) -> str | None:
    """schema.org name of an availability, None where it is another word."""
    bare = (text or "").rstrip("/").rpartition("/")[2].strip().lower()
    return AVAILABILITIES.get(bare.replace(" ", "").replace("_", "").replace("-", "")) or (word_of(bare) if bare else None)


def currency_of(text: str | None, country: str | None) -> str | None:
    """ISO 4217 of what markup gives as currency."""
    return read_currency(text, country=country) if text else None


def main_product(graph: Graph, names: Sequence[str], url: str) -> Node | None:
    """The product the page is about: named as its headings, at its address, with offers; None on pages that list many."""
    found = [node for node in graph.roots if is_product(node) and (text_of(node.get("name")) or node.get("offers"))]
    wanted = [fold(name, MAX_NAME) for name in names if name]
    ranked = sorted(found[:200], key=lambda node: -_fit(node, wanted, url))
    if len(found) > _FEW and (_fit(ranked[0], wanted, url) < _FITTING or _rivals(ranked, wanted, url)):
        return None
    return ranked[0] if ranked else None


def _rivals(ranked: Sequence[Node], wanted: Sequence[str], url: str) -> bool:
    """Whether products of several names fit the page equally well: a category whose heading is a word of all their names."""
    best = _fit(ranked[0], wanted, url)
    names = {fold(text_of(node.get("name")) or "", MAX_NAME) for node in ranked if _fit(node, wanted, url) >= best}
    return len(names) > _FEW


def _fit(node: Node, wanted: Sequence[str], url: str) -> float:
    name = fold(text_of(node.get("name")) or "", MAX_NAME)
    address = text_of(node.get("url"), "@id") or text_of(node.get("@id")) or ""
    named = any(name and (name in other or (other in name and len(other) > 0.4 * len(name))) for other in wanted)
    return 3 * named + 1.5 * any(key in node for key in _OFFER_KEYS) + 2 * (len(address) > 12 and address.split("#")[0] in url)


def facts_of(node: Node, country: str | None = None) -> Facts:
    """Read one product; its price is the lowest one asked now, 0 counts as not priced."""
    offers = list(_offers(node))
    currency_text = next((text for text in map(_currency_text, offers) if text), None)
    currency = currency_of(currency_text, country)
    asked = [price for offer in offers for price in _asked(offer, currency)]
    best = _best(asked)
    stated = [availability for availability in (_availability(offer) for offer in offers) if availability]
    return Facts(
        name=_name(node),
        key=text_of(node.get("sku")) or text_of(node.get("productid")) or text_of(node.get("mpn")),
        url=text_of(node.get("url"), "@id"),
        description=_description(node),
        brand=text_of(node.get("brand")) or text_of(node.get("manufacturer")),
        gtin=_gtin(node, offers),
        category=text_of(node.get("category")),
        price_text=best.text if best else None,
        price=best.amount if best else None,
        price_max=_most(best, asked),
        list_price=max((amount for price in asked for amount in price.listed if best and amount > best.amount), default=None),
        currency_text=currency_text if best else None,
        currency=currency if best else None,
        availability="InStock" if "InStock" in stated else next(iter(stated), None),
        seller=next((text for text in (text_of(offer.get("seller")) or text_of(offer.get("offeredby")) for offer in offers) if text), None),
        offered=bool(offers),
    )


def _name(node: Node) -> str | None:
    name = text_of(node.get("name"))
    return fragment_text(name, MAX_NAME) or None if name else None


def _description(node: Node) -> str | None:
    text = text_of(node.get("description"))
    return fragment_text(text) or None if text else None


def _offers(node: Node) -> Iterator[Node]:
    """Offers of the product and of its variants, those inside an AggregateOffer behind it; at most 500."""
    variants = list(nodes_of(node.get("hasvariant")))[:200]
    count = 0
    for owner in (node, *variants):
        for key in _OFFER_KEYS:
            for offer in nodes_of(owner.get(key)):
                yield from (offer, *nodes_of(offer.get("offers")))
                count += 1
                if count >= 500:
                    return


def _specifications(offer: Node) -> Iterator[Node]:
    """Price specifications; those without tax only where none has it."""
    found = list(nodes_of(offer.get("pricespecification")))
    taxed = [node for node in found if _taxed(node) is not False]
    yield from taxed or found


def _taxed(node: Node) -> bool | None:
    """valueAddedTaxIncluded, as a truth value or as a word."""
    value = node.get("valueaddedtaxincluded")
    return value if isinstance(value, bool) else {"true": True, "false": False}.get((text_of(value) or "").lower())


def _currency_text(offer: Node) -> str | None:
    for holder in (offer, *nodes_of(offer.get("pricespecification"))):
        text = text_of(holder.get("pricecurrency")) or text_of(holder.get("currency"))
        if text:
            return clean(text, 40)
    return None


def _asked(offer: Node, currency: str | None) -> Iterator[_Asked]:
    """Prices an offer asks; list prices of its specifications come along with the price they are compared with."""
    listed: list[float] = []
    found: list[_Asked] = []
    for holder in (offer, *_specifications(offer)):
        text = _printed(holder, "price", "lowprice", "minprice")
        amount = exact_number(text, currency)
        if not text or not amount:
            continue
        if fold(text_of(holder.get("pricetype")) or "", 100).rpartition("/")[2] in _LIST_PRICE:
            listed.append(amount)
        else:
            most = exact_number(_printed(holder, "highprice", "maxprice"), currency)
            found.append(_Asked(text, amount, most, _availability(offer), listed))
    yield from found


def _printed(holder: Node, *keys: str) -> str | None:
    for key in keys:
        value: Value = holder.get(key)
        if isinstance(value, float):
            return f"{value:.10g}"
        text = text_of(value)
        if text:
            return text[:200]
    return None


def _best(asked: Iterable[_Asked]) -> _Asked | None:
    """Lowest price that can be had; else the lowest."""
    prices = list(asked)
    had = [price for price in prices if price.available in ("InStock", "LimitedAvailability", "OnlineOnly")] or prices
    return min(had, key=lambda price: price.amount, default=None)


def _most(best: _Asked | None, asked: Iterable[_Asked]) -> float | None:
    if best is None:
        return None
    most = max(max(price.most or 0.0, price.amount) for price in asked)
    return most if most > best.amount else None


def _availability(offer: Node) -> str | None:
    value = offer.get("availability")
    for item in value if isinstance(value, list) else [value]:
        found = availability_of(text_of(item, "@id"))
        if found:
            return found
    return None


def _gtin(node: Node, offers: Sequence[Node]) -> str | None:
    for owner in (node, *offers[:5]):
        for key in _GTIN_KEYS:
            digits = (text_of(owner.get(key)) or "").replace(" ", "").replace("-", "")[:20]
            if _GTIN.fullmatch(digits):
                return digits
    return None
