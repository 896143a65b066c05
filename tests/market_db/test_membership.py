"""A night asks the market for a few records at a time: the answers are those of a market that is read as a whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from market_db.companies.history import Merge, merges, moves, write_events
from market_db.companies.membership import Membership, all_with_mentions
from market_db.companies.mentions import load_mentions, touched_parties
from market_db.derived import CompanyEvent, Lead, NotLead
from market_db.home import open_home
from market_db.markets.trades import Part, Trade, trades
from market_db.rebuild import drop_stray_leads, load_leads, renew_leads, save_companies, save_leads, touch_last_seen
from market_db.rows import read_rows, write_rows
from market_db.schema import open_market
from market_db.seen import Contact, Evidence, Listing, Party, Registration
from market_db.store import save_seen
from pipelines.companies.companies import build_company
from pipelines.companies.world import Listed

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
RUN = "20261125T010000Z-crawl"


def registration(number, hours=0, **more):
    at = NOW + timedelta(hours=hours)
    proof = Evidence(source="list", url="https://list.example/q", fetched_at=at, content_hash=f"{hours:064}")
    phone = Contact(kind="phone", raw="020", value=f"+4420794600{number:02}", valid=True)
    party = Party(name=f"Firma {number} (contoh)", **{"country": "GB", "contacts": (phone,), **more})
    return Registration(key=str(number), party=party, url=proof.url, source="list", evidence=proof)


def see(db, records, run=RUN, hours=0):
    save_seen(db, records, run_id=run, now=NOW + timedelta(hours=hours))


def company(company_id, mentions):
    return build_company(company_id, mentions, refresh_id="r")


@pytest.fixture
def db(tmp_path):
    found = open_market(open_home(tmp_path))
    yield found
    found.close()


@pytest.fixture
def market(db):
    """Seven firms seen: the first five are three companies; of an eighth only the company is left."""
    see(db, [registration(number) for number in range(7)])
    mentions = sorted(load_mentions(db), key=lambda mention: mention.name)
    gone = replace(mentions[0], party_id="gone", record_id="gone")
    groups = {"ca": mentions[:2], "cb": mentions[2:4], "cc": [mentions[4], gone]}
    save_companies(db, [company(name, group) for name, group in groups.items()], gone=[], merged={}, matches=[], refresh_id="r")
    return {name: tuple(mention.party_id for mention in group) for name, group in groups.items()}


def test_the_stored_market_answers_as_a_listed_one(db, market):
    old = {party: name for name, group in market.items() for party in group}
    one, two = Membership(db), Listed(load_mentions(db), old)
    everybody = [mention.party_id for mention in load_mentions(db)]
    for parties in ([], everybody, everybody[:3], ["gone", "unknown", everybody[-1]]):
        assert sorted(m.party_id for m in one.mentions(parties)) == sorted(m.party_id for m in two.mentions(parties))
        assert one.first_seen(parties) == two.first_seen(parties)
        assert one.company_of(parties) == two.company_of(parties)
    for companies in (None, [], ["ca"], ["cc", "unknown"]):
        assert one.members(companies) == two.members(companies)
    assert [name in one for name in ("ca", "cz")] == [name in two for name in ("ca", "cz")] == [True, False]
    assert (one.is_empty(), Membership(db).members(["cc"])["gone"]) == (False, "cc")


def test_unsettled_is_who_is_in_no_company_or_gone(db, market):
    settled = {party for group in market.values() for party in group}
    seen = {mention.party_id for mention in load_mentions(db)}
    assert Membership(db).unsettled() == seen ^ settled
    assert len(seen - settled) == 2


def test_an_empty_market_has_nobody(db):
    membership = Membership(db)
    assert (membership.is_empty(), membership.unsettled(), membership.merges(["a"]), list(all_with_mentions(db))) == (True, set(), [], [])


def event(company_id, kind, other, parties, others=()):
    return CompanyEvent(
        company_id=company_id, kind=kind, other_id=other, parties=parties, others=others, by="night", refresh_id="r", at="t"
    )


def test_merges_of_some_parties_are_those_of_all_that_touch_them(db):
    told = [
        event("c1", "merged_into", "c2", ("a", "b"), ("c",)),
        event("c1", "merged_into", "c2", ("a", "d"), ("c",)),  # back in between, and merged again: the newer one counts
        event("c3", "merged_into", "c2", ("e",)),
        event("c4", "merged_into", "c2", ("f",)),  # stands in merged_into no more
        event("c2", "moved_in", "c5", ("g", "h")),
        event("c6", "moved_in", "c2", ("h",)),
        event("c1", "created", None, ("a",)),
    ]
    with db.atomic():
        write_events(db, told)
        write_rows(db, "merged_into", [{"old_id": old, "new_id": "c2", "refresh_id": "r"} for old in ("c1", "c3")])
    one = Merge("c1", "c2", frozenset("ad"), frozenset("c"))
    two = Merge("c3", "c2", frozenset("e"))
    assert merges(db) == [one, two]
    assert [merges(db, parties) for parties in (["a"], ["b"], ["e", "f"], [])] == [[one], [], [two], []]
    first, second = Merge("c5", "c2", frozenset("gh"), moved=True), Merge("c2", "c6", frozenset("h"), moved=True)
    assert moves(db) == [first, second]
    assert [moves(db, parties) for parties in (["g"], ["h"], ["a"])] == [[first], [first, second], []]


def test_what_was_seen_since_a_refresh_is_touched_and_nothing_else(db, market):
    see(db, [registration(0, hours=5)], run="20261125T060000Z-crawl", hours=5)
    see(db, [registration(2, hours=9)], run="20261125T100000Z-crawl", hours=9)
    assert touched_parties(db, "20261125T020000Z-refresh") == set()
    days = dict(db.conn.execute("select id, last_seen from companies"))
    assert touch_last_seen(db, "20261125T080000Z-refresh") == 1
    after = dict(db.conn.execute("select id, last_seen from companies"))
    assert [name for name in days if days[name] != after[name]] == ["cb"]
    contacts = db.conn.execute("select company_id, count(*) from company_contacts where last_seen like '%T10%' group by 1").fetchall()
    assert contacts == [("cb", 1)]
    assert touch_last_seen(db) == 1  # the rest: ca


def test_touched_parties_compare_runs_by_their_second(db):
    see(db, [registration(1)], run="20261125T010000Z-crawl")
    see(db, [registration(2)], run="20261125T010001Z-crawl")
    found = [
        len(touched_parties(db, since)) for since in (None, "20261125T010000Z-refresh", "20261125T010001Z", "20261125T010002Z-refresh")
    ]
    assert found == [2, 2, 1, 0]


def test_all_companies_come_with_their_mentions_and_as_traders(db, market, monkeypatch):
    monkeypatch.setattr("market_db.companies.membership.AT_ONCE", 2)
    parts = list(all_with_mentions(db))
    assert [[one.id for one, _ in part] for part in parts] == [["ca", "cb"], ["cc"]]
    assert {one.id: sorted(m.party_id for m in mentions) for part in parts for one, mentions in part} == {
        name: sorted(set(group) - {"gone"}) for name, group in market.items()
    }
    found = list(trades(db))
    assert [(trade.country, trade.sources, trade.has_contact, len(trade.parts)) for trade in found] == [
        ("GB", ("list",), True, 2),
        ("GB", ("list",), True, 2),
        ("GB", ("list",), True, 1),
    ]


def test_a_trade_shows_role_and_product(db):
    seller = Party(name="Toko (contoh)", country="NL", role="importer", role_proof="We import")
    proof = Evidence(source="shop", url="https://s.example/1", fetched_at=NOW, content_hash="0" * 64)
    see(db, [Listing(key="1", name="Sambal", url=proof.url, source="shop", evidence=proof, seller=seller, product="sambal")])
    (mention,) = load_mentions(db)
    save_companies(db, [company("c1", [mention])], gone=[], merged={}, matches=[], refresh_id="r")
    assert list(trades(db)) == [Trade("NL", ("shop",), False, [Part(mention.party_id, "importer", "We import", "sambal")])]


def lead(number, of, score=50.0):
    return Lead(
        id=f"l{number}", company_id=of, product="sambal", score=score, grade="B", role=None, reasons=(), product_proofs=(),
        last_seen="2026-11-25", new_since="r1",
    )  # fmt: skip


def test_leads_of_some_companies_are_renewed_and_those_of_none_dropped(db, market):
    save_leads(db, [lead(1, "ca"), lead(2, "ca"), lead(3, "cb"), lead(4, "vanished")])
    rows = dict(db.conn.execute("select id, rowid from leads"))
    refused = NotLead(
        company_id="cb", product="sambal", reason="carries", text_id="a", text_en="b", evidence_ids=(), last_seen="2026-11-25"
    )
    with db.atomic():
        renew_leads(db, ["ca", "cb"], [lead(1, "ca", 70.0), lead(5, "ca")], [refused])
        drop_stray_leads(db)
    assert [(found.id, found.score) for found in load_leads(db)] == [("l1", 70.0), ("l5", 50.0)]
    assert dict(db.conn.execute("select id, rowid from leads"))["l1"] == rows["l1"]
    assert [row["company_id"] for row in read_rows(db, "select company_id from not_leads")] == ["cb"]
    with db.atomic():
        renew_leads(db, ["ca", "cb"], [lead(3, "cb")], [])
    assert [found.id for found in load_leads(db)] == ["l3"]
    assert not list(read_rows(db, "select * from not_leads"))
