from datetime import date

import pytest

from market_db.runs import Run
from spiders.base.spider import TembusSpider
from spiders.reading import Issue
from spiders.run_record import Usual, broken_of, count, coverage_of, issues_of, judge, rejections_of, stop_of
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
    return Run(**{"run_id": "r", "source": "register", "mode": "live", "started": "-", "answers": 5, "scraped": 50, **values})


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
    found, why = judge(run(**values), ABOUT, stop, broken, usual)
    assert found == verdict
    assert says in why


def test_a_site_whose_robots_refuse_every_address_is_not_broken():
    verdict, why = judge(run(answers=0, scraped=0), ABOUT, None, [], Usual(), robots_refused=12)
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
    assert [(i.kind, i.detail, i.count) for i in issues_of({"register": counted}, spider)] == [("new_field", "colour", 1)]
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
