"""Canadian Importers Database, yearly files: major importers by HS6 code, and by code and country of origin."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from market_db.seen import Registration
from spiders.base.json_api import JsonApiSpider, json_object, object_in, rows_in, text_in
from spiders.base.spider import answer_of
from spiders.base.tables import Columns, Row, table_rows
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.registers.canada_importers import MAX_NAME, party_of, proof_of
from spiders.source import Expect, Pace, Source

PACKAGE = "https://open.canada.ca/data/api/3/action/package_show?id=873cfcb0-1c9b-4a48-a366-076697069bb9"
HOSTS = ("open.canada.ca", "ised-isde.canada.ca")
MAX_FILE = 90 * 1024 * 1024
"""Bytes; the list by country is about 40 MB as CSV."""
KINDS = ("majorimportersbyhs6bycountry", "majorimportersbyhs6")
"""Part of a file's name, letters and digits only, the finer list first."""
YEAR = re.compile(r"(?:19|20)\d\d")
DIGITS = re.compile(r"\d{5,6}")

NAMES = {
    "hs": ("HS6-SH6", "HS6", "HS CODE"),
    "company": ("COMPANY-ENTREPRISE", "COMPANY"),
    "province": ("PROVINCE_ENG", "PROVINCE"),
    "city": ("CITY-VILLE", "CITY"),
    "postcode": ("POSTAL_CODE-CODE_POSTAL", "POSTAL_CODE"),
    "year": ("DATA_YEAR-ANNÉE_DES_DONNÉES", "DATA_YEAR"),
}
FRENCH = ("PROVINCE_FRA", "PAYS")
ALL_ORIGINS = Columns(names=NAMES, required=("hs", "company"), ignored=FRENCH)
BY_ORIGIN = Columns(names={**NAMES, "origin": ("COUNTRY", "COUNTRY_ENG")}, required=("hs", "company", "origin"), ignored=FRENCH)


class CanadaImportersFiles(JsonApiSpider):
    """The catalogue names the files; of each kind the newest is read, whatever its format and its extension."""

    name = "canada_importers_files"
    about = Source(
        title="Canadian Importers Database: yearly files",
        publisher="Innovation, Science and Economic Development Canada",
        home="https://open.canada.ca/data/en/dataset/873cfcb0-1c9b-4a48-a366-076697069bb9",
        licence="Open Government Licence - Canada 2.0",
        attribution="Contains information licensed under the Open Government Licence - Canada.",
        terms_url="https://open.canada.ca/en/open-government-licence-canada",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=HOSTS,
        countries=("CA",),
        roles=("importer",),
        personal_data="none: names of individuals are withheld by the publisher",
        every=timedelta(days=90),
        expect=Expect(least=5, most=50_000),
        pace=Pace(delay=2.0, max_requests=6, max_items=100_000),
        api=True,
        api_robots="documented CKAN API and open-data files for programs (OGL-Canada 2.0)",
        note="Yearly. Formats change from year to year (CSV, XLSX, XLSB called .xls, and a file of 0 bytes was seen): the content decides. "
        "No real row was seen, headings are as other projects read them; unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The catalogue entry."""
        if any(product.hs for product in self.products):
            yield self.ask(PACKAGE)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """The newest file of each kind; never on another host."""
        answer = answer_of(response)
        if not is_catalogue(answer):
            return
        for kind, url in newest_files(answer).items():
            if url is None:
                self.note(self.name, Issue("missing_file", f"the catalogue names no file {kind}", broken=True), response.url)
            elif urlsplit(url).hostname not in HOSTS:
                self.note(self.name, Issue("foreign_link", url[:200], broken=True), response.url)
            else:
                yield self.ask(url, headers={"Accept": "*/*"}, meta={"download_maxsize": MAX_FILE})

    def read(self, answer: Answer) -> Reading:
        """Registrations of importers of the product types' codes (of all codes without product types); the catalogue holds none."""
        if is_catalogue(answer):
            newest_files(answer)
            return
        wanted = frozenset(code for product in self.products for code in (*product.hs, *product.hs_near))
        yield from read_file(answer, wanted)


def is_catalogue(answer: Answer) -> bool:
    """Whether an answer is the catalogue entry."""
    return urlsplit(answer.url).path.endswith("/package_show")


def newest_files(answer: Answer) -> dict[str, str | None]:
    """Kind -> address of its newest file, None = not named. Raises BadAnswer as `json_object`, "error in answer", "unexpected shape"."""
    found = json_object(answer)
    if found.get("success") is not True:
        raise BadAnswer("error in answer", str(found.get("error"))[:300])
    resources = [row for row in rows_in(object_in(found, "result"), "resources") if isinstance(row, dict)]
    if not resources:
        raise BadAnswer("unexpected shape", f"no resources; fields: {sorted(object_in(found, 'result'))[:10]}")
    newest: dict[str, tuple[str, str]] = {}
    for url in (text_in(row, "url", 1_000) or "" for row in resources):
        kind, year = kind_of(url), max(YEAR.findall(url.rpartition("/")[2]), default="")
        if kind and year > newest.get(kind, ("", ""))[0]:
            newest[kind] = (year, url)
    return {kind: newest[kind][1] if kind in newest else None for kind in KINDS}


def kind_of(url: str) -> str | None:
    """Kind of file by its name; HS10, city and province lists are others."""
    plain = re.sub(r"[^a-z0-9]", "", url.rpartition("/")[2].lower())
    return next((kind for kind in KINDS if re.search(rf"{kind}(?!by)", plain)), None)


def read_file(answer: Answer, wanted: frozenset[str]) -> Reading:
    """One Registration per row with a wanted code. Raises BadAnswer as `table_rows` (0 bytes, HTML, a renamed heading ...)."""
    by_origin = kind_of(answer.url) == KINDS[0]
    for row in table_rows(answer.body, BY_ORIGIN if by_origin else ALL_ORIGINS):
        yield row if isinstance(row, Rejected | Issue) else importer(row, wanted, answer.url)


def hs6(text: str) -> str | None:
    """Six digits; spreadsheets take the leading zero away (90421 -> 090421), and nothing else has five."""
    digits = text.removesuffix(".0")
    return digits.zfill(6) if DIGITS.fullmatch(digits) and digits.isascii() else None


def importer(row: Row, wanted: frozenset[str], url: str) -> Registration | Rejected:
    """One importer, or why not."""
    code, name, year = hs6(row["hs"]), row["company"], row.get("year", "")
    if code is None:
        return Rejected("bad HS code", row["hs"][:20])
    if wanted and code not in wanted:
        return Rejected("other goods")
    if not name or len(name) > MAX_NAME:
        return Rejected("no name", f"HS {code}")
    period = year if YEAR.fullmatch(year) else None
    origin = row.get("origin") or None
    party = party_of(name, row.get("city", ""), row.get("province", ""), row.get("postcode", ""), proof_of(code, origin, period))
    key = f"{code}:{origin or 'all'}:{name}:{party.postcode or ''}"
    return Registration(key=key, party=party, url=url, product_codes=(f"hs:{code}",), periods=(period,) if period else ())
