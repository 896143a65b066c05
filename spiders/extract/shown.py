"""Prices as a visitor sees them: for pages without markup, and to catch markup that is stale, net of tax or a start bid."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree
from lxml.html import HtmlElement

from market_db.values.money import Money, read_price
from spiders.extract import cues
from spiders.extract.document import Document
from spiders.extract.text import own_text

MAX_CANDIDATES = 400
MAX_ELEMENTS = 20_000
PRICE_TEXT = 70
"""Characters of the longest text that is still a price."""
GOOD = 3.0
"""Score from which a shown price is believed."""
CLEAR = 6.0
"""Score from which a price says by itself that something is sold."""
_BEFORE = r"USD|EUR|GBP|CHF|RM|Rp|Rs|kr|SEK|NOK|DKK|PLN|CZK|HUF|RON|AED|SAR|QAR|KWD|EGP|TRY|ZAR|IDR|MYR|SGD|HKD|TWD|JPY|CNY|KRW"
_AFTER = (
    r"zł|kr|Kč|Ft|лв|руб|грн|тг|тнг|р\.|lei|Lei|USD|EUR|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|AED|SAR|QAR|EGP|TL"
    r"|ден|din|KM|KD|ر\.س|ريال|جنيه|درهم"
)
MONEY = re.compile(
    rf"(?:[$€£¥₹₩₪₺₽₴₫฿₱₦₸]|\b(?:{_BEFORE})\.?)\s{{0,2}}\d"
    rf"|\d[\d.,' \u00a0\u202f]{{0,20}}(?:,-+|\.-+)?\s{{0,2}}(?:[$€£¥₹₩₪₺₽₴₫฿₱₸]|(?:{_AFTER})(?![a-zа-я])|[元円원])"
)
_MONEYLIKE = re.compile(r"[\d€$£¥元円원₽₩]|zł|kr|Kč|Ft|руб|лв|тг|Lei")
_SYMBOL = re.compile(r"[€$£¥元円원₽₩]|(?<![a-z])(?:zł|kr|Kč|Ft|руб|лв|тг|Lei)(?![a-z])")
_STRUCK = frozenset({"del", "s", "strike"})
_PARTS = frozenset(
    {
        "span",
        "sup",
        "sub",
        "b",
        "strong",
        "em",
        "i",
        "font",
        "small",
        "bdi",
        "ins",
        "data",
        "p",
        "div",
        "td",
        "label",
        "h2",
        "h3",
        "h4",
        "dd",
        "a",
        "li",
        "del",
        "s",
        "strike",
    }
)
_UNSEEN = frozenset({"script", "style", "noscript", "template", "option", "select", "textarea", "title", "svg", "iframe", "head"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A price on the page: its text, how likely it is the one asked for the product of the page, and whether it is struck."""

    element: HtmlElement
    text: str
    score: float
    struck: bool
    place: int
    """Number of the element in document order."""


def shown_prices(doc: Document, heading: HtmlElement | None) -> list[Shown]:
    """Price-like texts in document order, scored by what their classes say and by how close below the heading they stand."""
    found: list[Shown] = []
    heading_at = None
    around = frozenset() if heading is None else frozenset(lineage(heading, 40))
    body = None if doc.root is None else doc.root.find("body")
    for place, element in enumerate(() if body is None else body.iter(etree.Element)):
        if element is heading:
            heading_at = place
        if place > MAX_ELEMENTS or len(found) >= MAX_CANDIDATES:
            break
        shown = _holder(element) if element.tag in _PARTS else None
        text = _price_text(shown, shown is not element) if shown is not None else None
        if shown is not None and text:
            found.append(_scored(shown, text, place, around))
    return [_placed(price, heading_at) for price in _outermost(found)]


def best_price(prices: list[Shown]) -> Shown | None:
    """The price most likely asked; the first of equals."""
    return max((p for p in prices if not p.struck), key=lambda p: (p.score, -p.place), default=None)


def read_shown(price: Shown, currency_text: str | None, country: str | None) -> Money | None:
    """Amount and currency of a shown price; a currency printed beside it (in the parent) helps."""
    money = read_price(price.text, currency_text=currency_text, country=country)
    if money is None or money.currency or currency_text:
        return money
    parent = price.element.getparent()
    around = own_text(parent, PRICE_TEXT) if parent is not None else ""
    beside = read_price(around, country=country) if around != price.text and len(around) < PRICE_TEXT else None
    return replace(money, currency=beside.currency) if beside and beside.amount == money.amount else money


def attributes(element: HtmlElement) -> str:
    """Class, id and itemprop as one text."""
    return f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"[:300]


def lineage(element: HtmlElement, levels: int = 12) -> Iterator[HtmlElement]:
    """The element and what it lies in, up to body."""
    current: HtmlElement | None = element
    while current is not None and current.tag != "body" and levels:
        yield current
        current, levels = current.getparent(), levels - 1


def _holder(element: HtmlElement) -> HtmlElement | None:
    """The element; its parent where it holds only the currency sign of a number beside it."""
    text = (element.text or "").strip()
    return (
        element.getparent()
        if 0 < len(text) <= 4 and len(element) == 0 and _SYMBOL.search(text) and not any(map(str.isdigit, text))
        else element
    )


def _price_text(element: HtmlElement, split: bool) -> str | None:
    """Text of an element that shows a price and little else; `split`: number and sign stand in parts of their own."""
    marked = bool(cues.PRICE_ATTRIBUTE.search(attributes(element)))
    direct = (element.text or "") + "".join((child.tail or "")[:80] for child in element[:8])
    if not marked and not split and not _MONEYLIKE.search(direct[:400]):
        return None
    if len(element) > 12 or not (marked or split or (direct and (MONEY.search(direct[:400]) or _SYMBOL.search(direct[:100])))):
        return None
    text = own_text(element, PRICE_TEXT + 10)
    if not marked and not MONEY.search(text):
        return None
    if len(text) > PRICE_TEXT:
        match = MONEY.search(direct[:400])
        return direct[max(0, match.start() - 12) : match.end() + 8].strip() if match and not marked else None
    return text if any(char.isdigit() for char in text) else None


def _outermost(prices: list[Shown]) -> list[Shown]:
    """Without prices that repeat, or are a part of, the one they lie in (cents in a <sup>); struck parts stay apart."""
    kept: dict[HtmlElement, Shown] = {}
    for price in prices:
        parent = next((kept[outer] for outer in lineage(price.element, 5) if outer in kept), None)
        if (
            parent is None
            or price.score > parent.score + 0.6
            or price.struck != parent.struck
            or len(parent.text) > 2.5 * len(price.text) + 6
        ):
            kept[price.element] = price
    return list(kept.values())


def _scored(element: HtmlElement, text: str, place: int, around: frozenset[HtmlElement]) -> Shown:
    """Score one candidate; what surrounds the heading too says nothing about it."""
    names = [attributes(outer) for outer in lineage(element) if outer is element or outer not in around]
    near = " ".join(names[:3])
    money = bool(MONEY.search(text))
    struck = any(outer.tag in _STRUCK for outer in lineage(element, 4)) or bool(cues.OLD_PRICE.search(" ".join(names[:2])))
    struck = struck or "line-through" in (element.get("style") or "") or bool(cues.OLD_PRICE_TEXT.search(text))
    score = 2.0 * bool(cues.PRICE_ATTRIBUTE.search(near)) + 2.0 * money + 1.0 * bool(cues.CURRENT_PRICE.search(near))
    score += 1.0 * bool(cues.CURRENT_PRICE_TEXT.search(text)) - 3.0 * bool(cues.OTHER_AMOUNT_TEXT.search(text))
    score += 1.5 * (element.get("itemprop") == "price") - 4.0 * bool(cues.ASIDE.search(" ".join(names)))
    score -= 0.03 * max(0, len(text) - 15) + 1.5 * text.lstrip().startswith(("-", "–", "+", "%")) + 2.0 * ("%" in text)
    return Shown(element, text, score, struck, place)


def _placed(price: Shown, heading_at: int | None) -> Shown:
    """Closer below the heading is better; above it is worse."""
    if heading_at is None:
        return replace(price, score=price.score + max(0.0, 1.0 - price.place / 1_500))
    distance = price.place - heading_at
    bonus = 3.0 * max(0.0, 1.0 - distance / 400) if distance >= 0 else -0.5 - min(1.5, -distance / 200)
    return replace(price, score=price.score + bonus)
