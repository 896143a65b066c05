"""Shops with a search: how it is found, walked and given up, and what is an issue and what a finding."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from market_db.products import load_products
from market_db.seen import Listing
from spiders.families.search import SearchSpider
from spiders.manners.outcomes import Refused, Stop
from spiders.reading import Answer as ReadAnswer
from spiders.site import Site

FIXTURES = Path(__file__).parent / "fixtures" / "search"
HOME = "https://kruiden-winkel.example"
PRODUCTS = [load_products()["sambal"]]
Answer = tuple[int, bytes]


def shop(**more: object) -> Site:
    fields = {
        "country": "NL",
        "currency": "EUR",
        "lang": "nl",
        "seller": "Kruidenwinkel (contoh)",
        "keywords": ("sambal",),
        "sample": True,
        **more,
    }
    return Site(id="kruiden", url=f"{HOME}/", family="search", **fields)


def case(name: str) -> Answer:
    return 200, (FIXTURES / name / "answer.html").read_bytes()


def detail(name: str) -> Answer:
    block = json.dumps({"@type": "Product", "name": name, "offers": {"price": "3.49", "priceCurrency": "EUR"}})
    return 200, f'<html lang="nl"><script type="application/ld+json">{block}</script><h1>{name}</h1></html>'.encode()


def results(*names: str, more: str = "") -> Answer:
    tiles = "".join(
        f'<div class="t"><h3><a href="/p/{name.lower().replace(" ", "-")}">{name}</a></h3><span class="price">€ 2,99</span></div>'
        for name in names
    )
    return 200, f"<html><body><div>{tiles}</div>{more}</body></html>".encode()


def walk(spider: SearchSpider, answer: Callable[[str], Answer | None]) -> tuple[list[str], list[Listing]]:
    queue, asked, records = list(spider.first_requests()), [], []
    while queue:
        request = queue.pop(0)
        asked.append(request.url.removeprefix(HOME))
        status, body = answer(asked[-1]) or (404, b"<html><body>weg</body></html>")
        response = Response(request.url, status=status, headers={"Content-Type": "text/html; charset=utf-8"}, body=body, request=request)
        for found in spider.parse(response):
            (queue if isinstance(found, Request) else records).append(found)
    return asked, [record for record in records if isinstance(record, Listing)]


def said(spider: SearchSpider) -> list[tuple[str, bool]]:
    return [(issue.kind, issue.broken) for _, issue, _ in spider.issues]


def spider_of(**more: object) -> SearchSpider:
    return SearchSpider(products=PRODUCTS, sites=[shop(**more)])


def test_from_the_front_page_to_the_products() -> None:
    form = "/zoeken?controller=search&cat=&zoekterm=sambal"
    answers = {
        "/": case("front_form"), form: case("results"), f"{form}&p=2": case("results_last_page"),
        **{f"/p/{n}": detail(f"Sambal {n}") for n in (1, 2, 5)}, "/p/4": detail("Chilisaus zoet"),
    }  # fmt: skip
    spider = spider_of()
    asked, records = walk(spider, answers.get)
    assert asked[:2] == ["/", form]
    assert sorted(asked[2:]) == sorted(["/p/1", "/p/2", "/p/4", "/p/5", "/contact", f"{form}&p=2"])
    assert sorted(record.name for record in records) == ["Chilisaus zoet", "Sambal 1", "Sambal 2", "Sambal 5"]
    assert said(spider) == []


def test_the_search_action_comes_before_the_form_and_the_row_before_both() -> None:
    spider = spider_of()
    assert walk(spider, {"/": case("front_search_action")}.get)[0][:2] == ["/", "/zoek/sambal"]
    asked, _ = walk(spider_of(search=f"{HOME}/s?w={{q}}"), {"/": case("front_search_action")}.get)
    assert asked[0] == "/s?w=sambal"


def test_opensearch_is_read_where_no_search_action_is() -> None:
    front = b'<html><head><link rel="search" type="application/opensearchdescription+xml" href="/os.xml"></head><form action="/search"><input name="q"></form></html>'
    described = b'<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/"><Url type="text/html" template="/f?x={searchTerms}"/></OpenSearchDescription>'
    asked, _ = walk(spider_of(), {"/": (200, front), "/os.xml": (200, described)}.get)
    assert asked[:3] == ["/", "/os.xml", "/f?x=sambal"]


@pytest.mark.parametrize(
    ("front", "said"),
    [
        (case("front_without_search"), "login wall"),
        ((200, b'<form action="https://other.example/search"><input name="q"></form>'), "no search: "),
        ((200, b"<p>Welkom</p>"), "no search: "),
        ((404, b""), "closed: "),
    ],
)
def test_a_site_that_cannot_be_searched_is_read_through_its_sitemap(front: Answer, said: str) -> None:
    spider = spider_of()
    asked, _ = walk(spider, {"/": front}.get)
    assert asked == ["/", "/robots.txt", "/sitemap.xml"]
    assert spider.issues[0][1].detail.startswith(said)
    assert spider.passports()["search:kruiden"].expect.least == 1


def test_a_search_that_does_not_answer_gives_way_to_the_sitemap() -> None:
    asked, _ = walk(spider_of(search=f"{HOME}/s?w={{q}}"), lambda _: None)
    assert asked == ["/s?w=sambal", "/robots.txt", "/sitemap.xml", "/"]


def test_nothing_found_is_a_finding_and_the_other_words_are_asked() -> None:
    spider = spider_of(search=f"{HOME}/s?w={{q}}", keywords=("sambal", "chilisaus", "sriracha"))
    nothing = case("none_found")
    asked, records = walk(spider, lambda url: (404, nothing[1]) if "sriracha" in url else nothing if "/s?" in url else None)
    assert (asked, records, said(spider)) == (["/s?w=sambal", "/contact", "/s?w=chilisaus", "/s?w=sriracha"], [], [])
    assert spider.passports()["search:kruiden"].expect.least == 0


def test_results_without_products_are_an_issue() -> None:
    spider = spider_of(search=f"{HOME}/s?w={{q}}")
    asked, _ = walk(spider, {"/s?w=sambal": case("unreadable")}.get)
    assert (asked, said(spider)) == (["/s?w=sambal", "/contact"], [("no_tiles", False)])
    assert spider.passports()["search:kruiden"].expect.least == 1, "a run without records is broken then"


def test_two_hits_are_found_without_tiles() -> None:
    asked, _ = walk(spider_of(search=f"{HOME}/s?w={{q}}"), {"/s?w=sambal": case("two_hits")}.get)
    assert asked == ["/s?w=sambal", "/p/1", "/p/2", "/contact"]


def test_one_hit_shown_as_the_product_itself() -> None:
    spider = spider_of(search=f"{HOME}/s?w={{q}}")
    status, body = detail("Sambal Oelek")
    _, records = walk(
        spider, {"/s?w=sambal": (status, body.replace(b"<script", b'<link rel="canonical" href="/p/sambal-oelek"><script', 1))}.get
    )
    assert [record.name for record in records] == ["Sambal Oelek"]
    _, records = walk(spider_of(search=f"{HOME}/s?w={{q}}"), {"/s?w=sambal": (status, body)}.get)
    assert records == [], "two hits read like one product, so only another address proves it"


def test_numbered_pages_end_where_nothing_new_comes() -> None:
    spider = spider_of(search=f"{HOME}/s?w={{q}}&p={{page}}", first_page=0)
    pages = {
        "/s?w=sambal&p=0": results("Sambal A", "Sambal B", "Rijst"),
        "/s?w=sambal&p=1": results("Sambal C", "Rijst", "Sambal D"),
        "/s?w=sambal&p=2": results("Sambal C", "Rijst", "Sambal D"),
    }
    asked, _ = walk(spider, pages.get)
    assert [url for url in asked if "p=" in url] == list(pages)
    assert (len(asked), said(spider)) == (7, [])


def test_more_pages_than_the_row_wants_are_said() -> None:
    spider = spider_of(search=f"{HOME}/s?w={{q}}&p={{page}}", max_pages=2)
    asked, _ = walk(spider, lambda url: results(*(f"Sambal {url[-1]}{n}" for n in "abc")) if "/s?" in url else None)
    assert [url for url in asked if "p=" in url] == ["/s?w=sambal&p=1", "/s?w=sambal&p=2"]
    assert said(spider)[:1] == [("partial_answer", False)]


def test_links_out_of_the_site_and_filtered_ones_are_not_followed() -> None:
    more = '<a href="https://evil.example/p/sambal">Sambal</a><a href="/blog/sambal">Sambal</a><a href="/p/sambal-x">Sambal</a><a href="/s?w=sambal&sort=1">Sambal</a>'
    asked, _ = walk(spider_of(search=f"{HOME}/s?w={{q}}", exclude=("/blog/",)), {"/s?w=sambal": (200, more.encode())}.get)
    assert asked == ["/s?w=sambal", "/p/sambal-x"]


def test_the_rows_selectors_decide() -> None:
    markup = b'<b class="hit"><a href="/p/1">Een</a></b><a class="meer" href="/s2">meer</a><a rel="next" href="/wrong">x</a>'
    listing = {"link": "css:b.hit a::attr(href)", "next": "css:a.meer::attr(href)"}
    spider = SearchSpider(sites=[shop(search=f"{HOME}/s?w={{q}}", listing=listing)])
    assert walk(spider, {"/s?w=sambal": (200, markup)}.get)[0] == ["/s?w=sambal", "/p/1", "/s2"]


def test_a_later_page_that_cannot_be_read_makes_the_run_incomplete() -> None:
    spider = spider_of(search=f"{HOME}/s?w={{q}}", keywords=("sambal", "chilisaus"))
    wall = (200, b"<html><body><h1>Inloggen</h1><form><input type='password'></form></body></html>")
    walk(spider, {"/s?w=sambal": results("Sambal A", "Sambal B", "Sambal C"), "/s?w=chilisaus": wall}.get)
    assert ("partial_answer", True) in said(spider)


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (Refused(Stop.ROBOTS, "/s"), ["/robots.txt"]),
        (Refused(Stop.BLOCKED, "x"), []),
        (IgnoreRequest("not in the recording: GET x"), ["/robots.txt"]),
        (IgnoreRequest("x"), []),
    ],
)
def test_robots_against_the_search_only_is_no_robots_against_the_shop(error: Exception, asked: list[str]) -> None:
    spider = spider_of(search=f"{HOME}/s?w={{q}}")
    failure = Failure(error)
    failure.request = next(iter(spider.first_requests()))
    assert [request.url.removeprefix(HOME) for request in spider.lost(failure)] == asked


def test_words_are_written_as_the_site_writes_them() -> None:
    spider = spider_of(search=f"{HOME}/s?w={{q}}", keywords=("соус чили",), charset="windows-1251")
    assert [request.url.removeprefix(HOME) for request in spider.first_requests()] == ["/s?w=%F1%EE%F3%F1+%F7%E8%EB%E8"]


def test_two_rows_of_one_host_are_both_searched_and_keep_to_their_places() -> None:
    rows = [
        Site(id=name, url=f"{HOME}/{name}/", family="search", search=f"{HOME}/s?w={{q}}", keywords=("sambal",), sample=True)
        for name in ("nl", "de")
    ]
    spider = SearchSpider(sites=rows)
    found = (200, b"<a href='/nl/p/1'>Sambal</a><a href='/de/p/1'>Sambal</a>")
    asked, _ = walk(spider, {"/s?w=sambal": found}.get)
    assert asked == ["/s?w=sambal", "/s?w=sambal", "/nl/p/1", "/de/p/1"]


@pytest.mark.parametrize("url", ["/s?w=sambal", "/zoeken?controller=search&zoekterm=sambal&p=2", "/zoek/sambal"])
@pytest.mark.parametrize("template", [None, f"{HOME}/s?w={{q}}"])
def test_out_of_an_archive_a_page_of_results_is_no_product_either(url: str, template: str | None) -> None:
    _, body = case("two_hits")
    spider = spider_of(search=template)
    if template is None or url.startswith("/s?"):
        assert list(spider.read(ReadAnswer(body=body, url=HOME + url))) == []
    assert [read.name for read in spider.read(ReadAnswer(body=detail("Sambal Oelek")[1], url=f"{HOME}/p/1"))] == ["Sambal Oelek"]


def test_the_firm_of_the_front_page_is_read() -> None:
    front = b'<form action="/s"><input name="q"></form><p>Tel. 020 123 45 67</p><a href="mailto:info@kruiden-winkel.example">mail</a>'
    spider = spider_of()
    first = next(iter(spider.first_requests()))
    response = Response(first.url, headers={"Content-Type": "text/html"}, body=front, request=first)
    (firm,) = (found for found in spider.parse(response) if not isinstance(found, Request))
    assert firm.party.emails_text == ("info@kruiden-winkel.example",)
