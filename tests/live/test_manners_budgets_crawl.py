"""Sites without end: calendars, facets, sessions, floods; faults 45, 46 and the budgets of a passport."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.manners.budgets import address_fault, canonical, pattern
from tests.live.crawling import run_crawl, source
from tests.live.hostile_server import Asked, Reply, links, serving

A = "http://a.example"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        (f"{A}/p?PHPSESSID=ab12cd34", f"{A}/p"),
        (f"{A}/p;jsessionid=0A1B2C3D?x=1", f"{A}/p?x=1"),
        (f"{A}/p?x=1&x=1&x=1", f"{A}/p?x=1"),
        (f"{A}/p?x=1&x=2", f"{A}/p?x=1&x=2"),
        (f"{A}/p?utm_source=mail&utm_medium=x&q=sambal", f"{A}/p?q=sambal"),
        (f"{A}/p?sid=0123456789abcdef0123", f"{A}/p"),
        (f"{A}/p?sid=SERIES1", f"{A}/p?sid=SERIES1"),
        (f"{A}/p?gclid=x&fbclid=y&_ga=1", f"{A}/p"),
        (f"{A}/p?q=a%20b&empty=", f"{A}/p?q=a%20b&empty="),
        (f"{A}/p?flag", f"{A}/p?flag"),
        (f"{A}/p#part", f"{A}/p"),
        (f"{A}/p", f"{A}/p"),
    ],
)
def test_canonical_address(url, same):
    assert canonical(url) == same


@given(st.text(max_size=80))
def test_canonical_is_stable(text):
    once = canonical(f"{A}/?{text}".replace("#", ""))
    assert canonical(once) == once


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        (f"{A}/calendar/2024/05?view=month", "a.example/calendar/0/0?view"),
        (f"{A}/list?size=5&color=red&color=blue", "a.example/list?color&size"),
        (f"{A}/i/3fa85f64-5717-4562-b3fc-2c963f66afa6", "a.example/i/0"),
        (f"{A}/i/9e107d9d372bb6826bd81d3542a419d6/x", "a.example/i/0/x"),
        (f"{A}/products/sambal-oelek", "a.example/products/sambal-oelek"),
        (f"{A}/decade-of-facade-added", "a.example/decade-of-facade-added"),
        (f"{A}/?p12=1&p13=2", "a.example/?p0"),
    ],
)
def test_shape_of_an_address(url, shape):
    assert pattern(url) == shape


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        (f"{A}/{'x' * 2083}", "url_too_long"),
        (f"{A}/a/b/a/b/a/b/a/b", "path_goes_round"),
        (f"{A}/" + "/".join(str(n) for n in range(30)), "path_goes_round"),
        (f"{A}/en/shop/sauces/hot/", None),
        (f"{A}/find/00/0/0/0/0/0/0/0/431110/0/1/500/0/3/x", None),
    ],
)
def test_addresses_not_worth_asking(url, fault):
    assert address_fault(url) == fault


def _calendar(asked: Asked) -> Reply:
    month = int(asked.path.rpartition("/")[2])
    return links(f"/calendar/{month + 1}", f"/calendar/{month + 2}")


def _facets(asked: Asked) -> Reply:
    query = asked.path.partition("?")[2]
    return links(*(f"/list?{query}&f{len(query)}x{n}={n}" for n in range(3)))


def _round(asked: Asked) -> Reply:
    return links(f"{asked.path}/a", f"{asked.path}/b")


PACE = {"max_requests": 5000, "delay": 0.0}
SITES = {
    "calendar": (_calendar, {"max_per_pattern": 20}),
    "facets": (_facets, {"max_per_pattern": 20}),
    "round": (_round, {}),
    "session": (lambda asked: links(f"/page?PHPSESSID={len(asked.path)}abc{asked.at}"), {}),
    "duplicates": (lambda asked: links(f"{asked.path}&x=1" if "?" in asked.path else "/page?x=1"), {}),
    "selflink": (lambda asked: links(asked.path), {}),
    "unfiltered": (links("/page?nofilter"), {}),
    "lastpage": (lambda asked: links(f"/p/{min(int(asked.path[3:]) + 1, 5)}"), {}),
    "requests": (_calendar, {"max_requests": 7}),
    "items": (_calendar, {"max_items": 25}),
    "bytes": (_calendar, {"max_bytes": 10_000}),
    "seconds": (_calendar, {"max_seconds": 1}),
    "long": (
        lambda asked: (
            Reply(f"<a href='/{'x' * 3000}'>x</a><p>{'sambal ' * 300}")
            if asked.path == "/page/1"
            else Reply(status=302, headers={"Location": "/page/1"})
        ),
        {},
    ),
    "longhop": (Reply(status=302, headers={"Location": "/" + "x" * 3000}), {}),
}
FIRST = {
    "lastpage": "/p/1",
    "calendar": "/calendar/1",
    "requests": "/calendar/1",
    "items": "/calendar/1",
    "bytes": "/calendar/1",
    "seconds": "/calendar/1",
}
STOPS = {
    "calendar": ("trap", 20),
    "unfiltered": ("trap", 16),
    "requests": ("budget_requests", 7),
    "bytes": ("budget_bytes", 5),
}


@pytest.fixture(scope="module")
def crawled():
    with serving() as server:
        for name, (route, _) in SITES.items():
            server.routes[f"{name}.example", "*"] = route
        sources = {name: source(f"{name}.example:{server.port}", api=True, pace={**PACE, **pace}) for name, (_, pace) in SITES.items()}
        starts = [
            {"url": f"http://{name}.example:{server.port}{FIRST.get(name, '/page?a=1' if name == 'facets' else '/page/0')}", "source": name}
            for name in SITES
        ]
        yield server, run_crawl(sources, starts, records=10)


@pytest.mark.parametrize("name", STOPS)
def test_endless_sites_stop_at_their_budget(crawled, name):
    server, crawl = crawled
    reason, requests = STOPS[name]
    assert crawl.stop(name) == reason
    assert len(server.seen(f"{name}.example")) == requests
    assert crawl.stat(name, "requests") == requests


def test_facets_stop_as_a_trap(crawled):
    server, crawl = crawled
    assert len(server.seen("facets.example")) == 21  # /page, then 20 lists of one shape
    assert crawl.stop("facets") == "trap"


def test_a_path_that_goes_round_ends_by_itself(crawled):
    server, crawl = crawled
    assert crawl.stop("round") is None
    assert len(server.seen("round.example")) == sum(_arrangements(a, b) for a in range(4) for b in range(4))
    assert crawl.stat("round", "refused/path_goes_round") > 0


def _arrangements(a: int, b: int) -> int:
    """Ways to order a letters `a` and b letters `b`."""
    import math

    return math.comb(a + b, a)


@pytest.mark.parametrize(("name", "requests"), [("session", 2), ("duplicates", 2), ("selflink", 1), ("lastpage", 5)])
def test_one_page_behind_many_addresses_is_asked_once(crawled, name, requests):
    server, crawl = crawled
    assert len(server.seen(f"{name}.example")) == requests
    assert crawl.stop(name) is None


def test_records_beyond_the_budget_are_not_delivered(crawled):
    server, crawl = crawled
    assert crawl.stop("items") == "budget_items"
    assert len(crawl.items_of("items")) == 25
    assert crawl.stat("items", "items") == 25
    assert len(server.seen("items.example")) <= 4


def test_time_is_a_budget(crawled):
    server, crawl = crawled
    times = [asked.at for asked in server.seen("seconds.example")]
    assert crawl.stop("seconds") == "budget_seconds"
    assert 0.5 < times[-1] - times[0] < 2


def test_long_addresses_are_not_asked(crawled):
    server, crawl = crawled
    assert max(len(asked.path) for asked in server.asked) < 2100
    assert crawl.stat("longhop", "refused/url_too_long") == 1


def test_others_went_on_while_some_were_stopped(crawled):
    _, crawl = crawled
    assert {crawl.stop(name) for name in ("session", "duplicates", "selflink", "lastpage", "round")} == {None}
    assert crawl.stats["finish_reason"] == "finished"


def test_a_flood_from_one_answer_stops_in_the_middle():
    with serving() as server:
        server.routes["flood.example", "/"] = links()
        sources = {"flood": source(f"flood.example:{server.port}", pace={"max_items": 500})}
        crawl = run_crawl(sources, [{"url": f"http://flood.example:{server.port}/", "source": "flood"}], records=1_000_000, timeout=20)
    assert crawl.stop("flood") == "budget_items"
    assert crawl.stat("flood", "items") == 500
    assert crawl.stats["item_scraped_count"] == 500


def test_a_replay_asks_nobody():
    with serving() as server:
        server.routes["a.example", "*"] = links()
        sources = {"a": source(f"a.example:{server.port}", terms_read=None)}
        starts = [{"url": f"http://a.example:{server.port}/{n}", "source": "a"} for n in range(15)]
        crawl = run_crawl(sources, starts, settings={"TEMBUS_REPLAY": True})
        assert server.asked == []
    assert crawl.stat("a", "refused/not_recorded") == 15
    assert crawl.stat("a", "requests") == 0
    assert crawl.stop("a") is None


def test_no_passport_no_terms_no_request():
    with serving() as server:
        for host in ("unread.example", "off.example", "stranger.example"):
            server.routes[host, "*"] = links()
        sources = {
            "unread": source(f"unread.example:{server.port}", terms_read=None),
            "off": source(f"off.example:{server.port}", enabled=False),
        }
        starts = [{"url": f"http://{name}.example:{server.port}/", "source": name} for name in ("unread", "off", "stranger")]
        crawl = run_crawl(sources, starts)
        assert server.asked == []
    assert crawl.stop("unread") == crawl.stop("off") == "not_ready"
    assert crawl.items == []
