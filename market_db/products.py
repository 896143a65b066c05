"""Product types: what an exporter sells, as one TOML file each; every mistake is named with file and key."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductType:
    """Everything Tembus knows about one kind of goods; nothing elsewhere in the code may be about sauce."""

    key: str
    """File name without .toml, e.g. "sambal"."""
    names: Mapping[str, str]
    """Language (ISO 639-1) -> display name; `id` and `en` are required."""
    terms: Mapping[str, tuple[str, ...]]
    """Language -> words and phrases that name the product itself, lower case, NFKC."""
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Language -> words that make it something else ("beans in", "peppercorn")."""
    brands: tuple[str, ...] = ()
    """Brands that sell little else, lower case."""
    hs: tuple[str, ...] = ()
    """HS6 codes it is declared under, best first."""
    hs_near: tuple[str, ...] = ()
    """HS6 codes it could also fall under: shown with their own demand, never added."""
    cn: tuple[str, ...] = ()
    """CN8 codes."""
    cpv: tuple[str, ...] = ()
    """CPV codes that name it; a parent names it only weakly and stands in `cpv_near`."""
    cpv_near: tuple[str, ...] = ()
    """CPV codes of wider groups."""
    activities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Scheme (nace2, naf2, sic2007) -> activity codes of firms that trade such goods."""
    shop_words: tuple[str, ...] = ()
    """Words in names of shops that carry it (asia, oriental, toko), lower case."""
    shop_origins: tuple[str, ...] = ()
    """Values of OpenStreetMap's origin=* and cuisine=* for such shops."""
    usd_per_kg: tuple[float, float] | None = None
    """Plausible retail price, USD per kg, lowest and highest."""
    neighbours: tuple[str, ...] = ()
    """Related goods, for staff to try next; plain words, English."""
