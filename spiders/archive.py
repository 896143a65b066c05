"""The archive behind a crawl: every answer becomes a WARC record before a reader sees it, and a recording can be asked again.

Format: WARC 1.1 (ISO 28500:2017). Bodies are kept as readers get them, so the digest of a record is the digest of its evidence.
"""

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, IgnoreRequest, NotConfigured
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import BaseSettings
from scrapy.utils.defer import deferred_from_coro

from spiders.archive_errors import ArchiveBroken, ArchiveCorrupt, ArchiveError, ArchiveFull, ArchiveMissing, ArchiveTombstone, NotAWarc
from spiders.archive_index import INDEX_NAME, ArchiveIndex, Row
from spiders.archive_records import Kept, answer_record, file_safe, info_record, kept_row, request_record, without_secrets
from spiders.archive_replay import Replay
from spiders.base.bulk_file import BULK
from spiders.evidence import ARCHIVED, ArchivedAt, source_of
from spiders.warc_answers import Archived, archived_at, as_of_of, iterate_answers, open_answer
from spiders.warc_writing import WarcAppender, first_free, member, record_bytes, record_urn

__all__ = ["ARCHIVE_SETTINGS", "ArchiveEverything", "Archived", "WarcStorage", "as_of_of", "iterate_answers", "open_answer"]

log = logging.getLogger(__name__)

ARCHIVE_SETTINGS: dict[str, Any] = {
    "DOWNLOADER_MIDDLEWARES": {
        # nearer to the wire than redirects and retries, so that what they swallow is recorded too
        "spiders.archive.ArchiveEverything": 900,
        # between the two: what an answer repeats of our key is not kept
        "spiders.keys.HiddenKeys": 905,
        # nearer still: the archive keeps the body that readers get, and its digest is theirs
        "spiders.manners.budgets.Unpacked": 910,
        # Scrapy's policies do not keep no-store answers, and its middleware treats a failing store as a passing error
        "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    },
    # nearest to the spider: whatever else handles records sees them with their proof
    "SPIDER_MIDDLEWARES": {"spiders.evidence.StampEvidence": 990},
    "HTTPCACHE_ENABLED": False,
    # ask whether a page changed before asking for the page
    "TEMBUS_CONDITIONAL": True,
    # parameters whose values are keys; sources with a key_env add theirs
    "TEMBUS_SECRET_PARAMS": ["key", "api_key", "apikey", "api-key", "access_token", "token", "subscription-key", "app_key"],
}
"""What switches the archive on. The crawl adds TEMBUS_ARCHIVE (folder), TEMBUS_RUN_ID, TEMBUS_AS_OF (YYYY-MM-DD), TEMBUS_CONTACT
and, to ask a recording instead of the network, TEMBUS_REPLAY (list of WARC paths)."""

KEPT_WHOLE = timedelta(days=30)
"""Repeats point to an earlier answer only for so long; then it is fetched and kept whole again, so that retention can drop old files."""
LEAST_REPEAT = 1024
"""Smaller bodies are not worth a pointer."""
CONDITIONS = ("If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "Range")
VALIDATED, UNCONDITIONAL = "tembus_validated", "tembus_unconditional"
"""Keys of `request.meta`: which conditions the archive added; that none may be added."""


class WarcStorage:
    """Scrapy's cache-storage interface on a WARC file per run; `retrieve_response` answers in a replay only.

    Raises ArchiveFull or ArchiveBroken where an answer cannot be kept.
    """

    def __init__(self, settings: BaseSettings) -> None:
        folder = settings.get("TEMBUS_ARCHIVE")
        self.folder = Path(folder) if folder else None
        self.replayed = [Path(path) for path in settings.getlist("TEMBUS_REPLAY")]
        self.secrets = frozenset(str(name).lower() for name in settings.getlist("TEMBUS_SECRET_PARAMS"))
        self.run_id = str(settings.get("TEMBUS_RUN_ID") or f"{datetime.now(UTC):%H%M%S%f}")
        self.as_of = str(settings.get("TEMBUS_AS_OF") or "")
        self.contact = str(settings.get("TEMBUS_CONTACT") or "")
        self.out: WarcAppender | None = None
        self.index: ArchiveIndex | None = None
        self.replay: Replay | None = None

    def open_spider(self, spider: Spider) -> None:
        """Open the index, or read the recording. Raises ArchiveError."""
        self.fingerprinter = spider.crawler.request_fingerprinter
        try:
            if self.folder is not None:
                self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveBroken(f"the archive folder cannot be made: {error.strerror}") from error
        if self.replayed:
            assert self.fingerprinter is not None
            self.replay = Replay(self.replayed, self.folder, self.fingerprinter)
        elif self.folder is not None:
            self.index = ArchiveIndex(self.folder / INDEX_NAME, self._sync)

    def close_spider(self, spider: Spider) -> None:
        """Bring file and index to the disk. Raises ArchiveBroken."""
        try:
            if self.index is not None:
                self.index.close()
        finally:
            if self.out is not None:
                self.out.close()
            if self.replay is not None:
                self.replay.close()

    def flush(self) -> None:
        """Bring what was written so far to the disk. Raises ArchiveBroken."""
        if self.index is not None:
            self.index.commit()

    def _sync(self) -> None:
        if self.out is not None:
            self.out.sync()

    def fingerprint(self, request: Request) -> str:
        """Key of a request, without the keys in its address: a replay needs none."""
        assert self.fingerprinter is not None
        url = self._plain(request.url)
        return self.fingerprinter.fingerprint(request if url == request.url else request.replace(url=url)).hex()

    def _plain(self, url: str) -> str:
        return without_secrets(url, self.secrets) if "?" in url or "@" in url else url

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """The recorded answer, None where there is none. Raises ArchiveMissing, ArchiveTombstone, ArchiveCorrupt."""
        if self.replay is None:
            return None
        found = self.replay.next_answer(self.fingerprint(request))
        if found is None:
            return None
        archived, name = found
        # a recording may state any date; nothing was read later than now
        fetched_at = min(archived.fetched_at, datetime.now(UTC))
        at = ArchivedAt(name, archived.offset if name else None, archived.digest, fetched_at, archived.answer.url)
        request.meta[ARCHIVED] = at
        return response_of(archived, request.url)

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Keep one answer and its request, and leave an `ArchivedAt` in `request.meta`. Raises ArchiveFull, ArchiveBroken."""
        if self.folder is None or self.index is None:
            return
        now = datetime.now(UTC)
        url, digest = self._plain(request.url), hashlib.sha256(response.body).hexdigest()
        earlier = self._repeated(url, digest, len(response.body), now)
        self._keep(spider, request, response, self._kept(spider, request, digest, now, earlier))

    def validators(self, spider: Spider, request: Request) -> dict[str, str]:
        """Headers that ask whether an archived page changed; empty where it is not known, too old or without a mark."""
        if self.index is None or request.method != "GET":
            return {}
        row = self.index.validated(self.fingerprint(request), source_of(spider, request))
        if row is None or not self._repeated(row.url, row.digest, LEAST_REPEAT, datetime.now(UTC)):
            return {}
        marks = {"If-None-Match": row.etag, "If-Modified-Since": row.last_modified}
        return {name: value for name, value in marks.items() if value}

    def not_modified(self, spider: Spider, request: Request, response: Response) -> Response:
        """The archived answer that a 304 stands for. Raises ArchiveError where it cannot be given: then the page must be asked for."""
        assert self.index is not None
        assert self.folder is not None
        row = self.index.validated(self.fingerprint(request), source_of(spider, request))
        now = datetime.now(UTC)
        whole = self.index.full_answer(row.url, row.digest, now - KEPT_WHOLE) if row else None
        if whole is None:
            raise ArchiveMissing("the answer that was asked about is gone")
        archived = archived_at(self.folder, whole.file, whole.offset)
        self._keep(spider, request, response, self._kept(spider, request, archived.digest, now, whole))
        return response_of(archived, request.url, "cached", "not-modified")

    def _kept(self, spider: Spider, request: Request, digest: str, at: datetime, earlier: Row | None) -> Kept:
        return Kept(
            url=self._plain(request.url),
            digest=digest,
            at=at,
            earlier=earlier,
            source=source_of(spider, request),
            fingerprint=self.fingerprint(request),
            method=request.method,
            record_id=record_urn(),
        )

    def _repeated(self, url: str, digest: str, size: int, now: datetime) -> Row | None:
        """The earlier whole answer that a new one repeats, if its file still exists."""
        if size < LEAST_REPEAT or self.index is None or self.folder is None:
            return None
        row = self.index.full_answer(url, digest, now - KEPT_WHOLE)
        return row if row is not None and (self.folder / row.file).exists() else None

    def _keep(self, spider: Spider, request: Request, response: Response, kept: Kept) -> None:
        """Write both records in one go, then their index row."""
        assert self.index is not None
        out = self.out or self._new_file(spider)
        before = member(record_bytes(*request_record(request, kept)))
        answer = member(record_bytes(*answer_record(response, kept, self._plain)))
        offset = out.append(before + answer) + len(before)
        request.meta[ARCHIVED] = ArchivedAt(out.path.name, offset, kept.digest, kept.at, kept.url)
        self.index.add(kept_row(response, kept, file=out.path.name, offset=offset, length=len(answer), run_id=self.run_id))

    def _new_file(self, spider: Spider) -> WarcAppender:
        """The run's file, with what it is in front."""
        assert self.folder is not None
        self.out = out = first_free(self.folder, f"{datetime.now(UTC):%Y%m%d}-{file_safe(self.run_id)}")
        as_of = self.as_of or str(getattr(spider, "as_of", ""))
        out.append(member(record_bytes(*info_record(out.path.name, self.contact, self.run_id, spider.name, as_of))))
        return out


def response_of(archived: Archived, url: str, *flags: str) -> Response:
    """An archived answer as Scrapy's downloader would have delivered it for `url`."""
    headers = Headers()
    for name, value in archived.fields:
        headers.appendlist(name, value)
    body = archived.answer.body
    kind = responsetypes.from_args(headers=headers, url=url, body=body)
    return kind(url=url, status=archived.answer.status, headers=headers, body=body, flags=list(flags))


class ArchiveEverything:
    """Downloader middleware and recording policy: every answer is kept, whatever its status or Cache-Control says.

    In a replay it answers from the recording and lets nothing through. Where an answer cannot be kept, the crawl ends with the
    stats key `tembus/fatal`: a record without proof is worth nothing.
    """

    def __init__(self, crawler: Crawler, storage: WarcStorage) -> None:
        self.crawler, self.storage = crawler, storage
        self.conditional = crawler.settings.getbool("TEMBUS_CONDITIONAL", True)
        self.fatal = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to build it; off where neither an archive nor a recording is named."""
        storage = WarcStorage(crawler.settings)
        if storage.folder is None and not storage.replayed:
            raise NotConfigured("no archive folder")
        middleware = cls(crawler, storage)
        crawler.signals.connect(middleware.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(middleware.spider_idle, signal=signals.spider_idle)
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    def spider_opened(self, spider: Spider) -> None:
        """Open the storage, or end the crawl before its first request."""
        try:
            self.storage.open_spider(spider)
        except ArchiveError as error:
            self._end(error)
            raise CloseSpider("archive") from error

    def spider_idle(self, spider: Spider) -> None:
        """Write what waits while the verdict on the run is still open."""
        try:
            self.storage.flush()
        except ArchiveError as error:
            self._end(error)

    def spider_closed(self, spider: Spider) -> None:
        """Close the storage; what could not be brought to the disk is fatal too."""
        try:
            self.storage.close_spider(spider)
        except ArchiveError as error:
            self._end(error)

    def process_request(self, request: Request) -> Response | None:
        """Answer from the recording; or ask whether an archived page changed."""
        if self.fatal:
            raise IgnoreRequest("the archive cannot be written")
        if self.storage.replayed:
            return self._recorded(request)
        for name in request.meta.pop(VALIDATED, ()):  # a retry or a redirect carries those of the request before
            request.headers.pop(name, None)
        if self.conditional and not request.meta.get(UNCONDITIONAL) and not any(name in request.headers for name in CONDITIONS):
            marks = self.storage.validators(self._spider, request)
            for name, value in marks.items():
                request.headers[name] = value
            if marks:
                request.meta[VALIDATED] = tuple(marks)
        return None

    def _recorded(self, request: Request) -> Response:
        """The recorded answer, or IgnoreRequest: a replay never reaches the network."""
        try:
            response = self.storage.retrieve_response(self._spider, request)
        except ArchiveError as error:
            log.warning("replay: %s cannot be given: %s", request.url, error)
            response = None
        if response is None:
            self._count(request, "replay_missing")
            raise IgnoreRequest(f"not in the recording: {request.method} {request.url}")
        response.flags.append("cached")
        return response

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Keep an answer, or exchange a 304 for the page it speaks of; of a file's parts the spider keeps the digest."""
        if "cached" in response.flags or (request.meta.get(BULK) and response.status in (200, 206)):
            return response
        try:
            return self._kept(request, response)
        except (ArchiveFull, ArchiveBroken) as error:
            self._end(error)
            raise IgnoreRequest(str(error)) from error

    def _kept(self, request: Request, response: Response) -> Response | Request:
        """The answer once it is archived; a 304 whose page is lost is asked again without condition."""
        asked = request.meta.pop(VALIDATED, ())
        for name in asked:
            request.headers.pop(name, None)
        if response.status != HTTPStatus.NOT_MODIFIED or not asked:
            self.storage.store_response(self._spider, request, response)
            return response
        try:
            page = self.storage.not_modified(self._spider, request, response)
        except (ArchiveMissing, ArchiveTombstone, ArchiveCorrupt, NotAWarc) as error:
            log.warning("%s did not change, and the archived page cannot be given (%s): asked again", request.url, error)
            return request.replace(dont_filter=True, meta={**request.meta, UNCONDITIONAL: True})
        self._count(request, "not_modified")
        return page

    @property
    def _spider(self) -> Spider:
        assert self.crawler.spider is not None
        return self.crawler.spider

    def _count(self, request: Request, what: str) -> None:
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"tembus/{source_of(self._spider, request)}/{what}")

    def _end(self, error: ArchiveError) -> None:
        """Say it once, and close the crawl if it is running."""
        if self.fatal:
            return
        self.fatal = True
        log.critical("the crawl ends: %s", error)
        if self.crawler.stats:
            self.crawler.stats.set_value("tembus/fatal", str(error))
        engine = self.crawler.engine
        if engine is not None and engine.running:
            deferred_from_coro(engine.close_spider_async(reason="archive"))
