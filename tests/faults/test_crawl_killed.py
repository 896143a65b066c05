"""kill -9 at random moments: what an earlier run stored stays, and the next run completes."""

import json
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from market_db.home import open_home
from market_db.schema import open_market
from market_db.store import abort_running, save_sources
from scripts import crawl as crawling
from scripts.crawl import Planned, all_sources, source_cards
from scripts.sample_archive import AS_OF, write_sample

REPO = Path(__file__).parent.parent.parent
KILLS = int(os.environ.get("TEMBUS_KILLS", "8"))
"""More of them: TEMBUS_KILLS=20."""
TABLES = ("listings", "notices", "registrations", "places", "trade_flows", "parties", "evidence")


def job(home, warc, number, spider="uk_trade_info"):
    return {
        "home": str(home.root),
        "run_id": f"20261120T{number:06d}Z-kill",
        "spider": spider,
        "mode": "sample",
        "replay": [str(warc)],
        "products": ["sambal", "ground_coffee"],
        "as_of": AS_OF.isoformat(),
    }


def start(task):
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.crawl_one"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=REPO
    )
    # its input stays open: when it ends, the process takes its parent for dead
    process.stdin.write(json.dumps(task).encode() + b"\n")
    process.stdin.flush()
    return process


def state(home):
    db = open_market(home)
    assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
    ids = {table: {row[0] for row in db.execute(f"select id from {table}")} for table in TABLES}
    db.close()
    return ids


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A home in which an earlier run stored something, and how long a whole run takes."""
    home = open_home(tmp_path_factory.mktemp("killed"), {})
    home.make()
    warc = tmp_path_factory.mktemp("warc") / "sample.warc.gz"
    write_sample(warc)
    db = open_market(home)
    save_sources(db, source_cards(home, sample=True))
    db.close()
    assert ended(start(job(home, warc, 0))) == 0
    began = time.monotonic()
    assert ended(start(job(home, warc, 1, "bronnoysund"))) == 0
    return home, warc, time.monotonic() - began


def ended(process, seconds=60):
    code = process.wait(seconds)
    process.stdin.close()
    return code


def test_kills_lose_nothing_and_the_next_run_completes(ready):
    home, warc, whole = ready
    before = state(home)
    assert before["registrations"]
    rng = random.Random(20)
    for number in range(KILLS):
        process = start(job(home, warc, 100 + number, ("ted", "uk_trade_info", "bronnoysund")[number % 3]))
        # most of a run is start-up: aim at the part in which it reads and stores
        time.sleep(whole * rng.uniform(0.3, 1.0))
        process.kill()
        ended(process)
        after = state(home)
        assert all(before[table] <= after[table] for table in TABLES), f"kill {number} lost rows"
        before = after
    db = open_market(home)
    dead = abort_running(db, datetime.now(UTC))
    db.close()
    assert all(run.run_id.endswith("-kill") for run in dead)
    assert ended(start(job(home, warc, 999, "ted"))) == 0
    db = open_market(home)
    verdicts = dict(db.execute("select run_id, verdict from runs where run_id like '%000999Z-kill'").fetchall())
    db.close()
    assert list(verdicts.values()) == ["ok"]
    assert state(home)["notices"]


def test_a_crawl_whose_starter_died_ends_by_itself(ready):
    home, warc, _ = ready
    process = start(job(home, warc, 5_000, "ted"))
    process.stdin.close()
    assert process.wait(30) is not None


@pytest.mark.parametrize(("code", "verdict", "says"), [(0, "aborted", "without closing its run"), (3, "broken", "ended with code 3")])
def test_a_process_that_ends_without_closing_its_run_does_not_leave_it_running(home, monkeypatch, code, verdict, says):
    home.make()
    start_process = subprocess.Popen
    quiet = [sys.executable, "-c", f"import sys; sys.stdin.readline(); sys.exit({code})"]
    monkeypatch.setattr(crawling.subprocess, "Popen", lambda _, **more: start_process(quiet, **more))
    task = crawling.Job(home=str(home.root), run_id="20261126T013000Z-quit", spider="ted", mode="live", sites=("ted",))
    crawling._run_process(home, task, Planned("ted", {"ted": all_sources(home)["ted"][1]}))
    db = open_market(home)
    rows = db.execute("select source, verdict, why, ended from runs").fetchall()
    db.close()
    assert [(row[0], row[1]) for row in rows] == [("ted", verdict)]
    assert says in rows[0][2]
    assert rows[0][3]
