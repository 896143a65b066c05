"""What a block of a listing is called, and where it leads: its heading, links and picture, compared with those of the other blocks."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from lxml.html import HtmlElement

from market_db.values.text import clean, plain
from spiders.extract import cues
from spiders.extract.emails_shown import EMAIL
from spiders.extract.phones_shown import labelled
from spiders.extract.shown import MONEY, Shown, attributes
from spiders.extract.stock import is_cart
from spiders.extract.text import MAX_NAME, own_text

HEADS = ("h2", "h3", "h4", "h5", "h1", "h6")
ALIKE = 0.6
"""Share of the words of a text that an address has, from which the text is what the address is about."""
_EMPHASIS = re.compile(r"title|heading|(?<![a-z])name(?![a-z]*-?value)|productname|product_name|company", re.IGNORECASE)
_WORDS = re.compile(r"[a-z0-9]{3,}")
_SCHEMES = ("tel:", "mailto:", "javascript:", "#", "callto:", "whatsapp:", "sms:")


@dataclass(frozen=True, slots=True)
class Named:
    """One text that may be the name of a block."""

    text: str
    url: str | None
    weight: float


def block_names(blocks: Sequence[HtmlElement], base: str, prices: Sequence[Shown | None]) -> list[tuple[str | None, str | None]]:
    """Name and address of each block; a text that most blocks repeat (a button, a note) names none of them."""
    found = [list(_candidates(block, base, price)) for block, price in zip(blocks, prices, strict=True)]
    repeated = Counter(text for names in found for text in {name.text for name in names})
    linked = Counter(pair for names in found for pair in {(name.text, name.url or "") for name in names})
    most = max(3, len(blocks) / 2)
    return [
        _best([name for name in names if repeated[name.text] < most and (not name.url or linked[name.text, name.url] < 3)])
        for names in found
    ]


def _best(names: list[Named]) -> tuple[str | None, str | None]:
    best = max(names, key=lambda name: name.weight, default=None)
    if best is None:
        return None, None
    return best.text, best.url or next((name.url for name in sorted(names, key=lambda name: -name.weight) if name.url), None)


def _candidates(block: HtmlElement, base: str, price: Shown | None) -> Iterator[Named]:
    """Texts of headings, links and pictures; a heading that is a link, or words that the address repeats, are worth most."""
    links = [anchor for anchor in block.iter("a") if _leads(anchor)]
    whole = [block] if block.tag == "a" and _leads(block) else []
    targets = [address for anchor in [*whole, *links] if (address := _address(anchor, base))]
    for anchor in links:
        text, target = own_text(anchor, MAX_NAME), _address(anchor, base)
        if _is_name(text, price) and not _is_wrapper(anchor, price):
            yield Named(text, target, 1.0 + _likeness(text, target) + 1.0 * _is_emphasised(anchor) + min(len(text), 60) / 100)
    for element in block.iter(*HEADS):
        text = own_text(element, MAX_NAME)
        if _is_name(text, price):
            inside = any(True for anchor in element.iter("a") if anchor in links) or any(
                outer.tag == "a" for outer in element.iterancestors()
            )
            target = next((_address(anchor, base) for anchor in element.iter("a") if anchor in links), targets[0] if targets else None)
            yield Named(text, target, 1.6 + 1.2 * inside + _likeness(text, target))
    for image in block.iter("img"):
        text = clean(image.get("alt") or image.get("title") or "", MAX_NAME)
        if len(text) > 3 and _is_name(text, price):
            target = next((_address(outer, base) for outer in image.iterancestors("a")), None)
            yield Named(text, target or (targets[0] if targets else None), 0.4 + 0.5 * _likeness(text, target))
            break
    yield from _marked(block, targets, price)
    for anchor in whole:
        yield from _repeated(anchor, _address(anchor, base), price)


def _repeated(block: HtmlElement, target: str | None, price: Shown | None) -> Iterator[Named]:
    """Texts of a link that is the whole block and repeats them in its address."""
    for element in block.iter("span", "div", "p"):
        text = own_text(element, MAX_NAME) if len(element) == 0 else ""
        if _is_name(text, price) and (likeness := _likeness(text, target)) >= ALIKE:
            yield Named(text, target, 0.6 + likeness)


def _marked(block: HtmlElement, targets: list[str], price: Shown | None) -> Iterator[Named]:
    """Elements whose author calls them name or title and that are no links."""
    for element in block.iter("span", "div", "p", "strong", "b", "td", "dt"):
        if len(element) <= 3 and _EMPHASIS.search(attributes(element)):
            text = own_text(element, MAX_NAME)
            if _is_name(text, price):
                target = targets[0] if targets else None
                yield Named(text, target, 1.2 + _likeness(text, target) + 0.6 * ("name" in (element.get("itemprop") or "")))


def _is_wrapper(anchor: HtmlElement, price: Shown | None) -> bool:
    """Whether a link holds the whole block, price or heading included: its text is more than a name."""
    return any(inner.tag in HEADS or (price is not None and inner is price.element) for inner in anchor.iterdescendants())


def _leads(anchor: HtmlElement) -> bool:
    href = (anchor.get("href") or "#").strip().lower()
    return not href.startswith(_SCHEMES)


def _is_emphasised(anchor: HtmlElement) -> bool:
    """Whether a link is a heading, bold, or called a name or title by its author."""
    parent = anchor.getparent()
    if parent is None:
        return False
    return parent.tag in (*HEADS, "strong", "b") or bool(_EMPHASIS.search(attributes(anchor)) or _EMPHASIS.search(attributes(parent)))


def _likeness(text: str, target: str | None) -> float:
    """Share of the words of a text that its address repeats, 0 to 1: shops write the name into it."""
    words = set(_WORDS.findall(plain(text, 200)))
    if not target or not words:
        return 0.0
    path = plain(unquote(urlsplit(target).path)[-300:], 300)
    return sum(word in path for word in words) / len(words)


def _is_name(text: str, price: Shown | None) -> bool:
    if len(text) < 2 or not any(char.isalpha() for char in text) or EMAIL.search(text) or (price and text == price.text):
        return False
    if len(text) <= 40 and (cues.BUTTON.match(text) or (labelled(text) and any(map(str.isdigit, text))) or _is_price(text)):
        return False
    return len(text) > 60 or not is_cart(text)


def _is_price(text: str) -> bool:
    """Whether a text is an amount of money and little else."""
    match = MONEY.search(text)
    return match is not None and len(match.group()) > 0.4 * len(text)


def _address(anchor: HtmlElement, base: str) -> str | None:
    try:
        return str(urljoin(base, (anchor.get("href") or "").strip()[:2_000]))
    except ValueError:
        return None
