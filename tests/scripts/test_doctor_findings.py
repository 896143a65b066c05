"""The doctor sees what stops a night, says what to do, and ends with 5 only where something failed."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from market_db import room
from market_db.home import Config, Home
from market_db.schema import open_market
from market_db.sqlite import sqlite3
from market_db.store import save_run
from scripts import backup, crawl, doctor
from scripts.backup import back_up
from scripts.journal import Entry, note
from scripts.words import words_in
from spiders.site import BadSite


def looked(home, now, **more):
    found = doctor.examine(home, now=now, **more)
    for language in ("id", "en"):
        assert all(item.text(words_in(language)) for item in found)
    return {(item.check, item.word): item.status for item in found}


@pytest.fixture
def ready(seeded, records, monkeypatch):
    home = Home(root=seeded.root, config=Config(contact="desk@office.example"))
    (home.root / "tembus.toml").write_text('contact = "desk@office.example"\n')
    monkeypatch.setattr(crawl, "source_cards", lambda *_, **__: [records.card()])
    back_up(home, now=records.NOW)
    (home.logs / "report-2026-11-25.json").write_text(json.dumps({"ended": records.NOW.isoformat(), "outcome": "ok"}))
    return home


def test_a_healthy_home_has_nothing_to_mend(ready, records):
    found = looked(ready, records.NOW + timedelta(hours=20))
    assert set(found.values()) == {"ok"}
    assert {("sqlite", "sqlite"), ("contact", "contact"), ("night", "night"), ("snapshot", "snapshot"), ("backup", "backup")} <= set(found)


def test_everything_old_is_a_warning(ready, records):
    found = looked(ready, records.NOW + timedelta(days=500))
    for key in (("night", "night_old"), ("snapshot", "snapshot_old"), ("backup", "backup_old"), ("terms", "terms_old")):
        assert found[key] == "warn"


@pytest.mark.parametrize("outcome", ["failed", "partly", "config"])
def test_a_bad_last_night_is_a_warning(ready, records, outcome):
    (ready.logs / "report-2026-11-25.json").write_text(json.dumps({"ended": records.NOW.isoformat(), "outcome": outcome}))
    assert looked(ready, records.NOW)["night", f"night_{outcome}"] == "warn"


def test_damage_is_a_failure_that_names_the_way_back(ready, records, tembus):
    ready.market.write_bytes(b"rubbish" * 2000)
    ready.published.write_bytes(b"rubbish" * 2000)
    found = looked(ready, records.NOW)
    assert found["database", "database_bad"] == "fail"
    said = tembus("doctor", columns=120)
    assert said.code == 5
    assert "market.db rusak" in said.out
    assert "jalankan tembus restore" in said.out
    assert "jalankan tembus publish" in said.out


def test_a_damaged_desk_is_one_finding_and_the_rest_is_still_looked_at(ready, records):
    ready.desk.write_bytes(b"rubbish" * 2000)
    found = looked(ready, records.NOW)
    assert found["database", "database_bad_alone"] == "fail"
    assert {"python", "disk", "snapshot", "backup"} <= {check for check, _ in found}


def test_damage_without_a_backup_does_not_send_anybody_to_restore(ready, records):
    for path in ready.backups.iterdir():
        path.unlink()
    ready.market.write_bytes(b"rubbish" * 2000)
    (said,) = [item.text(words_in("id")) for item in doctor.examine(ready, now=records.NOW) if item.word.startswith("database_bad")]
    assert "tembus restore" not in said
    assert "tembus crawl" in said


def test_a_full_disk_is_no_damage(ready, records, monkeypatch):
    def full(*_, **__):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(backup, "read_only", full)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 0})())
    found = looked(ready, records.NOW)
    assert found["database", "database_unread"] == "fail"
    assert ("database", "database_bad") not in found
    with pytest.raises(OSError, match="No space left"):
        backup.needed(ready)


def test_a_mistake_in_a_list_of_shops_fails_and_the_rest_is_still_looked_at(ready, records, monkeypatch):
    def bad(*_, **__):
        raise BadSite("toko.toml: site 1 (toko): currency: missing")

    monkeypatch.setattr(crawl, "source_cards", bad)
    found = looked(ready, records.NOW)
    assert found["sources", "config_bad"] == "fail"
    assert found["snapshot", "snapshot"] == "ok"


def test_a_source_whose_last_run_failed_is_a_warning_even_after_a_good_night(ready, records):
    with closing(open_market(ready)) as db:
        save_run(db, records.run_of(verdict="blocked", run_id="z-late", started=records.NOW))
    assert looked(ready, records.NOW)["sources", "sources_failing"] == "warn"


def test_the_wal_fault_is_a_warning(ready, records, monkeypatch):
    monkeypatch.setattr(doctor, "sqlite_is_safe", lambda: False)
    assert looked(ready, records.NOW)["sqlite", "sqlite_old"] == "warn"


def test_configuration_that_cannot_work_fails(ready, records):
    bad = Config(contact="", products=("sambl",), sources=("nope",), nightly_at="25:99")
    found = looked(Home(root=ready.root, config=bad), records.NOW)
    for key in (("contact", "contact_none"), ("products", "products_bad"), ("sources", "source_unknown"), ("clock", "config_bad")):
        assert found[key] == "fail"


def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_still_looked_at(ready, records, tembus):
    (ready.root / "tembus.toml").write_text("contatc = 1\n")
    said = tembus("doctor", "--json")
    assert said.code == 5
    data = json.loads(said.out)
    assert "contatc" in next(item["text"] for item in data if item["status"] == "fail")
    assert {"python", "disk", "database"} <= {item["check"] for item in data}


def test_a_clock_that_is_wrong_is_seen(ready, records):
    assert looked(ready, datetime(2020, 1, 1, tzinfo=UTC))["clock", "clock_wrong"] == "warn"
    note(ready, Entry(night="2031-01-01", what="ended", at="2031-01-01T00:00:00+00:00", code=0))
    assert looked(ready, records.NOW)["clock", "clock_wrong"] == "warn"


@pytest.mark.parametrize("left", [None, b""])
def test_a_lost_database_fails_and_names_the_way_back(ready, records, left):
    for path in ready.root.glob("market.db*"):
        path.unlink()
    if left is not None:
        ready.market.write_bytes(left)
    found = [item for item in doctor.examine(ready, now=records.NOW) if item.word == "database_lost"]
    assert [(item.status, item.values["name"]) for item in found] == [("fail", "market.db")]
    assert "tembus restore" in found[0].text(words_in("id"))
    assert ready.market.exists() is (left is not None)


def test_data_of_the_future_are_seen(ready, records):
    db = open_market(ready)
    save_run(db, records.run_of("ted", started=records.NOW + timedelta(days=900)))
    db.close()
    assert looked(ready, records.NOW)["clock", "clock_ahead"] == "warn"


@pytest.mark.parametrize(("free", "status"), [(50, "fail"), (900, "warn"), (9000, "ok")])
def test_little_room_warns_and_none_fails(ready, records, monkeypatch, free, status):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free * 2**20})())
    found = looked(ready, records.NOW)
    assert found["disk", "disk" if status == "ok" else "disk_low"] == status


def test_a_source_without_its_key_is_a_warning(ready, records, monkeypatch):
    monkeypatch.delenv("SOME_KEY", raising=False)
    monkeypatch.setattr(crawl, "source_cards", lambda *_, **__: [records.card(key_env="SOME_KEY")])
    assert looked(ready, records.NOW)["keys", "key_none"] == "warn"


def test_a_folder_nobody_may_write_fails(ready, records, monkeypatch):
    def shut(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor, "TemporaryFile", shut)
    assert looked(ready, records.NOW)["rights", "rights_none"] == "fail"


def test_before_anything_was_set_up_the_doctor_still_answers(home, tembus):
    said = tembus("doctor", columns=80)
    assert said.code == 5
    assert "tembus init" in said.out
    assert "1 hal harus diperbaiki dulu" in said.out
    assert max(map(len, said.out.splitlines()[1:])) <= 80
    assert not home.root.exists()
