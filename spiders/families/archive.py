"""Reads WARC files that somebody hands in, through the readers of the sources: nothing is asked of anyone."""

import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from market_db.seen import Seen
from spiders.archive_errors import ArchiveError
from spiders.archive_replay import Taken, take_in
from spiders.base.sites_spider import SitesSpider
from spiders.base.spider import TembusSpider
from spiders.evidence import ArchivedAt, stamp
from spiders.reading import Answer, BadAnswer, Issue, Read
from spiders.source import Source
from spiders.warc_answers import Archived, iterate_answers

log = logging.getLogger(__name__)

HTML = {"text/html", "application/xhtml+xml"}
NOWHERE = "archive.invalid"
"""No request can reach it (RFC 2606): the fence of a source that asks nothing."""


def passport_of(title: str) -> Source:
    """What may be said of pages out of a file: nothing about their licence."""
    return Source(
        title=title,
        publisher="unknown",
        home=f"https://{NOWHERE}/",
        licence="unknown",
        attribution=title,
        terms_url=f"https://{NOWHERE}/",
        terms_read=None,
        basis="own archive or a file handed in",
        hosts=(NOWHERE,),
        note="Asks nothing of anyone; only facts and a link are kept.",
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """A source whose reader is tried for a host."""

    source: str
    spider: TembusSpider
    empty_statuses: tuple[int, ...]


class ArchiveSpider(TembusSpider):
    """Give it `replay` (WARC paths; a string is split at commas) and `readers` (spiders of the sources that may be in them).

    Answers of a host that a reader's passport names are read as that source, those of a declared site by its family; any other HTML
    page goes through the generic page extractor as source `archive:<host>`. Answers that nothing can read are counted, not hidden.
    """

    name = "archive"
    about: ClassVar[Source] = passport_of("Archive")
    open_ended: ClassVar[bool] = True

    def __init__(self, *args: Any, replay: Sequence[str | Path] | str = (), readers: Sequence[TembusSpider] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = [part.strip() for part in replay.split(",")] if isinstance(replay, str) else list(replay)
        self.replay = [Path(path) for path in given if path]
        self.readers: dict[str, list[Reader]] = {}
        self.known: dict[str, Source] = {self.name: self.about}
        for spider in readers:
            for source, passport in spider.passports().items():
                self.known[source] = passport
                for host in passport.hosts:
                    self.readers.setdefault(host.lower(), []).append(Reader(source, spider, passport.empty_statuses))

    def passports(self) -> dict[str, Source]:
        """Sources whose records this run can give: the readers', and one for each other host met so far."""
        return dict(self.known)

    async def start(self) -> AsyncIterator[Any]:
        """Yield the records of every answer, stamped; a file that cannot be read is an issue and the others are still read."""
        folder = self.settings.get("TEMBUS_ARCHIVE")
        for path in self.replay:
            try:
                for record in self._records_of(take_in(path, Path(folder) if folder else None)):
                    yield record
            except ArchiveError as error:
                self.note(self.name, Issue("unreadable_file", f"{path.name}: {error}"[:500], broken=True))

    def _records_of(self, taken: Taken) -> Iterator[Seen]:
        """Stamped records of one file, and afterwards the count of what could not be given."""
        answers, now, ahead = iterate_answers(taken.path), datetime.now(UTC), 0
        for archived in answers:
            ahead += archived.fetched_at > now
            yield from self._read_one(archived, taken, min(archived.fetched_at, now))
        if ahead:
            self.counts[self.name, "dated:future"] += ahead
            self.note(self.name, Issue("future_date", f"{taken.path.name}: {ahead} answers are dated after today: taken as read now"[:500]))
        for reason, number in answers.skipped.items():
            self.counts[self.name, f"skipped:{reason}"] += number
            self.note(self.name, Issue("skipped_records", f"{taken.path.name}: {number} {reason}"[:500]))

    def _read_one(self, archived: Archived, taken: Taken, fetched_at: datetime) -> Iterator[Seen]:
        """Records of one answer, stamped with its place in the archive."""
        answer = archived.answer
        source, reading = self._reading_of(answer)
        at = ArchivedAt(taken.name, archived.offset if taken.name else None, archived.digest, fetched_at, answer.url)
        for record in self.deliver(source, iter(reading), answer.url):
            yield stamp(record, source, at)

    def _reading_of(self, answer: Answer) -> tuple[str, list[Read]]:
        """What the first reader that understands the answer makes of it, and as which source."""
        host = (urlsplit(answer.url).hostname or "").lower()
        source, refused = self.name, Issue("no_reader", f"{answer.media_type or 'unknown'} of {host}"[:500])
        for reader in self._readers_of(host, answer.url):
            if not _is_answer(answer, reader.empty_statuses):
                continue
            try:
                return reader.source, list(reader.spider.read(answer))
            except BadAnswer as bad:
                source, refused = reader.source, Issue("bad_answer", str(bad)[:500])
            except Exception as error:
                log.exception("reader of %s failed on %s", reader.source, answer.url)
                source, refused = reader.source, Issue("reader_failed", f"{type(error).__name__}: {error}"[:500], broken=True)
        if host not in self.readers and host and answer.media_type in HTML and _is_answer(answer):
            return self._page(answer, host)
        if not _is_answer(answer):
            self.counts[self.name, f"status:{answer.status}"] += 1
            return self.name, []
        return source, [refused]

    def _readers_of(self, host: str, url: str) -> Iterator[Reader]:
        """Readers of a host; of declared sites only the one the address belongs to."""
        for reader in self.readers.get(host, ()):
            if isinstance(reader.spider, SitesSpider):
                site = reader.spider.site_of(url)
                if site is None or site.source != reader.source:
                    continue
            yield reader

    def _page(self, answer: Answer, host: str) -> tuple[str, list[Read]]:
        """Records of a page of no known source."""
        from spiders.extract.page import extract_page

        source = f"{self.name}:{host}"
        self.known.setdefault(source, passport_of(f"Archive of {host}"))
        try:
            return source, list(extract_page(answer.body, answer.url, answer.headers).records)
        except BadAnswer as bad:
            return source, [Issue("bad_answer", str(bad)[:500])]


def _is_answer(answer: Answer, empty_statuses: tuple[int, ...] = ()) -> bool:
    """Whether a reader would have been given it in a live crawl."""
    return 200 <= answer.status < 300 or answer.status in empty_statuses
