"""Prices as a visitor sees them: for pages without markup, and to catch markup that is stale, net of tax or a start bid."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from lxml.html import HtmlElement

from market_db.reference import words
from market_db.values.money import Money, read_price
from market_db.values.text import fold
from spiders.extract import cues
from spiders.extract.document import Document
from spiders.extract.text import own_text, squeeze

MAX_CANDIDATES = 400
MAX_ELEMENTS = 20_000
PRICE_TEXT = 70
"""Characters of the longest text that is still a price."""
GOOD = 3.0
"""Score from which a shown price is believed."""
CLEAR = 6.0
"""Score from which a price says by itself that something is sold."""
_SIGNS = "$€£¥₹₩₪₺₽₴₫฿₱₦₸₾₡₲₭৳₮֏₼؋៛₵"
_CODES = (
    "USD|EUR|GBP|CHF|CAD|AUD|NZD|JPY|CNY|RMB|HKD|TWD|KRW|SGD|MYR|IDR|THB|PHP|VND|INR|PKR|BDT|LKR|AED|SAR|QAR|KWD|BHD|OMR|JOD|EGP|MAD|DZD"
    "|TND|ILS|TRY|IRR|ZAR|NGN|KES|GHS|UGX|TZS|XOF|XAF|RUB|UAH|KZT|BYN|GEL|AMD|AZN|UZS|PLN|CZK|HUF|RON|BGN|RSD|BAM|MKD|HRK|ISK|SEK|NOK|DKK"
    "|BRL|MXN|ARS|CLP|COP|PEN|UYU|BOB|PYG|GTQ|CRC|DOP"
)
_BEFORE = rf"{_CODES}|RM|Rp|Rs|Kč|kr|K[Ss]h|KD|JD|QR|SR|D[Hh]s?|S/|Bs|Q|Tk|Fr|euro|Euro"
_AFTER = (
    rf"{_CODES}|[Ee]uros?|EURO|zł|zl|kr|Kč|Ft|[Ll]ei|LEI|TL|KM|KD|din|dinara|[Dd]hs?|DHS?|kn|Br|FCFA|CFA|[Bb]aht|VNĐ|đ|soles|лв|лева|руб|р\.|грн|тг|тнг"
    r"|тенге|сум|сом|ден|дин|KM|ر\.س|ر\.ق|ر\.ع|د\.إ|د\.ك|د\.ب|د\.أ|د\.م|د\.ت|د\.ج|ج\.م|ل\.ل|ريال|جنيه|درهم|دينار|تومان|ש\"ח|บาท"
)


def _firsts(alternatives: str) -> str:
    """The letters with which one of the alternatives begins, as the inside of a character class."""
    return "".join(text[1 : text.index("]")] if text[0] == "[" else text[0] for text in alternatives.split("|"))


MONEY = re.compile(
    rf"(?=[\d{_SIGNS}{_firsts(_BEFORE)}])(?:"  # cheap looks at what comes, before the lists
    rf"(?:[{_SIGNS}]|(?<!\w)(?=[^\W\d_]{{1,4}}[/.]{{0,2}}\s{{0,2}}\d)(?:{_BEFORE})\.?)\s{{0,2}}\d"
    rf"|\d[\d.,' \u00a0\u202f]{{0,20}}(?:,-+|\.-+)?\s{{0,2}}(?=[{_SIGNS}元円원圓{_firsts(_AFTER)}])"
    rf"(?:[{_SIGNS}]|(?:{_AFTER})(?![a-zа-я])|[元円원圓])"
    r"|\d(?:,-|:-|\.-)(?!\w))|^\s*\d{1,2}\s?(?:¢|c|p|ct|cents|pence)\s*$"
)
"""A number with a currency beside it; words and codes as they are printed, because "ft" and "all" are words too."""
_QUICK = re.compile(rf"[0-9٠-٩۰-۹{_SIGNS}łč元円원圓]")
_SIGN_LENGTH = 4
"""Characters of the longest text that is only a currency."""
_MONEYLIKE = re.compile(rf"[\d{_SIGNS}元円원圓]|{_AFTER}")
_DIGIT = re.compile(r"\d")
_SYMBOL = re.compile(
    rf"(?=[{_SIGNS}元円원圓{_firsts(_BEFORE)}{_firsts(_AFTER)}])(?:[{_SIGNS}元円원圓]|(?<![A-Za-z])(?:{_BEFORE}|{_AFTER})(?![a-zа-я]))"
)
_LETTER = re.compile(r"[^\W\d_]")
_NUMBERS = re.compile(r"\d[\d.,' \u00a0\u202f]*")
_PRICE_PROPERTIES = frozenset({"price", "schema:price", "gr:hasCurrencyValue", "v:price"})
"""A price in microdata, RDFa Lite (schema.org), GoodRelations and data-vocabulary."""
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
    crossed: bool = False
    """Struck by its tag or style, not only by what it is called: themes call a lone price "regular" too."""
    net: bool = False
    """Without tax, as far as the page says."""


class _Names:
    """Labels of a page by what they say of a price in the elements that have them."""

    def __init__(self, doc: Document, chains: Iterable[Sequence[HtmlElement]]) -> None:
        self.labels: Mapping[HtmlElement, str] = doc.labels
        used = {label for chain in chains for outer in chain if (label := doc.labels.get(outer))}
        self.price, self.old, self.current = (cue.among(used) for cue in (cues.PRICE_ATTRIBUTE, cues.OLD_PRICE, cues.CURRENT_PRICE))
        self.aside, self.unit, self.net = (cue.among(used) for cue in (cues.ASIDE, cues.UNIT_PRICE, cues.NET_PRICE))


def shown_prices(doc: Document, heading: HtmlElement | None) -> list[Shown]:
    """Price-like texts in document order, scored by what their classes say and by how close below the heading they stand."""
    found: list[tuple[HtmlElement, str, int]] = []
    heading_at = None
    around = frozenset() if heading is None else frozenset(lineage(heading, 40))
    priced = doc.labelled("price", cues.PRICE_ATTRIBUTE)
    likely = _likely(doc, priced)
    for place, element in enumerate(doc.elements[:MAX_ELEMENTS]):
        if element is heading:
            heading_at = place
        if element not in likely:
            continue
        if len(found) >= MAX_CANDIDATES:
            break
        shown = _holder(element) if element.tag in _PARTS else None
        text = _price_text(shown, shown is not element, doc.labels.get(shown) in priced) if shown is not None else None
        if shown is not None and text:
            found.append((shown, text, place))
    chains = [list(lineage(element)) for element, _, _ in found]
    names = _Names(doc, chains)
    prices = [_scored(chain, text, place, around, names) for chain, (_, text, place) in zip(chains, found, strict=True)]
    return [_placed(price, heading_at) for price in _outermost(prices)]


def _likely(doc: Document, priced: Container[str]) -> set[HtmlElement]:
    """Elements worth a closer look: called a price, or with a digit or a sign, or next to nothing, as their own text."""
    found = set(doc.called_in(priced))
    for element in () if doc.root is None else doc.root.iter(*_PARTS):
        text = (element.text or "").strip()
        if text and (len(text) <= _SIGN_LENGTH or _QUICK.search(text)):
            found.add(element)
    for element in doc.elements[:MAX_ELEMENTS]:
        tail = element.tail
        if tail and not tail.isspace() and _QUICK.search(tail) and (parent := element.getparent()) is not None:
            found.add(parent)
    return found


def best_price(prices: list[Shown]) -> Shown | None:
    """The price most likely asked; the first of equals. One that is only called old counts where there is no other."""
    best = _first_best(p for p in prices if not p.struck)
    if best is None or best.score < GOOD:
        called = _first_best(p for p in prices if p.struck and not p.crossed)
        best = called if called and called.score >= GOOD else best
    return best


def _first_best(prices: Iterable[Shown]) -> Shown | None:
    return max(prices, key=lambda p: (p.score, -p.place), default=None)


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
    """Class, id and property (microdata, RDFa) as one text."""
    return f"{element.get('class') or ''} {element.get('id') or ''} {_property(element)}"[:300]


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
        if 0 < len(text) <= _SIGN_LENGTH and len(element) == 0 and _SYMBOL.search(text) and not any(map(str.isdigit, text))
        else element
    )


def _price_text(element: HtmlElement, split: bool, marked: bool) -> str | None:
    """Text of an element that shows a price and little else; `split`: number and sign stand in parts of their own."""
    children = len(element)
    direct = (element.text or "") + "".join((child.tail or "")[:80] for child in element[:8]) if children else element.text or ""
    amount = _DIGIT.search(direct)
    if children > 12 or not (amount or children):
        return None
    if not marked and not split and not (amount or _MONEYLIKE.search(direct[:400])):
        return None
    if not (marked or split or (amount and MONEY.search(direct[:400])) or _SYMBOL.search(direct[:100])):
        return None
    text = own_text(element, PRICE_TEXT + 10)
    if not marked and not MONEY.search(text):
        return None
    if len(text) > PRICE_TEXT:
        if marked:  # long for what lies in it: the price is what it says itself
            own = squeeze(" ".join([element.text or "", *((child.tail or "") for child in element[:8])]))
            return own if len(own) <= PRICE_TEXT and MONEY.search(own) else None
        match = MONEY.search(direct[:400])
        return direct[max(0, match.start() - 12) : match.end() + 8].strip() if match else None
    return text if any(char.isdigit() for char in text) else None


def _outermost(prices: list[Shown]) -> list[Shown]:
    """Without prices that repeat, or are a part of, the one they lie in (cents in a <sup>); struck parts stay apart.

    What holds an old or net price and one that is neither is no price itself.
    """
    kept: dict[HtmlElement, Shown] = {}
    mixed = _holders(p for p in prices if p.struck or p.net) & _holders(p for p in prices if not p.struck and not p.net)
    for price in prices:
        if price.element in mixed and not price.struck:
            continue
        parent = next((kept[outer] for outer in lineage(price.element, 5) if outer in kept), None)
        if (
            parent is None
            or price.score > parent.score + 0.6
            or price.struck != parent.struck
            or len(parent.text) > 2.5 * len(price.text) + 6
        ):
            kept[price.element] = price
    return list(kept.values())


def _holders(prices: Iterable[Shown]) -> set[HtmlElement]:
    """What prices lie in."""
    return {outer for price in prices for outer in islice(lineage(price.element, 5), 1, None)}


def _scored(chain: Sequence[HtmlElement], text: str, place: int, around: frozenset[HtmlElement], names: _Names) -> Shown:
    """Score one candidate with what it lies in; what surrounds the heading too says nothing about it."""
    element = chain[0]
    called = [names.labels.get(outer, "") for outer in chain if outer is element or outer not in around]
    said = bool(_LETTER.search(text))
    small = text.lower()
    crossed = any(outer.tag in _STRUCK for outer in chain[:4]) or any("line-through" in (outer.get("style") or "") for outer in chain[:3])
    old = cues.OLD_PRICE_TEXT.search(small) if said else None
    old = None if old and len(MONEY.findall(text)) > 1 else old  # "instead of 8,90 EUR only 6,90 EUR"
    crossed = crossed or (old is not None and not cues.REGULAR_PRICE_TEXT.match(old.group()))
    struck = crossed or old is not None or not names.old.isdisjoint(called[:2])
    net = _is_net(element, text, called[0] in names.net)
    score = 2.0 * (not names.price.isdisjoint(called[:3])) + 2.0 * bool(MONEY.search(text))
    score += 1.0 * (not names.current.isdisjoint(called[:3])) + 1.0 * (said and bool(cues.CURRENT_PRICE_TEXT.search(small)))
    score += 1.5 * (_property(element) in _PRICE_PROPERTIES) - 4.0 * (not names.aside.isdisjoint(called))
    score -= 3.0 * (said and bool(cues.OTHER_AMOUNT_TEXT.search(small))) + 1.5 * net
    score -= 1.5 * (called[0] in names.unit) + 1.5 * (said and bool(cues.PER_UNIT.search(text)))
    score -= 0.03 * max(0, len(text) - 15) + 1.5 * text.lstrip().startswith(("-", "–", "+", "%")) + 2.0 * ("%" in text)
    return Shown(element, text, score, struck, place, crossed, net)


def _property(element: HtmlElement) -> str:
    return element.get("itemprop") or element.get("property") or ""


def _is_net(element: HtmlElement, text: str, called: bool) -> bool:
    """Whether a lone number is a price without tax: by what it is called, or by a word in its text or before it."""
    if called or _net_words().search(fold(text, PRICE_TEXT)):
        return len(_NUMBERS.findall(text)) < 2
    before = element.getprevious()
    label = fold(own_text(before, 40), 40) if before is not None and len(before) < 3 else ""
    return bool(_net_words().match(label)) and not _NUMBERS.search(label)


@cache
def _net_words() -> re.Pattern[str]:
    found = sorted(words("prices", "before_net"), key=lambda word: (-len(word), word))
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, found))})(?!\w)")


def _placed(price: Shown, heading_at: int | None) -> Shown:
    """Closer below the heading is better; above it is worse."""
    if heading_at is None:
        return _rescored(price, max(0.0, 1.0 - price.place / 1_500))
    distance = price.place - heading_at
    bonus = 3.0 * max(0.0, 1.0 - distance / 400) if distance >= 0 else -0.5 - min(1.5, -distance / 200)
    return _rescored(price, bonus)


def _rescored(price: Shown, bonus: float) -> Shown:
    """With a bonus; `dataclasses.replace` takes twice as long, and pages have dozens of prices."""
    return Shown(price.element, price.text, price.score + bonus, price.struck, price.place, price.crossed, price.net)
