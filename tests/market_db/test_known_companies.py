"""Which firms a register is asked about: the best leads first, and nobody twice in half a year."""

from datetime import date, timedelta

import pytest

from market_db.companies.known import KnownCompany, companies_to_check
from market_db.home import open_home
from market_db.schema import open_market

DAY = date(2026, 11, 20)


@pytest.fixture
def db(tmp_path):
    home = open_home(tmp_path, {})
    home.make()
    db = open_market(home)
    yield db
    db.close()


def firm(db, key, score, country="NL", *, shown_by=None, last_seen=DAY, number=None):
    blank = {column.name: 0 if column.type in ("INTEGER", "REAL") else "[]" for column in db.table("companies").columns if column.notnull}
    db.table("companies").insert({**blank, "id": key, "name": f"Firm {key} (contoh)", "country": country})
    blank = {column.name: 0 if column.type in ("INTEGER", "REAL") else "[]" for column in db.table("leads").columns if column.notnull}
    db.table("leads").insert({**blank, "id": f"l{key}", "company_id": key, "product": "sambal", "score": score})
    db.conn.execute("insert into company_members (party_id, company_id) values (?, ?)", (f"p{key}", key))
    source = shown_by or "register"
    names = {"id": f"p{key}", "record_kind": "registration", "record_id": f"r{key}", "source": source, "name": f"Firm {key}"}
    party = {column.name: None for column in db.table("parties").columns}
    party |= {column.name: "[]" for column in db.table("parties").columns if column.notnull} | names
    party |= {"registry": "eu-vat", "registry_id": number} if number else {}
    db.table("parties").insert({name: value for name, value in party.items() if value is not None})
    row = {column.name: "[]" for column in db.table("registrations").columns if column.notnull}
    db.table("registrations").insert({**row, "id": f"r{key}", "key": key, "source": source, "last_seen": last_seen.isoformat()})


def test_best_leads_come_first_and_firms_without_country_are_not_asked_about(db):
    firm(db, "a", 40.0)
    firm(db, "b", 80.0, number="NL123456789B01")
    firm(db, "c", 90.0, country=None)
    assert companies_to_check(db, "gleif", DAY, 10) == [
        KnownCompany("Firm b (contoh)", "NL", (("eu-vat", "NL123456789B01"),)),
        KnownCompany("Firm a (contoh)", "NL"),
    ]
    assert [company.name for company in companies_to_check(db, "gleif", DAY, 1)] == ["Firm b (contoh)"]


def test_a_firm_a_source_showed_is_asked_about_again_after_half_a_year(db):
    firm(db, "a", 40.0, shown_by="gleif", last_seen=DAY - timedelta(days=30))
    firm(db, "b", 30.0, shown_by="gleif", last_seen=DAY - timedelta(days=200))
    assert [company.name for company in companies_to_check(db, "gleif", DAY, 10)] == ["Firm b (contoh)"]
    assert len(companies_to_check(db, "eu_vies", DAY, 10)) == 2
