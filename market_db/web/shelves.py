"""The snapshot of each request, with its filters: while those of a new snapshot are made, everybody goes on with the one before."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import sqlite_utils

from market_db.finding.index_store import load_index
from market_db.finding.lead_index import LeadIndex, index_key
from market_db.home import Home
from market_db.queries import meta
from market_db.schema import MarketError, open_published
from market_db.sqlite import sqlite3

PATIENCE = 0.25
"""Seconds that a page waits for the filters of a new snapshot: those of 20,000 leads take less."""
log = logging.getLogger("tembus.web")


class NothingPublished(Exception):
    """There is no snapshot yet."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The snapshot of one request."""

    db: sqlite_utils.Database
    index: LeadIndex
    about: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Held:
    """A snapshot that stays open, also after another one took its place on the disk."""

    db: sqlite_utils.Database
    index: LeadIndex
    turn: threading.Lock = field(default_factory=threading.Lock)
    """One request at a time uses the connection."""


class Shelves:
    """Hands out the newest snapshot whose filters are known."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.held: _Held | None = None
        self.making, self.first, self.made = threading.Lock(), threading.Lock(), threading.Event()

    @contextmanager
    def open(self) -> Iterator[Shelf]:
        """The snapshot as it is now, or while its filters are made the one before. Raises NothingPublished, MarketError."""
        if not self.home.published.exists():
            raise NothingPublished(self.home.root)
        with closing(open_published(self.home)) as db:
            held, key = self.held or self._hold_first(), index_key(db)
            if key != held.index.key:
                held = self._renewed()
            if key == held.index.key:
                yield Shelf(db, held.index, meta(db))
                return
        with held.turn:
            yield Shelf(held.db, held.index, meta(held.db))

    def _hold_first(self) -> _Held:
        """At the start everybody waits."""
        with self.first:
            if self.held is None:
                self.held = self._made()
            return self.held

    def _made(self) -> _Held:
        db = open_published(self.home, any_thread=True)
        return _Held(db, load_index(db))

    def _renewed(self) -> _Held:
        """Have the filters of the newest snapshot made, once, in a thread of its own; what there is after a moment's patience."""
        if self.making.acquire(blocking=False):
            self.made.clear()
            threading.Thread(target=self._renew, name="tembus-filters", daemon=True).start()
        self.made.wait(PATIENCE)
        assert self.held is not None, "the first was waited for"
        return self.held

    def _renew(self) -> None:
        try:
            # the one before is closed with the last request that uses it
            self.held = self._made()
        except (MarketError, sqlite3.DatabaseError, OSError) as error:
            log.warning("the new snapshot cannot be used yet: %s", error)
        finally:
            self.making.release()
            self.made.set()
