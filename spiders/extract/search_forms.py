"""How a site is searched: the address its markup names (SearchAction, OpenSearch), else the one its search form leads to."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from spiders.extract.document import Document
from spiders.extract.nodes import Node, nodes_of, types_of
from spiders.reading import BadAnswer

MAX_FORMS = 60
MAX_TEMPLATE = 1_000
MAX_VALUE = 60
"""Characters of a hidden value that may say what is asked; longer ones say who asks."""
ENOUGH = 2
"""Points a form needs: one hint alone ("text") is also what newsletter boxes have."""
_PLACE = re.compile(r"\{[^{}]{0,60}\}")
_OPENSEARCH = {
    "searchterms": "{q}",
    "startpage": "{page}",
    "count": "20",
    "language": "*",
    **dict.fromkeys(["inputencoding", "outputencoding"], "UTF-8"),
}
"""OpenSearch 1.1 parameters -> what is put there; optional ones ("{language?}") we do not know are left empty."""
_TEXT_INPUTS = {"text", "search", ""}
_REFUSED = {"password", "email", "file", "tel"}


@dataclass(frozen=True, slots=True)
class Search:
    """A way to search a site."""

    template: str
    """{q} for the words, {page} for the page where the site says how."""
    why: str
    """SearchAction, OpenSearch or form."""


@cache
def words() -> Mapping[str, tuple[str, ...]]:
    """The table search_words.toml."""
    table = tomllib.loads(Path(__file__).with_name("search_words.toml").read_text("utf-8"))
    return {name: tuple(texts) for name, texts in table.items()}


def searches(doc: Document) -> Iterator[Search]:
    """Ways to search that a page shows, the most trustworthy first; the OpenSearch description is a file of its own (`opensearch_link`)."""
    yield from (Search(template, "SearchAction") for template in dict.fromkeys(_actions(doc)))
    yield from (Search(template, "form") for template in _forms(doc))


def search_url(template: str, keyword: str, page: int, charset: str | None = None) -> str:
    """Address of a page of results; the words are encoded as the site's forms would."""
    try:
        asked = quote_plus(keyword, encoding=charset or "utf-8", errors="replace")
    except LookupError:
        asked = quote_plus(keyword)
    in_query = "?" in template.partition("{q}")[0]
    return template.replace("{q}", asked if in_query else quote(keyword, safe="")).replace("{page}", str(page))


def _actions(doc: Document) -> Iterator[str]:
    """Targets of the SearchActions of any object of the page."""
    for graph in (doc.jsonld, doc.microdata):
        for node in graph.roots[:200]:
            for action in nodes_of(node.get("potentialaction")):
                if "searchaction" in types_of(action):
                    yield from _targets(doc.url, action)


def _targets(base: str, action: Node) -> Iterator[str]:
    target = action.get("target")
    for one in target if isinstance(target, list) else [target]:
        text = one.get("urltemplate") if isinstance(one, dict) else one
        if isinstance(text, str) and len(_PLACE.findall(text)) == 1 and len(text) < MAX_TEMPLATE:
            yield absolute(base, _PLACE.sub("{q}", text.strip()))


def absolute(base: str, template: str) -> str:
    """The template on its host; what joining would encode is kept."""
    held = template.replace("{q}", "QQQ0QQQ").replace("{page}", "QQQ1QQQ")
    try:
        return urljoin(base, held).replace("QQQ0QQQ", "{q}").replace("QQQ1QQQ", "{page}")
    except ValueError:
        return ""


def opensearch_link(doc: Document) -> str | None:
    """Address of the OpenSearch description that the page names."""
    for link in [] if doc.root is None else list(doc.root.iter("link"))[:500]:
        if "opensearchdescription" in (link.get("type") or "").lower() and (link.get("href") or "").strip():
            return absolute(doc.url, (link.get("href") or "").strip()[:MAX_TEMPLATE]) or None
    return None


def read_opensearch(body: bytes, base: str) -> Search:
    """The search for pages (type text/html) of an OpenSearch 1.1 description. Raises BadAnswer: no opensearch."""
    try:
        root = etree.fromstring(body.lstrip(), etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadAnswer("no opensearch", str(error)[:200]) from error
    for element in root.iter() if root is not None else ():
        template = element.get("template") or ""
        if str(element.tag).endswith("}Url") and "html" in (element.get("type") or "text/html") and "{searchTerms" in template:
            return Search(absolute(base, _PLACE.sub(_filled, template.strip()[:MAX_TEMPLATE])), "OpenSearch")
    raise BadAnswer("no opensearch", "no template for pages in it")


def _filled(place: re.Match[str]) -> str:
    name = place[0].strip("{}").rstrip("?").lower()
    return "" if place[0].endswith("?}") and name not in ("searchterms", "startpage") else _OPENSEARCH.get(name, "")


def _forms(doc: Document) -> Iterator[str]:
    """Templates of GET forms that look like the site's search, the likeliest first."""
    found = []
    for place, form in enumerate([] if doc.root is None else list(doc.root.iter("form"))[:MAX_FORMS]):
        field = _search_field(form)
        points = _points(form, field) if field is not None else 0
        if field is not None and points >= ENOUGH:
            found.append((-points, place, _template_of(doc.url, form, field)))
    yield from dict.fromkeys(template for _, _, template in sorted(found) if template)


def _search_field(form: HtmlElement) -> HtmlElement | None:
    """The one text field of a form that asks by GET and wants nothing private."""
    if (form.get("method") or "get").strip().lower() != "get":
        return None
    inputs = [(field, (field.get("type") or "").strip().lower()) for field in form.iter("input")]
    texts = [field for field, kind in inputs if kind in _TEXT_INPUTS and field.get("name")]
    private = any(kind in _REFUSED for _, kind in inputs) or next(form.iter("textarea"), None) is not None
    return texts[0] if len(texts) == 1 and not private else None


def _points(form: HtmlElement, field: HtmlElement) -> int:
    """How much speaks for a search: the field's kind and name, and words on form and field."""
    name = (field.get("name") or "").lower()
    on_form = " ".join(form.get(key) or "" for key in ("action", "id", "class", "name", "role", "aria-label")).lower()
    on_field = " ".join(field.get(key) or "" for key in ("id", "class", "placeholder", "title", "aria-label", "value")).lower()
    hints = words()["hints"]
    return (
        2 * ((field.get("type") or "").lower() == "search")
        + 2 * (name in words()["fields"])
        + 2 * any(hint in on_form for hint in hints)
        + any(hint in name for hint in hints)
        + any(hint in on_field for hint in hints)
    )


def _template_of(base: str, form: HtmlElement, field: HtmlElement) -> str:
    """What the browser would ask, with {q} for the text: hidden fields and chosen options stay, tokens do not."""
    action = absolute(base, (form.get("action") or base).strip()[:MAX_TEMPLATE])
    pairs = [*parse_qsl(urlsplit(action).query, keep_blank_values=True)] if not (form.get("action") or "").strip() else []
    for other in form.iter("input", "select"):
        name, value = other.get("name") or "", _value(other)
        if other is not field and name and value is not None and not any(token in name.lower() for token in words()["tokens"]):
            pairs.append((name, value))
    if not action.startswith(("http://", "https://")):
        return ""
    kept = [(name, value) for name, value in dict.fromkeys(pairs) if name != field.get("name") and len(value) <= MAX_VALUE]
    asked = urlencode([*kept, (field.get("name") or "", "QQQ0QQQ")]).replace("QQQ0QQQ", "{q}")
    return f"{action.partition('?')[0].partition('#')[0]}?{asked}"


def _value(field: HtmlElement) -> str | None:
    """What a field sends when nobody touches it; None = nothing."""
    if field.tag == "select":
        options = list(field.iter("option"))[:500]
        chosen = next((option for option in options if "selected" in option.attrib), options[0] if options else None)
        return None if chosen is None else chosen.get("value") if chosen.get("value") is not None else (chosen.text or "").strip()
    kind = (field.get("type") or "").lower()
    if kind in ("checkbox", "radio"):
        return (field.get("value") or "on") if "checked" in field.attrib else None
    return (field.get("value") or "") if kind == "hidden" else None
