"""The product a page is about, put together from JSON-LD, microdata, OpenGraph and what is shown, in this order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lxml.html import HtmlElement
from parsel import Selector

from market_db.values.money import Money, read_price
from market_db.values.text import clean, fold
from spiders.extract import cues
from spiders.extract.document import Document
from spiders.extract.exact import exact_number
from spiders.extract.location import english
from spiders.extract.naming import product_name
from spiders.extract.nodes import types_of
from spiders.extract.products import Facts, availability_of, currency_of, facts_of, main_product
from spiders.extract.shown import CLEAR, GOOD, Shown, best_price, read_shown, shown_prices
from spiders.extract.stock import cart_among, has_cart, lines_below, said_availability, sold_out
from spiders.extract.text import MAX_NAME, fragment_text, own_text
from spiders.extract.tiles import in_tiles
from spiders.site import Site

NOT_OFFERS = frozenset({"recipe", "newsarticle", "blogposting", "article", "jobposting", "faqpage", "qapage", "movie", "videoobject"})
"""A page about one of these offers nothing, whatever numbers stand on it."""
_OG_PRICES = ("product:sale_price:amount", "product:price:amount", "og:price:amount", "product:price", "og:price")
_OG_CURRENCIES = ("product:sale_price:currency", "product:price:currency", "og:price:currency")
_DIGITS = re.compile(r"\D")
_BRAND_PARTS = ("a", "img", "span", "div", "h2")
_BRAND_LABEL = re.compile(
    r"^(?:brand|marke|hersteller|marka|marca|marque|бренд|производитель|producent|značka|merk|brands?|브랜드|品牌)\s*[:：]\s*(.{2,60})$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Offered:
    """Facts, where they came from (jsonld, microdata, opengraph, dom), and the prices seen on the way."""

    facts: Facts | None
    basis: str
    prices: tuple[Shown, ...] = ()


def page_offer(doc: Document, country: str | None) -> Offered:
    """Facts of the product the page is about; None where it offers none or many. A bare "$" of an English page is the American one."""
    country = country or ("US" if english(doc) else None)
    names = [*(text for _, text in doc.headings[:3]), doc.title, doc.metas.get("og:title", "")]
    basis, stated = _stated(doc, names, country)
    if (stated is None or basis == "opengraph" or not stated.price) and is_other(doc):
        return Offered(None, "none")
    name, heading = product_name(doc, stated.name if stated else None, stated.brand if stated else None)
    if basis == "jsonld" and stated and stated.price and not _disputed(doc, stated):
        return Offered(_completed(doc, replace(stated, name=name)), basis)
    prices = tuple(shown_prices(doc, heading))
    own = prices if stated or heading is None else _above_tiles(doc, prices, heading)
    facts = _with_shown(doc, stated or Facts(), own, country)
    if stated is None and not _sold_here(doc, facts, own, heading):
        return Offered(None, "none", prices)
    return Offered(_completed(doc, replace(facts, name=name)), basis if stated else "dom", prices)


def _stated(doc: Document, names: Sequence[str], country: str | None) -> tuple[str, Facts | None]:
    """Facts of the first syntax that knows the product, holes filled from the next."""
    found: list[tuple[str, Facts]] = []
    for basis in ("jsonld", "microdata"):
        node = main_product(doc.jsonld if basis == "jsonld" else doc.microdata, names, doc.url)
        if node is not None:
            found.append((basis, facts_of(node, country)))
            if found[0][1].price and found[0][1].name:
                break
    if not found or not found[0][1].price:
        social = _opengraph(doc, country)
        found += [("opengraph", social)] if social else []
    if not found:
        return "none", None
    basis, facts = found[0]
    for _, other in found[1:]:
        facts = _filled(facts, other)
    return basis, facts


def _filled(facts: Facts, other: Facts) -> Facts:
    """Holes of one filled from the other; a price travels with its currency."""
    if facts.price is None and other.price is not None:
        facts = replace(facts, price=other.price, price_text=other.price_text, currency=other.currency, currency_text=other.currency_text)
    return replace(
        facts,
        name=facts.name or other.name,
        brand=facts.brand or other.brand,
        availability=facts.availability or other.availability,
        seller=facts.seller or other.seller,
        key=facts.key or other.key,
        offered=facts.offered or other.offered,
    )


def _opengraph(doc: Document, country: str | None) -> Facts | None:
    """Product properties of OpenGraph (product:price:amount and its dialects)."""
    if "og:" not in doc.decoded.text and "product:" not in doc.decoded.text:
        return None
    found = doc.opengraph
    text = next((found[key] for key in _OG_PRICES if found.get(key)), None)
    if not text and not found.get("og:type", "").endswith("product"):
        return None
    currency_text = next((found[key] for key in _OG_CURRENCIES if found.get(key)), None)
    money = None if currency_text else read_price(text or "", country=country)
    currency = currency_of(currency_text, country) or (money.currency if money else None)
    return Facts(
        price_text=text,
        price=exact_number(text, currency) or (money.amount if money else None) or None,
        currency_text=currency_text,
        currency=currency,
        brand=found.get("product:brand") or found.get("og:brand"),
        availability=availability_of(found.get("product:availability") or found.get("og:availability")),
        offered=bool(text),
    )


def _disputed(doc: Document, stated: Facts) -> bool:
    """Whether OpenGraph names another price than JSON-LD (a start bid, a stale offer): then the page is asked."""
    other = _social_price(doc, stated.currency)
    return bool(other) and other not in (stated.price, stated.price_max)


def _social_price(doc: Document, currency: str | None) -> float | None:
    return next((exact_number(doc.metas[key], currency) for key in _OG_PRICES if doc.metas.get(key)), None)


def _with_shown(doc: Document, stated: Facts, prices: Sequence[Shown], country: str | None) -> Facts:
    """Price asked: the stated one where the page shows it unstruck, or shows none that can be believed; else the one shown."""
    best = best_price([*prices])
    money = read_shown(best, None, country) if best else None
    if best is None or money is None or not money.amount or best.score < GOOD:
        return stated
    if stated.price is not None:
        if abs(money.amount - (_social_price(doc, stated.currency) or -1)) < 0.006:
            return _asked(stated, best, money, prices, country)
        # the best comes first, because mostly it is the one
        likely = sorted((price for price in prices if not price.struck and price.score >= best.score - 3.0), key=lambda p: p is not best)
        amounts = (read_shown(price, stated.currency_text, country) for price in likely)
        if any(shown and abs(shown.amount - stated.price) < 0.006 for shown in amounts):
            return stated if stated.currency else replace(stated, currency=money.currency)
        if not _plausible(stated.price, money.amount):
            return stated
    return _asked(stated, best, money, prices, country)


def _plausible(stated: float, shown: float) -> bool:
    """Whether the shown amount can be the same offer (tax, discount, bids); otherwise it belongs to something else."""
    return 0.3 <= shown / stated <= 3.4


def _asked(stated: Facts, best: Shown, money: Money, prices: Sequence[Shown], country: str | None) -> Facts:
    struck = [read_shown(price, None, country) for price in prices if price.struck and abs(price.place - best.place) < 60]
    listed = [old.amount for old in struck if old and old.amount > money.amount]
    return replace(
        stated,
        price_text=best.text,
        price=money.amount,
        price_max=money.amount_max,
        list_price=money.list_price or (min(listed) if listed else None),
        currency=money.currency or stated.currency or _house_currency(prices, country),
        currency_text=stated.currency_text,
    )


def _house_currency(prices: Sequence[Shown], country: str | None) -> str | None:
    """The currency of the other prices on the page, where they all have one: a shop asks in one currency."""
    read = [read_shown(price, None, country) for price in prices[:40]]
    found = {money.currency for money in read if money and money.currency}
    return found.pop() if len(found) == 1 else None


def is_other(doc: Document) -> bool:
    """About a recipe, an article, a job: by its types."""
    kinds = {kind for graph in (doc.jsonld, doc.microdata) for node in graph.roots[:100] for kind in types_of(node)}
    return bool(kinds & NOT_OFFERS) or doc.metas.get("og:type", "").lower() in ("article:recipe", "recipe")


def _above_tiles(doc: Document, prices: tuple[Shown, ...], heading: HtmlElement) -> tuple[Shown, ...]:
    """Without the prices of other products, where a cart button stands between the heading and the first of them.

    Themes call the prices of recommended products a price, and that of the product nothing at all.
    """
    best = best_price([*prices])
    tiles = in_tiles(prices) if best and best.score >= GOOD else ()
    if best not in tiles:
        return prices
    start, end = doc.elements.index(heading), min(price.place for price in tiles)
    own = tuple(price for price in prices if price not in tiles)
    asked = any(not price.struck and price.score >= GOOD and start < price.place < end for price in own)
    return own if asked and cart_among(doc.elements[start:end]) else prices


def _sold_here(doc: Document, facts: Facts, prices: Sequence[Shown], heading: HtmlElement | None) -> bool:
    """Whether a page without markup sells one thing: a cart button or a clear price below its heading, and not one tile of many."""
    best = best_price([*prices])
    gone = heading is not None and sold_out(lines_below(doc, own_text(heading, MAX_NAME)))
    if gone and (best is None or best.score < GOOD or best not in in_tiles(prices)):
        return True
    if best is None or facts.price is None or _is_missing(doc):
        return False
    digits = _DIGITS.sub("", best.text)
    rivals = [
        p
        for p in prices
        if not p.struck and p.score > best.score - 0.8 and _DIGITS.sub("", p.text) not in digits and digits not in _DIGITS.sub("", p.text)
    ]
    if heading is not None and best.score >= CLEAR + 1 and not rivals:
        return True
    if best in in_tiles(prices):
        return False
    many = len([price for price in prices if not price.struck and price.score >= GOOD])
    cart = has_cart(doc)
    return (cart or best.score >= CLEAR) and (many <= 12 or best.score >= CLEAR)


def _is_missing(doc: Document) -> bool:
    """Whether the page says that there is no such page, and shows other products instead."""
    return any(cues.NOT_FOUND.search(text) for text in (doc.title, *(text for _, text in doc.headings[:2])))


def _completed(doc: Document, facts: Facts) -> Facts:
    """Brand from the page where markup is silent, availability from both."""
    brand = facts.brand or _shown_brand(doc, facts.name)
    return replace(facts, brand=_tidy_brand(brand, doc), availability=_availability(doc, facts))


def _tidy_brand(brand: str | None, doc: Document) -> str | None:
    """Brand without entities; unknown where markup gives the site's own title."""
    text = clean((brand or "").rpartition(":")[2], 80)
    return text if text and text[0] not in "${<" and fold(text) not in (fold(doc.title), "null", "none", "-", "n/a") else None


def _shown_brand(doc: Document, name: str | None) -> str | None:
    if doc.root is None or name is None:
        return None
    called = list(doc.called("brand", "manufactur"))
    stated = [each for each in (*doc.root.iter("meta", "link"), *called) if each.get("itemprop") in ("brand", "manufacturer")]
    for element in stated[:5]:
        text = clean(element.get("content") or element.text_content(), 80)
        if text:
            return text
    named = fold(name, MAX_NAME)
    branded = (part for holder in called for part in holder.iter(*_BRAND_PARTS))
    for _, element in zip(range(20), branded, strict=False):
        text = clean(own_text(element, 60) or element.get("alt") or "", 60)
        if 1 < len(text) <= 40 and fold(text) in named:
            return text
    labelled = (line for line in doc.lines[:400] if len(line) < 90 and (":" in line or "：" in line))
    return next((match.group(1) for line in labelled if (match := _BRAND_LABEL.match(line))), None)


def _availability(doc: Document, facts: Facts) -> str | None:
    """As markup states it, unless the page says that it is sold out; else from the lines below the name or a cart button."""
    near = lines_below(doc, facts.name or "")
    if facts.availability:
        return "OutOfStock" if facts.availability in ("InStock", "LimitedAvailability") and sold_out(near[:30]) else facts.availability
    return said_availability(near) or ("InStock" if facts.price is not None and has_cart(doc) else None)


def overridden(doc: Document, facts: Facts, site: Site) -> Facts:
    """Facts with what the row of a site reads by its own selectors; a selector that finds nothing is a fault of the row."""
    found: dict[str, str] = {}
    for name, selector in site.detail.items():
        element = next(iter(Selector(root=doc.root, type="html").css(selector.removeprefix("css:"))), None)
        text = fragment_text(element.get(), MAX_NAME) if element is not None else ""
        if text:
            found[name] = text
        else:
            doc.faults.append(f"selector_empty_{name}")
    printed = found.get("price")
    money = read_price(printed, currency_text=site.currency, country=site.country) if printed else None
    if printed and money:
        facts = replace(
            facts, price_text=printed, price=money.amount or None, price_max=money.amount_max, currency=money.currency or site.currency
        )
    return replace(
        facts,
        name=found.get("name", facts.name),
        brand=found.get("brand", facts.brand),
        seller=found.get("seller", facts.seller),
    )
