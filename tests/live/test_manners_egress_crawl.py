"""The fence against redirects, names and numbers that lead elsewhere: faults 28 to 31."""

from datetime import date

import pytest
from twisted.internet.address import IPv4Address

from spiders.manners.egress import FencedResolver, is_public, refusal
from spiders.source import Source
from tests.live.crawling import run_crawl, source
from tests.live.hostile_server import Asked, Reply, links, serving

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
NOT_PUBLIC = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "0.0.0.0", "0.1.2.3",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "192.0.2.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::1",
    "2001:db8::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.88.99.1", "no address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address):
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_never_connected_to(address):
    assert not is_public(address)


PASSPORT = Source(
    title="Loopback (contoh)", publisher="Tembus tests", home="http://shop.example/", licence="none", attribution="none",
    terms_url="http://shop.example/terms", terms_read=date(2026, 11, 25), basis="our own",
    hosts=("shop.example", "*.cdn.example", "api.example:8443", "bücher.example", "127.0.0.1", "2130706433", "0x7f.1", "93.184.215.14", "017700000001"),
    post_hosts=("api.example:8443",),
)  # fmt: skip
LETS_PASS = [
    ("GET", "http://shop.example/"), ("GET", "https://SHOP.example./x"), ("HEAD", "https://shop.example:443/"), ("GET", "http://a.cdn.example/"),
    ("GET", "https://a.b.cdn.example/"), ("GET", "https://api.example:8443/"), ("POST", "https://api.example:8443/"),
    ("GET", "https://xn--bcher-kva.example/"), ("GET", "https://93.184.215.14/"),
]  # fmt: skip
REFUSES = [
    ("GET", "http://other.example/", "host"), ("GET", "http://shop.example.evil.example/", "host"), ("GET", "http://evilshop.example/", "host"),
    ("GET", "http://cdn.example/", "host"), ("GET", "http://evilcdn.example/", "host"), ("GET", "http://shop.example:8080/", "host"),
    ("GET", "https://shop.example:80/", "host"), ("GET", "https://api.example/", "host"), ("GET", "ftp://shop.example/", "scheme"),
    ("GET", "file:///etc/passwd", "scheme"), ("GET", "data:text/html,x", "scheme"), ("GET", "javascript:alert(1)", "scheme"),
    ("GET", "http:///x", "scheme"), ("GET", "http://shop.example@evil.example/", "user name"), ("GET", "http://u:p@shop.example/", "user name"),
    ("GET", "http://shop.example:99999/", "unreadable"), ("GET", "http://127.0.0.1/", "address"), ("GET", "http://2130706433/", "number"),
    ("GET", "http://0x7f.1/", "number"), ("GET", "http://017700000001/", "number"), ("GET", "http://[::1]/", "host"),
    ("POST", "http://shop.example/", "method"), ("PUT", "https://api.example:8443/", "method"), ("DELETE", "http://shop.example/", "method"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "url"), LETS_PASS)
def test_fence_lets_pass(method, url):
    assert refusal(url, method, PASSPORT) is None


@pytest.mark.parametrize(("method", "url", "why"), REFUSES)
def test_fence_refuses(method, url, why):
    assert (refusal(url, method, PASSPORT) or "").startswith(why)


def test_a_private_address_passes_only_with_its_port_in_the_configuration():
    assert refusal("http://127.0.0.1/", "GET", PASSPORT, {"127.0.0.1:80"}) is None
    assert refusal("http://127.0.0.1/", "GET", PASSPORT, {"127.0.0.1:81"})


SCHEMES = ["file:///etc/hostname", "data:text/html,<a>x</a>", "javascript:alert(1)", "ftp://away.example/x", "s3://away/x"]
NUMBERS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "10.0.0.1",
    "169.254.169.254",
    "[::1]",
    "[fd00::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
]
PRIVATE_NAMES = {
    "loop.example": ["127.0.0.1"],
    "lan.example": ["10.0.0.1"],
    "meta.example": ["169.254.169.254"],
    "six.example": ["::1"],
    "ula.example": ["fc00::1"],
    "mixed.example": ["93.184.215.14 127.0.0.1"],
}


@pytest.fixture(scope="module")
def crawled():
    """One crawl that a page, redirects and names try to lead astray; the same server listens on every forbidden place it can."""
    with serving() as server:
        port = server.port
        away = [
            *SCHEMES,
            *(f"http://{number}:{port}/stolen" for number in NUMBERS),
            f"http://other.example:{port}/stolen",
            f"//other.example:{port}/stolen",
        ]
        for at, target in enumerate(away):
            server.routes["shop.example", f"/to/{at}"] = Reply(status=302, headers={"Location": target})
        server.routes["shop.example", "/start"] = links(
            *(f"/to/{at}" for at in range(len(away))), *(f"http://{number}:{port}/stolen?nofilter" for number in NUMBERS)
        )
        server.routes["shop.example", "/refresh"] = Reply(
            f'<meta http-equiv="refresh" content="0;url=http://shop.example:{port}/refreshed"><p>{"sambal " * 300}'
        )
        server.routes["shop.example", "/loop"] = Reply(status=302, headers={"Location": "/loop?nofilter"})
        server.routes["shop.example", "/hop"] = _hop
        server.routes["shop.example", "/short"] = Reply(status=301, headers={"Location": "/goal"})
        server.routes["shop.example", "/goal"] = links()
        server.routes["shop.example", "/tosister"] = Reply(status=302, headers={"Location": f"http://sister.example:{port}/goal"})
        server.routes["sister.example", "/goal"] = links()
        for status in (301, 302, 303, 307, 308):
            server.routes["post.example", f"/away/{status}"] = Reply(
                status=status, headers={"Location": f"http://sister.example:{port}/posted"}
            )
            server.routes["post.example", f"/home/{status}"] = Reply(status=status, headers={"Location": f"/done/{status}"})
            server.routes["post.example", f"/done/{status}"] = Reply("{}", kind="application/json")
        for host in (*PRIVATE_NAMES, "127.0.0.1", "other.example", "localhost"):
            server.routes[host, "*"] = links()
        sources = {
            "shop": source(f"shop.example:{port}", f"sister.example:{port}", pace={"max_requests": 500}),
            "post": source(
                f"post.example:{port}", f"sister.example:{port}", post_hosts=[f"post.example:{port}"], api=True, pace={"delay": 0.1}
            ),
        }
        for name in PRIVATE_NAMES:  # robots does not decide here, so that the page itself is tried too
            sources[name] = source(f"{name}:{port}", api=True, api_robots="test", pace={"delay": 0.1})
        shop = f"http://shop.example:{port}"
        starts = [
            {"url": f"{shop}{path}", "source": "shop", "dont_filter": True}
            for path in ("/start", "/refresh", "/loop", "/hop?n=0", "/short")
        ]
        starts += [{"url": f"{shop}/tosister", "source": "shop", "headers": {"X-Api-Key": "secret"}}]
        for kind, status in ((kind, status) for kind in ("away", "home") for status in (301, 302, 303, 307, 308)):
            starts.append({"url": f"http://post.example:{port}/{kind}/{status}", "source": "post", "method": "POST", "body": "q=sambal"})
        starts += [{"url": f"http://{name}:{port}/stolen", "source": name, "dont_filter": True} for name in PRIVATE_NAMES]
        allowed = [f"{name}.example:{port}" for name in ("shop", "sister", "post")]
        settings = {"TEMBUS_ALLOW_PRIVATE": allowed, "DOWNLOAD_TIMEOUT": 5, "DNSCACHE_ENABLED": False}
        yield server, run_crawl(sources, starts, names=PRIVATE_NAMES, settings=settings)


def _hop(asked: Asked) -> Reply:
    n = int(asked.path.partition("n=")[2])
    return Reply(status=302, headers={"Location": f"/hop?n={n + 1}"}) if n < 21 else links()


@pytest.mark.parametrize("host", [*PRIVATE_NAMES, "other.example", "127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "127.1"])
def test_nothing_reached_a_place_outside_the_fence(crawled, host):
    server, _ = crawled
    assert server.seen(host, robots=True) == []


def test_every_way_out_was_refused_and_counted(crawled):
    server, crawl = crawled
    assert not any("stolen" in asked.path for asked in server.asked)
    assert len([path for path in server.paths("shop.example") if path.startswith("/to/")]) == len(SCHEMES) + len(NUMBERS) + 2
    assert crawl.stat("shop", "refused/fence") >= len(NUMBERS) * 2 + 1  # the two ways to other.example are one address
    assert crawl.stat("shop", "refused/redirect") == len(SCHEMES) + 2  # schemes, the loop, 21 hops
    assert crawl.stop("shop") is None


@pytest.mark.parametrize("name", PRIVATE_NAMES)
def test_names_that_lead_to_private_addresses_are_refused_when_connecting(crawled, name):
    _, crawl = crawled
    assert crawl.stat(name, "refused/fence") == 2  # robots.txt and the page
    assert crawl.items_of(name) == []


class Receiver:
    """What Twisted hands to a resolver: keeps the addresses it may connect to."""

    def __init__(self):
        self.addresses, self.complete = [], False

    def resolutionBegan(self, resolution):
        self.resolution = resolution

    def addressResolved(self, address):
        self.addresses.append(address.host)

    def resolutionComplete(self):
        self.complete = True


class Names:
    """A reactor whose name server changes its answer each time."""

    def __init__(self, *answers):
        self.nameResolver, self.answers = self, list(answers)

    def resolveHostName(self, receiver, hostName, portNumber=0, addressTypes=None, transportSemantics="TCP"):
        receiver.resolutionBegan(None)
        for address in self.answers.pop(0):
            receiver.addressResolved(IPv4Address("TCP", address, portNumber))
        receiver.resolutionComplete()
        return receiver


def test_a_name_that_changes_its_address_is_refused_at_the_second_connection():
    resolver = FencedResolver(Names(["93.184.215.14"], ["127.0.0.1"], ["93.184.215.14"]), 0, ["home.example:80"])
    got = []
    for _ in range(3):
        receiver = Receiver()
        resolver.resolveHostName(receiver, "rebind.example", 80)
        assert receiver.complete
        got.append(receiver.addresses)
    assert got == [["93.184.215.14"], [], ["93.184.215.14"]]


def test_a_cached_address_passes_the_same_sieve():
    resolver = FencedResolver(Names(["10.0.0.1"]), 100)
    for port in (80, 443):
        receiver = Receiver()
        resolver.resolveHostName(receiver, "cached-rebind.example", port)
        assert receiver.addresses == []
        assert resolver.refused["cached-rebind.example", port] == "10.0.0.1"


def test_redirects_end_at_five(crawled):
    server, _ = crawled
    assert [path for path in server.paths("shop.example") if path.startswith("/hop")] == [f"/hop?n={n}" for n in range(6)]
    assert len([path for path in server.paths("shop.example") if path.startswith("/loop")]) == 6


def test_redirects_inside_the_fence_are_followed_without_keys(crawled):
    server, crawl = crawled
    assert "/goal" in server.paths("shop.example")
    (goal,) = [asked for asked in server.seen("sister.example") if asked.path == "/goal"]
    assert "x-api-key" not in goal.headers
    assert [asked.headers.get("x-api-key") for asked in server.seen("shop.example") if asked.path == "/tosister"] == ["secret"]
    assert any(item["url"].endswith(f"sister.example:{server.port}/goal") for item in crawl.items_of("shop"))


def test_meta_refresh_is_not_followed(crawled):
    server, _ = crawled
    assert "/refresh" in server.paths("shop.example")
    assert "/refreshed" not in server.paths("shop.example")


def test_post_never_goes_to_another_host(crawled):
    server, crawl = crawled
    assert "/posted" not in server.paths("sister.example")
    done = {asked.path: (asked.method, asked.body) for asked in server.seen("post.example") if asked.path.startswith("/done")}
    assert done == {f"/done/{status}": ("POST", b"q=sambal") if status > 303 else ("GET", b"") for status in (301, 302, 303, 307, 308)}
    assert crawl.stat("post", "refused/redirect") == 5


def test_no_cookies_and_no_referer(crawled):
    server, _ = crawled
    assert not any({"cookie", "referer", "authorization"} & set(asked.headers) for asked in server.asked)
