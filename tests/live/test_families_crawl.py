"""Shop families as the operator starts them: real processes, manners and archive against a loopback shop."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from market_db.home import Home, open_home
from market_db.rows import read_rows
from market_db.schema import open_market
from scripts.capture import capture
from scripts.crawl import crawl
from tests.live.hostile_server import Asked, HostileServer, Reply, serving

DETAIL = {"@type": "Product", "name": "Sambal Trassi 200 g", "offers": {"price": "2.75", "priceCurrency": "EUR", "availability": "InStock"}}


def shop_home(folder: Path, port: int, family: str, more: str = "") -> Home:
    home = open_home(folder / "home", {})
    home.make()
    home.sites.mkdir()
    row = f"""
[[site]]
id = "loop"
url = "http://127.0.0.1:{port}/"
family = "{family}"
seller = "Toko Contoh"
country = "NL"
lang = "nl"
role = "retailer"
basis = "test"
tos_checked = 2026-11-25
enabled = true
hosts = ["127.0.0.1:{port}"]
[site.search]
keywords = ["sambal"]
{more}
"""
    (home.sites / "loop.toml").write_text(row, "utf-8")
    (home.root / "tembus.toml").write_text(f'contact = "operator@kantor.example"\nallow_private = ["127.0.0.1:{port}"]\n', "utf-8")
    return open_home(home.root, {})


def names(home: Home) -> list[str]:
    db = open_market(home)
    try:
        return sorted(row["name"] for row in read_rows(db, "select name from listings"))
    finally:
        db.close()


def visited(server: HostileServer) -> list[str]:
    return [f"{asked.method} {asked.path.partition('?')[0]}" for asked in server.seen("127.0.0.1")]


def test_woo_by_its_store_api(tmp_path: Path) -> None:
    def products(asked: Asked) -> Reply:
        page = int(parse_qs(urlsplit(asked.path).query)["page"][0])
        prices = {"price": "349", "currency_code": "EUR", "currency_minor_unit": 2}
        rows = [{"id": n, "name": f"Sambal {n}", "permalink": f"http://127.0.0.1/p/{n}", "prices": prices} for n in range(101)]
        headers = {"X-WP-Total": "101", "X-WP-TotalPages": "2"}
        return Reply(json.dumps(rows[(page - 1) * 100 : page * 100]), headers=headers, kind="application/json")

    with serving() as server:
        server.routes["/wp-json/wc/store/v1/products"] = products
        home = shop_home(tmp_path, server.port, "woo")
        (run,) = crawl(home, ["woo:loop"])
        assert (run.verdict, run.scraped, run.adds_up) == ("ok", 101, True)
        assert visited(server) == ["GET /wp-json/wc/store/v1/products"] * 2
        assert len(names(home)) == 101
        kept = capture(home, "woo:loop", tmp_path / "case", rows=3)
        assert (kept.records, json.loads((tmp_path / "case/expected.json").read_text("utf-8"))[0]["name"]) == (3, "Sambal 0")
        server.routes["/wp-json/wc/store/v1/products"] = Reply("[]", headers={"X-WP-Total": "0"}, kind="application/json")
        (run,) = crawl(home, ["woo:loop"])
        assert (run.verdict, run.scraped) == ("thin", 0), "none today where 101 are usual"
        server.routes["/wp-json/wc/store/v1/products"] = Reply('{"code": "rest_not_logged_in"}', status=401, kind="application/json")
        (run,) = crawl(home, ["woo:loop"])
        assert run.verdict == "blocked"
        assert "401" in run.why


def test_magento_by_post_and_replayed(tmp_path: Path) -> None:
    money = {"value": 3.5, "currency": "EUR"}
    between = {"minimum_price": {"regular_price": money, "final_price": money}}
    items = [{"sku": f"S{n}", "name": f"Sambal {n}", "url_key": f"sambal-{n}", "url_suffix": "", "price_range": between} for n in range(3)]
    found = {"total_count": 3, "page_info": {"current_page": 1, "total_pages": 1}, "items": items}
    with serving() as server:
        server.routes["/graphql"] = lambda asked: Reply(
            json.dumps({"data": {"products": found}}) if asked.headers.get("store") == "nl_NL" else "wrong store", kind="application/json"
        )
        home = shop_home(tmp_path, server.port, "magento", '[site.magento]\nstore = "nl_NL"')
        (run,) = crawl(home, ["magento:loop"])
        assert (run.verdict, run.stored_new) == ("ok", 3)
        assert visited(server) == ["POST /graphql"]
        (again,) = crawl(home, ["magento:loop"], replay=list(home.archive.glob("*.warc.gz")))
        assert (again.scraped, again.unchanged, len(visited(server))) == (3, 3, 1)


def test_search_from_the_front_page_and_its_sitemap_where_robots_is_against_the_search(tmp_path: Path) -> None:
    page = f'<html lang="nl"><script type="application/ld+json">{json.dumps(DETAIL)}</script><h1>Sambal Trassi 200 g</h1></html>'
    with serving() as server:
        here = f"http://127.0.0.1:{server.port}"
        server.routes["/"] = Reply('<form action="/zoeken" role="search"><input type="search" name="q"></form>')
        server.routes["/zoeken"] = Reply('<a href="/p/sambal-trassi">Sambal Trassi 200 g</a>')
        server.routes["/p/sambal-trassi"] = Reply(page)
        home = shop_home(tmp_path, server.port, "search")
        (run,) = crawl(home, ["search:loop"])
        assert (run.verdict, names(home)) == ("ok", ["Sambal Trassi 200 g"])
        assert visited(server) == ["GET /", "GET /zoeken", "GET /p/sambal-trassi"]

        server.asked.clear()
        server.routes["/robots.txt"] = Reply(f"User-agent: *\nDisallow: /zoeken\nSitemap: {here}/s.xml\n", kind="text/plain")
        server.routes["/s.xml"] = Reply(f"<urlset><url><loc>{here}/p/sambal-trassi</loc></url></urlset>", kind="application/xml")
        (run,) = crawl(home, ["search:loop"])
        assert (run.verdict, run.scraped) == ("ok", 1)
        assert "GET /zoeken" not in visited(server)
        assert "GET /p/sambal-trassi" in visited(server)
        assert server.paths("127.0.0.1", robots=True).count("/robots.txt") == 1, "manners and sitemap search read the same answer"
        newest = max(home.archive.glob("*.warc.gz"), key=lambda path: path.stat().st_mtime)
        server.asked.clear()
        (again,) = crawl(home, ["search:loop"], replay=[newest])
        assert (again.scraped, server.asked) == (1, []), "one record of robots.txt is enough for a replay"


def test_directory_by_its_list_and_profiles_also_where_one_is_closed(tmp_path: Path) -> None:
    firms = [f"Sambal Import {name} Ltd" for name in ("North", "South", "West")]
    cards = "".join(f'<li class=f><h3><a href="/f/{n}">{firm}</a></h3><p>Tel. +44 20 7946 001{n}</p></li>' for n, firm in enumerate(firms))
    with serving() as server:
        server.routes["/l"] = Reply(f"<html lang=en><body><p>3 companies</p><ul>{cards}</ul></body></html>")
        for n, firm in enumerate(firms):
            server.routes[f"/f/{n}"] = Reply(f"<html lang=en><body><h1>{firm}</h1><p>City: London</p></body></html>")
        server.routes["/robots.txt"] = Reply("User-agent: *\nDisallow: /f/2\n", kind="text/plain")
        home = shop_home(tmp_path, server.port, "directory", f'[site.directory]\nstart = ["http://127.0.0.1:{server.port}/l"]')
        (run,) = crawl(home, ["directory:loop"])
        assert (run.verdict, run.scraped, run.stored_new, run.adds_up) == ("ok", 3, 3, True)
        assert sorted(visited(server)) == ["GET /f/0", "GET /f/1", "GET /l"]
        (again,) = crawl(home, ["directory:loop"], replay=list(home.archive.glob("*.warc.gz")))
        assert (again.scraped, again.unchanged) == (3, 3)
