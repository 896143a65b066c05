"""What shops asked for their goods over time: prices kept through re-posts, two offers of one shop apart, and the same goods elsewhere."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlite_utils

from market_db.codec import from_row
from market_db.rows import batched, read_rows
from market_db.seen import Listing
from market_db.values.text import fold

CHUNK = 500
GTIN_DIGITS = (8, 12, 13, 14)
IN_HOUSE = ("02", "04", "2")
"""First digits of a GTIN-13 or -12 that a shop gives itself: they name other goods in every shop (GS1 General Specifications, 2.1)."""
MOST_ELSEWHERE = 20
LEAST_NAME = 3
"""Words of a name that names one product: "sambal oelek" alone is sold by everybody."""
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePoint:
    """A price from the day it was first seen until the next one."""

    at: str
    """UTC, ISO 8601: when the answer arrived that first showed it."""
    price: float
    currency: str | None
    price_usd_kg: float | None
    """At the rate of that day; per litre where only a volume is known."""
    availability: str | None
    evidence_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """The same goods in another shop."""

    shop: str
    """Seller as printed, else the name of the source."""
    name: str
    url: str
    country: str | None
    price: float | None
    currency: str | None
    price_usd_kg: float | None
    last_seen: str
    by: str
    """How it was recognised: gtin, name (brand, words and net content)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One offer of one shop, over every time it was posted."""

    record_ids: tuple[str, ...]
    """Records, the newest first: more than one = it was posted again."""
    name: str
    url: str
    source: str
    pack_text: str | None
    first_seen: str
    last_seen: str
    prices: tuple[PricePoint, ...]
    """Oldest first; only what changed."""
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def reposts(self) -> int:
        """How often it was posted again."""
        return len(self.record_ids) - 1


Kept = tuple[str, Listing, str, str | None]
"""Record id, listing, when it was seen (UTC, ISO 8601), evidence id."""


def keep_prices(db: sqlite_utils.Database, items: Iterable[Kept]) -> None:
    """Add the prices of new and changed listings where they differ from the last one, inside the caller's transaction."""
    for record, listing, at, evidence in items:
        keys = (_hash(gtin_of(listing.gtin)), _hash(name_key(listing)))
        db.conn.execute("insert or replace into listing_keys values (?,?,?)", (record, *keys))
        if listing.price is not None:
            point = (listing.price, listing.currency, listing.price_usd_kg, listing.availability, evidence)
            db.conn.execute(KEEP, (record, at, *point, record, listing.price, listing.currency, listing.availability))


KEEP = """
insert or replace into price_history (record_id, at, price, currency, price_usd_kg, availability, evidence_id)
select ?, ?, ?, ?, ?, ?, ? where not exists (
  select 1 from (select * from price_history where record_id = ? order by at desc limit 1)
  where price is ? and currency is ? and availability is ?)
"""


def gtin_of(text: str | None) -> str | None:
    """GTIN-14 of a printed number whose check digit is right; None for others and for numbers that shops give themselves."""
    digits = "".join(char for char in text or "" if char.isascii() and char.isdigit())
    if len(digits) not in GTIN_DIGITS or not int(digits):
        return None
    full = digits.zfill(14)
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(full[:13]))
    short = full.lstrip("0") if len(digits) == 8 else full[1:]
    if (10 - total % 10) % 10 != int(full[13]) or short.startswith(IN_HOUSE):
        return None
    return full


def name_key(listing: Listing) -> str | None:
    """Brand, words and net content of goods, in any order of words; None where they do not name one product."""
    return _name_key(listing.brand, listing.name, listing.net_grams, listing.net_millilitres)


def _name_key(brand: str | None, name: str, grams: float | None, millilitres: float | None) -> str | None:
    content = f"{grams:.0f} g" if grams else f"{millilitres:.0f} ml" if millilitres else ""
    words = set(_WORDS.findall(fold(f"{brand or ''} {name}")))
    return f"{' '.join(sorted(words))}|{content}" if content and len(words) >= LEAST_NAME else None


def _hash(text: str | None) -> str | None:
    """Keys say nothing about goods or firms: whoever is forgotten leaves no words behind in them."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if text else None


ROWS = """
select l.id, l.name, l.url, l.source, l.brand, l.pack_text, l.net_grams, l.net_millilitres, l.first_seen, l.last_seen,
  k.gtin_key, k.name_key, coalesce((select p.name from all_parties p where p.record_id = l.id limit 1), '') as seller
from listings l left join listing_keys k on k.record_id = l.id where l.id in ({marks})
"""


def offers_of(db: sqlite_utils.Database, record_ids: Collection[str], most: int = 50) -> list[Offer]:
    """Offers by the ids of a company's records, newest first: re-posts as one, with the prices of all of them.

    A re-post is the same goods of the same seller at the same source under another key that came up after the old one was last
    seen; two that are shown at the same time are two offers.
    """
    rows = [row for part in batched(sorted(set(record_ids)), CHUNK) for row in read_rows(db, ROWS.format(marks=_marks(part)), part)]
    chains = sorted(_chains(rows), key=lambda chain: (chain[-1]["last_seen"], chain[-1]["id"]), reverse=True)[:most]
    prices = _prices(db, [row["id"] for chain in chains for row in chain])
    own = set(record_ids)
    return [_offer(chain, prices, tuple(_elsewhere(db, chain[-1], own))) for chain in chains]


def _marks(items: Sequence[str]) -> str:
    return ",".join("?" * len(items))


def _chains(rows: Iterable[Mapping[str, str]]) -> Iterator[list[Mapping[str, str]]]:
    """Rows of one offer, the oldest first."""
    alike: dict[tuple[str, ...], list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        alike[row["source"], row["seller"], _same_goods(row)].append(row)
    for group in alike.values():
        chains: list[list[Mapping[str, str]]] = []
        for row in sorted(group, key=lambda row: (row["first_seen"], row["id"])):
            before = [chain for chain in chains if chain[-1]["last_seen"] < row["first_seen"]]
            if before:
                max(before, key=lambda chain: chain[-1]["last_seen"]).append(row)
            else:
                chains.append([row])
        yield from chains


def _same_goods(row: Mapping[str, str]) -> str:
    """What makes goods of one shop the same: GTIN, else the name in any case with what the pack says."""
    return row["gtin_key"] or f"{fold(row['name'])}|{row['pack_text'] or ''}|{row['net_grams']}|{row['net_millilitres']}"


def _prices(db: sqlite_utils.Database, ids: Sequence[str]) -> dict[str, list[PricePoint]]:
    found: dict[str, list[PricePoint]] = defaultdict(list)
    for part in batched(ids, CHUNK):
        sql = f"select * from price_history where record_id in ({_marks(part)}) order by at"
        for row in read_rows(db, sql, part):
            found[row["record_id"]].append(from_row(PricePoint, row))
    return found


def _offer(chain: Sequence[Mapping[str, str]], prices: Mapping[str, Sequence[PricePoint]], elsewhere: tuple[Elsewhere, ...]) -> Offer:
    newest = chain[-1]
    points: list[PricePoint] = []
    for point in sorted((point for row in chain for point in prices.get(row["id"], ())), key=lambda point: point.at):
        if not points or (points[-1].price, points[-1].currency) != (point.price, point.currency):
            points.append(point)
    return Offer(
        record_ids=tuple(row["id"] for row in reversed(chain)),
        name=newest["name"],
        url=newest["url"],
        source=newest["source"],
        pack_text=newest["pack_text"],
        first_seen=chain[0]["first_seen"],
        last_seen=newest["last_seen"],
        prices=tuple(points),
        elsewhere=elsewhere,
    )


SAME = """
select l.id, l.name, l.url, l.country, l.price, l.currency, l.price_usd_kg, l.last_seen,
  coalesce((select p.name from all_parties p where p.record_id = l.id limit 1), l.source) as shop, '{by}' as by
from listing_keys k join listings l on l.id = k.record_id
where k.{by}_key = ? order by l.last_seen desc, l.id limit {most}
"""


def _elsewhere(db: sqlite_utils.Database, row: Mapping[str, str], own: Collection[str]) -> Iterator[Elsewhere]:
    """Other shops with the same goods, each page once: those with the same GTIN, then those of the same brand, words and content."""
    met = {row["url"]}
    for by in ("gtin", "name"):
        if not row[f"{by}_key"]:
            continue
        sql = SAME.format(by=by, most=MOST_ELSEWHERE + len(own))
        for found in read_rows(db, sql, (row[f"{by}_key"],)):
            if found["url"] not in met and found["id"] not in own:
                met.add(found["url"])
                yield from_row(Elsewhere, found)


def fill_keys(db: sqlite_utils.Database) -> None:
    """Keys of listings that were stored before there were any, inside the caller's transaction."""
    sql = "select id, gtin, brand, name, net_grams, net_millilitres from listings"
    rows = ((key, _hash(gtin_of(gtin)), _hash(_name_key(*named))) for key, gtin, *named in db.conn.execute(sql).fetchall())
    db.conn.executemany("insert or replace into listing_keys values (?,?,?)", rows)


def forget_prices(db: sqlite_utils.Database) -> None:
    """Prices of listings that are no more go with them, inside the caller's transaction."""
    for table in ("price_history", "listing_keys"):
        db.conn.execute(f'delete from "{table}" where record_id not in (select id from listings)')
