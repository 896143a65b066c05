"""Open Prices: what a price amounts to, what is never read, and what becomes of it on the way to the market page."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import Request, TextResponse

from market_db.products import load_products
from market_db.seen import Listing
from pipelines.context import Context
from pipelines.steps import run_steps
from spiders.evidence import ArchivedAt, stamp
from spiders.products.open_prices import OpenPrices, listing, prices_url, read_prices
from spiders.reading import Answer, BadAnswer, Issue, Rejected

SAMBAL = load_products()["sambal"]
AS_OF = date(2026, 11, 20)
URL = prices_url(",".join(SAMBAL.off_categories), AS_OF, 1)
PRODUCT = {"code": "2000000000015", "product_name": "Sambal (contoh)", "product_quantity": 340, "product_quantity_unit": "g"}
PLACE = {"type": "OSM", "osm_id": 42, "osm_type": "NODE", "osm_name": "Toko A (contoh)", "osm_address_country_code": "NL"}
PRICE = {"id": 1, "price": 2.79, "currency": "EUR", "date": "2026-10-03", "product": PRODUCT, "location": PLACE}


def read(*rows: object, **meta: object) -> list[object]:
    body = {"items": list(rows), "page": 1, "pages": 1, "size": 100, "total": len(rows), **meta}
    return list(read_prices(Answer(body=json.dumps(body).encode(), url=URL)))


def test_last_twelve_months_of_all_categories() -> None:
    request = next(OpenPrices(products=[SAMBAL], as_of=AS_OF).first_requests())
    assert "date__gte=2025-11-20" in request.url
    assert "size=100&page=1" in request.url


def test_pages_follow_the_total_and_a_short_chain_is_told() -> None:
    spider = OpenPrices(products=[SAMBAL], as_of=AS_OF)
    first = next(spider.first_requests())

    def answered(request: Request, rows: int, total: int) -> list[Request]:
        body = json.dumps({"items": [PRICE] * rows, "total": total}).encode()
        return list(spider.next_requests(TextResponse(request.url, body=body, request=request)))

    (second,) = answered(first, 100, 101)
    assert second.url.endswith("page=2")
    assert answered(second, 1, 101) == []
    assert spider.issues == []
    assert answered(second, 0, 101) == []
    assert [issue.kind for _, issue, _ in spider.issues] == ["partial_answer"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "no id or product name"),
        ({"product": None}, "no id or product name"),
        ({"price": None}, "no price or currency"),
        ({"price": 0}, "no price or currency"),
        ({"price": -1}, "no price or currency"),
        ({"price": "1,99"}, "no price or currency"),
        ({"price": 10**400}, "no price or currency"),
        ({"price": True}, "no price or currency"),
        ({"currency": None}, "no price or currency"),
        ({"date": None}, "no date, or older than asked"),
        ({"date": "2025-11-19"}, "no date, or older than asked"),
    ],
)
def test_what_is_no_price(change: dict[str, object], reason: str) -> None:
    (found,) = (one for one in read({**PRICE, **change}) if not isinstance(one, Issue))
    assert isinstance(found, Rejected)
    assert found.reason == reason


def test_nothing_of_the_photographer_is_read() -> None:
    row = {**PRICE, "owner": "somebody", "proof": {"owner": "somebody", "file_path": "0001/x.jpg"}, "owner_comment": "at Jane's"}
    assert "somebody" not in repr(read(row))
    assert "Jane" not in repr(read(row))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>502</html>", "html instead of json"),
        (b"", "not json"),
        (b'{"items": [', "not json"),
        (b"[]", "unexpected shape"),
        (b'{"items": []}', "missing field"),
        (b'{"items": {}, "total": 1}', "unexpected shape"),
        (b'{"detail": "Not found."}', "missing field"),
    ],
)
def test_answers_that_are_none(body: bytes, reason: str) -> None:
    with pytest.raises(BadAnswer) as bad:
        list(read_prices(Answer(body=body, url=URL)))
    assert bad.value.reason == reason


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
        lambda v: st.lists(v, max_size=2) | st.dictionaries(st.text(max_size=6), v, max_size=2),
    )
)
def test_any_row_is_read(value: object) -> None:
    odd = dict.fromkeys(("osm_name", "website_url", "osm_id", "osm_type", "osm_address_country_code", "osm_address_city"), value)
    for row in (
        value,
        dict.fromkeys(PRICE, value),
        {**PRICE, "location": odd},
        {**PRICE, "product": {**PRODUCT, **dict.fromkeys(("brands", "product_quantity", "categories_tags"), value)}},
    ):
        assert all(isinstance(one, Listing | Rejected | Issue) for one in read(row))


def test_a_price_reaches_the_shelf_price_per_kilogram() -> None:
    found = listing(PRICE)
    assert isinstance(found, Listing)
    at = ArchivedAt(None, None, "0" * 64, datetime(2026, 11, 20, tzinfo=UTC), URL)
    kept = run_steps(stamp(found, "open_prices", at), Context(as_of=AS_OF, products=[SAMBAL]))
    assert isinstance(kept, Listing)
    assert (kept.product, kept.country) == ("sambal", "NL")
    assert kept.price_usd_kg == pytest.approx(2.79 / 0.34 * 1.16, rel=0.15)
    assert kept.seller
    assert (kept.seller.registry, kept.seller.registry_id) == ("osm", "node/42")
