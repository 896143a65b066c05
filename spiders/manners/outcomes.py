"""Why a source was stopped and what it was asked: one book per crawl that all manners share and the run record reads."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import ClassVar, Self, cast
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from spiders.base.spider import TembusSpider
from spiders.source import Source

ROBOTS_FETCH = "tembus_robots"
"""Key in `Request.meta` of our own fetches of robots.txt."""
FAILURES_IN_A_ROW = 10
ROBOTS_REFUSALS_IN_A_ROW = 50
MAX_DETAIL = 300
MOST_TOLD = 5

logger = logging.getLogger(__name__)


class Stop(StrEnum):
    """Reasons to ask a source nothing more in this run."""

    BLOCKED = "blocked"
    NEEDS_KEY = "needs_key"
    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    CRAWL_DELAY_ABSURD = "crawl_delay_absurd"
    RATE_LIMITED = "rate_limited"
    TRAP = "trap"
    BUDGET_REQUESTS = "budget_requests"
    BUDGET_ITEMS = "budget_items"
    BUDGET_BYTES = "budget_bytes"
    BUDGET_SECONDS = "budget_seconds"
    TOO_MANY_FAILURES = "too_many_failures"
    BAD_CERTIFICATE = "bad_certificate"
    NOT_READY = "not_ready"


class Refused(IgnoreRequest):
    """Raised by the manners for a request that is not made, or an answer that is not used; `reason` is a short constant."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


LETS_ADMITTED_GO = frozenset({Stop.BUDGET_REQUESTS, Stop.TRAP})
"""Reasons for which nothing new is asked, but what was admitted before is still sent; all others end what waits too."""


@dataclass(slots=True)
class SourceState:
    """What one source was asked in this run, and whether it was stopped."""

    stopped: Stop | None = None
    detail: str = ""
    url: str = ""
    admitted: int = 0
    """Requests let through, sent or waiting for their turn: what the budget counts."""
    items: int = 0
    bytes: int = 0
    failures_in_a_row: int = 0
    robots_refusals_in_a_row: int = 0
    pauses_in_a_row: int = 0
    """Times the source said "too many requests" without a good answer between."""
    began: float | None = None
    """Monotonic time of the first request."""
    patterns: Counter[str] = field(default_factory=Counter)
    """Requests by shape of address."""
    addresses: Counter[str] = field(default_factory=Counter)
    """Requests by canonical address, method and body."""
    held_back: set[str] = field(default_factory=set)
    """Why the fence held addresses back, the first few reasons."""


class SourceStates:
    """The book: `SourceStates.of(crawler)` is the same object for every manner of one crawl."""

    _of: ClassVar[WeakKeyDictionary[Crawler, "SourceStates"]] = WeakKeyDictionary()

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._crawler = crawler
        self._states: dict[str, SourceState] = {}
        self._passports: dict[str, Source] | None = None
        self.replay = bool(crawler.settings.get("TEMBUS_REPLAY"))

    @classmethod
    def of(cls, crawler: Crawler) -> "SourceStates":
        """The book of a crawl, opened at the first call."""
        if crawler not in cls._of:
            cls._of[crawler] = cls(crawler)
        return cls._of[crawler]

    def name_of(self, request: Request) -> str:
        """Source on whose passport a request travels."""
        return cast("TembusSpider", self._crawler.spider).source_of(request)

    def passport_of(self, request: Request) -> Source:
        """Passport of a request; raises Refused (no_passport) where there is none."""
        if self._passports is None:
            self._passports = dict(cast("TembusSpider", self._crawler.spider).passports())
        try:
            return self._passports[self.name_of(request)]
        except KeyError as error:
            raise self.refuse(request, "no_passport", self.name_of(request)) from error

    def state(self, name: str) -> SourceState:
        """State of a source by name."""
        return self._states.setdefault(name, SourceState())

    def state_of(self, request: Request) -> SourceState:
        """State of the source of a request."""
        return self.state(self.name_of(request))

    def count(self, name: str, what: str, amount: int = 1) -> None:
        """Add to the crawl's statistics as `tembus/<source>/<what>`."""
        if self._stats:
            self._stats.inc_value(f"tembus/{name}/{what}", amount)

    def stop(self, name: str, reason: Stop, detail: str = "", url: str = "") -> None:
        """Ask this source nothing more; the first reason stands, other sources go on."""
        state = self.state(name)
        if state.stopped:
            return
        state.stopped, state.detail, state.url = reason, detail[:MAX_DETAIL], url.partition("?")[0][:MAX_DETAIL]  # a query may hold a key
        logger.warning("%s stopped: %s (%s) %s", name, reason, state.detail, state.url)
        if self._stats:
            self._stats.set_value(f"tembus/{name}/stop", str(reason))
            self._stats.set_value(f"tembus/{name}/stop_detail", f"{state.detail} {state.url}".strip())

    def stop_for(self, request: Request, reason: Stop, detail: str = "") -> Refused:
        """Stop the source of a request; gives what to raise."""
        self.stop(self.name_of(request), reason, detail, request.url)
        return Refused(reason, detail)

    def refuse(self, request: Request, reason: str, detail: str = "") -> Refused:
        """Count a request that is not made while its source goes on; gives what to raise. What the fence held back is told by host."""
        self.count(self.name_of(request), f"refused/{reason}")
        if reason == "fence":
            self.count(self.name_of(request), f"fence/{self._told(request, detail)}")
        return Refused(reason, detail)

    def _told(self, request: Request, detail: str) -> str:
        """Why the fence held an address back, in few different words: a hostile page may name a thousand hosts."""
        known = self.state_of(request).held_back
        moved = request.meta.get("redirect_urls")
        told = f"{moved[0].partition('?')[0]} leads to another place: {detail}" if moved else detail
        if len(known) < MOST_TOLD:
            known.add(told[:MAX_DETAIL])
        return told[:MAX_DETAIL] if told[:MAX_DETAIL] in known else "more places"

    def check(self, request: Request, *, admitted: bool = False) -> None:
        """Raise Refused where the source of a request may not be asked (any more); `admitted`: it was let through before and waited."""
        state = self.state_of(request)
        passes = request.meta.get(ROBOTS_FETCH) or (admitted and state.stopped in LETS_ADMITTED_GO)
        if state.stopped and not passes:
            raise self.refuse(request, state.stopped)
        passport = self.passport_of(request)
        if not passport.ready and not self.replay:
            raise self.stop_for(request, Stop.NOT_READY, "switched off" if not passport.enabled else "terms not read")
        if state.began is not None and monotonic() - state.began > passport.pace.max_seconds:
            raise self.stop_for(request, Stop.BUDGET_SECONDS, f"{passport.pace.max_seconds} s")

    def answered(self, name: str) -> None:
        """A usable answer came: what was counted in a row begins anew."""
        state = self.state(name)
        state.failures_in_a_row = state.pauses_in_a_row = 0

    def failed(self, request: Request, why: str) -> None:
        """A request failed for good; ten in a row stop its source."""
        name = self.name_of(request)
        state = self.state(name)
        state.failures_in_a_row += 1
        self.count(name, "failed")
        if state.failures_in_a_row >= FAILURES_IN_A_ROW:
            self.stop(name, Stop.TOO_MANY_FAILURES, f"{state.failures_in_a_row} in a row, last: {why}", request.url)

    def refused_by_robots(self, request: Request) -> Refused:
        """Count a verdict of robots.txt; where it refuses everything asked, the source is stopped instead of asked 10,000 times."""
        name = self.name_of(request)
        state = self.state(name)
        state.robots_refusals_in_a_row += 1
        self.count(name, "robots_refused")
        if state.robots_refusals_in_a_row >= ROBOTS_REFUSALS_IN_A_ROW:
            self.stop(name, Stop.ROBOTS, f"{state.robots_refusals_in_a_row} addresses in a row", request.url)
        return Refused(Stop.ROBOTS, request.url)


class Manner:
    """What every manner shares: the book of its crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._states = SourceStates.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of making one."""
        return cls(crawler)


class StoppedSources(Manner):
    """Downloader middleware, outermost: nothing of a stopped source goes any further."""

    def process_request(self, request: Request) -> None:
        """Raise Refused for a source that was stopped, is not ready, or has no passport."""
        self._states.check(request)
