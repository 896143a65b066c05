"""Products as Open Food Facts describes them, the same in its API and in its daily file; who contributed them is never read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from market_db.products import ProductType
from market_db.seen import Listing, Observation, Party
from market_db.values.places import read_country
from spiders.base.json_api import clean_text
from spiders.reading import Rejected

PRODUCT_PAGE = "https://world.openfoodfacts.org/product/"
HALAL = "en:halal"
MOST_STORES = 10
"""Shops taken from one product; more are chains of chains that nobody can call."""
GTIN_LENGTHS = (8, 12, 13, 14)
BY_MASS, BY_VOLUME = "g", "ml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is read of a product, whichever way it came."""

    code: str
    name: str | None
    brands: str | None = None
    quantity: str | None = None
    stores: str | None = None
    origins: str | None = None
    made_in: str | None = None
    language: str | None = None
    countries: Sequence[str] = ()
    """Tags, e.g. en:germany."""
    labels: Sequence[str] = ()
    categories: Sequence[str] = ()
    """Tags, the widest first."""
    amount: float | None = None
    """In `unit`, as their own parser read the quantity."""
    unit: str | None = None


def listings(shown: Shown) -> Iterator[Listing | Rejected]:
    """One listing for each shop that is named where the country is certain, else one without a seller."""
    if not shown.code.isdigit() or len(shown.code) > 24:
        yield Rejected("no product code", shown.code[:40])
    elif shown.name is None:
        yield Rejected("no name", shown.code)
    else:
        countries = countries_of(shown.countries)
        country = countries[0] if len(countries) == 1 else None
        for store in (stores_of(shown.stores) if country else ()) or ("",):
            yield _listing(shown, shown.name, countries, store)


def _listing(shown: Shown, name: str, countries: Sequence[str], store: str) -> Listing:
    country = countries[0] if len(countries) == 1 else None
    seller = Party(name=store, role="retailer", role_proof="named as a shop that sells it", country=country) if store else None
    size = shown.amount if shown.amount is not None and 0 < shown.amount < 1e6 else None
    return Listing(
        key=f"{shown.code}|{store.casefold()}" if store else shown.code,
        name=name,
        url=PRODUCT_PAGE + shown.code,
        description=_facts(shown, countries),
        brand=(shown.brands or "").split(",")[0].strip() or None,
        gtin=shown.code if len(shown.code) in GTIN_LENGTHS else None,
        category=tuple(tag.partition(":")[2].replace("-", " ") for tag in shown.categories if ":" in tag),
        pack_text=shown.quantity,
        net_grams=size if shown.unit == BY_MASS else None,
        net_millilitres=size if shown.unit == BY_VOLUME else None,
        seller=seller,
        country=country,
        language_text=shown.language,
    )


def _facts(shown: Shown, countries: Sequence[str]) -> str | None:
    """What has no field of its own, as one line."""
    labels = ", ".join(tag.partition(":")[2].replace("-", " ") for tag in shown.labels)
    facts = {"Sold in": ", ".join(countries), "Shops": shown.stores, "Labels": labels, "Origin": shown.origins, "Made in": shown.made_in}
    return clean_text(". ".join(f"{name}: {value}" for name, value in facts.items() if value), 1_000)


def stores_of(text: str | None) -> tuple[str, ...]:
    """Shops as contributors typed them, each once."""
    names = (part.strip(" .;-") for part in (text or "").split(","))
    found = {name.casefold(): name for name in names if 2 <= len(name) <= 80 and any(char.isalpha() for char in name)}
    return tuple(found.values())[:MOST_STORES]


def countries_of(tags: Sequence[str]) -> tuple[str, ...]:
    """ISO 3166-1 alpha-2 of country tags, each once; tags nobody can read (en:argentina-espanol) and groups (en:world) give none."""
    return tuple(dict.fromkeys(code for tag in tags if (code := read_country(tag)) is not None))


def is_of(product: ProductType, categories: Sequence[str]) -> bool:
    """Whether a product with these category tags is of the type: products carry the ids of the parents too."""
    return any(category in product.off_categories for category in categories)


def counted(metric: str, country: str, *, period: str, value: float, url: str, product: str | None = None) -> Observation:
    """A number of products in the catalogue; how complete the catalogue is differs from country to country."""
    return Observation(
        key="|".join(part for part in (metric, country, period, product) if part),
        url=url,
        metric=metric,
        period=period,
        value=float(value),
        unit="products",
        country=country,
        product=product,
        quality="crowd",
    )
