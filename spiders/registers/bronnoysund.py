"""Bronnoysund (Norway): wholesalers of food in the register of legal entities, with telephone and website."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from urllib.parse import urlencode

from scrapy.http import Request, Response

from market_db.seen import Party, Registration
from spiders.base.activities import activity_codes, nace_role
from spiders.base.json_api import (
    Json,
    JsonApiSpider,
    Shape,
    ShapeWatch,
    announced_in,
    clean_text,
    json_object,
    object_in,
    text_in,
    whole_in,
)
from spiders.base.paging import short_page
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

ENTITIES = "https://data.brreg.no/enhetsregisteret/api/enheter"
PAGE_SIZE = 100
WINDOW = 10_000
"""The register serves no rows beyond page x size of this."""
MAX_NAME = 300

NORWEGIAN_CODES = {"46.38": ("46.389",)}
"""Norway splits some NACE classes: 46.381 is fish, 46.389 the other special foods. Where it does not split, a 0 follows."""

STATUSES = (
    ("konkurs", "bankrupt"),
    ("underAvvikling", "dissolving"),
    ("underTvangsavviklingEllerTvangsopplosning", "dissolving"),
)

CODED: Shape = {**dict.fromkeys(("kode", "beskrivelse"), str), "_links": dict}
ADDRESS: Shape = {
    **dict.fromkeys(("land", "landkode", "postnummer", "poststed", "kommune", "kommunenummer"), str),
    "adresse": list,
}
SHAPE: Shape = {
    **dict.fromkeys(("organisasjonsnummer", "navn", "hjemmeside", "telefon", "mobil", "epostadresse", "maalform", "respons_klasse"), str),
    **dict.fromkeys(("organisasjonsform", "naeringskode1", "naeringskode2", "naeringskode3", "hjelpeenhetskode"), CODED),
    **dict.fromkeys(("forretningsadresse", "postadresse"), ADDRESS),
    **dict.fromkeys(("institusjonellSektorkode", "kapital", "_links"), dict),
    **dict.fromkeys(("konkurs", "underAvvikling", "underTvangsavviklingEllerTvangsopplosning", "erIKonsern"), bool),
    **dict.fromkeys(("registrertIMvaregisteret", "registrertIForetaksregisteret", "registrertIStiftelsesregisteret"), bool),
    **dict.fromkeys(("registrertIFrivillighetsregisteret", "registrertIPartiregisteret", "harRegistrertAntallAnsatte"), bool),
    **dict.fromkeys(("aktivitet", "vedtektsfestetFormaal", "frivilligMvaRegistrertBeskrivelser", "historiskeNavn", "paategninger"), list),
    **dict.fromkeys(("stiftelsesdato", "konkursdato", "vedtektsdato", "slettedato", "sisteInnsendteAarsregnskap"), str),
    **dict.fromkeys(("registreringsdatoEnhetsregisteret", "registreringsdatoForetaksregisteret"), str),
    **dict.fromkeys(("registreringsdatoMerverdiavgiftsregisteret", "registreringsdatoMerverdiavgiftsregisteretEnhetsregisteret"), str),
    **dict.fromkeys(("registreringsdatoFrivilligMerverdiavgiftsregisteret", "registreringsdatoAntallAnsatteEnhetsregisteret"), str),
    **dict.fromkeys(("registreringsdatoAntallAnsatteNAVAaregisteret", "overordnetEnhet", "underAvviklingDato"), str),
    "antallAnsatte": int,
}


class Bronnoysund(JsonApiSpider):
    """One search over all activity codes of the product types; `/roller` (persons) is never asked."""

    name = "bronnoysund"
    about = Source(
        title="Bronnoysund register of legal entities",
        publisher="Brønnøysundregistrene",
        home="https://www.brreg.no/",
        licence="Norwegian Licence for Open Government Data (NLOD) 2.0",
        attribution="Contains data under the Norwegian licence for Open Government data (NLOD) distributed by Brønnøysundregistrene",
        terms_url="https://data.norge.no/nlod/en/2.0",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("data.brreg.no",),
        countries=("NO",),
        roles=("wholesaler", "distributor"),
        personal_data="Sole traders (ENK) are marked as natural persons and refused by the privacy step; roles of persons are not asked.",
        every=timedelta(days=7),
        expect=Expect(least=10, most=12_000),
        pace=Pace(delay=1.0, max_requests=150),
        api=True,
        api_robots="documented open-data API for programs (NLOD 2.0); robots.txt there is for crawlers of pages",
    )

    def first_requests(self) -> Iterator[Request]:
        """One search, first page."""
        if codes := norwegian_codes(activity_codes(self.products, "nace2")):
            yield self.ask(search_url(codes))

    def read(self, answer: Answer) -> Reading:
        """Registrations of wholesalers."""
        return read_entities(answer)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """The next page, while the register's window reaches."""
        found = json_object(answer_of(response))
        link = object_in(object_in(found, "_links"), "next").get("href")
        if link is None or not within_window(object_in(found, "page")):
            return
        if str(link).startswith(f"{ENTITIES}?"):
            yield self.ask(str(link))
        else:
            self.note(self.name, Issue("foreign_link", str(link)[:200], broken=True), response.url)


def norwegian_codes(nace: Iterable[str]) -> tuple[str, ...]:
    """Wholesale codes (division 46) as the register writes them, with five digits, each once."""
    wholesale = [code for code in nace if code.startswith("46.")]
    codes = [code for raw in wholesale for code in NORWEGIAN_CODES.get(raw, (raw if len(raw) == 6 else f"{raw}0",))]
    return tuple(dict.fromkeys(codes))


def search_url(codes: tuple[str, ...]) -> str:
    """Solvent, VAT-registered entities with one of these activity codes."""
    asked = {"naeringskode": ",".join(codes), "registrertIMvaregisteret": "true", "konkurs": "false", "size": PAGE_SIZE, "page": 0}
    return f"{ENTITIES}?{urlencode(asked, safe=',')}"


def within_window(page: Json) -> bool:
    """Whether the page after this one still lies in the register's window."""
    number, size = whole_in(page, "number"), whole_in(page, "size")
    return number is not None and size is not None and (number + 2) * size <= WINDOW


def read_entities(answer: Answer) -> Reading:
    """One Registration per entity of a HAL page. Raises BadAnswer as `json_object`, and for an answer that is no search page."""
    found = json_object(answer)
    page = object_in(found, "page")
    if whole_in(page, "totalElements") is None:
        raise BadAnswer("unexpected shape", f"no page.totalElements; fields: {sorted(page) or sorted(found)}"[:300])
    total = whole_in(page, "totalElements")
    total = total if whole_in(page, "number") == 0 else None
    held = object_in(found, "_embedded")
    rows = announced_in(held, "enheter", total) if held else announced_in(found, "_embedded", total)
    watch = ShapeWatch(SHAPE)
    for row in rows:
        if isinstance(row, dict):
            yield from watch.look(row)
        yield entity(row)
    yield from page_issues(found, page, len(rows))


def page_issues(found: Json, page: Json, rows: int) -> Iterator[Issue]:
    """What the page leaves out: rows beyond the window, a missing link, an empty page that should have rows."""
    total, number, pages = (whole_in(page, field) or 0 for field in ("totalElements", "number", "totalPages"))
    if total >= WINDOW and number == 0:
        yield Issue("partial_answer", f"{total} entities match and only {WINDOW} can be paged to", broken=True)
    if number + 1 < pages and within_window(page) and "next" not in object_in(found, "_links"):
        yield Issue("partial_answer", f"page {number + 1} of {pages} names no next page", broken=True)
    if rows == 0 and number < pages:
        yield Issue("partial_answer", f"page {number + 1} of {pages} is empty", broken=True)
    elif rows and (size := whole_in(page, "size")):
        yield from short_page(rows, number * size, size, total)


def entity(row: object) -> Registration | Rejected:
    """One entity, or why not; a rejection shows the number only."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    number, name = text_in(row, "organisasjonsnummer", 20), text_in(row, "navn", MAX_NAME + 1)
    if number is None or not valid_number(number):
        return Rejected("bad organisation number", f"organisasjonsnummer {number}")
    if name is None:
        return Rejected("no name", f"organisasjonsnummer {number}")
    if len(name) > MAX_NAME:
        return Rejected("name too long", f"organisasjonsnummer {number}")
    if row.get("slettedato"):
        return Rejected("deleted", f"organisasjonsnummer {number}")
    return registration(row, number, name)


def valid_number(number: str) -> bool:
    """Mod-11 check of a Norwegian organisation number (weights 3 2 7 6 5 4 3 2)."""
    if len(number) != 9 or not (number.isascii() and number.isdigit()):
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(number, (3, 2, 7, 6, 5, 4, 3, 2), strict=False)) % 11
    return int(number[8]) == (11 - remainder) % 11


def registration(row: Json, number: str, name: str) -> Registration:
    """The record of an entity whose number and name were checked."""
    activities = [object_in(row, field) for field in ("naeringskode1", "naeringskode2", "naeringskode3")]
    codes = [code for code in (text_in(activity, "kode", 10) for activity in activities) if code]
    status = next((word for field, word in STATUSES if row.get(field) is True), "active")
    return Registration(
        key=number,
        party=party_of(row, number, name, activities),
        url=f"{ENTITIES}/{number}",
        activity_codes=tuple(f"nace2:{code}" for code in dict.fromkeys(codes)),
        activity_text=activity_text(row, activities),
        status=status,
    )


def party_of(row: Json, number: str, name: str, activities: list[Json]) -> Party:
    """The firm: business address before postal address, every number it gives."""
    role, proof = role_of(activities)
    address = object_in(row, "forretningsadresse") or object_in(row, "postadresse")
    lines = address.get("adresse")
    country = text_in(address, "landkode", 2)
    street = [line for line in (clean_text(line) for line in lines) if line] if isinstance(lines, list) else []
    return Party(
        name=name,
        role=role,
        role_proof=proof,
        country_text=country,
        country=country,
        country_basis="address" if country else None,
        city=text_in(address, "poststed"),
        address=", ".join(street) or None,
        postcode=text_in(address, "postnummer", 20),
        registry="no-brreg",
        registry_id=number,
        website=text_in(row, "hjemmeside"),
        phones_text=texts(row, "telefon", "mobil"),
        emails_text=texts(row, "epostadresse"),
        natural_person=object_in(row, "organisasjonsform").get("kode") == "ENK",
    )


def texts(row: Json, *names: str) -> tuple[str, ...]:
    """What stands under these names, each once."""
    return tuple(dict.fromkeys(text for text in (text_in(row, name, 100) for name in names) if text))


def role_of(activities: list[Json]) -> tuple[str | None, str | None]:
    """Role by the first activity code that proves one, with the code and its words as proof."""
    for activity in activities:
        code = text_in(activity, "kode", 10) or ""
        role = nace_role(code)
        if role:
            return role, f"{code} {text_in(activity, 'beskrivelse') or ''}".strip()
    return None, None


def activity_text(row: Json, activities: list[Json]) -> str | None:
    """Words of the main activity code, then the firm's own (printed in lines)."""
    lines = row.get("aktivitet")
    own = " ".join(line for line in (clean_text(line) for line in lines) if line) if isinstance(lines, list) else ""
    parts = [text_in(activities[0], "beskrivelse"), clean_text(own, 1_000)]
    return ": ".join(part for part in parts if part) or None
