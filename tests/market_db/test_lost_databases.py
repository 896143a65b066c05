"""Databases that vanished or are empty: never made anew over what remembers them, and never published over what people query."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from market_db.derived import Company, Lead, lead_id
from market_db.desk.entered import FollowUp
from market_db.desk.store import add_follow_up, do_not_contact, suppressed
from market_db.publish import FarEmptier, publish
from market_db.rebuild import finish_refresh, last_refresh, save_companies, save_leads, start_refresh
from market_db.schema import MarketError, open_desk, open_market, open_published
from scripts.backup import BackupFailed, back_up, backups, needed, restore

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
SEEN = NOW.isoformat(timespec="seconds")
STEP = FollowUp(lead_id="x", status="contacted", entered_at=SEEN, entered_by="Sari (contoh)")
REPO = Path(__file__).parents[2]


def firm(number):
    facts = {"country": "NL", "city": None, "address": None, "postcode": None, "latitude": None, "longitude": None}
    name = f"Toko {number} (contoh)"
    return Company(
        id=f"c{number}",
        name=name,
        names=(name,),
        roles=(),
        sources=(),
        licences_share_alike=False,
        first_seen=SEEN,
        last_seen=SEEN,
        since_run=None,
        member_ids=(f"p{number}",),
        contacts=(),
        **facts,
    )


def lead(number, refresh):
    return Lead(
        id=lead_id(f"c{number}", "sambal"),
        company_id=f"c{number}",
        product="sambal",
        score=50.0,
        grade="B",
        role=None,
        reasons=(),
        product_proofs=(),
        last_seen=SEEN,
        new_since=refresh,
    )


def refreshed(home, leads, now):
    """A refresh that leaves so many leads."""
    db = open_market(home)
    refresh = start_refresh(db, now)
    save_companies(db, [firm(n) for n in range(leads)], gone=[], merged={}, matches=[], refresh_id=refresh)
    save_leads(db, [lead(n, refresh) for n in range(leads)])
    finish_refresh(db, refresh, {}, now)
    db.close()


@pytest.fixture
def published(home):
    refreshed(home, 20, NOW)
    publish(home, now=NOW)
    return home


def leads_of(home):
    db = open_published(home)
    try:
        return db["lead_rows"].count
    finally:
        db.close()


def lose(path):
    for tail in ("", "-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def empty(path):
    lose(path)
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [lose, empty])
def test_a_lost_market_is_not_made_anew_and_the_snapshot_stays(published, harm):
    harm(published.market)
    for act in (open_market, lambda home: publish(home, now=NOW + timedelta(days=1))):
        with pytest.raises(MarketError, match="no backup of it") as told:
            act(published)
        assert "market.db" in str(told.value)
    assert not published.market.exists() or published.market.stat().st_size == 0
    assert leads_of(published) == 20


@pytest.mark.parametrize("harm", [lose, empty])
def test_a_lost_market_comes_back_from_its_backup(published, harm):
    back_up(published, now=NOW)
    harm(published.market)
    with pytest.raises(MarketError, match="tembus restore"):
        open_market(published)
    if harm is empty:
        with pytest.raises(BackupFailed, match="0 bytes"):
            back_up(published, now=NOW + timedelta(days=1), keep=1)
    assert len(backups(published, "market")) == 1
    (copy,) = needed(published)
    restore(published, copy.path, now=NOW)
    db = open_market(published)
    assert db["leads"].count == 20
    db.close()


def test_a_log_without_its_database_is_a_loss_too(home):
    home.make()
    home.market.with_name("market.db-wal").write_bytes(b"x" * 4096)
    with pytest.raises(MarketError, match="-wal was left of it"):
        open_market(home)


def test_a_database_is_made_where_the_file_system_knows_no_links(home, monkeypatch):
    def no_links(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("market_db.opening.os.link", no_links)
    open_market(home).close()
    assert home.market.stat().st_size > 0


def test_a_market_without_tables_is_not_filled_anew(published):
    lose(published.market)
    conn = sqlite3.connect(published.market)
    conn.execute("pragma user_version=1")
    conn.close()
    assert published.market.stat().st_size > 0
    with pytest.raises(MarketError, match="holds no table"):
        open_market(published)


@pytest.mark.parametrize("harm", [lose, empty])
def test_a_lost_desk_is_not_taken_for_an_empty_do_not_contact_list(home, harm):
    do_not_contact(home, "email", "info@firm.example", by="Sari (contoh)", reason="asked", now=NOW)
    back_up(home, now=NOW)
    harm(home.desk)
    for act in (suppressed, open_desk):
        with pytest.raises(MarketError, match="tembus restore"):
            act(home)
    (copy,) = needed(home)
    restore(home, copy.path, now=NOW)
    assert suppressed(home).covers("email", "info@firm.example")


def test_an_empty_desk_without_backup_is_refused_too(home):
    home.make()
    empty(home.desk)
    with pytest.raises(MarketError, match="0 bytes"):
        suppressed(home)


def test_a_market_is_restored_only_after_the_list_that_guards_it(published):
    do_not_contact(published, "email", "info@firm.example", by="Sari (contoh)", reason="asked", now=NOW)
    back_up(published, now=NOW)
    empty(published.desk)
    with pytest.raises(BackupFailed, match=r"desk\.db comes first"):
        restore(published, backups(published, "market")[0].path, now=NOW)


def test_notes_about_leads_say_that_there_was_a_market(home):
    add_follow_up(home, STEP)
    with pytest.raises(MarketError, match="notes about its leads"):
        open_market(home)
    assert not home.market.exists()


def test_the_list_alone_may_come_before_the_first_crawl(home):
    do_not_contact(home, "email", "info@firm.example", by="Sari (contoh)", reason="asked", now=NOW)
    open_market(home).close()
    assert home.market.stat().st_size > 0


def test_a_process_killed_while_it_makes_a_database_leaves_no_empty_file(home):
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom market_db import schema\nfrom market_db.home import open_home\n"
        "schema.create = lambda *_: os._exit(9)\nschema.open_market(open_home(Path(sys.argv[1]), {}))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home.root)], cwd=REPO, check=False)
    assert done.returncode == 9
    assert not home.market.exists()
    open_market(home).close()


def test_two_processes_that_start_at_once_share_one_database(home):
    code = (
        "import sys\nfrom pathlib import Path\nfrom market_db.schema import open_market\nfrom market_db.home import open_home\n"
        "db = open_market(open_home(Path(sys.argv[1]), {}))\ndb['refreshes'].insert({'id': sys.argv[2]})"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(home.root), str(n)], cwd=REPO) for n in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    db = open_market(home)
    assert db["refreshes"].count == 3
    db.close()
    assert sorted(path.name for path in home.root.iterdir()) == ["archive", "backups", "exports", "logs", "market.db"]


@pytest.mark.parametrize(("left", "held"), [(0, True), (9, True), (10, False), (25, False)])
def test_a_far_emptier_snapshot_is_held_back_until_a_person_insists(published, left, held):
    db = open_market(published)
    save_companies(db, [], gone=[f"c{n}" for n in range(20)], merged={}, matches=[], refresh_id="r")
    db.close()
    refreshed(published, left, NOW + timedelta(days=1))
    if held:
        with pytest.raises(FarEmptier, match=f"{left} leads.*holds 20.*--insist"):
            publish(published, now=NOW + timedelta(days=1))
        assert leads_of(published) == 20
        assert not list(published.root.glob("*.tmp"))
    publish(published, now=NOW + timedelta(days=1), insist=held)
    assert leads_of(published) == left


def test_a_refresh_of_the_future_is_not_the_last_one(home):
    refreshed(home, 1, NOW)
    refreshed(home, 1, NOW + timedelta(days=1000))
    db = open_market(home)
    assert last_refresh(db, NOW + timedelta(days=1)) == "20261125T013000Z-refresh"
    assert last_refresh(db) == "20290821T013000Z-refresh"
    db.close()
    refreshed(home, 1, NOW - timedelta(days=1000))
    db = open_market(home)
    assert last_refresh(db, NOW + timedelta(days=1)) == "20240229T013000Z-refresh"
    db.close()
