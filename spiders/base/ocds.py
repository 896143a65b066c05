"""The Open Contracting Data Standard: one reader for every publisher of it, from packages of releases to notices with their parties."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import quote

from market_db.seen import Notice
from market_db.values.dates import read_date, read_deadline
from spiders.base.json_api import Json, Shape, ShapeWatch, Wanted, clean_text, object_in, text_in
from spiders.base.ocds_packages import Publisher, opened, releases_in
from spiders.base.ocds_parties import Joined, Organisations
from spiders.reading import Answer, Issue, Reading, Rejected

NAMES = Path(__file__).with_name("ocds_fields.toml")
READ = (
    *(
        "ocid",
        "id",
        "date",
        "tag",
        "parties",
        "buyer",
        "tender",
        "awards",
        "parties.name",
        "parties.roles",
        "parties.address",
        "parties.identifier",
    ),
    *("parties.contactPoint", "parties.address.countryName", "parties.address.locality", "parties.contactPoint.email"),
    *("tender.title", "tender.description", "tender.status", "tender.value", "tender.tenderPeriod", "tender.items", "tender.value.amount"),
    *("tender.value.currency", "tender.tenderPeriod.endDate", "tender.items.classification", "tender.items.description"),
    *("awards.id", "awards.date", "awards.status", "awards.suppliers", "awards.value", "awards.suppliers.name", "awards.value.amount"),
)
"""Fields that most of a notice is read from: one that is gone where new ones stand was likely renamed."""
SCHEMES = {"cpv": "cpv", "дк021": "cpv", "дк 021": "cpv", "дк021:2015": "cpv", "dk021": "cpv", "unspsc": "unspsc"}
"""Classification schemes by our name; ДК 021 is the Ukrainian edition of CPV with the same codes."""
EIGHT = frozenset({"cpv", "unspsc"})
STATUSES = {
    **dict.fromkeys(("planning", "planned", "draft"), "planned"),
    **dict.fromkeys(("active", "active.enquiries", "active.tendering"), "open"),
    **dict.fromkeys(("complete", "closed", "active.auction", "active.qualification", "active.awarded"), "closed"),
    **dict.fromkeys(("cancelled", "canceled", "terminated"), "cancelled"),
    "unsuccessful": "unsuccessful",
    "withdrawn": "withdrawn",
}
"""tender.status of the standard's codelist, and of Prozorro, by ours; a procedure past its tendering stage takes no more bids."""
WON = frozenset({None, "active", "complete", "signed"})
"""award.status of what was awarded; pending, cancelled and unsuccessful awards have no winner."""
MOST_CODES, MOST_PARTIES = 60, 300
DESCRIPTION = 2_000


@cache
def shape(kind: str = "release") -> Shape:
    """Fields of an object of the standard, those inside others included; types are not compared, publishers print numbers as text."""
    known = tomllib.loads(NAMES.read_text("utf-8"))[kind]
    inner: dict[str, Wanted] = {name: [shape(of[0])] if isinstance(of, list) else shape(of) for name, of in known["inside"].items()}
    return {**dict.fromkeys(known["names"], object), **inner}


@dataclass(frozen=True, slots=True)
class Award:
    """One award with a winner, and the contract that belongs to it."""

    key: str
    row: Json
    contract: Json
    suppliers: tuple[Json, ...]


def read_releases(answer: Answer, publisher: Publisher) -> Reading:
    """Notices of an answer: a tender by its ocid, an award by ocid and award id; of several releases of one the newest counts.

    Takes release packages, record packages, single releases and lists of them. Raises BadAnswer as `load_json`, "unexpected shape", and
    "refused query" with the source's words for an error, also one inside a 200.
    """
    watch, newest, withheld = ShapeWatch(shape()), dict[str, tuple[str, Notice]](), 0
    for release in releases_in(opened(answer, publisher)):
        if isinstance(release, Rejected):
            yield release
            continue
        yield from watch.look(release)
        for read in notices_of(release, publisher, answer.url):
            if isinstance(read, Rejected | Issue):
                yield read
                continue
            notice, left_out = read
            withheld += left_out
            date = text_in(release, "date", 40) or ""
            before = newest.get(notice.key)
            if before is not None:
                yield Rejected("older release of the same notice", notice.key)
            if before is None or date >= before[0]:
                newest[notice.key] = (date, notice)
    yield from watch.gone(READ)
    yield from (notice for _, notice in newest.values())
    if withheld:
        yield Issue("personal_phone", f"{withheld} telephone numbers of named persons left out")


def notices_of(release: Json, publisher: Publisher, url: str) -> Iterator[tuple[Notice, int] | Rejected | Issue]:
    """Notices of one release, each with the number of telephone numbers left out: its awards, or the tender where nobody won."""
    ocid = text_in(release, "ocid", 120)
    if ocid is None:
        yield Rejected("no ocid", text_in(release, "id", 80) or "")
        return
    organisations = Organisations(release, supplier_contacts=publisher.supplier_contacts)
    base = _base(release, ocid, publisher, url)
    if base is None:
        yield Rejected("no title", ocid)
        return
    authorities = organisations.authorities(release, publisher.country)
    awards = list(awards_of(release, organisations))
    for award in awards[:MOST_PARTIES]:
        yield _award_notice(base, award, authorities, organisations)
    for key in taken_back(release):
        parties = tuple(one.party for one in authorities)
        yield replace(base, key=f"{base.key}/{key}", kind="award", status="cancelled", parties=parties), 0
    if not awards:
        known, odd = status_of(release)
        if odd:
            yield Issue("unmapped_value", f"tender.status {odd}")
        yield replace(base, status=known, parties=tuple(one.party for one in authorities)), sum(one.withheld for one in authorities)


def _base(release: Json, ocid: str, publisher: Publisher, url: str) -> Notice | None:
    """The notice as a tender, without parties; None without a title."""
    tender = object_in(release, "tender")
    title, description = titled(release)
    if title is None:
        return None
    value_text, value, currency = money_in(tender.get("value"))
    published = text_in(release, "date", 40) or text_in(tender, "datePublished", 40)
    closes = text_in(object_in(tender, "tenderPeriod"), "endDate", 40)
    items = _dicts(tender, "items")
    buyer = object_in(next(Organisations(release).with_role("buyer", "procuringEntity"), {}), "address")
    return Notice(
        key=ocid,
        kind="tender",
        title=title,
        url=page_of(release, ocid, publisher, url),
        description=_with_items(description, items),
        published_text=published,
        published=read_date(published) if published else None,
        deadline_text=closes,
        deadline=read_deadline(closes) if closes else None,
        codes=codes_in(tender, *items),
        value_text=value_text,
        value=value,
        currency=currency,
        quantity_text=_quantity(items),
        country_text=text_in(buyer, "countryName") or publisher.country,
        language_text=text_in(release, "language", 20),
    )


def _award_notice(base: Notice, award: Award, authorities: tuple[Joined, ...], organisations: Organisations) -> tuple[Notice, int]:
    """One award: its own value, date and goods; the goods of the tender where it names none."""
    date = text_in(award.row, "date", 40) or text_in(award.contract, "dateSigned", 40)
    won = organisations.suppliers(award.suppliers, proof_of(award, base.key, read_date(date) if date else None))
    value_text, value, currency = money_in(award.row.get("value") or award.contract.get("value"))
    items = [*_dicts(award.row, "items"), *_dicts(award.contract, "items")]
    codes = codes_in(*items)
    notice = replace(
        base,
        key=f"{base.key}/{award.key}",
        kind="award",
        status="awarded",
        codes=codes or base.codes,
        description=_with_items(base.description, items),
        value_text=value_text,
        value=value,
        currency=currency,
        quantity_text=_quantity(items) or base.quantity_text,
        parties=(*(one.party for one in authorities), *(one.party for one in won))[:MOST_PARTIES],
    )
    return notice, sum(one.withheld for one in (*authorities, *won))


def awards_of(release: Json, organisations: Organisations) -> Iterator[Award]:
    """Awards with a winner; where a release has contracts only, each contract; suppliers without an award of their own by their role."""
    contracts = _dicts(release, "contracts")
    signed = [one for one in contracts if text_in(one, "status", 40) != "cancelled"]
    rows = _dicts(release, "awards") or [{**contract, "status": "active"} for contract in signed]
    by_role = tuple(organisations.with_role("supplier"))
    for at, row in enumerate(rows):
        status = text_in(row, "status", 40)
        suppliers = tuple(_dicts(row, "suppliers")) or (by_role if len(rows) == 1 else ())
        if (status.lower() if status else None) not in WON or not suppliers:
            continue
        key = text_in(row, "id", 80) or str(at + 1)
        lone = contracts[0] if len(contracts) == len(rows) == 1 else {}
        contract = next((one for one in contracts if text_in(one, "awardID", 80) == key), lone)
        yield Award(key, row, contract, suppliers)


def taken_back(release: Json) -> Iterator[str]:
    """Ids of awards that a later release cancels: who stood there as winner is none any more."""
    if tags_of(release) & {"awardcancellation", "awardupdate"}:
        rows = (row for row in _dicts(release, "awards") if (text_in(row, "status", 40) or "").lower() == "cancelled")
        yield from (key for row in rows if (key := text_in(row, "id", 80)))


def tags_of(release: Json) -> set[str]:
    """Tags in lower case; some publishers print one as text."""
    tags = release.get("tag")
    return {text.lower() for one in (tags if isinstance(tags, list) else [tags]) if (text := clean_text(one, 40))}


def proof_of(award: Award, ocid: str, date: str | None) -> str:
    """The sentence that proves a winner: award, lots, date."""
    lots = [text for lot in rows_or_none(award.row.get("relatedLots")) if (text := clean_text(lot, 20))]
    suppliers = {text_in(supplier, "name") for supplier in award.suppliers}
    title = text_in(award.row, "title", 120)
    parts = [f"lot {', '.join(lots[:5])}" if lots else None, title if title not in suppliers else None, date]
    number = award.key.removeprefix(ocid).lstrip("-/") or award.key
    return ", ".join(part for part in (f"supplier in award {number} of {ocid}", *parts) if part)


def status_of(release: Json) -> tuple[str | None, str | None]:
    """(our status, a status nobody mapped); a release that cancels says so by its tag, and awards that failed by theirs."""
    said = tags_of(release)
    if said & {"tendercancellation", "awardcancellation"}:
        return "cancelled", None
    awards = {STATUSES.get((text_in(row, "status", 40) or "").lower()) for row in _dicts(release, "awards")}
    if awards and awards <= {"cancelled", "unsuccessful"}:
        return ("unsuccessful" if "unsuccessful" in awards else "cancelled"), None
    status = text_in(object_in(release, "tender"), "status", 40)
    if status is None:
        return ("planned" if "planning" in said else None), None
    known = STATUSES.get(status.lower())
    return known, (None if known else status)


def titled(release: Json) -> tuple[str | None, str | None]:
    """(title, description); a title that is only a reference number gives way to the description.

    Titles of awards come last: South Africa writes the winner's name there.
    """
    rows = [object_in(release, "tender"), *_dicts(release, "contracts"), release]
    told = [text for row in (*rows, *_dicts(release, "awards")) if (text := text_in(row, "description", DESCRIPTION))]
    titles = [text for row in rows if (text := text_in(row, "title"))]
    said = next((text for text in titles if not re.fullmatch(r"\S*\d\S*", text)), None)
    last = next(iter((*titles, *filter(None, (text_in(row, "title") for row in _dicts(release, "awards"))))), None)
    return said or (told[0][:300] if told else None) or last, told[0] if told else None


def money_in(value: object) -> tuple[str | None, float | None, str | None]:
    """(as printed, amount, currency) of a Value; amounts printed as text are read, what is no number above 0 stays text."""
    if not isinstance(value, dict):
        return None, None, None
    text, currency = text_in(value, "amount", 40), text_in(value, "currency", 3)
    number = float(text) if text and re.fullmatch(r"\d{1,15}(\.\d{1,20})?", text) else 0.0
    return " ".join(part for part in (text, currency) if part) or None, number or None, currency


def codes_in(*rows: Json) -> tuple[str, ...]:
    """Classifications of these rows with their scheme, each once: "cpv:15871260", "unspsc:50171830"."""
    found: dict[str, None] = {}
    for row in rows:
        for one in (row.get("classification"), *rows_or_none(row.get("additionalClassifications"))):
            if isinstance(one, dict) and (code := code_in(one)):
                found.setdefault(code)
    return tuple(found)[:MOST_CODES]


def code_in(classification: Json) -> str | None:
    """One code with its scheme; CPV and UNSPSC without check digit, and only where they have eight digits."""
    said, number = text_in(classification, "scheme", 40), text_in(classification, "id", 40)
    if said is None or number is None:
        return None
    scheme = SCHEMES.get(said.lower()) or re.sub(r"[^a-z0-9]+", "_", said.lower()).strip("_")
    if scheme in EIGHT:
        eight = re.fullmatch(r"(\d{8})(-\d)?", number)
        return f"{scheme}:{eight[1]}" if eight else None
    return f"{scheme}:{number}" if scheme else None


def page_of(release: Json, ocid: str, publisher: Publisher, url: str) -> str:
    """The page for people; the address asked where a part of it is not known."""
    number = text_in(release, "id", 200) or ""
    parts = {
        "ocid": ocid,
        "id": number,
        "guid": re.sub(r"-\d+$", "", number),
        "tender": text_in(object_in(release, "tender"), "id", 200),
        "contract": next((text_in(one, "id", 200) for one in _dicts(release, "contracts")), None),
    }
    wanted = re.findall(r"{(\w+)}", publisher.page)
    if not all(parts[name] for name in wanted):
        return url
    return publisher.page.format(**{name: quote(parts[name] or "", safe="") for name in wanted})


def rows_or_none(value: object) -> list[object]:
    """A list, or nothing for anything else."""
    return value if isinstance(value, list) else []


def _dicts(row: Json, name: str) -> list[Json]:
    return [one for one in rows_or_none(row.get(name)) if isinstance(one, dict)]


def _with_items(description: str | None, items: Sequence[Json]) -> str | None:
    """The description, and what the items are called where it does not say so already."""
    said = [text for item in items if (text := text_in(item, "description", 200)) and text not in (description or "")]
    return " | ".join(filter(None, (description, *dict.fromkeys(said))))[:DESCRIPTION] or None


def _quantity(items: Sequence[Json]) -> str | None:
    """Quantity and unit, where there is one item."""
    if len(items) != 1:
        return None
    return " ".join(filter(None, (text_in(items[0], "quantity", 30), text_in(object_in(items[0], "unit"), "name", 60)))) or None
