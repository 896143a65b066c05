"""Provenance stamp: every record leaves its spider with the name of its source and the place of the bytes that prove it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from market_db.seen import SEEN_TYPES, Evidence, Seen

ARCHIVED = "archived"
"""Key of `request.meta` under which the archive leaves an `ArchivedAt`."""
SEEN_CLASSES = tuple(SEEN_TYPES.values())


@dataclass(frozen=True, slots=True)
class ArchivedAt:
    """Where an answer lies in the archive."""

    file: str | None
    """WARC file in the home's archive folder; None = not archived."""
    offset: int | None
    sha256: str
    """Of the body that the reader gets, hex."""
    fetched_at: datetime
    """UTC; in replay the time of the recording."""
    url: str
    """Address asked, without keys."""


def stamp(record: Seen, source: str, at: ArchivedAt) -> Seen:
    """The record with its source and its evidence."""
    evidence = Evidence(
        source=source, url=at.url, fetched_at=at.fetched_at, content_hash=at.sha256, archive_file=at.file, archive_offset=at.offset
    )
    return replace(record, source=source, evidence=evidence)


def place_of(request: Request, response: Response) -> ArchivedAt:
    """Where the answer lies; worked out once per answer, also where nothing is archived (a fixture, an archive switched off)."""
    found = request.meta.get(ARCHIVED)
    if not isinstance(found, ArchivedAt):
        found = ArchivedAt(None, None, hashlib.sha256(response.body).hexdigest(), datetime.now(UTC), response.url)
        request.meta[ARCHIVED] = found
    return found


def source_of(spider: Spider, request: Request) -> str:
    """Name of the source that a request travels for."""
    name = getattr(spider, "source_of", None)
    return str(name(request)) if name else spider.name


class StampEvidence(BaseSpiderMiddleware):
    """Stamps what callbacks yield. A record that has a stamp keeps it: the archive family's, and cards that waited for another answer.

    A record from start() without a stamp is dropped and counted as `tembus/unproved`: no evidence, no record.
    """

    def get_processed_item(self, item: Any, response: Response | None) -> Any:
        """Stamp seen records; anything else passes as it is."""
        if not isinstance(item, SEEN_CLASSES):
            return item
        record = cast("Seen", item)
        if response is None or response.request is None or (record.source and record.evidence is not None):
            return self._proved(record)
        spider = self.crawler.spider
        assert spider is not None
        return stamp(record, source_of(spider, response.request), place_of(response.request, response))

    def _proved(self, record: Any) -> Any:
        """The record, if it brings its evidence."""
        if record.source and record.evidence is not None:
            return record
        if self.crawler.stats:
            self.crawler.stats.inc_value("tembus/unproved")
        return None
