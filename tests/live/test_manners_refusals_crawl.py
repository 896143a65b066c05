"""Walls and pages that only look like walls: fault 36, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.manners.refusals import visible_text, wall_of
from tests.live.crawling import run_crawl, source
from tests.live.hostile_server import Reply, links, serving

TEXT = "Sambal oelek, hot and fresh, 200 g jar, imported from Indonesia. " * 40
WALLS = {
    "cloudflare": '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={cvId:"3"}</script><noscript>Enable JavaScript and cookies to continue</noscript></body></html>',
    "cloudflare1020": "<html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1></body></html>",
    "datadome": '<html><head><title>shop.example</title></head><body><p id="cmsg">Please enable JS and disable any ad blocker</p><script>var dd={"rt":"c","host":"geo.captcha-delivery.com"}</script><script src="https://ct.captcha-delivery.com/c.js"></script></body></html>',
    "perimeterx": '<html><head><title>Access to this page has been denied</title></head><body><div id="px-captcha"></div>Press &amp; Hold to confirm</body></html>',
    "imperva": "<html><head><title>Pardon Our Interruption</title></head><body>As you were browsing something about your browser made us think you were a bot.</body></html>",
    "incapsula": '<html><body><iframe src="/_Incapsula_Resource?x">Request unsuccessful. Incapsula incident ID: 123-456</iframe></body></html>',
    "akamai": "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>Reference #18.2 https://errors.edgesuite.net/18.2</BODY></HTML>",
    "awswaf": "<html><head><script>window.gokuProps = {}</script></head><body><div id=challenge-container></div></body></html>",
    "sucuri": "<html><title>Sucuri WebSite Firewall - Access Denied</title><body>Block reason</body></html>",
    "recaptcha": '<html><title>shop.example</title><body><form method=post><div class="g-recaptcha" data-sitekey=x></div><input type=submit></form></body></html>',
    "turnstile": '<html><title>One more step</title><form><div class="box cf-turnstile"></div></form></html>',
    "image": '<html><title>Robot Check</title><form><img src="/captcha/x.jpg"><input name="captcha"></form>Enter the characters you see below</html>',
    "human": "<html><h1>Please verify you are human</h1></html>",
    "chinese": "<html><title>安全验证</title><body>请完成安全验证后继续访问</body></html>",
    "google": "<html><title>Sorry...</title><body>Our systems have detected unusual traffic from your computer network.</body></html>",
    "login": '<html><title>Log in - Trade Portal</title><form action=/login><input name=user><input type="password" name=p></form></html>',
    "logingerman": "<html><title>Händlerbereich: Anmelden</title><form><input type=password></form></html>",
    "loginjapanese": "<html><title>ログイン | 卸売</title><form><input type='password'></form></html>",
    "shopclosed": '<html><title>Opening Soon</title><form><input type="password" name="password"></form></html>',
    "consent": "<html><title>Before you continue to the site</title><form><button>Accept all</button></form></html>",
    "consentgerman": "<html><title>Cookie-Einwilligung</title><form><button>Alle akzeptieren</button></form></html>",
}
PAGES = {
    "newsletter": f'<html><title>Sambal Shop</title><p>{TEXT}</p><form><input name=email><div class="g-recaptcha"></div></form><script src="https://www.google.com/recaptcha/api.js"></script></html>',
    "contact": f'<html><title>Contact us</title><p>{TEXT}</p><form><input name="captcha"><img src="/captcha.png"></form></html>',
    "loginlink": f'<html><title>Shop</title><a href="/login">Log in</a><p>{TEXT}</p></html>',
    "loginpopup": f'<html><title>Sambal - Sign in for prices</title><form id=popup><input type="password"></form><p>{TEXT}</p></html>',
    "tiny": '<html><title>Sambal</title><a href="/login">Log in</a><p>IDR 15.000</p></html>',
    "spashell": '<html><title>Toko Sambal</title><div id=root></div><script src="https://www.google.com/recaptcha/api.js?render=x"></script></html>',
    "cfscript": f'<html><title>Shop</title><p>{TEXT}</p><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script></html>',
    "ddscript": f'<html><head><title>Shop</title><link rel=preconnect href="https://geo.captcha-delivery.com/"><script src="https://js.datadome.co/tags.js"></script></head><p>{TEXT}</p></html>',
    "incapscript": f'<html><title>Shop</title><script src="/_Incapsula_Resource?SWJIYLWA=1"></script><p>{TEXT}</p></html>',
    "cookiebanner": f"<html><title>Shop</title><div id=banner>We value your privacy. Accept cookies?</div><p>{TEXT}</p></html>",
    "security": f"<html><title>Hot sauce and access denied: a story</title><p>{TEXT}</p></html>",
    "masuk": "<html><title>Barang masuk hari ini</title><p>Sambal, kecap, terasi</p></html>",
    "empty": "",
    "inlinecss": f"<html><title>Shop</title><style>{'a{b:c}' * 20_000}</style><div class='g-recaptcha'></div><p>{TEXT}</p></html>",
}


@pytest.mark.parametrize("name", WALLS)
def test_walls(name):
    assert wall_of(WALLS[name].encode())


@pytest.mark.parametrize("name", PAGES)
def test_pages_that_are_no_walls(name):
    assert wall_of(PAGES[name].encode()) is None


@pytest.mark.parametrize("headers", [{"cf-mitigated": "challenge"}, {"x-amzn-waf-action": "captcha"}])
def test_gatekeepers_that_say_so_in_a_header(headers):
    assert wall_of(b"", headers)


def test_real_pages_of_shops_and_directories_are_no_walls(corpus):
    pages = sorted(corpus.rglob("*.html"))
    walls = {page.name: wall for page in pages if (wall := wall_of(page.read_bytes()))}
    assert len(pages) > 50
    assert walls == {}


@given(st.text(alphabet="<>/scriptyle \"'=a", max_size=2000))
def test_visible_text_never_fails(html):
    assert len(visible_text(html)) <= len(html) + 2000


@pytest.mark.parametrize("piece", ["<script", "<", "<a ", "<input ", "<img ", "</script>", "<title>", "class='"])
def test_no_page_takes_long(piece):
    import time

    began = time.monotonic()
    wall_of((piece * 70_000).encode()[:200_000])
    assert time.monotonic() - began < 10  # a guard against catastrophic patterns, no timing


STATUSES = {
    "status401": (Reply("login", status=401), {}, "blocked"),
    "key401": (Reply("{}", status=401, kind="application/json"), {"key_env": "TEMBUS_TEST_KEY", "api": True}, "needs_key"),
    "status407": (Reply("proxy", status=407), {}, "blocked"),
    "status451": (Reply("law", status=451), {}, "blocked"),
    "challenge503": (Reply(WALLS["cloudflare"], status=503), {}, "blocked"),
    "challenge429": (Reply(WALLS["perimeterx"], status=429), {}, "blocked"),
    "apichallenge": (Reply(WALLS["datadome"], status=403), {"api": True, "retry_403": 5}, "blocked"),
    "redirected": (
        lambda asked: Reply(WALLS["login"]) if asked.path == "/login" else Reply(status=302, headers={"Location": "/login?next=/"}),
        {},
        "blocked",
    ),
    "closedshop": (
        lambda asked: Reply(WALLS["shopclosed"]) if asked.path == "/password" else Reply(status=302, headers={"Location": "/password"}),
        {},
        "blocked",
    ),
}


@pytest.fixture(scope="module")
def crawled():
    """One crawl: every wall with status 200 and every wall by status, three pages asked of each."""
    with serving() as server:
        routes = (
            {name: (Reply(html), {}, "blocked") for name, html in WALLS.items()}
            | STATUSES
            | {name: (Reply(html), {}, None) for name, html in PAGES.items()}
        )
        routes["account"] = (
            lambda asked: Reply(status=302, headers={"Location": "/login"}) if asked.path == "/account" else links("/account"),
            {},
            None,
        )
        routes["json"] = (Reply('{"title": "Just a moment..."}', kind="application/json"), {}, None)
        for name, (route, _, _) in routes.items():
            server.routes[f"{name}.example", "*"] = route
        sources = {name: source(f"{name}.example:{server.port}", **fields) for name, (_, fields, _) in routes.items()}
        starts = [{"url": f"http://{name}.example:{server.port}/{n}", "source": name} for name in routes for n in range(3)]
        yield (
            server,
            run_crawl(sources, starts, settings={"CONCURRENT_REQUESTS": 500}),
            {name: stop for name, (_, _, stop) in routes.items()},
        )


@pytest.mark.parametrize("name", [*WALLS, *STATUSES])
def test_a_wall_stops_the_source_and_brings_nothing(crawled, name):
    server, crawl, stops = crawled
    assert crawl.stop(name) == stops[name]
    assert crawl.items_of(name) == []
    assert len(server.seen(f"{name}.example")) == 1


@pytest.mark.parametrize("name", [*PAGES, "json"])
def test_an_ordinary_page_is_read(crawled, name):
    _, crawl, _ = crawled
    assert crawl.stop(name) is None
    assert len([item for item in crawl.items_of(name) if item["url"].rpartition("/")[2] in "012"]) == 3


def test_an_account_link_does_not_stop_a_shop(crawled):
    server, crawl, _ = crawled
    assert crawl.stop("account") is None
    assert "/login" not in server.paths("account.example")
    assert crawl.stat("account", "refused/login") == 1
    assert len(crawl.items_of("account")) == 3
