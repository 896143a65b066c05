"""`crawl` as the operator starts it: real processes against a loopback shop, from the first night to the night it breaks."""

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from market_db.home import open_home
from market_db.rows import read_rows
from market_db.schema import open_market
from scripts.crawl import crawl, source_cards
from scripts.nothing_to_crawl import NoNetwork, NothingToCrawl, UnknownSource
from spiders.archive_errors import NotAWarc
from spiders.warc_answers import open_answer

SPEC = importlib.util.spec_from_file_location("hostile_server", Path(__file__).with_name("hostile_server.py"))
hostile = sys.modules.setdefault("hostile_server", importlib.util.module_from_spec(SPEC))
SPEC.loader.exec_module(hostile)

PRODUCTS = {
    "products": [
        {
            "id": number,
            "title": title,
            "handle": title.lower().replace(" ", "-"),
            "body_html": "<p>Pedas &amp; enak</p>",
            "vendor": "Contoh",
            "product_type": kind,
            "tags": [],
            "variants": [{"id": 1, "price": price, "compare_at_price": None, "available": True, "sku": "s", "grams": 340}],
        }
        for number, (title, kind, price) in enumerate([("Sambal Oelek 340 g", "Sauce", "3.49"), ("Sambal Bajak 340 g", "Sauce", "3.99")])
    ]
}


def shop_home(folder, port, family="shopify"):
    home = open_home(folder / "home", {})
    home.make()
    home.sites.mkdir()
    row = [
        "[[site]]",
        'id = "loop"',
        f'url = "http://127.0.0.1:{port}/"',
        f'family = "{family}"',
        'seller = "Toko Contoh"',
        'country = "NL"',
        'currency = "EUR"',
        'lang = "nl"',
        'role = "retailer"',
        'basis = "test"',
        "tos_checked = 2026-11-25",
        "enabled = true",
        f'hosts = ["127.0.0.1:{port}"]',
    ]
    (home.sites / "loop.toml").write_text("\n".join(row), "utf-8")
    (home.root / "tembus.toml").write_text(f'contact = "operator@kantor.example"\nallow_private = ["127.0.0.1:{port}"]\n', "utf-8")
    return open_home(home.root, {})


def night(home, **more):
    return crawl(home, ["shopify:loop"], **more)[0]


def rows(home, sql):
    db = open_market(home)
    try:
        return list(read_rows(db, sql))
    finally:
        db.close()


def test_nights_of_a_shop(tmp_path):
    with hostile.serving() as server:
        home = shop_home(tmp_path, server.port)
        catalogue = hostile.Reply(json.dumps(PRODUCTS), headers={"ETag": '"v1"'}, kind="application/json")
        empty = hostile.Reply('{"products": []}', kind="application/json")

        def products(asked):
            if "page=1" not in asked.path:
                return empty
            return hostile.Reply(status=304) if asked.headers.get("if-none-match") == '"v1"' else catalogue

        server.routes["/products.json"] = products

        first = night(home)
        assert (first.verdict, first.stored_new, first.adds_up) == ("ok", 2, True)
        agent = server.seen("127.0.0.1")[0].headers["user-agent"]
        assert "Tembus" in agent
        assert "operator@kantor.example" in agent
        assert server.paths("127.0.0.1", robots=True)[0] == "/robots.txt"

        proof = rows(home, "select e.* from evidence e join listings l on l.evidence_id = e.id limit 1")[0]
        answer, _ = open_answer(home.archive, proof["archive_file"], proof["archive_offset"])
        assert json.loads(answer.body) == PRODUCTS

        second = night(home)
        assert (second.verdict, second.stored_new, second.unchanged, second.not_modified) == ("ok", 0, 2, 1)

        server.routes["/products.json"] = hostile.Reply("<html><h1>We are rebuilding</h1></html>", kind="text/html")
        server.routes["/sitemap.xml"] = hostile.Reply(status=404)
        third = night(home)
        assert third.verdict == "broken"
        assert len(rows(home, "select id from listings")) == 2, "a broken night deletes nothing"

        before = len(server.seen("127.0.0.1"))
        server.routes["/products.json"] = hostile.Reply("no", status=403)
        fourth = night(home)
        assert fourth.verdict == "blocked"
        assert len(server.seen("127.0.0.1")) == before + 1, "asked once, never with a second identity"


def test_what_cannot_be_crawled_says_so_and_creates_nothing(tmp_path):
    home = open_home(tmp_path / "home", {})
    with pytest.raises(UnknownSource, match="nowhere"):
        crawl(home, ["nowhere"])
    with pytest.raises(NothingToCrawl, match="contact"):
        crawl(home, ["un_comtrade"])
    with pytest.raises(NoNetwork, match="no network"):
        crawl(replace(home, config=replace(home.config, contact="tembus@kantor.example")), ["un_comtrade"])
    with pytest.raises(NothingToCrawl, match="sambal-toko"):
        crawl(home, ["shopify:sambal-toko"])
    assert not home.root.exists()


def test_without_a_contact_address_nobody_is_asked(tmp_path):
    with hostile.serving() as server:
        home = shop_home(tmp_path, server.port)
        (home.root / "tembus.toml").write_text(f'allow_private = ["127.0.0.1:{server.port}"]\n', "utf-8")
        with pytest.raises(NothingToCrawl, match="contact"):
            night(open_home(home.root, {}))
        assert server.asked == []


def test_the_register_shows_why_a_source_is_off(tmp_path):
    cards = {card.name: card for card in source_cards(open_home(tmp_path / "home", {}))}
    assert cards["un_comtrade"].enabled
    assert cards["un_comtrade"].terms_read == "2026-11-25"
    assert not any("sample" in card.basis for card in cards.values())


def product(name, more=""):
    offer = {"@type": "Offer", "price": "3.49", "priceCurrency": "EUR"}
    data = json.dumps({"@context": "https://schema.org", "@type": "Product", "name": name, "offers": offer})
    return hostile.Reply(f'<html lang="nl"><script type="application/ld+json">{data}</script><h1>x</h1>{more}</html>')


def test_an_own_recording_handed_in_shows_the_same_records_of_the_same_source(tmp_path):
    with hostile.serving() as server:
        home = shop_home(tmp_path, server.port)
        server.routes["/products.json"] = hostile.Reply(json.dumps(PRODUCTS), kind="application/json")
        assert night(home).stored_new == 2
    seen = "select id, source, last_seen, currency, country from listings"
    before = rows(home, seen)
    (warc,) = home.archive.glob("*.warc.gz")
    runs = {run.source: run for run in crawl(home, replay=[warc])}
    assert set(runs) == {"archive", "shopify:loop"}
    again = runs["shopify:loop"]
    assert (again.verdict, again.unchanged, again.stored_new, again.stored_changed, again.rejected) == ("ok", 2, 0, 0, 0)
    assert rows(home, seen) == before


def test_a_recording_without_answers_is_refused_with_its_reason(tmp_path):
    home = open_home(tmp_path / "home", {})
    empty = tmp_path / "empty.warc.gz"
    empty.write_bytes(b"")
    with pytest.raises(NotAWarc, match="empty"):
        crawl(home, replay=[empty])
    assert not home.root.exists()


def test_a_shop_that_shuts_all_robots_out_is_asked_for_robots_txt_once_and_is_not_broken(tmp_path):
    with hostile.serving() as server:
        home = shop_home(tmp_path, server.port, family="structured")
        server.routes["/robots.txt"] = hostile.Reply("User-agent: *\nDisallow: /\n", kind="text/plain")
        run = crawl(home, ["structured:loop"])[0]
        assert (run.verdict, run.answers) == ("robots", 0)
        assert "refused all" in run.why
        assert server.paths("127.0.0.1", robots=True) == ["/robots.txt"]


def test_a_shop_that_moved_says_where_to(tmp_path):
    with hostile.serving() as server:
        home = shop_home(tmp_path, server.port, family="structured")
        server.routes["*"] = hostile.Reply(status=301, headers={"Location": "https://moved.example/"})
        server.routes["/robots.txt"] = hostile.Reply("", kind="text/plain")
        server.routes["/sitemap.xml"] = server.routes["*"]
        run = crawl(home, ["structured:loop"])[0]
        assert run.verdict == "broken"
        assert "moved.example" in run.why
        assert "hosts of its row" in run.why
        (issue,) = rows(home, "select detail, count from issues where kind='led_elsewhere'")
        assert "/sitemap.xml leads to another place: host moved.example:443" in issue["detail"]


def test_one_page_behind_a_wall_breaks_no_shop(tmp_path):
    with hostile.serving() as server:
        home = shop_home(tmp_path, server.port, family="structured")
        here = f"http://127.0.0.1:{server.port}"
        paths = [f"/p/sambal-{n}" for n in range(6)]
        locs = "".join(f"<url><loc>{here}{path}</loc></url>" for path in paths)
        server.routes["/sitemap.xml"] = hostile.Reply(f"<urlset>{locs}</urlset>", kind="application/xml")
        server.routes |= {path: product(f"Sambal {path}") for path in paths}
        server.routes[paths[0]] = hostile.Reply("<div>" * 100_000)
        run = crawl(home, ["structured:loop"])[0]
        assert (run.verdict, run.stored_new) == ("ok", 5)
        assert rows(home, "select kind from issues") == [{"kind": "bad_answer"}]


def test_a_hostile_shop_gets_nothing_through(tmp_path):
    with hostile.serving() as server:
        home = shop_home(tmp_path, server.port, family="structured")
        here = f"http://127.0.0.1:{server.port}"
        paths = ["/p/sambal-formula", "/p/sambal-bidi", "/p/sambal-away", "/p/sambal-gone"]
        foreign = ["http://169.254.169.254/sambal", "https://evil.example/p/sambal", "file:///etc/passwd"]
        locs = "".join(f"<url><loc>{url}</loc></url>" for url in [*(here + path for path in paths), *foreign])
        server.routes |= {
            "/robots.txt": hostile.Reply(f"User-agent: *\nDisallow: /cart\nSitemap: {here}/sitemap.xml\n", kind="text/plain"),
            "/sitemap.xml": hostile.Reply(f"<urlset>{locs}</urlset>", kind="application/xml"),
            "/p/sambal-formula": product("=HYPERLINK(1) Sambal", '<a href="/contact">Contact</a>'),
            "/p/sambal-bidi": product("Sambal \u202e\u0000\ud800 Oelek"),
            "/p/sambal-away": hostile.Reply(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"}),
            "/contact": hostile.Reply(
                "<html><h1>Contact</h1><p>Toko Contoh B.V., Kade 1, 3012 AA Rotterdam, Nederland</p>"
                '<a href="mailto:jan.jansen@127-toko.nl">Jan</a> <a href="mailto:info@127-toko.nl">info@127-toko.nl</a> 010 123 45 67</html>'
            ),
        }
        run = crawl(home, ["structured:loop"])[0]
        assert run.adds_up
        assert {asked.host for asked in server.asked} == {"127.0.0.1"}
        names = [row["name"] for row in rows(home, "select name from listings order by name")]
        assert names == ["=HYPERLINK(1) Sambal", "Sambal Oelek"]
        held = b"".join(path.read_bytes() for path in home.root.glob("market.db*"))
        assert b"jansen" not in held
        assert b"info@127-toko.nl" in held
