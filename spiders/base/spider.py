"""The spider every source descends from: it carries the passport, asks, hands answers to the pure reader and keeps the count."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import date
from typing import Any, ClassVar

import scrapy
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from market_db.products import ProductType
from market_db.seen import Seen
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Source

MAX_ISSUES = 500
FOLLOWS = "follows"
"""Key of `request.meta`: the request came out of an answer."""


def answer_of(response: Response) -> Answer:
    """The answer in the form readers take."""
    headers = {name.decode("latin-1").lower(): b",".join(values).decode("latin-1") for name, values in response.headers.items()}
    request = response.request
    return Answer(
        body=response.body,
        url=response.url,
        status=response.status,
        headers=headers,
        method=request.method if request else "GET",
        asked=request.body if request else b"",
    )


def _request_of(failure: Failure) -> Request | None:
    """The request that failed, on the failure or on the answer it carries."""
    request = getattr(failure, "request", None) or getattr(getattr(failure.value, "response", None), "request", None)
    return request if isinstance(request, Request) else None


class TembusSpider(scrapy.Spider):
    """A source sets `name` and `about`, yields requests from `first_requests` and turns answers into records in `read`.

    `next_requests` is asked after each answer for what to fetch next. Families with many sites override `passports` and set
    `source=` on what they ask. Periods are computed from `as_of` only, so that a replay asks what the recording asked.
    """

    about: ClassVar[Source]
    needs_each: ClassVar[bool] = True
    """Whether a run without one of its answers is incomplete; a shop's lost page is one of many."""
    open_ended: ClassVar[bool] = False
    """Whether the sources are met while reading (an archive handed in): then nothing is expected of any of them."""

    def __init__(
        self,
        *args: Any,
        products: Iterable[ProductType] = (),
        as_of: date | None = None,
        passport: Source | None = None,
        only: Iterable[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.products = tuple(products)
        self.passport = passport
        self.only = tuple(only)
        self.as_of = as_of or date.today()  # noqa: DTZ011 - the operator's own day decides what is due
        self.issues: list[tuple[str, Issue, str]] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self.countries_read: set[tuple[str, str]] = set()

    def passports(self) -> dict[str, Source]:
        """Source name -> passport of everything this run may ask; a person's decision on its terms stands in `passport`."""
        return {self.name: self.passport or self.about}

    def source_of(self, request: Request) -> str:
        """Name of the source on whose passport a request travels."""
        return str(request.meta.get("source", self.name))

    def ask(self, url: str, *, source: str | None = None, **kwargs: Any) -> Request:
        """A request that carries its source; keyword arguments are scrapy's. One that gets no answer is told by `page_failed`."""
        meta = {**kwargs.pop("meta", {}), "source": source or self.name}
        kwargs.setdefault("errback", self.page_failed if self.needs_each else None)
        return Request(url, callback=kwargs.pop("callback", self.parse), meta=meta, **kwargs)

    async def start(self) -> AsyncIterator[Any]:
        """Scrapy's entry: first requests, interleaved over sites; with `only` these addresses instead (a capture)."""
        for request in [self.ask(url) for url in self.only] if self.only else self.first_requests():
            yield request

    def first_requests(self) -> Iterator[Request]:
        """What to ask first."""
        raise NotImplementedError(f"{type(self).__name__} names no first requests")

    def read(self, answer: Answer) -> Reading:
        """Records, rejected rows and issues of one answer; pure."""
        raise NotImplementedError(f"{type(self).__name__} reads nothing")

    def country_of(self, answer: Answer) -> str | None:
        """Of a source that goes round countries the one that was asked for (ISO 3166-1 alpha-2): what nobody asked is not "none found"."""
        return None

    def next_requests(self, response: Response) -> Iterator[Request]:
        """What the answer says to ask next."""
        return iter(())

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Any]:
        """Deliver the records of one answer, then what to ask next; a broken answer is an issue, not a crash."""
        source = self.source_of(response.request) if response.request else self.name
        try:
            answer = answer_of(response)
            yield from self.deliver(source, self.read(answer), response.url)
            if country := self.country_of(answer):
                self.countries_read.add((source, country))
            for request in self.next_requests(response):
                request.meta[FOLLOWS] = True
                yield request
        except BadAnswer as bad:
            self.note(source, Issue("bad_answer", str(bad), broken=True), response.url)

    def page_failed(self, failure: Failure) -> None:
        """Errback: an answer that did not come makes the run incomplete; what manners refused is told by them.

        A recording need not hold all that is asked first, but what follows from an answer in it.
        """
        request = _request_of(failure)
        refused = isinstance(failure.value, IgnoreRequest) and not isinstance(failure.value, HttpError)
        if refused and (hasattr(failure.value, "reason") or not (request and request.meta.get(FOLLOWS))):
            return
        why = failure.type.__name__ if failure.type else "unknown"
        self.note(self.name, Issue("partial_answer", f"an answer did not come: {why}", broken=True), request.url if request else "")

    def deliver(self, source: str, reading: Reading, url: str) -> Iterator[Seen]:
        """Pass records on; count rejected rows and note issues on the way."""
        for read in reading:
            if isinstance(read, Rejected):
                self.counts[source, read.reason] += 1
            elif isinstance(read, Issue):
                self.note(source, read, url)
            else:
                self.counts[source, "items"] += 1
                yield read

    def note(self, source: str, issue: Issue, url: str = "") -> None:
        """Keep an issue for the run record; beyond the cap they are only counted."""
        self.counts[source, f"issue:{issue.kind}"] += 1
        if len(self.issues) < MAX_ISSUES:
            self.issues.append((source, issue, url))
