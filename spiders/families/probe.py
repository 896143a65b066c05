"""One look at a site nobody has declared yet: robots.txt and the front page, under the same manners as a crawl."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from spiders.base.sites_spider import family_passport
from spiders.base.spider import TembusSpider, answer_of
from spiders.manners.outcomes import ROBOTS_FETCH, Refused
from spiders.reading import Answer, Reading
from spiders.source import Expect, Pace, Source

MOST_REQUESTS = 4
"""The front page, and the redirects on the way to it."""


class FirstLook(Source):
    """Passport of a probe: a person ordered one look, and it is made in order to read the terms; so they need not have been read."""

    __slots__ = ()

    @property
    def ready(self) -> bool:
        """Whether it is switched on."""
        return self.enabled


def first_look(url: str) -> FirstLook:
    """Passport for one site: its host, with and without www."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    both = (host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}")
    port = f":{parts.port}" if parts.port else ""
    return FirstLook(
        title=host,
        publisher=host,
        home=url,
        licence="unknown",
        attribution=host,
        terms_url=url,
        terms_read=None,
        basis="one look at robots.txt and the front page, ordered by a person",
        hosts=tuple(f"{name}{port}" for name in both),
        expect=Expect(least=0),
        pace=Pace(max_requests=MOST_REQUESTS, max_bytes=20_000_000, max_seconds=120),
    )


class ProbeSpider(TembusSpider):
    """Give it `url`; afterwards `front` and `robots` are what came, and `failed` why the front page did not."""

    name = "probe"
    about: ClassVar[Source] = family_passport("Probe")
    open_ended: ClassVar[bool] = True
    handle_httpstatus_list: ClassVar[list[int]] = [404, 410]

    def __init__(self, *args: Any, url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url = url
        self.front: Answer | None = None
        self.robots: Answer | None = None
        self.failed = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's way of making one; the manners' own robots.txt is the one that is read, it is not asked for twice."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.received, signals.response_received)
        return spider

    def passports(self) -> dict[str, Source]:
        """The one site."""
        return {self.name: first_look(self.url)} if self.url else {self.name: self.about}

    def first_requests(self) -> Iterator[Request]:
        """The front page; the manners ask for robots.txt before it."""
        yield self.ask(self.url, errback=self.lost)

    def received(self, response: Response, request: Request) -> None:
        """Signal handler: keep the last robots.txt, which is that of the host the front page came from."""
        if request.meta.get(ROBOTS_FETCH):
            self.robots = answer_of(response.replace(request=request))

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Any]:
        """Keep the front page."""
        if response.status == 200:
            self.front = answer_of(response)
        else:
            self.failed = f"status {response.status}"
        yield from ()

    def lost(self, failure: Any) -> None:
        """Errback: why there is no front page."""
        self.failed = failure.getErrorMessage()[:300] or failure.type.__name__
        if isinstance(failure.value, Refused) and failure.value.reason == "fence" and failure.request.meta.get("redirect_times"):
            self.failed = f"its front page leads to {failure.request.url[:200]}: probe that address"

    def read(self, answer: Answer) -> Reading:
        """A look gives no records."""
        return iter(())
