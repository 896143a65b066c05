"""CanadaBuys: open tenders of the government of Canada, and the firms that won its contracts, from the published CSV files."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from scrapy.http import Request

from market_db.seen import Notice, Party
from market_db.values.dates import read_date, read_deadline
from spiders.base.ocds_parties import is_person, located, of_the_house
from spiders.base.spider import TembusSpider
from spiders.base.tables import Columns, Row, table_rows
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

FILES = "https://canadabuys.canada.ca/opendata/pub/"
TENDERS = ("openTenderNotice-ouvertAvisAppelOffres.csv", "newTenderNotice-nouvelAvisAppelOffres.csv")
MAX_ANSWER = 64 * 1024 * 1024
"""Bytes; a fiscal year of awards had 29 MB."""
HEADINGS = Path(__file__).with_name("canadabuys.toml")
OLD_YEAR_MONTHS = 3
"""Months after the first of April in which the last fiscal year's file is asked too."""


def passport(title: str, home: str, **more: Any) -> Source:
    """What both files have in common."""
    return Source(
        title=title,
        publisher="Public Services and Procurement Canada",
        home=home,
        licence="Open Government Licence - Canada 2.0",
        attribution="Contains information licensed under the Open Government Licence - Canada.",
        terms_url="https://open.canada.ca/en/open-government-licence-canada",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("canadabuys.canada.ca",),
        countries=("CA",),
        personal_data="Mailboxes and telephones of named officers are dropped, suppliers under personal names refused.",
        **more,
    )


class CanadaBuys(TembusSpider):
    """Two files: what is new since yesterday, and everything open."""

    name = "canadabuys"
    about = passport(
        "CanadaBuys: open tenders",
        "https://canadabuys.canada.ca/en/tender-opportunities",
        roles=("tender_authority",),
        expect=Expect(least=1, most=20_000),
        pace=Pace(delay=3.0, max_requests=10, max_items=40_000),
        note="shape unverified until the first live check: nine columns of one row are recorded. Closing times have no zone in the file.",
    )

    def first_requests(self) -> Iterator[Request]:
        """Both files, the day's first: what the two-hourly one says of the same notice is newer."""
        for priority, name in enumerate(TENDERS if self.products else ()):
            meta = {"download_maxsize": MAX_ANSWER}
            yield self.ask(f"{FILES}{name}", headers={"Accept": "text/csv"}, meta=meta, priority=-priority)

    def read(self, answer: Answer) -> Reading:
        """One Notice a reference number."""
        yield from read_file(answer, "tender")


class CanadaBuysAwards(TembusSpider):
    """The fiscal year's award notices, in spring the last year's too."""

    name = "canadabuys_awards"
    about = passport(
        "CanadaBuys: award notices",
        "https://canadabuys.canada.ca/en/procurement-and-contracting-data",
        roles=("tender_authority", "distributor"),
        every=timedelta(days=7),
        expect=Expect(least=1, most=50_000),
        pace=Pace(delay=3.0, max_requests=10, max_items=80_000),
        note="shape unverified until the first live check. One row an amendment; the newest counts. Others report that the file asks "
        "for the session of its page: a 403 stops it, and an advisor's own download goes in by `tembus import`.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The file of the fiscal year, which begins in April."""
        for year in fiscal_years(self.as_of) if self.products else ():
            url = f"{FILES}{year}-{year + 1}-awardNotice-avisAttribution.csv"
            yield self.ask(url, headers={"Accept": "text/csv"}, meta={"download_maxsize": MAX_ANSWER})

    def read(self, answer: Answer) -> Reading:
        """One Notice a contract."""
        yield from read_file(answer, "award")


def fiscal_years(as_of: date) -> tuple[int, ...]:
    """First calendar years of the fiscal years to ask."""
    year = as_of.year if as_of.month >= 4 else as_of.year - 1
    return (year, year - 1) if 4 <= as_of.month < 4 + OLD_YEAR_MONTHS else (year,)


@cache
def headings() -> Mapping[str, Any]:
    """The table of headings."""
    return tomllib.loads(HEADINGS.read_text("utf-8"))


@cache
def columns(kind: str) -> Columns:
    """What is wanted of a file of tenders or awards, and which other headings are known."""
    table = headings()
    names = {**table[kind], **table["authority"]}
    known = [*table["known"]["ignored"], *(f"{name}-{tongue}" for name in table["known"]["bilingual"] for tongue in ("eng", "fra"))]
    french = [f"{heading[:-4]}-fra" for heading in names.values() if heading.endswith("-eng")]
    return Columns(
        names={field: (heading,) for field, heading in names.items()},
        required=("title", "reference", "published"),
        ignored=[*known, *(heading for heading in french if heading != names["title_fr"])],
    )


def read_file(answer: Answer, kind: str) -> Reading:
    """Notices of a file; of several amendments of one the newest counts.

    Raises BadAnswer as `table_rows`, and "refused" for an error status.
    """
    if answer.status >= 400:
        raise BadAnswer("refused", f"status {answer.status}")
    newest: dict[str, tuple[str, Notice]] = {}
    for row in table_rows(answer.body, columns(kind)):
        if isinstance(row, Rejected | Issue):
            yield row
            continue
        read = notice_of(row, kind, answer.url)
        if isinstance(read, Rejected):
            yield read
            continue
        if odd := status_of(row, kind)[1]:
            yield Issue("unmapped_value", f"status {odd}")
        number, before = row.get("amendment", "").zfill(9), newest.get(read.key)
        if before is not None:
            yield Rejected("older amendment", read.key)
        if before is None or number >= before[0]:
            newest[read.key] = (number, read)
    yield from (notice for _, notice in newest.values())


def status_of(row: Row, kind: str) -> tuple[str | None, str | None]:
    """(our status, a status nobody mapped); a cancelled award has no winner."""
    said = row.get("status", "")
    known = headings()["status"].get(said.lower())
    if kind == "award":
        return ("cancelled" if known == "cancelled" else "awarded"), None
    return known, (said[:60] or None) if known is None else None


def notice_of(row: Row, kind: str, url: str) -> Notice | Rejected:
    """One row as a notice, or why not."""
    reference, title = row["reference"][:120], row["title"] or row.get("title_fr", "")
    if not reference:
        return Rejected("no reference number")
    if not title:
        return Rejected("no title", reference)
    status, authority = status_of(row, kind)[0], authority_of(row)
    winner = winner_of(row, reference) if status == "awarded" else None
    closes, page = row.get("closes", ""), row.get("page", "")
    contract = row.get("contract", "")
    amount = row.get("total", "") or row.get("amount", "")
    number = float(amount) if re.fullmatch(r"\d{1,15}(\.\d{1,6})?", amount) else 0.0
    return Notice(
        key=f"{reference}/{contract[:80]}" if contract else reference,
        kind=kind,
        title=title[:500],
        url=page if page.startswith("https://") else url,
        description=" | ".join(filter(None, (row.get("description"), row.get("unspsc_text", "").lstrip("*"))))[:2_000] or None,
        published_text=row["published"] or None,
        published=read_date(row["published"]),
        deadline_text=closes or None,
        deadline=read_deadline(closes) if closes else None,
        status=status,
        codes=codes_of(row),
        value_text=" ".join(filter(None, (amount, row.get("currency", "")))) or None,
        value=number or None,
        currency=row.get("currency") or None,
        country_text=row.get("entity_country") or "Canada",
        language_text="en" if row["title"] else "fr",
        parties=tuple(party for party in (authority, winner) if party),
    )


def codes_of(row: Row) -> tuple[str, ...]:
    """UNSPSC and GSIN codes; lists are starred ("*50171800 *50201700")."""
    unspsc = re.findall(r"(?<!\d)\d{8}(?!\d)", row.get("unspsc", ""))
    gsin = re.findall(r"[A-Z]?\d{4}[A-Z0-9]{0,6}", row.get("gsin", ""))
    return tuple(dict.fromkeys([*(f"unspsc:{code}" for code in unspsc), *(f"gsin:{code}" for code in gsin)]))[:60]


def authority_of(row: Row) -> Party | None:
    """The contracting entity, with its mailbox and, where an office answers, its telephone."""
    name = row.get("entity", "")
    if not name:
        return None
    phone, mail = row.get("phone", ""), row.get("email", "")
    own = of_the_house({"name": row.get("contact") or None, "email": mail or None}, name)
    party = Party(
        name=name,
        role="tender_authority",
        role_proof="contracting entity of the notice",
        country_text=row.get("entity_country") or None,
        region=row.get("entity_region") or None,
        city=row.get("entity_city") or None,
        address=row.get("entity_address") or None,
        postcode=row.get("entity_postcode") or None,
        phones_text=(phone,) if phone and own else (),
        emails_text=(mail,) if mail else (),
    )
    return party if party.country_text else located(party, "CA")


def winner_of(row: Row, reference: str) -> Party | None:
    """The supplier with the award as proof; personal names are marked."""
    name = row.get("supplier", "")
    if not name:
        return None
    when = read_date(row.get("awarded", "")) or read_date(row["published"])
    return Party(
        name=name,
        role="distributor",
        role_proof=", ".join(filter(None, (f"supplier in CanadaBuys award {reference}", row.get("contract"), when))),
        country_text=row.get("supplier_country") or None,
        region=row.get("supplier_region") or None,
        city=row.get("supplier_city") or None,
        address=row.get("supplier_address") or None,
        postcode=row.get("supplier_postcode") or None,
        natural_person=is_person({"name": name}),
    )
