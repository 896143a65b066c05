"""The filters of a snapshot inside the snapshot: the night works them out once, a page only reads them."""

from array import array
from collections.abc import Iterator
from datetime import datetime

import sqlite_utils

from market_db.finding.lead_index import FILTERS, FRESH_DAYS, LeadIndex, build_index, index_key

TABLES = (
    "create table lead_bits (filter text, value text, bits blob, primary key (filter, value)) strict, without rowid",
    "create table lead_numbers (name text primary key, numbers blob) strict, without rowid",
)
EVERY, LISTED, FRESH = "every", "listed", "fresh"
RANKS = "I"
"""Type of the numbers of an order; moments are "d"; both as the machine that published wrote them (little-endian, as all we know)."""


def save_index(db: sqlite_utils.Database) -> None:
    """Write the filters of a snapshot whose leads and `meta` stand."""
    index = build_index(db)
    for sql in TABLES:
        db.conn.execute(sql)
    db.conn.executemany("insert into lead_bits values (?,?,?)", ((name, value, _packed(bits)) for name, value, bits in _bitmaps(index)))
    numbers = {"seen": index.seen.tobytes(), **{name: array(RANKS, ranks).tobytes() for name, ranks in index.orders.items()}}
    db.conn.executemany("insert into lead_numbers values (?,?)", list(numbers.items()))


def _bitmaps(index: LeadIndex) -> Iterator[tuple[str, str, int]]:
    """(filter, value, bitmap) of everything that is kept."""
    yield EVERY, "", index.every
    yield from ((LISTED, refresh, bits) for refresh, bits in index.listed.items())
    yield from ((FRESH, str(days), index.seen_within(days)) for days in FRESH_DAYS)
    yield from ((name, value, bits) for name, values in index.bits.items() for value, bits in values.items())


def _packed(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def load_index(db: sqlite_utils.Database) -> LeadIndex:
    """The filters as `save_index` wrote them: of a million leads in some ten milliseconds."""
    bits: dict[str, dict[str, int]] = {name: {} for name in (*FILTERS, EVERY, LISTED, FRESH)}
    for name, value, packed in db.conn.execute("select filter, value, bits from lead_bits"):
        bits[name][value] = int.from_bytes(packed, "little")
    numbers: dict[str, bytes] = dict(db.conn.execute("select name, numbers from lead_numbers").fetchall())
    seen, key = array("d", numbers.pop("seen")), index_key(db)
    return LeadIndex(
        key=key,
        every=bits.pop(EVERY)[""],
        size=len(seen),
        listed=bits.pop(LISTED),
        fresh={int(days): bitmap for days, bitmap in bits.pop(FRESH).items()},
        bits=bits,
        seen=seen,
        published=datetime.fromisoformat(key[0]).timestamp(),
        orders={name: array(RANKS, packed) for name, packed in numbers.items()},
    )
