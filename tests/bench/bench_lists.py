"""Time of what advisors do with many leads: `python tests/bench/bench_lists.py [LEADS]`; CPU seconds, so that other work does not count."""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_web import NOW, company, lead
from starlette.testclient import TestClient

from market_db.desk.entered import Shortlist, ShortlistEntry
from market_db.desk.shortlists import MOST_ENTRIES, add_entries, save_exporter, save_shortlist
from market_db.exporter import Offer
from market_db.home import open_home
from market_db.publish import publish
from market_db.rebuild import finish_refresh, save_companies, save_leads, start_refresh
from market_db.schema import open_market
from market_db.web.exporters import _blank
from market_db.workbook.apart import read_apart
from scripts.serve import workspace

FROM_US = {"origin": "http://127.0.0.1"}


def filled(folder, count):
    """A home with so many leads, the longest shortlist, and an exporter."""
    from dataclasses import replace

    home = open_home(folder / "home", {})
    db = open_market(home)
    refresh = start_refresh(db, NOW)
    leads = [lead(n, refresh) for n in range(count)]
    save_companies(db, [company(n) for n in range(count)], gone=[], merged={}, matches=[], refresh_id=refresh)
    save_leads(db, leads)
    finish_refresh(db, refresh, {"leads": count}, NOW)
    db.close()
    publish(home, now=NOW)
    save_shortlist(home, Shortlist(id="a1", name="Bench", exporter=None, campaign="", owner="x", entered_at="2026-11-25", entered_by="x"))
    save_exporter(
        home, replace(_blank("x"), id="e1", name="CV (contoh)", offers=(Offer(product="sambal", name="S"),), minimum_order_kg=600.0)
    )
    some = leads[:MOST_ENTRIES]
    add_entries(home, (ShortlistEntry(shortlist="a1", lead_id=one.id, position=0, entered_at="2026-11-25", entered_by="x") for one in some))
    return home


def main(count):
    """Each thing once, after a first page."""
    with TemporaryDirectory() as folder:
        home = filled(Path(folder), count)
        client = TestClient(workspace(home), base_url="http://127.0.0.1")
        client.get("/")

        def told(name, work):
            started, wall = time.process_time(), time.perf_counter()
            answer = work()
            assert answer.status_code == 200, answer.text
            print(
                f"{name:44} {time.process_time() - started:6.2f} s CPU {time.perf_counter() - wall:6.2f} s wall {len(answer.content) / 1e6:6.2f} MB"
            )
            return answer

        told(f"page of a shortlist of {min(count, MOST_ENTRIES)}", lambda: client.get("/daftar/a1"))
        told("buyers for an exporter", lambda: client.get("/eksportir/e1/pembeli"))
        for kind in ("csv", "json", "pdf", "xlsx"):
            told(f"that shortlist as {kind}", lambda kind=kind: client.post("/daftar/a1/ekspor", data={"format": kind}, headers=FROM_US))
        body = told(f"view of {count} as xlsx", lambda: client.post("/ekspor", data={"format": "xlsx"}, headers=FROM_US)).content
        file = Path(folder) / "back.xlsx"
        file.write_bytes(body)
        wall = time.perf_counter()
        assert len(read_apart(file).rows) == count
        print(f"read back apart: {time.perf_counter() - wall:.2f} s wall")
        told("brought back and compared", lambda: client.post("/kembali", files={"workbook": ("x.xlsx", body)}, headers=FROM_US))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
