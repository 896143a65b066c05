"""CPU of the list page: `python tests/bench/bench_web.py [LEADS]`; the page of any filter must stay under 100 ms at 20,000 leads."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from starlette.testclient import TestClient

from market_db.derived import Company, CompanyContact, Lead, Reason, lead_id
from market_db.home import open_home
from market_db.lead_index import build_index
from market_db.publish import publish
from market_db.rebuild import finish_refresh, save_companies, save_leads, start_refresh
from market_db.schema import open_market, open_published
from scripts.serve import workspace

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SEEN = NOW.isoformat(timespec="seconds")
COUNTRIES, ROLES = ("NL", "DE", "GB", "NO", "FR", "JP", "SG", "US"), ("importer", "wholesaler", "retailer")
ASKED = ("", "country=NL", "has=email&role=importer", "q=nusantara", "q=foods+199", "sort=company&page=40", "fresh=30&grade=A", "q=antar")


def company(n):
    contact = CompanyContact(
        company_id=f"c{n}", kind="email", value=f"info@n{n}.example", raw="-", first_seen=SEEN, last_seen=SEEN, sources=1, evidence_id="-"
    )
    return Company(
        id=f"c{n}", name=f"Nusantara Foods {n} (contoh)", names=(f"Nusantara Foods {n}",), country=COUNTRIES[n % 8], city="Kota", address=None, postcode=None,
        roles=(ROLES[n % 3],), sources=(f"register{n % 30}",), licences_share_alike=False, latitude=None, longitude=None, first_seen=SEEN,
        last_seen=SEEN, since_run=None, member_ids=(f"p{n}",), contacts=(contact,) if n % 2 else (),
    )  # fmt: skip


def lead(n, refresh):
    why = tuple(Reason(feature=f, points=5.0, most=25.0, text_id="Alasan " + f, text_en="Reason " + f) for f in "abcdef")
    score = n * 7919 % 1000 / 10
    return Lead(
        id=lead_id(f"c{n}", "sambal"), company_id=f"c{n}", product="sambal", score=score, grade="A" if score >= 70 else "B", role=ROLES[n % 3],
        reasons=why, product_proofs=("Sambal Oelek 200 g",), last_seen=SEEN, new_since=refresh,
    )  # fmt: skip


def main(count):
    """Fill a home, then ask for each page thirty times."""
    with TemporaryDirectory() as folder:
        home = open_home(Path(folder) / "home", {})
        db = open_market(home)
        refresh = start_refresh(db, NOW)
        save_companies(db, [company(n) for n in range(count)], gone=[], merged={}, matches=[], refresh_id=refresh)
        save_leads(db, [lead(n, refresh) for n in range(count)])
        finish_refresh(db, refresh, {"leads": count}, NOW)
        db.close()
        publish(home, now=NOW)
        db, started = open_published(home), time.process_time()
        build_index(db)
        print(f"index of {count} leads, once a snapshot: {(time.process_time() - started) * 1000:.0f} ms")
        client = TestClient(workspace(home), base_url="http://127.0.0.1")
        client.get("/")
        every = []
        for asked in ASKED:
            spent = []
            for _ in range(30):
                started = time.process_time()
                assert client.get(f"/pembeli?{asked}").status_code == 200
                spent.append((time.process_time() - started) * 1000)
            every += spent
            print(f"{asked or '(no filter)':28} median {sorted(spent)[15]:6.1f} ms, p95 {sorted(spent)[28]:6.1f} ms")
        print(f"all: p95 {sorted(every)[int(len(every) * 0.95)]:.1f} ms CPU")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
