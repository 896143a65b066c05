"""How the families walk: which addresses they ask of which site, in which order, and where they stop."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from scrapy.http import HtmlResponse, Request, Response

from market_db.products import load_products
from market_db.seen import Listing
from spiders.base.sites_spider import SitesSpider
from spiders.families.shopify import ShopifySpider
from spiders.families.structured import StructuredSpider
from spiders.site import Site, load_sites

SAMPLE = Path(__file__).parents[2] / "scripts" / "sample"
PRODUCTS = [load_products()["sambal"]]
AS_OF = date(2026, 11, 20)
Answers = Mapping[str, tuple[int, str, bytes]]


def site(name: str, family: str = "structured", **more: object) -> Site:
    base = {"country": "NL", "currency": "EUR", "seller": f"{name} (contoh)", "sample": True}
    return Site(id=name, url=f"https://{name}.example/", family=family, **{**base, **more})


def walk(spider: SitesSpider, answers: Answers) -> tuple[list[str], list[object]]:
    """Addresses asked and records got; addresses without an answer get 404."""
    queue, asked, records = list(spider.first_requests()), [], []
    while queue:
        request = queue.pop(0)
        asked.append(request.url)
        status, media, body = answers.get(request.url, (404, "text/html", b"<html><body>404</body></html>"))
        response = Response(request.url, status=status, headers={"Content-Type": media}, body=body, request=request)
        for found in spider.parse(response):
            (queue if isinstance(found, Request) else records).append(found)
    return asked, records


def sitemap(*urls: str, lastmod: str = "2026-11-01") -> tuple[int, str, bytes]:
    rows = "".join(f"<url><loc>{url}</loc><lastmod>{lastmod}</lastmod></url>" for url in urls)
    return 200, "application/xml", f"<urlset>{rows}</urlset>".encode()


def product_page(name: str, more: str = "") -> tuple[int, str, bytes]:
    data = {"@type": "Product", "name": name, "offers": {"price": "2.99", "priceCurrency": "EUR"}}
    body = f'<html><head><script type="application/ld+json">{json.dumps(data)}</script></head><body><h1>{name}</h1>{more}</body></html>'
    return 200, "text/html", body.encode()


def catalogue(first: int, count: int) -> tuple[int, str, bytes]:
    rows = [
        {"id": n, "title": f"Sambal {n}", "handle": f"sambal-{n}", "variants": [{"price": "1.50", "available": True}]}
        for n in range(first, first + count)
    ]
    return 200, "application/json", json.dumps({"products": rows}).encode()


@pytest.mark.parametrize("family", [ShopifySpider, StructuredSpider])
def test_the_sample_is_asked_exactly(family: type[SitesSpider]) -> None:
    index = json.loads((SAMPLE / family.name / "index.json").read_text("utf-8"))
    answers = {
        row["url"]: (row["status"], row["headers"]["Content-Type"], (SAMPLE / family.name / row["file"]).read_bytes()) for row in index
    }
    sites = [one for one in load_sites().values() if one.sample and one.family == family.name]
    spider = family(products=PRODUCTS, as_of=AS_OF, sites=sites)
    asked, records = walk(spider, answers)
    assert sorted(asked) == sorted(answers)
    assert len(records) >= 6
    assert all(record.country == sites[0].country for record in records if isinstance(record, Listing))
    assert spider.issues == []


class TestStructured:
    def test_first_requests_take_turns(self) -> None:
        spider = StructuredSpider(products=PRODUCTS, sites=[site("a"), site("b", sitemap="https://b.example/s.xml")])
        assert [request.url for request in spider.first_requests()] == ["https://a.example/robots.txt", "https://b.example/s.xml"]
        assert [request.meta["source"] for request in spider.first_requests()] == []

    def test_robots_names_the_sitemap_and_only_wanted_pages_are_asked(self) -> None:
        home = "https://a.example"
        answers = {
            f"{home}/robots.txt": (200, "text/plain", f"Sitemap: {home}/index.xml\nSitemap: https://evil.example/s.xml".encode()),
            f"{home}/index.xml": (
                200,
                "application/xml",
                f"<sitemapindex><sitemap><loc>{home}/pages.xml</loc></sitemap><sitemap><loc>{home}/products.xml</loc></sitemap></sitemapindex>".encode(),
            ),
            f"{home}/products.xml": sitemap(
                f"{home}/p/sambal-oelek",
                f"{home}/p/sambal-oelek",
                f"{home}/p/rijst",
                f"{home}/p/%E8%BE%A3%E6%A4%92%E9%85%B1",
                "https://evil.example/p/sambal",
            ),
            f"{home}/p/sambal-oelek": product_page("Sambal Oelek"),
            f"{home}/p/%E8%BE%A3%E6%A4%92%E9%85%B1": product_page("辣椒酱"),
        }
        asked, records = walk(StructuredSpider(products=PRODUCTS, sites=[site("a")]), answers)
        assert asked == [
            f"{home}/robots.txt", f"{home}/index.xml", f"{home}/products.xml", f"{home}/pages.xml", f"{home}/p/sambal-oelek",
            f"{home}/p/%E8%BE%A3%E6%A4%92%E9%85%B1", f"{home}/",
        ]  # fmt: skip
        assert [record.name for record in records] == ["Sambal Oelek", "辣椒酱"]

    @pytest.mark.parametrize(
        ("slug", "wanted"),
        [
            ("صلصة-الفلفل-الحار-500-جم", True), ("سامبال", True), ("خزان-ماء-الزامل-عمودي", False), ("ซอสพริก-ศรีราชา", True), ("ข้าวหอมมะลิ", False),
            ("辣椒酱-200克", True), ("スイートチリソース", True), ("고추장-500g", True), ("соус-чили-острый", True), ("σάλτσα-τσίλι", True),
            ("רוטב-חריף", True), ("चिली-सॉस", True), ("tương-ớt-cholimex", True), ("tuong-ot-cholimex", True), ("acı-sos", True), ("sos_chili_ostry.html", True),
            ("17-sambal-oelek-370-g.html", True), ("chilli-sauce", True), ("CHILI-SAUCE", True), ("sambalsaus", True), ("assamblage", False), ("rijst", False),
            ("index.php?route=product&name=sambal+oelek", True), ("sambal%2Doelek", True), ("12345", False),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("encoded", [True, False])
    def test_words_in_addresses_of_many_scripts(self, slug: str, wanted: bool, encoded: bool) -> None:
        home = "https://a.example"
        url = f"{home}/{quote(slug, safe='/?=&%+') if encoded else slug}"
        spider = StructuredSpider(products=PRODUCTS, sites=[site("a", sitemap=f"{home}/s.xml")])
        asked = walk(spider, {f"{home}/s.xml": sitemap(escape(url))})[0]
        assert len(asked) == 1 + wanted

    def test_two_rows_of_one_host_are_both_read_each_below_its_path(self) -> None:
        home = "https://a.example"
        rows = [Site(id=lang, url=f"{home}/{lang}/", family="structured", country="NL", sample=True) for lang in ("en", "de")]
        answers = {
            f"{home}/robots.txt": (200, "text/plain", b"User-agent: *"),
            f"{home}/sitemap.xml": sitemap(*(f"{home}/{lang}/p/sambal-{lang}" for lang in ("en", "de", "fr"))),
            **{f"{home}/{lang}/p/sambal-{lang}": product_page(f"Sambal {lang}") for lang in ("en", "de", "fr")},
        }
        spider = StructuredSpider(products=PRODUCTS, sites=rows)
        asked, records = walk(spider, answers)
        assert asked.count(f"{home}/robots.txt") == asked.count(f"{home}/sitemap.xml") == 2
        assert {f"{home}/en/p/sambal-en", f"{home}/de/p/sambal-de"} <= set(asked)
        assert {record.name for record in records} >= {"Sambal en", "Sambal de"}
        assert [spider.counts[f"structured:{lang}", "items"] for lang in ("en", "de")] == [2, 1]  # what is nobody's is the first one's
        assert all(request.dont_filter for request in StructuredSpider(products=PRODUCTS, sites=rows).first_requests())

    def test_a_row_of_the_whole_host_leaves_the_path_of_another_row_to_it(self) -> None:
        whole, part = site("a"), Site(id="part", url="https://a.example/de", family="structured", sample=True)
        spider = StructuredSpider(products=PRODUCTS, sites=[whole, part])
        assert spider.site_of("https://a.example/de/p/1") is part
        assert spider.site_of("https://www.a.example/p/1") is whole
        assert spider.site_of("https://a.example/design/1") is whole
        assert spider.site_of("https://b.example/") is None
        assert (spider.belongs("https://a.example/de/1", whole), spider.belongs("https://a.example/p", part)) == (False, False)

    def test_rows_that_share_a_second_host_both_ask_it(self) -> None:
        rows = [site("a", hosts=("b.example",)), site("b")]
        spider = StructuredSpider(products=PRODUCTS, sites=rows)
        assert all(spider.belongs("https://b.example/p/1", row) for row in rows)

    def test_a_sitemap_named_on_a_foreign_host_is_said_and_the_usual_place_asked(self) -> None:
        home = "https://a.example"
        answers = {f"{home}/robots.txt": (200, "text/plain", b"Sitemap: https://cdn.example/s.xml")}
        spider = StructuredSpider(products=PRODUCTS, sites=[site("a")])
        assert walk(spider, answers)[0] == [f"{home}/robots.txt", f"{home}/sitemap.xml", f"{home}/"]
        assert ("foreign_sitemap", "robots.txt names only https://cdn.example/s.xml: add its host to `hosts` of the row") in [
            (issue.kind, issue.detail) for _, issue, _ in spider.issues
        ]

    def test_include_exclude_and_unchanged(self) -> None:
        home = "https://a.example"
        answers = {f"{home}/s.xml": sitemap(f"{home}/p/sambal", f"{home}/blog/sambal", f"{home}/x/sambal")}
        row = site("a", sitemap=f"{home}/s.xml", include=("/p/", "/blog/"), exclude=("/blog/",))
        assert walk(StructuredSpider(products=PRODUCTS, sites=[row]), answers)[0] == [f"{home}/s.xml", f"{home}/p/sambal"]
        spider = StructuredSpider(products=PRODUCTS, sites=[row], since={"structured:a": date(2026, 11, 10)})
        assert walk(spider, answers)[0] == [f"{home}/s.xml"]
        assert spider.counts["structured:a", "unchanged:sitemap"] == 3

    def test_of_too_many_pages_the_changed_ones_come_first_and_the_others_take_turns(self) -> None:
        home = "https://a.example"
        old, new, future = ([f"{home}/{kind}/sambal-{n}" for n in range(40)] for kind in ("old", "new", "future"))
        dated = [(old, "2026-01-01"), (new[:3], "2026-11-18"), (new[3:5], "2026-11-19"), (future[:2], "2030-01-01")]
        rows = "".join(f"<url><loc>{url}</loc><lastmod>{day}</lastmod></url>" for urls, day in dated for url in urls)
        answers = {f"{home}/s.xml": (200, "application/xml", f"<urlset>{rows}</urlset>".encode())}
        row = site("a", sitemap=f"{home}/s.xml", max_requests=15)

        def asked(day: date) -> list[str]:
            return walk(StructuredSpider(products=PRODUCTS, as_of=day, sites=[row]), answers)[0][1:]

        first, again, other = asked(AS_OF), asked(AS_OF), asked(date(2026, 11, 21))
        assert (set(first[:2]), set(first[2:5])) == (set(new[3:5]), set(new[:3]))
        assert first == again, "a replay asks what the recording asked"
        assert set(first[5:]) != set(other[5:])
        assert set(other[:5]) == set(new[:5])

    def test_without_a_sitemap_links_that_speak_of_the_product_are_followed_and_contact_pages_are_few(self) -> None:
        home = "https://a.example"
        links = "".join(f"<a href='{href}'>{text}</a>" for href, text in [
            ("/c/saus", "Sambal en chilisaus"), ("/c/rijst", "Rijst"), ("https://evil.example/sambal", "Sambal"), ("/contact", "Contact"),
            ("/contact/route", "Contact route"), ("/contact/pers", "Contact pers"),
        ])  # fmt: skip
        answers = {
            f"{home}/": (200, "text/html", f"<html><body>{links}</body></html>".encode()),
            f"{home}/c/saus": (
                200,
                "text/html",
                b"<html><body><a href='/p/1'>Sambal Oelek</a><a href='/c/saus#top'>Sambal</a></body></html>",
            ),
            f"{home}/p/1": product_page("Sambal Oelek", "<a href='/p/2'>Sambal Badjak</a>"),
        }
        asked, records = walk(StructuredSpider(products=PRODUCTS, sites=[site("a")]), answers)
        assert asked[:3] == [f"{home}/robots.txt", f"{home}/sitemap.xml", f"{home}/"]
        assert set(asked[3:]) == {f"{home}/c/saus", f"{home}/contact", f"{home}/contact/route", f"{home}/p/1"}
        assert [record.name for record in records if isinstance(record, Listing)] == ["Sambal Oelek"]

    def test_a_login_wall_is_an_issue_and_no_record(self) -> None:
        home = "https://a.example"
        wall = (200, "text/html", b"<html><body><h1>Sambal</h1><form><input type='password'></form></body></html>")
        spider = StructuredSpider(products=PRODUCTS, sites=[site("a", sitemap=f"{home}/s.xml")])
        assert walk(spider, {f"{home}/s.xml": sitemap(f"{home}/p/sambal"), f"{home}/p/sambal": wall})[1] == []
        assert [(issue.kind, issue.detail, issue.broken) for _, issue, _ in spider.issues] == [("bad_answer", "login wall", False)]
        assert spider.counts["structured:a", "pages:bad"] == 1


class TestShopify:
    def test_pages_until_one_is_short(self) -> None:
        address = "https://a.example/products.json?limit=250&page={}"
        answers = {address.format(1): catalogue(0, 250), address.format(2): catalogue(250, 3)}
        asked, records = walk(ShopifySpider(sites=[site("a", "shopify")]), answers)
        assert (asked, len(records)) == ([address.format(1), address.format(2)], 253)

    def test_a_shop_that_repeats_itself_is_a_trap(self) -> None:
        address = "https://a.example/en/products.json?limit=250&page={}"
        answers = {address.format(n): catalogue(0, 250) for n in range(1, 200)}
        spider = ShopifySpider(sites=[site("a", "shopify", path="/en")])
        assert walk(spider, answers)[0] == [address.format(1), address.format(2)]
        assert [issue.kind for _, issue, _ in spider.issues] == ["trap"]

    def test_the_cap_is_kept_and_said(self) -> None:
        address = "https://a.example/products.json?limit=250&page={}"
        answers = {address.format(n): catalogue(n * 250, 250) for n in range(1, 150)}
        spider = ShopifySpider(sites=[site("a", "shopify")])
        asked, records = walk(spider, answers)
        assert (len(asked), len(records)) == (100, 25_000)
        assert [issue.kind for _, issue, _ in spider.issues] == ["partial_answer"]

    @pytest.mark.parametrize("closed", [(404, "text/html", b"<html>no</html>"), (200, "text/html", b"<html><body>shop</body></html>")])
    def test_a_closed_catalogue_is_read_through_the_sitemap(self, closed: tuple[int, str, bytes]) -> None:
        home = "https://a.example"
        answers = {
            f"{home}/products.json?limit=250&page=1": closed,
            f"{home}/sitemap.xml": sitemap(f"{home}/products/sambal-oelek", f"{home}/products/rijst"),
            f"{home}/products/sambal-oelek": product_page("Sambal Oelek"),
        }
        spider = ShopifySpider(products=PRODUCTS, sites=[site("a", "shopify")])
        asked, records = walk(spider, answers)
        assert asked[1:] == [f"{home}/robots.txt", f"{home}/sitemap.xml", f"{home}/products/sambal-oelek"]
        assert [record.name for record in records] == ["Sambal Oelek"]
        assert [issue.kind for _, issue, _ in spider.issues] == ["bad_answer"]


def test_passports_are_the_sites() -> None:
    spider = ShopifySpider(sites=[site("a", "shopify"), site("b", "shopify")])
    assert list(spider.passports()) == ["shopify:a", "shopify:b"]
    assert [request.meta["source"] for request in spider.first_requests()] == ["shopify:a", "shopify:b"]
    response = HtmlResponse("https://unknown.example/", request=Request("https://unknown.example/", meta={"source": "shopify:c"}))
    assert list(spider.parse(response)) == []
