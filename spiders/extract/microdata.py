"""Microdata and RDFa Lite of a page in one walk: each item and property is looked at once, and texts are taken where they stand."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement

from spiders.extract.nodes import MAX_DEPTH, MAX_LIST, Node, Value, bare

_BY_ID = etree.XPath("(//*[@id=$name])[1]/descendant-or-self::*[@itemprop]")
_TEXTS = etree.XPath("descendant-or-self::*[not(self::script or self::style)]/text()", smart_strings=False)
_MAX_REFS = 20
_LINKS = {
    **dict.fromkeys(("a", "area", "link"), "href"),
    **dict.fromkeys(("audio", "embed", "iframe", "img", "source", "track", "video"), "src"),
    "object": "data",
}
"""Elements whose value is an address, and the attribute that has it (HTML standard, "5.2.4 Values")."""


class Marks(NamedTuple):
    """The attributes of a syntax that say what is an item, of which type, and what is a property."""

    scope: str
    kind: str
    name: str


MICRODATA = Marks("itemscope", "itemtype", "itemprop")
RDFA = Marks("typeof", "typeof", "property")
"""RDFa Lite 1.1, as breadcrumb plugins and Drupal write it; vocabularies other than schema.org keep their prefix and match nothing."""
_VALUES = {"meta": "content", "data": "value", "meter": "value", "time": "datetime"}


def marked_items(marked: Iterable[HtmlElement], base: str, marks: Marks = MICRODATA) -> Iterator[Node]:
    """Items that are no property of another, with the items in them; `marked` are the elements with one of the marks, in order."""
    reader = _Reader(marked, base, marks)
    for scope in reader.properties:
        if scope not in reader.taken:
            yield reader.item(scope, 0)


class _Reader:
    """What lies in which item, and which items were read as a property of another."""

    def __init__(self, marked: Iterable[HtmlElement], base: str, marks: Marks) -> None:
        self.base, self.marks = base, marks
        self.properties: dict[HtmlElement, list[HtmlElement]] = {}
        self.taken: set[HtmlElement] = set()
        owners: dict[HtmlElement, HtmlElement | None] = {}
        for element in marked:
            if element.get(marks.name):
                owner = _owner(element, self.properties, owners)
                if owner is not None:
                    self.properties[owner].append(element)
            if element.get(marks.scope) is not None:
                self.properties[element] = []

    def item(self, scope: HtmlElement, depth: int) -> Node:
        """One item with lower-case names; a property given several times is a list."""
        self.taken.add(scope)
        found: dict[str, list[Value]] = {}
        for element in (*self.properties.get(scope, ()), *self._referred(scope)):
            value = self._value(element, depth)
            for name in (element.get(self.marks.name) or "").split():
                found.setdefault(bare(name), []).append(value)
        node: Node = {name: values[0] if len(values) == 1 else list(values[:MAX_LIST]) for name, values in found.items()}
        if not found:
            node["@value"] = self._plain(scope)
        node["@type"] = list((scope.get(self.marks.kind) or "").split())
        return node

    def _referred(self, scope: HtmlElement) -> Iterator[HtmlElement]:
        """Properties that stand elsewhere on the page and are named by their id, without those of items in between."""
        for name in (scope.get("itemref") or "").split()[:_MAX_REFS]:
            inner: set[HtmlElement] = set()
            for element in _BY_ID(scope, name=name):
                if element.getparent() in inner:
                    inner.add(element)
                elif element is not scope:
                    yield element
                if element in self.properties:
                    inner.update(element.iter(etree.Element))

    def _value(self, element: HtmlElement, depth: int) -> Value:
        if element not in self.properties:
            return self._plain(element)
        return self.item(element, depth + 1) if depth < MAX_DEPTH and element not in self.taken else None

    def _plain(self, element: HtmlElement) -> str:
        """Value of an element that is no item; `content` counts anywhere, as schema.org's examples have it."""
        tag = element.tag
        if tag in _LINKS:
            return _joined(self.base, (element.get(_LINKS[tag]) or "").strip())
        if tag in _VALUES:
            return element.get(_VALUES[tag]) or ""
        return element.get("content") or shown_text(element)


def _owner(element: HtmlElement, scopes: Mapping[HtmlElement, object], known: dict[HtmlElement, HtmlElement | None]) -> HtmlElement | None:
    """The next item that an element lies in; asked once for each element on the way."""
    way: list[HtmlElement] = []
    outer = element.getparent()
    while outer is not None and outer not in scopes and outer not in known:
        way.append(outer)
        outer = outer.getparent()
    found = outer if outer is None or outer in scopes else known[outer]
    known.update(dict.fromkeys(way, found))
    return found


def shown_text(element: HtmlElement) -> str:
    """Text of an element with a blank between its parts, save before a full stop or comma and behind a bracket."""
    if len(element) == 0:
        return element.text or ""
    found, before = "", " "
    for text in _TEXTS(element):
        words = text.strip()
        if words:
            glued = not before[-1].isspace() and (words[0] in ',:;.!?")' or before[-1] == "(")
            found += words if glued or not found else f" {words}"
            before = text
    return found


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # "http://[" is written too
        return address
