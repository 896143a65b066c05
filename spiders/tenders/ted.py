"""TED: public tenders of the EU for such goods, and the firms that won them (distributors who deliver them)."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from market_db.products import ProductType
from market_db.seen import Notice, Party
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, clean_text, json_object, object_in, rows_in, text_in, whole_in
from spiders.base.ocds_parties import is_person
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source
from spiders.tenders.ted_xml import cpv_codes, iso_day, notice_url, read_notice_xml, winner_proof

SEARCH = "https://api.ted.europa.eu/v3/notices/search"
WINDOWS = (("competition", 45), ("result", 400))
"""Form type -> days back: tenders close, but who won one last year still delivers such goods."""
MAX_PAGES = 20
MAX_XML = 120
MAX_PARTIES = 50
MAX_FIELDS_PER_PAGE = 10_000
"""Notices a page x fields asked; the API refuses more (OpenAPI, "Definition of limits")."""

FIELDS = (
    *("publication-number", "publication-date", "notice-type", "form-type", "official-language", "notice-title", "title-proc", "links"),
    *("description-proc", "description-lot", "classification-cpv", "deadline-receipt-tender-date-lot", "deadline-receipt-request-date-lot"),
    *("buyer-name", "buyer-country", "buyer-city", "buyer-post-code", "buyer-email", "buyer-internet-address"),
    *("organisation-street-buyer", "organisation-tel-buyer"),
    *("winner-name", "winner-country", "winner-city", "winner-post-code", "winner-email", "winner-internet-address", "winner-identifier"),
    *("total-value", "total-value-cur", "tender-value", "tender-value-cur", "estimated-value-proc", "estimated-value-cur-proc"),
)
LIMIT = min(250, MAX_FIELDS_PER_PAGE // len(FIELDS))
SHAPE: Shape = dict.fromkeys(FIELDS, object)

KINDS = {"can": "award", "veat": "award", "cn": "tender", "pin": "tender", "subco": "tender", "qu": "tender"}
"""First part of notice-type -> kind; eForms codelist notice-type."""
FORM_KINDS = {"competition": "tender", "planning": "tender", "result": "award", "dir-awa-pre": "award", "cont-modif": "award"}


EUROPE = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL"),
    *("PT", "RO", "SE", "SI", "SK", "CH", "IS", "LI", "NO"),
)
"""Whose authorities publish here: the European Union, the European Economic Area and Switzerland; now and then others do too."""


class Ted(JsonApiSpider):
    """Two searches a product type; award notices whose winners cannot be told apart are asked again as XML."""

    name = "ted"
    about = Source(
        title="TED: tenders and award notices of the EU",
        publisher="Publications Office of the European Union",
        home="https://ted.europa.eu/",
        licence="Commission reuse decision 2011/833/EU",
        attribution="(c) European Union, https://ted.europa.eu, 1998-2026",
        terms_url="https://ted.europa.eu/en/legal-notice",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("api.ted.europa.eu", "ted.europa.eu"),
        countries=EUROPE,
        roles=("tender_authority", "distributor"),
        personal_data="Mailboxes of named officers are dropped by the privacy step; contact points are not read.",
        expect=Expect(least=1, most=20_000),
        pace=Pace(delay=1.5, max_requests=300),
        api=True,
        api_robots="documented anonymous search API for programs; reuse under Decision 2011/833/EU",
        post_hosts=("api.ted.europa.eu",),
        note="No rate is published; one request at a time. New issues appear on working days.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked_xml: set[str] = set()

    def first_requests(self) -> Iterator[Request]:
        """Per product type: open tenders, then award notices."""
        for product in self.products:
            for form_type, days in WINDOWS:
                if product.cpv or product.cpv_near:
                    yield self.search(search_body(product, form_type, days, self.as_of), page=1)

    def search(self, body: Mapping[str, object], page: int, read: int = 0) -> Request:
        """One search; the body is written the same way every time, because a replay finds it by its bytes."""
        return self.ask(
            SEARCH,
            method="POST",
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            headers={"Content-Type": "application/json"},
            meta={"page": page, "read": read},
        )

    def read(self, answer: Answer) -> Reading:
        """Notices, from a search or from the XML of one notice."""
        return read_notice_xml(answer) if urlsplit(answer.url).path.endswith("/xml") else read_notices(answer)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """XML where winners cannot be told apart; then the next page of the search."""
        if not urlsplit(response.url).path.endswith("/xml"):
            found = json_object(answer_of(response))
            yield from self.xml_requests(found, response.url)
            yield from self.next_page(found, response)

    def xml_requests(self, found: Json, url: str) -> Iterator[Request]:
        """XML of award notices with unclear winners, up to a ceiling that is reported."""
        for number in unclear_winners(found):
            if number in self.asked_xml:
                continue
            if len(self.asked_xml) >= MAX_XML:
                self.note(self.name, Issue("partial_answer", f"winners of {number} and others left unread: {MAX_XML} XML files asked"), url)
                return
            self.asked_xml.add(number)
            yield self.ask(f"https://ted.europa.eu/en/notice/{number}/xml", headers={"Accept": "application/xml"})

    def next_page(self, found: Json, response: Response) -> Iterator[Request]:
        """The same search with the token, until all notices came or the ceiling is reached."""
        page, token, total = int(response.meta.get("page", 1)), found.get("iterationNextToken"), whole_in(found, "totalNoticeCount")
        rows = len(rows_in(found, "notices"))
        read = int(response.meta.get("read", 0)) + rows
        more = read < total if total is not None else rows >= LIMIT
        if more and rows and page < MAX_PAGES and isinstance(token, str) and len(token) <= 20_000:
            asked = json.loads(response.request.body) if response.request else {}
            yield self.search({**asked, "iterationNextToken": token}, page=page + 1, read=read)
        elif more:
            detail = f"{read} notices of {total} read in {page} pages, and no next page could be asked"
            self.note(self.name, Issue("partial_answer", detail, broken=True), response.url)


def search_body(product: ProductType, form_type: str, days: int, as_of: date) -> dict[str, object]:
    """Body of the search for one product type; no SORT BY, which stops the iteration early."""
    since = as_of - timedelta(days=days)
    codes = " ".join(dict.fromkeys((*product.cpv, *product.cpv_near)))
    window = f"publication-date>={since:%Y%m%d} AND publication-date<={as_of:%Y%m%d}"
    return {
        "query": f"classification-cpv IN ({codes}) AND form-type={form_type} AND {window}",
        "fields": list(FIELDS),
        "limit": LIMIT,
        "scope": "ALL",
        "paginationMode": "ITERATION",
        "onlyLatestVersions": True,
    }


def read_notices(answer: Answer) -> Reading:
    """One Notice per row of a search. Raises BadAnswer as `json_object` (a 400 says which field or code was refused)."""
    found = json_object(answer)
    if "notices" not in found:
        raise BadAnswer("unexpected shape", f"no notices; fields: {sorted(found)[:10]}")
    watch, taken = ShapeWatch(SHAPE), set[str]()
    for row in rows_in(found, "notices"):
        if isinstance(row, dict):
            yield from watch.look(row)
        read = notice(row)
        if isinstance(read, Notice) and read.key in taken:
            read = Rejected("duplicate", read.key)
        if isinstance(read, Notice):
            taken.add(read.key)
        elif read.reason == "unknown notice type":
            yield Issue("unmapped_value", f"notice-type {read.example}")
        yield read
    if found.get("timedOut") is True:
        yield Issue("partial_answer", "the search timed out and gave what it had", broken=True)


def notice(row: object) -> Notice | Rejected:
    """One notice, or why not."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    number = number_of(row)
    if number is None:
        return Rejected("no publication number", text_in(row, "publication-number", 40) or "")
    kind = kind_of(row)
    if kind is None:
        return Rejected("unknown notice type", f"{text_in(row, 'notice-type', 40)} {text_in(row, 'form-type', 40)}")
    title, language = picked(row, "notice-title", "title-proc")
    if title is None:
        return Rejected("no title", number)
    return _notice(row, number, kind, (title, language))


def _notice(row: Json, number: str, kind: str, title: tuple[str, str | None]) -> Notice:
    deadlines = sorted({*texts(row, "deadline-receipt-tender-date-lot"), *texts(row, "deadline-receipt-request-date-lot")})
    amount, currency = value_of(row, kind)
    authorities = parties_of(row, "buyer", "tender_authority", "contracting authority of the notice")
    winners = parties_of(row, "winner", "distributor", winner_proof(number, [])) if kind == "award" else ()
    published = text_in(row, "publication-date", 40)
    return Notice(
        key=number,
        kind=kind,
        title=title[0],
        url=notice_url(number),
        description=picked(row, "description-proc", "description-lot", most=2_000)[0],
        published_text=published,
        published=iso_day(published),
        deadline_text=", ".join(deadlines)[:200] or None,
        deadline=iso_day(deadlines[0]) if deadlines else None,
        codes=cpv_codes(texts(row, "classification-cpv")),
        value_text=" ".join(part for part in (amount, currency) if part) or None,
        value=float(amount) if amount else None,
        currency=currency,
        country_text=next(iter(texts(row, "buyer-country")), None),
        language_text=title[1],
        parties=(*authorities, *winners),
    )


def number_of(row: Json) -> str | None:
    """Publication number without leading zeros, e.g. 479730-2026."""
    found = re.fullmatch(r"0*(\d{1,8}-\d{4})", text_in(row, "publication-number", 40) or "")
    return found[1] if found else None


def kind_of(row: Json) -> str | None:
    """Kind of notice (tender, award) by the notice type, else by the form type."""
    first = next(iter(texts(row, "notice-type")), "")
    return KINDS.get(first.split("-")[0]) or FORM_KINDS.get(next(iter(texts(row, "form-type")), ""))


def texts(row: Json, name: str) -> list[str]:
    """Texts under a field that may be one, a list, or an object of languages (then of one language); {} is none."""
    value = row.get(name)
    if isinstance(value, dict):
        language = language_of(value, row)
        value = value.get(language) if language else None
    values = value if isinstance(value, list) else [value]
    return [text for text in (clean_text(one) for one in values[:2_000]) if text]


def language_of(texts_by_language: Mapping[Any, object], row: Json) -> str | None:
    """English where there is some, else the official language, else the first."""
    official = row.get("official-language")
    wanted = ["eng", *(str(code).lower() for code in official if official)] if isinstance(official, list) else ["eng"]
    filled = [str(code) for code, text in texts_by_language.items() if text]
    return next((code for code in wanted if code in filled), next(iter(filled), None))


def picked(row: Json, *names: str, most: int = 500) -> tuple[str | None, str | None]:
    """First text under the first of these fields that has one, with its language."""
    for name in names:
        value = object_in(row, name)
        language = language_of(value, row)
        text = value.get(language) if language else row.get(name)
        first = text[0] if isinstance(text, list) and text else text
        if cleaned := clean_text(first, most):
            return cleaned, language
    return None, None


def value_of(row: Json, kind: str) -> tuple[str | None, str | None]:
    """Amount as printed and currency: the total; a single tender's value for awards; the estimate for tenders."""
    pairs = [("total-value", "total-value-cur"), ("tender-value", "tender-value-cur")]
    if kind == "tender":
        pairs = [("total-value", "total-value-cur"), ("estimated-value-proc", "estimated-value-cur-proc")]
    for amount_field, currency_field in pairs:
        amounts, currencies = texts(row, amount_field), set(texts(row, currency_field))
        if len(amounts) == 1 and len(currencies) == 1 and re.fullmatch(r"\d{1,15}(\.\d{1,6})?", amounts[0]):
            return amounts[0], currencies.pop()
    return None, None


PARTY_FIELDS = {
    "buyer": {
        "country_text": "buyer-country",
        "city": "buyer-city",
        "postcode": "buyer-post-code",
        "address": "organisation-street-buyer",
        "website": "buyer-internet-address",
        "phones_text": "organisation-tel-buyer",
        "emails_text": "buyer-email",
    },
    "winner": {
        "country_text": "winner-country",
        "city": "winner-city",
        "postcode": "winner-post-code",
        "website": "winner-internet-address",
        "emails_text": "winner-email",
    },
}
"""Field of Party -> field of the search, whose list runs parallel to the names where it is as long."""


def parties_of(row: Json, side: str, role: str, proof: str) -> tuple[Party, ...]:
    """Firms of one side of a notice; what cannot be joined to a name is left unknown."""
    names = texts(row, f"{side}-name")
    columns = {field: column(texts(row, name), len(names), field) for field, name in PARTY_FIELDS[side].items()}
    found: dict[tuple[str, str | None], Party] = {}
    for at, name in enumerate(names):
        known: dict[str, Any] = {field: values[at] for field, values in columns.items() if values}
        known |= {field: (known[field],) for field in ("phones_text", "emails_text") if field in known}
        person = role == "distributor" and is_person({"name": name})
        found.setdefault((name, known.get("city")), Party(name=name, role=role, role_proof=proof, natural_person=person, **known))
    return tuple(found.values())[:MAX_PARTIES]


def column(values: list[str], wanted: int, field: str) -> list[str]:
    """Values joined to names by position; equal values serve all where it is the country, else no guess is made."""
    if len(values) == wanted:
        return values
    return values[:1] * wanted if field == "country_text" and len(set(values)) == 1 else []


def unclear_winners(found: Json) -> list[str]:
    """Publication numbers of award notices where names, towns and countries of winners are not equally many."""
    rows = [row for row in rows_in(found, "notices") if isinstance(row, dict) and kind_of(row) == "award"]
    return [number for row in rows if (number := number_of(row)) and _unclear(row)]


def _unclear(row: Json) -> bool:
    names = len(texts(row, "winner-name"))
    others = {len(texts(row, field)) for field in ("winner-country", "winner-city")}
    return names > 1 and others != {names}
