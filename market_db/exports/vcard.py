"""A buyer as a vCard (RFC 6350, version 4.0) for address books: the organisation, its role mailboxes and business lines; never a person."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from market_db.derived import Company, CompanyContact
from market_db.exports.text import mail_link, web_link
from market_db.values.text import clean

MOST_OCTETS = 75
"""Of one line, without its end (RFC 6350, 3.2)."""
_SPECIAL = re.compile(r"([\\,;])")


def vcard(company: Company, contacts: Iterable[CompanyContact], *, uid: str, note: str, kind: str, revised: datetime) -> bytes:
    """The card. `kind` is what the company does, `note` where the address comes from; both in the reader's language."""
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "KIND:org",
        f"FN:{_text(company.name)}",
        f"ORG:{_text(company.name)}",
        *_address(company),
        *_contacts(contacts),
        *_point(company),
        f"CATEGORIES:{_text(kind)}",
        f"NOTE:{_text(note, 1_000)}",
        f"UID:urn:tembus:{_text(uid, 60)}",
        f"REV:{revised:%Y%m%dT%H%M%SZ}",
        "END:VCARD",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode("utf-8")


def _text(value: str, most: int = 300) -> str:
    """A text value: nothing hidden, on one line, with what the format uses escaped."""
    return _SPECIAL.sub(r"\\\1", clean(value, most))


def _address(company: Company) -> Iterator[str]:
    """Box and flat stay empty; then street, town, region, postcode, country."""
    parts = (company.address, company.city, None, company.postcode, company.country)
    if any(parts):
        yield "ADR:;;" + ";".join(_text(part or "") for part in parts)


def _contacts(contacts: Iterable[CompanyContact]) -> Iterator[str]:
    for contact in contacts:
        digits = contact.value[1:] if contact.value.startswith("+") else ""
        if contact.kind == "email" and mail_link(contact.value):
            yield f"EMAIL;TYPE=work:{_text(contact.value)}"
        elif contact.kind == "phone" and digits.isascii() and digits.isdigit():
            yield f"TEL;VALUE=uri;TYPE=work:tel:{contact.value}"
        elif contact.kind == "website" and (link := web_link(contact.value)):
            yield f"URL:{link}"


def _point(company: Company) -> Iterator[str]:
    if company.latitude is not None and company.longitude is not None:
        yield f"GEO:geo:{company.latitude:.6f},{company.longitude:.6f}"


def _folded(line: str) -> str:
    """Long lines go on in the next one behind a space; no letter is cut in two."""
    parts: list[str] = []
    held = b""
    for char in line:
        one = char.encode("utf-8", "ignore")
        if len(held) + len(one) > MOST_OCTETS - bool(parts):
            parts.append(held.decode())
            held = b""
        held += one
    return "\r\n ".join([*parts, held.decode()])
