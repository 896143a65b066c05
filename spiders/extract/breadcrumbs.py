"""The path from a shop's front page to a product: what the shop says the product is."""

import re
from collections.abc import Iterable, Iterator, Sequence

from lxml.html import HtmlElement

from market_db.values.text import clean, fold
from spiders.extract.document import Document
from spiders.extract.nodes import Graph, Node, nodes_of, text_of, types_of
from spiders.extract.sought import Sought
from spiders.extract.text import own_text

MAX_CRUMBS = 12
MAX_CRUMB = 120
_TRAIL = Sought.of(
    {
        "": [
            r"crumb|pathway|navigation-?path|navpath|location-?path|you-?are-?here|ariane|brotkrum|kruimel|okruszk|drobe[cč]k|morzsa|murupolku",
            r"sie-?sind-?hier|rootline|click-?path|topic-?path|pankuzu|bread-?navi|current-?(?:location|position)|(?<![a-z])migas?(?![a-z])|briciole",
            r"(?<![\w-])path(?![\w-])",
        ]
    }
)
"""In the label of the element that holds the path: breadcrumb in the languages of those who build shops."""
_HOLDERS = frozenset({"div", "nav", "ul", "ol", "p", "span", "section", "td", "table", "header", "dl"})
_ROOT = re.compile(r"(?:[\w.-]+)?/(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:index\.\w{2,5})?", re.IGNORECASE)
"""Address of the front page, perhaps in a language."""
_ARROW = re.compile(r"\s*[>»›→▸❯＞➔➜►⟩]+\s*")
_MARKED = re.compile(r"[>»›→▸❯＞➔➜►⟩]")
_SEPARATORS = ">»›/\\\\|→·•:‣▸❯–⁄∕⟩〉＞≫➔➜➤►▶⇒‹«❭-"
_MARKS = re.compile(rf"^[\s{_SEPARATORS}]+|[\s{_SEPARATORS}]+$")


def breadcrumbs(doc: Document, name: str | None) -> tuple[str, ...]:
    """Crumbs from the root without the product itself; JSON-LD, microdata, then links of the element called breadcrumb."""
    for trail in _trails(doc):
        crumbs = _without_leaf([crumb for crumb in (_tidy(text) for text in trail) if crumb], name)
        if crumbs:
            return crumbs[:MAX_CRUMBS]
    return ()


def _trails(doc: Document) -> Iterator[list[str | None]]:
    yield _listed(doc.jsonld)
    yield _listed(doc.microdata)
    yield max(_loose(doc.microdata), _linked(doc), key=len)
    yield _pointed(doc)


def _tidy(text: str | None) -> str:
    return clean(_MARKS.sub("", text or ""), MAX_CRUMB)


def _without_leaf(crumbs: Sequence[str], name: str | None) -> tuple[str, ...]:
    """Drop the product at the end, also where the shop shortens its name."""
    last = fold(crumbs[-1], MAX_CRUMB) if crumbs else ""
    leaf = fold(name or "", MAX_CRUMB)
    named = last and leaf and (last == leaf or (len(last) > 12 and (leaf.startswith(last.rstrip("…. ")) or last.startswith(leaf))))
    return tuple(crumbs[:-1] if named else crumbs)


def _listed(graph: Graph) -> list[str | None]:
    """The longest BreadcrumbList, in its own order."""
    lists = [list(nodes_of(node.get("itemlistelement"))) for node in graph.of({"breadcrumblist"})]
    lists += [list(nodes_of(node.get("itemlistelement"))) for page in graph.roots for node in nodes_of(page.get("breadcrumb"))]
    items = max(lists, key=len, default=[])
    return [_label(item) for item in sorted(items, key=_position)]


def _position(item: Node) -> float:
    try:
        return float(text_of(item.get("position")) or 0)
    except ValueError:
        return 0.0


def _label(item: Node) -> str | None:
    target = item.get("item")
    return text_of(item.get("name")) or (text_of(target, "name") if not isinstance(target, str) else None)


def _loose(graph: Graph) -> list[str | None]:
    """data-vocabulary: one Breadcrumb item a crumb, nested or in a row."""
    found: list[str | None] = []
    for node in graph.roots:
        current: Node | None = node if "breadcrumb" in types_of(node) else None
        while current is not None and len(found) < MAX_CRUMBS:
            found.append(text_of(current.get("title")) or text_of(current.get("name")))
            current = next(nodes_of(current.get("child")), None)
    return found


def _linked(doc: Document) -> list[str | None]:
    """Link texts of the element that calls itself breadcrumb, where it has any; a single crumb may be one of many such elements."""
    best: list[str] = []
    trails = doc.labelled("trail", _TRAIL)
    holders = (element for element in doc.called_in(trails) if element.tag in _HOLDERS)
    for _, element in zip(range(40), holders, strict=False):
        crumbs = _texts(element, doc.host)
        if len(best) < len(crumbs) <= MAX_CRUMBS:
            best = crumbs
    return list(best)


def _pointed(doc: Document) -> list[str | None]:
    """Link texts of an element without a telling name: its first link leads to the front page, and arrows point from each to the next."""
    if doc.root is None or not _MARKED.search("\n".join(doc.lines)):
        return []
    for anchor in doc.root.iter("a"):
        holder = anchor.getparent() if _ROOT.fullmatch((anchor.get("href") or "").partition("://")[2] or anchor.get("href") or "") else None
        if holder is None or holder.tag not in _HOLDERS or not _ARROW.fullmatch(anchor.tail or ""):
            continue
        crumbs = _texts(holder, doc.host)
        arrows = sum(bool(_ARROW.match(link.tail or "")) for link in holder.iter("a"))
        if next(holder.iter("a")) is anchor and 1 < len(crumbs) <= MAX_CRUMBS and arrows >= len(crumbs) - 1:
            return list(crumbs)
    return []


def _texts(element: HtmlElement, host: str) -> list[str]:
    inside = [link for link in element.iter("a") if _within(link.get("href") or "", host) and not _is_in_menu(link, element)]
    links = [own_text(link, MAX_CRUMB) for link in inside]
    found = _distinct(text for text in links if _tidy(text))
    return found or _distinct(text for item in element.iter("li") if _tidy(text := own_text(item, MAX_CRUMB)))


def _is_in_menu(link: HtmlElement, trail: HtmlElement) -> bool:
    """Whether a link lies in a list within an item of the path: what else could be chosen there."""
    items = 0
    for outer in link.iterancestors():
        if outer is trail:
            break
        items += outer.tag == "li"
    return items > 1


def _within(href: str, host: str) -> bool:
    """Whether a link stays on the site; share buttons do not."""
    return host in href if href.startswith(("http:", "https:", "//")) else not href.startswith(("mailto:", "javascript:"))


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
