"""Magento shops: GraphQL asked by POST on the passport's word, older releases, errors inside 200, totals compared."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Request, Response

from market_db.products import load_products
from market_db.seen import Listing
from spiders.families.magento import MagentoSpider, question
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.site import Site, passport

HOME = "https://suq-contoh.example"
URL = f"{HOME}/graphql"
FIXTURE = Path(__file__).parent / "fixtures" / "magento" / "search_page" / "answer.json"


def shop(**more: object) -> Site:
    fields = {"country": "SA", "currency": "SAR", "lang": "ar", "keywords": ("سامبال", "sambal"), "sample": True, **more}
    return Site(id="suq", url=f"{HOME}/", family="magento", **fields)


def row(number: int, **more: object) -> dict:
    money = {"value": 3.5, "currency": "SAR"}
    prices = {"minimum_price": {"regular_price": money, "final_price": money}, "maximum_price": {"final_price": money}}
    return {"sku": f"S{number}", "name": f"Sambal {number}", "url_key": f"sambal-{number}", "price_range": prices, **more}


class Shop:
    """Answers like a Magento shop; an old one knows no url_suffix."""

    def __init__(self, *, old: bool = False, announced: int | None = None, **found: int) -> None:
        self.old, self.announced, self.found = old, announced, found
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Response:
        if request.method != "POST":
            self.asked.append(request.url.removeprefix(HOME))
            return Response(request.url, status=404, request=request)
        body = json.loads(request.body)
        keyword, page = body["variables"]["asked"], body["variables"]["page"]
        self.asked.append(f"{keyword} {page}")
        if self.old and "url_suffix" in body["query"]:
            error = {"message": 'Cannot query field "url_suffix" on type "ProductInterface".'}
            return Response(request.url, body=json.dumps({"errors": [error]}).encode(), request=request)
        count = self.found.get(keyword, 0)
        total = count if self.announced is None else self.announced
        items = [row(number) for number in range(count)][(page - 1) * 100 : page * 100]
        found = {"total_count": total, "page_info": {"current_page": page, "total_pages": -(-total // 100)}, "items": items}
        return Response(request.url, body=json.dumps({"data": {"products": found}}).encode(), request=request)


def walk(spider: MagentoSpider, server: Shop) -> list[Listing]:
    queue, records = list(spider.first_requests()), []
    while queue:
        for found in spider.parse(server(queue.pop(0))):
            (queue if isinstance(found, Request) else records).append(found)
    return records


def said(spider: MagentoSpider) -> list[tuple[str, str, bool]]:
    return [(issue.kind, issue.detail, issue.broken) for _, issue, _ in spider.issues]


def test_the_question_is_a_post_that_the_passport_allows() -> None:
    site = shop(store="en_SA")
    (request,) = MagentoSpider(sites=[site]).first_requests()
    assert (request.method, request.url) == ("POST", URL)
    assert request.headers["Store"] == b"en_SA"
    assert request.headers["Content-Type"] == b"application/json"
    assert json.loads(request.body)["variables"] == {"asked": "سامبال", "size": 100, "page": 1}
    assert "suq-contoh.example" in passport(site).post_hosts
    assert "Store" not in next(iter(MagentoSpider(sites=[shop()]).first_requests())).headers


def test_one_question_is_one_text_and_without_keyword_everything_is_asked() -> None:
    assert question("sambal", 2) == question("sambal", 2) != question("sambal", 3)
    whole = json.loads(question("", 1))
    assert whole["variables"]["asked"] == {"price": {"from": "0"}}
    assert "filter: $asked" in whole["query"]
    assert whole["query"].count("{") == whole["query"].count("}")


def test_two_store_views_of_one_shop_are_two_questions() -> None:
    rows = [Site(id=name, url=f"{HOME}/{name}/", family="magento", store=name, keywords=("sambal",), sample=True) for name in ("en", "ar")]
    requests = list(MagentoSpider(sites=rows).first_requests())
    assert [(request.url, request.headers["Store"]) for request in requests] == [(URL, b"en"), (URL, b"ar")]
    assert len({request.body for request in requests}) == 2


def test_pages_until_the_announced_end_and_each_product_once() -> None:
    spider, server = MagentoSpider(sites=[shop()]), Shop(sambal=230, سامبال=30)
    assert len(walk(spider, server)) == 230
    assert server.asked == ["سامبال 1", "sambal 1", "sambal 2", "sambal 3"]
    assert (spider.counts["magento:suq", "again:product"], said(spider)) == (30, [])


def test_what_came_is_compared_with_what_was_announced() -> None:
    spider = MagentoSpider(sites=[shop(keywords=("sambal",))])
    walk(spider, Shop(sambal=60, announced=90))
    assert said(spider) == [("partial_answer", "90 products announced for 'sambal', 60 came", True)]


def test_an_older_release_is_asked_for_less() -> None:
    spider, server = MagentoSpider(sites=[shop()]), Shop(old=True, sambal=3, سامبال=1)
    records = walk(spider, server)
    assert server.asked == ["سامبال 1", "سامبال 1", "sambal 1"]
    assert {record.url for record in records} == {f"{HOME}/sambal-{n}.html" for n in range(3)}
    assert said(spider) == [("bad_answer", 'unknown field: Cannot query field "url_suffix" on type "ProductInterface".', False)]


@pytest.mark.parametrize("answer", [b"<html>404</html>", b'{"errors": [{"message": "Service Unavailable"}]}', b'{"data": {}}'])
def test_a_closed_catalogue_is_read_through_the_sitemap(answer: bytes) -> None:
    spider = MagentoSpider(products=[load_products()["sambal"]], sites=[shop()])
    (request,) = spider.first_requests()
    (following,) = spider.parse(Response(URL, body=answer, request=request))
    assert following.url == f"{HOME}/robots.txt"


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, FIXTURE.read_bytes()[:-60], "not json"),
        (200, b"", "not json"),
        (200, b"<!DOCTYPE html><html><body>Maintenance</body></html>", "html instead of json"),
        (200, FIXTURE.read_text("utf-8").encode("utf-16"), "wrong charset"),
        (200, b"[" * 100_000, "too deep"),
        (200, b"[]", "unexpected shape"),
        (200, b'{"data": null}', "unexpected shape"),
        (200, b'{"data": {"products": {"items": {"a": 1}}}}', "unexpected shape"),
        (200, b'{"errors": [{"message": "x"}], "data": {"products": {"items": []}}}', "refused query"),
        (200, b'{"errors": "x"}', "refused query"),
        (400, b'{"message": "x"}', "refused query"),
        (404, b"{}", "closed"),
        (405, b"", "closed"),
    ],
)  # fmt: skip
def test_answers_that_cannot_be_read_say_why(status: int, body: bytes, reason: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        list(MagentoSpider(sites=[shop()]).read(Answer(body=body, url=URL, status=status, method="POST")))
    assert caught.value.reason == reason


def reads_of(items: list, **more: object) -> list:
    body = json.dumps({"data": {"products": {"total_count": 1, "items": items}}}).encode()
    return list(MagentoSpider(sites=[shop(**more)]).read(Answer(body=body, url=URL, method="POST")))


def priced(least: object, regular: object = None, most: object = None, currency: object = "SAR") -> dict:
    def money(value: object) -> dict:
        return {"value": value, "currency": currency}

    return {"minimum_price": {"final_price": money(least), "regular_price": money(regular)}, "maximum_price": {"final_price": money(most)}}


@pytest.mark.parametrize(
    ("between", "price", "most", "before", "currency"),
    [
        (priced(22.34, 22.34, 22.34), 22.34, None, None, "SAR"),
        (priced(20, 30, 50), 20.0, 50.0, 30.0, "SAR"),
        (priced(0, 0, 0), None, None, None, None),
        (priced(None), None, None, None, None),
        (priced("20"), None, None, None, None),  # the schema says Float
        (priced(-5), None, None, None, None),
        (priced(1e300), None, None, None, None),
        (priced(True), None, None, None, None),
        (priced(7, currency=None), 7.0, None, None, "SAR"),
        (priced(7, currency="sar"), None, None, None, None),
        (None, None, None, None, None),
        ("x", None, None, None, None),
        ({"minimum_price": []}, None, None, None, None),
    ],
)  # fmt: skip
def test_prices(between: object, price: float | None, most: float | None, before: float | None, currency: str | None) -> None:
    (listing,) = (read for read in reads_of([row(1, price_range=between)]) if isinstance(read, Listing))
    assert (listing.price, listing.price_max, listing.list_price, listing.currency) == (price, most, before, currency)


def test_without_a_currency_anywhere_only_the_printed_amount_is_kept() -> None:
    (listing,) = reads_of([row(1, price_range=priced(7, currency=None))], currency=None)
    assert (listing.price, listing.price_text, listing.currency) == (None, "7", None)


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, row(1, sku=""), row(1, name=None), row(1, url_key=None), row(1, url_key="a/b")])
def test_rows_without_name_or_address_are_counted(odd: object) -> None:
    assert [read.reason for read in reads_of([odd]) if isinstance(read, Rejected)] == ["no_name_or_link"]


VALUES = st.sampled_from(
    [None, True, 0, -1, 1e300, float("nan"), "", "x\x00\ud800", [], [None], [{"name": 5}], {}, {"html": 5}, priced([])]
)


@given(st.lists(st.dictionaries(st.sampled_from([*row(1), "categories", "description", "stock_status", "url_suffix"]), VALUES), max_size=3))
def test_rows_of_any_kind_crash_nothing(rows: list) -> None:
    assert len([read for read in reads_of(rows) if not isinstance(read, Issue)]) == len(rows)


def test_recorded_shops(corpus: Path) -> None:
    shapes = json.loads((corpus / "market/magento_json/madar_shapes_2026-07-25.json").read_text("utf-8"))
    reads = reads_of(shapes["data"]["products"]["items"])
    listings = {read.key: read for read in reads if isinstance(read, Listing)}
    assert [read for read in reads if isinstance(read, Rejected)] == []
    plywood = listings["12512-TSP"]
    assert (plywood.price, plywood.price_max, plywood.currency) == (50.4, 90.3, "SAR")
    assert plywood.category == ("الأخشاب والمنتجات الخشبية", "أبلكاش مدهون")
    assert listings["71102002"].name == "Putty - 1 kg - sab"
    page = json.loads((corpus / "market/magento_json/madar_magento_graphql_2026-07-20.json").read_text("utf-8"))["products_page1_trimmed"]
    assert [read.price for read in reads_of(page["items"]) if isinstance(read, Listing)] == [22.34, 65.21, 30.19, 50.4, 150.94]
