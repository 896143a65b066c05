"""Organisations of an OCDS release: joined by id, with business lines only, and with people told from firms."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from market_db.reference import words
from market_db.seen import Party
from market_db.values.emails import is_personal
from market_db.values.names import looks_like_company
from market_db.values.persons import looks_like_person, names_a_person, sole_trader_form
from market_db.values.text import plain
from spiders.base.json_api import Json, object_in, text_in

REGISTERS: Mapping[str, str] = {
    "GB-COH": r"[0-9A-Z]{2}\d{6}",
    "GB-NIC": r"\d{6}",
    "GB-SC": r"SC\d{6}",
    "AU-ABN": r"\d{11}",
    "UA-EDR": r"\d{8,10}",
    "PT-NIPPC": r"\d{9}",
    "ZA-CPR": r"\d{4}/?\d{6}/?\d{2}",
}
"""Registers of organisations (org-id.guide; as publishers spell them) -> shape of a number; other schemes are not identity."""
PERSONS: Mapping[str, str] = {"UA-EDR": r"\d{10}", "PT-NIPPC": r"[123]\d{8}"}
"""Numbers of people within those registers: ten digits in Ukraine, a first digit 1 to 3 in Portugal."""
FIRMS_ONLY = frozenset({"GB-COH", "GB-NIC", "GB-SC", "UA-EDR", "PT-NIPPC", "ZA-CPR"})
"""Registers whose other numbers belong to firms; an Australian business number is given to sole traders too."""
AUTHORITY_ROLES = ("buyer", "procuringEntity")
MAX_NUMBER = 30


@dataclass(frozen=True, slots=True)
class Joined:
    """A party, and how many telephone numbers of named persons were left out of it."""

    party: Party
    withheld: int = 0


class Organisations:
    """The parties of one release; references are joined by id, where they have none by the name."""

    def __init__(self, release: Json, *, supplier_contacts: bool = True) -> None:
        rows = release.get("parties")
        self.rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        self.by_id = {text: row for row in self.rows if (text := text_in(row, "id"))}
        self.by_name = {plain(text): row for row in self.rows if (text := text_in(row, "name"))}
        self.supplier_contacts = supplier_contacts

    def found(self, reference: Json) -> Json:
        """The party a reference points to, with what the reference itself says on top."""
        known = self.by_id.get(text_in(reference, "id") or "") or self.by_name.get(plain(text_in(reference, "name") or "")) or {}
        return {**known, **{name: value for name, value in reference.items() if value not in (None, "", {}, [])}}

    def with_role(self, *roles: str) -> Iterator[Json]:
        """Parties in one of these roles."""
        yield from (row for row in self.rows if set(roles) & set(_strings(row.get("roles"))))

    def authorities(self, release: Json, country: str) -> tuple[Joined, ...]:
        """Who buys, each once: the buyer first, then who runs the procedure; in the publisher's country where none is stated."""
        tender = object_in(release, "tender")
        named = (object_in(release, "buyer"), object_in(tender, "procuringEntity"))
        references = [*(self.found(one) for one in named if one), *self.with_role(*AUTHORITY_ROLES)]
        joined = self._joined(references, "tender_authority", "contracting authority of the notice", contacts=True)
        return tuple(one if one.party.country_text else replace(one, party=located(one.party, country)) for one in joined)

    def suppliers(self, references: Iterable[Json], proof: str) -> tuple[Joined, ...]:
        """Who won, each once, with the proof."""
        return self._joined([self.found(one) for one in references], "distributor", proof, contacts=self.supplier_contacts)

    def _joined(self, rows: Iterable[Json], role: str, proof: str, *, contacts: bool) -> tuple[Joined, ...]:
        joined: dict[str, Joined] = {}
        for row in rows:
            one = _organisation(row, contacts=contacts)
            if one is not None:
                party = replace(one.party, role=role, role_proof=proof, natural_person=role == "distributor" and is_person(row))
                joined.setdefault(plain(party.name), replace(one, party=party))
        return tuple(joined.values())


def located(party: Party, country: str) -> Party:
    """The authority in the country whose procurement register shows it."""
    return replace(party, country=country, country_basis="register")


def _strings(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else [value] if isinstance(value, str) else []


def _organisation(row: Json, *, contacts: bool) -> Joined | None:
    """Name, address and number of a party, with its business lines where they are its own; None without a name."""
    name = name_of(row)
    if name is None:
        return None
    address, contact = object_in(row, "address"), object_in(row, "contactPoint") if contacts else {}
    registry, number = register_of(row)
    phone, mail = text_in(contact, "telephone", 60), text_in(contact, "email", 200)
    own = of_the_house(contact, name)
    website = text_in(object_in(row, "details"), "url") or text_in(contact, "url") or text_in(row, "url")
    party = Party(
        name=name,
        country_text=text_in(address, "countryName") or text_in(address, "country"),
        region=text_in(address, "region"),
        city=text_in(address, "locality"),
        address=text_in(address, "streetAddress"),
        postcode=text_in(address, "postalCode", 20),
        registry=registry.lower() if registry else None,
        registry_id=number,
        website=website,
        phones_text=(phone,) if phone and own else (),
        emails_text=(mail,) if mail else (),
    )
    return Joined(party, withheld=int(bool(phone) and not own))


def name_of(row: Json) -> str | None:
    """The name, else the legal name of the register."""
    return text_in(row, "name") or text_in(object_in(row, "identifier"), "legalName")


def register_of(row: Json) -> tuple[str | None, str | None]:
    """(register, number) of the first identifier in a register of firms whose number has that register's shape."""
    more = row.get("additionalIdentifiers")
    identifiers = [object_in(row, "identifier"), *(more if isinstance(more, list) else [])]
    for identifier in identifiers:
        if not isinstance(identifier, dict):
            continue
        scheme, number = text_in(identifier, "scheme", MAX_NUMBER) or "", text_in(identifier, "id", MAX_NUMBER) or ""
        number = number.replace(" ", "").upper()
        if scheme in REGISTERS and re.fullmatch(REGISTERS[scheme], number) and not _number_of_person(scheme, number):
            return scheme, number
    return None, None


def _number_of_person(scheme: str, number: str) -> bool:
    return scheme in PERSONS and re.fullmatch(PERSONS[scheme], number) is not None


def of_the_house(contact: Json, name: str) -> bool:
    """Whether a contact point is an office: no person's mailbox, and no name or that of an office or of the organisation."""
    mail, person = text_in(contact, "email", 200), text_in(contact, "name")
    if mail and is_personal(mail):
        return False
    if person is None or plain(person) == plain(name) or looks_like_company(person):
        return True
    return bool(set(_said(person)) & words("trade_words", "offices"))


def is_person(row: Json) -> bool:
    """Whether a supplier is a sole trader under a personal name.

    A person's number or a sole trader's form says so; a number in a register of firms, a legal form, a word of trade, digits or an
    ampersand speak for a firm. What is left is a person where a given name, a title or an initial stands in it: two words alone are no
    proof, many distributors are called so ("Transgourmet Valenton").
    """
    identifier, name = object_in(row, "identifier"), name_of(row) or ""
    if _number_of_person(text_in(identifier, "scheme", MAX_NUMBER) or "", text_in(identifier, "id", MAX_NUMBER) or ""):
        return True
    if register_of(row)[0] in FIRMS_ONLY:
        return False
    trades = words("trade_words", "words")
    if sole_trader_form(name, None, trades) is not None:
        return True
    if looks_like_company(name) or re.search(r"[\d&+]", name) or set(_said(name)) & trades:
        return False
    return names_a_person(name) or (any(len(word) == 1 for word in _said(name)) and looks_like_person(name, trades))


def _said(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", plain(name))
