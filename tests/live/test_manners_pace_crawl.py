"""Pace and retries against a server that says "later", breaks off, or does not answer: faults 27, 33, 34 and failing hosts."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.manners.pace import retry_after
from tests.live.crawling import run_crawl, source
from tests.live.hostile_server import Asked, Reply, links, serving

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("Wed, 25 Nov 2026 12:01:30 GMT", 90.0),
        ("Wednesday, 25-Nov-26 12:01:30 GMT", 90.0),
        ("Wed Nov 25 12:01:30 2026", 90.0),
        ("Wed, 25 Nov 2026 11:00:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        ("9" * 5000, 999999999.0),
        ("Wed, 99 Nov 2026 99:99:99 GMT", None),
    ],
)
def test_retry_after(value, seconds):
    assert retry_after({"retry-after": value}, NOW) == seconds


def test_retry_after_counts_from_the_servers_own_clock():
    headers = {"retry-after": "Wed, 25 Nov 2026 10:00:30 GMT", "date": "Wed, 25 Nov 2026 10:00:00 GMT"}
    assert retry_after(headers, NOW) == 30.0


@given(st.text(max_size=200))
def test_retry_after_is_never_negative_and_never_fails(value):
    seconds = retry_after({"retry-after": value}, NOW)
    assert seconds is None or seconds >= 0


def answers(*replies: Reply):
    """Replies in order, the last for ever."""
    queue = itertools.chain(replies, itertools.repeat(replies[-1]))
    return lambda _asked: next(queue)


def busy(value: str | None, status: int = 429) -> Reply:
    return Reply("busy", status=status, headers={"Retry-After": value} if value is not None else {})


GOOD = links()
DEAD = Reply("<html>oops</html>", status=500)
SITES = {
    "seconds": answers(busy("30"), GOOD),
    "unavailable": answers(busy("30", 503), GOOD),
    "garbage": answers(busy("soon"), GOOD),
    "silent": answers(busy(None), GOOD),
    "always": busy("10"),
    "tomorrow": busy("86400"),
    "once500": answers(DEAD, GOOD),
    "twice500": answers(DEAD, DEAD, GOOD),
    "plain503": answers(Reply("x", status=503), GOOD),
    "short": answers(Reply("<html>half", length=5000), GOOD),
    "alwaysshort": Reply("<html>half", length=5000),
    "resets": answers(Reply(reset=True), Reply(reset=True), GOOD),
    "dead": DEAD,
    "forbidden": Reply("no", status=403),
    "hmrc": answers(Reply("no", status=403), Reply("no", status=403), GOOD),
    "hmrcshut": Reply("no", status=403),
    "drip": lambda asked: Reply("x" * 100, drip=0.2) if asked.path == "/0" else GOOD,
    "gone": lambda asked: Reply("gone", status=410 if asked.path == "/0" else 404),
    "emptyresult": Reply('{"items": []}', status=404, kind="application/json"),
    "nolist": Reply("no list for that", status=500),
}
FIELDS = {
    "hmrc": {"retry_403": 5, "api": True, "pace": {"delay": 2.0}},
    "hmrcshut": {"retry_403": 2, "api": True, "pace": {"delay": 2.0}},
    "emptyresult": {"empty_statuses": [404], "api": True},
    "nolist": {"empty_statuses": [500]},
    "tomorrow": {"api": True},
}
PAGES = {"dead": 14, "always": 3, "tomorrow": 3, "forbidden": 4, "drip": 3, "gone": 2, "seconds": 3, "nolist": 12}


@pytest.fixture(scope="module")
def crawled():
    """One crawl of all sites, waits a hundred times shorter."""
    with serving() as server:
        for name, route in SITES.items():
            server.routes[f"{name}.example", "*"] = route
        sources = {name: source(f"{name}.example:{server.port}", **FIELDS.get(name, {})) for name in SITES}
        starts = [{"url": f"http://{name}.example:{server.port}/{n}", "source": name} for name in SITES for n in range(PAGES.get(name, 1))]
        yield server, run_crawl(sources, starts, settings={"DOWNLOAD_TIMEOUT": 2, "CONCURRENT_REQUESTS": 200})


def gaps(asked: list[Asked]) -> list[float]:
    return [after.at - before.at for before, after in itertools.pairwise(asked)]


@pytest.mark.parametrize(("name", "wait"), [("seconds", 0.3), ("unavailable", 0.3), ("garbage", 0.6), ("silent", 0.6)])
def test_waits_as_told_before_anything_else_is_asked(crawled, name, wait):
    server, crawl = crawled
    asked = server.seen(f"{name}.example")
    assert gaps(asked)[0] > wait * 0.6
    assert len(crawl.items_of(name)) == PAGES.get(name, 1)
    assert crawl.stop(name) is None
    assert crawl.stat(name, "waits") == 1


def test_two_waits_then_the_source_is_left_alone(crawled):
    server, crawl = crawled
    assert crawl.stop("always") == "rate_limited"
    assert len(server.seen("always.example")) == 3
    assert min(gaps(server.seen("always.example"))) > 0.06
    assert crawl.items_of("always") == []


def test_who_says_tomorrow_is_not_asked_today(crawled):
    server, crawl = crawled
    assert crawl.stop("tomorrow") == "rate_limited"
    assert len(server.seen("tomorrow.example")) == 1


@pytest.mark.parametrize(("name", "requests"), [("once500", 2), ("twice500", 3), ("plain503", 2), ("short", 2)])
def test_passing_failures_are_retried_with_waits(crawled, name, requests):
    server, crawl = crawled
    asked = server.seen(f"{name}.example")
    assert len(asked) == requests
    assert all(gap > 0.03 for gap in gaps(asked))
    assert [item["status"] for item in crawl.items_of(name)] == [200]
    assert crawl.stat(name, "retries") == requests - 1
    assert crawl.stat(name, "failed") == 0


def test_broken_connections_are_retried(crawled):
    """Twisted itself repeats a request at once when a connection that was kept open breaks; after that it is our turn, with a wait."""
    server, crawl = crawled
    asked = server.seen("resets.example")
    assert len(asked) == 3
    assert gaps(asked)[-1] > 0.03
    assert [item["status"] for item in crawl.items_of("resets")] == [200]
    assert 1 <= crawl.stat("resets", "retries") <= 2


def test_half_a_page_is_never_read(crawled):
    server, crawl = crawled
    assert len(server.seen("alwaysshort.example")) == 3
    assert crawl.items_of("alwaysshort") == []
    assert crawl.stat("alwaysshort", "failed") == 1


def test_ten_failures_in_a_row_stop_a_source(crawled):
    server, crawl = crawled
    assert crawl.stop("dead") == "too_many_failures"
    assert crawl.stat("dead", "failed") == 10
    assert len(server.seen("dead.example")) < 14 * 3


def test_403_stops_the_source_at_once(crawled):
    server, crawl = crawled
    assert crawl.stop("forbidden") == "blocked"
    assert len(server.seen("forbidden.example")) == 1


def test_403_that_the_documentation_calls_transient_is_retried_slowly(crawled):
    server, crawl = crawled
    asked = server.seen("hmrc.example")
    assert len(asked) == 3
    assert gaps(asked)[0] > 0.2
    assert gaps(asked)[1] > 0.4
    assert [item["status"] for item in crawl.items_of("hmrc")] == [200]
    assert crawl.stop("hmrcshut") == "blocked"
    assert len(server.seen("hmrcshut.example")) == 3


def test_a_dripping_body_is_dropped_and_its_slot_freed(crawled):
    server, crawl = crawled
    assert {item["url"].rpartition("/")[2] for item in crawl.items_of("drip")} == {"1", "2"}
    assert crawl.stat("drip", "failed") == 1
    assert server.paths("drip.example").count("/0") == 3


def test_gone_pages_are_counted_and_an_empty_result_reaches_the_spider(crawled):
    _, crawl = crawled
    assert crawl.stat("gone", "status/404") == 1
    assert crawl.stat("gone", "status/410") == 1
    assert crawl.items_of("gone") == []
    assert crawl.stop("gone") is None
    assert [item["status"] for item in crawl.items_of("emptyresult")] == [404]


def test_a_documented_500_is_an_answer_not_an_outage(crawled):
    server, crawl = crawled
    assert [item["status"] for item in crawl.items_of("nolist")] == [500] * 12
    assert len([asked for asked in server.seen("nolist.example") if asked.path != "/robots.txt"]) == 12
    assert crawl.stop("nolist") is None
    assert crawl.stat("nolist", "failed") == 0


def test_one_host_one_pace_however_many_sources_and_redirects():
    """Two sources on one host and a redirect into it: the host sees one stream."""
    with serving() as server:
        for host in ("shared.example", "door.example"):
            server.routes[host, "*"] = links()
        server.routes["door.example", "/in"] = Reply(status=302, headers={"Location": f"http://shared.example:{server.port}/redirected"})
        shared = f"shared.example:{server.port}"
        sources = {
            "one": source(shared, f"door.example:{server.port}", api=True, pace={"delay": 0.2, "concurrency": 8}),
            "two": source(shared, api=True, pace={"delay": 0.05, "concurrency": 8}),
        }
        starts = [{"url": f"http://{shared}/{name}/{n}", "source": name} for n in range(3) for name in sources]
        starts.append({"url": f"http://door.example:{server.port}/in", "source": "one"})
        run_crawl(sources, starts, settings={"TEMBUS_WAIT_SCALE": 1.0})
        asked = server.seen("shared.example", robots=True)
        assert len(asked) == 8
        assert min(gaps(asked)[1:]) > 0.12
        assert asked[-1].at - asked[1].at > 6 * 0.2 * 0.95


def test_pages_wait_two_seconds_whatever_the_passport_says():
    with serving() as server:
        server.routes["a.example", "*"] = links()
        sources = {"a": source(f"a.example:{server.port}", pace={"delay": 0.0, "concurrency": 1})}
        starts = [{"url": f"http://a.example:{server.port}/{n}", "source": "a"} for n in range(4)]
        run_crawl(sources, starts, settings={"TEMBUS_WAIT_SCALE": 0.1})
        times = [asked.at for asked in server.seen("a.example", robots=True)]
        assert len(times) == 5
        assert times[-1] - times[0] > 4 * 0.2 * 0.95
