"""Backups are whole, few and first of what people entered; a restore checks before it changes anything."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from market_db.codec import to_row
from market_db.desk.entered import FollowUp
from market_db.desk.store import add_follow_up, do_not_contact, latest_follow_ups, suppressed
from market_db.home import open_home
from market_db.rows import write_rows
from market_db.schema import open_desk, open_market
from market_db.sqlite import sqlite3
from scripts.backup import BackupFailed, back_up, backups, fault_of, kind_of, needed, restore

STEP = FollowUp(lead_id="x", status="contacted", entered_at="2026-11-25T02:00:00+00:00", entered_by="Sari (contoh)")


def damage(path):
    data = bytearray(path.read_bytes())
    data[100 : len(data) // 2] = b"\xff" * (len(data) // 2 - 100)
    for tail in ("-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)
    path.write_bytes(data)


def firms(home):
    db = open_market(home)
    try:
        return db["registrations"].count
    finally:
        db.close()


def test_both_databases_are_copied_while_they_are_in_use(seeded, records):
    add_follow_up(seeded, STEP)
    db = open_market(seeded)
    db.conn.execute("begin immediate")
    db.conn.execute("delete from registrations")
    made = back_up(seeded, now=records.NOW)
    db.conn.rollback()
    db.close()
    assert [copy.kind for copy in made] == ["desk", "market"]
    assert all(copy.path.parent == seeded.backups and copy.path.stat().st_mode & 0o077 == 0 for copy in made)
    assert [fault_of(copy.path) for copy in made] == [None, None]
    assert not list(seeded.backups.glob("*.tmp"))


def test_seven_of_each_kind_stay(seeded, records):
    stranger = seeded.backups / "market-mine.db"
    stranger.write_bytes(b"x")
    for n in range(9):
        back_up(seeded, now=records.NOW + timedelta(days=n))
    kept = backups(seeded, "market")
    assert [copy.made for copy in kept] == [records.NOW + timedelta(days=n) for n in range(8, 1, -1)]
    assert stranger.exists()


def test_a_damaged_database_is_not_copied_over_good_backups(seeded, records):
    back_up(seeded, now=records.NOW)
    damage(seeded.market)
    with pytest.raises(BackupFailed, match=r"market\.db"):
        back_up(seeded, now=records.NOW + timedelta(days=1), keep=1)
    assert len(backups(seeded, "market")) == 1
    assert not list(seeded.backups.glob("*.tmp"))


def test_without_room_nothing_is_written(seeded, records, monkeypatch):
    monkeypatch.setattr("scripts.backup.SPARE", 2**60)
    with pytest.raises(BackupFailed, match="no room"):
        back_up(seeded, now=records.NOW)
    assert backups(seeded) == []


def test_a_damaged_database_comes_back_and_the_damaged_file_is_kept(seeded, records, tembus):
    add_follow_up(seeded, STEP)
    back_up(seeded, now=records.NOW)
    damage(seeded.market)
    before = seeded.market.read_bytes()
    assert tembus("refresh").code == 1
    done = tembus("restore")
    assert done.code == 0
    assert "market.db dipulihkan" in done.err
    assert "desk.db" not in done.err
    assert fault_of(seeded.market) is None
    assert firms(seeded) == 4
    aside = next(seeded.backups.glob("market-before-restore-*.db"))
    assert aside.read_bytes() == before
    assert "Tidak ada yang rusak" in tembus("restore").err


def test_a_lost_database_comes_back(seeded, records, tembus):
    add_follow_up(seeded, STEP)
    back_up(seeded, now=records.NOW)
    seeded.desk.unlink()
    assert tembus("restore").code == 0
    assert latest_follow_ups(seeded)["x"] == STEP


def test_an_old_wal_does_not_reach_the_restored_file(seeded, records):
    made = back_up(seeded, now=records.NOW)[-1]
    db = open_market(seeded)
    db.conn.execute("delete from registrations")
    db.conn.commit()
    assert seeded.market.with_name("market.db-wal").exists()
    restore(seeded, made.path, now=records.NOW + timedelta(days=1))
    db.close()
    assert firms(seeded) == 4


def test_a_damaged_backup_changes_nothing_and_an_older_one_is_taken(seeded, records, tembus):
    old = back_up(seeded, now=records.NOW)[-1]
    new = back_up(seeded, now=records.NOW + timedelta(days=1))[-1]
    damage(new.path)
    before = seeded.market.read_bytes()
    found = tembus("restore", new.path, "--yes")
    assert found.code == 1
    assert "tidak ada yang diubah" in found.err
    assert seeded.market.read_bytes() == before
    damage(seeded.market)
    assert [copy.path for copy in needed(seeded)] == [old.path]


def test_no_whole_backup_is_said(seeded):
    damage(seeded.market)
    with pytest.raises(BackupFailed, match="no whole backup"):
        needed(seeded)


@pytest.mark.parametrize("content", [b"", b"not a database at all, not a database at all", None])
def test_what_is_no_backup_is_refused(seeded, tmp_path, content):
    path = tmp_path / "x.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BackupFailed):
        kind_of(path)


def test_going_back_needs_a_yes(seeded, records, tembus):
    made = back_up(seeded, now=records.NOW)[-1]
    assert tembus("restore", made.path).code == 2
    assert tembus("restore", made.path, "--yes").code == 0


def test_who_asked_to_be_forgotten_since_does_not_come_back(seeded, records):
    do_not_contact(seeded, "email", "first@x.example", by="-", reason="-", now=records.NOW)
    made = {copy.kind: copy for copy in back_up(seeded, now=records.NOW)}
    do_not_contact(seeded, "email", "info@a.example", by="-", reason="-", now=records.NOW)
    restore(seeded, made["desk"].path, now=records.NOW + timedelta(days=1))
    assert suppressed(seeded).covers("email", "info@a.example")
    restore(seeded, made["market"].path, now=records.NOW + timedelta(days=1))
    db = open_market(seeded)
    contacts = "".join(text for (text,) in db.conn.execute("select contacts from all_parties"))
    db.close()
    assert "info@a.example" not in contacts
    assert "info@b.example" in contacts


def test_a_list_that_began_after_the_backup_does_not_end_with_it(seeded, records):
    add_follow_up(seeded, STEP)
    (made,) = back_up(seeded, now=records.NOW, kinds=("desk",))
    do_not_contact(seeded, "email", "info@a.example", by="-", reason="-", now=records.NOW)
    restore(seeded, made.path, now=records.NOW + timedelta(days=1))
    assert suppressed(seeded).covers("email", "info@a.example")


def test_a_desk_of_another_home_does_not_take_the_place_of_the_list(seeded, records, tmp_path):
    other = open_home(tmp_path / "other", {})
    for one, mail in ((other, "info@b.example"), (seeded, "info@a.example")):
        do_not_contact(one, "email", mail, by="-", reason="-", now=records.NOW)
    (made,) = back_up(other, now=records.NOW)
    with pytest.raises(BackupFailed, match="another home: 1 request"):
        restore(seeded, made.path, now=records.NOW)
    assert suppressed(seeded).covers("email", "info@a.example")
    assert not list(seeded.backups.glob("*before*"))


def test_whoever_has_the_desk_open_sees_the_restored_one_and_loses_nothing(seeded, records):
    """A file renamed under an open connection takes along what that one still writes, and at its end the WAL of the new file."""
    add_follow_up(seeded, STEP)
    (made,) = back_up(seeded, now=records.NOW, kinds=("desk",))
    add_follow_up(seeded, replace(STEP, lead_id="y"))
    with closing(open_desk(seeded)) as page:
        done = restore(seeded, made.path, now=records.NOW + timedelta(days=1))
        with page.atomic():
            write_rows(page, "follow_ups", [to_row(replace(STEP, lead_id="z"))])
    assert set(latest_follow_ups(seeded)) == {"x", "z"}
    with closing(sqlite3.connect(done.kept_aside)) as before:
        assert [lead for (lead,) in before.execute("select lead_id from follow_ups order by id")] == ["x", "y"]
    assert done.kept_aside.stat().st_mode & 0o077 == 0


def test_writing_goes_on_while_it_is_restored_again_and_again(seeded, records):
    add_follow_up(seeded, STEP)
    (made,) = back_up(seeded, now=records.NOW, kinds=("desk",))
    over = Event()

    def write(thread):
        n = 0
        while not over.is_set():
            add_follow_up(seeded, replace(STEP, lead_id=f"{thread}-{n}"))
            suppressed(seeded)
            n += 1
        return n

    with ThreadPoolExecutor(8) as threads:
        running = [threads.submit(write, thread) for thread in range(8)]
        kept = [restore(seeded, made.path, now=records.NOW).kept_aside for _ in range(10)]
        over.set()
        written = [one.result() for one in running]
    assert len(set(kept)) == 10
    found = set(latest_follow_ups(seeded))
    for path in kept:
        with closing(sqlite3.connect(path)) as before:
            found |= {lead for (lead,) in before.execute("select lead_id from follow_ups")}
    assert found == {"x", *(f"{thread}-{n}" for thread, most in enumerate(written) for n in range(most))}


def test_a_database_that_somebody_holds_is_not_taken_for_a_damaged_one(seeded, records, tembus, monkeypatch):
    monkeypatch.setattr("scripts.backup.PATIENCE", 0.05)
    add_follow_up(seeded, STEP)
    (made,) = back_up(seeded, now=records.NOW, kinds=("desk",))
    add_follow_up(seeded, replace(STEP, lead_id="y"))
    with closing(sqlite3.connect(seeded.desk)) as holder:
        holder.execute("pragma locking_mode=exclusive").fetchall()
        holder.execute("begin exclusive")
        with pytest.raises(BackupFailed, match="cannot be read now"):
            fault_of(seeded.desk)
        found = tembus("restore")
        assert found.code == 4
        assert "terkunci" in found.err
        holder.rollback()
    with closing(sqlite3.connect(seeded.desk)) as holder:
        holder.execute("begin immediate")
        with pytest.raises(BackupFailed, match=r"held by another program|locked"):
            restore(seeded, made.path, now=records.NOW)
    assert set(latest_follow_ups(seeded)) == {"x", "y"}
    assert not list(seeded.backups.glob("*before*"))


def test_what_a_killed_restore_left_is_taken_away(seeded, records, tembus):
    left = seeded.root / "market.restoring"
    left.write_bytes(b"x")
    assert tembus("forget", "email", "info@a.example", "--reason", "asked by letter", "--yes").code == 0
    assert not left.exists()


def test_backup_command_prints_where(seeded, tembus):
    done = tembus("backup")
    assert done.code == 0
    assert done.out.strip() == str(backups(seeded)[0].path)
