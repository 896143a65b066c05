"""Files to flat objects: what `tembus extract FILE` prints, one object for the page and its tiles inside."""

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from market_db.seen import Listing, Registration
from market_db.values.emails import Email, on_free_mail, read_email
from market_db.values.languages import read_language
from market_db.values.phones import read_phone
from spiders.extract.contacts import Contacts
from spiders.extract.page import Page, extract_page
from spiders.extract.shops import host_label
from spiders.extract.shown import read_shown
from spiders.extract.tiles import Tile

MAX_FILE = 64 * 1024 * 1024
Flat = dict[str, Any]


def extract_file(path: Path, url: str) -> list[Flat]:
    """Flat objects of a file as saved by a browser or a crawl: HTML, gzip of it, or JSON of a shop; never raises on content."""
    return list(flat_records(opened(path), url, {}))


def opened(path: Path) -> bytes:
    """Content, unpacked where it is gzip; what cannot be unpacked is taken as it is."""
    with path.open("rb") as file:
        body = file.read(MAX_FILE)
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        with gzip.open(path) as packed:
            return packed.read(MAX_FILE)
    except (OSError, EOFError, zlib.error):
        return body


def flat_records(body: bytes, url: str, headers: Mapping[str, str]) -> Iterator[Flat]:
    """One object a page: name, price, currency, availability, breadcrumbs, brand, seller, country, language, phones, emails, items."""
    from spiders.extract.shop_json import shop_items

    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"["):
        items = shop_items(body)
        if items is not None:
            yield {"items": items}
            return
    yield flat_page(extract_page(body, url, headers))


def flat_page(page: Page) -> Flat:
    """A page as one object; only addresses of functions, never of persons."""
    record = page.records[0] if page.records else None
    if isinstance(record, Listing):
        return _flat_listing(page, record)
    items = [_flat_tile(tile, page.country) for tile in page.items]
    firm = _flat_firm(page, page.firm) if page.firm else {"country": page.country, "language": _language(page, "")}
    return {**firm, "items": items}


def _flat_listing(page: Page, record: Listing) -> Flat:
    seller = record.seller
    return {
        "name": record.name,
        "price": record.price,
        "currency": record.currency if record.price is not None else None,
        "availability": record.availability,
        "breadcrumbs": list(page.breadcrumbs),
        "brand": record.brand,
        "seller": seller.name if seller else None,
        "country": record.country,
        "language": _language(page, f"{record.name}. {record.description or ''} {page.text}"),
        **_flat_contacts(page.contacts, record.country, page),
    }


def _flat_firm(page: Page, record: Registration) -> Flat:
    party = record.party
    contacts = _flat_contacts(Contacts(party.phones_text, party.emails_text), party.country, page)
    return {"seller": party.name, "country": party.country, "language": _language(page, ""), **contacts}


def _flat_contacts(contacts: Contacts, country: str | None, page: Page | None = None) -> Flat:
    phones = [phone.e164 for text in contacts.phones if (phone := read_phone(text, country=country)) and phone.e164]
    emails = [email.address for text in contacts.emails if (email := read_email(text)) and (email.role or _is_named_after(email, page))]
    return {"phones": list(dict.fromkeys(phones)), "emails": list(dict.fromkeys(emails))}


def _is_named_after(email: Email, page: Page | None) -> bool:
    """Whether a mailbox at a free mail service bears the name of the page's site ("tokorasa@gmail.com" on tokorasa.example)."""
    label = host_label(page.document.host) if page and page.document else ""
    return len(label) > 4 and on_free_mail(email) and re.sub(r"[\W_]", "", email.address.partition("@")[0]) == label.replace("-", "")


def _flat_tile(tile: Tile, country: str | None) -> Flat:
    money = read_shown(tile.price, None, country) if tile.price else None
    return {"name": tile.name, "price": money.amount if money else None, **_flat_contacts(tile.contacts, country)}


def _language(page: Page, text: str) -> str | None:
    return read_language(text or page.text, declared=page.language, country=page.country)
