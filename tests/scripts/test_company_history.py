"""A merge that a person asked for, and its undoing: both companies come back with ids, follow-ups, notes, age and history."""

import getpass
import json
from datetime import UTC, datetime, timedelta

import pytest

from market_db.companies.history import changes_of, history_of
from market_db.desk.entered import Decision, FollowUp
from market_db.desk.store import add_decision, add_follow_up, decisions, latest_follow_ups
from market_db.home import open_home
from market_db.publish import publish
from market_db.queries import LeadQuery, find_leads, lead_detail
from market_db.rebuild import company_of_party, load_companies
from market_db.schema import open_market, open_published
from market_db.seen import Evidence, Listing, Party, Registration
from market_db.store import save_seen
from pipelines.refresh import refresh
from scripts.cli import main

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def record(number, name, at=NOW, **more):
    stamp = Evidence(source="list", url=f"https://list.example/{number}", fetched_at=at, content_hash=f"{number:0>64}")
    party = Party(name=name, role="importer", role_proof="imports sambal", **{"country": "GB", **more})
    return Registration(key=number, party=party, url=stamp.url, source="list", evidence=stamp, product="sambal", relevance=0.9)


FIRMS = [record("1", "Krakatau Maluku Foods Ltd (contoh)", city="Leeds"), record("2", "Selatan Bora Trading Ltd (contoh)", city="Bath")]


class World:
    """A home with two companies, each with a lead and a follow-up."""

    def __init__(self, root):
        self.home = open_home(root)
        self.root, self.now = root, NOW
        self.see(FIRMS)
        self.first, self.second = sorted(self.leads(), key=lambda row: row.company)
        for row, status in ((self.first, "contacted"), (self.second, "replied")):
            step = FollowUp(lead_id=row.lead_id, status=status, entered_at=f"{self.now}", entered_by="ayu", note=f"catatan {row.company}")
            add_follow_up(self.home, step)
        db = open_market(self.home)
        self.party = {company: party for party, company in company_of_party(db).items()}
        db.close()

    def see(self, records):
        db = open_market(self.home)
        save_seen(db, records, run_id=f"{self.now:%Y%m%dT%H%M%SZ}-crawl", now=self.now)
        db.close()
        self.night()

    def night(self):
        self.now += HOUR
        refresh(self.home, now=self.now)
        publish(self.home, now=self.now)

    def judge(self, kind, one, two):
        add_decision(
            self.home,
            Decision(kind=kind, party_a=one, party_b=two, entered_at=self.now.isoformat(timespec="seconds"), entered_by="budi"),
        )
        self.night()

    def tembus(self, *arguments):
        return main([*arguments, "--home", str(self.root)])

    def leads(self):
        db = open_published(self.home)
        rows = find_leads(db, LeadQuery(), latest_follow_ups(self.home)).rows
        db.close()
        return rows

    def detail(self, lead):
        db = open_published(self.home)
        found = lead_detail(db, lead, latest_follow_ups(self.home))
        db.close()
        return found

    def kinds(self, company):
        db = open_market(self.home)
        found = [event.kind for event in history_of(db, company)]
        db.close()
        return found


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def both(world):
    return [world.party[row.company_id] for row in (world.first, world.second)]


def offer(world, price):
    """An offer in the second firm's own shop."""
    world.now += HOUR
    stamp = Evidence(source="list", url="https://list.example/o", fetched_at=world.now, content_hash=f"{price}".ljust(64, "0"))
    seller = Party(name=FIRMS[1].party.name, country="GB", city="Bath")
    about = {"name": "Sambal oelek 340 g", "price": price, "currency": "GBP", "product": "sambal", "relevance": 0.9}
    world.see([Listing(key="o", url=stamp.url, source="list", evidence=stamp, seller=seller, country="GB", **about)])


def test_prices_over_time_survive_a_merge_and_its_undoing(world, capsys):
    for price in (3.0, 3.5):
        offer(world, price)
    asked = [[point.price for point in one.prices] for one in world.detail(world.second.lead_id).offers]
    assert asked == [[3.0, 3.5]]
    world.judge("same", *both(world))
    assert [[point.price for point in one.prices] for one in world.detail(world.second.lead_id).offers] == asked
    offer(world, 4.0)
    assert world.tembus("review", "--undo", "1") == 0
    world.night()
    (back,) = world.detail(world.second.lead_id).offers
    assert [point.price for point in back.prices] == [3.0, 3.5, 4.0]
    assert not world.detail(world.first.lead_id).offers
    for language, words in (("id", ("Harga dari waktu ke waktu", "berubah dari 3,50 GBP")), ("en", ("Prices over time", "from 3.50 GBP"))):
        assert world.tembus("lead", world.second.lead_id, "--lang", language) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert all(word in shown for word in words), shown


def facts(rows):
    return [(row.lead_id, row.company_id, row.company, row.status, row.note, row.first_seen, row.score) for row in rows]


def test_undoing_a_merge_brings_both_back_with_their_histories(world, capsys):
    before = sorted(facts(world.leads()))
    new_since = {row.lead_id: row.new for row in world.leads()}
    world.judge("same", *both(world))
    (one,) = world.leads()
    assert one.status in ("contacted", "replied")  # the newest of both, by whichever id it was entered
    for old in (world.first, world.second):
        assert world.detail(old.lead_id).row.lead_id == one.lead_id
    assert len({*world.detail(one.lead_id).earlier_ids, one.lead_id}) == 2
    (judged,) = decisions(world.home)
    assert world.tembus("review", "--undo", str(judged.id)) == 0
    world.night()
    assert sorted(facts(world.leads())) == before
    assert all(new_since.values())
    assert not any(row.new for row in world.leads())
    gone = world.second if one.company_id == world.first.company_id else world.first
    assert world.kinds(one.company_id)[-2:] == ["took_over", "split"]
    assert world.kinds(gone.company_id) == ["created", "merged_into", "back"]
    db = open_published(world.home)
    by = [(change.event.kind, change.event.by, change.event.reasons) for change in changes_of(db, gone.company_id)][:2]
    db.close()
    assert by[1] == ("merged_into", "budi", ("a person said so",))
    assert by[0][0] == "back"
    assert by[0][2] == ("a person took back a decision",)


def test_the_history_stands_in_the_lead_in_both_languages(world, capsys):
    world.judge("same", *both(world))
    (one,) = world.leads()
    for language, words in (("id", ("Riwayat", "budi", "dinyatakan oleh seseorang")), ("en", ("History", "budi", "a person said so"))):
        assert world.tembus("lead", one.lead_id, "--lang", language) == 0
        shown = capsys.readouterr().out
        assert all(word in shown for word in words), shown
    assert world.tembus("lead", one.lead_id, "--json") == 0
    assert [line["kind"] for line in json.loads(capsys.readouterr().out)["history"]] == ["took_over", "created", "created"]


def test_records_that_came_to_the_merged_company_go_where_they_belong(world):
    """What joined after the merge does not decide who keeps the id."""
    world.judge("same", *both(world))
    more = [record(str(n), "Selatan Bora Trading Ltd (contoh)", city="Bath", postcode=f"BA1 {n}AA") for n in (3, 4)]
    world.see(more)
    (one,) = world.leads()
    (judged,) = decisions(world.home)
    world.tembus("review", "--undo", str(judged.id))
    world.night()
    by_id = {row.company_id: row.company for row in world.leads()}
    assert by_id == {row.company_id: row.company for row in (world.first, world.second)}
    assert one.company_id in by_id


def test_a_record_that_a_person_moved_comes_home(world):
    """Two register numbers cannot be one firm: calling a third record the other firm's moves it, and undoing moves it back."""
    number = {"registry": "gb-coh", "city": "Hull", "address": "1 Canal Wharf", "postcode": "HU1 1AA"}
    name = "Tirta Wangi Import Ltd (contoh)"
    world.see(
        [
            record("6", name, registry_id="06", **number),
            record("7", name, **{**number, "registry": None}),
            record("8", "Garam Laut Holding Ltd (contoh)", registry="gb-coh", registry_id="08", city="Hull"),
        ]
    )
    db = open_market(world.home)
    before = company_of_party(db)
    keys = {url[-1]: party for party, url in db.conn.execute("select p.id, r.url from parties p join registrations r on r.id=p.record_id")}
    db.close()
    assert before[keys["6"]] == before[keys["7"]] != before[keys["8"]]
    world.judge("same", keys["7"], keys["8"])
    db = open_market(world.home)
    after = company_of_party(db)
    db.close()
    assert after[keys["6"]] == before[keys["6"]] != after[keys["7"]] == after[keys["8"]] == before[keys["8"]]
    assert world.tembus("review", "--undo", "1") == 0
    world.night()
    db = open_market(world.home)
    assert company_of_party(db) == before
    told = [(event.kind, event.by) for event in history_of(db, before[keys["6"]])]
    db.close()
    assert told == [("created", "night"), ("moved_out", "budi"), ("moved_in", getpass.getuser())]


def test_an_undone_correction_no_longer_counts(world):
    party = both(world)[0]
    decision = Decision(kind="not_a_buyer", party_a=party, party_b=None, entered_at="2026-11-20T03:00:00+00:00", entered_by="budi")
    before = facts(world.leads())
    add_decision(world.home, decision)
    world.night()
    assert facts(world.leads()) != before
    (judged,) = decisions(world.home)
    assert world.tembus("review", "--undo", str(judged.id)) == 0
    world.night()
    assert facts(world.leads()) == before


def test_a_chain_of_merges_comes_apart_in_any_order(world):
    world.see([record("5", "Tirta Wangi Import Ltd (contoh)", city="Hull")])
    third = next(row for row in world.leads() if row.company.startswith("Tirta"))
    ids = {row.company_id for row in (world.first, world.second, third)}
    db = open_market(world.home)
    party = {company: party for party, company in company_of_party(db).items()}[third.company_id]
    db.close()
    one, two = both(world)
    world.judge("same", one, two)
    world.judge("same", two, party)
    (left,) = world.leads()
    assert all(world.detail(row.lead_id).row.lead_id == left.lead_id for row in (world.first, world.second, third))
    for judged in decisions(world.home):
        world.tembus("review", "--undo", str(judged.id))
    world.night()
    assert {row.company_id for row in world.leads()} == ids
    db = open_market(world.home)
    assert {company.name: company.id for company in load_companies(db)} == {
        row.company: row.company_id for row in (world.first, world.second, third)
    }
    db.close()


def test_an_unknown_decision_cannot_be_undone(world, capsys):
    assert world.tembus("review", "--undo", "99", "--lang", "en") == 2
    assert "99" in capsys.readouterr().err
