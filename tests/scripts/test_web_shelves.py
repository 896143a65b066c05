"""Many people at once, and snapshots that change under them: nobody waits for the filters of a new one, nobody meets half of anything."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from market_db.desk.entered import FollowUp
from market_db.desk.store import add_follow_up, latest_follow_ups
from market_db.publish import publish
from market_db.schema import MarketError, open_market
from market_db.web import shelves
from market_db.web.shelves import NothingPublished, Shelves


def republish(home, records, hours=1):
    db = open_market(home)
    with db.atomic():
        db.conn.execute("delete from leads where rowid = (select max(rowid) from leads)")
    db.close()
    publish(home, now=records.NOW + timedelta(hours=hours))


def leads(shelf):
    return shelf.db.conn.execute("select count(*) from lead_rows").fetchone()[0], shelf.index.every.bit_count()


def test_while_filters_are_made_everybody_reads_the_snapshot_before(seeded, records, monkeypatch):
    on, go = Shelves(seeded), threading.Event()
    with on.open() as shelf:
        assert leads(shelf) == (4, 4)
    build = shelves.load_index
    monkeypatch.setattr(shelves, "PATIENCE", 0.01)
    monkeypatch.setattr(shelves, "load_index", lambda db: (go.wait(20), build(db))[1])
    republish(seeded, records)

    def ask(_):
        with on.open() as shelf:
            return leads(shelf)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(24))) == {(4, 4)}
        assert sum(thread.name == "tembus-filters" for thread in threading.enumerate()) == 1
        go.set()
        assert on.made.wait(20)
        assert set(pool.map(ask, range(8))) == {(3, 3)}


def test_a_request_keeps_its_snapshot_to_the_end(seeded, records):
    on = Shelves(seeded)
    with on.open() as shelf:
        republish(seeded, records)
        with on.open() as newer:
            assert leads(newer) == (3, 3)
        assert leads(shelf) == (4, 4)


def test_snapshots_that_follow_each_other_fast_are_all_whole(seeded, records):
    on, stop = Shelves(seeded), threading.Event()

    def ask(_):
        seen = set()
        while not stop.is_set():
            with on.open() as shelf:
                seen.add(leads(shelf))
        return seen

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask, n) for n in range(3)]
        for hours in (1, 2, 3):
            republish(seeded, records, hours)
        stop.set()
        found = set().union(*(one.result() for one in asked))
    assert found
    assert all(rows == filtered for rows, filtered in found)


def test_a_new_snapshot_that_cannot_be_read_is_told_and_mended_by_the_next(seeded, records):
    on = Shelves(seeded)
    with on.open():
        pass
    whole = seeded.published.read_bytes()
    seeded.published.unlink()
    seeded.published.write_bytes(b"junk")
    with pytest.raises(MarketError), on.open():
        pass
    seeded.published.unlink()
    with pytest.raises(NothingPublished), on.open():
        pass
    seeded.published.write_bytes(whole)
    with on.open() as shelf:
        assert leads(shelf) == (4, 4)


def test_the_first_notes_of_many_people_at_once_make_one_desk(seeded):
    def note(n):
        add_follow_up(
            seeded, FollowUp(lead_id=f"lead{n}", status="new", entered_at="2026-11-26T00:00:00+00:00", entered_by="sari", note="")
        )

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(note, range(24)))
    assert len(latest_follow_ups(seeded)) == 24
    assert list(seeded.root.glob(".desk*")) == []
