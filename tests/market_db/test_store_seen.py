from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.codec import from_row, to_row
from market_db.derived import Market, Reason
from market_db.rows import read_rows
from market_db.runs import Run, SourceCard
from market_db.schema import MarketError, open_market
from market_db.seen import Contact, Evidence, Listing, Notice, Party, Registration, TradeFlow, seen_id
from market_db.store import Saved, abort_running, save_run, save_seen, save_sources

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
SHOP = Party(name="Toko Contoh", country="NL", contacts=(Contact(kind="email", raw="Info@toko.example", value="info@toko.example"),))


def evidence(url="https://shop.example/1", at=NOW, offset=10):
    return Evidence(source="shop", url=url, fetched_at=at, content_hash="ab" * 32, archive_file="a.warc.gz", archive_offset=offset)


def listing(key="1", **changes):
    base = Listing(
        key=key,
        name="Sambal Oelek",
        url="https://shop.example/1",
        source="shop",
        evidence=evidence(),
        price=3.49,
        currency="EUR",
        category=("Saus", "Sambal"),
        seller=SHOP,
    )
    return replace(base, **changes)


def stored(db, table, columns="*"):
    return list(read_rows(db, f"select {columns} from {table} order by id"))


def test_first_sight_change_and_re_sight_are_three_things(home):
    db = open_market(home)
    assert save_seen(db, [listing(), listing("2")], run_id="r1", now=NOW) == Saved(2, 0, 0)
    later = evidence(at=NOW + timedelta(days=1))
    again = [listing(evidence=later), listing("2", price=4.0, evidence=later)]
    assert save_seen(db, again, run_id="r2", now=NOW + timedelta(days=9)) == Saved(0, 1, 1)
    first, second = sorted(stored(db, "listings"), key=lambda row: row["key"])
    assert (first["first_run"], first["changed_run"], first["last_run"]) == ("r1", "r1", "r2")
    assert (second["first_run"], second["changed_run"], second["price"]) == ("r1", "r2", 4.0)
    assert first["first_seen"] < first["last_seen"]


def test_what_an_answer_does_not_show_is_kept(home):
    db = open_market(home)
    save_seen(db, [listing(brand="Contoh", price=3.49)], run_id="r1", now=NOW)
    save_seen(db, [listing(brand=None, price=None, price_text="on request")], run_id="r2", now=NOW)
    row = stored(db, "listings")[0]
    assert (row["brand"], row["price"], row["price_text"]) == ("Contoh", 3.49, "on request")


def test_an_old_archive_makes_nothing_fresh_and_overwrites_nothing(home):
    db = open_market(home)
    save_seen(db, [listing(price=4.0)], run_id="r1", now=NOW)
    old = evidence("https://shop.example/old", at=NOW - timedelta(days=90))
    assert save_seen(db, [listing(price=1.0, evidence=old)], run_id="r2", now=NOW) == Saved(0, 0, 1)
    row = stored(db, "listings")[0]
    assert (row["price"], row["evidence_id"]) == (4.0, evidence().id)
    assert (row["first_seen"][:10], row["last_seen"][:10]) == ("2026-08-27", "2026-11-25")


def test_the_same_record_twice_in_a_batch_is_stored_once_and_adds_up(home):
    db = open_market(home)
    saved = save_seen(db, [listing(), listing()], run_id="r1", now=NOW)
    assert saved == Saved(1, 0, 1)
    assert len(stored(db, "listings")) == len(stored(db, "parties")) == 1


def test_evidence_follows_the_newest_recording_of_the_same_bytes(home):
    db = open_market(home)
    save_seen(db, [listing()], run_id="r1", now=NOW)
    save_seen(db, [listing(evidence=evidence(at=NOW + timedelta(days=1), offset=99))], run_id="r2", now=NOW + timedelta(days=1))
    save_seen(db, [listing(evidence=evidence(at=NOW - timedelta(days=9), offset=1))], run_id="r3", now=NOW + timedelta(days=1))
    rows = stored(db, "evidence")
    assert [(row["archive_offset"], row["run_id"]) for row in rows] == [(99, "r2")]
    assert stored(db, "listings")[0]["evidence_id"] == rows[0]["id"]


def test_parties_of_share_alike_sources_stand_apart(home):
    db = open_market(home)
    card = SourceCard(
        name="osm",
        title="OSM",
        publisher="-",
        home="-",
        licence="ODbL 1.0",
        attribution="(c) OpenStreetMap contributors",
        terms_url="-",
        terms_read="2026-11-25",
        basis="open licence",
        countries=(),
        roles=(),
        every_hours=24,
        share_alike=True,
        enabled=True,
        key_env=None,
        note="",
    )
    save_sources(db, [card])
    save_seen(db, [listing(), listing("2", source="osm")], run_id="r1", now=NOW)
    assert [row["source"] for row in stored(db, "parties")] == ["shop"]
    assert [row["source"] for row in stored(db, "parties_share_alike")] == ["osm"]
    assert len(stored(db, "all_parties")) == 2


def test_a_notice_keeps_each_winner_once_and_drops_those_no_longer_named(home):
    db = open_market(home)
    notice = Notice(key="1", kind="award", title="Sauces", url="https://t.example/1", source="ted", parties=(SHOP, SHOP, Party(name="B")))
    save_seen(db, [notice], run_id="r1", now=NOW)
    assert sorted(row["name"] for row in stored(db, "parties")) == ["B", "Toko Contoh"]
    save_seen(db, [replace(notice, parties=(Party(name="B"),))], run_id="r2", now=NOW)
    assert [row["name"] for row in stored(db, "parties")] == ["B"]


def test_ids_come_from_source_and_key_alone():
    assert seen_id(listing()) == seen_id(listing(name="other", price=None, seller=None))
    assert seen_id(listing()) != seen_id(listing(source="elsewhere"))


def test_the_whole_batch_or_nothing(home):
    db = open_market(home)
    bad = listing("2", price="not a number")
    with pytest.raises(Exception, match="REAL"):
        save_seen(db, [listing(), bad], run_id="r1", now=NOW)
    assert stored(db, "listings") == stored(db, "evidence") == []


def test_a_run_whose_process_died_is_aborted(home):
    db = open_market(home)
    save_run(db, Run(run_id="r1", source="a", mode="live", started=NOW.isoformat()))
    save_run(db, Run(run_id="r1", source="b", mode="live", started=NOW.isoformat(), verdict="ok"))
    assert [run.source for run in abort_running(db, NOW)] == ["a"]
    rows = read_rows(db, "select source, verdict from runs order by source")
    assert [(row["source"], row["verdict"]) for row in rows] == [("a", "aborted"), ("b", "ok")]


def test_a_newer_database_is_refused_and_a_damaged_one_is_left_alone(home):
    db = open_market(home)
    db["_sqlite_migrations"].insert({"migration_set": "tembus-market", "name": "from_the_future", "applied_at": "2030"})
    db.close()
    with pytest.raises(MarketError, match="newer Tembus"):
        open_market(home)
    home.market.write_bytes(b"this is no database" * 100)
    with pytest.raises(MarketError, match="tembus restore"):
        open_market(home)
    assert home.market.read_bytes().startswith(b"this is no database")


ROUND_TRIPS = [
    listing(),
    Registration(key="1", party=SHOP, url="https://r.example", periods=("2026-01",), product_codes=("cn8:21039090",)),
    TradeFlow(key="k", url="u", reporter="NLD", partner="WLD", flow="import", hs_code="210390", period="2024", net_kg_estimated=False),
    Market(
        product="sambal", country="NL", import_usd=None, import_year=None, growth=None, unit_value_usd_kg=None, idn_share=None, index=1.5
    ),
    Reason(feature="contact", points=5.0, most=15.0, text_id="a", text_en="b", evidence_ids=("e",)),
]


@pytest.mark.parametrize("record", ROUND_TRIPS, ids=lambda record: type(record).__name__)
def test_rows_come_back_as_the_record(record):
    nested = {"evidence", "seller", "party", "parties"}
    row = to_row(record, leave=frozenset(nested))
    more = {name: getattr(record, name) for name in nested if hasattr(record, name)}
    assert from_row(type(record), row, **more) == record


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.lists(st.text(max_size=10), max_size=3), st.floats(allow_nan=False, allow_infinity=False))
def test_any_text_survives_a_round_trip(name, category, price):
    record = listing(name=name, category=tuple(category), price=price, seller=None, evidence=None)
    row = to_row(record, leave=frozenset({"evidence", "seller"}))
    assert from_row(Listing, row) == record
