"""WooCommerce shops: totals compared, both routes, one keyword before the others, and every kind of bad answer."""

import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from market_db.products import load_products
from market_db.seen import Listing
from spiders.families.woo import ROUTES, WooSpider
from spiders.keywords import search_words
from spiders.manners.outcomes import Refused, Stop
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.site import Site

FIXTURE = Path(__file__).parent / "fixtures" / "woo" / "search_page" / "answer.json"
HOME = "https://toko-pedas.example"
PRODUCTS = [load_products()["sambal"]]


def shop(**more: object) -> Site:
    fields = {"country": "NL", "currency": "EUR", "lang": "nl", "keywords": ("sambal", "chilisaus"), "sample": True, **more}
    return Site(id="toko-pedas", url=f"{HOME}/", family="woo", **fields)


def row(number: int, **more: object) -> dict:
    prices = {"price": "349", "currency_code": "EUR", "currency_minor_unit": 2}
    return {"id": number, "name": f"Sambal {number}", "permalink": f"{HOME}/product/{number}/", "prices": prices, **more}


class Shop:
    """Answers like a WooCommerce shop with so many products for each keyword."""

    def __init__(self, route: str = ROUTES[0], announced: dict[str, int] | None = None, **found: int) -> None:
        self.route, self.found, self.announced = route, found, announced or found
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        query = parse_qs(parts.query)
        if parts.path != self.route:
            self.asked.append(parts.path)
            body = b'{"code":"rest_no_route","message":"No route"}' if "wp-json" in parts.path else b"<html>404</html>"
            return Response(request.url, status=404, body=body, request=request)
        keyword, page = query["search"][0], int(query["page"][0])
        self.asked.append(f"{keyword} {page}")
        count, total = self.found.get(keyword, 0), self.announced.get(keyword, 0)
        rows = [row(number) for number in range(count)][(page - 1) * 100 : page * 100]
        headers = {"Content-Type": "application/json", "X-WP-Total": str(total), "X-WP-TotalPages": str(-(-total // 100))}
        return Response(request.url, headers=headers, body=json.dumps(rows).encode(), request=request)


def walk(spider: WooSpider, server: Shop) -> list[Listing]:
    queue, records = list(spider.first_requests()), []
    while queue:
        for found in spider.parse(server(queue.pop(0))):
            (queue if isinstance(found, Request) else records).append(found)
    return records


def said(spider: WooSpider) -> list[tuple[str, str, bool]]:
    return [(issue.kind, issue.detail, issue.broken) for _, issue, _ in spider.issues]


def test_pages_until_the_announced_end_and_each_product_once() -> None:
    spider, server = WooSpider(sites=[shop()]), Shop(sambal=130, chilisaus=20)
    records = walk(spider, server)
    assert server.asked == ["sambal 1", "sambal 2", "chilisaus 1"]
    assert (len(records), spider.counts["woo:toko-pedas", "again:product"], said(spider)) == (130, 20, [])


def test_an_exact_page_is_no_reason_to_ask_another() -> None:
    spider, server = WooSpider(sites=[shop(keywords=("sambal",))]), Shop(sambal=100)
    assert (len(walk(spider, server)), server.asked) == (100, ["sambal 1"])


@pytest.mark.parametrize(("announced", "broken"), [(250, True), (102, False)])
def test_what_came_is_compared_with_what_was_announced(announced: int, broken: bool) -> None:
    spider, server = WooSpider(sites=[shop(keywords=("sambal",))]), Shop(sambal=100, announced={"sambal": announced})
    walk(spider, server)
    assert said(spider) == [("partial_answer", f"{announced} products announced for 'sambal', 100 came", broken)]


def test_more_pages_than_the_row_wants_are_said() -> None:
    spider, server = WooSpider(sites=[shop(keywords=("sambal",), max_pages=2)]), Shop(sambal=900)
    assert len(walk(spider, server)) == 200
    assert said(spider) == [("partial_answer", "900 products for 'sambal', 2 pages read: raise search.max_pages", False)]


def test_the_old_route_is_tried_before_the_sitemap() -> None:
    spider, server = WooSpider(sites=[shop()]), Shop(route=ROUTES[1], sambal=3, chilisaus=5)
    assert len(walk(spider, server)) == 5
    assert server.asked == [ROUTES[0], "sambal 1", "chilisaus 1"]
    assert said(spider) == [("bad_answer", "closed: status 404, rest_no_route: No route", False)]


def test_a_shop_that_has_none_said_so() -> None:
    spider = WooSpider(sites=[shop()])
    assert spider.passports()["woo:toko-pedas"].expect.least == 1
    assert walk(spider, Shop()) == []
    assert (spider.passports()["woo:toko-pedas"].expect.least, said(spider)) == (0, [])


def test_a_shop_without_store_api_is_read_through_its_sitemap() -> None:
    spider, server = WooSpider(sites=[shop()]), Shop(route="/none")
    assert walk(spider, server) == []
    assert server.asked == [*ROUTES, "/robots.txt", "/sitemap.xml", "/"]


def test_a_page_that_cannot_be_read_makes_the_run_incomplete() -> None:
    spider = WooSpider(sites=[shop(keywords=("sambal",))])
    first = next(iter(spider.first_requests()))
    server = Shop(sambal=150)
    following = [found for found in spider.parse(server(first)) if isinstance(found, Request)]
    assert len(following) == 1
    broken = Response(following[0].url, body=b'[{"id": 1, "na', request=following[0])
    assert list(spider.parse(broken)) == []
    assert said(spider) == [("partial_answer", 'page 2 of \'sambal\': not json: [{"id": 1, "na', True)]


def test_a_page_that_does_not_come_makes_the_run_incomplete() -> None:
    spider = WooSpider(sites=[shop()])
    request = next(iter(spider.first_requests()))
    assert request.errback == spider.lost
    failure = Failure(HttpError(Response(request.url, status=503), "Ignoring non-200 response"))
    failure.request = request
    assert list(spider.lost(failure)) == []
    assert said(spider) == [("partial_answer", "page 1 of 'sambal' did not come: Ignoring non-200 response", True)]


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (Refused(Stop.ROBOTS, "x"), [f"{HOME}{ROUTES[1]}"]),
        (Refused(Stop.BUDGET_REQUESTS, "x"), []),
        (IgnoreRequest("not in the recording: GET x"), [f"{HOME}{ROUTES[1]}"]),
        (IgnoreRequest("x"), []),
    ],
)
def test_robots_against_the_catalogue_only_is_no_robots_against_the_shop(error: Exception, asked: list[str]) -> None:
    spider = WooSpider(sites=[shop()])
    failure = Failure(error)
    failure.request = next(iter(spider.first_requests()))
    assert [request.url.partition("?")[0] for request in spider.lost(failure)] == asked


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, FIXTURE.read_bytes()[:-60], "not json"),
        (200, b"", "not json"),
        (200, b'[{"id": 1, "tags": [], "name": "a []', "not json"),
        (200, b'[{"id": 1, "tags": [1, 2]', "not json"),
        (200, b"<!DOCTYPE html><html><body>Wij zijn zo terug</body></html>", "html instead of json"),
        (200, "Süße".encode("latin-1"), "wrong charset"),
        (200, FIXTURE.read_text("utf-8").encode("utf-16"), "wrong charset"),
        (200, b"[" * 100_000, "too deep"),
        (200, b'{"products": []}', "unexpected shape"),
        (200, b'{"code": "internal_server_error", "message": "x"}', "refused query"),
        (400, b'{"code": "rest_invalid_param", "message": "x"}', "closed"),
        (401, b'{"code": "rest_not_logged_in", "message": "x"}', "closed"),
        (403, b"<html>Forbidden</html>", "closed"),
        (404, b"", "closed"),
    ],
)  # fmt: skip
def test_answers_that_cannot_be_read_say_why(status: int, body: bytes, reason: str) -> None:
    spider = WooSpider(sites=[shop()])
    with pytest.raises(BadAnswer) as caught:
        list(spider.read(Answer(body=body, url=f"{HOME}{ROUTES[0]}?page=1", status=status)))
    assert caught.value.reason == reason
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("change", "price", "text", "currency"),
    [
        ({}, 3.49, "3.49", "EUR"),
        ({"price": 349}, 3.49, "3.49", "EUR"),
        ({"price": "18000", "currency_code": "USD", "currency_minor_unit": 3}, 18.0, "18.000", "USD"),
        ({"price": "14000", "currency_code": "CLP", "currency_minor_unit": 0}, 14000.0, "14000", "CLP"),
        ({"price": "0"}, None, "0", None),
        ({"price": ""}, None, None, None),
        ({"price": "3.49"}, None, "3.49", None),  # a point where minor units are promised: which is it?
        ({"price": "-349"}, None, "-349", None),
        ({"price": "9" * 200_000}, None, "9" * 60, None),
        ({"price": ["349"]}, None, None, None),
        ({"currency_minor_unit": None}, None, "349", None),
        ({"currency_minor_unit": True}, None, "349", None),
        ({"currency_minor_unit": 99}, None, "349", None),
        ({"currency_code": "eur"}, None, "3.49", None),
        ({"currency_code": None}, None, "3.49", None),
        ({"price_range": {"min_amount": "100", "max_amount": "900"}}, 1.0, "1.00", "EUR"),
        ({"price_range": "x"}, 3.49, "3.49", "EUR"),
    ],
)  # fmt: skip
def test_prices_in_minor_units(change: dict, price: float | None, text: str | None, currency: str | None) -> None:
    prices = {"price": "349", "currency_code": "EUR", "currency_minor_unit": 2} | change
    (listing,) = (read for read in reads_of([row(1, prices=prices)]) if isinstance(read, Listing))
    assert (listing.price, listing.price_text, listing.currency) == (price, text, currency)


def reads_of(rows: list) -> list:
    spider = WooSpider(sites=[shop(currency=None)])
    return list(spider.read(Answer(body=json.dumps(rows).encode(), url=f"{HOME}{ROUTES[0]}?page=1")))


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, {"id": 1}, row(1, name=""), row(1, permalink="javascript:x"), row(1, id=[1])])
def test_rows_without_name_link_or_number_are_counted(odd: object) -> None:
    assert [read.reason for read in reads_of([odd]) if isinstance(read, Rejected)] == ["no_name_or_link"]


def test_new_and_changed_fields_are_named_once_and_foreign_currencies_said() -> None:
    spider = WooSpider(sites=[shop(currency="GBP")])
    rows = [row(n, warna="merah", is_in_stock="yes") for n in range(3)]
    reads = list(spider.read(Answer(body=json.dumps(rows).encode(), url=f"{HOME}{ROUTES[0]}")))
    assert [(read.kind, read.detail) for read in reads if isinstance(read, Issue)] == [
        ("new_field", "warna"), ("wrong_type", "is_in_stock: str"), ("other_currency", "EUR where the site's row says GBP"),
    ]  # fmt: skip
    assert {read.availability for read in reads if isinstance(read, Listing)} == {None}


VALUES = st.sampled_from(
    [None, True, 0, -1, 1e300, float("nan"), "", "x\x00\ud800", "<b>", [], [None], [{"name": 5}], {}, {"price": "1"}, "https://a/"]
)
FIELDS = ["id", "name", "permalink", "prices", "categories", "brands", "is_in_stock", "description"]


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES), max_size=3))
def test_rows_of_any_kind_crash_nothing(rows: list) -> None:
    reads = reads_of(rows)
    assert len([read for read in reads if not isinstance(read, Issue)]) == len(rows)


def test_keywords_are_few_and_in_the_shops_language() -> None:
    words = search_words(PRODUCTS, "nl")
    assert words[:3] == ("sambal", "chilisaus", "chilisauzen")
    assert len(words) == 12
    assert not any("sambal" in word for word in words[1:])
    assert search_words(PRODUCTS, "ja")[:3] == ("sambal", "サンバル", "チリソース")
    assert search_words(PRODUCTS, None, "SA")[1:3] == ("صلصة حارة", "صوص حار")
    assert search_words((), "nl") == ()
    spider = WooSpider(products=PRODUCTS, as_of=date(2026, 11, 20), sites=[shop(keywords=())])
    assert [parse_qs(urlsplit(request.url).query)["search"] for request in spider.first_requests()] == [["sambal"]]


def test_without_product_types_the_whole_catalogue_is_read() -> None:
    spider = WooSpider(sites=[shop(keywords=())])
    assert [request.url for request in spider.first_requests()] == [f"{HOME}{ROUTES[0]}?per_page=100&page=1"]


def test_a_recorded_shop(corpus: Path) -> None:
    truth = [json.loads(line) for line in (corpus / "market/truth.jsonl").read_text("utf-8").splitlines()]
    (wanted,) = (one for one in truth if one["file"] == "woo_json/hichamwootest_store_products.json")
    body = (corpus / "market" / wanted["file"]).read_bytes()
    reads = list(WooSpider(sites=[shop(currency=None)]).read(Answer(body=body, url=f"{HOME}/wp-json/wc/store/products")))
    listings = [read for read in reads if isinstance(read, Listing)]
    assert [(one.name, one.price, one.currency) for one in listings] == [(i["name"], i["price"], i["currency"]) for i in wanted["items"]]
    assert [(one.price, one.price_max) for one in listings[:1]] == [(18.0, 45.0)]
    assert [str(read) for read in reads if not isinstance(read, Listing)] == []
