"""Golden answers of the families: every folder under fixtures/<family>/<case> is read and compared with its expected.json."""

import dataclasses
import json
from pathlib import Path

import pytest

from market_db.seen import kind_of
from spiders.families.magento import MagentoSpider
from spiders.families.shopify import ShopifySpider
from spiders.families.structured import StructuredSpider
from spiders.families.woo import WooSpider
from spiders.reading import Answer, BadAnswer, Issue, Read, Rejected
from spiders.site import Site

FIXTURES = Path(__file__).parent / "fixtures"
FAMILIES = {spider.name: spider for spider in (MagentoSpider, ShopifySpider, StructuredSpider, WooSpider)}
CASES = sorted(path.parent for name in FAMILIES for path in (FIXTURES / name).glob("*/request.json"))
SITES = {
    "shopify": Site(
        id="toko-saus", url="https://toko-saus.example/", family="shopify", seller="Toko Saus (contoh)", country="NL", currency="EUR", lang="nl",
        role="retailer", sample=True,
    ),
    "magento": Site(
        id="suq-contoh", url="https://suq-contoh.example/", family="magento", seller="Suq Contoh (contoh)", country="SA", currency="SAR",
        lang="ar", role="retailer", sample=True,
    ),
    "woo": Site(
        id="toko-pedas", url="https://toko-pedas.example/", family="woo", seller="Toko Pedas (contoh)", country="NL", currency="EUR", lang="nl",
        role="wholesaler", sample=True,
    ),
    "structured": Site(
        id="asien-laden", url="https://asien-laden.example/", family="structured", seller="Asien-Laden (contoh)", country="DE", currency="EUR",
        role="retailer", sample=True,
    ),
}  # fmt: skip


def answer_in(folder: Path) -> Answer:
    asked = json.loads((folder / "request.json").read_text("utf-8"))
    return Answer(body=(folder / asked["file"]).read_bytes(), url=asked["url"], status=asked["status"], headers=asked["headers"])


def plain(read: Read) -> dict:
    if isinstance(read, Rejected):
        return {"rejected": read.reason, "example": read.example}
    if isinstance(read, Issue):
        return {"issue": read.kind, "detail": read.detail}
    return {"kind": kind_of(read), **filled(read)}


def filled(record: object) -> dict:
    pairs = ((field, getattr(record, field.name)) for field in dataclasses.fields(record))
    return {field.name: rendered(value) for field, value in pairs if value != field.default}


def rendered(value: object) -> object:
    if dataclasses.is_dataclass(value):
        return filled(value)
    return [rendered(one) for one in value] if isinstance(value, tuple) else value


def read_case(folder: Path) -> list[dict]:
    family = folder.parent.name
    spider = FAMILIES[family](sites=[SITES[family]])
    try:
        return [plain(read) for read in spider.read(answer_in(folder))]
    except BadAnswer as bad:
        return [{"bad_answer": bad.reason}]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_fixture_gives_what_is_expected(folder: Path) -> None:
    assert read_case(folder) == json.loads((folder / "expected.json").read_text("utf-8"))


def test_every_family_has_cases() -> None:
    assert {folder.parent.name for folder in CASES} == set(FAMILIES)


CATALOGUE = (FIXTURES / "shopify" / "catalogue" / "answer.json").read_bytes()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (CATALOGUE[:-50], "not json"),
        (b"<!DOCTYPE html><html><body>Enter store using password</body></html>", "html instead of json"),
        (CATALOGUE.decode().encode("utf-16"), "wrong charset"),
        ("Süße".encode("latin-1"), "wrong charset"),
        (b'{"products": {"a": 1}}', "unexpected shape"),
        (b"[]", "unexpected shape"),
        (b"[" * 100_000, "too deep"),
        (b"", "not json"),
    ],
)
def test_catalogues_that_cannot_be_read_say_why(body: bytes, reason: str) -> None:
    spider = ShopifySpider(sites=[SITES["shopify"]])
    with pytest.raises(BadAnswer) as caught:
        list(spider.read(Answer(body=body, url="https://toko-saus.example/products.json?limit=250&page=1")))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "row",
    [
        None, 5, "x", [], {}, {"title": "x"}, {"handle": "x"}, {"title": "x", "handle": "a b"}, {"title": "", "handle": "x"},
        {"title": ["x"], "handle": None}, {"title": "<b></b>", "handle": "x"},
    ],
)  # fmt: skip
def test_rows_without_name_or_handle_are_counted(row: object) -> None:
    spider = ShopifySpider(sites=[SITES["shopify"]])
    body = json.dumps({"products": [row]}).encode()
    reads = [read for read in spider.read(Answer(body=body, url="https://toko-saus.example/products.json")) if not isinstance(read, Issue)]
    assert [read.reason for read in reads if isinstance(read, Rejected)] == ["no_title_or_handle"]
    assert len(reads) == 1


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        ({"variants": None}, None),
        ({"variants": "x"}, None),
        ({"variants": [None, 5, {"price": None}]}, None),
        ({"variants": [{"price": "0.00"}]}, None),
        ({"variants": [{"price": "2.50", "available": False}, {"price": "3.50", "available": True}]}, 3.5),
        ({"variants": [{"price": 2.5}]}, 2.5),
        ({"variants": [{"price": "9" * 200_000}]}, None),
        ({"tags": {"a": 1}, "vendor": 7, "body_html": ["x"], "variants": [{"price": "2.50"}]}, 2.5),
        ({"body_html": "<p>" * 20_000, "variants": [{"price": "2.50"}]}, 2.5),
    ],
)
def test_odd_rows_keep_what_can_be_read(fields: dict, price: float | None) -> None:
    spider = ShopifySpider(sites=[SITES["shopify"]])
    body = json.dumps({"products": [{"id": 1, "title": "Sam\x00bal \ud800", "handle": "sambal", **fields}]}).encode()
    (listing,) = [
        read
        for read in spider.read(Answer(body=body, url="https://toko-saus.example/products.json"))
        if not isinstance(read, Issue | Rejected)
    ]
    assert (listing.name, listing.price) == ("Sambal \ufffd", price)  # half a character is told as one that is lost
    assert (listing.currency is None) == (price is None)
