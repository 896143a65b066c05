"""Databases that many open at once, that no room is left beside, or that another version wrote."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from threading import Barrier

import pytest
import sqlite_utils
from sqlite_utils.migrations import Migrations

from market_db import opening
from market_db.access.accounts import BadAccount, accounts, add_account, set_disabled
from market_db.access.sessions import log_in, session_of
from market_db.desk.entered import FollowUp, ShortlistEntry
from market_db.desk.shortlists import add_entries, entries
from market_db.desk.store import add_follow_up, do_not_contact, latest_follow_ups, suppressed
from market_db.desk.tables import desk_migrations
from market_db.schema import MarketError, open_desk
from market_db.sqlite import read_only, sqlite3

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
SEEN = NOW.isoformat(timespec="seconds")
MANY = 20
GOOD = "kereta pagi 77 biru"


def step(lead):
    return FollowUp(lead_id=lead, status="contacted", entered_at=SEEN, entered_by="Sari (contoh)")


def all_at_once(work):
    """What `work` answers or raises in so many threads that begin together."""
    start = Barrier(MANY)

    def one(number):
        start.wait()
        try:
            return work(number)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error

    with ThreadPoolExecutor(MANY) as threads:
        return list(threads.map(one, range(MANY)))


@pytest.mark.parametrize("applied", [1, 3])
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_an_older_desk_is_brought_up_once_however_many_open_it(home, applied, mode):
    home.make()
    older = Migrations("tembus-desk")
    older._migrations.extend(desk_migrations._migrations[:applied])
    with closing(sqlite_utils.Database(home.desk)) as db:
        db.conn.execute(f"pragma journal_mode={mode}").fetchall()
        older.apply(db)
    found = all_at_once(lambda n: add_follow_up(home, step(f"l{n}")) if n % 2 else suppressed(home))
    assert [one for one in found if isinstance(one, Exception)] == []
    assert len(latest_follow_ups(home)) == MANY // 2


def test_buyers_put_on_a_list_at_once_all_get_a_place(home):
    def put(n):
        return add_entries(home, [ShortlistEntry(shortlist="s", lead_id=f"l{n}", position=0, entered_at=SEEN, entered_by="Sari (contoh)")])

    assert all_at_once(put) == [1] * MANY
    assert [one.position for one in entries(home, "s")] == list(range(1, MANY + 1))


def test_of_operators_who_shut_each_other_out_one_stays(home):
    for name in ("sari", "budi"):
        add_account(home, name, "operator", GOOD, by="test", now=NOW)
    found = all_at_once(lambda n: set_disabled(home, ("sari", "budi")[n % 2], disabled=True))
    assert {type(one) for one in found} == {type(None), BadAccount}
    assert sum(not one.disabled for one in accounts(home)) == 1


def no_room_beside(path):
    """As on a full disk or in a folder that is not ours: the index beside the WAL cannot be made."""
    for tail in ("-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)
    path.with_name(path.name + "-shm").mkdir()


def test_what_people_entered_is_read_where_nothing_can_be_written(home):
    do_not_contact(home, "email", "info@firm.example", by="-", reason="-", now=NOW)
    add_follow_up(home, step("x"))
    no_room_beside(home.desk)
    assert suppressed(home).covers("email", "info@firm.example")
    assert latest_follow_ups(home) == {"x": step("x")}
    with pytest.raises((MarketError, sqlite3.OperationalError)):
        add_follow_up(home, step("y"))


def test_an_entry_that_stands_in_the_wal_only_is_never_passed_over(home):
    add_follow_up(home, step("x"))
    db = open_desk(home)
    do_not_contact(home, "email", "info@firm.example", by="-", reason="-", now=NOW)
    kept = {tail: home.desk.with_name("desk.db" + tail).read_bytes() for tail in ("", "-wal")}
    db.close()
    no_room_beside(home.desk)
    for tail, data in kept.items():
        home.desk.with_name("desk.db" + tail).write_bytes(data)
    assert suppressed(home).covers("email", "info@firm.example")


def test_whoever_is_in_stays_in_where_nothing_can_be_written(home):
    add_account(home, "sari", "reader", GOOD, by="test", now=NOW, must_change=False)
    token = log_in(home, "sari", GOOD, address="-", now=NOW).token
    no_room_beside(home.access)
    person = session_of(home, token, now=NOW.replace(hour=3))
    assert person is not None
    assert person.name == "sari"
    assert session_of(home, token, now=NOW.replace(hour=5)) is None


def test_want_of_room_is_called_so(home, monkeypatch):
    def without_room(*_, **__):
        raise sqlite3.OperationalError("disk I/O error")

    add_follow_up(home, step("x"))
    monkeypatch.setattr(opening, "read_only", without_room)
    with pytest.raises(MarketError, match=r"desk\.db: disk I/O error"):
        suppressed(home)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(2**30, 2**30, 4096))
    with pytest.raises(MarketError, match="disk is full"):
        suppressed(home)


def test_a_half_written_file_is_not_read_as_it_stands(home):
    add_follow_up(home, step("x"))
    no_room_beside(home.desk)
    home.desk.with_name("desk.db-journal").write_bytes(b"x")
    with pytest.raises(sqlite3.OperationalError):
        read_only(home.desk)


def test_a_list_without_its_key_is_damaged_not_empty(home):
    do_not_contact(home, "email", "info@firm.example", by="-", reason="-", now=NOW)
    with closing(open_desk(home)) as db, db.atomic():
        db.conn.execute("delete from meta")
    with pytest.raises(MarketError, match=r"desk\.db is damaged"):
        suppressed(home)
    with pytest.raises(MarketError, match=r"desk\.db is damaged"):
        do_not_contact(home, "email", "info@other.example", by="-", reason="-", now=NOW)
