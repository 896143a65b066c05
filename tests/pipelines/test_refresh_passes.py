"""Refresh on a real market database: from records to leads, twice the same, and ids that stay when the world grows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from market_db import rebuild
from market_db.companies.membership import Membership
from market_db.desk import store as desk
from market_db.desk.entered import Decision
from market_db.home import open_home
from market_db.queries import markets as stored_markets
from market_db.schema import open_market
from market_db.seen import Evidence, Listing, Notice, Party, Registration, TradeFlow
from market_db.store import save_seen
from pipelines.context import Context
from pipelines.refresh import PASSES, refresh
from pipelines.steps import run_steps

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def stamp(source):
    return Evidence(source=source, url=f"https://{source}.example/q", fetched_at=NOW, content_hash="0" * 64)


def importer(number, name, **more):
    party = Party(name=name, country="GB", registry="gb-hmrc-trader", registry_id=number, role="importer", role_proof="HMRC list", **more)
    return Registration(
        key=f"{number}:21039090", party=party, url="https://hmrc.example/q", source="hmrc", evidence=stamp("hmrc"),
        product_codes=("cn8:21039090",), periods=("2026-09",),
    )  # fmt: skip


def offer(key, seller, **more):
    return Listing(
        key=key,
        name=f"Sambal oelek 200 g {key}",
        url="https://shop.example/p",
        source="shop",
        evidence=stamp("shop"),
        seller=seller,
        country="GB",
        **more,
    )


def flow(year, value, partner="WLD", reporter="GBR"):
    return TradeFlow(
        key=f"{reporter}|{partner}|import|210390|{year}", url="https://flows.example/q", source="flows", evidence=stamp("flows"), reporter=reporter,
        partner=partner, flow="import", hs_code="210390", period=str(year), value=value, currency="USD", net_kg=value / 4, net_kg_estimated=False,
    )  # fmt: skip


WORLD = [
    importer("1001", "Alba Tirta Ltd", website="https://albatirta.com", emails_text=("info@albatirta.com",)),
    importer("1002", "Bora Selatan Ltd"),
    offer("1", Party(name="Alba Tirta", country="GB", website="https://www.albatirta.com"), price=2.5, currency="GBP"),
    Notice(key="n1", kind="tender", title="Supply of sambal", url="https://ted.example/1", source="ted", evidence=stamp("ted"), published="2026-11-01",
           country="NO", codes=("cpv:15871260",), parties=(Party(name="Nordby kommune (contoh)", country="NO"),)),
    *(flow(year, 1e6 * (1 + at / 10)) for at, year in enumerate(range(2021, 2026))),
    flow(2025, 2e5, "IDN"),
    flow(2025, 5e6, reporter="NLD"),
]  # fmt: skip


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path)


def see(home, records, run="20261125T010000Z-crawl"):
    context = Context(as_of=NOW.date(), products=tuple(chosen()))
    db = open_market(home)
    save_seen(db, [run_steps(record, context) for record in records], run_id=run, now=NOW)
    db.close()


def chosen():
    from market_db.products import load_products

    return [load_products()["sambal"]]


def state(home):
    db = open_market(home)
    try:
        return (
            {c.id: c for c in rebuild.load_companies(db)},
            {lead.id: lead for lead in rebuild.load_leads(db)},
            {m.country: m for m in stored_markets(db)},
        )
    finally:
        db.close()


def test_from_records_to_leads(home):
    see(home, WORLD)
    done = refresh(home, now=NOW)
    companies, leads, markets = state(home)
    assert (done.mentions, done.companies_new, done.matches, done.leads, done.markets) == (4, 3, 1, 3, 3)
    alba = next(c for c in companies.values() if c.name == "Alba Tirta Ltd")
    assert alba.sources == ("hmrc", "shop")
    assert [(c.kind, c.value, c.sources) for c in alba.contacts if c.kind == "email"] == [("email", "info@albatirta.com", 1)]
    best = max(leads.values(), key=lambda lead: lead.score)
    assert (best.company_id, best.role, best.product) == (alba.id, "importer", "sambal")
    assert best.score == pytest.approx(sum(r.points for r in best.reasons))
    assert {lead.role for lead in leads.values()} == {"importer", "tender_authority"}
    assert (markets["GB"].import_usd, markets["GB"].import_year, markets["GB"].buyers) == (1.4e6, "2025", 2)
    assert markets["GB"].idn_share == pytest.approx(2e5 / 1.4e6)
    assert (markets["GB"].shelf_prices, markets["NO"].tenders, markets["NO"].import_usd, markets["NO"].index) == (1, 1, None, None)
    assert (markets["NL"].index, markets["NL"].evidence, markets["NL"].watchlist) == (None, 0.0, True)  # two countries: nothing to compare


def test_a_second_refresh_changes_nothing(home):
    see(home, WORLD)
    refresh(home, now=NOW)
    before = state(home)
    again = refresh(home, now=NOW + timedelta(minutes=10))
    assert (again.companies_new, again.companies_changed, again.companies_merged, again.companies_gone, again.signals) == (0, 0, 0, 0, 0)
    assert state(home) == before


def test_ids_stay_when_the_world_grows_and_equal_those_of_one_go(home, tmp_path):
    see(home, WORLD[:2])
    refresh(home, now=NOW)
    ids = {c.name: c.id for c in state(home)[0].values()}
    see(home, WORLD[2:], run="20261125T030000Z-crawl")
    refresh(home, now=NOW + timedelta(hours=2))
    grown = state(home)
    assert {name: c.id for c in grown[0].values() for name in [c.name] if name in ids} == ids
    other = open_home(tmp_path / "other")
    see(other, WORLD)
    refresh(other, now=NOW)
    assert {c.member_ids for c in grown[0].values()} == {c.member_ids for c in state(other)[0].values()}


def test_a_refresh_made_under_a_clock_years_ahead_hides_no_change_from_the_next(home):
    see(home, WORLD)
    refresh(home, now=NOW + timedelta(days=1500))
    bora = next(record for record in WORLD if "Bora" in str(record))
    moved = replace(bora, party=replace(bora.party, city="Hull"))
    see(home, [moved], run="20261126T010000Z-crawl")
    done = refresh(home, now=NOW + timedelta(days=1))
    assert done.companies_changed == 1
    assert next(c for c in state(home)[0].values() if c.name.startswith("Bora")).city == "Hull"
    assert refresh(home, now=NOW + timedelta(days=2)).companies_changed == 0


def test_people_part_and_join_what_the_machine_did(home):
    see(home, WORLD)
    refresh(home, now=NOW)
    alba = next(c for c in state(home)[0].values() if len(c.member_ids) == 2)
    first, second = alba.member_ids
    desk.add_decision(home, Decision(kind="not_same", party_a=first, party_b=second, entered_at="2026-11-25", entered_by="advisor"))
    refresh(home, now=NOW + timedelta(hours=1))
    companies = state(home)[0]
    assert len(companies) == 4
    assert companies[alba.id].member_ids == (first,)


def test_no_buyer_is_no_lead(home):
    see(home, WORLD)
    refresh(home, now=NOW)
    bora = next(c for c in state(home)[0].values() if c.name.startswith("Bora"))
    desk.add_decision(
        home, Decision(kind="not_a_buyer", party_a=bora.member_ids[0], party_b=None, entered_at="2026-11-25", entered_by="advisor")
    )
    refresh(home, now=NOW + timedelta(hours=1))
    assert bora.id not in {lead.company_id for lead in state(home)[1].values()}


def test_a_night_reads_the_mentions_of_what_changed_and_of_its_neighbours_alone(home, monkeypatch):
    see(home, [*WORLD, *(importer(f"2{n}", f"{name} Ltd (contoh)") for n, name in enumerate(("Cira Wangi", "Dova Harum", "Ezra Manis")))])
    refresh(home, now=NOW)
    before, asked = state(home), set()
    real = Membership.mentions

    def listened(self, parties=None):
        assert parties is not None, "a night must not read everything"
        asked.update(parties)
        return real(self, parties)

    monkeypatch.setattr(Membership, "mentions", listened)
    see(home, [offer("2", Party(name="ALBA TIRTA LTD.", country="GB", website="https://albatirta.com"))], run="20261125T030000Z-crawl")
    refresh(home, now=NOW + timedelta(hours=2))
    after = state(home)[0]
    alba = next(c for c in after.values() if c.name == "Alba Tirta Ltd")
    assert asked == set(alba.member_ids)
    assert len(alba.member_ids) == 3
    assert {name: c for name, c in after.items() if name != alba.id} == {name: c for name, c in before[0].items() if name != alba.id}


def test_a_vanished_record_takes_its_company_along(home):
    see(home, WORLD)
    refresh(home, now=NOW)
    db = open_market(home)
    with db.atomic():
        db.conn.execute("delete from parties where name like 'Bora%'")
    db.close()
    done = refresh(home, now=NOW + timedelta(hours=1))
    assert done.companies_gone == 1
    assert not any(c.name.startswith("Bora") for c in state(home)[0].values())


def test_an_empty_market_refreshes_to_nothing(home):
    done = refresh(home, now=NOW)
    assert (done.mentions, done.leads, done.markets) == (0, 0, 0)
    assert [name for name, _ in PASSES] == ["companies", "demand", "markets", "leads"]


def test_the_awards_of_one_procedure_count_once(home):
    def notice(key, kind):
        return Notice(
            key=key, kind=kind, title="Supply of sambal", url="https://t.example/1", source="cf", evidence=stamp("cf"), country="GB"
        )

    see(home, [notice("ocds-1", "tender"), notice("ocds-1/a", "award"), notice("ocds-1/b", "award"), notice("ocds-2/a", "award")])
    refresh(home, now=NOW)
    assert state(home)[2]["GB"].tenders == 2
