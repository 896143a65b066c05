"""Repeated blocks of a listing or directory page: products with prices, firms with contacts, cards with a name and a link."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from spiders.extract import cues
from spiders.extract.contacts import NO_CONTACTS, Contacts, fragment_contacts
from spiders.extract.document import Document
from spiders.extract.phones_shown import labelled
from spiders.extract.shown import MONEY, Shown, attributes, lineage
from spiders.extract.text import own_text
from spiders.extract.tile_names import block_names

LEAST = 3
"""Blocks of one shape that make a listing."""
LEAST_CARDS = 4
"""The same where nothing but their shape says that they belong together."""
CARD_TEXT = 25
"""Characters of the median card without a picture: menus have less."""
MAX_TILES = 500
MAX_ANCHORS = 2_000
MAX_LEVELS = 14
SEVERAL_CONTACTS = 0.24
"""A firm shows up to four links of one shape (phone, fax, mobile, mail)."""
_NUMBER = re.compile(r"(?:\d[\s()./-]{0,3}){6,}\d")
_PHONE_ATTRIBUTE = re.compile(r"phone|fax|(?<![a-z])tel(?![a-z])", re.IGNORECASE)
_NAMING = frozenset({"h2", "h3", "h4", "h5", "strong", "b"})
_CALLED = re.compile(r"title|name", re.IGNORECASE)
_QUANTITY = re.compile(r"\b(?:ab|from|vanaf|od|dès|da|desde|a partir de|à partir de|från|fra|mulai|от|від)\s+\d+\s+[^\W\d]", re.IGNORECASE)
"""What is asked a piece for several of them."""
_MORE_DIGITS = re.compile(r"(?:[.,' ]?\d+)*")
_ITEMS = frozenset({"article", "li"})
"""Elements that are one of several by their nature, whatever they are called."""
PAGE_PARTS = 6
"""Levels below the root down to which a header or footer is the page's and not a card's."""
FIRST = 90
"""Characters of the longest name that a block begins with."""
STEP = 24
"""Letters of a step of a price at most."""
_LETTERS = re.compile(r"[^\W\d_]+")
_COUNTED = re.compile(r"\(\s?[\d.,]+\s?\)$")
"""A category with the number of what is in it."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One block: its name, where it leads, its price as shown, its contacts."""

    name: str
    block: HtmlElement
    url: str | None = None
    price: Shown | None = None
    contacts: Contacts = NO_CONTACTS


def product_tiles(doc: Document, prices: Sequence[Shown]) -> tuple[Tile, ...]:
    """Blocks that show a price each, and those of their shape beside them."""
    signals = {price.element: price for price in prices}
    blocks = _with_siblings(_largest(signals))
    inside: dict[HtmlElement, list[Shown]] = {block: [] for block in blocks}
    for element, shown in signals.items():
        for outer in lineage(element, MAX_LEVELS):
            if outer in inside:
                inside[outer].append(shown)
    asked = _with_currency({block: price for block, found in inside.items() if (price := _asked(found, block))})
    blocks = _alike(blocks, asked) if len(asked) >= LEAST else []
    names = block_names(blocks, doc.url, [asked.get(block) for block in blocks])
    named = [(block, name, url) for block, (name, url) in zip(blocks, names, strict=True) if name and (url or block in asked)]
    tiles = [Tile(name, block, url, asked.get(block)) for block, name, url in named]
    return tuple(tiles) if len(tiles) >= LEAST and _is_varied(tiles) else ()


def _with_currency(asked: dict[HtmlElement, Shown]) -> dict[HtmlElement, Shown]:
    """Without numbers that have no currency where most have: they count something else."""
    if sum(bool(MONEY.search(price.text)) for price in asked.values()) <= 0.6 * len(asked):
        return asked
    return {block: price for block, price in asked.items() if MONEY.search(price.text) or price.element.get("itemprop") == "price"}


def _with_siblings(blocks: list[HtmlElement]) -> list[HtmlElement]:
    """The blocks and those of their shape beside them: what is sold out has no price, and not every firm a telephone."""
    shapes = {(block.tag, "" if block.tag in _ITEMS else block.get("class")) for block in blocks}
    parents = dict.fromkeys(parent for block in blocks if (parent := block.getparent()) is not None)
    if len(parents) > len(blocks) / 2:
        return blocks
    beside = [child for parent in parents for child in parent.iterchildren(etree.Element)]
    return [child for child in beside if (child.tag, "" if child.tag in _ITEMS else child.get("class")) in shapes][:MAX_TILES]


def _alike(blocks: list[HtmlElement], sure: Container[HtmlElement]) -> list[HtmlElement]:
    """The blocks without those that look different from the sure ones: no picture where these have one, much more or hardly any text."""
    known = [block for block in blocks if block in sure]
    longest = 2 * max(len(own_text(block, 3_000)) for block in known)
    pictured = all(_has_picture(block) for block in known)
    others = (block for block in blocks if block not in sure)
    kept = {block for block in others if CARD_TEXT <= len(own_text(block, 3_000)) <= longest and (not pictured or _has_picture(block))}
    return [block for block in blocks if block in sure or block in kept]


def _has_picture(block: HtmlElement) -> bool:
    return next(block.iter("img"), None) is not None


def _asked(prices: list[Shown], block: HtmlElement) -> Shown | None:
    """The price of a block: the likeliest one that is not struck, the first of equals.

    One that is only called old counts where it is the only one.

    A price for several pieces, or none that stands by itself, gives way to the first amount with a currency in the block's text.
    """
    best = max((price for price in prices if not price.struck), key=lambda price: (price.score, -price.place), default=None)
    called = {re.sub(r"\D", "", price.text) for price in prices if not price.crossed}
    if best is None and len(called) == 1:
        return next(price for price in prices if not price.crossed)
    if (best is None and prices) or (best is not None and not _QUANTITY.search(best.text)):
        return best
    text = own_text(block, 600)
    match = MONEY.search(text)
    amount = text[match.start() : match.end()] + _more_digits(text, match.end()) if match else ""
    return Shown(block, amount, 0.0, False, 0) if match else best


def _more_digits(text: str, at: int) -> str:
    """What follows in the same number."""
    match = _MORE_DIGITS.match(text, at)
    return match.group() if match else ""


def _is_varied(tiles: Sequence[Tile]) -> bool:
    """Whether the blocks are different things: a price list of one service repeats its name and leads nowhere."""
    return len({(tile.name, tile.url) for tile in tiles}) > len(tiles) / 2


def company_tiles(doc: Document, country: str | None) -> tuple[Tile, ...]:
    """Blocks that show a phone number or an e-mail address each."""
    blocks = _with_siblings(_largest(dict.fromkeys(_contact_places(doc)), SEVERAL_CONTACTS))
    names = block_names(blocks, doc.url, [None] * len(blocks))
    named = ((block, name or _first_name(block), url) for block, (name, url) in zip(blocks, names, strict=True))
    tiles = [Tile(name, block, url, None, fragment_contacts(block, country)) for block, name, url in named if name]
    return tuple(tiles) if len(tiles) >= LEAST and _is_varied(tiles) else ()


def _first_name(block: HtmlElement) -> str | None:
    """What a block without headings and links begins with: its first cell, or the first text in bold."""
    first = next(block.iter("td") if block.tag == "tr" else block.iter("strong", "b", "dt"), None)
    text = own_text(first, FIRST + 1) if first is not None else ""
    return text if 2 < len(text) <= FIRST and any(map(str.isalpha, text)) and "@" not in text and not labelled(text) else None


def _contact_places(doc: Document) -> Iterable[HtmlElement]:
    """Telephone and mail links, and short texts that are a telephone number with its label."""
    places = () if doc.root is None else doc.root.iter("a", "span", "p", "div", "li", "td", "dd", "address", "strong", "b")
    return (element for element in places if _is_contact_link(element) or _is_number(element))


def _is_contact_link(element: HtmlElement) -> bool:
    return element.tag == "a" and (element.get("href") or "")[:7].lower().startswith(("tel:", "mailto:"))


def _is_number(element: HtmlElement) -> bool:
    if any(_is_labelled_number(child.tail) for child in element.iterchildren("br")):
        return True
    text = element.text
    if not text or len(text) >= 60 or not _NUMBER.search(text):
        return False
    return labelled(text) or bool(_PHONE_ATTRIBUTE.search(attributes(element))) or (element.tag == "td" and _is_headed(element))


def _is_labelled_number(text: str | None) -> bool:
    return bool(text and len(text) < 60 and _NUMBER.search(text) and labelled(text))


def _is_headed(cell: HtmlElement) -> bool:
    """Whether the heading of a cell's column says that telephone numbers stand there."""
    row = cell.getparent()
    table = next(cell.iterancestors("table"), None)
    heads = list(table.iter("th")) if table is not None and row is not None else []
    return bool(heads) and row is not None and len(heads) == len(row) and labelled(own_text(heads[row.index(cell)], 40))


def cards(doc: Document, country: str | None) -> tuple[Tile, ...]:
    """Blocks with a linked name each, that are neither a menu nor beside what the page is about; the group with most text."""
    anchors = () if doc.root is None else islice(doc.root.iter("a"), MAX_ANCHORS)
    links = [link for link in anchors if _is_naming(link) and not _is_aside(link)]
    groups = [group for group in _groups(dict.fromkeys(links)) if len(group) >= LEAST_CARDS and _is_telling(group)]
    found = max((_cards_of(group, doc) for group in groups), key=lambda tiles: sum(len(own_text(t.block, 400)) for t in tiles), default=())
    return tuple(replace(tile, contacts=fragment_contacts(tile.block, country)) for tile in found)


def _is_naming(link: HtmlElement) -> bool:
    """Whether a link is, holds or lies in a heading, is called a title or name, or stands in a row of a table."""
    if not link.get("href"):
        return False
    above = list(islice(link.iterancestors(), 4))
    if any(outer.tag in _NAMING for outer in above) or any(inner.tag in _NAMING for inner in islice(link.iterdescendants(), 8)):
        return True
    if above and (_CALLED.search(above[0].get("class") or "") or _CALLED.search(link.get("class") or "")):
        return True
    return any(outer.tag == "tr" and sum(cell.tag == "td" for cell in outer) > 2 for outer in above)


def _is_telling(group: Sequence[HtmlElement]) -> bool:
    """Whether the blocks show a picture or say more than the entries of a menu."""
    texts = sorted(len(own_text(block, 400)) for block in group)
    plain = group[0].tag != "tr" and sum(map(_has_picture, group)) <= 0.6 * len(group)
    return texts[len(texts) // 2] >= (2 * CARD_TEXT if plain else CARD_TEXT if group[0].tag == "tr" else 0)


def _cards_of(group: list[HtmlElement], doc: Document) -> tuple[Tile, ...]:
    """The blocks with their names; () where most lead to the same place or are categories."""
    named = block_names(group[:MAX_TILES], doc.url, [None] * len(group[:MAX_TILES]))
    tiles = [Tile(name, block, url) for block, (name, url) in zip(group, named, strict=False) if name and url]
    counted = sum(bool(_COUNTED.search(tile.name)) for tile in tiles)
    return tuple(tiles) if counted <= 0.5 * len(tiles) and len({tile.url for tile in tiles}) >= max(LEAST_CARDS, 0.8 * len(group)) else ()


def _is_aside(element: HtmlElement) -> bool:
    """Whether an element lies in a menu, in the page's head or foot, or in a recommendation."""
    chain = list(element.iterancestors())
    for above, outer in enumerate(reversed(chain)):
        if outer.tag in ("nav", "aside") or (outer.tag in ("header", "footer") and above < PAGE_PARTS):
            return True
        if outer.tag not in ("body", "html") and cues.ASIDE.search(attributes(outer)):
            return True
    return False


def in_tiles(prices: Sequence[Shown]) -> list[Shown]:
    """Prices that stand in one of many blocks of one shape, whichever group they form; steps of one price are none."""
    blocks = {block for group in _groups(price.element for price in prices) if not _are_steps(group) for block in group}
    return [price for price in prices if blocks and not blocks.isdisjoint(lineage(price.element, 40))]


def _are_steps(blocks: Sequence[HtmlElement]) -> bool:
    """Whether blocks say nothing but numbers and the same word or two, and lead nowhere: what is asked for 100, for 1,000 ... kilograms."""
    if any(next(block.iter("a", "img", *_NAMING), None) is not None for block in blocks):
        return False
    texts = [own_text(block, 80) for block in blocks[:20]]
    said = {" ".join(_LETTERS.findall(text)) for text in texts}
    return len(said) <= len(texts) / 3 and all(len(text) <= STEP for text in said)


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
