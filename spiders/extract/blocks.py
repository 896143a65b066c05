"""Blocks of directories and boards (a card, the middle of a profile) made ready for reading: without menus and without persons."""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from spiders.extract import cues
from spiders.extract.document import Document
from spiders.extract.labelled import Pair, by_field, is_never, normal_label, pairs_in
from spiders.extract.page import Page
from spiders.extract.results import next_page
from spiders.extract.search_forms import absolute
from spiders.extract.selectors import elements_of, text_by, wanted_labels
from spiders.extract.shown import attributes
from spiders.extract.text import own_text
from spiders.extract.tiles import Tile, cards, company_tiles

MAX_CARDS = 500
PAGE_FURNITURE = frozenset({"nav", "aside", "footer", "form", "script", "style", "noscript", "template", "iframe"})
_PLAIN_CLASS = re.compile(r"[A-Za-z_][\w-]{0,60}")
_SCHEMES = ("tel:", "mailto:", "javascript:", "#", "callto:", "whatsapp:", "sms:")


@dataclass(frozen=True, slots=True)
class Block:
    """One card, or the middle of one page."""

    element: HtmlElement
    """A copy without the parts that are not read."""
    pairs: tuple[Pair, ...]
    fields: Mapping[str, Pair]
    """Field of labels.toml -> pair."""
    selectors: Mapping[str, str] = field(default_factory=dict)
    """Field -> selector of the site's row."""
    drop: frozenset[str] = frozenset()
    name: str | None = None
    """What the page's layout says it is called."""
    url: str | None = None
    """Where it leads."""
    persons: int = 0
    """Labels of persons whose values were taken out."""

    def text(self, *names: str) -> str | None:
        """The first of the fields that the row's selectors or the labels give."""
        for name in names:
            if name in self.drop:
                continue
            if name in self.selectors:
                found = text_by(self.element, self.selectors[name], self.pairs)
            else:
                pair = self.fields.get(name)
                found = pair.value if pair and pair.lines else None
            if found:
                return found
        return None


def block_of(
    element: HtmlElement, selectors: Mapping[str, str], drop: tuple[str, ...] = (), *, name: str | None = None, url: str | None = None
) -> Block:
    """The block ready for reading; fields and labels in `drop`, and all labels of persons, are taken out with their cells."""
    dropped = frozenset(drop) | frozenset(map(normal_label, drop))
    own = deepcopy(element)
    own.tail = None
    wanted = wanted_labels(selectors.values()) | dropped
    # a column's heading lies outside a row's own copy
    pairs = _rebased(pairs_in(element, wanted), element, own)
    gone = [pair for pair in pairs if is_never(pair.label) or normal_label(pair.label) in dropped]
    for pair in gone:
        if pair.cell is not None:
            _take_out(pair.cell)
    for key in drop:
        for found in elements_of(own, selectors[key]) if key in selectors and not selectors[key].startswith("label:") else ():
            _take_out(found)
    kept = tuple(pair for pair in pairs if pair not in gone)
    return Block(own, kept, by_field(kept, dropped), selectors, dropped, name, url, len(gone))


def _rebased(pairs: list[Pair], element: HtmlElement, own: HtmlElement) -> list[Pair]:
    """The pairs with their cells in the copy."""
    places = {cell: at for at, cell in enumerate(element.iter())}
    copies = list(own.iter())
    found = []
    for pair in pairs:
        at = places.get(pair.cell) if pair.cell is not None else None
        found.append(Pair(pair.label, pair.lines, copies[at] if at is not None else None))
    return found


def _take_out(element: HtmlElement) -> None:
    """Empty an element; it stays, so that its neighbours keep their places."""
    tail = element.tail
    element.clear()
    element.tail = tail


def listed_blocks(
    page: Page, item: str | None, selectors: Mapping[str, str], drop: tuple[str, ...], shape: str | None = None
) -> list[Block]:
    """Cards of a page: those of the row's selector, else the blocks that repeat (`spiders/extract/tiles.py`).

    `shape` is the selector of the cards on an earlier page of the list: the last page may have too few for any to repeat.
    """
    doc = page.document
    if doc is None or doc.root is None:
        return []
    tiles = () if item else repeated(page)
    if tiles:
        return [block_of(tile.block, selectors, drop, name=tile.name, url=tile.url) for tile in tiles[:MAX_CARDS]]
    selector = item or shape
    found = elements_of(doc.root, selector)[:MAX_CARDS] if selector else []
    return [block_of(element, selectors, drop, name=_name_of(element), url=link_in(doc, element)) for element in found]


def repeated(page: Page) -> tuple[Tile, ...]:
    """Blocks of one shape, whatever kind of page they make it look like."""
    doc = page.document
    return () if doc is None else page.items or company_tiles(doc, page.country) or cards(doc, page.country)


def shape_of(page: Page) -> str | None:
    """A selector that finds exactly the repeated blocks of a page; None where their tag and class do not tell them from others."""
    tiles, doc = repeated(page), page.document
    first = tiles[0].block if tiles else None
    mark = (first.get("class") or "").split()[:1] if first is not None else []
    if first is None or doc is None or not mark or not _PLAIN_CLASS.fullmatch(mark[0]):
        return None
    selector = f"{first.tag}.{mark[0]}"
    return selector if len(elements_of(doc.root, selector)) == len(tiles) else None


def _name_of(element: HtmlElement) -> str | None:
    """The first heading, else the first link with words, of a card whose row names no selector for it."""
    for inner in (*element.iter("h1", "h2", "h3", "h4", "h5"), *element.iter("a")):
        text = own_text(inner, 300)
        if any(map(str.isalpha, text)):
            return text
    return None


def link_in(doc: Document, element: HtmlElement, selector: str | None = None) -> str | None:
    """Absolute address of the first link of a card, or of what a selector finds in it."""
    inside = elements_of(element, selector) if selector else [element]
    for outer in inside:
        for anchor in outer.iter("a"):
            href = (anchor.get("href") or "").strip()[:2_000]
            url = absolute(doc.url, href) if href and not href.lower().startswith(_SCHEMES) else ""
            if url.startswith(("http://", "https://")):
                return url.partition("#")[0]
    return None


def middle_of(doc: Document, selectors: Mapping[str, str], drop: tuple[str, ...]) -> Block | None:
    """What a page is about, without menus, head, foot, forms and what is recommended beside it; None where there is no page."""
    body = doc.root.find("body") if doc.root is not None else None
    if body is None:
        return None
    own = deepcopy(body)
    keep = {outer for heading in list(own.iter("h1"))[:3] for outer in (heading, *heading.iterancestors())}
    for element in [each for each in own.iterdescendants() if each not in keep and _is_furniture(each)]:
        _take_out(element)
    return block_of(own, selectors, drop, name=doc.headings[0][1] if doc.headings else None, url=doc.canonical or doc.url)


def _is_furniture(element: HtmlElement) -> bool:
    return element.tag in PAGE_FURNITURE or element.tag == "header" or bool(cues.ASIDE.search(attributes(element)))


def onward(doc: Document, selector: str | None) -> str | None:
    """Address of the next page, unless it leads into a calendar: those never end."""
    url = next_page(doc, selector)
    return None if url is None or (selector is None and any(word in url.lower() for word in ("calendar", "kalender", "/events/"))) else url
