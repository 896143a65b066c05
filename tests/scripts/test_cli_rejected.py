"""`tembus leads --rejected`: who is no lead and why, with the page that shows it; `tembus lead` says it too."""

import json
from contextlib import closing
from dataclasses import replace

import pytest

from market_db.derived import NotLead
from market_db.desk import store as desk
from market_db.publish import publish
from market_db.rebuild import save_not_leads
from market_db.schema import open_market

SELLS = NotLead(
    company_id="ca", product="sambal", reason="only_sells", text_id="Hanya menjual barang serupa: “kami membuat saus”.",
    text_en="Only sells such goods: “we make sauces”.", evidence_ids=(), last_seen="2026-11-25T01:30:00+00:00",
)  # fmt: skip


@pytest.fixture
def refusing(seeded, records):
    """The filled home; two of its firms are turned down as well, so that the list has names."""
    with closing(open_market(seeded)) as db:
        (evidence,) = db.conn.execute("select id from evidence where url = 'https://r.example/a'").fetchone()
        carries = replace(SELLS, company_id="cd", product="", reason="carries", text_en="Only carries goods.", text_id="Hanya mengangkut.")
        save_not_leads(db, [replace(SELLS, evidence_ids=(evidence,)), carries])
    publish(seeded, now=records.NOW)
    return seeded


def test_the_list_has_counts_reasons_and_pages(refusing, tembus):
    said = tembus("leads", "--rejected", "--lang", "en", columns=200).out
    assert said.startswith("2 companies are no leads\n")
    assert "only carries goods: 1 · only sells (a competitor): 1" in said
    assert "Nusantara Foods Ltd (contoh) (United Kingdom, Felixstowe · sambal)\n    Only sells such goods: “we make sauces”." in said
    assert "evidence: https://r.example/a" in said
    assert "Hanya menjual barang serupa" in tembus("leads", "--rejected").out


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["--country", "GB"], ["ca"]),
        (["--product", "sambal"], ["ca"]),
        (["--text", "lebensmittel"], ["cd"]),
        (["--text", "nusantara"], ["ca"]),
        (["--source", "register"], ["cd", "ca"]),
        (["--limit", "1"], ["cd"]),
        (["--limit", "1", "--offset", "1"], ["ca"]),
        (["--country", "JP"], []),
        (["--text", "%' or 1=1 --"], []),
    ],
)
def test_filters_narrow_it(refusing, tembus, filters, found):
    said = tembus("leads", "--rejected", "--json", *filters)
    assert [row["company_id"] for row in json.loads(said.out)] == found


def test_a_page_says_how_it_goes_on(refusing, tembus):
    said = tembus("leads", "--rejected", "--lang", "en", "--limit", "1").out
    assert "showing 1–1" in said
    assert "--offset 1" in said


@pytest.mark.parametrize("option", [["--role", "importer"], ["--grade", "A"], ["--has", "email"], ["--new"], ["--sort", "company"]])
def test_filters_of_leads_do_not_apply(refusing, tembus, option):
    said = tembus("leads", "--rejected", "--lang", "en", *option)
    assert said.code == 2
    assert option[0] in said.err


def test_nobody_turned_down_is_said(seeded, tembus):
    said = tembus("leads", "--rejected", "--lang", "en")
    assert said.out == "0 companies are no leads\nNo company was turned down within this filter.\n"


def test_who_asked_to_be_left_alone_is_not_shown(refusing, tembus, records):
    desk.do_not_contact(refusing, "company", "Nusantara Foods Ltd (contoh)", by="a", reason="asked", now=records.NOW)
    assert [row["company_id"] for row in json.loads(tembus("leads", "--rejected", "--json").out)] == ["cd"]


def test_one_company_tells_its_reason(refusing, tembus, records):
    with closing(open_market(refusing)) as db:
        db.conn.execute("update not_leads set company_id='abcdef123456' where company_id='cd'")
        db.conn.execute("update companies set id='abcdef123456' where id='cd'")
        db.conn.commit()
    publish(refusing, now=records.NOW)
    said = tembus("lead", "abcdef12", "--lang", "en", columns=200).out
    assert "is no lead" in said
    assert "Only carries goods." in said
    assert json.loads(tembus("lead", "abcdef12", "--json").out)[0]["reason"] == "carries"
