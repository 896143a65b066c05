"""Product JSON that shop software publishes (Shopify, WooCommerce, Magento and their like) -> named, priced items."""

import json
import re
from collections.abc import Iterator
from typing import Any

from spiders.extract.exact import exact_number, minor_units
from spiders.extract.text import MAX_NAME, fragment_text

MAX_ITEMS = 5_000
MAX_WALK = 200_000
_NAME = re.compile(r"(?:product|display|item)?(?:[a-z]{2})?(?:name|title)(?:[a-z]{2})?")
"""A key that holds a product's name, in lower case and without "_": title, product_name, DisplayName, name_en, product_enname."""
_PRICED = frozenset(
    ["price", "prices", "pricerange", "variants", "pricing", "priceinstructions", "currentprice", "saleprice", "unitprice", "offers"]
)
_LESS = re.compile(r"(?:sale|spec\w{3,5}|final|current|discount(?:ed)?|offer|promo|promotional|selling|now)price|now")
"""A key of a price below the usual one; software misspells "special"."""
_AROUND = (
    "price",
    "pricerange",
    "minimumprice",
    "finalprice",
    "value",
    "amount",
    "unitprice",
    "pricing",
    "now",
    "priceinstructions",
    "saleprice",
    "currentprice",
    "lowprice",
    "offers",
)
"""Keys of a price that is a number or an object around one, in the order in which they are believed."""
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


def _key(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _names(node: dict[str, Any]) -> list[str]:
    """Texts under name keys; "name" and "title" themselves first."""
    found = [
        (len(_key(key)), value) for key, value in node.items() if isinstance(value, str) and value.strip() and _NAME.fullmatch(_key(key))
    ]
    return [value for _, value in sorted(found, key=lambda pair: pair[0])]


def _is_product(node: dict[str, Any]) -> bool:
    return any(_key(key) in _PRICED for key in node) and bool(_names(node))


def _item(node: dict[str, Any]) -> Item | None:
    name = next(iter(_names(node)), None)
    return None if name is None else {"name": fragment_text(name, MAX_NAME), "price": _price(node), "phones": [], "emails": []}


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
    keyed = {_key(key): value for key, value in node.items()}
    for key in _AROUND:
        value = keyed.get(key)
        value = next((item for item in value if isinstance(item, dict)), None) if isinstance(value, list) else value
        amount = _plain(value, depth + 1) if isinstance(value, dict) and depth < 4 else exact_number(value)
        if amount:
            less = [number for name, lower in keyed.items() if _LESS.fullmatch(name) and (number := exact_number(lower))]
            return min([amount, *less]) if key == "price" else amount
    return None
