"""A shortlist stays what it was: over merges, splits, vanished leads, newer snapshots, and somebody who asks to be left alone."""

from types import SimpleNamespace

import pytest
import sqlite_utils

from market_db.derived import lead_id
from market_db.desk.entered import FollowUp, Shortlist, ShortlistEntry
from market_db.desk.followed import leads_of_today, newest_of, standing, steps_of
from market_db.desk.shortlist_rows import listed_rows
from market_db.desk.shortlists import add_entries, entries, order_entries, save_shortlist
from market_db.desk.store import Suppressed, add_follow_up, do_not_contact, suppressed
from market_db.forgetting.texts import cut_notes
from market_db.schema import open_published

AT = "2026-11-25T02:00:00+00:00"
ONE = Shortlist(id="l1", name="Sambal", exporter=None, campaign="", owner="Dewi (contoh)", entered_at=AT, entered_by="x")
A, B = (lead_id(key, "sambal") for key in ("ca", "cb"))


@pytest.fixture
def placed(seeded):
    """A published home with a shortlist of two of its leads, and a way to open its snapshot for changes."""
    db = open_published(seeded)
    parties = dict(db.conn.execute("select company_id, party_id from company_members").fetchall())
    db.close()
    save_shortlist(seeded, ONE)
    add_entries(seeded, [entry(A, parties["ca"]), entry(B, parties["cb"])])
    return SimpleNamespace(home=seeded, leads=[A, B], snapshot=lambda: sqlite_utils.Database(seeded.published))


def entry(lead, party=None, **more):
    given = {"company": "Toko (contoh)", "product": "sambal", "party_id": party}
    return ShortlistEntry(shortlist="l1", lead_id=lead, position=0, entered_at=AT, entered_by="x", **{**given, **more})


def lines(placed, hidden=None):
    db = open_published(placed.home)
    try:
        return listed_rows(placed.home, db, ONE, hidden or Suppressed())
    finally:
        db.close()


def change(placed, sql, *values):
    db = placed.snapshot()
    with db.conn:
        db.conn.execute(sql, values)
    db.close()


def test_the_order_is_kept_and_a_lead_stands_once(placed):
    first, second = placed.leads
    assert [line.row.lead_id for line in lines(placed).lines] == [first, second]
    assert add_entries(placed.home, [entry(first)]) == 0
    order_entries(placed.home, "l1", [second, first, "nobody"])
    assert [(line.row.rank, line.row.lead_id) for line in lines(placed).lines] == [(1, second), (2, first)]
    assert lines(placed).lines[0].row.owner == "Dewi (contoh)"


def test_a_merge_makes_two_entries_one_and_undoing_it_makes_them_two_again(placed):
    first, second = placed.leads
    add_follow_up(placed.home, FollowUp(lead_id=second, status="deal", entered_at=AT, entered_by="Sari (contoh)", shortlist="l1"))
    change(placed, "insert or replace into lead_aliases values (?, ?)", second, first)
    (line,) = lines(placed).lines
    assert line.row.lead_id == first
    assert [one.lead_id for one in line.also] == [second]
    assert line.row.status == "deal"
    change(placed, "delete from lead_aliases")
    assert [(line.row.lead_id, line.row.status) for line in lines(placed).lines] == [(first, None), (second, "deal")]


def test_merges_over_many_nights_are_followed(placed):
    first = placed.leads[0]
    for old, new in (("old1", "old2"), ("old2", "old3"), ("old3", first), ("loop1", "loop2"), ("loop2", "loop1")):
        change(placed, "insert or replace into lead_aliases values (?, ?)", old, new)
    db = open_published(placed.home)
    led = leads_of_today(db, ["old1", "old3", first, "loop1", "nobody"])
    assert (led["old1"], led["old3"]) == (first, first)
    assert first not in led
    step = FollowUp(lead_id="old1", status="deal", entered_at=AT, entered_by="x")
    assert newest_of(db, {"old1": step}) == {first: step}
    db.close()


def test_a_lead_whose_id_changed_is_found_by_its_record(placed):
    first = placed.leads[0]
    change(placed, "update lead_rows set lead_id='another' where lead_id=?", first)
    assert lines(placed).lines[0].row.lead_id == "another"


def test_a_company_that_was_taken_apart_names_the_other(placed):
    first, second = placed.leads
    parties = [one.party_id for one in entries(placed.home, "l1")]
    change(
        placed,
        "update company_members set company_id=(select company_id from lead_rows where lead_id=?) where party_id=?",
        second,
        parties[0],
    )
    line = next(line for line in lines(placed).lines if line.row.lead_id == first)
    assert line.split_off == second


def test_a_vanished_lead_is_named_and_comes_back_to_its_place(placed):
    first, second = placed.leads
    change(placed, "update lead_rows set lead_id='gone', company_id='gone' where lead_id=?", first)
    found = lines(placed)
    assert [line.row.lead_id for line in found.lines] == [second]
    assert [one.company for one in found.gone] == ["Toko (contoh)"]
    change(placed, "update lead_rows set lead_id=? where lead_id='gone'", first)
    assert [line.row.lead_id for line in lines(placed).lines] == [first, second]


def test_who_asks_to_be_left_alone_is_not_even_among_the_vanished(placed, records):
    change(placed, "update lead_rows set lead_id='gone', company_id='gone' where lead_id=?", placed.leads[0])
    do_not_contact(placed.home, "company", "Toko (contoh)", by="x", reason="y", now=records.NOW)
    hidden = suppressed(placed.home)
    found = lines(placed, hidden)
    assert found.gone == ()
    db = sqlite_utils.Database(placed.home.desk)
    with db.conn:
        db.conn.execute("update shortlist_entries set company='[removed] x', website=null")
    db.close()
    assert lines(placed).gone == ()


def test_an_older_backup_without_the_new_columns_can_still_be_cleaned(tmp_path):
    db = sqlite_utils.Database(tmp_path / "old.db")
    db["follow_ups"].insert({"lead_id": "a", "note": "tulis ke info@x.example"})
    db["shortlist_entries"].insert({"shortlist": "s", "lead_id": "a"})

    class Cuts:
        def cut(self, text, country=None, names=True):
            return text.replace("info@x.example", "[removed]")

    assert cut_notes(db, Cuts()) == 1


def test_a_step_says_the_day_of_contact():
    def of(**more):
        return standing(FollowUp(lead_id="a", entered_at=AT, entered_by="Sari (contoh)", **more))

    assert of(status="contacted").contacted_on.isoformat() == "2026-11-25"
    assert of(status="to_contact").contacted_on is None
    assert of(status="contacted", contacted_on="2026-11-01").contacted_on.isoformat() == "2026-11-01"
    assert of(status="contacted", contacted_on="nonsense").contacted_on.isoformat() == "2026-11-25"
    assert of(status="new").owner == "Sari (contoh)"
    assert of(status="new", owner="Dewi (contoh)").owner == "Dewi (contoh)"
    assert standing(None).status is None


def test_steps_within_a_list_and_elsewhere(placed):
    first = placed.leads[0]
    made = [
        FollowUp(lead_id=first, status="to_contact", entered_at="2026-11-20T00:00:00+00:00", entered_by="a"),
        FollowUp(lead_id=first, status="contacted", entered_at="2026-11-21T00:00:00+00:00", entered_by="b", shortlist="l1"),
        FollowUp(lead_id=first, status="deal", entered_at="2026-11-22T00:00:00+00:00", entered_by="c", shortlist="l2"),
    ]
    db = open_published(placed.home)
    steps = steps_of(db, made)
    db.close()
    assert steps.newest(first).status == "deal"
    assert steps.newest(first, "l1").status == "contacted"
    assert steps.newest(first, "l1", until="2026-11-20T12:00:00+00:00").status == "to_contact"
    assert [step.shortlist for step in steps.elsewhere(first, "l1")] == ["l2"]


def test_a_general_step_keeps_what_was_planned_within_the_list(placed):
    first = placed.leads[0]
    made = [
        FollowUp(
            lead_id=first,
            status="contacted",
            entered_at="2026-11-21T00:00:00+00:00",
            entered_by="b",
            shortlist="l1",
            due="2026-12-01",
            owner="Tim (contoh)",
        ),
        FollowUp(lead_id=first, status="replied", entered_at="2026-11-22T00:00:00+00:00", entered_by="c", note="mau sampel"),
    ]
    db = open_published(placed.home)
    steps = steps_of(db, made)
    db.close()
    newest = steps.newest(first, "l1")
    assert (newest.status, newest.note, newest.due, newest.owner) == ("replied", "mau sampel", "2026-12-01", "Tim (contoh)")
    assert steps.newest(first, "l2").due is None
