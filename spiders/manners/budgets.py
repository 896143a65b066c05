"""Budgets: requests, records, bytes, seconds and addresses of one shape, so that no site can keep us for ever."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware
from scrapy.utils.request import fingerprint

from spiders.manners.outcomes import ROBOTS_FETCH, Manner, Refused, SourceState, SourceStates, Stop
from spiders.source import Pace

MAX_URL = 2083
MAX_ROBOTS_UNPACKED = 5 * 1024 * 1024
MAX_SEGMENTS = 25
MAX_SAME_SEGMENT = 3
"""Times one path segment may occur: `/a/b/a/b/a/b` grows where links are relative to themselves."""
MAX_SAME_ADDRESS = 15
"""Requests of one address, retries and pauses included; more is a walk in circles."""
SESSION_PARAMETERS = re.compile(
    r"(?:jsessionid|phpsessid|aspsessionid\w{0,40}|asp\.net_sessionid|session_?id|cfid|cftoken|oscsid|zenid"
    r"|utm_\w{1,40}|gclid|gbraid|wbraid|fbclid|msclkid|mc_cid|mc_eid|_ga|_gl|srsltid)\Z",
    re.IGNORECASE,
)
SID = re.compile(r"s?sid\Z", re.IGNORECASE)
"""Also a word of APIs: a session only where the value looks like one."""
LONG_TOKEN = re.compile(r"[0-9a-z]{16,}\Z", re.IGNORECASE)
PATH_SESSION = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/;?#]{0,200}", re.IGNORECASE)
HEX = re.compile(r"(?=[0-9a-f-]*\d)[0-9a-f][0-9a-f-]{14,}[0-9a-f]", re.IGNORECASE)
DIGITS = re.compile(r"\d+")


def canonical(url: str) -> str:
    """Address without session and campaign parameters and without parameters given twice: same page, same address."""
    parts = urlsplit(url[:MAX_URL])
    pairs = dict.fromkeys((name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _is_session(name, value))
    query = urlencode(list(pairs)) if len(pairs) != parts.query.count("&") + bool(parts.query) else parts.query
    return urlunsplit((parts.scheme, parts.netloc, PATH_SESSION.sub("", parts.path), query, ""))


def _is_session(name: str, value: str) -> bool:
    """Whether a parameter only says who asks."""
    return bool(SESSION_PARAMETERS.match(name) or (SID.match(name) and LONG_TOKEN.match(value)))


def pattern(url: str) -> str:
    """Shape of an address: digits and long hex folded, parameters by name only; calendars and facets have few shapes."""
    parts = urlsplit(canonical(url))
    path = DIGITS.sub("0", HEX.sub("0", parts.path))
    names = sorted({DIGITS.sub("0", name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return f"{parts.netloc.lower()}{path}" + (f"?{'&'.join(names)}" if names else "")


def address_fault(url: str) -> str | None:
    """Why an address is not worth asking: too long, too deep, or going round."""
    if len(url) > MAX_URL:
        return "url_too_long"
    segments = [segment for segment in urlsplit(url).path.split("/") if segment]
    # numbers are no places: /0/0/0/0/ means "all" four times in addresses of some APIs, and calendars are caught by their pattern
    words = Counter(segment for segment in segments if not segment.isdecimal())
    if len(segments) > MAX_SEGMENTS or max(words.values(), default=0) > MAX_SAME_SEGMENT:
        return "path_goes_round"
    return None


class CanonicalFingerprinter:
    """Setting REQUEST_FINGERPRINTER_CLASS: the duplicate filter and the archive see one page behind many session addresses."""

    def fingerprint(self, request: Request) -> bytes:
        """Scrapy's fingerprint of the canonical address; parts of one file (Range) are answers of their own."""
        plain = canonical(request.url)
        return fingerprint(request if plain == request.url else request.replace(url=plain), include_headers=["Range"])


class Budgets(Manner):
    """Downloader middleware: counts requests and bytes of each source and stops it where its passport says."""

    def process_request(self, request: Request) -> None:
        """Admit a request, or raise Refused where the budget is spent."""
        if request.meta.get(ROBOTS_FETCH):
            return
        if fault := address_fault(request.url):
            raise self._states.refuse(request, fault, request.url[:200])
        state, pace = self._states.state_of(request), self._states.passport_of(request).pace
        if refused := self._spent(request, state, pace):
            raise refused
        state.began = monotonic() if state.began is None else state.began
        state.admitted += 1

    def _spent(self, request: Request, state: SourceState, pace: Pace) -> Refused | None:
        """The reason to stop, where one more request would be too many."""
        if state.admitted >= pace.max_requests:
            return self._states.stop_for(request, Stop.BUDGET_REQUESTS, f"{pace.max_requests} requests")
        shape, address = pattern(request.url), f"{request.method} {fingerprint_key(request)}"
        state.patterns[shape] += 1
        state.addresses[address] += 1
        if state.patterns[shape] > pace.max_per_pattern:
            return self._states.stop_for(request, Stop.TRAP, f"more than {pace.max_per_pattern} addresses like {shape}")
        if state.addresses[address] > MAX_SAME_ADDRESS:
            return self._states.stop_for(request, Stop.TRAP, f"one address more than {MAX_SAME_ADDRESS} times")
        return None

    def process_response(self, request: Request, response: Response) -> Response:
        """Count an answer and its bytes, after decompression."""
        if request.meta.get(ROBOTS_FETCH):
            return response
        name, state = self._states.name_of(request), self._states.state_of(request)
        state.bytes += len(response.body)
        for what, amount in (("responses", 1), ("bytes", len(response.body)), (f"status/{response.status}", 1)):
            self._states.count(name, what, amount)
        most = self._states.passport_of(request).pace.max_bytes
        if state.bytes > most:
            self._states.stop(name, Stop.BUDGET_BYTES, f"{most} bytes", request.url)
        return response


class Unpacked(HttpCompressionMiddleware):
    """Downloader middleware: Scrapy's decompression, whose bombs and broken bodies are counted as failures instead of vanishing."""

    def __init__(self, *, crawler: Crawler) -> None:
        super().__init__(crawler=crawler)
        self._states = SourceStates.of(crawler)

    def process_response(self, request: Request, response: Response, spider: Spider | None = None) -> Request | Response:
        """The unpacked answer; raises Refused (too_large, broken_body)."""
        if request.meta.get(ROBOTS_FETCH):
            request.meta["download_maxsize"] = MAX_ROBOTS_UNPACKED  # while downloading, the part that is parsed was the cap
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise self._given_up(request, "too_large", str(error)) from error
        except Exception as error:  # every decoder has errors of its own; whichever it is, the body cannot be read
            raise self._given_up(request, "broken_body", f"{type(error).__name__}: {error}") from error

    def _given_up(self, request: Request, reason: str, detail: str) -> Refused:
        """Count a body that is not used; gives what to raise."""
        if not request.meta.get(ROBOTS_FETCH):
            self._states.failed(request, reason)
        return self._states.refuse(request, reason, detail)


def fingerprint_key(request: Request) -> str:
    """Canonical address and body, short."""
    return CanonicalFingerprinter().fingerprint(request).hex()


class ItemBudget(BaseSpiderMiddleware):
    """Spider middleware: a source that gives more records than its passport allows is stopped and read no further."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._states = SourceStates.of(crawler)

    def process_spider_output(self, response: Response | None, result: Iterable[Any], spider: Spider | None = None) -> Iterable[Any]:
        """Pass on what the budget allows; an endless reader is left in the middle."""
        for each in result:
            if not self._within(each, response):
                return
            yield each

    async def process_spider_output_async(
        self, response: Response | None, result: AsyncIterator[Any], spider: Spider | None = None
    ) -> AsyncIterator[Any]:
        """The same for readers that wait."""
        async for each in result:
            if not self._within(each, response):
                return
            yield each

    def _within(self, each: Any, response: Response | None) -> bool:
        """Count a record; False from the first one too many."""
        if isinstance(each, Request) or response is None or response.request is None:
            return True
        name, state = self._states.name_of(response.request), self._states.state_of(response.request)
        most = self._states.passport_of(response.request).pace.max_items
        if state.items >= most:
            self._states.stop(name, Stop.BUDGET_ITEMS, f"{most} records", response.url)
            return False
        state.items += 1
        self._states.count(name, "items")
        return True
