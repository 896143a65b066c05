import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db import queries
from market_db.derived import Company, CompanyContact, Lead, Market, Reason, lead_id
from market_db.desk.entered import FollowUp
from market_db.finding import text_search
from market_db.finding.index_store import load_index
from market_db.finding.lead_index import FRESH_DAYS, build_index
from market_db.finding.search import indexed, spelt
from market_db.finding.text_search import text_bits
from market_db.publish import publish
from market_db.queries import BadQuestion, LeadQuery, find_leads, lead_detail
from market_db.rebuild import finish_refresh, load_companies, save_companies, save_leads, save_markets, start_refresh
from market_db.runs import SourceCard
from market_db.schema import MarketError, open_market, open_published
from market_db.seen import Contact, Evidence, Party, Registration
from market_db.store import save_seen, save_sources

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)

NAMES = {
    "a": ("Nusantara Foods Ltd (contoh)", "GB", "importer", 82.0),
    "b": ("Toko Sambal B.V. (contoh)", "NL", "retailer", 61.5),
    "c": ("東京食品 (contoh)", "JP", "wholesaler", 40.0),
    "d": ("Läckerbissen Großhandel (contoh)", "DE", "wholesaler", 40.0),
}


def card(name="register"):
    return SourceCard(
        name=name,
        title="Register of firms",
        publisher="-",
        home="https://r.example",
        licence="OGL v3",
        attribution="Contains public data",
        terms_url="-",
        terms_read="2026-11-25",
        basis="open licence",
        countries=(),
        roles=(),
        every_hours=24,
        share_alike=False,
        enabled=True,
        key_env=None,
        note="",
    )


def firm(key):
    name, country, role, _ = NAMES[key]
    proof = Evidence(
        source="register", url=f"https://r.example/{key}", fetched_at=NOW, content_hash=key * 64, archive_file="a.warc.gz", archive_offset=0
    )
    contact = Contact(kind="email", raw=f"info@{key}.example", value=f"info@{key}.example", valid=True)
    party = Party(name=name, country=country, city="Kota", role=role, role_proof="listed as " + role, contacts=(contact,))
    return Registration(key=key, party=party, url=proof.url, source="register", evidence=proof, product="sambal", relevance=0.9)


def company(key, party_id, evidence_id):
    name, country, role, _ = NAMES[key]
    seen = NOW.isoformat(timespec="seconds")
    contact = CompanyContact(
        company_id=f"c{key}",
        kind="email",
        value=f"info@{key}.example",
        raw="-",
        first_seen=seen,
        last_seen=seen,
        sources=1,
        evidence_id=evidence_id,
    )
    return Company(
        id=f"c{key}",
        name=name,
        names=(name,),
        country=country,
        city="Kota",
        address=None,
        postcode=None,
        roles=(role,),
        sources=("register",),
        licences_share_alike=False,
        latitude=None,
        longitude=None,
        first_seen=seen,
        last_seen=seen,
        since_run=None,
        member_ids=(party_id,),
        contacts=(contact,) if key != "d" else (),
    )


def lead(key, evidence_id, refresh):
    _, _, role, score = NAMES[key]
    why = Reason(
        feature="role_proof", points=score, most=100, text_id=f"Pengimpor {key}.", text_en=f"Importer {key}.", evidence_ids=(evidence_id,)
    )
    seen = (NOW - timedelta(days=40) if key == "d" else NOW).isoformat(timespec="seconds")
    return Lead(
        id=lead_id(f"c{key}", "sambal"),
        company_id=f"c{key}",
        product="sambal",
        score=score,
        grade="A" if score >= 70 else "C",
        role=role,
        reasons=(why,),
        product_proofs=("cn8:21039090 hot-sauce",),
        last_seen=seen,
        new_since=refresh,
    )


@pytest.fixture
def full(home):
    """A published home of four firms and two markets."""
    db = open_market(home)
    save_sources(db, [card()])
    save_seen(db, [firm(key) for key in NAMES], run_id="20261125T013000Z-aaaa", now=NOW)
    refresh = start_refresh(db, NOW)
    rows = {
        row[0]: row[1:]
        for row in db.conn.execute("select r.key, p.id, r.evidence_id from registrations r join parties p on p.record_id=r.id")
    }
    save_companies(db, [company(k, *rows[k]) for k in NAMES], gone=[], merged={"cold": "ca"}, matches=[], refresh_id=refresh)
    save_leads(db, [lead(k, rows[k][1], refresh) for k in NAMES])
    none = dict.fromkeys(("import_usd", "import_year", "growth", "unit_value_usd_kg", "idn_share", "index"))
    known = Market(
        product="sambal", country="GB", import_usd=5e8, import_year="2025", growth=0.04, unit_value_usd_kg=3.1, idn_share=0.01, index=70.0
    )
    save_markets(db, [Market(product="sambal", country="NL", buyers=1, **none), known])
    finish_refresh(db, refresh, {"leads": 4}, NOW)
    db.close()
    publish(home, now=NOW)
    return home


def ask(home, **query):
    db = open_published(home)
    try:
        return find_leads(db, LeadQuery(**query))
    finally:
        db.close()


def test_leads_come_best_first_with_their_proof(full):
    page = ask(full)
    assert page.total == 4
    assert [row.score for row in page.rows] == [82.0, 61.5, 40.0, 40.0]
    best = page.rows[0]
    assert (best.company, best.email, best.evidence_url) == (NAMES["a"][0], "info@a.example", "https://r.example/a")
    assert (best.sources, best.licences, best.attributions) == (("Register of firms",), ("OGL v3",), ("Contains public data",))
    assert (best.why_id, best.why_en, best.new, best.last_seen) == ("Pengimpor a.", "Importer a.", True, date(2026, 11, 25))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"countries": ("NL",)}, "b"),
        ({"roles": ("wholesaler",)}, "cd"),
        ({"countries": ("NL", "GB")}, "ab"),
        ({"countries": ("NL", "GB"), "roles": ("importer", "wholesaler")}, "a"),
        ({"grades": ("A", "C")}, "abcd"),
        ({"grades": ("A",)}, "a"),
        ({"sources": ("register",)}, "abcd"),
        ({"sources": ("elsewhere",)}, ""),
        ({"products": ("ground_coffee",)}, ""),
        ({"has": ("email",)}, "abc"),
        ({"has": ("email", "phone")}, ""),
        ({"fresh_days": 30}, "abc"),
        ({"countries": ("DE",), "roles": ("wholesaler",)}, "d"),
        ({"since": "2026-11-25"}, "abcd"),
        ({"since": "2026-11-26"}, ""),
        ({"sort": "country"}, "abcd"),
    ],
)
def test_filters(full, query, found):
    names = {value[0]: key for key, value in NAMES.items()}
    keys = [names[row.company] for row in ask(full, **query).rows]
    assert sorted(keys) == sorted(found)


TEXTS = [
    ("nusantara", "a"),
    ("NUSANT", "a"),
    ("sambal toko", "b"),
    ("grosshandel", "d"),
    ("GROSSHAND", "d"),
    ("großhandel", "d"),
    ("lackerbissen", "d"),
    ("食品", "c"),
    ("東京", "c"),
    ("antara", "a"),
    ("hot-sauce", "abcd"),
    ("Belanda", "b"),
    ("Netherlands", "b"),
    ("nothing here", ""),
    ('"', ""),
    ("*", ""),
    ("AND", "bd"),  # a part of Großh-and-el and Bel-and-a, never an operator
    ("NEAR(", ""),
    ("%_", ""),
    ("“quoted”", ""),
    ("x" * 10_000, ""),
    ("🌶️", ""),
]


@pytest.mark.parametrize(
    ("name", "typed"), [("ØSTLANDET næring", "OSTLANDET naering"), ("Łukasz", "Lukasz"), ("Straße", "Strasse"), ("café 清真", "café 清真")]
)
def test_letters_that_a_keyboard_lacks_are_spelt_out(name, typed):
    assert (spelt(name), indexed(name)) == (typed, indexed(typed))


@pytest.mark.parametrize(("text", "found"), TEXTS)
def test_free_text_finds_or_finds_nothing_and_never_fails(full, text, found):
    names = {value[0]: key for key, value in NAMES.items()}
    assert sorted(names[row.company] for row in ask(full, text=text).rows) == sorted(found)


def ranks_of(home, *texts):
    db = open_published(home)
    keys = {value[0]: key for key, value in NAMES.items()}
    of_rank = {rank: keys[name] for rank, name in db.conn.execute("select rank, company from lead_rows")}
    found = ["".join(key for rank, key in sorted(of_rank.items()) if text_bits(db, text, 5) >> rank & 1) for text in texts]
    common = dict(db.conn.execute("select beginning, count(*) from text_common group by 1").fetchall())
    db.close()
    return found, common


@pytest.mark.parametrize(("share", "few", "kept"), [(20, 2_000, False), (4, 1, True), (10**9, 0, True)])
def test_a_text_finds_the_same_with_and_without_kept_bitmaps(full, share, few, kept, monkeypatch):
    monkeypatch.setattr(text_search, "SHARE", share)
    monkeypatch.setattr(text_search, "FEW", few)
    publish(full, now=LATER)
    more = ("contoh", "contoh sambal", "foods nus", "nus foods", "ontoh", "k", "hot contoh", "kota läck", "xample onto", "example zzz")
    texts = [*(text for text, _ in TEXTS), *more]
    found, common = ranks_of(full, *texts)
    keys = {value[0]: key for key, value in NAMES.items()}
    for text, ranks in zip(texts, found, strict=True):
        assert sorted(ranks) == sorted(keys[row.company] for row in ask(full, text=text).rows), text
    assert found[len(TEXTS) :] == ["abcd", "b", "a", "a", "abcd", "abcd", "abcd", "d", "abc", ""]
    assert (common.get(0, 0) > 0, common.get(1, 0) > 0) == (kept, kept)


def test_filters_are_read_as_they_were_worked_out(full):
    for leads in (4, 0):
        db = open_published(full)
        made, read = build_index(db), load_index(db)
        db.close()
        for name in ("key", "every", "size", "bits", "listed", "seen", "published"):
            assert getattr(read, name) == getattr(made, name), name
        assert {name: list(order) for name, order in read.orders.items()} == {name: list(order) for name, order in made.orders.items()}
        assert read.fresh == {days: made.seen_within(days) for days in FRESH_DAYS}
        assert read.every.bit_count() == leads
        market = open_market(full)
        save_leads(market, [])
        market.close()
        publish(full, now=LATER, insist=True)


def test_text_and_filters_hold_together(full):
    assert [row.country for row in ask(full, text="contoh", countries=("JP",)).rows] == ["JP"]
    assert ask(full, text="antara", countries=("NL",)).total == 0


def test_paging_counts_all(full):
    page = ask(full, limit=1, offset=1)
    assert (page.total, [row.score for row in page.rows]) == (4, [61.5])


@pytest.mark.parametrize("query", [{"sort": "; drop table"}, {"limit": -1}, {"offset": -1}])
def test_a_question_that_cannot_be_understood_says_so(full, query):
    with pytest.raises(BadQuestion):
        ask(full, **query)


def test_one_lead_with_everything_that_speaks_for_it(full):
    db = open_published(full)
    detail = lead_detail(db, lead_id("ca", "sambal"), {lead_id("ca", "sambal"): follow_up()})
    assert detail is not None
    assert detail.mentions[0].role_proof == "listed as importer"
    assert detail.mentions[0].evidence_id in detail.proofs
    assert detail.proofs[detail.mentions[0].evidence_id].archive_file == "a.warc.gz"
    assert (detail.row.status, detail.row.owner, detail.row.contacted_on) == ("contacted", "Dewi", date(2026, 11, 24))
    assert lead_detail(db, lead_id("cold", "sambal")).row.company_id == "ca", "the id it had before a merge still leads there"
    assert lead_detail(db, "nobody") is None


def follow_up():
    return FollowUp(lead_id=lead_id("ca", "sambal"), status="contacted", entered_at="2026-11-24T03:00:00+00:00", entered_by="Dewi")


def test_markets_without_data_stand_after_those_with(full):
    db = open_published(full)
    rows = queries.markets(db, "sambal")
    assert [(row.country, row.import_usd) for row in rows] == [("GB", 5e8), ("NL", None)]


def test_the_snapshot_is_read_only_and_the_old_one_survives_a_failure(full, monkeypatch):
    db = open_published(full)
    with pytest.raises(Exception, match=r"readonly|read-only|query_only"):
        db.conn.execute("delete from lead_rows")
    before = full.published.read_bytes()
    monkeypatch.setattr("market_db.publish._swap_in", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(MarketError, match="the old one stays"):
        publish(full, now=LATER)
    assert full.published.read_bytes() == before
    assert not full.published.with_suffix(".tmp").exists()


def test_publishing_anew_makes_no_answer_fresher(full):
    """A snapshot is made anew also when somebody asked to be left alone: nothing was read then."""
    publish(full, now=LATER)
    about = queries.meta(open_published(full))
    assert queries.as_of(about) == about["read_at"] < about["published_at"]
    assert queries.as_of({"published_at": "2026-11-21T00:00:00+00:00", "read_at": ""}) == "2026-11-21T00:00:00+00:00"


def test_readers_keep_the_snapshot_they_opened(full):
    old = open_published(full)
    publish(full, now=LATER)
    assert queries.meta(old)["published_at"] == NOW.isoformat(timespec="seconds")
    assert queries.meta(open_published(full))["published_at"] == LATER.isoformat(timespec="seconds")


def test_nothing_refreshed_is_not_published(home):
    with pytest.raises(MarketError, match="tembus crawl"):
        publish(home, now=NOW)
    open_market(home).close()
    with pytest.raises(MarketError, match="tembus refresh"):
        publish(home, now=NOW)
    with pytest.raises(MarketError, match="nothing is published"):
        open_published(home)


def test_a_company_saved_again_replaces_itself_whole(full):
    db = open_market(full)
    old = next(load_companies(db, ["ca"]))
    save_companies(db, [replace(old, name="New name", contacts=())], gone=["cb"], merged={}, matches=[], refresh_id="r2")
    assert [(c.id, c.name, len(c.contacts)) for c in load_companies(db, ["ca", "cb"])] == [("ca", "New name", 0)]
    counts = json.loads(json.dumps(db.execute("select count(*) from company_members").fetchone()))
    assert counts == [3]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_no_search_text_is_syntax(text):
    from market_db.finding.search import match_words, words_of
    from market_db.sqlite import sqlite3

    conn = sqlite3.connect(":memory:")
    conn.execute("create virtual table w using fts5(words, facets, content='', tokenize='unicode61 remove_diacritics 2')")
    words = words_of(text)
    if words:
        conn.execute("select 1 from w where w match ?", (match_words(words),)).fetchall()
    conn.close()
