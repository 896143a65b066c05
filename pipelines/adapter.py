"""Scrapy's only view of the steps: runs them on each item, counts, and stores what is kept in whole transactions."""

import logging
import sqlite3 as builtin_sqlite3
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlite_utils
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.defer import deferred_from_coro

from market_db import sqlite
from market_db.desk import store as desk
from market_db.home import open_home
from market_db.rates import load_rates
from market_db.schema import MarketError, open_market
from market_db.seen import Seen, kind_of, parties_of
from market_db.store import save_seen
from pipelines.chosen import chosen_products
from pipelines.context import Context, SourceHint
from pipelines.rejections import Rejection
from pipelines.steps import run_steps

logger = logging.getLogger(__name__)

UNSTICK_SECONDS = 0.2
BATCH, SECONDS = 500, 5.0
"""A transaction holds at most this many records, and none waits longer than this many seconds."""
PERSONAL = frozenset({"personal_email", "personal_phone", "natural_person"})
"""What counts as personal data taken out."""
STORE_FAULTS = (sqlite.sqlite3.Error, builtin_sqlite3.Error, MarketError, OSError)
RECORD_FAULTS = (
    UnicodeError,
    OverflowError,
    *(getattr(module, name) for module in (sqlite.sqlite3, builtin_sqlite3) for name in ("IntegrityError", "DataError", "InterfaceError")),
)
"""What one record does to its batch: text that is none, a number or a type its column does not take."""
UNSTORABLE = "Unstorable"

FIELDS: dict[str, tuple[str, ...]] = {
    "listing": ("price", "currency", "price_usd_kg", "brand", "category", "country", "language", "description", "seller"),
    "notice": ("published", "deadline", "country", "description", "codes", "value", "language"),
    "registration": ("activity_codes", "product_codes", "periods", "activity_text"),
    "place": ("latitude", "shop_type", "brand"),
    "trade_flow": ("value", "net_kg", "currency"),
    "observation": ("country",),
    "refusal": ("date", "origin", "product_text"),
}
"""Fields whose coverage is watched, by kind."""
PARTY_FIELDS = ("country", "city", "address", "role", "contacts")
WITH_PARTY = frozenset({"listing", "notice", "registration", "place"})


@cache
def drop_class(reason: str) -> type[DropItem]:
    """Scrapy counts dropped items by class name: one class per reason."""
    return type(reason, (DropItem,), {"__doc__": f"Refused: {reason}."})


class StepsPipeline:
    """Item pipeline.

    Settings: TEMBUS_HOME (path), TEMBUS_PRODUCTS (keys), TEMBUS_RUN_ID, TEMBUS_AS_OF (YYYY-MM-DD),
    TEMBUS_HINTS (source -> mapping of country, currency, language, role; optional).
    Counts: `tembus/<source>/stored_new|stored_changed|unchanged`, `rejected/<Reason>` with `rejected_example/<Reason>`,
    `personal_dropped` and its kinds, `field/<kind>.<field>` and `field/<kind>.*` for all records of the kind.
    A store that fails ends the crawl with `tembus/fatal`; the records not stored are counted as `not_stored`.
    """

    def __init__(self, crawler: Crawler, *, clock: Callable[[], float] = time.monotonic) -> None:
        assert crawler.stats is not None
        self.crawler, self.stats, self.clock = crawler, crawler.stats, clock
        self.waiting: list[Seen] = []
        self.since = clock()
        self.failed = False
        self.ticker: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StepsPipeline":
        """Scrapy's way to make one."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Build the context, open the market; the ticker stores what waits while a slow site keeps us idle."""
        settings = self.crawler.settings
        self.home = open_home(Path(settings["TEMBUS_HOME"]))
        self.run_id = str(settings["TEMBUS_RUN_ID"])
        self.db: sqlite_utils.Database = open_market(self.home)
        self.context = Context(
            as_of=date.fromisoformat(settings["TEMBUS_AS_OF"]),
            products=chosen_products(settings.getlist("TEMBUS_PRODUCTS")),
            suppressed=desk.suppressed(self.home),
            hints=hints_of(self.crawler.spider, settings.getdict("TEMBUS_HINTS")),
            dropped=self,
            rates=load_rates(self.db),
        )
        self.ticker = create_looping_call(self.store_due)
        self.ticker.start(SECONDS, now=False)

    def add(self, source: str, what: str) -> None:
        """Count something taken out of a record that is kept."""
        self._count(source, f"dropped/{what}")
        if what in PERSONAL:
            self._count(source, "personal_dropped")

    def process_item(self, item: Any) -> Any:
        """The item after its steps; it is stored with its batch."""
        if not isinstance(item, Seen):
            return item
        try:
            kept = run_steps(item, self.context)
        except Rejection as refused:
            raise self._refused(item.source, refused) from refused
        self._cover(kept)
        self.waiting.append(kept)
        self.store_due()
        return kept

    def _refused(self, source: str, refused: Rejection) -> DropItem:
        self._count(source, f"rejected/{refused.reason}")
        example = f"tembus/{source}/rejected_example/{refused.reason}"
        if str(refused) and self.stats.get_value(example) is None:
            self.stats.set_value(example, str(refused))
        return drop_class(refused.reason)(str(refused), log_level="DEBUG")

    def _cover(self, record: Seen) -> None:
        """Count which of the watched fields a record has; one that none has is counted as 0, or its loss would go unnoticed."""
        kind = kind_of(record)
        self._count(record.source, f"field/{kind}.*")
        for name in FIELDS[kind]:
            self._count(record.source, f"field/{kind}.{name}", getattr(record, name) not in (None, ()))
        party = next(iter(parties_of(record)), None)
        for name in PARTY_FIELDS if kind in WITH_PARTY else ():
            self._count(record.source, f"field/{kind}.party_{name}", getattr(party, name, None) not in (None, ()))

    def _count(self, source: str, name: str, by: int = 1) -> None:
        self.stats.inc_value(f"tembus/{source}/{name}", by)

    def store_due(self) -> None:
        """Store the batch when it is full or old enough."""
        if self.waiting and (len(self.waiting) >= BATCH or self.clock() - self.since >= SECONDS):
            self.store()

    def store(self) -> None:
        """Store what waits, source by source so that each is counted, in whole transactions; a fault ends the crawl."""
        batch, self.waiting, self.since = self.waiting, [], self.clock()
        sources = dict.fromkeys(record.source for record in batch)
        for source in sources:
            self._store_part(source, [record for record in batch if record.source == source])

    def _store_part(self, source: str, records: list[Seen]) -> None:
        if self.failed:
            self._count(source, "not_stored", len(records))
            return
        try:
            saved = save_seen(self.db, records, run_id=self.run_id, now=datetime.now(UTC))
        except RECORD_FAULTS as error:
            self._store_apart(source, records, error)
            return
        except STORE_FAULTS as error:
            self._count(source, "not_stored", len(records))
            self._fail(error)
            return
        for name, number in (("stored_new", saved.new), ("stored_changed", saved.changed), ("unchanged", saved.unchanged)):
            self._count(source, name, number)

    def _store_apart(self, source: str, records: list[Seen], error: Exception) -> None:
        """Halve a batch until the record that no table takes stands alone; it is counted as refused, and the others are stored."""
        if len(records) > 1:
            half = len(records) // 2
            for part in (records[:half], records[half:]):
                self._store_part(source, part)
            return
        logger.warning("a record of %s cannot be stored: %s", source, type(error).__name__)
        self._count(source, f"rejected/{UNSTORABLE}")
        self.stats.set_value(f"tembus/{source}/rejected_example/{UNSTORABLE}", type(error).__name__)

    def _fail(self, error: Exception) -> None:
        """Say what happened and stop asking: what cannot be kept is not fetched."""
        self.failed = True
        message = f"the market could not be written: {error}"
        logger.error("%s", message)
        self.stats.set_value("tembus/fatal", message)
        self._stop_crawl()

    def _stop_crawl(self) -> None:
        """End the crawl as a signal would: requests under way are finished."""
        engine = self.crawler.engine
        if engine is None or not self.crawler.crawling:
            return
        deferred_from_coro(engine.close_spider_async(reason="store_failed"))
        self.ticker.stop()
        self.ticker = create_looping_call(self._unstick)
        self.ticker.start(UNSTICK_SECONDS, now=False)

    def _unstick(self) -> None:
        """Let a closing scraper go once it is idle.

        Scrapy 2.19 looks for that only after a response (`Scraper._check_if_closing`); a spider whose start() yields records
        gets none, and would wait for ever.
        """
        scraper = self.crawler.engine.scraper if self.crawler.engine else None
        slot = scraper.slot if scraper else None
        if scraper and slot and slot.closing and not slot.closing.called and slot.is_idle():
            scraper._check_if_closing()

    def close_spider(self) -> None:
        """Finish the batch; called at the end of the crawl, at SIGTERM, and after a fault."""
        if self.ticker is not None and self.ticker.running:
            self.ticker.stop()
        self.store()
        self.db.close()


def hints_of(spider: Any, given: Mapping[str, Mapping[str, str]]) -> dict[str, SourceHint]:
    """What each source of a run implies: its passport's only country and only role, overruled by what the settings give."""
    passports = spider.passports() if hasattr(spider, "passports") else {}
    hints = {name: SourceHint(country=_only(about.countries), role=_only(about.roles)) for name, about in passports.items()}
    return {**hints, **{name: SourceHint(**dict(values)) for name, values in given.items()}}


def _only(values: tuple[str, ...]) -> str | None:
    return values[0] if len(values) == 1 else None
