"""A page of search results: where its products lie, where it goes on, and whether it says that there are none."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from market_db.values.text import fold
from spiders.extract.document import Document
from spiders.extract.page import Page
from spiders.extract.search_forms import absolute, words

MAX_RESULTS = 200
MAX_ANCHORS = 5_000
MAX_SAID = 400
"""Lines of visible text that are looked through for "no results"."""
LONG_LINE = 200
_WORD = re.compile(r"[a-z0-9]+(?:[-_]+[a-z0-9]+)*")


def result_links(page: Page, speaks: Callable[[str], bool], selector: str | None = None) -> tuple[str, ...]:
    """Addresses of the products on a page of results that the words speak of.

    From the row's selector, else from the page's tiles (a shop with fewer than three hits shows none that can be told from its menu:
    then from every link). `speaks` is asked with text and address.
    """
    if selector and page.document is not None:
        return tuple(_selected(page.document, selector))
    tiles = [(f"{tile.name} ", tile.url) for tile in page.items if tile.url]
    found = tiles or (_anchors(page.document) if page.document is not None else [])
    kept = dict.fromkeys(url for text, url in found if url and speaks(f"{text} {url}"))
    if tiles and not kept and page.document is not None:
        kept = dict.fromkeys(url for text, url in _anchors(page.document) if speaks(f"{text} {url}"))
    return tuple(kept)[:MAX_RESULTS]


def _anchors(doc: Document) -> list[tuple[str, str]]:
    """(text or picture's text, address) of every link; one address may have several, of which the first is often a bare picture."""
    found = []
    for anchor in [] if doc.root is None else list(doc.root.iter("a"))[:MAX_ANCHORS]:
        url = _address(doc, anchor)
        if url:
            pictured = " ".join(image.get("alt") or "" for image in anchor.iter("img"))
            found.append((f"{anchor.text_content()[:500]} {pictured}"[:600], url))
    return found


def _selected(doc: Document, selector: str) -> Iterator[str]:
    """Addresses of what a row's CSS selector finds: links themselves, or the first link within."""
    for element in _found(doc, selector)[:MAX_RESULTS]:
        anchor = element if element.tag == "a" else next(element.iter("a"), None)
        url = _address(doc, anchor)
        if url:
            yield url


def _found(doc: Document, selector: str) -> list[HtmlElement]:
    """Elements of a selector as rows write it: "css:a.next::attr(href)" or "a.next"."""
    css = selector.removeprefix("css:").partition("::")[0].strip()
    return [] if doc.root is None else list(CSSSelector(css, translator="html")(doc.root))


def next_page(doc: Document, selector: str | None = None) -> str | None:
    """Address of the next page of results: by the row's selector, rel=next, a mark in class or title, or the link's text."""
    if doc.root is None:
        return None
    if selector:
        return next((url for element in _found(doc, selector) if (url := _address(doc, element))), None)
    links = [*list(doc.root.iter("link"))[:500], *list(doc.root.iter("a"))[:MAX_ANCHORS]]
    for says in (_by_rel, _by_mark, _by_text):
        for link in links:
            url = _address(doc, link) if says(link) else None
            if url and url.partition("#")[0] != doc.url.partition("#")[0]:
                return url
    return None


def _address(doc: Document, link: HtmlElement | None) -> str | None:
    """Absolute http(s) address on the page's own host."""
    href = (link.get("href") or "").strip()[:2_000] if link is not None else ""
    url = absolute(doc.url, href) if href and href[0] != "#" else ""
    same = (urlsplit(url).hostname or "").removeprefix("www.") == doc.host if url.startswith(("http://", "https://")) else False
    return url.partition("#")[0] if same else None


def _by_rel(link: HtmlElement) -> bool:
    return "next" in (link.get("rel") or "").lower().split()


def _by_mark(link: HtmlElement) -> bool:
    """A word for "next" in what the link, or the list item it fills, is called; sliders have such words too."""
    if link.tag != "a":
        return False
    parent = link.getparent()
    marked = [link, parent] if parent is not None and parent.tag in ("li", "span", "div") and len(parent) == 1 else [link]
    said = " ".join(each.get(key) or "" for each in marked for key in ("class", "id", "title", "aria-label", "data-page-action")).lower()
    found = {*_WORD.findall(said), *re.findall(r"[a-z]+", said)}
    return bool(found & set(words()["next_marks"])) and not any(bad in said for bad in words()["not_next"])


def _by_text(link: HtmlElement) -> bool:
    if link.tag != "a" or any(bad in (link.get("class") or "").lower() for bad in words()["not_next"]):
        return False
    text = fold(link.text_content()[:80], 40)
    label = fold((link.get("aria-label") or link.get("title") or "")[:80], 40)
    return any(said and said.rstrip(" »›→>") in _texts() for said in (text, label)) or text in _texts()


def _texts() -> frozenset[str]:
    return frozenset(words()["next"])


def says_none(doc: Document) -> bool:
    """Whether the page says, in short visible words, that nothing was found."""
    for line in doc.lines[:MAX_SAID]:
        said = fold(line[:LONG_LINE], LONG_LINE)
        if "{{" in said:
            continue  # a template that a script fills in
        if any(phrase in said and not re.search(rf"\d{re.escape(phrase)}", said) for phrase in words()["none"]):
            return True
    return False
