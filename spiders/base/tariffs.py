"""What sources of tariffs share: who a customs territory stands for, which product a code is about, and the form of a rate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pycountry

from market_db.products import ProductType
from market_db.seen import Observation

EUROPEAN_UNION = "918"
"""Code of the EU as a customs territory in TRAINS and at the WTO: its members have no tariff of their own."""
EU_MEMBERS = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)
MFN, INDONESIAN = "tariff_mfn_pct", "tariff_idn_pct"
MOST = 1_000.0
"""Per cent; above it a rate is a reading accident (the highest applied food tariffs are near 800)."""


def countries_of(code: str) -> tuple[str, ...]:
    """ISO 3166-1 alpha-2 of a numeric code of TRAINS or the WTO; the members for the European Union; empty where unknown."""
    if code == EUROPEAN_UNION:
        return EU_MEMBERS
    country = pycountry.countries.get(numeric=code.zfill(3)) if code.isascii() and code.isdigit() and len(code) <= 3 else None
    return (str(country.alpha_2),) if country else ()


def products_of(code: str, products: Iterable[ProductType]) -> tuple[str | None, ...]:
    """Product types declared under the code's HS6; (None,) where nothing is known of products, as in a fixture."""
    known = tuple(products)
    return tuple(product.key for product in known if code[:6] in product.hs) if known else (None,)


@dataclass(frozen=True, slots=True)
class Rate:
    """A readable rate of one customs territory."""

    metric: str
    code: str
    year: str
    per_cent: float
    quality: str = "reported"


def tariffs(rate: Rate, countries: Iterable[str], products: Iterable[ProductType], url: str) -> Iterator[Observation]:
    """One observation per country and product, in per cent of the value."""
    named = products_of(rate.code, products)
    for country in countries:
        for product in named:
            yield Observation(
                key="|".join(part for part in (rate.metric, country, rate.code, rate.year, product) if part),
                url=url,
                metric=rate.metric,
                period=rate.year,
                value=rate.per_cent,
                unit="%",
                country=country,
                product=product,
                quality=rate.quality,
            )
