from datetime import date

import pytest
from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler

from market_db.rows import read_rows
from market_db.runs import Run
from market_db.schema import open_market
from market_db.store import save_run
from spiders.base.spider import TembusSpider
from spiders.reading import Issue
from spiders.run_record import (
    Met,
    RunRecord,
    Usual,
    broken_of,
    count,
    coverage_of,
    fence_issues,
    issues_of,
    judge,
    rejections_of,
    stop_of,
    usual_of,
)
from spiders.source import Expect, Source

ABOUT = Source(
    title="Register",
    publisher="-",
    home="https://r.example",
    licence="OGL",
    attribution="-",
    terms_url="https://r.example/terms",
    terms_read=date(2026, 11, 25),
    basis="open licence",
    hosts=("r.example",),
    expect=Expect(least=10, most=100),
    key_env="REGISTER_KEY",
)


class Register(TembusSpider):
    name = "register"
    about = ABOUT


def run(**values):
    kept = values.get("scraped", 50)
    given = {"run_id": "r", "source": "register", "mode": "live", "started": "-", "answers": 5, "scraped": 50, "stored_new": kept, **values}
    return Run(**given)


@pytest.mark.parametrize(
    ("values", "stop", "broken", "usual", "verdict", "says"),
    [
        ({}, None, [], Usual(), "ok", ""),
        ({"scraped": 200}, None, [], Usual(), "ok", "raise the expectation"),
        ({"scraped": 9}, None, [], Usual(), "broken", "at least 10"),
        ({"scraped": 0}, None, [], Usual(), "broken", "earlier records are kept"),
        ({"answers": 0, "scraped": 0, "failed": 3}, None, [], Usual(), "not_run", "network"),
        ({"answers": 0, "scraped": 50, "mode": "replay"}, None, [], Usual(), "ok", ""),
        ({}, ("blocked", "HTTP 403"), [], Usual(), "blocked", "HTTP 403"),
        ({}, ("rate_limited", ""), [], Usual(), "blocked", "slow down"),
        ({}, ("needs_key", "HTTP 401"), [], Usual(), "not_run", "REGISTER_KEY"),
        ({}, ("robots", "/x"), [], Usual(), "robots", "refuses"),
        ({}, ("robots_unreachable", "HTTP 500"), [], Usual(), "robots", "nothing was fetched"),
        ({}, ("crawl_delay_absurd", "1e9"), [], Usual(), "robots", "60 seconds"),
        ({}, ("trap", "/calendar"), [], Usual(), "stopped", "/calendar"),
        ({}, ("budget_requests", "200"), [], Usual(), "stopped", "budget requests 200"),
        ({"scraped": 3}, ("budget_requests", "200"), [], Usual(), "broken", "at least"),
        ({}, None, ["bad_answer: not json"], Usual(), "broken", "not json"),
        ({"adds_up": False}, None, [], Usual(), "broken", "do not add up"),
        ({}, None, [], Usual(120.0), "thin", "120 are usual"),
        ({}, None, [], Usual(60.0), "ok", ""),
        ({"coverage": {"listing.price": 0.2}}, None, [], Usual(60.0, {"listing.price": 0.95}), "thin", "listing.price"),
        ({"coverage": {"listing.gtin": 0.0}}, None, [], Usual(60.0, {"listing.gtin": 0.1}), "ok", ""),
    ],
)
def test_the_verdict_and_its_sentence(values, stop, broken, usual, verdict, says):
    found, why = judge(run(**values), ABOUT, stop, Met(broken=broken), usual)
    assert found == verdict
    assert says in why


def test_a_site_whose_robots_refuse_every_address_is_not_broken():
    verdict, why = judge(run(answers=0, scraped=0), ABOUT, None, Met(robots_refused=12), Usual())
    assert (verdict, "all 12 addresses" in why) == ("robots", True)


def test_counts_come_from_the_stats_and_add_up():
    spider = Register()
    spider.counts.update(
        {("register", "items"): 10, ("register", "row without name"): 2, ("register", "issue:new_field"): 1, ("other", "items"): 99}
    )
    spider.issues.append(("register", Issue("new_field", "colour"), "https://r.example/1"))
    stats = {
        "tembus/register/stored_new": 4,
        "tembus/register/stored_changed": 1,
        "tembus/register/unchanged": 2,
        "tembus/register/rejected/OtherProduct": 3,
        "tembus/register/requests": 7,
        "tembus/register/responses": 6,
        "tembus/register/field/listing.*": 4,
        "tembus/register/field/listing.price": 3,
    }
    counted = count(run(), stats, spider)
    assert (counted.scraped, counted.rejected, counted.stored_new, counted.adds_up) == (12, 5, 4, True)
    assert (counted.requests, counted.answers, counted.issues, counted.coverage) == (7, 6, 1, {"listing.price": 0.75})
    assert {r.reason: r.count for r in rejections_of(counted, stats, spider)} == {"OtherProduct": 3, "row without name": 2}
    assert [(i.kind, i.detail, i.count) for i in issues_of(counted, spider)] == [("new_field", "colour", 1)]
    assert not count(run(), {**stats, "tembus/register/unchanged": 1}, spider).adds_up


def test_a_fault_of_ours_breaks_the_run():
    spider = Register()
    assert broken_of("register", {"tembus/fatal": "disk full"}, spider) == ["disk full"]
    assert "own code" in broken_of("register", {"spider_exceptions/KeyError": 2}, spider)[0]
    spider.issues.append(("register", Issue("bad_answer", "html instead of json", broken=True), ""))
    assert broken_of("register", {}, spider) == ["bad_answer: html instead of json"]
    assert broken_of("other", {}, spider) == []


@pytest.mark.parametrize(
    ("stats", "reason", "stop"),
    [
        ({}, "finished", None),
        ({"tembus/register/stop": "blocked", "tembus/register/stop_detail": "HTTP 403"}, "finished", ("blocked", "HTTP 403")),
        ({}, "closespider_pagecount", ("pagecount", "")),
        ({}, "shutdown", ("shutdown", "")),
    ],
)
def test_why_a_run_ended_early(stats, reason, stop):
    assert stop_of("register", stats, reason) == stop


def test_coverage_of_a_kind_without_records_is_no_coverage():
    assert coverage_of("register", {"tembus/register/field/listing.price": 3}) == {}


@pytest.mark.parametrize(
    ("values", "stop", "met", "usual", "verdict", "says"),
    [
        (
            {"stored_new": 0, "rejected": 50},
            None,
            Met(refused={"OtherProduct": 50}),
            Usual(),
            "thin",
            "all 50 records were refused: OtherProduct 50",
        ),
        ({"stored_new": 0}, None, Met(refused={"OtherProduct": 50}), Usual(40.0), "broken", "OtherProduct 50"),
        ({"stored_new": 0}, None, Met(refused={"NoName": 30, "no id": 20}), Usual(), "broken", "NoName 30, no id 20"),
        ({"stored_new": 0}, ("budget_requests", "9"), Met(refused={"NoName": 50}), Usual(), "broken", "NoName 50"),
        ({"stored_new": 10}, None, Met(refused={"OtherProduct": 40}), Usual(45.0), "thin", "10 records where 45 are usual"),
        ({"answers": 0, "scraped": 0}, None, Met(elsewhere={"host new.example:443": 3}), Usual(), "broken", "new.example"),
        (
            {"answers": 0, "scraped": 0},
            ("robots_unreachable", "Refused: fence"),
            Met(elsewhere={"host new.example:443": 1}, robots_refused=1),
            Usual(),
            "broken",
            "correct url or hosts",
        ),
        ({"answers": 0, "scraped": 0}, None, Met(elsewhere={"host x:443": 1}, robots_refused=4), Usual(), "robots", "all 4 addresses"),
        ({"answers": 0, "scraped": 0}, None, Met(faults=("disk full",)), Usual(), "broken", "disk full"),
        ({"scraped": 3}, None, Met(elsewhere={"host new.example:443": 3}), Usual(), "broken", "not asked: host new.example:443 3"),
        ({}, None, Met(elsewhere={"host cdn.example:443": 3}), Usual(), "ok", ""),
        ({"scraped": 0}, None, Met(elsewhere={"host new.example:443": 9}), Usual(), "broken", "every address led out"),  # sitemaps came
        ({"scraped": 0}, None, Met(robots_refused=9), Usual(), "robots", "all 9 addresses"),
        ({"scraped": 0}, None, Met(robots_refused=1, pages=9), Usual(), "broken", "at least 10"),
        ({"scraped": 3}, None, Met(elsewhere={"host new.example:443": 3}, pages=3), Usual(), "broken", "not asked"),
        (
            {"coverage": {"registration.party_contacts": 0.0}},
            None,
            Met(),
            Usual(50.0, {"registration.party_contacts": 0.9}),
            "thin",
            "party_contacts",
        ),
    ],
)
def test_what_was_met_decides_too(values, stop, met, usual, verdict, says):
    found, why = judge(run(**values), ABOUT, stop, met, usual)
    assert found == verdict
    assert says in why


def test_a_run_that_kept_nothing_and_a_replayed_file_are_no_norm(home):
    db = open_market(home)
    for number, (mode, kept) in enumerate([("live", 0), ("live", 40), ("replay", 1), ("live", 60)]):
        save_run(
            db, run(run_id=f"r{number}", mode=mode, verdict="ok", scraped=100, stored_new=kept, coverage={"listing.price": kept / 100})
        )
    assert usual_of(db, run(run_id="now")) == Usual(50.0, {"listing.price": 0.5})
    assert usual_of(db, run(run_id="now", source="other")) == Usual()
    db.close()


def test_a_kind_that_most_runs_had_and_this_one_has_not_is_missed(home):
    db = open_market(home)
    for number, kinds in enumerate([("listing", "place"), ("listing", "place"), ("listing", "notice")]):
        save_run(db, run(run_id=f"r{number}", verdict="ok", coverage={f"{kind}.country": 1.0 for kind in kinds}))
    usual = usual_of(db, run(run_id="now"))
    db.close()
    verdict, why = judge(run(coverage={"listing.country": 1.0}), ABOUT, None, Met(), usual)
    assert (verdict, "no place came" in why, "notice" in why) == ("thin", True, False)
    assert judge(run(coverage={"listing.country": 1.0, "place.country": 0.9}), ABOUT, None, Met(), usual)[0] == "ok"


def test_exceptions_break_the_source_that_met_them():
    spider = Register()
    stats = {"spider_exceptions/count": 2, "spider_exceptions/KeyError": 2, "tembus/register/exceptions": 2}
    assert "2 exceptions in our own code" in broken_of("register", stats, spider)[0]
    assert broken_of("other", stats, spider) == []
    assert "1 exceptions" in broken_of("other", {**stats, "spider_exceptions/count": 3}, spider)[0]  # of start(), of no answer


@pytest.mark.parametrize(
    ("bad", "good", "broken"), [(1, 0, True), (1, 3, True), (1, 4, False), (1, 300, False), (100, 300, True), (0, 0, False)]
)
def test_one_page_of_hundreds_breaks_nothing(bad, good, broken):
    spider = Register()
    spider.counts.update({("register", "pages:bad"): bad, ("register", "pages:read"): good})
    spider.issues += [("register", Issue("bad_answer", "login wall"), "https://r.example/1")] * bad
    found = broken_of("register", {}, spider)
    assert bool(found) is broken
    assert not broken or f"{bad} of {bad + good} pages, the first: login wall" in found[0]


HURT = "x\ud800y\x00z"


def test_text_that_is_none_is_cleaned_before_it_is_stored():
    spider = Register()
    spider.counts["register", f"odd {HURT}"] = 2
    spider.issues.append(("register", Issue(f"kind{HURT}", HURT), f"https://r.example/{HURT}"))
    stats = {"tembus/register/rejected/BadUrl": 1, "tembus/register/rejected_example/BadUrl": f"https://r.example/{HURT}"}
    found = [*rejections_of(run(), stats, spider), *issues_of(run(), spider), *fence_issues(run(), Met(elsewhere={HURT: 1}))]
    assert len(found) == 4
    for row in found:
        str(row).encode("utf-8")
    assert {r.reason: (r.count, r.example) for r in found[:2]} == {"BadUrl": (1, "https://r.example/xyz"), "odd xyz": (2, "")}


class Sites(TembusSpider):
    name = "sites"

    def passports(self):
        return {f"site:{letter}": ABOUT for letter in "abc"}


def record_of(home, stats):
    crawler = get_crawler(settings_dict={"TEMBUS_HOME": str(home.root), "TEMBUS_RUN_ID": "r1", "TEMBUS_MODE": "live"})
    crawler.stats.set_stats(stats)
    return RunRecord(crawler)


def test_one_source_whose_record_fails_takes_no_other_along(home, monkeypatch):
    spider = Sites()
    for letter in "abc":
        spider.counts[f"site:{letter}", "items"] = 12
    stats = {f"tembus/site:{letter}/{name}": 12 for letter in "abc" for name in ("responses", "stored_new")}
    stats["tembus/site:b/rejected/NoKey"] = "no number"
    record = record_of(home, stats)
    record.opened(spider)
    record.closed(spider, "finished")
    db = open_market(home)
    rows = {row["source"]: (row["verdict"], row["why"]) for row in read_rows(db, "select * from runs")}
    db.close()
    assert [rows[f"site:{letter}"][0] for letter in "abc"] == ["ok", "broken", "ok"]
    assert "could not be recorded (ValueError)" in rows["site:b"][1]


def test_a_lone_surrogate_in_a_refused_address_costs_no_run_its_row(home):
    spider = Sites()
    for letter in "abc":
        spider.counts[f"site:{letter}", "items"] = 13
    spider.issues.append(("site:b", Issue("new_field", HURT), f"https://b.example/{HURT}"))
    stats = {f"tembus/site:{letter}/{name}": 12 for letter in "abc" for name in ("responses", "stored_new")}
    stats |= {f"tembus/site:{letter}/rejected/BadUrl": 1 for letter in "abc"}
    stats["tembus/site:a/rejected_example/BadUrl"] = f"https://a.example/{HURT}"
    record = record_of(home, stats)
    record.opened(spider)
    record.closed(spider, "finished")
    db = open_market(home)
    assert [row["verdict"] for row in read_rows(db, "select * from runs")] == ["ok"] * 3
    assert [row["example"] for row in read_rows(db, "select * from rejections order by source")] == ["https://a.example/xyz", "", ""]
    assert [row["detail"] for row in read_rows(db, "select * from issues")] == ["xyz"]
    db.close()


def test_an_exception_is_counted_for_the_source_of_its_request(home):
    record = record_of(home, {})
    request = Request("https://b.example/", meta={"source": "site:b"})
    record.erred(None, Response("https://b.example/", request=request), Sites())
    record.erred(None, None, Sites())
    assert record.crawler.stats.get_stats() == {"tembus/site:b/exceptions": 1, "tembus/sites/exceptions": 1}
