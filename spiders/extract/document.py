"""A page parsed once; every extractor asks this object, and what is costly is computed when first asked for."""

import html
import re
import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from market_db.values.text import fold
from spiders.extract.decoding import Decoded, decode
from spiders.extract.jsonld import Blocks, read_blocks
from spiders.extract.microdata import RDFA, marked_items
from spiders.extract.nodes import Graph, from_jsonld
from spiders.extract.sought import Sought
from spiders.extract.text import MAX_NAME, is_hidden, own_text, page_lines, squeeze

Found = TypeVar("Found")
MAX_LINKS = 2_000
MAX_ITEMSCOPES = 1_500
"""Microdata items read; a page with more is a list of things that its tiles show as well."""
MAX_PAGE = 20 * 1024 * 1024
OPENGRAPH = frozenset({"og", "product", "article", "book", "music", "profile", "video"})
"""Prefixes that pages use without declaring them (ogp.me; "product" stands in a tenth of shop pages)."""
_PREFIX = re.compile(r"(\w+):\s*\S+")
_CENT_CUES = ("cents", "decimal", "fraction")
_TWO_DIGITS = re.compile(r"\s*\d\d\s*")
_BUTTON_WORDS = {"input": ("value", "alt", "title"), "button": ("title", "aria-label"), "a": ("title",)}
_BUTTON_TYPES = frozenset({"submit", "button", "image"})
_FOLLOWED = ("http://", "https://")
_CLASSES = etree.ElementDefaultClassLookup(element=HtmlElement)
"""One class for all elements: lxml.html's own look-up is a Python function that is called for each of them."""
_NAMING = ("class", "id", "itemprop", "property", "aria-label", "data-testid", "data-test", "data-qa", "data-hook", "data-automation-id")
"""Attributes that tell style sheets, search engines, screen readers and testing tools what a part of a page is."""
_RARELY = frozenset(_NAMING[2:])
_HIDING = frozenset({"style", "hidden"})
_MARKING = frozenset({"itemscope", "itemprop"})
_TYPING = frozenset({"typeof", "property"})
_NO_LABEL = ("script", "style", "meta", "link", "head", "html", "body", "noscript", "template")


class _Rare(NamedTuple):
    """Whether attributes of these names may hide an element, are microdata or RDFa, or hold data of the page's author."""

    hiding: bool
    marked: bool
    typed: bool
    holding: bool


class _Asked(NamedTuple):
    """What attributes of these names are asked for: mostly one name, else several or none."""

    one: str | None
    naming: tuple[str, ...]
    rare: _Rare | None


class _Attributes(NamedTuple):
    """Labels of a page's elements, and the elements that may be hidden, are microdata or RDFa or hold data, all in document order."""

    labels: dict[HtmlElement, str]
    styled: list[HtmlElement]
    marked: list[HtmlElement]
    typed: list[HtmlElement]
    holding: list[HtmlElement]


class Document:
    """`root` is None where the parser gave nothing; `faults` says what went wrong."""

    def __init__(self, body: bytes, url: str, headers: Mapping[str, str], charset: str | None = None) -> None:
        self.url = url
        self.host = (urlsplit(url).hostname or "").removeprefix("www.") if "://" in url else ""
        self.headers = headers
        self.decoded: Decoded = decode(body[:MAX_PAGE], headers, charset)
        self.faults = list(self.decoded.faults)
        self._known: dict[str, Any] = {}
        self.root, whole = _parse(self.decoded.utf8)
        _point_cents(self)
        if not whole or len(body) > MAX_PAGE:
            self.faults.append("unparsed")

    def once(self, name: str, work: Callable[[], Found]) -> Found:
        """What an extractor found on this page, worked out the first time it is asked for by that name."""
        if name not in self._known:
            self._known[name] = work()
        found: Found = self._known[name]
        return found

    @cached_property
    def lower(self) -> str:
        """Source in lower case, for asking cheaply whether a costly search can find anything; first 2 million characters."""
        return self.decoded.text[:2_000_000].lower()

    @cached_property
    def blocks(self) -> Blocks:
        """JSON-LD blocks."""
        scripts = () if self.root is None else self.root.iter("script")
        found = (script for script in scripts if "ld+json" in (script.get("type") or "").lower())
        blocks = read_blocks("".join(script.itertext()) for script in islice(found, 200))
        self.faults += ["jsonld_broken"] * blocks.broken + ["jsonld_too_large"] * blocks.oversized
        return blocks

    @cached_property
    def jsonld(self) -> Graph:
        """Objects of the JSON-LD blocks."""
        graph = Graph()
        for value in self.blocks.values:
            graph.add(from_jsonld(value))
        return graph

    @cached_property
    def microdata(self) -> Graph:
        """Microdata items, and those of RDFa."""
        graph = Graph()
        if sum(element.get("itemscope") is not None for element in self._attributes.marked) > MAX_ITEMSCOPES:
            self.faults.append("microdata_too_large")
            return graph
        for item in marked_items(self._attributes.marked, _base(self.url)):
            graph.add(item)
        typed = self._attributes.typed
        if 0 < sum(element.get("typeof") is not None for element in typed) <= MAX_ITEMSCOPES:
            for item in marked_items(typed, _base(self.url), RDFA):
                graph.add(item)
        return graph

    @cached_property
    def opengraph(self) -> Mapping[str, str]:
        """OpenGraph and product properties in the head of the page, first of each name (ogp.me)."""
        found: dict[str, str] = {}
        head = None if self.root is None else self.root.find("head")
        if self.root is None or head is None:
            return found
        declared = {prefix for one in (self.root, head) for prefix in _PREFIX.findall(one.get("prefix", ""))}
        for meta in head.iterchildren("meta"):
            name, value = meta.get("property"), meta.get("content")
            if name and value is not None and name.partition(":")[0] in OPENGRAPH | declared:
                found.setdefault(name.lower(), squeeze(value))
        return found

    @cached_property
    def elements(self) -> list[HtmlElement]:
        """All elements in document order; kept, because lxml makes every object anew that nobody holds."""
        return [] if self.root is None else list(self.root.iter(etree.Element))

    @cached_property
    def labels(self) -> Mapping[HtmlElement, str]:
        """What the author of an element calls it (class, id, property, names for tests): lower case, "_" as "-"; in document order."""
        return self._attributes.labels

    @cached_property
    def hidden(self) -> frozenset[HtmlElement]:
        """Elements hidden by their own style or attribute."""
        return frozenset(element for element in self._attributes.styled if is_hidden(element))

    @property
    def holders(self) -> Sequence[HtmlElement]:
        """Elements with a value or with data-* attributes, in document order."""
        return self._attributes.holding

    @cached_property
    def _attributes(self) -> _Attributes:
        """One look at every element; what is asked of it is worked out once for all elements with attributes of the same names.

        It sees every element of every page: no attribute is asked for that is not there.
        """
        labels: dict[HtmlElement, str] = {}
        styled: list[HtmlElement] = []
        marked: list[HtmlElement] = []
        typed: list[HtmlElement] = []
        holding: list[HtmlElement] = []
        known: dict[str | tuple[str, ...], str] = {}
        for element in self.elements:
            one, naming, rare = _asked_of(tuple(element.keys()))
            if one:
                said: str | tuple[str, ...] = element.get(one)
            elif naming:
                said = tuple(map(element.get, naming))
            else:
                said = ""
            if said in known:
                labels[element] = known[said]
            elif said:
                labels[element] = known[said] = _label(said)
            if rare:
                styled.extend((element,) * rare.hiding)
                marked.extend((element,) * rare.marked)
                typed.extend((element,) * rare.typed)
                holding.extend((element,) * rare.holding)
        for element in () if self.root is None else self.root.iter(*_NO_LABEL):
            labels.pop(element, None)
        return _Attributes(labels, styled, marked, typed, holding)

    @cached_property
    def distinct_labels(self) -> tuple[str, ...]:
        """Each label once: a page uses each of them often."""
        return tuple(dict.fromkeys(self.labels.values()))

    @cached_property
    def _all_labels(self) -> str:
        """All of them, for asking cheaply whether any has a word."""
        return "\n".join(self.distinct_labels)

    def labelled(self, name: str, cue: Sought) -> frozenset[str]:
        """Labels that have a cue, worked out once under its name."""
        return self.once(name, lambda: cue.among(self.distinct_labels))

    def called(self, *cues: str) -> Iterator[HtmlElement]:
        """Elements whose label has one of the cues."""
        present = [cue for cue in cues if cue in self._all_labels]
        return self.called_in({label for cue in present for label in self.distinct_labels if cue in label})

    def called_in(self, labels: Container[str]) -> Iterator[HtmlElement]:
        """Elements with one of the labels, in document order."""
        return (element for element, label in self.labels.items() if label in labels) if labels else iter(())

    @cached_property
    def metas(self) -> Mapping[str, str]:
        """Content of meta elements by lower-case name or property, first of each."""
        found: dict[str, str] = {}
        for meta in () if self.root is None else islice(self.root.iter("meta"), 600):
            name = (meta.get("property") or meta.get("name") or "").lower()
            content = meta.get("content") if name else None
            if content and (shown := squeeze(html.unescape(content))):
                found.setdefault(name, shown)
        return found

    @cached_property
    def title(self) -> str:
        """Text of the first title element."""
        found = None if self.root is None else self.root.find(".//title")
        return squeeze(html.unescape(found.text or ""), MAX_NAME) if found is not None else ""

    @cached_property
    def headings(self) -> list[tuple[HtmlElement, str]]:
        """First-level headings with a text, in document order."""
        found = [] if self.root is None else [(h, own_text(h, MAX_NAME)) for h in list(self.root.iter("h1"))[:50]]
        return [(h, text) for h, text in found if text]

    @cached_property
    def lines(self) -> list[str]:
        """Visible text by lines."""
        body = None if self.root is None else self.root.find("body")
        return [] if body is None else page_lines(body, self.elements, self.hidden)

    @cached_property
    def folded(self) -> list[str]:
        """The lines, folded for comparison: as many, in the same order."""
        text = "\n".join(self.lines)
        return (text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()).split("\n")

    @cached_property
    def buttons(self) -> list[str]:
        """Words of buttons that are no visible text: values, alternative texts and titles, folded."""
        return [] if self.root is None else [fold(text, 200) for text in islice(_button_words(self.root), 1_000)]

    @cached_property
    def canonical(self) -> str | None:
        """Address the page calls its own, where it is a page of the same host and not just the front page."""
        for link in () if self.root is None else self.root.iterfind(".//link[@rel='canonical']"):
            address = _joined(self.url, (link.get("href") or "").strip()[:2_000])
            parts = urlsplit(address or "")
            if (parts.hostname or "").removeprefix("www.") == self.host and parts.path.strip("/"):
                return address
        return None

    @cached_property
    def declared_language(self) -> str | None:
        """What the page says its language is."""
        if self.root is None:
            return None
        return self.root.get("lang") or self.root.get("{http://www.w3.org/XML/1998/namespace}lang") or self.metas.get("og:locale")

    @cached_property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Absolute address and text of links, each address once, at most MAX_LINKS."""
        found: dict[str, str] = {}
        for anchor in () if self.root is None else self.root.iter("a"):
            href = (anchor.get("href") or "").strip()[:2_000]
            if not href or href[0] == "#":
                continue
            address = _joined(self.url, href)
            if address and address not in found:
                found[address] = squeeze(anchor.text_content()[:1_000], 200)
                if len(found) >= MAX_LINKS:
                    self.faults.append("links_capped")
                    break
        return tuple(found.items())


def _button_words(root: HtmlElement) -> Iterator[str]:
    """What buttons and links say in their attributes, and the pictures that links hold."""
    for element in root.iter(*_BUTTON_WORDS):
        if element.tag != "input" or element.get("type") in _BUTTON_TYPES:
            yield from filter(None, map(element.get, _BUTTON_WORDS[element.tag]))
    for image in root.iter("img"):
        parent = image.getparent()
        if parent is not None and parent.tag == "a" and (text := image.get("alt")):
            yield text


@lru_cache(maxsize=8_192)
def _asked_of(names: tuple[str, ...]) -> _Asked:
    """What attributes of these names say; a property of RDFa counts where there is none of microdata."""
    if _RARELY.isdisjoint(names):
        naming = tuple(name for name in _NAMING[:2] if name in names)
    else:
        naming = tuple(name for name in _NAMING if name in names and not (name == "property" and "itemprop" in names))
    holding = "value" in names or any(name.startswith("data-") for name in names)
    rare = _Rare(not _HIDING.isdisjoint(names), not _MARKING.isdisjoint(names), not _TYPING.isdisjoint(names), holding)
    return _Asked(naming[0] if len(naming) == 1 else None, naming, rare if any(rare) else None)


def _label(said: str | tuple[str, ...]) -> str:
    """Values of naming attributes as one label."""
    text = said if isinstance(said, str) else " ".join(filter(None, said))
    return text[:400].lower().replace("_", "-")


def _parse(markup: bytes) -> tuple[HtmlElement | None, bool]:
    """The tree, or None where libxml2 gives none; and whether the whole page is in it (nesting below 2,048 levels)."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(_CLASSES)
    if not markup or markup.isspace():
        return None, True
    try:
        root = etree.fromstring(markup, parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None, False
    cut = any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)
    return (root, not cut) if isinstance(root, HtmlElement) else (None, False)


def _point_cents(doc: Document) -> None:
    """Put the comma that type setting leaves out before raised cents: 173<sup>34</sup> is 173,34 and not 17334."""
    if doc.root is None:
        return
    called = (element for element in doc.called(*_CENT_CUES) if any(cue in (element.get("class") or "") for cue in _CENT_CUES))
    for element in [*doc.root.iter("sup"), *called]:
        before, parent = element.getprevious(), element.getparent()
        if parent is None or len(element) or not _TWO_DIGITS.fullmatch(element.text or ""):
            continue
        lead = parent.text if before is None else before.tail or before.text
        if lead and lead.rstrip()[-1:].isdecimal() and len(lead) < 20:
            element.text = f",{(element.text or '').strip()}"


def _base(url: str) -> str:
    return url if url.startswith(_FOLLOWED) else "http://page.invalid/"


def _joined(base: str, href: str) -> str | None:
    """Absolute http(s) address without its fragment."""
    if "://" not in href[:9] and ":" in href[:12].split("/", maxsplit=1)[0]:
        return None  # mailto:, javascript:, tel:
    try:
        address = href if href.startswith(_FOLLOWED) else urljoin(base, href)
    except ValueError:
        return None
    return address.partition("#")[0] if address.startswith(_FOLLOWED) else None
