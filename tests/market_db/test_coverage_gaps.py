"""Coverage: nobody looks, nobody looked yet, and nothing found are three different things; gaps name what to collect next."""

from dataclasses import replace
from datetime import date

import pytest

from market_db.derived import IndexPart, Market
from market_db.home import open_home
from market_db.markets.coverage import Coverage, Looked, market_gaps
from market_db.queries import countries_seen, runs_in
from market_db.runs import Run, SourceCard
from market_db.schema import open_market
from market_db.store import save_run

TODAY = date(2026, 11, 26)


def card(name, countries=(), roles=("importer",), enabled=True):
    facts = dict.fromkeys(("publisher", "home", "licence", "attribution", "terms_url", "basis", "note"), "")
    return SourceCard(
        name=name,
        title=name.title(),
        countries=countries,
        roles=roles,
        enabled=enabled,
        every_hours=24,
        share_alike=False,
        key_env=None,
        terms_read=None,
        **facts,
    )


def run(name, verdict):
    return Run(run_id="r", source=name, mode="live", started="2026-11-20T00:00:00+00:00", ended=None, verdict=verdict)


CARDS = [card("brreg", ("NO",)), card("osm"), card("acra", ("SG",), enabled=False), card("comtrade", roles=())]


@pytest.mark.parametrize(
    ("cards", "verdicts", "country", "state"),
    [
        (CARDS, {"brreg": "ok", "osm": "blocked"}, "NO", "looked"),
        (CARDS, {"brreg": "thin"}, "NO", "looked"),
        (CARDS, {}, "NO", "not_run"),
        (CARDS, {"brreg": "ok"}, "BR", "not_run"),
        (CARDS[:1], {"brreg": "ok"}, "BR", "nobody"),
        (CARDS[2:], {}, "SG", "nobody"),
        (CARDS[3:], {"comtrade": "ok"}, "NO", "nobody"),
        ([], {}, "NO", "nobody"),
        (CARDS, {"brreg": "broken", "osm": "robots"}, "NO", "not_run"),
    ],
)
def test_whether_anybody_looked(cards, verdicts, country, state):
    coverage = Coverage(cards, {name: run(name, verdict) for name, verdict in verdicts.items()})
    assert coverage.looks_at(country).state == state


@pytest.mark.parametrize(
    ("verdict", "seen", "country", "state"),
    [
        ("ok", {"NL", "DE"}, "NL", "looked"),
        ("ok", {"NL", "DE"}, "BR", "not_run"),
        ("blocked", {"NL"}, "NL", "looked"),
        ("blocked", set(), "NL", "not_run"),
        ("ok", None, "BR", "looked"),
    ],
)
def test_a_source_that_goes_round_countries_has_looked_where_its_turn_came(verdict, seen, country, state):
    rounds = {} if seen is None else {"osm": frozenset(seen)}
    assert Coverage([card("osm")], {"osm": run("osm", verdict)}, rounds).looks_at(country).state == state


def test_runs_of_a_country_are_those_in_which_it_was_asked_for(tmp_path):
    home = open_home(tmp_path, {})
    home.make()
    db = open_market(home)
    told = [("osm", "1", "ok", ("NL",)), ("osm", "2", "ok", ("DE",)), ("osm", "3", "blocked", ()), ("osm", "4", "thin", ("NL",))]
    told += [("brreg", "1", "ok", ()), ("brreg", "2", "broken", ()), ("atp", "5", "broken", ("NL",))]
    for source, at, verdict, countries in told:
        one = replace(run(source, verdict), run_id=at, started=f"2026-11-2{at}T00:00:00+00:00", countries=countries)
        save_run(db, one)
    assert {name: one.run_id for name, one in runs_in(db, "NL").items()} == {"osm": "4", "brreg": "2", "atp": "5"}
    assert {name: one.run_id for name, one in runs_in(db, "JP").items()} == {"brreg": "2"}
    assert countries_seen(db, ("ok", "thin")) == {"osm": {"NL", "DE"}, "atp": frozenset()}
    db.close()


def test_what_waits_and_what_is_off_are_named():
    found = Coverage(CARDS, {}).looks_at("SG")
    assert (found.ran, found.waiting, found.off) == ((), ("Osm",), ("Acra",))
    assert [one.name for one in Coverage(CARDS, {"osm": run("osm", "ok")}).waiting()] == ["brreg"]


def part(name, period):
    return IndexPart(
        part=name, score=50, weight=0.1, evidence=1, points=5, value=1, unit="USD", period=period, quality="reported", source="s"
    )


def market(**more):
    none = dict.fromkeys(("import_usd", "import_year", "growth", "unit_value_usd_kg", "idn_share", "index"))
    return Market(**{"product": "sambal", "country": "NL", **none, **more})


@pytest.mark.parametrize(
    ("found", "looked", "kinds"),
    [
        (market(index=80.0, buyers_with_contact=4), Looked(ran=("A",)), ["few_buyers"]),
        (market(index=80.0, buyers_with_contact=5), Looked(ran=("A",)), []),
        (market(index=40.0), Looked(ran=("A",)), []),
        (market(), Looked(ran=("A",)), []),
        (market(), Looked(), ["nobody_looks"]),
        (market(), Looked(waiting=("B",)), ["not_run"]),
        (market(index=80.0, looked="not_run"), Looked(waiting=("B",)), ["not_run"]),
        (
            market(unknown_parts=("tariff",), parts=(part("size", "2021-2023"), part("price", "2024"))),
            Looked(ran=("A",)),
            ["part_unknown", "part_old"],
        ),
        (market(parts=(part("distance", ""),)), Looked(ran=("A",)), []),
    ],
)
def test_gaps_of_a_market(found, looked, kinds):
    assert [gap.kind for gap in market_gaps(found, looked, TODAY)] == kinds
