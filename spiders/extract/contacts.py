"""Phones and e-mail addresses as a page prints them; what is cloaked on purpose stays cloaked."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import phonenumbers
from lxml.html import HtmlElement

from market_db.values.text import clean
from spiders.extract.document import Document
from spiders.extract.nodes import Graph, Node, nodes_of, text_of
from spiders.extract.text import lines_of

MAX_CONTACTS = 30
MAX_LINE = 400
EMAIL = re.compile(r"(?<![\w.+%/=-])[a-z0-9][\w.+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,12}(?![\w@-])", re.IGNORECASE)
_MAILTO = re.compile(r"mailto:[a-z0-9][\w.+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,12}(?![\w@-])", re.IGNORECASE)
_LABEL = re.compile(
    r"\b(?:t[eé]l|tele?(?:ph|f)\w*|phone|fax|mobile|mobil|call|hotline|whatsapp|gsm|handy|toll|toll-free|cell|customer service|órdenes|"
    r"kundenservice|puh|tlf|"
    r"teléfono|telefone|телефон\w*|тел|факс|моб|mob|ph|p|f|t|m)\b\s*[.:]*|電話|电话|傳真|客服|전화|팩스|☎|📞|هاتف|جوال|โทร",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d")
_FORMATTED = re.compile(r"\+\s?\d|\(\d{2,5}\)|\b\d{3}[-.]\d{3}[-.]\d{4}\b|\b00\d{2}|\b0\d{1,4}[\s/-]\d|\b1-\d{3}-\d{3}")
_BARE = re.compile(r"(?:0[1-9]|\+\d|\(0)[\d\s/().+-]{7,38}")
"""A line that is a number in national or international form and nothing else."""
_ABROAD = re.compile(r"(?<![\w+])\+[1-9]\d{0,2}[\s().-]{0,3}\d")
NANP = re.compile(r"(?<![\d.-])(?:\+?1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}(?![\d.-])")
"""North American form; read by that plan where nothing says which country."""
_VANITY = re.compile(r"(\d{3}[.\s-]\d{3}[.\s-])[A-Z]{4}\s?\((\d{4})\)")
_GLUED = re.compile(r"(?<=\d)(?=[A-Za-zА-я]{3})|(?<=[A-Za-zА-я]{3})(?=\+?\d{3})")
_INTERNATIONAL_0 = re.compile(r"\s*\(\s*0\s*\)\s*")
_SEVERAL = re.compile(r"\s+/\s+|[|;]|\s(?:or|oder|ou|and|und)\s")
_PLACEHOLDER = re.compile(
    r"^(?:name|your|you|email|user|example|someone|test|mail|xxx+|ihre?|nombre|votre|abc)[\w.-]*@"
    r"|@(?:domain|example|email|yourdomain|test|company|mail|site|sentry)\.",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|css|js|ico|bmp)$|@\dx\.", re.IGNORECASE)
BOILERPLATE = frozenset(
    {
        "prestashop.com",
        "shopify.com",
        "wixpress.com",
        "sentry.io",
        "magento.com",
        "woocommerce.com",
        "wordpress.org",
        "wordpress.com",
        "bigcommerce.com",
        "w3.org",
    }
)
"""Domains of shop software whose addresses stand in licences and templates, never the shop's own."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """Texts as printed, each once."""

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


NO_CONTACTS = Contacts()


def page_contacts(doc: Document, country: str | None, thorough: bool) -> Contacts:
    """Contacts of a page; `thorough` (contact pages) believes well-formed numbers without a label too."""
    links = list(_links(() if doc.root is None else doc.root.iter("a")))
    stated = [pair for graph in (doc.jsonld, doc.microdata) for pair in _stated(graph)]
    data = (*_data_emails(doc), *_written_emails(doc)) if thorough else ()
    # between head and foot of a product page stands what sellers and readers write: numbers there may be a person's
    lines = doc.lines if thorough or len(doc.lines) < 120 else [*doc.lines[:40], *doc.lines[-80:]]
    return gathered(lines, [*links, *stated], country, thorough, data)


def fragment_contacts(element: HtmlElement, country: str | None) -> Contacts:
    """Contacts of one card of a directory."""
    return gathered(lines_of(element, 5_000), list(_links(element.iter("a"))), country, True)


def gathered(lines: list[str], pairs: list[tuple[str, str]], country: str | None, thorough: bool, data: Iterable[str] = ()) -> Contacts:
    """Contacts of links and markup first, then those of the text."""
    phones = [text for kind, text in pairs if kind == "phone"] + list(_phones(lines, country, thorough))
    emails = [text for kind, text in pairs if kind == "email"] + [e for line in lines if "@" in line for e in EMAIL.findall(line[:2_000])]
    kept = [email for email in (*emails, *data) if _is_business(email)]
    return Contacts(_distinct(phones, lambda text: re.sub(r"\D", "", text)[-9:]), _distinct(kept, str.lower))


def _distinct(texts: Iterable[str], key: Callable[[str], str]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for text in texts:
        seen.setdefault(key(text), text)
        if len(seen) >= MAX_CONTACTS:
            break
    return tuple(seen.values())


def _links(anchors: Iterable[HtmlElement]) -> Iterator[tuple[str, str]]:
    """Contacts of mailto:, tel: and WhatsApp links; percent-encoding is how links are written, not a cloak."""
    for anchor in anchors:
        href = (anchor.get("href") or "")[:600].strip()
        scheme = href[:7].lower()
        if scheme.startswith("mailto:"):
            for email in EMAIL.findall(unquote(href[7:].split("?")[0])):
                yield "email", email
        elif scheme.startswith("tel:"):
            number = clean(unquote(href[4:]), 40)
            if sum(char.isdigit() for char in number) >= 6:
                yield "phone", number


def _stated(graph: Graph) -> Iterator[tuple[str, str]]:
    for node in graph.roots[:200]:
        for holder in _holders(node):
            for key, kind in (("telephone", "phone"), ("faxnumber", "phone"), ("email", "email")):
                text = text_of(holder.get(key))
                if text and kind == "phone" and len(text) < 60:
                    yield kind, text
                elif text and EMAIL.fullmatch(text.removeprefix("mailto:")):
                    yield kind, text.removeprefix("mailto:")


def _holders(node: Node) -> Iterator[Node]:
    yield node
    for key in ("contactpoint", "address", "seller", "provider", "publisher"):
        for inner in nodes_of(node.get(key)):
            yield inner
            yield from nodes_of(inner.get("contactpoint"))


def _data_emails(doc: Document) -> Iterator[str]:
    """Addresses printed plainly in data-* attributes (office pickers)."""
    if doc.root is None or "@" not in doc.decoded.text:
        return
    for element in doc.root.iter():
        for name, value in element.attrib.items():
            if "@" in value and str(name).startswith("data-") and len(value) < 2_000 and "cfemail" not in str(name):
                yield from EMAIL.findall(value)


def _written_emails(doc: Document) -> Iterator[str]:
    """Addresses of mailto: links that an inline script holds as plain markup (office pickers); nothing is put together."""
    for script in () if doc.root is None else doc.root.iter("script"):
        if script.text and "mailto:" in script.text:
            yield from (match[7:] for match in _MAILTO.findall(script.text[:200_000]))


def _is_business(email: str) -> bool:
    domain = email.lower().rpartition("@")[2]
    return not (_PLACEHOLDER.search(email) or _FILE.search(email) or any(domain == d or domain.endswith("." + d) for d in BOILERPLATE))


def _phones(lines: list[str], country: str | None, thorough: bool) -> Iterator[str]:
    """Valid numbers of lines that say they hold one, or (thorough) are written like one."""
    before = ""
    for line in lines:
        text, previous, before = line, before, line
        if len(text) > MAX_LINE or len(_DIGITS.findall(text)) < 6:
            continue
        labelled = bool(_LABEL.search(text)) or bool(_BARE.fullmatch(text)) or (len(previous) < 40 and bool(_LABEL.search(previous)))
        if labelled or (thorough and _FORMATTED.search(text)) or _ABROAD.search(text[:120]):
            yield from _numbers(text, country, labelled)


def _numbers(line: str, country: str | None, labelled: bool) -> Iterator[str]:
    text = _VANITY.sub(r"\1\2", line)
    text = _INTERNATIONAL_0.sub(" ", _GLUED.sub(" ", text))
    text = re.sub(r"(?<![\d+])00(?=[1-9]\d)", "+", text)
    found = False
    parts = _SEVERAL.split(text)
    country = country or ("US" if NANP.search(text) else None)
    for part in parts if all(len(_DIGITS.findall(part)) >= 7 for part in parts) else [text]:
        for match in phonenumbers.PhoneNumberMatcher(part, country, phonenumbers.Leniency.VALID, max_tries=20):
            if labelled or _FORMATTED.search(match.raw_string) or match.raw_string.startswith("+"):
                found = True
                yield match.raw_string
    if not found and labelled and (raw := re.search(r"\+?\(?\d[\d\s().-]{6,18}\d", text)):
        yield raw.group()
