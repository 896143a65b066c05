"""CPU of the list: `python tests/bench/bench_web.py [LEADS]`; at 1,000,000 leads any filters with a text within 50 ms, with counts 150 ms, a page 100 ms."""

import random
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from market_db.derived import Company, CompanyContact, Lead, Reason, lead_id
from market_db.finding.index_store import load_index
from market_db.finding.text_search import text_bits
from market_db.home import open_home
from market_db.publish import publish
from market_db.rebuild import finish_refresh, save_companies, save_leads, start_refresh
from market_db.schema import open_market, open_published
from market_db.web.asked import read_asked
from scripts.serve import workspace

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SEEN = NOW.isoformat(timespec="seconds")
COUNTRIES, ROLES = ("NL", "DE", "GB", "NO", "FR", "JP", "SG", "US"), ("importer", "wholesaler", "retailer")
STEP = 50_000


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


def combinations(index, n):
    """Views that people could ask for: seeded, one to four filters each, two of three with a text."""
    drawn = random.Random(11)
    texts = ("nusantara", "foods", "foods 199", "antar", "kota", "toko", "nothing here", "sambal oelek", "contoh 77", "n")
    for _ in range(n):
        names = drawn.sample(("country", "role", "grade", "source", "has", "fresh"), drawn.randint(0, 4))
        pairs = [(name, value) for name in names for value in some(drawn, values_of(index, name), 1 if name == "fresh" else 2)]
        yield [*pairs, ("q", drawn.choice(texts))] if drawn.random() < 2 / 3 else pairs


def some(drawn, values, most):
    return drawn.sample(values, min(drawn.randint(1, most), len(values)))


def values_of(index, name):
    return ["7", "30", "365"] if name == "fresh" else sorted(index.bits[name])


def spent_on(work):
    started = time.process_time()
    result = work()
    return (time.process_time() - started) * 1000, result


def told(name, spent):
    ordered = sorted(spent)
    print(
        f"{name:44} median {ordered[len(ordered) // 2]:7.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:7.1f} ms, most {ordered[-1]:7.1f} ms"
    )


def fill(home, count):
    db = open_market(home)
    refresh = start_refresh(db, NOW)
    for first in range(0, count, STEP):
        ids = range(first, min(first + STEP, count))
        save_companies(db, [company(n) for n in ids], gone=[], merged={}, matches=[], refresh_id=refresh)
    save_leads(db, [lead(n, refresh) for n in range(count)])
    finish_refresh(db, refresh, {"leads": count}, NOW)
    db.close()
    publish(home, now=NOW)


def main(count):
    """Fill a home, then ask for a few hundred views: ranks alone, with the counts beside every filter, and as a page."""
    with TemporaryDirectory() as folder:
        home = open_home(Path(folder) / "home", {})
        fill(home, count)
        db = open_published(home)
        cost, index = spent_on(lambda: load_index(db))
        print(f"index of {count} leads, once a snapshot: {cost:.0f} ms")
        filtering, facets, pages = [], [], []
        for pairs in combinations(index, 200):
            index.texts.clear()  # every text as if typed for the first time
            asked = read_asked(QueryParams(pairs), index)
            query = asked.query("r")

            def ranks(query=query):
                found = index.with_text(query.text, lambda text, size: text_bits(db, text, size)) if query.text else None
                return index.page(index.matching(query, found), query), found

            cost, (_, found) = spent_on(ranks)
            filtering.append(cost)
            facets.append(cost + spent_on(lambda query=query, found=found: index.counts(query, found))[0])
        client = TestClient(workspace(home), base_url="http://127.0.0.1")
        client.get("/")
        for pairs in combinations(index, 200):
            cost, answer = spent_on(lambda pairs=pairs: client.get("/pembeli", params=pairs))
            assert answer.status_code == 200
            pages.append(cost)
        told("filters and text, the first 25 (CPU)", filtering)
        told("the same with the counts of all filters", facets)
        told("the whole page", pages)
        print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
