"""Robots.txt against a hostile server: faults 20 to 26, judged by what the server saw."""

import itertools
import time

import pytest

from spiders.manners.robots import MAX_PARSED, read_rules
from tests.live.crawling import run_crawl, source
from tests.live.hostile_server import Asked, Reply, links, serving

SHUT = "User-agent: *\nDisallow: /\n"
UNREACHABLE = {
    "status500": Reply(SHUT, status=500),
    "status503": Reply("<html>maintenance</html>", status=503),
    "status401": Reply(status=401),
    "status403": Reply(status=403),
    "status429": Reply(status=429, headers={"Retry-After": "1"}),
    "reset": Reply(reset=True),
    "timeout": Reply(drip=0.4, body="User-agent: *\nAllow: /\n"),
    "utf16": Reply(SHUT.encode("utf-16"), kind="text/plain"),
    "noutf8": Reply(b"User-agent: *\nAllow: /caf\xe9\n", kind="text/plain"),
    "loop": Reply(status=302, headers={"Location": "/robots.txt"}),
    "offfence": Reply(status=301, headers={"Location": "http://elsewhere.example/robots.txt"}),
    "nolocation": Reply(status=302),
    "bomb": Reply(b"", headers={"Content-Encoding": "gzip"}),  # body set in the fixture
}
OPEN = {
    "status404": Reply("gone", status=404),
    "status410": Reply("gone", status=410),
    "html": Reply("<!DOCTYPE html><html><title>Shop</title>Disallow: /</html>"),
    "empty": Reply(""),
    "comments": Reply(b"# caf\xe9 latin-1 in a comment\nUser-agent: *\nDisallow: /private\n", kind="text/plain"),
    "other": Reply("User-agent: Badbot\nDisallow: /\n", kind="text/plain"),
}
REFUSES = {
    "plain": Reply(SHUT, kind="text/plain"),
    "bom": Reply(b"\xef\xbb\xbf" + SHUT.encode(), kind="text/plain"),
    "token": Reply("User-agent: *\nAllow: /\n\nUser-agent: TEMBUS\nDisallow: /\n", kind="text/plain"),
    "slow": Reply(SHUT, kind="text/plain", delay=1.0),
    "moved": Reply(status=302, headers={"Location": "/rules.txt"}),
    "endless": Reply(SHUT + "# and so on\n" * 60_000, kind="text/plain", length=10**9),  # breaks off long after what is parsed
    "huge": Reply(SHUT + "Disallow: /some/long/path/that/nobody/needs\n" * 300_000, kind="text/plain"),
}


@pytest.fixture(scope="module")
def crawled():
    """One crawl of all kinds of robots.txt, seven pages asked of each host at once."""
    import gzip

    bomb = gzip.compress(bytes(30_000_000))
    kinds = UNREACHABLE | OPEN | REFUSES
    with serving() as server:
        for name, reply in kinds.items():
            server.routes[f"{name}.example", "/robots.txt"] = reply
            server.routes[f"{name}.example", "*"] = links()
        server.routes["bomb.example", "/robots.txt"] = Reply(bomb, kind="text/plain", headers={"Content-Encoding": "gzip"})
        server.routes["moved.example", "/rules.txt"] = Reply(SHUT, kind="text/plain")
        sources = {name: source(f"{name}.example:{server.port}") for name in kinds}
        starts = [{"url": f"http://{name}.example:{server.port}/page/{n}", "source": name} for name in kinds for n in range(7)]
        yield server, run_crawl(sources, starts, settings={"DOWNLOAD_TIMEOUT": 3, "CONCURRENT_REQUESTS": 400})


@pytest.mark.parametrize("name", UNREACHABLE)
def test_no_page_while_rules_are_unknown(crawled, name):
    server, crawl = crawled
    assert server.paths(f"{name}.example") == []
    assert crawl.stop(name) == "robots_unreachable"
    assert crawl.items_of(name) == []
    asked = [path for path in server.paths(f"{name}.example", robots=True) if path == "/robots.txt"]
    assert len(asked) == (6 if name == "loop" else 1)


@pytest.mark.parametrize("name", OPEN)
def test_no_rules_means_open(crawled, name):
    server, crawl = crawled
    assert sorted(server.paths(f"{name}.example")) == [f"/page/{n}" for n in range(7)]
    assert crawl.stop(name) is None
    assert crawl.stat(name, "requests") == 7


@pytest.mark.parametrize("name", REFUSES)
def test_nothing_slips_through(crawled, name):
    server, crawl = crawled
    assert [path for path in server.paths(f"{name}.example") if path != "/rules.txt"] == []
    assert crawl.stat(name, "robots_refused") == 7
    assert crawl.stop(name) is None  # the rules were read
    assert crawl.stat(name, "requests") == 0
    assert server.paths(f"{name}.example", robots=True).count("/robots.txt") == 1


def test_a_redirect_out_of_the_fence_was_not_followed(crawled):
    server, _ = crawled
    assert server.seen("elsewhere.example", robots=True) == []


def test_thirteen_megabytes_and_a_bomb_cost_little_memory(crawled):
    _, crawl = crawled
    assert crawl.peak_mb < 200


def test_only_the_first_500_kib_are_parsed():
    early, late = "Disallow: /early\n", "Disallow: /late\n"
    filler = "# " + "x" * 98 + "\n"
    body = "User-agent: *\n" + early + filler * (MAX_PARSED // 100) + late
    rules = read_rules(200, body.encode())
    assert not rules.allows("http://a.example/early")
    assert rules.allows("http://a.example/late")


def test_a_character_cut_at_the_limit_is_no_fault():
    body = b"User-agent: *\nDisallow: /x\n" + b"Sitemap: " + "é".encode() * MAX_PARSED
    for shift in range(2):
        rules = read_rules(200, b"\n" * shift + body)
        assert not rules.unknown
        assert not rules.allows("http://a.example/x")


def test_wildcards_without_end_do_not_hang():
    rules = read_rules(200, b"User-agent: *\nDisallow: /" + b"*a" * 5000 + b"b\n")
    began = time.monotonic()
    assert rules.allows("http://a.example/" + "a" * 2000)
    assert time.monotonic() - began < 10  # a guard against catastrophic patterns, no timing


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("Crawl-delay: 3", 3.0),
        ("Crawl-delay: 1e9", 1e9),
        ("Crawl-delay: -5", 0.0),
        ("Crawl-delay: nan", 0.0),
        ("Crawl-delay: soon", 0.0),
        ("Request-rate: 1/10", 10.0),
        ("Crawl-delay: 2\nRequest-rate: 1/10", 10.0),
    ],
)
def test_delay_that_a_host_asks_for(text, delay):
    assert read_rules(200, f"User-agent: *\n{text}\n".encode()).delay == delay


def test_crawl_delay_is_kept_and_absurd_ones_skip_the_source():
    """Fault 25, in real seconds."""
    delays = {"gap": "0.6", "absurd": "1e9", "just": "60.5"}
    with serving() as server:
        for name, delay in delays.items():
            server.routes[f"{name}.example", "/robots.txt"] = Reply(f"User-agent: *\nCrawl-delay: {delay}\n", kind="text/plain")
            server.routes[f"{name}.example", "*"] = links()
        server.routes["own.example", "*"] = links()
        sources = {
            name: source(f"{name}.example:{server.port}", api=True, pace={"delay": 0.1, "concurrency": 4}) for name in (*delays, "own")
        }
        sources["own"]["pace"] = {"delay": 0.2, "concurrency": 4}
        starts = [{"url": f"http://{name}.example:{server.port}/{n}", "source": name} for name in sources for n in range(4)]
        crawl = run_crawl(sources, starts, settings={"TEMBUS_WAIT_SCALE": 1.0})
        for name, least in (("gap", 0.6), ("own", 0.2)):
            times = [asked.at for asked in server.seen(f"{name}.example", robots=True)]
            gaps = [after - before for before, after in itertools.pairwise(times)]
            assert len(times) == 5
            assert min(gaps) > least * 0.6, gaps  # the server's own thread may be late
            assert times[-1] - times[0] > least * 4 * 0.95
        for name in ("absurd", "just"):
            assert server.paths(f"{name}.example") == []
            assert crawl.stop(name) == "crawl_delay_absurd"
        assert crawl.stop("gap") is None


def test_rules_are_read_again_and_obeyed_when_they_change():
    """Fault 26: with rules that grow old after 0.3 s instead of 24 h."""
    changes = iter(["User-agent: *\nDisallow:\n"])

    def rules(asked: Asked) -> Reply:
        return Reply(next(changes, SHUT), kind="text/plain")

    with serving() as server:
        server.routes["a.example", "/robots.txt"] = rules
        server.routes["a.example", "*"] = lambda asked: links(f"/{int(asked.path[1:]) + 1}")
        crawl = run_crawl(
            {"a": source(f"a.example:{server.port}", pace={"delay": 10.0})},
            [{"url": f"http://a.example:{server.port}/1"} | {"source": "a"}],
            settings={"TEMBUS_ROBOTS_MAX_AGE": 0.3},
        )
        paths = server.paths("a.example", robots=True)
    assert paths.count("/robots.txt") == 2
    assert paths[-1] == "/robots.txt"
    assert 2 <= len(paths) - 2 <= 6
    assert crawl.stat("a", "robots_refused") == 1


def test_a_documented_api_goes_by_its_own_terms_where_the_passport_says_why():
    reason = "its terms allow automated calls"
    with serving() as server:
        for name in ("terms", "strict", "down"):
            server.routes[f"{name}.example", "/robots.txt"] = Reply(status=500) if name == "down" else Reply(SHUT, kind="text/plain")
            server.routes[f"{name}.example", "*"] = Reply("{}", kind="application/json")
        hosts = {name: f"{name}.example:{server.port}" for name in ("terms", "strict", "down")}
        sources = {
            "terms": source(hosts["terms"], api=True, api_robots=reason, pace={"delay": 0.1}),
            "strict": source(hosts["strict"], api=True, pace={"delay": 0.1}),
            "down": source(hosts["down"], api=True, api_robots=reason, pace={"delay": 0.1}),
            "page": source(hosts["terms"], api_robots=reason),
        }
        starts = [{"url": f"http://{each['hosts'][0]}/v1/{name}", "source": name} for name, each in sources.items()]
        crawl = run_crawl(sources, starts)
        assert server.paths("terms.example") == ["/v1/terms"]
        assert server.paths("down.example") == ["/v1/down"]
        assert server.paths("strict.example") == []
    assert crawl.stat("terms", "robots_api_terms") == 1
    assert crawl.stat("strict", "robots_refused") == 1
    assert crawl.stat("page", "robots_refused") == 1
