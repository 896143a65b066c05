"""Text of page fragments, cleaned and cut before anything else looks at it."""

import re

from bs4 import BeautifulSoup
from lxml import etree
from lxml.html import HtmlElement

from market_db.values.text import clean

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
_STYLE = "translate(@style, 'DISPLAYNOEVBTH &#9;&#10;', 'displaynoevbth')"
_SEEN = f"not(@hidden) and not(@style and (contains({_STYLE}, 'display:none') or contains({_STYLE}, 'visibility:hidden')))"
_GAPS = etree.XSLT(  # a predicate in a match pattern would count the siblings of each element: hours for 100,000 links
    etree.XML(
        f"""<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
        <xsl:template match="/*" priority="9"><l><xsl:apply-templates/></l></xsl:template>
        <xsl:template match="{"|".join(sorted(_UNSEEN))}" priority="3"/>
        <xsl:template match="{"|".join(sorted(_BLOCKS))}" priority="2">
            <xsl:if test="{_SEEN}"><l/><xsl:apply-templates/><l/></xsl:if></xsl:template>
        <xsl:template match="*"><xsl:if test="{_SEEN}"><xsl:apply-templates/></xsl:if></xsl:template>
        </xsl:stylesheet>"""
    )
)
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
    return squeeze("".join(pieces(element, limit * 4)), limit)


def lines_of(element: HtmlElement, limit: int = MAX_VISIBLE) -> list[str]:
    """Visible text by lines as a reader sees them; a stylesheet does in C what `pieces` does for small parts."""
    try:
        gaps = list(_GAPS(element).getroot().itertext())
    except etree.XSLTApplyError:  # nested deeper than libxslt follows
        gaps = "".join(pieces(element, limit)).split("\n")
    lines, size = [], 0
    for line in map(squeeze, gaps):
        if line and size < limit:
            lines.append(line)
            size += len(line)
    return lines


def pieces(element: HtmlElement, limit: int = MAX_VISIBLE) -> list[str]:
    """Text nodes in order with a newline at block borders; iterative, so that deep pages cannot exhaust the stack.

    One loop without calls of its own: it sees every node of every page.
    """
    found: list[str] = []
    stack: list[HtmlElement | str] = [element]
    size = 0
    while stack and size < limit:
        top = stack.pop()
        if isinstance(top, str):
            size += 1 if top.isspace() else len(top)  # the indentation of the source is no text
            found.append(top)
            continue
        tag = top.tag
        if top is not element:
            if tail := top.tail:
                stack.append(tail.replace("\n", " "))
            if tag in _UNSEEN or not isinstance(tag, str) or is_hidden(top):
                continue
        if tag in _BLOCKS:
            found.append("\n")
            stack.append("\n")
        if len(top):
            stack.extend(reversed(top))
        if text := top.text:
            stack.append(text.replace("\n", " "))
    return found
