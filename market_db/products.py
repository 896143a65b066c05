"""Product types: what an exporter sells, as one TOML file each; every mistake is named with file and key."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from market_db.values.text import clean


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
    made_of: tuple[str, ...] = ()
    """Words for what gives it its character (chili, piment): with one of `kinds` in the same head they name the product."""
    kinds: tuple[str, ...] = ()
    """Words for its kind (sauce, paste)."""
    tastes: tuple[str, ...] = ()
    """Terms that are also a taste of other goods (sriracha): beside those they name the product only with one of `kinds`."""
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
    unspsc: tuple[str, ...] = ()
    """UNSPSC codes that name it as finely as UNSPSC can."""
    unspsc_near: tuple[str, ...] = ()
    """UNSPSC codes of wider or neighbouring groups."""
    activities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Scheme (nace2, naf2, sic2007) -> activity codes of firms that trade such goods."""
    shop_words: tuple[str, ...] = ()
    """Words in names of shops that carry it (asia, oriental, toko), lower case."""
    shop_origins: tuple[str, ...] = ()
    """Values of OpenStreetMap's origin=* and cuisine=* for such shops."""
    off_categories: tuple[str, ...] = ()
    """Category ids of Open Food Facts ("en:hot-sauces"), the widest first; products carry their parents' ids too."""
    wikidata: tuple[str, ...] = ()
    """Wikidata items of the encyclopedia articles about it."""
    refusal_groups: tuple[str, ...] = ()
    """Product groups of food-safety authorities (RASFF, FDA) that hold it among other goods, lower case."""
    usd_per_kg: tuple[float, float] | None = None
    """Plausible retail price, USD per kg, lowest and highest."""
    neighbours: tuple[str, ...] = ()
    """Related goods, for staff to try next; plain words, English."""


class BadProduct(ValueError):
    """Raised by `load_products`; the message names file and key, and says what is expected there."""


FOLDER = Path(__file__).parent / "product_types"

_REQUIRED_NAMES = ("id", "en")
_KEY = re.compile(r"[a-z][a-z0-9_]{1,40}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_CODES = {
    "hs": re.compile(r"\d{6}"),
    "hs_near": re.compile(r"\d{6}"),
    "cn": re.compile(r"\d{8}"),
    "cpv": re.compile(r"\d{8}"),
    "cpv_near": re.compile(r"\d{8}"),
    "unspsc": re.compile(r"\d{8}"),
    "unspsc_near": re.compile(r"\d{8}"),
}
_SHAPES = {"off_categories": (re.compile(r"[a-z]{2}:[a-z0-9-]+"), "en:hot-sauces"), "wikidata": (re.compile(r"Q[1-9]\d*"), "Q1056554")}
"""Ids of other kinds, with an example for the message."""
_BY_LANGUAGE = ("terms", "exclude")
_LISTS = (
    "made_of",
    "kinds",
    "tastes",
    "brands",
    "hs",
    "hs_near",
    "cn",
    "cpv",
    "cpv_near",
    "unspsc",
    "unspsc_near",
    "shop_words",
    "shop_origins",
    "off_categories",
    "wikidata",
    "refusal_groups",
    "neighbours",
)
_LOWER_LISTS = ("made_of", "kinds", "tastes", "brands", "shop_words", "shop_origins", "refusal_groups")
_NO_OVERLAP = (("hs", "hs_near"), ("cpv", "cpv_near"), ("unspsc", "unspsc_near"))


def load_products(folder: Path | None = None) -> dict[str, ProductType]:
    """Product types by key, in order of file name; `folder` holds one TOML a product. BadProduct on the first mistake."""
    files = sorted((folder or FOLDER).glob("*.toml"))
    return {path.stem: load_product(path) for path in files}


def load_product(path: Path) -> ProductType:
    """One product type; its key is the file's name."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadProduct(f"{path.name}: not valid TOML in UTF-8: {error}") from error
    _check_keys(path, raw)
    product = _build(path, raw)
    _check_overlaps(path, product)
    return product


def _check_keys(path: Path, raw: Mapping[str, Any]) -> None:
    if not _KEY.fullmatch(path.stem):
        raise BadProduct(f"{path.name}: file name: lower-case letters, digits and _ expected, as in ground_coffee.toml")
    known = {entry.name for entry in fields(ProductType)} - {"key"}
    for key in raw:
        if key not in known:
            raise BadProduct(f"{path.name}: {key}: unknown key; known are {', '.join(sorted(known))}")
    for key in ("names", "terms"):
        if not raw.get(key):
            raise BadProduct(f"{path.name}: {key}: missing")


def _build(path: Path, raw: Mapping[str, Any]) -> ProductType:
    lists = {key: _codes(path, key, _strings(path, key, raw.get(key, []))) for key in _LISTS}
    return ProductType(
        key=path.stem,
        names=_names(path, raw["names"]),
        terms=_by_language(path, "terms", raw["terms"]),
        exclude=_by_language(path, "exclude", raw.get("exclude", {})),
        activities=_activities(path, raw.get("activities", {})),
        usd_per_kg=_price_range(path, raw.get("usd_per_kg")),
        **lists,
    )


def _names(path: Path, raw: Any) -> Mapping[str, str]:
    names = _table(path, "names", raw)
    for lang in _REQUIRED_NAMES:
        if lang not in names:
            raise BadProduct(f"{path.name}: names.{lang}: missing")
    for lang, name in names.items():
        _check_language(path, "names", lang)
        if not isinstance(name, str) or not name.strip():
            raise BadProduct(f"{path.name}: names.{lang}: text expected, not {name!r}")
    return MappingProxyType(dict(names))


def _by_language(path: Path, key: str, raw: Any) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for lang, words in _table(path, key, raw).items():
        _check_language(path, key, lang)
        found[lang] = _lower(path, f"{key}.{lang}", _strings(path, f"{key}.{lang}", words))
    if key == "terms" and not any(found.values()):
        raise BadProduct(f"{path.name}: terms: words in at least one language expected")
    return MappingProxyType(found)


def _activities(path: Path, raw: Any) -> Mapping[str, tuple[str, ...]]:
    table = _table(path, "activities", raw)
    return MappingProxyType({scheme: _strings(path, f"activities.{scheme}", codes) for scheme, codes in table.items()})


def _price_range(path: Path, raw: Any) -> tuple[float, float] | None:
    if raw is None:
        return None
    numbers = isinstance(raw, list) and len(raw) == 2 and all(isinstance(x, int | float) and not isinstance(x, bool) for x in raw)
    if not numbers or not 0 < raw[0] < raw[1] < float("inf"):
        raise BadProduct(f"{path.name}: usd_per_kg: two numbers expected, lowest above 0 and below highest, not {raw!r}")
    return (float(raw[0]), float(raw[1]))


def _table(path: Path, key: str, raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise BadProduct(f"{path.name}: {key}: a table expected, not {raw!r}")
    return raw


def _strings(path: Path, key: str, raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(word, str) and word.strip() for word in raw):
        raise BadProduct(f"{path.name}: {key}: a list of texts expected, not {raw!r}")
    twice = sorted({word for word in raw if raw.count(word) > 1})
    if twice:
        raise BadProduct(f"{path.name}: {key}: listed twice: {', '.join(twice)}")
    return tuple(raw)


def _codes(path: Path, key: str, values: tuple[str, ...]) -> tuple[str, ...]:
    shape = _CODES.get(key)
    for value in values:
        if shape and not shape.fullmatch(value):
            raise BadProduct(f"{path.name}: {key}: {value!r} does not have {shape.pattern[3]} digits")
        if key in _SHAPES and not _SHAPES[key][0].fullmatch(value):
            raise BadProduct(f"{path.name}: {key}: {value!r} is no id as {_SHAPES[key][1]!r}")
    return _lower(path, key, values) if key in _LOWER_LISTS else values


def _lower(path: Path, key: str, words: tuple[str, ...]) -> tuple[str, ...]:
    # NFKC is applied, not asked for: nobody can see it, and Thai keyboards do not type it.
    for word in words:
        if word != word.lower():
            raise BadProduct(f"{path.name}: {key}: {word!r} must be lower case: {word.lower()!r}")
    return tuple(unicodedata.normalize("NFKC", clean(word)) for word in words)


def _check_language(path: Path, key: str, lang: str) -> None:
    if not _LANGUAGE.fullmatch(lang):
        raise BadProduct(f"{path.name}: {key}.{lang}: a two-letter language (ISO 639-1) expected")


def _check_overlaps(path: Path, product: ProductType) -> None:
    for first, second in _NO_OVERLAP:
        both = set(getattr(product, first)) & set(getattr(product, second))
        if both:
            raise BadProduct(f"{path.name}: {second}: {', '.join(sorted(both))} stands in {first} too")
    excluded = {word for words in product.exclude.values() for word in words}
    wanted = {word for words in product.terms.values() for word in words}
    if excluded & wanted:
        raise BadProduct(f"{path.name}: exclude: {', '.join(sorted(excluded & wanted))} stands in terms too")
