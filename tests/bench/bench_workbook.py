"""Time and memory of big exports: `python tests/bench/bench_workbook.py [ROWS]`; memory must not grow with the rows."""

import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from market_db.exports.lead_row import LeadRow
from market_db.exports.lists import write_csv, write_json
from market_db.workbook.writer import About, write_workbook

WHY = "Peran terbukti oleh register (30/30); produk cocok: sambal oelek (20/25); terlihat 3 hari lalu (15/15); e-mail dan telepon (10/10)"


def leads(count: int) -> Iterator[LeadRow]:
    """Made-up leads, one at a time."""
    for n in range(1, count + 1):
        yield LeadRow(
            rank=n, lead_id=f"{n:020x}", company_id=f"{n:020x}", company=f"Nusantara Foods {n} (contoh)", country=("NL", "SG", "JP")[n % 3],
            city="Rotterdam", role="importer", score=100 - n % 100, grade="A", why_id=WHY, why_en=WHY, products=("Sambal Oelek", "Chili sauce"),
            product="sambal", website=f"https://n{n}.example/", email=f"info@n{n}.example", phone="+447700900123",
            evidence_url=f"https://r.example/{n}", evidence_title=f"Entry {n}", sources=("Register", "OpenStreetMap"), n_sources=2,
            last_seen=date(2026, 11, 22), first_seen=date(2026, 3, 1), new=False, licences=("ODbL 1.0",), attributions=("(contoh)",),
        )  # fmt: skip


def report(name: str, path: Path, started: float) -> None:
    """One line: seconds, size, highest memory so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:5} {time.perf_counter() - started:7.1f} s {path.stat().st_size / 1e6:8.1f} MB, peak memory {peak:6.0f} MB")


def main(count: int) -> None:
    """Write the three files."""
    about = About(created=datetime(2026, 11, 25, tzinfo=UTC), filter_words="", total=count, shown=count)
    with TemporaryDirectory() as folder:
        for name in ("json", "csv", "xlsx"):
            path, started = Path(folder) / f"x.{name}", time.perf_counter()
            if name == "json":
                write_json(path, leads(count))
            elif name == "csv":
                write_csv(path, leads(count), "id")
            else:
                write_workbook(path, leads(count), language="id", markets=(), sources=(), runs={}, about=about)
            report(name, path, started)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
