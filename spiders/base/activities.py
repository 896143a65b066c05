"""Activity codes of the product types as registers want them asked, and the role that a code proves."""

from collections.abc import Iterable

from market_db.products import ProductType

NACE_ROLES = {"461": "distributor", "46": "wholesaler", "47": "retailer", "56": "food_service"}
"""NACE prefix -> role, longest first; 46.1 are agents who sell for others. NACE's daughters (NAF, TOL, CZ-NACE, SN) agree in it."""
WHOLESALE = "46"


def activity_codes(products: Iterable[ProductType], scheme: str, prefix: str = "") -> tuple[str, ...]:
    """Codes of one scheme over all product types, each once, in their order; `prefix` without points (46 = wholesale)."""
    codes = [code for product in products for code in product.activities.get(scheme, ())]
    return tuple(dict.fromkeys(code for code in codes if code.replace(".", "").startswith(prefix)))


def nace_role(code: str) -> str | None:
    """Role proved by a code of NACE or a daughter ("46.390", "46390", "46.39B"); None for other activities."""
    digits = code.replace(".", "")
    return next((role for prefix, role in NACE_ROLES.items() if digits.startswith(prefix)), None)


def five_digits(code: str) -> str:
    """NACE class as five digits without point: 46.39 -> 46390, as Finland and Czechia write it."""
    return code.replace(".", "").ljust(5, "0")
