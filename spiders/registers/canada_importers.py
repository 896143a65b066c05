"""Canadian Importers Database, web application: major importers of an HS6 code, from everywhere and from Indonesia."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import lxml.html
from lxml.etree import ParserError
from scrapy.http import Request, Response

from market_db.seen import Party, Registration
from spiders.base.json_api import clean_text
from spiders.base.spider import TembusSpider, answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

APP = "https://ised-isde.canada.ca/app/ixb/cid-bdic"
COUNTRIES, FROM_COUNTRY, FROM_ALL = f"{APP}/importingCountry.html", f"{APP}/exportingCountries.html", f"{APP}/productReport.html"
ORIGIN = "Indonesia"
NO_LIST = 500
"""Status of the application where it has no list for a code, or a code and a country."""
COLUMNS = {"Company name": "company", "City": "city", "Province": "province", "Postal code": "postcode"}
"""Heading -> field; its first word is enough, because the application words some of them in several ways."""
MAX_NAME = 300
CANADIAN_POSTCODE = re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d", re.IGNORECASE)
ZIP_CODE = re.compile(r"\d{5}(?:-?\d{4})?")
YEAR = re.compile(r"importers\s+in\s+((?:19|20)\d\d)", re.IGNORECASE)
Row = dict[str, str]


class CanadaImporters(TembusSpider):
    """The list of countries first, for the id of the origin; then two lists per HS6 code."""

    name = "canada_importers"
    handle_httpstatus_list = [NO_LIST]  # noqa: RUF012 - Scrapy reads this name from the class
    about = Source(
        title="Canadian Importers Database: importers by product",
        publisher="Innovation, Science and Economic Development Canada",
        home=f"{APP}/",
        licence="Open Government Licence - Canada 2.0",
        attribution="Contains information licensed under the Open Government Licence - Canada.",
        terms_url="https://open.canada.ca/en/open-government-licence-canada",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("ised-isde.canada.ca",),
        countries=("CA",),
        roles=("importer",),
        personal_data="none: names of individuals are withheld by the publisher",
        every=timedelta(days=30),
        expect=Expect(least=5, most=20_000),
        pace=Pace(delay=2.0, max_requests=40),
        empty_statuses=(NO_LIST,),
        note="Yearly; only the firms that together make up about 80 % of the imports, none where fewer than three import or one has 80 %. "
        "Status 500 means that there is no list. Brokers and firms abroad occur. Shape unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The countries, and every list over all origins."""
        codes = self.codes()
        if codes:
            yield self.ask(COUNTRIES)
        for code in codes:
            yield self.ask(f"{FROM_ALL}?{urlencode({'hsCode': code})}")

    def codes(self) -> tuple[str, ...]:
        """HS6 codes of the product types."""
        return tuple(dict.fromkeys(code for product in self.products for code in product.hs))

    def next_requests(self, response: Response) -> Iterator[Request]:
        """The lists of the origin, once its id is known."""
        answer = answer_of(response)
        if answer.url.split("?")[0] == COUNTRIES:
            number = country_id(answer, ORIGIN)
            for code in self.codes():
                yield self.ask(f"{FROM_COUNTRY}?{urlencode({'hsCode': code, 'countryCode': number})}", meta={"origin": ORIGIN})

    def read(self, answer: Answer) -> Reading:
        """Registrations of importers; the list of countries holds none."""
        if answer.url.split("?")[0] == COUNTRIES:
            country_id(answer, ORIGIN)
            return
        yield from read_list(answer)


def page_in(answer: Answer) -> lxml.html.HtmlElement:
    """The page. Raises BadAnswer: "no html" (JSON, nothing at all)."""
    try:
        if b"<" not in answer.body[:5_000]:
            raise BadAnswer("no html", answer.body[:80].decode("utf-8", "replace"))
        return lxml.html.document_fromstring(answer.body, parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (ParserError, ValueError) as error:
        raise BadAnswer("no html", str(error)[:200]) from error


def text_of(element: lxml.html.HtmlElement) -> str:
    """Visible text on one line."""
    return clean_text(element.text_content(), 500) or ""


def country_id(answer: Answer, name: str) -> str:
    """Id the application gives a country. Raises BadAnswer: "no html", "status 500", "unexpected shape" with the countries there are."""
    if answer.status == NO_LIST:
        raise BadAnswer("status 500", "the list of countries could not be had")
    options = {text_of(option): option.get("value") or "" for option in page_in(answer).iter("option")}
    if not options.get(name, "").isdigit():
        raise BadAnswer("unexpected shape", f"no option {name}; there are {len(options)}: {', '.join(list(options)[:10])}")
    return options[name]


def asked_of(url: str) -> tuple[str, str | None]:
    """(HS6 code, origin) of a list."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    return asked.get("hsCode", ""), ORIGIN if "countryCode" in asked else None


def read_list(answer: Answer) -> Reading:
    """One Registration per row of a list; "no list" is an Issue, for it is neither nothing imported nor an outage.

    Raises BadAnswer: "no html", "unexpected shape" (no table headed Company name).
    """
    code, origin = asked_of(answer.url)
    if answer.status == NO_LIST:
        yield Issue("no_list", f"HS {code}{f' from {origin}' if origin else ''}: fewer than three importers, or one has 80 % and more")
        return
    page = page_in(answer)
    year = YEAR.search(text_of_top(page))
    for row in rows_in_table(page):
        yield row if isinstance(row, Rejected | Issue) else importer(row, code, origin, year[1] if year else None, answer.url)
    if b"</html" not in answer.body[-500:].lower():
        yield Issue("partial_answer", "the page breaks off before its end", broken=True)


def text_of_top(page: lxml.html.HtmlElement) -> str:
    """Headings and captions, where the year stands."""
    return " | ".join(text_of(element) for element in page.iter("title", "h1", "h2", "h3", "caption"))


def _first_word(heading: str) -> str:
    return heading.lower().split()[0]


def rows_in_table(page: lxml.html.HtmlElement) -> Iterator[Row | Rejected | Issue]:
    """Rows of the table of companies, and headings it lacks. Raises BadAnswer: unexpected shape, with the headings found."""
    seen: list[str] = []
    for table in page.iter("table"):
        rows = [[text_of(cell) for cell in row.iter("th", "td")] for row in table.iter("tr")]
        head = next((cells for cells in rows if any(cells)), [])
        places = {
            field: at for at, cell in enumerate(head) for name, field in COLUMNS.items() if cell.lower().startswith(_first_word(name))
        }
        if "company" not in places:
            seen += head[:6]
            continue
        yield from (
            Issue("missing_header", f"{name}; there are: {', '.join(head)}"[:300]) for name in COLUMNS if COLUMNS[name] not in places
        )
        for cells in rows[rows.index(head) + 1 :]:
            if any(cells):
                yield {name: cells[at] for name, at in places.items()} if len(cells) == len(head) else Rejected("ragged row")
        return
    raise BadAnswer("unexpected shape", f"no table headed Company name; headings: {', '.join(seen)[:200] or 'none'}")


def importer(row: Row, code: str, origin: str | None, year: str | None, url: str) -> Registration | Rejected:
    """One importer, or why not."""
    name = row["company"][:MAX_NAME]
    if not name:
        return Rejected("no name", f"HS {code}")
    party = party_of(name, row.get("city", ""), row.get("province", ""), row.get("postcode", ""), proof_of(code, origin, year))
    key = f"{code}:{origin or 'all'}:{name}:{party.postcode or ''}"
    return Registration(key=key, party=party, url=url, product_codes=(f"hs:{code}",), periods=(year,) if year else ())


def proof_of(code: str, origin: str | None, year: str | None) -> str:
    """The sentence that proves the role."""
    return f"major Canadian importer of HS {code}{f' from {origin}' if origin else ''}{f' in {year}' if year else ''}"


def party_of(name: str, city: str, province: str, postcode: str, proof: str) -> Party:
    """The firm; the postcode tells whether it is one of the firms abroad that import for themselves."""
    country = "CA" if CANADIAN_POSTCODE.fullmatch(postcode) else "US" if ZIP_CODE.fullmatch(postcode) else None
    return Party(
        name=name,
        role="importer",
        role_proof=proof,
        country=country,
        country_basis="address" if country else None,
        region=province or None,
        city=city or None,
        postcode=postcode or None,
    )
