"""Pace: hosts are asked no faster than passport, Crawl-delay and Retry-After allow, and failures wait longer each time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import ClassVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import OpenSSL.SSL
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from spiders.manners.outcomes import ROBOTS_FETCH, Manner, Stop
from spiders.source import Source

LEAST_PAGE_DELAY = 2.0
"""Seconds between two pages of one host, whatever a passport says."""
LONGEST_WAIT = 600.0
"""Seconds that a Retry-After is waited for; who says longer is asked again another night."""
DEFAULT_WAIT = 60.0
"""Seconds where a host says "too many" and not for how long."""
MAX_PAUSES = 2
HOLD = 0.05
"""Seconds between an answer and the next request, at least."""
RETRY_WAITS = (5.0, 20.0)
"""Seconds before the first and second retry of what failed."""
TRANSIENT = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    ConnectError,
    ConnectionDone,
    ConnectionLost,
    OSError,  # decompression of an empty or broken body
)


@dataclass(slots=True)
class HostPace:
    """What a host may be asked for: the strictest of all sources that ask it."""

    delay: float = 0.001
    """Seconds; never 0, because Scrapy looks at pauses only where there is a delay."""
    concurrency: int = 64


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a Retry-After asks for (RFC 9110, 10.2.3: seconds or a date); None = absent or unreadable.

    Header names in lower case. A date counts from the answer's own Date, so that the server's clock need not agree with ours.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    told = _date(value)
    if told is None:
        return None
    seconds = (told - (_date(headers.get("date", "")) or now)).total_seconds()
    return seconds if seconds >= 0 else None


def _date(value: str) -> datetime | None:
    """HTTP date as a moment in UTC."""
    try:
        moment = parsedate_to_datetime(value[:60])
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class HostPaces:
    """Sets Scrapy's download slots, one per host; `HostPaces.of(crawler)` is the same object for all manners of a crawl.

    The engine itself does the spacing: a pause is a slot whose last request lies in the future, so whatever already
    waits in the slot waits on.
    """

    _of: ClassVar[WeakKeyDictionary[Crawler, "HostPaces"]] = WeakKeyDictionary()

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._hosts: dict[str, HostPace] = {}
        self._paused: dict[str, float] = {}
        self._scale = 0.0 if bool(crawler.settings.get("TEMBUS_REPLAY")) else crawler.settings.getfloat("TEMBUS_WAIT_SCALE", 1.0)

    @classmethod
    def of(cls, crawler: Crawler) -> "HostPaces":
        """The paces of a crawl."""
        if crawler not in cls._of:
            cls._of[crawler] = cls(crawler)
        return cls._of[crawler]

    def admit(self, request: Request, passport: Source) -> None:
        """Put a request into the slot of its host, at the pace of its passport; Scrapy would keep the old slot after a redirect."""
        host = _host(request)
        request.meta["download_slot"] = host
        delay = passport.pace.delay if passport.api else max(passport.pace.delay, LEAST_PAGE_DELAY)
        self._tighten(host, delay, max(1, passport.pace.concurrency))

    def slow_down(self, request: Request, delay: float) -> None:
        """Keep at least `delay` seconds between requests to the host of a request."""
        self._tighten(_host(request), delay, 64)

    def pause(self, request: Request, seconds: float) -> bool:
        """Ask a host nothing for some seconds, everybody; False where it is paused already."""
        host, now = _host(request), monotonic()
        running = self._paused.get(host, 0.0) > now
        until = now + seconds * self._scale
        self._paused[host] = max(until, self._paused.get(host, 0.0))
        slot = self._downloader.slots.get(host)
        if slot:  # none in replay
            slot.lastseen = max(slot.lastseen, self._paused[host] - slot.delay)
        return not running

    def hold(self, request: Request) -> None:
        """Keep the slot a moment after an answer: Scrapy would send the next request before anybody has read a 429 or a wall."""
        slot = self._downloader.slots.get(_host(request))
        if slot:
            slot.lastseen = max(slot.lastseen, monotonic() + HOLD - slot.delay)

    @property
    def _downloader(self):  # type: ignore[no-untyped-def]
        assert self._crawler.engine
        return self._crawler.engine.downloader

    def _tighten(self, host: str, delay: float, concurrency: int) -> None:
        """Apply the stricter of what is known and what is new."""
        pace = self._hosts.setdefault(host, HostPace())
        pace.delay = max(pace.delay, delay * self._scale)
        pace.concurrency = min(pace.concurrency, concurrency)
        self._downloader.per_slot_settings[host] = {"delay": pace.delay, "concurrency": pace.concurrency, "jitter": 0.0}
        slot = self._downloader.slots.get(host)
        if slot:
            slot.delay, slot.concurrency, slot.jitter = pace.delay, pace.concurrency, 0.0


def _host(request: Request) -> str:
    """Host as slots are named: one per host, whatever scheme or port."""
    return (urlsplit(request.url).hostname or "").rstrip(".")


class Paced(Manner):
    """Downloader middleware: gives each request the slot of its host."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._paces = HostPaces.of(crawler)

    def process_request(self, request: Request) -> None:
        """Set slot and pace."""
        self._paces.admit(request, self._states.passport_of(request))


class Retry(Manner):
    """Downloader middleware in place of Scrapy's, which asks again at once and does not read Retry-After."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._paces = HostPaces.of(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The answer, or the request once more; raises Refused where the source is stopped."""
        if request.meta.get(ROBOTS_FETCH):
            return response
        if response.status in self._states.passport_of(request).empty_statuses:
            self._states.answered(self._states.name_of(request))
            return response
        if response.status == 429 or (response.status == 503 and "Retry-After" in response.headers):
            return self._wait_as_told(request, response)
        if response.status == 403:
            return self._forbidden(request)
        if response.status >= 500 or response.status == 408:
            return self._again(request, f"status {response.status}") or response
        self._states.answered(self._states.name_of(request))
        return response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The request once more, or None where it has failed."""
        if request.meta.get(ROBOTS_FETCH) or isinstance(exception, IgnoreRequest):
            return None
        why = f"{type(exception).__name__}: {exception}"
        if certificate := _certificate_fault(exception):
            self._states.failed(request, certificate)
            raise self._states.stop_for(request, Stop.BAD_CERTIFICATE, certificate) from exception
        if isinstance(exception, TRANSIENT):
            return self._again(request, why)
        if isinstance(exception, DownloadCancelledError):
            self._states.count(self._states.name_of(request), "too_large")
        self._states.failed(request, why)
        return None

    def _wait_as_told(self, request: Request, response: Response) -> Request:
        """Pause the host; the third time in a row, or where it asks for more than ten minutes, stop the source."""
        headers = {name.decode("latin-1").lower(): values[-1].decode("latin-1") for name, values in response.headers.items() if values}
        told = retry_after(headers, datetime.now(UTC))
        seconds = DEFAULT_WAIT if told is None else told
        state = self._states.state_of(request)
        waits = request.meta.get("tembus_waits", 0)
        if seconds > LONGEST_WAIT or waits >= MAX_PAUSES or state.pauses_in_a_row >= MAX_PAUSES:
            raise self._states.stop_for(
                request, Stop.RATE_LIMITED, f"status {response.status}, Retry-After {headers.get('retry-after')!r:.60}"
            )
        if self._paces.pause(request, seconds):
            state.pauses_in_a_row += 1
        self._states.count(self._states.name_of(request), "waits")
        return _once_more(request, tembus_waits=waits + 1)

    def _forbidden(self, request: Request) -> Request:
        """Stop the source, except where the documentation calls a 403 transient."""
        tries = request.meta.get("tembus_403", 0)
        about = self._states.passport_of(request)
        if tries >= about.retry_403:
            raise self._states.stop_for(request, Stop.BLOCKED, "status 403")
        self._states.count(self._states.name_of(request), "retries")
        self._paces.pause(request, about.wait_403 * 2**tries)
        return _once_more(request, tembus_403=tries + 1)

    def _again(self, request: Request, why: str) -> Request | None:
        """A retry after a pause, or None where the request has had its retries and counts as failed."""
        tries = request.meta.get("tembus_tries", 0)
        if tries >= len(RETRY_WAITS):
            self._states.failed(request, why)
            return None
        self._states.count(self._states.name_of(request), "retries")
        self._paces.pause(request, RETRY_WAITS[tries])
        return _once_more(request, tembus_tries=tries + 1)


def _once_more(request: Request, **meta: int) -> Request:
    """The same request, past the duplicate filter and before what else waits."""
    return request.replace(dont_filter=True, priority=request.priority + 1, meta={**request.meta, **meta})


def _certificate_fault(exception: BaseException) -> str | None:
    """What is wrong with a certificate, where that is the cause of an exception; no retry mends it."""
    for cause in _causes(exception, depth=6):
        name = type(cause).__name__
        if "VerificationError" in name or (isinstance(cause, OpenSSL.SSL.Error) and "certificate" in str(cause)):
            return f"{name}: {cause}"[:200]
    return None


def _causes(exception: BaseException, depth: int) -> Iterator[BaseException]:
    """An exception, what it came from, and the failures that Twisted's exceptions carry as `reasons`."""
    yield exception
    if depth == 0:
        return
    inner = [reason.value for reason in getattr(exception, "reasons", None) or () if isinstance(reason, Failure)]
    for cause in (exception.__cause__, *inner):
        if cause is not None:
            yield from _causes(cause, depth - 1)
