"""Product JSON of shop software: names and prices under the keys each of them uses."""

import json

import pytest

from spiders.extract.shop_json import shop_items


@pytest.mark.parametrize(
    ("node", "name", "price"),
    [
        ({"title": "Sambal", "variants": [{"price": "4.50", "available": False}, {"price": "5.00", "available": True}]}, "Sambal", 5.0),
        ({"name": "Sambal", "prices": {"price": "18000", "currency_minor_unit": 3}}, "Sambal", 18.0),
        ({"name": "Sambal", "price_range": {"minimum_price": {"final_price": {"value": 3.5, "currency": "EUR"}}}}, "Sambal", 3.5),
        ({"Name": "Sambal", "DisplayName": "Sambal 370 g", "CupPrice": 9, "Price": 5}, "Sambal", 5.0),
        ({"product_enname": "Sambal", "price": 325, "sale_price": None, "specail_price": 206.25}, "Sambal", 206.25),
        ({"product_name": "Sambal", "price": "4,90", "salePrice": 0}, "Sambal", 4.9),
        ({"name": "Sambal", "@type": "Product", "offers": [{"price": "3.79", "priceCurrency": "EUR"}]}, "Sambal", 3.79),
        ({"name": "Bouquet", "pricing": None}, "Bouquet", None),
    ],
)
def test_items(node: dict, name: str, price: float | None) -> None:
    items = shop_items(json.dumps({"data": [node]}).encode())
    assert items == [{"name": name, "price": price, "phones": [], "emails": []}]


@pytest.mark.parametrize("node", [{"name": "Jan", "email": "x"}, {"price": 3}, {"username": "jan", "price": 3}, {"name": "", "price": 3}])
def test_other_objects_are_no_items(node: dict) -> None:
    assert shop_items(json.dumps([node]).encode()) == []
