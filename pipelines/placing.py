"""Where a firm is: by what it states, address, register, tax number, city, site, phone or domain - in this order, never guessed."""

from collections.abc import Iterator
from dataclasses import replace

from market_db.seen import Listing, Notice, Party, Seen, parties_of
from market_db.values.cities import country_of_city
from market_db.values.country_clues import Clue, country_of_vat
from market_db.values.phones import read_phones
from market_db.values.places import country_in_address, country_of_domain, iso3, read_country
from market_db.values.websites import host_of, is_shared_domain
from pipelines.context import Context
from pipelines.parties import with_parties


def read_place(record: Seen, context: Context) -> Seen:
    """The record with the countries of its market and its firms; what nothing tells stays None."""
    hint = context.hint(record.source).country
    if isinstance(record, Listing) and record.country is None:
        record = replace(record, country=hint or _of_address(record.url))
    parties = tuple(place_party(party, hint) for party in parties_of(record))
    if parties:
        record = with_parties(record, parties)
    if isinstance(record, Notice) and record.country is None:
        stated = read_country(record.country_text) if record.country_text else None
        record = replace(record, country=stated or next((p.country for p in parties if p.country), None) or hint)
    return record


def place_party(party: Party, hint: str | None = None) -> Party:
    """The firm with its country and what decided it; a country the reader has set counts as stated."""
    if party.country:
        return party if party.country_basis else replace(party, country_basis="stated")
    found = next(clues_of(party, hint), None)
    return replace(party, country=found.country, country_basis=found.basis) if found else party


def clues_of(party: Party, hint: str | None = None) -> Iterator[Clue]:
    """Every clue of a firm's country, best first; each is looked at only if asked for, and later ones never overrule it."""
    for basis, country in (
        ("stated", _stated),
        ("address", _address),
        ("register", _register),
        ("vat", lambda party: country_of_vat(party.registry_id or "")),
        ("city", _city),
        ("site", lambda _: hint),
        ("phone", _phone),
        ("tld", _tld),
    ):
        found = country(party)
        if found:
            yield Clue(found, basis, _printed(party, basis))


def _printed(party: Party, basis: str) -> str:
    """What the firm's record prints where a clue was read; empty for the site's own country."""
    printed = {
        "stated": party.country_text,
        "address": ", ".join(line for line in (party.address, party.region, party.country_text) if line),
        "city": ", ".join(line for line in (party.address, party.postcode, party.city) if line),
        "register": party.registry,
        "vat": party.registry_id,
        "phone": ", ".join(party.phones_text),
        "tld": party.website,
    }
    return printed.get(basis) or ""


def _stated(party: Party) -> str | None:
    return read_country(party.country_text) if party.country_text else None


def _address(party: Party) -> str | None:
    lines = [line for line in (party.country_text, party.region, party.address) if line]
    return next((found for line in lines if (found := country_in_address(line.split(", ")))), None)


def _city(party: Party) -> str | None:
    """An address without its country, by its postcode and city."""
    place = " ".join(part for part in (party.postcode, party.city) if part)
    if party.address and place:
        return country_of_city([party.address, place]) or country_of_city([party.address])
    return country_of_city([party.address]) if party.address else None


def _register(party: Party) -> str | None:
    """Registers are named by the country that keeps them: no-brreg, gb-hmrc-trader."""
    prefix = (party.registry or "").partition("-")[0].upper()
    return prefix if len(prefix) == 2 and iso3(prefix) else None


def _phone(party: Party) -> str | None:
    """Only where the firm's international numbers agree."""
    written = (text for text in party.phones_text if text.lstrip(" (").startswith(("+", "00")))
    countries = {phone.country for text in written for phone in read_phones(text) if phone.valid and phone.country}
    return countries.pop() if len(countries) == 1 else None


def _tld(party: Party) -> str | None:
    return _of_address(party.website) if party.website and not is_shared_domain(party.website) else None


def _of_address(url: str) -> str | None:
    host = host_of(url)
    return country_of_domain(host) if host else None
