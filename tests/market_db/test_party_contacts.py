"""Contacts over many nights: a poorer answer takes nothing away, what is no longer shown grows old, what is shown again is fresh."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.codec import to_row
from market_db.companies.mentions import load_mentions
from market_db.companies.party_rows import merged_row
from market_db.rebuild import finish_refresh, load_companies, save_companies, start_refresh, touch_last_seen
from market_db.retention import purge_contacts
from market_db.rows import read_rows
from market_db.schema import open_market
from market_db.seen import Contact, Evidence, Listing, Notice, Party, Registration
from market_db.store import save_seen
from pipelines.companies.companies import build_company, differs

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
PHONE, MAIL = "+31101234567", "info@toko.example"
FULL = Party(
    name="Toko Contoh B.V.",
    role="wholesaler",
    role_proof="46.38",
    country="NL",
    country_basis="register",
    city="Rotterdam",
    address="Kade 1",
    postcode="3012 AA",
    phones_text=("010 123 45 67",),
    emails_text=(MAIL,),
    contacts=(Contact(kind="phone", raw="010 123 45 67", value=PHONE, valid=True), Contact(kind="email", raw=MAIL, value=MAIL, valid=True)),
)
POOR = Party(name="TOKO CONTOH B.V.", city="Rotterdam")


def seen(days):
    return (NOW + timedelta(days=days)).isoformat(timespec="seconds")


def proof(days):
    return Evidence(
        source="register",
        url="https://r.example/1",
        fetched_at=NOW + timedelta(days=days),
        content_hash=f"{days:064}",
        archive_file="a.warc.gz",
        archive_offset=days,
    )


def show(db, party, days, **more):
    record = Registration(key="1", party=party, url="https://r.example/1", source="register", evidence=proof(days), **more)
    return save_seen(db, [record], run_id=f"r{days}", now=NOW + timedelta(days=days))


def row_of(db):
    (row,) = read_rows(db, "select * from parties")
    return row


def company_of(db):
    mentions = list(load_mentions(db))
    return build_company("c1", mentions)


def contacts(company):
    return {contact.value: (contact.last_seen, contact.evidence_id) for contact in company.contacts}


@pytest.fixture
def db(home):
    db = open_market(home)
    yield db
    db.close()


def test_a_poorer_answer_takes_no_contact_away_and_makes_none_fresh(db):
    show(db, FULL, 0)
    assert show(db, POOR, 3).changed == 1
    row = row_of(db)
    assert (row["name"], row["role"], row["role_proof"], row["country"], row["country_basis"]) == (
        POOR.name,
        "wholesaler",
        "46.38",
        "NL",
        "register",
    )
    assert (row["city"], row["address"], row["postcode"]) == ("Rotterdam", "Kade 1", "3012 AA")
    assert json.loads(row["phones_text"]) == ["010 123 45 67"]
    company = company_of(db)
    assert contacts(company) == dict.fromkeys((PHONE, MAIL), (seen(0), proof(0).id))
    assert company.last_seen == seen(3)
    show(db, replace(POOR, region="Zuid-Holland"), 5)
    assert contacts(company_of(db)) == dict.fromkeys((PHONE, MAIL), (seen(0), proof(0).id))


def test_a_contact_shown_again_is_fresh_again(db):
    show(db, FULL, 0)
    show(db, POOR, 3)
    show(db, FULL, 6)
    assert contacts(company_of(db)) == dict.fromkeys((PHONE, MAIL), (seen(6), proof(6).id))
    assert "last_seen" not in row_of(db)["contacts"]


def test_a_changed_number_stands_beside_the_old_one_with_its_own_day(db):
    show(db, FULL, 0)
    new = Contact(kind="phone", raw="010 765 43 21", value="+31107654321", valid=True)
    show(db, replace(FULL, contacts=(new, FULL.contacts[1])), 2)
    assert {value: day for value, (day, _) in contacts(company_of(db)).items()} == {"+31107654321": seen(2), MAIL: seen(2), PHONE: seen(0)}


@pytest.mark.parametrize(
    "party",
    [Party(name="Somebody Else Ltd", city="Rotterdam"), replace(POOR, name="Toko Contoh II B.V.")],
)
def test_another_name_is_another_firm(db, party):
    show(db, FULL, 0)
    show(db, party, 3)
    row = row_of(db)
    assert (row["contacts"], row["address"], row["role"]) == ("[]", None, None)


@pytest.mark.parametrize("city", ["Amsterdam", "Den Haag"])
def test_parts_of_two_addresses_are_never_mixed(db, city):
    show(db, FULL, 0)
    show(db, replace(POOR, city=city), 3)
    row = row_of(db)
    assert (row["city"], row["address"], row["postcode"]) == (city, None, None)


def test_a_record_that_names_nobody_any_more_keeps_whom_it_named(db):
    item = Listing(key="1", name="Sambal", url="https://s.example/1", source="register", evidence=proof(0), seller=FULL)
    save_seen(db, [item], run_id="r0", now=NOW)
    save_seen(db, [replace(item, seller=None, evidence=proof(2))], run_id="r2", now=NOW + timedelta(days=2))
    assert contacts(company_of(db)) == dict.fromkeys((PHONE, MAIL), (seen(0), proof(0).id))


def test_a_notice_drops_whom_it_no_longer_names_and_keeps_all_where_it_names_nobody(db):
    item = Notice(
        key="1", kind="award", title="Sauces", url="https://t.example/1", source="t", evidence=proof(0), parties=(FULL, Party(name="B"))
    )
    save_seen(db, [item], run_id="r0", now=NOW)
    save_seen(db, [replace(item, parties=(), evidence=proof(1))], run_id="r1", now=NOW + timedelta(days=1))
    assert len(list(read_rows(db, "select 1 from parties"))) == 2
    save_seen(db, [replace(item, parties=(Party(name="B"),), evidence=proof(2))], run_id="r2", now=NOW + timedelta(days=2))
    assert [row["name"] for row in read_rows(db, "select name from parties")] == ["B"]


def built(db):
    """The company as a refresh stores it."""
    refresh = start_refresh(db, NOW)
    save_companies(db, [company_of(db)], gone=[], merged={}, matches=[], refresh_id=refresh)
    finish_refresh(db, refresh, {}, NOW)


def test_contacts_of_a_record_seen_again_unchanged_are_as_fresh_as_it(db):
    show(db, FULL, 0)
    built(db)
    assert show(db, FULL, 4).unchanged == 1
    assert touch_last_seen(db) == 1
    (stored,) = load_companies(db)
    assert contacts(stored) == dict.fromkeys((PHONE, MAIL), (seen(4), proof(4).id))
    assert not differs(company_of(db), stored)


def test_a_contact_no_longer_shown_is_not_made_fresh_by_its_record(db):
    show(db, FULL, 0)
    show(db, replace(FULL, contacts=FULL.contacts[1:]), 1)
    built(db)
    show(db, replace(FULL, contacts=FULL.contacts[1:]), 4)
    touch_last_seen(db)
    (stored,) = load_companies(db)
    assert {value: day for value, (day, _) in contacts(stored).items()} == {PHONE: seen(0), MAIL: seen(4)}
    assert not differs(company_of(db), stored)


def test_a_contact_nobody_shows_any_more_is_purged_alone(db):
    show(db, FULL, 0)
    show(db, replace(FULL, contacts=FULL.contacts[1:]), 30)
    assert purge_contacts(db, (NOW - timedelta(days=1)).date()) == 0
    assert purge_contacts(db, (NOW + timedelta(days=20)).date()) == 1
    assert [contact["value"] for contact in json.loads(row_of(db)["contacts"])] == [MAIL]


KINDS = st.sampled_from(["email", "phone", "website"])
CONTACTS = st.lists(
    st.builds(lambda kind, n: Contact(kind=kind, raw=f"{kind}{n}", value=f"{kind}{n}", valid=True), KINDS, st.integers(0, 4)), max_size=5
)


@settings(max_examples=100, deadline=None)
@given(st.lists(CONTACTS, min_size=1, max_size=6))
def test_whatever_was_shown_stays_with_the_day_it_was_last_shown(nights):
    last, row = {}, None
    for day, shown in enumerate(nights):
        new = {**to_row(Party(name="Toko Contoh", contacts=tuple(dict.fromkeys(shown)))), "id": "p"}
        row = merged_row(row, new, f"day{day - 1}", f"e{day - 1}") if row else new
        last |= {(contact.kind, contact.value): day for contact in shown}
    found = {(c["kind"], c["value"]): c.get("last_seen", f"day{len(nights) - 1}") for c in json.loads(row["contacts"])}
    assert found == {key: f"day{day}" for key, day in last.items()}


def test_a_day_that_has_not_come_gives_way_to_a_true_one(db):
    ahead = proof(1000)
    record = Registration(key="1", party=FULL, url="https://r.example/1", source="register", evidence=ahead)
    save_seen(db, [record], run_id="r0", now=NOW + timedelta(days=1000))  # the clock was wrong
    assert show(db, replace(FULL, city="Breda", address=None, postcode=None), 1).changed == 1
    (row,) = read_rows(db, "select last_seen, evidence_id from registrations")
    assert (row["last_seen"], row["evidence_id"]) == (seen(1), proof(1).id)
    assert row_of(db)["city"] == "Breda"


def test_an_answer_dated_into_the_future_counts_as_seen_now(db):
    record = Registration(key="1", party=FULL, url="https://r.example/1", source="register", evidence=proof(1000))
    save_seen(db, [record], run_id="r0", now=NOW)
    assert next(read_rows(db, "select last_seen from registrations"))["last_seen"] == seen(0)
    save_seen(db, [replace(record, evidence=proof(2))], run_id="r2", now=NOW + timedelta(days=2))
    assert next(read_rows(db, "select last_seen from registrations"))["last_seen"] == seen(2)
