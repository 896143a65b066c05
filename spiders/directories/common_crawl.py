"""Common Crawl: contact pages of firms we know, out of a public archive, so that the firm's own server is not asked at all."""

import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from scrapy.http import Request, Response
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from market_db.companies.known import KnownCompany
from market_db.values.websites import is_shared_domain, registrable_domain
from spiders.base.bulk_file import BULK
from spiders.base.company_check import CompanyCheck
from spiders.base.json_api import text_in, whole_in
from spiders.base.spider import answer_of
from spiders.evidence import ARCHIVED, ArchivedAt, place_of
from spiders.extract.page import extract_page
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected, load_json
from spiders.source import Expect, Pace, Source

INDEX, DATA = "https://index.commoncrawl.org/", "https://data.commoncrawl.org/"
CAPTURES = 200
"""Rows asked of the index for one domain; contact pages lie near the root."""
PAGES = 2
"""Pages read of one firm."""
MOST_BYTES = 2_000_000
"""A longer capture is not asked for."""
MOST_UNPACKED = 5 * MOST_BYTES
WANTED = re.compile(
    r"contact|kontakt|contatt|contato|contacto|impressum|imprint|colofon|about|over-ons|ueber-uns|uber-uns|chi-siamo|qui-sommes|"
    r"mentions-legales|aviso-legal|om-oss|om-os|tentang|hubungi|iletisim|yhteystiedot|kapcsolat|o-nas|お問い合わせ|会社概要|联系|聯絡",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Capture:
    """One page in the archive."""

    url: str
    filename: str
    offset: int
    length: int


class CommonCrawl(CompanyCheck):
    """The newest crawl's index is asked once a firm, then at most two of its pages by byte range."""

    name = "common_crawl"
    about = Source(
        title="Common Crawl: archived pages of firms",
        publisher="Common Crawl Foundation",
        home="https://commoncrawl.org/",
        licence="unknown",
        attribution="Common Crawl; the page is its firm's",
        terms_url="https://commoncrawl.org/terms-of-use",
        terms_read=None,
        basis="not decided",
        hosts=("index.commoncrawl.org", "data.commoncrawl.org"),
        personal_data="pages may name staff: only role mailboxes and business lines are kept",
        every=timedelta(days=30),
        expect=Expect(least=0, most=1_000),
        pace=Pace(delay=5.0, max_requests=160, max_seconds=3_600),
        api=True,
        note="captures are months old: contacts carry the day of the capture",
    )
    most_questions = 50

    def first_requests(self) -> Iterator[Request]:
        """The list of crawls, while there is anybody to ask about."""
        if self.products and any(self.domains()):
            yield self.ask(f"{INDEX}collinfo.json")

    def domains(self) -> list[str]:
        """Domains that are one firm's own."""
        found = (registrable_domain(company.website) for company in self.companies if company.website)
        return list(dict.fromkeys(domain for domain in found if domain and not is_shared_domain(domain)))[: self.most_questions]

    def question(self, company: KnownCompany) -> Request | None:
        """Nothing: firms are asked about once the newest crawl is known."""
        return None

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Any]:
        """Stamp what a capture shows with the day of the capture, not of tonight."""
        if response.url.startswith(DATA) and response.request is not None:
            at = place_of(response.request, response)
            response.request.meta[ARCHIVED] = dated(at, response.body)
        yield from super().parse(response, **kwargs)

    def read(self, answer: Answer) -> Reading:
        """The firm of a captured page; lists and index answers hold none."""
        if answer.url.startswith(DATA):
            yield from read_capture(answer.body)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """From the crawls to the index, from the index to the pages."""
        answer = answer_of(response)
        if answer.url.endswith("/collinfo.json"):
            yield from (self.ask(index_url(newest(answer), domain)) for domain in self.domains())
        elif answer.url.startswith(INDEX):
            for capture in chosen(captures(answer)):
                part = {"Range": f"bytes={capture.offset}-{capture.offset + capture.length - 1}", "Accept-Encoding": "identity"}
                # packed pages are not archived: what somebody asks to be forgotten could not be found in them
                yield self.ask(f"{DATA}{quote(capture.filename)}", headers=part, meta={BULK: capture.url}, dont_filter=True)


def newest(answer: Answer) -> str:
    """Address of the newest crawl's index. Raises BadAnswer."""
    rows = load_json(answer)
    first = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    address = text_in(first, "cdx-api") or ""
    if not address.startswith(INDEX):
        raise BadAnswer("unexpected shape", f"no cdx-api of {INDEX} in the list of crawls")
    return address


def index_url(api: str, domain: str) -> str:
    """Captured HTML pages of a domain."""
    asked = [
        ("url", f"{domain}/*"),
        ("output", "json"),
        ("limit", CAPTURES),
        ("filter", "=status:200"),
        ("filter", "=mime-detected:text/html"),
    ]
    return f"{api}?{urlencode(asked)}"


def captures(answer: Answer) -> Iterator[Capture]:
    """Rows of the index, one JSON object a line. Raises BadAnswer where a line is none."""
    for line in answer.body.splitlines():
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadAnswer("not json lines", line[:100].decode("utf-8", "replace")) from error
        if isinstance(row, dict) and (said := text_in(row, "message") or text_in(row, "error")):
            raise BadAnswer("error in answer", said)
        url, name = text_in(row, "url", 2_000), text_in(row, "filename", 500)
        offset, length = whole_in(row, "offset"), whole_in(row, "length")
        if url and name and offset is not None and length and length <= MOST_BYTES and "/warc/" in name:
            yield Capture(url, name, offset, length)


def chosen(found: Iterator[Capture]) -> list[Capture]:
    """The pages most likely to say who the firm is: contact and imprint pages, shortest address first, else the front page."""
    by_path = {urlsplit(capture.url).path.rstrip("/"): capture for capture in found}
    wanted = sorted((path for path in by_path if WANTED.search(path)), key=lambda path: (path.count("/"), len(path), path))
    paths = wanted[:PAGES] or [path for path in ("",) if path in by_path]
    return [by_path[path] for path in paths]


def read_capture(member: bytes) -> Reading:
    """The firm of one gzip member of a WARC file. Raises BadAnswer: no WARC record, no answer in it."""
    url, headers, body, _ = capture_of(member)
    page = extract_page(body, url, headers)
    firm = page.firm or next((record for record in page.records if hasattr(record, "party")), None)
    if firm is None:
        yield Rejected("no firm named")
        return
    yield replace(firm, key=registrable_domain(url) or url, url=url)
    yield from (Issue(kind, url[:200]) for kind in page.issues)


def capture_of(member: bytes) -> tuple[str, dict[str, str], bytes, datetime]:
    """Address, headers, body and time of a captured answer. Raises BadAnswer: cut off (the gzip member has no end), no capture."""
    _whole(member)
    try:
        for record in ArchiveIterator(io.BytesIO(member)):
            if record.rec_type == "response" and record.http_headers is not None:
                headers = {name.lower(): value for name, value in record.http_headers.headers}
                url = record.rec_headers.get_header("WARC-Target-URI")
                at = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date"))
                return url, headers, record.content_stream().read(MOST_UNPACKED), min(at, datetime.now(UTC))
    except (ArchiveLoadFailed, OSError, EOFError, ValueError, AttributeError) as error:
        raise BadAnswer("no capture", f"{type(error).__name__}: {error}"[:200]) from error
    raise BadAnswer("no capture", "no answer in the record")


def _whole(member: bytes) -> None:
    """Check that a gzip member has its end: the reader of WARC files takes half a one without a word."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        unpacking.decompress(member, MOST_UNPACKED)
    except zlib.error as error:
        raise BadAnswer("no capture", f"not packed by gzip: {member[:80].decode('utf-8', 'replace')}") from error
    if not unpacking.eof:
        raise BadAnswer("cut off", f"the record goes on after {len(member)} bytes, or is larger than {MOST_UNPACKED} when unpacked")


def dated(at: ArchivedAt, member: bytes) -> ArchivedAt:
    """Where the proof lies: the page's own address, at the day of its capture."""
    try:
        url, _, _, captured = capture_of(member)
    except BadAnswer:
        return at
    return replace(at, url=url, fetched_at=captured)
