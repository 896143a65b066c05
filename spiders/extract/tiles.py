"""Repeated blocks of a listing or directory page: products with prices, firms with contacts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml.html import HtmlElement

from market_db.values.text import clean
from spiders.extract.contacts import NO_CONTACTS, Contacts, fragment_contacts
from spiders.extract.document import Document
from spiders.extract.emails_shown import EMAIL
from spiders.extract.shown import Shown, lineage
from spiders.extract.stock import is_cart
from spiders.extract.text import MAX_NAME, own_text

LEAST = 3
"""Blocks of one shape that make a listing."""
MAX_TILES = 500
MAX_LEVELS = 14
SEVERAL_CONTACTS = 0.24
"""A firm shows up to four links of one shape (phone, fax, mobile, mail)."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One block: its name, where it leads, its price as shown, its contacts."""

    name: str
    block: HtmlElement
    url: str | None = None
    price: Shown | None = None
    contacts: Contacts = NO_CONTACTS


def product_tiles(doc: Document, prices: Sequence[Shown]) -> tuple[Tile, ...]:
    """Blocks that show a price each."""
    signals = {price.element: price for price in prices}
    tiles: list[Tile] = []
    for block in _largest(signals):
        inside = [price for element, price in signals.items() if block in set(lineage(element, MAX_LEVELS))]
        asked = max((p for p in inside if not p.struck), key=lambda p: (p.score, -p.place), default=None)
        name, url = _title(block, doc.url, asked)
        if name and asked:
            tiles.append(Tile(name, block, url, asked))
    return tuple(tiles) if len(tiles) >= LEAST else ()


def company_tiles(doc: Document, country: str | None) -> tuple[Tile, ...]:
    """Blocks that show a phone number or an e-mail address each."""
    signals = (
        {}
        if doc.root is None
        else {anchor: None for anchor in doc.root.iter("a") if (anchor.get("href") or "").lower().startswith(("tel:", "mailto:"))}
    )
    tiles = []
    for block in _largest(signals, SEVERAL_CONTACTS):
        name, url = _title(block, doc.url, None)
        if name:
            tiles.append(Tile(name, block, url, None, fragment_contacts(block, country)))
    return tuple(tiles) if len(tiles) >= LEAST else ()


def in_tile(element: HtmlElement, prices: Sequence[Shown]) -> bool:
    """Whether a price stands in one of many blocks of one shape, whichever group they form."""
    inside = set(lineage(element, 40))
    return any(block in inside for blocks in _groups(price.element for price in prices) for block in blocks)


def _largest(signals: Iterable[HtmlElement], share: float = 0.8) -> list[HtmlElement]:
    """The largest group of blocks; the first of equals."""
    return max(_groups(signals, share), key=len, default=[])[:MAX_TILES]


def _groups(signals: Iterable[HtmlElement], share: float = 0.8) -> list[list[HtmlElement]]:
    """Blocks by shape: of each signal the largest element repeated about as often as signals of its shape, at least LEAST times."""
    chains = [list(lineage(element, MAX_LEVELS)) for element in list(signals)[:2_000]]
    alike: dict[str, dict[str, dict[HtmlElement, None]]] = defaultdict(lambda: defaultdict(dict))
    for chain in chains:
        for element in chain:
            alike[_shape(chain[0])][_shape(element)][element] = None
    groups: dict[str, dict[HtmlElement, None]] = defaultdict(dict)
    for chain in chains:
        counts = [len(alike[_shape(chain[0])][_shape(element)]) for element in chain]
        most = max(counts)
        if most >= LEAST:
            block = chain[max(level for level, count in enumerate(counts) if count >= max(LEAST, share * most))]
            groups[_shape(block)][block] = None
    return [list(group) for group in groups.values() if len(group) >= LEAST]


def _shape(element: HtmlElement) -> str:
    """Tag and first class of the element, and tag of the one it lies in."""
    parent = element.getparent()
    return f"{parent.tag if parent is not None else ''}>{element.tag}.{''.join((element.get('class') or '').split()[:1])}"


def _title(block: HtmlElement, base: str, price: Shown | None) -> tuple[str | None, str | None]:
    """Name and address of a block: its heading, else its longest link, else the text of its picture."""
    links = [(own_text(a, MAX_NAME), a) for a in block.iter("a") if (a.get("href") or "#")[:1] != "#"]
    named = [(text, a) for text, a in links if _is_name(text, price)]
    heads = [own_text(h, MAX_NAME) for tag in ("h2", "h3", "h4", "h5", "h1") for h in block.iter(tag)]
    heading = next((text for text in heads if _is_name(text, price)), None)
    link = max(named, key=lambda pair: len(pair[0]), default=None)
    if heading:
        target = next((a for text, a in named if text == heading), link[1] if link else (links[0][1] if links else None))
        return heading, _address(target, base)
    if link:
        return link[0], _address(link[1], base)
    alt = next(
        (clean(i.get("alt") or i.get("title") or "", MAX_NAME) for i in block.iter("img") if len(i.get("alt") or i.get("title") or "") > 3),
        None,
    )
    return alt, _address(links[0][1] if links else None, base)


def _is_name(text: str, price: Shown | None) -> bool:
    if len(text) < 3 or not any(char.isalpha() for char in text) or EMAIL.search(text) or (price and text == price.text):
        return False
    return not is_cart(text)


def _address(anchor: HtmlElement | None, base: str) -> str | None:
    if anchor is None:
        return None
    try:
        return str(urljoin(base, (anchor.get("href") or "").strip()[:2_000]))
    except ValueError:
        return None
