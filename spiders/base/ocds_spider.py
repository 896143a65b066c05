"""The walk over an OCDS publisher: windows of time, pages by link or number, and a chain that breaks off is never called whole."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy.http import Request, Response

from market_db.seen import Notice, Seen
from spiders.base.json_api import JsonApiSpider, object_in, rows_in
from spiders.base.ocds import read_releases
from spiders.base.ocds_packages import Publisher, linked_releases, opened
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected

MAX_LINKED = 200


class OcdsSpider(JsonApiSpider):
    """A publisher sets `publisher`, and yields `page_request(url)` for each window of `first_requests`."""

    publisher: ClassVar[Publisher]
    page_rows: ClassVar[int | None] = None
    """Rows of a full page; that many without a link to the next mean that something is cut off."""
    max_pages: ClassVar[int] = 60
    """Pages followed in one window; more is reported."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.linked: set[str] = set()
        self.newest: dict[str, datetime] = {}

    def page_request(self, url: str, page: int = 1) -> Request:
        """One page of a window."""
        return self.ask(url, meta={"page": page}, errback=self.page_failed)

    def deliver(self, source: str, reading: Reading, url: str) -> Iterator[Seen]:
        """As usual, but no release after a newer one of the same notice: windows and pages come in any order."""
        yield from super().deliver(source, self.newer(reading), url)

    def newer(self, reading: Reading) -> Reading:
        """What was read, without notices of which this run has delivered a newer release."""
        for read in reading:
            if isinstance(read, Notice):
                released = moment(read.published_text or "")
                if released < self.newest.get(read.key, released):
                    yield Rejected("older release of the same notice", read.key)
                    continue
                self.newest[read.key] = released
            yield read

    def read(self, answer: Answer) -> Reading:
        """Notices of one page."""
        return read_releases(answer, self.publisher)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """The next page, and releases that records only link to."""
        found = opened(answer_of(response), self.publisher)
        yield from self.linked_requests(found, response)
        link = next_link(found)
        if link is None:
            self.check_full(found, response.url)
            return
        yield from self.following(urljoin(response.url, link), response)

    def following(self, link: str, response: Response) -> Iterator[Request]:
        """The next page, on the same host and path, until the ceiling."""
        page = int(response.meta.get("page", 1))
        if not self.same_place(link, response.url):
            self.note(self.name, Issue("foreign_link", link[:200], broken=True), response.url)
        elif page >= self.max_pages:
            self.note(self.name, Issue("partial_answer", f"stopped after {page} pages", broken=True), response.url)
        elif link != response.url:
            yield self.page_request(link, page + 1)

    def same_place(self, link: str, url: str) -> bool:
        """Whether a link leads on within the API: https, the host asked, the same first part of the path."""
        parts, asked = urlsplit(link), urlsplit(url)
        return parts.scheme == "https" and parts.netloc == asked.netloc and parts.path.split("/")[1:2] == asked.path.split("/")[1:2]

    def check_full(self, found: object, url: str) -> None:
        """A page as full as pages get that names no next one has lost the rest."""
        rows = len(rows_in(found, "releases")) if isinstance(found, dict) else 0
        if self.page_rows is not None and rows >= self.page_rows:
            self.note(self.name, Issue("partial_answer", f"{rows} rows are a full page, and no next page is named", broken=True), url)

    def linked_requests(self, found: object, response: Response) -> Iterator[Request]:
        """Linked releases on the hosts of the passport, each once, up to a ceiling that is reported."""
        for url in linked_releases(found):
            if url in self.linked or urlsplit(url).netloc not in self.about.hosts:
                continue
            if len(self.linked) >= MAX_LINKED:
                self.note(self.name, Issue("partial_answer", f"{MAX_LINKED} linked releases asked, others left"), response.url)
                return
            self.linked.add(url)
            yield self.page_request(url)


def moment(text: str) -> datetime:
    """A release's date for comparing; what cannot be read is older than anything."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def next_link(found: object) -> str | None:
    """Address of the next page: links.next (text or object with href), or next_page.uri.

    Raises BadAnswer: unexpected shape, where something else stands there.
    """
    if not isinstance(found, dict):
        return None
    link: object = object_in(found, "links").get("next") or object_in(found, "next_page").get("uri")
    if isinstance(link, dict):
        link = link.get("href")
    if link in (None, ""):
        return None
    if not isinstance(link, str) or len(link) > 4_000:
        raise BadAnswer("unexpected shape", f"next page is {type(link).__name__}")
    return link
