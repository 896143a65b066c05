"""Robots.txt obeyed strictly: one fetch per host that everybody waits for, and no rules read means no page fetched."""

import asyncio
import codecs
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from spiders.manners.outcomes import ROBOTS_FETCH, Manner, Stop
from spiders.manners.pace import HostPaces
from spiders.source import Source

PRODUCT_TOKEN = "Tembus"  # noqa: S105 - the name robots.txt knows us by
MAX_PARSED = 500 * 1024
"""Bytes that are parsed; RFC 9309 asks for at least 500 KiB."""
MAX_CRAWL_DELAY = 60.0
MAX_AGE = 24 * 3600.0
"""RFC 9309, 2.4: not to be used for more than 24 hours."""
SHUT = (401, 403, 429)
"""4xx that RFC 9309 would let pass; whoever shuts us out of robots.txt does not want us on the pages."""
COMMENT = re.compile(rb"#[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host says, or why that is not known."""

    parser: Protego | None = None
    """None = nothing is forbidden."""
    unknown: str = ""
    """Why the rules could not be read; then nothing is allowed."""
    read_at: float = 0.0
    answer: Response | None = None
    """What was read, for a spider that looks for sitemaps in it."""

    def allows(self, url: str) -> bool:
        """Whether our product may fetch an address."""
        return not self.unknown and (self.parser is None or self.parser.can_fetch(url, PRODUCT_TOKEN))

    @property
    def delay(self) -> float:
        """Seconds between two requests that the host asks for: Crawl-delay or Request-rate, the longer; 0 = it asks for none."""
        if self.parser is None:
            return 0.0
        rate = self.parser.request_rate(PRODUCT_TOKEN)
        return max(self.parser.crawl_delay(PRODUCT_TOKEN) or 0.0, rate.seconds / rate.requests if rate else 0.0)


def read_rules(status: int, body: bytes, now: float = 0.0) -> Rules:
    """Rules from an answer: 401, 403, 429, 3xx and 5xx, UTF-16 or broken text = unknown; other 4xx, HTML or nothing = no rules."""
    if status in SHUT or not 200 <= status < 500 or 300 <= status < 400:
        return Rules(unknown=f"status {status}", read_at=now)
    if status >= 400:
        return Rules(read_at=now)
    text = _text(body[:MAX_PARSED])
    if text is None:
        return Rules(unknown="not UTF-8", read_at=now)
    if text.lstrip().startswith("<"):
        return Rules(read_at=now)
    return Rules(parser=Protego.parse(text), read_at=now)


def _text(body: bytes) -> str | None:
    """Body as text; comments may be in any charset, rules only in UTF-8; a character cut off at the end is left out."""
    if b"\0" in body or body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(COMMENT.sub(b"", body))
    except UnicodeDecodeError:
        return None


class Robots(Manner):
    """Downloader middleware in place of Scrapy's, which lets requests pass while robots.txt is on its way and on errors."""

    now: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._crawler = crawler
        self._paces = HostPaces.of(crawler)
        self._max_age = crawler.settings.getfloat("TEMBUS_ROBOTS_MAX_AGE", MAX_AGE)
        self._reads: dict[str, asyncio.Task[Rules]] = {}
        crawler.signals.connect(self.stop_reading, signals.bytes_received)

    async def process_request(self, request: Request) -> Response | None:
        """Wait for the host's rules and raise Refused where they are against the request; robots.txt itself is not asked twice."""
        if request.meta.get(ROBOTS_FETCH) or self._states.replay:
            return None
        rules = await self._rules(request)
        if rules.answer is not None and urlsplit(request.url).path == "/robots.txt":
            self._must_be_known(request, rules)
            request.meta[ROBOTS_FETCH] = True  # it is no page: neither budget nor verdict counts it
            return rules.answer.replace(url=request.url, flags=["cached"], request=request)
        self._judge(request, rules, self._states.passport_of(request))
        self._states.check(request)
        return None

    async def _rules(self, request: Request) -> Rules:
        """Rules of the host of a request; the first asker fetches, all others wait for the same outcome."""
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc.lower()}"
        task = self._reads.get(origin)
        if task is None or (task.done() and self._is_old(task)):
            task = self._reads[origin] = asyncio.ensure_future(self._fetch(origin, self._states.name_of(request)))
        return await asyncio.shield(task)

    def _is_old(self, task: "asyncio.Task[Rules]") -> bool:
        """Whether rules must be read again."""
        return task.cancelled() or self.now() - task.result().read_at > self._max_age

    async def _fetch(self, origin: str, source: str) -> Rules:
        """Ask a host for its rules, behind the fence and at its pace."""
        meta = {ROBOTS_FETCH: True, "source": source, "download_maxsize": 0}  # `stop_reading` is the cap
        headers = {"Accept": "text/plain,*/*;q=0.5", "Accept-Encoding": "identity"}
        request = Request(f"{origin}/robots.txt", callback=NO_CALLBACK, meta=meta, headers=headers)
        self._states.count(source, "robots_fetches")
        assert self._crawler.engine
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - whatever happened, the rules are unknown, and unknown means no
            return Rules(unknown=f"{type(error).__name__}: {error}"[:200], read_at=self.now())
        return replace(read_rules(response.status, response.body, self.now()), answer=response)

    def _judge(self, request: Request, rules: Rules, passport: Source) -> None:
        """Raise Refused where the rules are against a request; a documented API goes by its own terms where its passport says why."""
        own_terms = passport.api and passport.api_robots
        if not own_terms:
            self._must_be_known(request, rules)
        if rules.delay <= MAX_CRAWL_DELAY:
            self._paces.slow_down(request, rules.delay)
        if rules.allows(request.url):
            self._states.state_of(request).robots_refusals_in_a_row = 0
        elif own_terms:
            self._states.count(self._states.name_of(request), "robots_api_terms")
        else:
            raise self._states.refused_by_robots(request)

    def _must_be_known(self, request: Request, rules: Rules) -> None:
        """Stop the source where the rules are unknown, or ask for a pace at which a night brings nothing."""
        if rules.unknown:
            self._states.count(self._states.name_of(request), "robots_refused")
            raise self._states.stop_for(request, Stop.ROBOTS_UNREACHABLE, rules.unknown)
        if rules.delay > MAX_CRAWL_DELAY:
            raise self._states.stop_for(request, Stop.CRAWL_DELAY_ABSURD, f"{rules.delay:g} s")

    def stop_reading(self, data: bytes, request: Request, spider: Spider) -> None:
        """Signal handler: break the download off when enough was read; the part that came is used."""
        if request.meta.get(ROBOTS_FETCH):
            request.meta["tembus_robots_bytes"] = request.meta.get("tembus_robots_bytes", 0) + len(data)
            if request.meta["tembus_robots_bytes"] >= MAX_PARSED:
                raise StopDownload(fail=False)
