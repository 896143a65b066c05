"""Text of page fragments, cleaned and cut before anything else looks at it."""

import re
import sys
from collections.abc import Container, Iterable, Sequence
from itertools import islice

from bs4 import BeautifulSoup
from lxml.html import HtmlElement

from market_db.values.text import clean, is_shown

MAX_TEXT = 2_000
MAX_NAME = 500
MAX_VISIBLE = 300_000
"""Characters of visible text one page is read for."""
_UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "title", "svg", "iframe", "object", "select", "option", "textarea"})
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "button",
        "label",
    ]
)
_BORDER = "\x1e"
"""Stands where a line ends; a blank to Python, and no character of HTML."""
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def squeeze(text: str, limit: int = MAX_TEXT) -> str:
    """As `values.text.clean`; a short name for what is asked of every piece of a page."""
    return clean(text, limit)


def fragment_text(markup: str, limit: int = MAX_TEXT) -> str:
    """Plain text of a cut-out fragment of markup, however broken; BeautifulSoup forgives what lxml drops."""
    if "<" not in markup and "&" not in markup:
        return squeeze(markup, limit)
    soup = BeautifulSoup(markup[: limit * 20], "lxml")
    for unseen in soup(["script", "style", "noscript", "template"]):
        unseen.decompose()
    return clean(soup.get_text(" "), limit)


def is_hidden(element: HtmlElement) -> bool:
    """Hidden by its own style or attribute."""
    style = element.get("style")
    return (style is not None and _HIDDEN.search(style) is not None) or element.get("hidden") is not None


def own_text(element: HtmlElement, limit: int = MAX_TEXT) -> str:
    """Visible text of an element on one line; blocks are set apart by a blank, inline parts are not."""
    return squeeze("".join(pieces(element, limit * 4)) if len(element) else element.text or "", limit)


def lines_of(element: HtmlElement, limit: int = MAX_VISIBLE) -> list[str]:
    """Visible text by lines as a reader sees them."""
    return _lines("".join(pieces(element)).split("\n"), limit)


def page_lines(body: HtmlElement, elements: Sequence[HtmlElement], hidden: Container[HtmlElement]) -> list[str]:
    """As `lines_of`, for a page whose elements (all, in document order) and hidden elements are known already."""
    return _lines("".join(_all_pieces(body, elements, hidden)).split(_BORDER), MAX_VISIBLE)


def _lines(texts: Iterable[str], limit: int) -> list[str]:
    gaps = [gap for gap in texts if gap and not gap.isspace()]
    found = [" ".join(gap.split()) for gap in gaps]
    if found and (not is_shown("".join(found)) or len(max(found, key=len)) > MAX_TEXT):  # asking once is cheaper than asking line by line
        plain = (line if len(line) <= MAX_TEXT and is_shown(line) else squeeze(gap) for line, gap in zip(found, gaps, strict=True))
        found = [line for line in plain if line]
    size = 0
    for place, line in enumerate(found):
        size += len(line)
        if size >= limit:
            return found[: place + 1]
    return found


def _all_pieces(body: HtmlElement, elements: Sequence[HtmlElement], hidden: Container[HtmlElement]) -> list[str]:
    """As `pieces`, of all that a body has, which is much of what a page costs: nothing is counted, and line ends stay what they are.

    Children are not asked for: elements come in document order, so that one with another parent says that those before it have ended.
    """
    found = [body.text or ""]
    add = found.append
    outer: list[tuple[HtmlElement, str]] = []
    current, border = body, ""
    unseen: set[HtmlElement] = set()
    for element in islice(elements, elements.index(body) + 1, None):
        parent = element.getparent()
        if parent in unseen:
            unseen.add(element)
            continue
        while current is not parent:
            if not outer:
                return found
            add(border)
            if tail := current.tail:
                add(tail)
            current, border = outer.pop()
        tag = element.tag
        if tag in _UNSEEN or element in hidden:
            unseen.add(element)
            if tail := element.tail:
                add(tail)
            continue
        outer.append((current, border))
        current, border = element, _BORDER if tag in _BLOCKS else ""
        add(border)
        if text := element.text:
            add(text)
    for ended, behind in ((current, border), *reversed(outer)):
        found += (behind, (ended.tail or "") if ended is not body else "")
    return found


def pieces(element: HtmlElement, limit: int = sys.maxsize) -> list[str]:
    """Text nodes in order with a newline at block borders, up to some `limit` characters.

    Loops without calls of their own, because they see every node of every page, and no recursion, because pages nest deep.
    """
    found = [(element.text or "").replace("\n", " ")]
    size = len(found[0].strip())
    inside = [(element, "", iter(element))]
    while inside and size < limit:
        for child in inside[-1][2]:
            tag = child.tag
            if tag not in _UNSEEN and type(tag) is str and not is_hidden(child):
                border = "\n" if tag in _BLOCKS else ""
                if border:
                    found.append(border)
                if text := child.text:
                    text = " " if text.isspace() else text.replace("\n", " ")  # the indentation of the source is no text
                    found.append(text)
                    size += len(text)
                if len(child):
                    inside.append((child, border, iter(child)))
                    break
                if border:
                    found.append(border)
            if tail := child.tail:
                tail = " " if tail.isspace() else tail.replace("\n", " ")
                found.append(tail)
                size += len(tail)
            if size >= limit:
                break
        else:
            owner, border, _ = inside.pop()
            found.append(border)
            if inside and (tail := owner.tail):
                tail = " " if tail.isspace() else tail.replace("\n", " ")
                found.append(tail)
                size += len(tail)
    return found
