"""Product JSON that shop software publishes (Shopify, WooCommerce, Magento and their like) -> named, priced items."""

import json
from collections.abc import Iterator
from typing import Any

from spiders.extract.exact import exact_number, minor_units
from spiders.extract.text import MAX_NAME, fragment_text

MAX_ITEMS = 5_000
MAX_WALK = 200_000
_NAMES = ("title", "name", "product_name", "productName", "display_name", "name_en")
_PRICES = (
    "price",
    "prices",
    "price_range",
    "priceRange",
    "variants",
    "pricing",
    "price_instructions",
    "current_price",
    "sale_price",
    "unit_price",
)
Item = dict[str, Any]


def shop_items(body: bytes) -> list[Item] | None:
    """Items of a JSON document of any shop; None where it is not JSON."""
    try:
        value = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None
    items = (item for node in _walk(value) if (item := _item(node)))
    return [item for _, item in zip(range(MAX_ITEMS), items, strict=False)]


def _walk(value: object) -> Iterator[dict[str, Any]]:
    """Objects in document order; what lies inside a product (variants) is not walked again."""
    stack = [value]
    for _ in range(MAX_WALK):
        if not stack:
            return
        top = stack.pop()
        if isinstance(top, list):
            stack.extend(reversed(top))
        elif isinstance(top, dict):
            if _is_product(top):
                yield top
            else:
                stack.extend(reversed(list(top.values())))


def _is_product(node: dict[str, Any]) -> bool:
    return any(isinstance(node.get(key), str) for key in _NAMES) and any(key in node for key in _PRICES)


def _item(node: dict[str, Any]) -> Item | None:
    name = next((node[key] for key in _NAMES if isinstance(node.get(key), str) and node[key].strip()), None)
    if name is None:
        return None
    return {"name": fragment_text(name, MAX_NAME), "price": _price(node), "phones": [], "emails": []}


def _price(node: dict[str, Any]) -> float | None:
    """Lowest price asked; integers beside a minor-unit count (WooCommerce) or of a /products/<handle>.js are in minor units."""
    prices = node.get("prices")
    if isinstance(prices, dict) and "currency_minor_unit" in prices:
        decimals = prices.get("currency_minor_unit")
        return minor_units(prices.get("price"), decimals if isinstance(decimals, int) else 2) or None
    variants = node.get("variants")
    if isinstance(variants, list) and variants:
        return _variants(variants, isinstance(node.get("price"), int) and "price_varies" in node)
    return _plain(node)


def _variants(variants: list[Any], minor: bool) -> float | None:
    rows = [row for row in variants if isinstance(row, dict)]
    had = [row for row in rows if row.get("available") is not False] or rows
    amounts = [minor_units(row.get("price"), 2) if minor else exact_number(row.get("price")) for row in had]
    return min((amount for amount in amounts if amount), default=None)


def _plain(node: dict[str, Any], depth: int = 0) -> float | None:
    """Amount of a price that is a number, or an object around one (Magento: price_range.minimum_price.final_price.value)."""
    keys = (
        "price",
        "price_range",
        "priceRange",
        "minimum_price",
        "final_price",
        "value",
        "amount",
        "unit_price",
        "pricing",
        "now",
        "price_instructions",
        "sale_price",
        "current_price",
    )
    for key in keys:
        value = node.get(key)
        amount = _plain(value, depth + 1) if isinstance(value, dict) and depth < 4 else exact_number(value)
        if amount:
            return amount
    return None
