"""A card or profile of a company directory as a Registration: what its labels and selectors say, and the contacts that stand in it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from market_db.reference import words
from market_db.seen import Party, Registration
from market_db.values.names import is_placeholder, looks_like_company
from market_db.values.persons import given_names, looks_like_person
from market_db.values.places import read_country
from market_db.values.text import clean, plain
from market_db.values.websites import is_shared_domain, read_website
from spiders.extract.blocks import Block
from spiders.extract.contacts import NO_CONTACTS, Contacts, fragment_contacts
from spiders.extract.document import Document
from spiders.extract.labelled import Pair, fields_of
from spiders.extract.page import page_key
from spiders.extract.shown import attributes
from spiders.extract.text import lines_of, own_text
from spiders.reading import Read, Rejected

MAX_NAME = 200
MAX_ACTIVITY = 2_000
ACTIVITY = ("business_type", "products", "activity", "description")
_ADDRESS_CUE = re.compile(
    r"(?<![a-z])(?:address|adress|adresse|anschrift|street|alamat|direccion|indirizzo|endereco)(?!-?book|ee)", re.IGNORECASE
)
_NAME_PARTS = re.compile(r"\s[-–—|/]\s|,\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the row of the site says of every firm in it."""

    country: str | None = None
    role: str | None = None
    proof: str | None = None
    host: str = ""
    not_theirs: Contacts = NO_CONTACTS
    """The directory's own contacts: they stand on every page."""


def firm_of(block: Block, told: Told) -> Read:
    """The firm of a block, or why there is none. A name that is a person's makes a record that the privacy step refuses and counts."""
    name = clean(block.text("name") or block.name or "", MAX_NAME)
    if not name or is_placeholder(name):
        return Rejected("no_name", "")
    url = block.url
    if not url:
        return Rejected("no_link", name if looks_like_company(name) else "")
    contacts = _contacts(block, told)
    party = Party(
        name=name,
        role=told.role,
        role_proof=told.proof if told.role else None,
        country_text=block.text("country"),
        address=_address(block),
        city=block.text("city"),
        region=block.text("region"),
        postcode=block.text("postcode"),
        website=_website(block, told.host),
        phones_text=contacts.phones,
        emails_text=contacts.emails,
        natural_person=names_person(name),
    )
    if party.country_text is None and told.country:
        party = replace(party, country=told.country, country_basis="site")
    return Registration(key=page_key(url), party=party, url=url, activity_text=_activity(block))


def names_person(name: str) -> bool:
    """Whether a firm's printed name is a person's: it begins with a given name and has neither a legal form nor a word of a trade."""
    if looks_like_company(name):
        return False
    generic = words("trade_words", "words")
    if any(word in generic for word in plain(name).split()) and not _NAME_PARTS.search(name):
        return False
    parts = [part for part in _NAME_PARTS.split(name) if part.strip()]
    return any(plain(part).split()[0] in given_names() and looks_like_person(part, generic) for part in parts if len(part.split()) > 1)


def merged(profile: Registration, card: Registration) -> Registration:
    """The profile, with what only the card shows."""
    party, other = profile.party, card.party
    lacking: dict[str, Any] = {
        name: getattr(other, name)
        for name in ("role", "role_proof", "country_text", "address", "city", "region", "postcode", "website")
        if not getattr(party, name) and getattr(other, name)
    }
    party = replace(
        party,
        **lacking,
        phones_text=party.phones_text or other.phones_text,
        emails_text=party.emails_text or other.emails_text,
        natural_person=party.natural_person or other.natural_person,
    )
    if other.country_text and party.country_basis == "site":
        party = replace(party, country=None, country_basis=None)
    return replace(profile, key=card.key, url=card.url, party=party, activity_text=profile.activity_text or card.activity_text)


def _contacts(block: Block, told: Told) -> Contacts:
    """Numbers and addresses of the block; a fax is a way to reach a firm, but no telephone, and stays out."""
    fax = {digits for text in _values(block, "fax") if (digits := re.sub(r"\D", "", text)[-8:])}
    stated = block.text("country")
    theirs = fragment_contacts(block.element, (read_country(stated) if stated else None) or told.country)
    phones = (*(_values(block, "phone") if "phone" in block.selectors else ()), *theirs.phones)
    emails = (*(_values(block, "email") if "email" in block.selectors else ()), *theirs.emails)
    own_phones = {_digits(text) for text in told.not_theirs.phones}
    own_emails = {text.lower() for text in told.not_theirs.emails}
    kept = {} if "phone" in block.drop else {_digits(text): text for text in reversed(phones)}
    return Contacts(
        tuple(text for key, text in reversed(kept.items()) if key not in own_phones and key[-8:] not in fax and key),
        () if "email" in block.drop else tuple(dict.fromkeys(text for text in emails if text.lower() not in own_emails)),
    )


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)[-9:]


def _values(block: Block, field: str) -> Iterator[str]:
    if text := block.text(field):
        yield text
    yield from (pair.value for pair in block.pairs if field in fields_of(pair.label) and pair.lines)


def _address(block: Block) -> str | None:
    """Lines of the labelled address joined by commas, else of the element that is called one."""
    if "address" in block.drop:
        return None
    if "address" in block.selectors:
        return block.text("address")
    pair = block.fields.get("address")
    if pair is not None and pair.lines:
        return clean(", ".join(line.strip(" ,") for line in pair.lines), 300)
    for element in list(block.element.iterdescendants())[:1_000]:
        if element.tag == "address" or (len(element) < 8 and isinstance(element.tag, str) and _ADDRESS_CUE.search(attributes(element))):
            lines = [line.strip(" ,") for line in lines_of(element, 400) if any(map(str.isalpha, line)) and "@" not in line]
            while lines and not any(map(str.isdigit, lines[-1])) and read_country(lines[-1]) is None:
                lines.pop()
            text = clean(", ".join(lines), 300)
            if any(map(str.isdigit, text)) and len(text) > 6:
                return text
    return None


def _website(block: Block, host: str) -> str | None:
    """The labelled address, else the one link out of the directory whose text is an address or the word for one."""
    if "website" in block.drop:
        return None
    if "website" in block.selectors:
        return block.text("website")
    pair = block.fields.get("website")
    if pair is not None and (stated := _stated(pair, host)):
        return stated
    found = [url for anchor in block.element.iter("a") if (url := _outward(anchor, host)) and _says_website(anchor)]
    return found[0] if len(set(found)) == 1 else None


def _stated(pair: Pair, host: str) -> str | None:
    if pair.value and read_website(pair.value):
        return pair.value
    return next((url for anchor in _anchors(pair.cell) if (url := _outward(anchor, host))), None)


def _anchors(cell: HtmlElement | None) -> Iterable[HtmlElement]:
    return () if cell is None else cell.iter("a")


def _outward(anchor: HtmlElement, host: str) -> str | None:
    """Address of a link to another host that one firm may own."""
    href = (anchor.get("href") or "").strip()[:2_000]
    try:
        other = (urlsplit(href).hostname or "").removeprefix("www.")
    except ValueError:
        return None
    return href if href.startswith(("http://", "https://")) and other and other != host and not is_shared_domain(other) else None


def _says_website(anchor: HtmlElement) -> bool:
    text = own_text(anchor, 200)
    return "website" in fields_of(text) or read_website(text) is not None


def _activity(block: Block) -> str | None:
    """Kind of business, goods and what the firm does, each as a sentence of its own: the role's proof is quoted from them."""
    texts = dict.fromkeys(text.strip(" .") for name in ACTIVITY if (text := block.text(name)))
    return clean(". ".join(texts), MAX_ACTIVITY) or None


def stated_firm(doc: Document) -> Mapping[str, str]:
    """Name of the page's one organisation as its markup states it; {} where it states none or several."""
    from spiders.extract.nodes import text_of
    from spiders.extract.shops import ORGANISATIONS

    names = [text_of(node.get("name")) for graph in (doc.jsonld, doc.microdata) for node in graph.of(ORGANISATIONS)]
    known = {name for name in names if name}
    return {"name": known.pop()} if len(known) == 1 else {}
