"""Phones and e-mail addresses of a page or of a part of it: from links, markup and text, each once."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from urllib.parse import unquote

from lxml.html import HtmlElement

from market_db.values.text import clean
from market_db.values.websites import registrable_domain
from spiders.extract import cues
from spiders.extract.document import Document
from spiders.extract.emails_shown import emails_in
from spiders.extract.nodes import Graph, Node, nodes_of, text_of
from spiders.extract.phones_shown import in_sentence, shown_phones
from spiders.extract.text import is_hidden, lines_of, own_text

MAX_CONTACTS = 30
MAX_LINKED = 300
"""Contacts of links that one page is read for."""
MAX_SCRIPT = 200_000
EDGES = (40, 80)
"""Lines at head and foot of a page in which the site's own contacts stand."""
CREDITED = 4
"""Lines below a heading like "Hosting" that are about the host."""
_CHAT = re.compile(r"(?://wa\.me/|whatsapp(?:\.com/|:/)/?send/?\?phone=)(?:\+|%2B|00)?([1-9]\d{7,14})(?!\d)", re.IGNORECASE)
"""A chat link names the number it goes to, with its country code."""
_PAGES = ("/", "#", "?", "http")
"""How links to pages begin, which most are."""
_MAILTO = re.compile(r"mailto:[^\"'<>\s\\]{3,200}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Contacts:
    """Texts as printed, each once."""

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


NO_CONTACTS = Contacts()


def page_contacts(doc: Document, country: str | None, thorough: bool, *, product: bool = False) -> Contacts:
    """Contacts of a page; `thorough` (contact pages) believes well-formed numbers without a label too.

    On a page about a `product`, numbers in running sentences are left out.
    """
    pairs = doc.once(
        "contacts", lambda: [*islice(_linked_in(doc.root, doc.host), MAX_LINKED), *_stated(doc.jsonld), *_stated(doc.microdata)]
    )
    data = chain(_data_emails(doc), _written_emails(doc)) if thorough else ()
    # between head and foot of a product page stands what sellers and readers write: numbers there may be a person's
    lines = [doc.title, *doc.lines] if thorough or len(doc.lines) < sum(EDGES) else [*doc.lines[: EDGES[0]], *doc.lines[-EDGES[1] :]]
    own = doc.once(f"own lines {thorough}", lambda: list(own_lines(lines, doc.host)))
    phones = [line for line in own if not in_sentence(line)] if product else own
    return gathered(own, pairs, country, thorough=thorough, data=data, phone_lines=phones)


def fragment_contacts(element: HtmlElement, country: str | None) -> Contacts:
    """Contacts of one card of a directory."""
    return gathered(lines_of(element, 5_000), list(_linked_in(element, "")), country, thorough=True)


def gathered(
    lines: Sequence[str],
    pairs: Iterable[tuple[str, str]],
    country: str | None,
    *,
    thorough: bool,
    data: Iterable[str] = (),
    phone_lines: Sequence[str] | None = None,
) -> Contacts:
    """Contacts of links and markup first, then those of the text; nothing is read beyond MAX_CONTACTS of a kind.

    `data` are further addresses; `phone_lines` are the lines that are read for telephone numbers, where not all are.
    """
    shown = shown_phones(lines if phone_lines is None else phone_lines, country, thorough)
    phones = chain((text for kind, text in pairs if kind == "phone"), shown)
    written = (email for line in lines if "@" in line for email in emails_in(line))
    emails = chain((text for kind, text in pairs if kind == "email"), written, data)
    return Contacts(_distinct(phones, lambda text: re.sub(r"\D", "", text)[-9:]), _distinct(emails, str.lower))


def own_lines(lines: Sequence[str], host: str) -> Iterator[str]:
    """Lines without what is said of others: who made, hosts or prints the site."""
    skipped = 0
    text = "\n".join(lines)
    credit_words, headed = cues.CREDIT.narrowed(text), bool(cues.CREDIT_HEADINGS.narrowed(text))
    for place, line in enumerate(lines):
        if headed and place >= len(lines) / 2 and cues.CREDIT_HEADING.match(line):
            skipped = CREDITED
        elif credit := credit_words.search(line):
            skipped = 0
            if line[: credit.match.start()].strip():
                yield line[: credit.match.start()]
        elif skipped and not _is_own(line, host):
            skipped -= 1
        else:
            skipped = 0
            yield line


def _is_own(line: str, host: str) -> bool:
    """Whether a line below a credit is about the firm again: it has a heading's colon, the firm's domain, or a copyright sign."""
    return bool(host and host in line.lower()) or "©" in line


def _distinct(texts: Iterable[str], key: Callable[[str], str]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for text in texts:
        seen.setdefault(key(text), text)
        if len(seen) >= MAX_CONTACTS:
            break
    return tuple(seen.values())


def _linked_in(element: HtmlElement | None, host: str) -> Iterator[tuple[str, str]]:
    """Contacts of the links in an element."""
    for anchor in () if element is None else element.iter("a"):
        href = anchor.get("href")
        if href and (not href.startswith(_PAGES) or "wa." in href or "ats" in href):
            yield from _linked(anchor, host)


def _linked(anchor: HtmlElement, host: str) -> Iterator[tuple[str, str]]:
    """Contacts of mailto: and tel: links; percent-encoding is how links are written, not a cloak. Hidden ones are traps."""
    href = (anchor.get("href") or "")[:600].strip()
    scheme = href[:8].lower()
    if scheme.startswith("mailto:"):
        if not is_hidden(anchor) and not _is_credit(anchor, href, host):
            yield from (("email", email) for email in emails_in(unquote(href[7:].split("?")[0])))
    elif scheme.startswith(("tel:", "callto:", "fax:")):
        number = clean(unquote(href.partition(":")[2]).strip("/"), 40)
        if sum(char.isdigit() for char in number) >= 6 and not is_hidden(anchor):
            yield "phone", number
    elif ("wa." in href or "atsapp" in href.lower()) and (chat := _CHAT.search(href)):
        if not is_hidden(anchor):
            yield "phone", f"+{chat[1]}"
    elif "@" in href and "/" not in href:
        yield from (("email", email) for email in emails_in(href))


def _is_credit(anchor: HtmlElement, href: str, host: str) -> bool:
    """Whether the link is to whoever made the site: the text around it says so, and the domain is not the site's."""
    parent = anchor.getparent()
    around = own_text(parent, 200) if parent is not None and len(parent) < 12 else ""
    return bool(cues.CREDIT.search(around)) and registrable_domain(href.rpartition("@")[2].split("?")[0]) != registrable_domain(host)


def _stated(graph: Graph) -> Iterator[tuple[str, str]]:
    for node in graph.roots[:200]:
        for holder in _holders(node):
            for key, kind in (("telephone", "phone"), ("faxnumber", "phone"), ("email", "email")):
                text = unquote(text_of(holder.get(key)) or "")
                if kind == "phone" and 6 <= len(text) < 60:
                    yield kind, text.removeprefix("tel:")
                elif kind == "email" and len(text) < 200:
                    yield from ((kind, email) for email in emails_in(text.removeprefix("mailto:")))


def _holders(node: Node) -> Iterator[Node]:
    yield node
    for key in ("contactpoint", "address", "seller", "provider", "publisher"):
        for inner in nodes_of(node.get(key)):
            yield inner
            yield from nodes_of(inner.get("contactpoint"))


def _data_emails(doc: Document) -> Iterator[str]:
    """Addresses printed plainly in data-* attributes (office pickers) and hidden form fields (where the form is sent)."""
    for element in doc.holders:
        for name, value in element.items():
            if "@" in value and len(value) < 2_000 and _is_data(element, str(name)):
                yield from emails_in(value)


def _is_data(element: HtmlElement, name: str) -> bool:
    if name.startswith("data-"):
        return "cfemail" not in name
    return name == "value" and element.tag == "input" and element.get("type", "").lower() == "hidden"


def _written_emails(doc: Document) -> Iterator[str]:
    """Addresses of mailto: links that an inline script holds as plain markup (office pickers); nothing is put together."""
    for script in () if doc.root is None else doc.root.iter("script"):
        if script.text and "mailto:" in script.text:
            yield from (email for found in _MAILTO.findall(script.text[:MAX_SCRIPT]) for email in emails_in(found[7:]))
