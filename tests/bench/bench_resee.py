"""A night that sees every stored row again, against the cheapest SQL that could do it: `python tests/bench/bench_resee.py [ROWS]`.

Raw is INSERT ... ON CONFLICT DO UPDATE ... WHERE changed on the same table with the same indexes, rows prepared in advance and
5 % of them changed; ours is `save_seen` on records, evidence and parties included. Rounds are interleaved; CPU seconds, medians.
"""

import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from market_db.codec import to_row
from market_db.home import open_home
from market_db.schema import NOT_COLUMNS, open_market
from market_db.seen import Contact, Evidence, Listing, Party, seen_id
from market_db.store import save_seen

NOW = datetime(2026, 11, 25, tzinfo=UTC)
BATCH = 500
ROUNDS = 3


def listings(count):
    seller = Party(name="Toko Contoh", country="NL", contacts=(Contact(kind="website", raw="toko.example", value="https://toko.example"),))
    for i in range(count):
        page = Evidence(
            source="shop",
            url=f"https://s.example/{i // 250}",
            fetched_at=NOW,
            content_hash=f"{i // 250:064d}",
            archive_file="a",
            archive_offset=i,
        )
        yield Listing(
            key=str(i), name=f"Sambal Oelek {i}", url=f"https://s.example/p/{i}", source="shop", evidence=page, description="x" * 500,
            brand="Contoh", category=("Saus", "Sambal"), price_text="3,49", currency_text="EUR", price=3.49 + i % 7, currency="EUR", net_grams=340.0,
            availability="InStock", seller=seller, country="NL", language="nl", product="sambal", relevance=0.9, relevance_why=("name: sambal",),
        )  # fmt: skip


def ours(db, records, run):
    began = time.process_time()
    for start in range(0, len(records), BATCH):
        save_seen(db, records[start : start + BATCH], run_id=run, now=NOW)
    return time.process_time() - began


def raw(db, records):
    """CPU of the statement alone, and with making its rows from the records."""
    prepared = time.process_time()
    rows = [{"id": seen_id(r), "source": r.source, **to_row(r, leave=NOT_COLUMNS)} for r in records]
    names = list(rows[0])
    sets = ", ".join(f'"{n}"=excluded."{n}"' for n in names if n != "id")
    changed = " or ".join(f'"{n}" is not excluded."{n}"' for n in names if n != "id")
    marks = ",".join("?" * len(names))
    quoted = ", ".join(f'"{n}"' for n in names)
    sql = f"insert into listings ({quoted}) values ({marks}) on conflict(id) do update set {sets} where {changed}"
    values = [tuple(row.values()) for row in rows]
    began = time.process_time()
    for start in range(0, len(values), BATCH):
        with db.atomic():
            db.conn.executemany(sql, values[start : start + BATCH])
    ended = time.process_time()
    return ended - began, ended - prepared


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    first = list(listings(count))
    with tempfile.TemporaryDirectory() as folder:
        a, b = (open_market(open_home(Path(folder) / name, {})) for name in ("ours", "raw"))
        cold = ours(a, first, "r0"), *raw(b, first)
        times = []
        for n in range(1, ROUNDS + 1):
            again = [replace(r, price=r.price + n) if i % 20 == 0 else r for i, r in enumerate(first)]
            times.append((ours(a, again, f"r{n}"), *raw(b, again)))
            first = again
    us, sql, whole = (median(t[n] for t in times) for n in range(3))
    print(f"rows {count}; first time: ours {cold[0]:.2f} s, raw {cold[1]:.2f} s, ratio {cold[0] / cold[1]:.2f}")
    print(f"seen again, 5 % changed: ours {us:.2f} s; raw statement {sql:.2f} s, ratio {us / sql:.2f};", end=" ")
    print(f"raw with making the rows {whole:.2f} s, ratio {us / whole:.2f}")


if __name__ == "__main__":
    main()
