"""What `tembus extract` prints: one flat object a page, items of JSON catalogues, files as people keep them."""

import gzip
import json
from pathlib import Path

import pytest

from spiders.extract.flat import extract_file

PAGE = b"""<html lang="de-DE"><head><title>Sambal</title><script type="application/ld+json">{"@type": "Product", "name": "Sambal Oelek",
"offers": {"price": "2.99", "priceCurrency": "EUR"}}</script></head><body><h1>Sambal Oelek</h1><p>Tel: 030 23125 010</p></body></html>"""
SHOPIFY = {"products": [{"title": "Sambal", "handle": "s", "variants": [{"price": "3.50"}, {"price": "2.50", "available": True}]}]}
WOO = [{"name": "Saus &#038; meer", "prices": {"price": "18000", "currency_minor_unit": 3}, "variations": []}]
MAGENTO = {
    "data": {
        "products": {"items": [{"name": "Saus", "price_range": {"minimum_price": {"final_price": {"value": 22.34, "currency": "SAR"}}}}]}
    }
}
PRODUCT_JS = {"title": "Koffie", "price": 22_000, "price_varies": False, "variants": [{"price": 22_000, "available": True}]}


def flat(folder: Path, name: str, body: bytes) -> list[dict]:
    path = folder / name
    path.write_bytes(body)
    return extract_file(path, "https://toko.example/p/1")


@pytest.mark.parametrize(("name", "body"), [("a.html", PAGE), ("a.html.gz", gzip.compress(PAGE)), ("without_ending", gzip.compress(PAGE))])
def test_pages_plain_and_packed(name: str, body: bytes, tmp_path: Path) -> None:
    (found,) = flat(tmp_path, name, body)
    assert (found["name"], found["price"], found["currency"], found["country"], found["language"]) == (
        "Sambal Oelek",
        2.99,
        "EUR",
        "DE",
        "de",
    )
    assert found["phones"] == ["+493023125010"]


@pytest.mark.parametrize(
    ("value", "name", "price"),
    [(SHOPIFY, "Sambal", 2.5), (WOO, "Saus & meer", 18.0), (MAGENTO, "Saus", 22.34), (PRODUCT_JS, "Koffie", 220.0)],
    ids=["shopify", "woocommerce", "magento", "product.js"],
)
def test_catalogues(value: object, name: str, price: float, tmp_path: Path) -> None:
    (found,) = flat(tmp_path, "a.json", json.dumps(value).encode())
    assert found["items"] == [{"name": name, "price": price, "phones": [], "emails": []}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"\x1f\x8b broken",
        gzip.compress(PAGE)[:-30],
        b"\x00\x01\x02",
        b'{"a": NaN}',
        b'{"products": "x"}',
        b"a,b\n1,2\n",
    ],
)
def test_whatever_is_in_a_file(body: bytes, tmp_path: Path) -> None:
    for found in flat(tmp_path, "a", body):
        json.dumps(found)
        assert found.get("price") is None
