"""The product types a run looks for, by key; scrapy-free, so that refresh needs no crawler."""

from collections.abc import Iterable

from market_db.products import BadProduct, ProductType, load_products


def chosen_products(keys: Iterable[str]) -> tuple[ProductType, ...]:
    """Product types by key, in the order asked for.

    Raises BadProduct with the known keys for one nobody described, and for a file with a mistake.
    """
    known = load_products()
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise BadProduct(f"no product type {', '.join(unknown)}; known are {', '.join(sorted(known))}: correct products in tembus.toml")
    return tuple(known[key] for key in keys)
