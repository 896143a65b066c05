"""`tembus review`: questions in both languages, judgements that the next refresh honours, and undoing them."""

import json
from datetime import UTC, datetime, timedelta

from market_db.desk.store import decisions
from market_db.home import open_home
from market_db.rebuild import load_companies
from market_db.schema import open_market
from market_db.seen import Evidence, Party, Registration
from market_db.store import save_seen
from pipelines.refresh import refresh
from scripts.cli import main

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def record(number, name, **more):
    stamp = Evidence(source="list", url="https://list.example/q", fetched_at=NOW, content_hash="0" * 64)
    return Registration(
        key=number, party=Party(name=name, country="GB", **more), url="https://list.example/q", source="list", evidence=stamp
    )


def market(tmp_path):
    home = open_home(tmp_path)
    db = open_market(home)
    records = [record("1", "Krakatau Maluku Foods Ltd (contoh)", city="Leeds"), record("2", "Krakatau Maluku (contoh)", city="Leeds")]
    save_seen(db, records, run_id="20261125T010000Z-crawl", now=NOW)
    db.close()
    refresh(home, now=NOW)
    return home


def companies(home):
    db = open_market(home)
    try:
        return sorted(company.member_ids for company in load_companies(db))
    finally:
        db.close()


def test_a_judgement_is_asked_for_kept_honoured_and_undone(tmp_path, capsys):
    home = market(tmp_path)
    assert main(["review", "--json", "--home", str(tmp_path)]) == 0
    (asked,) = json.loads(capsys.readouterr().out)
    pair = [asked["party_a"], asked["party_b"]]
    before = companies(home)
    kind = "--apart" if asked["together"] else "--same"
    assert main(["review", kind, *pair, "--home", str(tmp_path)]) == 0
    refresh(home, now=NOW + timedelta(hours=1))
    assert companies(home) != before
    assert main(["review", "--unsure", *pair, "--home", str(tmp_path)]) == 0
    refresh(home, now=NOW + timedelta(hours=2))
    assert companies(home) == before
    assert len(decisions(home)) == 2


def test_questions_are_shown_in_both_languages(tmp_path, capsys):
    market(tmp_path)
    for language, word in (("id", "perusahaan"), ("en", "company")):
        assert main(["review", "--home", str(tmp_path), "--lang", language]) == 0
        shown = capsys.readouterr().out
        assert word in shown
        assert "tembus review --same|--apart|--unsure" in shown


def test_unknown_records_are_refused(tmp_path, capsys):
    market(tmp_path)
    assert main(["review", "--same", "nobody", "no-one", "--home", str(tmp_path), "--lang", "en"]) == 2
    assert "nobody" in capsys.readouterr().err
