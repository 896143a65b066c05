"""Filters of the list as one bit a lead, so that any combination and the counts beside every filter cost microseconds.

A bitmap is a Python integer: bit `rank` stands for the lead of that rank. A million leads are 125 KB a value, and taking two
bitmaps together or counting one takes some ten microseconds; the same counts as SQL take seconds.
"""

import json
import threading
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import islice
from operator import or_

import sqlite_utils

from market_db.finding.text_search import to_bits
from market_db.queries import CHOICES, SORTS, BadQuestion, LeadQuery, as_refresh, meta

SINGLE = ("product", "country", "role", "grade")
"""Filters of which a lead has at most one value."""
FILTERS = (*SINGLE, "source", "has")
CONTACTS = ("email", "phone", "website")
FRESH_DAYS = (7, 30, 90, 365)
"""Ages that are counted beside the filter."""
COLUMNS = ("rank", *SINGLE, *CONTACTS, "sources", "last_seen", "new_since")

MOST_TEXTS = 64

Counts = Mapping[str, Mapping[str, int]]
"""Filter -> value -> number of leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadIndex:
    """All leads of one snapshot by every value they can be filtered by."""

    key: tuple[str, str]
    """Publication and refresh of the snapshot it was made from."""
    every: int
    """Bitmap of all leads."""
    size: int
    """One more than the highest rank."""
    bits: Mapping[str, Mapping[str, int]]
    """Filter -> value -> bitmap; `has` among them."""
    listed: Mapping[str, int]
    """Refresh -> bitmap of the leads it listed first."""
    seen: "array[float]"
    """Newest evidence by rank, in seconds since 1970."""
    published: float
    """Seconds since 1970: freshness counts back from here."""
    orders: Mapping[str, "array[int]"]
    """Ranks in each order that is not the ranking itself."""
    fresh: dict[int, int] = field(default_factory=dict)
    """Days -> bitmap, filled as asked."""
    texts: dict[str, int] = field(default_factory=dict)
    """Typed text -> bitmap of what it finds, the last MOST_TEXTS asked: who has typed a text goes on choosing filters for it."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def matching(self, query: LeadQuery, found: int | None = None, *, without: str = "") -> int:
        """Bitmap of what the query's filters leave of `found` (what its text found; None = no text), one filter set aside."""
        left = self.every if found is None else found & self.every
        for name, field_name in CHOICES.items():
            chosen = getattr(query, field_name)
            if chosen and name != without:
                left &= self.any_of(name, chosen)
        for kind in query.has:
            left &= self.bits["has"].get(kind, 0)
        if query.fresh_days is not None and without != "fresh":
            left &= self.seen_within(query.fresh_days)
        return left & self.since(query.since) if query.since and without != "new" else left

    def any_of(self, name: str, values: Iterable[str]) -> int:
        """Bitmap of the leads with one of the values."""
        return reduce(or_, (self.bits[name].get(value, 0) for value in values), 0)

    def since(self, refresh: str) -> int:
        """Bitmap of the leads first listed by that refresh (or on that date) or later."""
        first = as_refresh(refresh)
        return reduce(or_, (bits for listed, bits in self.listed.items() if listed >= first), 0)

    def with_text(self, text: str, bits_of: Callable[[str, int], int]) -> int:
        """Bitmap of what a text finds; `bits_of` (text, size) is asked where it was not typed before."""
        found = self.texts.get(text)
        if found is None:
            found = bits_of(text, self.size)
        with self.lock:
            self.texts.pop(text, None)
            self.texts[text] = found
            if len(self.texts) > MOST_TEXTS:
                del self.texts[next(iter(self.texts))]
        return found

    def seen_within(self, days: int) -> int:
        """Bitmap of the leads seen within so many days before the snapshot."""
        if days not in self.fresh:
            since = self.published - days * 86_400
            self.fresh[days] = to_bits([rank for rank, at in enumerate(self.seen) if at >= since], self.size) & self.every
        return self.fresh[days]

    def counts(self, query: LeadQuery, found: int | None = None) -> Counts:
        """How many leads each value would leave, all other filters standing; values that would leave none are not named."""
        told: dict[str, dict[str, int]] = {}
        here = self.matching(query, found)
        for name, values in self.bits.items():
            left = here if name == "has" else self.matching(query, found, without=name)
            counted = {value: (left & bits).bit_count() for value, bits in values.items()}
            told[name] = {value: n for value, n in counted.items() if n}
        left = self.matching(query, found, without="fresh")
        told["fresh"] = {str(days): (left & self.seen_within(days)).bit_count() for days in FRESH_DAYS}
        left = self.matching(query, found, without="new")
        told["new"] = {"1": (left & self.since(self.key[1])).bit_count()}
        return told

    def page(self, bits: int, query: LeadQuery) -> list[int]:
        """Ranks of the asked page of a bitmap, in the asked order. Raises BadQuestion for an unknown one."""
        if query.sort not in SORTS:
            raise BadQuestion(f"sort {query.sort!r} is not one of {', '.join(SORTS)}")
        held = bits.to_bytes(self.size // 8 + 1, "little")
        order: Iterable[int] = self.orders.get(query.sort) or _set_bits(held)
        found = (rank for rank in order if held[rank >> 3] >> (rank & 7) & 1)
        return list(islice(found, query.offset, query.offset + query.limit))


def _set_bits(held: bytes) -> Iterator[int]:
    """Places of the bits that are set, lowest first."""
    for at, byte in enumerate(held):
        if byte:
            yield from (at * 8 + bit for bit in range(8) if byte >> bit & 1)


def index_key(db: sqlite_utils.Database) -> tuple[str, str]:
    """What tells one snapshot from the next."""
    about = meta(db)
    return about["published_at"], about["refresh_id"]


def build_index(db: sqlite_utils.Database) -> LeadIndex:
    """Read every lead of a snapshot once, when it is published; about ten seconds a million."""
    ranks: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in (*FILTERS, "listed")}
    seen: list[tuple[int, float]] = []
    dates = _Dates()
    for row in db.conn.execute(f"select {', '.join(COLUMNS)} from lead_rows order by rank"):
        _sort_in(row, ranks)
        seen.append((row[0], dates.seconds(row[9])))
    size = max((rank for rank, _ in seen), default=0) + 1
    times = array("d", [0.0]) * size
    for rank, at in seen:
        times[rank] = at
    key = index_key(db)
    bitmaps = {name: {value: to_bits(found, size) for value, found in values.items()} for name, values in ranks.items()}
    return LeadIndex(
        key=key,
        every=to_bits([rank for rank, _ in seen], size),
        size=size,
        listed=bitmaps.pop("listed"),
        bits=bitmaps,
        seen=times,
        published=datetime.fromisoformat(key[0]).timestamp(),
        orders={name: _order(db, sql) for name, sql in SORTS.items() if name != "score"},
    )


def _sort_in(row: tuple[object, ...], ranks: Mapping[str, dict[str, list[int]]]) -> None:
    """File one lead under its values."""
    rank, values = int(str(row[0])), row[1:5]
    for name, value in zip(SINGLE, values, strict=True):
        if value is not None:
            ranks[name][str(value)].append(rank)
    for kind, value in zip(CONTACTS, row[5:8], strict=True):
        if value is not None:
            ranks["has"][kind].append(rank)
    for source in _names(str(row[8])):
        ranks["source"][source].append(rank)
    if row[10] is not None:
        ranks["listed"][str(row[10])].append(rank)


def _names(text: str) -> list[str]:
    # Nearly every lead of a register has the same one source.
    return [text[2:-2]] if text.count('"') == 2 and "\\" not in text else list(json.loads(text))


class _Dates:
    """Moments read once each: most leads of a night share theirs."""

    def __init__(self) -> None:
        self.known: dict[str, float] = {}

    def seconds(self, text: str) -> float:
        if text not in self.known:
            self.known[text] = datetime.fromisoformat(text).timestamp()
        return self.known[text]


def _order(db: sqlite_utils.Database, sql: str) -> "array[int]":
    return array("q", (rank for (rank,) in db.conn.execute(f"select r.rank from lead_rows r order by {sql}")))
